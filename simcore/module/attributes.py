"""Attributes: what may be assigned to a node, and what a step may read of it."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import pint

from .. import units
from . import code, names
from .declare import Param, State
from .libraries import is_library
from .parameters import Parametrised, did_you_mean
from .tree import Reference, Tree, is_data


def _constructor(fn: Callable[..., None]) -> Callable[..., None]:
    """Wrap a constructor: it names arguments that are missing, and what it has made is complete when it ends."""

    @functools.wraps(fn)
    def constructor(self: Guarded, *args: Any, **kwargs: Any) -> None:
        is_outermost = type(self).__init__ is constructor  # type: ignore[misc]  # no super().__init__()
        if is_outermost:
            _refuse_arguments(type(self), args, kwargs)
        fn(self, *args, **kwargs)
        if is_outermost:
            self._built = True

    return constructor


def _refuse_arguments(cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Refuse a call without an argument that goes by position, and arguments by position where there are none."""
    parameters = inspect.signature(cls).parameters.values()
    first = [p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    missing = [p.name for p in first[len(args) :] if p.default is p.empty and p.name not in kwargs]
    if missing:
        unknown = [f", it has no {key!r}" for key in kwargs if key not in {p.name for p in parameters}]
        needed = ", ".join(f"{p.name}=..." for p in first if p.default is p.empty)
        raise TypeError(f"{cls.__name__} needs {missing[0]!r}{''.join(unknown[:1])}; write {cls.__name__}({needed}).")
    if args and not first and not any(p.kind is p.VAR_POSITIONAL for p in parameters):
        raise TypeError(f"{cls.__name__} takes all by name; write {cls.__name__}(E={type(args[0]).__name__}(...)).")


class Guarded(Parametrised):
    """A tree whose attributes are checked when they are assigned: names, units, and that programs can compare them.

    A constructor and init_state() may set any; later ones are refused, unless a class of the user's own names them in
    its code or as an annotation in its body. Modules may be added at any time.
    """

    FIXED: ClassVar[tuple[str, ...]] = ("varshape",)  # what a constructor sets for good

    if not TYPE_CHECKING:
        __init__ = _constructor(Parametrised.__init__)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__init__" in vars(cls):
            cls.__init__ = _constructor(vars(cls)["__init__"])  # type: ignore[method-assign, misc]

    def __setattr__(self, name: str, value: Any) -> None:
        if name[0] == "_":
            object.__setattr__(self, name, value)
            return
        of_class = inspect.getattr_static(type(self), name, None)
        self._refuse_name(name, value, of_class)
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
        self._refuse_new(name)
        param = self._adhoc.get(name) or Param(None, units.unit_of(value), name=name)
        self._set_param(param, value)
        self._adhoc[name] = param

    def _set_attribute(self, name: str, value: Any, of_class: Any) -> None:
        modules = [item for item in _items(value) if isinstance(item, Tree)]
        if of_class is None and not modules:
            self._refuse_new(name)
        if any(self in module.nodes().values() for module in modules):
            raise ValueError(f"{self.name}: {name!r} would put it inside itself.")
        if not isinstance(value, Tree | State | Reference) and not is_data(value):
            self._refuse_incomparable(name, value)
        self._adhoc.pop(name, None)
        self._values.pop(name, None)
        if isinstance(value, State) and not value.name:
            value.name = name
        object.__setattr__(self, name, value)

    def _refuse_name(self, name: str, value: Any, of_class: Any) -> None:
        """Refuse to set what is no word, what a constructor has set for good, and methods but by functions."""
        if not name.isidentifier():
            raise AttributeError(f"{self.name}: {name!r} is no name; it must be one word, dots divide those of a path.")
        is_there = name in vars(self) or hasattr(of_class, "__get__")  # or comes when it is first read
        if name in self.FIXED and is_there and self._built:
            raise AttributeError(f"{self.name}: {name!r} cannot be set; make another {type(self).__name__} with it.")
        is_method = isinstance(of_class, types.FunctionType | classmethod | staticmethod)
        if is_method and (isinstance(value, Tree) or not callable(value)):
            raise AttributeError(f"{self.name}: {name!r} is a method of {type(self).__name__}; choose another name.")

    def _refuse_new(self, name: str) -> None:
        """Refuse a new name when the constructor is done, unless a class names it."""
        known = dict.fromkeys(
            [*self.PARAMS, *self._adhoc, *self.STATES, *self.OPTIONS, *(k for k in vars(self) if k[0] != "_")]
        )
        if not self._built or self._making_states or name in known:
            return
        if name not in _names_used(type(self)):  # type: ignore[arg-type]
            raise AttributeError(
                f"{self.name} has no attribute {name!r}{did_you_mean(name, list(known))} It has {', '.join(known)}; "
                "a class of your own sets new ones in its constructor."
            )

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
            if isinstance(of_class, property | Param):
                return of_class.__get__(self)  # for the AttributeError that it raised, which brought us here
            if name in type(self).STATES:
                raise AttributeError(f"{self.name}: the state {name!r} is created by init_state(); call that first.")
            if name[0] == "_" and name[1:2] != "_" and self.__dict__.get("_bound") is not None:
                raise AttributeError(
                    f"{type(self).__name__}: {name!r} is read in a step. A name with an underscore is bookkeeping of "
                    f"the host; call it {name.lstrip('_')!r}, so that programs depend on it."
                )
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")


def _items(value: Any) -> Iterator[Any]:
    """Yield an attribute, or the items of the lists and dicts that it is made of."""
    if isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _items(item)
    else:
        yield value


@functools.lru_cache(maxsize=1024)
def _names_used(cls: type) -> frozenset[str]:
    """Return the names that a class and its bases annotate, set, or, where they are the user's own, use in any way."""
    used = {name for base in cls.__mro__ for name in names.annotated(base)}
    for base in cls.__mro__[:-1]:
        used |= names.set_in_body(base) if is_library(base) else names.in_body(base)
    return frozenset(used)
