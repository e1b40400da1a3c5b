"""Known: what a process knows of the points of a sweep, its own and those of others that are in the store."""

from __future__ import annotations

import numpy as np

from simcore import memory

from .batch_files import BatchFiles, Form
from .batches import Finished


class Known:
    """What is known of n points.

    Attributes:
        rows: by name, (n, ...).
        told: by point, what fails there and when.
        done: which points are known.
        programs: the numbers of the points of each program, and the form of what is known of one, by name.
    """

    def __init__(self, n: int) -> None:
        self.n = n
        self.rows: dict[str, np.ndarray] = {}
        self.told: dict[int, str] = {}
        self.done = np.zeros(n, bool)
        self.programs: list[tuple[np.ndarray, dict[str, Form]]] = []

    def put(self, index: np.ndarray, batch: Finished) -> int:
        """Note the results of a batch; return how many points they are of.

        Args:
            index: the numbers of the points of its program.
            batch: of some of them.
        """
        points = index[batch.which]
        for name, of_points in batch.values.items():
            if name not in self.rows:
                memory.require(
                    self.n * of_points[0].nbytes, f"the sweep's {name!r}", "; measure less, or fewer points at a time"
                )
                self.rows[name] = np.zeros((self.n, *of_points.shape[1:]), of_points.dtype)
            self.rows[name][points] = of_points
        self.told |= batch.told
        self.done[points] = True
        return len(points)

    def complete_from(self, folder: BatchFiles) -> bool:
        """Note what others have finished; return whether all points are known."""
        for index, forms in self.programs:
            if not self.done[index].all():
                for batch in folder.load(index, forms):
                    self.put(index, batch)
        return bool(self.done.all())
