"""Projections whose synapses differ in their delays: all of a network's in one event loop.

Their spikes go into a ring of arrivals, D slots of all receptors that they reach, (B, D * n). The rows of all
projections lie one after the other: the visit of a spike is one of a larger population. One ring for each unit.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from simcore import Network, ShortTermState, memory
from simcore.module.declare import on_device
from simcore.spikes import operations as events
from simcore.step.context import current, once

if TYPE_CHECKING:
    from .projection import Projection

Array = Any


def units_of(group: list[Projection]) -> dict[str, list[Projection]]:
    """Return the projections by the unit of their weights."""
    found: dict[str, list[Projection]] = {}
    for projection in group:
        found.setdefault(projection.target.unit, []).append(projection)
    return found


def offsets(group: list[Projection]) -> tuple[dict[int, int], int]:
    """Return where each receptor (by id) begins in a slot of the ring, and the length of a slot."""
    found: dict[int, int] = {}
    n = 0
    for projection in group:
        if id(projection.target) not in found:
            found[id(projection.target)] = n
            n += projection.post.population.size
    return found, n


def fit(network: Network, group: list[Projection], dt: float) -> None:
    """Lay out rows, addresses and ring for delays in steps of dt (ms)."""
    layout = vars(network).get("_layout", {})
    for unit, own in units_of(group).items():
        batch = int(np.prod(own[0].post.population.population_shape)) // own[0].post.population.size
        key = (dt, *map(id, own))
        if layout.get(unit) != key:
            _lay_out(network, unit, own, dt)
        n = offsets(own)[1]
        slots = max(projection._longest for projection in own) + 1
        now = vars(network).get(f"arriving_{unit}")
        if now is None or now.raw.shape != (batch, slots * n):
            if now is not None and np.any(np.asarray(now.raw)):
                raise ValueError(f"{network.name}: spikes are on their way with another dt; call reset_state() first.")
            memory.require(8.0 * batch * slots * n, f"{network.name}: arrivals at {n} neurons for {slots} steps")
            ring = ShortTermState(np.zeros((batch, slots * n)) * 1.0, "arrivals in the next steps")
            ring.unit = unit
            setattr(network, f"arriving_{unit}", ring)
            # Where the ring stands is a state of its own: a saved network goes on at any step of another runner.
            setattr(network, f"arriving_{unit}_slot", ShortTermState(np.int32(0), "the slot of the last step"))
        object.__setattr__(network, "_layout", layout | {unit: key})
        layout = vars(network)["_layout"]


def _lay_out(network: Network, unit: str, group: list[Projection], dt: float) -> None:
    where, n = offsets(group)
    total = sum(projection.n_synapses for projection in group)
    if total > events.MAX_SYNAPSES:
        raise ValueError(
            f"{network.name}: {total} synapses with delays of their own; up to {events.MAX_SYNAPSES} work."
        )
    post = np.empty(total, np.uint32)
    ptr, first = [np.zeros(1, np.uint32)], 0
    for projection in group:
        steps = projection.delay_steps(dt)
        projection._longest = int(steps.max(initial=0))
        if (projection._longest + 1) * n >= 2**31:
            raise ValueError(f"{projection.name}: delays of {projection._longest} steps to {n} neurons are too long.")
        part = post[first : first + steps.size]
        np.multiply(steps, n, out=part, casting="unsafe")
        part += projection.synapses()[1].astype(np.uint32) + np.uint32(where[id(projection.target)])
        ptr.append(np.asarray(projection.ptr)[1:] + np.uint32(first))
        first += steps.size
    first = 0
    for projection in group:  # only now: the addresses before may lie in the array that this one replaces
        projection.move(post[first : first + projection.n_synapses], n, where[id(projection.target)])
        first += projection.n_synapses
    setattr(network, f"ptr_{unit}", on_device(np.concatenate(ptr)))
    setattr(network, f"post_{unit}", on_device(post))


def transmit(network: Network, group: list[Projection]) -> None:
    """Put the spikes of this step into the ring, and what is due into the receptors."""
    differentiable = not current().exact_spikes
    for unit, own in units_of(group).items():
        where, n = offsets(own)
        ring = vars(network)[f"arriving_{unit}"]
        slot = vars(network)[f"arriving_{unit}_slot"]
        slot.value = (slot.value + 1) % (ring.value.shape[1] // n)
        first = slot.value * n
        rows = [p.pre.population.flat_spikes() for p in own]
        amplitude = None
        if differentiable or any(p.short_term for p in own):
            released: list[Any] = [p.release(events.pack(s), s) for p, s in zip(own, rows, strict=True)]
            amplitude = jnp.concatenate(released, 1)
        words = events.pack(jnp.concatenate([s != 0 for s in rows], 1))
        weight = once(network.path, functools.partial(_weights, own), "weights must be parameters.")
        new = events.deliver(ring.value, words, vars(network)[f"ptr_{unit}"], vars(network)[f"post_{unit}"], weight,
                             amplitude=amplitude, base=first.astype(jnp.uint32))  # fmt: skip
        # The barrier lets XLA clear the slot in place.
        due, new = lax.optimization_barrier((lax.dynamic_slice_in_dim(new, first, n, 1), new))
        ring.value = lax.dynamic_update_slice_in_dim(new, jnp.zeros_like(due), first, 1)
        for receptor in {id(p.target): p.target for p in own}.values():
            state = receptor.target()
            begin = where[id(receptor)]
            arrived = due[:, begin : begin + state.value.size // due.shape[0]]
            state.value = state.value + arrived.reshape(state.value.shape)


def _weights(group: list[Projection]) -> Array:
    return jnp.concatenate([jnp.broadcast_to(jnp.asarray(p.weight), (p.n_synapses,)) for p in group])
