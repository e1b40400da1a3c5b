"""Sodium and potassium of hippocampal and cortical neurons, with the rates of Traub and Miles."""

from typing import Any

from simcore import HiddenState, Param

from ..neurons.steady import STEADY
from . import rates
from .base import Channel
from .gates import AlphaBeta, Gate


class INa_TM1991(Channel):
    r"""Sodium current of Traub and Miles: transient.

    .. math::
        I = g m^3 h (E - V), \quad v = V - V_T

        \alpha_m = \frac{0.32 (13 - v)}{e^{(13 - v) / 4} - 1}, \quad
        \beta_m = \frac{0.28 (v - 40)}{e^{(v - 40) / 5} - 1}

        \alpha_h = 0.128 e^{(17 - v) / 18}, \quad \beta_h = 4 / (1 + e^{(40 - v) / 5})

    with v in mV and rates in 1/ms. The mechanism has one V_T: give `IK_TM1991` the same.

    Reference: Traub and Miles (1991), Neuronal Networks of the Hippocampus, Cambridge University Press; Pospischil et
    al. (2008), Minimal Hodgkin-Huxley type models for different classes of cortical and thalamic neurons, Biological
    Cybernetics 99, 427-441 (g 50 mS/cm² and other V_T).
    """

    carries = "na"
    g = Param(120.0, "mS/cm**2", "maximal conductance", nonnegative=True)
    E = Param(50.0, "mV", "reversal potential")
    V_T = Param(-63.0, "mV", "shift of the gates along V")
    T_ref = Param(309.15, "K", "temperature at which the rates are those of the equations", positive=True)

    m = HiddenState("dimensionless", "activation", init=STEADY)
    h = HiddenState("dimensionless", "inactivation", init=STEADY)

    def gates(self, V: Any) -> tuple[Gate, ...]:
        """Return the rates of m, h."""
        v = V - self.V_T
        return AlphaBeta(*rates.traub_miles_m(v)), AlphaBeta(*rates.traub_miles_h(v))

    def conductance(self, V: Any, m: Any, h: Any) -> Any:
        """Return the conductance."""
        return self.g * m**3 * h


class IK_TM1991(Channel):
    r"""Potassium current of Traub and Miles: delayed rectifier.

    .. math::
        I = g n^4 (E - V), \quad v = V - V_T

        \alpha_n = \frac{0.032 (15 - v)}{e^{(15 - v) / 5} - 1}, \quad \beta_n = 0.5 e^{(10 - v) / 40}

    with v in mV and rates in 1/ms. V_T is -63 mV as that of `INa_TM1991`: one mechanism, one shift; BrainPy's defaults
    are -60 mV here and -63 mV there.

    Reference: Traub and Miles (1991), Neuronal Networks of the Hippocampus, Cambridge University Press.
    """

    carries = "k"
    g = Param(10.0, "mS/cm**2", "maximal conductance", nonnegative=True)
    E = Param(-90.0, "mV", "reversal potential")
    V_T = Param(-63.0, "mV", "shift of the gate along V")
    T_ref = Param(309.15, "K", "temperature at which the rates are those of the equations", positive=True)

    n = HiddenState("dimensionless", "activation", init=STEADY)

    def gates(self, V: Any) -> tuple[Gate, ...]:
        """Return the rates of n."""
        return (AlphaBeta(*rates.traub_miles_n(V - self.V_T)),)

    def conductance(self, V: Any, n: Any) -> Any:
        """Return the conductance."""
        return self.g * n**4


class INa_Ba2002(INa_TM1991):
    """Sodium current of thalamic neurons: `INa_TM1991` with V_T -50 mV, 90 mS/cm², three times as fast at 10 K more.

    Reference: Bazhenov, Timofeev, Steriade and Sejnowski (2002), Model of thalamocortical slow-wave sleep oscillations
    and transitions to activated states, Journal of Neuroscience 22(19), 8691-8704; the rates are printed in Bazhenov
    et al. (1998), Journal of Neurophysiology 79(5), 2730-2748.
    """

    g = Param(90.0, "mS/cm**2", "maximal conductance", nonnegative=True)
    E = Param(50.0, "mV", "reversal potential")
    V_T = Param(-50.0, "mV", "shift of the gates along V")
    Q10 = Param(3.0, "dimensionless", "factor of all rates for 10 K", positive=True)
    T_ref = Param(309.15, "K", "temperature at which the rates are those of the equations", positive=True)


class IKDR_Ba2002(IK_TM1991):
    """Potassium current of thalamic neurons: `IK_TM1991` with V_T -50 mV, three times as fast at 10 K more.

    Reference: Bazhenov, Timofeev, Steriade and Sejnowski (2002), Journal of Neuroscience 22(19), 8691-8704; the rates
    are printed in Bazhenov et al. (1998), Journal of Neurophysiology 79(5), 2730-2748.
    """

    g = Param(10.0, "mS/cm**2", "maximal conductance", nonnegative=True)
    E = Param(-90.0, "mV", "reversal potential")
    V_T = Param(-50.0, "mV", "shift of the gate along V")
    Q10 = Param(3.0, "dimensionless", "factor of all rates for 10 K", positive=True)
    T_ref = Param(309.15, "K", "temperature at which the rates are those of the equations", positive=True)
