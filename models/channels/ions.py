"""Ions: what currents do to a concentration, and it to currents."""

from typing import Any, ClassVar

from simcore import HiddenState, Param, units
from simcore.bases import Part

from .potentials import FARADAY, nernst

Array = Any


class Ion(Part):
    """Base of ions of a `CondNeuron`, whose concentration inside its channels change.

    A subclass says its `valence`, declares one state, its concentration inside, and gives its rate in `derivative`,
    which gets the inward current density of its channels. These take from it E, the Nernst potential, C_i and C_o.
    """

    of_membrane = True
    valence: ClassVar[int] = 1
    C_o = Param(None, "mM", "concentration outside", positive=True)

    def reversal(self, C_i: Array, temperature: Array) -> Array:
        """Return the reversal potential of its channels, mV."""
        return nernst(C_i, self.C_o, temperature, self.valence)


class CalciumPool(Ion):
    r"""Calcium below the membrane: it enters by the channels and leaves exponentially.

    .. math::
        dC/dt = \gamma I_{Ca} / (2 F d) - (C - C_{rest}) / \tau

    with the inward current density I_Ca of its channels: 1 uA/cm² into 1 um raises C by 5.182e-5 mM/ms. Constant, it
    ends at C_rest + gamma tau I_Ca / (2 F d). BrainPy's `CalciumFirstOrder` and `CalciumDetailed` have the sign of the
    current reversed, so that calcium never enters by an inward one, and a current 100 times too effective.

    Reference: Destexhe, Contreras, Sejnowski and Steriade (1994), A model of spindle rhythmicity in the isolated
    thalamic reticular nucleus, Journal of Neurophysiology 72(2), 803-818; Bazhenov, Timofeev, Steriade and Sejnowski
    (1998), Journal of Neurophysiology 79(5), 2730-2748.
    """

    valence = 2
    tau = Param(5.0, "ms", "time constant of removal", positive=True)
    depth = Param(1.0, "um", "depth of the shell below the membrane", positive=True)
    C_rest = Param(2.4e-4, "mM", "concentration without current", positive=True)
    C_o = Param(2.0, "mM", "concentration outside", positive=True)
    gamma = Param(1.0, "dimensionless", "fraction of what enters that stays free", positive=True)

    C = HiddenState("mM", "concentration inside", init="C_rest")

    def derivative(self, V: Array, C: Array, I: Array) -> Array:
        """Return dC/dt under the inward current density I, uA/cm**2."""
        influx = self.gamma * I / (units.quantity(2 * FARADAY, "C/mol") * self.depth)
        return influx - (C - self.C_rest) / self.tau
