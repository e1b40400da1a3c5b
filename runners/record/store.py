"""Store: a recording on disk that grows chunk by chunk, readable while the run goes on.

A folder with a file for each array and two small ones: ``about.json`` (units, times, versions) and ``done.npz``, which
is replaced after each chunk: how many steps and items are complete, and the counts and measures up to there. What a
killed run leaves is complete up to its last chunk. The arrays are .npy files that ``np.load(..., mmap_mode="r")``
reads; in a folder whose name ends in .zarr they are zarr arrays.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import urllib.parse
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pint

from simcore import units

from .monitors import Channel, Recording, Schedule, Tape, assemble, free_disk, require

FORMAT = 1


class NpyColumn:
    """An array in a .npy file that grows along its first axis."""

    def __init__(self, path: str, shape: tuple[int, ...], dtype: str, count: int | None = None) -> None:
        self.path, self.shape, self.dtype, self.count = path, shape, np.dtype(dtype), count or 0
        with open(path, "xb" if count is None else "r+b") as file:
            self._say(file)
            self.begin = file.tell()
            file.truncate(self.begin + self.count * self._item)

    @property
    def _item(self) -> int:
        return int(np.prod(self.shape)) * self.dtype.itemsize

    def _say(self, file: Any) -> None:
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
            self._say(file)

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


def _place(path: str, name: str) -> str:
    """Return where the column of that name is."""
    return os.path.join(path, urllib.parse.quote(name, safe="") + ("" if _is_zarr(path) else ".npy"))


def replace_file(path: str, write: Callable[[Any], Any], sync: bool = False) -> None:
    """Write a file under a temporary name, then rename it; `sync` brings it to the disk before."""
    temporary = f"{path}.{os.getpid()}.partial"
    try:
        with open(temporary, "wb") as out:
            write(out)
            if sync:
                out.flush()
                os.fsync(out.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


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
        self, path: str, channels: list[Channel], span: tuple[int, int], clock: tuple[float, float], going_on: bool
    ) -> None:
        self.path, self.channels = path, channels
        column = ZarrColumn if _is_zarr(path) else NpyColumn
        folder = os.path.dirname(os.path.abspath(path))
        require(channels, *span, free_disk(folder), f"the store {path!r}")
        about = {
            "format": FORMAT,
            "dt_ms": clock[0],
            "t0_ms": clock[1],
            "channels": [dataclasses.asdict(c) for c in channels],
            "versions": {"jax": jax.__version__, "numpy": np.__version__, "pint": pint.__version__},
        }
        about = json.loads(json.dumps(about))  # tuples as they are read back
        items = {k: v for c in channels for k, v in c.columns().items()}
        if going_on and os.path.exists(path):
            self.first, counts = self._positions(about, span[0])
            self.columns: Any = {k: column(_place(path, k), *v, counts[k]) for k, v in items.items()}
            return
        refuse_existing(path)
        if _is_zarr(path):
            _zarr().open_group(path, mode="w-")
        else:
            os.mkdir(path)
        self.first = span[0]
        replace_file(os.path.join(path, "about.json"), lambda out: out.write(json.dumps(about, indent=1).encode()))
        self.columns = {k: column(_place(path, k), *v) for k, v in items.items()}

    def _positions(self, about: dict[str, Any], i: int) -> tuple[int, dict[str, int]]:
        """Return the first step, and how many items of each column the steps before step i gave."""
        before, done = _read(self.path)
        for key in ("dt_ms", "t0_ms", "channels"):
            if before[key] != about[key]:
                raise ValueError(f"the store {self.path!r} has other {key}: {before[key]}, the run {about[key]}.")
        if not done["first"] <= i <= done["last"]:
            raise ValueError(
                f"the store {self.path!r} holds the steps {done['first']} to {done['last']}; the run goes on at {i}."
            )
        counts = {}
        for c in self.channels:
            if c.kind == "rows":
                counts[c.name] = c.samples(done["first"], i)
            elif c.kind == "events":
                times = OnDisk(self.path, done)[f"{c.name}.times"]
                # Half a step later: times are rounded.
                count = int(np.searchsorted(times, about["t0_ms"] + (i + 0.5) * about["dt_ms"]))
                counts |= dict.fromkeys(c.columns(), count)
        return done["first"], counts

    def append(self, name: str, items: np.ndarray) -> None:
        """Append items to the column of that name."""
        self.columns[name].append(items)

    def commit(self, tape: Tape) -> None:
        """Say that the steps up to the tape's are complete."""
        totals = tape.totals()
        said = {"first": tape.first, "last": tape.i, "count": {k: c.count for k, c in self.columns.items()}}
        said["units"] = {k: f"{q.units}" for k, q in totals.items() if isinstance(q, pint.Quantity)}
        arrays = {f"total/{k}": getattr(q, "magnitude", q) for k, q in totals.items()}
        replace_file(
            os.path.join(self.path, "done.npz"), lambda out: np.savez(out, said=np.array(json.dumps(said)), **arrays)
        )

    def sync(self) -> None:
        """Bring what has been written to the disk, for a power cut; a killed process needs none of this."""
        for column in self.columns.values():
            column.sync()

    def recording(self, tape: Tape) -> Recording:
        """Return what has been recorded: arrays that are read from the disk as they are used."""
        return open_run(self.path)


