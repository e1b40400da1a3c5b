"""MontbrioPazoRoxin: the exact mean field of quadratic integrate-and-fire neurons."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from simcore import HiddenState, Param
from simcore.bases.dynamics import Dynamics

Array = Any


class MontbrioPazoRoxin(Dynamics):
    r"""Mean rate and mean potential of infinitely many quadratic integrate-and-fire neurons, all connected to all.

    .. math::

        \tau r' &= \Delta/(\pi \tau) + 2 r v \\
        \tau v' &= v^2 + \eta + J \tau r - (\pi \tau r)^2 + x

    The excitabilities of the neurons have a Lorentzian distribution around eta, of half width Delta. Potentials are
    pure numbers, the rate is in 1/ms: a `RateProjection` between populations has weights in ms.

    Reference: Montbrio, Pazo, Roxin (2015), Physical Review X 5, 021028.
    """

    tau = Param(1.0, "ms", "time constant", positive=True)
    eta = Param(-5.0, "dimensionless", "centre of the excitabilities")
    Delta = Param(1.0, "dimensionless", "half width of their distribution", nonnegative=True)
    J = Param(15.0, "dimensionless", "strength of the synapses within")

    r = HiddenState("1/ms", "rate", init=0.0)
    v = HiddenState("dimensionless", "mean potential", init=-2.0)

    def derivative(self, r: Array, v: Array, x: Array) -> tuple[Array, Array]:
        """Return dr/dt, dv/dt."""
        dr = (self.Delta / (jnp.pi * self.tau) + 2.0 * r * v) / self.tau
        dv = (v**2 + self.eta + self.J * self.tau * r - (jnp.pi * self.tau * r) ** 2 + x) / self.tau
        return dr, dv

    def update(self, x: Any = 0.0) -> Array:
        """Advance by one step under an input; return the rate."""
        self.r.value, self.v.value = self.integrate(self.derivative, (self.r.value, self.v.value), x)
        return self.r.value
