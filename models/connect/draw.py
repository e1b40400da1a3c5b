"""Random pairs and random partners."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from . import blocks
from .base import Ends, Rows
from .blocks import Buffer, row_ranges


def self_numbers(pre: Ends, post: Ends, self_connections: bool) -> np.ndarray | None:
    """Return for each pre neuron its own number in `post` (len(post) if it is not there); None: exclude nothing."""
    if self_connections or pre.population != post.population or not len(pre) or not len(post):
        return None
    here = np.arange(len(post), dtype=np.uint32)
    number = np.full(max(pre.index.max(), post.index.max()) + 1, len(post), np.uint32)
    number[post.index] = here
    if (number[post.index] != here).any():
        raise ValueError("the neurons of a projection must be there once each; its post side has some twice.")
    itself = number[pre.index]
    return itself if (itself < len(post)).any() else None


def successes(p: float, trials: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield, in ascending blocks of int64, which of `trials` independent trials of probability p succeed.

    The failures between two successes are geometric: the whole part of an exponential variable.
    """
    if p == 0 or trials == 0:
        return
    with np.errstate(divide="ignore"):
        rate = -np.log1p(-p)  # inf for p = 1: no failures
    last = -1
    while True:
        left = (trials - 1 - last) * p
        n = max(1, min(blocks.BLOCK, 2**62 // trials, int(left + 6 * np.sqrt(left)) + 16))  # no sum beyond int64
        gap = rng.standard_exponential(n)
        with np.errstate(over="ignore"):
            gap /= rate
        hits = np.minimum(gap, trials, out=gap).astype(np.int64)
        hits += 1
        np.cumsum(hits, out=hits)
        hits += last
        if hits[-1] >= trials:
            yield hits[: np.searchsorted(hits, trials)]
            return
        yield hits
        last = int(hits[-1])


def bernoulli(
    p: float,
    n_pre: int,
    n_post: int,
    itself: np.ndarray | None,
    rng: np.random.Generator,
    wanted: np.ndarray | None = None,
) -> Rows:
    """Connect each pair but a neuron with itself with probability p; leave out targets that are not `wanted`."""
    ptr = np.zeros(n_pre + 1, np.int64)
    out = Buffer(p * n_pre * (n_post if wanted is None else np.count_nonzero(wanted)), np.uint32)
    for hits in successes(p, n_pre * n_post, rng):
        if not hits.size:
            continue
        first, last = int(hits[0]) // n_post, int(hits[-1]) // n_post
        edges = np.arange(first, last + 2) * n_post
        bounds = np.searchsorted(hits, edges)
        n = np.diff(bounds)
        # Modulo 2**32, in which a column fits: half the memory of the difference in int64.
        columns = hits.astype(np.uint32) - np.repeat(edges[:-1].astype(np.uint32), n)
        if itself is not None or wanted is not None:
            keep = np.ones(columns.size, bool) if wanted is None else wanted[columns]
            if itself is not None:
                keep &= columns != np.repeat(itself[first : last + 1], n)
            dropped = np.searchsorted(bounds, np.flatnonzero(~keep), side="right") - 1
            n -= np.bincount(dropped, minlength=n.size)
            columns = columns[keep]
        ptr[first + 1 : last + 2] += n
        out.append(columns)
    return Rows(np.cumsum(ptr, out=ptr), out.close())


def redraw(block: np.ndarray, itself: np.ndarray | None, n: int, rng: np.random.Generator) -> None:
    """Draw the entries that are the row's own number anew."""
    bad = None if itself is None else np.nonzero(block == itself[:, None])
    while bad is not None and bad[0].size:
        new = rng.integers(n, size=bad[0].size, dtype=np.uint32)
        block[bad] = new
        again = new == itself[bad[0]]  # type: ignore[index]
        bad = bad[0][again], bad[1][again]


def distinct(keys: np.ndarray, itself: np.ndarray | None, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return ascending rows without duplicates or own number; keys 2 x are kept, the others, 2 x + 1, redrawn.

    What a free entry becomes is uniform over the numbers left: all of these are alike in every step.
    """
    if 2 * keys.shape[1] > n:
        return distinct_of_few(keys, itself, n, rng)
    keys.sort(axis=1)
    rows = np.arange(len(keys))
    while rows.size:
        part = keys[rows]
        x = part >> 1
        bad = np.zeros(x.shape, bool)
        np.equal(x[:, 1:], x[:, :-1], out=bad[:, 1:])
        if itself is not None:
            bad |= x == itself[rows, None]
        some = bad.any(axis=1)
        rows, part, bad = rows[some], part[some], bad[some]
        part[bad] = 2 * rng.integers(n, size=np.count_nonzero(bad), dtype=np.uint32) + 1
        part.sort(axis=1)
        keys[rows] = part
    return keys >> 1


def distinct_of_few(keys: np.ndarray, itself: np.ndarray | None, n: int, rng: np.random.Generator) -> np.ndarray:
    """`distinct` where more than half of the n numbers are wanted: those with the smallest of n random numbers."""
    rank = rng.random((len(keys), n))
    if itself is not None:
        among = np.flatnonzero(itself < n)
        rank[among, itself[among]] = 2.0
    row, column = np.nonzero(keys % 2 == 0)
    rank[row, keys[row, column] >> 1] = -1.0
    k = keys.shape[1]
    chosen = np.argpartition(rank, k - 1, axis=1)[:, :k] if k < n else np.argsort(rank, axis=1)
    return np.sort(chosen.astype(np.uint32), axis=1)


def choices(
    n_rows: int, k: int, n: int, itself: np.ndarray | None, multiple: bool, rng: np.random.Generator
) -> Iterator[tuple[int, np.ndarray]]:
    """Yield k numbers below n for each of the rows, (rows, k) uint32, in blocks, each with its first row."""
    for start, end in row_ranges(n_rows if k else 0, k if multiple or 2 * k <= n else n):
        itself_here = None if itself is None else itself[start:end]
        draw = rng.integers(n, size=(end - start, k), dtype=np.uint32)
        if multiple:
            redraw(draw, itself_here, n, rng)
            yield start, draw
        else:
            yield start, distinct(2 * draw + 1, itself_here, n, rng)
