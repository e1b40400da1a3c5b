"""Plasticity by triplets of spikes."""

from __future__ import annotations

from typing import Any

from simcore import Param
from simcore.units import QuantityLike

from .base import Plasticity
from .traces import PostTrace, PreTrace

Array = Any


class TripletSTDP(Plasticity):
    r"""Spike-timing-dependent plasticity of triplets; weights from w_min to w_max.

    .. math:: \text{pre: } w \leftarrow w - w_{max} o_1 (A_2^- + A_3^- r_2), \quad
        \text{post: } w \leftarrow w + w_{max} r_1 (A_2^+ + A_3^+ o_2)

    r1, r2 (tau_plus, tau_x) are traces of the presynaptic neuron, o1, o2 (tau_minus, tau_y) of the postsynaptic one,
    r2 and o2 taken before the neuron's own spike. Defaults: visual cortex, all spikes.

    Args:
        w_max: the largest weight, in the unit of the weights; changes are relative to it.
        pairs: which spikes count: "all", or "symmetric", the last one of each neuron.

    Reference: Pfister and Gerstner (2006), Journal of Neuroscience 26(38), 9673-9682, table 4.
    """

    A2_plus = Param(5e-10, "dimensionless", "potentiation of a pair")
    A3_plus = Param(6.2e-3, "dimensionless", "potentiation of a triplet")
    A2_minus = Param(7e-3, "dimensionless", "depression of a pair")
    A3_minus = Param(2.3e-4, "dimensionless", "depression of a triplet")
    tau_plus = Param(16.8, "ms", "time constant of r1", positive=True)
    tau_minus = Param(33.7, "ms", "time constant of o1", positive=True)
    tau_x = Param(101.0, "ms", "time constant of r2", positive=True)
    tau_y = Param(125.0, "ms", "time constant of o2", positive=True)

    r1, r2 = PreTrace("tau_plus"), PreTrace("tau_x")
    o1, o2 = PostTrace("tau_minus"), PostTrace("tau_y")

    def __init__(self, *args: Any, w_max: QuantityLike, pairs: str = "all", **kwargs: Any) -> None:
        super().__init__(*args, w_max=w_max, **kwargs)
        if pairs not in ("all", "symmetric"):
            raise ValueError(f"{self.name}: 'pairs' must be 'all' or 'symmetric', got {pairs!r}.")
        self.nearest = ("r1", "r2", "o1", "o2") if pairs == "symmetric" else ()

    def on_pre(self, w: Array) -> Array:
        """Depress by o1, more with r2."""
        return w - self.w_max * (self.A2_minus + self.A3_minus * self.r2.value) * self.o1.value

    def on_post(self, w: Array) -> Array:
        """Potentiate by r1, more with o2."""
        return w + self.w_max * (self.A2_plus + self.A3_plus * self.o2.value) * self.r1.value
