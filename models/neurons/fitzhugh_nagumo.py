"""The neuron of FitzHugh and Nagumo."""

from typing import Any

from simcore import HiddenState, Param

from .crossing import Crossing
from .steady import STEADY


class FitzHughNagumo(Crossing):
    r"""FitzHugh-Nagumo neuron: excitability in two variables without a unit.

    .. math::
        \tau \, dV/dt = V - V^3/3 - w + I(t), \quad \tau_w \, dw/dt = V + a - b w

    With the defaults V rests at -1.1994. Rest is unstable between two Hopf bifurcations, at V = -+0.96747,
    I = 0.3313 and 1.4187: V = -+sqrt(1 - b tau / tau_w).

    Input: I, a number, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: FitzHugh (1961), Impulses and physiological states in theoretical models of nerve membrane, Biophysical
    Journal 1(6), 445-466.
    """

    a = Param(0.7, "dimensionless", "offset of the recovery variable")
    b = Param(0.8, "dimensionless", "decay of the recovery variable", positive=True)
    tau = Param(1.0, "ms", "time constant of V", positive=True)
    tau_w = Param(12.5, "ms", "time constant of the recovery variable", positive=True)
    V_th = Param(1.0, "dimensionless", "spike where V crosses it upwards", above="V_rearm")
    V_rearm = Param(0.0, "dimensionless", "the next spike counts when V has been below it")
    noise = Param(None, "1/ms**0.5", "amplitude of white noise on V, or a dict of them by state", nonnegative=True)

    V = HiddenState("dimensionless", "membrane potential", init=-1.2)
    w = HiddenState("dimensionless", "recovery variable", init=STEADY)

    def steady(self, V: Any) -> dict[str, Any]:
        """Return w at rest at the potential V."""
        return {"w": (V + self.a) / self.b}

    def derivative(self, V: Any, w: Any, I: Any) -> Any:
        """Return dV/dt, dw/dt."""
        return (V - V**3 / 3 - w + I) / self.tau, (V + self.a - self.b * w) / self.tau_w

    def update(self, x: Any = 0.0) -> Any:
        """Advance by one step under the input x and return the spikes."""
        self.V.value, self.w.value = self.integrate(self.derivative, (self.V.value, self.w.value), x)
        return self.fire()
