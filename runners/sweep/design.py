"""Designs: which values the points of a sweep have. A grid by default; points taken together; random designs."""

from __future__ import annotations

import dataclasses
import inspect
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
import pint

from simcore import units
from simcore.module.parameters import did_you_mean
from simcore.module.seeds import generator
from simcore.units import OneQuantity, RangeLike

__all__ = ["latin_hypercube", "log", "random", "sobol", "zipped"]

Axis = dict[str, Any]  # the values along one dimension, by name: a quantity (n,), numbers (n,), or a list of objects


@dataclasses.dataclass(frozen=True)
class Joint:
    """Names whose values are taken together: point k has the k-th of each."""

    values: Axis


@dataclasses.dataclass(frozen=True)
class Log:
    """The bounds of a random design whose logarithm is uniform."""

    low: Any
    high: Any


class Mapped(NamedTuple):
    """What a function gives for the values on the axes."""

    values: Any  # as those of an axis: for each combination of the function's arguments
    positions: np.ndarray  # which of them each point has, (n_points,)


@dataclasses.dataclass(frozen=True)
class Design:
    """The values of all names, by dimension; the points are all combinations of the dimensions, in C order.

    Args:
        axes: by dimension.
        mapped: names whose values a function gives.
        arguments: the names on axes which that function takes.
    """

    axes: dict[str, Axis]
    mapped: dict[str, Mapped] = dataclasses.field(default_factory=dict)
    arguments: tuple[str, ...] = ()

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
        """All names on the axes."""
        return [key for axis in self.axes.values() for key in axis]

    def values(self, key: str) -> Any:
        """Return the values of a name: those along its axis, or those that a function gives."""
        return self.mapped[key].values if key in self.mapped else next(a[key] for a in self.axes.values() if key in a)

    def positions(self, key: str) -> np.ndarray:
        """Return which of its values each point has, (n_points,)."""
        if key in self.mapped:
            return self.mapped[key].positions
        k = next(k for k, axis in enumerate(self.axes.values()) if key in axis)
        return np.unravel_index(np.arange(self.n_points), self.shape)[k]

    def combination(self, keys: Sequence[str], row: Sequence[int] | np.ndarray) -> dict[str, Any]:
        """Return the values of names at these positions: quantities, plain numbers or objects."""
        values = {key: self.values(key)[int(k)] for key, k in zip(keys, row, strict=True)}
        return {key: value.item() if isinstance(value, np.generic) else value for key, value in values.items()}

    def shown(self, keys: Sequence[str], row: Sequence[int] | np.ndarray) -> str:
        """Return names and their values at these positions as text, "tau = 5 ms, R = 1 Ω"."""
        values = [(key, self.values(key)[int(k)]) for key, k in zip(keys, row, strict=True)]
        return ", ".join(f"{k} = {v:~P}" if isinstance(v, pint.Quantity) else f"{k} = {v}" for k, v in values)


def _values(key: str, value: Any) -> Any:
    """Return the values of one name: a quantity (n,), numbers (n,), or a list of anything else."""
    needs = f"Sweep: {key!r} needs several values: a quantity (n,), a list or a range"
    if isinstance(value, list | tuple | range):
        value = list(value)
        if not any(isinstance(v, str) for v in value):
            value = units.read(value, f"Sweep: {key!r}")  # a list of quantities becomes one
        if all(isinstance(v, int | float | np.number) and not isinstance(v, bool) for v in value):
            value = np.array(value)
    elif not isinstance(value, pint.Quantity | np.ndarray | jax.Array) or np.ndim(value) == 0:
        raise ValueError(f"{needs}, got {f'{value:~P}' if isinstance(value, pint.Quantity) else repr(value)}.")
    elif not isinstance(value, pint.Quantity):
        value = np.asarray(value)
    if not isinstance(value, list):
        if np.ndim(value) != 1:
            raise ValueError(f"{needs}, got the shape {np.shape(value)}.")
        if value.dtype.kind not in "iuf":
            value = value.tolist()
    if not len(value):
        raise ValueError(f"{needs}, got none.")
    return value


