"""Pictures of recordings: quantities in, axes labelled with their units. matplotlib loads with the first picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pint

from . import units

# More lines than this in one picture cannot be told apart.
MAX_LINES = 10


def get_figure(rows: int = 1, columns: int = 1, row_length: float = 3.0, column_length: float = 6.0) -> tuple[Any, Any]:
    """Return a matplotlib figure and its grid, ``fig.add_subplot(grid[0, 0])``.

    Args:
        rows, columns: how many.
        row_length, column_length: inches of each.
    """
    import matplotlib.pyplot as plt

    fig = plt.figure(figsize=(columns * column_length, rows * row_length), constrained_layout=True)
    return fig, fig.add_gridspec(rows, columns)


def _read(value: Any) -> tuple[np.ndarray, str, Any]:
    """Return the magnitude, an axis label such as "voltage (mV)", and the unit (None of plain numbers)."""
    if not isinstance(value, pint.Quantity):
        return np.asarray(value), "", None
    unit = f"{value.units:~P}"
    what = units.NAMED.get(units.kernel_unit(units.dimension(value)), "") if unit else ""
    return np.asarray(value.magnitude), f"{what} ({unit})".strip() if unit else "", value.units


def _axes(ax: Any) -> Any:
    import matplotlib.pyplot as plt

    return ax if ax is not None else plt.figure(constrained_layout=True).add_subplot()


def _limits(limits: Any, unit: Any, who: str) -> list[float]:
    """Return the limits of an axis as numbers in its unit; bare numbers are in it already."""
    text = "dimensionless" if unit is None else f"{unit}"
    return [
        float(units.as_magnitude(v, text, who)) if isinstance(v := units.read(limit, who), pint.Quantity) else v
        for limit in limits
    ]


def _label(ax: Any, x: str, y: str, title: str | None) -> None:
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    if title:
        ax.set_title(title)


def _finish(ax: Any, xlim: Any, ylim: Any, x_unit: Any, y_unit: Any, show: bool) -> Any:
    if xlim is not None:
        ax.set_xlim(_limits(xlim, x_unit, "xlim"))
    if ylim is not None:
        ax.set_ylim(_limits(ylim, y_unit, "ylim"))
    if show:
        import matplotlib.pyplot as plt

        plt.show()
    return ax


def line_plot(
    ts: Any, values: Any = None, plot_ids: Any = None, ax: Any = None, *, legend: str | None = None,
    xlabel: str | None = None, ylabel: str | None = None, title: str | None = None, xlim: Any = None, ylim: Any = None,
    show: bool = False, **kwargs: Any,
) -> Any:  # fmt: skip
    """Draw values over time, or a result of a sweep over its last axis, and return the axes.

    Args:
        ts: times, (T,), a quantity; or a result of one or two axes alone, ``line_plot(result["rate"])``.
        values: (T,) or (T, n), a quantity or numbers; further axes count as columns.
        plot_ids: which columns; by default all, at most the first 10, which the title then says.
        ax: where to draw; by default a new figure.
        legend: names the lines, "name 0", "name 1", ... if there are several.
        xlabel, ylabel: by default what ts and the values are, with their units.
        title: above the picture.
        xlim, ylim: (from, to), quantities or numbers.
        show: call matplotlib's show().
        kwargs: for matplotlib's plot.

    Raises:
        TypeError: `label` is given, which is `legend` here.
    """
    if "label" in kwargs:
        raise TypeError(f"line_plot: the name of a line is 'legend' here: legend={kwargs['label']!r}.")
    labels: list[str] = []
    ticks = None
    if values is None:
        ts, values, labels, ticks, x_name, y_name = _as_lines(ts)
        xlabel, ylabel = x_name if xlabel is None else xlabel, y_name if ylabel is None else ylabel
    (t, t_label, t_unit), (v, v_label, v_unit) = _read(ts), _read(values)
    if len(t) != len(v):
        raise ValueError(f"line_plot: {len(t)} times for {len(v)} values; the first axis of the values is the time.")
    v = v.reshape(len(v), -1)
    ids = np.arange(v.shape[1]) if plot_ids is None else np.atleast_1d(plot_ids)
    if plot_ids is None and len(ids) > MAX_LINES:
        title, ids = f"{title or ''} (the first {MAX_LINES} of {len(ids)})".strip(), ids[:MAX_LINES]
    ax = _axes(ax)
    for k in ids:
        label = None if legend is None else f"{legend} {k}" if len(ids) > 1 else legend
        ax.plot(t, v[:, k], label=labels[k] if labels and legend is None else label, **kwargs)
    if labels or legend is not None:
        ax.legend()
    _name_places(ax.xaxis, ticks)
    _label(ax, t_label if xlabel is None else xlabel, v_label if ylabel is None else ylabel, title)
    return _finish(ax, xlim, ylim, t_unit, v_unit, show)


def _squeezed(labelled: Any, most: int, who: str) -> Any:
    """Return a result without its axes of one value.

    Raises:
        TypeError: it is no result of a sweep.
        ValueError: more axes are left than can be drawn.
    """
    if not hasattr(labelled, "isel"):
        also = ", or times and values" if who == "line_plot" else ""
        raise TypeError(f"{who} needs a result of a sweep, result['rate']{also}; got {type(labelled).__name__}.")
    part = labelled.isel({dim: 0 for dim, n in zip(labelled.dims, labelled.shape, strict=True) if n == 1})
    if not 1 <= len(part.dims) <= most:
        text = ", ".join(f"{d} ({n})" for d, n in zip(part.dims, part.shape, strict=True)) or "none"
        raise ValueError(f"{who} draws {most} axes at most, {part.name} has {text}; choose by sel() or isel(), or take "
                         "mean('neuron') and the like.")  # fmt: skip
    return part


def _coordinate(labelled: Any, dim: str) -> tuple[np.ndarray, str, list[str] | None, Any]:
    """Return the places along an axis, its label, the texts of places that are not where a number is, and the unit."""
    coords = labelled.coords[dim]
    value = coords[dim] if dim in coords else np.arange(len(next(iter(coords.values()))))  # a joint axis: its points
    if isinstance(value, list):
        return np.arange(len(value)), dim, [str(v) for v in value], None
    places, _, unit = _read(value)
    label = _with_unit(dim, unit)
    steps = np.diff(places.astype(float))
    if (steps > 0).all() or (steps < 0).all():
        return places, label, None, unit
    return np.arange(len(places)), label, [f"{v:g}" for v in places], unit  # seeds 3, 1, 3: one place each


def _name_places(axis: Any, texts: list[str] | None) -> None:
    if texts is not None:
        axis.set_ticks(np.arange(len(texts)), texts)


def _with_unit(name: str, unit: Any) -> str:
    short = "" if unit is None else f"{unit:~P}"
    return f"{name} ({short})" if short else name


def _as_lines(labelled: Any) -> tuple[Any, Any, list[str], list[str] | None, str, str]:
    """Return what is along the last axis, the values (n, lines), names of lines and places, labels of both axes."""
    part = _squeezed(labelled, 2, "line_plot")
    places, label, texts, unit = _coordinate(part, part.dims[-1])
    names: list[str] = []
    if len(part.dims) == 2:
        line_values, _, line_texts, line_unit = _coordinate(part, part.dims[0])
        short = "" if line_unit is None else f"{line_unit:~P}"
        names = [f"{part.dims[0]} = {v} {short}".rstrip() for v in line_texts or [f"{v:g}" for v in line_values]]
    along = places if unit is None or texts else units.attach(places, f"{unit}")
    return along, part.values.T, names, texts, label, _with_unit(part.name, part.units)


def _edges(places: np.ndarray) -> np.ndarray:
    """Return the edges of cells around places that may be unevenly spaced: half way between them."""
    middle = (places[1:] + places[:-1]) / 2
    return np.concatenate([[2 * places[0] - middle[0]], middle, [2 * places[-1] - middle[-1]]])


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
    part = _squeezed(labelled, 2, "heat_map")
    if len(part.dims) != 2:
        raise ValueError(
            f"heat_map needs two axes, {part.name} has {', '.join(part.dims)} alone; draw it by line_plot."
        )
    (x, x_label, x_texts, _), (y, y_label, y_texts, _) = (_coordinate(part, dim) for dim in part.dims)
    ax = _axes(ax)
    values = np.ma.masked_invalid(part.magnitude.astype(float).T)
    mesh = ax.pcolormesh(_edges(x), _edges(y), values, **kwargs)
    ax.set_facecolor("0.8")
    _name_places(ax.xaxis, x_texts)
    _name_places(ax.yaxis, y_texts)
    ax.figure.colorbar(mesh, ax=ax, label=_with_unit(part.name, part.units))
    _label(ax, x_label if xlabel is None else xlabel, y_label if ylabel is None else ylabel, title)
    return _finish(ax, None, None, None, None, show)


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

    Raises:
        ValueError: times and spikes differ in length; events are of a population of several axes.
    """
    if spikes is None:
        times, indices = ts
        if np.ndim(indices) != 1:
            raise ValueError(
                f"raster_plot: the events name each neuron by {np.shape(indices)[1]} numbers (a batch, or a population "
                "of several axes); choose one row of them, or give the dense spikes."
            )
        t, label, unit = _read(times)
    else:
        t, label, unit = _read(ts)
        dense = np.asarray(spikes)
        if len(t) != len(dense):
            raise ValueError(f"raster_plot: {len(t)} times for {len(dense)} rows of spikes; rows are times.")
        steps, indices = np.nonzero(dense.reshape(len(t), -1))
        t = t[steps]
    ax = _axes(ax)
    ax.plot(t, indices, linestyle="", marker=marker, markersize=markersize, color=color, **kwargs)
    _label(ax, label if xlabel is None else xlabel, ylabel, title)
    return _finish(ax, xlim, ylim, unit, None, show)


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
    t, label, unit = _read(times)
    width = float(units.quantity_in(bin, str(times.units), "rate_plot: 'bin'").magnitude)
    # A spike belongs to the end of its step: half a thousandth of a bin keeps those on an edge on its left.
    low, high = np.floor(np.min(t, initial=0.0) / width), np.ceil(np.max(t, initial=width) / width)
    edges = (np.arange(low, high + 1) + 5e-4) * width
    counts = np.histogram(t, edges)[0]
    rate = counts / (size * units.quantity_in(bin, "s", "rate_plot: 'bin'").magnitude)
    ax = _axes(ax)
    ax.stairs(rate, edges, **kwargs)
    _label(ax, label if xlabel is None else xlabel, ylabel, title)
    return _finish(ax, xlim, ylim, unit, None, show)
