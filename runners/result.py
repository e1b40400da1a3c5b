"""Results of sweeps: arrays with named dimensions, coordinates and units; saved, loaded, drawn, handed to xarray."""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import tempfile
from typing import Any

import numpy as np
import pint

from simcore import units, visualize

# A value is found on an axis within this share of its largest one.
TOLERANCE = 1e-6
FORMAT = 1


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
        self.coord(key)
        return next(k for k, dim in enumerate(self.dims) if key in self.coords[dim])

    def isel(self, at: dict[str, Any] | None = None, **more: Any) -> Labelled:
        """Return the part at these positions, by name: an int takes the dimension away, a slice or list keeps it."""
        result = self
        for key, chosen in {**(at or {}), **more}.items():
            k = result._dim(key) if key not in result.dims else result.dims.index(key)
            dim = result.dims[k]
            keeps = not isinstance(chosen, int | np.integer)
            coords = {d: c for d, c in result.coords.items() if keeps or d != dim}
            if keeps:
                index = np.arange(result.shape[k])[chosen]
                own = result.coords[dim]
                coords[dim] = {
                    n: [v[int(i)] for i in index] if isinstance(v, list) else v[index] for n, v in own.items()
                }
            dims = result.dims if keeps else (*result.dims[:k], *result.dims[k + 1 :])
            values = result.values[(*(slice(None),) * k, chosen if keeps else int(chosen))]
            result = Labelled(result.name, dims, coords, values)
        return result

    def sel(self, at: dict[str, Any] | None = None, **more: Any) -> Labelled:
        """Return the part at these coordinates, by name: ``rate.sel(tau=10 * ms)``, ``rate.sel({"E.tau": 10 * ms})``.

        Raises:
            KeyError: a value is not on the axis; the text has the nearest ones.
        """
        result = self
        for key, value in {**(at or {}), **more}.items():
            result = result.isel({key: _find(result.coord(key), value, f"{self.name}: {key!r}")})
        return result

    def __repr__(self) -> str:
        lines = [f"{self.name} ({', '.join(f'{d}: {n}' for d, n in zip(self.dims, self.shape, strict=True))})"]
        for dim in self.dims:
            lines += [f"    {key:16} {_shown(value)}" for key, value in self.coords[dim].items()]
        unit = "" if self.units is None else f" {self.units:~P}"
        lines.append(f"values{unit}\n{np.array2string(self.magnitude, precision=4, threshold=20, edgeitems=2)}")
        return "\n".join(lines)

    def plot(self, ax: Any = None, **kwargs: Any) -> Any:
        """Draw one dimension as a line, two as a map; return the axes."""
        draw = visualize.heat_map if sum(n > 1 for n in self.shape) == 2 else visualize.line_plot
        return draw(self, ax=ax, **kwargs)

    def to_xarray(self) -> Any:
        """Return an `xarray.DataArray` with the units, in short form, among the attributes."""
        xarray = _xarray()
        coords = {}
        for dim in self.dims:
            for key, value in self.coords[dim].items():
                array, unit = _plain(value)
                coords[key] = xarray.Variable(dim, array, {} if unit is None else {"units": f"{unit:~P}"})
        attrs = {} if self.units is None else {"units": f"{self.units:~P}"}
        return xarray.DataArray(self.magnitude, dims=self.dims, coords=coords, name=self.name, attrs=attrs)


