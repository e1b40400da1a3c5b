"""The bursting neuron of Hindmarsh and Rose."""

from typing import Any

from simcore import HiddenState, Param

from .crossing import Crossing
from .steady import STEADY


class HindmarshRose(Crossing):
    r"""Hindmarsh-Rose neuron: bursts in three variables without a unit; z is slow and ends a burst.

    .. math::
        \tau \, dV/dt = y - a V^3 + b V^2 - z + I(t), \quad \tau \, dy/dt = c - d V^2 - y

        \tau \, dz/dt = r (s (V - V_{rest}) - z)

    y and z start at their steady values, y = c - d V² and z = s (V - V_rest). r is that of the paper's figure 6, where
    I = 0.4 sets off one burst and I = 2 repeated ones; other codes have 0.006 or 0.01. The default method is rk4.

    Input: I, a number, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Hindmarsh and Rose (1984), A model of neuronal bursting using three coupled first order differential
    equations, Proceedings of the Royal Society B 221(1222), 87-102.
    """

    a = Param(1.0, "dimensionless", "cubic coefficient of V")
    b = Param(3.0, "dimensionless", "quadratic coefficient of V")
    c = Param(1.0, "dimensionless", "offset of y")
    d = Param(5.0, "dimensionless", "quadratic coefficient of y")
    r = Param(0.001, "dimensionless", "rate of z over that of V", positive=True)
    s = Param(4.0, "dimensionless", "how z follows V")
    V_rest = Param(-1.6, "dimensionless", "resting potential, where z = 0")
    V_th = Param(1.0, "dimensionless", "spike where V crosses it upwards", above="V_rearm")
    tau = Param(1.0, "ms", "unit of time", positive=True)
    V_rearm = Param(0.0, "dimensionless", "the next spike counts when V has been below it")
    noise = Param(None, "1/ms**0.5", "amplitude of white noise on V, or a dict of them by state", nonnegative=True)

    V = HiddenState("dimensionless", "membrane potential", init="V_rest")
    y = HiddenState("dimensionless", "fast recovery variable", init=STEADY)
    z = HiddenState("dimensionless", "slow adaptation", init=STEADY)

    method = "rk4"

    def steady(self, V: Any) -> dict[str, Any]:
        """Return y, z at rest at the potential V."""
        return {"y": self.c - self.d * V**2, "z": self.s * (V - self.V_rest)}

    def derivative(self, V: Any, y: Any, z: Any, I: Any) -> Any:
        """Return dV/dt, dy/dt, dz/dt."""
        dV = y - self.a * V**3 + self.b * V**2 - z + I
        dy = self.c - self.d * V**2 - y
        dz = self.r * (self.s * (V - self.V_rest) - z)
        return dV / self.tau, dy / self.tau, dz / self.tau

    def update(self, x: Any = 0.0) -> Any:
        """Advance by one step under the input x and return the spikes."""
        state = self.V.value, self.y.value, self.z.value
        self.V.value, self.y.value, self.z.value = self.integrate(self.derivative, state, x)
        return self.fire()
