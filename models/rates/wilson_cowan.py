"""WilsonCowan: an excitatory and an inhibitory population."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from simcore import HiddenState, Param
from simcore.bases.dynamics import Dynamics

Array = Any


class WilsonCowan(Dynamics):
    r"""Wilson-Cowan model: the shares of excitatory and inhibitory neurons that are active.

    .. math::

        \tau_E E' &= -E + (1 - r E) \, S_E(w_{EE} E - w_{IE} I + x_E) \\
        \tau_I I' &= -I + (1 - r I) \, S_I(w_{EI} E - w_{II} I + x_I) \\
        S(x) &= 1/(1 + e^{-a (x - \theta)}) - 1/(1 + e^{a \theta})

    w_EI is from E to I. The defaults have two stable states; ``wEE=16, wIE=12, wEI=15, wII=3, aE=1.3, thE=4, aI=2,
    thI=3.7`` oscillates under x = 1.25. Its output is E.

    Reference: Wilson and Cowan (1972), Biophysical Journal 12(1), 1-24.
    """

    tau_E = Param(1.0, "ms", "time constant of E", positive=True)
    tau_I = Param(1.0, "ms", "time constant of I", positive=True)
    aE = Param(1.2, "dimensionless", "slope of the response of E")
    thE = Param(2.8, "dimensionless", "threshold of the response of E")
    aI = Param(1.0, "dimensionless", "slope of the response of I")
    thI = Param(4.0, "dimensionless", "threshold of the response of I")
    wEE = Param(12.0, "dimensionless", "from E to E")
    wIE = Param(4.0, "dimensionless", "from I to E")
    wEI = Param(13.0, "dimensionless", "from E to I")
    wII = Param(11.0, "dimensionless", "from I to I")
    r = Param(1.0, "dimensionless", "share of the active neurons that cannot be activated", nonnegative=True)

    E = HiddenState("dimensionless", "share of active excitatory neurons", init=0.0)
    I = HiddenState("dimensionless", "share of active inhibitory neurons", init=0.0)

    def derivative(self, E: Array, I: Array, x: Array, y: Array) -> tuple[Array, Array]:
        """Return dE/dt, dI/dt."""
        to_E = _response(self.wEE * E - self.wIE * I + x, self.aE, self.thE)
        to_I = _response(self.wEI * E - self.wII * I + y, self.aI, self.thI)
        return (-E + (1.0 - self.r * E) * to_E) / self.tau_E, (-I + (1.0 - self.r * I) * to_I) / self.tau_I

    def update(self, x: Any = 0.0, y: Any = 0.0) -> Array:
        """Advance by one step under inputs to E and to I; return E."""
        self.E.value, self.I.value = self.integrate(self.derivative, (self.E.value, self.I.value), x, y)
        return self.E.value


def _response(x: Array, a: Array, theta: Array) -> Array:
    return 1.0 / (1.0 + jnp.exp(-a * (x - theta))) - 1.0 / (1.0 + jnp.exp(a * theta))
