"""Spike trains as the statistics read them: in whichever form they come, by blocks in the order of time."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from simcore import units
from simcore.units.clock import TOLERANCE, milliseconds, spike_trains

from ..record.events import SpikeEvents

BLOCK = 2**20  # numbers that are held at a time
LATE = 1e-6  # ms: a time that rounding puts behind the end of its bin, or of the recording, still belongs there


def rows_at_a_time(size: int) -> int:
    """Return how many rows of so many numbers make a block."""
    return max(1, BLOCK // size)


class Trains:
    """The spikes of a recording within a window.

    Args:
        who: the function they are for, in messages.
        times: spike events, or a quantity: of spikes (n,), or of the rows of a raster (T,).
        spikes: of times of spikes, the neurons, whole numbers (n,); a raster, (T, ...), bools where it is (T,); None
            with spike events.
        start, stop: quantities; by default those of the recording.

    Raises:
        TypeError: it is none of these.
        ValueError: lengths differ; start and stop are not within the recording.
    """

    def __init__(self, who: str, times: Any, spikes: Any, start: Any, stop: Any) -> None:
        self.who = who
        self.begin, self.end = -np.inf, np.inf  # of the recording, ms, as far as they are known
        self.chosen: np.ndarray | None = None
        if isinstance(times, SpikeEvents) and spikes is None:
            self._take_events(times)
        elif spikes is None or isinstance(times, SpikeEvents):
            raise TypeError(f"{who} is of spike events, {who}(mon.spike_events), of times and a raster, "
                            f"{who}(mon.ts, mon.spike), or of times and neurons, {who}(times, indices).")  # fmt: skip
        else:
            is_array = isinstance(spikes, np.ndarray)  # as it is: it may be in a file
            spikes = spikes if is_array else units.as_magnitude(spikes, "dimensionless", f"{who}: 'spikes'")
            if spikes.ndim == 1 and spikes.dtype != bool:
                self._take_spikes(times, spikes)
            else:
                self._take_raster(times, spikes)
        self.size = int(np.prod(self.shape))
        if not self.size:
            raise ValueError(f"{who}: there is no neuron. Where nobody spikes, SpikeEvents(times, indices, shape=(n,)) "
                             "tells how many there are.")  # fmt: skip
        if start is None and np.isinf(self.begin):
            self._begin_at_0()
        self.start = self._within("start", start, self.begin)
        self.stop = self._within("stop", stop, self.end)
        if self.stop <= self.start:
            raise ValueError(f"{who}: 'stop', {self.stop:.10g} ms, must be after 'start', {self.start:.10g} ms.")

    def _take_events(self, events: SpikeEvents) -> None:
        # Without a copy: they may be in a file that is larger than the memory.
        units.to_kernel(events.times[:0], "ms", f"{self.who}: 'times'")  # it refuses what is no time
        self.times, self.spikes, self.is_raster = events.times.m_as("ms"), events.indices, False
        if not isinstance(self.times, np.memmap) and np.any(np.diff(self.times) < 0):  # a store has them in order
            raise ValueError(f"{self.who}: SpikeEvents are in the order of their times, these are not; "
                             f"{self.who}(times, indices) takes them in any order.")  # fmt: skip
        self.shape = events.axes()
        if events.chosen is not None:
            self.chosen = np.array(events.chosen, int)
            if len(np.unique(self.chosen)) < len(self.chosen):
                raise ValueError(f"{self.who}: some neurons were recorded twice, ('spike_events', [0, 0]); record each "
                                 "of them once.")  # fmt: skip
        if events.start is not None:
            self.begin = milliseconds(events.start, f"{self.who}: 'start' of the events")
        if events.stop is not None:
            self.end = milliseconds(events.stop, f"{self.who}: 'stop' of the events")

    def _take_spikes(self, times: Any, indices: np.ndarray) -> None:
        size = int(indices.max(initial=-1)) + 1
        times, indices = spike_trains(times, indices, size, self.who)
        order = np.argsort(times, kind="stable")
        self.times, self.spikes, self.is_raster, self.shape = times[order], indices[order], False, (size,)

    def _take_raster(self, times: Any, raster: np.ndarray) -> None:
        self.times = units.to_kernel(times, "ms", f"{self.who}: 'times'")
        self.spikes, self.is_raster, self.shape = raster, True, raster.shape[1:]
        if self.times.ndim != 1 or raster.shape[:1] != self.times.shape or len(raster) < 2:
            raise ValueError(f"{self.who}: {np.shape(times)} times for a raster of the shape {raster.shape}; its rows "
                             "are times, two at least.")  # fmt: skip
        if np.any(np.diff(self.times) <= 0):
            raise ValueError(f"{self.who}: the times of a raster must rise.")
        self.begin, self.end = 2 * self.times[0] - self.times[1], self.times[-1]

    def _begin_at_0(self) -> None:
        if len(self.times) and self.times[0] <= 0:
            raise ValueError(f"{self.who}: 'times' must be after 0 ms, where the recording begins unless start=... "
                             f"says otherwise; got {self.times[0]:.10g} ms.")  # fmt: skip
        self.begin = 0.0

    def _within(self, name: str, time: Any, default: float) -> float:
        """Return a time in ms that is within the recording."""
        if time is None:
            return default
        ms = milliseconds(time, f"{self.who}: {name!r}")
        if not self.begin - LATE <= ms <= self.end + LATE:
            raise ValueError(f"{self.who}: {name!r}, {ms:.10g} ms, is outside of the recording, from "
                             f"{self.begin:.10g} to {self.end:.10g} ms.")  # fmt: skip
        return ms

    def width(self, name: str, time: Any) -> float:
        """Return the width of a bin in ms: it is > 0, and fits into the window."""
        ms = milliseconds(time, f"{self.who}: {name!r}")
        if np.isinf(self.stop):
            raise ValueError(f"{self.who}: nothing says where these times of spikes end; give stop=..., the end of the "
                             "recording.")  # fmt: skip
        if not 0 < ms <= self.stop - self.start + LATE:
            raise ValueError(f"{self.who}: {name!r} must be > 0 ms and at most {self.stop - self.start:.10g} ms, as "
                             f"long as the recording; got {units.show(time)}.")  # fmt: skip
        return ms

    def edges(self, width: float) -> np.ndarray:
        """Return the edges of the bins that fit into the window, (n + 1,), ms: each a little `LATE`."""
        n = int((self.stop - self.start) / width + TOLERANCE)
        return self.start + LATE + width * np.arange(n + 1)

    def at_least_two(self, name: str, time: Any, edges: np.ndarray) -> int:
        """Return the number of bins; ValueError if it is one."""
        if len(edges) < 3:
            raise ValueError(f"{self.who}: {name!r} must fit twice at least into {self.stop - self.start:.10g} ms, got "
                             f"{units.show(time)}.")  # fmt: skip
        return len(edges) - 1

    def blocks(self, after: float | None = None, until: float | None = None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the times, ms, and the neurons, numbers in the flattened shape, of spikes in the order of time.

        Args:
            after, until: ms; by default those of the window, each a little `LATE`.
        """
        after = self.start + LATE if after is None else after
        until = self.stop + LATE if until is None else until
        first, last = np.searchsorted(self.times, [after, until], side="right")
        step = rows_at_a_time(self.size if self.is_raster else 1)
        for k in range(first, last, step):
            part = slice(k, min(k + step, last))
            times, spikes = np.asarray(self.times[part]), np.asarray(self.spikes[part])
            if self.is_raster:
                if spikes.dtype != bool and not np.isin(spikes, (0, 1)).all():
                    raise ValueError(f"{self.who}: a raster of spikes holds bools, or 0 and 1, and nothing else.")
                rows, neurons = np.nonzero(spikes.reshape(len(spikes), -1))
                yield times[rows], neurons
            else:
                yield times, self._flat(spikes)

    def _flat(self, numbers: np.ndarray) -> np.ndarray:
        """Return where neurons, by their numbers as in events, stand in the flattened shape."""
        *lead, last = numbers.T if numbers.ndim > 1 else (numbers,)
        if self.chosen is not None:
            places = np.full(self.chosen.max(initial=0) + 1, self.size)
            places[self.chosen] = np.arange(len(self.chosen))
            last = places[last]
        try:
            return np.ravel_multi_index((*lead, last), self.shape or (1,))
        except ValueError as err:
            raise ValueError(f"{self.who}: a neuron is outside of the shape {self.shape} of the events.") from err

    def place(self, name: str, number: Any) -> int:
        """Return where one neuron stands in the flattened shape, by its number or numbers."""
        try:
            numbers = np.array([operator.index(k) for k in np.atleast_1d(number)])
            return int(self._flat(np.where(numbers < 0, self.size, numbers)[None])[0])
        except (TypeError, ValueError, IndexError) as err:
            known = f"of {self.shape}" if self.chosen is None else f"one of {self.chosen.tolist()}"
            raise ValueError(f"{self.who}: {name!r} must be the number of a neuron, {known}; got {number!r}.") from err

    def numbers(self, flat: np.ndarray) -> np.ndarray:
        """Return the numbers of neurons, as in events: (n,), rows of numbers of several axes."""
        *lead, last = np.unravel_index(flat, self.shape or (1,))
        last = last if self.chosen is None else self.chosen[last]
        return np.stack([*lead, last], -1) if lead else last

    def mean_axes(self, axis: Any) -> tuple[int, ...]:
        """Return the axes over which a mean is taken of arrays (T, *shape); `axis` counts without the first one."""
        n = len(self.shape)
        return tuple(k + 1 for k in (range(n) if axis is None else normalize_axis_tuple(axis, n, f"{self.who}: axis")))
