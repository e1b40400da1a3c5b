"""Recording: what a run returns."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pint

from simcore import visualize
from simcore.files import PathLike
from simcore.module.display import table_of

from ..labelled import files
from ..labelled.array import TIME, Labelled
from ..labelled.convert import pandas_package
from ..schedule import Grid
from .channels import (
    PLAIN,
    Channel,
    Clock,
    ColumnsOfARun,
    EventsChannel,
    Times,
    TotalChannel,
    as_plain,
    described,
    is_ms,
)
from .events import SpikeEvents
from .pictures import drawn
from .to_neo import block

# What a file says of a recording beside its arrays.
RUN: dict[str, Any] = {"channels": [PLAIN], "dt_ms": is_ms, "t0_ms": float, "first": int, "last": int}


class Recording(Mapping[str, Any]):
    """What a run recorded, by monitor name; items are attributes too. `ts` are the ends of all steps.

    What has values over time, counts and measures are arrays with names, coordinates and units, which are used as
    quantities, `simcore.runners.Labelled`; spike events are `SpikeEvents`. ``times(name)`` are the times of one
    monitor, where it does not record in each step. It can be pickled and copied; that of a store refers to its folder.

    Args:
        channels: what was recorded.
        columns: the arrays that grew.
        totals: the values of the whole run.
        steps: from which step to which.
        clock: dt and t0, ms.
    """

    def __init__(
        self,
        channels: Sequence[Channel] = (),
        columns: ColumnsOfARun | None = None,
        totals: Mapping[str, Any] | None = None,
        steps: tuple[int, int] = (0, 0),
        clock: Clock = (0.1, 0.0),
    ) -> None:
        self._channels = {c.name: c for c in channels}
        self._columns, self._totals, self._steps, self._clock = columns or {}, totals or {}, steps, clock
        self._made: dict[str, Any] = {}  # an item is made when it is first asked for

    def times(self, name: str) -> pint.Quantity:
        """Return the times of what a monitor recorded, (T,).

        Raises:
            ValueError: it is one value of the whole run.
        """
        if name == "ts":
            return self["ts"]
        grid = self._channel(name).grid(*self._steps)
        if grid is not None:
            return Times(grid, self._clock)[TIME]
        if isinstance(self[name], SpikeEvents):
            return self[name].times
        raise ValueError(f"{name!r} is one value of the whole run; it has no times.")

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            visualize.convert_quantities()  # of whatever matplotlib is given by the script
            self._made[name] = self._item(name)
        return self._made[name]

    def _item(self, name: str) -> Any:
        first, last = self._steps
        if name == "ts":
            return Times(Grid(first, 1, last - first), self._clock)[TIME]
        return self._channel(name).item(self._columns, self._totals, self._steps, self._clock)

    def _channel(self, name: str) -> Channel:
        if name not in self._channels:
            near = difflib.get_close_matches(str(name), list(self), 1)
            hint = f"; did you mean {near[0]!r}?" if near else "."
            raise KeyError(f"nothing was recorded as {name!r}{hint} There is {', '.join(self)}.")
        return self._channels[name]

    def __iter__(self) -> Iterator[str]:
        return iter(("ts", *self._channels))

    def __contains__(self, name: object) -> bool:
        return name == "ts" or name in self._channels

    def __len__(self) -> int:
        return 1 + len(self._channels)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "_channels" not in vars(self):  # as it is copied
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError as err:
            raise AttributeError(err.args[0]) from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]

    def __repr__(self) -> str:
        return "\n".join([self._headline(), *(f"    {name}  {what}" for name, what in self._lines())])

    def _repr_html_(self) -> str:
        lines = [(name.strip(), what) for name, what in self._lines()]
        return f"<b>{self._headline()}</b>{table_of(('monitor', 'recorded'), lines)}"

    def _headline(self) -> str:
        (first, last), (dt, t0) = self._steps, self._clock
        span = f", {t0 + (first + 1) * dt:.10g} to {t0 + last * dt:.10g} ms" if last > first else ""
        return f"Recording of {last - first} steps{span}"

    def _lines(self) -> list[tuple[str, str]]:
        """Return the names, padded, of what there is, and what it is."""
        width = max(map(len, self._channels), default=0)
        return [(f"{name:<{width}}", self._shown(name, channel)) for name, channel in self._channels.items()]

    def _shown(self, name: str, channel: Channel) -> str:
        if name in self._made and isinstance(self[name], SpikeEvents):
            return f"{self[name]}".removeprefix("SpikeEvents: ")
        if name in self._totals:
            unit = self._totals[name].units
            return described(self._totals[name].shape, None if unit is None else f"{unit:~P}")
        return channel.shown(*self._steps)

    def plot(self, ax: Any = None, **kwargs: Any) -> Any:
        """Draw what has times, one picture below the other, and return the axes: rasters of spikes, lines of values.

        Where V of some neurons and their spike events were recorded, the spikes are strokes on top of V. The members of
        a batch, and neurons of several axes, are drawn one after the other.

        Args:
            ax: where to draw, a list of as many; by default a new figure.
            kwargs: for `simcore.visualize.line_plot`.

        Raises:
            ValueError: nothing has times, or `ax` is not as many.
        """
        return drawn(self, [name for name, c in self._channels.items() if not isinstance(c, TotalChannel)], ax, kwargs)

    # ---------------------------------------------------------------- handed on

    def to_xarray(self) -> Any:
        """Return an `xarray.Dataset` with the units among the attributes.

        Times that differ between monitors become "time of V", and so on. Spike events are two arrays,
        "spike_events.times" and "spike_events.indices".

        Raises:
            ValueError: a monitor has the name of an axis, which a Dataset cannot hold.
        """
        items: dict[str, Labelled] = {}
        for name, item in self.items():
            if isinstance(item, Labelled):
                items[name] = item
            elif isinstance(item, SpikeEvents):
                items |= item.labelled(name)
        return files.dataset(items)

    def to_pandas(self) -> Any:
        """Return a `pandas.DataFrame` with a row for each spike event: time_ms, neuron, population.

        The population is called as its monitor, without ".spike_events". A trace becomes a frame by itself,
        ``mon.V.to_pandas()``.

        Raises:
            ValueError: no spike events were recorded.
        """
        frames = [self[name].to_pandas().assign(population=name.removesuffix(".spike_events"))
                  for name, channel in self._channels.items() if isinstance(channel, EventsChannel)]  # fmt: skip
        if not frames:
            raise ValueError("to_pandas() is of spike events, and there are none: record 'spike_events', or take what "
                             "there is by itself, mon['V'].to_pandas().")  # fmt: skip
        return pandas_package().concat(frames).sort_values("time_ms", kind="stable", ignore_index=True)

    def to_neo(self) -> Any:
        """Return a `neo.Block` of one segment: a spike train for each neuron, a signal for each monitor with rows.

        The neurons are annotations. Counts and measures have no place in it. Spikes are read at once, for a train of
        neo holds its times. Values in a store of .npy files stay on the disk until they are used, those of zarr are
        read at once, and so are values in a unit that neo does not know, which become base units.
        """
        dt = self._clock[0]
        grids = {name: channel.grid(*self._steps) for name, channel in self._channels.items()}
        return block(self, {name: grid.every * dt for name, grid in grids.items() if grid is not None})

    def save(self, file: PathLike) -> None:
        """Write all to one file, NetCDF (.nc, through xarray) or .npz, replaced only when complete.

        `simcore.load` reads it back as it was.
        """
        (first, last), (dt, t0) = self._steps, self._clock
        channels = [as_plain(c) for c in self._channels.values()]
        about = {"run": {"channels": channels, "dt_ms": dt, "t0_ms": t0, "first": first, "last": last}}
        columns = {k: v for c in self._channels.values() for k, v in c.arrays(self[c.name]).items()}
        if os.fspath(file).endswith(".nc"):
            as_recorded = Recording(list(self._channels.values()), columns, self._totals, self._steps, self._clock)
            files.write_dataset(file, as_recorded.to_xarray(), about)
        else:
            files.write(file, self._totals, columns, about)
