"""Rates without divisions by parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from ..step.equations import is_literal
from .base import Array, States


def without_division(f: Callable[[States], States], y: States) -> Callable[[States], States]:
    """Return f with x / p as x * (1 / p) where p does not depend on the states: on parameters, that is.

    A division costs as much as the rest of a rate, and 1 / p leaves the loop over neurons. All that does not depend on
    the states is computed here, once: what XLA computes twice it may give two names, and then computes twice with it.
    """
    closed, shape = jax.make_jaxpr(f, return_shape=True)(y)
    jaxpr, tree = closed.jaxpr, jax.tree.structure(shape)
    fixed = dict(zip(jaxpr.constvars, closed.consts, strict=True))
    varies, later = set(jaxpr.invars), []
    for eqn in jaxpr.eqns:
        moving = [not is_literal(v) and v in varies for v in eqn.invars]
        if any(moving):
            varies.update(eqn.outvars)
            divides = eqn.primitive.name == "div" and moving == [True, False] and _is_float(eqn.outvars[0])
            later.append((eqn, 1.0 / _read(eqn.invars[1], fixed) if divides else None))
        else:
            fixed.update(_evaluated(eqn, fixed))

    def evaluate(states: States) -> States:
        known = fixed | dict(zip(jaxpr.invars, states, strict=True))
        for eqn, inverse in later:
            if inverse is None:
                known.update(_evaluated(eqn, known))
            else:
                known[eqn.outvars[0]] = _read(eqn.invars[0], known) * inverse
        return jax.tree.unflatten(tree, [_read(v, known) for v in jaxpr.outvars])

    return evaluate


def _is_float(v: Any) -> bool:
    return jnp.issubdtype(v.aval.dtype, jnp.floating)


def _read(v: Any, known: dict[Any, Array]) -> Array:
    return v.val if is_literal(v) else known[v]


def _evaluated(eqn: Any, known: dict[Any, Array]) -> dict[Any, Array]:
    """Return the values of an equation's variables."""
    values = [_read(v, known) for v in eqn.invars]
    out = eqn.primitive.bind(*values, **eqn.primitive.get_bind_params(eqn.params))
    return dict(zip(eqn.outvars, out if eqn.primitive.multiple_results else [out], strict=True))
