"""Finished batches of a sweep on disk, from which the same sweep goes on."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from simcore import files

SWEEP = files.Kind("axes", "is not of a sweep")
BATCH = files.Kind("points", "is no batch of a sweep")


class BatchFiles:
    """A folder of finished batches, each a file that is renamed to its place when complete.

    Args:
        folder: made if it is not there.
        about: what makes the sweep another one than the next.

    Raises:
        ValueError: the folder holds another sweep, or anything else.
    """

    def __init__(self, folder: Any, about: dict[str, str]) -> None:
        self.folder = Path(os.fspath(folder))
        self.folder.mkdir(parents=True, exist_ok=True)
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

    def load(self, index: np.ndarray) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
        """Yield what is there of these points: where they are in `index`, and their results."""
        position = {int(p): k for k, p in enumerate(index)}
        for file in sorted(self.folder.glob("points_*.npz")):
            _, arrays = BATCH.read(file)
            points = arrays.pop("index")
            if int(points[0]) in position:
                which = np.array([position[int(p)] for p in points])
                yield which, {k.removeprefix("value/"): v for k, v in arrays.items()}
