"""Param and State: the declarations in the body of a model."""

from __future__ import annotations

import copy
import dataclasses
import math
import threading
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np
import pint

from .. import units
from .seeds import Place, values


class Owner(Protocol):
    """What a declaration asks of the module that has it."""

    name: str

    @property
    def place(self) -> Place:
        """Where it is, with the seed of what is drawn for it."""

    def specs(self) -> dict[str, Param]:
        """Return its parameters."""

    def param_value(self, name: str) -> Any:
        """Return a parameter, a quantity."""

    def initializer(self, state: State) -> Any:
        """Return what the constructor was given for the initial value of a state, else its default."""

    def state_unit(self, state: State) -> str:
        """Return the unit of a state."""


class _Tracing(threading.local):
    depth = 0


# How many steps are being traced in this thread. What is read then from a model itself would be a constant.
tracing = _Tracing()


def refuse_in_step(who: str) -> None:
    """Refuse to read from a model itself while a step is traced, which sees a copy of it.

    Raises:
        RuntimeError: a step is being traced.
    """
    if tracing.depth:
        raise RuntimeError(
            f"{who} is read in a step from the model itself, where it would never change: in a monitor, use the "
            "model that the function is given (lambda model: model.V.value); in update(), self."
        )


@dataclasses.dataclass(frozen=True, eq=True)
class Param:
    """One parameter: its default, unit, meaning and constraint. Declared in the body of a `Module`.

    Args:
        default: a number in `unit`, an initializer, or None for a parameter that may be left out.
        unit: the unit its values are checked against and shown in.
        doc: its meaning, one line.
        positive: values must be > 0.
        nonnegative: values must be >= 0.
        above: the name of the parameter that it must exceed.
        steps: a duration that the model rounds to whole steps of dt.
    """

    default: Any
    unit: str
    doc: str = ""
    positive: bool = False
    nonnegative: bool = False
    above: str | None = None
    steps: bool = False
    name: str = dataclasses.field(default="", compare=False)

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", self.name or name)  # a second name is refused: `declarations.check`

    def __get__(self, obj: Any, owner: type | None = None) -> Any:
        if obj is None:
            return self
        in_its_place = vars(obj).get(self.name)  # a State: in this model it varies in time
        return obj.read(self.name) if in_its_place is None else in_its_place

    def __set__(self, obj: Any, value: Any) -> None:
        obj.set_params({self.name: value})


class State:
    """A variable of a model: declared in the class body, or created by hand in `init_state`.

    ``V = HiddenState("mV", "membrane potential", init="V_rest")`` declares; ``HiddenState(0 * mV)`` creates.

    Args:
        value: the unit (text) of a declared state, or the initial value (quantity) of one made by hand.
        doc: its meaning, one line.
        init: the initial value of a declared one: the name of a parameter, a number in its unit, or an initializer.
        keyword: the constructor's keyword that overrides it, by default `<name>_initializer`.
        counts_steps: it is a number of steps of dt; the largest integer stands for never.
        nonnegative: what is set from outside must be >= 0.
    """

    # No misspelt `value`.
    __slots__ = ("_inside", "counts_steps", "doc", "init", "keyword", "name", "nonnegative", "raw", "unit")

    def __init__(
        self,
        value: Any,
        doc: str = "",
        *,
        init: Any = 0.0,
        keyword: str | None = None,
        counts_steps: bool = False,
        nonnegative: bool = False,
    ) -> None:
        self.doc, self.init, self.keyword, self.name = doc, init, keyword, ""
        self.counts_steps, self.nonnegative = counts_steps, nonnegative
        self.raw: Any = None
        self._inside = False
        if isinstance(value, str):
            self.unit = value
        elif isinstance(value, pint.Unit):
            kind = type(self).__name__
            raise TypeError(f"{kind} is declared by the text of its unit, {kind}('{value:~C}'), or made of a quantity.")
        else:
            if isinstance(value, pint.Quantity):
                self.unit = units.unit_of(value)
                raw = units.to_kernel(value, self.unit, type(self).__name__)
            else:
                self.unit, raw = "dimensionless", value
            self.raw = on_device(raw)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.name or name
        if isinstance(self, HiddenState):
            self.keyword = self.keyword or f"{self.name}_initializer"

    def __get__(self, obj: Any, owner: type | None = None) -> State:
        if obj is None:
            return self
        raise AttributeError(self.name)  # Node.__getattr__ says what to do

    def create(self, module: Owner, shape: tuple[int, ...]) -> State:
        """Return the state of one model, with its initial value in an array of `shape`.

        Raises:
            ValueError: it starts at what is no parameter, or at what does not broadcast to the shape.
        """
        init = module.initializer(self)
        if isinstance(init, str) and init in module.specs():
            init = module.param_value(init)
        elif isinstance(init, str) and init is self.init:
            raise ValueError(f"{module.name}: the state {self.name!r} starts at {init!r}, which is no parameter.")
        who, unit = f"{module.name}: {self.keyword!r}", module.state_unit(self)
        value = values(init, shape, module.place, self.name) if callable(init) else init
        if not isinstance(value, pint.Quantity | str) and value is self.init:
            raw = np.asarray(value) * units.kernel_factor(unit)
            raw = raw.astype(np.int32) if isinstance(value, int) else raw
        else:
            raw = units.to_kernel(value, unit, who)
            raw = raw if isinstance(self.init, int) else raw.astype(float)
        return self._like(np.array(broadcast(raw, shape, who)), unit)

    def _like(self, raw: Any, unit: str) -> State:
        new = copy.copy(self)
        new.unit = unit
        new.raw, new._inside = on_device(raw), False
        return new

    def bound_to(self, raw: Any) -> State:
        """Return the state inside a step, holding an array in kernel units."""
        new = copy.copy(self)
        new.raw, new._inside = raw, True
        return new

    @property
    def value(self) -> Any:
        """The quantity it holds; inside a step the float array, in kernel units."""
        if self._inside:
            return self.raw
        refuse_in_step(f"the state {self.name!r}")
        return units.held(units.from_kernel(self.raw, self.unit))

    @value.setter
    def value(self, value: Any) -> None:
        if self._inside:
            self.raw = self._new_raw(value)
        else:
            who = f"state {self.name!r}" if self.name else "the state"
            raw = self.read(value, who)
            self.raw = on_device(broadcast(raw, np.shape(self.raw), who).astype(self.raw.dtype))

    def stored(self) -> Any:
        """Return what of it is saved, a quantity."""
        return self.value

    def read(self, value: Any, who: str) -> np.ndarray:
        """Return a value that is set from outside as floats in the kernel unit.

        Raises:
            DimensionalityError: its unit is of another dimension.
            ValueError: it must be >= 0.
        """
        raw = units.to_kernel(value, self.unit, who)
        if self.nonnegative and np.any(raw < 0):
            smallest = units.from_kernel(np.min(raw), self.unit)
            raise ValueError(f"{who} must be >= 0, got {units.show(smallest)}.")
        return raw

    def stretch(self, factor: int) -> None:
        """Make a number of steps that of `factor` times as many, each as long as the factor-th part of dt."""
        if self.counts_steps:
            never = np.iinfo(self.raw.dtype).max
            steps = np.asarray(self.raw).astype(np.int64)
            steps = np.where(steps == never, never, np.minimum(steps * factor, never - 1))
            self.raw = on_device(steps.astype(self.raw.dtype))

    def _new_raw(self, value: Any) -> Any:
        if isinstance(value, pint.Quantity):
            raise TypeError(f"the state {self.name!r} is given a Quantity inside update()")  # `check` says where
        value = jnp.asarray(value)
        if value.shape != self.raw.shape:
            raise ValueError(
                f"the state {self.name!r} has the shape {self.raw.shape}, update() gives it {value.shape}; "
                "the input and the parameters must broadcast to the shape of the state."
            )
        if jnp.issubdtype(self.raw.dtype, jnp.integer) and not jnp.issubdtype(value.dtype, jnp.integer):
            raise TypeError(f"the state {self.name!r} holds integers, update() gives it {value.dtype}.")
        return value.astype(self.raw.dtype)

    def __repr__(self) -> str:
        if self.raw is None:
            return f"{type(self).__name__}({self.unit!r}, {self.doc!r})"
        return f"{type(self).__name__}({self.raw if self._inside else self.value})"