class SweepResult(dict[str, Labelled]):
    """The measures of a sweep by name."""

    def __repr__(self) -> str:
        return "\n".join(f"{name}: {v.dims} {v.shape} {v.units or ''}".rstrip() for name, v in self.items())

    def to_xarray(self) -> Any:
        """Return an `xarray.Dataset`."""
        return _xarray().Dataset({name: v.to_xarray() for name, v in self.items()})

    def save(self, file: Any) -> None:
        """Write all measures to one file, NetCDF (.nc, through xarray) or .npz, replaced only when complete."""
        path = os.fspath(file)
        kind = ".nc" if path.endswith(".nc") else ".npz"
        path = path if path.endswith(kind) else path + kind
        handle, temporary = tempfile.mkstemp(suffix=kind, dir=os.path.dirname(os.path.abspath(path)))
        os.close(handle)
        try:
            if kind == ".nc":
                self.to_xarray().to_netcdf(temporary)
            else:
                self._save_arrays(temporary)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise

    def _save_arrays(self, path: str) -> None:
        arrays, about = {}, {}
        for name, v in self.items():
            coords = {}
            for dim in v.dims:
                for key, value in v.coords[dim].items():
                    array, unit = _plain(value)
                    arrays[f"{name}/{dim}/{key}"] = array
                    coords[f"{dim}/{key}"] = None if unit is None else f"{unit}"
            arrays[name] = v.magnitude
            about[name] = {"dims": v.dims, "unit": None if v.units is None else f"{v.units}", "coords": coords}
        with open(path, "wb") as out:
            np.savez(out, about=np.array(json.dumps({"format": FORMAT, "measures": about})), **arrays)  # type: ignore[arg-type]

    @classmethod
    def load(cls, file: Any) -> SweepResult:
        """Read a file of `save`.

        Raises:
            ValueError: the file is of another kind or of a newer format.
        """
        path = os.fspath(file)
        if path.endswith(".nc"):
            with _xarray().open_dataset(path) as data:
                return cls({str(name): _from_xarray(str(name), data[name].load()) for name in data})
        with np.load(path, allow_pickle=False) as data:
            if "about" not in data:
                raise ValueError(f"{path} was not written by SweepResult.save().")
            about = json.loads(str(data["about"]))
            if about["format"] > FORMAT:
                raise ValueError(f"{path} has the format {about['format']}; this simcore reads up to {FORMAT}.")
            found = {}
            for name, own in about["measures"].items():
                coords: dict[str, dict[str, Any]] = {dim: {} for dim in own["dims"]}
                for place, unit in own["coords"].items():
                    dim, _, key = place.partition("/")
                    coords[dim][key] = _attached(data[f"{name}/{place}"], unit)
                found[name] = Labelled(name, tuple(own["dims"]), coords, _attached(data[name], own["unit"]))
            return cls(found)


def _xarray() -> Any:
    try:
        return importlib.import_module("xarray")
    except ImportError as err:
        raise ImportError("this needs xarray: pip install xarray") from err


def _from_xarray(name: str, array: Any) -> Labelled:
    coords: dict[str, dict[str, Any]] = {dim: {} for dim in array.dims}
    for key, value in array.coords.items():
        coords[value.dims[0]][str(key)] = _attached(value.values, value.attrs.get("units"))
    return Labelled(name, tuple(array.dims), coords, _attached(array.values, array.attrs.get("units")))


def _attached(array: np.ndarray, unit: str | None) -> Any:
    array = array.astype(str) if array.dtype == object else array
    return array if unit is None else units.attach(array, unit)


def _plain(value: Any) -> tuple[np.ndarray, Any]:
    """Return coordinates as an array of numbers or texts, and their unit."""
    if isinstance(value, pint.Quantity):
        return np.asarray(value.magnitude), value.units
    array = np.asarray(value) if not isinstance(value, list) else np.array([_text(v) for v in value])
    return (array if array.dtype.kind in "iufbU" else np.array([_text(v) for v in value])), None


def _text(value: Any) -> Any:
    return value if isinstance(value, int | float | str) else repr(value)


def _find(values: Any, wanted: Any, who: str) -> int:
    """Return where a value is among coordinates."""
    if not isinstance(values, pint.Quantity) and np.asarray(_plain(values)[0]).dtype.kind == "U":
        known = list(values)
        for k, own in enumerate(known):
            if own is wanted or (isinstance(wanted, str) and str(own) == wanted):
                return k
        raise KeyError(f"{who} has no {wanted!r}; it has {', '.join(map(str, known[:8]))}.")
    if isinstance(values, pint.Quantity):
        own, at = values.magnitude, units.as_magnitude(wanted, f"{values.units}", who)
    else:
        own, at = np.asarray(values), np.asarray(wanted)
    near = int(np.argmin(np.abs(own - at)))
    if abs(own[near] - at) > TOLERANCE * max(np.max(np.abs(own)), np.finfo(float).tiny):
        order = np.argsort(np.abs(own - at))[:2]
        shown = " and ".join(_one(values[int(k)]) for k in np.sort(order))
        raise KeyError(f"{who} has no {_one(wanted)}; the nearest are {shown}.")
    return near


def _one(value: Any) -> str:
    return f"{value:~P}" if isinstance(value, pint.Quantity) else str(value)


def _shown(value: Any) -> str:
    array, unit = _plain(value)
    if array.dtype.kind == "U":
        return ", ".join(array[:6])
    low, high = array.min(), array.max()
    return f"{low:g} to {high:g}" + ("" if unit is None else f" {unit:~P}")
