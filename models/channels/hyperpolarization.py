"""h-current: opened by hyperpolarization."""

from typing import Any

from simcore import HiddenState, Param, units

from ..neurons.steady import STEADY
from . import rates
from .base import Channel
from .gates import Gate, InfTau


class Ih_HM1992(Channel):
    r"""h-current of thalamic relay neurons: a slow mixed-cation current, the sag after hyperpolarization.

    .. math::
        I = g r (E - V), \quad r_\infty = 1 / (1 + e^{(V + 75) / 5.5}), \quad
        \tau_r = 1 / (e^{-0.086 V - 14.59} + e^{0.0701 V - 1.87})

    with V in mV and tau_r in ms. E is -43 mV, as the public codes of this current have it (`TC_Ih_Bud97.mod` among
    them); BrainPy's default of +43 mV has lost the sign. g is of the size in models of these cells (Destexhe et al.
    1996: 0.02 mS/cm²), where BrainPy's default is 10.

    Reference: Huguenard and McCormick (1992), Simulation of the currents involved in rhythmic oscillations in thalamic
    relay neurons, Journal of Neurophysiology 68(4), 1373-1383.
    """

    g = Param(0.02, "mS/cm**2", "maximal conductance", nonnegative=True)
    E = Param(-43.0, "mV", "reversal potential")
    shift = Param(0.0, "mV", "shift of the gate along V")

    r = HiddenState("dimensionless", "activation", init=STEADY)

    def gates(self, V: Any) -> tuple[Gate, ...]:
        """Return where r goes, and how fast."""
        v = V - self.shift
        tau = rates.bell(v, (-14.59 / 0.086, -1 / 0.086), (1.87 / 0.0701, 1 / 0.0701))
        return (InfTau(rates.sigmoid(v, -75.0, -5.5), units.quantity(tau, "ms")),)

    def conductance(self, V: Any, r: Any) -> Any:
        """Return the conductance."""
        return self.g * r
