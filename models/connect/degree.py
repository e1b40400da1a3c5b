"""Rules of a fixed number: of sources, of targets, of synapses."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from . import blocks
from .arguments import count
from .base import Ends, Rows, Rule
from .blocks import row_blocks
from .draw import bernoulli, choices, redraw, self_numbers
from .sorting import pair_keys, sort_pairs


@dataclasses.dataclass(frozen=True)
class FixedDegree(Rule):
    """`n` synapses of a kind; `multiple` allows several of the same pair."""

    n: int
    self_connections: bool = True
    multiple: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", count(self.n, f"{self.who}: 'n'"))


class FixedInDegree(FixedDegree):
    """Give each target n sources, drawn uniformly; `multiple` allows the same source several times."""

    def check(self, pre: Ends, post: Ends) -> None:
        if len(post):
            itself = self_numbers(post, pre, self.self_connections)
            refuse_degree(self.who, self.n, len(pre), itself, self.multiple)

    def rows(self, pre: Ends, post: Ends, rng: np.random.Generator) -> Rows:
        itself = self_numbers(post, pre, self.self_connections)
        wanted = np.ones(len(post), bool) if post.wanted is None else post.wanted
        keys, end = np.empty(int(np.count_nonzero(wanted)) * self.n, np.uint64), 0
        for start, sources in choices(len(post), self.n, len(pre), itself, self.multiple, rng):
            target = start + np.flatnonzero(wanted[start : start + len(sources)])
            begin, end = end, end + target.size * self.n
            keys[begin:end] = pair_keys(sources[target - start], target[:, None]).ravel()
        return Rows(*sort_pairs(keys, len(pre)))

    def expected(self, n_pre: int, n_post: int) -> float:
        return float(self.n * n_post)


class FixedOutDegree(FixedDegree):
    """Give each source n targets, drawn uniformly; `multiple` allows the same target several times."""

    def check(self, pre: Ends, post: Ends) -> None:
        if len(pre):
            itself = self_numbers(pre, post, self.self_connections)
            refuse_degree(self.who, self.n, len(post), itself, self.multiple)

    def rows(self, pre: Ends, post: Ends, rng: np.random.Generator) -> Rows:
        itself = self_numbers(pre, post, self.self_connections)
        out = np.empty((len(pre), self.n), np.uint32)
        for start, targets in choices(len(pre), self.n, len(post), itself, self.multiple, rng):
            targets.sort(axis=1)
            out[start : start + len(targets)] = targets
        return Rows(np.arange(len(pre) + 1, dtype=np.int64) * self.n, out.ravel())

    def expected(self, n_pre: int, n_post: int) -> float:
        return float(self.n * n_pre)


class FixedTotalNumber(FixedDegree):
    """Draw n synapses uniformly from all pairs; `multiple` allows several of the same pair."""

    def check(self, pre: Ends, post: Ends) -> None:
        itself = self_numbers(pre, post, self.self_connections)
        pairs = _n_pairs(pre, post, itself)
        if self.n > pairs and (not self.multiple or pairs == 0):
            without = ", a neuron with itself left out" if itself is not None else ""
            raise ValueError(f"{self.who}: 'n' = {self.n} is more than the {pairs} pairs there are{without}.")

    def rows(self, pre: Ends, post: Ends, rng: np.random.Generator) -> Rows:
        itself = self_numbers(pre, post, self.self_connections)
        if self.n == 0:
            return Rows(np.zeros(len(pre) + 1, np.int64), np.zeros(0, np.uint32))
        draw = self._multiple if self.multiple else self._distinct
        return draw(len(pre), len(post), itself, _n_pairs(pre, post, itself), rng)

    def _multiple(self, n_pre: int, n_post: int, itself: np.ndarray | None, pairs: int, rng: Any) -> Rows:
        ptr = np.zeros(n_pre + 1, np.int64)
        while left := self.n - int(ptr.sum()):
            source = rng.integers(n_pre, size=min(left, max(blocks.BLOCK, n_pre)))
            if itself is not None and pairs != n_pre * (n_post - 1):  # only some of the sources have a pair less
                source = source[(itself[source] == n_post) | (rng.integers(n_post, size=source.size) > 0)]
            ptr[1:] += np.bincount(source, minlength=n_pre)
        np.cumsum(ptr, out=ptr)
        out = np.empty(self.n, np.uint32)
        for start, end in row_blocks(ptr):
            row = np.repeat(np.arange(end - start), np.diff(ptr[start : end + 1]))
            draw = rng.integers(n_post, size=(row.size, 1), dtype=np.uint32)
            redraw(draw, None if itself is None else itself[start:end][row], n_post, rng)
            keys = pair_keys(row, draw[:, 0])
            keys.sort()
            out[ptr[start] : ptr[end]] = keys.astype(np.uint32)
        return Rows(ptr, out)

    def _distinct(self, n_pre: int, n_post: int, itself: np.ndarray | None, pairs: int, rng: Any) -> Rows:
        """Draw a few pairs more than n independently, and drop a uniform choice of those too many."""
        p = min(1.0, (self.n + 6 * np.sqrt(self.n) + 16) / pairs)
        ptr, post, _ = bernoulli(p, n_pre, n_post, itself, rng)
        while post.size < self.n:
            ptr, post, _ = bernoulli(p, n_pre, n_post, itself, rng)
        dropped = np.sort(rng.choice(post.size, post.size - self.n, replace=False, shuffle=False))
        return Rows(ptr - np.searchsorted(dropped, ptr), np.delete(post, dropped))

    def expected(self, n_pre: int, n_post: int) -> float:
        return float(self.n)


def _n_pairs(pre: Ends, post: Ends, itself: np.ndarray | None) -> int:
    return len(pre) * len(post) - (0 if itself is None else int(np.count_nonzero(itself < len(post))))


def refuse_degree(who: str, k: int, n: int, itself: np.ndarray | None, multiple: bool) -> None:
    """Refuse k partners for a neuron that has fewer to choose from."""
    left = n - (itself is not None)
    if k > left and (not multiple or left == 0):
        without = ", a neuron itself left out" if itself is not None else ""
        cure = "; multiple=True allows several synapses of a pair" if left else ""
        raise ValueError(f"{who}: 'n' = {k} is more than the {left} neurons there are to choose from{without}{cure}.")
