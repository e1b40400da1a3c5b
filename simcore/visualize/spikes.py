"""Spikes: rasters, rates of populations."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import units
from ..units import OneQuantity, RangeLike
from .axes import axes_of, columns, finish, label_of, name_axes, onto


def raster_plot(
    ts: Any,
    spikes: Any = None,
    ax: Any = None,
    *,
    order: Any = None,
    marker: str = ".",
    markersize: float = 2.0,
    color: Any = None,
    xlabel: str | None = None,
    ylabel: str = "neuron",
    title: str | None = None,
    xlim: RangeLike | None = None,
    ylim: RangeLike | None = None,
    show: bool = False,
    **kwargs: Any,
) -> Any:
    """Draw each spike as a dot, time against neuron, and return the axes.

    Args:
        ts: times, (T,), with `spikes`; or spike events alone, ``raster_plot(mon.spike_events)``; or those of several
            populations, one above the other, ``raster_plot({"E": mon["E.spike_events"], "I": mon["I.spike_events"]})``.
        spikes: bools or numbers, (T, n).
        ax: where to draw; by default a new figure.
        order: the numbers of the neurons from the bottom up, ``np.argsort(angle)``; others are left out. By default as
            they are counted.
        marker, markersize, color: of the dots; the size in points. By default black, of populations a colour for each.
        xlabel: by default "time" with the unit.
        ylabel: of the neurons' axis.
        title: above the picture.
        xlim: (from, to), quantities or numbers.
        ylim: (from, to).
        show: call matplotlib's show().
        kwargs: for matplotlib's plot.

    Raises:
        TypeError: what is alone is no spike events.
        ValueError: times and spikes differ in length; events are of a population of several axes; `order` of several
            populations.
    """
    ax, first, unit = axes_of(ax), 0, None
    look = {"linestyle": "", "marker": marker, "markersize": markersize, **kwargs}
    if isinstance(ts, dict):
        if not ts:
            raise ValueError("raster_plot: there is no population in {}.")
        if order is not None:
            raise ValueError("raster_plot: 'order' is of one population; leave it out, or draw each by itself.")
        for k, (name, events) in enumerate(ts.items()):
            times, indices = _of_events(events, "raster_plot")
            t, unit = onto(ax.xaxis, times, "raster_plot")
            ax.plot(t, first + indices, color=color or f"C{k}", label=name, **look)
            first += _size(events)
        ax.legend(loc="upper right", markerscale=3)
    else:
        times, indices = _of_events(ts, "raster_plot") if spikes is None else _of_raster(ts, spikes)
        t, unit = onto(ax.xaxis, times, "raster_plot")
        if order is not None:
            t, indices = _ordered(t, indices, order)
        ax.plot(t, indices, color=color or "k", **look)
    _at_whole_numbers(ax.yaxis)
    name_axes(ax, label_of(unit) if xlabel is None else xlabel, ylabel, title)
    return finish(ax, xlim, ylim, unit, None, show)


def _at_whole_numbers(axis: Any) -> None:
    """Have ticks at neurons, and not between them, unless a user has set them."""
    from matplotlib.ticker import AutoLocator

    locator = axis.get_major_locator()
    if isinstance(locator, AutoLocator):
        locator.set_params(integer=True, min_n_ticks=1)


def taken_apart(events: Any, who: str) -> tuple[Any, np.ndarray]:
    """Return the times and the neurons of spike events; TypeError for anything else."""
    try:
        times, indices = events
    except (TypeError, ValueError):
        raise TypeError(
            f"{who} needs spike events (times, neurons), mon.spike_events, got {units.show(events)}."
        ) from None
    return times, np.asarray(indices)


def _of_events(events: Any, who: str) -> tuple[Any, np.ndarray]:
    times, indices = taken_apart(events, who)
    if np.ndim(indices) != 1:
        raise ValueError(
            f"{who}: the events name each neuron by {np.shape(indices)[1]} numbers (a batch, or a population "
            "of several axes); choose one row of them, or give the dense spikes."
        )
    return times, indices


def _of_raster(ts: Any, spikes: Any) -> tuple[Any, np.ndarray]:
    dense = np.asarray(spikes)
    if len(ts) != len(dense):
        raise ValueError(f"raster_plot: {len(ts)} times for {len(dense)} rows of spikes; rows are times.")
    steps, indices = np.nonzero(columns(dense, "raster_plot"))
    return ts[steps], indices


def _ordered(t: np.ndarray, indices: np.ndarray, order: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the spikes of the neurons in an order, with their places in it."""
    order = np.asarray(order)
    if order.ndim != 1 or order.dtype.kind not in "iu" or len(np.unique(order)) < len(order):
        raise ValueError("raster_plot: 'order' must be numbers of neurons, each once, e.g. np.argsort(angle).")
    place = np.full(max(int(order.max(initial=-1)), int(indices.max(initial=-1))) + 1, -1)
    place[order] = np.arange(len(order))
    drawn = place[indices] >= 0
    return t[drawn], place[indices[drawn]]


