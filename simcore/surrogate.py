"""Surrogate spikes: the Heaviside step forward, a smooth stand-in for its derivative backward.

Each is called with a pure number x (0 at the threshold) and returns 1.0 where x >= 0, else 0.0. Its derivative is
the formula `grad` of its class. Sources: Neftci, Mostafa and Zenke (2019), IEEE Signal Processing Magazine
36(6), 51-63 for the method; each class names its own.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import pint

Array = Any


@functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
def _heaviside(grad: Callable[[Array], Array], x: Array) -> Array:
    return (x >= 0).astype(x.dtype)


@_heaviside.defjvp
def _(grad: Callable[[Array], Array], primals: Any, tangents: Any) -> tuple[Array, Array]:
    (x,), (dx,) = primals, tangents
    return _heaviside(grad, x), (grad(x) * dx).astype(x.dtype)


@functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
def fire(spk_fun: Callable[[Array], Array], V: Array, threshold: Array, scale: Array) -> Array:
    """Return 1.0 where V >= threshold, else 0.0, with the derivative of spk_fun((V - threshold) / scale).

    The comparison is the unscaled one, and `scale` counts as a constant.
    """
    return jnp.greater_equal(V, threshold).astype(jnp.result_type(V))


@fire.defjvp
def _(spk_fun: Callable[[Array], Array], primals: Any, tangents: Any) -> tuple[Array, Array]:
    V, threshold, scale = primals
    dV, dthreshold, _ = tangents
    _, ds = jax.jvp(spk_fun, ((V - threshold) / scale,), ((dV - dthreshold) / scale,))
    return fire(spk_fun, V, threshold, scale), ds


@dataclasses.dataclass(frozen=True)
class Surrogate:
    """Base: a subclass is a frozen dataclass of its constants with the formula `grad`."""

    def __call__(self, x: Any) -> Any:
        """Return the spikes for the pure number x (array of any shape; a dimensionless quantity is one too)."""
        if isinstance(x, pint.Quantity):
            x = x.m_as("dimensionless")
        x = jnp.asarray(x)
        return _heaviside(self.grad, x if jnp.issubdtype(x.dtype, jnp.floating) else x.astype(float))

    def grad(self, x: Array) -> Array:
        """Return the derivative used in place of the step's."""
        raise NotImplementedError(f"{type(self).__name__} defines no grad().")


@dataclasses.dataclass(frozen=True)
class SigmoidGrad(Surrogate):
    """alpha s (1 - s), s = sigmoid(alpha x). Zenke and Vogels (2021), Neural Computation 33(4), 899-925."""

    alpha: float = 4.0

    def grad(self, x: Array) -> Array:
        s = jax.nn.sigmoid(self.alpha * x)
        return self.alpha * s * (1 - s)


@dataclasses.dataclass(frozen=True)
class PiecewiseQuadratic(Surrogate):
    """max(0, alpha - alpha^2 |x|). Esser et al. (2016), PNAS 113(41), 11441-11446."""

    alpha: float = 1.0

    def grad(self, x: Array) -> Array:
        return jnp.maximum(0.0, self.alpha - self.alpha**2 * jnp.abs(x))


@dataclasses.dataclass(frozen=True)
class PiecewiseExp(Surrogate):
    """alpha/2 exp(-alpha |x|). Shrestha and Orchard (2018), NeurIPS 31."""

    alpha: float = 1.0

    def grad(self, x: Array) -> Array:
        return self.alpha / 2 * jnp.exp(-self.alpha * jnp.abs(x))


@dataclasses.dataclass(frozen=True)
class SoftSign(Surrogate):
    """alpha/2 / (1 + alpha |x|)^2. Zenke and Ganguli (2018), Neural Computation 30(6), 1514-1541."""

    alpha: float = 1.0

    def grad(self, x: Array) -> Array:
        return self.alpha / 2 / (1 + self.alpha * jnp.abs(x)) ** 2


@dataclasses.dataclass(frozen=True)
class ATan(Surrogate):
    """alpha/2 / (1 + (pi alpha x / 2)^2). Fang et al. (2021), ICCV, 2661-2671."""

    alpha: float = 1.0

    def grad(self, x: Array) -> Array:
        return self.alpha / 2 / (1 + (jnp.pi * self.alpha * x / 2) ** 2)


@dataclasses.dataclass(frozen=True)
class NonzeroSignLog(Surrogate):
    """1 / (1/alpha + |x|): the derivative of sign(x) log(|alpha x| + 1)."""

    alpha: float = 1.0

    def grad(self, x: Array) -> Array:
        return 1 / (1 / self.alpha + jnp.abs(x))


@dataclasses.dataclass(frozen=True)
class ERF(Surrogate):
    """alpha/sqrt(pi) exp(-(alpha x)^2). Esser et al. (2015), NeurIPS 28; Wu et al. (2018), Front. Neurosci. 12, 331."""

    alpha: float = 1.0

    def grad(self, x: Array) -> Array:
        return self.alpha / jnp.sqrt(jnp.pi) * jnp.exp(-((self.alpha * x) ** 2))


@dataclasses.dataclass(frozen=True)
class PiecewiseLeakyRelu(Surrogate):
    """1/(2 w) for |x| <= w, else c. Wu et al. (2018), Frontiers in Neuroscience 12, 331."""

    c: float = 0.01
    w: float = 1.0

    def grad(self, x: Array) -> Array:
        return jnp.where(jnp.abs(x) > self.w, self.c, 1 / (2 * self.w))


