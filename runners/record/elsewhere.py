"""Columns of a store that another process writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .recording import Recording
from .store import open_run


class Elsewhere:
    """Columns of a store that the first of several processes writes: the others read it.

    Raises:
        FileError: there is no such folder here when the recording is read: the processes share no files.
    """

    run: str | None = None

    def __init__(self, path: str) -> None:
        self.path = path

    def append(self, name: str, items: np.ndarray) -> None:
        """Leave it to the first process."""

    def commit(self, first: int, last: int, totals: Callable[[], dict[str, Any]]) -> None:
        """Leave it to the first process."""

    def make_room(self, i: int, work: int) -> None:
        """Nothing is kept in memory."""

    def recording(self, first: int, last: int, totals: dict[str, Any]) -> Recording:
        """Return what the first process has written."""
        return open_run(self.path)

    def so_far(self, first: int, last: int, totals: dict[str, Any]) -> Recording:
        """Return what the first process has written, within a run."""
        return open_run(self.path)

    def sync(self) -> None:
        """Leave it to the first process."""

    def go_on(self) -> None:
        """Leave it to the first process."""
