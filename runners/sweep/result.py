"""Results of sweeps: arrays with named dimensions, coordinates and units; saved, loaded, drawn, handed to xarray."""

from __future__ import annotations

import dataclasses
import difflib
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
# In a Dataset: between the name of an axis and that of the only measure that has it.
OF = " of "
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
        self.coord(key)
        return next(k for k, dim in enumerate(self.dims) if key in self.coords[dim])

    def isel(self, at: dict[str, Any] | None = None, **more: Any) -> Labelled:
        """Return the part at these positions, by name: an int takes the dimension away, a slice or list keeps it."""
        result = self
        for key, chosen in {**(at or {}), **more}.items():
            k = result._dim(key) if key not in result.dims else result.dims.index(key)
            dim = result.dims[k]
            try:
                index = np.arange(result.shape[k])[chosen]
            except IndexError as err:
                raise IndexError(f"{result.name}: {key!r} has {result.shape[k]} values: {err}.") from err
            keeps = index.ndim > 0
            coords = {d: c for d, c in result.coords.items() if keeps or d != dim}
            if keeps:
                own = result.coords[dim]
                coords[dim] = {
                    n: [v[int(i)] for i in index] if isinstance(v, list) else v[index] for n, v in own.items()
                }
            dims = result.dims if keeps else (*result.dims[:k], *result.dims[k + 1 :])
            values = result.values[(*(slice(None),) * k, index)]
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

    def _headline(self) -> str:
        """Return name, dimensions and unit, "rate (tau: 3, inputs: 40) in Hz"."""
        sizes = ", ".join(f"{d}: {n}" for d, n in zip(self.dims, self.shape, strict=True))
        unit = "" if self.units is None else f"{self.units:~P}"
        return f"{self.name} ({sizes})" + (f" in {unit}" if unit else "")

    def __repr__(self) -> str:
        lines = [self._headline()]
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
        xarray = _xarray()
        coords = {}
        for dim in self.dims:
            for key, value in self.coords[dim].items():
                array, unit = _plain(value)
                coords[key] = xarray.Variable(dim, array, _attributes(unit))
        return xarray.DataArray(
            self.magnitude, dims=self.dims, coords=coords, name=self.name, attrs=_attributes(self.units)
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
        return "\n".join(v._headline() for v in self.values())

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
            own = [key for dim in v.dims if dim in differ for key in {dim: None, **v.coords[dim]}]
            arrays[name] = arrays[name].rename({key: f"{key}{OF}{name}" for key in own})
        return _xarray().Dataset(arrays)

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
                    arrays[f"coords/{name}/{dim}/{key}"] = array
                    coords[f"{dim}/{key}"] = None if unit is None else f"{unit}"
            arrays[f"values/{name}"] = v.magnitude
            about[name] = {"dims": v.dims, "unit": None if v.units is None else f"{v.units}", "coords": coords}
        text = json.dumps({"format": FORMAT, "measures": about})
        with open(path, "wb") as out:
            np.savez(out, about=np.array(text), **arrays)  # type: ignore[arg-type]

    @classmethod
    def load(cls, file: Any) -> SweepResult:
        """Read a file of `save`.

        Raises:
            ValueError: the file is of another kind or of a newer format.
        """
        path = os.fspath(file)
        if path.endswith(".nc"):
            with _xarray().open_dataset(path, decode_times=False) as data:  # times are quantities here
                return cls({str(name): _from_xarray(str(name), data[name].load()) for name in data})
        path = path if os.path.exists(path) or path.endswith(".npz") else path + ".npz"
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
                    coords[dim][key] = _coordinate(data[f"coords/{name}/{place}"], unit)
                found[name] = Labelled(name, tuple(own["dims"]), coords, _attached(data[f"values/{name}"], own["unit"]))
            return cls(found)


def _xarray() -> Any:
    try:
        return importlib.import_module("xarray")
    except ImportError as err:
        raise ImportError("this needs xarray: pip install xarray") from err


def _attributes(unit: pint.Unit | None) -> dict[str, str]:
    """Return the unit in short form as xarray has it, one that pint can read."""
    if unit is None:
        return {}
    short = f"{unit:~P}"
    return {"units": f"{unit:~C}" if "⋅" in short else short}  # pint 0.25 reads mV/ms⁰⋅⁵ as mV


def _from_xarray(name: str, array: Any) -> Labelled:
    coords: dict[str, dict[str, Any]] = {dim.removesuffix(OF + name): {} for dim in array.dims}
    for key, value in array.coords.items():
        dim, key = (str(k).removesuffix(OF + name) for k in (value.dims[0], key))
        coords[dim][key] = _coordinate(value.values, value.attrs.get("units"))
    return Labelled(name, tuple(coords), coords, _attached(array.values, array.attrs.get("units")))


def _attached(array: np.ndarray, unit: str | None) -> Any:
    return array if unit is None else units.attach(array, unit)


def _coordinate(array: np.ndarray, unit: str | None) -> Any:
    """Return coordinates as a design has them: a quantity, numbers, or a list of anything else."""
    return array.tolist() if array.dtype.kind not in "iuf" else _attached(array, unit)


def _plain(value: Any) -> tuple[np.ndarray, Any]:
    """Return coordinates as an array of numbers, bools or texts (objects: position and repr), and their unit."""
    if isinstance(value, pint.Quantity):
        return np.asarray(value.magnitude), value.units
    if isinstance(value, list) and {type(v) for v in value} not in ({str}, {bool}, {int}, {float}):
        value = [v if isinstance(v, str) else f"{k}: {v!r}" for k, v in enumerate(value)]
    return np.asarray(value), None


def _find(values: Any, wanted: Any, who: str) -> int:
    """Return where a value is among coordinates."""
    if isinstance(values, list):
        texts = _plain(values)[0].tolist()
        for k, own in enumerate(values):
            if own is wanted or (isinstance(wanted, str | bool) and texts[k] == wanted):
                return k
        raise KeyError(f"{who} has no {wanted!r}; it has {', '.join(map(str, texts[:8]))}.")
    unit = units.unit_of(values) if isinstance(values, pint.Quantity) else "dimensionless"
    at, own = units.as_magnitude(wanted, unit, who), units.as_magnitude(values, unit, who).astype(float)
    if np.ndim(at):
        raise ValueError(f"{who} needs one value, got {units.show(wanted)}; choose several by isel().")
    away = np.abs(own - at)
    near = int(np.argmin(away))
    if away[near] > TOLERANCE * np.max(np.abs(own)):
        shown = " and ".join(_one(values[k]) for k in np.sort(np.argsort(away)[:2]))
        raise KeyError(f"{who} has no {_one(wanted)}; the nearest are {shown}.")
    return near


def _one(value: Any) -> str:
    return f"{value:~P}" if isinstance(value, pint.Quantity) else str(value)


def _shown(value: Any) -> str:
    array, unit = _plain(value)
    if array.dtype.kind not in "iuf":
        return ", ".join(map(str, array[:6])) + (", ..." if len(array) > 6 else "")
    low, high = array.min(), array.max()
    return f"{low:g} to {high:g}" + ("" if unit is None else f" {unit:~P}")
