"""The operations on spikes in array operations on all synapses: their definition, and the way of other devices.

The derivatives are taken of these. The arguments are those of the functions in `operations`, weights
of one dimension as (1, n).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from .words import unpack

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
    spiked = unpack(words, ptr.size - 1)
    if amplitude is None:
        amplitude = spiked.astype(target.dtype)
    else:  # derivatives go to all neurons
        amplitude = jnp.where(spiked, amplitude, amplitude - lax.stop_gradient(amplitude))
    if window is not None:
        return target + _in_window(amplitude, weight, ptr, target.shape, window)
    return target + _at_addresses(amplitude, weight, base, post, ptr, target.shape)


def _in_window(amplitude: Array, weight: Array, ptr: Array, shape: tuple[int, int], window: tuple[int, int]) -> Array:
    """Return (B, L): each row of weights times its amplitude (B, n_pre), added in the window."""
    start, width = window
    chosen = jnp.where(ptr[1:] > ptr[:-1], amplitude, 0.0)
    if weight.ndim < 2 or weight.shape[1] == 1:  # one weight for all synapses
        total = chosen.sum(1, keepdims=True) * weight
        return jnp.zeros(shape, total.dtype).at[:, start : start + width].add(total)
    n_rows = weight.shape[-1] // width
    silent = jnp.zeros((shape[0], n_rows), amplitude.dtype)
    of_rows = silent.at[:, (ptr[:-1] // U32(width)).astype(jnp.int32)].add(chosen, mode="drop")
    product = "br,brp->bp" if weight.shape[0] > 1 else "br,crp->bp"
    total = jnp.einsum(product, of_rows, weight.reshape(-1, n_rows, width), precision="highest")
    return jnp.zeros(shape, total.dtype).at[:, start : start + width].add(total)


def _at_addresses(amplitude: Array, weight: Array, base: Any, post: Any, ptr: Array, shape: tuple[int, int]) -> Array:
    """Return (B, L): each row of weights times its amplitude (B, n_pre), added at the row's addresses."""
    batch, length = shape
    values = amplitude[:, _rows(ptr, post.size)] * (weight if weight.ndim == 2 else weight.reshape(1, 1))
    address = post.astype(jnp.int32)[None, :]
    if base is not None:
        address = (address + base.astype(jnp.int32).reshape(-1, 1)) % length
    item = jnp.arange(batch)[:, None]
    return jnp.zeros(shape, values.dtype).at[item, jnp.broadcast_to(address, values.shape)].add(values)


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
    row = _rows(ptr, other.size)
    of_row, of_other = tuple(v[:, row] for v in row_values), tuple(v[:, other] for v in values)
    before = tuple(x if synapse is None else x[:, synapse] for x in synapses)
    axes = tuple(0 if p.ndim else None for p in parameters)
    for_all = jax.vmap(jax.vmap(rule, (0, 0, 0, None)), (0, 0, 0, axes))
    after = for_all(before, of_row, of_other, tuple(p[:, 0] if p.ndim else p for p in parameters))
    if target is not None:
        target, after = deliver(target, words, ptr, other, after[0], amplitude), after[1:]
    spiked = unpack(words, ptr.size - 1)[:, row]
    new = [jnp.where(spiked, a.astype(b.dtype), b) for a, b in zip(after, before, strict=True)]
    new = [a if synapse is None else x.at[:, synapse].set(a) for x, a in zip(synapses, new, strict=True)]
    return tuple(new) if target is None else (target, *new)


def _rows(ptr: Array, size: int) -> Array:
    """Return the row of each synapse, (size,)."""
    lengths = (ptr[1:] - ptr[:-1]).astype(jnp.int32)
    return jnp.repeat(jnp.arange(lengths.size, dtype=jnp.int32), lengths, total_repeat_length=size)


def record(buffer: Array, cursor: Array, words: Array, *, n: int) -> tuple[Array, Array]:
    """Return the buffer with the numbers of all spikes from `cursor` on, and the new cursor."""
    spikes = unpack(words, n).reshape(-1)
    index = jnp.cumsum(spikes.astype(U32)) - U32(1) + cursor
    numbers = jnp.arange(spikes.size, dtype=U32)
    buffer = buffer.at[jnp.where(spikes, index, U32(buffer.size))].set(numbers, mode="drop")
    return buffer, cursor + jnp.sum(spikes, dtype=U32)
