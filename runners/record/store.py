"""Store: a recording on disk that grows chunk by chunk, readable while the run goes on.

A folder with a file for each array and two small ones: ``about.json`` (units, times, versions) and ``done.npz``, which
is replaced after each chunk: how many steps and items are complete, and the counts and measures up to there. What a
killed run leaves is complete up to its last chunk. The arrays are .npy files that ``np.load(..., mmap_mode="r")``
reads; in a folder whose name ends in .zarr they are zarr arrays. ``.lock`` belongs to the process that writes.
"""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
import shutil
import urllib.parse
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from simcore import files
from simcore.files import PathLike

from ..labelled.array import Labelled
from ..labelled.files import LABELS, as_arrays, of_arrays
from .channels import PLAIN, Channel, as_plain, is_ms, misfit, of_plain
from .columns import NpyColumn, ZarrColumn, zarr
from .locked import locked
from .recording import Recording
from .tape import require

_CURE = "name a folder of DSRunner(store=...), or remove it and run again"
ABOUT = files.Kind({"channels": [PLAIN], "run": str, "dt_ms": is_ms, "t0_ms": float}, "says nothing of a run", _CURE)
DONE = files.Kind(
    {"count": {str: lambda n: type(n) is int and n >= 0}, "first": int, "last": int, "totals": LABELS},
    "is not of a store",
    _CURE,
)
LONGEST_NAME = 200  # bytes; file systems take 255, with what a temporary name and an ending add
_OWN = ("", ".", "..", ".lock", "about.json", "done.npz", "zarr.json")  # in a folder of zarr


def _column(folder: str) -> type[NpyColumn] | type[ZarrColumn]:
    return ZarrColumn if folder.endswith(".zarr") else NpyColumn


def _path(folder: str, name: str) -> str:
    """Return where the column of that name is; nothing in a name leads out of the folder."""
    text = urllib.parse.quote(name, safe="")
    if len(text) > LONGEST_NAME:
        raise ValueError(f"the store {folder!r}: {name[:40]!r}... is too long for the name of a file; give the monitor "
                         "another, {'name': what}.")  # fmt: skip
    if _column(folder) is NpyColumn:
        return os.path.join(folder, text + ".npy")
    if text in _OWN:
        raise ValueError(f"the store {folder!r} has a file {name!r} of its own; give the monitor another name.")
    return os.path.join(folder, text)


class Store:
    """The columns of a recording on disk: those of a new folder, or of one that a resumed run goes on in.

    The folder is made by the first `commit`, which takes a store that is there from the runner of this process that
    has had it.

    Args:
        path: the folder.
        channels: what is recorded.
        span: the steps of the run, for the space they need.
        clock: (dt, t0), in ms.
        run: which run goes on; None: a new one.

    Raises:
        FileExistsError: there is something of that name, and the run does not go on in it.
        BlockingIOError: another process writes into it.
        FileError: it is damaged, or has links.
        ValueError: it is of another run, holds other monitors, or ends before the step at which the run goes on.
        MemoryError: the run would not fit on the disk.
    """

    def __init__(
        self, path: str, channels: Sequence[Channel], span: tuple[int, int], clock: tuple[float, float], run: str | None
    ) -> None:
        self.path, self.channels, self.clock = path, channels, clock
        require(channels, *span, shutil.disk_usage(os.path.dirname(path)).free, f"the store {path!r}")
        self._items = {k: v for c in channels for k, v in c.columns().items()}
        for name in self._items:
            _path(path, name)  # it refuses what cannot be a column
        self.columns: dict[str, Any] = {}
        self.run: str | None
        self.is_new = run is None or not is_there(path)
        if self.is_new:
            refuse_existing(path)
            self.run, self.first, self._done = secrets.token_hex(8), span[0], dict.fromkeys(self._items, 0)
        else:
            _refuse_links(path)
            self._lock = self._locked()
            self.run = run
            self.first, self._done = self._positions(span[0])
            self._open()

    def _locked(self) -> files.Lock:
        return locked(os.path.join(self.path, ".lock"), f"the store {self.path!r}")

    def _open(self) -> None:
        self.columns = {k: _column(self.path)(_path(self.path, k), *v, self._done[k]) for k, v in self._items.items()}

    def _about(self) -> dict[str, Any]:
        channels = [as_plain(c) for c in self.channels]
        return {"run": self.run, "dt_ms": self.clock[0], "t0_ms": self.clock[1], "channels": channels}

    def _positions(self, i: int) -> tuple[int, dict[str, int]]:
        """Return the first step, and how many items of each column the steps before step i gave."""
        before, done, _ = _read(self.path)
        about = json.loads(json.dumps(self._about()))  # tuples as they are read back
        if before["run"] != self.run:
            raise ValueError(f"the store {self.path!r} is of another run than the snapshot; name the store of that run,"
                             " or a new one.")  # fmt: skip
        was, now = ({c["name"]: c for c in channels} for channels in (before["channels"], about["channels"]))
        if differ := [repr(name) for name in was | now if was.get(name) != now.get(name)]:
            raise ValueError(f"the store {self.path!r} has other monitors: {files.listed(differ)} differ; give "
                             "those of the run before, or name a new store.")  # fmt: skip
        first, last = done["first"], done["last"]
        if not first <= i <= last:
            raise ValueError(f"the store {self.path!r} holds the steps {first} to {last}; the run goes on at {i}: go "
                             "on from an older snapshot, or in a new store.")  # fmt: skip
        on_disk = OnDisk(self.path, self._items, done["count"])
        counts = {k: n for c in self.channels for k, n in c.items_before(i, first, self.clock, on_disk).items()}
        return first, counts

    def append(self, name: str, items: np.ndarray) -> None:
        """Append items to the column of that name."""
        self._lock.require()
        self.columns[name].append(items)

    def commit(self, first: int, last: int, totals: Callable[[], dict[str, Any]]) -> None:
        """Say that the steps from first to last are complete, with these totals."""
        if self.is_new:
            with files.replacing(self.path) as folder:
                self._create(folder)
                self._write_done(folder, first, last, totals())
            self.is_new, self._lock = False, self._locked()
            self._lock.take()
            self._open()
            return
        self._lock.require()
        self._lock.take()
        count = {k: c.count for k, c in self.columns.items()}
        self._done, before = count, self._done
        try:
            self._write_done(self.path, first, last, totals())
        except BaseException:
            self._done = before
            raise

    def _create(self, folder: str) -> None:
        if _column(folder) is ZarrColumn:
            zarr().open_group(folder, mode="w-")
        else:
            os.mkdir(folder)
        ABOUT.write_text(os.path.join(folder, "about.json"), self._about())
        for name, item in self._items.items():
            _column(folder).create(_path(folder, name), *item)

    def _write_done(self, folder: str, first: int, last: int, totals: dict[str, Labelled]) -> None:
        labels, arrays = as_arrays(totals)
        done = {"first": first, "last": last, "count": self._done, "totals": labels}
        DONE.write(os.path.join(folder, "done.npz"), done, arrays)

    def go_on(self) -> None:
        """Forget what an interrupted chunk has left: the next run goes on behind the last complete one."""
        self._lock.require()
        for name, column in self.columns.items():
            column.count = self._done[name]

    def make_room(self, i: int, work: int) -> None:
        """Nothing is kept in memory."""

    def sync(self) -> None:
        """Bring what has been written to the disk, for a power cut; a killed process needs none of this."""
        if self.is_new:  # nothing is there yet
            return
        for column in self.columns.values():
            column.sync()
        for name in ("about.json", "done.npz", ""):  # what counts the items, after them
            files.sync(os.path.join(self.path, name))
        files.sync(os.path.dirname(self.path))

    def recording(self, first: int, last: int, totals: dict[str, Any]) -> Recording:
        """Return what has been recorded: arrays that are read from the disk as they are used."""
        return open_run(self.path)

    def so_far(self, first: int, last: int, totals: dict[str, Any]) -> Recording:
        """Return what has been recorded, within a run: the same."""
        return open_run(self.path)


