"""Bundle: what brings the spikes of several projections, each with one delay, in one loop over the rows of all.

A program grows with its loops, and so does the time to compile it. So the words of the spikes that arrive through all
projections lie side by side, and the rows that they choose lie in their order: the visit of a spike is one of a larger
population. All receptors that are reached are one target.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from simcore import memory
from simcore.bases.link import Delivery, JointDelivery
from simcore.module.declare import on_device
from simcore.spikes import operations
from simcore.spikes.gpu import MAX_SYNAPSES
from simcore.spikes.words import n_words
from simcore.step.context import current, once

from .layout import number_type
from .share import BITS, Sender, Share, begins, by_source, by_word, factors_of_rows, words_of_all

Array = Any
FEW = 4  # loops; so many compile in a second, and the state of each receptor stays where it is


class Bundle(JointDelivery):
    """The rows of several projections to receptors of one unit."""

    def __init__(self, senders: list[Any], name: str) -> None:
        super().__init__(by_source(senders), name=name)
        self.ptr: Any = None  # (32 * words + 1,)
        self.addresses: Any = None  # (n,)
        self.mask: Any = None  # (words,), a bit for each row with synapses: of a view, few
        self.order: Any = None  # (n,), the synapses in the order of rows, where they have weights of their own
        self.sender_of: Any = None  # (words,), which projection each word is of, where each of these has one weight

    def fit_to(self, dt: float) -> None:
        """Lay out the rows of all projections.

        Raises:
            ValueError: there are too many synapses.
            MemoryError: they would not fit.
        """
        if self.ptr is None:
            self._lay_out()

    def lay_out_again(self) -> None:
        """Lay out the rows when it is fitted."""
        self.ptr = self.order = self.sender_of = None

    def _lay_out(self) -> None:
        senders: tuple[Sender, ...] = self.links.modules
        total = sum(int(np.asarray(sender.ptr)[-1]) for sender in senders)
        if total > MAX_SYNAPSES:
            raise ValueError(f"{self.name}: {total} synapses to receptors of one unit; up to {MAX_SYNAPSES} work.")
        begin_of, length = begins(senders)
        dtype = number_type(length)
        memory.require(total * (2.0 * np.dtype(dtype).itemsize + 8), f"{self.name}: {total:.3g} synapses")
        counts = [n_words(sender.pre.population.size) for sender in senders]
        starts, lengths = (np.zeros((BITS, sum(counts)), np.uint32) for _ in range(2))
        together, first, column = np.empty(sum(sender.n_synapses for sender in senders), dtype), 0, 0
        for sender, count in zip(senders, counts, strict=True):
            ptr, targets = sender.rows()
            part = slice(column, column + count)
            starts[:, part] = by_word(ptr[:-1] + np.uint32(first), count)
            lengths[:, part] = by_word(np.diff(ptr), count)
            together[first : first + targets.size] = targets.astype(np.uint32) + np.uint32(begin_of[sender.target])
            first, column = first + sender.n_synapses, column + count  # of which a part of a network has not all
        ptr = np.concatenate([[0], np.cumsum(lengths.ravel())]).astype(np.uint32)
        index = np.repeat(starts.ravel() - ptr[:-1], lengths.ravel()) + np.arange(total, dtype=np.uint32)
        self.ptr, self.addresses = on_device(ptr), on_device(together[index])
        bits = (lengths > 0).astype(np.uint32) << np.arange(BITS, dtype=np.uint32)[:, None]
        self.mask = on_device(np.bitwise_or.reduce(bits, axis=0))  # type: ignore[call-overload]  # numpy's stubs lack it
        if any(np.ndim(sender.kernel_value("weight")) for sender in senders):
            self.order = on_device(index)
        else:
            self.sender_of = on_device(np.repeat(np.arange(len(senders), dtype=np.int32), counts))
        shared, column = np.asarray(self.addresses), 0
        for sender, count in zip(senders, counts, strict=True):  # only now: targets may lie in an array of before
            rows = np.reshape(ptr[:-1], starts.shape)[:, column : column + count]
            starts_of = rows.ravel()[: sender.pre.population.size]
            sender.leave_targets(Share(shared, starts_of, length, begin_of[sender.target]))
            column += count

    # ---------------------------------------------------------------- in a step

    def bring(self, inputs: dict[Any, Any]) -> None:
        """Deliver the spikes that arrive at the end of this step."""
        senders: tuple[Sender, ...] = self.links.modules
        sent = words_of_all(senders)
        batch = sent.shape[0]
        weights = [jnp.asarray(sender.weight) for sender in senders]
        weight, amplitude = self._weights(weights), self._factors(sent)
        if weight is None:  # each projection has one weight: that of its rows
            weight, of_rows = jnp.ones(1, weights[0].dtype), self._spread_over_rows(weights, batch)
            amplitude = of_rows if amplitude is None else of_rows * amplitude
        values = {receptor: receptor.target().value for receptor in begins(senders)[0]}
        flat = [value.reshape(batch, -1) for value in values.values()]
        new = operations.deliver(
            jnp.concatenate(flat, 1), sent & self.mask, self.ptr, self.addresses, weight, amplitude=amplitude
        )
        first = 0
        for (receptor, value), part in zip(values.items(), flat, strict=True):
            receptor.target().value = new[:, first : first + part.shape[1]].reshape(value.shape)
            first += part.shape[1]

    def _factors(self, words: Array) -> Array | None:
        """Return the factor of each row, (B, 32 * words), of short-term plasticity or derivatives; None for 1."""
        factors, counts, first = [], [], 0
        for sender in self.links.modules:
            count = n_words(sender.pre.population.size)
            spikes = None if current().exact_spikes else sender.arriving()[1]
            factors.append(sender.release(words[:, first : first + count], spikes))
            counts.append(count)
            first += count
        return factors_of_rows(factors, counts, words.shape[0])

    def _weights(self, weights: list[Array]) -> Array | None:
        """Return the weights of the synapses in the order of the rows, (n,); None where each projection has one."""
        if all(weight.ndim == 0 for weight in weights):
            return None
        sizes = [sender.n_synapses for sender in self.links.modules]

        def in_order() -> Array:
            each = [jnp.broadcast_to(weight, (size,)) for weight, size in zip(weights, sizes, strict=True)]
            return jnp.concatenate(each)[self.order]

        return once(self.path, in_order, "weights must be parameters.")

    def _spread_over_rows(self, weights: list[Array], batch: int) -> Array:
        """Return the weight of each row, (B, 32 * words), of one for each projection."""

        def spread() -> Array:
            of_words = jnp.stack(weights)[self.sender_of]
            return jnp.broadcast_to(of_words, (batch, BITS, of_words.size)).reshape(batch, -1)

        return once(self.path, spread, "weights must be parameters.")


def bundles(projections: list[Any]) -> list[Delivery]:
    """Return what brings the spikes of projections with one delay each: few loops, whatever their number.

    Each has a loop of its own where there are few; else those to one receptor are a bundle; where these would be many,
    those to all receptors of one unit. Rows that cover all of their targets, which need no addresses, are added by
    loops of their own as long as these are few.
    """
    dense = [p for p in projections if p.window is not None or p.dense]
    alone = dense if len(dense) <= FEW else []
    rest = [p for p in projections if p not in alone]
    for key in (lambda p: p, lambda p: p.target, lambda p: p.target.unit):
        groups = _grouped(rest, key)
        if len(groups) <= FEW:
            break
    made: list[Delivery] = []
    for group in [*([p] for p in alone), *groups]:
        if len(group) == 1:
            group[0].take_targets()
            made += group
        else:
            made.append(Bundle(group, f"bundle_{len(made)}"))
    return made


def _grouped(projections: list[Any], key: Callable[[Any], Any]) -> list[list[Any]]:
    """Return groups of the same key, of which all have one weight, or one for each synapse."""
    groups: dict[Any, list[Any]] = {}
    for p in projections:
        groups.setdefault((key(p), np.ndim(p.kernel_value("weight"))), []).append(p)
    return list(groups.values())
