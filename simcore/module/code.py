"""What a step reads besides the arrays, as hashable values: attributes, and code with the values that it names."""

from __future__ import annotations

import functools
import hashlib
import random
import sys
import sysconfig
import types
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np
import pint

_SITE = tuple({sysconfig.get_path(key) for key in ("purelib", "platlib", "stdlib")})
_NOT_READ = {"__dict__", "__weakref__", "__doc__", "__module__", "__annotations__", "__signature__", "__qualname__"}
_NOT_READ |= {"__firstlineno__", "__static_attributes__", "__abstractmethods__", "_abc_impl", "__class__"}
_GENERATORS = (np.random.Generator, np.random.RandomState, np.random.BitGenerator, random.Random)
_PLAIN = (type(None), bool, int, str, bytes, complex, type(...))


class Identity:
    """Values that cannot change, or only as a whole: equal to the same ones."""

    def __init__(self, *values: Any) -> None:
        self.values = values
        self.ids = tuple(map(id, values))

    def __hash__(self) -> int:
        return hash(self.ids)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and self.ids == other.ids


class Frozen:
    """Makes values hashable, by what they hold: equal results stand for equal programs.

    Args:
        special: returns what stands for a value that it knows, None for all others.
    """

    def __init__(self, special: Callable[[Any], Any] = lambda value: None) -> None:
        self._special = special
        self._visited: dict[int, int] = {}  # objects, functions and classes by id, in the order of their visit
        self._alive: list[Any] = []
        self.incomparable: list[Any] = []  # what counts by identity although it may change

    def value(self, value: Any) -> Any:
        """Return what stands for a value."""
        if isinstance(value, _PLAIN):
            return type(value), value
        if (special := self._special(value)) is not None:
            return special
        if isinstance(value, float):
            return float, value.hex()  # -0.0 and 0.0 differ, nan is nan
        if isinstance(value, list | tuple):
            return type(value), tuple(map(self.value, value))
        if isinstance(value, dict):
            return dict, tuple((self.value(k), self.value(v)) for k, v in value.items())
        if isinstance(value, set | frozenset):
            return type(value), frozenset(map(self.value, value))
        if isinstance(value, np.ndarray | np.generic) and value.dtype != object:
            return value.dtype.str, np.shape(value), hashlib.blake2b(value.tobytes()).digest()
        if isinstance(value, type):
            return self.klass(value)
        if callable(value) and not _is_instance(value):
            return self.function(value)
        return self._object(value)

    def _object(self, value: Any) -> Any:
        if isinstance(value, jax.Array | types.ModuleType):
            return Identity(value)
        if isinstance(value, _GENERATORS):
            self.incomparable.append(value)
            return type(value), repr(_state_of(value))
        if isinstance(value, pint.Quantity):
            return pint.Quantity, self.value(value.magnitude), str(value.units)
        if _has_value(value):
            return self.klass(type(value)), value
        if (again := self._again(value)) is not None:
            return again
        try:
            attributes = vars(value)
        except TypeError:
            names = [k for c in type(value).__mro__ for k in vars(c).get("__slots__", ())]
            if not names:
                self.incomparable.append(value)
                return Identity(value)
            attributes = {k: getattr(value, k) for k in names if hasattr(value, k)}
        return self.klass(type(value)), tuple((k, self.value(v)) for k, v in sorted(attributes.items()))

    def _again(self, value: Any) -> Any:
        """Return what stands for an object that was visited before (it may refer to itself), None for a new one."""
        if id(value) in self._visited:
            return "visited", self._visited[id(value)]
        self._visited[id(value)] = len(self._visited)
        self._alive.append(value)  # so that its id stays its own
        return None

    def klass(self, cls: type) -> Any:
        """Return what stands for a class and its bases: of a library their members as they are, else their code."""
        if is_library(cls) and not _is_model_library(cls):
            return cls
        if (again := self._again(cls)) is not None:
            return cls, again
        parts = []
        for base in cls.__mro__[:-1]:
            members = {k: v for k, v in vars(base).items() if k not in _NOT_READ}
            if is_library(base):
                parts.append(Identity(*members.values()))
            else:
                parts.append(tuple((k, self._member(v)) for k, v in members.items()))
        return cls, tuple(parts)

    def _member(self, value: Any) -> Any:
        if isinstance(value, staticmethod | classmethod):
            return type(value), self.function(value.__func__)
        if isinstance(value, property):
            return property, tuple(self.function(f) for f in (value.fget, value.fset) if f)
        if isinstance(value, functools.cached_property):
            return type(value), self.function(value.func)
        if isinstance(value, types.MemberDescriptorType | types.GetSetDescriptorType):
            return Identity(value)
        return self.value(value)

    def function(self, fn: Any) -> Any:
        """Return what stands for a function: its code, defaults, and the values that its closure and globals name."""
        if isinstance(fn, functools.partial):
            return functools.partial, self.function(fn.func), self.value(fn.args), self.value(fn.keywords)
        if isinstance(fn, types.MethodType):
            return types.MethodType, self.function(fn.__func__), self.value(fn.__self__)
        wrapped = getattr(fn, "__wrapped__", None)
        if not isinstance(fn, types.FunctionType):  # built in, or wrapped by jax.jit, functools.cache, ...
            return Identity(fn) if wrapped is None or is_library(fn) else (Identity(fn), self.function(wrapped))
        if is_library(fn):
            return Identity(fn) if wrapped is None else ("wrapped", self.function(wrapped))
        if (again := self._again(fn)) is not None:
            return again
        cells = [cell.cell_contents for name, cell in zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True)
                 if name != "__class__" and _filled(cell)]  # fmt: skip
        named = {name: fn.__globals__[name] for name in names_in(fn.__code__) if name in fn.__globals__}
        members = [vars(module)[name] for module in named.values() if isinstance(module, types.ModuleType)
                   and not is_library(module) for name in names_in(fn.__code__) if name in vars(module)]  # fmt: skip
        values = (fn.__defaults__, fn.__kwdefaults__, cells, list(named.values()), members)
        return fn.__code__, tuple(map(self.value, values))


