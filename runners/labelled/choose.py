"""What coordinates are, and which of them a user means: by value, near one, or between two."""

from __future__ import annotations

from typing import Any

import numpy as np
import pint

from simcore import units

# A value is found on an axis within this share of its largest one, and of the distance between two.
TOLERANCE, OF_A_STEP = 1e-6, 0.01


def attached(array: np.ndarray, unit: str | None) -> Any:
    """Return an array in a unit as a quantity; None: as it is."""
    return array if unit is None else units.attach(array, unit)


def as_coordinate(array: np.ndarray, unit: str | None) -> Any:
    """Return coordinates as a design has them: a quantity, numbers, or a list of anything else."""
    return array.tolist() if array.dtype.kind not in "iuf" else attached(array, unit)


def plain(value: Any) -> tuple[np.ndarray, Any]:
    """Return coordinates as an array of numbers, bools or texts (objects: position and repr), and their unit."""
    if isinstance(value, pint.Quantity):
        return np.asarray(value.magnitude), value.units
    if isinstance(value, list) and {type(v) for v in value} not in ({str}, {bool}, {int}, {float}):
        value = [v if isinstance(v, str) else f"{k}: {v!r}" for k, v in enumerate(value)]
    return np.asarray(value), None


def shown(value: Any) -> str:
    """Return coordinates in a line."""
    array, unit = plain(value)
    if array.dtype.kind not in "iuf" or not array.size:
        return ", ".join(map(str, array[:6])) + (", ..." if len(array) > 6 else "")
    low, high = array.min(), array.max()
    return f"{low:g} to {high:g}" + ("" if unit is None else f" {unit:~P}")


def find(values: Any, wanted: Any, who: str, method: str | None) -> Any:
    """Return which of the coordinates a value is, or is nearest to; of several values a list."""
    if isinstance(values, list):
        if isinstance(wanted, list):
            return [find(values, one, who, method) for one in wanted]
        texts = plain(values)[0].tolist()
        for k, value in enumerate(values):
            if value is wanted or (isinstance(wanted, str | bool) and texts[k] == wanted):
                return k
        raise KeyError(f"{who} has no {wanted!r}; it has {', '.join(map(str, texts[:8]))}.")
    magnitude, all_of = _numbers(values, wanted, who)
    if not all_of.size:
        raise KeyError(f"{who} has no values.")
    if magnitude.ndim:
        if magnitude.ndim > 1:
            raise ValueError(f"{who} needs one value, a list of them or a slice, got {units.show(wanted)}.")
        return [_find_number(values, all_of, one, wanted[k], who, method) for k, one in enumerate(magnitude)]
    return _find_number(values, all_of, magnitude, wanted, who, method)


def _find_number(values: Any, all_of: np.ndarray, magnitude: Any, wanted: Any, who: str, method: str | None) -> int:
    away = np.abs(all_of - magnitude)
    near = int(np.argmin(away))
    if method is None and away[near] > _tolerance(all_of):
        nearest = " and ".join(_one(values[k]) for k in np.sort(np.argsort(away)[:2]))
        raise KeyError(f"{who} has no {_one(wanted)}; the nearest are {nearest}; method='nearest' takes one.")
    return near


def between(values: Any, bounds: slice, who: str) -> Any:
    """Return which of the coordinates lie between two values, both included; None: without a bound.

    They are a slice where they follow one another, so that an array in a file is not read.
    """
    if isinstance(values, list) or bounds.step is not None:
        raise ValueError(f"{who} needs a slice of two values of numbers or quantities, got {bounds}.")
    inside = np.ones(len(values), bool)
    for bound, sign in ((bounds.start, 1), (bounds.stop, -1)):
        if bound is not None:
            magnitude, all_of = _numbers(values, bound, who)
            if magnitude.ndim:
                raise ValueError(f"{who} needs a slice of two values of numbers or quantities, got {bounds}.")
            inside &= sign * (all_of - magnitude) >= -_tolerance(all_of)
    which = np.flatnonzero(inside)
    follow = which.size and which[-1] - which[0] + 1 == which.size
    return slice(int(which[0]), int(which[-1]) + 1) if follow else which


def _tolerance(values: np.ndarray) -> float:
    """Return how far a value may be from the one that is meant: rounding on the way to a unit does no harm."""
    steps = np.abs(np.diff(values))
    return min(TOLERANCE * np.max(np.abs(values), initial=0.0), OF_A_STEP * np.min(steps[steps > 0], initial=np.inf))


def _numbers(values: Any, wanted: Any, who: str) -> tuple[np.ndarray, np.ndarray]:
    """Return what is wanted, and the coordinates, in the unit of these."""
    if np.asarray(getattr(wanted, "magnitude", wanted)).dtype == bool:
        raise TypeError(f"{who} needs a coordinate, got {units.show(wanted)}; a mask is for isel().")
    unit = units.unit_of(values) if isinstance(values, pint.Quantity) else "dimensionless"
    magnitude, all_of = units.as_magnitude(wanted, unit, who), units.as_magnitude(values, unit, who).astype(float)
    return np.asarray(magnitude), all_of


def _one(value: Any) -> str:
    return f"{value:~P}" if isinstance(value, pint.Quantity) else str(value)
