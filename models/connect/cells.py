"""Neurons sorted into the cells of a grid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .draw import successes
from .sorting import pair_keys, sort_pairs


class Cells:
    """Neurons sorted into the cells of a grid, to find those near each other."""

    def __init__(self, x: np.ndarray, y: np.ndarray, period: np.ndarray | None, reach: float) -> None:
        self.period, self.reach = period, reach * (1 + 1e-9)  # for distances that are rounded up
        if period is None:
            low = np.minimum(x.min(0), y.min(0))
            extent = np.maximum(x.max(0), y.max(0)) - low
        else:
            x, y, low, extent = np.mod(x, period), np.mod(y, period), 0.0, period
        side = reach / 8  # small enough for few misses, large enough for few cells within reach
        # A cell of few neurons costs more than it spares.
        while np.prod(np.maximum(1.0, np.floor(extent / side))) > max(1.0, len(y) / 16):
            side *= 1.2
        self.shape = np.maximum(1, np.floor(extent / side)).astype(np.int64)
        self.side = np.where(extent > 0, extent, 1.0) / self.shape
        self.x, self.y = x, y
        size = int(np.prod(self.shape))
        self.ptr_x, self.order_x = sort_pairs(pair_keys(self._cell(x, low), np.arange(len(x))), size)
        self.ptr_y, self.order_y = sort_pairs(pair_keys(self._cell(y, low), np.arange(len(y))), size)
        self.used = np.array(np.unravel_index(np.flatnonzero(np.diff(self.ptr_x)), self.shape)).T

    def _cell(self, x: np.ndarray, low: Any) -> np.ndarray:
        cell = np.clip(np.floor((x - low) / self.side).astype(np.int64), 0, self.shape - 1)
        return np.ravel_multi_index(tuple(cell.T), self.shape)

    def offsets(self) -> Iterator[tuple[np.ndarray, float]]:
        """Yield the steps from a cell to those within reach, each with the least distance of their neurons."""
        axes, squares = [], []
        for n, side in zip(self.shape, self.side, strict=True):
            step = np.arange(1 - n, n) if self.period is None else np.arange(n)
            away = np.abs(step) if self.period is None else np.minimum(step, n - step)
            gap = np.maximum(away - 1, 0) * side * (1 - 1e-9)  # for those rounded down
            axes.append(step[gap <= self.reach])
            squares.append(gap[gap <= self.reach] ** 2)
        steps = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, len(axes))
        nearest = np.sqrt(sum(np.meshgrid(*squares, indexing="ij"))).ravel()
        near = nearest <= self.reach
        yield from zip(steps[near], nearest[near].tolist(), strict=True)

    def hits(self, offset: np.ndarray, p: float, rng: Any) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Yield pairs from cells `offset` apart, each pair with probability p: sources, targets, distances."""
        to = self.used + offset
        if self.period is None:
            inside = ((to >= 0) & (to < self.shape)).all(axis=1)
            source, to = self.used[inside], to[inside]
        else:
            source, to = self.used, to % self.shape
        a = np.ravel_multi_index(tuple(source.T), self.shape)
        b = np.ravel_multi_index(tuple(to.T), self.shape)
        n_b = self.ptr_y[b + 1] - self.ptr_y[b]
        ends = np.cumsum((self.ptr_x[a + 1] - self.ptr_x[a]) * n_b)
        for hit in successes(p, int(ends[-1]) if ends.size else 0, rng):
            c = np.searchsorted(ends, hit, side="right")
            k, l = np.divmod(hit - np.where(c, ends[c - 1], 0), n_b[c])
            i, j = self.order_x[self.ptr_x[a[c]] + k], self.order_y[self.ptr_y[b[c]] + l]
            yield i, j, separations(self.x[i], self.y[j], self.period)


def separations(x: np.ndarray, y: np.ndarray, period: np.ndarray | None) -> np.ndarray:
    """Return the distances (n,) of positions (n, d), which lie within the box if it has periodic boundaries."""
    away = np.abs(x - y)
    if period is not None:
        away = np.minimum(away, period - away)
    return np.sqrt((away**2).sum(axis=1))
