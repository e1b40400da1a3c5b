"""Potassium currents that inactivate: the A-current, and the slower K2 of thalamic relay neurons."""

from typing import Any

import jax.numpy as jnp

from simcore import HiddenState, Param, units

from ..neurons.steady import STEADY
from . import rates
from .base import Channel
from .gates import Gate, InfTau


class IKA1_HM1992(Channel):
    r"""A-current of thalamic relay neurons, its first component: a transient potassium current.

    .. math::
        I = g m^4 h (E - V), \quad m_\infty = 1 / (1 + e^{-(V + 60) / 8.5}), \quad h_\infty = 1 / (1 + e^{(V + 78) / 6})

        \tau_m = 0.37 + 1 / (e^{(V + 35.8) / 19.7} + e^{-(V + 79.7) / 12.7})

        \tau_h = 1 / (e^{(V + 46) / 5} + e^{-(V + 238) / 37.5}) \text{ below } -63 \, mV, \text{ else } 19

    with V in mV and time constants in ms; they depend on temperature if Q10 and T_ref are given. tau_h jumps at -63 mV.

    Reference: Huguenard and McCormick (1992), Simulation of the currents involved in rhythmic oscillations in thalamic
    relay neurons, Journal of Neurophysiology 68(4), 1373-1383.
    """

    carries = "k"
    midpoint, scale = -60.0, 8.5  # of m, mV
    g = Param(30.0, "mS/cm**2", "maximal conductance", nonnegative=True)
    E = Param(-90.0, "mV", "reversal potential")
    shift = Param(0.0, "mV", "shift of the gates along V")

    m = HiddenState("dimensionless", "activation", init=STEADY)
    h = HiddenState("dimensionless", "inactivation", init=STEADY)

    def gates(self, V: Any) -> tuple[Gate, ...]:
        """Return where m, h go, and how fast."""
        v = V - self.shift
        tau_m = 0.37 + rates.bell(v, (-35.8, 19.7), (-79.7, -12.7))
        tau_h = jnp.where(units.number(v, "mV") < -63, rates.bell(v, (-46.0, 5.0), (-238.0, -37.5)), 19.0)
        return (
            InfTau(rates.sigmoid(v, self.midpoint, self.scale), units.quantity(tau_m, "ms")),
            InfTau(rates.sigmoid(v, -78.0, -6.0), units.quantity(tau_h, "ms")),
        )

    def conductance(self, V: Any, m: Any, h: Any) -> Any:
        """Return the conductance."""
        return self.g * m**4 * h


class IKA2_HM1992(IKA1_HM1992):
    r"""A-current of thalamic relay neurons, its second component: `IKA1_HM1992` but for where it activates.

    .. math::
        m_\infty = 1 / (1 + e^{-(V + 36) / 20})

    Reference: Huguenard and McCormick (1992), Journal of Neurophysiology 68(4), 1373-1383.
    """

    midpoint, scale = -36.0, 20.0
    g = Param(20.0, "mS/cm**2", "maximal conductance", nonnegative=True)
    E = Param(-90.0, "mV", "reversal potential")
    shift = Param(0.0, "mV", "shift of the gates along V")


class IKK2A_HM1992(Channel):
    r"""K2-current of thalamic relay neurons, its first component: a slowly inactivating potassium current.

    .. math::
        I = g m h (E - V), \quad m_\infty = 1 / (1 + e^{-(V + 43) / 17}), \quad h_\infty = 1 / (1 + e^{(V + 58) / 10.6})

        \tau_m = 9.9 + 1 / (e^{(V - 81) / 25.6} + e^{-(V + 132) / 18})

        \tau_h = 1 / (e^{(V - 1329) / 200} + e^{-(V + 130) / 7.1})

    with V in mV and time constants in ms; they depend on temperature if Q10 and T_ref are given.

    Reference: Huguenard and McCormick (1992), Journal of Neurophysiology 68(4), 1373-1383.
    """

    carries = "k"
    g = Param(10.0, "mS/cm**2", "maximal conductance", nonnegative=True)
    E = Param(-90.0, "mV", "reversal potential")
    shift = Param(0.0, "mV", "shift of the gates along V")

    m = HiddenState("dimensionless", "activation", init=STEADY)
    h = HiddenState("dimensionless", "inactivation", init=STEADY)

    def gates(self, V: Any) -> tuple[Gate, ...]:
        """Return where m, h go, and how fast."""
        v = V - self.shift
        tau_m = 9.9 + rates.bell(v, (81.0, 25.6), (-132.0, -18.0))
        return (
            InfTau(rates.sigmoid(v, -43.0, 17.0), units.quantity(tau_m, "ms")),
            InfTau(rates.sigmoid(v, -58.0, -10.6), units.quantity(self.tau_h(v), "ms")),
        )

    def tau_h(self, v: Any) -> Any:
        """Return the time constant of h, the number of ms."""
        return rates.bell(v, (1329.0, 200.0), (-130.0, -7.1))

    def conductance(self, V: Any, m: Any, h: Any) -> Any:
        """Return the conductance."""
        return self.g * m * h


class IKK2B_HM1992(IKK2A_HM1992):
    r"""K2-current of thalamic relay neurons, its second component: `IKK2A_HM1992`, with tau_h 8.9 ms above -70 mV.

    Reference: Huguenard and McCormick (1992), Journal of Neurophysiology 68(4), 1373-1383.
    """

    def tau_h(self, v: Any) -> Any:
        """Return the time constant of h, the number of ms."""
        return jnp.where(units.number(v, "mV") < -70, super().tau_h(v), 8.9)
