"""The names that the body of a class uses in its code."""

from __future__ import annotations

import dis
import inspect
import sys
import types
from collections.abc import Collection, Iterator

from .code import names_in


def in_body(cls: type) -> set[str]:
    """Return the names of attributes and globals that the methods and properties in the body of a class use."""
    return {name for program in _programs(cls) for name in names_in(program)}


def set_in_body(cls: type) -> set[str]:
    """Return the names of attributes that they set."""
    return {i.argval for program in _programs(cls) for i in dis.get_instructions(program) if i.opname == "STORE_ATTR"}


def annotated(cls: type) -> Collection[str]:
    """Return the names that the body of a class annotates, whatever they are annotated with."""
    if sys.version_info >= (3, 14):  # they are no attribute of the class until they are asked for
        import annotationlib

        return annotationlib.get_annotations(cls, format=annotationlib.Format.FORWARDREF).keys()
    return vars(cls).get("__annotations__", {}).keys()


def _programs(cls: type) -> Iterator[types.CodeType]:
    for value in vars(cls).values():
        members = (value.fget, value.fset) if isinstance(value, property) else (value,)
        for fn in members:
            fn = fn.__func__ if isinstance(fn, staticmethod | classmethod) else fn
            if isinstance(fn, types.FunctionType):
                yield inspect.unwrap(fn).__code__
