"""The neuron of Izhikevich (2003)."""

from typing import Any

import jax.numpy as jnp

from simcore import HiddenState, Param
from simcore.surrogate import ReluGrad

from .presets import Preset, WithPresets
from .steady import STEADY, SteadyStart
from .upstroke import limit


def _preset(doc: str, a: float, b: float, c: float, d: float) -> Preset:
    return Preset(doc, {"a": f"{a} 1/ms", "b": f"{b} 1/ms", "c": f"{c} mV", "d": f"{d} mV/ms"}, "10 pA")


class Izhikevich(WithPresets, SteadyStart):
    r"""Izhikevich neuron: a parabola for the onset of spikes and a recovery variable, for many patterns of firing.

    .. math::
        dV/dt = p_1 V^2 + p_2 V + p_3 - u + I(t) / C, \quad du/dt = a (b V - u)

        V \ge V_{th}: \text{ emit a spike, } V \leftarrow c, \; u \leftarrow u + d

    V starts at -65 mV and u at b V. With C = 1 pF a current of 10 pA is the paper's I = 10. The upstroke ends at V_th,
    so that u sees no higher V. The method matters more than in other models, and results that are published with steps
    of 1 ms are far from those of the equations: a third spike of RS at 79 ms in place of 71.06 ms. The default method
    gives 71.1 ms at dt = 0.1 ms. ``method="euler"`` is what `izhikevich` of NEST does by default, 72.2 ms; the two half
    steps of V with the new V for u, of the paper's script, are not offered.

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Izhikevich (2003), Simple model of spiking neurons, IEEE Transactions on Neural Networks 14(6),
    1569-1572.
    """

    a = Param(0.02, "1/ms", "rate of the recovery variable", positive=True)
    b = Param(0.2, "1/ms", "how the recovery variable follows V")
    c = Param(-65.0, "mV", "membrane potential after a spike")
    d = Param(8.0, "mV/ms", "rise of the recovery variable at a spike")
    V_th = Param(30.0, "mV", "peak of a spike", above="c")
    C = Param(1.0, "pF", "membrane capacitance, by which an input acts", positive=True)
    p1 = Param(0.04, "1/mV/ms", "quadratic coefficient", positive=True)
    p2 = Param(5.0, "1/ms", "linear coefficient")
    p3 = Param(140.0, "mV/ms", "constant coefficient")

    V = HiddenState("mV", "membrane potential", init=-65.0)
    u = HiddenState("mV/ms", "recovery variable", init=STEADY)

    spk_fun = ReluGrad()
    spk_reset = "hard"

    PRESETS = {
        "RS": _preset("regular spiking (the defaults)", 0.02, 0.2, -65, 8),
        "IB": _preset("intrinsically bursting", 0.02, 0.2, -55, 4),
        "CH": _preset("chattering", 0.02, 0.2, -50, 2),
        "FS": _preset("fast spiking", 0.1, 0.2, -65, 2),
        "LTS": _preset("low-threshold spiking", 0.02, 0.25, -65, 2),
        "RZ": _preset("resonator", 0.1, 0.26, -65, 2),
        "TC": _preset("thalamo-cortical", 0.02, 0.25, -65, 0.05),
    }

    @property
    def V_reset(self) -> Any:
        """The membrane potential after a spike, c."""
        return self.c

    def steady(self, V: Any) -> dict[str, Any]:
        """Return u at rest at the potential V."""
        return {"u": self.b * V}

    def derivative(self, V: Any, u: Any, I: Any) -> Any:
        """Return dV/dt, du/dt."""
        V = jnp.minimum(V, self.V_th)  # the stages of a Runge-Kutta method may lie beyond, and overflow
        return (self.p1 * V + self.p2) * V + self.p3 - u + I / self.C, self.a * (self.b * V - u)

    def update(self, x: Any = 0.0) -> Any:
        """Advance by one step under the current x and return the spikes."""
        V = self.after_spike(self.V.value)  # for the spike at the end of the previous step
        u = self.u.value + self.d * self.last_spike()
        new_V, self.u.value = self.integrate(self.derivative, (V, u), x)
        self.V.value = limit(new_V, V, self.V_th)
        return self.fire()


class IzhikevichRef(Izhikevich):
    """`Izhikevich` with an absolute refractory period: V is held for tau_ref after a spike, u goes on.

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Izhikevich (2003), IEEE Transactions on Neural Networks 14(6), 1569-1572.
    """

    tau_ref = Param(0.0, "ms", "absolute refractory period", nonnegative=True, steps=True)
    C, p1, p2, p3 = Izhikevich.C, Izhikevich.p1, Izhikevich.p2, Izhikevich.p3