class HiddenState(State):
    """A variable of a model's dynamics, e.g. the membrane potential."""

    __slots__ = ()


class ShortTermState(State):
    """A variable that only helps the dynamics, e.g. the steps since the last spike."""

    __slots__ = ()


class LazyState(HiddenState):
    """A variable that its owner advances only where something happens; `value` is what it has become by now."""

    __slots__ = ("owner",)
    owner: Any  # a node with `present(name)`, the array by now, and `bring_to_now()`, which brings all to now

    @property
    def value(self) -> Any:
        """The quantity that it is by now; inside a step the float array, in kernel units."""
        raw = self.owner.present(self.name)
        return raw if self._inside else units.held(units.from_kernel(raw, self.unit))

    @value.setter
    def value(self, value: Any) -> None:
        if not self._inside:
            self.owner.bring_to_now()
        State.value.fset(self, value)  # type: ignore[attr-defined]

    def stored(self) -> Any:
        """Return the quantity that it was when it was last advanced."""
        return units.held(units.from_kernel(self.raw, self.unit))


def first_device(kind: str) -> Any:
    """Return the first device of a kind; RuntimeError if there is none."""
    try:
        return jax.devices(kind)[0]
    except RuntimeError as err:
        here = ", ".join(str(d) for d in jax.devices())
        raise RuntimeError(f"JAX finds no {kind} device here; it has {here}.") from err


def on_device(value: Any) -> jax.Array:
    """Return a number or numpy array as a JAX array of the precision that is set; a JAX array as it is."""
    if isinstance(value, jax.Array):
        return value
    array = np.asarray(value)
    dtype = jax.dtypes.canonicalize_dtype(array.dtype)
    copy = room_for(array.shape, dtype)
    copy[...] = array
    return jax.device_put(copy)  # jnp.asarray would compile a program for each new shape, 20 ms


def room_for(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Return an array that `jax.device_put` takes as it is on CPUs, by its address; nobody may write to it after."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    memory = np.empty(size + 64, np.uint8)
    start = -memory.ctypes.data % 64
    return memory[start : start + size].view(dtype).reshape(shape)


def broadcast(value: Any, shape: tuple[int, ...], who: str) -> np.ndarray:
    """Return `value` broadcast to `shape`; ValueError with `who` if it does not fit."""
    try:
        return np.broadcast_to(value, shape)
    except ValueError as err:
        raise ValueError(f"{who} has the shape {np.shape(value)}, which does not broadcast to {shape}.") from err
