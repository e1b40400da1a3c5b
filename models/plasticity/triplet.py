"""Plasticity by triplets of spikes."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from simcore import Param

from .base import Plasticity

Array = Any


class TripletSTDP(Plasticity):
    r"""Spike-timing-dependent plasticity of triplets; weights from 0 to w_max.

    .. math:: \text{pre: } w \leftarrow w - w_{max} o_1 (A_2^- + A_3^- r_2), \quad
        \text{post: } w \leftarrow w + w_{max} r_1 (A_2^+ + A_3^+ o_2)

    r1, r2 (tau_plus, tau_x) are traces of the presynaptic neuron, o1, o2 (tau_minus, tau_y) of the postsynaptic one,
    r2 and o2 taken before the neuron's own spike. Defaults: visual cortex, all spikes.

    Args:
        w_max: the largest weight, in the unit of the weights; changes are relative to it.
        nearest: traces are set to 1 at a spike, not raised by 1.

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
    w_max = Param(None, "nS", "the largest weight, in the unit of the weights", positive=True)

    pre_traces, post_traces = {"r1": "tau_plus", "r2": "tau_x"}, {"o1": "tau_minus", "o2": "tau_y"}
    weight_params = ("w_max",)

    def __init__(self, *args: Any, w_max: Any, nearest: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, w_max=w_max, **kwargs)
        self.nearest = nearest

    def largest(self) -> float:
        """Return the largest weight, in the unit of the weights."""
        return float(self.magnitude("w_max"))

    def at_pre(self) -> Any:
        """Depress by o1, more with r2."""
        return _lower_by_factor, self.A2_minus + self.A3_minus * self.trace("r2"), (self.w_max,)

    def at_post(self) -> Any:
        """Potentiate by r1, more with o2."""
        return _raise_by_factor, self.A2_plus + self.A3_plus * self.trace("o2"), (self.w_max,)


def _lower_by_factor(w: Array, factor: Array, o1: Array, o2: Array, scale: Array) -> Array:
    del o2
    return jnp.maximum(w - scale * factor * o1, 0.0)


def _raise_by_factor(w: Array, factor: Array, r1: Array, r2: Array, w_max: Array) -> Array:
    del r2
    return jnp.minimum(w + w_max * factor * r1, w_max)
