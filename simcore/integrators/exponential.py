"""Integrators: one step of y' = f(y) for a tuple y of states, each an array of the population's shape.

A right-hand side may couple the states of one neuron, never neurons with one another.
Source of the orders: Hairer, Norsett, Wanner (1993), Solving Ordinary Differential Equations I, chapter II; of the
exponential ones: Hochbruck and Ostermann (2010), Acta Numerica 19, 209-286.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..step.equations import RULES, numbers
from ..step.jaxpr import affine, depends, is_literal

Array = Any
States = tuple[Array, ...]
RHS = Callable[[States], States]

# dt * J is bounded above: beyond e^20 a step says "away from here", not how far.
MAX_GROWTH = 20.0


@dataclasses.dataclass(frozen=True)
class _Series:
    """The Taylor series of phi about `middle`, within `reach` of it, by Horner's scheme, without a division.

    The degrees for float32 and float64 keep the remainder below 0.1 ulp of phi, and below 2 ulp of its derivative.
    """

    middle: float
    reach: float
    degrees: tuple[int, int]

    def holds(self, z: Array) -> Array:
        return jnp.abs(z - self.middle) <= self.reach  # False for nan

    def coefficient(self, k: int) -> float:
        """Return phi^(k) / k! at the middle; phi^(k)(z) is the integral of s^k exp(s z) for s from 0 to 1."""
        terms = (self.middle**j / (math.factorial(j) * (k + j + 1)) for j in range(20))
        return sum(terms) / math.factorial(k)

    def __call__(self, z: Array) -> Array:
        degree = self.degrees[z.dtype != jnp.float32]
        total: Array = self.coefficient(degree)
        for k in range(degree - 1, -1, -1):
            total = self.coefficient(k) + (z - self.middle) * total
        return total


# A step of a conductance-based model stays from -0.75 to 0.125; (exp(z) - 1) / z needs z not to be small.
STEP, SMALL = _Series(-0.3125, 0.4375, (7, 14)), _Series(0.0, 1.0, (10, 18))
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


def _quotient(z: Array) -> Array:
    """Return phi for any z; where `STEP` holds, to the bit what it gives, whatever the other elements need."""
    z = jnp.where(z > MAX_GROWTH, MAX_GROWTH, z)
    step, small = STEP.holds(z), SMALL.holds(z)
    # exp(z) - 1 does not cancel where z is not small, and XLA's exp is cheaper than its expm1.
    # Elsewhere, the powers would overflow, and their gradients be nan.
    far = jnp.where(small, SMALL(jnp.where(small, z, 0)), (jnp.exp(z) - 1) / jnp.where(small, 1, z))
    return jnp.where(step, STEP(jnp.where(step, z, 0)), far)


# A reverse pass keeps z alone and computes the series again, in a fifth of the time that storing its terms takes.
@functools.partial(jax.checkpoint, prevent_cse=False)
def _phi(z: Array) -> Array:
    if z.size > IN_CACHE:  # memory is the limit, and a branch costs two passes over it
        return _quotient(z)
    z = jax.lax.optimization_barrier(z)  # else XLA computes it twice
    return jax.lax.cond(_all(STEP.holds(z)), STEP, _quotient, z)


RULES["phi"] = numbers


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


def _axpy(y: States, h: Array, f: States) -> States:
    return tuple(a + h * b for a, b in zip(y, f, strict=True))


def euler(f: RHS, y: States, dt: Array) -> States:
    """Forward Euler: order 1."""
    return _axpy(y, dt, f(y))


def heun(f: RHS, y: States, dt: Array) -> States:
    """Heun's method (explicit trapezoid): order 2."""
    k1 = f(y)
    k2 = f(_axpy(y, dt, k1))
    return _axpy(y, dt / 2, tuple(a + b for a, b in zip(k1, k2, strict=True)))


def rk2(f: RHS, y: States, dt: Array) -> States:
    """The explicit midpoint rule: order 2."""
    return _axpy(y, dt, f(_axpy(y, dt / 2, f(y))))


