"""Results of sweeps: the measures by name; saved, loaded, handed to xarray."""

from __future__ import annotations

import contextlib
import difflib
import math
import os
from typing import Any

from simcore import files, units

from ..labelled.array import Labelled, as_coordinate, attached, plain, xarray_package

# In a Dataset: between the name of an axis and that of the only measure that has it.
OF = " of "
_UNIT = (None, units.is_unit)
RESULT = files.Kind(
    {"measures": {str: {"dims": [str], "unit": _UNIT, "coords": {str: _UNIT}}}},
    "was not written by SweepResult.save()",
    "name a file of SweepResult.save(), or run the sweep again",
)


class SweepResult(dict[str, Labelled]):
    """The measures of a sweep by name; items are attributes too."""

    def __missing__(self, name: str) -> Labelled:
        near = difflib.get_close_matches(name, list(self), 1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise KeyError(f"the sweep measured no {name!r}{hint} There is {', '.join(self)}.")

    def __getattr__(self, name: str) -> Labelled:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError as err:
            raise AttributeError(err.args[0]) from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]

    def __repr__(self) -> str:
        return "\n".join(v.headline() for v in self.values()) or "SweepResult without measures"

    def to_xarray(self) -> Any:
        """Return an `xarray.Dataset`. Axes of one name that differ between measures become "neuron of E", and so on.

        Raises:
            ValueError: a measure has the name of an axis, which a Dataset cannot hold.
        """
        arrays = {name: v.to_xarray() for name, v in self.items()}
        keys = {key for array in arrays.values() for key in (*array.dims, *array.coords)}
        taken = sorted(keys & set(self))
        if taken:
            raise ValueError(f"xarray: {taken[0]!r} names a measure and an axis; give the measure another name, "
                             "or save as .npz.")  # fmt: skip
        # A Dataset would fill arrays whose axes differ up with nan.
        all_of = list(arrays.values())
        differ = {d for a in all_of for b in all_of for d in a.dims if d in b.dims and not a[d].identical(b[d])}
        for name, v in self.items():
            renamed = [key for dim in v.dims if dim in differ for key in {dim: None, **v.coords[dim]}]
            arrays[name] = arrays[name].rename({key: f"{key}{OF}{name}" for key in renamed})
        return xarray_package().Dataset(arrays)

    def save(self, file: Any) -> None:
        """Write all measures to one file, NetCDF (.nc, through xarray) or .npz, replaced only when complete."""
        if os.fspath(file).endswith(".nc"):
            files.replace(file, lambda out: self.to_xarray().to_netcdf(out.name))
        else:
            RESULT.write(file, *self._as_arrays())

    def _as_arrays(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what a file says of the measures, and its arrays."""
        arrays, measures = {}, {}
        for name, v in self.items():
            coords = {}
            for dim in v.dims:
                for key, value in v.coords[dim].items():
                    array, unit = plain(value)
                    arrays[f"coords/{name}/{dim}/{key}"] = array
                    coords[f"{dim}/{key}"] = None if unit is None else f"{unit}"
            arrays[f"values/{name}"] = v.magnitude
            measures[name] = {"dims": v.dims, "unit": None if v.units is None else f"{v.units}", "coords": coords}
        return {"measures": measures}, arrays

    @classmethod
    def load(cls, file: Any) -> SweepResult:
        """Read a file of `save`.

        Raises:
            FileError: the file is damaged, of another kind or of a newer format.
        """
        path = os.fspath(file)
        if path.endswith(".nc"):
            with RESULT.opened(os.path.abspath(path)):
                return cls(_of_netcdf(os.path.abspath(path)))
        about, arrays = RESULT.read(path)
        with files.blamed(lambda why: RESULT.damaged(arrays.path, why)):
            return cls({name: _of_arrays(name, text, arrays) for name, text in about["measures"].items()})


def _of_arrays(name: str, text: dict[str, Any], arrays: files.Arrays) -> Labelled:
    """Return a measure of a file; `text` is what the file says of it."""
    coords: dict[str, dict[str, Any]] = {dim: {} for dim in text["dims"]}
    for dim_and_key, unit in text["coords"].items():
        dim, _, key = dim_and_key.partition("/")
        coords[dim][key] = as_coordinate(arrays[f"coords/{name}/{dim_and_key}"], unit)
    for dim, size in zip(coords, arrays.shape(f"values/{name}"), strict=True):
        if {len(values) for values in coords[dim].values()} != {size}:
            raise ValueError(f"the coordinates of {name!r} along {dim!r} are not {size}")
    return Labelled(name, tuple(coords), coords, attached(arrays[f"values/{name}"], text["unit"]))


def _of_netcdf(path: str) -> dict[str, Labelled]:
    _require_plain(path)
    with xarray_package().open_dataset(path, decode_times=False) as data:  # times are quantities here
        if data.nbytes > 10 * os.path.getsize(path):  # texts take less in a file
            raise ValueError("it unpacks to more than it has bytes, and simcore compresses nothing")
        return {str(name): _from_xarray(str(name), data[name].load()) for name in data}


def _require_plain(path: str) -> None:
    """Raise ValueError if a variable takes more memory to be read than it has values: packed, or in large chunks."""
    with contextlib.suppress(ImportError):  # without it only files of netCDF 3 are read, which have neither
        import netCDF4

        with netCDF4.Dataset(path) as data:
            for name, v in data.variables.items():
                chunks = v.chunking()
                if any((v.filters() or {}).values()) or (isinstance(chunks, list) and math.prod(chunks) > v.size):
                    raise ValueError(f"{name!r} is compressed or in large chunks, which simcore does not write")


def _from_xarray(name: str, array: Any) -> Labelled:
    coords: dict[str, dict[str, Any]] = {dim.removesuffix(OF + name): {} for dim in array.dims}
    for key, value in array.coords.items():
        dim, key = (str(k).removesuffix(OF + name) for k in (value.dims[0], key))
        coords[dim][key] = as_coordinate(value.values, value.attrs.get("units"))
    return Labelled(name, tuple(coords), coords, attached(array.values, array.attrs.get("units")))
