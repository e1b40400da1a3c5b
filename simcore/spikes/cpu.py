"""The operations on spikes for a CPU: scalar loops in plain JAX over the set bits and their synapses.

XLA keeps them in the one function of the time loop. The arguments are those of the functions in `operations`, weights
of one dimension as (1, n).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import lax

from .words import pack

# Synapses that a turn of the loop over a row adds, or updates.
AT_ONCE = 8

Array = Any
U32 = jnp.uint32


def deliver(
    target: Array,
    words: Array,
    ptr: Array,
    post: Array | None,
    weight: Array,
    amplitude: Array | None = None,
    base: Array | None = None,
    window: tuple[int, int] | None = None,
) -> Array:
    """Return `target` with the rows of all neurons that spiked added."""
    length = target.shape[1]
    add = _to_addresses(ptr, post, weight, base, length) if window is None else _to_window(ptr, weight, window)

    def add_row(item: Array, neuron: Array, total: Array) -> Array:
        factor = None if amplitude is None else _element_of_item(amplitude, item, neuron)
        return add(item, neuron, factor, item * U32(length), total)

    return _for_each(words, add_row, target.reshape(-1)).reshape(target.shape)


def update_rows(
    synapses: tuple[Array, ...],
    words: Array,
    ptr: Array,
    other: Array,
    rule: Callable[..., tuple[Array, ...]],
    values: tuple[Array, ...],
    parameters: tuple[Array, ...],
    row_values: tuple[Array, ...] = (),
    synapse: Array | None = None,
    target: Array | None = None,
    amplitude: Array | None = None,
) -> tuple[Array, ...]:
    """Return the values of the synapses after the rule was applied to those in the rows of the neurons that spiked."""
    changed, delivers = (synapses, 0) if target is None else ((target, *synapses), 1)
    width, length = synapses[0].shape[1], 0 if target is None else target.shape[1]

    def update_row(item: Array, neuron: Array, flats: Any) -> Any:
        of_row = tuple(_element_of_item(v, item, neuron) for v in row_values)
        factor = None if amplitude is None else _element_of_item(amplitude, item, neuron)

        def update(k: Array, flats: Any) -> Any:
            index = item * U32(width) + (k if synapse is None else _element(synapse, k))
            address = _element(other, k).astype(U32)
            before, index = _read(flats[delivers:], index, alone=len(flats) == 1)
            of_other = tuple(_element_of_item(v, item, address) for v in values)
            after = rule(before, of_row, of_other, tuple(_scalar_of_item(p, item) for p in parameters))
            indices = [index] * len(before)
            if delivers:
                indices = [item * U32(length) + address, *indices]
                after = _element(flats[0], indices[0]) + _scaled(after[0], factor), *after[1:]
            each = zip(flats, after, indices, strict=True)
            return tuple(lax.dynamic_update_index_in_dim(x, jnp.asarray(new, x.dtype), i, 0) for x, new, i in each)

        def several(k: Array, width: int, flats: Any) -> Any:
            for u in range(width):
                flats = update(k + U32(u), flats)
            return flats

        first, end = _element(ptr, neuron), _element(ptr, neuron + U32(1))
        return _in_turns(first, end, several, flats, AT_ONCE if len(flats) == 1 else 1)

    flats = _for_each(words, update_row, tuple(x.reshape(-1) for x in changed))
    return tuple(flat.reshape(x.shape) for flat, x in zip(flats, changed, strict=True))


def record(buffer: Array, cursor: Array, words: Array, *, n: int) -> tuple[Array, Array]:
    """Return the buffer with the numbers of all spikes from `cursor` on, and the new cursor."""

    def write(item: Array, neuron: Array, carry: Any) -> Any:
        buffer, cursor = carry
        number = item * U32(n) + neuron
        return lax.dynamic_update_index_in_dim(buffer, number, cursor, 0), cursor + U32(1)

    return _for_each(words, write, (buffer, cursor))


# ---------------------------------------------------------------- one row of `deliver`


def _to_addresses(ptr: Array, post: Any, weight: Array, base: Array | None, length: int) -> Callable[..., Array]:
    """Return add(item, neuron, factor, start of the item in the total, total): the row goes to the addresses `post`."""
    weights = _weights(weight)

    def add_row(item: Array, neuron: Array, factor: Array | None, item_start: Array, total: Array) -> Array:
        def add(k: Array, width: int, total: Array) -> Array:
            """Add the synapses k to k + width."""
            address = lax.dynamic_slice_in_dim(post, k, width).astype(U32)
            if base is not None:
                address = address + _scalar_of_item(base, item)
                address = jnp.where(address >= U32(length), address - U32(length), address)
            added = _scaled(weights(item, k, width), factor)
            for u in range(width):
                index = address[u] + item_start
                new = _element(total, index) + added[min(u, added.size - 1)]
                total = lax.dynamic_update_index_in_dim(total, new, index, 0)
            return total

        first, end = _element(ptr, neuron), _element(ptr, neuron + U32(1))
        return _in_turns(first, end, add, total, AT_ONCE if post.size >= AT_ONCE else 1)

    return add_row


def _to_window(ptr: Array, weight: Array, window: tuple[int, int]) -> Callable[..., Array]:
    """Return the same function of a row that covers the whole window, or has no synapses."""
    weights = _weights(weight)
    start, width = window

    def add_row(item: Array, neuron: Array, factor: Array | None, item_start: Array, total: Array) -> Array:
        def add(_: Array, total: Array) -> Array:
            added = weights(item, _element(ptr, neuron), width)
            first = item_start + U32(start)
            new = lax.dynamic_slice_in_dim(total, first, width) + _scaled(added, factor)
            return lax.dynamic_update_slice_in_dim(total, new, first, 0)

        has_synapses = _element(ptr, neuron + U32(1)) > _element(ptr, neuron)
        return lax.fori_loop(U32(0), has_synapses.astype(U32), add, total)

    return add_row


def _weights(weight: Array) -> Callable[[Array, Array, int], Array]:
    """Return weights(item, k, width) of the synapses k to k + width: (width,), or (1,) where all have the same."""
    flat = weight.reshape(-1)
    stride = 0 if weight.ndim < 2 or weight.shape[0] == 1 else weight.shape[-1]
    same = weight.ndim == 0 or weight.shape[-1] == 1

    def weights(item: Array, k: Array, width: int) -> Array:
        return lax.dynamic_slice_in_dim(flat, item * U32(stride) + (U32(0) if same else k), 1 if same else width)

    return weights


def _scaled(weight: Array, factor: Array | None) -> Array:
    return weight if factor is None else weight * factor


# ---------------------------------------------------------------- the loops over a row and over the spikes


def _in_turns(first: Array, end: Array, step: Callable[..., Any], carry: Any, width: int) -> Any:
    """Return carry after step(k, width, carry) on all k from first to end, so many at a time, then on the rest.

    The turn of a loop takes longer than an addition.
    """
    if width > 1:
        n = (end - first) // U32(width)
        carry = lax.fori_loop(U32(0), n, lambda i, carry: step(first + i * U32(width), width, carry), carry)
        first = first + n * U32(width)
    return lax.fori_loop(first, end, lambda k, carry: step(k, 1, carry), carry)


def _for_each(words: Array, body: Callable[[Array, Array, Array], Array], carry: Any) -> Any:
    """Return carry after body(batch item, neuron, carry) for each set bit of words (B, n_words): set bits only.

    A second level of words, one bit for each non-zero word, finds the next word; clearing the lowest bit the next bit.
    """
    count = words.shape[1]
    level, seek = _seeker(words.reshape(-1))

    def visit(loop: Any) -> Any:
        i, nonzero, k, word, carry = loop
        bit = _trailing_zeros(word)
        item = U32(0) if words.shape[0] == 1 else k // U32(count)
        carry = body(item, bit * U32(count) + k - item * U32(count), carry)
        return *seek(i, nonzero, k, word & (word - U32(1))), carry

    first = seek(U32(0), level[0], U32(0), U32(0))
    return lax.while_loop(lambda loop: loop[3] != 0, visit, (*first, carry))[-1]


def _seeker(flat: Array) -> tuple[Array, Callable[..., tuple[Array, Array, Array, Array]]]:
    """Return the second level of words and seek(i, nonzero, k, word), which goes to the next word unless it has bits.

    i is the index in the second level, `nonzero` what is left of its word, k the index of `word`, and `word` what is
    left of it; 0 at the end.
    """
    level = pack(flat[None] != 0)[0]
    n_flat, n_level = U32(flat.size), U32(level.size)

    def turn(loop: Any) -> Any:
        i, nonzero, _, _ = loop
        has_bit = nonzero != 0
        k = jnp.minimum(_trailing_zeros(nonzero) * n_level + i, n_flat - U32(1))
        next_i = i + U32(1)
        cleared = nonzero & (nonzero - U32(1))
        nonzero = jnp.where(has_bit, cleared, _element(level, jnp.minimum(next_i, n_level - U32(1))))
        return jnp.where(has_bit, i, next_i), nonzero, k, jnp.where(has_bit, _element(flat, k), U32(0))

    def seek(i: Array, nonzero: Array, k: Array, word: Array) -> tuple[Array, Array, Array, Array]:
        return lax.while_loop(lambda loop: (loop[3] == 0) & (loop[0] < n_level), turn, (i, nonzero, k, word))

    return level, seek


def _trailing_zeros(x: Array) -> Array:
    return U32(31) - lax.clz(x & (~x + U32(1)))


def _element(x: Array, k: Array) -> Array:
    return lax.dynamic_index_in_dim(x, k, keepdims=False)  # x[k] would be a gather, which costs more


def _read(flats: tuple[Array, ...], k: Array, *, alone: bool) -> tuple[tuple[Array, ...], Array]:
    """Return the elements k of arrays, all of which are written next at the k that is returned; one may be `alone`.

    A loop of one turn: else XLA reads one array again when another has been written, from a copy of all of it. And k
    comes out of it: else what is written, if it follows from nothing that is read, is written before, onto a copy.
    """
    if alone:
        return tuple(_element(flat, k) for flat in flats), k
    start = tuple(jnp.zeros((), flat.dtype) for flat in flats), k
    return lax.fori_loop(k, k + U32(1), lambda i, _: (tuple(_element(flat, i) for flat in flats), i), start)


def _element_of_item(x: Array, item: Array, k: Array) -> Array:
    return _element(x.reshape(-1), item * U32(x.shape[1]) + k)


def _scalar_of_item(x: Array, item: Array) -> Array:
    """Return the scalar of an item, of one that all share, (), or one of each, (B, 1)."""
    return x if x.ndim == 0 else _element(x[:, 0], item)
