"""Labelled: an array with named dimensions, coordinates and units; parts of it, drawn, handed to other packages."""

from __future__ import annotations

import copy
import functools
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import pint

from simcore import units, visualize
from simcore.module.display import table_of

from .. import reductions
from ..measure.base import QUANTILE
from .choose import between, find, shown
from .convert import data_array, frame

TIME = "time"


class Labelled:
    """An array whose dimensions have names, and coordinates with units.

    It is a quantity, or a numpy array where it has no unit, and is used as one: ``mon.V.m_as("mV")``, ``mon.V[0]``,
    ``np.diff(mon.V, axis=0)``. What is computed from it, or cut out by ``[]``, has no names any more; `sel`, `isel` and
    the reductions along named dimensions keep them.

    Args:
        name: what it is.
        dims: the names of the dimensions.
        coords: for each dimension its coordinates, by name: one of the dimension's name, or several of a joint axis.
        values: a quantity or an array.
    """

    name: str = ""
    dims: tuple[str, ...] = ()
    coords: Mapping[str, Mapping[str, Any]] = {}
    # As of a quantity, also of plain numbers: the unit (None), the numpy array in it and in another one.
    shape: Any
    units: Any
    magnitude: Any
    m_as: Any

    def __new__(
        cls, name: str, dims: tuple[str, ...], coords: Mapping[str, Mapping[str, Any]], values: Any
    ) -> Labelled:
        made: Any
        if not isinstance(values, pint.Quantity):
            made = np.asarray(values).view(_LabelledArray)
        else:
            Quantity: Any = values.__class__
            made = Quantity.__new__(_labelled_class(Quantity), values.magnitude, values.units)
        made.name, made.dims, made.coords = name, tuple(dims), coords
        return made

    @property
    def values(self) -> Any:
        """The quantity or array without names."""
        raise NotImplementedError

    def __reduce_ex__(self, protocol: Any) -> Any:
        return Labelled, (self.name, self.dims, self.coords, self.values)

    def __copy__(self) -> Labelled:
        return Labelled(self.name, self.dims, self.coords, copy.copy(self.values))

    def __deepcopy__(self, memo: Any) -> Labelled:
        return Labelled(self.name, self.dims, copy.deepcopy(self.coords, memo), copy.deepcopy(self.values, memo))

    def __getitem__(self, key: Any) -> Any:
        return self.values[key]

    def _has_names(self) -> bool:
        return len(self.dims) == len(self.shape)  # a view that numpy makes of it has none

    # ---------------------------------------------------------------- parts

    def coord(self, key: str) -> Any:
        """Return the coordinates of a name.

        Raises:
            KeyError: there are none; the text lists what there is.
        """
        for dim in self.dims:
            if key in self.coords[dim]:
                return self.coords[dim][key]
        known = ", ".join(k for dim in self.dims for k in self.coords[dim])
        raise KeyError(f"{self.name or 'the array'} has no coordinate {key!r}; it has {known or 'none'}.")

    def _dim(self, key: str) -> int:
        """Return which dimension has a name, or coordinates of it."""
        if key not in self.dims:
            self.coord(key)  # it refuses what is not there
        return next(k for k, dim in enumerate(self.dims) if key == dim or key in self.coords[dim])

    def isel(self, indexers: dict[str, Any] | None = None, **more: Any) -> Labelled:
        """Return the part at these positions, by name: an int takes the dimension away, a slice or list keeps it."""
        result = self
        for key, chosen in {**(indexers or {}), **more}.items():
            result = result._at(result._dim(key), key, chosen)
        return result

    def _at(self, k: int, key: str, chosen: Any) -> Labelled:
        """Return the part at some positions along the k-th dimension."""
        dim, size = self.dims[k], self.shape[k]
        coords = {d: c for d, c in self.coords.items() if d != dim}
        dims, keeps = self.dims, isinstance(chosen, slice) or np.ndim(chosen) > 0
        try:
            if keeps:
                index = range(size)[chosen] if isinstance(chosen, slice) else np.arange(size)[chosen]
                parts = {
                    n: [v[int(i)] for i in index] if isinstance(v, list) else v[chosen]
                    for n, v in self.coords[dim].items()
                }
                coords = {d: parts if d == dim else coords[d] for d in dims}
            else:
                dims = (*dims[:k], *dims[k + 1 :])
            values = self.values[(*(slice(None),) * k, chosen)]
        except IndexError as err:
            raise IndexError(f"{self.name}: {key!r} has {size} values: {err}.") from err
        return Labelled(self.name, dims, coords, values)

    def sel(self, indexers: dict[str, Any] | None = None, method: Any = None, **more: Any) -> Labelled:
        """Return the part at these coordinates, by name: ``rate.sel(tau=10 * ms)``, ``rate.sel({"E.tau": 10 * ms})``.

        A list keeps several, ``V.sel(neuron=[0, 5])``, and a slice what lies between two values, both included, as in
        xarray: ``V.sel(time=slice(100 * ms, 200 * ms))``.

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
            chosen = between(values, value, who) if isinstance(value, slice) else find(values, value, who, method)
            result = result.isel({key: chosen})
        return result

    # ---------------------------------------------------------------- without some dimensions

    def mean(self, *dims: Any, **axis: Any) -> Any:
        """Return the mean along dimensions, by default all: ``rate.mean("neuron", "seed")``. What is nan is left out.

        With numbers, or ``axis=``, it is numpy's.

        Raises:
            KeyError: there is no such dimension.
        """
        return self._reduced("mean", dims, axis)

    def std(self, *dims: Any, **axis: Any) -> Any:
        """Return the standard deviation along dimensions (of N values, not N - 1); see `mean`."""
        return self._reduced("std", dims, axis)

    def min(self, *dims: Any, **axis: Any) -> Any:
        """Return the smallest value along dimensions; see `mean`."""
        return self._reduced("min", dims, axis)

    def max(self, *dims: Any, **axis: Any) -> Any:
        """Return the largest value along dimensions; see `mean`."""
        return self._reduced("max", dims, axis)

    def median(self, *dims: str) -> Any:
        """Return the median along dimensions; see `mean`."""
        return self._reduced("median", dims)

    def quantile(self, q: float | Sequence[float], *dims: str) -> Any:
        """Return a quantile along dimensions, see `mean`; several become a dimension "quantile", the first one."""
        result = self._reduced(reductions.quantiles(q, f"{self.name}: 'q'"), dims)
        if not np.ndim(q):
            return result
        coords = {QUANTILE: {QUANTILE: np.array(q)}, **result.coords}
        return Labelled(result.name, (QUANTILE, *result.dims), coords, result.values)

    def _reduced(self, reduction: Any, dims: tuple[Any, ...], axis: dict[str, Any] | None = None) -> Any:
        if axis or not self._has_names() or not all(isinstance(dim, str) for dim in dims):
            return getattr(self.values, reduction)(*dims, **axis or {})
        axes = {self._dim(dim) for dim in dims} if dims else set(range(len(self.dims)))
        left = tuple(dim for k, dim in enumerate(self.dims) if k not in axes)
        values = reductions.reduced(self.values, reduction, tuple(axes))
        coords = {dim: self.coords[dim] for dim in left}
        return Labelled(self.name, left, coords, values)

    # ---------------------------------------------------------------- shown and handed on

    def headline(self) -> str:
        """Return name, dimensions and unit, "rate (tau: 3, inputs: 40) in Hz"."""
        sizes = ", ".join(f"{d}: {n}" for d, n in zip(self.dims, self.shape, strict=True))
        unit = "" if self.units is None else f"{self.units:~P}"
        return f"{self.name} ({sizes})" + (f" in {unit}" if unit else "")

    def __repr__(self) -> str:
        if not self._has_names():
            return repr(self.values)
        lines = [self.headline()]
        for dim in self.dims:
            lines += [f"    {key:16} {shown(value)}" for key, value in self.coords[dim].items()]
        lines.append(f"values\n{np.array2string(np.asarray(self.magnitude), precision=4, threshold=20, edgeitems=2)}")
        return "\n".join(lines)

    __str__ = __repr__
    _repr_latex_ = None  # that of pint writes all values

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    def _repr_html_(self) -> str:
        if not self._has_names():
            return f"<pre>{escape(repr(self.values))}</pre>"
        *_, values = repr(self).partition("values\n")
        lines = [(key, shown(value)) for dim in self.dims for key, value in self.coords[dim].items()]
        table = table_of(("coordinate", "values"), lines)
        return f"<b>{escape(self.headline())}</b>{table}<pre>{escape(values)}</pre>"

    def plot(self, ax: Any = None, **kwargs: Any) -> Any:
        """Draw it over time, if it has one; else one dimension as a line, two as a map; return the axes."""
        is_map = TIME not in self.dims and sum(n > 1 for n in self.shape) == 2
        return (visualize.heat_map if is_map else visualize.line_plot)(self, ax=ax, **kwargs)

    def to_xarray(self) -> Any:
        """Return an `xarray.DataArray` with the units, in short form, among the attributes."""
        return data_array(self)

    def to_pandas(self) -> Any:
        """Return a `pandas.Series` of one dimension; of more a `DataFrame`: the first one down, the others across."""
        return frame(self)


class _LabelledArray(Labelled, np.ndarray):  # type: ignore[misc]
    """One without a unit. What is computed from it is a plain array; views, such as its transpose, have no names."""

    units = None

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return getattr(ufunc, method)(*_plain(inputs), **{key: _plain(value) for key, value in kwargs.items()})

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return func(*_plain(args), **{key: _plain(value) for key, value in kwargs.items()})

    @property
    def values(self) -> np.ndarray:
        return self.view(np.ndarray)

    @property
    def magnitude(self) -> np.ndarray:
        """The values as a numpy array."""
        return self.values

    def m_as(self, unit: str) -> np.ndarray:
        """Return the values in a unit; a count has none: refused, with the cure."""
        return units.as_magnitude(self.values, unit, self.name, finite=False)


def _plain(value: Any) -> Any:
    """Return arguments with plain arrays in the place of labelled ones: pint takes what has units for a quantity."""
    if isinstance(value, tuple | list):
        return type(value)(_plain(v) for v in value)
    return value.values if isinstance(value, _LabelledArray) else value


@functools.cache
def _labelled_class(Quantity: Any) -> Any:
    """Return the class of labelled quantities of a registry."""

    class LabelledQuantity(Labelled, Quantity):
        """A labelled quantity. What pint makes of it, asking for its class, is a plain quantity."""

        def __new__(cls, magnitude: Any, unit: Any = None) -> Any:
            return Quantity(magnitude, unit)

        @property  # type: ignore[misc]
        def __class__(self) -> Any:
            return Quantity

        @property
        def values(self) -> Any:
            return Quantity(self.magnitude, self.units)

    LabelledQuantity.__qualname__ = "LabelledQuantity"
    return LabelledQuantity
