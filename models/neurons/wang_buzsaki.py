"""The fast-spiking interneuron of Wang and Buzsaki."""

from typing import Any

from simcore import HiddenState, Param

from ..channels import rates
from .crossing import Crossing
from .steady import STEADY


class WangBuzsakiHH(Crossing):
    r"""Wang-Buzsaki neuron: a fast-spiking interneuron of the hippocampus, its sodium activation instantaneous.

    .. math::
        C \, dV/dt = g_{Na} m_\infty(V)^3 h (E_{Na} - V) + g_K n^4 (E_K - V) + g_L (E_L - V) + I(t) / area

        dx/dt = \phi (\alpha_x(V) (1 - x) - \beta_x(V) x), \quad x = h, n

    Rates in `models/channels/rates.py`; h and n start at their steady state. It fires repeatedly from a saddle-node at
    0.16009 uA/cm² (16 pA) on, from 0 Hz: 59.7 Hz at 1 uA/cm². (The class of BrainPy's `dyn` has 10 times the paper's
    rate of opening of n, and is silent there.)

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Wang and Buzsaki (1996), Gamma oscillation by synaptic inhibition in a hippocampal interneuronal network
    model, Journal of Neuroscience 16(20), 6402-6413.
    """

    ENa = Param(55.0, "mV", "reversal potential of sodium")
    gNa = Param(35.0, "mS/cm**2", "maximal conductance of sodium", nonnegative=True)
    EK = Param(-90.0, "mV", "reversal potential of potassium")
    gK = Param(9.0, "mS/cm**2", "maximal conductance of potassium", nonnegative=True)
    EL = Param(-65.0, "mV", "reversal potential of the leak")
    gL = Param(0.1, "mS/cm**2", "conductance of the leak", nonnegative=True)
    V_th = Param(20.0, "mV", "spike where V crosses it upwards", above="V_rearm")
    phi = Param(5.0, "dimensionless", "temperature factor of the rates of h and n", positive=True)
    C = Param(1.0, "uF/cm**2", "capacitance of the membrane", positive=True)
    area = Param(10_000.0, "um**2", "area of the membrane, over which the input spreads", positive=True)
    V_rearm = Param(-20.0, "mV", "the next spike counts when V has been below it")

    V = HiddenState("mV", "membrane potential", init=-65.0)
    h = HiddenState("dimensionless", "inactivation of sodium", init=STEADY)
    n = HiddenState("dimensionless", "activation of potassium", init=STEADY)

    def steady(self, V: Any) -> dict[str, Any]:
        """Return h, n at rest at the potential V."""
        return {"h": rates.steady(*rates.wang_buzsaki_h(V)), "n": rates.steady(*rates.wang_buzsaki_n(V))}

    def derivative(self, V: Any, h: Any, n: Any, I: Any) -> Any:
        """Return dV/dt, dh/dt, dn/dt."""
        m = rates.steady(*rates.wang_buzsaki_m(V))
        I_Na = self.gNa * m**3 * h * (self.ENa - V)
        I_K = self.gK * n**4 * (self.EK - V)
        I_L = self.gL * (self.EL - V)
        dV = (I / self.area + I_Na + I_K + I_L) / self.C
        dh = self.phi * rates.opening(*rates.wang_buzsaki_h(V), h)
        dn = self.phi * rates.opening(*rates.wang_buzsaki_n(V), n)
        return dV, dh, dn

    def update(self, x: Any = 0.0) -> Any:
        """Advance by one step under the current x and return the spikes."""
        state = self.V.value, self.h.value, self.n.value
        self.V.value, self.h.value, self.n.value = self.integrate(self.derivative, state, x)
        return self.fire()
