"""What vmap and derivatives make of the operations on spikes.

A batch of items is one larger population. Derivatives are taken of the definition in array operations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

Array = Any


def _merge(x: Array, dim: Any, size: int, batch: int) -> Array:
    """Return (size * B, ...) of an operand of the items, (B, ...) or (1, ...), that vmap gives a batch axis or not."""
    x = jnp.broadcast_to(x, (size, *x.shape)) if dim is None else jnp.moveaxis(x, dim, 0)
    return jnp.broadcast_to(x, (size, batch, *x.shape[2:])).reshape(size * batch, *x.shape[2:])


def _merge_shared(x: Array, dim: Any, size: int, batch: int) -> Array:
    """The same for an operand that all items may share, (1, ...) or ()."""
    ndim_of_one = x.ndim - (dim is not None)
    if dim is None and (ndim_of_one == 0 or x.shape[0] == 1):
        return x
    if ndim_of_one == 0:
        return jnp.repeat(x, batch)[:, None]
    return _merge(x, dim, size, batch)


def batch(operation: Any, roles: Callable[..., str], args: Any, dims: Any, **params: Any) -> Any:
    """vmap: a batch of items is one larger population, unless the connections differ between items.

    roles gives a letter for each operand: c, connections; i, one of each item; s, the same or one for all.
    """
    size = next(x.shape[d] for x, d in zip(args, dims, strict=True) if d is not None)
    role = roles(**params).ljust(len(args), "s")
    if any(r == "c" and d is not None for r, d in zip(role, dims, strict=True)):
        moved = tuple(jnp.broadcast_to(x, (size, *x.shape)) if d is None else jnp.moveaxis(x, d, 0)
                      for x, d in zip(args, dims, strict=True))  # fmt: skip
        results = lax.map(lambda operands: operation.bind(*operands, **params), moved)
        return results, jax.tree.map(lambda _: 0, results)
    batch = np.delete(args[0].shape, [] if dims[0] is None else dims[0])[0]
    merge = {"c": lambda x, *_: x, "i": _merge, "s": _merge_shared}
    merged = [merge[r](x, d, size, batch) for r, x, d in zip(role, args, dims, strict=True)]
    results = operation.bind(*merged, **params)
    return jax.tree.map(lambda x: x.reshape(size, batch, -1), results), jax.tree.map(lambda _: 0, results)


def jvp(definition: Callable[..., Array], operation: Any, primals: Any, tangents: Any, **params: Any) -> Any:
    """The value by the kernel, the tangent by array operations on all synapses."""
    from jax.interpreters import ad

    floats = [k for k, (x, t) in enumerate(zip(primals, tangents, strict=True))
              if not isinstance(t, ad.Zero) and jnp.issubdtype(x.dtype, jnp.floating)]  # fmt: skip

    def result(*chosen: Array) -> Any:
        full = list(primals)
        for k, x in zip(floats, chosen, strict=True):
            full[k] = x
        return definition(*full, **params)

    value = operation.bind(*primals, **params)
    _, tangent = jax.jvp(result, tuple(primals[k] for k in floats), tuple(tangents[k] for k in floats))
    if not operation.multiple_results:
        return value, tangent
    is_float = [jnp.issubdtype(x.dtype, jnp.floating) for x in value]
    none = [ad.Zero(jax.typeof(v).to_tangent_aval()) for v in value]
    return value, [t if f else zero for t, f, zero in zip(tangent, is_float, none, strict=True)]
