"""Share: the part of the synapses of several projections that belongs to one of them."""

from __future__ import annotations

import dataclasses
from typing import Any, Protocol

import numpy as np

from simcore.bases.population import View
from simcore.bases.receptor import Receptor


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
        """Return the numbers of the postsynaptic neurons, (n,) int64, of rows with these bounds."""
        index = np.repeat(self.starts - ptr[:-1], np.diff(ptr)) + np.arange(ptr[-1], dtype=np.uint32)
        return self.addresses[index].astype(np.int64) % self.slot - self.begin


class Sender(Protocol):
    """What a joint delivery asks of a projection."""

    name: str
    pre: View
    post: View
    weight: Any
    n_synapses: int
    short_term: Any  # the short-term plasticity, None without one

    @property
    def target(self) -> Receptor:
        """The receptor that receives."""

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
