"""Whether a function couples the elements of its arguments: an elementwise one gives each neuron what is its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import lines
from .equations import is_literal
from .jaxpr import inner_jaxpr

# Which axis of the arguments each axis of a value runs along, None for an axis of its own; None for the whole where
# the value does not depend on the arguments.
Axes = tuple[int | None, ...] | None

# The shape stays, but elements along an axis are mixed.
_ALONG = {"cumsum", "cumprod", "cummax", "cummin", "cumlogsumexp", "sort", "rev", "split", "top_k"}
_MIXING = {"fft", "cholesky", "lu", "qr", "eigh", "eig", "svd", "triangular_solve", "custom_linear_solve", "schur"}


class _Coupled(Exception):
    def __init__(self, eqn: Any) -> None:
        super().__init__(f"{eqn.primitive.name}, {lines.of_equation(eqn) or lines.NOWHERE}")


def coupling(jaxpr: Any, n_states: int) -> str | None:
    """Return the operation (and its line) that lets an element of the first n arguments act on others; None without.

    All axes of the arguments are those of the population. What is no matter of axes is taken for elementwise.
    """
    given: list[Axes] = [tuple(range(v.aval.ndim)) if k < n_states else None for k, v in enumerate(jaxpr.invars)]
    try:
        _walk(jaxpr, given)
    except _Coupled as error:
        return str(error)
    return None


def _walk(jaxpr: Any, given: Sequence[Axes]) -> list[Axes]:
    known: dict[Any, Axes] = dict(zip(jaxpr.invars, given, strict=True))

    def read(v: Any) -> Axes:
        return None if is_literal(v) else known.get(v)

    for eqn in jaxpr.eqns:
        axes = [read(v) for v in eqn.invars]
        if any(a is not None for a in axes):
            known.update(zip(eqn.outvars, _results(eqn, axes), strict=True))
    return [read(v) for v in jaxpr.outvars]


def _results(eqn: Any, axes: list[Axes]) -> list[Axes]:
    name, inner = eqn.primitive.name, inner_jaxpr(eqn)
    if inner is not None and len(inner.invars) == len(axes):
        return _walk(inner, axes)
    if name == "cond":
        branches = [_walk(branch.jaxpr, axes[1:]) for branch in eqn.params["branches"]]
        return [_joined(results) for results in zip(*branches, strict=True)]
    if name == "while":
        return _while(eqn, axes)
    if name == "scan":
        return _scan(eqn, axes)
    return [_result(eqn, axes, v) for v in eqn.outvars]


def _joined(axes: Sequence[Axes]) -> Axes:
    """Return the axes of what is made, element by element, of values of one shape."""
    known = [a for a in axes if a is not None]
    return (
        tuple(next((x for x in along if x is not None), None) for along in zip(*known, strict=True)) if known else None
    )


def _while(eqn: Any, axes: list[Axes]) -> list[Axes]:
    n = eqn.params["cond_nconsts"]
    consts, carry = axes[n : n + eqn.params["body_nconsts"]], axes[n + eqn.params["body_nconsts"] :]
    for _ in range(len(carry) + 1):
        carry = [
            _joined(pair) for pair in zip(carry, _walk(eqn.params["body_jaxpr"].jaxpr, consts + carry), strict=True)
        ]
    return carry


def _scan(eqn: Any, axes: list[Axes]) -> list[Axes]:
    inner = getattr(eqn.params["jaxpr"], "jaxpr", eqn.params["jaxpr"])

    def n_whole(of_scan: Sequence[Any], of_body: Sequence[Any]) -> int:  # what is scanned has an axis more outside
        return sum(v.aval.ndim == w.aval.ndim for v, w in zip(of_scan, of_body, strict=True))

    n_args, n_carry = n_whole(eqn.invars, inner.invars), n_whole(eqn.outvars, inner.outvars)
    consts, carry, scanned = axes[: n_args - n_carry], axes[n_args - n_carry : n_args], axes[n_args:]
    if any(a is not None and a[0] is not None for a in scanned):
        raise _Coupled(eqn)
    scanned = [None if a is None else a[1:] for a in scanned]
    results: list[Axes] = []
    for _ in range(n_carry + 1):
        results = _walk(inner, consts + carry + scanned)
        carry = [_joined(pair) for pair in zip(carry, results[:n_carry], strict=True)]
    return carry + [None if a is None else (None, *a) for a in results[n_carry:]]


def _result(eqn: Any, axes: list[Axes], result: Any) -> Axes:
    """Return the axes of a result of an operation that calls no other function."""
    name, params, ndim = eqn.primitive.name, eqn.params, result.aval.ndim
    first = axes[0]
    if name == "dot_general":
        return _product(eqn, axes)
    if name == "gather":
        return _gather(eqn, axes, ndim)
    if name == "concatenate":
        return _dropping(eqn, _joined(axes), [params["dimension"]], keep=True)
    if name in _MIXING or name.startswith(("reduce_window", "scatter", "conv_")):
        raise _Coupled(eqn)
    if first is None or name in ("select_n", "clamp"):
        return _joined([a if a is None or len(a) == ndim else (None,) * ndim for a in axes])
    if name.startswith(("reduce_", "arg")) and "axes" in params:
        return _dropping(eqn, first, params["axes"])
    if name == "squeeze":
        return tuple(a for k, a in enumerate(first) if k not in params["dimensions"])
    if name == "broadcast_in_dim":
        return _placed(first, params["broadcast_dimensions"], ndim)
    if name == "transpose":
        return tuple(first[k] for k in params["permutation"])
    if name == "reshape":
        return _reshaped(eqn, first, result)
    if name in ("slice", "dynamic_slice", "pad", "dynamic_update_slice"):
        before, after = eqn.invars[0].aval.shape, result.aval.shape
        return _dropping(eqn, first, [k for k in range(ndim) if before[k] != after[k]], keep=True)
    if name in _ALONG:
        along = params.get("axis", params.get("dimension", params.get("dimensions", ndim - 1)))
        return _dropping(eqn, first, along if isinstance(along, tuple | list) else [along], keep=True)
    return _joined([a for a in axes if a is not None and len(a) == ndim])


def _dropping(eqn: Any, axes: Axes, dropped: Sequence[int], keep: bool = False) -> Axes:
    """Return the axes without those along which elements are mixed; with `keep` these stay, as axes of their own."""
    assert axes is not None
    if any(axes[k] is not None for k in dropped):
        raise _Coupled(eqn)
    return axes if keep else tuple(a for k, a in enumerate(axes) if k not in dropped)


def _placed(axes: Sequence[int | None], dims: Sequence[int], ndim: int) -> Axes:
    placed: list[int | None] = [None] * ndim
    for axis, dim in zip(axes, dims, strict=True):
        placed[dim] = axis
    return tuple(placed)


def _reshaped(eqn: Any, axes: tuple[int | None, ...], result: Any) -> Axes:
    """Return the axes after a reshape: one that adds or drops axes of length 1 only, or mixes none of the neurons'."""
    before = [(n, a) for n, a in zip(eqn.invars[0].aval.shape, axes, strict=True) if n != 1]
    after = [n for n in result.aval.shape if n != 1]
    if [n for n, _ in before] != after:
        return (0,) * result.aval.ndim  # the order of the elements stays: each axis has some of the neurons
    left = iter([a for _, a in before])
    return tuple(None if n == 1 else next(left) for n in result.aval.shape)


def _product(eqn: Any, axes: list[Axes]) -> Axes:
    (contracted, batched) = eqn.params["dimension_numbers"]
    results: list[int | None] = []
    for k, side in enumerate(axes):
        side = side if side is not None else (None,) * eqn.invars[k].aval.ndim
        if any(side[dim] is not None for dim in contracted[k]):
            raise _Coupled(eqn)
        results += [side[dim] for dim in batched[k]] if k == 0 else []
    for k, side in enumerate(axes):
        side = side if side is not None else (None,) * eqn.invars[k].aval.ndim
        results += [a for dim, a in enumerate(side) if dim not in (*contracted[k], *batched[k])]
    return tuple(results)


def _gather(eqn: Any, axes: list[Axes], ndim: int) -> Axes:
    """Return the axes of a look-up: in a table each neuron finds its own, among the states those of others."""
    table, index = axes[:2]
    if table is not None and any(a is not None for a in table):
        raise _Coupled(eqn)
    offsets = eqn.params["dimension_numbers"].offset_dims
    return _placed((index or ())[:-1], [k for k in range(ndim) if k not in offsets], ndim) if index else (None,) * ndim
