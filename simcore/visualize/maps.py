"""Maps of results of sweeps over two axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import units
from .axes import axes_of, edges, finish, name_axes, name_places, onto, with_unit
from .results import coordinate, squeezed


def heat_map(
    labelled: Any, ax: Any = None, *, xlabel: str | None = None, ylabel: str | None = None, title: str | None = None,
    show: bool = False, **kwargs: Any,
) -> Any:  # fmt: skip
    """Draw a result of a sweep over two axes as a map and return the axes; nan is grey.

    Args:
        labelled: a result of two axes (those of one value do not count): the last is drawn upwards.
        ax: where to draw; by default a new figure.
        xlabel, ylabel: by default the first and the last axis, with their units.
        title: above the picture.
        show: call matplotlib's show().
        kwargs: for matplotlib's pcolormesh.

    Raises:
        ValueError: it has not two axes.
    """
    part = squeezed(labelled, 2, "heat_map")
    if len(part.dims) != 2:
        raise ValueError(
            f"heat_map needs two axes, {part.name} has {', '.join(part.dims)} alone; draw it by line_plot."
        )
    if 0 in part.shape:
        raise ValueError(f"heat_map: {part.headline()} has no values.")
    ax = axes_of(ax)
    (x, x_label, x_texts), (y, y_label, y_texts) = (
        _places(axis, part, dim) for axis, dim in zip((ax.xaxis, ax.yaxis), part.dims, strict=True)
    )
    values = np.ma.masked_invalid(part.magnitude.astype(float).T)
    mesh = ax.pcolormesh(edges(x), edges(y), values, **kwargs)
    ax.set_facecolor("0.8")
    name_places(ax.xaxis, x_texts)
    name_places(ax.yaxis, y_texts)
    ax.figure.colorbar(mesh, ax=ax, label=with_unit(part.name, part.units))
    name_axes(ax, x_label if xlabel is None else xlabel, y_label if ylabel is None else ylabel, title)
    return finish(ax, None, None, None, None, show)


def _places(axis: Any, part: Any, dim: str) -> tuple[np.ndarray, str, list[str] | None]:
    """Return the places along a dimension in the unit of an axis, its label, and their texts if they have some."""
    places, label, texts, unit = coordinate(part, dim)
    if unit is None or texts:
        return onto(axis, places, "heat_map")[0], label, texts
    places, unit = onto(axis, units.attach(places, f"{unit}"), "heat_map")
    return places, with_unit(dim, unit), None
