"""Finished batches of a sweep on disk, from which the same sweep goes on."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from simcore import files
from simcore.files import PathLike
from simcore.module.warning import warn

from ..labelled.files import read
from ..record.locked import locked
from .batches import Finished
from .result import SweepResult

COMPLETE = "result.npz"  # of all points, when they are there
SWEEP = files.Kind({"axes": str, "points": str}, "is not of a sweep", "take another folder, or remove this one")
BATCH = files.Kind(
    {"points": int, "sweep": str, "told": {str: str}}, "is no batch of a sweep", "delete it: its points are run again"
)
Form = tuple[tuple[int, ...], np.dtype[Any]]  # the shape and type of the result of a point


class BatchFiles:
    """A folder of finished batches, each a file that is renamed to its place when complete.

    Args:
        folder: made if it is not there.
        about: what makes the sweep another one than the next.
        share: which of several shares of it this process runs, as text, in one process at a time; None: any, see
            `claim`.

    Raises:
        ValueError: the folder holds another sweep, or anything else.
        BlockingIOError: another process runs the sweep in this folder.
    """

    def __init__(self, folder: PathLike, about: dict[str, str], share: str | None) -> None:
        self.folder = Path(os.path.abspath(folder))
        with files.named(str(self.folder)):
            self.folder.mkdir(parents=True, exist_ok=True)
        self._sweep = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]
        self._lock: files.Lock | None = None
        self._what = f"the sweep in {str(self.folder)!r}"
        if share is not None and os.access(self.folder, os.W_OK):  # what is finished is read in any folder
            self._lock = locked(str(self.folder / f".lock{share}"), self._what)
        self._compare(about)
        if self._lock is not None:
            self._lock.take()

    def _compare(self, about: dict[str, str]) -> None:
        """Raise ValueError unless the folder holds this sweep, or nothing yet: then it is told which."""
        file, found = self.folder / "sweep.json", [f for f in self.folder.iterdir() if not f.name.startswith(".")]
        if file.exists():  # looked for after the others: a process that shares the sweep may just have made it
            before = SWEEP.read_text(file)
            for key in [k for k in before | about if k not in ("format", "versions")]:
                if before.get(key) != about.get(key):
                    raise ValueError(f"{self.folder} holds another sweep: its {key} differ. Take another folder.")
        elif found:
            raise ValueError(f"{self.folder} is not empty and holds no sweep. Take another folder.")
        else:
            SWEEP.write_text(file, about)

    def save(self, index: np.ndarray, batch: Finished) -> None:
        """Keep a batch; `index` are the numbers of its points in the design.

        Raises:
            RuntimeError: another sweep of this process has taken the folder over, or it was removed.
        """
        if self._lock is not None:
            self._lock.require()
        told = {str(point): text for point, text in batch.told.items()}
        about = {"points": len(index), "sweep": self._sweep, "told": told}
        BATCH.write(self._file(index), about, {"index": index} | {f"value/{k}": v for k, v in batch.values.items()})

    def _file(self, index: np.ndarray) -> Path:
        return self.folder / f"points_{_name(index)}.npz"

    def claim(self, index: np.ndarray) -> files.Lock | None:
        """Return what keeps other processes from these points until it is dropped; None if they are taken or done.

        A process that dies, in whatever way, drops what it has claimed.
        """
        if self._file(index).exists():
            return None
        try:
            claim = locked(str(self.folder / f".claim_{_name(index)}"), self._what)
        except BlockingIOError:
            return None
        claim.take()
        if self._file(index).exists():  # by now
            self.drop(claim)
            return None
        return claim

    def complete(self, result: SweepResult) -> None:
        """Keep the results of all points, for `open_sweep`."""
        if os.access(self.folder, os.W_OK):
            result.save(self.folder / COMPLETE)

    def drop(self, claim: files.Lock) -> None:
        """Give up a claim."""
        with contextlib.suppress(FileNotFoundError):
            os.remove(claim.path)
        claim.release()

    def load(self, index: np.ndarray, forms: dict[str, Form]) -> Iterator[Finished]:
        """Yield the batches that are there of these points, numbered by where they are in `index`.

        A file that is damaged, or of another sweep, is left out, with a warning that names it.

        Args:
            index: the points.
            forms: by name, the shape and type of what is known of a point.
        """
        position = {int(p): k for k, p in enumerate(index)}
        for file in sorted(self.folder.glob("points_*.npz")):
            try:
                points, values, told = self._read(file, forms)
            except files.FileError as err:
                if file.is_dir():  # no file could take its place
                    raise
                warn(f"{err} The sweep goes on without it.", RuntimeWarning)
                continue
            which = np.array([position[p] for p in points.tolist() if p in position])
            if len(which) == len(points):
                yield Finished(which, values, told)

    def _read(self, file: Any, forms: dict[str, Form]) -> tuple[np.ndarray, dict[str, np.ndarray], dict[int, str]]:
        """Return the points of a batch, what is known of them, and what is told of some."""
        about, arrays = BATCH.read(file)
        if about["sweep"] != self._sweep:
            raise files.FileError(f"{arrays.path} is of another sweep; {BATCH.cure}.")
        n, names = about["points"], [f"value/{name}" for name in forms]
        wanted = {"index": ((n,), np.dtype(np.int64))} | {
            name: ((n, *shape), dtype) for name, (shape, dtype) in zip(names, forms.values(), strict=True)
        }
        for name, (shape, dtype) in wanted.items():
            if (found := arrays.form(name)) != (shape, dtype):
                text = f"{name!r} is {found[1]} of the shape {found[0]}, not {dtype} of {shape}"
                raise BATCH.damaged(arrays.path, text)
        with files.blamed(lambda why: BATCH.damaged(arrays.path, why)):
            told = {int(point): text for point, text in about["told"].items()}
        return arrays["index"], {name: arrays[f"value/{name}"] for name in forms}, told


def _name(index: np.ndarray) -> str:
    return f"{index[0]:012d}_{len(index)}_{hashlib.sha256(index.tobytes()).hexdigest()[:8]}"


def open_sweep(store: PathLike) -> SweepResult:
    """Return the results of a sweep that ran into a store, in one process or several, of which all have ended.

    Args:
        store: the folder.

    Raises:
        FileError: there is no sweep, or a file is damaged.
        FileNotFoundError: some points are not there yet, with how many.
    """
    folder = Path(os.path.abspath(store))
    about = SWEEP.read_text(folder / "sweep.json")
    if (folder / COMPLETE).exists():
        return SweepResult(read(folder / COMPLETE)[0])
    done = {int(p) for file in folder.glob("points_*.npz") for p in BATCH.read(file)[1]["index"]}
    raise FileNotFoundError(f"{folder}: {len(done)} of {about['points']} points are finished; run the others, with "
                            "store= and part=, as those before.")  # fmt: skip
