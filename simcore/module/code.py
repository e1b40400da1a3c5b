"""What a step reads besides the arrays, as hashable values: attributes, and code with the values that it names."""

from __future__ import annotations

import functools
import random
import types
import weakref
from collections.abc import Iterable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pint

from .declare import Param, State
from .libraries import is_library, is_model_library
from .tree import Reference, Tree

_NOT_READ = {"__dict__", "__weakref__", "__doc__", "__module__", "__annotations__", "__signature__", "__qualname__"}
_NOT_READ |= {"PARAMS", "STATES", "__firstlineno__", "__static_attributes__"}
_NOT_READ |= {"__abstractmethods__", "_abc_impl", "__slotnames__"}
_GENERATORS = (np.random.Generator, np.random.RandomState, np.random.BitGenerator, random.Random)
_PLAIN = (type(None), bool, int, str, bytes, complex, type(...))


class Identity:
    """Values that cannot change, or only as a whole: equal to the same ones."""

    def __init__(self, *values: Any) -> None:
        self.values = values
        self.ids = tuple(map(id, values))
        self._hash = hash(self.ids)

    def is_of(self, values: Iterable[Any]) -> bool:
        """Return whether it is of these very values."""
        return self.ids == tuple(map(id, values))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and self.ids == other.ids


class Frozen:
    """Makes values hashable, by what they hold: equal results stand for equal programs."""

    def __init__(self) -> None:
        self._visited: dict[int, int] = {}  # objects, functions and classes by id, in the order of their visit
        self._alive: list[Any] = []
        self.incomparable: list[Any] = []  # what counts by identity although it may change
        self.reads: list[tuple[Any, str, Any]] = []  # where the code that was visited finds what, by name
        self.fixed = True  # whether all that it finds can only change as a whole

    def value(self, value: Any) -> Any:
        """Return what stands for a value."""
        if isinstance(value, _PLAIN):
            return type(value), value
        if isinstance(value, Tree | Reference | State):  # no step can read it, and no program shall hold it
            return type(value)
        if isinstance(value, float):
            return float, value.hex()  # -0.0 and 0.0 differ, nan is nan
        if isinstance(value, type):
            return self.klass(value)
        if isinstance(value, tuple):
            return type(value), tuple(map(self.value, value))
        if isinstance(value, slice):
            return slice, self.value((value.start, value.stop, value.step))
        if callable(value) and not _is_instance(value):
            return self.function(value)
        if isinstance(value, jax.Array | types.ModuleType):
            return Identity(value)
        if _has_value(value):
            return self.klass(type(value)), value
        self.fixed = False
        return self._changeable(value)

    def _changeable(self, value: Any) -> Any:
        if isinstance(value, list):
            return type(value), tuple(map(self.value, value))
        if isinstance(value, dict | types.MappingProxyType):
            return dict, tuple((self.value(k), self.value(v)) for k, v in value.items())
        if isinstance(value, set | frozenset):
            return type(value), frozenset(map(self.value, value))
        if isinstance(value, np.ndarray | np.generic) and value.dtype != object:
            _refuse_stale(value)
            return value.dtype.str, np.shape(value), hash(value.tobytes())
        if isinstance(value, pint.Quantity):
            return pint.Quantity, self.value(value.magnitude), str(value.units)
        if isinstance(value, _GENERATORS):
            self.incomparable.append(value)
            return type(value), repr(_state_of(value))
        if (again := self._again(value)) is not None:
            return again
        attributes = _attributes(value)
        if attributes is None:
            self.incomparable.append(value)
            return Identity(value)
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
        if is_library(cls) and not is_model_library(cls):
            return cls
        if (again := self._again(cls)) is not None:
            return cls, again
        bases = cls.__mro__[:-1]
        library = tuple(body_of(base) for base in bases if is_library(base))
        return cls, library, tuple(self._members(base) for base in bases if not is_library(base))

    def _members(self, base: type) -> Any:
        """Return what stands for the code in the body of a class."""
        members = {k: v for k, v in vars(base).items() if k not in _NOT_READ}
        self.reads += [(vars(base), name, value) for name, value in members.items()]
        self.reads.append((vars(base), "", len(vars(base))))  # none is added
        return tuple((name, self._member(value)) for name, value in members.items())

    def _member(self, value: Any) -> Any:
        if isinstance(value, staticmethod | classmethod):
            return type(value), self.function(value.__func__)
        if isinstance(value, property):
            return property, tuple(self.function(f) for f in (value.fget, value.fset) if f)
        if isinstance(value, functools.cached_property):
            return type(value), self.function(value.func)
        if isinstance(value, types.MemberDescriptorType | types.GetSetDescriptorType) or _is_declaration(value):
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
        names = names_in(fn.__code__)
        cells = [cell for name, cell in zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True)
                 if name != "__class__" and _filled(cell)]  # fmt: skip
        scopes = [fn.__globals__]
        modules = (fn.__globals__.get(name) for name in names)
        scopes += [vars(m) for m in modules if isinstance(m, types.ModuleType) and not is_library(m)]
        reads: list[Any] = [(scope, name, scope[name]) for scope in scopes for name in names if name in scope]
        reads += [(cell, "a cell", cell.cell_contents) for cell in cells]
        # A reload in a notebook puts new code into the function that is there.
        self.reads += [(fn, name, getattr(fn, name)) for name in ("__code__", "__defaults__", "__kwdefaults__")]
        self.reads += [read for read in reads if not isinstance(read[2], Tree | Reference | State)]
        values = (fn.__defaults__, fn.__kwdefaults__ or None, *(value for _, _, value in reads))
        return fn.__code__, tuple(map(self.value, values))


