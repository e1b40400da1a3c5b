"""Oscillators: StuartLandau, with an amplitude, and Kuramoto, phases alone."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from simcore import HiddenState, Param
from simcore.bases.dynamics import Dynamics

Array = Any


class StuartLandau(Dynamics):
    r"""Stuart-Landau oscillator, the normal form of a Hopf bifurcation, z = x + i y.

    .. math:: z' = (a - b |z|^2) z + i \omega z + I

    For a > 0 it oscillates with the amplitude sqrt(a / b). The input, 1/ms, goes to x, which is its output.

    Reference: Kuramoto (1984), Chemical Oscillations, Waves, and Turbulence, Springer, section 2.
    """

    a = Param(0.25, "1/ms", "growth rate at z = 0")
    b = Param(1.0, "1/ms", "saturation", positive=True)
    omega = Param(0.2, "1/ms", "angular frequency")

    x = HiddenState("dimensionless", "real part", init=0.1)
    y = HiddenState("dimensionless", "imaginary part", init=0.0)

    def derivative(self, x: Array, y: Array, I: Array) -> tuple[Array, Array]:
        """Return dx/dt, dy/dt."""
        growth = self.a - self.b * (x**2 + y**2)
        return growth * x - self.omega * y + I, growth * y + self.omega * x

    def update(self, I: Any = 0.0) -> Array:
        """Advance by one step under an input; return x."""
        self.x.value, self.y.value = self.integrate(self.derivative, (self.x.value, self.y.value), I)
        return self.x.value


class Kuramoto(Dynamics):
    r"""Kuramoto oscillators: the phases of a population, each of which is drawn to all others.

    .. math:: \theta_i' = \omega_i + \frac{K}{N} \sum_j \sin(\theta_j - \theta_i) + x_i

    The phases are not reduced to a circle. `coherence` is the length of the mean of exp(i theta).

    Reference: Kuramoto (1984), Chemical Oscillations, Waves, and Turbulence, Springer, section 5.
    """

    omega = Param(0.2, "1/ms", "angular frequency")
    K = Param(0.0, "1/ms", "coupling")

    theta = HiddenState("dimensionless", "phase", init=0.0)

    def mean_field(self, theta: Array) -> tuple[Array, Array]:
        """Return the mean over the population of the cosine and of the sine of the phases, for each item."""
        axes = tuple(range(-len(self.varshape), 0))
        return jnp.cos(theta).mean(axes, keepdims=True), jnp.sin(theta).mean(axes, keepdims=True)

    def derivative(self, theta: Array, x: Array) -> Array:
        """Return dtheta/dt."""
        cosine, sine = self.mean_field(theta)
        return self.omega + self.K * (sine * jnp.cos(theta) - cosine * jnp.sin(theta)) + x

    def update(self, x: Any = 0.0) -> Array:
        """Advance by one step under an input (1/ms); return the phases."""
        self.theta.value = self.integrate(self.derivative, self.theta.value, x)
        return self.theta.value

    def coherence(self) -> Array:
        """Return, inside a step or a monitor, the length of the mean of exp(i theta), for each item."""
        cosine, sine = self.mean_field(self.theta.value)
        return jnp.sqrt(cosine**2 + sine**2)
