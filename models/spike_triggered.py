"""Spike-triggered processes: parts of a neuron that its own spikes raise and that decay."""

from typing import Any

from simcore import HiddenState, Param
from simcore.bases import Part


class SpikeTriggeredCurrent(Part):
    r"""A current out of the neuron that each of its spikes makes larger.

    .. math:: dw/dt = -w/\tau, \quad w \leftarrow w + q \text{ at a spike}; \quad I = -w

    q > 0 makes the neuron adapt; in NEST's gif_psc_exp q is q_stc, in pA (its page says nA).

    Reference: Mensi, Naud, Pozzorini, Avermann, Petersen, Gerstner (2012), Parameter extraction and classification of
    three cortical neuron types reveals two distinct adaptation mechanisms, Journal of Neurophysiology 107(6),
    1756-1775.
    """

    q = Param(10.0, "pA", "rise of the current at a spike")
    tau = Param(100.0, "ms", "decay time constant", positive=True)

    w = HiddenState("pA", "current out of the neuron")

    def current(self, V: Any, w: Any) -> Any:  # type: ignore[override]  # its states by name, here and below
        """Return the current into the neuron."""
        return -w

    def derivative(self, V: Any, w: Any) -> Any:  # type: ignore[override]
        """Return dw/dt."""
        return -w / self.tau

    def on_spike(self, spike: Any) -> None:
        """Raise w."""
        self.w.value = self.w.value + self.q * spike


class SpikeTriggeredConductance(Part):
    r"""A conductance that each spike of the neuron makes larger, such as that of a potassium channel.

    .. math:: dg/dt = -g/\tau, \quad g \leftarrow g + q \text{ at a spike}; \quad I = g \, (E - V)

    NEST's iaf_cond_exp_sfa_rr has two: of adaptation, the default here, and a relative refractoriness of 3214 nS and
    1.97 ms.

    Reference: Muller, Buesing, Schemmel, Meier (2007), Spike-frequency adapting neural ensembles: beyond mean
    adaptation and renewal theories, Neural Computation 19(11), 2958-3010.
    """

    q = Param(14.48, "nS", "rise of the conductance at a spike", nonnegative=True)
    tau = Param(110.0, "ms", "decay time constant", positive=True)
    reversal = Param(-70.0, "mV", "reversal potential")

    g = HiddenState("nS", "conductance")

    def current(self, V: Any, g: Any) -> Any:  # type: ignore[override]
        """Return the current into the neuron."""
        return g * (self.reversal - V)

    def derivative(self, V: Any, g: Any) -> Any:  # type: ignore[override]
        """Return dg/dt."""
        return -g / self.tau

    def on_spike(self, spike: Any) -> None:
        """Raise g."""
        self.g.value = self.g.value + self.q * spike


class SpikeTriggeredThreshold(Part):
    r"""A rise of the neuron's threshold at each of its spikes.

    .. math:: d\theta/dt = -\theta/\tau, \quad \theta \leftarrow \theta + q \text{ at a spike}

    The threshold is V_th plus theta. A soft reset subtracts what it was at the spike.

    Reference: Mensi, Naud, Pozzorini, Avermann, Petersen, Gerstner (2012), Journal of Neurophysiology 107(6),
    1756-1775.
    """

    q = Param(1.0, "mV", "rise of the threshold at a spike")
    tau = Param(100.0, "ms", "decay time constant", positive=True)

    theta = HiddenState("mV", "rise of the threshold")

    def threshold(self) -> Any:
        """Return what is added to the threshold."""
        return self.theta.value

    def derivative(self, V: Any, theta: Any) -> Any:  # type: ignore[override]
        """Return dtheta/dt."""
        return -theta / self.tau

    def on_spike(self, spike: Any) -> None:
        """Raise theta."""
        self.theta.value = self.theta.value + self.q * spike
