"""Parameters: what a node holds by its declarations, in the declared and in the kernel unit."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar, Self

import jax
import numpy as np

from .. import units
from ..units.clock import Clock
from .declare import Param, State, broadcast, on_device, refuse_in_step
from .seeds import Place, values
from .tree import Tree


class Parametrised(Tree):
    """A tree with parameters: ``lif.tau`` is a quantity, inside a step a float array in its kernel unit."""

    PARAMS: ClassVar[dict[str, Param]] = {}
    STATES: ClassVar[dict[str, State]] = {}
    OPTIONS: ClassVar[tuple[str, ...]] = ()
    varshape: tuple[int, ...] = ()  # that parameters and states broadcast to

    # Bookkeeping of the host, made by `__new__`.
    _values: dict[str, tuple[Any, Any]]  # parameters in their declared and in their kernel unit
    _arrays: dict[str, jax.Array]  # on the device
    _adhoc: dict[str, Param]  # parameters that were given by hand
    _initializers: dict[str, Any]
    _drawn: dict[str, Any]  # the initializers of parameters that were given one
    _has_been_read: set[str]  # those among them that a user has seen
    _seed: int | None
    _above: Place | None  # its place but for a seed of its own; None until it has one
    _bound: dict[str, Any] | None  # inside a step: the arrays of parameters
    _path: str
    _name: str
    _clock: Clock
    _input: Any
    _built: bool  # its constructor is done
    _ready: bool  # its states are made
    _states_stay: bool  # they are not to be made again now
    _making_states: bool  # init_state() is at work

    def __init__(self, *args: Any, name: str | None = None, **kwargs: Any) -> None:
        if name is not None:
            self.name = name
        values = self._bind_arguments(args, kwargs)
        for key, param in self.PARAMS.items():
            value = values.get(key, param.default)
            if value is not None:
                self._set_param(param, value, given=key in values)
        self.check_params()

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        self = super().__new__(cls)
        # Set before __init__, so that a subclass may assign attributes before it calls super().__init__().
        vars(self).update(_values={}, _arrays={}, _adhoc={}, _initializers={}, _bound=None, _path="")
        vars(self).update(_drawn={}, _has_been_read=set(), _seed=None, _above=None, _built=False)
        vars(self).update(_ready=False, _states_stay=False, _making_states=False, _input=None)
        vars(self).update(_clock=Clock(), _name=cls.__name__)
        return self

    @property
    def name(self) -> str:
        """The name in messages, by default the class's."""
        return self._name

    @name.setter
    def name(self, value: str) -> None:
        if not isinstance(value, str) or not value:
            raise TypeError(f"{self.name}: 'name', the name in messages, must be text, got {value!r}.")
        self._name = value

    @property
    def clock(self) -> Clock:
        """Where the module stands in time."""
        return self._clock

    def take_clock(self, clock: Clock) -> None:
        """Stand at this time, without what is below."""
        vars(self)["_clock"] = clock

    @property
    def inside(self) -> bool:
        """Whether this is the copy that a step works on, whose values are float arrays."""
        return self._bound is not None

    @property
    def path(self) -> str:
        """Its dotted path from the root, inside a step."""
        return self._path

    @property
    def place(self) -> Place:
        """Where it is in a tree of modules, with the seed of what is drawn for it."""
        return (self._above or Place()).with_seed(self._seed)

    def _bind_arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters among a constructor's arguments; keep initializers; refuse the rest by name."""
        keywords = {state.keyword: name for name, state in self.STATES.items() if state.keyword}
        positional = [*(k for k, p in self.PARAMS.items() if p.default is not None), *keywords]
        if len(args) > len(positional):
            raise TypeError(f"{self.name} takes {len(positional)} positional parameters ({', '.join(positional)}).")
        by_position = dict(zip(positional, args, strict=False))
        if twice := by_position.keys() & kwargs.keys():
            raise TypeError(f"{self.name}: {min(twice)!r} is given twice.")
        values = {}
        for key, value in (by_position | kwargs).items():
            if key in self.PARAMS:
                values[key] = value
            elif key in keywords:
                if value is not None:
                    self._initializers[keywords[key]] = value
            else:
                hint = did_you_mean(key, [*self.PARAMS, *keywords, *self.OPTIONS])
                has = ", ".join(self.PARAMS) or "none"
                raise TypeError(f"{self.name} has no parameter {key!r}{hint} It has {has}.")
        return values

    def specs(self) -> dict[str, Param]:
        """Return its parameters by name, in the units that they have here: of the class, and those given by hand."""
        params = {k: p for k, p in self.PARAMS.items() if not isinstance(vars(self).get(k), State)} | self._adhoc
        return {k: p if (unit := self.param_unit(p)) == p.unit else replace(p, unit=unit) for k, p in params.items()}

    def given(self) -> tuple[str, ...]:
        """Return the names of the parameters that have a value."""
        return tuple(self._values)

    def has_value(self, name: str) -> bool:
        """Return whether there is a parameter with a value, a state or another attribute of that name."""
        return (
            name in self._values or name in vars(self) or not isinstance(getattr(type(self), name, None), Param | None)
        )

    def magnitude(self, name: str) -> np.ndarray:
        """Return a parameter as floats in its declared unit."""
        self._note(name)
        return self._values[name][0]

    def kernel_value(self, name: str) -> np.ndarray:
        """Return a parameter as floats in its kernel unit."""
        return self._values[name][1]

    def param_unit(self, param: Param) -> str:
        """Return the unit of a declared parameter; a subclass may choose it by what it belongs to."""
        return param.unit

    def param_value(self, name: str) -> Any:
        """Return a parameter: a quantity, inside a step a float array in its kernel unit; None where it is left out."""
        if self._bound is not None:
            return self._bound.get(name)
        refuse_in_step(f"{self.name}: {name!r}")
        self._note(name)
        if name not in self._values:
            return None
        return units.held(units.attach(self.magnitude(name), self.param_unit(self.specs()[name])))

    def with_values(self, arrays: dict[str, Any]) -> Self:
        """Return, inside a step, this node with arrays, in kernel units, for parameters."""
        new = object.__new__(type(self))
        vars(new).update(vars(self) | {"_bound": {**(self._bound or {}), **arrays}})
        return new

    def _note(self, name: str) -> None:
        """Tell who wants to know that a parameter is read."""
        for seen in _readers:
            seen.add((id(self), name))

    def read(self, name: str) -> Any:
        """Return a parameter as `param_value` does, to a user: what was drawn stays as it was seen."""
        if self._bound is None and name in self._drawn:
            self._has_been_read.add(name)
        return self.param_value(name)

    def set_params(self, values: dict[str, Any]) -> None:
        """Set parameters by name, all or none; together they must keep the constraints."""
        before = self.params_as_they_are()
        try:
            for name, value in values.items():
                self._set_param(self.specs()[name], value)
            self.check_params()
        except Exception:
            self.restore_params(before)
            raise

    def params_as_they_are(self) -> Any:
        """Return what `restore_params` takes."""
        return dict(self._values), dict(self._drawn)

    def restore_params(self, before: Any) -> None:
        """Set the parameters that `params_as_they_are` returned."""
        self._arrays.clear()
        for present, then in zip((self._values, self._drawn), before, strict=True):
            present.clear()
            present.update(then)

    def set_kernel_values(self, values: dict[str, np.ndarray]) -> None:
        """Set parameters from floats in their kernel units, unchecked."""
        for name, value in values.items():
            factor = units.kernel_factor(self.param_unit(self.specs()[name]))
            self._values[name] = (value if factor == 1 else value / factor, value)
            self._arrays.pop(name, None)
            self._drawn.pop(name, None)

    def _set_param(self, param: Param, value: Any, given: bool = True) -> None:
        """Check a value and keep it, in the declared and in the kernel unit."""
        if self.inside:
            raise AttributeError(
                f"{self.name}: {param.name!r} is a parameter and cannot change inside update(); make it a State."
            )
        self._drawn.pop(param.name, None)
        self._has_been_read.discard(param.name)
        if value is None and param.default is None:
            self._values.pop(param.name, None)
            return
        magnitude = self.read_param(param, value, given)
        factor = units.kernel_factor(self.param_unit(param))
        self._arrays.pop(param.name, None)
        # One array where the units are the same: weights take the memory of one.
        self._values[param.name] = (magnitude, magnitude if factor == 1 else np.asarray(magnitude * factor))
        if callable(value):
            self._drawn[param.name] = value

    def read_param(self, param: Param, value: Any, given: bool) -> Any:
        """Return the floats of a parameter in its declared unit, checked; `given` unless it is a default."""
        who, unit = f"{self.name}: {param.name!r}", self.param_unit(param)
        try:
            units.unit(unit)
        except Exception as err:
            raise ValueError(f"{who} is declared in {unit!r}, which is no unit.") from err
        if callable(value):
            value, given = values(value, self.varshape, self.place, param.name), True
        magnitude = np.array(units.as_magnitude(value, unit, who) if given else float(value))
        if "varshape" in vars(self) and param.name in self.PARAMS:  # one made by hand may be a matrix
            broadcast(magnitude, self.varshape, who)
        self.check_values(param, magnitude, who)
        return magnitude.astype(float)

    def least(self, param: Param) -> float:
        """Return the least value that a parameter may have, or come near to; -inf where there is none."""
        return 0.0 if param.positive or param.nonnegative else -np.inf

    def check_values(self, param: Param, values: np.ndarray, who: str) -> None:
        """Refuse values of a parameter, in its unit, that are not allowed each by itself; a subclass may add to it."""
        bad = values <= 0 if param.positive else values < 0 if param.nonnegative else np.zeros(0, bool)
        if np.any(bad):
            got = f"{first_of(values, bad)} {units.unit(self.param_unit(param)):~P}".rstrip()
            raise ValueError(f"{who} must be {'> 0' if param.positive else '>= 0'}, got {got}.")

    def check_params(self) -> None:
        """Raise where parameters do not go together; a subclass may add to it."""
        for name, param in self.PARAMS.items():
            if param.above and name in self._values and param.above in self._values:
                # A threshold may be given before the reset that it must exceed: both are known here.
                if np.any(self.kernel_value(name) <= self.kernel_value(param.above)):
                    raise ValueError(
                        f"{self.name}: {name!r} must be above {param.above!r}, "
                        f"got {name} = {units.show(getattr(self, name))}, {param.above} = "
                        f"{units.show(getattr(self, param.above))}."
                    )

    def on_device(self, name: str) -> jax.Array:
        """Return a parameter as an array on the device, in the precision that is set; made once."""
        array = self._arrays.get(name)
        if array is None or array.dtype != jax.dtypes.canonicalize_dtype(float):
            array = self._arrays[name] = on_device(self.kernel_value(name))
        return array


def first_of(values: np.ndarray, bad: np.ndarray) -> str:
    """Return some values that are bad as text."""
    return ", ".join([*dict.fromkeys(f"{v:g}" for v in values[bad].flat[:100])][:3])


def did_you_mean(name: str, known: list[str]) -> str:
    """Return the end of a sentence that names the nearest of the known names, or just its full stop."""
    near = [k for k in known if k.lower() == name.lower()] or difflib.get_close_matches(name, known, 1)
    return f"; did you mean {near[0]!r}?" if near else "."


# Which parameters an initial state depends on cannot be told from the declarations: `init_state` and `check_initial`
# are free code. So a sweep lets them run and sees what they read.
_readers: list[set[tuple[int, str]]] = []


@contextlib.contextmanager
def parameters_read() -> Iterator[set[tuple[int, str]]]:
    """Yield the set of what is read in a with block, outside steps: (id of the module, name of the parameter)."""
    seen: set[tuple[int, str]] = set()
    _readers.append(seen)
    try:
        yield seen
    finally:
        _readers.remove(seen)
