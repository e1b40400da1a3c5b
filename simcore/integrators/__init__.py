"""Integrators: one step of y' = f(t, y). A new one is a file here and a line in `METHODS`."""

from .base import Equations, Integrator, Rates
from .exact import Exact
from .explicit import EULER, HEUN, MIDPOINT, RK4, RungeKutta
from .exponential import ExponentialEuler

METHODS: dict[str, Integrator] = {m.name: m for m in (ExponentialEuler(), EULER, HEUN, MIDPOINT, RK4, Exact())}

__all__ = ["METHODS", "Equations", "Exact", "ExponentialEuler", "Integrator", "Rates", "RungeKutta", "default"]


def default(equations: Equations) -> Integrator:
    """Return the method that these equations are integrated with where none is named.

    heun where they couple neurons, exact where they are linear with fixed coefficients, else exp_euler.
    """
    if equations.coupling is not None:
        return HEUN
    return METHODS["exact" if equations.linear else "exp_euler"]
