"""What a jaxpr tells of a function: in which arguments it is linear, and on which its results depend."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .equations import is_literal

# Operations on one operand that keep a result linear in it.
_LINEAR = {
    *("neg", "convert_element_type", "copy", "reduce_precision", "unit_marker"),
    *("broadcast_in_dim", "reshape", "squeeze", "expand_dims", "transpose"),
}


_TRANSCENDENTAL = {
    *("exp", "exp2", "expm1", "log", "log1p", "logistic", "pow"),
    *("tanh", "sinh", "cosh", "sin", "cos", "tan", "erf"),
}


class Form(enum.IntEnum):
    """How a value depends on the states."""

    FIXED = 0  # it does not, and on nothing else that varies in a run
    VARIES = 1  # it does not, but on an input, the time, another state
    LINEAR = 2  # linear, with fixed coefficients
    AFFINE = 3  # linear, with fixed coefficients, and a term without the states
    CURVED = 4  # in any other way


# Operations that only lay an array out anew.
_LAYOUT = {"broadcast_in_dim", "reshape", "squeeze", "expand_dims"}


def operations(closed: Any) -> list[Any]:
    """Return what a closed jaxpr does, in order: equal for equal operations, on arrays of whatever shapes."""
    return [*map(np.shape, closed.consts), *_operations(closed.jaxpr)]


def _operations(jaxpr: Any) -> list[Any]:
    done: list[Any] = []
    laid_out: dict[Any, Any] = {}  # numbers, by variable
    for eqn in jaxpr.eqns:
        numbers = [np.asarray(v.val).tolist() if is_literal(v) else laid_out.get(v) for v in eqn.invars]
        if eqn.primitive.name in _LAYOUT:
            laid_out[eqn.outvars[0]] = numbers[0]
        elif (inner := inner_jaxpr(eqn)) is not None:
            done.append((numbers, _operations(inner)))
        elif eqn.primitive.name in ("while", "scan"):  # what is in them is not compared
            done.append(object())
        else:
            params = {k: v for k, v in eqn.params.items() if isinstance(v, int | str | tuple | np.dtype)}
            along_axes = any(name.startswith(("axis", "axes", "dimension")) for name in params)
            shapes = [v.aval.shape for v in eqn.invars] if along_axes else []
            done.append((eqn.primitive.name, params, numbers, shapes))
    return done


def inner_jaxpr(eqn: Any) -> Any:
    """Return the jaxpr of an equation that calls one with its own arguments (jit, custom_jvp ...), else None."""
    if eqn.primitive.name in ("cond", "while", "scan") or eqn.primitive.name.startswith("reduce"):
        return None
    inner = next((eqn.params[k] for k in ("jaxpr", "call_jaxpr", "fun_jaxpr") if k in eqn.params), None)
    return getattr(inner, "jaxpr", inner)


def transcendental(jaxpr: Any) -> bool:
    """Return whether a jaxpr has exponentials and the like, which cost as much as ten other operations."""

    def is_one(eqn: Any) -> bool:
        inner = inner_jaxpr(eqn)
        return eqn.primitive.name in _TRANSCENDENTAL or (inner is not None and transcendental(inner))

    return any(map(is_one, jaxpr.eqns))


def of_scan(eqn: Any, values: list[Any]) -> tuple[Any, list[Any], list[Any], list[Any]]:
    """Return the body of a scan, and what stands for its constants, its carry, and what it scans."""
    body = getattr(eqn.params["jaxpr"], "jaxpr", eqn.params["jaxpr"])

    def n_whole(outer: Sequence[Any], inside: Sequence[Any]) -> int:  # what is scanned has an axis more outside
        return sum(v.aval.ndim == w.aval.ndim for v, w in zip(outer, inside, strict=True))

    n_args, n_carry = n_whole(eqn.invars, body.invars), n_whole(eqn.outvars, body.outvars)
    return body, values[: n_args - n_carry], values[n_args - n_carry : n_args], values[n_args:]


def forms(jaxpr: Any, arguments: Sequence[Form], constants: Sequence[Form] = ()) -> list[Form]:
    """Return how each result depends on the states, from the forms of the arguments, as far as the jaxpr shows it."""
    known: dict[Any, Form] = dict.fromkeys(jaxpr.constvars, Form.FIXED)
    known.update(zip(jaxpr.constvars, constants, strict=False))
    known.update(zip(jaxpr.invars, arguments, strict=True))

    def read(v: Any) -> Form:
        return Form.FIXED if is_literal(v) else known[v]

    for eqn in jaxpr.eqns:
        operands = [read(v) for v in eqn.invars]
        inner = inner_jaxpr(eqn)
        if inner is not None and len(inner.invars) == len(operands):
            results = forms(inner, operands)
        else:
            results = [_form(eqn, operands)] * len(eqn.outvars)
        known.update(zip(eqn.outvars, results, strict=True))
    return [read(v) for v in jaxpr.outvars]


def _form(eqn: Any, operands: list[Form]) -> Form:
    largest, name = max(operands, default=Form.FIXED), eqn.primitive.name
    if largest > Form.VARIES and any(not jnp.issubdtype(v.aval.dtype, jnp.inexact) for v in eqn.outvars):
        return Form.CURVED  # a whole number, or a truth value, in steps
    if largest <= Form.VARIES or largest == Form.CURVED or (name in _LINEAR and len(operands) == 1):
        return largest
    if name in ("add", "sub", "add_any"):
        return _sum(eqn.invars, operands)
    if name in ("mul", "div") and sorted(operands)[0] == Form.FIXED:
        return Form.CURVED if name == "div" and operands[1] != Form.FIXED else largest
    if name == "select_n" and operands[0] == Form.FIXED:
        return _sum(eqn.invars[1:], operands[1:])
    return Form.CURVED


def _sum(terms: Sequence[Any], operands: list[Form]) -> Form:
    """Return the form of a sum, or of a fixed choice, in which zeros do not count."""
    counted = {form for v, form in zip(terms, operands, strict=True) if not (is_literal(v) and np.all(v.val == 0))}
    return Form.LINEAR if counted == {Form.LINEAR} else Form.AFFINE


def depends(fn: Callable[..., Any], *args: Any) -> np.ndarray:
    """Return which results of fn (rows) can depend on which arguments (columns), by its jaxpr."""
    return dependence(jax.make_jaxpr(fn)(*args).jaxpr)


def dependence(jaxpr: Any) -> np.ndarray:
    """Return which results (rows) can depend on which arguments (columns)."""
    known: dict[Any, frozenset[int]] = {v: frozenset([i]) for i, v in enumerate(jaxpr.invars)}

    def read(v: Any) -> frozenset[int]:
        return frozenset() if is_literal(v) else known.get(v, frozenset())

    for eqn in jaxpr.eqns:
        union = frozenset().union(*map(read, eqn.invars))
        known.update((v, union) for v in eqn.outvars)
    rows = [[i in read(v) for i in range(len(jaxpr.invars))] for v in jaxpr.outvars]
    return np.array(rows, bool).reshape(len(rows), len(jaxpr.invars))
