"""Plasticity of inhibitory synapses."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from simcore import Param

from .base import Plasticity

Array = Any


class VogelsSTDP(Plasticity):
    r"""Symmetric plasticity of inhibitory synapses that leads the postsynaptic rate to a target; weights >= 0.

    .. math:: \text{pre: } w \leftarrow w + \eta (y - \alpha), \quad \text{post: } w \leftarrow w + \eta x, \quad
        \alpha = 2 \rho_0 \tau

    Args:
        eta: learning rate, in the unit of the weights.

    Reference: Vogels, Sprekeler, Zenke, Clopath, Gerstner (2011), Science 334, 1569-1573.
    """

    tau = Param(20.0, "ms", "time constant of the traces", positive=True)
    rate = Param(5.0, "Hz", "target rate rho_0 of the postsynaptic neurons", nonnegative=True)
    eta = Param(None, "nS", "learning rate, in the unit of the weights", nonnegative=True)

    pre_traces, post_traces = {"x": "tau"}, {"y": "tau"}
    weight_params = ("eta",)

    def __init__(self, *args: Any, eta: Any, **kwargs: Any) -> None:
        super().__init__(*args, eta=eta, **kwargs)

    def at_pre(self) -> Any:
        """Change by eta (y - alpha)."""
        return _balance, None, (self.eta, 2.0 * self.rate * self.tau)

    def at_post(self) -> Any:
        """Change by eta x."""
        return _balance, None, (self.eta, jnp.zeros(()))


def _balance(w: Array, trace: Array, eta: Array, alpha: Array) -> Array:
    return jnp.maximum(w + eta * (trace - alpha), 0.0)
