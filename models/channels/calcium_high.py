"""L-current: high-threshold calcium current."""

from typing import Any

from simcore import HiddenState, Param

from ..neurons.steady import STEADY
from . import rates
from .base import Channel
from .gates import AlphaBeta, Gate


class ICaL_Re1993(Channel):
    r"""L-current: a high-threshold calcium current, which spikes open. BrainPy's `ICaHT_Re1993`.

    .. math::
        I = g m^2 h (E - V)

        \alpha_m = \frac{0.055 (-27 - v)}{e^{(-27 - v) / 3.8} - 1}, \quad \beta_m = 0.94 e^{(-75 - v) / 17}

        \alpha_h = 0.000457 e^{(-13 - v) / 50}, \quad \beta_h = 0.0065 / (e^{(-15 - v) / 28} + 1)

    with v = V - shift in mV and rates in 1/ms at 23 degC. E is that of calcium, CondNeuron(ions={"ca": ...}), or given:
    120 mV in Pospischil et al., who use the rates without a temperature factor, and 0.1 mS/cm².

    Reference: Reuveni, Friedman, Amitai and Gutnick (1993), Stepwise repolarization from Ca2+ plateaus in neocortical
    pyramidal cells: evidence for nonhomogeneous distribution of HVA Ca2+ channels in dendrites, Journal of Neuroscience
    13(11), 4609-4621; Pospischil et al. (2008), Biological Cybernetics 99, 427-441.
    """

    carries = "ca"
    g = Param(1.0, "mS/cm**2", "maximal conductance", nonnegative=True)
    shift = Param(0.0, "mV", "shift of the gates along V")
    Q10 = Param(2.3, "dimensionless", "factor of all rates for 10 K", positive=True)
    T_ref = Param(296.15, "K", "temperature at which the rates are those of the equations", positive=True)

    m = HiddenState("dimensionless", "activation", init=STEADY)
    h = HiddenState("dimensionless", "inactivation", init=STEADY)

    def gates(self, V: Any) -> tuple[Gate, ...]:
        """Return the rates of m, h."""
        v = V - self.shift
        return (
            AlphaBeta(rates.linoid_rate(v, 0.209, -27.0, 3.8), rates.exp_rate(v, 0.94, -75.0, -17.0)),
            AlphaBeta(rates.exp_rate(v, 0.000457, -13.0, -50.0), rates.sigmoid_rate(v, 0.0065, -15.0, 28.0)),
        )

    def conductance(self, V: Any, m: Any, h: Any) -> Any:
        """Return the conductance."""
        return self.g * m**2 * h
