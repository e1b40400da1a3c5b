"""Attributes: what may be assigned to a node, and what a step may read of it."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

import pint

from .. import units
from . import code
from .declare import Param, State
from .parameters import Parametrised, did_you_mean
from .tree import Reference, Tree, is_data


class Guarded(Parametrised):
    """A tree whose attributes are checked when they are assigned: names, units, and that programs can compare them."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name[0] == "_":
            object.__setattr__(self, name, value)
            return
        of_class = inspect.getattr_static(type(self), name, None)
        if isinstance(of_class, Param):
            self._set_declared(name, value)
        elif self.inside:
            raise AttributeError(
                f"{self.name}: {name!r} is set inside update(), which is traced once and not run in each step; "
                f"make it a state and assign to self.{name}.value."
            )
        elif isinstance(of_class, property):
            if of_class.fset is None:
                raise AttributeError(f"{self.name}: {name!r} cannot be set.")
            object.__setattr__(self, name, value)
        elif isinstance(vars(self).get(name, of_class), State) and not isinstance(value, State):
            raise AttributeError(f"{self.name}: {name!r} is a state; assign to {name}.value.")
        elif isinstance(value, pint.Quantity):
            self._set_by_hand(name, value, of_class)
        else:
            self._set_attribute(name, value, of_class)

    def _set_declared(self, name: str, value: Any) -> None:
        """Set a declared parameter, or put a state in its place."""
        if isinstance(value, Param):
            raise TypeError(f"{self.name}: declare the Param {name!r} in the class body.")
        if isinstance(value, State):
            self._values.pop(name, None)
            value.name = value.name or name
            vars(self)[name] = value
        elif isinstance(vars(self).get(name), State):
            raise AttributeError(f"{self.name}: {name!r} is a state; assign to {name}.value.")
        else:
            object.__setattr__(self, name, value)

    def _set_by_hand(self, name: str, value: pint.Quantity, of_class: Any) -> None:
        """Make a quantity that is assigned a parameter."""
        if of_class is not None:
            raise AttributeError(f"{self.name}: {name!r} is fixed by the class {type(self).__name__}, no parameter.")
        self._refuse_typo(name)
        param = self._adhoc.get(name) or Param(None, units.unit_of(value), name=name)
        self._set_param(param, value)
        self._adhoc[name] = param

    def _set_attribute(self, name: str, value: Any, of_class: Any) -> None:
        if not isinstance(value, Tree | State | Reference) and not is_data(value):
            if of_class is None and name not in vars(self):
                self._refuse_typo(name)
            self._refuse_incomparable(name, value)
        self._adhoc.pop(name, None)
        self._values.pop(name, None)
        if isinstance(value, State) and not value.name:
            value.name = name
        object.__setattr__(self, name, value)

    def _refuse_typo(self, name: str) -> None:
        """Refuse a new name that no code of the class uses, and that looks like one that it has."""
        if name in self._adhoc or name in _names_used(type(self)):  # type: ignore[arg-type]
            return
        known = [*self.PARAMS, *self._adhoc, *self.STATES, *self.OPTIONS, *(k for k in vars(self) if k[0] != "_")]
        if hint := did_you_mean(name, known):
            if hint != ".":
                raise AttributeError(f"{self.name} has no attribute {name!r}{hint} It has {', '.join(known)}.")

    def _refuse_incomparable(self, name: str, value: Any) -> None:
        """Refuse what a compiled program could not see changing."""
        if isinstance(value, bool | int | float | str | None):
            return
        frozen = code.Frozen()
        frozen.value(value)
        if frozen.incomparable:
            raise TypeError(
                f"{self.name}: {name!r} is given {value!r}, which cannot be compared by value: a compiled step would "
                f"not see it change. Draw random numbers with noise=, keep what steps read in parameters, states or "
                f"arrays, and call what no step reads '_{name}'."
            )

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name in self.__dict__.get("_adhoc", {}):
                return self.param_value(name)
            of_class = inspect.getattr_static(type(self), name, None)
            if isinstance(of_class, property) and of_class.fget is not None:
                return of_class.fget(self)  # for the AttributeError that it raised, which brought us here
            if name in type(self).STATES:
                raise AttributeError(f"{self.name}: the state {name!r} is created by init_state(); call that first.")
            if name[0] == "_" and name[1:2] != "_" and self.__dict__.get("_bound") is not None:
                raise AttributeError(
                    f"{type(self).__name__}: {name!r} is read in a step. A name with an underscore is bookkeeping of "
                    f"the host; call it {name.lstrip('_')!r}, so that programs depend on it."
                )
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")


@functools.lru_cache(maxsize=1024)
def _names_used(cls: type) -> frozenset[str]:
    """Return the names of attributes and globals in the code of a class."""
    functions = (f for klass in cls.__mro__ for f in vars(klass).values() if hasattr(f, "__code__"))
    return frozenset(name for f in functions for name in code.names_in(inspect.unwrap(f).__code__))
