"""Phase portraits: one quantity against another."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..units import RangeLike
from .axes import axes_of, chosen, columns, finish, label_of, name_axes, onto


def phase_plot(
    x: Any,
    y: Any,
    plot_ids: Any = None,
    ax: Any = None,
    *,
    xlabel: str | None = None,
    ylabel: str | None = None,
    title: str | None = None,
    xlim: RangeLike | None = None,
    ylim: RangeLike | None = None,
    show: bool = False,
    **kwargs: Any,
) -> Any:
    """Draw one recorded quantity against another, with a dot at the beginning of each line; return the axes.

    Args:
        x, y: (T,) or (T, n), quantities or numbers: ``phase_plot(mon.V, mon.w)``.
        plot_ids: which columns; by default all.
        ax: where to draw, e.g. on the nullclines of `simcore.analysis.phase_plane`; by default a new figure.
        xlabel, ylabel: by default what they are, with their units.
        title: above the picture.
        xlim, ylim: (from, to), quantities or numbers.
        show: call matplotlib's show().
        kwargs: for matplotlib's plot.

    Raises:
        ValueError: x and y differ in shape.
        DimensionalityError: ax has axes of other dimensions.
        IndexError: `plot_ids` are of columns that are not there.
    """
    if np.shape(x) != np.shape(y):
        raise ValueError(f"phase_plot: x is of the shape {np.shape(x)}, y of {np.shape(y)}; they need the same.")
    x, y = columns(x, "phase_plot"), columns(y, "phase_plot")
    ids = chosen(plot_ids, x.shape[1], "phase_plot")
    ax = axes_of(ax)
    (across, x_unit), (up, y_unit) = onto(ax.xaxis, x, "phase_plot"), onto(ax.yaxis, y, "phase_plot")
    for k in ids:
        (line,) = ax.plot(across[:, k], up[:, k], **kwargs)
        ax.plot(across[:1, k], up[:1, k], "o", color=line.get_color(), markersize=4)
    x_label = label_of(x_unit) if xlabel is None else xlabel
    name_axes(ax, x_label, label_of(y_unit) if ylabel is None else ylabel, title)
    return finish(ax, xlim, ylim, x_unit, y_unit, show)
