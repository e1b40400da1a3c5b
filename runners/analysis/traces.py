"""Statistics of values over time: power spectra, synchrony."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pint

from simcore import units
from simcore.units import OneQuantity, Quantities, ValueLike
from simcore.units.clock import milliseconds

from .trains import rows_at_a_time


def spectrum(ts: Quantities, values: ValueLike, *, window: OneQuantity) -> tuple[pint.Quantity, pint.Quantity]:
    r"""Return the power spectral density of values over time, by Welch's method.

    The mean over segments as long as `window` that overlap by half, of each the one-sided periodogram of what differs
    from its mean, under a Hann window. Summed over all frequencies and times their distance, it is the variance. What
    is faster than half of the sampling rate is folded down: of a rate in bins, take small ones.

    Args:
        ts: times, (T,), evenly spaced: ``mon.ts``, or ``mon.times("V")``.
        values: (T, ...), a quantity or numbers: ``mon.V``, or a rate, ``spectrum(*psth(...), window=...)``.
        window: a time, rounded to whole steps of ts: frequencies are 1 / window apart, and the more often it fits into
            T the smoother is the density.

    Returns:
        The frequencies, (k,), in Hz; and the densities, (k, ...), in the unit of the values squared over Hz.

    Raises:
        DimensionalityError: a time without a unit.
        ValueError: lengths differ, the times are not evenly spaced, the window is longer than they are or shorter than
            two of their steps.

    Reference: Welch (1967), The use of fast Fourier transform for the estimation of power spectra, IEEE Transactions
    on Audio and Electroacoustics 15, 70-73.
    """
    from scipy.signal import periodogram

    t, (v, unit) = units.to_kernel(ts, "ms", "spectrum: 'ts'"), _read(values, "spectrum")
    if t.ndim != 1 or len(t) != len(v) or len(t) < 2:
        raise ValueError(f"spectrum: {np.shape(t)} times for values of the shape {v.shape}; their first axis is the "
                         "time, two values at least.")  # fmt: skip
    dt = (t[-1] - t[0]) / (len(t) - 1)
    if dt <= 0 or np.ptp(np.diff(t)) > 1e-3 * dt:
        raise ValueError("spectrum: the times must rise, and be evenly spaced.")
    n = round(milliseconds(window, "spectrum: 'window'") / dt)
    if not 2 <= n <= len(t):
        raise ValueError(f"spectrum: 'window' must be from {2 * dt:.10g} ms to {len(t) * dt:.10g} ms, as long as the "
                         f"values; got {units.show(window)}.")  # fmt: skip
    starts = range(0, len(t) - n + 1, n - n // 2)
    total = 0.0
    for k in starts:
        segment = np.asarray(v[k : k + n], float)
        f, power = periodogram(segment, 1e3 / dt, "hann", axis=0)
        total = total + power
    squared = units.unit(unit) ** 2 / units.unit("Hz")
    return units.attach(f, "Hz"), units.attach(total / len(starts), f"{squared}")


def synchrony(values: ValueLike) -> float:
    r"""Return the synchrony of a population, from about :math:`1 / \sqrt{N}` of independent neurons to 1 of equal ones.

    .. math:: \chi = \sqrt{\mathrm{Var}_t(\langle V_i \rangle_i) / \langle \mathrm{Var}_t(V_i) \rangle_i}

    Args:
        values: (T, ...), a quantity or numbers: ``mon.V``. All axes but the first are those of neurons.

    Returns:
        One number; nan where nothing changes over time.

    Raises:
        ValueError: there is no time, or no neuron.

    Reference: Golomb, Rinzel (1993), Dynamics of globally coupled inhibitory neurons with heterogeneity, Physical
    Review E 48, 4810.
    """
    v, _ = _read(values, "synchrony")
    if v.ndim < 2 or not v.size:
        raise ValueError(f"synchrony is of values (T, n), each row those of all neurons; got the shape {v.shape}.")
    size = int(np.prod(v.shape[1:]))
    # From the first row on, so that the squares of a mean far from 0 do not swallow the variance.
    each, squares = np.zeros((2, size))
    mean_squares = 0.0
    for rows in _rows(v, size):
        away = rows - np.asarray(v[0], float).reshape(-1)
        each += away.sum(0)
        squares += (away**2).sum(0)
        mean_squares += (away.mean(1) ** 2).sum()
    n = len(v)
    total = mean_squares / n - (each.mean() / n) ** 2
    mean = (squares / n - (each / n) ** 2).mean()
    return float(np.sqrt(max(total, 0) / mean)) if mean > 0 else np.nan


def _read(values: Any, who: str) -> tuple[np.ndarray, str]:
    """Return values as an array, without a copy of one that may be in a file, and their unit."""
    values = units.read(values, f"{who}: 'values'")
    if isinstance(values, pint.Quantity):
        return np.asanyarray(values.magnitude), units.unit_of(values)
    return np.asanyarray(values), "dimensionless"


def _rows(values: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Yield the values as floats, (rows, size), in blocks."""
    step = rows_at_a_time(size)
    for k in range(0, len(values), step):
        yield np.asarray(values[k : k + step], float).reshape(-1, size)
