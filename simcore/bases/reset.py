"""reset_to: a choice at a spike that a gradient goes through."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

Array = Any


@jax.custom_jvp
def reset_to(value: Array, target: Array, spike: Array) -> Array:
    """Return `target` where there is a spike (1.0), else `value`.

    The derivative is that of value + (target - value) * spike, the smooth relaxation of the choice.
    """
    return jnp.where(spike != 0, target, value)


@reset_to.defjvp
def _(primals: Any, tangents: Any) -> tuple[Array, Array]:
    value, target, spike = primals
    d_value, d_target, d_spike = tangents
    tangent = d_value + spike * (d_target - d_value) + (target - value) * d_spike
    return reset_to(*primals), tangent
