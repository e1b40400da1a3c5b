"""Spikes counted in bins: variability, rate over time, correlations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pint
from numpy.typing import ArrayLike

from simcore import memory, units
from simcore.units import OneQuantity, Quantities
from simcore.units.clock import TOLERANCE, as_time

from ..record.events import SpikeEvents
from .trains import Trains, rows_at_a_time


def fano_factor(
    times: SpikeEvents | Quantities,
    spikes: ArrayLike | None = None,
    *,
    window: OneQuantity,
    start: OneQuantity | None = None,
    stop: OneQuantity | None = None,
) -> np.ndarray:
    r"""Return the variance of each neuron's spike counts in successive windows over their mean: 1 of a Poisson process.

    .. math:: F = \mathrm{Var}(N) / \langle N \rangle

    Args:
        times, spikes, start, stop: which spikes; see `intervals`. Times without a recording need stop=.
        window: a time; a rest of the recording that fills no window does not count.

    Returns:
        One number a neuron, in the shape of what was recorded; nan without spikes.

    Raises:
        TypeError, DimensionalityError, ValueError: as `intervals`; the window does not fit twice, or the end of the
            recording is not known.

    Reference: Gerstner, Kistler, Naud, Paninski (2014), Neuronal Dynamics, section 7.2.
    """
    trains = Trains("fano_factor", times, spikes, start, stop)
    edges = trains.edges(trains.width("window", window))
    n = trains.at_least_two("window", window, edges)
    total, squares = np.zeros((2, trains.size))
    for counts in _binned(trains, edges):
        total += counts.sum(0)
        squares += (counts**2).sum(0)
    mean = np.where(total > 0, total / n, np.nan)
    return ((squares / n - mean**2) / mean).reshape(trains.shape)


def psth(
    times: SpikeEvents | Quantities,
    spikes: ArrayLike | None = None,
    *,
    bin: OneQuantity,
    axis: int | Sequence[int] | None = None,
    start: OneQuantity | None = None,
    stop: OneQuantity | None = None,
) -> tuple[pint.Quantity, pint.Quantity]:
    """Return the firing rate in each bin of time (a peristimulus time histogram), the mean over neurons and trials.

    Args:
        times, spikes, start, stop: which spikes; see `intervals`. Times without a recording need stop=.
        bin: a time, the width of the bins; a rest of the recording that fills none does not count.
        axis: over which axes of what was recorded the mean is taken, as numpy has it: by default all, () none. Of a
            batch of trials, (trials, neurons), axis=0 is the mean over the trials.

    Returns:
        The middles of the bins, (T,), ms; and the rates, (T,) and the axes that are left, in Hz.

    Raises:
        TypeError, DimensionalityError, ValueError: as `intervals`; the bin is longer than the recording, or the end of
            the recording is not known.

    Reference: Gerstner, Kistler, Naud, Paninski (2014), Neuronal Dynamics, section 7.2.
    """
    trains = Trains("psth", times, spikes, start, stop)
    width = trains.width("bin", bin)
    edges, axes = trains.edges(width), trains.mean_axes(axis)
    counts = [c.reshape(-1, *trains.shape).mean(axes) for c in _binned(trains, edges)]
    middles = trains.start + width * (np.arange(len(edges) - 1) + 0.5)
    return as_time(middles), units.from_kernel(np.concatenate(counts) / width, "Hz")


def correlation(
    times: SpikeEvents | Quantities,
    spikes: ArrayLike | None = None,
    *,
    bin: OneQuantity,
    start: OneQuantity | None = None,
    stop: OneQuantity | None = None,
) -> np.ndarray:
    r"""Return the correlation of the spike counts of each pair of neurons: Pearson's, over the bins.

    .. math:: \rho_{ij} = \frac{\langle N_i N_j \rangle - \langle N_i \rangle \langle N_j \rangle}{\sigma_i \sigma_j}

    Args:
        times, spikes, start, stop: which spikes; see `intervals`. Times without a recording need stop=.
        bin: a time, the width of the bins; a rest of the recording that fills none does not count.

    Returns:
        (n, n), for the n neurons of the flattened shape; nan of those who have the same count in all bins.

    Raises:
        TypeError, DimensionalityError, ValueError: as `intervals`; the bin does not fit twice into the recording, or
            the end of the recording is not known.
        MemoryError: so many pairs do not fit.

    Reference: Cohen, Kohn (2011), Measuring and interpreting neuronal correlations, Nature Neuroscience 14, 811-819.
    """
    trains = Trains("correlation", times, spikes, start, stop)
    edges = trains.edges(trains.width("bin", bin))
    n, size = trains.at_least_two("bin", bin, edges), trains.size
    memory.require(24 * size**2, f"correlation: the pairs of {size} neurons", "; give the spikes of some of them")
    total, products = np.zeros(size), np.zeros((size, size))
    for counts in _binned(trains, edges):
        total += counts.sum(0)
        products += counts.T @ counts
    mean = total / n
    covariance = products / n - np.outer(mean, mean)
    deviation = np.sqrt(np.where(np.diag(products) * n > total**2, np.diag(covariance), np.nan))
    return covariance / np.outer(deviation, deviation)


def cross_correlogram(
    times: SpikeEvents | Quantities,
    spikes: ArrayLike | None = None,
    *,
    i: ArrayLike,
    j: ArrayLike,
    bin: OneQuantity,
    lag: OneQuantity,
    start: OneQuantity | None = None,
    stop: OneQuantity | None = None,
) -> tuple[pint.Quantity, np.ndarray]:
    r"""Return how often spikes of neuron j come at each lag after those of neuron i, counted in bins.

    .. math:: C(\tau) = \sum_k N_i(k) \, N_j(k + \tau)

    Divided by the number of spikes of i and by the bin it is the rate of j at that lag after a spike of i. Of one
    neuron with itself a spike does not count as its own partner.

    Args:
        times, spikes, start, stop: which spikes; see `intervals`. Times without a recording need stop=.
        i, j: two neurons by their numbers; several numbers each, (trial, neuron), where they have several axes.
        bin: a time, the width of the bins; a rest of the recording that fills none does not count.
        lag: a time, the largest lag.

    Returns:
        The lags, (2 m + 1,), multiples of the bin from -lag to lag in ms; and the counts, whole numbers. At a lag of m
        bins there are m pairs of bins fewer than at 0.

    Raises:
        TypeError, DimensionalityError, ValueError: as `intervals`; there is no such neuron, bin or lag is longer than
            the recording, or the end of the recording is not known.

    Reference: Perkel, Gerstein, Moore (1967), Neuronal spike trains and stochastic point processes II, Biophysical
    Journal 7, 419-440.
    """
    trains = Trains("cross_correlogram", times, spikes, start, stop)
    width = trains.width("bin", bin)
    edges, most = trains.edges(width), int(trains.width("lag", lag) / width + TOLERANCE)
    two = trains.place("i", i), trains.place("j", j)
    found: tuple[list[np.ndarray], list[np.ndarray]] = [], []
    for t, neuron in trains.blocks(edges[0], edges[-1]):
        for place, bins in zip(two, found, strict=True):
            bins.append(np.searchsorted(edges, t[neuron == place]) - 1)
    of_i, of_j = (np.concatenate([np.zeros(0, int), *bins]) for bins in found)
    first, last = np.searchsorted(of_j, of_i - most), np.searchsorted(of_j, of_i + most, side="right")
    partners = last - first
    # Each spike of i with its partners, the spikes of j from first to last: the k-th pair of all has the partner ...
    partner = np.arange(partners.sum()) + np.repeat(last - np.cumsum(partners), partners)
    counts = np.bincount(of_j[partner] - np.repeat(of_i, partners) + most, minlength=2 * most + 1)
    if two[0] == two[1]:
        counts[most] -= len(of_i)
    return as_time(np.arange(-most, most + 1) * width), counts


def _binned(trains: Trains, edges: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the counts of spikes, floats (bins, size), of successive bins; together they are all."""
    size, rows = trains.size, rows_at_a_time(trains.size)
    for first in range(0, len(edges) - 1, rows):
        own = edges[first : first + rows + 1]
        n = len(own) - 1
        counts = np.zeros(n * size)
        for t, neuron in trains.blocks(own[0], own[-1]):
            counts += np.bincount((np.searchsorted(own, t) - 1) * size + neuron, minlength=n * size)
        yield counts.reshape(n, size)