def _read(path: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the two small files of a store."""
    if not os.path.exists(os.path.join(path, "about.json")):
        raise FileNotFoundError(f"{path!r} is no store of a run: it has no about.json.")
    with open(os.path.join(path, "about.json"), encoding="utf-8") as file:
        about = json.load(file)
    if about["format"] > FORMAT:
        raise ValueError(f"the store {path!r} has the format {about['format']}; this simcore reads up to {FORMAT}.")
    if not os.path.exists(os.path.join(path, "done.npz")):
        raise FileNotFoundError(f"the store {path!r} is empty: its run ended before the first chunk did.")
    with np.load(os.path.join(path, "done.npz"), allow_pickle=False) as data:
        done = json.loads(str(data["said"]))
        done["totals"] = {k[len("total/") :]: data[k] for k in data if k.startswith("total/")}
    return about, done


@dataclasses.dataclass(frozen=True)
class OnDisk:
    """The complete items of the columns in a store."""

    path: str
    done: dict[str, Any]

    def __getitem__(self, name: str) -> np.ndarray:
        count = self.done["count"][name]
        if _is_zarr(self.path):
            return _zarr().open_array(_place(self.path, name), mode="r")[:count]
        return np.load(_place(self.path, name), mmap_mode="r", allow_pickle=False)[:count]


def open_run(path: Any) -> Recording:
    """Return the recording in a store, of a run that is over, goes on, or was killed: all chunks that are complete.

    Arrays of .npy files are read from the disk as they are used; one of zarr at once, when it is first asked for.

    Raises:
        FileNotFoundError: there is no store, or nothing in it yet.
        ValueError: it is of a newer format.
    """
    path = os.fspath(path)
    about, done = _read(path)
    channels = [_channel(c) for c in about["channels"]]
    totals = {k: units.attach(v, done["units"][k]) if k in done["units"] else v for k, v in done["totals"].items()}
    return assemble(
        channels, OnDisk(path, done), totals, (done["first"], done["last"]), (about["dt_ms"], about["t0_ms"])
    )


def _channel(about: dict[str, Any]) -> Channel:
    when, index = about["schedule"], about["index"]
    return Channel(**about | {
        "shape": tuple(about["shape"]),
        "schedule": None if when is None else Schedule(*when),
        "index": None if index is None else tuple(index),
    })  # fmt: skip


def refuse_existing(path: str) -> None:
    """Raise FileExistsError unless the name is free."""
    if os.path.exists(path):
        raise FileExistsError(
            f"DSRunner: store={path!r} is there already; remove it or choose another name. A run goes on in it "
            "where DSRunner.resume() gets it."
        )
    if _is_zarr(path):
        _zarr()
