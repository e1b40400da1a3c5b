"""Plasticity of inhibitory synapses."""

from __future__ import annotations

from typing import Any

from simcore import Param
from simcore.units import QuantityLike

from .base import Plasticity
from .traces import PostTrace, PreTrace

Array = Any


class VogelsSTDP(Plasticity):
    r"""Symmetric plasticity of inhibitory synapses that leads the postsynaptic rate to a target.

    .. math:: \text{pre: } w \leftarrow w + \eta (y - \alpha), \quad \text{post: } w \leftarrow w + \eta x, \quad
        \alpha = 2 \rho_0 \tau

    Args:
        eta: learning rate, in the unit of the weights.

    Reference: Vogels, Sprekeler, Zenke, Clopath, Gerstner (2011), Science 334, 1569-1573.
    """

    tau = Param(20.0, "ms", "time constant of the traces", positive=True)
    rate = Param(5.0, "Hz", "target rate rho_0 of the postsynaptic neurons", nonnegative=True)
    eta = Param(None, "nS", "learning rate, in the unit of the weights", nonnegative=True)

    x = PreTrace("tau")
    y = PostTrace("tau")

    weight_params = ("eta",)

    def __init__(self, *args: Any, eta: QuantityLike, **kwargs: Any) -> None:
        super().__init__(*args, eta=eta, **kwargs)

    def on_pre(self, w: Array) -> Array:
        """Change by eta (y - alpha)."""
        return w + self.eta * (self.y.value - 2.0 * self.rate * self.tau)

    def on_post(self, w: Array) -> Array:
        """Change by eta x."""
        return w + self.eta * self.x.value
