"""The upstroke of neurons whose V runs away at a spike: bounded, in value and gradient."""

from typing import Any

import jax
import jax.numpy as jnp

# exp(20) mV/ms takes V over any threshold within one step; beyond it nothing changes but the risk of overflow.
MAX_EXPONENT = 20.0


@jax.custom_jvp
def limit(V: Any, V0: Any, V_th: Any) -> Any:
    """Return V, at most V_th: a step from V0 that would overshoot ends at V_th.

    Its derivative is that of V0 + f (V - V0), f the fraction of the step that it took to reach V_th (1 below),
    held constant: it stays bounded on the upstroke, and spikes keep a gradient.
    """
    return jnp.minimum(V, V_th)


@limit.defjvp
def _(primals: Any, tangents: Any) -> tuple[Any, Any]:
    V, V0, V_th = primals
    dV, dV0, _ = tangents
    over = V_th < V
    f = jnp.where(over, (V_th - V0) / jnp.where(over, V - V0, 1.0), 1.0)
    return limit(V, V0, V_th), dV0 + f * (dV - dV0)
