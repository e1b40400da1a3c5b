"""The spikes that a population sent in the last steps, for the delays of projections."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from .. import memory
from ..module.declare import ShortTermState, on_device
from ..module.node import Node
from ..spikes.words import n_words, pack, unpack

Array = Any
MAX_DELAY = 2**24  # steps, 28 minutes of 0.1 ms: what is longer is a slip of units, and takes room for each step
COPIES = 3  # of the slots: at the start of a chunk, at its end, and of one that is replayed


def refuse_long_delay(steps: int, dt: float, who: str) -> None:
    """Raise ValueError for a delay, in steps of dt (ms), that nobody means."""
    if steps > MAX_DELAY:
        raise ValueError(
            f"{who}: 'delay', {steps * dt:.10g} ms, is {steps} steps of dt = {dt:.10g} ms; at most {MAX_DELAY} work. "
            "Is its unit right?"
        )


class SentSpikes(ShortTermState):
    """The spikes of the last steps, packed to words: (slots, B, n_words), a ring."""

    size = 0

    def as_floats(self) -> Array:
        """Return them as floats (slots, B, size), through which derivatives go: what `unroll` takes instead."""
        return jnp.stack([unpack(words, self.size) for words in self.raw]).astype(jnp.result_type(float))


class History(Node):
    """A ring of slots, one for each of the last steps of a population of `size` members."""

    made_by_fit = True

    def __init__(self, size: int, n_slots: int, name: str | None = None) -> None:
        super().__init__(name=name)
        self.size = size
        self._n_slots = n_slots
        self._factor = 1  # how many steps each of its slots has become, see `stretch`

    def init_state(self, batch_size: int | None = None, **kwargs: Any) -> None:
        """Create the slots, without spikes."""
        shape = (self._n_slots, batch_size or 1, n_words(self.size))
        what = f"{self.name}: the spikes of {self.size} neurons in {self._n_slots} steps, for the longest delay,"
        memory.require(4.0 * COPIES * math.prod(shape), what, "; give a shorter delay, or a larger dt")
        self.spikes = SentSpikes(np.zeros(shape, np.uint32))
        self.spikes.size = self.size
        self.slot = ShortTermState(np.int32(0), "the slot of the last step in `spikes`")
        self._factor = 1

    def stretch(self, factor: int) -> None:
        """Keep the spikes where they are in time; `resize` makes the slots for them."""
        self._factor *= factor

    def resize(self, n_slots: int, batch: int) -> None:
        """Have this many slots, for this many items of a batch.

        Raises:
            ValueError: spikes are in other slots.
        """
        slots, factor = np.asarray(self.spikes.raw), self._factor
        if slots.shape[:2] == (n_slots, batch) and factor == 1:
            return
        if factor == 1 and slots.any():
            raise ValueError(
                "spikes are on their way with other delays in steps (dt or a delay changed); call reset_state() first."
            )
        last = int(self.slot.raw)
        self._n_slots = n_slots
        self.init_state(batch)
        if slots.any():
            resized = np.zeros(self.spikes.raw.shape, np.uint32)
            for steps in range(len(slots)):
                resized[-min(steps * factor, n_slots - 1)] |= slots[(last - steps) % len(slots)]
            self.spikes.raw = on_device(resized)

    def keep(self, words: Array, spikes: Array) -> None:
        """Keep, inside a step, its spikes: words (B, n_words), and the floats (B, size) that they are packed from."""
        raw = self.spikes.raw
        slot = (self.slot.value + 1) % raw.shape[0]
        new = words if raw.dtype == jnp.uint32 else spikes
        self.spikes.raw = lax.dynamic_update_index_in_dim(raw, new.astype(raw.dtype), slot, 0)
        self.slot.value = slot

    def before(self, steps: Array) -> tuple[Array, Array | None]:
        """Return the words of the step that many before this one, and the spikes where they are kept as floats."""
        raw = self.spikes.raw
        sent = lax.dynamic_index_in_dim(raw, (self.slot.value - steps) % raw.shape[0], 0, keepdims=False)
        return (sent, None) if sent.dtype == jnp.uint32 else (pack(sent), sent)

    def words_before(self, steps: Array) -> Array:
        """Return the words of several steps, (k, B, n_words), each that many before this one, (k,)."""
        raw = self.spikes.raw
        sent = jnp.take(raw, (self.slot.value - steps) % raw.shape[0], axis=0, mode="clip")
        return sent if sent.dtype == jnp.uint32 else pack(sent.reshape(-1, self.size)).reshape(*sent.shape[:2], -1)

    def before_each(self, steps: Array) -> tuple[Array, Array | None]:
        """Return what `before` does, for several steps (k,) at once: neuron i, so many steps before, is i * k + d."""
        words = jnp.moveaxis(self.words_before(steps), 0, 2)
        words = words.reshape(words.shape[0], -1)
        raw = self.spikes.raw
        if raw.dtype == jnp.uint32:
            return words, None
        sent = jnp.take(raw, (self.slot.value - steps) % raw.shape[0], axis=0, mode="clip")
        return words, jnp.moveaxis(sent, 0, 2).reshape(words.shape[0], -1)
