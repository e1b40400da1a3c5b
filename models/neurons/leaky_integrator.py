"""Leaky integrator: a membrane that sums its input and never spikes, the readout of trained networks."""

from typing import Any

from simcore import HiddenState, Neuron, Param


class LeakyIntegrator(Neuron):
    r"""Membrane without spikes, whose V is read out (snnTorch's `Leaky` without reset, Norse's `LICell`).

    .. math::
        \tau \, dV/dt = -(V - V_{rest}) + R I(t)

    Input: I, current, `varshape`; currents and conductances of its receptors. Output: V, `varshape`.

    Reference: Gerstner, Kistler, Naud, Paninski (2014), Neuronal Dynamics, Cambridge University Press, section 1.3.
    """

    R = Param(1.0, "ohm", "membrane resistance", positive=True)
    tau = Param(20.0, "ms", "membrane time constant", positive=True)
    V_rest = Param(0.0, "mV", "resting membrane potential")

    V = HiddenState("mV", "membrane potential", init="V_rest")

    def derivative(self, V: Any, I: Any) -> Any:
        """Return dV/dt."""
        return (-(V - self.V_rest) + self.R * I) / self.tau

    def update(self, x: Any = 0.0) -> Any:
        """Advance by one step under the current x and return V."""
        self.V.value = self.integrate(self.derivative, self.V.value, x)
        return self.V.value
