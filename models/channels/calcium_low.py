"""T-current: low-threshold calcium currents."""

from typing import TYPE_CHECKING, Any

import jax.numpy as jnp

from simcore import HiddenState, Param, units

from ..neurons.steady import STEADY
from . import rates
from .base import Channel
from .gates import Gate, InfTau

Q10_M = "factor of the rate of m for 10 K"
Q10_H = "factor of the rate of h for 10 K"
AT = "temperature at which the rates are those of the equations"


class LowThreshold(Channel):
    """Base of T-currents with two gates, each with its Q10, and without a reversal potential of their own."""

    carries = "ca"
    Q10 = None
    if TYPE_CHECKING:
        g: Any  # parameters of subclasses
        Q10_m: Any
        Q10_h: Any

    m = HiddenState("dimensionless", "activation", init=STEADY)
    h = HiddenState("dimensionless", "inactivation", init=STEADY)

    def factors(self) -> tuple[Any, ...]:
        """Return Q10 of m, h."""
        return self.Q10_m, self.Q10_h

    def conductance(self, V: Any, m: Any, h: Any) -> Any:
        """Return the conductance."""
        return self.g * m**2 * h


class ICaT_HM1992(LowThreshold):
    r"""T-current of thalamic relay neurons: a low-threshold calcium current, which makes rebound bursts.

    .. math::
        I = g m^2 h (E - V), \quad m_\infty = 1 / (1 + e^{-(v + 59) / 6.2}), \quad h_\infty = 1 / (1 + e^{(v + 83) / 4})

        \tau_m = 0.612 + 1 / (e^{-(v + 132) / 16.7} + e^{(v + 16.8) / 18.2})

        \tau_h = e^{(v + 467) / 66.6} \text{ below } -80 \, mV, \text{ else } 28 + e^{-(v + 22) / 10.5}

    with v = V - shift in mV and time constants in ms, at 24 degC. tau_h jumps by 56 ms at -80 mV. As in BrainPy the
    midpoints have a shift of 2 mV of `ITGHK.mod` in them, the time constants have not; that code takes Q10 5 and 3,
    and the equation of Goldman, Hodgkin and Katz for the current. E is that of calcium, CondNeuron(ions={"ca": ...}),
    or given.

    Reference: Huguenard and McCormick (1992), Journal of Neurophysiology 68(4), 1373-1383.
    """

    g = Param(2.0, "mS/cm**2", "maximal conductance", nonnegative=True)
    shift = Param(-3.0, "mV", "shift of the gates along V")
    Q10_m = Param(3.55, "dimensionless", Q10_M, positive=True)
    Q10_h = Param(3.0, "dimensionless", Q10_H, positive=True)
    T_ref = Param(297.15, "K", AT, positive=True)

    def gates(self, V: Any) -> tuple[Gate, ...]:
        """Return where m, h go, and how fast."""
        v = V - self.shift
        number = units.number(v, "mV")
        tau_m = 0.612 + rates.bell(v, (-132.0, -16.7), (-16.8, 18.2))
        tau_h = jnp.where(number < -80, jnp.exp((number + 467) / 66.6), 28 + jnp.exp(-(number + 22) / 10.5))
        return (
            InfTau(rates.sigmoid(v, -59.0, 6.2), units.quantity(tau_m, "ms")),
            InfTau(rates.sigmoid(v, -83.0, -4.0), units.quantity(tau_h, "ms")),
        )


class ICaT_HP1992(LowThreshold):
    r"""T-current of neurons of the thalamic reticular nucleus: slower, and at higher potentials, than in relay neurons.

    .. math::
        I = g m^2 h (E - V), \quad m_\infty = 1 / (1 + e^{-(v + 52) / 7.4}), \quad h_\infty = 1 / (1 + e^{(v + 80) / 5})

        \tau_m = 3 + 1 / (e^{(v + 27) / 10} + e^{-(v + 102) / 15}), \quad
        \tau_h = 85 + 1 / (e^{(v + 48) / 4} + e^{-(v + 407) / 50})

    with v = V - shift in mV and time constants in ms, at 24 degC. E is that of calcium, CondNeuron(ions={"ca": ...}),
    or given.

    Reference: Huguenard and Prince (1992), A novel T-type current underlies prolonged Ca2+-dependent burst firing in
    GABAergic neurons of rat thalamic reticular nucleus, Journal of Neuroscience 12(10), 3804-3817.
    """

    g = Param(1.75, "mS/cm**2", "maximal conductance", nonnegative=True)
    shift = Param(-3.0, "mV", "shift of the gates along V")
    Q10_m = Param(5.0, "dimensionless", Q10_M, positive=True)
    Q10_h = Param(3.0, "dimensionless", Q10_H, positive=True)
    T_ref = Param(297.15, "K", AT, positive=True)

    def gates(self, V: Any) -> tuple[Gate, ...]:
        """Return where m, h go, and how fast."""
        v = V - self.shift
        tau_m = 3.0 + rates.bell(v, (-27.0, 10.0), (-102.0, -15.0))
        tau_h = 85.0 + rates.bell(v, (-48.0, 4.0), (-407.0, -50.0))
        return (
            InfTau(rates.sigmoid(v, -52.0, 7.4), units.quantity(tau_m, "ms")),
            InfTau(rates.sigmoid(v, -80.0, -5.0), units.quantity(tau_h, "ms")),
        )


class ICaT_De1996(Channel):
    r"""T-current of thalamic and cortical neurons whose activation is at once at its target.

    .. math::
        I = g s_\infty^2 u (E - V), \quad s_\infty = 1 / (1 + e^{-(v + 57) / 6.2}), \quad
        u_\infty = 1 / (1 + e^{(v + 81) / 4})

        \tau_u = \left(30.8 + \frac{211.4 + e^{(v + 113.2) / 5}}{1 + e^{(v + 84) / 3.2}}\right) / 3.7

    with v = V + V_x in mV and tau_u in ms at 36 degC. Three bracketings of tau_u are in circulation, which give 8.85,
    31.3 and 0.52 ms at V = -40 mV; this is the one of the authors' `IT.mod`. Jaxley's `CaT` has the last.
    E is that of calcium, CondNeuron(ions={"ca": ...}), or given: 120 mV in Pospischil et al.

    Reference: Destexhe, Bal, McCormick and Sejnowski (1996), Ionic mechanisms underlying synchronized oscillations and
    propagating waves in a model of ferret thalamic slices, Journal of Neurophysiology 76(3), 2049-2070; Pospischil et
    al. (2008), Biological Cybernetics 99, 427-441.
    """

    carries = "ca"
    g = Param(0.4, "mS/cm**2", "maximal conductance", nonnegative=True)
    V_x = Param(2.0, "mV", "shift of the gates against V")
    T_ref = Param(309.15, "K", AT, positive=True)

    u = HiddenState("dimensionless", "inactivation", init=STEADY)

    def gates(self, V: Any) -> tuple[Gate, ...]:
        """Return where u goes, and how fast."""
        v = V + self.V_x
        number = units.number(v, "mV")
        top = (211.4 + jnp.exp((number + 113.2) / 5)) / (1 + jnp.exp((number + 84) / 3.2))
        return (InfTau(rates.sigmoid(v, -81.0, -4.0), units.quantity((30.8 + top) / 3.7, "ms")),)

    def conductance(self, V: Any, u: Any) -> Any:
        """Return the conductance."""
        return self.g * rates.sigmoid(V + self.V_x, -57.0, 6.2) ** 2 * u
