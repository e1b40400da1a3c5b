"""Labelled arrays handed to xarray and pandas."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pint

from simcore.extras import load

from .choose import plain


def xarray_package() -> Any:
    """Return the package xarray; ImportError with the cure."""
    return load("xarray", "labels")


def pandas_package() -> Any:
    """Return the package pandas; ImportError with the cure."""
    return load("pandas", "frames")


def with_unit(name: str, unit: Any) -> str:
    """Return a name with its unit, "tau (ms)"."""
    short = "" if unit is None else f"{unit:~P}"
    return f"{name} ({short})" if short else name


def attributes_of_unit(unit: pint.Unit | None) -> dict[str, str]:
    """Return the unit in short form as xarray has it, one that pint can read."""
    if unit is None:
        return {}
    short = f"{unit:~P}"
    return {"units": f"{unit:~C}" if "⋅" in short else short}  # pint 0.25 reads mV/ms⁰⋅⁵ as mV


def data_array(labelled: Any) -> Any:
    """Return an `xarray.DataArray`."""
    xarray, coords = xarray_package(), {}
    for dim in labelled.dims:
        for key, value in labelled.coords[dim].items():
            array, unit = plain(value)
            coords[key] = xarray.Variable(dim, array, attributes_of_unit(unit))
    attributes = attributes_of_unit(labelled.units)
    return xarray.DataArray(labelled.magnitude, dims=labelled.dims, coords=coords, name=labelled.name, attrs=attributes)


def frame(labelled: Any) -> Any:
    """Return a `pandas.Series` of one dimension, a `pandas.DataFrame` of more."""
    pandas, (first, *others) = pandas_package(), labelled.dims or (None,)
    name = with_unit(labelled.name, labelled.units)
    if first is None:
        return pandas.Series([labelled.magnitude[()]], name=name)
    down = _index(pandas, labelled, [first], labelled.shape[:1])
    if not others:
        return pandas.Series(labelled.magnitude, down, name=name)
    across = _index(pandas, labelled, others, labelled.shape[1:])
    made = pandas.DataFrame(labelled.magnitude.reshape(len(down), len(across)), down, across)
    made.attrs = {"name": labelled.name, **attributes_of_unit(labelled.units)}
    return made


def _index(pandas: Any, labelled: Any, dims: list[str], shape: tuple[int, ...]) -> Any:
    """Return the labels along some dimensions, all combinations of them in the order of the array."""
    names, arrays = [], []
    for dim, positions in zip(dims, np.indices(shape).reshape(len(dims), math.prod(shape)), strict=True):
        for key, value in labelled.coords[dim].items():
            array, unit = plain(value)
            names.append(with_unit(key, unit))
            arrays.append(array[positions])
    if len(arrays) == 1:
        return pandas.Index(arrays[0], name=names[0])
    return pandas.MultiIndex.from_arrays(arrays, names=names)
