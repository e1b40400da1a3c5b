"""Connection rules: which neuron of one population reaches which of another.

A rule is drawn with numpy's PCG64, from the generator given to it: the same seed gives the same synapses on every
device. All rules work in blocks; none builds an array of n_pre x n_post.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pint

from simcore import units

# Synapses drawn at a time: a few arrays of so many numbers stay in the cache of the processor.
BLOCK = 1 << 16
# The distance rules end where the probability falls below this part of its maximum.
CUT = 1e-7


@dataclasses.dataclass(frozen=True, eq=False)
class Ends:
    """One side of a projection: some neurons of a population, each at most once.

    Args:
        index: (n,) their numbers within the whole population.
        positions: (n, d) in um, or None.
        population: an identity; equal for both sides if they are of the same population.
    """

    index: np.ndarray
    positions: np.ndarray | None = None
    population: int = 0

    def __len__(self) -> int:
        return len(self.index)


class Rows(NamedTuple):
    """The synapses by presynaptic neuron: those of neuron i are ``ptr[i]`` to ``ptr[i + 1]``.

    ptr: (n_pre + 1,) int64. post: (n,) uint32, the targets as numbers 0 .. n_post - 1.
    order: synapse k is the ``order[k]``-th of those that the user gave; None where that is k itself.
    """

    ptr: np.ndarray
    post: np.ndarray
    order: np.ndarray | None = None


class Rule:
    """How two groups of neurons are connected. The rules that draw give each row in ascending order."""

    def rows(self, pre: Ends, post: Ends, rng: np.random.Generator) -> Rows:
        """Return the synapses.

        Raises:
            ValueError: the rule cannot be met by these neurons.
        """
        raise NotImplementedError

    def expected(self, n_pre: int, n_post: int) -> float | None:
        """Return the number of synapses expected (about, where some pairs are excluded); None if unknown."""
        raise NotImplementedError

    @property
    def _who(self) -> str:
        return type(self).__name__


# ------------------------------------------------------------------ checks of arguments


def _count(value: Any, who: str) -> int:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer) or value < 0:
        raise ValueError(f"{who} must be a whole number >= 0, got {units.show(value)}.")
    return int(value)


def _probability(value: Any, who: str) -> float:
    p = units.as_magnitude(value, "dimensionless", who)
    if p.ndim or not 0 <= p <= 1:
        raise ValueError(f"{who} must be a probability from 0 to 1, got {units.show(value)}.")
    return float(p)


def _length(value: Any, who: str, *, ndim: int = 0) -> np.ndarray:
    """Return a length (or `ndim` = 1: one or several) in um."""
    x = units.to_kernel(value, "um", who)
    if x.ndim > ndim or (x <= 0).any():
        raise ValueError(f"{who} must be {'one length' if ndim == 0 else 'lengths'} > 0, got {units.show(value)}.")
    return x


def _whole(value: Any, who: str) -> np.ndarray:
    x = np.asarray(value)
    if x.ndim != 1 or (x.dtype.kind not in "iu" and x.size):
        raise TypeError(f"{who} must be a list of neuron numbers, got {x.dtype} of the shape {x.shape}.")
    x = x.astype(np.int64)
    if x.size and x.min() < 0:
        raise ValueError(f"{who} must be neuron numbers >= 0, got {x.min()}.")
    return x


def _same_size(pre: Ends, post: Ends, who: str) -> None:
    if len(pre) != len(post):
        raise ValueError(f"{who} needs as many neurons on both sides, got {len(pre)} and {len(post)}.")


# ------------------------------------------------------------------ pieces of the rules


def _own(pre: Ends, post: Ends, self_connections: bool) -> np.ndarray | None:
    """Return for each pre neuron its own number in `post` (len(post) if it is not there); None: exclude nothing."""
    if self_connections or pre.population != post.population or not len(pre) or not len(post):
        return None
    here = np.arange(len(post), dtype=np.uint32)
    number = np.full(max(pre.index.max(), post.index.max()) + 1, len(post), np.uint32)
    number[post.index] = here
    if (number[post.index] != here).any():
        raise ValueError("the neurons of a projection must be there once each; its post side has some twice.")
    own = number[pre.index]
    return own if (own < len(post)).any() else None


class _Buffer:
    """An array that grows at its end, in place where the system can."""

    def __init__(self, capacity: float, dtype: type) -> None:
        self.data: Any = np.empty(int(capacity + 6 * np.sqrt(capacity)) + 64, dtype)
        self.size = 0

    def append(self, values: np.ndarray) -> None:
        end = self.size + len(values)
        if end > len(self.data):
            self.data.resize(end + end // 4, refcheck=False)
        self.data[self.size : end] = values
        self.size = end

    def close(self) -> np.ndarray:
        self.data.resize(self.size, refcheck=False)
        return self.data


def _successes(p: float, trials: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
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
        n = max(1, min(BLOCK, 2**62 // trials, int(left + 6 * np.sqrt(left)) + 16))  # no sum beyond int64
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


def _bernoulli(p: float, n_pre: int, n_post: int, own: np.ndarray | None, rng: np.random.Generator) -> Rows:
    """Connect each pair but a neuron with itself with probability p."""
    ptr = np.zeros(n_pre + 1, np.int64)
    out = _Buffer(p * n_pre * n_post, np.uint32)
    for hits in _successes(p, n_pre * n_post, rng):
        if not hits.size:
            continue
        first, last = int(hits[0]) // n_post, int(hits[-1]) // n_post
        edges = np.arange(first, last + 2) * n_post
        bounds = np.searchsorted(hits, edges)
        n = np.diff(bounds)
        # Modulo 2**32, in which a column fits: half the memory of the difference in int64.
        columns = hits.astype(np.uint32) - np.repeat(edges[:-1].astype(np.uint32), n)
        if own is not None:
            keep = columns != np.repeat(own[first : last + 1], n)
            dropped = np.searchsorted(bounds, np.flatnonzero(~keep), side="right") - 1
            n -= np.bincount(dropped, minlength=n.size)
            columns = columns[keep]
        ptr[first + 1 : last + 2] += n
        out.append(columns)
    return Rows(np.cumsum(ptr, out=ptr), out.close())


def _redraw(block: np.ndarray, own: np.ndarray | None, n: int, rng: np.random.Generator) -> None:
    """Draw the entries that are the row's own number anew."""
    bad = None if own is None else np.nonzero(block == own[:, None])
    while bad is not None and bad[0].size:
        new = rng.integers(n, size=bad[0].size, dtype=np.uint32)
        block[bad] = new
        again = new == own[bad[0]]  # type: ignore[index]
        bad = bad[0][again], bad[1][again]


