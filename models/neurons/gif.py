"""Generalized integrate-and-fire neurons of Mihalas and Niebur."""

from typing import Any

import jax.numpy as jnp

from simcore import HiddenState, Neuron, Param, reset_to
from simcore.surrogate import ReluGrad


class GIF(Neuron):
    r"""Generalized integrate-and-fire neuron: two spike-induced currents and a threshold that moves with V.

    .. math::
        \tau \, dV/dt = -(V - V_{rest}) + R (I_1 + I_2 + I(t)), \quad dI_j/dt = -k_j I_j

        dV_{th}/dt = a (V - V_{rest}) - b (V_{th} - V_{th,\infty})

        V \ge V_{th}: \; I_j \leftarrow R_j I_j + A_j, \; V \leftarrow V_{reset}, \;
        V_{th} \leftarrow \max(V_{th,reset}, V_{th})

    Linear between spikes, so the default method is exact; the spike test takes the new V and the new V_th.
    The initial V_th is -50 mV whatever V_th_inf is; `Vth_initializer` changes it.

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Mihalas and Niebur (2009), A generalized linear integrate-and-fire neural model produces diverse
    spiking behaviors, Neural Computation 21(3), 704-718.
    """

    V_rest = Param(-70.0, "mV", "resting membrane potential")
    V_reset = Param(-70.0, "mV", "membrane potential after a spike")
    V_th_inf = Param(-50.0, "mV", "threshold at rest")
    V_th_reset = Param(-60.0, "mV", "lowest threshold after a spike", above="V_reset")
    R = Param(20.0, "ohm", "membrane resistance", positive=True)
    tau = Param(20.0, "ms", "membrane time constant", positive=True)
    a = Param(0.0, "1/ms", "how the threshold follows V")
    b = Param(0.01, "1/ms", "rate at which the threshold returns to V_th_inf")
    k1 = Param(0.2, "1/ms", "decay rate of I1")
    k2 = Param(0.02, "1/ms", "decay rate of I2")
    R1 = Param(0.0, "dimensionless", "share of I1 kept at a spike")
    R2 = Param(1.0, "dimensionless", "share of I2 kept at a spike")
    A1 = Param(0.0, "mA", "jump of I1 at a spike")
    A2 = Param(0.0, "mA", "jump of I2 at a spike")

    V = HiddenState("mV", "membrane potential", init="V_rest")
    I1 = HiddenState("mA", "first spike-induced current")
    I2 = HiddenState("mA", "second spike-induced current")
    V_th = HiddenState("mV", "spike threshold", init=-50.0, keyword="Vth_initializer")

    spk_fun = ReluGrad()
    spk_reset = "hard"

    @property
    def t_last_spike(self) -> Any:
        """`last_spike_time`, by the name that this model has for it elsewhere."""
        return self.last_spike_time

    def derivative(self, V: Any, I1: Any, I2: Any, V_th: Any, I: Any) -> Any:
        """Return dV/dt, dI1/dt, dI2/dt, dV_th/dt."""
        dV = (-(V - self.V_rest) + self.R * (I1 + I2 + I)) / self.tau
        dV_th = self.a * (V - self.V_rest) - self.b * (V_th - self.V_th_inf)
        return dV, -self.k1 * I1, -self.k2 * I2, dV_th

    def scale(self) -> Any:
        """Return V_th_reset - V_reset: the moving V_th may come close to V_reset."""
        return self.V_th_reset - self.V_reset

    def update(self, x: Any = 0.0) -> Any:
        """Advance by one step under the current x and return the spikes."""
        I1, I2, V_th = self.I1.value, self.I2.value, self.V_th.value
        spike = self.reset_spike()  # at the end of the previous step
        state = (
            self.after_spike(self.V.value),
            reset_to(I1, self.R1 * I1 + self.A1, spike),
            reset_to(I2, self.R2 * I2 + self.A2, spike),
            reset_to(V_th, jnp.maximum(self.V_th_reset, V_th), spike),
        )
        new = self.integrate(self.derivative, state, x)
        self.V.value, self.I1.value, self.I2.value, self.V_th.value = new
        return self.fire()


class GIFRef(GIF):
    """`GIF` with an absolute refractory period: V is held for tau_ref after a spike; I1, I2 and V_th go on.

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Mihalas and Niebur (2009), Neural Computation 21(3), 704-718.
    """

    tau_ref = Param(0.0, "ms", "absolute refractory period", nonnegative=True, steps=True)
