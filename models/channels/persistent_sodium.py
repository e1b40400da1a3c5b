"""Persistent sodium current."""

from typing import Any

import jax.numpy as jnp

from simcore import HiddenState, Param, units

from ..neurons.steady import STEADY
from . import rates
from .base import Channel
from .gates import Gate, InfTau


class INaP_Bu1999(Channel):
    r"""Persistent sodium current, which inactivates over seconds: bursts of the pre-Bötzinger complex.

    .. math::
        I = g m_\infty h (E - V), \quad m_\infty = 1 / (1 + e^{-(V + 40) / 6})

        h_\infty = 1 / (1 + e^{(V + 48) / 6}), \quad \tau_h = \tau_{max} / \cosh((V + 48) / 12)

    with V in mV; m is at once at its target. g is the 2.8 nS of the model 1 of the paper over its 21 pF, at 1 uF/cm²;
    constants as in public codes of it (Simatra Modeling Technologies, 2007).

    Reference: Butera, Rinzel and Smith (1999), Models of respiratory rhythm generation in the pre-Bötzinger complex. I.
    Bursting pacemaker neurons, Journal of Neurophysiology 82(1), 382-397.
    """

    carries = "na"
    g = Param(0.1333, "mS/cm**2", "maximal conductance", nonnegative=True)
    E = Param(50.0, "mV", "reversal potential")
    tau_max = Param(10_000.0, "ms", "time constant of inactivation at -48 mV", positive=True)
    shift = Param(0.0, "mV", "shift of the gates along V")

    h = HiddenState("dimensionless", "inactivation", init=STEADY)

    def gates(self, V: Any) -> tuple[Gate, ...]:
        """Return where h goes, and how fast."""
        v = V - self.shift
        tau = self.tau_max / jnp.cosh((units.number(v, "mV") + 48) / 12)
        return (InfTau(rates.sigmoid(v, -48.0, -6.0), tau),)

    def conductance(self, V: Any, h: Any) -> Any:
        """Return the conductance."""
        return self.g * rates.sigmoid(V - self.shift, -40.0, 6.0) * h
