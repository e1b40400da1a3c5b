"""The weights of a projection: as a matrix, as a histogram."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import units
from ..units import RangeLike
from .axes import axes_of, finish, name_axes, onto, with_unit

# A matrix of more neurons on a side than this is no picture.
MOST_CELLS = 2000


def weight_matrix(
    projection: Any, ax: Any = None, *, xlabel: str = "presynaptic neuron", ylabel: str = "postsynaptic neuron",
    title: str | None = None, show: bool = False, **kwargs: Any,
) -> Any:  # fmt: skip
    """Draw the weight from each neuron to each other one and return the axes; several synapses of a pair add up.

    Args:
        projection: whose `synapses()` and `weights()` are drawn; the numbers are those of the populations.
        ax: where to draw; by default a new figure.
        xlabel, ylabel, title: of the picture.
        show: call matplotlib's show().
        kwargs: for matplotlib's imshow.

    Raises:
        ValueError: a population has more neurons than can be seen.
    """
    pre, post = projection.synapses()
    shape = projection.post.population.size, projection.pre.population.size
    if max(shape) > MOST_CELLS:
        raise ValueError(f"weight_matrix: {shape[1]} times {shape[0]} neurons; up to {MOST_CELLS} on a side can be "
                         "seen: draw weight_histogram.")  # fmt: skip
    matrix = np.zeros(shape)
    np.add.at(matrix, (post, pre), projection.weights())
    drawn = np.zeros(shape, bool)
    drawn[post, pre] = True
    ax = axes_of(ax)
    image = ax.imshow(np.ma.masked_where(~drawn, matrix), origin="lower", aspect="auto", interpolation="none", **kwargs)
    ax.figure.colorbar(image, ax=ax, label=with_unit("weight", units.unit(projection.weight_unit)))
    name_axes(ax, xlabel, ylabel, title)
    return finish(ax, None, None, None, None, show)


def weight_histogram(
    projection: Any,
    bins: Any = 50,
    ax: Any = None,
    *,
    xlabel: str | None = None,
    ylabel: str = "synapses",
    title: str | None = None,
    xlim: RangeLike | None = None,
    ylim: RangeLike | None = None,
    show: bool = False,
    **kwargs: Any,
) -> Any:
    """Draw how many synapses have which weight and return the axes.

    Args:
        projection: whose `weights()` are drawn.
        bins: how many, or the edges, a quantity.
        ax: where to draw; by default a new figure.
        xlabel: by default "weight" with the unit.
        ylabel, title: of the picture.
        xlim: (from, to), quantities or numbers.
        ylim: (from, to).
        show: call matplotlib's show().
        kwargs: for matplotlib's stairs.
    """
    unit = projection.weight_unit
    if not isinstance(bins, int):
        bins = units.as_magnitude(bins, unit, "weight_histogram: 'bins'")
    weights = np.broadcast_to(projection.weights(), (len(projection.synapses()[0]),))
    counts, edges = np.histogram(weights, bins)
    ax = axes_of(ax)
    x, x_unit = onto(ax.xaxis, units.attach(edges, unit), "weight_histogram")
    ax.stairs(counts, x, **{"fill": True, **kwargs})
    name_axes(ax, with_unit("weight", x_unit) if xlabel is None else xlabel, ylabel, title)
    return finish(ax, xlim, ylim, x_unit, None, show)
