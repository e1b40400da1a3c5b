"""Random input waveforms, with an explicit seed (numpy's PCG64: the same on every machine), each its own numbers."""

from __future__ import annotations

import numpy as np

from simcore import units
from simcore.module.seeds import generator
from simcore.units import OneQuantity, Quantities
from simcore.units.clock import milliseconds

from .samples import as_waveform, in_one_unit, placed, time_grid
from .waveform import Waveform


def wiener_process(
    sigma: Quantities,
    duration: OneQuantity,
    t_start: OneQuantity | None = None,
    t_end: OneQuantity | None = None,
    dt: OneQuantity | None = None,
    *,
    n: int | None = None,
    seed: int,
) -> Waveform:
    """Return white noise: independent samples sigma / sqrt(dt) N(0, 1), so that its effect does not depend on dt.

    These are the increments of a Wiener process per dt: integrated over a time T they have the standard
    deviation sigma sqrt(T).

    Args:
        sigma: amplitude, current times root of time, e.g. ``0.1 * mA * ms**0.5``.
        duration: of the whole.
        t_start: begin, by default 0 ms; 0 before.
        t_end: end, by default the duration; 0 from there on.
        dt: distance of the samples.
        n: number of independent columns: samples (T, n); without it (T,).
        seed: of the random numbers.

    Raises:
        DimensionalityError: a time is none.
        ValueError: a time lies outside of the duration, or between steps of dt.
    """
    step, total, start, end = time_grid("wiener_process", duration, t_start, t_end, dt, n)
    (size,), unit = in_one_unit("wiener_process", sigma=sigma)
    per_step = units.unit(unit) / units.unit("ms") ** 0.5
    shape = (end - start,) if n is None else (end - start, n)
    samples = size / np.sqrt(step) * generator(seed, "wiener_process").normal(size=shape)
    simple = (1.0 * per_step).to_reduced_units()  # mA*ms**0.5/ms**0.5 is mA
    return as_waveform(placed(samples * simple.magnitude, total, start), units.unit_of(simple), step)


def ou_process(
    mean: Quantities,
    sigma: Quantities,
    tau: OneQuantity,
    duration: OneQuantity,
    t_start: OneQuantity | None = None,
    t_end: OneQuantity | None = None,
    dt: OneQuantity | None = None,
    *,
    n: int | None = None,
    seed: int,
) -> Waveform:
    """Return an Ornstein-Uhlenbeck process: correlated noise around `mean`, exact at any dt.

    dx = (mean - x) dt / tau + sigma sqrt(2 / tau) dW, stationary from the first sample on: standard deviation
    sigma, correlation exp(-|lag| / tau). Uhlenbeck and Ornstein (1930), Physical Review 36, 823.

    Args:
        mean: its mean.
        sigma: its standard deviation, in the dimension of the mean.
        tau: its correlation time.
        duration: of the whole.
        t_start: begin, by default 0 ms; 0 before.
        t_end: end, by default the duration; 0 from there on.
        dt: distance of the samples.
        n: number of independent columns: samples (T, n); without it (T,).
        seed: of the random numbers.

    Raises:
        DimensionalityError: mean and sigma differ in dimension, or a time is none.
        ValueError: tau is not > 0; a time lies outside of the duration, or between steps of dt.
    """
    from scipy.signal import lfilter  # comes with jax; slow to import

    step, total, start, end = time_grid("ou_process", duration, t_start, t_end, dt, n)
    (centre, size), unit = in_one_unit("ou_process", mean=mean, sigma=sigma)
    time = milliseconds(tau, "ou_process: 'tau'")
    if time <= 0:
        raise ValueError(f"ou_process: 'tau' must be > 0, got {units.show(tau)}.")
    kicks = generator(seed, "ou_process").normal(size=(end - start,) if n is None else (end - start, n))
    decay = np.exp(-step / time)
    kicks[1:] *= np.sqrt(-np.expm1(-2 * step / time))
    samples = centre + size * lfilter([1.0], [1.0, -decay], kicks, axis=0)
    return as_waveform(placed(samples, total, start), unit, step)
