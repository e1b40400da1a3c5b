"""Layouts: along which axes of a value the elements of the states lie, and what each operation makes of that."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import Any

# What an axis runs along: (length, stride in the flat states), the outermost first; stride 0 for an axis of its own.
Axis = tuple[tuple[int, int], ...]
# The axes of a value; None for one that does not depend on the states. Each of its elements depends on the element of
# the states that has its place along these axes (of a batch: on those of one member).
Places = tuple[Axis, ...] | None

# These mix elements along one axis.
_ALONG = {"cumsum", "cumprod", "cummax", "cummin", "cumlogsumexp", "sort", "rev", "top_k", "approx_top_k"}
# Those of matrices, the last two axes.
_MATRICES = {"cholesky", "lu", "qr", "eigh", "eig", "svd", "triangular_solve", "schur", "householder_product"}
_UNKNOWN = ("conv_", "custom_linear_solve", "select_and_", "ragged_")


class Coupled(Exception):
    """An operation lets an element of the states act on others; the walk adds which one, at which line."""

    operation: str | None = None
    line: str | None = None


def axis(parts: Iterable[tuple[int, int]]) -> Axis:
    """Return an axis in its shortest form."""
    merged: list[tuple[int, int]] = []
    for n, stride in parts:
        if merged and merged[-1][1] == n * stride:
            merged[-1] = (merged[-1][0] * n, stride)
        elif n != 1:
            merged.append((n, stride))
    return tuple(merged)


def own(shape: Sequence[int]) -> tuple[Axis, ...]:
    """Return axes of their own."""
    return tuple(axis([(n, 0)]) for n in shape)


def is_own(one: Axis) -> bool:
    """Return whether the states do not lie along an axis."""
    return not any(stride for _, stride in one)


def of_states(shape: Sequence[int], n_axes: int) -> tuple[Axis, ...]:
    """Return the layout of states of this shape, of which the first n axes count."""
    strides = [math.prod(shape[k + 1 :]) if k < n_axes else 0 for k in range(len(shape))]
    return tuple(axis([part]) for part in zip(shape, strides, strict=True))


def is_that_of(layout: tuple[Axis, ...], states: tuple[Axis, ...]) -> bool:
    """Return whether each element of a value depends on that of the states with which it comes to lie."""
    pairs = itertools.zip_longest(layout[::-1], states[::-1], fillvalue=())
    return all(a == b or (is_own(a) and is_own(b)) for a, b in pairs)


def joined(layouts: Iterable[Places]) -> Places:
    """Return the layout of what is made, element by element, of values of one shape."""
    known = {layout for layout in layouts if layout is not None}
    if len(known) > 1:
        raise Coupled
    return known.pop() if known else None


def after(eqn: Any, layouts: Sequence[Places], shape: tuple[int, ...]) -> Places:
    """Return the layout of a result of this shape of an operation that calls no other function.

    What is no matter of axes is taken for elementwise.

    Raises:
        Coupled: elements of the states are mixed.
    """
    name = eqn.primitive.name
    if name == "dot_general":
        return _product(eqn, layouts)
    if name == "gather":
        return joined([_of_table(eqn, layouts[0], shape), _of_index(eqn, layouts[1], shape)])
    if name.startswith("scatter"):
        return _scattered(eqn, layouts)
    if name.startswith(_UNKNOWN):
        raise Coupled
    before = [v.aval.shape for v in eqn.invars]
    return joined(_moved(eqn, one, before[k], shape) for k, one in enumerate(layouts) if one is not None)


def _moved(eqn: Any, layout: tuple[Axis, ...], before: tuple[int, ...], shape: tuple[int, ...]) -> Places:
    """Return the layout of a result as far as one operand decides it."""
    name, params = eqn.primitive.name, eqn.params
    if name.startswith(("reduce_", "arg")) and "axes" in params:
        _unmixed(layout, params["axes"])
        return tuple(a for k, a in enumerate(layout) if k not in params["axes"])
    if name == "squeeze":
        return tuple(a for k, a in enumerate(layout) if k not in params["dimensions"])
    if name == "broadcast_in_dim" and before:
        return _placed(zip(params["broadcast_dimensions"], layout, strict=True), shape)
    if name == "transpose":
        return tuple(layout[k] for k in params["permutation"])
    if name == "reshape":
        return _reshaped([layout[k] for k in params["dimensions"] or range(len(layout))], shape)
    if name == "stack":
        return _placed(zip([k for k in range(len(shape)) if k != params["axis"]], layout, strict=True), shape)
    if not before:
        return own(shape)
    mixed = _mixed(eqn, len(before))
    n_kept = min(mixed) if name in _MATRICES else len(before)  # a result of these may have fewer axes
    if n_kept == len(before) != len(shape):
        raise Coupled
    resized = {k for k, (n, m) in enumerate(zip(before[:n_kept], shape, strict=False)) if n != m}
    _unmixed(layout, resized | set(mixed))
    return tuple(own([n])[0] if k in resized or k >= n_kept else layout[k] for k, n in enumerate(shape))


def _mixed(eqn: Any, ndim: int) -> Sequence[int]:
    """Return the axes along which an operation, whose results have the axes of its operand, mixes elements."""
    name, params = eqn.primitive.name, eqn.params
    if name in _ALONG:
        along = params.get("axis", params.get("dimension", params.get("dimensions", ndim - 1)))
        return along if isinstance(along, tuple | list) else [along]
    if name == "fft":
        return range(ndim - len(params["fft_lengths"]), ndim)
    if name in _MATRICES:
        return range(ndim - 2, ndim)
    if name == "pad":
        return [k for k, padding in enumerate(params["padding_config"]) if any(padding)]
    if name.startswith("reduce_window"):
        return [k for k, n in enumerate(params["window_dimensions"]) if n != 1]
    return params["dimensions"] if name == "reduce" else ()


def _unmixed(layout: tuple[Axis, ...], axes: Iterable[int]) -> None:
    if not all(is_own(layout[k]) for k in axes):
        raise Coupled


def _placed(places: Iterable[tuple[int, Axis]], shape: Sequence[int]) -> tuple[Axis, ...]:
    """Return the layout of a shape with axes at their places; those that were of length 1 are its own."""
    axes = list(own(shape))
    for k, one in places:
        axes[k] = axes[k] if is_own(one) else one
    return tuple(axes)


def _reshaped(layout: Sequence[Axis], shape: Sequence[int]) -> tuple[Axis, ...]:
    left = [*axis(part for one in layout for part in one)][::-1]  # the outermost is the last
    axes = []
    for n in shape:
        parts = []
        while n > 1:
            length, stride = left.pop()
            part = math.gcd(n, length)
            if part not in (n, length):
                raise Coupled  # a length like (2, 3) read as (3, 2), with axes of different kinds
            parts.append((part, stride * (length // part)))
            left += [(length // part, stride)] if part < length else []
            n //= part
        axes.append(axis(parts))
    return tuple(axes)


def _product(eqn: Any, layouts: Sequence[Places]) -> tuple[Axis, ...]:
    contracted, shared = eqn.params["dimension_numbers"]
    sides = [one or own(v.aval.shape) for one, v in zip(layouts, eqn.invars, strict=True)]
    together, free = [], []
    for side, summed, along in zip(sides, contracted, shared, strict=True):
        _unmixed(side, summed)
        together.append(tuple(side[k] for k in along))
        free += [a for k, a in enumerate(side) if k not in (*summed, *along)]
    if None not in layouts and (together[0] != together[1] or not all(map(is_own, free))):
        raise Coupled
    return (*together[0 if layouts[0] is not None else 1], *free)


def _of_index(eqn: Any, index: Places, shape: Sequence[int]) -> Places:
    """Return the layout of what each neuron looks up for itself in a table."""
    if index is None:
        return None
    _unmixed(index, [len(index) - 1])
    offsets = eqn.params["dimension_numbers"].offset_dims
    return _placed(zip([k for k in range(len(shape)) if k not in offsets], index[:-1], strict=True), shape)


def _of_table(eqn: Any, table: Places, shape: Sequence[int]) -> Places:
    """Return the layout of what is looked up in a table of states: along its axes that are taken as a whole."""
    if table is None:
        return None
    dims, length = eqn.params["dimension_numbers"], eqn.invars[0].aval.shape
    looked_up = [k for k in range(len(shape)) if k not in dims.offset_dims]
    kept = [k for k in range(len(length)) if k not in (*dims.collapsed_slice_dims, *dims.operand_batching_dims)]
    places = {k: at for k, at in zip(kept, dims.offset_dims, strict=True) if length[k] == shape[at]}
    batched = zip(dims.operand_batching_dims, dims.start_indices_batching_dims, strict=True)
    places |= {k: looked_up[at] for k, at in batched}
    _unmixed(table, set(range(len(length))) - set(places))
    return _placed([(at, table[k]) for k, at in places.items()], shape)


def _scattered(eqn: Any, layouts: Sequence[Places]) -> Places:
    """Return the layout of an array with updates: along its axes that are set as a whole."""
    target, index, updates = layouts
    if index is not None:
        raise Coupled
    if updates is None:
        return target
    dims = eqn.params["dimension_numbers"]
    shape, given = eqn.invars[0].aval.shape, eqn.invars[2].aval.shape
    window = [k for k in range(len(shape)) if k not in (*dims.inserted_window_dims, *dims.operand_batching_dims)]
    places = {k: at for k, at in zip(dims.update_window_dims, window, strict=True) if given[k] == shape[at]}
    _unmixed(updates, set(range(len(given))) - set(places))
    return joined([target, _placed([(at, updates[k]) for k, at in places.items()], shape)])
