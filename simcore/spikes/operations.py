"""Spikes as events: packed into words, visited one by one, added to targets through rows of synapses.

The work of a step is proportional to its spikes. Three operations, each one primitive with a rule for the equation
check, for vmap (a batch is one larger population) and, for `deliver`, for derivatives. Compiled for a CPU they are
scalar loops in plain JAX, which XLA keeps in the one function of the time loop; `simcore.gpu` has the other kernels.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..step import equations
from ..units import NUMBER

# Synapses of one projection; a GPU kernel adds a column to the number of one.
MAX_SYNAPSES = 2**32 - 128

# Synapses that a turn of the loop over a row adds.
AT_ONCE = 8

Array = Any
U32 = jnp.uint32


def n_words(n: int) -> int:
    """Return how many words hold the spikes of n neurons."""
    return -(-n // 32)


def pack(spikes: Array) -> Array:
    """Return spikes (B, n) as bits of words (B, n_words): neuron j is bit j // n_words of word j % n_words."""
    n = spikes.shape[1]
    count = n_words(n)
    # Slices: XLA on a CPU joins those of a reshaped array in half the speed.
    rows = [(spikes[:, i : i + count] != 0).astype(U32) << U32(b) for b, i in enumerate(range(0, n, count))]
    rows[-1] = jnp.pad(rows[-1], ((0, 0), (0, count - rows[-1].shape[1])))
    return functools.reduce(jnp.bitwise_or, rows)


def unpack(words: Array, n: int) -> Array:
    """Return the spikes (B, n), bool, of words (B, n_words)."""
    bits = (words[:, None, :] >> jnp.arange(32, dtype=U32)[None, :, None]) & U32(1)
    return bits.reshape(words.shape[0], -1)[:, :n] != 0


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


# ---------------------------------------------------------------- the kernels of a CPU


def _deliver_cpu(target: Array, words: Array, ptr: Array, *rest: Array, window: Any, names: tuple[str, ...]) -> Array:
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


def _split(rest: Any, n_values: int, names: tuple[str, ...]) -> tuple[Any, Any, Any, Any]:
    """Return synapse, own (None where they are not given), values and parameters of `update_rows`."""
    at = dict(zip(names, rest, strict=False))
    values = rest[len(names) :]
    return at.get("synapse"), at.get("own"), values[:n_values], values[n_values:]


def _update_cpu(
    weight: Array,
    words: Array,
    ptr: Array,
    other: Array,
    *rest: Array,
    rule: Any,
    n_values: int,
    names: tuple[str, ...],
) -> Array:
    synapse, own, values, parameters = _split(rest, n_values, names)
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


def _record_cpu(buffer: Array, cursor: Array, words: Array, *, n: int) -> tuple[Array, Array]:
    def write(item: Array, j: Array, carry: Any) -> Any:
        buffer, cursor = carry
        number = item * U32(n) + j
        return lax.dynamic_update_index_in_dim(buffer, number, cursor, 0), cursor + U32(1)

    return _for_each(words, write, (buffer, cursor))


# ---------------------------------------------------------------- the same in array operations, for other devices


def _rows(ptr: Array, size: int) -> Array:
    """Return the row of each synapse, (size,)."""
    lengths = (ptr[1:] - ptr[:-1]).astype(jnp.int32)
    return jnp.repeat(jnp.arange(lengths.size, dtype=jnp.int32), lengths, total_repeat_length=size)


def _deliver_all(target: Array, words: Array, ptr: Array, *rest: Array, window: Any, names: tuple[str, ...]) -> Array:
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


def _update_all(
    weight: Array,
    words: Array,
    ptr: Array,
    other: Array,
    *rest: Array,
    rule: Any,
    n_values: int,
    names: tuple[str, ...],
) -> Array:
    synapse, own, values, parameters = _split(rest, n_values, names)
    row = _rows(ptr, other.size)
    of_row = () if own is None else (own[:, row],)
    before = weight if synapse is None else weight[:, synapse]
    after = rule(before, *of_row, *(v[:, other] for v in values), *parameters)
    new = jnp.where(unpack(words, ptr.size - 1)[:, row], after, before)
    return new if synapse is None else weight.at[:, synapse].set(new)


def _record_all(buffer: Array, cursor: Array, words: Array, *, n: int) -> tuple[Array, Array]:
    spikes = unpack(words, n).reshape(-1)
    place = jnp.cumsum(spikes.astype(U32)) - U32(1) + cursor
    numbers = jnp.arange(spikes.size, dtype=U32)
    buffer = buffer.at[jnp.where(spikes, place, U32(buffer.size))].set(numbers, mode="drop")
    return buffer, cursor + jnp.sum(spikes, dtype=U32)


# ---------------------------------------------------------------- the operations


