"""Spikes through synapses on a GPU: Pallas (Triton) kernels that visit the rows of the neurons that spiked.

Connectivity is compressed by rows: row j is the stretch ptr[j] .. ptr[j + 1] of the arrays that hold one entry per
synapse. Spikes come packed, strided: neuron j is bit j // n_words of word j % n_words, n_words = ceil(n_pre / 32).
B is the batch, often 1. `arrays` says the same in array operations; what no kernel does goes there. The arguments are
those of the functions in `operations`, weights of one dimension as (1, n).

JAX announces that its Triton backend will go. The one in its place, Mosaic GPU, cannot carry these kernels: in jax 0.12
it loads no values at addresses of their own, and adds atomically to whole arrays in shared memory alone. The package
jax-triton keeps what they need.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from . import arrays

Array = Any

BLOCK = 128  # neurons a program looks at; it ends at once if none of them spiked
ROWS, COLUMNS = 8, 128  # synapses that a program takes at a time: powers of two, as Triton needs
# Of a projection, on all devices: ptr[j] + column fits uint32 in the last chunk of a row as well.
MAX_SYNAPSES = 2**32 - COLUMNS
MAX_TARGETS = 2**31  # so that post + base fits uint32


def deliver(
    target: Array,
    words: Array,
    ptr: Array,
    post: Any,
    weight: Array,
    amplitude: Array | None = None,
    base: Array | None = None,
    window: tuple[int, int] | None = None,
    *,
    interpret: bool = False,
) -> Array:
    """Return `target` with the rows of all neurons that spiked added, in place where XLA can.

    The order of the additions is left to the hardware: float sums differ in the last bits from run to run.
    `interpret` runs the kernel on the CPU, slowly, for tests.
    """
    if window is not None or (base is not None and base.ndim):  # dense rows, or a base of each item
        return arrays.deliver(target, words, ptr, post, weight, amplitude, base, window)
    _check_sizes(post.size, target.shape[1])
    if not (target.size and words.size and post.size):
        return target
    if weight.ndim and weight.shape[1] == 1:  # one of each item: a factor of its rows
        factor = jnp.broadcast_to(weight, (words.shape[0], ptr.size - 1))
        weight, amplitude = jnp.ones((), weight.dtype), factor if amplitude is None else factor * amplitude
    weight = weight if weight.ndim else weight.reshape(1, 1)
    base = None if base is None else base.reshape(1)
    others = words, ptr, post, weight, amplitude, base
    return _call(_deliver_kernel, (target,), others, ptr.size - 1, interpret)[0]


def _deliver_kernel(
    _: Any, words: Any, ptr: Any, post: Any, weight: Any, amplitude: Any, base: Any, out: Any, *, interpret: bool
) -> None:
    from jax.experimental.pallas import triton

    length = out.shape[1]

    def add(b: Any, rows: Any, k: Any, mask: Any) -> None:
        address = triton.load(post.at[k], mask=mask).astype(jnp.uint32)
        if base is not None:
            address = address + base[0]
            address = jnp.where(address < length, address, address - length)
        if weight.shape == (1, 1):
            value = weight[0, 0]
        else:
            value = triton.load(weight.at[b if weight.shape[0] > 1 else 0, k], mask=mask)
        if amplitude is not None:
            value = value * amplitude[b, rows]
        _add(out, b, address, value, mask, interpret)

    _for_rows_with_a_spike(words, ptr, add)


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
    *,
    interpret: bool = False,
) -> tuple[Array, ...]:
    """Return the values of the synapses after the rule was applied to the rows of all neurons that spiked, in place.

    A synapse belongs to one row. `interpret` runs the kernel on the CPU, slowly, for tests.
    """
    changed = synapses if target is None else (target, *synapses)
    others = words, ptr, synapse, other, amplitude, row_values, values
    if any(p.ndim for p in parameters):  # one of each item
        return arrays.update_rows(
            synapses, words, ptr, other, rule, values, parameters, row_values, synapse, target, amplitude
        )
    _check_sizes(other.size, 0 if target is None else target.shape[1])
    if not (other.size and words.size):
        return changed
    kernel = functools.partial(_update_kernel, rule=rule, n=len(changed), delivers=target is not None)
    return _call(kernel, changed, (*others, tuple(jnp.reshape(p, 1) for p in parameters)), ptr.size - 1, interpret)


def _update_kernel(*refs: Any, rule: Callable[..., Any], n: int, delivers: bool, interpret: bool) -> None:
    from jax.experimental.pallas import triton

    (words, ptr, synapse, other, amplitude, row_values, values, parameters), outs = refs[n:-n], refs[-n:]

    def update(b: Any, rows: Any, k: Any, mask: Any) -> None:
        def load(ref: Any) -> Any:
            return triton.load(ref, mask=mask)

        s = k if synapse is None else load(synapse.at[k])
        i, row = load(other.at[k]).astype(jnp.uint32), jnp.broadcast_to(rows, k.shape)
        before, of_row = (load(out.at[b, s]) for out in outs[delivers:]), (load(v.at[b, row]) for v in row_values)
        for_all = jax.vmap(jax.vmap(rule, (0, 0, 0, None)), (0, 0, 0, None))
        after = for_all(
            tuple(before), tuple(of_row), tuple(load(v.at[b, i]) for v in values), tuple(p[0] for p in parameters)
        )
        if delivers:
            added = after[0] if amplitude is None else after[0] * load(amplitude.at[b, row])
            _add(outs[0], b, i, added, mask, interpret)
        for out, new in zip(outs[delivers:], after[delivers:], strict=True):
            if interpret:  # there, a lane under the mask would write its old value over the new one of another
                index = jnp.where(mask, s, out.shape[1])
                out[b, :] = out[b, :].at[index].set(new.astype(out.dtype), mode="drop")
            else:
                triton.store(out.at[b, s], new.astype(out.dtype), mask=mask)

    _for_rows_with_a_spike(words, ptr, update)


def _add(out: Any, b: Any, address: Any, value: Any, mask: Any, interpret: bool) -> None:
    """Add values at addresses of an item, where the mask holds; several may go to one address."""
    from jax.experimental.pallas import triton

    value = jnp.broadcast_to(value, address.shape).astype(out.dtype)
    if interpret:  # Pallas interprets neither a mask nor two additions to one address
        out[b, :] = out[b, :].at[address].add(jnp.where(mask, value, 0))
    else:
        triton.atomic_add(out, (b, address), value, mask=mask)


def _call(
    kernel: Callable[..., None], results: tuple[Array, ...], others: tuple[Any, ...], n_rows: int, interpret: bool
) -> tuple[Array, ...]:
    """Run the kernel, a program per block of neurons and batch item; it changes the first arguments in place."""
    from jax.experimental import pallas
    from jax.experimental.pallas import triton

    shapes = tuple(jax.ShapeDtypeStruct(x.shape, x.dtype) for x in results)
    return pallas.pallas_call(
        functools.partial(kernel, interpret=interpret),
        grid=(pallas.cdiv(n_rows, BLOCK), others[0].shape[0]),
        out_shape=shapes,
        input_output_aliases={k: k for k in range(len(results))},
        compiler_params=triton.CompilerParams(num_warps=2),
        interpret=interpret,
    )(*results, *others)


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


def _any(x: Array) -> Array:
    return jnp.max(x.astype(jnp.int32)) > 0  # Triton has no reduction of bools


def _check_sizes(n_synapses: int, n_targets: int = 0) -> None:
    if n_synapses > MAX_SYNAPSES:
        raise ValueError(f"a projection on a GPU has at most {MAX_SYNAPSES} synapses, got {n_synapses}; split it.")
    if n_targets > MAX_TARGETS:
        raise ValueError(f"a projection on a GPU adds into at most {MAX_TARGETS} values, got {n_targets}; split it.")
