"""What a jaxpr tells of a function: in which arguments it is affine, and on which its results depend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from .equations import is_literal

Array = Any

# Operations that keep a result affine in one of their operands, if the others do not depend on it.
_LINEAR = {
    *("add", "sub", "neg", "mul", "div", "add_any", "convert_element_type"),
    *("broadcast_in_dim", "reshape", "squeeze", "copy", "unit_marker"),
}


def affine(fn: Callable[..., Array], i: int, *args: Array) -> bool:
    """Return whether fn is affine in its i-th argument, as far as its jaxpr shows: sums and products with others."""
    closed = jax.make_jaxpr(fn)(*args)
    reached = {closed.jaxpr.invars[i]}
    for eqn in closed.jaxpr.eqns:
        where = [k for k, v in enumerate(eqn.invars) if not is_literal(v) and v in reached]
        if where:
            name = eqn.primitive.name
            product = name == "mul" and len(where) > 1
            if name not in _LINEAR or product or (name == "div" and where != [0]):
                return False
            reached.update(eqn.outvars)
    return True


def depends(fn: Callable[..., Any], *args: Any) -> np.ndarray:
    """Return which results of fn (rows) can depend on which arguments (columns), by its jaxpr."""
    closed = jax.make_jaxpr(fn)(*args)
    known: dict[Any, frozenset[int]] = {v: frozenset([i]) for i, v in enumerate(closed.jaxpr.invars)}

    def read(v: Any) -> frozenset[int]:
        return frozenset() if is_literal(v) else known.get(v, frozenset())

    for eqn in closed.jaxpr.eqns:
        union = frozenset().union(*map(read, eqn.invars))
        known.update((v, union) for v in eqn.outvars)
    rows = [[i in read(v) for i in range(len(closed.jaxpr.invars))] for v in closed.jaxpr.outvars]
    return np.array(rows, bool).reshape(len(rows), len(closed.jaxpr.invars))
