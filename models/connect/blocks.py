"""Work in blocks: what is drawn at a time stays in the cache of the processor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

# Synapses drawn at a time: a few arrays of so many numbers stay in the cache of the processor.
BLOCK = 1 << 16


def row_ranges(n_rows: int, width: int) -> Iterator[tuple[int, int]]:
    """Yield the bounds of consecutive rows with about BLOCK numbers together, `width` in each."""
    step = max(1, BLOCK // max(1, width))
    for start in range(0, n_rows, step):
        yield start, min(start + step, n_rows)


def row_blocks(ptr: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield the bounds of consecutive rows with about BLOCK synapses together."""
    start, n = 0, ptr.size - 1
    while start < n:
        end = max(start + 1, int(np.searchsorted(ptr, ptr[start] + BLOCK, side="right")) - 1)
        yield start, end
        start = end


class Buffer:
    """An array that grows at its end, in place where the system can."""

    def __init__(self, capacity: float, dtype: Any) -> None:
        self.data: Any = np.empty(int(capacity + 6 * np.sqrt(capacity)) + 64, dtype)
        self.size = 0

    def append(self, values: np.ndarray) -> None:
        """Append values."""
        end = self.size + len(values)
        if end > len(self.data):
            self.data.resize(end + end // 4, refcheck=False)
        self.data[self.size : end] = values
        self.size = end

    def close(self) -> np.ndarray:
        """Return what was appended."""
        self.data.resize(self.size, refcheck=False)
        return self.data
