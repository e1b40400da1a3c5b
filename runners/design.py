"""Designs: which values the points of a sweep have. A grid by default; points taken together; random designs."""

from __future__ import annotations

import dataclasses
import importlib
import math
from typing import Any

import numpy as np
import pint

from simcore import units

Axis = dict[str, Any]  # the values along one dimension, by name


@dataclasses.dataclass(frozen=True)
class Joint:
    """Names whose values are taken together: point k has the k-th of each."""

    values: Axis


@dataclasses.dataclass(frozen=True)
class Design:
    """The values of all names, by dimension; the points are all combinations of the dimensions, in C order."""

    axes: dict[str, Axis]

    @property
    def dims(self) -> tuple[str, ...]:
        """The names of the dimensions."""
        return tuple(self.axes)

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of values along each dimension."""
        return tuple(len(next(iter(axis.values()))) for axis in self.axes.values())

    @property
    def n_points(self) -> int:
        """The number of points."""
        return math.prod(self.shape)

    @property
    def keys(self) -> list[str]:
        """All names."""
        return [key for axis in self.axes.values() for key in axis]

    def positions(self, key: str) -> np.ndarray:
        """Return where along its dimension each point is, (n_points,)."""
        k = next(k for k, axis in enumerate(self.axes.values()) if key in axis)
        return np.unravel_index(np.arange(self.n_points), self.shape)[k]


def _values(key: str, value: Any) -> Any:
    """Return the values of one name: a quantity (n,), or a list of anything else."""
    who = f"Sweep: {key!r}"
    several = "needs several values: a quantity (n,), a list or a range"
    one = isinstance(value, pint.Quantity) and np.ndim(value.magnitude) == 0
    if one or isinstance(value, str) or not hasattr(value, "__len__"):
        raise ValueError(f"{who} {several}, got {units.show(value)}.")
    if not any(isinstance(v, str) for v in value):
        value = units.read(value, who)  # a list of quantities becomes one
    if isinstance(value, pint.Quantity | np.ndarray):
        if np.ndim(value) != 1:
            raise ValueError(f"{who} {several}, got the shape {np.shape(value)}.")
    else:
        value = list(value)
    if not len(value):
        raise ValueError(f"{who} {several}, got none.")
    return value


def read_over(over: Any) -> Design:
    """Return the design that a user describes: a dict from names to values or joint axes, or one joint axis.

    Raises:
        ValueError: an axis is empty, no list of values, or a name comes twice.
    """
    if isinstance(over, Joint):
        over = {"point": over}
    if not isinstance(over, dict) or not over:
        raise TypeError(f"Sweep: 'over' must be a dict from names to values, {{'tau': [5, 10] * ms}}, got {over!r}.")
    axes = {dim: dict(v.values) if isinstance(v, Joint) else {dim: _values(dim, v)} for dim, v in over.items()}
    keys = [key for axis in axes.values() for key in axis]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise ValueError(f"Sweep: {twice[0]!r} is given twice.")
    return Design(axes)


def zipped(values: dict[str, Any]) -> Joint:
    """Return an axis on which several names go together: point k has the k-th value of each.

    Raises:
        ValueError: the numbers of values differ.
    """
    axis = {key: _values(key, v) for key, v in values.items()}
    lengths = {key: len(v) for key, v in axis.items()}
    if len(set(lengths.values())) != 1:
        said = ", ".join(f"{key!r} has {n}" for key, n in lengths.items())
        raise ValueError(f"design.zipped needs the same number of values of each name; {said}.")
    return Joint(axis)


def random(ranges: dict[str, Any], n: int, seed: int = 0) -> Joint:
    """Return n points drawn uniformly between the bounds, (low, high), of each name."""
    return _scaled("random", ranges, np.random.default_rng(seed).random((_count("random", n), len(ranges))))


def latin_hypercube(ranges: dict[str, Any], n: int, seed: int = 0) -> Joint:
    """Return n points of which each n-th of the range of each name holds one (scipy's `qmc.LatinHypercube`)."""
    qmc = importlib.import_module("scipy.stats.qmc")
    sampler = qmc.LatinHypercube(len(ranges), rng=np.random.default_rng(seed))
    return _scaled("latin_hypercube", ranges, sampler.random(_count("latin_hypercube", n)))


def sobol(ranges: dict[str, Any], n: int, seed: int = 0) -> Joint:
    """Return n points, a power of 2, of a scrambled Sobol sequence (scipy's `qmc.Sobol`)."""
    power = round(math.log2(_count("sobol", n)))
    if 2**power != n:
        low = 2 ** math.floor(math.log2(n))
        raise ValueError(f"design.sobol needs a power of 2, got {n}; the nearest are {low} and {2 * low}.")
    qmc = importlib.import_module("scipy.stats.qmc")
    return _scaled("sobol", ranges, qmc.Sobol(len(ranges), rng=np.random.default_rng(seed)).random_base2(power))


def _count(who: str, n: Any) -> int:
    if not isinstance(n, int | np.integer) or n < 1:
        raise ValueError(f"design.{who} needs a positive number of points, got {n!r}.")
    return int(n)


def _scaled(who: str, ranges: dict[str, Any], points: np.ndarray) -> Joint:
    """Return points from the unit cube (n, names) in the ranges."""
    axis: Axis = {}
    for k, (key, bounds) in enumerate(ranges.items()):
        bounds = units.read(list(bounds) if isinstance(bounds, tuple) else bounds, f"design.{who}: {key!r}")
        if np.shape(bounds) != (2,):
            raise ValueError(f"design.{who}: {key!r} needs its bounds, (low, high), got {units.show(bounds)}.")
        low, high = bounds if isinstance(bounds, pint.Quantity) else np.asarray(bounds, float)
        axis[key] = low + points[:, k] * (high - low)
    return Joint(axis)
