"""Store: a recording on disk that grows chunk by chunk, readable while the run goes on.

A folder with a file for each array and two small ones: ``about.json`` (units, times, versions) and ``done.npz``, which
is replaced after each chunk: how many steps and items are complete, and the counts and measures up to there. What a
killed run leaves is complete up to its last chunk. The arrays are .npy files that ``np.load(..., mmap_mode="r")``
reads; in a folder whose name ends in .zarr they are zarr arrays.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import urllib.parse
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pint

from simcore import files, units

from .channels import Channel, as_plain, of_plain
from .recording import Recording
from .tape import assemble, require

ABOUT = files.Kind("channels", "says nothing of a run")
DONE = files.Kind("count", "is not of a store")


class NpyColumn:
    """An array in a .npy file that grows along its first axis."""

    def __init__(self, path: str, shape: tuple[int, ...], dtype: str, count: int | None = None) -> None:
        self.path, self.shape, self.dtype, self.count = path, shape, np.dtype(dtype), count or 0
        with open(path, "xb" if count is None else "r+b") as file:
            self._write_header(file)
            self.begin = file.tell()
            file.truncate(self.begin + self.count * self._item)

    @property
    def _item(self) -> int:
        return int(np.prod(self.shape)) * self.dtype.itemsize

    def _write_header(self, file: Any) -> None:
        """Write the header; numpy leaves room in it for a length that grows."""
        file.seek(0)
        shape = (self.count, *self.shape)
        np.lib.format.write_array_header_1_0(
            file, {"descr": np.lib.format.dtype_to_descr(self.dtype), "fortran_order": False, "shape": shape}
        )

    def append(self, items: np.ndarray) -> None:
        """Append items: first the data, then the header that speaks of them."""
        if not len(items):
            return
        with open(self.path, "r+b") as file:
            file.seek(self.begin + self.count * self._item)
            file.write(np.ascontiguousarray(items, self.dtype).data.cast("B"))
            file.flush()
            self.count += len(items)
            self._write_header(file)

    def sync(self) -> None:
        """Bring it to the disk."""
        with open(self.path, "rb") as file:
            os.fsync(file.fileno())


class ZarrColumn:
    """An array of a zarr group that grows along its first axis."""

    def __init__(self, path: str, shape: tuple[int, ...], dtype: str, count: int | None = None) -> None:
        rows = max(1, 2**20 // max(int(np.prod(shape)) * np.dtype(dtype).itemsize, 1))
        if count is None:
            self.array = _zarr().create_array(path, shape=(0, *shape), chunks=(rows, *shape), dtype=dtype)
        else:
            self.array = _zarr().open_array(path, mode="r+")
            self.array.resize((count, *shape))

    @property
    def count(self) -> int:
        """The number of items."""
        return self.array.shape[0]

    def append(self, items: np.ndarray) -> None:
        """Append items; zarr replaces whole files."""
        if len(items):
            self.array.append(items)

    def sync(self) -> None:
        """Nothing is held back."""


def _zarr() -> Any:
    try:
        import zarr
    except ImportError as err:
        raise ImportError(
            "a store whose name ends in .zarr needs zarr: pip install zarr. Any other name makes .npy files."
        ) from err
    return zarr


def _is_zarr(path: str) -> bool:
    return path.rstrip("/").endswith(".zarr")


def _path(folder: str, name: str) -> str:
    """Return where the column of that name is."""
    return os.path.join(folder, urllib.parse.quote(name, safe="") + ("" if _is_zarr(folder) else ".npy"))


class Store:
    """The columns of a recording on disk: those of a new folder, or of one that a resumed run goes on in.

    Args:
        path: the folder.
        channels: what is recorded.
        span: the steps of the run, for the space they need.
        clock: (dt, t0), in ms.

    Raises:
        FileExistsError: there is something of that name, and the run does not go on in it.
        ValueError: it holds other monitors, or ends before the step at which the run goes on.
        MemoryError: the run would not fit on the disk.
    """

    def __init__(
        self, path: str, channels: Sequence[Channel], span: tuple[int, int], clock: tuple[float, float], going_on: bool
    ) -> None:
        self.path, self.channels, self.clock = path, channels, clock
        column = ZarrColumn if _is_zarr(path) else NpyColumn
        require(channels, *span, shutil.disk_usage(os.path.dirname(os.path.abspath(path))).free, f"the store {path!r}")
        items = {k: v for c in channels for k, v in c.columns().items()}
        if going_on and os.path.exists(path):
            self.first, counts = self._positions(span[0])
            self.columns: Any = {k: column(_path(path, k), *v, counts[k]) for k, v in items.items()}
            return
        refuse_existing(path)
        if _is_zarr(path):
            _zarr().open_group(path, mode="w-")
        else:
            os.mkdir(path)
        self.first = span[0]
        ABOUT.write_text(os.path.join(path, "about.json"), self._about())
        self.columns = {k: column(_path(path, k), *v) for k, v in items.items()}

    def _about(self) -> dict[str, Any]:
        return {"dt_ms": self.clock[0], "t0_ms": self.clock[1], "channels": [as_plain(c) for c in self.channels]}

    def _positions(self, i: int) -> tuple[int, dict[str, int]]:
        """Return the first step, and how many items of each column the steps before step i gave."""
        before, done, _ = _read(self.path)
        for key, value in json.loads(json.dumps(self._about())).items():  # tuples as they are read back
            if before[key] != value:
                raise ValueError(f"the store {self.path!r} has other {key}: {before[key]}, the run {value}.")
        first, last = done["first"], done["last"]
        if not first <= i <= last:
            raise ValueError(f"the store {self.path!r} holds the steps {first} to {last}; the run goes on at {i}.")
        on_disk = OnDisk(self.path, done["count"])
        counts = {k: n for c in self.channels for k, n in c.items_before(i, first, self.clock, on_disk).items()}
        return first, counts

    def append(self, name: str, items: np.ndarray) -> None:
        """Append items to the column of that name."""
        self.columns[name].append(items)

    def commit(self, first: int, last: int, totals: Callable[[], dict[str, Any]]) -> None:
        """Say that the steps from first to last are complete, with these totals."""
        values = totals()
        units_of = {k: f"{q.units}" for k, q in values.items() if isinstance(q, pint.Quantity)}
        arrays = {f"total/{k}": np.asarray(getattr(q, "magnitude", q)) for k, q in values.items()}
        count = {k: c.count for k, c in self.columns.items()}
        done = {"first": first, "last": last, "count": count, "units": units_of}
        DONE.write(os.path.join(self.path, "done.npz"), done, arrays)

    def make_room(self, i: int, work: int) -> None:
        """Nothing is kept in memory."""

    def sync(self) -> None:
        """Bring what has been written to the disk, for a power cut; a killed process needs none of this."""
        for column in self.columns.values():
            column.sync()

    def recording(self, first: int, last: int, totals: dict[str, Any]) -> Recording:
        """Return what has been recorded: arrays that are read from the disk as they are used."""
        return open_run(self.path)


def _read(path: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return what the two small files of a store say, and the totals."""
    if not os.path.exists(os.path.join(path, "about.json")):
        raise FileNotFoundError(f"{path!r} is no store of a run: it has no about.json.")
    about = ABOUT.read_text(os.path.join(path, "about.json"))
    if not os.path.exists(os.path.join(path, "done.npz")):
        raise FileNotFoundError(f"the store {path!r} is empty: its run ended before the first chunk did.")
    done, arrays = DONE.read(os.path.join(path, "done.npz"))
    totals = {k.removeprefix("total/"): v for k, v in arrays.items()}
    return about, done, {k: units.attach(v, done["units"][k]) if k in done["units"] else v for k, v in totals.items()}


