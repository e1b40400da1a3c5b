"""Values over time, results of sweeps over an axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..units import RangeLike
from .axes import axes_of, chosen, columns, finish, label_of, name_axes, name_places, onto, with_unit
from .results import as_lines

# Names the axis of neurons of what was recorded.
NEURON = "neuron"
# More lines than this in one picture cannot be told apart.
MAX_LINES = 10


def line_plot(
    ts: Any,
    values: Any = None,
    plot_ids: Any = None,
    ax: Any = None,
    *,
    spikes: Any = None,
    legend: str | None = None,
    xlabel: str | None = None,
    ylabel: str | None = None,
    title: str | None = None,
    xlim: RangeLike | None = None,
    ylim: RangeLike | None = None,
    show: bool = False,
    **kwargs: Any,
) -> Any:
    """Draw values over time, or a result of a sweep over its last axis, and return the axes.

    The axes keep their units: what is drawn there later, by this or by matplotlib itself, ``ax.axhline(cell.V_th)``,
    is converted, or refused.

    Args:
        ts: times, (T,), a quantity; or a recording or result of one or two axes alone, ``line_plot(mon.V)``.
        values: (T,) or (T, n), a quantity or numbers; further axes count as columns.
        plot_ids: which columns; by default all, at most the first 10, which the title then says.
        ax: where to draw; by default a new figure.
        spikes: spike events, drawn as strokes on top of the V of their neurons: ``line_plot(mon.ts, mon.V,
            spikes=mon.spike_events)``.
        legend: names the lines, "name 0", "name 1", ... if there are several.
        xlabel, ylabel: by default what ts and the values are, with their units.
        title: above the picture.
        xlim, ylim: (from, to), quantities or numbers.
        show: call matplotlib's show().
        kwargs: for matplotlib's plot.

    Raises:
        DimensionalityError: `ax` is in units of other dimensions.
        TypeError: `label` is given, which is `legend` here.
        IndexError: `plot_ids` are of columns that are not there.
    """
    if "label" in kwargs:
        raise TypeError(f"line_plot: the name of a line is 'legend' here: legend={kwargs['label']!r}.")
    labels: list[str] = []
    ticks, x_name, y_name = None, None, None
    if values is None:
        ts, values, labels, ticks, x_name, y_name = as_lines(ts)
    if len(ts) != len(values):
        raise ValueError(f"line_plot: {len(ts)} times for {len(values)} values; the first axis of the values is the "
                         "time.")  # fmt: skip
    of_lines = columns(values, "line_plot")
    ids = chosen(plot_ids, of_lines.shape[1], "line_plot")
    if plot_ids is None and len(ids) > MAX_LINES:
        title, ids = f"{title or ''} (the first {MAX_LINES} of {len(ids)})".strip(), ids[:MAX_LINES]
    ax = axes_of(ax)
    (t, t_unit), (v, v_unit) = onto(ax.xaxis, ts, "line_plot"), onto(ax.yaxis, of_lines[:, ids], "line_plot")
    finite = v[np.isfinite(v)]
    for k, of_line in zip(ids.tolist(), v.T, strict=True):
        label = None if legend is None else f"{legend} {k}" if len(ids) > 1 else legend
        (line,) = ax.plot(t, of_line, label=labels[k] if labels and legend is None else label, **kwargs)
        if spikes is not None and finite.size:
            _draw_spikes(ax, line, spikes, _neuron(values, k), np.ptp(finite))
    if labels or legend is not None:
        ax.legend()
    name_places(ax.xaxis, ticks)
    x_label = label_of(t_unit) if x_name is None else with_unit(x_name, t_unit)
    y_label = label_of(v_unit) if y_name is None else with_unit(y_name, v_unit)
    name_axes(ax, x_label if xlabel is None else xlabel, y_label if ylabel is None else ylabel, title)
    return finish(ax, xlim, ylim, t_unit, v_unit, show)


def _neuron(values: Any, k: int) -> int:
    """Return which neuron a column is of: by its name, where it has one."""
    named = hasattr(values, "isel") and NEURON in values.dims
    return int(values.coord(NEURON)[k]) if named else k


def _draw_spikes(ax: Any, line: Any, spikes: Any, neuron: int, size: float) -> None:
    """Draw strokes from a line upwards, by a half of `size`, at the spikes of a neuron."""
    times, indices = spikes
    if np.ndim(indices) != 1:
        raise ValueError("line_plot: 'spikes' name each neuron by several numbers; choose one row of them.")
    at, _ = onto(ax.xaxis, times[np.asarray(indices) == neuron], "line_plot")
    t, v = line.get_xdata(), line.get_ydata()
    at = at[(at >= t[0]) & (at <= t[-1])]
    begin = np.interp(at, t, v)
    ax.vlines(at, begin, begin + (size or 1.0) / 2, color=line.get_color(), linewidth=line.get_linewidth())
