"""The neuron of Traub and Miles, as networks use it."""

from typing import Any

from simcore import Param

from ..channels import rates
from .hodgkin_huxley import HH


class TraubMilesHH(HH):
    r"""Hodgkin-Huxley neuron with the currents of Traub and Miles for hippocampal pyramidal cells, in one compartment.

    .. math::
        C \, dV/dt = g_{Na} m^3 h (E_{Na} - V) + g_K n^4 (E_K - V) + g_L (E_L - V) + I(t) / area

        dx/dt = \phi (\alpha_x(V - V_T) (1 - x) - \beta_x(V - V_T) x), \quad x = m, h, n

    It is the cell of the benchmark COBAHH, with its parameters: `hh_cond_exp_traub` in NEST and `HH_cond_exp` in PyNN
    (there with EL = -65 mV). With EL = -60 mV it has no rest: without any input it fires every 72 ms, and rests below
    -31.8 pA. Rates in `models/channels/rates.py`; the gates start at their steady state.

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Traub and Miles (1991), Neuronal Networks of the Hippocampus, Cambridge University Press; in this form
    Brette et al. (2007), Simulation of networks of spiking neurons, Journal of Computational Neuroscience 23(3),
    349-398, benchmark 3.
    """

    ENa = Param(50.0, "mV", "reversal potential of sodium")
    gNa = Param(100.0, "mS/cm**2", "maximal conductance of sodium", nonnegative=True)
    EK = Param(-90.0, "mV", "reversal potential of potassium")
    gK = Param(30.0, "mS/cm**2", "maximal conductance of potassium", nonnegative=True)
    EL = Param(-60.0, "mV", "reversal potential of the leak")
    gL = Param(0.05, "mS/cm**2", "conductance of the leak", nonnegative=True)
    V_T = Param(-63.0, "mV", "shift of the rates, near the threshold of spikes")
    V_th = Param(-20.0, "mV", "spike where V crosses it upwards", above="V_rearm")
    C = HH.C
    area = Param(20_000.0, "um**2", "area of the membrane, over which the input spreads", positive=True)
    phi = HH.phi
    V_rearm = Param(-40.0, "mV", "the next spike counts when V has been below it")

    def gates(self, V: Any) -> tuple[tuple[Any, Any], ...]:
        """Return the rates of opening and closing of m, h, n."""
        v = V - self.V_T
        return rates.traub_miles_m(v), rates.traub_miles_h(v), rates.traub_miles_n(v)