def read_over(over: Mapping[str, Any] | Joint) -> Design:
    """Return the design that a user describes: a dict from names to values or joint axes, or one joint axis.

    Raises:
        TypeError: it is neither, or a name is no text.
        ValueError: an axis is empty, no list of values, or a name comes twice.
    """
    if isinstance(over, Joint):
        over = {"point": over}
    _check_names("Sweep: 'over'", over, "values, {'tau': [5, 10] * ms}")
    axes = {dim: v.values if isinstance(v, Joint) else {dim: _values(dim, v)} for dim, v in over.items()}
    # The name of a joint axis may be that of one of its own values, not that of a value elsewhere.
    names = [key for dim, axis in axes.items() for key in {**axis, dim: None}]
    twice = [key for key in names if names.count(key) > 1]
    if twice:
        raise ValueError(f"Sweep: {twice[0]!r} is given twice.")
    return Design(axes)


def mapped(design: Design, function: Any) -> Design:
    """Return the design with what a function of values on its axes gives, by name, for each combination of these.

    Raises:
        TypeError: it is no function, or returns no dict of the same names at all points.
        ValueError: an argument is no name on an axis, or a result is one.
    """
    if not callable(function):
        raise TypeError(f"Sweep: 'set' must be a function of values on axes, lambda g: {{'inh.weight': -g * w}}, "
                        f"got {function!r}.")  # fmt: skip
    arguments = tuple(inspect.signature(function).parameters)
    for name in arguments:
        if name not in design.keys:
            raise ValueError(f"Sweep: 'set' takes {name!r}, which is on no axis{did_you_mean(name, design.keys)} "
                             f"There is {', '.join(design.keys)}.")  # fmt: skip
    rows, which = combinations(design, arguments, np.arange(design.n_points))
    results = [function(**design.combination(arguments, row)) for row in rows]
    _check_names("Sweep: what 'set' returns", results[0], "values, {'inh.weight': -g * w}")
    for row, result in zip(rows, results, strict=True):
        if not isinstance(result, dict) or result.keys() != results[0].keys():
            raise TypeError(f"Sweep: 'set' must return the names {', '.join(results[0])} at all points, "
                            f"got {result!r} for {design.combination(arguments, row)}.")  # fmt: skip
    if twice := results[0].keys() & set(design.keys):
        raise ValueError(f"Sweep: {min(twice)!r} is on an axis, and 'set' gives it; leave one out.")
    values = {key: _values(key, [result[key] for result in results]) for key in results[0]}
    return dataclasses.replace(design, mapped={k: Mapped(v, which) for k, v in values.items()}, arguments=arguments)