def deliver(
    target: Array,
    words: Array,
    ptr: Array,
    post: Array | None,
    weight: Array,
    *,
    amplitude: Array | None = None,
    base: Array | None = None,
    window: tuple[int, int] | None = None,
) -> Array:
    """Return `target` with the rows of all neurons that spiked added.

    For each bit (item b, neuron j) of `words` and each k from ptr[j] to ptr[j + 1]:
    target[b, (post[k] + base) % L] += weight[k] * amplitude[b, j].

    Args:
        target: (B, L).
        words: (B, n_words), of `pack`.
        ptr: (n_pre + 1,) uint32.
        post: (n,) uint16 or uint32, addresses below L; None for rows that cover the whole `window`.
        weight: (), (n,), or (B, n) for weights of each item.
        amplitude: (B, n_pre), 0 where there is no spike; None for 1. Derivatives go to it.
        base: () uint32, below L.
        window: (first address, width) of dense rows.
    """
    if post is not None and not post.size:
        return target
    rest = {"weight": weight[None] if weight.ndim == 1 else weight, "amplitude": amplitude, "base": base, "post": post}
    given = {k: v for k, v in rest.items() if v is not None}
    return _operations()["deliver"].bind(target, words, ptr, *given.values(), window=window, names=tuple(given))


def update_rows(
    weight: Array,
    words: Array,
    ptr: Array,
    other: Array,
    rule: Callable[..., Array],
    values: tuple[Array, ...],
    parameters: tuple[Array, ...],
    own: Array | None = None,
    synapse: Array | None = None,
) -> Array:
    """Return the weights after a rule was applied to all synapses in the rows of the neurons that spiked.

    For each bit (item b, neuron j) of `words` and each k from ptr[j] to ptr[j + 1], s = synapse[k] or k:
    weight[b, s] = rule(weight[b, s], own[b, j], *(v[b, other[k]] for v in values), *parameters).

    Args:
        weight: (B, n).
        words: (B, n_words), of `pack`.
        ptr: (n_rows + 1,) uint32.
        other: (n,) uint16 or uint32, the neuron at the other end of each synapse.
        rule: a pure function of numbers, not a closure (it is part of the program's key).
        values: arrays (B, n_other).
        parameters: scalars.
        own: (B, n_rows), handed to the rule where given.
        synapse: (n,) uint32, where rows do not hold the synapses in their order.
    """
    if not other.size:
        return weight
    optional = {"synapse": synapse, "own": own}
    given = {k: v for k, v in optional.items() if v is not None}
    rest = (*given.values(), *values, *(jnp.asarray(p) for p in parameters))
    return _operations()["update_rows"].bind(
        weight, words, ptr, other, *rest, rule=rule, n_values=len(values), names=tuple(given)
    )


def record(buffer: Array, cursor: Array, words: Array, n: int) -> tuple[Array, Array]:
    """Return the buffer (capacity,) with the numbers (b n + j, uint32) of all spikes from `cursor` on; the new cursor.

    The caller sees to it that they fit.
    """
    return tuple(_operations()["record"].bind(buffer, cursor, words, n=n))


def _merge(x: Array, dim: Any, size: int, batch: int) -> Array:
    """Return (size * B, ...) of an operand of the items, (B, ...) or (1, ...), that vmap gives a batch axis or not."""
    x = jnp.broadcast_to(x, (size, *x.shape)) if dim is None else jnp.moveaxis(x, dim, 0)
    return jnp.broadcast_to(x, (size, batch, *x.shape[2:])).reshape(size * batch, *x.shape[2:])


def _merge_shared(x: Array, dim: Any, size: int, batch: int) -> Array:
    """The same for an operand that all items may share, (1, ...) or ()."""
    own = x.ndim - (dim is not None)
    if dim is None and (own == 0 or x.shape[0] == 1):
        return x
    if own == 0:
        return jnp.repeat(x, batch)[:, None]
    return _merge(x, dim, size, batch)


def _batch(operation: Any, roles: Callable[..., str], args: Any, dims: Any, **params: Any) -> Any:
    """vmap: a batch of items is one larger population, unless the connections differ between items."""
    size = next(x.shape[d] for x, d in zip(args, dims, strict=True) if d is not None)
    role = roles(**params)[: len(args)]
    if any(r == "c" and d is not None for r, d in zip(role, dims, strict=True)):
        moved = tuple(jnp.broadcast_to(x, (size, *x.shape)) if d is None else jnp.moveaxis(x, d, 0)
                      for x, d in zip(args, dims, strict=True))  # fmt: skip
        return lax.map(lambda at: operation.bind(*at, **params), moved), 0
    batch = np.delete(args[1].shape, [] if dims[1] is None else dims[1])[0]
    merge = {"c": lambda x, *_: x, "i": _merge, "s": _merge_shared}
    merged = [merge[r](x, d, size, batch) for r, x, d in zip(role, args, dims, strict=True)]
    return operation.bind(*merged, **params).reshape(size, batch, -1), 0


