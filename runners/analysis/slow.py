"""Slow points: where a rate network stands still, or nearly so."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pint

from simcore import Module, Network, Neuron, units
from simcore.bases.dynamics import Dynamics
from simcore.module.structure import Structure
from simcore.step.context import default_dt
from simcore.step.fitted import fit
from simcore.step.rates import Arguments, InputValue, RateFunction, rates_at
from simcore.units import RangeLike

from .flow import rising
from .points import FixedPoints, distinct, leading_first

SAME = 1e-4  # of the ranges: points nearer than that are one


class SlowPoints(FixedPoints):
    """Slow points, the slowest first.

    Attributes:
        speed: the length of the vector of all rates, a quantity (n,); 0 at fixed points but for rounding.
        states: the values of each state by name, quantities (n, *shape); ``points["E.r"]`` is that of E.r.
        eigenvalues: of the Jacobian, (n, number of states), complex, 1/ms; the one that decides stability comes first.
        kind, stable: as of `FixedPoints`, of the equations made linear there.
    """

    def __init__(self, states: dict[str, pint.Quantity], eigenvalues: pint.Quantity, speed: pint.Quantity) -> None:
        super().__init__(states, eigenvalues)
        self.speed = speed

    def row(self, k: int) -> str:
        """Return one of them as text."""
        return f"speed {self.speed[k]:.3g~P}: {self.kind[k]}"


def slow_points(
    model: Module, states: Mapping[str, RangeLike], *, inputs: InputValue = None, n: int = 100, seed: int = 0
) -> SlowPoints:
    r"""Return where the rates of a rate network are smallest: its fixed points, and the slow points between them.

    .. math:: q = |f(x)|^2 / 2

    has a minimum there, found by the method of Levenberg and Marquardt (`scipy.optimize.least_squares`) from random
    starts. At a fixed point q is 0; where it is small and not 0 a trajectory lingers, as at the ghost of a saddle-node.
    The computations that trained networks make are read from these points and the equations made linear there.

    Args:
        model: a population of rate units, or a network of such without delays; no neurons that spike.
        states: ranges from which all values of each state begin, by name: ``{"E.r": (0, 1), "I.r": (0, 1)}``.
            Those without a range begin at their present (at first initial) values.
        inputs: to its update(): a quantity, or a dict by name, of a network by population.
        n: the number of starts.
        seed: of the starts.

    Raises:
        DimensionalityError: a value has another dimension, or the equations do not fit.
        TypeError: it is no model with integrated states, or it spikes.
        ValueError: there is no such state, a link has a delay, or states differ in their dimension.

    Reference: Sussillo and Barak (2013), Opening the black box: low-dimensional dynamics in high-dimensional recurrent
    neural networks, Neural Computation 25(3), 626-649.
    """
    from scipy.optimize import least_squares

    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ValueError(f"slow_points: 'n' must be a positive int, got {n!r}.")
    _check(model)
    fit(model, default_dt())
    function = RateFunction(model, inputs)
    system = _System(function)
    starts, scale = system.starts(states, n, np.random.default_rng(seed))
    found = [least_squares(lambda z: system(z)[0], z, lambda z: system(z)[1], ftol=1e-15, xtol=1e-15, gtol=1e-15).x
             for z in starts]  # fmt: skip
    z = distinct(np.array(found), scale, SAME)
    f, J = (np.array(part) for part in zip(*map(system, z), strict=True))
    speed = np.linalg.norm(f, axis=1)
    order = np.argsort(speed, kind="stable")
    values = leading_first(np.linalg.eigvals(J[order]).astype(complex))
    return SlowPoints(system.split(z[order]), units.attach(values, "1/ms"),
                      units.from_kernel(speed[order], f"({system.unit})/ms"))  # fmt: skip


def _check(model: Any) -> None:
    """Refuse what has no rates, spikes, or remembers."""
    if not isinstance(model, Dynamics | Network):
        raise TypeError(f"slow_points needs a population of rate units or a network of such, got {model!r}.")
    for path, node in model.nodes().items():
        if isinstance(node, Neuron) and node.sends_spikes():
            raise TypeError(f"slow_points is about rates, and {path or node.name} spikes: between spikes and resets "
                            "no point of a network is where it stands still.")  # fmt: skip
        if isinstance(node, Module) and np.any(_delay(node) > 0):
            raise ValueError(f"slow_points is about the states of now, and {path} has a delay; give it none.")


def _delay(node: Module) -> np.ndarray:
    delay = node.params().get("delay")
    return np.zeros(()) if delay is None else delay.magnitude


class _System:
    """The rates (n,), and their Jacobian (n, n), of all integrated states in a row, floats in kernel units."""

    def __init__(self, function: RateFunction) -> None:
        self.function, self.shapes = function, function.shapes
        self.structure = function.model.structure()
        found = {function.states[name].unit for name in self.shapes}
        if len({units.dimension(unit) for unit in found}) > 1:
            raise ValueError(f"slow_points: the states {', '.join(self.shapes)} are in {', '.join(sorted(found))}; "
                             "a speed is of states of one dimension.")  # fmt: skip
        self.unit = min(found)
        with jax.enable_x64(True):
            self._arguments = jax.device_put(function.arguments)

    def __call__(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        with jax.enable_x64(True):
            f, J = _linear(self.structure, tuple(self.shapes.items()), self._arguments, z)
        return np.asarray(f), np.asarray(J)

    def starts(self, ranges: Any, n: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return random starts (n, number of states), and the widths of the ranges (number of states,)."""
        boxes = {}
        for name, ends in (ranges or {}).items():
            if name not in self.shapes:
                raise ValueError(f"slow_points: there is no integrated state {name!r}; there is "
                                 f"{', '.join(self.shapes)}.")  # fmt: skip
            boxes[name] = rising(f"slow_points: the range of {name!r}", self.function.read(name, ends, "slow_points"))
        if not boxes:
            raise ValueError("slow_points: 'states' needs the range of one state at least, "
                             f"{{{next(iter(self.shapes))!r}: (0, 1)}}.")  # fmt: skip
        parts, widths = [], []
        for name, shape in self.shapes.items():
            size = int(np.prod(shape))
            present = np.asarray(self.function.arguments[1][name]).reshape(size)
            parts.append(random.uniform(*boxes[name], (n, size)) if name in boxes else np.tile(present, (n, 1)))
            widths.append(np.full(size, np.ptp(boxes[name]) if name in boxes else max(np.ptp(present), 1.0)))
        return np.concatenate(parts, axis=1), np.concatenate(widths)

    def split(self, z: np.ndarray) -> dict[str, pint.Quantity]:
        """Return the states of points z (m, n), by name, quantities (m, *shape)."""
        ends = np.cumsum([np.prod(shape, dtype=int) for shape in self.shapes.values()])
        parts = zip(self.shapes.items(), np.split(z, ends[:-1], axis=1), strict=True)
        return {name: units.from_kernel(part.reshape(-1, *shape), self.function.states[name].unit)
                for (name, shape), part in parts}  # fmt: skip


@functools.partial(jax.jit, static_argnums=(0, 1))
def _linear(structure: Structure, shapes: tuple[tuple[str, tuple[int, ...]], ...], arguments: Arguments, z: Any) -> Any:
    def f(z: Any) -> Any:
        params, states, x, clock = arguments
        first, moved = 0, {}
        for name, shape in shapes:
            size = int(np.prod(shape))
            moved[name] = z[first : first + size].reshape(shape)
            first += size
        rates = rates_at(structure.model, params, states | moved, x, clock)
        return jnp.concatenate([rates[name].ravel() for name, _ in shapes])

    return f(z), jax.jacfwd(f)(z)
