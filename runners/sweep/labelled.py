"""Labelled: an array with named dimensions, coordinates and units; parts of it, drawn, handed to xarray."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pint

from simcore import units, visualize

from .. import reductions
from ..measure.base import QUANTILE

# A value is found on an axis within this share of its largest one.
TOLERANCE = 1e-6


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Labelled:
    """An array whose dimensions have names, and coordinates with units.

    Args:
        name: what it is.
        dims: the names of the dimensions.
        coords: for each dimension its coordinates, by name: one of the dimension's name, or several of a joint axis.
        values: a quantity or an array.
    """

    name: str
    dims: tuple[str, ...]
    coords: dict[str, dict[str, Any]]
    values: Any

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the values."""
        return np.shape(self.values)

    @property
    def units(self) -> pint.Unit | None:
        """The unit of the values; None of plain numbers."""
        return getattr(self.values, "units", None)

    @property
    def magnitude(self) -> np.ndarray:
        """The values as a numpy array in their unit."""
        return np.asarray(getattr(self.values, "magnitude", self.values))

    def m_as(self, unit: str) -> np.ndarray:
        """Return the values as a numpy array in a unit."""
        if self.units is None:  # a count has no unit: refused, with the cure
            return units.as_magnitude(self.values, unit, self.name, finite=False)
        return np.asarray(self.values.m_as(unit))

    def coord(self, key: str) -> Any:
        """Return the coordinates of a name.

        Raises:
            KeyError: there are none; the text lists what there is.
        """
        for dim in self.dims:
            if key in self.coords[dim]:
                return self.coords[dim][key]
        known = ", ".join(k for dim in self.dims for k in self.coords[dim])
        raise KeyError(f"{self.name} has no coordinate {key!r}; it has {known or 'none'}.")

    def _dim(self, key: str) -> int:
        """Return which dimension has a name, or coordinates of it."""
        if key not in self.dims:
            self.coord(key)  # it refuses what is not there
        return next(k for k, dim in enumerate(self.dims) if key == dim or key in self.coords[dim])

    def isel(self, indexers: dict[str, Any] | None = None, **more: Any) -> Labelled:
        """Return the part at these positions, by name: an int takes the dimension away, a slice or list keeps it.

        Raises:
            KeyError: there is no such name.
            IndexError: there is no such position.
        """
        result = self
        for key, chosen in {**(indexers or {}), **more}.items():
            k = result._dim(key)
            dim = result.dims[k]
            try:
                index = np.arange(result.shape[k])[chosen]
            except IndexError as err:
                raise IndexError(f"{result.name}: {key!r} has {result.shape[k]} values: {err}.") from err
            keeps = index.ndim > 0
            coords = {d: c for d, c in result.coords.items() if keeps or d != dim}
            if keeps:
                coords[dim] = {
                    n: [v[int(i)] for i in index] if isinstance(v, list) else v[index]
                    for n, v in result.coords[dim].items()
                }
            dims = result.dims if keeps else (*result.dims[:k], *result.dims[k + 1 :])
            values = result.values[(*(slice(None),) * k, index)]
            result = Labelled(result.name, dims, coords, values)
        return result

    def sel(self, indexers: dict[str, Any] | None = None, method: Any = None, **more: Any) -> Labelled:
        """Return the part at these coordinates, by name: ``rate.sel(tau=10 * ms)``, ``rate.sel({"E.tau": 10 * ms})``.

        A slice keeps what lies between two values, both included: ``rate.sel(tau=slice(5 * ms, 20 * ms))``.

        Args:
            indexers: values by name.
            method: "nearest" takes the nearest value there is. (Of a sweep over "method", a value of that.)
            more: values by name.

        Raises:
            KeyError: a value is not on the axis; the text has the nearest ones.
        """
        result, wanted = self, {**(indexers or {}), **more}
        if method is not None and any("method" in self.coords[dim] for dim in self.dims):
            method, wanted = None, {**wanted, "method": method}
        if method not in (None, "nearest"):
            raise ValueError(f"{self.name}: 'method' of sel() can be 'nearest', got {method!r}.")
        for key, value in wanted.items():
            who, values = f"{self.name}: {key!r}", result.coord(key)
            chosen = _between(values, value, who) if isinstance(value, slice) else _find(values, value, who, method)
            result = result.isel({key: chosen})
        return result

    # ---------------------------------------------------------------- without some dimensions

    def mean(self, *dims: str) -> Labelled:
        """Return the mean along dimensions, by default all: ``rate.mean("neuron", "seed")``. What is nan is left out.

        Raises:
            KeyError: there is no such dimension.
        """
        return self._reduced("mean", dims)

    def std(self, *dims: str) -> Labelled:
        """Return the standard deviation along dimensions (of N values, not N - 1); see `mean`."""
        return self._reduced("std", dims)

    def min(self, *dims: str) -> Labelled:
        """Return the smallest value along dimensions; see `mean`."""
        return self._reduced("min", dims)

    def max(self, *dims: str) -> Labelled:
        """Return the largest value along dimensions; see `mean`."""
        return self._reduced("max", dims)

    def median(self, *dims: str) -> Labelled:
        """Return the median along dimensions; see `mean`."""
        return self._reduced("median", dims)

    def quantile(self, q: float | Sequence[float], *dims: str) -> Labelled:
        """Return a quantile along dimensions, see `mean`; several become a dimension "quantile", the first one."""
        result = self._reduced(reductions.quantiles(q, f"{self.name}: 'q'"), dims)
        if not np.ndim(q):
            return result
        coords = {QUANTILE: {QUANTILE: np.array(q)}, **result.coords}
        return Labelled(result.name, (QUANTILE, *result.dims), coords, result.values)

    def _reduced(self, reduction: reductions.Reduction, dims: tuple[str, ...]) -> Labelled:
        axes = {self._dim(dim) for dim in dims} if dims else set(range(len(self.dims)))
        left = tuple(dim for k, dim in enumerate(self.dims) if k not in axes)
        values = reductions.reduced(self.values, reduction, tuple(axes))
        return Labelled(self.name, left, {dim: self.coords[dim] for dim in left}, values)

    def headline(self) -> str:
        """Return name, dimensions and unit, "rate (tau: 3, inputs: 40) in Hz"."""
        sizes = ", ".join(f"{d}: {n}" for d, n in zip(self.dims, self.shape, strict=True))
        unit = "" if self.units is None else f"{self.units:~P}"
        return f"{self.name} ({sizes})" + (f" in {unit}" if unit else "")

    def __repr__(self) -> str:
        lines = [self.headline()]
        for dim in self.dims:
            lines += [f"    {key:16} {_shown(value)}" for key, value in self.coords[dim].items()]
        lines.append(f"values\n{np.array2string(self.magnitude, precision=4, threshold=20, edgeitems=2)}")
        return "\n".join(lines)

    def plot(self, ax: Any = None, **kwargs: Any) -> Any:
        """Draw one dimension as a line, two as a map; return the axes."""
        draw = visualize.heat_map if sum(n > 1 for n in self.shape) == 2 else visualize.line_plot
        return draw(self, ax=ax, **kwargs)

    def to_xarray(self) -> Any:
        """Return an `xarray.DataArray` with the units, in short form, among the attributes."""
        xarray = xarray_package()
        coords = {}
        for dim in self.dims:
            for key, value in self.coords[dim].items():
                array, unit = plain(value)
                coords[key] = xarray.Variable(dim, array, attributes_of_unit(unit))
        return xarray.DataArray(
            self.magnitude, dims=self.dims, coords=coords, name=self.name, attrs=attributes_of_unit(self.units)
        )


