"""Block: the members of each population that one of several devices advances; and what relays the spikes of all."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from ..module.declare import ShortTermState
from ..spikes.words import BITS, n_words, unpack
from .population import Population

Array = Any
AXIS = "parts"  # of the devices, inside a step


@dataclasses.dataclass(frozen=True)
class Block:
    """The k-th of several blocks of neighbours, into which each population is cut.

    Neuron j is bit j // n_words of its word, so a block is some bits of all words: the words of the whole population
    are those of its blocks, joined by "or", whatever their number. All blocks have the same size; what goes beyond the
    last neuron of the population is filled with copies of that, which nothing sees.

    Args:
        number: k.
        count: how many blocks there are, a divisor of 32.
    """

    number: int
    count: int

    @property
    def bits(self) -> int:
        """How many bits of each word it has."""
        return BITS // self.count

    def size(self, whole: int) -> int:
        """Return how many members it has of a population of that size."""
        return self.bits * n_words(whole)

    def first(self, whole: int) -> int:
        """Return the number of its first member."""
        return self.number * self.size(whole)

    def real(self, whole: int) -> int:
        """Return how many of its members are no copies."""
        return int(np.clip(whole - self.first(whole), 0, self.size(whole)))

    def has(self, whole: int) -> np.ndarray:
        """Return which members of the population it has, (whole,) bool."""
        numbers = np.arange(whole)
        return (numbers >= self.first(whole)) & (numbers < self.first(whole) + self.size(whole))

    def members(self, whole: int) -> np.ndarray:
        """Return the numbers of its members within the population, (size,); copies have that of the last neuron."""
        return np.minimum(self.first(whole) + np.arange(self.size(whole)), whole - 1)


def of_block(values: Array, n: int) -> Array:
    """Return, inside a step, those of values for each neuron of a whole population that the block has, (n,)."""
    room = n * lax.axis_size(AXIS) - values.size
    return lax.dynamic_slice_in_dim(jnp.pad(values.reshape(-1), (0, room), mode="edge"), lax.axis_index(AXIS) * n, n)


class Relay(Population):
    """The spikes of a population as they come from all devices, some steps late; in a part of a network.

    Args:
        in_size: that of the whole population.
    """

    replicated = True
    takes_input = False
    queue: ShortTermState  # words of the step whose spikes arrive in this one, (B, n_words)

    def init_state(self, batch_size: int | None = None, **kwargs: Any) -> None:
        """Create the words, without spikes."""
        self.queue = ShortTermState(np.zeros((batch_size or 1, n_words(self.size)), np.uint32))

    def update(self, x: Any = None) -> None:
        """Send what has come."""

    @property
    def spike(self) -> Any:
        """The spikes that arrive in this step, 1.0 or 0.0."""
        return self.flat_spikes()

    def words(self) -> Array:
        """Return, inside a step, the words that have come."""
        return self.queue.value

    def flat_spikes(self) -> Array:
        """Return, inside a step, its spikes as an array (B, size)."""
        return unpack(self.queue.value, self.size).astype(jnp.result_type(float))