def _jvp(everywhere: Callable[..., Array], operation: Any, primals: Any, tangents: Any, **params: Any) -> Any:
    """The value by the kernel, the tangent by array operations on all synapses."""
    from jax.interpreters import ad

    given = [k for k, (x, t) in enumerate(zip(primals, tangents, strict=True))
             if not isinstance(t, ad.Zero) and jnp.issubdtype(x.dtype, jnp.floating)]  # fmt: skip

    def of(*chosen: Array) -> Array:
        full = list(primals)
        for k, x in zip(given, chosen, strict=True):
            full[k] = x
        return everywhere(*full, **params)

    _, tangent = jax.jvp(of, tuple(primals[k] for k in given), tuple(tangents[k] for k in given))
    return operation.bind(*primals, **params), tangent


def _deliver_roles(*, window: Any, names: tuple[str, ...]) -> str:
    return "iic" + "".join({"weight": "s", "amplitude": "i", "base": "s", "post": "c"}[n] for n in names)


def _update_roles(*, rule: Any, n_values: int, names: tuple[str, ...]) -> str:
    optional = "".join({"synapse": "c", "own": "i"}[n] for n in names)
    return f"iicc{optional}{'i' * n_values}" + "s" * 9


def _deliver_dimension(eqn: Any, dims: list[Any]) -> list[Any]:
    at = dict(zip(eqn.params["names"], dims[3:], strict=True))
    added = equations.times(at["weight"], at.get("amplitude", NUMBER))
    return [equations.unify(eqn, [dims[0], added])]


def _update_dimension(eqn: Any, dims: list[Any]) -> list[Any]:
    first = 4 + ("synapse" in eqn.params["names"])
    numbers = [jnp.zeros((), v.aval.dtype) for v in (eqn.invars[0], *eqn.invars[first:])]
    rule = jax.make_jaxpr(eqn.params["rule"])(*numbers)
    return [equations.unify(eqn, [dims[0], *equations.walk(rule, [dims[0], *dims[first:]])])]


@functools.cache
def _operations() -> dict[str, Any]:
    # jax.extend takes 50 ms to import: it waits for the first network.
    from jax.extend.core import Primitive
    from jax.interpreters import ad, batching, mlir

    def make(name: str, cpu: Any, everywhere: Any, cuda: Any, outputs: int | None) -> Any:
        operation = Primitive(name)
        operation.multiple_results = outputs is not None

        @functools.partial(jax.jit, static_argnames="params")
        def compiled(*args: Array, params: tuple[tuple[str, Any], ...]) -> Any:
            return operation.bind(*args, **dict(params))

        @operation.def_impl
        def run(*args: Array, **params: Any) -> Any:
            with jax.disable_jit(False):
                return compiled(*args, params=tuple(params.items()))

        operation.def_abstract_eval(lambda *args, **_: args[:outputs] if outputs else args[0])
        many = outputs is not None
        mlir.register_lowering(operation, mlir.lower_fun(cpu, multiple_results=many), platform="cpu")
        mlir.register_lowering(operation, mlir.lower_fun(cuda, multiple_results=many), platform="cuda")
        mlir.register_lowering(operation, mlir.lower_fun(everywhere, multiple_results=many))
        return operation

    def deliver_cuda(target: Any, words: Any, ptr: Any, *rest: Any, window: Any, names: tuple[str, ...]) -> Any:
        from . import gpu

        at = dict(zip(names, rest, strict=True))
        weight, amplitude, base = at["weight"], at.get("amplitude"), at.get("base")
        if window is not None or (base is not None and base.ndim):
            return _deliver_all(target, words, ptr, *rest, window=window, names=names)
        if weight.ndim and weight.shape[1] == 1:  # one of each item: a factor of its rows
            factor = jnp.broadcast_to(weight, (words.shape[0], ptr.size - 1))
            weight, amplitude = jnp.ones((), weight.dtype), factor if amplitude is None else factor * amplitude
        return gpu.deliver(target, words, ptr, at["post"], weight, amplitude, base)

    def update_cuda(weight: Any, words: Any, ptr: Any, other: Any, *rest: Any, **params: Any) -> Any:
        from . import gpu

        synapse, own, values, parameters = _split(rest, params["n_values"], params["names"])
        if any(p.ndim for p in parameters):
            return _update_all(weight, words, ptr, other, *rest, **params)
        return gpu.update_rows(weight, words, ptr, synapse, other, own, values, params["rule"], parameters)

    made = {
        "deliver": make("deliver", _deliver_cpu, _deliver_all, deliver_cuda, None),
        "update_rows": make("update_rows", _update_cpu, _update_all, update_cuda, None),
        "record": make("record", _record_cpu, _record_all, _record_all, 2),
    }
    for name, roles, everywhere in (
        ("deliver", _deliver_roles, _deliver_all),
        ("update_rows", _update_roles, _update_all),
    ):
        batching.primitive_batchers[made[name]] = functools.partial(_batch, made[name], roles)
        ad.primitive_jvps[made[name]] = functools.partial(_jvp, everywhere, made[name])
    return made


equations.RULES["deliver"] = _deliver_dimension
equations.RULES["update_rows"] = _update_dimension
