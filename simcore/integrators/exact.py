"""Exact integration of linear equations, by the matrix exponential of a step.

Source: Rotter and Diesmann (1999), Biological Cybernetics 81, 381-402.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from ..step.jaxpr import Form
from .base import Array, Equations, Integrator, Rates, States, refuse_coupling
from .phi import phi, phi_1

MIDDLE = 0.5  # of the step: where an input that is a function of t is taken, which makes the order in it 2
# Entries are None where they are 0 by structure: no step multiplies with them.
Matrix = list[list[Array | None]]


def slope(rate: Callable[[Array], Array], v: Array) -> Array:
    """Return the derivative of an elementwise function."""
    return jax.jvp(rate, (v,), (jnp.ones_like(v),))[1]


def origin(equations: Equations, rates: Rates) -> tuple[Array, ...]:
    """Return zeros for the states and arguments: scalars, so that what is computed has the shape of the parameters.

    Where the rates read shapes, they are those of the states and arguments.
    """
    if equations.reads_shapes:
        return tuple(jax.tree.map(jnp.zeros_like, (*equations.y, *rates.args)))
    zero = jnp.zeros((), jnp.result_type(float))
    return (zero,) * equations.n + tuple(jax.tree.map(lambda _: zero, rates.args))


def jacobian_entry(rates: Rates, point: tuple[Array, ...], i: int, j: int) -> Array:
    """Return the derivative of the i-th rate by the j-th state, where states and arguments are those of a point."""
    return slope(lambda v: rates.of(*point[:j], v, *point[j + 1 :])[i], point[j])


def propagators(equations: Equations, states: Sequence[int]) -> tuple[Matrix, Matrix]:
    """Return expm(dt A) - 1 and the integral of expm(A s) over the step, A the Jacobian in some linear states."""
    rates, dt = equations.rates_at(MIDDLE), equations.dt
    zeros = origin(equations, rates)
    n, reach = len(states), equations.reach()
    A = [[jacobian_entry(rates, zeros, i, j) if equations.depends[i, j] else None for j in states] for i in states]
    moves = [[bool(reach[i, j]) for j in states] for i in states]
    P: Matrix = [[None] * n for _ in states]
    if any(moves[i][j] for i in range(n) for j in range(n) if i != j):
        P = _off_diagonal(A, moves, dt)
    exactly: dict[int, Array | None] = {}  # on the diagonal, of states that are not moved by what they move
    for i in range(n):
        if not any(moves[i][j] and moves[j][i] for j in range(n) if j != i):
            z = None if A[i][i] is None else dt * A[i][i]
            exactly[i], P[i][i] = (None, dt) if z is None else (z * phi(z), dt * phi(z))
    columns = list(zip(*A, strict=True))
    G = [[exactly[i] if i == j and i in exactly else _product(P[i], columns[j]) for j in range(n)] for i in range(n)]
    return G, P


def _off_diagonal(A: Matrix, moves: list[list[bool]], dt: Array) -> Matrix:
    n = len(A)
    shape = jnp.broadcast_shapes(*(jnp.shape(a) for row in A for a in row if a is not None))
    zero = jnp.zeros(shape, jnp.result_type(float))
    full = jnp.stack([zero if a is None else jnp.broadcast_to(a, shape) for row in A for a in row], -1)
    P = phi_1(full.reshape(*shape, n, n), dt)
    return [[P[..., i, j] if moves[i][j] else None for j in range(n)] for i in range(n)]


def _product(row: Sequence[Array | None], column: Sequence[Array | None]) -> Array | None:
    terms = [p * a for p, a in zip(row, column, strict=True) if p is not None and a is not None]
    return sum(terms[1:], terms[0]) if terms else None


def products(row: Sequence[Array | None], values: Sequence[Array]) -> list[Array]:
    """Return the terms of a row of a matrix times a vector that are not 0."""
    return [m * v for m, v in zip(row, values, strict=True) if m is not None]


def moved(v: Array, terms: list[Array]) -> Array:
    """Return v plus the sum of the terms."""
    return v + sum(terms[1:], terms[0]) if terms else v


def ou_variance(equations: Equations, i: int) -> Array:
    """Return the variance after one step of an Ornstein-Uhlenbeck process, the i-th state, for an amplitude of 1."""
    rate = equations.rates_at(MIDDLE).one(equations.y, i)
    return equations.dt * phi(2 * (equations.dt * slope(rate, equations.y[i])))


class Exact(Integrator):
    """The exact solution of rates that are linear in their states, for inputs that are constant in the step."""

    name = "exact"
    refusal = (
        "method='exact' needs rates that depend on parameters alone, beside the states and arguments given to "
        "integrate(); use 'exp_euler'."
    )

    def check(self, equations: Equations) -> None:
        """Refuse equations that couple neurons, or are not linear."""
        refuse_coupling(equations, self.name)
        if not equations.linear:
            raise ValueError(
                f"{equations.who}: method='exact' needs a derivative that is linear in its states; use 'exp_euler'."
            )

    def prepare(self, equations: Equations) -> tuple[Matrix, Matrix]:
        """Return what the states and the inhomogeneous terms of their rates are multiplied with."""
        G, P = propagators(equations, range(equations.n))
        driven = [form != Form.LINEAR for form in equations.forms(set(range(equations.n)))]
        return G, [[p if d else None for p, d in zip(row, driven, strict=True)] for row in P]

    def step(self, equations: Equations, prepared: Any) -> States:
        """Return the states one step later; the free ones as they are: see `after`."""
        (G, P), y, rates = prepared, equations.y, equations.rates_at(MIDDLE)
        inputs = rates(origin(equations, rates)[: equations.n])
        free = set(equations.free)
        return tuple(v if i in free else moved(v, products(G[i], y) + products(P[i], inputs)) for i, v in enumerate(y))

    def after(self, equations: Equations, prepared: Any) -> dict[int, Array]:
        """Return the states that follow nothing but one another, those of receptors: when V is there, in place."""
        return {i: moved(equations.y[i], products(prepared[0][i], equations.y)) for i in equations.free}

    def variance(self, equations: Equations, i: int) -> Array:
        """Return that of the Ornstein-Uhlenbeck process."""
        return ou_variance(equations, i)
