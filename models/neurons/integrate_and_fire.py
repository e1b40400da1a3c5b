"""Perfect integrate-and-fire neuron."""

from typing import Any

from simcore import HiddenState, Neuron, Param
from simcore.surrogate import ReluGrad


class IF(Neuron):
    r"""Perfect integrate-and-fire neuron: no leak, so V keeps every charge until the next spike.

    .. math::
        \tau \, dV/dt = R I(t)

        V \ge V_{th}: \text{ emit a spike, subtract } V_{th} \text{ (soft) or set } V = 0 \text{ (hard)}

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Abbott (1999), Lapicque's introduction of the integrate-and-fire model neuron (1907),
    Brain Research Bulletin 50(5-6), 303-304.
    """

    R = Param(1.0, "ohm", "membrane resistance", positive=True)
    tau = Param(5.0, "ms", "membrane time constant", positive=True)
    V_th = Param(1.0, "mV", "spike threshold", positive=True)

    V = HiddenState("mV", "membrane potential")

    V_reset = 0.0
    spk_fun = ReluGrad()

    def derivative(self, V: Any, I: Any) -> Any:
        """Return dV/dt."""
        return self.R * I / self.tau + 0.0 * V / self.tau  # the shape of V

    def update(self, x: Any = 0.0) -> Any:
        """Advance by one step under the current x and return the spikes."""
        V = self.after_spike(self.V.value)  # for the spike at the end of the previous step
        self.V.value = self.integrate(self.derivative, V, x)
        return self.fire()