def rk4(f: RHS, y: States, dt: Array) -> States:
    """The classical Runge-Kutta method: order 4."""
    k1 = f(y)
    k2 = f(_axpy(y, dt / 2, k1))
    k3 = f(_axpy(y, dt / 2, k2))
    k4 = f(_axpy(y, dt, k3))
    return _axpy(y, dt / 6, tuple(a + 2 * b + 2 * c + d for a, b, c, d in zip(k1, k2, k3, k4, strict=True)))


def _one(f: RHS, y: States, i: int) -> tuple[Callable[[Array], Array], Callable[[Array], Array]]:
    """Return y_i -> f_i(y) and its derivative, the other states held."""

    def f_i(v: Array) -> Array:
        return f((*y[:i], v, *y[i + 1 :]))[i]

    def slope(v: Array) -> Array:
        return jax.jvp(f_i, (v,), (jnp.ones_like(v),))[1]

    return f_i, slope


def linear_factors(f: Callable[..., States], n: int, args: tuple[Array, ...], dt: Array) -> dict[int, Any]:
    """Return (z phi(z), dt phi(z)), z = dt J, for each state in which its own rate is affine with a constant slope.

    These factors of exponential Euler do not change in a run, and are computed once, in the shape of the parameters.
    (`step.prepare` drops those that depend on a state or an input which the rate reads beside its arguments.)
    """
    zeros = (*_zeros(n), *_zeros(len(args)))
    known = {}
    for i in range(n):

        def rate(*at: Array, i: int = i) -> Array:
            return f(*at)[i]

        def slope(*at: Array, i: int = i) -> Array:
            return _one(lambda y: f(*y, *at[n:]), at[:n], i)[1](at[i])

        try:
            constant = affine(rate, i, *zeros) and not depends(slope, *zeros).any()
        except (TypeError, ValueError, IndexError):
            continue  # a rate that needs the shapes of its arguments
        if constant:
            z = dt * slope(*zeros)
            known[i] = (z * phi(z), dt * phi(z))
    return known


def _without_division(f: RHS, y: States) -> RHS:
    """Return f with x / p as x * (1 / p) where p does not depend on the states: on parameters, that is.

    A division costs as much as the rest of a rate, and 1 / p leaves the loop over neurons.
    """
    closed, shape = jax.make_jaxpr(f, return_shape=True)(y)
    if any("jaxpr" in eqn.params or "call_jaxpr" in eqn.params for eqn in closed.jaxpr.eqns):
        return f  # calls, branches: left as they are
    tree = jax.tree.structure(shape)

    def evaluate(at: States) -> States:
        known = dict(zip(closed.jaxpr.constvars, closed.consts, strict=True))
        known |= dict(zip(closed.jaxpr.invars, at, strict=True))
        varies = set(closed.jaxpr.invars)

        def read(v: Any) -> Array:
            return v.val if is_literal(v) else known[v]

        for eqn in closed.jaxpr.eqns:
            values = [read(v) for v in eqn.invars]
            moving = [not is_literal(v) and v in varies for v in eqn.invars]
            if eqn.primitive.name == "div" and moving == [True, False]:
                out = values[0] * (1.0 / values[1])
            else:
                out = eqn.primitive.bind(*values, **eqn.params)
            known.update(zip(eqn.outvars, out if eqn.primitive.multiple_results else [out], strict=True))
            if any(moving):
                varies.update(eqn.outvars)
        return jax.tree.unflatten(tree, [read(v) for v in closed.jaxpr.outvars])

    return evaluate


def exp_euler(f: RHS, y: States, dt: Array, factors: dict[int, Any]) -> States:
    """Exponential Euler, y + dt phi(dt J) f with the diagonal J: order 2 autonomous, 1 driven; exact if linear."""
    out = []
    if len(factors) < len(y):
        f = _without_division(f, y)
    for i, v in enumerate(y):
        f_i, slope = _one(f, y, i)
        if i in factors:  # the same step, without the division and the exponential
            growth, weight = factors[i]
            out.append(v + (growth * v + weight * f_i(jnp.zeros((), v.dtype))))
        else:
            out.append(v + dt * phi(dt * slope(v)) * f_i(v))
    return tuple(out)


