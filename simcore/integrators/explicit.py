"""Explicit Runge-Kutta methods, each a table of Butcher's.

Source of tables and orders: Hairer, Norsett, Wanner (1993), Solving Ordinary Differential Equations I, chapter II.
"""

from __future__ import annotations

import dataclasses
import functools
import operator
from collections.abc import Callable
from typing import Any

from jax import lax

from ..step.jaxpr import transcendental
from .base import Array, Equations, Integrator, States
from .division import without_division


@dataclasses.dataclass(frozen=True, repr=False)
class RungeKutta(Integrator):
    """An explicit Runge-Kutta method: all states together, inputs that are functions of t at its stages.

    Args:
        name: in messages.
        nodes: the times of the stages, in steps.
        stages: for each but the first, the weights of the stages before it.
        weights: of the stages in the result.
    """

    name: str = "euler"
    nodes: tuple[float, ...] = (0.0,)
    stages: tuple[tuple[float, ...], ...] = ()
    weights: tuple[float, ...] = (1.0,)

    def step(self, equations: Equations, prepared: Any) -> States:
        """Return the states one step later."""
        y, dt, is_costly = equations.y, equations.dt, transcendental(equations.jaxpr.jaxpr)
        if not self.stages:
            rates = without_division(equations.rates_at(self.nodes[0]), y)
            return _in_place(rates, y, dt) if is_costly else _moved(y, dt, self.weights, [rates(y)])
        slopes: list[States] = []
        for node, weights in zip(self.nodes, ((), *self.stages), strict=True):
            if is_costly:  # a barrier, else XLA may compute a slope again wherever it is used
                slopes = lax.optimization_barrier(slopes)
            slopes.append(equations.rates_at(node)(_moved(y, dt, weights, slopes)))
        return _moved(y, dt, self.weights, slopes)


def _in_place(rates: Callable[[States], States], y: States, dt: Array) -> States:
    """Return y + dt rates(y) in the order in which XLA, on a CPU, needs no copy of a state.

    It makes one of each state that is read when its new value may be there. So all slopes come first, but that of the
    last state, which goes with its new value.
    """
    slopes, y = lax.optimization_barrier((rates(y)[:-1], y))
    last, slopes, y = lax.optimization_barrier((y[-1] + dt * rates(y)[-1], slopes, y[:-1]))
    return (*(v + dt * slope for v, slope in zip(y, slopes, strict=True)), last)


def _moved(y: States, dt: Array, weights: tuple[float, ...], slopes: list[States]) -> States:
    """Return y + dt times the weighted sum of the slopes, of which those of weight 0 do not count."""
    terms = [(w, f) for w, f in zip(weights, slopes, strict=True) if w]
    if not terms:
        return y
    scale = min(w for w, _ in terms)
    h = dt if scale == 1 else scale * dt
    new = []
    for i, v in enumerate(y):
        parts = [f[i] if w == scale else w / scale * f[i] for w, f in terms]
        new.append(v + h * functools.reduce(operator.add, parts))
    return tuple(new)


EULER = RungeKutta()
HEUN = RungeKutta("heun", (0.0, 1.0), ((1.0,),), (1 / 2, 1 / 2))
MIDPOINT = RungeKutta("rk2", (0.0, 1 / 2), ((1 / 2,),), (0.0, 1.0))
RK4 = RungeKutta(
    "rk4", (0.0, 1 / 2, 1 / 2, 1.0), ((1 / 2,), (0.0, 1 / 2), (0.0, 0.0, 1.0)), (1 / 6, 1 / 3, 1 / 3, 1 / 6)
)
