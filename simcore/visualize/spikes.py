"""Spikes: rasters, rates of populations."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import units
from .axes import axes_of, finish, name_axes, read


def raster_plot(
    ts: Any, spikes: Any = None, ax: Any = None, *, marker: str = ".", markersize: float = 2.0, color: Any = "k",
    xlabel: str | None = None, ylabel: str = "neuron", title: str | None = None, xlim: Any = None, ylim: Any = None,
    show: bool = False, **kwargs: Any,
) -> Any:  # fmt: skip
    """Draw each spike as a dot, time against neuron, and return the axes.

    Args:
        ts: times, (T,), with `spikes`; or spike events alone, ``raster_plot(mon.spike_events)``.
        spikes: bools or numbers, (T, n).
        ax: where to draw; by default a new figure.
        marker, markersize, color: of the dots; the size in points.
        xlabel: by default "time" with the unit.
        ylabel: of the neurons' axis.
        title: above the picture.
        xlim: (from, to), quantities or numbers.
        ylim: (from, to).
        show: call matplotlib's show().
        kwargs: for matplotlib's plot.
    """
    if spikes is None:
        times, indices = ts
        if np.ndim(indices) != 1:
            raise ValueError(
                f"raster_plot: the events name each neuron by {np.shape(indices)[1]} numbers (a batch, or a population "
                "of several axes); choose one row of them, or give the dense spikes."
            )
        t, label, unit = read(times)
    else:
        t, label, unit = read(ts)
        dense = np.asarray(spikes)
        if len(t) != len(dense):
            raise ValueError(f"raster_plot: {len(t)} times for {len(dense)} rows of spikes; rows are times.")
        steps, indices = np.nonzero(dense.reshape(len(t), -1))
        t = t[steps]
    ax = axes_of(ax)
    ax.plot(t, indices, linestyle="", marker=marker, markersize=markersize, color=color, **kwargs)
    name_axes(ax, label if xlabel is None else xlabel, ylabel, title)
    return finish(ax, xlim, ylim, unit, None, show)


def rate_plot(
    events: Any, size: int, ax: Any = None, *, bin: Any = "1 ms", xlabel: str | None = None, ylabel: str = "rate (Hz)",
    title: str | None = None, xlim: Any = None, ylim: Any = None, show: bool = False, **kwargs: Any,
) -> Any:  # fmt: skip
    """Draw the mean firing rate of a population over time and return the axes.

    Args:
        events: spike events (times, neurons): ``rate_plot(mon.spike_events, 4000)``.
        size: how many neurons the population has.
        ax: where to draw; by default a new figure.
        bin: width of the bins, a quantity.
        xlabel: by default "time" with the unit.
        ylabel: of the rates.
        title: above the picture.
        xlim: (from, to), quantities or numbers.
        ylim: (from, to), numbers in Hz.
        show: call matplotlib's show().
        kwargs: for matplotlib's stairs.
    """
    times, _ = events
    t, label, unit = read(times)
    width = float(units.quantity_in(bin, str(times.units), "rate_plot: 'bin'").magnitude)
    # A spike belongs to the end of its step: half a thousandth of a bin keeps those on an edge on its left.
    low, high = np.floor(np.min(t, initial=0.0) / width), np.ceil(np.max(t, initial=width) / width)
    edges = (np.arange(low, high + 1) + 5e-4) * width
    counts = np.histogram(t, edges)[0]
    rate = counts / (size * units.quantity_in(bin, "s", "rate_plot: 'bin'").magnitude)
    ax = axes_of(ax)
    ax.stairs(rate, edges, **kwargs)
    name_axes(ax, label if xlabel is None else xlabel, ylabel, title)
    return finish(ax, xlim, ylim, unit, None, show)
