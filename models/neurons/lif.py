"""Leaky integrate-and-fire neurons: LIF, Lif with the classic defaults, LIFRef with a refractory period."""

from typing import Any

from simcore import HiddenState, Neuron, Param
from simcore.surrogate import InvSquareGrad, ReluGrad, Surrogate


class LIF(Neuron):
    r"""Leaky integrate-and-fire neuron driven by a current.

    .. math::
        \tau \, dV/dt = -(V - V_{rest}) + R I(t)

        V \ge V_{th}: \text{ emit a spike, reset}

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Gerstner, Kistler, Naud, Paninski (2014), Neuronal Dynamics,
    Cambridge University Press, section 1.3.
    """

    R = Param(1.0, "ohm", "membrane resistance", positive=True)
    tau = Param(5.0, "ms", "membrane time constant", positive=True)
    V_th = Param(1.0, "mV", "spike threshold", above="V_reset")
    V_reset = Param(0.0, "mV", "membrane potential after a spike")
    V_rest = Param(0.0, "mV", "resting membrane potential")

    V = HiddenState("mV", "membrane potential", init="V_rest")

    spk_fun: Surrogate = ReluGrad()

    def derivative(self, V: Any, I: Any) -> Any:
        """Return dV/dt."""
        return (-(V - self.V_rest) + self.R * I) / self.tau

    def update(self, x: Any = 0.0) -> Any:
        """Advance by one step under the current x and return the spikes."""
        V = self.after_spike(self.V.value)  # for the spike at the end of the previous step
        self.V.value = self.integrate(self.derivative, V, x)
        return self.fire()


class Lif(LIF):
    """`LIF` with the classic defaults, hard reset among them.

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Abbott (1999), Lapicque's introduction of the integrate-and-fire model neuron (1907),
    Brain Research Bulletin 50(5-6), 303-304.
    """

    V_rest = Param(0.0, "mV", "resting membrane potential")
    V_reset = Param(-5.0, "mV", "membrane potential after a spike")
    V_th = Param(20.0, "mV", "spike threshold", above="V_reset")
    R = Param(1.0, "ohm", "membrane resistance", positive=True)
    tau = Param(10.0, "ms", "membrane time constant", positive=True)

    spk_fun = InvSquareGrad(alpha=100.0)
    spk_reset = "hard"


class LIFRef(LIF):
    """`LIF` with an absolute refractory period: V is held for tau_ref after a spike, whatever the input.

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Gerstner, Kistler, Naud, Paninski (2014), Neuronal Dynamics,
    Cambridge University Press, section 1.3.
    """

    tau_ref = Param(5.0, "ms", "absolute refractory period", nonnegative=True, steps=True)
    V_th, V_reset, V_rest = LIF.V_th, LIF.V_reset, LIF.V_rest
