"""Spike events: the times and neurons of spikes, of several populations in one buffer."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from simcore import Module
from simcore.spikes import operations
from simcore.spikes.words import pack
from simcore.step.fitted import Fitted

from .base import Array, Chunk, Recorder
from .channels import Channel, EventsChannel
from .recorders import OfOne, Places

# Room for the spike events of a chunk; a chunk ends before a step might overflow it, so that none is lost.
EVENTS = 2**19
EVENT_BYTES = 100  # of the host for each event of a chunk, at most: itself, and what sorts it


class Events(OfOne):
    """The spikes of one population as times and neurons. In a program those of all share one buffer: `EventBuffer`."""

    @classmethod
    def joined(cls, recorders: list[Any]) -> Sequence[Recorder]:
        return [EventBuffer(" ".join(r.name for r in recorders), tuple(recorders))]

    def read(self, model: Module) -> Any:
        return self.observable.value(model).reshape(-1)

    def n_spikes(self, item: Any) -> int | None:
        return len(item)


@dataclasses.dataclass(frozen=True)
class EventBuffer(Recorder):
    """The events of several populations as those of one, neuron after neuron, in one buffer of their numbers."""

    name: str
    parts: tuple[Events, ...]

    def channels(self, fitted: Fitted, value: Any, dimension: Any) -> list[Channel]:
        shaped = [jax.ShapeDtypeStruct(part.observable.shape(fitted), bool) for part in self.parts]  # type: ignore[attr-defined]
        return [p.channel(EventsChannel, fitted, v, d) for p, v, d in zip(self.parts, shaped, dimension, strict=True)]

    def read(self, model: Module) -> Any:
        return tuple(part.read(model) for part in self.parts)

    def of_part(self, places: Places) -> Recorder:
        parts: Any = tuple(part.of_part(places) for part in self.parts)
        return dataclasses.replace(self, parts=parts)

    def part_of(self, total: Any, value: Any, places: Places) -> list[Any]:
        return [total] * len(places(self.parts[0].observable))

    def merged(self, carries: list[Any], value: Any, places: Places, n: int) -> Any:
        begins = np.cumsum([0, *(v.size for v in value)])
        of_observables = [places(part.observable) for part in self.parts]
        every = []
        for k, (numbers, _, ends) in enumerate(carries):
            steps = np.repeat(np.arange(n), np.diff(ends[:n], prepend=np.uint32(0)))
            numbers_of = np.concatenate([p[k].numbers(b) for p, b in zip(of_observables, begins, strict=False)])
            mine = numbers_of[numbers[: steps.size]]
            every.append(np.stack([steps, mine])[:, mine >= 0])
        steps, numbers = np.concatenate(every, 1)
        order = np.argsort(steps, kind="stable")
        return numbers[order].astype(np.uint32), np.uint32(order.size), np.cumsum(np.bincount(steps, minlength=n))

    def position(self, i: int, first: int) -> Any:
        return tuple(part.position(i, first) for part in self.parts)

    def begin(self, total: Any, value: Any, capacity: int, at_once: int = 1) -> Any:
        return jnp.zeros(_space(value, at_once), jnp.uint32), jnp.uint32(0), jnp.zeros(capacity, jnp.uint32)

    def add(self, carry: Any, value: Any, k: Array, position: Any) -> Any:
        numbers, cursor, ends = carry
        spikes = [part.inside(v, k, p) for part, v, p in zip(self.parts, value, position, strict=True)]
        words = pack(jnp.concatenate(spikes)[None])
        numbers, cursor = operations.record(numbers, cursor, words, _n_neurons(value))
        return numbers, cursor, jax.lax.dynamic_update_index_in_dim(ends, cursor, k, 0)

    def has_room(self, carry: Any, value: Any, steps: int = 1) -> Any:
        numbers, cursor, _ = carry
        return cursor <= jnp.uint32(numbers.size - steps * _n_neurons(value))

    def event_bytes(self, value: Any) -> int:
        return EVENT_BYTES * _space(value)

    def drain(self, total: Any, carry: Any, chunk: Chunk) -> Any:
        channels: list[Any] = [chunk.channels[part.name] for part in self.parts]
        sizes = [int(np.prod(c.shape)) for c in channels]
        steps, neurons = self._sorted(carry, chunk.n, sum(sizes))
        for c, size, begin in zip(channels, sizes, np.cumsum([0, *sizes]), strict=False):
            step, neuron = steps, neurons
            if len(sizes) > 1:
                neuron = neurons - neurons.dtype.type(begin)  # below `begin` it wraps around, far above `size`
                of_part = neuron < neurons.dtype.type(size)
                step, neuron = steps[of_part], neuron[of_part]
            chunk.append(c.times, chunk.t0 + (chunk.i + 1 + step.astype(np.int64)) * chunk.dt)
            chunk.append(c.indices, c.neurons(neuron.astype(np.int64)))
        return total

    def _sorted(self, carry: Any, n: int, total: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the steps and neurons of the events of n steps, by time and neuron."""
        numbers, _, ends = carry
        key: Any = np.uint32 if n * total < 2**32 else np.uint64  # sorting short ones takes half the time
        steps = np.repeat(np.arange(n, dtype=key), np.diff(np.asarray(ends)[:n], prepend=np.uint32(0)))
        # In one number: a step's spikes come in the order of the packed words.
        joined = np.sort(steps * key(total) + np.asarray(numbers)[: steps.size])
        steps = joined // key(total)  # numpy's divmod takes five times as long
        return steps, joined - steps * key(total)


def _n_neurons(values: Any) -> int:
    """Return the number of neurons of several populations."""
    return sum(v.size for v in values)


def _space(values: Any, steps: int = 1) -> int:
    """Return how many events of these populations a chunk has room for: those of so many steps and more."""
    return max(EVENTS, (1 + steps) * _n_neurons(values))
