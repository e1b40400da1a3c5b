"""JansenRit: a cortical column."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from simcore import HiddenState, Param
from simcore.bases.dynamics import Dynamics

Array = Any


class JansenRit(Dynamics):
    r"""Jansen-Rit neural mass: pyramidal cells, excitatory and inhibitory interneurons.

    .. math::

        y_0'' &= A a S(y_1 - y_2) - 2 a y_0' - a^2 y_0 \\
        y_1'' &= A a \, (p + x + C_2 S(C_1 y_0)) - 2 a y_1' - a^2 y_1 \\
        y_2'' &= B b C_4 S(C_3 y_0) - 2 b y_2' - b^2 y_2 \\
        S(v) &= 2 e_0/(1 + e^{r (v_0 - v)}), \quad C_1 = C, C_2 = 0.8 C, C_3 = C_4 = 0.25 C

    The EEG is y1 - y2 (monitor ``lambda m: m.y1.value - m.y2.value``); the output is the rate of the pyramidal cells.

    Reference: Jansen and Rit (1995), Biological Cybernetics 73, 357-366.
    """

    A = Param(3.25, "mV", "largest excitatory postsynaptic potential, times e")
    B = Param(22.0, "mV", "largest inhibitory postsynaptic potential, times e")
    a = Param(0.1, "1/ms", "rate constant of the excitatory ones", positive=True)
    b = Param(0.05, "1/ms", "rate constant of the inhibitory ones", positive=True)
    C = Param(135.0, "dimensionless", "number of contacts")
    p = Param(220.0, "Hz", "mean input")
    e0 = Param(2.5, "Hz", "half of the largest rate", positive=True)
    v0 = Param(6.0, "mV", "potential of half the largest rate")
    r = Param(0.56, "1/mV", "slope of the sigmoid")

    y0 = HiddenState("mV", "potential by pyramidal cells", init=0.0)
    y1 = HiddenState("mV", "excitatory potential of the pyramidal cells", init=0.0)
    y2 = HiddenState("mV", "inhibitory potential of the pyramidal cells", init=0.0)
    u0 = HiddenState("mV/ms", "dy0/dt", init=0.0)
    u1 = HiddenState("mV/ms", "dy1/dt", init=0.0)
    u2 = HiddenState("mV/ms", "dy2/dt", init=0.0)

    def rate(self, v: Array) -> Array:
        """Return S(v)."""
        return 2.0 * self.e0 / (1.0 + jnp.exp(self.r * (self.v0 - v)))

    def derivative(self, y0: Array, y1: Array, y2: Array, u0: Array, u1: Array, u2: Array, x: Array) -> Any:
        """Return the rates of the potentials and of their rates."""
        a, b, C = self.a, self.b, self.C
        pyramidal, excitatory, inhibitory = self.rate(y1 - y2), self.rate(C * y0), self.rate(0.25 * C * y0)
        du0 = self.A * a * pyramidal - 2.0 * a * u0 - a**2 * y0
        du1 = self.A * a * (self.p + x + 0.8 * C * excitatory) - 2.0 * a * u1 - a**2 * y1
        du2 = self.B * b * 0.25 * C * inhibitory - 2.0 * b * u2 - b**2 * y2
        return u0, u1, u2, du0, du1, du2

    def update(self, x: Any = 0.0) -> Array:
        """Advance by one step under an input (Hz) beside p; return the rate of the pyramidal cells."""
        states = self.y0, self.y1, self.y2, self.u0, self.u1, self.u2
        for state, new in zip(states, self.integrate(self.derivative, tuple(s.value for s in states), x), strict=True):
            state.value = new
        return self.output()

    @property
    def output_unit(self) -> str:
        """The unit of `output`."""
        return "Hz"

    def output(self) -> Array:
        """Return the rate of the pyramidal cells."""
        return self.rate(self.y1.value - self.y2.value)
