"""Share: the part of the synapses of several projections that belongs to one of them; how their rows lie together."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from simcore.bases.link import words_of
from simcore.bases.population import View
from simcore.bases.receptor import Receptor
from simcore.spikes.words import BITS
from simcore.step.context import current

from ..connect.blocks import row_blocks
from .layout import number_type

Array = Any


@dataclasses.dataclass(frozen=True, eq=False)
class Share:
    """The part of the addresses of a joint delivery that belongs to one sender.

    Attributes:
        addresses: of all senders: delay * slot + begin + number of the neuron.
        starts: where the row of each presynaptic neuron of the sender begins in them.
        slot: the length of a slot.
        begin: where the sender's receptor begins in a slot.
    """

    addresses: np.ndarray
    starts: np.ndarray
    slot: int
    begin: int

    def targets(self, ptr: np.ndarray) -> np.ndarray:
        """Return the numbers of the postsynaptic neurons, (n,), of rows with these bounds."""
        targets = np.empty(int(ptr[-1]), number_type(self.slot))
        for first, end in row_blocks(ptr.astype(np.int64)):
            begin, rows = ptr[first], slice(first, end)
            index = np.repeat(self.starts[rows] - ptr[rows], np.diff(ptr[first : end + 1]))
            index += np.arange(begin, ptr[end], dtype=np.uint32)
            targets[begin : ptr[end]] = self.addresses[index] % self.slot - self.begin
        return targets


class Sender(Protocol):
    """What a joint delivery asks of a projection."""

    name: str
    pre: View
    post: View
    weight: Any
    n_synapses: int  # for which its arrays have room
    ptr: Any
    short_term: Any  # the short-term plasticity, None without one

    lead: int  # by how many steps the spikes that it gets are late already

    delay: Any

    @property
    def target(self) -> Receptor:
        """The receptor that receives."""

    def one_delay(self) -> bool:
        """Return whether all of its spikes arrive after one delay, that of the projection, 0 included."""

    def arriving(self) -> tuple[Array, Array | None]:
        """Return the spikes that arrive at the end of this step: words (B, n_words), and floats if there are."""

    def kernel_value(self, name: str) -> np.ndarray:
        """Return a parameter as floats in its kernel unit."""

    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the synapses: the bounds of the rows, and the postsynaptic neurons (n,)."""

    def leave_targets(self, share: Share) -> None:
        """Drop the postsynaptic neurons, which are in a share."""

    def release(self, words: Any, spikes: Any) -> Any:
        """Return, inside a step, the factors of the rows, (B, n_pre), of words and spikes (or None); None for 1."""


def begins(senders: Any) -> tuple[dict[Receptor, int], int]:
    """Return where each receptor begins if those of all senders lie one after the other, and the length of all."""
    begin_of: dict[Receptor, int] = {}
    length = 0
    for sender in senders:
        if sender.target not in begin_of:
            begin_of[sender.target] = length
            length += sender.post.population.size
    return begin_of, length


def by_source(senders: Iterable[Any]) -> list[Any]:
    """Return senders in an order in which those of one population, and with one delay each, come together."""
    groups: dict[Any, list[Any]] = {}
    for sender in senders:
        groups.setdefault(_source(sender), []).append(sender)
    return [sender for group in groups.values() for sender in group]


def _source(sender: Any) -> Any:
    return sender.pre.population, sender.one_delay()


def words_of_all(senders: Iterable[Any]) -> Array:
    """Return, inside a step, the words (B, n) that arrive through senders, which are in this order, side by side."""
    parts = []
    for (population, one_delay), group in itertools.groupby(senders, _source):
        some = list(group)
        if not one_delay:
            parts += [sender.arriving()[0] for sender in some]
        elif population.sent is None:  # no delays
            words = jax.lax.optimization_barrier(words_of(population))  # else they are packed for each anew
            parts.append(jnp.tile(words, len(some)))
        else:
            steps = jnp.round(jnp.stack([sender.delay for sender in some]) / current().dt).astype(jnp.int32)
            steps = steps - np.array([sender.lead for sender in some], np.int32)
            words = jnp.moveaxis(population.sent.words_before(steps), 0, 1)
            parts.append(words.reshape(words.shape[0], -1))
    return jnp.concatenate(parts, 1)


# ---------------------------------------------------------------- rows of several projections, bit by word


def by_word(values: np.ndarray, count: int) -> np.ndarray:
    """Return values of rows as (32, count), bit by word, as their spikes are packed; 0 for none."""
    return np.pad(values, (0, BITS * count - values.size)).reshape(BITS, count)


def joined_by_word(parts: Sequence[Array], counts: Sequence[int]) -> Array:
    """Return values of rows, each (B, n), side by side in the order of bits of all their words, (B, 32 * words)."""
    padded = [jnp.pad(part, ((0, 0), (0, BITS * count - part.shape[1]))).reshape(-1, BITS, count)
              for part, count in zip(parts, counts, strict=True)]  # fmt: skip
    together = jnp.concatenate(padded, 2)
    return together.reshape(together.shape[0], -1)


def factors_of_rows(factors: Sequence[Array | None], counts: Sequence[int], batch: int) -> Array | None:
    """Return factors of the rows of projections, (B, n) or None for 1, side by side; None where all are."""
    if all(factor is None for factor in factors):
        return None
    each = zip(factors, counts, strict=True)
    return joined_by_word([jnp.ones((batch, BITS * n)) if f is None else f for f, n in each], counts)
