"""Renewal processes: neurons of simcore that spike at a rate by the time since their last spike."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax.scipy.special import gammaincc, gammaln

import simcore as sc
from simcore.units import number


class ConstantRate(sc.bases.Escape):
    """A rate that follows nothing."""

    rate = sc.Param(0.0, "Hz", "the rate", nonnegative=True)

    def rate_at(self, distance: Any) -> Any:
        """Return the rate."""
        return jnp.broadcast_to(self.rate, jnp.shape(distance))


class Age(sc.Neuron):
    """A neuron whose V is the time since its last spike, 1 mV for 1 ms."""

    V_th = sc.Param(0.0, "mV", "from where the distance is counted")
    V_reset = sc.Param(0.0, "mV", "V after a spike")
    pace = sc.Param(1.0, "mV/ms", "how V grows", positive=True)
    V = sc.HiddenState("mV", "the time since the last spike")

    spk_reset = "hard"

    def update(self, x: Any = None) -> Any:
        """Advance by one step and return the spikes."""
        self.V.value = self.after_spike(self.V.value) + self.pace * sc.environ.get("dt")
        return self.fire()


class GammaRate(sc.bases.Escape):
    r"""The rate of a gamma process at an age t, density over the probability to become as old.

    .. math:: \beta^\alpha t^{\alpha - 1} e^{-\beta t} / \Gamma(\alpha, \beta t)

    Reference: Cox (1962), Renewal Theory, Methuen, section 1.4.
    """

    order = sc.Param(2.0, "dimensionless", "order alpha", positive=True)
    rate = sc.Param(1.0, "Hz", "rate beta of the steps, of which a spike takes alpha", positive=True)
    on = sc.Param(1.0, "dimensionless", "1, or 0 for no spikes", nonnegative=True)

    def rate_at(self, distance: Any) -> Any:
        """Return the rate at an age of 1 ms for 1 mV of distance."""
        beta = number(self.rate, "1/ms")
        x = jnp.clip(beta * number(distance, "mV"), 1e-12, 500.0)  # the rate is near beta beyond
        log_density = (self.order - 1) * jnp.log(x) - x - gammaln(self.order)
        return self.on * self.rate * jnp.exp(log_density) / gammaincc(self.order, x)
