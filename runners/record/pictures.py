"""What a recording looks like: one picture for each monitor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from simcore import visualize

from ..labelled.convert import with_unit
from .events import SpikeEvents

EVENTS = "spike_events"


def _in_one_row(events: SpikeEvents) -> Any:
    """Return spikes with one number for each neuron, as `spike` has its columns."""
    times, indices = events
    if indices.ndim == 1:
        return events
    shape = np.maximum(events.axes(), np.max(indices, 0, initial=0) + 1)
    return times, np.ravel_multi_index(tuple(indices.T), shape)


def drawn(recording: Any, names: Sequence[str], ax: Any, look: dict[str, Any]) -> list[Any]:
    """Draw the monitors of these names, which have times, one below the other; return the axes."""
    if not names:
        raise ValueError("plot(): nothing was recorded over time.")
    if ax is None:
        figure, grid = visualize.get_figure(len(names), 1, 2.2, 7.0)
        axes = [figure.add_subplot(grid[0, 0])]
        axes += [figure.add_subplot(grid[k, 0], sharex=axes[0]) for k in range(1, len(names))]
    else:
        axes = list(np.atleast_1d(np.asarray(ax, object)))
    if len(axes) != len(names):
        raise ValueError(
            f"plot(): 'ax' must be {len(names)} axes, one for each of {', '.join(names)}; got {len(axes)}."
        )
    for one, name in zip(axes, names, strict=True):
        item = recording[name]
        xlabel = None if one is axes[-1] else ""
        if isinstance(item, SpikeEvents):
            visualize.raster_plot(_in_one_row(item), ax=one, xlabel=xlabel, ylabel=name)
        elif item.magnitude.dtype == bool:
            visualize.raster_plot(recording.times(name), item.values, ax=one, xlabel=xlabel, ylabel=name)
        else:
            path, _, last = name.rpartition(".")
            spikes = recording.get(f"{path}.{EVENTS}" if path else EVENTS) if last == "V" else None
            if spikes is not None and spikes.indices.ndim > 1:
                spikes = None
            visualize.line_plot(recording.times(name), item, ax=one, spikes=spikes, xlabel=xlabel,
                                ylabel=with_unit(name, item.units), **look)  # fmt: skip
    return axes
