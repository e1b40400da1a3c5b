"""Exponential Euler: each state by the exact solution of its own linear part.

Source: Hochbruck and Ostermann (2010), Acta Numerica 19, 209-286.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from ..step.jaxpr import Form
from .base import Array, Equations, Integrator, States, refuse_coupling
from .division import without_division
from .exact import MIDDLE, jacobian_entry, moved, origin, ou_variance, products, propagators, slope
from .phi import phi

RHS = Callable[[States], States]


class ExponentialEuler(Integrator):
    """x + dt phi(dt J) f(x) for each state x, J its own derivative: exact where its rate is linear in it.

    It is second order in effect for conductance-based neurons, at no cost, by the order of the states: (1) linear ones
    that follow nothing else (the receptors') are advanced exactly, and all others are driven by their mean over the
    step, so that the charge of a synaptic current is exact; (2) the states other than V, with the V of the step's
    start; (3) V, with their new values: V and the others leapfrog.
    """

    name = "exp_euler"
    keeps_V = True

    def check(self, equations: Equations) -> None:
        """Refuse equations that couple neurons."""
        refuse_coupling(equations, self.name)

    def prepare(self, equations: Equations) -> dict[str, Any]:
        """Return, by the state's number, (z phi(z), dt phi(z)), z = dt J, where J does not change in a run.

        With "free" go what the free linear states are multiplied with, to grow and to have their mean.
        """
        rates, dt, free = equations.rates_at(MIDDLE), equations.dt, equations.free
        prepared: dict[str, Any] = {}
        if free:
            G, P = propagators(equations, free)
            prepared["free"] = G, [[None if p is None else p / dt for p in row] for row in P]
        zeros = origin(equations, rates)
        for i in set(range(equations.n)) - set(free):
            if equations.forms({i})[i] < Form.CURVED:
                z = dt * jacobian_entry(rates, zeros, i, i)
                prepared[str(i)] = z * phi(z), dt * phi(z)
        return prepared

    def step(self, equations: Equations, prepared: Any) -> States:
        """Return the states one step later, the free ones at their mean: see `after`."""
        y, free = list(equations.y), equations.free if "free" in prepared else []
        for i, row in zip(free, prepared["free"][1] if free else (), strict=True):
            terms = products(row, [equations.y[j] for j in free])
            y[i] = sum(terms[1:], terms[0])
        others = [i for i in range(equations.n) if i not in free]
        rates: RHS = equations.rates_at(MIDDLE)
        if not all(str(i) in prepared for i in others):
            rates = without_division(rates, tuple(y))
        rate_of = one_by_one(rates, tuple(y)) if len(others) > 1 else lambda i: lambda states: rates(states)[i]

        def advanced(i: int) -> Array:
            whole = rate_of(i)

            def rate(v: Array) -> Array:
                return whole((*y[:i], v, *y[i + 1 :]))

            v = y[i]
            if str(i) in prepared:  # the same step, without the division and the exponential
                growth, weight = prepared[str(i)]
                return v + (growth * v + weight * rate(jnp.zeros_like(v)))
            return v + equations.dt * phi(equations.dt * slope(rate, v)) * rate(v)

        for i, value in [(i, advanced(i)) for i in others if i != equations.V]:
            y[i] = value
        if equations.V is not None:
            y[equations.V] = advanced(equations.V)
        return tuple(y)

    def after(self, equations: Equations, prepared: Any) -> dict[int, Array]:
        """Return the free linear states, advanced."""
        if "free" not in prepared:
            return {}
        free = [equations.y[i] for i in equations.free]
        rows = zip(equations.free, free, prepared["free"][0], strict=True)
        return {i: moved(v, products(growth, free)) for i, v, growth in rows}

    def variance(self, equations: Equations, i: int) -> Array:
        """Return that of the Ornstein-Uhlenbeck process."""
        return ou_variance(equations, i)


def one_by_one(f: RHS, y: States) -> Callable[[int], Callable[[States], Array]]:
    """Return what gives the rate of a state as a function of all of them, which computes nothing else.

    f, the equations of a user, is traced once, not for each of the states: channels have many.
    """
    from jax.interpreters.partial_eval import dce_jaxpr

    closed: Any = jax.make_jaxpr(f)(y)

    def rate_of(i: int) -> Callable[[States], Array]:
        jaxpr, used = dce_jaxpr(closed.jaxpr, [k == i for k in range(len(y))])

        def rate(states: States) -> Array:
            arguments = (state for state, is_used in zip(states, used, strict=True) if is_used)
            return jax.core.eval_jaxpr(jaxpr, closed.consts, *arguments)[0]

        return rate

    return rate_of
