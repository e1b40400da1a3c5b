"""Labelled arrays in files: .npz without pickle, NetCDF through xarray; read after a check of all that they say."""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from simcore import files, units

from .array import Labelled
from .choose import as_coordinate, attached, plain
from .convert import xarray_package

# In a Dataset: between the name of an axis and that of the only array that has it.
OF = " of "
# Not every text names something in NetCDF: no slashes, no control characters, no space at the end.
_NETCDF_NAME = re.compile(r"[A-Za-z0-9_\u0080-\U0010ffff][^/\x00-\x1f\x7f]*(?<! )")
MOST_EMPTY = 2**20  # values in a chunk of an array without any
_UNIT = (None, units.is_unit)
LABELS: dict[Any, Any] = {str: {"dims": [str], "unit": _UNIT, "coords": {str: _UNIT}}}
SAVED = files.Kind(
    {"measures": LABELS},
    "was not written by save() of a recording or of a result of a sweep",
    "name a file of save(), or run it again",
)
# What is in a file: labelled arrays, other arrays, and what else it says.
Content = tuple[dict[str, Labelled], dict[str, np.ndarray], dict[str, Any]]


def write(file: Any, items: Mapping[str, Labelled], others: Mapping[str, np.ndarray], about: dict[str, Any]) -> None:
    """Write labelled arrays, other arrays and plain values to an .npz, replaced only when complete."""
    labels, arrays = as_arrays(items)
    SAVED.write(file, {"measures": labels} | about, arrays | {f"column/{k}": v for k, v in others.items()})


def read(file: Any) -> Content:
    """Return what is in a file of `write` or `write_dataset`.

    Raises:
        FileError: the file is damaged, of another kind or of a newer format.
    """
    path = os.fspath(file)
    if path.endswith(".nc"):
        with SAVED.opened(os.path.abspath(path)):
            return _of_netcdf(os.path.abspath(path))
    about, arrays = SAVED.read(path)
    with files.blamed(lambda why: SAVED.damaged(arrays.path, why)):
        columns = {k.removeprefix("column/"): arrays[k] for k in arrays if k.startswith("column/")}
        return of_arrays(about["measures"], arrays), columns, about


# ---------------------------------------------------------------- numpy


def as_arrays(items: Mapping[str, Labelled]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a file says of labelled arrays, and its arrays."""
    arrays, labels = {}, {}
    for name, v in items.items():
        coords = {}
        for dim in v.dims:
            for key, value in v.coords[dim].items():
                array, unit = plain(value)
                arrays[f"coords/{name}/{dim}/{key}"] = array
                coords[f"{dim}/{key}"] = None if unit is None else f"{unit}"
        arrays[f"values/{name}"] = np.asarray(v.magnitude)
        labels[name] = {"dims": v.dims, "unit": None if v.units is None else f"{v.units}", "coords": coords}
    return labels, arrays


def of_arrays(labels: dict[str, Any], arrays: files.Arrays) -> dict[str, Labelled]:
    """Return the labelled arrays of a file, of what it says of them.

    Raises:
        ValueError: arrays and coordinates do not fit together.
    """
    return {name: _of_arrays(name, text, arrays) for name, text in labels.items()}


def _of_arrays(name: str, text: dict[str, Any], arrays: files.Arrays) -> Labelled:
    coords: dict[str, dict[str, Any]] = {dim: {} for dim in text["dims"]}
    for dim_and_key, unit in text["coords"].items():
        dim, _, key = dim_and_key.partition("/")
        coords[dim][key] = as_coordinate(arrays[f"coords/{name}/{dim_and_key}"], unit)
    for dim, size in zip(coords, arrays.shape(f"values/{name}"), strict=True):
        if {len(values) for values in coords[dim].values()} != {size}:
            raise ValueError(f"the coordinates of {name!r} along {dim!r} are not {size}")
    return Labelled(name, tuple(coords), coords, attached(arrays[f"values/{name}"], text["unit"]))


# ---------------------------------------------------------------- NetCDF


def dataset(items: Mapping[str, Labelled]) -> Any:
    """Return an `xarray.Dataset`. Axes of one name that differ between arrays become "neuron of E", and so on.

    Raises:
        ValueError: an array has the name of an axis, which a Dataset cannot hold.
    """
    arrays = {name: v.to_xarray() for name, v in items.items()}
    keys = {key for array in arrays.values() for key in (*array.dims, *array.coords)}
    taken = sorted(keys & set(items))
    if taken:
        raise ValueError(f"xarray: {taken[0]!r} names a measure and an axis; give the measure another name, "
                         "or save as .npz.")  # fmt: skip
    # A Dataset would fill arrays whose axes differ up with nan.
    all_of = list(arrays.values())
    differ = {d for a in all_of for b in all_of for d in a.dims if d in b.dims and not a[d].identical(b[d])}
    for name, v in items.items():
        renamed = [key for dim in v.dims if dim in differ for key in {dim: None, **v.coords[dim]}]
        arrays[name] = arrays[name].rename({key: f"{key}{OF}{name}" for key in renamed})
    return xarray_package().Dataset(arrays)


def write_dataset(file: Any, data: Any, about: dict[str, Any]) -> None:
    """Write a Dataset of `dataset`, and plain values, to a NetCDF file, replaced only when complete."""
    for name in map(str, data.variables):
        if not _NETCDF_NAME.fullmatch(name):
            raise ValueError(f"NetCDF takes no name such as {name!r}; give the monitor or measure another one, "
                             "{'name': what}, or save as .npz.")  # fmt: skip
    data = data.assign_attrs(about=json.dumps(about)) if about else data
    files.replace(file, lambda out: data.to_netcdf(out.name))


def _of_netcdf(path: str) -> Content:
    _require_plain(path)
    with xarray_package().open_dataset(path, decode_times=False) as data:  # times are quantities here
        if data.nbytes > 10 * os.path.getsize(path):  # texts take less in a file
            raise ValueError("it unpacks to more than it has bytes, and simcore compresses nothing")
        about = json.loads(data.attrs.get("about", "{}"))
        columns = {str(name): data[name].values for name in data} if about else {}
        return {str(name): _from_xarray(str(name), data[name].load()) for name in data}, columns, about


def _require_plain(path: str) -> None:
    """Raise ValueError if a variable takes more memory to be read than it has values: packed, or in large chunks."""
    with contextlib.suppress(ImportError):  # without it only files of netCDF 3 are read, which have neither
        import netCDF4

        with netCDF4.Dataset(path) as data:
            for name, v in data.variables.items():
                chunks, most = v.chunking(), v.size or MOST_EMPTY
                if any((v.filters() or {}).values()) or (isinstance(chunks, list) and math.prod(chunks) > most):
                    raise ValueError(f"{name!r} is compressed or in large chunks, which simcore does not write")


def _from_xarray(name: str, array: Any) -> Labelled:
    coords: dict[str, dict[str, Any]] = {dim.removesuffix(OF + name): {} for dim in array.dims}
    for key, value in array.coords.items():
        dim, key = (str(k).removesuffix(OF + name) for k in (value.dims[0], key))
        coords[dim][key] = as_coordinate(value.values, value.attrs.get("units"))
    return Labelled(name, tuple(coords), coords, attached(array.values, array.attrs.get("units")))