def xarray_package() -> Any:
    """Return the package xarray; ImportError with the cure."""
    try:
        return importlib.import_module("xarray")
    except ImportError as err:
        raise ImportError("this needs xarray: pip install xarray") from err


def attributes_of_unit(unit: pint.Unit | None) -> dict[str, str]:
    """Return the unit in short form as xarray has it, one that pint can read."""
    if unit is None:
        return {}
    short = f"{unit:~P}"
    return {"units": f"{unit:~C}" if "⋅" in short else short}  # pint 0.25 reads mV/ms⁰⋅⁵ as mV


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


def _find(values: Any, wanted: Any, who: str, method: str | None) -> int:
    """Return which of the coordinates a value is, or is nearest to."""
    if isinstance(values, list):
        texts = plain(values)[0].tolist()
        for k, value in enumerate(values):
            if value is wanted or (isinstance(wanted, str | bool) and texts[k] == wanted):
                return k
        raise KeyError(f"{who} has no {wanted!r}; it has {', '.join(map(str, texts[:8]))}.")
    magnitude, all_of = _numbers(values, wanted, who)
    away = np.abs(all_of - magnitude)
    near = int(np.argmin(away))
    if method is None and away[near] > TOLERANCE * np.max(np.abs(all_of)):
        shown = " and ".join(_one(values[k]) for k in np.sort(np.argsort(away)[:2]))
        raise KeyError(f"{who} has no {_one(wanted)}; the nearest are {shown}; method='nearest' takes one.")
    return near


def _between(values: Any, bounds: slice, who: str) -> np.ndarray:
    """Return which of the coordinates lie between two values, both included; None: without a bound."""
    if isinstance(values, list) or bounds.step is not None:
        raise ValueError(f"{who} needs a slice of two values of numbers or quantities, got {bounds}.")
    inside = np.ones(len(values), bool)
    for bound, sign in ((bounds.start, 1), (bounds.stop, -1)):
        if bound is not None:
            magnitude, all_of = _numbers(values, bound, who)
            inside &= sign * (all_of - magnitude) >= -TOLERANCE * np.max(np.abs(all_of))
    return np.flatnonzero(inside)


def _numbers(values: Any, wanted: Any, who: str) -> tuple[Any, np.ndarray]:
    """Return one wanted value, and the coordinates, in the unit of these."""
    unit = units.unit_of(values) if isinstance(values, pint.Quantity) else "dimensionless"
    magnitude, all_of = units.as_magnitude(wanted, unit, who), units.as_magnitude(values, unit, who).astype(float)
    if np.ndim(magnitude):
        raise ValueError(f"{who} needs one value, got {units.show(wanted)}; choose several by isel() or a slice.")
    return magnitude, all_of


def _one(value: Any) -> str:
    return f"{value:~P}" if isinstance(value, pint.Quantity) else str(value)


def _shown(value: Any) -> str:
    array, unit = plain(value)
    if array.dtype.kind not in "iuf":
        return ", ".join(map(str, array[:6])) + (", ..." if len(array) > 6 else "")
    low, high = array.min(), array.max()
    return f"{low:g} to {high:g}" + ("" if unit is None else f" {unit:~P}")
