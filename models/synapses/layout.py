"""Layout: the synapses of a projection, row by row, in plain numpy."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from simcore import memory
from simcore.spikes.gpu import MAX_SYNAPSES

from ..connect.base import Ends, Rows, Rule
from ..connect.blocks import Buffer, row_blocks
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
        drawn: the numbers of the synapses among those that were drawn, (n,), and how many these were; None where it
            has them all, or nobody will ask.
        dense: whether each source reaches each of the targets that are kept, which are neighbours.
    """

    ptr: np.ndarray
    targets: np.ndarray | range
    order: np.ndarray | None = None
    drawn: tuple[np.ndarray, int] | None = None
    dense: bool = False

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
        """Return, of values in the order in which the synapses were given, those of the synapses that it has, (n,)."""
        return self.kept(values) if self.order is None else values[self.order]

    @property
    def n_drawn(self) -> int:
        """The number of synapses of which these were kept."""
        return self.n_synapses if self.drawn is None else self.drawn[1]

    def kept(self, values: Any) -> Any:
        """Return, of values for each synapse that was drawn, those of the synapses that it has, (n,)."""
        return values if self.drawn is None else values[self.drawn[0]]

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
    wanted: np.ndarray | None = None,
    valued: bool = False,
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
        wanted: (n_post,) of the whole population, whose synapses to keep; None: all.
        valued: number those that are kept, for values of each synapse that was drawn.
        each: bytes that a synapse takes at most, until all is drawn that comes with it.
        who: for errors.

    Raises:
        ValueError: the rule cannot be met, or there are too many synapses.
        MemoryError: they would not fit.
    """
    expected, share = rule.expected(len(pre), len(post)), 1.0
    if wanted is not None:
        wanted = wanted[post.index]
        post = post if valued else dataclasses.replace(post, wanted=wanted)
        share = float(np.mean(wanted)) if len(post) else 1.0
    if expected is not None:
        memory.require(expected * share * each, f"{who}: {expected * share:.3g} synapses of {each} bytes")
    rows = rule.rows(pre, post, rng)
    _check_rows(rows, len(pre), len(post), f"{who}: {rule.who}")
    if rows.post.size > MAX_SYNAPSES:
        raise ValueError(f"{who}: {rows.post.size} synapses; a projection holds up to {MAX_SYNAPSES}.")
    in_order = bool(np.all(np.diff(pre.index) > 0))
    ptr, numbers, order = rows if in_order else _by_number(rows, pre.index)
    drawn = None
    if wanted is not None:
        n_drawn, (ptr, numbers, kept) = numbers.size, cut_rows(ptr, numbers, wanted, valued=valued)
        order = None if order is None or kept is None else order[kept]
        drawn = None if kept is None else (kept, n_drawn)
    lengths = np.zeros(sizes[0] + 1, np.uint32)
    lengths[np.sort(pre.index) + 1] = np.diff(ptr)
    of_whole = np.arange(len(post), dtype=numbers.dtype)
    row = of_whole if wanted is None else of_whole[wanted]
    contiguous = bool(np.all(np.diff(post.index) == 1))
    dense = in_order and not listed and order is None and contiguous and _is_dense(ptr, numbers, row)
    if dense and wanted is None:
        start = int(post.index[0]) if len(post) else 0
        targets: Any = range(start, start + len(post))
    else:
        targets = _targets(numbers, post.index, number_type(sizes[1]), contiguous)
    return Layout(np.cumsum(lengths, dtype=np.uint32), targets, order, drawn, dense)


def cut_rows(
    ptr: np.ndarray, numbers: np.ndarray, wanted: np.ndarray, *, valued: bool = True
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return rows with the wanted targets alone: bounds, targets, and if `valued` which of the synapses these are."""
    ptr = ptr.astype(np.int64)
    new, out, kept = np.zeros_like(ptr), Buffer(0, numbers.dtype), Buffer(0, np.uint32)
    for start, end in row_blocks(ptr):
        inside = wanted[numbers[ptr[start] : ptr[end]]]
        here = np.flatnonzero(inside)
        new[start + 1 : end + 1] = np.diff(np.searchsorted(here, ptr[start : end + 1] - ptr[start]))
        out.append(numbers[ptr[start] + here])
        if valued:
            kept.append((ptr[start] + here).astype(np.uint32))
    return np.cumsum(new), out.close(), kept.close() if valued else None


def _targets(numbers: np.ndarray, index: np.ndarray, dtype: Any, contiguous: bool) -> np.ndarray:
    """Return targets, numbers within the neurons that receive, as numbers within their population."""
    if not contiguous:
        return index.astype(dtype)[numbers]
    start = int(index[0]) if index.size else 0
    return (numbers + np.uint32(start) if start else numbers).astype(dtype, copy=False)


def _check_rows(rows: Rows, n_pre: int, n_post: int, who: str) -> None:
    """Refuse what a rule may not give: rows that are not one for each source, or targets that there are not."""
    ptr, numbers = np.asarray(rows.ptr), np.asarray(rows.post)
    if ptr.shape != (n_pre + 1,) or ptr[0] != 0 or ptr[-1] != numbers.size or np.any(np.diff(ptr) < 0):
        raise ValueError(f"{who} must give a row for each of {n_pre} neurons: {n_pre + 1} bounds, from 0 to the last.")
    if numbers.size and not 0 <= numbers.min() <= numbers.max() < n_post:
        raise ValueError(f"{who} must give targets from 0 to {n_post - 1}, got {numbers.min()} to {numbers.max()}.")


def _is_dense(ptr: np.ndarray, numbers: np.ndarray, row: np.ndarray) -> bool:
    """Return whether all rows are this one."""
    if np.any(np.diff(ptr) != row.size):
        return False
    return all(np.array_equal(numbers[first : first + row.size], row) for first in ptr[:-1])


def _by_number(rows: Rows, index: np.ndarray) -> Rows:
    """Return the rows in the order of the numbers `index` that their sources have in the population."""
    by_number = np.argsort(index, kind="stable")
    lengths = np.diff(rows.ptr)[by_number]
    starts = np.cumsum(lengths) - lengths
    source = np.repeat(rows.ptr[:-1][by_number] - starts, lengths) + np.arange(rows.post.size)
    order = source if rows.order is None else rows.order[source]
    return Rows(np.concatenate([[0], np.cumsum(lengths)]), rows.post[source], order)
