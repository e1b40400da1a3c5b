"""ThresholdLinear: rates that are proportional to the current above zero."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from simcore import HiddenState, Param
from simcore.bases.dynamics import Dynamics

Array = Any


class ThresholdLinear(Dynamics):
    r"""Threshold-linear rate unit of a cortical area; never below 0, also with noise.

    .. math:: \tau \, dr/dt = -r + \beta \max(x, 0)

    The defaults are of excitatory neurons; of inhibitory ones tau is 10 ms and beta 0.351 Hz/pA. Currents within and
    between areas are `RateProjection` weights in pA/Hz. (BrainPy gives tau in seconds, 0.02, against its dt in ms.)

    Reference: Chaudhuri et al. (2015), Neuron 88, 419-431.
    """

    tau = Param(20.0, "ms", "time constant", positive=True)
    beta = Param(0.066, "Hz/pA", "slope of the f-I curve", nonnegative=True)

    r = HiddenState("Hz", "rate", init=0.0)

    def derivative(self, r: Array, x: Array) -> Array:
        """Return dr/dt."""
        return (-r + self.beta * jnp.maximum(x, 0.0)) / self.tau

    def update(self, x: Any = 0.0) -> Array:
        """Advance by one step under a current; return the rate."""
        self.r.value = jnp.maximum(self.integrate(self.derivative, self.r.value, x), 0.0)
        return self.r.value