METHODS: dict[str, Callable[[RHS, States, Array], States]] = {
    "euler": euler,
    "heun": heun,
    "rk2": rk2,
    "rk4": rk4,
}


def _zeros(n: int) -> tuple[Array, ...]:
    return (jnp.zeros((), jnp.result_type(float)),) * n


def growth(f: RHS, y: States, dt: Array) -> Array:
    """Return dt times the derivative of the first state's rate by that state."""
    return dt * _one(f, y, 0)[1](y[0])


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


def propagator(f: Callable[..., States], n: int, args: tuple[Array, ...], dt: Array, who: str) -> list[list[Array]]:
    """Return P = dt phi_1(dt A) for y' = A y + b, so that y + P f(y) is exact for a b that is constant in the step.

    P[i][j] is an array of the shape that the parameters have together, or None where it is 0 by structure.

    Raises:
        ValueError: f is not linear in its n states, or its Jacobian depends on the arguments.
    """
    zeros = _zeros(n)
    try:  # scalars, so that the propagator has the shape of the parameters
        jax.eval_shape(f, *zeros, *_zeros(len(args)))
        args = _zeros(len(args))
    except (TypeError, ValueError, IndexError):
        args = tuple(jnp.zeros_like(a) for a in args)

    def jacobian(*at: Array) -> list[Array]:
        y, x = at[:n], at[n:]
        columns = []
        for j in range(n):
            direction = tuple(jnp.ones_like(v) if k == j else jnp.zeros_like(v) for k, v in enumerate(y))
            columns.append(jax.jvp(lambda *s: f(*s, *x), y, direction)[1])
        return [columns[j][i] for i in range(n) for j in range(n)]

    def rate(*at: Array, i: int) -> Array:
        return f(*at)[i]

    # A constant Jacobian is not enough: a rate with a jump has one, too.
    linear = all(affine(functools.partial(rate, i=i), j, *zeros, *args) for i in range(n) for j in range(n))
    if not linear or depends(jacobian, *zeros, *args).any():
        raise ValueError(f"{who}: method='exact' needs a derivative that is linear in its states; use 'exp_euler'.")
    entries = [jnp.asarray(a) for a in jacobian(*zeros, *args)]
    shape = jnp.broadcast_shapes(*(a.shape for a in entries))
    A = jnp.stack([jnp.broadcast_to(a, shape) for a in entries], -1).reshape(*shape, n, n)
    P = phi_1(A, dt)
    reach = np.linalg.matrix_power(depends(f, *zeros, *args)[:, :n] + np.eye(n, dtype=int), n) > 0
    return [[P[..., i, j] if reach[i, j] else None for j in range(n)] for i in range(n)]


def growth_matrix(f: Callable[..., States], n: int, dt: Array, who: str) -> list[list[Array | None]]:
    """Return M = expm(dt A) - 1 of y' = A y: see `propagator`."""
    P = propagator(f, n, (), dt, who)
    zero, one = jnp.zeros((), jnp.result_type(float)), jnp.ones((), jnp.result_type(float))
    columns = [f(*(one if k == j else zero for k in range(n))) for j in range(n)]
    return [
        [None if P[i][j] is None else sum(P[i][k] * columns[j][k] for k in range(n) if P[i][k] is not None)
         for j in range(n)]
        for i in range(n)
    ]  # fmt: skip


def grow(M: list[list[Array]], y: States) -> States:
    """Return y + M y."""
    return tuple(
        v + sum(m * w for m, w in zip(row, y, strict=True) if m is not None) for v, row in zip(y, M, strict=True)
    )


def exact(P: list[list[Array]], f: RHS, y: States) -> States:
    """Return y + P f(y): exact for a linear f."""
    rates = f(y)
    return tuple(
        v + sum(p * r for p, r in zip(row, rates, strict=True) if p is not None) for v, row in zip(y, P, strict=True)
    )