@dataclasses.dataclass(frozen=True)
class SquarewaveFourierSeries(Surrogate):
    """4/T sum_{i=1..n} cos((2i - 1) 2 pi x / T): the derivative of a square wave's Fourier series."""

    n: int = 2
    t_period: float = 8.0

    def grad(self, x: Array) -> Array:
        w = 2 * jnp.pi / self.t_period
        return 4 / self.t_period * sum(jnp.cos((2 * i - 1) * w * x) for i in range(1, self.n + 1))


@dataclasses.dataclass(frozen=True)
class S2NN(Surrogate):
    """alpha s (1 - s), s = sigmoid(alpha x), for x < 0, else beta / (x + 1). Suetake et al. (2023)."""

    alpha: float = 4.0
    beta: float = 1.0

    def grad(self, x: Array) -> Array:
        s = jax.nn.sigmoid(self.alpha * x)
        return jnp.where(x < 0, self.alpha * s * (1 - s), self.beta / (jnp.abs(x) + 1))


@dataclasses.dataclass(frozen=True)
class QPseudoSpike(Surrogate):
    """(1 + 2|x| / (alpha + 1))^-alpha. Herranz-Celotti and Rouat (2022), arXiv:2202.00282."""

    alpha: float = 2.0

    def grad(self, x: Array) -> Array:
        return (1 + 2 / (self.alpha + 1) * jnp.abs(x)) ** -self.alpha


@dataclasses.dataclass(frozen=True)
class LeakyRelu(Surrogate):
    """alpha for x < 0, else beta."""

    alpha: float = 0.1
    beta: float = 1.0

    def grad(self, x: Array) -> Array:
        return jnp.where(x < 0, self.alpha, self.beta)


@dataclasses.dataclass(frozen=True)
class LogTailedRelu(Surrogate):
    """alpha for x <= 0, 1 for 0 < x <= 1, 1/x above. Cai et al. (2017), CVPR, 5918-5926."""

    alpha: float = 0.0

    def grad(self, x: Array) -> Array:
        return jnp.where(x > 1, 1 / jnp.maximum(x, 1.0), jnp.where(x > 0, 1.0, self.alpha))


@dataclasses.dataclass(frozen=True)
class ReluGrad(Surrogate):
    """max(0, alpha (width - |x|)). Neftci, Mostafa and Zenke (2019), IEEE Signal Processing Magazine 36(6), 51-63."""

    alpha: float = 0.3
    width: float = 1.0

    def grad(self, x: Array) -> Array:
        return jnp.maximum(0.0, self.alpha * (self.width - jnp.abs(x)))


def _normal(x: Array, mean: float, sigma: float) -> Array:
    return jnp.exp(-((x - mean) ** 2) / (2 * sigma**2)) / (sigma * jnp.sqrt(2 * jnp.pi))


@dataclasses.dataclass(frozen=True)
class GaussianGrad(Surrogate):
    """alpha N(x; 0, sigma). Yin, Corradi and Bohté (2021), Nature Machine Intelligence 3, 905-913."""

    sigma: float = 0.5
    alpha: float = 0.5

    def grad(self, x: Array) -> Array:
        return self.alpha * _normal(x, 0.0, self.sigma)


@dataclasses.dataclass(frozen=True)
class MultiGaussianGrad(Surrogate):
    """scale [(1 + h) N(0, sigma) - h N(sigma, s sigma) - h N(-sigma, s sigma)]. Yin, Corradi and Bohté (2021)."""

    h: float = 0.15
    s: float = 6.0
    sigma: float = 0.5
    scale: float = 0.5

    def grad(self, x: Array) -> Array:
        wide = self.s * self.sigma
        sides = _normal(x, self.sigma, wide) + _normal(x, -self.sigma, wide)
        return self.scale * ((1 + self.h) * _normal(x, 0.0, self.sigma) - self.h * sides)


@dataclasses.dataclass(frozen=True)
class InvSquareGrad(Surrogate):
    """1 / (alpha |x| + 1)^2. Zenke and Ganguli (2018), Neural Computation 30(6), 1514-1541."""

    alpha: float = 100.0

    def grad(self, x: Array) -> Array:
        return 1 / (self.alpha * jnp.abs(x) + 1) ** 2


@dataclasses.dataclass(frozen=True)
class SlayerGrad(Surrogate):
    """exp(-alpha |x|). Shrestha and Orchard (2018), NeurIPS 31."""

    alpha: float = 1.0

    def grad(self, x: Array) -> Array:
        return jnp.exp(-self.alpha * jnp.abs(x))


# The names of BrainPy's users.
Sigmoid = SigmoidGrad
Arctan = ATan

__all__ = [
    "ERF",
    "S2NN",
    "ATan",
    "Arctan",
    "GaussianGrad",
    "InvSquareGrad",
    "LeakyRelu",
    "LogTailedRelu",
    "MultiGaussianGrad",
    "NonzeroSignLog",
    "PiecewiseExp",
    "PiecewiseLeakyRelu",
    "PiecewiseQuadratic",
    "QPseudoSpike",
    "ReluGrad",
    "Sigmoid",
    "SigmoidGrad",
    "SlayerGrad",
    "SoftSign",
    "SquarewaveFourierSeries",
    "Surrogate",
    "fire",
]