def combinations(design: Design, keys: Sequence[str], index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct combinations of values that points have, rows of positions; and which each point has."""
    if not keys:
        return np.zeros((1, 0), int), np.zeros(index.size, int)
    columns = np.stack([design.positions(key)[index] for key in keys], -1)
    rows, which = np.unique(columns, axis=0, return_inverse=True)
    return rows, which.reshape(-1)


def _check_names(who: str, values: Any, of: str) -> None:
    if not isinstance(values, dict) or not values or not all(isinstance(key, str) for key in values):
        raise TypeError(f"{who} must be a dict from names to {of}, got {values!r}.")


def zipped(values: Mapping[str, Any]) -> Joint:
    """Return an axis on which several names go together: point k has the k-th value of each.

    Args:
        values: by name, a quantity (n,) or a list of n.

    Raises:
        ValueError: the numbers of values differ.
    """
    _check_names("design.zipped: 'values'", values, "values, {'tau': [5, 10] * ms, 'R': [1, 2] * ohm}")
    axis = {key: _values(key, v) for key, v in values.items()}
    if len({len(v) for v in axis.values()}) != 1:
        lengths = ", ".join(f"{key!r} has {len(v)}" for key, v in axis.items())
        raise ValueError(f"design.zipped needs the same number of values of each name; {lengths}.")
    return Joint(axis)


def log(low: OneQuantity | float, high: OneQuantity | float) -> Log:
    """Return bounds for a random design whose logarithm is uniform: ``random({"tau": log(1 * ms, 100 * ms)}, 50)``.

    Of a grid, ``np.geomspace(1 * ms, 100 * ms, 5)`` are the values.

    Args:
        low: the lower bound, > 0.
        high: the upper bound, of the same dimension.
    """
    return Log(low, high)


def random(ranges: Mapping[str, RangeLike | Log], n: int, seed: int = 0) -> Joint:
    """Return n points drawn uniformly between the bounds of each name.

    Args:
        ranges: by name, bounds, ``(5, 30) * ms``, or `log` of them.
        n: the number of points.
        seed: of the random numbers.

    Raises:
        ValueError: n is not positive; bounds are not two that rise, or of a `log` not > 0.
    """
    bounds = _bounds("random", ranges, n)
    return _scaled(bounds, generator(seed, "random").random((n, len(bounds))))


def latin_hypercube(ranges: Mapping[str, RangeLike | Log], n: int, seed: int = 0) -> Joint:
    """Return n points of which each n-th of the range of each name holds one.

    Args, Raises: as of `random`: `ranges`, `n`, `seed`.
    """
    bounds = _bounds("latin_hypercube", ranges, n)
    return _scaled(bounds, _qmc().LatinHypercube(len(bounds), rng=generator(seed, "latin_hypercube")).random(n))


def sobol(ranges: Mapping[str, RangeLike | Log], n: int, seed: int = 0) -> Joint:
    """Return n points of a scrambled Sobol sequence between the bounds of each name.

    Args:
        ranges: by name, bounds, ``(5, 30) * ms``, or `log` of them.
        n: the number of points, a power of 2.
        seed: of the scrambling.

    Raises:
        ValueError: n is no power of 2; or as of `random`.
    """
    bounds = _bounds("sobol", ranges, n)
    power = int(n).bit_length() - 1
    if 2**power != n:
        raise ValueError(f"design.sobol needs a power of 2, got {n}; the nearest are {2**power} and {2 * 2**power}.")
    return _scaled(bounds, _qmc().Sobol(len(bounds), rng=generator(seed, "sobol")).random_base2(power))


def _qmc() -> Any:
    try:
        from scipy.stats import qmc
    except ImportError as err:
        raise ImportError("this design needs scipy: pip install scipy") from err
    return qmc


def _bounds(who: str, ranges: Any, n: Any) -> dict[str, Log | tuple[Any, Any]]:
    """Return the bounds of each name, after a check of all that was asked for."""
    if not isinstance(n, int | np.integer) or n < 1:
        raise ValueError(f"design.{who} needs a positive number of points, got {n!r}.")
    _check_names(f"design.{who}: 'ranges'", ranges, "bounds, {'tau': (5 * ms, 30 * ms)}")
    bounds: dict[str, Any] = {}
    for key, given in ranges.items():
        is_log = isinstance(given, Log)
        pair = units.read((given.low, given.high) if is_log else given, f"design.{who}: {key!r}")
        pair = pair if isinstance(pair, pint.Quantity) else np.asarray(pair)
        if np.shape(pair) != (2,) or not pair[0] < pair[1]:
            raise ValueError(f"design.{who}: {key!r} needs its bounds, (low, high), got {units.show(pair)}.")
        if is_log and not pair[0] > 0 * pair[0]:
            raise ValueError(f"design.{who}: {key!r} needs bounds > 0 for their logarithm, got {units.show(pair)}.")
        bounds[key] = Log(*pair) if is_log else tuple(pair)
    return bounds


def _scaled(bounds: dict[str, Log | tuple[Any, Any]], points: np.ndarray) -> Joint:
    """Return points of the unit cube, (n, names), between the bounds."""
    return Joint({key: _between(pair, points[:, k]) for k, (key, pair) in enumerate(bounds.items())})


def _between(bounds: Log | tuple[Any, Any], x: np.ndarray) -> Any:
    if isinstance(bounds, Log):
        ratio = bounds.high / bounds.low
        return bounds.low * float(getattr(ratio, "magnitude", ratio)) ** x
    low, high = bounds
    return low + x * (high - low)
