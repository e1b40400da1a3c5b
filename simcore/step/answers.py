"""What goes wrong while a step is traced, answered with the user's line and the cure.

A step is traced with values that have a shape and a type, but no numbers yet. numpy, Python's `if` and `float()` and
pint's quantities cannot work on them, and what Python computes is computed once, not in each step.
"""

from __future__ import annotations

import ast
import itertools
import linecache
import os
import re
import traceback
import types
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import jax
import jax.numpy as jnp
import pint
from jax import errors

from ..units import DimensionalityError
from . import lines

KEPT = (
    "a value of a step is kept in a variable of Python (a list, a global, a closure), where it is gone in the next "
    "step; keep it in a State of the model (HiddenState, ShortTermState)."
)
_PINT = os.path.dirname(os.path.abspath(pint.__file__))
# What JAX has for a function of Python or numpy that goes by another name there.
_TWINS = {"max": "jnp.maximum", "min": "jnp.minimum", "sorted": "jnp.sort", "range": "jax.lax.fori_loop",
          "fabs": "jnp.abs", "gamma": "jax.scipy.special.gamma"}  # fmt: skip
_CURES = {
    errors.NonConcreteBooleanIndexError: (
        "a mask as an index takes as many elements as are True, a number that the step does not know; "
        "use jnp.where(mask, x, y), or x * mask."
    ),
    errors.TracerIntegerConversionError: (
        "a value of the step as an index of a list, a length or in range(), which need its number now; "
        "use a jnp array, jnp.where or jax.lax.fori_loop."
    ),
    errors.ConcretizationTypeError: (
        "Python's if, while, float() or int() on a value of the step, which has none yet; "
        "use jnp.where for a choice and jax.debug.print to see values."
    ),
    errors.TracerArrayConversionError: "numpy cannot take values of the step; use jax.numpy (jnp).",
}
# A line of JAX's text about a value that it met in another trace: file, line, column, function.
_FRAME = re.compile(r"^(.+?):(\d+):\d+ \((.+)\)$", re.MULTILINE)
# Errors of JAX that have no class of their own, by a word of their text.
_WORDS = {
    "immutable": "an array cannot be changed in place; write x = x.at[i].set(value).",
    "Shapes must be": "a shape cannot depend on a value of the step; it is fixed when the model is made.",
}


@contextmanager
def answered() -> Iterator[None]:
    """Answer the errors of JAX and pint that user code raises, while it is traced in a with block."""
    try:
        yield
    except DimensionalityError:
        raise
    except Exception as err:
        line = lines.of_error(err)
        if isinstance(err, pint.UndefinedUnitError):
            raise ValueError(f"{line}: {err}.") from err
        frames = traceback.extract_tb(err.__traceback__)
        by_pint = isinstance(err, pint.UnitStrippedWarning) or any(f.filename.startswith(_PINT) for f in frames)
        if by_pint or "Quantity" in str(err):
            raise DimensionalityError(
                f"{line}: a quantity is used inside the step, where all values are floats; "
                "declare it as a Param (or assign it to self in __init__)."
            ) from err
        cure = _cure(err)
        if cure is None:
            raise
        raise TypeError(f"{line}: {cure}") from err


@contextmanager
def answered_leaks(name: str) -> Iterator[None]:
    """Answer JAX's error that a value of one trace was used in another; `name`, the model's, where no line is known."""
    try:
        yield
    except errors.UnexpectedTracerError as err:
        made = [frame for frame in _FRAME.findall(str(err)) if lines.is_of_user(frame[0])]
        line = lines.shown(*made[-1]) if made else name
        raise TypeError(f"{line}: {KEPT}") from err


def _cure(err: Exception) -> str | None:
    """Return what is wrong and how to put it right, None for an error that speaks for itself."""
    classes = [cls for cls in _CURES if isinstance(err, cls)]
    if not classes:
        words = [word for word in _WORDS if isinstance(err, TypeError) and word in str(err)]
        return _WORDS[words[0]] if words else None
    function = _called(lines.of_traceback(err.__traceback__))
    if function is None:
        return _CURES[classes[0]]
    package = function.__module__.split(".")[0].replace("builtins", "Python")
    name = function.__name__
    return f"{package}'s {name} cannot take values of the step; use {_twin(function)}."


def _twin(function: Any) -> str:
    """Return the name of what JAX has in the place of a function of Python, numpy or scipy."""
    name = function.__name__
    if name in _TWINS:
        return _TWINS[name]
    if hasattr(jax.scipy.special, name) and function.__module__.startswith("scipy"):
        return f"jax.scipy.special.{name}"
    return f"jnp.{name}" if hasattr(jnp, name) else "functions of jax.numpy (jnp)"


def _called(entry: TracebackType | None) -> Any:
    """Return the function of Python, numpy or scipy in whose call an entry of a traceback stands, if there is one."""
    if entry is None:
        return None
    code, i = entry.tb_frame.f_code, entry.tb_lasti // 2
    first, last, start, end = next(itertools.islice(code.co_positions(), i, None))
    if first is None or first != last or start is None or end is None:
        return None
    text = linecache.getline(code.co_filename, first).encode()[start:end].decode()
    try:
        expression = ast.parse(text, mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(expression, ast.Call):
        return None
    function = _resolve(expression.func, entry.tb_frame)
    package = (getattr(function, "__module__", None) or "").split(".")[0]
    return function if package in ("numpy", "math", "scipy", "random", "builtins") else None


def _resolve(name: ast.expr, frame: Any) -> Any:
    """Return what a name, dotted through modules, stands for in a frame; None if it is something else."""
    if isinstance(name, ast.Name):
        spaces = (frame.f_locals, frame.f_globals, vars(__import__("builtins")))
        return next((space[name.id] for space in spaces if name.id in space), None)
    if isinstance(name, ast.Attribute):
        module = _resolve(name.value, frame)
        return getattr(module, name.attr, None) if isinstance(module, types.ModuleType) else None
    return None
