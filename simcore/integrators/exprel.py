"""exprel: (exp(x) - 1) / x for rate functions, with all its derivatives."""

from __future__ import annotations

import functools
import math
from typing import Any

import jax
import jax.numpy as jnp

from ..units import NUMBER
from ..units.markers import mark
from .phi import quotient

Array = Any

# Within this of 0 a derivative is computed by its series: the closed form cancels there.
REACH = 1.0
TERMS = {"float32": 10, "float64": 18}


def exprel(x: Array) -> Array:
    """Return (exp(x) - 1) / x, and 1 at x = 0: the relative exponential, of a pure number.

    The rate functions of Hodgkin and Huxley (1952) have x / (1 - exp(-x)), which is 0 / 0 at x = 0: that is
    ``1 / exprel(-x)``. And x / (exp(x) - 1), NEURON's ``vtrap(x, 1)``, is ``1 / exprel(x)``::

        # 0.1 (V + 40) / (1 - exp(-(V + 40) / 10)) per ms, V in mV
        alpha_m = units.quantity(1 / sc.exprel(-(units.number(V, "mV") + 40) / 10), "1/ms")

    Accurate to rounding for all x, with its derivatives of any order: 0 at -inf, and inf where the value is too large
    for the type of float (x > 93 in float32, 716 in float64).

    Args:
        x: pure numbers, any shape; integers become floats.

    Raises:
        DimensionalityError: inside a step, x has a unit.

    Source: the same function as `scipy.special.exprel` and `exprel` of Brian 2.
    """
    x = jnp.asarray(x)
    x = x.astype(jnp.result_type(x, float)) if not jnp.issubdtype(x.dtype, jnp.floating) else x
    return _derivative(mark(x, check=NUMBER, what="exprel()"), 0)


@functools.partial(jax.custom_jvp, nondiff_argnums=(1,))
def _derivative(x: Array, k: int) -> Array:
    """Return the k-th derivative of exprel: the integral of s^k exp(s x) for s from 0 to 1."""
    if k == 0:
        # Where exp(x) is too large, by way of x / 2: exprel(2 y) = exprel(y) (1 + exp(y)) / 2.
        over = _exp_overflows(x)
        part = jnp.where(over, jnp.minimum(x, jnp.finfo(x.dtype).max) / 2, x)
        value = quotient(part)
        return jnp.where(over, value * (1 + part * value / 2), value)
    near = jnp.abs(x) <= REACH
    small, far = jnp.where(near, x, 0), jnp.where(near, REACH, x)
    series = jnp.zeros_like(x)
    for j in range(TERMS.get(str(x.dtype), 10), -1, -1):
        series = series * small + 1 / (math.factorial(j) * (j + k + 1))
    # By parts. Where exp(x) / x is inf, so is the derivative; inf - inf is not.
    over = _exp_over(far)
    closed = jnp.where(jnp.isinf(over), over, over - k * (_derivative(far, k - 1) / far))
    return jnp.where(near, series, closed)


def _exp_overflows(x: Array) -> Array:
    return x > math.log(float(jnp.finfo(x.dtype).max))


def _exp_over(x: Array) -> Array:
    """Return exp(x) / x, which is finite for some x where exp(x) is not."""
    half = jnp.exp(x / 2)
    return jnp.where(_exp_overflows(x), half / jnp.minimum(x, jnp.finfo(x.dtype).max) * half, jnp.exp(x) / x)


@_derivative.defjvp
def _(k: int, primals: Any, tangents: Any) -> tuple[Array, Array]:
    return _derivative(*primals, k), tangents[0] * _derivative(*primals, k + 1)
