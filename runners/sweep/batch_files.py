"""Finished batches of a sweep on disk, from which the same sweep goes on."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import jax
import numpy as np

from simcore import files
from simcore.module.warning import warn

SWEEP = files.Kind({"axes": str}, "is not of a sweep", "take another folder, or remove this one")
BATCH = files.Kind({"points": int}, "is no batch of a sweep", "delete it: its points are run again")


class BatchFiles:
    """A folder of finished batches, each a file that is renamed to its place when complete.

    Args:
        folder: made if it is not there.
        about: what makes the sweep another one than the next.

    Raises:
        ValueError: the folder holds another sweep, or anything else.
        BlockingIOError: another process runs the sweep in this folder.
    """

    def __init__(self, folder: Any, about: dict[str, str]) -> None:
        self.folder = Path(os.path.abspath(folder))
        with files.named(str(self.folder)):
            self.folder.mkdir(parents=True, exist_ok=True)
        # Of a sweep that several processes share, each has its own lock.
        self._lock = files.Lock(str(self.folder / f".lock{jax.process_index()}"), f"the sweep in {str(self.folder)!r}")
        file = self.folder / "sweep.json"
        if file.exists():
            before = SWEEP.read_text(file)
            for key in [k for k in before | about if k not in ("format", "versions")]:
                if before.get(key) != about.get(key):
                    raise ValueError(f"{self.folder} holds another sweep: its {key} differ. Take another folder.")
        elif any(not f.name.startswith(".") for f in self.folder.iterdir()):
            raise ValueError(f"{self.folder} is not empty and holds no sweep. Take another folder.")
        else:
            SWEEP.write_text(file, about)

    def save(self, index: np.ndarray, values: dict[str, np.ndarray]) -> None:
        """Keep the results of points of the design."""
        name = f"points_{index[0]:012d}_{len(index)}_{hashlib.sha256(index.tobytes()).hexdigest()[:8]}.npz"
        BATCH.write(
            self.folder / name, {"points": len(index)}, {"index": index} | {f"value/{k}": v for k, v in values.items()}
        )

    def load(self, index: np.ndarray, measures: Iterable[str]) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
        """Yield what is there of these points: where they are in `index`, and their results, by measure.

        A file that is damaged is left out, with a warning that names it.
        """
        position = {int(p): k for k, p in enumerate(index)}
        shapes: dict[str, tuple[int, ...]] = {}
        for file in sorted(self.folder.glob("points_*.npz")):
            try:
                points, values = _read(file, measures, shapes)
            except files.FileError as err:
                warn(f"{err} The sweep goes on without it.", RuntimeWarning)
                continue
            which = np.array([position[p] for p in points.tolist() if p in position])
            if len(which) == len(points):
                yield which, values


def _read(file: Any, measures: Iterable[str], shapes: dict[str, tuple[int, ...]]) -> tuple[np.ndarray, Any]:
    """Return the points of a batch and their results; `shapes` are those of a point, of the first file that is read."""
    about, arrays = BATCH.read(file)
    points, values = arrays["index"], {name: arrays[f"value/{name}"] for name in measures}
    if points.dtype.kind != "i" or points.shape != (about["points"],):
        raise BATCH.damaged(arrays.path, f"its points are {points.dtype} of the shape {points.shape}")
    for name, array in values.items():
        if array.shape != (len(points), *shapes.setdefault(name, array.shape[1:])):
            raise BATCH.damaged(arrays.path, f"{name!r} has the shape {array.shape}")
    return points, values
