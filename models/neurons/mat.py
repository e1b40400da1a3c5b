"""Neurons with multi-timescale adaptive thresholds: their spikes move the threshold, not V."""

from typing import Any

from simcore import HiddenState, Neuron, Param
from simcore.surrogate import ReluGrad


class MAT2(Neuron):
    r"""Multi-timescale adaptive threshold: a leaky V that is never reset, and a threshold with two memories of spikes.

    .. math::
        \tau \, dV/dt = -(V - V_{rest}) + R I(t), \quad d\theta_j/dt = -\theta_j/\tau_j

        V \ge V_{th} + \theta_1 + \theta_2: \text{ emit a spike, } \theta_j \leftarrow \theta_j + \alpha_j

    In the refractory period V goes on and no spike comes; a V that is above the threshold at its end spikes then. In
    papers and in NEST's mat2_psc_exp, whose parameters these are, V_th is given as omega above V_rest, 19 mV.

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Kobayashi, Tsubo, Shinomoto (2009), Made-to-order spiking neuron model equipped with a multi-timescale
    adaptive threshold, Frontiers in Computational Neuroscience 3, 9.
    """

    R = Param(50.0, "Mohm", "membrane resistance", positive=True)
    tau = Param(5.0, "ms", "membrane time constant", positive=True)
    V_rest = Param(-70.0, "mV", "resting membrane potential")
    V_th = Param(-51.0, "mV", "threshold without spikes", above="V_rest")
    alpha1 = Param(37.0, "mV", "rise of the first part of the threshold at a spike")
    alpha2 = Param(2.0, "mV", "rise of the second part of the threshold at a spike")
    tau1 = Param(10.0, "ms", "time constant of the first part of the threshold", positive=True)
    tau2 = Param(200.0, "ms", "time constant of the second part of the threshold", positive=True)
    tau_ref = Param(2.0, "ms", "absolute refractory period", nonnegative=True, steps=True)

    V = HiddenState("mV", "membrane potential", init="V_rest")
    theta1 = HiddenState("mV", "first part of the threshold")
    theta2 = HiddenState("mV", "second part of the threshold")

    spk_fun = ReluGrad()
    spk_reset = "none"
    refractory = "block"

    @property
    def crosses(self) -> bool:
        """It spikes as long as V is above the threshold, which each spike raises."""
        return False

    def has_threshold(self) -> bool:
        """It has one without a reset."""
        return True

    def threshold(self) -> Any:
        """Return the threshold with what spikes have added to it."""
        return self.V_th + self.theta1.value + self.theta2.value

    def scale(self) -> Any:
        """Return the distance of the threshold from rest."""
        return self.V_th - self.V_rest

    def derivative(self, V: Any, theta1: Any, theta2: Any, I: Any) -> Any:
        """Return dV/dt, dtheta1/dt, dtheta2/dt."""
        dV = (-(V - self.V_rest) + self.R * I) / self.tau
        return dV, -theta1 / self.tau1, -theta2 / self.tau2

    def raised(self) -> tuple[Any, Any]:
        """Return theta1 and theta2 after the spikes at the end of the previous step."""
        spike = self.last_spike()
        return self.theta1.value + self.alpha1 * spike, self.theta2.value + self.alpha2 * spike

    def update(self, x: Any = 0.0) -> Any:
        """Advance by one step under the current x and return the spikes."""
        state = (self.V.value, *self.raised())
        self.V.value, self.theta1.value, self.theta2.value = self.integrate(self.derivative, state, x)
        return self.fire()


class AMAT2(MAT2):
    r"""Augmented `MAT2`: the threshold follows changes of V too.

    .. math::
        \theta_V(t) = \beta \int_0^\infty s \, e^{-s/\tau_V} \, \dot V(t - s) \, ds

    that is beta y with dy/dt = x - y / tau_V, dx/dt = dV/dt - x / tau_V. The parameters are those of NEST's
    amat2_psc_exp, where V_th is omega = 5 mV above V_rest.

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Yamauchi, Kim, Shinomoto (2011), Elemental spiking neuron model for reproducing diverse firing patterns
    and predicting precise firing times, Frontiers in Computational Neuroscience 5, 42.
    """

    tau = Param(10.0, "ms", "membrane time constant", positive=True)
    V_rest = MAT2.V_rest
    V_th = Param(-65.0, "mV", "threshold without spikes at a constant V", above="V_rest")
    alpha1 = Param(10.0, "mV", "rise of the first part of the threshold at a spike")
    alpha2 = Param(0.0, "mV", "rise of the second part of the threshold at a spike")
    tau1, tau2 = MAT2.tau1, MAT2.tau2
    beta = Param(0.0, "1/ms", "how the threshold follows changes of V")
    tau_V = Param(5.0, "ms", "time constant with which it follows them", positive=True)
    tau_ref = MAT2.tau_ref

    x = HiddenState("mV", "changes of V, filtered once")
    y = HiddenState("mV*ms", "changes of V, filtered twice")

    def threshold(self) -> Any:
        """Return the threshold with what spikes, and changes of V, have added to it."""
        return super().threshold() + self.beta * self.y.value

    def derivative(self, V: Any, theta1: Any, theta2: Any, x: Any, y: Any, I: Any) -> Any:  # type: ignore[override]
        """Return dV/dt, dtheta1/dt, dtheta2/dt, dx/dt, dy/dt."""
        dV, dtheta1, dtheta2 = super().derivative(V, theta1, theta2, I)
        return dV, dtheta1, dtheta2, dV - x / self.tau_V, x - y / self.tau_V

    def update(self, x: Any = 0.0) -> Any:
        """Advance by one step under the current x and return the spikes."""
        state = (self.V.value, *self.raised(), self.x.value, self.y.value)
        new = self.integrate(self.derivative, state, x)
        self.V.value, self.theta1.value, self.theta2.value, self.x.value, self.y.value = new
        return self.fire()
