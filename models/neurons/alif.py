"""Leaky integrate-and-fire neuron with an adaptive threshold."""

from typing import Any

from simcore import HiddenState, Param

from .lif import LIF


class ALIF(LIF):
    r"""Leaky integrate-and-fire neuron whose threshold rises with each of its spikes.

    .. math::
        \tau \, dV/dt = -(V - V_{rest}) + R I(t), \quad \tau_a \, da/dt = -a

        V \ge V_{th} + \beta a: \text{ emit a spike, reset, } a \leftarrow a + 1

    The soft reset subtracts the adapted threshold less V_reset.

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Bellec, Salaj, Subramoney, Legenstein, Maass (2018), Long short-term memory and
    learning-to-learn in networks of spiking neurons, NeurIPS 31.
    """

    tau_a = Param(100.0, "ms", "time constant of the adaptation", positive=True)
    V_th, V_reset, V_rest = LIF.V_th, LIF.V_reset, LIF.V_rest
    beta = Param(0.1, "mV", "rise of the threshold at a spike")

    a = HiddenState("dimensionless", "adaptation")

    def derivative(self, V: Any, a: Any, I: Any) -> Any:  # type: ignore[override]  # one state more
        """Return dV/dt, da/dt."""
        return super().derivative(V, I), -a / self.tau_a

    def threshold(self) -> Any:
        """Return the adapted threshold."""
        return self.V_th + self.beta * self.a.value

    def update(self, x: Any = 0.0) -> Any:
        """Advance by one step under the current x and return the spikes."""
        V = self.after_spike(self.V.value)  # for the spike at the end of the previous step
        a = self.a.value + self.last_spike()
        self.V.value, self.a.value = self.integrate(self.derivative, (V, a), x)
        return self.fire()
