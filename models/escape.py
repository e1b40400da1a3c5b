"""Escape rates: how the rate of random spikes follows V; ``escape=`` of a neuron puts one in place of its test."""

from typing import Any

import jax.numpy as jnp

from simcore import Param
from simcore.bases import Escape

# exp of more would overflow in float32, and its gradient be nan: at this rate each step ends with a spike.
LARGEST = 80.0


class ExponentialRate(Escape):
    r"""A rate of spikes that rises exponentially with V.

    .. math:: \lambda = \lambda_0 \, e^{(V - V_{th})/\Delta}

    With a large rate and a small delta a neuron fires as with a sharp threshold. The defaults are those of NEST's
    gif_psc_exp; its pp_psc_delta has delta = 4 mV, and 1.238 Hz at rest.

    Reference: Gerstner, Kistler, Naud, Paninski (2014), Neuronal Dynamics, Cambridge University Press, section 9.1.
    """

    rate = Param(1.0, "Hz", "rate where V is at the threshold", positive=True)
    delta = Param(0.5, "mV", "rise of V that makes the rate e times as high", positive=True)

    def rate_at(self, distance: Any) -> Any:
        """Return the rate at a distance from the threshold."""
        return self.rate * jnp.exp(jnp.minimum(distance / self.delta, LARGEST))


class LinearRate(Escape):
    r"""A rate of spikes that rises linearly with V above the threshold, and is 0 below.

    .. math:: \lambda = k \, \max(V - V_{th}, 0)

    Reference: Gerstner, Kistler, Naud, Paninski (2014), Neuronal Dynamics, Cambridge University Press, section 9.1.
    """

    slope = Param(10.0, "Hz/mV", "rise of the rate with V", positive=True)

    def rate_at(self, distance: Any) -> Any:
        """Return the rate at a distance from the threshold."""
        return self.slope * jnp.maximum(distance, 0.0)
