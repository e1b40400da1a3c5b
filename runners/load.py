"""Files of recordings and of results of sweeps, read."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from simcore.files import PathLike, misfit

from .labelled.array import Labelled
from .labelled.files import SAVED, read
from .record import channels
from .record.recording import RUN, Recording
from .sweep.result import SweepResult


def load(file: PathLike) -> Recording | SweepResult:
    """Return what `save` of a recording, or of a result of a sweep, wrote to a file, as it was.

    Args:
        file: an .npz or .nc. (A folder that a run was streamed to is read by `open_run`, one of a sweep by
            `open_sweep`.)

    Raises:
        FileError: the file is damaged, of another kind or of a newer format.
        FileNotFoundError: there is none.
    """
    items, columns, about = read(file)
    if "run" not in about:
        return SweepResult(items)
    path, run = os.path.abspath(file), about["run"]
    if why := misfit(run, RUN) or _misfit(run, columns, items):
        raise SAVED.damaged(path, why)
    clock, recorded = (float(run["dt_ms"]), float(run["t0_ms"])), [channels.of_plain(c) for c in run["channels"]]
    totals = {c.name: items[c.name] for c in recorded if isinstance(c, channels.TotalChannel)}
    return Recording(recorded, columns, totals, (run["first"], run["last"]), clock)


def _misfit(run: dict[str, Any], columns: dict[str, np.ndarray], items: dict[str, Labelled]) -> str:
    """Return why arrays are not those of a recording, in a clause; "" if they are."""
    recorded = [channels.of_plain(c) for c in run["channels"]]
    count = {name: len(array) for name, array in columns.items() if array.ndim}
    if why := channels.misfit(recorded, run["first"], run["last"], count, items):
        return why
    for c in recorded:
        for name, (shape, dtype) in c.columns().items():
            if columns[name].shape[1:] != shape or columns[name].dtype != np.dtype(dtype):
                return f"{name!r} is {columns[name].dtype} of the shape {columns[name].shape}"
        if len({count[name] for name in c.columns()}) > 1:
            return f"not all of {c.name!r} is there"
    return ""