def _refuse_links(path: str) -> None:
    """Raise FileError if something in a store leads out of it: what is appended would go there."""
    for folder, folders, names in os.walk(path):
        for name in (*folders, *names):
            if os.path.islink(os.path.join(folder, name)):
                raise files.FileError(f"{os.path.join(folder, name)} is a link; a run goes on in files of its store "
                                      "alone: put what it leads to in its place.")  # fmt: skip


def _read(path: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Labelled]]:
    """Return what the two small files of a store say, and the totals."""
    if not os.path.exists(os.path.join(path, "about.json")):
        raise FileNotFoundError(f"{path!r} is no store of a run: it has no about.json.")
    about = ABOUT.read_text(os.path.join(path, "about.json"))
    if not os.path.exists(os.path.join(path, "done.npz")):
        raise FileNotFoundError(f"the store {path!r} is empty: it has no done.npz.")
    done, arrays = DONE.read(os.path.join(path, "done.npz"))
    with files.blamed(lambda why: DONE.damaged(arrays.path, why)):
        totals = of_arrays(done["totals"], arrays)
    channels = [of_plain(c) for c in about["channels"]]
    if why := misfit(channels, done["first"], done["last"], done["count"], totals):
        raise DONE.damaged(arrays.path, why)
    return about, done, totals


@dataclasses.dataclass(frozen=True)
class OnDisk:
    """The complete items of the columns in a store: their shapes and types, and so many of each."""

    path: str
    items: dict[str, tuple[tuple[int, ...], str]]
    count: dict[str, int]

    def __getitem__(self, name: str) -> np.ndarray:
        return _column(self.path).read(_path(self.path, name), *self.items[name], self.count[name])


def open_run(path: PathLike) -> Recording:
    """Return the recording in a store, of a run that is over, goes on, or was killed: all chunks that are complete.

    Arrays of .npy files are read from the disk as they are used; one of zarr at once, when it is first asked for.

    Args:
        path: the folder, `store` of the runner.

    Raises:
        FileNotFoundError: there is no store, or nothing in it yet.
        FileError: it is damaged or of a newer format; also later, when an array that is damaged is asked for.
    """
    path = os.path.abspath(path)
    about, done, totals = _read(path)
    channels, clock = [of_plain(c) for c in about["channels"]], (float(about["dt_ms"]), float(about["t0_ms"]))
    on_disk = OnDisk(path, {k: v for c in channels for k, v in c.columns().items()}, done["count"])
    return Recording(channels, on_disk, totals, (done["first"], done["last"]), clock)


def is_there(path: str) -> bool:
    """Return whether there is anything of that name but an empty folder."""
    return os.path.lexists(path) and not (os.path.isdir(path) and not os.listdir(path))


def refuse_existing(path: str) -> None:
    """Raise FileExistsError unless the name is free, or of an empty folder."""
    if is_there(path):
        raise FileExistsError(
            f"DSRunner: store={path!r} is there already; end what still writes into it, then remove it, or choose "
            "another name. A run goes on in it where DSRunner.resume() gets it from a snapshot of that run."
        )
    if _column(path) is ZarrColumn:
        zarr()
