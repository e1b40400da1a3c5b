"""Spikes that are on their way while projections join a network that has run, or leave it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import jax.numpy as jnp
import numpy as np

import simcore as sc
from simcore.models.synapses.ring import Ring


@contextlib.contextmanager
def kept(net: sc.Network) -> Iterator[None]:
    """Keep the spikes of the last steps, and the arrivals of the next ones, over a with block that fits the network.

    simcore refuses to change the delays while spikes are on their way. Here they stay where they are in time. What
    has a place no more comes with the last that has one.
    """
    histories = {p: _from(p.sent.spikes, p.sent.slot, -1) for p in net.populations().values() if p.sent is not None}
    arrivals: dict[Any, np.ndarray] = {}
    for ring, parts in _rings(net):
        slots = _from(ring.arrivals, ring.slot, 1, ring.n_slots)
        arrivals |= {receptor: slots[:, part] for receptor, part in parts.items()}
    for p in histories:
        p.sent.spikes.raw = jnp.zeros_like(p.sent.spikes.raw)
    for ring, _ in _rings(net):
        ring.arrivals.raw = jnp.zeros_like(ring.arrivals.raw)
    yield
    for p, slots in histories.items():
        if p.sent is not None:
            _put(slots, p.sent.spikes, p.sent.slot, -1)
    for ring, parts in _rings(net):
        slots = np.zeros((ring.n_slots, ring.arrivals.raw.size // ring.n_slots))
        for receptor, part in parts.items():
            old = arrivals.get(receptor, slots[:0, part])
            np.add.at(slots[:, part], np.minimum(np.arange(len(old)), ring.n_slots - 1), old)
        _put(slots, ring.arrivals, ring.slot, 1)


def _rings(net: sc.Network) -> Iterator[tuple[Ring, dict[Any, slice]]]:
    """Yield what brings spikes whose delays differ, and which part of a slot each receptor has."""
    for ring in net.deliveries:
        if isinstance(ring, Ring) and ring.n_slots:
            sizes = {sender.target: sender.post.population.size for sender in ring.links}
            ends = np.cumsum([*sizes.values()]).tolist()
            yield ring, {r: slice(end - n, end) for (r, n), end in zip(sizes.items(), ends, strict=True)}


def _from(state: sc.State, slot: sc.State, way: int, n_slots: int | None = None) -> np.ndarray:
    """Return what a ring of slots holds, by the steps into the future (way 1) or the past (-1): (slots, ...)."""
    slots = np.asarray(state.raw)
    slots = slots if n_slots is None else slots.reshape(n_slots, -1)
    return slots[(int(slot.raw) + way * np.arange(len(slots))) % len(slots)]


def _put(slots: np.ndarray, state: sc.State, slot: sc.State, way: int) -> None:
    """Fill a ring of slots with what `_from` returned, of as many steps as it has room for."""
    there = np.zeros(state.raw.shape, state.raw.dtype)
    by_slot = there.reshape(-1, *slots.shape[1:])
    n = min(len(slots), len(by_slot))
    by_slot[(int(slot.raw) + way * np.arange(n)) % len(by_slot)] = slots[:n]
    state.raw = jnp.asarray(there)
