"""The neuron of Hodgkin and Huxley."""

from typing import Any

from simcore import HiddenState, Param

from ..channels import rates
from .crossing import Crossing
from .steady import STEADY


class HH(Crossing):
    r"""Hodgkin-Huxley neuron: the action potential of the squid's giant axon, V shifted so that it rests at -65 mV.

    .. math::
        C \, dV/dt = g_{Na} m^3 h (E_{Na} - V) + g_K n^4 (E_K - V) + g_L (E_L - V) + I(t) / area

        dx/dt = \phi (\alpha_x(V) (1 - x) - \beta_x(V) x), \quad x = m, h, n

    with the rates of the paper (`models/channels/rates.py`); the gates start at their steady state. phi is 1 at the
    paper's 6.3 degC; at T it is 3**((T - 6.3 degC) / 10 K). At rest V = -64.9964 mV. A constant current makes it fire
    repeatedly from a Hopf bifurcation at 9.775 to another at 154.52 uA/cm², 977.5 and 15 452 pA; large oscillations
    coexist with rest from 6.3 uA/cm². V_th is where spikes are told, not where they arise: at 0 mV they are 0.1 ms
    earlier. gL is the paper's 0.3 mS/cm²; BrainPy's default is a tenth of it, by which V rests at -70.7 mV.

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Hodgkin and Huxley (1952), A quantitative description of membrane current and its application to
    conduction and excitation in nerve, Journal of Physiology 117(4), 500-544.
    """

    ENa = Param(50.0, "mV", "reversal potential of sodium")
    gNa = Param(120.0, "mS/cm**2", "maximal conductance of sodium", nonnegative=True)
    EK = Param(-77.0, "mV", "reversal potential of potassium")
    gK = Param(36.0, "mS/cm**2", "maximal conductance of potassium", nonnegative=True)
    EL = Param(-54.387, "mV", "reversal potential of the leak")
    gL = Param(0.3, "mS/cm**2", "conductance of the leak", nonnegative=True)
    V_th = Param(20.0, "mV", "spike where V crosses it upwards", above="V_rearm")
    C = Param(1.0, "uF/cm**2", "capacitance of the membrane", positive=True)
    area = Param(10_000.0, "um**2", "area of the membrane, over which the input spreads", positive=True)
    phi = Param(1.0, "dimensionless", "temperature factor of the rates", positive=True)
    V_rearm = Param(-20.0, "mV", "the next spike counts when V has been below it")

    V = HiddenState("mV", "membrane potential", init=-65.0)
    m = HiddenState("dimensionless", "activation of sodium", init=STEADY)
    h = HiddenState("dimensionless", "inactivation of sodium", init=STEADY)
    n = HiddenState("dimensionless", "activation of potassium", init=STEADY)

    def gates(self, V: Any) -> tuple[tuple[Any, Any], ...]:
        """Return the rates of opening and closing of m, h, n."""
        return rates.hodgkin_huxley_m(V), rates.hodgkin_huxley_h(V), rates.hodgkin_huxley_n(V)

    def steady(self, V: Any) -> dict[str, Any]:
        """Return m, h, n at rest at the potential V."""
        return {name: rates.steady(*pair) for name, pair in zip("mhn", self.gates(V), strict=True)}

    def derivative(self, V: Any, m: Any, h: Any, n: Any, I: Any) -> Any:
        """Return dV/dt, dm/dt, dh/dt, dn/dt."""
        I_Na = self.gNa * m**3 * h * (self.ENa - V)
        I_K = self.gK * n**4 * (self.EK - V)
        I_L = self.gL * (self.EL - V)
        dV = (I / self.area + I_Na + I_K + I_L) / self.C
        dm, dh, dn = (self.phi * rates.opening(*pair, x) for x, pair in zip((m, h, n), self.gates(V), strict=True))
        return dV, dm, dh, dn

    def update(self, x: Any = 0.0) -> Any:
        """Advance by one step under the current x and return the spikes."""
        state = self.V.value, self.m.value, self.h.value, self.n.value
        self.V.value, self.m.value, self.h.value, self.n.value = self.integrate(self.derivative, state, x)
        return self.fire()