def _distinct(keys: np.ndarray, own: np.ndarray | None, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return ascending rows without duplicates or own number; keys 2 x are kept, the others, 2 x + 1, redrawn.

    What a free entry becomes is uniform over the numbers left: all of these are alike in every step.
    """
    if 2 * keys.shape[1] > n:
        return _distinct_of_few(keys, own, n, rng)
    keys.sort(axis=1)
    rows = np.arange(len(keys))
    while rows.size:
        part = keys[rows]
        x = part >> 1
        bad = np.zeros(x.shape, bool)
        np.equal(x[:, 1:], x[:, :-1], out=bad[:, 1:])
        if own is not None:
            bad |= x == own[rows, None]
        some = bad.any(axis=1)
        rows, part, bad = rows[some], part[some], bad[some]
        part[bad] = 2 * rng.integers(n, size=np.count_nonzero(bad), dtype=np.uint32) + 1
        part.sort(axis=1)
        keys[rows] = part
    return keys >> 1


def _distinct_of_few(keys: np.ndarray, own: np.ndarray | None, n: int, rng: np.random.Generator) -> np.ndarray:
    """`_distinct` where more than half of the n numbers are wanted: those with the smallest of n random numbers."""
    rank = rng.random((len(keys), n))
    if own is not None:
        at = np.flatnonzero(own < n)
        rank[at, own[at]] = 2.0
    row, column = np.nonzero(keys % 2 == 0)
    rank[row, keys[row, column] >> 1] = -1.0
    k = keys.shape[1]
    chosen = np.argpartition(rank, k - 1, axis=1)[:, :k] if k < n else np.argsort(rank, axis=1)
    return np.sort(chosen.astype(np.uint32), axis=1)


def _targets(
    n_rows: int, k: int, n: int, own: np.ndarray | None, multiple: bool, rng: np.random.Generator
) -> Iterator[tuple[int, np.ndarray]]:
    """Yield k numbers below n for each of the rows, (rows, k) uint32, in blocks, each with its first row."""
    step = max(1, BLOCK // max(1, k if multiple or 2 * k <= n else n))
    for start in range(0, n_rows if k else 0, step):
        rows = min(step, n_rows - start)
        mine = None if own is None else own[start : start + rows]
        draw = rng.integers(n, size=(rows, k), dtype=np.uint32)
        if multiple:
            _redraw(draw, mine, n, rng)
            yield start, draw
        else:
            yield start, _distinct(2 * draw + 1, mine, n, rng)


def _refuse_degree(who: str, k: int, n: int, own: np.ndarray | None, multiple: bool) -> None:
    """Refuse k partners for a neuron that has fewer to choose from."""
    left = n - (own is not None)
    if k > left and (not multiple or left == 0):
        without = ", a neuron itself left out" if own is not None else ""
        cure = "; multiple=True allows several synapses of a pair" if left else ""
        raise ValueError(f"{who}: 'n' = {k} is more than the {left} neurons there are to choose from{without}{cure}.")


def _keys(rows: np.ndarray, x: np.ndarray | int) -> np.ndarray:
    """Return 64-bit keys with the row in the upper half and x in the lower one."""
    keys = rows.astype(np.uint64)
    keys <<= np.uint64(32)
    keys |= np.asarray(x, np.uint64)
    return keys


def _sort(keys: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Sort `_keys`; return the bounds of the n rows and the lower halves, in the memory of the keys.

    To sort takes half the time of counting and scattering, whose every access to memory misses the cache.
    """
    keys.sort()
    ptr = np.searchsorted(keys, _keys(np.arange(n + 1), 0)).astype(np.int64)
    size, lower = keys.size, keys.view(np.uint32)
    for start in range(0, size, BLOCK):  # never ahead of what is read
        end = min(start + BLOCK, size)
        lower[start:end] = keys[start:end].astype(np.uint32)
    del lower
    keys.resize((size + 1) // 2, refcheck=False)  # gives half of the memory back
    return ptr, keys.view(np.uint32)[:size]


def _row_blocks(ptr: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield the bounds of consecutive rows with about BLOCK synapses together."""
    start, n = 0, ptr.size - 1
    while start < n:
        end = max(start + 1, int(np.searchsorted(ptr, ptr[start] + BLOCK, side="right")) - 1)
        yield start, end
        start = end


def transpose(ptr: np.ndarray, post: np.ndarray, n_post: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the view of the targets: (n_post + 1,) int64 bounds, and for each synapse its source and its number.

    The synapses of a target are in the order of their numbers; both arrays are (nnz,) uint32.
    """
    if post.size >= 2**32:
        raise ValueError(f"synapse numbers are 32 bits wide; {post.size} synapses are more than {2**32 - 1}.")
    keys = np.empty(post.size, np.uint64)
    for start in range(0, post.size, BLOCK):
        part = post[start : start + BLOCK]
        keys[start : start + BLOCK] = _keys(part, np.arange(start, start + part.size))
    keys.sort()
    synapse = keys.astype(np.uint32)
    # The sources of a target ascend with the synapse numbers: sorted for themselves they are in the same places.
    for start, end in _row_blocks(ptr):
        source = np.repeat(np.arange(start, end), np.diff(ptr[start : end + 1]))
        keys[ptr[start] : ptr[end]] = _keys(post[ptr[start] : ptr[end]], source)
    ptr_in, pre = _sort(keys, n_post)
    return ptr_in, pre, synapse


# ------------------------------------------------------------------ rules


@dataclasses.dataclass(frozen=True)
class AllToAll(Rule):
    """Connect each neuron to each; without `self_connections` to each but itself."""

    self_connections: bool = True

    def rows(self, pre: Ends, post: Ends, rng: np.random.Generator) -> Rows:
        own = _own(pre, post, self.self_connections)
        n = np.full(len(pre), len(post)) - (0 if own is None else own < len(post))
        ptr = np.concatenate([[0], np.cumsum(n)]).astype(np.int64)
        out, columns = np.empty(ptr[-1], np.uint32), np.arange(len(post), dtype=np.uint32)
        step = max(1, BLOCK // max(1, len(post)))
        for start in range(0, len(pre), step):
            end = min(start + step, len(pre))
            block = np.broadcast_to(columns, (end - start, len(post)))
            out[ptr[start] : ptr[end]] = block.ravel() if own is None else block[block != own[start:end, None]]
        return Rows(ptr, out)

    def expected(self, n_pre: int, n_post: int) -> float:
        return float(n_pre * n_post)


@dataclasses.dataclass(frozen=True)
class OneToOne(Rule):
    """Connect the i-th neuron to the i-th."""

    def rows(self, pre: Ends, post: Ends, rng: np.random.Generator) -> Rows:
        _same_size(pre, post, self._who)
        return Rows(np.arange(len(pre) + 1, dtype=np.int64), np.arange(len(pre), dtype=np.uint32))

    def expected(self, n_pre: int, n_post: int) -> float:
        return float(n_pre)


@dataclasses.dataclass(frozen=True)
class FixedProbability(Rule):
    """Connect each pair independently with probability p."""

    p: float
    self_connections: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "p", _probability(self.p, f"{self._who}: 'p'"))

    def rows(self, pre: Ends, post: Ends, rng: np.random.Generator) -> Rows:
        return _bernoulli(self.p, len(pre), len(post), _own(pre, post, self.self_connections), rng)

    def expected(self, n_pre: int, n_post: int) -> float:
        return self.p * n_pre * n_post


@dataclasses.dataclass(frozen=True)
class _Fixed(Rule):
    """`n` synapses of a kind; `multiple` allows several of the same pair."""

    n: int
    self_connections: bool = True
    multiple: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", _count(self.n, f"{self._who}: 'n'"))


class FixedInDegree(_Fixed):
    """Give each target n sources, drawn uniformly; `multiple` allows the same source several times."""

    def rows(self, pre: Ends, post: Ends, rng: np.random.Generator) -> Rows:
        own = _own(post, pre, self.self_connections)
        if len(post):
            _refuse_degree(self._who, self.n, len(pre), own, self.multiple)
        keys = np.empty(len(post) * self.n, np.uint64)
        for start, sources in _targets(len(post), self.n, len(pre), own, self.multiple, rng):
            target = np.arange(start, start + len(sources))[:, None]
            keys[start * self.n : (start + len(sources)) * self.n] = _keys(sources, target).ravel()
        return Rows(*_sort(keys, len(pre)))

    def expected(self, n_pre: int, n_post: int) -> float:
        return float(self.n * n_post)


class FixedOutDegree(_Fixed):
    """Give each source n targets, drawn uniformly; `multiple` allows the same target several times."""

    def rows(self, pre: Ends, post: Ends, rng: np.random.Generator) -> Rows:
        own = _own(pre, post, self.self_connections)
        if len(pre):
            _refuse_degree(self._who, self.n, len(post), own, self.multiple)
        out = np.empty((len(pre), self.n), np.uint32)
        for start, targets in _targets(len(pre), self.n, len(post), own, self.multiple, rng):
            targets.sort(axis=1)
            out[start : start + len(targets)] = targets
        return Rows(np.arange(len(pre) + 1, dtype=np.int64) * self.n, out.ravel())

    def expected(self, n_pre: int, n_post: int) -> float:
        return float(self.n * n_pre)


class FixedTotalNumber(_Fixed):
    """Draw n synapses uniformly from all pairs; `multiple` allows several of the same pair."""

    def rows(self, pre: Ends, post: Ends, rng: np.random.Generator) -> Rows:
        own = _own(pre, post, self.self_connections)
        pairs = len(pre) * len(post) - (0 if own is None else int(np.count_nonzero(own < len(post))))
        if self.n > pairs and (not self.multiple or pairs == 0):
            without = ", a neuron with itself left out" if own is not None else ""
            raise ValueError(f"{self._who}: 'n' = {self.n} is more than the {pairs} pairs there are{without}.")
        if self.n == 0:
            return Rows(np.zeros(len(pre) + 1, np.int64), np.zeros(0, np.uint32))
        draw = self._multiple if self.multiple else self._distinct
        return draw(len(pre), len(post), own, pairs, rng)

    def _multiple(self, n_pre: int, n_post: int, own: np.ndarray | None, pairs: int, rng: Any) -> Rows:
        ptr = np.zeros(n_pre + 1, np.int64)
        while left := self.n - int(ptr.sum()):
            source = rng.integers(n_pre, size=min(left, max(BLOCK, n_pre)))
            if own is not None and pairs != n_pre * (n_post - 1):  # only some of the sources have a pair less
                source = source[(own[source] == n_post) | (rng.integers(n_post, size=source.size) > 0)]
            ptr[1:] += np.bincount(source, minlength=n_pre)
        np.cumsum(ptr, out=ptr)
        out = np.empty(self.n, np.uint32)
        for start, end in _row_blocks(ptr):
            row = np.repeat(np.arange(end - start), np.diff(ptr[start : end + 1]))
            draw = rng.integers(n_post, size=(row.size, 1), dtype=np.uint32)
            _redraw(draw, None if own is None else own[start:end][row], n_post, rng)
            keys = _keys(row, draw[:, 0])
            keys.sort()
            out[ptr[start] : ptr[end]] = keys.astype(np.uint32)
        return Rows(ptr, out)

    def _distinct(self, n_pre: int, n_post: int, own: np.ndarray | None, pairs: int, rng: Any) -> Rows:
        """Draw a few pairs more than n independently, and drop a uniform choice of those too many."""
        p = min(1.0, (self.n + 6 * np.sqrt(self.n) + 16) / pairs)
        ptr, post, _ = _bernoulli(p, n_pre, n_post, own, rng)
        while post.size < self.n:
            ptr, post, _ = _bernoulli(p, n_pre, n_post, own, rng)
        dropped = np.sort(rng.choice(post.size, post.size - self.n, replace=False, shuffle=False))
        return Rows(ptr - np.searchsorted(dropped, ptr), np.delete(post, dropped))

    def expected(self, n_pre: int, n_post: int) -> float:
        return float(self.n)


@dataclasses.dataclass(frozen=True)
class SmallWorld(Rule):
    """Connect each neuron of a ring to its k nearest (k / 2 on each side) and rewire each synapse with probability p.

    A rewired synapse goes to a target drawn uniformly from those that the neuron does not have, itself left out.
    Each neuron keeps k distinct targets.

    Reference: Watts and Strogatz (1998), Nature 393, 440-442, here with directed synapses.
    """

    k: int
    p: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "k", _count(self.k, "SmallWorld: 'k'"))
        object.__setattr__(self, "p", _probability(self.p, "SmallWorld: 'p'"))
        if self.k % 2:
            raise ValueError(f"SmallWorld: 'k' must be even, k / 2 neighbours on each side, got {self.k}.")

    def rows(self, pre: Ends, post: Ends, rng: np.random.Generator) -> Rows:
        n, k = len(pre), self.k
        if pre.population != post.population or not np.array_equal(pre.index, post.index):
            raise ValueError("SmallWorld is a ring of neurons: both sides must be the same ones.")
        if n and k > n - 1:
            raise ValueError(f"SmallWorld: 'k' = {k} is more than the {n - 1} other neurons of the ring.")
        steps = np.concatenate([np.arange(-(k // 2), 0), np.arange(1, k // 2 + 1)])
        out = np.empty((n, k), np.uint32)
        step = max(1, BLOCK // max(1, k if 2 * k <= n else n))
        for start in range(0, n if k else 0, step):
            own = np.arange(start, min(start + step, n))
            keys = (2 * ((own[:, None] + steps) % n)).astype(np.uint32)
            rewired = rng.random(keys.shape) < self.p
            keys[rewired] = 2 * rng.integers(n, size=np.count_nonzero(rewired), dtype=np.uint32) + 1
            out[start : start + step] = _distinct(keys, own.astype(np.uint32), n, rng)
        return Rows(np.arange(n + 1, dtype=np.int64) * k, out.ravel())

    def expected(self, n_pre: int, n_post: int) -> float:
        return float(self.k * n_pre)


# ------------------------------------------------------------------ rules of distance


class _Distance(Rule):
    """Connect each pair with a probability that falls with the distance d.

    Space is cut into cells. For two cells, pairs are drawn with the probability at the least distance the cells have,
    and each is kept with the ratio of its own probability to that. This is exact, and distant pairs cost nothing.
    """

    p_max: float
    self_connections: bool
    period: Any
    _scale = ""  # the name of the length
    _reach = 1.0  # in that length, where the rule ends

    def _profile(self, x: Any) -> Any:
        """Return p / p_max, never rising, at the distance x in units of the length."""
        raise NotImplementedError

    def __post_init__(self) -> None:
        _length(getattr(self, self._scale), f"{self._who}: {self._scale!r}")
        object.__setattr__(self, "p_max", _probability(self.p_max, f"{self._who}: 'p_max'"))
        if self.period is not None:
            _length(self.period, f"{self._who}: 'period'", ndim=1)

    def expected(self, n_pre: int, n_post: int) -> None:
        return None

    def rows(self, pre: Ends, post: Ends, rng: np.random.Generator) -> Rows:
        length = float(_length(getattr(self, self._scale), f"{self._who}: {self._scale!r}"))
        x, y, period = self._positions(pre, post)
        own = _own(pre, post, self.self_connections)
        keys = _Buffer(0, np.uint64)
        if len(pre) and len(post):
            cells = _Cells(x, y, period, self._reach * length)
            for offset, nearest in cells.offsets():
                top = float(self._profile(nearest / length))
                for i, j, d in cells.hits(offset, self.p_max * top, rng):
                    keep = (rng.random(d.size) * top < self._profile(d / length)) & (d <= cells.reach)
                    if own is not None:
                        keep &= own[i] != j
                    keys.append(_keys(i[keep], j[keep]))
        return Rows(*_sort(keys.close(), len(pre)))

    def _positions(self, pre: Ends, post: Ends) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        for side, ends in (("pre", pre), ("post", post)):
            if ends.positions is None:
                raise ValueError(f"{self._who} needs positions; give positions= to the {side} population.")
        x, y = np.asarray(pre.positions, float), np.asarray(post.positions, float)
        if x.shape[1] != y.shape[1]:
            got = f"{x.shape[1]} and {y.shape[1]} coordinates"
            raise ValueError(f"{self._who} needs positions in one space, got {got}.")
        if self.period is None:
            return x, y, None
        period = _length(self.period, f"{self._who}: 'period'", ndim=1)
        if period.ndim and period.size != x.shape[1]:
            raise ValueError(f"{self._who}: 'period' has {period.size} lengths for {x.shape[1]} coordinates.")
        return x, y, np.broadcast_to(period, x.shape[1:])


class _Cells:
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
        self.ptr_x, self.order_x = _sort(_keys(self._cell(x, low), np.arange(len(x))), size)
        self.ptr_y, self.order_y = _sort(_keys(self._cell(y, low), np.arange(len(y))), size)
        self.used = np.array(np.unravel_index(np.flatnonzero(np.diff(self.ptr_x)), self.shape)).T

    def _cell(self, x: np.ndarray, low: Any) -> np.ndarray:
        at = np.clip(np.floor((x - low) / self.side).astype(np.int64), 0, self.shape - 1)
        return np.ravel_multi_index(tuple(at.T), self.shape)

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
        for hit in _successes(p, int(ends[-1]) if ends.size else 0, rng):
            c = np.searchsorted(ends, hit, side="right")
            k, l = np.divmod(hit - np.where(c, ends[c - 1], 0), n_b[c])
            i, j = self.order_x[self.ptr_x[a[c]] + k], self.order_y[self.ptr_y[b[c]] + l]
            away = np.abs(self.x[i] - self.y[j])
            if self.period is not None:
                away = np.minimum(away, self.period - away)
            yield i, j, np.sqrt((away**2).sum(axis=1))


@dataclasses.dataclass(frozen=True)
class DistanceGaussian(_Distance):
    """Connect with p = p_max exp(-d^2 / (2 sigma^2)), 0 beyond 5.68 sigma where it falls below 1e-7 p_max.

    `period`: the size of a box with periodic boundaries, one length or one per coordinate.
    """

    sigma: Any
    p_max: float = 1.0
    self_connections: bool = True
    period: Any = None
    _scale = "sigma"
    _reach = float(np.sqrt(-2 * np.log(CUT)))

    def _profile(self, x: Any) -> Any:
        return np.exp(-0.5 * np.square(x))


@dataclasses.dataclass(frozen=True)
class DistanceExponential(_Distance):
    """Connect with p = p_max exp(-d / scale), 0 beyond 16.1 scale where it falls below 1e-7 p_max.

    `period`: the size of a box with periodic boundaries, one length or one per coordinate.
    """

    scale: Any
    p_max: float = 1.0
    self_connections: bool = True
    period: Any = None
    _scale = "scale"
    _reach = float(-np.log(CUT))

    def _profile(self, x: Any) -> Any:
        return np.exp(-np.asarray(x))


@dataclasses.dataclass(frozen=True)
class DistanceBox(_Distance):
    """Connect with p = p_max up to the distance `radius` (included), 0 beyond.

    `period`: the size of a box with periodic boundaries, one length or one per coordinate.
    """

    radius: Any
    p_max: float = 1.0
    self_connections: bool = True
    period: Any = None
    _scale = "radius"
    _reach = 1.0

    def _profile(self, x: Any) -> Any:
        return np.ones_like(x)


# ------------------------------------------------------------------ given synapses


class Pairs(Rule):
    """Connect ``pre[k]`` to ``post[k]`` for each k: numbers within the two sides; a pair may come several times."""

    def __init__(self, pre: Any, post: Any) -> None:
        self.pre, self.post = _whole(pre, "Pairs: 'pre'"), _whole(post, "Pairs: 'post'")
        if self.pre.size != self.post.size:
            raise ValueError(f"Pairs: 'pre' and 'post' must be as long, got {self.pre.size} and {self.post.size}.")

    def __repr__(self) -> str:
        return f"Pairs({self.pre.size} synapses)"

    def rows(self, pre: Ends, post: Ends, rng: np.random.Generator) -> Rows:
        for side, numbers, ends in (("pre", self.pre, pre), ("post", self.post, post)):
            if numbers.size and numbers.max() >= len(ends):
                there = f"the {len(ends)} neurons there, counted from 0"
                raise ValueError(f"Pairs: {side!r} has the neuron number {numbers.max()}, beyond {there}.")
        ptr, order = _sort(_keys(self.pre, np.arange(self.pre.size)), len(pre))
        targets = self.post.astype(np.uint32)
        if (self.pre[1:] >= self.pre[:-1]).all():
            return Rows(ptr, targets)
        return Rows(ptr, targets[order], order.astype(np.int64))

    def expected(self, n_pre: int, n_post: int) -> float:
        return float(self.pre.size)


class Matrix(Rule):
    """Connect i to j where the matrix (n_pre, n_post) is not 0; of a scipy sparse matrix all stored entries.

    The synapses are in the order of ``m[m != 0]`` (row by row), of a sparse matrix in that of ``m.tocsr().data``.
    """

    def __init__(self, m: Any) -> None:
        if isinstance(m, pint.Quantity):
            raise TypeError(f"Matrix: 'm' says where synapses are, without a unit; got {units.show(m)}.")
        self.sparse = _is_sparse(m)
        self.m: Any = m.tocsr() if self.sparse else np.asarray(m)
        if self.m.ndim != 2 or self.m.dtype.kind not in "biuf":
            got = f"{self.m.dtype} of the shape {self.m.shape}"
            raise TypeError(f"Matrix: 'm' must be truth values or numbers with two axes, got {got}.")

    def __repr__(self) -> str:
        return f"Matrix({self.m.shape[0]} x {self.m.shape[1]})"

    def rows(self, pre: Ends, post: Ends, rng: np.random.Generator) -> Rows:
        if self.m.shape != (len(pre), len(post)):
            raise ValueError(f"Matrix: 'm' must be of the shape {(len(pre), len(post))}, got {self.m.shape}.")
        if self.sparse:
            return Rows(self.m.indptr.astype(np.int64), self.m.indices.astype(np.uint32))
        ptr = np.concatenate([[0], np.cumsum(np.count_nonzero(self.m, axis=1))]).astype(np.int64)
        out = np.empty(ptr[-1], np.uint32)
        step = max(1, BLOCK // max(1, len(post)))
        for start in range(0, len(pre), step):
            end = min(start + step, len(pre))
            out[ptr[start] : ptr[end]] = np.nonzero(self.m[start:end])[1]
        return Rows(ptr, out)

    def expected(self, n_pre: int, n_post: int) -> float:
        return float(self.m.nnz if self.sparse else np.count_nonzero(self.m))


def _is_sparse(value: Any) -> bool:
    return type(value).__module__.startswith("scipy.sparse") and hasattr(value, "tocsr")


RULES: tuple[type[Rule], ...] = (AllToAll, OneToOne, FixedProbability, FixedInDegree, FixedOutDegree, FixedTotalNumber)
RULES += (DistanceGaussian, DistanceExponential, DistanceBox, SmallWorld, Pairs, Matrix)


def as_rule(value: Any, who: str) -> Rule:
    """Return `value` as a rule: itself, `Pairs` of a tuple of two arrays, `Matrix` of a matrix."""
    if isinstance(value, Rule):
        return value
    if isinstance(value, tuple) and len(value) == 2:
        return Pairs(*value)
    if _is_sparse(value) or getattr(value, "ndim", None) == 2:
        return Matrix(value)
    names = ", ".join(rule.__name__ for rule in RULES)
    got = f"the class {value.__name__} itself" if isinstance(value, type) else units.show(value)
    raise TypeError(
        f"{who} needs a connection rule ({names}), a tuple of two arrays of neuron numbers (pre, post) "
        f"or a matrix (n_pre, n_post), got {got}."
    )
