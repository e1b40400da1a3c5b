"""Neurons that are put together from channels."""

from typing import Any

from .membrane import Membrane

Array = Any


class CondNeuron(Membrane):
    r"""Conductance-based neuron: a membrane with the channels that it is given, BrainPy's `CondNeuGroup`.

    .. math::
        C \, dV/dt = \sum_k I_k(V, x_k) + (I(t) + \sum_r I_r) / area

    I_k, the current densities of the channels, are inwards positive; inputs, receptors and other parts are currents
    (pA), which spread over the area. Channels and ions go by name::

        from simcore.models import channels as ch

        neuron = sc.models.CondNeuron(
            100,
            channels={"na": ch.INa_TM1991(), "k": ch.IK_TM1991(), "t": ch.ICaT_HP1992(), "leak": ch.IL(E=-65 * mV)},
            ions={"ca": ch.CalciumPool()},
        )

    "na.g" is a parameter, "na.m", "ca.C" are states, and "na.I", the current density, and "ca.E", the reversal
    potential of an ion, can be monitored too. Gates start at rest for the initial V.

    With the channels of Hodgkin and Huxley (1952) and a leak it is `HH`, to the bit: with V_th = 20 mV.

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Hodgkin and Huxley (1952), A quantitative description of membrane current and its application to
    conduction and excitation in nerve, Journal of Physiology 117(4), 500-544; channels name theirs.
    """

    def derivative(self, V: Array, density: Array) -> Array:
        """Return dV/dt under a current density."""
        return density / self.C

    def update(self, x: Any = 0.0) -> Any:
        """Advance by one step under the current x and return the spikes."""
        self.V.value = self.integrate(self.derivative, self.V.value, x)
        return self.fire()
