"""phi(z) = (exp(z) - 1) / z, of numbers and of matrices: what exponential integrators are made of."""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..step.equations import RULES, numbers

Array = Any
RULES["phi"] = numbers  # of the primitive below

# dt * J is bounded above: beyond e^20 a step says "away from here", not how far.
MAX_GROWTH = 20.0


@dataclasses.dataclass(frozen=True)
class _Polynomial:
    """A polynomial that is phi within `reach` of `middle`, by Horner's scheme, without a division.

    The degrees for float32 and float64 keep its error below 0.1 ulp of phi, and below 2 ulp of its derivative.
    """

    middle: float
    reach: float
    degrees: tuple[int, int]

    def holds(self, z: Array) -> Array:
        return jnp.abs(z - self.middle) <= self.reach  # False for nan

    @functools.cache  # noqa: B019  (of a module's constant)
    def coefficients(self, degree: int) -> list[float]:
        """Return those of the powers of z - middle: the Taylor series, whose highest terms are economized.

        T_k(x) / 2^(k - 1), Chebyshev's polynomial, has the highest term x^k and is the smallest of these: less its
        multiples, the series needs a few terms less. phi^(k)(z) is the integral of s^k exp(s z) for s from 0 to 1.
        """
        terms = np.zeros(25)
        for k in range(25):
            integral = sum(self.middle**j / (math.factorial(j) * (k + j + 1)) for j in range(20))
            terms[k] = integral / math.factorial(k) * self.reach**k
        for k in range(24, degree, -1):
            terms[: k + 1] -= terms[k] / 2 ** (k - 1) * np.polynomial.chebyshev.cheb2poly([0] * k + [1])
        return [float(term) / self.reach**k for k, term in enumerate(terms[: degree + 1])]

    def __call__(self, z: Array) -> Array:
        *lower, total = self.coefficients(self.degrees[z.dtype != jnp.float32])
        x = z - self.middle
        for coefficient in reversed(lower):
            total = coefficient + x * total
        return jnp.asarray(total)


# A step of a conductance-based model stays from -0.75 to 0.125; beyond 0.5, exp(z) - 1 does not cancel much.
NEAR = _Polynomial(-0.125, 0.625, (7, 13))
# Up to this many elements, leaving the exponential out gains more than the branch costs. (Measured, on one CPU.)
IN_CACHE = 2**17


def _all(mask: Array) -> Array:
    """Return whether all of the mask holds; XLA's reduction on a CPU is scalar, this joins slices as vectors."""
    mask = mask.ravel()
    while mask.size > 32:
        n, width = mask.size, -(-mask.size // 16)
        starts = [min(i * width, n - width) for i in range(16)]  # the last ones overlap: no padding
        mask = functools.reduce(jnp.logical_and, [mask[i : i + width] for i in starts])
    return mask.all()


def quotient(z: Array) -> Array:
    """Return (exp(z) - 1) / z for any z; near 0, to the bit what `NEAR` gives, whatever the other elements need."""
    near = NEAR.holds(z)
    # XLA's exp is cheaper than its expm1. Elsewhere, the powers would overflow, and their gradients be nan.
    far = jnp.where(near, 1, z)
    return jnp.where(near, NEAR(jnp.where(near, z, 0)), (jnp.exp(far) - 1) / far)


def _bounded(z: Array) -> Array:
    return quotient(jnp.where(z > MAX_GROWTH, MAX_GROWTH, z))


# A reverse pass keeps z alone and computes the series again, in a fifth of the time that storing its terms takes.
@functools.partial(jax.checkpoint, prevent_cse=False)
def _phi(z: Array) -> Array:
    if z.size == 1 or z.size > IN_CACHE:  # a branch costs time to compile, and two passes over the memory
        return _bounded(z)
    z = jax.lax.optimization_barrier(z)  # else XLA computes it twice
    return jax.lax.cond(_all(NEAR.holds(z)), NEAR, _bounded, z)


@functools.cache
def _phi_operation() -> Any:
    """Return `_phi` as a primitive, elementwise under vmap: a mapped branch would compute both sides."""
    from jax.extend.core import Primitive
    from jax.interpreters import ad, batching, mlir

    operation = Primitive("phi")
    operation.def_impl(jax.jit(_phi))
    operation.def_abstract_eval(lambda z: z)
    mlir.register_lowering(operation, mlir.lower_fun(_phi, multiple_results=False))
    batching.primitive_batchers[operation] = lambda args, dims: (operation.bind(*args), dims[0])
    ad.primitive_jvps[operation] = lambda z, t: (operation.bind(*z), jax.jvp(_phi, tuple(z), tuple(t))[1])
    return operation


def phi(z: Array) -> Array:
    """Return (exp(z) - 1) / z, accurate to rounding with its derivative, 1 at z = 0; z is bounded by MAX_GROWTH.

    The exponential and the division, which would be most of a step's cost, are left out if no element needs them.
    """
    return _phi_operation().bind(jnp.asarray(z))


def phi_1(A: Array, dt: Array) -> Array:
    """Return the integral of expm(A s) for s from 0 to dt, (..., n, n), so that expm(dt A) = 1 + A phi_1.

    By scaling and squaring, Skaflestad and Wright (2009), Applied Numerical Mathematics 59, 783-799: a Taylor series
    at dt / 2^10, then P(2h) = 2 P(h) + A P(h)^2. (jax.scipy.linalg.expm would add 1.5 s to the compilation.)
    """
    product = functools.partial(jnp.matmul, precision="highest")
    h, doublings, terms = dt / 2**10, 10, 9
    eye = jnp.broadcast_to(jnp.eye(A.shape[-1], dtype=A.dtype), A.shape)
    series = jax.lax.fori_loop(0, terms, lambda k, S: eye + product(A, S) * (h / (terms + 1.0 - k)), eye)
    return jax.lax.fori_loop(0, doublings, lambda _, P: 2 * P + product(A, product(P, P)), h * series)
