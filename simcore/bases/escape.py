"""Escape: a rate at which a neuron spikes at random, in the place of the test of V against a threshold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from .. import units
from ..module.declare import ShortTermState
from ..step import noise
from ..step.context import current
from ..surrogate import fire
from ..units.markers import mark
from .part import Part
from .reset import reset_to

Array = Any


class Escape(Part):
    """Base of escape rates, for ``escape=`` of a neuron: a subclass gives `rate_at` a distance from the threshold.

    The hazard, the rate integrated since the last spike outside of the refractory period, makes a spike where it
    reaches a number drawn from the exponential distribution of mean 1. So in a step in which the rate is r a neuron
    spikes with the probability 1 - exp(-r dt). The number depends on the seeds of run and model, the neuron and how
    many spikes it has had, not on dt: `check_dt` compares spikes of the same chance. The hazard of a step is that of
    the mean of the rates at its ends (second order). The gradient of a spike is that of the neuron's `spk_fun` at
    hazard less that number.
    """

    hazard = ShortTermState("dimensionless", "expected spikes since the last one: the integral of the rate")
    lost = ShortTermState("dimensionless", "what rounding has kept from the hazard")  # of a rare spiker, in float32
    spikes = ShortTermState("dimensionless", "number of spikes so far", init=0)
    observed: ShortTermState  # spikes of a recording and the logarithm of their probability: of `log_likelihood`
    log_p: ShortTermState

    def attach(self, name: str, varshape: tuple[int, ...]) -> None:
        """Take the name and the shape.

        Raises:
            ValueError: it is among the parts, where nothing would ask it.
        """
        if name != "escape":
            raise ValueError(f"{type(self).__name__} is an escape rate: give it by escape=, not among the parts.")
        super().attach(name, varshape)

    def rate_at(self, distance: Array) -> Array:
        """Return the rate (kHz, as all rates in a step) where V is so far (mV) above the threshold."""
        raise NotImplementedError(f"{type(self).__name__} defines no rate_at(distance).")

    def decide(self, before: Array, now: Array, last: Array, free: Array | None, spk_fun: Callable[..., Any]) -> Array:
        """Return the spikes of a step, inside it, and begin a new hazard for those that spike.

        Args:
            before: how far V is above its threshold at the start of the step (mV), before the reset.
            now: at its end.
            last: 1.0 where the step before ended with a spike: V has been reset since `before`.
            free: where a spike may come; None for everywhere.
            spk_fun: the surrogate of the neuron.
        """
        rates = (self.rate_at(jnp.where(last != 0, now, before)), self.rate_at(now))
        what = f"the rate of {type(self).__name__}, of rate_at(),"
        first, second = (mark(jnp.asarray(r), check=units.dimension("Hz"), what=what) for r in rates)
        more = 0.5 * current().dt * (first + second)
        more = more if free is None else jnp.where(free, more, 0.0)
        if "observed" in vars(self):
            return self._likelihood_of_observed(more)
        hazard, lost = self._grown(more)
        due = noise.exponential(self, self.spikes.value).astype(hazard.dtype)
        spike = fire(spk_fun, hazard, due, jnp.ones(()))
        spike = spike if free is None else spike * free
        self.hazard.value, self.lost.value = reset_to(hazard, 0.0, spike), jnp.where(spike != 0, 0.0, lost)
        self.spikes.value = self.spikes.value + (spike != 0)
        return spike

    def _likelihood_of_observed(self, more: Array) -> Array:
        """Return the spikes that were observed, and keep the logarithm of their probability."""
        observed = self.observed.value != 0
        spiking = jnp.log(-jnp.expm1(-jnp.where(observed, more, 1.0)))  # 1.0: for its gradient where it is not taken
        self.log_p.value = jnp.where(observed, spiking, -more)
        return self.observed.value

    def _grown(self, more: Array) -> tuple[Array, Array]:
        """Return the hazard with what a step adds, and what rounding keeps from it (Kahan's sum)."""
        hazard, more = self.hazard.value, more + self.lost.value
        total = hazard + more
        return total, jax.lax.stop_gradient(more - (total - hazard))
