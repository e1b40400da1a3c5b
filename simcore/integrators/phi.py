"""phi(z) = (exp(z) - 1) / z, of numbers and of matrices: what exponential integrators are made of."""

from __future__ import annotations

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
# A step of a conductance-based model stays from -0.75 to 0.125; beyond 0.5, exp(z) - 1 does not cancel much.
NEAR = -0.75, 0.5
# Of the polynomial: its error is below 0.05 ulp of phi, and below 2 ulp of its derivative.
DEGREES = {"float32": 7, "float64": 13}
# Up to this many elements, leaving the exponential out gains more than the branch costs. (Measured on CPUs.)
IN_CACHE = 2**19


def is_near(z: Array) -> Array:
    """Return whether `near` is phi of z."""
    low, high = NEAR
    return jnp.abs(z - (low + high) / 2) <= (high - low) / 2  # False for nan


def near(z: Array) -> Array:
    """Return phi of a z that is near 0: 1 + z (1 / 2! + z / 3! + ...), without a division."""
    *lower, total = _economized(DEGREES.get(str(z.dtype), 7))
    for coefficient in reversed(lower):
        total = coefficient + z * total
    return 1 + z * total


@functools.cache
def _economized(terms: int) -> list[float]:
    """Return the coefficients in the brackets of `near`: the series, cut off as one of Chebyshev polynomials."""
    series = np.polynomial.Polynomial([1 / math.factorial(k + 2) for k in range(25)])
    cut = series.convert(kind=np.polynomial.Chebyshev, domain=NEAR).truncate(terms)
    return cut.convert(kind=np.polynomial.Polynomial, domain=(-1, 1)).coef.tolist()


def _all(mask: Array) -> Array:
    """Return whether all of the mask holds; XLA's reduction on a CPU is scalar, this joins slices as vectors."""
    mask = mask.ravel()
    while mask.size > 32:
        n, width = mask.size, -(-mask.size // 16)
        starts = [min(i * width, n - width) for i in range(16)]  # the last ones overlap: no padding
        mask = functools.reduce(jnp.logical_and, [mask[i : i + width] for i in starts])
    return mask.all()


def quotient(z: Array) -> Array:
    """Return (exp(z) - 1) / z for any z; near 0, to the bit what `near` gives, whatever the other elements need."""
    small = is_near(z)
    # XLA's exp is cheaper than its expm1. Elsewhere, the powers would overflow, and their gradients be nan.
    far = jnp.where(small, 1, z)
    return jnp.where(small, near(jnp.where(small, z, 0)), (jnp.exp(far) - 1) / far)


def _bounded(z: Array) -> Array:
    return quotient(jnp.where(z > MAX_GROWTH, MAX_GROWTH, z))


# A reverse pass keeps z alone and computes the series again, in a fifth of the time that storing its terms takes.
@functools.partial(jax.checkpoint, prevent_cse=False)
def _phi(z: Array) -> Array:
    if z.size == 1 or z.size > IN_CACHE:  # a branch costs time to compile, and two passes over the memory
        return _bounded(z)
    z = jax.lax.optimization_barrier(z)  # else XLA computes it twice
    return jax.lax.cond(_all(is_near(z)), near, _bounded, z)


@functools.cache
def _phi_operation() -> Any:
    """Return `_phi` as a primitive, elementwise under vmap: a mapped branch would compute both sides."""
    from jax.extend.core import Primitive
    from jax.interpreters import ad, batching, mlir

    operation = Primitive("phi")
    operation.def_impl(jax.jit(_phi))
    operation.def_abstract_eval(lambda z: z)
    # A branch, and the test of all elements, is for CPUs: elsewhere it costs more than an exponential.
    mlir.register_lowering(operation, mlir.lower_fun(_bounded, multiple_results=False))
    mlir.register_lowering(operation, mlir.lower_fun(_phi, multiple_results=False), platform="cpu")
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
