"""Homeostatic scaling of weights."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from simcore import HiddenState, Param
from simcore.spikes.words import unpack
from simcore.step.context import current

from .base import Plasticity
from .traces import PostState

Array = Any


class SynapticScaling(Plasticity):
    r"""Multiplicative scaling of all weights onto a neuron that leads its rate to a target.

    .. math:: \frac{dw}{dt} = \beta \, w \, (\rho_0 - \rho), \quad
        \tau \frac{d\rho}{dt} = -\rho + \sum \delta(t - t_{post})

    All weights onto a neuron are scaled by the same factor: differences that another rule has made stay in proportion.
    It goes together with one: ``class Both(sc.models.SynapticScaling, sc.models.STDP): "STDP with scaling."``

    Reference: Turrigiano, Leslie, Desai, Rutherford, Nelson (1998), Nature 391, 892-896; as an equation: van Rossum,
    Bi, Turrigiano (2000), Journal of Neuroscience 20(23), 8812-8821, eq. 4, without its integral term.
    """

    rate = Param(10.0, "Hz", "target rate rho_0 of the postsynaptic neurons", nonnegative=True)
    tau_rate = Param(10_000.0, "ms", "time constant of the measured rate", positive=True)
    beta = Param(1e-2, "dimensionless", "speed: relative change of a weight by a spike too few", nonnegative=True)

    measured = PostState("1/ms", "measured rate", init="rate")
    scaled = PostState("dimensionless", "logarithm of the factor since the start")
    done = HiddenState("dimensionless", "the part of it that the weight of the synapse has")

    drifts = True

    def advance(self) -> None:
        """Follow the rate over this step."""
        super().advance()
        dt, measured = current().dt, self.measured.value
        self.scaled.value = self.scaled.value + self.learning * self.beta * (self.rate - measured) * dt
        self.measured.value = measured * jnp.exp(-dt / self.tau_rate)

    def drift(self, w: Array) -> Array:
        """Return the weight with the scaling since the last visit."""
        w = super().drift(w) * jnp.exp(self.scaled.value - self.done.value)
        self.done.value = self.scaled.value
        return w

    def spiked(self, pre: Array, post: Array) -> None:
        """Count the spikes."""
        super().spiked(pre, post)
        spikes = unpack(post, self.sizes[1])
        self.measured.value = self.measured.value + spikes.reshape(self.measured.value.shape) / self.tau_rate
