"""Statistics of spikes and traces: intervals, power over time."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import units
from ..units import OneQuantity, Quantities, RangeLike, ValueLike
from .axes import axes_of, columns, finish, label_of, name_axes, onto, with_unit
from .spikes import taken_apart


def interval_plot(
    events: Any,
    bins: Quantities | None = None,
    ax: Any = None,
    *,
    xlabel: str | None = None,
    ylabel: str = "intervals",
    title: str | None = None,
    xlim: RangeLike | None = None,
    ylim: RangeLike | None = None,
    show: bool = False,
    **kwargs: Any,
) -> Any:
    """Draw a histogram of the intervals between the spikes of each neuron, all neurons together; return the axes.

    Args:
        events: spike events (times, neurons): ``interval_plot(mon.spike_events)``.
        bins: the edges, a quantity; by default 40 from 0 to the longest interval.
        ax: where to draw; by default a new figure.
        xlabel: by default "interval" with the unit.
        ylabel, title: of the picture.
        xlim: (from, to), quantities or numbers.
        ylim: (from, to).
        show: call matplotlib's show().
        kwargs: for matplotlib's stairs.
    """
    times, indices = taken_apart(events, "interval_plot")
    indices = columns(indices, "interval_plot")
    order = np.lexsort((times.m_as("ms"), *indices.T))
    same = (np.diff(indices[order], axis=0) == 0).all(1)
    ms = np.diff(times.m_as("ms")[order])[same]
    edges = units.attach(np.linspace(0, 1.001 * np.max(ms, initial=1.0), 41), "ms") if bins is None else bins
    ax = axes_of(ax)
    x, unit = onto(ax.xaxis, units.quantity_in(edges, "ms", "interval_plot: 'bins'"), "interval_plot")
    # A whole number of steps on an edge belongs into the bin that begins there, whatever its rounding.
    counts = np.histogram(ms, units.as_magnitude(edges, "ms", "interval_plot: 'bins'") - 1e-6)[0]
    ax.stairs(counts, x, **{"fill": True, **kwargs})
    name_axes(ax, with_unit("interval", unit) if xlabel is None else xlabel, ylabel, title)
    return finish(ax, xlim, ylim, unit, None, show)


def spectrogram(
    ts: Quantities,
    values: ValueLike,
    window: OneQuantity = "200 ms",
    ax: Any = None,
    *,
    xlabel: str | None = None,
    ylabel: str = "frequency (Hz)",
    title: str | None = None,
    xlim: RangeLike | None = None,
    ylim: RangeLike | None = None,
    show: bool = False,
    **kwargs: Any,
) -> Any:
    """Draw the power of a trace over time and frequency, in decibels below its largest, and return the axes.

    Args:
        ts: times, evenly spaced, (T,), a quantity.
        values: one trace, (T,) or (T, 1), a quantity or numbers.
        window: of the Fourier transforms, each with a Hann taper, which overlap by half; a time.
        ax: where to draw; by default a new figure.
        xlabel: by default "time" with the unit.
        ylabel, title: of the picture.
        xlim, ylim: (from, to), quantities or numbers.
        show: call matplotlib's show().
        kwargs: for matplotlib's pcolormesh.

    Raises:
        ValueError: several traces, times that are not evenly spaced, or the window does not fit into the trace.
    """
    t = units.as_magnitude(ts, "ms", "spectrogram: 'ts'")
    trace = np.asarray(getattr(values, "magnitude", values), float)
    if trace.size != len(t) or len(t) < 4:
        raise ValueError(f"spectrogram: {len(t)} times for {trace.size} values; it is of one trace, V[:, 0].")
    dt = (t[-1] - t[0]) / (len(t) - 1)
    if np.ptp(np.diff(t)) > 0.01 * dt:
        raise ValueError("spectrogram: 'ts' must be evenly spaced; record in each step, or every=.")
    n = round(float(units.as_magnitude(window, "ms", "spectrogram: 'window'")) / dt)
    if not 4 <= n <= len(t):
        raise ValueError(f"spectrogram: 'window', {units.show(window)}, must be 4 steps of {dt:.10g} ms at least and "
                         f"fit into {len(t)}.")  # fmt: skip
    starts = np.arange(0, len(t) - n + 1, n // 2)
    pieces = np.lib.stride_tricks.sliding_window_view(trace.reshape(-1), n)[starts]
    tapered = (pieces - pieces.mean(1, keepdims=True)) * np.hanning(n)
    power = np.abs(np.fft.rfft(tapered, axis=1))[:, 1:] ** 2
    decibels = 10 * np.log10(np.maximum(power / (power.max() or 1), 1e-10))
    ax = axes_of(ax)
    step = n // 2 * dt
    times = t[0] + (n * dt - step) / 2 + step * np.arange(len(starts) + 1)  # edges around the middles of the windows
    frequencies = (np.arange(power.shape[1] + 1) + 0.5) / (n * dt / 1000)
    x, x_unit = onto(ax.xaxis, units.attach(times, "ms"), "spectrogram")
    y, y_unit = onto(ax.yaxis, units.attach(frequencies, "Hz"), "spectrogram")
    mesh = ax.pcolormesh(x, y, decibels.T, **kwargs)
    ax.figure.colorbar(mesh, ax=ax, label="power (dB)")
    name_axes(ax, label_of(x_unit) if xlabel is None else xlabel, ylabel, title)
    return finish(ax, xlim, ylim, x_unit, y_unit, show)
