"""Gates: what a neuron opens of the receptors at the neurons it acts on, at most all; parts of that neuron.

A `GateProjection` hands them over to a `Gated` receptor.
"""

from typing import Any

import jax.numpy as jnp

from simcore import HiddenState, Param, ShortTermState
from simcore.bases import Part
from simcore.step.context import current


class Gate(Part):
    """Base of gates. A subclass defines `derivative`, the rates of its states, s first, and `on_spike`."""

    s = HiddenState("dimensionless", "open share of the receptors, 0 to 1")


class AMPAGate(Gate):
    r"""AMPA receptors (reversal potential 0 mV): a spike lets a pulse of transmitter out, which binds and opens them.

    .. math:: ds/dt = \alpha \, [T] \, (1 - s) - \beta s, \quad [T] = T \text{ for the duration of a pulse}

    A spike within a pulse makes it last anew. The parameters are those of ampa.mod, of the authors.

    Reference: Destexhe, Mainen, Sejnowski (1994), An efficient method for computing synaptic conductances based on a
    kinetic model of receptor binding, Neural Computation 6(1), 14-18.
    """

    alpha = Param(1.1, "1/(ms*mM)", "rate of binding", positive=True)
    beta = Param(0.19, "1/ms", "rate of unbinding", positive=True)
    T = Param(1.0, "mM", "concentration of the transmitter in a pulse", positive=True)
    duration = Param(1.0, "ms", "of a pulse", positive=True)

    left = ShortTermState("ms", "of a pulse, at the start of a step")

    def derivative(self, V: Any, s: Any) -> Any:  # type: ignore[override]  # its states by name, here and below
        """Return ds/dt."""
        T = self.T * jnp.minimum(self.left.value / current().dt, 1.0)  # the mean of a step in which the pulse ends
        return self.alpha * T * (1 - s) - self.beta * s

    def on_spike(self, spike: Any) -> None:
        """Begin a pulse."""
        left = jnp.maximum(self.left.value - current().dt, 0.0)
        self.left.value = jnp.where(spike != 0, self.duration, left)


class GABAaGate(AMPAGate):
    r"""GABA-A receptors (reversal potential -80 mV): as `AMPAGate`, by the parameters of gabaa.mod, of the authors.

    Reference: Destexhe, Mainen, Sejnowski (1998), Kinetic models of synaptic transmission, in: Koch and Segev (eds.),
    Methods in Neuronal Modeling, 2nd edition, MIT Press, 1-25.
    """

    alpha = Param(5.0, "1/(ms*mM)", "rate of binding", positive=True)
    beta = Param(0.18, "1/ms", "rate of unbinding", positive=True)


class NMDAGate(Gate):
    r"""NMDA receptors, which stay open for long and so saturate; the receptor is `GatedNMDA`, with the magnesium block.

    .. math:: ds/dt = \alpha x (1 - s) - s/\tau_{decay}, \quad dx/dt = -x/\tau_{rise}, \quad
        x \leftarrow x + 1 \text{ at a spike}

    Reference: Wang (2002), Probabilistic decision making by slow reverberation in cortical circuits, Neuron 36(5),
    955-968.
    """

    alpha = Param(0.5, "1/ms", "rate of opening", positive=True)
    tau_rise = Param(2.0, "ms", "rise time constant", positive=True)
    tau_decay = Param(100.0, "ms", "decay time constant", positive=True)

    x = HiddenState("dimensionless", "what opens them")

    def derivative(self, V: Any, s: Any, x: Any) -> Any:  # type: ignore[override]
        """Return ds/dt, dx/dt."""
        return self.alpha * x * (1 - s) - s / self.tau_decay, -x / self.tau_rise

    def on_spike(self, spike: Any) -> None:
        """Raise x."""
        self.x.value = self.x.value + spike
