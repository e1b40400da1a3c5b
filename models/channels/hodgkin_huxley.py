"""Sodium and potassium of the squid's giant axon."""

from typing import Any

from simcore import HiddenState, Param

from ..neurons.steady import STEADY
from . import rates
from .base import Channel
from .gates import AlphaBeta, Gate


class INa_HH1952(Channel):
    r"""Sodium current of Hodgkin and Huxley: transient.

    .. math::
        I = g m^3 h (E - V), \quad v = V - shift + 65 \, mV

        \alpha_m = \frac{0.1 (25 - v)}{e^{(25 - v) / 10} - 1}, \quad \beta_m = 4 e^{-v / 18}

        \alpha_h = 0.07 e^{-v / 20}, \quad \beta_h = 1 / (1 + e^{(30 - v) / 10})

    with v in mV and rates in 1/ms at 6.3 degC. Without Q10 they are the same at any temperature; the paper's is 3.
    BrainPy's V_sh is shift - 45 mV.

    Reference: Hodgkin and Huxley (1952), A quantitative description of membrane current and its application to
    conduction and excitation in nerve, Journal of Physiology 117(4), 500-544.
    """

    carries = "na"
    g = Param(120.0, "mS/cm**2", "maximal conductance", nonnegative=True)
    E = Param(50.0, "mV", "reversal potential")
    shift = Param(0.0, "mV", "shift of the gates along V; 0: rest at -65 mV")
    T_ref = Param(279.45, "K", "temperature at which the rates are those of the equations", positive=True)

    m = HiddenState("dimensionless", "activation", init=STEADY)
    h = HiddenState("dimensionless", "inactivation", init=STEADY)

    def gates(self, V: Any) -> tuple[Gate, ...]:
        """Return the rates of m, h."""
        v = V - self.shift
        return AlphaBeta(*rates.hodgkin_huxley_m(v)), AlphaBeta(*rates.hodgkin_huxley_h(v))

    def conductance(self, V: Any, m: Any, h: Any) -> Any:
        """Return the conductance."""
        return self.g * m**3 * h


class IK_HH1952(Channel):
    r"""Potassium current of Hodgkin and Huxley: delayed rectifier.

    .. math::
        I = g n^4 (E - V), \quad v = V - shift + 65 \, mV

        \alpha_n = \frac{0.01 (10 - v)}{e^{(10 - v) / 10} - 1}, \quad \beta_n = 0.125 e^{-v / 80}

    with v in mV and rates in 1/ms at 6.3 degC. Without Q10 they are the same at any temperature; the paper's is 3.
    g is the paper's 36 mS/cm² and E its -77 mV; BrainPy's defaults are 10 mS/cm² and -90 mV, by which the neuron of
    the paper does not arise. BrainPy's V_sh is shift - 45 mV.

    Reference: Hodgkin and Huxley (1952), Journal of Physiology 117(4), 500-544.
    """

    carries = "k"
    g = Param(36.0, "mS/cm**2", "maximal conductance", nonnegative=True)
    E = Param(-77.0, "mV", "reversal potential")
    shift = Param(0.0, "mV", "shift of the gate along V; 0: rest at -65 mV")
    T_ref = Param(279.45, "K", "temperature at which the rates are those of the equations", positive=True)

    n = HiddenState("dimensionless", "activation", init=STEADY)

    def gates(self, V: Any) -> tuple[Gate, ...]:
        """Return the rates of n."""
        return (AlphaBeta(*rates.hodgkin_huxley_n(V - self.shift)),)

    def conductance(self, V: Any, n: Any) -> Any:
        """Return the conductance."""
        return self.g * n**4
