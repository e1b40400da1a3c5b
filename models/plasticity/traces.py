"""What a rule of plasticity declares: values of neurons, and of synapses, that spikes raise and time lets decay."""

from __future__ import annotations

from simcore import ShortTermState
from simcore.module.declare import LazyState


class PreState(ShortTermState):
    """A value of each presynaptic neuron."""

    __slots__ = ()


class PostState(ShortTermState):
    """A value of each postsynaptic neuron."""

    __slots__ = ()


class PreTrace(PreState):
    """A trace of each presynaptic neuron: it rises by 1 when a spike of it arrives, and decays.

    ``x = PreTrace("tau_plus")`` declares it. Of synapses with delays of their own there is one for each synapse.

    Args:
        tau: the name of the parameter that is its time constant.
        doc: its meaning, one line.
    """

    __slots__ = ("tau",)

    def __init__(self, tau: str, doc: str = "trace of the presynaptic spikes") -> None:
        super().__init__("dimensionless", doc)
        self.tau = tau


class PostTrace(PostState):
    """A trace of each postsynaptic neuron: it rises by 1 at its spikes, and decays. See `PreTrace`."""

    __slots__ = ("tau",)

    def __init__(self, tau: str, doc: str = "trace of the postsynaptic spikes") -> None:
        super().__init__("dimensionless", doc)
        self.tau = tau


class SynapseTrace(LazyState):
    """A value of each synapse that decays, and that a rule changes at spikes: ``c = SynapseTrace("1", tau="tau_c")``.

    It is advanced when a spike visits its synapse; `value` is what it is by now.

    Args:
        unit: its unit.
        doc: its meaning, one line.
        tau: the name of the parameter that is its time constant.
    """

    __slots__ = ("tau",)

    def __init__(self, unit: str, doc: str = "", *, tau: str) -> None:
        super().__init__(unit, doc)
        self.tau = tau
