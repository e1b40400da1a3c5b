"""Plasticity by pairs of spikes."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from simcore import Param

from .base import Plasticity

Array = Any


class STDP(Plasticity):
    r"""Spike-timing-dependent plasticity of pairs; weights from 0 to w_max.

    .. math:: \Delta w = A_+ e^{-\Delta t/\tau_+} f_+, \; \Delta t = t_{post} - t_{pre} > 0; \quad
        \Delta w = -A_- e^{\Delta t/\tau_-} f_-, \; \Delta t < 0

    Additive: f+ = f- = w_max. Multiplicative: f+ = w_max - w, f- = w.

    Args:
        w_max: the largest weight, in the unit of the weights.
        multiplicative: the change depends on the weight.
        nearest: only the nearest spikes of the other neuron before count, not all.

    Reference: Morrison, Diesmann, Gerstner (2008), Biological Cybernetics 98, 459-478.
    """

    A_plus = Param(0.01, "dimensionless", "potentiation of a pair, relative")
    A_minus = Param(0.0105, "dimensionless", "depression of a pair, relative")
    tau_plus = Param(20.0, "ms", "time constant of the potentiation", positive=True)
    tau_minus = Param(20.0, "ms", "time constant of the depression", positive=True)
    w_max = Param(None, "nS", "the largest weight, in the unit of the weights", positive=True)

    pre_traces, post_traces = {"x": "tau_plus"}, {"y": "tau_minus"}
    weight_params = ("w_max",)

    def __init__(
        self, *args: Any, w_max: Any, multiplicative: bool = False, nearest: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, w_max=w_max, **kwargs)
        self.multiplicative, self.nearest = multiplicative, nearest

    def largest(self) -> float:
        """Return the largest weight, in the unit of the weights."""
        return float(self.magnitude("w_max"))

    def at_pre(self) -> Any:
        """Depress by the postsynaptic trace."""
        if self.multiplicative:
            return _lower_by_part, None, (self.A_minus,)
        return _lower, None, (self.A_minus * self.w_max,)

    def at_post(self) -> Any:
        """Potentiate by the presynaptic trace."""
        if self.multiplicative:
            return _raise_by_part, None, (self.A_plus, self.w_max)
        return _raise, None, (self.A_plus * self.w_max, self.w_max)


def _lower(w: Array, trace: Array, step: Array) -> Array:
    return jnp.maximum(w - step * trace, 0.0)


def _lower_by_part(w: Array, trace: Array, part: Array) -> Array:
    return jnp.maximum(w - part * trace * w, 0.0)


def _raise(w: Array, trace: Array, step: Array, w_max: Array) -> Array:
    return jnp.minimum(w + step * trace, w_max)


def _raise_by_part(w: Array, trace: Array, part: Array, w_max: Array) -> Array:
    return jnp.minimum(w + part * trace * (w_max - w), w_max)
