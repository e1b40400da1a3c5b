"""Quadratic integrate-and-fire neurons, plain and adaptive."""

from typing import Any

import jax.numpy as jnp

from simcore import HiddenState, Neuron, Param
from simcore.surrogate import ReluGrad

from .adapting import Adapting
from .upstroke import limit


class QuaIF(Neuron):
    r"""Quadratic integrate-and-fire neuron: the normal form of the transition from rest to firing by a saddle-node.

    .. math::
        \tau \, dV/dt = c (V - V_{rest}) (V - V_c) + R I(t)

        V \ge V_{th}: \text{ emit a spike, reset}

    The step that would overshoot ends at V_th. It fires repeatedly above the rheobase c (V_c - V_rest)^2 / (4 R),
    3.9375 mA by default. With k = R I - c (V_c - V_rest)^2 / 4 > 0 and u = V - (V_rest + V_c) / 2, its interval is
    tau / sqrt(c k) (atan(u_th sqrt(c / k)) - atan(u_reset sqrt(c / k))).

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Ermentrout and Kopell (1986), Parabolic bursting in an excitable system coupled with a slow oscillation,
    SIAM Journal on Applied Mathematics 46(2), 233-253; in this form Latham, Richmond, Nelson, Nirenberg (2000),
    Intrinsic dynamics in neuronal networks, Journal of Neurophysiology 83(2), 808-827.
    """

    R = Param(1.0, "ohm", "membrane resistance", positive=True)
    tau = Param(10.0, "ms", "membrane time constant", positive=True)
    V_th = Param(-30.0, "mV", "numerical spike threshold, the cut-off of the upstroke", above="V_reset")
    V_reset = Param(-68.0, "mV", "membrane potential after a spike")
    V_rest = Param(-65.0, "mV", "resting membrane potential")
    V_c = Param(-50.0, "mV", "critical potential, from which V runs away", above="V_rest")
    c = Param(0.07, "1/mV", "curvature", positive=True)

    V = HiddenState("mV", "membrane potential", init="V_rest")

    spk_fun = ReluGrad()
    spk_reset = "hard"

    def derivative(self, V: Any, I: Any) -> Any:
        """Return dV/dt."""
        V = jnp.minimum(V, self.V_th)  # the stages of a Runge-Kutta method may lie beyond, and overflow
        return (self.c * (V - self.V_rest) * (V - self.V_c) + self.R * I) / self.tau

    def update(self, x: Any = 0.0) -> Any:
        """Advance by one step under the current x and return the spikes."""
        V = self.after_spike(self.V.value)  # for the spike at the end of the previous step
        self.V.value = limit(self.integrate(self.derivative, V, x), V, self.V_th)
        return self.fire()


class QuaIFRef(QuaIF):
    """`QuaIF` with an absolute refractory period: V is held for tau_ref after a spike, whatever the input.

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Latham, Richmond, Nelson, Nirenberg (2000), Journal of Neurophysiology 83(2), 808-827.
    """

    tau_ref = Param(1.7, "ms", "absolute refractory period", nonnegative=True, steps=True)
    V_th, V_reset, V_rest = QuaIF.V_th, QuaIF.V_reset, QuaIF.V_rest
    V_c, c = QuaIF.V_c, QuaIF.c


class AdQuaIF(Adapting, QuaIF):  # type: ignore[misc]  # one state more in the derivative
    r"""Adaptive quadratic integrate-and-fire neuron: `QuaIF` with a current w that follows V and grows at spikes.

    .. math::
        \tau \, dV/dt = c (V - V_{rest}) (V - V_c) - R w + R I(t), \quad \tau_w \, dw/dt = a (V - V_{rest}) - w

        V \ge V_{th}: \text{ emit a spike, } V \leftarrow V_{reset}, \; w \leftarrow w + b

    It is the model of Izhikevich's book, C v' = k (v - v_r) (v - v_t) - u + I, u' = A (B (v - v_r) - u): with u = w,
    v_r = V_rest, v_t = V_c, v_peak = V_th, c = V_reset and d = b there, tau = C R, c = k R, tau_w = 1 / A, a = B and
    any R.

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Izhikevich (2007), Dynamical Systems in Neuroscience, MIT Press, chapter 8; Touboul (2008), Bifurcation
    analysis of a general class of nonlinear integrate-and-fire neurons, SIAM Journal on Applied Mathematics 68(4),
    1045-1079.
    """

    tau_w = Param(10.0, "ms", "time constant of the adaptation", positive=True)
    V_th, V_reset, V_rest = QuaIF.V_th, QuaIF.V_reset, QuaIF.V_rest
    V_c, c = QuaIF.V_c, QuaIF.c
    a = Param(1.0, "S", "how the adaptation follows V")
    b = Param(0.1, "mA", "rise of the adaptation at a spike")


class AdQuaIFRef(AdQuaIF):
    """`AdQuaIF` with an absolute refractory period: V is held for tau_ref after a spike, w goes on.

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Izhikevich (2007), Dynamical Systems in Neuroscience, MIT Press, chapter 8.
    """

    tau_ref = Param(1.7, "ms", "absolute refractory period", nonnegative=True, steps=True)
    V_th, V_reset, V_rest = AdQuaIF.V_th, AdQuaIF.V_reset, AdQuaIF.V_rest
    V_c, c, a, b = AdQuaIF.V_c, AdQuaIF.c, AdQuaIF.a, AdQuaIF.b
