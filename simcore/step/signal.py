"""Signal: what drives a model through time. Constants live here, waveforms and functions of t in `simcore.inputs`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import pint

from .. import units
from ..units import Dimension, ValueLike

# What drives a model: a quantity, a number where its equations take one, a waveform or a function of t; a dict of
# these by population, or by the name of an argument of update().
InputLike: TypeAlias = "ValueLike | Signal | Mapping[str, InputLike] | None"


class Signal:
    """A value of the input for every step.

    The host hands `arrays` of a chunk of steps to the compiled loop, where `at` picks the value of one step.
    A signal is a value: its constructor sets all of it.
    """

    _is_made: bool = False
    unit: str = "dimensionless"
    sample_shape: tuple[int, ...] = ()  # of the value in one step
    key: Hashable = None  # what the compiled program depends on besides the arrays

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__init__" in vars(cls):
            cls.__init__ = _making(vars(cls)["__init__"])  # type: ignore[method-assign]

    def __setattr__(self, name: str, value: Any) -> None:
        if self._is_made and not name.startswith("_"):
            kind = type(self).__name__
            raise AttributeError(
                f"{kind}: {name!r} cannot be set; what drives a model is a value, make another {kind}."
            )
        object.__setattr__(self, name, value)

    def describe(self) -> str:
        """Return its unit, for messages."""
        name = f"{units.unit(self.unit):~P}"
        return f"in {name}" if name else "as pure numbers"

    def n_steps(self, dt: float) -> int | None:
        """Return how many steps of dt (ms) it lasts; None if it has no end."""
        return None

    def bytes_per_step(self) -> int:
        """Return the memory that one step of `arrays` takes."""
        return 0

    def largest(self) -> float | None:
        """Return its largest value in its kernel unit; None where that takes running it."""
        return None

    def arrays(self, start: int, count: int, capacity: int, dt: float) -> dict[str, Any]:
        """Return the kernel floats for `count` steps from `start`, in arrays whose shape depends on `capacity` only."""
        raise NotImplementedError

    def dimensions(self) -> dict[str, Dimension]:
        """Return the dimension of each of `arrays`."""
        raise NotImplementedError

    def declared(self) -> dict[str, tuple[str, tuple[int, ...]]]:
        """Return by name the units and shapes of what a user gave, from which `arrays` come."""
        raise NotImplementedError

    def for_steps(self, values: dict[str, Any], n: int, dt: float) -> dict[str, Any]:
        """Return the arrays of a chunk of its first n steps, of what is `declared`, in kernel floats; may be traced."""
        return values

    def at(self, arrays: dict[str, Any], k: Any) -> Any:
        """Return the value in the k-th step of the chunk; t is in the environment."""
        raise NotImplementedError

    def bare(self) -> str:
        """Return what of it was given without a unit, in words: right where the model's input is a pure number."""
        return ""

    def functions_of_t(self) -> tuple[str, ...]:
        """Return which of its parts are functions of t, to be taken at the stages of integrators; "" is the whole."""
        return ()


def _making(fn: Callable[..., None]) -> Callable[..., None]:
    """Wrap a constructor: when the outermost one ends, the signal is made."""

    @functools.wraps(fn)
    def constructor(self: Signal, *args: Any, **kwargs: Any) -> None:
        fn(self, *args, **kwargs)
        self._is_made = type(self).__init__ is constructor

    return constructor


class ConstantSignal(Signal):
    """The same value in every step: a quantity or a pure number, scalar or one for each neuron."""

    def __init__(self, value: Any) -> None:
        self._bare = "" if isinstance(value, pint.Quantity) else units.show(value)
        quantity = units.attach(np.asarray(value, float), "dimensionless") if self._bare else value
        self.unit = units.unit_of(quantity)
        self.value = units.to_kernel(quantity, self.unit, "inputs")
        self.sample_shape = np.shape(self.value)

    def largest(self) -> float:
        return float(np.max(self.value))

    def bare(self) -> str:
        return self._bare

    def arrays(self, start: int, count: int, capacity: int, dt: float) -> dict[str, Any]:
        return {"value": np.asarray(self.value, float)}

    def dimensions(self) -> dict[str, Dimension]:
        return {"value": units.dimension(self.unit)}

    def declared(self) -> dict[str, tuple[str, tuple[int, ...]]]:
        return {"value": (self.unit, self.sample_shape)}

    def at(self, arrays: dict[str, Any], k: Any) -> Any:
        return arrays["value"]


class Inputs(Signal):
    """Inputs of several parts of a network, by their paths."""

    def __init__(self, parts: dict[str, Signal]) -> None:
        self.parts = parts
        self.sample_shape = {path: part.sample_shape for path, part in parts.items()}  # type: ignore[assignment]
        self.key = tuple((path, type(part), part.key) for path, part in parts.items())

    def describe(self) -> str:
        return ", ".join(f"for {path} {part.describe()}" for path, part in self.parts.items())

    def bare(self) -> str:
        return ", ".join(f"{text} for {path!r}" for path, part in self.parts.items() if (text := part.bare()))

    def n_steps(self, dt: float) -> int | None:
        known = [n for n in (part.n_steps(dt) for part in self.parts.values()) if n is not None]
        return min(known) if known else None

    def bytes_per_step(self) -> int:
        return sum(part.bytes_per_step() for part in self.parts.values())

    def arrays(self, start: int, count: int, capacity: int, dt: float) -> dict[str, Any]:
        by_part = {path: part.arrays(start, count, capacity, dt) for path, part in self.parts.items()}
        return {f"{path}/{k}": v for path, arrays in by_part.items() for k, v in arrays.items()}

    def dimensions(self) -> dict[str, Dimension]:
        return {f"{path}/{k}": v for path, part in self.parts.items() for k, v in part.dimensions().items()}

    def at(self, arrays: dict[str, Any], k: Any) -> Any:
        def of(path: str) -> dict[str, Any]:
            return {name[len(path) + 1 :]: v for name, v in arrays.items() if name.startswith(path + "/")}

        return {path: part.at(of(path), k) for path, part in self.parts.items()}

    def functions_of_t(self) -> tuple[str, ...]:
        return tuple(path for path, part in self.parts.items() if part.functions_of_t())


def as_signal(value: Any, nodes: Mapping[str, Any] = MappingProxyType({})) -> Signal | None:
    """Return the signal for what a user gives as input: None, a signal, a quantity, its text, a list of quantities.

    A dict gives inputs by population, or by the name of an argument of update(); sources among the `nodes` of a model
    whose rate varies in time bring their own. Numbers without a unit are right where the equations take pure numbers:
    `check_driven`.

    Raises:
        DimensionalityError: what is no number.
    """
    of_sources = {path: node.own_input for path, node in nodes.items() if node.own_input is not None}
    if value is None and "" in of_sources:
        return of_sources[""]
    if isinstance(value, dict) or (value is None and of_sources):
        given = {path: as_signal(part) for path, part in (value or {}).items()}
        return Inputs(of_sources | {path: part for path, part in given.items() if part is not None})
    if value is None or isinstance(value, Signal):
        return value
    value = units.read(value, "inputs")
    if not isinstance(value, pint.Quantity) and np.asarray(value).dtype.kind not in "iuf":
        raise units.DimensionalityError(
            f"inputs needs a quantity or a waveform, got {units.show(value)}; write e.g. 1.5 * mA, "
            "or sc.inputs.Waveform(array * mA, dt=0.1 * ms) for samples."
        )
    return ConstantSignal(value)
