"""The neuron of Morris and Lecar."""

from typing import Any

import jax.numpy as jnp

from simcore import HiddenState, Param

from .crossing import Crossing
from .presets import Preset, WithPresets
from .steady import STEADY


class MorrisLecar(WithPresets, Crossing):
    r"""Morris-Lecar neuron: a calcium current without delay and a slow potassium current, in two variables.

    .. math::
        C \, dV/dt = g_{Ca} m_\infty(V) (V_{Ca} - V) + g_K W (V_K - V) + g_{leak} (V_{leak} - V) + I(t) / area

        dW/dt = \phi \cosh((V - V_3) / (2 V_4)) (W_\infty(V) - W)

        m_\infty = (1 + \tanh((V - V_1) / V_2)) / 2, \quad W_\infty = (1 + \tanh((V - V_3) / V_4)) / 2

    W starts at its steady state. The default parameters, "hopf", begin to fire at a nonzero rate: rest loses its
    stability at 93.858 uA/cm² and regains it at 212.02. "snlc" fires from a saddle-node at 39.963 uA/cm² on, from
    0 Hz; "homoclinic" beside a stable rest, below the same saddle-node down to 35.5 uA/cm². V_Ca is 120 mV, as in the
    sources of these sets; BrainPy's default of 130 mV moves the first bifurcation to 88.57 uA/cm².

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Morris and Lecar (1981), Voltage oscillations in the barnacle giant muscle fiber, Biophysical Journal
    35(1), 193-213; parameters: Rinzel and Ermentrout (1998), Analysis of neural excitability and oscillations, in
    Methods in Neuronal Modeling, MIT Press; Ermentrout and Terman (2010), Mathematical Foundations of Neuroscience,
    Springer, table 3.1.
    """

    V_Ca = Param(120.0, "mV", "reversal potential of calcium")
    g_Ca = Param(4.4, "mS/cm**2", "maximal conductance of calcium", nonnegative=True)
    V_K = Param(-84.0, "mV", "reversal potential of potassium")
    g_K = Param(8.0, "mS/cm**2", "maximal conductance of potassium", nonnegative=True)
    V_leak = Param(-60.0, "mV", "reversal potential of the leak")
    g_leak = Param(2.0, "mS/cm**2", "conductance of the leak", nonnegative=True)
    C = Param(20.0, "uF/cm**2", "capacitance of the membrane", positive=True)
    V1 = Param(-1.2, "mV", "where half of the calcium channels are open")
    V2 = Param(18.0, "mV", "width of their activation", positive=True)
    V3 = Param(2.0, "mV", "where half of the potassium channels are open")
    V4 = Param(30.0, "mV", "width of their activation", positive=True)
    phi = Param(0.04, "1/ms", "rate of W at V3", positive=True)
    V_th = Param(10.0, "mV", "spike where V crosses it upwards", above="V_rearm")
    area = Param(10_000.0, "um**2", "area of the membrane, over which the input spreads", positive=True)
    V_rearm = Param(-10.0, "mV", "the next spike counts when V has been below it")

    V = HiddenState("mV", "membrane potential", init=-60.0)
    W = HiddenState("dimensionless", "activation of potassium", init=STEADY)

    PRESETS = {
        "hopf": Preset("a Hopf bifurcation (the defaults)", {}, "10 nA"),
        "snlc": Preset(
            "a saddle-node on a limit cycle",
            {"g_Ca": "4 mS/cm**2", "phi": "0.0667 1/ms", "V3": "12 mV", "V4": "17.4 mV"},
            "5 nA",
        ),
        "homoclinic": Preset(
            "a homoclinic orbit; V from -10 mV",
            {"g_Ca": "4 mS/cm**2", "phi": "0.23 1/ms", "V3": "12 mV", "V4": "17.4 mV"},
            "3.8 nA",
        ),
    }

    def steady(self, V: Any) -> dict[str, Any]:
        """Return W at rest at the potential V."""
        return {"W": 0.5 * (1 + jnp.tanh((V - self.V3) / self.V4))}

    def derivative(self, V: Any, W: Any, I: Any) -> Any:
        """Return dV/dt, dW/dt."""
        m = 0.5 * (1 + jnp.tanh((V - self.V1) / self.V2))
        I_Ca = self.g_Ca * m * (self.V_Ca - V)
        I_K = self.g_K * W * (self.V_K - V)
        I_leak = self.g_leak * (self.V_leak - V)
        dV = (I / self.area + I_Ca + I_K + I_leak) / self.C
        dW = self.phi * jnp.cosh((V - self.V3) / (2 * self.V4)) * (self.steady(V)["W"] - W)
        return dV, dW

    def update(self, x: Any = 0.0) -> Any:
        """Advance by one step under the current x and return the spikes."""
        self.V.value, self.W.value = self.integrate(self.derivative, (self.V.value, self.W.value), x)
        return self.fire()
