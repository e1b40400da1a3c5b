"""Intervals between spikes, and how regular they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pint
from numpy.typing import ArrayLike

from simcore.units import OneQuantity, Quantities
from simcore.units.clock import as_time

from ..record.events import SpikeEvents
from .trains import Trains

Term = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def intervals(
    times: SpikeEvents | Quantities,
    spikes: ArrayLike | None = None,
    *,
    start: OneQuantity | None = None,
    stop: OneQuantity | None = None,
) -> tuple[pint.Quantity, np.ndarray]:
    """Return the intervals between the spikes of each neuron, and whose they are.

    Args:
        times: spike events, ``mon.spike_events``; or with `spikes` times: of spikes, (n,), or of a raster's rows, (T,).
        spikes: the neurons of the spikes, whole numbers (n,); or a raster, ``mon.spike``, (T, ...).
        start, stop: of the recording, spikes after start and up to stop count; by default all.

    Returns:
        The intervals, (m,), in ms, neuron by neuron in the order of time; and the neurons, (m,), as events number them.

    Raises:
        TypeError: these are no spikes.
        DimensionalityError: times without a unit of time.
        ValueError: lengths differ, times before the start of the recording, or a window that is not within it.
    """
    trains = Trains("intervals", times, spikes, start, stop)
    parts = [(interval, neuron) for interval, _, neuron in _successive(trains)]
    interval = np.concatenate([np.zeros(0), *(i for i, _ in parts)])
    neuron = np.concatenate([np.zeros(0, int), *(n for _, n in parts)])
    order = np.argsort(neuron, kind="stable")
    return as_time(interval[order]), trains.numbers(neuron[order])


def cv(
    times: SpikeEvents | Quantities,
    spikes: ArrayLike | None = None,
    *,
    start: OneQuantity | None = None,
    stop: OneQuantity | None = None,
) -> np.ndarray:
    r"""Return the coefficient of variation of the intervals of each neuron: 0 of a clock, 1 of a Poisson process.

    .. math:: CV = \sqrt{\langle I^2 \rangle - \langle I \rangle^2} / \langle I \rangle

    Args:
        times, spikes, start, stop: which spikes; see `intervals`.

    Returns:
        One number a neuron, in the shape of what was recorded; nan with fewer than two intervals. The variance is that
        of the intervals themselves (of n, not n - 1): of few intervals it is too small. As a run goes on, it is
        ``sc.measure.interval_cv(min_spikes=3)``.

    Raises:
        TypeError, DimensionalityError, ValueError: as `intervals`.

    Reference: Gerstner, Kistler, Naud, Paninski (2014), Neuronal Dynamics, section 7.3.
    """
    trains = Trains("cv", times, spikes, start, stop)
    mean = _mean(trains, lambda interval, before, neuron: interval, 2)
    variance = _mean(trains, lambda interval, before, neuron: (interval - mean[neuron]) ** 2, 2)
    return (np.sqrt(variance) / mean).reshape(trains.shape)


def cv2(
    times: SpikeEvents | Quantities,
    spikes: ArrayLike | None = None,
    *,
    start: OneQuantity | None = None,
    stop: OneQuantity | None = None,
) -> np.ndarray:
    r"""Return the mean variation of successive intervals of each neuron, which slow changes of the rate do not raise.

    .. math:: CV_2 = \left\langle \frac{2 \, |I_{n+1} - I_n|}{I_{n+1} + I_n} \right\rangle

    0 of a clock, 1 of a Poisson process.

    Args:
        times, spikes, start, stop: which spikes; see `intervals`.

    Returns:
        One number a neuron, in the shape of what was recorded; nan with fewer than two intervals.

    Raises:
        TypeError, DimensionalityError, ValueError: as `intervals`.

    Reference: Holt, Softky, Koch, Douglas (1996), Comparison of discharge variability in vitro and in vivo in cat
    visual cortex neurons, Journal of Neurophysiology 75, 1806-1814.
    """
    trains = Trains("cv2", times, spikes, start, stop)
    return _mean(trains, lambda I, before, neuron: 2 * np.abs(I - before) / (I + before)).reshape(trains.shape)


def lv(
    times: SpikeEvents | Quantities,
    spikes: ArrayLike | None = None,
    *,
    start: OneQuantity | None = None,
    stop: OneQuantity | None = None,
) -> np.ndarray:
    r"""Return the local variation of the intervals of each neuron.

    .. math:: LV = \frac{3}{n - 1} \sum_{i=1}^{n-1} \left( \frac{I_i - I_{i+1}}{I_i + I_{i+1}} \right)^2

    0 of a clock, 1 of a Poisson process, 3 / (2 k + 1) of a gamma process of order k.

    Args:
        times, spikes, start, stop: which spikes; see `intervals`.

    Returns:
        One number a neuron, in the shape of what was recorded; nan with fewer than two intervals.

    Raises:
        TypeError, DimensionalityError, ValueError: as `intervals`.

    Reference: Shinomoto, Shima, Tanji (2003), Differences in spiking patterns among cortical neurons, Neural
    Computation 15, 2823-2842.
    """
    trains = Trains("lv", times, spikes, start, stop)
    return 3 * _mean(trains, lambda I, before, neuron: ((I - before) / (I + before)) ** 2).reshape(trains.shape)


def _successive(trains: Trains) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield intervals, ms, each with the one before it (nan of a first one) and its neuron, in blocks."""
    last_time, last_interval = np.full((2, trains.size), np.nan)
    small = np.min_scalar_type(trains.size)  # numpy sorts integers of 16 bits in a fraction of the time
    for times, neurons in trains.blocks():
        order = np.argsort(neurons.astype(small), kind="stable")
        t, neuron = times[order], neurons[order]
        first = np.flatnonzero(np.diff(neuron, prepend=-1))
        last = np.append(first[1:], len(t))[: len(first)] - 1
        interval = t - _previous(t, first, last_time[neuron[first]])
        before = _previous(interval, first, last_interval[neuron[first]])
        last_time[neuron[first]], last_interval[neuron[first]] = t[last], interval[last]
        there = ~np.isnan(interval)
        yield interval[there], before[there], neuron[there]


def _previous(values: np.ndarray, first: np.ndarray, before_first: np.ndarray) -> np.ndarray:
    """Return the value before each; `before_first` are those before the places `first`."""
    previous = np.roll(values, 1).astype(float)  # times may be whole numbers, and nan is none
    previous[first] = before_first
    return previous


def _mean(trains: Trains, term: Term, least: int = 1) -> np.ndarray:
    """Return the mean of a term over the intervals of each neuron, (size,); nan where it has fewer than `least`.

    The term is a function of the intervals, those before them, and the neurons; nan where it has no value.
    """
    total, count = np.zeros((2, trains.size))
    for parts in _successive(trains):
        value, neuron = term(*parts), parts[2]
        there = ~np.isnan(value)
        total += np.bincount(neuron[there], value[there], trains.size)
        count += np.bincount(neuron[there], minlength=trains.size)
    return total / np.where(count >= least, count, np.nan)
