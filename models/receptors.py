"""Receptors: how spikes that arrive at a population drive it. Each is a current, or with a reversal a conductance."""

from typing import Any, ClassVar

import jax.numpy as jnp

from simcore import HiddenState, Param, ShortTermState, units
from simcore.bases.receptor import Jump, Receptor


class Delta(Jump):
    r"""A spike makes V jump by the weight (mV); a jump that reaches a refractory neuron is dropped.

    The jump comes after the spike test of the step in which it arrives: V crosses the threshold in the next step.

    Reference: Gerstner, Kistler, Naud, Paninski (2014), Neuronal Dynamics, Cambridge University Press, section 1.3.
    """


class Exponential(Receptor):
    r"""Exponential decay: a spike adds its weight to g.

    .. math:: dg/dt = -g/\tau, \quad g \leftarrow g + w

    Reference: Gerstner, Kistler, Naud, Paninski (2014), Neuronal Dynamics, Cambridge University Press, section 3.1.
    """

    tau = Param(5.0, "ms", "decay time constant", positive=True)

    g = HiddenState("nS", "conductance, or current (pA) without a reversal potential")

    def derivative(self, V: Any, g: Any) -> Any:  # type: ignore[override]
        """Return dg/dt."""
        return -g / self.tau


class Alpha(Receptor):
    r"""Alpha function: after a spike g rises to its weight, at tau, and decays.

    .. math:: dg/dt = (e h - g)/\tau, \quad dh/dt = -h/\tau, \quad h \leftarrow h + w; \quad
        g(t) = w \, (t/\tau) \, e^{1 - t/\tau}

    Reference: Rall (1967), Journal of Neurophysiology 30(5), 1138-1168.
    """

    receives = "h"

    tau = Param(5.0, "ms", "time to the peak", positive=True)

    g = HiddenState("nS", "conductance, or current (pA) without a reversal potential")
    h = HiddenState("nS", "what drives g up")

    def derivative(self, V: Any, g: Any, h: Any) -> Any:  # type: ignore[override]
        """Return dg/dt, dh/dt."""
        return (jnp.e * h - g) / self.tau, -h / self.tau


class DoubleExponential(Alpha):
    r"""Difference of two exponentials: after a spike g rises to its weight and decays.

    .. math:: dg/dt = N h/\tau_{rise} - g/\tau_{decay}, \quad dh/dt = -h/\tau_{rise}, \quad h \leftarrow h + w

    N makes the peak of g equal to w; it is reached at ln(tau_decay / tau_rise) / (1 / tau_rise - 1 / tau_decay).

    Reference: Roth and van Rossum (2009), Modeling synapses, in: De Schutter (ed.), Computational Modeling Methods
    for Neuroscientists, MIT Press, 139-160.
    """

    tau_rise = Param(1.0, "ms", "rise time constant", positive=True)
    tau_decay = Param(5.0, "ms", "decay time constant", above="tau_rise")
    tau = None

    def derivative(self, V: Any, g: Any, h: Any) -> Any:  # type: ignore[override]
        """Return dg/dt, dh/dt."""
        ratio = self.tau_decay / self.tau_rise
        peak = ratio ** (-1.0 / (ratio - 1.0))  # of g / w with N = 1: ratio ** (-1 / (ratio - 1))
        return h / (peak * self.tau_rise) - g / self.tau_decay, -h / self.tau_rise


class NMDA(DoubleExponential):
    r"""NMDA receptor: a `DoubleExponential` conductance that magnesium blocks at low V.

    .. math:: I = g \, B(V) (E - V), \quad B(V) = 1/(1 + [Mg]/3.57\,mM \; e^{-0.062 \, V/mV})

    Reference: Jahr and Stevens (1990), Journal of Neuroscience 10(9), 3178-3182.
    """

    tau_rise = Param(2.0, "ms", "rise time constant", positive=True)
    tau_decay = Param(100.0, "ms", "decay time constant", above="tau_rise")
    reversal = Param(0.0, "mV", "reversal potential")
    Mg = Param(1.0, "mM", "magnesium concentration outside", nonnegative=True)

    def current(self, V: Any, g: Any, *others: Any) -> Any:
        """Return the current into the neuron."""
        return super().current(V, g) * unblocked(V, self.Mg)


def unblocked(V: Any, Mg: Any) -> Any:
    """Return the share of open NMDA receptors that magnesium does not block."""
    return 1.0 / (1.0 + units.number(Mg, "mM") / 3.57 * jnp.exp(-0.062 * units.number(V, "mV")))


