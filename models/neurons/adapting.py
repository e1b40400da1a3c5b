"""Adaptation of curved integrate-and-fire neurons: a current that follows V and grows at spikes."""

from typing import TYPE_CHECKING, Any

from simcore import HiddenState, Neuron

from .upstroke import limit


class Adapting(Neuron):
    """Base, before that of a neuron with an upstroke, of those with a current w out of it.

    dw/dt = (a (V - V_rest) - w) / tau_w, and w grows by b at a spike. A subclass declares the parameters.
    """

    if TYPE_CHECKING:
        a: Any
        b: Any
        tau_w: Any
        V_rest: Any

    w = HiddenState("mA", "adaptation current")

    def derivative(self, V: Any, w: Any, I: Any) -> Any:
        """Return dV/dt, dw/dt."""
        return super().derivative(V, I - w), (self.a * (V - self.V_rest) - w) / self.tau_w  # type: ignore[misc]

    def update(self, x: Any = 0.0) -> Any:
        """Advance by one step under the current x and return the spikes."""
        V = self.after_spike(self.V.value)  # for the spike at the end of the previous step
        w = self.w.value + self.b * self.last_spike()
        new_V, self.w.value = self.integrate(self.derivative, (V, w), x)
        self.V.value = limit(new_V, V, self.V_th)
        return self.fire()
