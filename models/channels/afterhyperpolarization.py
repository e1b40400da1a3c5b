"""AHP-current: potassium current that calcium opens."""

from typing import Any

from simcore import HiddenState, Param

from ..neurons.steady import STEADY
from .base import Channel
from .gates import AlphaBeta, Gate


class IAHP_De1994(Channel):
    r"""AHP-current: a slow potassium current that calcium opens, and V does not; it ends bursts.

    .. math::
        I = g m^2 (E - V), \quad dm/dt = \alpha C^2 (1 - m) - \beta m

    with the concentration of calcium inside, CondNeuron(ions={"ca": ...}), or C_i; half of m is open at 25 uM. Rates
    are those at 22 degC. beta is 0.03/ms, as in the authors' code, which holds the time constant above 0.1 ms besides;
    BrainPy's default is 0.09/ms.

    Reference: Destexhe, Contreras, Sejnowski and Steriade (1994), A model of spindle rhythmicity in the isolated
    thalamic reticular nucleus, Journal of Neurophysiology 72(2), 803-818.
    """

    carries = "k"
    follows = "ca"
    g = Param(10.0, "mS/cm**2", "maximal conductance", nonnegative=True)
    E = Param(-90.0, "mV", "reversal potential")
    alpha = Param(48.0, "1/(mM**2 ms)", "rate of opening", positive=True)
    beta = Param(0.03, "1/ms", "rate of closing", positive=True)
    Q10 = Param(3.0, "dimensionless", "factor of all rates for 10 K", positive=True)
    T_ref = Param(295.15, "K", "temperature at which the rates are those of the equations", positive=True)
    C_i = Param(None, "mM", "concentration of calcium inside; by default that of the ion", positive=True)

    m = HiddenState("dimensionless", "activation", init=STEADY)

    def gates(self, V: Any) -> tuple[Gate, ...]:
        """Return the rates of m."""
        return (AlphaBeta(self.alpha * self.C_i**2, self.beta),)

    def conductance(self, V: Any, m: Any) -> Any:
        """Return the conductance."""
        return self.g * m**2