class GABAb(Receptor):
    r"""GABA-B receptors: bound transmitter makes G-protein, four of which open a potassium channel.

    .. math::
        dr/dt = K_1 T (1 - r) - K_2 r, \quad ds/dt = K_3 r - K_4 s, \quad
        I = g_{max} \frac{s^4}{s^4 + K_d} (E - V)

    A spike of weight w is w pulses of transmitter, of concentration T, 0.3 ms long: they bind at once, a share
    1 - exp(-w K_1 T 0.3 ms) of what is free. Weights are numbers. It answers to a burst, or to many inputs together,
    far more than in proportion: 3 pulses at once open 0.09 % of the channels, 10 pulses 4 %. The parameters are those
    of gabab.mod in the package of the authors.

    Reference: Destexhe, Mainen, Sejnowski (1998), Kinetic models of synaptic transmission, in: Koch and Segev (eds.),
    Methods in Neuronal Modeling, 2nd edition, MIT Press, 1-25.
    """

    receives = "arrived"

    reversal = Param(-95.0, "mV", "reversal potential")
    g_max = Param(100.0, "nS", "conductance when all channels are open", positive=True)
    K1 = Param(0.52, "1/(ms*mM)", "rate of binding", positive=True)
    K2 = Param(0.0013, "1/ms", "rate of unbinding", positive=True)
    K3 = Param(0.098, "uM/ms", "rate at which G-protein is made", positive=True)
    K4 = Param(0.033, "1/ms", "rate at which G-protein decays", positive=True)
    Kd = Param(100.0, "uM**4", "dissociation constant of the channel", positive=True)
    T = Param(0.5, "mM", "concentration of the transmitter in a pulse", positive=True)
    duration = Param(0.3, "ms", "of a pulse", positive=True)

    r = HiddenState("dimensionless", "bound share of the receptors")
    s = HiddenState("uM", "concentration of G-protein")
    arrived = ShortTermState("dimensionless", "pulses that arrive at the end of this step")

    @property
    def unit(self) -> str:
        """The unit of the weights: a number of pulses."""
        return "dimensionless"

    def current(self, V: Any, r: Any, s: Any) -> Any:  # type: ignore[override]  # its states by name, here and below
        """Return the current into the neuron."""
        return self.g_max * s**4 / (s**4 + self.Kd) * (self.reversal - V)

    def derivative(self, V: Any, r: Any, s: Any) -> Any:  # type: ignore[override]
        """Return dr/dt, ds/dt."""
        return -self.K2 * r, self.K3 * r - self.K4 * s

    def arrive(self, neuron: Any) -> None:
        """Bind what arrives."""
        bound = -jnp.expm1(-self.arrived.value * self.K1 * self.T * self.duration)
        self.r.value = self.r.value + (1 - self.r.value) * bound
        self.arrived.value = jnp.zeros_like(self.arrived.value)


class Gated(Receptor):
    r"""Receptors that the gates of presynaptic neurons open (`AMPAGate`, ...), which a `GateProjection` hands over.

    .. math:: I = g \, (E - V), \quad g = \sum_j w_j s_j(t - d_j)

    g is that of the beginning of a step, and constant within it.

    Reference: Destexhe, Mainen, Sejnowski (1998), Kinetic models of synaptic transmission, in: Koch and Segev (eds.),
    Methods in Neuronal Modeling, 2nd edition, MIT Press, 1-25.
    """

    takes_spikes: ClassVar[bool] = False

    reversal = Param(0.0, "mV", "reversal potential")

    g = ShortTermState("nS", "conductance")

    def current(self, V: Any, *states: Any) -> Any:  # type: ignore[override]
        """Return the current into the neuron: none outside of a network, where g is left from it."""
        return super().current(V, self.g.value) if self.is_coupled else 0.0

    def uncouple(self) -> None:
        """Begin a new sum."""
        super().uncouple()
        self.g.value = jnp.zeros_like(self.g.value)


class GatedNMDA(Gated):
    r"""NMDA receptors that the gates of presynaptic neurons open (`NMDAGate`), and that magnesium blocks at low V.

    .. math:: I = g \, B(V) (E - V), \quad B(V) = 1/(1 + [Mg]/3.57\,mM \; e^{-0.062 \, V/mV})

    Reference: Jahr and Stevens (1990), Journal of Neuroscience 10(9), 3178-3182; Wang (2002), Neuron 36(5), 955-968.
    """

    Mg = Param(1.0, "mM", "magnesium concentration outside", nonnegative=True)

    def current(self, V: Any, *states: Any) -> Any:  # type: ignore[override]
        """Return the current into the neuron."""
        return super().current(V) * unblocked(V, self.Mg)
