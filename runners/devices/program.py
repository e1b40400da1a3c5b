"""The compiled loop of a network on several devices: steps between exchanges, the exchange, and what runs have of both.

Each device runs its part by as many steps as the shortest delay allows. Then the words of the spikes of these steps
go to all: each has some bits of every word, so that a sum joins them.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.sharding import Mesh, PartitionSpec

from simcore import Module, Signal
from simcore.bases.block import AXIS, of_block
from simcore.spikes.words import n_words
from simcore.step import pure as step

from .. import soundness
from ..loop import Program

Array = Any


@dataclasses.dataclass(frozen=True)
class Sent:
    """Spikes that each part sends to all.

    Attributes:
        population: the path of who sends, in a part.
        relay: the path of what brings them.
        size: of the whole population.
        stored: whether rings alone get them.
    """

    population: str
    relay: str
    size: int
    stored: bool


class OfPart(Signal):
    """What drives a part of a network: of a signal for each neuron, the values of its block."""

    def __init__(self, signal: Signal, sizes: tuple[tuple[str, tuple[int, ...], int], ...]) -> None:
        self.signal, self.sizes = signal, sizes

    def at(self, arrays: dict[str, Any], k: Any) -> Any:
        value = self.signal.at(arrays, k)
        for path, whole, n in self.sizes:
            if path == "":
                return _cut(value, whole, n)
            if isinstance(value, dict) and path in value:
                value = value | {path: _cut(value[path], whole, n)}
        return value

    def functions_of_t(self) -> tuple[str, ...]:
        return self.signal.functions_of_t()


def _cut(value: Any, whole: tuple[int, ...], n: int) -> Any:
    """Return what a block has of a value, or of values by name, for each neuron of a population of that shape."""
    if isinstance(value, dict):
        return {name: _cut(one, whole, n) for name, one in value.items()}
    value = jnp.asarray(value)
    if value.size == 1:
        return value.reshape(()) if value.ndim else value
    return of_block(jnp.broadcast_to(value, whole), n)


@dataclasses.dataclass(frozen=True)
class PartProgram(Program):
    """What the program of a part depends on.

    Attributes:
        sent: the spikes that go to all.
        sizes: of the populations that are cut: the path, the shape of the whole, the size of a block.
        lead: the number of steps between two exchanges.
        stores: the paths of what stores arrivals.
    """

    sent: tuple[Sent, ...] = ()
    sizes: tuple[tuple[str, tuple[int, ...], int], ...] = ()
    lead: int = 1
    stores: tuple[str, ...] = ()

    def call(self, model: Module, x: Any) -> tuple[Any, ...]:
        """Drive the bound part by one step; return what the recorders read, and the words that it sends."""
        signal = None if self.signal is None else OfPart(self.signal, self.sizes)
        step.with_signal(signal)(model, x)
        nodes: Any = model.nodes()
        words = {s.population: _words(nodes[s.population].flat_spikes(), s.size) for s in self.sent}
        row = tuple(r.read(model) for r in self.recorders)
        return row, jnp.concatenate([jnp.zeros(0, jnp.uint32), *(words[s.population] for s in self.sent)])

    def slices(self) -> list[tuple[Sent, slice]]:
        """Return where the words of each lie among those that are sent."""
        ends = np.cumsum([0, *(n_words(s.size) for s in self.sent)]).tolist()
        return [(s, slice(*pair)) for s, pair in zip(self.sent, itertools.pairwise(ends), strict=True)]

    def received(self, words: Array) -> dict[str, Array]:
        """Return the states of the relays that have got these words."""
        return {f"{s.relay}.queue": words[None, part] for s, part in self.slices()}


def _words(spikes: Array, whole: int) -> Array:
    """Return the words of the whole population, (n_words,), with the bits of this block."""
    count, k = n_words(whole), lax.axis_index(AXIS)
    bits = spikes.size // count
    first = (k * bits).astype(jnp.uint32)
    rows = spikes.reshape(bits, count)
    inside = k * spikes.size + jnp.arange(spikes.size).reshape(bits, count) < whole
    each = [((rows[b] != 0) & inside[b]).astype(jnp.uint32) << (first + jnp.uint32(b)) for b in range(bits)]
    return functools.reduce(jnp.bitwise_or, each)


@functools.partial(jax.jit, static_argnums=(0, 1), compiler_options={"xla_cpu_prefer_vector_width": 512})
def advance_parts(
    program: PartProgram, mesh: Mesh, params: Any, states: Any, queue: Any, totals: Any, inputs: Any, clock: Any,
    positions: Any, n: Any,
) -> Any:  # fmt: skip
    """Run up to n steps, all devices as many; return what `loop.advance` does, of each part, and the last words sent.

    `params`, `states` and `totals` have an axis of the parts; `queue` are the last words, (lead + 1, words).
    """
    parts, same = PartitionSpec(AXIS), PartitionSpec()
    specs = (parts, parts, same, parts, same, same, same, same)
    run = functools.partial(_of_part, program)
    each = jax.shard_map(run, mesh=mesh, in_specs=specs, out_specs=(parts, parts, parts, parts, same), check_vma=False)
    return each(params, states, queue, totals, inputs, clock, positions, n)


def _of_part(
    program: PartProgram, params: Any, states: Any, queue: Any, totals: Any, inputs: Any, clock: Any, positions: Any,
    n: Any,
) -> Any:  # fmt: skip
    """Run one part."""
    params, states, totals = jax.tree.map(lambda x: x[0], (params, states, totals))
    model, recorders, lead = program.structure.model, program.recorders, program.lead
    states = step.packed(model, states)
    prepared = program.prepare(params, states, inputs, clock)

    def one(states: Any, k: Any) -> Any:
        return program.one_step(params, states, inputs, clock, prepared, k)

    values = jax.eval_shape(one, states, jnp.int32(0))[1][0]

    def some(loop: Any) -> Any:
        """Run the steps up to the next exchange, and exchange."""
        k, states, carries, queue, _ = loop
        m = jnp.minimum(n - k, lead)

        def body(j: Any, loop: Any) -> Any:
            states, carries, new = loop
            words = lax.dynamic_index_in_dim(queue, j + 1, 0, keepdims=False)
            states, (row, sent) = one(states | program.received(words), k + j)
            each = zip(recorders, carries, row, positions, strict=True)
            carries = tuple(r.add(carry, value, k + j, position) for r, carry, value, position in each)
            return states, carries, lax.dynamic_update_index_in_dim(new, sent, j, 0)

        states, carries, new = lax.fori_loop(0, m, body, (states, carries, jnp.zeros_like(queue[1:])))
        room = [r.has_room(carry, value, lead) for r, carry, value in zip(recorders, carries, values, strict=True)]
        full = (~functools.reduce(lambda a, b: a & b, room, jnp.array(True))).astype(jnp.uint32)
        gathered = lax.psum(jnp.concatenate([new.reshape(-1), full[None]]), AXIS)
        new, full = gathered[:-1].reshape(new.shape), gathered[-1]
        return k + m, states, carries, lax.dynamic_slice_in_dim(jnp.concatenate([queue, new]), m, lead + 1, 0), full

    each = zip(recorders, totals, values, strict=True)
    carries = tuple(r.begin(total, value, program.capacity, lead) for r, total, value in each)
    first = (jnp.int32(0), states, carries, queue, jnp.uint32(0))
    done, states, carries, queue, _ = lax.while_loop(lambda loop: (loop[0] < n) & (loop[4] == 0), some, first)
    states = _with_stored(program, params, states, queue, step.context_at(clock, prepared, done))
    apart = step.unpacked(model, states)
    spikes = program.spikes(params, apart, clock, prepared, done - 1)
    outcome = jnp.array([done, *soundness.verdict(model, _without_copies(program, states), spikes)])
    return *jax.tree.map(lambda x: x[None], (apart, carries, spikes, outcome)), queue


def _with_stored(program: PartProgram, params: Any, states: Any, queue: Any, context: Any) -> Any:
    """Return the states with the words of the queue in what stores arrivals, where one device has them already."""
    if not program.stores:
        return states
    model = program.structure.model

    def body(j: Any, states: Any) -> Any:
        def foresee(model: Any, x: Any) -> None:
            for path in program.stores:
                model.nodes()[path].foresee(j + 1)

        words = program.received(queue[j + 1])
        apart = step.unpacked(model, states) | states | words
        now = dataclasses.replace(context, uses={}, packed_spikes={})
        new, _ = step.pure_step(model, foresee, params, apart, None, now)
        return {path: new[path] for path in states}

    return lax.fori_loop(0, program.lead, body, states)


def _without_copies(program: PartProgram, states: Any) -> Any:
    """Return the states with 0 for the copies that fill a block."""
    sound = dict(states)
    for path, whole, n in program.sizes:
        inside = lax.axis_index(AXIS) * n + jnp.arange(n) < math.prod(whole)
        start = f"{path}." if path else ""
        for name, value in states.items():
            if name.startswith(start) and value.shape[-1:] == (n,):
                sound[name] = jnp.where(inside, value, 0)
    return sound