def _size(events: Any) -> int:
    """Return how many neurons events are of, as far as they tell."""
    if isinstance(events, tuple):
        return int(np.max(events[1], initial=-1)) + 1
    return int(events.axes()[-1])


def rate_plot(
    events: Any,
    size: int | None = None,
    ax: Any = None,
    *,
    bin: OneQuantity = "1 ms",
    xlabel: str | None = None,
    ylabel: str | None = None,
    title: str | None = None,
    xlim: RangeLike | None = None,
    ylim: RangeLike | None = None,
    show: bool = False,
    **kwargs: Any,
) -> Any:
    """Draw the mean firing rate of a population over time and return the axes.

    Args:
        events: spike events (times, neurons): ``rate_plot(mon.spike_events)``; or those of several populations, by
            name, ``rate_plot({"E": mon["E.spike_events"], "I": mon["I.spike_events"]})``.
        size: how many neurons the population has; by default as many as were recorded.
        ax: where to draw; by default a new figure.
        bin: width of the bins, a quantity.
        xlabel: by default "time" with the unit.
        ylabel: of the rates, by default "rate" with the unit.
        title: above the picture.
        xlim, ylim: (from, to), quantities or numbers.
        show: call matplotlib's show().
        kwargs: for matplotlib's stairs.

    Raises:
        ValueError: `size` of several populations; it or `bin` is not > 0.
        DimensionalityError: bin is no time.
    """
    ax = axes_of(ax)
    if isinstance(events, dict):
        if not events:
            raise ValueError("rate_plot: there is no population in {}.")
        if size is not None:
            raise ValueError("rate_plot: 'size' is of one population; leave it out, or draw each by itself.")
        for name, of_one in events.items():
            x_unit, y_unit = _rates(ax, of_one, None, bin, {"label": name, **kwargs})
        ax.legend(loc="upper right")
    else:
        x_unit, y_unit = _rates(ax, events, size, bin, kwargs)
    x_label, y_label = (given if given is not None else label_of(unit)
                        for given, unit in ((xlabel, x_unit), (ylabel, y_unit)))  # fmt: skip
    name_axes(ax, x_label, y_label, title)
    return finish(ax, xlim, ylim, x_unit, y_unit, show)


def _rates(ax: Any, events: Any, size: int | None, bin: Any, look: dict[str, Any]) -> tuple[Any, Any]:
    """Draw the rate of one population; return the units of both axes."""
    times, _ = taken_apart(events, "rate_plot")
    size = _size(events) if size is None else size
    t, unit = times.magnitude, f"{times.units}"
    width = float(units.quantity_in(bin, unit, "rate_plot: 'bin'").magnitude)
    if not width > 0:
        raise ValueError(f"rate_plot: 'bin' must be > 0, got {units.show(bin)}.")
    if not size > 0:
        raise ValueError(f"rate_plot: 'size' must be the number of neurons, got {size!r}.")
    # A spike belongs to the end of its step: half a thousandth of a bin keeps those on an edge on its left.
    low, high = np.floor(np.min(t, initial=0.0) / width), np.ceil(np.max(t, initial=width) / width)
    edges = (np.arange(low, high + 1) + 5e-4) * width
    rate = np.histogram(t, edges)[0] / (size * units.quantity_in(bin, "s", "rate_plot: 'bin'").magnitude)
    x, x_unit = onto(ax.xaxis, units.attach(edges, unit), "rate_plot")
    y, y_unit = onto(ax.yaxis, units.attach(rate, "Hz"), "rate_plot")
    ax.stairs(y, x, **look)
    return x_unit, y_unit
