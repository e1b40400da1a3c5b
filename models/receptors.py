"""Receptors: how spikes that arrive at a population drive it. Each is a current, or with a reversal a conductance."""

from typing import Any

import jax.numpy as jnp

from simcore import HiddenState, Param, units
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
        unblocked = 1.0 / (1.0 + units.number(self.Mg, "mM") / 3.57 * jnp.exp(-0.062 * units.number(V, "mV")))
        return super().current(V, g) * unblocked
