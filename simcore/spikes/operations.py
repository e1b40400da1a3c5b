"""Spikes as events: visited one by one, added to targets through rows of synapses.

The work of a step is proportional to its spikes. Three operations, each one primitive with a rule for the equation
check, for vmap (a batch is one larger population) and, for `deliver`, for derivatives. Each device has a file with its
kernels: `cpu`, `gpu`, and `arrays` for all others.
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
from . import arrays, cpu

Array = Any


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

    def make(name: str, scalar: Any, everywhere: Any, cuda: Any, outputs: int | None) -> Any:
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
        mlir.register_lowering(operation, mlir.lower_fun(scalar, multiple_results=many), platform="cpu")
        mlir.register_lowering(operation, mlir.lower_fun(cuda, multiple_results=many), platform="cuda")
        mlir.register_lowering(operation, mlir.lower_fun(everywhere, multiple_results=many))
        return operation

    def deliver_cuda(target: Any, words: Any, ptr: Any, *rest: Any, window: Any, names: tuple[str, ...]) -> Any:
        from . import gpu

        at = dict(zip(names, rest, strict=True))
        weight, amplitude, base = at["weight"], at.get("amplitude"), at.get("base")
        if window is not None or (base is not None and base.ndim):
            return arrays.deliver(target, words, ptr, *rest, window=window, names=names)
        if weight.ndim and weight.shape[1] == 1:  # one of each item: a factor of its rows
            factor = jnp.broadcast_to(weight, (words.shape[0], ptr.size - 1))
            weight, amplitude = jnp.ones((), weight.dtype), factor if amplitude is None else factor * amplitude
        return gpu.deliver(target, words, ptr, at["post"], weight, amplitude, base)

    def update_cuda(weight: Any, words: Any, ptr: Any, other: Any, *rest: Any, **params: Any) -> Any:
        from . import gpu

        synapse, own, values, parameters = arrays.split(rest, params["n_values"], params["names"])
        if any(p.ndim for p in parameters):
            return arrays.update_rows(weight, words, ptr, other, *rest, **params)
        return gpu.update_rows(weight, words, ptr, synapse, other, own, values, params["rule"], parameters)

    made = {
        "deliver": make("deliver", cpu.deliver, arrays.deliver, deliver_cuda, None),
        "update_rows": make("update_rows", cpu.update_rows, arrays.update_rows, update_cuda, None),
        "record": make("record", cpu.record, arrays.record, arrays.record, 2),
    }
    for name, roles, everywhere in (
        ("deliver", _deliver_roles, arrays.deliver),
        ("update_rows", _update_roles, arrays.update_rows),
    ):
        batching.primitive_batchers[made[name]] = functools.partial(_batch, made[name], roles)
        ad.primitive_jvps[made[name]] = functools.partial(_jvp, everywhere, made[name])
    return made


equations.RULES["deliver"] = _deliver_dimension
equations.RULES["update_rows"] = _update_dimension
