"""Plasticity by pairs of spikes."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from simcore import Param
from simcore.units import QuantityLike

from .base import Plasticity
from .traces import PostTrace, PreTrace, SynapseTrace

Array = Any


class Pairs(Plasticity):
    r"""Base of rules of pairs of spikes: which spikes are a pair, and when a pair acts. A subclass says how much.

    A presynaptic spike acts when it arrives, with the postsynaptic spikes before it; a postsynaptic spike with the
    presynaptic spikes that have arrived before it.

    Args:
        pairs: which spikes count (figure 7 of the reference). "all": every spike before. "symmetric": the last spike of
            the other neuron. "presynaptic_centred": a presynaptic spike with the last postsynaptic one before and the
            first one after it. "reduced_symmetric": the same, only where no other spike of the two lies between.

    Reference: Morrison, Diesmann, Gerstner (2008), Biological Cybernetics 98, 459-478.
    """

    tau_plus = Param(20.0, "ms", "time constant of the potentiation", positive=True)
    tau_minus = Param(20.0, "ms", "time constant of the depression", positive=True)

    x = PreTrace("tau_plus")
    y = PostTrace("tau_minus")
    # Of presynaptic-centred pairs: what x was at the last postsynaptic spike, which decays as x does.
    x_paired = SynapseTrace("dimensionless", "the part of x that has had its pair", tau="tau_plus")
    # Of reduced symmetric pairs: compared with x, the trace of the same time constant, it tells who spiked last.
    y_last = PostTrace("tau_plus", "tells how long ago the last postsynaptic spike was")

    SCHEMES = ("all", "symmetric", "presynaptic_centred", "reduced_symmetric")

    def __init__(self, *args: Any, pairs: str = "all", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if pairs not in self.SCHEMES:
            raise ValueError(
                f"{self.name}: 'pairs' must be one of {', '.join(map(repr, self.SCHEMES))}, got {pairs!r}."
            )
        self.pairs = pairs
        self.nearest = {"all": (), "presynaptic_centred": ("y",)}.get(pairs, ("x", "y", "y_last"))

    def needs_state(self, name: str) -> bool:
        """Return whether the scheme has a use for a state."""
        only = {"x_paired": "presynaptic_centred", "y_last": "reduced_symmetric"}
        return only.get(name, self.pairs) == self.pairs

    def potentiation(self, w: Array) -> Array:
        """Return by how much a pair raises a weight, at an interval of 0."""
        raise NotImplementedError

    def depression(self, w: Array) -> Array:
        """Return by how much a pair lowers a weight, at an interval of 0."""
        raise NotImplementedError

    def on_pre(self, w: Array) -> Array:
        """Depress by the postsynaptic trace."""
        y = self.y.value
        if self.pairs == "reduced_symmetric":
            y = jnp.where(_later(self.y_last.value, self.x.value), y, 0.0)
        return w - self.depression(w) * y

    def on_post(self, w: Array) -> Array:
        """Potentiate by the presynaptic trace."""
        x = self.x.value
        if self.pairs == "reduced_symmetric":
            x = jnp.where(_later(x, self.y_last.value), x, 0.0)
        elif self.pairs == "presynaptic_centred":
            x, self.x_paired.value = x - self.x_paired.value, x
        return w + self.potentiation(w) * x


def _later(one: Array, other: Array) -> Array:
    """Return whether the last spike of a trace is later than that of another of its time constant, not by rounding."""
    return one > other * (1.0 + jnp.finfo(one.dtype).eps ** 0.5)


class STDP(Pairs):
    r"""Spike-timing-dependent plasticity of pairs; weights from w_min to w_max.

    .. math:: \Delta w = A_+ (w_{max} - w_{min}) (1 - u)^{\mu_+} e^{-\Delta t/\tau_+}, \;
        \Delta t = t_{post} - t_{pre} > 0

        \Delta w = -A_- (w_{max} - w_{min}) u^{\mu_-} e^{\Delta t/\tau_-}, \; \Delta t < 0, \quad
        u = \frac{w - w_{min}}{w_{max} - w_{min}}

    Without mu_plus and mu_minus (0) it is additive, with 1 multiplicative; what lies between is from Gütig et al.

    Args:
        w_max: the largest weight, in the unit of the weights.
        pairs: which spikes count: "all", "symmetric", "presynaptic_centred", "reduced_symmetric", see `Pairs`.

    Reference: Morrison, Diesmann, Gerstner (2008), Biological Cybernetics 98, 459-478. Gütig, Aharonov, Rotter,
    Sompolinsky (2003), Journal of Neuroscience 23(9), 3697-3714.
    """

    A_plus = Param(0.01, "dimensionless", "potentiation of a pair, relative")
    A_minus = Param(0.0105, "dimensionless", "depression of a pair, relative")
    tau_plus = Param(20.0, "ms", "time constant of the potentiation", positive=True)
    tau_minus = Param(20.0, "ms", "time constant of the depression", positive=True)
    mu_plus = Param(None, "dimensionless", "power of the room above the weight; without it 0", nonnegative=True)
    mu_minus = Param(None, "dimensionless", "power of the room below the weight; without it 0", nonnegative=True)

    def __init__(self, *args: Any, w_max: QuantityLike, pairs: str = "all", **kwargs: Any) -> None:
        super().__init__(*args, w_max=w_max, pairs=pairs, **kwargs)

    def potentiation(self, w: Array) -> Array:
        """Return by how much a pair raises a weight, at an interval of 0."""
        return self.A_plus * self._part(self.w_max - w, self.mu_plus)

    def depression(self, w: Array) -> Array:
        """Return by how much a pair lowers a weight, at an interval of 0."""
        return self.A_minus * self._part(w if self.w_min is None else w - self.w_min, self.mu_minus)

    def _part(self, room: Array, mu: Array | None) -> Array:
        """Return the part of the range that the room to a bound makes available."""
        width = self.w_max if self.w_min is None else self.w_max - self.w_min
        return width if mu is None else width * (room / width) ** mu
