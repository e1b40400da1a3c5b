"""The operations on spikes for a CPU: scalar loops in plain JAX over the set bits and their synapses.

XLA keeps them in the one function of the time loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import lax

from .arrays import split
from .words import pack

# Synapses that a turn of the loop over a row adds.
AT_ONCE = 8

Array = Any
U32 = jnp.uint32


def _trailing_zeros(x: Array) -> Array:
    return U32(31) - lax.clz(x & (~x + U32(1)))


def _at(x: Array, k: Array) -> Array:
    return lax.dynamic_index_in_dim(x, k, keepdims=False)  # x[k] would be a gather, which costs more


def _item_at(x: Array, item: Array, k: Array) -> Array:
    return _at(x.reshape(-1), item * U32(x.shape[1]) + k)


def _of(x: Array, item: Array) -> Array:
    """Return the scalar of an item, of one that all share, (), or one of each, (B, 1)."""
    return x if x.ndim == 0 else _at(x[:, 0], item)


def _for_each(words: Array, body: Callable[[Array, Array, Array], Array], carry: Any) -> Any:
    """Return carry after body(batch item, neuron, carry) for each set bit of words (B, n_words): set bits only.

    A second level of words, one bit for each non-zero word, finds the next word; clearing the lowest bit the next bit.
    """
    count = words.shape[1]
    flat = words.reshape(-1)
    level = pack(flat[None] != 0)[0]
    n_flat, n_level = U32(flat.size), U32(level.size)

    def seek(i: Array, x: Array, k: Array, word: Array) -> tuple[Array, Array, Array, Array]:
        """Go to the next non-zero word, k, unless this one has bits left."""

        def more(at: Any) -> Any:
            i, x, _, _ = at
            found = x != 0
            k = jnp.minimum(_trailing_zeros(x) * n_level + i, n_flat - U32(1))
            after = i + U32(1)
            x = jnp.where(found, x & (x - U32(1)), _at(level, jnp.minimum(after, n_level - U32(1))))
            return jnp.where(found, i, after), x, k, jnp.where(found, _at(flat, k), U32(0))

        return lax.while_loop(lambda at: (at[3] == 0) & (at[0] < n_level), more, (i, x, k, word))

    def visit(at: Any) -> Any:
        i, x, k, word, carry = at
        bit = _trailing_zeros(word)
        item = U32(0) if words.shape[0] == 1 else k // U32(count)
        carry = body(item, bit * U32(count) + k - item * U32(count), carry)
        return *seek(i, x, k, word & (word - U32(1))), carry

    start = seek(U32(0), level[0], U32(0), U32(0))
    return lax.while_loop(lambda at: at[3] != 0, visit, (*start, carry))[-1]


def deliver(target: Array, words: Array, ptr: Array, *rest: Array, window: Any, names: tuple[str, ...]) -> Array:
    at = dict(zip(names, rest, strict=True))
    weight, amplitude, base = at["weight"], at.get("amplitude"), at.get("base")
    post: Any = at.get("post")  # None in a dense window
    length = target.shape[1]
    shared = weight.ndim < 2 or weight.shape[0] == 1
    flat_weight = weight.reshape(-1)
    stride = 0 if shared else weight.shape[-1]
    one_weight = weight.ndim == 0 or weight.shape[-1] == 1

    def row(item: Array, j: Array, total: Array) -> Array:
        factor = None if amplitude is None else _item_at(amplitude, item, j)
        offset = item * U32(length)

        def scaled(w: Array) -> Array:
            return w if factor is None else w * factor

        def some(k: Array, width: int, total: Array) -> Array:
            """Add the synapses k to k + width."""
            address = lax.dynamic_slice_in_dim(post, k, width).astype(U32)
            if base is not None:
                address = address + _of(base, item)
                address = jnp.where(address >= U32(length), address - U32(length), address)
            first_weight = item * U32(stride) + (U32(0) if one_weight else k)
            w = scaled(lax.dynamic_slice_in_dim(flat_weight, first_weight, 1 if one_weight else width))
            for u in range(width):
                at = address[u] + offset
                total = lax.dynamic_update_index_in_dim(total, _at(total, at) + w[0 if one_weight else u], at, 0)
            return total

        def whole(_: Array, total: Array) -> Array:
            start, width = window
            first_weight = item * U32(stride) + (U32(0) if one_weight else _at(ptr, j))
            w = lax.dynamic_slice_in_dim(flat_weight, first_weight, 1 if one_weight else width)
            first = offset + U32(start)
            return lax.dynamic_update_slice_in_dim(
                total, lax.dynamic_slice_in_dim(total, first, width) + scaled(w), first, 0
            )

        if window is not None:
            return lax.fori_loop(U32(0), (_at(ptr, j + U32(1)) > _at(ptr, j)).astype(U32), whole, total)
        first, end = _at(ptr, j), _at(ptr, j + U32(1))
        if post.size >= AT_ONCE:  # the turn of a loop takes longer than an addition
            n = (end - first) // U32(AT_ONCE)
            total = lax.fori_loop(U32(0), n, lambda i, total: some(first + i * U32(AT_ONCE), AT_ONCE, total), total)
            first = first + n * U32(AT_ONCE)
        return lax.fori_loop(first, end, lambda k, total: some(k, 1, total), total)

    return _for_each(words, row, target.reshape(-1)).reshape(target.shape)


def update_rows(
    weight: Array,
    words: Array,
    ptr: Array,
    other: Array,
    *rest: Array,
    rule: Any,
    n_values: int,
    names: tuple[str, ...],
) -> Array:
    synapse, own, values, parameters = split(rest, n_values, names)
    width = weight.shape[1]

    def row(item: Array, j: Array, flat: Array) -> Array:
        of_row = () if own is None else (_item_at(own, item, j),)

        def one(k: Array, flat: Array) -> Array:
            at = item * U32(width) + (k if synapse is None else _at(synapse, k))
            there = (_item_at(v, item, _at(other, k)) for v in values)
            new = rule(_at(flat, at), *of_row, *there, *(_of(p, item) for p in parameters))
            return lax.dynamic_update_index_in_dim(flat, new, at, 0)

        return lax.fori_loop(_at(ptr, j), _at(ptr, j + U32(1)), one, flat)

    return _for_each(words, row, weight.reshape(-1)).reshape(weight.shape)


def record(buffer: Array, cursor: Array, words: Array, *, n: int) -> tuple[Array, Array]:
    def write(item: Array, j: Array, carry: Any) -> Any:
        buffer, cursor = carry
        number = item * U32(n) + j
        return lax.dynamic_update_index_in_dim(buffer, number, cursor, 0), cursor + U32(1)

    return _for_each(words, write, (buffer, cursor))
