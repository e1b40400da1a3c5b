"""Trainable: parameters of a model as free numbers, which an optimizer may move anywhere."""

from __future__ import annotations

import dataclasses
import fnmatch
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import units
from ..units import RangeLike
from .tree import join

Array = Any
INSIDE = 1e-5  # of its scale: as near as a value comes to a bound that it must not reach
START = 1e-3  # of its scale: where a value begins that lies on a bound


@dataclasses.dataclass(frozen=True)
class Range:
    """What values a parameter may have, in its declared unit.

    Attributes:
        low, high: the bounds, numbers; infinite without one.
        above: the path of another parameter, which is a bound too; "" without one.
        scale: how far the values are from their bound, a typical one.
    """

    low: float = -np.inf
    high: float = np.inf  # if it is finite, so is the lower one
    above: str = ""
    scale: float = 1.0


class Trainable:
    """Some parameters of a model as free numbers; see `Node.trainable`.

    Attributes:
        start: the free numbers of the values that the model has, arrays by path: what an optimizer begins with.
    """

    def __init__(self, values: dict[str, np.ndarray], ranges: dict[str, Range]) -> None:
        self._ranges, self._values = ranges, values
        self.start: dict[str, Array] = self.free(values)

    def __repr__(self) -> str:
        return f"Trainable({', '.join(f'{path} {np.shape(x)}' for path, x in self.start.items())})"

    def params(self, free: dict[str, Array]) -> dict[str, Array]:
        """Return the parameters of free numbers, floats in their declared units, as `unroll` takes them.

        They are in the ranges that their declarations and bounds allow, whatever the numbers are. In JAX.
        """
        params: dict[str, Array] = {}

        def value(path: str) -> Array:
            if path not in params and path in free:
                params[path] = self._bounded(free[path], self._ranges[path], value)
            return params.get(path, self._values[path])

        for path in free:
            if path not in self._ranges:
                raise KeyError(f"{path!r} is not trained; these are: {', '.join(self._ranges)}.")
            value(path)
        return params

    def free(self, params: dict[str, Array]) -> dict[str, Array]:
        """Return the free numbers of floats in declared units; what is left out is as in the model."""
        values = self._values | params
        return {path: jnp.asarray(self._freed(path, values)) for path in self._ranges}

    def _bounded(self, x: Array, of: Range, value: Any) -> Array:
        if np.isfinite(of.high):
            return jnp.clip(of.low + (of.high - of.low) * jax.nn.sigmoid(x), of.low, of.high)
        distance = of.scale * jnp.maximum(jax.nn.softplus(x), INSIDE)
        if of.above:
            return jnp.maximum(value(of.above), of.low) + distance
        return of.low + distance if np.isfinite(of.low) else x

    def _freed(self, path: str, values: dict[str, np.ndarray]) -> np.ndarray:
        """Return the free numbers of the values."""
        of, value = self._ranges[path], values[path]
        if np.isfinite(of.high):
            share = np.clip((value - of.low) / (of.high - of.low), START, 1 - START)
            return np.log(share / (1 - share))
        if not of.above and not np.isfinite(of.low):
            return value
        low = np.maximum(values[of.above], of.low) if of.above else of.low
        distance = np.maximum((value - low) / of.scale, START)
        return distance + np.log(-np.expm1(-distance))


def trainable(model: Any, patterns: tuple[str, ...], bounds: Mapping[str, RangeLike]) -> Trainable:
    """Return what `Node.trainable` does."""
    values, nodes = model.float_params(), model.nodes()
    specs = {join(path, k): (node, k) for path, node in nodes.items() for k in node.given()}
    chosen = [path for path in values if any(fnmatch.fnmatchcase(path, p) for p in (*patterns, *bounds))]
    for pattern in (*patterns, *bounds):
        if not fnmatch.filter(values, pattern):
            raise ValueError(f"trainable: {model.name} has no parameter {pattern!r}; it has {', '.join(values)}.")
    ranges = {}
    for path in chosen:
        node, name = specs[path]
        spec = node.specs().get(name)
        if spec is not None and spec.steps:
            if path in (*patterns, *bounds):
                raise ValueError(f"trainable: {path!r} is rounded to whole steps, so nothing has a derivative by it.")
            continue
        ranges[path] = _range(path, node, name, values, bounds.get(path))
    return Trainable(values, ranges)


def _range(path: str, node: Any, name: str, values: dict[str, np.ndarray], bounds: Any) -> Range:
    """Return the range of a parameter: what is declared, and what is given."""
    spec, value = node.specs().get(name), values[path]
    prefix = path[: len(path) - len(name)]
    above = prefix + spec.above if spec is not None and spec.above and prefix + spec.above in values else ""
    low, high = -np.inf if spec is None else node.least(spec), np.inf
    if bounds is not None:
        low, high = read_bounds(path, node, name, bounds)
        if above and low <= np.max(values[above]):
            raise ValueError(f"trainable: the bounds of {path!r} must be above {above!r}, got {units.show(bounds)}.")
        if np.any(value < low) or np.any(value > high):
            at = f"{units.show(bounds)}, and it begins outside of them, at {np.ravel(value)[:3]}"
            raise ValueError(f"trainable: the bounds of {path!r} are {at}.")
        above = ""
    bound = np.maximum(values[above], low) if above else low
    scale = float(np.mean(value - bound)) if np.size(value) and np.all(np.isfinite(bound)) else 1.0
    return Range(low, high, above, scale or 1.0)


def read_bounds(path: str, node: Any, name: str, bounds: Any) -> tuple[float, float]:
    """Return two quantities, between which a parameter is to be, as floats in its declared unit.

    Raises:
        DimensionalityError: they are in another unit.
        ValueError: they are not in order, or not where the parameter may be.
    """
    spec, who = node.specs().get(name), f"the bounds of {path!r}"
    unit = "dimensionless" if spec is None else node.param_unit(spec)
    given = units.as_magnitude(bounds, unit, who)
    if given.shape != (2,) or not given[0] < given[1]:
        raise ValueError(f"{who} must be a lower and a higher one, (1, 50) * {unit}, got {units.show(bounds)}.")
    if spec is not None and given[0] < node.least(spec):
        raise ValueError(
            f"{who} must be above {node.least(spec):g}, as the parameter itself; got {units.show(bounds)}."
        )
    return float(given[0]), float(given[1])
