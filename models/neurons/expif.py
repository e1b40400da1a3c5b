"""Exponential integrate-and-fire neurons."""

from typing import Any

import jax.numpy as jnp

from simcore import HiddenState, Neuron, Param
from simcore.surrogate import ReluGrad

from .upstroke import MAX_EXPONENT, limit


class ExpIF(Neuron):
    r"""Exponential integrate-and-fire neuron: a smooth spike initiation, cut off at V_th.

    .. math::
        \tau \, dV/dt = -(V - V_{rest}) + \Delta_T \exp((V - V_T)/\Delta_T) + R I(t)

        V \ge V_{th}: \text{ emit a spike, reset}

    The step that would overshoot ends at V_th (`limit` says with which gradient). It fires repeatedly above
    the rheobase (V_T - V_rest - delta_T) / R, 1.62 mA by default.

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Fourcaud-Trocmé, Hansel, van Vreeswijk, Brunel (2003), Journal of Neuroscience 23(37), 11628-11640.
    """

    R = Param(1.0, "ohm", "membrane resistance", positive=True)
    tau = Param(10.0, "ms", "membrane time constant", positive=True)
    V_th = Param(-30.0, "mV", "numerical spike threshold, the cut-off of the upstroke", above="V_reset")
    V_reset = Param(-68.0, "mV", "membrane potential after a spike")
    V_rest = Param(-65.0, "mV", "resting membrane potential")
    V_T = Param(-59.9, "mV", "threshold of the exponential term")
    delta_T = Param(3.48, "mV", "slope factor of the spike initiation", positive=True)

    V = HiddenState("mV", "membrane potential", init="V_rest")

    spk_fun = ReluGrad()
    spk_reset = "hard"

    def derivative(self, V: Any, I: Any) -> Any:
        """Return dV/dt."""
        upstroke = self.delta_T * jnp.exp(jnp.minimum((V - self.V_T) / self.delta_T, MAX_EXPONENT))
        return (-(V - self.V_rest) + upstroke + self.R * I) / self.tau

    def update(self, x: Any = 0.0) -> Any:
        """Advance by one step under the current x and return the spikes."""
        V = self.after_spike(self.V.value)  # for the spike at the end of the previous step
        self.V.value = limit(self.integrate(self.derivative, V, x), V, self.V_th)
        return self.fire()


class ExpIFRef(ExpIF):
    """`ExpIF` with an absolute refractory period: V is held for tau_ref after a spike, whatever the input.

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Fourcaud-Trocmé, Hansel, van Vreeswijk, Brunel (2003), Journal of Neuroscience 23(37), 11628-11640.
    """

    tau_ref = Param(1.7, "ms", "absolute refractory period", nonnegative=True, steps=True)
    V_th, V_reset, V_rest = ExpIF.V_th, ExpIF.V_reset, ExpIF.V_rest
    V_T, delta_T = ExpIF.V_T, ExpIF.delta_T