# What stands for a class that was seen before, and what it was made of: it holds as long as that is the same.
_class_keys: weakref.WeakKeyDictionary[type, tuple[Any, list[Any], Any]] = weakref.WeakKeyDictionary()
_members_of: weakref.WeakKeyDictionary[type, Identity] = weakref.WeakKeyDictionary()


def class_key(cls: type) -> Any:
    """Return what stands for a class of models: the code of the class and its bases, with the values that it names."""
    if all(is_library(base) for base in cls.__mro__):
        return cls, tuple(body_of(base) for base in cls.__mro__[:-1])
    key, reads, library = _class_keys.get(cls, (None, [], ()))
    present = tuple(body_of(base) for base in cls.__mro__[:-1] if is_library(base))
    if key is not None and present == library and all(_read(scope, name) is value for scope, name, value in reads):
        return key
    frozen = Frozen()
    key = frozen.klass(cls)
    if frozen.fixed:
        _class_keys[cls] = key, frozen.reads, present
    return key


def _refuse_stale(array: Any) -> None:
    """Refuse an array that changed after JAX had converted it to its own precision: a step would get the old values."""
    dtype = jax.dtypes.canonicalize_dtype(array.dtype)
    if dtype == array.dtype:
        return
    if not np.array_equal(jnp.asarray(array), array.astype(dtype), equal_nan=dtype.kind in "fc"):
        raise ValueError(
            f"an array of the shape {array.shape} that a step reads was changed in place, which JAX does not see of "
            f"{array.dtype} in {dtype}; put another one in its place: W = W.copy(), or np.asarray(W, {str(dtype)!r})."
        )


def body_of(base: type) -> Identity:
    """Return what stands for the body of a class of a library: the same object as long as nothing is patched."""
    last, members = _members_of.get(base), vars(base).values()
    if last is None or not last.is_of(members):
        last = _members_of[base] = Identity(*members)
    return last


def is_plain(value: Any) -> bool:
    """Return whether a value is one that never changes: a number, a text, None."""
    return isinstance(value, (*_PLAIN, float))


def _read(scope: Any, name: str) -> Any:
    """Return what a scope holds by a name; of a class body, by no name, the number of its members."""
    if isinstance(scope, types.CellType):
        return scope.cell_contents
    if isinstance(scope, types.FunctionType):
        return getattr(scope, name)
    return scope.get(name) if name else len(scope)


def _attributes(value: Any) -> dict[str, Any] | None:
    """Return the attributes of an object, None where it does not say."""
    if hasattr(value, "__dict__"):
        return vars(value)
    names = [name for cls in type(value).__mro__ for name in vars(cls).get("__slots__", ())]
    return {name: getattr(value, name) for name in names if hasattr(value, name)} if names else None


def _is_instance(value: Any) -> bool:
    """Return whether something callable is an object of a class of its own, not a function."""
    functions = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, functools.partial)
    return not isinstance(value, functions) and not hasattr(value, "__wrapped__") and not is_library(type(value))


def _has_value(value: Any) -> bool:
    """Return whether an object is compared by what it holds, and cannot change."""
    if type(value).__eq__ is object.__eq__ or isinstance(value, frozenset | np.generic | pint.Quantity):
        return False
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _is_declaration(value: Any) -> bool:
    return isinstance(value, Param | State)


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


def with_helpers(functions: Iterable[types.FunctionType]) -> Iterator[types.FunctionType]:
    """Yield functions, and those of no library that their code and closures name: each once."""
    waiting, seen = list(functions), set()
    while waiting:
        fn = waiting.pop()
        if fn in seen:
            continue
        seen.add(fn)
        yield fn
        named = [fn.__globals__.get(name) for name in names_in(fn.__code__)]
        named += [cell.cell_contents for cell in fn.__closure__ or () if _filled(cell)]
        waiting += [f for f in named if isinstance(f, types.FunctionType) and not is_library(f)]