def _is_instance(value: Any) -> bool:
    """Return whether something callable is an object of a class of its own, not a function."""
    functions = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, functools.partial)
    return not isinstance(value, functions) and not hasattr(value, "__wrapped__") and not is_library(type(value))


def _has_value(value: Any) -> bool:
    """Return whether an object is compared by what it holds, and cannot change."""
    try:
        hash(value)
    except TypeError:
        return False
    return type(value).__eq__ is not object.__eq__


def _filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def _state_of(generator: Any) -> Any:
    if isinstance(generator, np.random.Generator):
        return generator.bit_generator.state
    if isinstance(generator, np.random.BitGenerator):
        return generator.state
    return generator.get_state() if isinstance(generator, np.random.RandomState) else generator.getstate()


@functools.lru_cache(maxsize=4096)
def names_in(program: types.CodeType) -> tuple[str, ...]:
    """Return the names of globals and attributes that a piece of code uses, those of functions within it too."""

    def visit(part: types.CodeType) -> Iterator[str]:
        yield from part.co_names
        for constant in part.co_consts:
            if isinstance(constant, types.CodeType):
                yield from visit(constant)

    return tuple(dict.fromkeys(visit(program)))


@functools.lru_cache(maxsize=4096)
def _in_library(module: str) -> bool:
    root = module.partition(".")[0]
    if root == "simcore" or root in sys.stdlib_module_names or root in sys.builtin_module_names:
        return True
    file = getattr(sys.modules.get(root), "__file__", None)
    # site-packages: also those of another environment, or of the user, that sys.path names.
    return file is not None and (file.startswith(_SITE) or "site-packages" in file or "dist-packages" in file)


def is_library(value: Any) -> bool:
    """Return whether a function, class or module belongs to simcore or an installed package: its code is as it is."""
    name = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None)
    return _in_library(name or "builtins")


def _is_model_library(cls: type) -> bool:
    """Return whether a class of simcore, whose members may be patched, stands among the bases."""
    return any(base.__module__.partition(".")[0] == "simcore" for base in cls.__mro__)