@dataclasses.dataclass(frozen=True)
class OnDisk:
    """The complete items of the columns in a store: so many of each."""

    path: str
    count: dict[str, int]

    def __getitem__(self, name: str) -> np.ndarray:
        if _is_zarr(self.path):
            return _zarr().open_array(_path(self.path, name), mode="r")[: self.count[name]]
        return np.load(_path(self.path, name), mmap_mode="r", allow_pickle=False)[: self.count[name]]


def open_run(path: Any) -> Recording:
    """Return the recording in a store, of a run that is over, goes on, or was killed: all chunks that are complete.

    Arrays of .npy files are read from the disk as they are used; one of zarr at once, when it is first asked for.

    Raises:
        FileNotFoundError: there is no store, or nothing in it yet.
        ValueError: it is of a newer format.
    """
    path = os.fspath(path)
    about, done, totals = _read(path)
    channels, clock = [of_plain(c) for c in about["channels"]], (about["dt_ms"], about["t0_ms"])
    return assemble(channels, OnDisk(path, done["count"]), totals, done["first"], done["last"], clock)


def refuse_existing(path: str) -> None:
    """Raise FileExistsError unless the name is free."""
    if os.path.exists(path):
        raise FileExistsError(
            f"DSRunner: store={path!r} is there already; remove it or choose another name. A run goes on in it "
            "where DSRunner.resume() gets it from a snapshot of a run with that store."
        )
    if _is_zarr(path):
        _zarr()
