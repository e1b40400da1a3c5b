"""Spikes through synapses on a GPU: Pallas (Triton) kernels that visit the rows of the neurons that spiked.

Connectivity is compressed by rows: row j is the stretch ptr[j] .. ptr[j + 1] of the arrays that hold one entry per
synapse. Spikes come packed, strided: neuron j is bit j // n_words of word j % n_words, n_words = ceil(n_pre / 32).
B is the batch, often 1. `arrays` says the same in array operations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

BLOCK = 128  # neurons a program looks at; it ends at once if none of them spiked
ROWS, COLUMNS = 8, 128  # synapses that a program takes at a time: powers of two, as Triton needs
# Of a projection, on all devices: ptr[j] + column fits uint32 in the last chunk of a row as well.
MAX_SYNAPSES = 2**32 - COLUMNS
MAX_TARGETS = 2**31  # so that post + base fits uint32


def deliver(
    target: jax.Array,
    words: jax.Array,
    ptr: jax.Array,
    post: jax.Array,
    weight: jax.Array,
    amplitude: jax.Array | None = None,
    base: jax.Array | None = None,
    *,
    interpret: bool = False,
) -> jax.Array:
    """Return `target` with the rows of all neurons that spiked added, in place where XLA can.

    target[b, (post[k] + base) % L] += weight[k] * amplitude[b, j] for each neuron j with a spike and k of its row.
    The order of the additions is left to the hardware: float sums differ in the last bits from run to run.

    Args:
        target: (B, L) float; L = n_post, or D * n_post for a ring of D slots.
        words: (B, n_words) uint32, spikes.
        ptr: (n_pre + 1,) uint32.
        post: (nnz,) uint16 or uint32, addresses below L.
        weight: () or (1, nnz) or (B, nnz) float.
        amplitude: (B, n_pre) float, a factor of each neuron's row; None for 1.
        base: () uint32 below L, e.g. the start of the current slot of the ring; None for 0.
        interpret: run on the CPU, slowly, for tests.
    """
    _check_sizes(post.size, target.shape[1])
    if not (target.size and words.size and post.size):
        return target

    def deliver_kernel(
        _: Any, words: Any, ptr: Any, post: Any, weight: Any, amplitude: Any, base: Any, out: Any
    ) -> None:
        from jax.experimental.pallas import triton

        def add(b: Any, rows: Any, k: Any, mask: Any) -> None:
            address = triton.load(post.at[k], mask=mask).astype(jnp.uint32)
            if base is not None:
                address = address + base[0]
                address = jnp.where(address < L, address, address - L)
            if weight.shape == (1, 1):
                value = weight[0, 0]
            else:
                value = triton.load(weight.at[b if weight.shape[0] > 1 else 0, k], mask=mask)
            if amplitude is not None:
                value = value * amplitude[b, rows]
            value = jnp.broadcast_to(value, k.shape).astype(out.dtype)
            if interpret:  # Pallas interprets neither a mask nor two additions to one address
                out[b, :] = out[b, :].at[address].add(jnp.where(mask, value, 0))
            else:
                triton.atomic_add(out, (b, address), value, mask=mask)

        _for_rows_with_a_spike(words, ptr, add)

    L = target.shape[1]
    weight = weight if weight.ndim else weight.reshape(1, 1)
    base = None if base is None else base.reshape(1)
    return _call(deliver_kernel, (target, words, ptr, post, weight, amplitude, base), interpret)


def update_rows(
    weight: jax.Array,
    words: jax.Array,
    ptr: jax.Array,
    synapse: jax.Array | None,
    other: jax.Array,
    own: jax.Array | None,
    values: tuple[jax.Array, ...],
    rule: Callable[..., jax.Array],
    parameters: tuple[jax.Array, ...] = (),
    *,
    interpret: bool = False,
) -> jax.Array:
    """Return `weight` with `rule` applied to the synapses of all neurons that spiked, in place where XLA can.

    weight[b, s] = rule(weight[b, s], own[b, j], *(v[b, other[k]] for v in values), *parameters)
    for each neuron j with a spike and k of its row; s = synapse[k]. A synapse belongs to one row.

    Args:
        weight: (B, nnz) float.
        words: (B, n_words) uint32, spikes.
        ptr: (n_pre + 1,) uint32.
        synapse: (nnz,) uint32, where in `weight` the entry k is; None if at k.
        other: (nnz,) uint16 or uint32, the neuron at the other end.
        own: (B, n_pre) float, handed to the rule; None where it takes none.
        values: (B, n_other) float each, e.g. the traces of the neurons at the other end.
        rule: elementwise; arrays reach it as `parameters` only, never by closure.
        parameters: () float each.
        interpret: run on the CPU, slowly, for tests.
    """
    _check_sizes(other.size)
    if not (weight.size and words.size):
        return weight

    def update_kernel(
        _: Any, words: Any, ptr: Any, synapse: Any, other: Any, own: Any, values: Any, parameters: Any, out: Any
    ) -> None:
        from jax.experimental.pallas import triton

        def update(b: Any, rows: Any, k: Any, mask: Any) -> None:
            s = k if synapse is None else triton.load(synapse.at[k], mask=mask)
            i = triton.load(other.at[k], mask=mask).astype(jnp.uint32)
            old = triton.load(out.at[b, s], mask=mask)
            of_row = () if own is None else (triton.load(own.at[b, jnp.broadcast_to(rows, k.shape)], mask=mask),)
            new = rule(old, *of_row, *(triton.load(v.at[b, i], mask=mask) for v in values), *(p[0] for p in parameters))
            new = jnp.broadcast_to(new, k.shape).astype(out.dtype)
            if interpret:  # there, a lane under the mask would write its old value over the new one of another
                out[b, :] = out[b, :].at[jnp.where(mask, s, out.shape[1])].set(new, mode="drop")
            else:
                triton.store(out.at[b, s], new, mask=mask)

        _for_rows_with_a_spike(words, ptr, update)

    parameters = tuple(jnp.reshape(p, 1) for p in parameters)
    return _call(update_kernel, (weight, words, ptr, synapse, other, own, values, parameters), interpret)


def _call(kernel: Callable[..., None], arguments: tuple[Any, ...], interpret: bool) -> jax.Array:
    """Run the kernel, a program per block of neurons and batch item; its result takes the place of argument 0."""
    from jax.experimental import pallas
    from jax.experimental.pallas import triton

    out, words, ptr = arguments[:3]
    return pallas.pallas_call(
        kernel,
        grid=(pallas.cdiv(ptr.size - 1, BLOCK), words.shape[0]),
        out_shape=jax.ShapeDtypeStruct(out.shape, out.dtype),
        input_output_aliases={0: 0},
        compiler_params=triton.CompilerParams(num_warps=2),
        interpret=interpret,
    )(*arguments)


def _for_rows_with_a_spike(words: Any, ptr: Any, body: Callable[[Any, Any, Any, Any], None]) -> None:
    """Call body(b, rows, k, mask) on all synapses of those of this program's neurons that spiked, piece by piece.

    b is the batch item, rows (ROWS, 1) the neurons, k (ROWS, COLUMNS) uint32 their synapses where mask holds.
    """
    from jax.experimental import pallas

    block, b = pallas.program_id(0), pallas.program_id(1)
    n_pre, n_words = ptr.shape[0] - 1, words.shape[1]

    def look(first: Any, n: int) -> tuple[Any, Any]:
        """Return the neurons first .. first + n, the last one for those beyond it, and whether each spiked."""
        ids = first + jnp.arange(n, dtype=jnp.int32)
        j = jnp.minimum(ids, n_pre - 1).astype(jnp.uint32)
        return j, (ids < n_pre) & ((words[b, j % n_words] >> (j // n_words)) & 1 != 0)

    def group(g: Any, _: None) -> None:
        j, spiked = look(block * BLOCK + g * ROWS, ROWS)

        @pallas.when(_any(spiked))
        def _rows() -> None:
            start = ptr[j]
            length = jnp.where(spiked, ptr[j + 1] - start, 0)

            def chunk(c: Any, _: None) -> None:
                column = c.astype(jnp.uint32) * COLUMNS + jnp.arange(COLUMNS, dtype=jnp.uint32)
                # Compare columns, not k: k could wrap around in the rows that have ended.
                body(b, j[:, None], start[:, None] + column, column < length[:, None])

            n_chunks = ((jnp.max(length) + (COLUMNS - 1)) // COLUMNS).astype(jnp.int32)
            lax.fori_loop(jnp.int32(0), n_chunks, chunk, None)

    @pallas.when(_any(look(block * BLOCK, BLOCK)[1]))
    def _groups() -> None:
        lax.fori_loop(jnp.int32(0), jnp.int32(BLOCK // ROWS), group, None)


def _any(x: jax.Array) -> jax.Array:
    return jnp.max(x.astype(jnp.int32)) > 0  # Triton has no reduction of bools


def _check_sizes(n_synapses: int, n_targets: int = 0) -> None:
    if n_synapses > MAX_SYNAPSES:
        raise ValueError(f"a projection on a GPU has at most {MAX_SYNAPSES} synapses, got {n_synapses}; split it.")
    if n_targets > MAX_TARGETS:
        raise ValueError(f"a projection on a GPU adds into at most {MAX_TARGETS} values, got {n_targets}; split it.")
