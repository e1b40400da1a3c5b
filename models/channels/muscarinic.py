"""M-current: slow potassium current without inactivation."""

from typing import Any

import jax.numpy as jnp

from simcore import HiddenState, Param, units

from ..neurons.steady import STEADY
from . import rates
from .base import Channel
from .gates import Gate, InfTau


class IM_Ya1989(Channel):
    r"""M-current: a slow potassium current that adapts the firing of cortical neurons.

    .. math::
        I = g p (E - V), \quad p_\infty = 1 / (1 + e^{-(V + 35) / 10}), \quad
        \tau_p = \tau_{max} / (3.3 e^{(V + 35) / 20} + e^{-(V + 35) / 20})

    with V in mV. tau_max is 4000 ms as in BrainPy's `IKNI_Ya1989`; the cells of Pospischil et al. have 608 to 4000 ms,
    their `IM.mod` 1000 ms with Q10 2.3 at 36 degC. Jaxley's class of it begins at inf / (inf + tau) in place of inf.

    Reference: Yamada, Koch and Adams (1989), Multiple channels and calcium dynamics, in Methods in Neuronal Modeling,
    MIT Press; Pospischil et al. (2008), Biological Cybernetics 99, 427-441.
    """

    carries = "k"
    g = Param(0.004, "mS/cm**2", "maximal conductance", nonnegative=True)
    E = Param(-90.0, "mV", "reversal potential")
    tau_max = Param(4000.0, "ms", "scale of the time constant", positive=True)
    shift = Param(0.0, "mV", "shift of the gate along V")
    T_ref = Param(309.15, "K", "temperature at which the rates are those of the equations", positive=True)

    p = HiddenState("dimensionless", "activation", init=STEADY)

    def gates(self, V: Any) -> tuple[Gate, ...]:
        """Return where p goes, and how fast."""
        v = V - self.shift
        x = (units.number(v, "mV") + 35) / 20
        return (InfTau(rates.sigmoid(v, -35.0, 10.0), self.tau_max / (3.3 * jnp.exp(x) + jnp.exp(-x))),)

    def conductance(self, V: Any, p: Any) -> Any:
        """Return the conductance."""
        return self.g * p
