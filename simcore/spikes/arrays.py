"""The operations on spikes in array operations on all synapses: the definition, and the way of other devices."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from .words import unpack

Array = Any
U32 = jnp.uint32


def _rows(ptr: Array, size: int) -> Array:
    """Return the row of each synapse, (size,)."""
    lengths = (ptr[1:] - ptr[:-1]).astype(jnp.int32)
    return jnp.repeat(jnp.arange(lengths.size, dtype=jnp.int32), lengths, total_repeat_length=size)


def split(rest: Any, n_values: int, names: tuple[str, ...]) -> tuple[Any, Any, Any, Any]:
    """Return synapse, own (None where they are not given), values and parameters of `update_rows`."""
    at = dict(zip(names, rest, strict=False))
    values = rest[len(names) :]
    return at.get("synapse"), at.get("own"), values[:n_values], values[n_values:]


def deliver(target: Array, words: Array, ptr: Array, *rest: Array, window: Any, names: tuple[str, ...]) -> Array:
    """Work on all synapses: the definition of `deliver`, and what its derivatives are taken of."""
    at = dict(zip(names, rest, strict=True))
    amplitude = at.get("amplitude")
    if amplitude is None:
        amplitude = unpack(words, ptr.size - 1).astype(target.dtype)
    return target + _add_rows(amplitude, at["weight"], at.get("base"), at.get("post"), ptr, target.shape, window)


def _add_rows(amplitude: Any, weight: Any, base: Any, post: Any, ptr: Any, shape: Any, window: Any) -> Array:
    """Return (B, L): each row of weights times its amplitude (B, n_pre), added at the row's addresses."""
    batch, length = shape
    if window is not None:
        start, width = window
        chosen = jnp.where(ptr[1:] > ptr[:-1], amplitude, 0.0)
        if weight.ndim < 2 or weight.shape[1] == 1:  # one weight for all synapses
            total = chosen.sum(1, keepdims=True) * weight
            return jnp.zeros(shape, total.dtype).at[:, start : start + width].add(total)
        n_rows = weight.shape[-1] // width
        rows = (
            jnp.zeros((batch, n_rows), amplitude.dtype)
            .at[:, (ptr[:-1] // U32(width)).astype(jnp.int32)]
            .add(chosen, mode="drop")
        )
        total = jnp.einsum("br,brp->bp" if weight.shape[0] > 1 else "br,crp->bp", rows,
                           weight.reshape(-1, n_rows, width), precision="highest")  # fmt: skip
        return jnp.zeros(shape, total.dtype).at[:, start : start + width].add(total)
    values = amplitude[:, _rows(ptr, post.size)] * (weight if weight.ndim == 2 else weight.reshape(1, 1))
    address = post.astype(jnp.int32)[None, :]
    if base is not None:
        address = (address + base.astype(jnp.int32).reshape(-1, 1)) % length
    item = jnp.arange(batch)[:, None]
    return jnp.zeros(shape, values.dtype).at[item, jnp.broadcast_to(address, values.shape)].add(values)


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
    row = _rows(ptr, other.size)
    of_row = () if own is None else (own[:, row],)
    before = weight if synapse is None else weight[:, synapse]
    after = rule(before, *of_row, *(v[:, other] for v in values), *parameters)
    new = jnp.where(unpack(words, ptr.size - 1)[:, row], after, before)
    return new if synapse is None else weight.at[:, synapse].set(new)


def record(buffer: Array, cursor: Array, words: Array, *, n: int) -> tuple[Array, Array]:
    spikes = unpack(words, n).reshape(-1)
    place = jnp.cumsum(spikes.astype(U32)) - U32(1) + cursor
    numbers = jnp.arange(spikes.size, dtype=U32)
    buffer = buffer.at[jnp.where(spikes, place, U32(buffer.size))].set(numbers, mode="drop")
    return buffer, cursor + jnp.sum(spikes, dtype=U32)
