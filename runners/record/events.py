"""Spike events: the times and neurons of spikes, counted and taken apart by neuron."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pint

from ..labelled.array import Labelled
from ..labelled.convert import pandas_package


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class SpikeEvents:
    """Spikes in the order of their times. ``len(events)`` is how many; ``times, indices = events`` takes them apart.

    Args:
        times: (n,).
        indices: the neurons, (n,); rows of numbers, (n, ndim), for a batch or a population of several axes.
        shape: of what was recorded: the batch, if any, and the neurons; by default as far as the numbers go.
        chosen: the neurons that were recorded, along the last axis; None: all.
        start, stop: when the recording begins and ends; None: nobody knows.
    """

    times: pint.Quantity
    indices: np.ndarray
    shape: tuple[int, ...] | None = None
    chosen: tuple[int, ...] | None = None
    start: pint.Quantity | None = None
    stop: pint.Quantity | None = None

    def __len__(self) -> int:
        return len(self.indices)

    def __iter__(self) -> Iterator[Any]:
        return iter((self.times, self.indices))

    def axes(self) -> tuple[int, ...]:
        """Return the shape of what was recorded, as far as the numbers go if nobody has said it."""
        return self.shape or tuple(int(numbers.max(initial=-1)) + 1 for numbers in self._numbers())

    def counts(self) -> np.ndarray:
        """Return how many spikes each of the neurons that were recorded sent, as 'spike_count' has it."""
        lead, chosen = self._neurons()
        counts: np.ndarray = self._totals(lead, chosen)[..., chosen] // _repeats(chosen)
        return counts

    def trains(self) -> dict[Any, pint.Quantity]:
        """Return the times of each neuron's spikes, by its number (several axes: by its numbers), silent ones too."""
        lead, chosen = self._neurons()
        totals = self._totals(lead, chosen)
        order = np.argsort(np.ravel_multi_index(self._numbers(), totals.shape), kind="stable")
        times, ends = self.times[order], np.cumsum(totals.reshape(-1)).reshape(totals.shape)
        repeats, begins = dict(zip(chosen.tolist(), _repeats(chosen), strict=True)), ends - totals
        keys = [(*row, k) for row in np.ndindex(lead) for k in repeats]
        return {key if lead else key[0]: times[begins[key] : ends[key] : repeats[key[-1]]] for key in keys}

    def to_pandas(self) -> Any:
        """Return a `pandas.DataFrame` with a row for each spike: time_ms, neuron (before it axis_0, ... if several).

        Raises:
            ImportError: there is no pandas.
        """
        *lead, neurons = self._numbers()
        axes = {f"axis_{k}": numbers for k, numbers in enumerate(lead)}
        return pandas_package().DataFrame({"time_ms": self.times.m_as("ms"), **axes, "neuron": neurons})

    def labelled(self, name: str) -> dict[str, Labelled]:
        """Return the times and the neurons as labelled arrays, by name."""
        dims = (f"{name}.event", f"{name}.axis")[: self.indices.ndim]
        arrays = {f"{name}.times": (dims[:1], self.times), f"{name}.indices": (dims, self.indices)}
        return {key: Labelled(key, axes, {dim: {} for dim in axes}, array) for key, (axes, array) in arrays.items()}

    def _numbers(self) -> tuple[np.ndarray, ...]:
        """Return the numbers of the spikes' neurons along each axis."""
        return tuple(self.indices.T) if self.indices.ndim > 1 else (self.indices,)

    def _neurons(self) -> tuple[tuple[int, ...], np.ndarray]:
        """Return the axes before the last, and which neurons of the last one there are."""
        shape = self.axes()
        return shape[:-1], np.arange(shape[-1]) if self.chosen is None else np.array(self.chosen, int)

    def _totals(self, lead: tuple[int, ...], chosen: np.ndarray) -> np.ndarray:
        """Return how many events there are of each neuron up to the last one."""
        shape = (*lead, int(chosen.max(initial=-1)) + 1)
        flat = np.ravel_multi_index(self._numbers(), shape)
        return np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)

    def __repr__(self) -> str:
        of = "" if self.shape is None else f" of {int(np.prod(self.shape))} neurons"
        span = f", {self.times[0].m_as('ms'):.10g} to {self.times[-1].m_as('ms'):.10g} ms" if len(self) else ""
        return f"SpikeEvents: {len(self)} spikes{of}{span}"


def _repeats(chosen: np.ndarray) -> np.ndarray:
    """Return how often each neuron was asked for: so often each of its spikes is there."""
    repeats: np.ndarray = np.bincount(chosen)[chosen]
    return repeats
