"""Layout: the synapses of a projection, row by row, in plain numpy."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from simcore import memory
from simcore.spikes.gpu import MAX_SYNAPSES

from ..connect.base import Ends, Rows, Rule
from ..connect.sorting import transpose

TARGET_BYTES = 8  # of a synapse while its target is drawn and kept in the type of its population


@dataclasses.dataclass(frozen=True, eq=False)
class Layout:
    """Synapses by presynaptic neuron: those of neuron i are ``ptr[i]`` to ``ptr[i + 1]``.

    Attributes:
        ptr: (n_pre + 1,) uint32, of all neurons of the presynaptic population.
        targets: (n,) the numbers of the postsynaptic neurons in their population; a range where each source that has
            synapses reaches just these.
        order: synapse k is the ``order[k]``-th of those that the user gave; None where that is k itself.
    """

    ptr: np.ndarray
    targets: np.ndarray | range
    order: np.ndarray | None = None

    @property
    def n_synapses(self) -> int:
        """The number of synapses."""
        return int(self.ptr[-1])

    @property
    def window(self) -> tuple[int, int] | None:
        """The first target and the number of targets of each source, where they are a range."""
        return (self.targets.start, len(self.targets)) if isinstance(self.targets, range) else None

    def synapses(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the synapses as the numbers of their neurons, (pre, post), both (n,) int64."""
        lengths: np.ndarray = np.diff(self.ptr.astype(np.int64))
        pre = np.repeat(np.arange(self.ptr.size - 1), lengths)
        if isinstance(self.targets, range):
            return pre, np.tile(np.array(self.targets, int), self.n_synapses // max(len(self.targets), 1))
        return pre, self.targets.astype(np.int64)

    def in_given_order(self, values: np.ndarray) -> np.ndarray:
        """Return the values (n,) of the synapses as they were given in the order of these."""
        return values if self.order is None else values[self.order]

    def incoming(self, n_post: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the synapses by target: bounds (n_post + 1,), and for each its source and its number."""
        return transpose(self.ptr.astype(np.int64), self.synapses()[1].astype(np.uint32), n_post)


def number_type(size: int) -> Any:
    """Return the type of numbers of neurons of a population: half the bytes where they will do, read sooner."""
    return np.uint16 if size <= 2**16 else np.uint32


def lay_out(
    rule: Rule,
    pre: Ends,
    post: Ends,
    rng: np.random.Generator,
    sizes: tuple[int, int],
    *,
    listed: bool = False,
    each: int = TARGET_BYTES,
    who: str = "Layout",
) -> Layout:
    """Draw the synapses of a rule, by the numbers of the whole populations.

    Args:
        rule: the rule of connection.
        pre, post: the neurons that send, and those that receive.
        rng: of the rule.
        sizes: of the two populations.
        listed: name each target, also where they are a range.
        each: bytes that a synapse takes at most, until all is drawn that comes with it.
        who: for errors.

    Raises:
        ValueError: the rule cannot be met, or there are too many synapses.
        MemoryError: they would not fit.
    """
    expected = rule.expected(len(pre), len(post))
    if expected is not None:
        memory.require(expected * each, f"{who}: {expected:.3g} synapses of {each} bytes")
    rows = rule.rows(pre, post, rng)
    _check_rows(rows, len(pre), len(post), f"{who}: {rule.who}")
    if rows.post.size > MAX_SYNAPSES:
        raise ValueError(f"{who}: {rows.post.size} synapses; a projection holds up to {MAX_SYNAPSES}.")
    in_order = bool(np.all(np.diff(pre.index) > 0))
    ptr, numbers, order = rows if in_order else _by_number(rows, pre.index)
    lengths = np.zeros(sizes[0] + 1, np.uint32)
    lengths[np.sort(pre.index) + 1] = np.diff(ptr)
    may_be_range = in_order and not listed and order is None and _is_dense(ptr, numbers, len(pre), len(post))
    targets = _targets(numbers, post.index, number_type(sizes[1]), may_be_range)
    return Layout(np.cumsum(lengths, dtype=np.uint32), targets, order)


def _targets(numbers: np.ndarray, index: np.ndarray, dtype: Any, may_be_range: bool) -> np.ndarray | range:
    """Return targets, numbers within the neurons that receive, as numbers within their population."""
    start = int(index[0]) if index.size else 0
    if not np.all(np.diff(index) == 1):
        return index.astype(dtype)[numbers]
    if may_be_range:
        return range(start, start + len(index))
    return (numbers + np.uint32(start) if start else numbers).astype(dtype, copy=False)


def _check_rows(rows: Rows, n_pre: int, n_post: int, who: str) -> None:
    """Refuse what a rule may not give: rows that are not one for each source, or targets that there are not."""
    ptr, numbers = np.asarray(rows.ptr), np.asarray(rows.post)
    if ptr.shape != (n_pre + 1,) or ptr[0] != 0 or ptr[-1] != numbers.size or np.any(np.diff(ptr) < 0):
        raise ValueError(f"{who} must give a row for each of {n_pre} neurons: {n_pre + 1} bounds, from 0 to the last.")
    if numbers.size and not 0 <= numbers.min() <= numbers.max() < n_post:
        raise ValueError(f"{who} must give targets from 0 to {n_post - 1}, got {numbers.min()} to {numbers.max()}.")


def _is_dense(ptr: np.ndarray, numbers: np.ndarray, n_pre: int, n_post: int) -> bool:
    """Return whether each source reaches each target once, in order."""
    if numbers.size != n_pre * n_post or np.any(np.diff(ptr) != n_post):
        return False
    one_row = np.arange(n_post, dtype=numbers.dtype)
    return all(np.array_equal(numbers[first : first + n_post], one_row) for first in ptr[:-1])


def _by_number(rows: Rows, index: np.ndarray) -> Rows:
    """Return the rows in the order of the numbers `index` that their sources have in the population."""
    by_number = np.argsort(index, kind="stable")
    lengths = np.diff(rows.ptr)[by_number]
    starts = np.cumsum(lengths) - lengths
    source = np.repeat(rows.ptr[:-1][by_number] - starts, lengths) + np.arange(rows.post.size)
    order = source if rows.order is None else rows.order[source]
    return Rows(np.concatenate([[0], np.cumsum(lengths)]), rows.post[source], order)
