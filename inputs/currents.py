"""Input waveforms with a shape in time.

All take quantities, and return a `Waveform` with round(duration / dt) samples. A sample is the value at the start
of its interval, a function of time that does not depend on dt; times must lie on the grid of dt. `dt` is by default
the environment's, 0.1 ms.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from simcore import units
from simcore.step.context import default_dt
from simcore.units import OneQuantity, Quantities
from simcore.units.clock import as_time, n_steps, time_step

from .samples import as_waveform, in_one_unit, listed, make_room, placed, time_grid
from .waveform import Waveform


def section_input(values: Quantities, durations: Quantities, dt: OneQuantity | None = None) -> Waveform:
    """Return values[k] for durations[k], one section after the other.

    Args:
        values: quantities of one dimension, scalar or of one shape: samples (T, *shape).
        durations: how long each holds.
        dt: distance of the samples.

    Returns:
        A `Waveform`, samples (T, *shape) in the unit of the first value.

    Raises:
        DimensionalityError: values differ in dimension, or a duration is no time.
        ValueError: there are not as many durations as values; one is no whole number of steps of dt.
    """
    values, durations = listed(values), listed(durations)
    if len(values) != len(durations) or not values:
        raise ValueError(f"section_input needs as many values as durations, got {len(values)} and {len(durations)}.")
    step = default_dt() if dt is None else time_step(dt, "section_input")
    magnitudes, unit = in_one_unit("section_input", **{f"values[{k}]": v for k, v in enumerate(values)})
    counts = [n_steps(d, step, f"section_input: 'durations[{k}]'") for k, d in enumerate(durations)]
    shape = np.broadcast_shapes(*(np.shape(m) for m in magnitudes))
    make_room(sum(counts) * math.prod(shape), "section_input")
    rows = np.stack([np.broadcast_to(m, shape) for m in magnitudes])
    return as_waveform(np.repeat(rows, counts, axis=0), unit, step)


def constant_input(value: Quantities, duration: OneQuantity, dt: OneQuantity | None = None) -> Waveform:
    """Return the same value for `duration`. (A runner also takes the quantity itself, without samples.)

    Args:
        value: a quantity, scalar or of a shape: samples (T, *shape).
        duration: how long, a whole number of steps.
        dt: distance of the samples.

    Raises:
        DimensionalityError: the duration is no time.
        ValueError: it is no whole number of steps of dt.
    """
    return section_input([value], [duration], dt)


def step_input(values: Quantities, times: Quantities, duration: OneQuantity, dt: OneQuantity | None = None) -> Waveform:
    """Return values[k] from times[k] until the next time or the end, 0 before the first.

    Args:
        values: quantities of one dimension.
        times: ascending, no two alike.
        duration: of the whole.
        dt: distance of the samples.

    Raises:
        DimensionalityError: values differ in dimension, or a time is none.
        ValueError: there are not as many times as values; they do not ascend, lie outside, or between steps of dt.
    """
    values, times = listed(values), listed(times)
    if len(values) != len(times) or not values:
        raise ValueError(f"step_input needs as many values as times, got {len(values)} and {len(times)}.")
    step, n, _, _ = time_grid("step_input", duration, None, None, dt)
    magnitudes, unit = in_one_unit("step_input", **{f"values[{k}]": v for k, v in enumerate(values)})
    starts = [n_steps(t, step, f"step_input: 'times[{k}]'") for k, t in enumerate(times)]
    if sorted(set(starts)) != starts or starts[-1] > n:
        raise ValueError("step_input: 'times' must ascend and lie within the duration, no two alike; "
                         f"got {', '.join(f'{k * step:.10g}' for k in starts)} ms.")  # fmt: skip
    samples = np.zeros((n, *np.broadcast_shapes(*(np.shape(m) for m in magnitudes))))
    for start, magnitude in zip(starts, magnitudes, strict=True):
        samples[start:] = magnitude
    return as_waveform(samples, unit, step)


def spike_input(
    times: Quantities, lengths: Quantities, sizes: Quantities, duration: OneQuantity, dt: OneQuantity | None = None
) -> Waveform:
    """Return pulses, sizes[k] from times[k] for lengths[k]; pulses that overlap add up.

    Args:
        times: when the pulses begin, a quantity (n,) or a sequence of quantities.
        lengths: their lengths, one or (n,).
        sizes: their heights, one or (n,).
        duration: of the whole; a pulse must end within it.
        dt: distance of the samples.

    Raises:
        DimensionalityError: a time or length is none.
        ValueError: lengths and sizes do not fit the times; a pulse is empty or ends too late.
    """
    step, n, _, _ = time_grid("spike_input", duration, None, None, dt)
    starts = np.atleast_1d(units.as_magnitude(times, "ms", "spike_input: 'times'"))
    widths = units.as_magnitude(lengths, "ms", "spike_input: 'lengths'")
    (heights,), unit = in_one_unit("spike_input", sizes=sizes)
    if not {widths.shape, heights.shape} <= {(), starts.shape}:
        raise ValueError(f"spike_input needs one length and one size, or one for each of the {len(starts)} times.")
    widths, heights = np.broadcast_to(widths, starts.shape), np.broadcast_to(heights, starts.shape)
    samples = np.zeros(n)
    for start, width, height in zip(starts, widths, heights, strict=True):
        a = n_steps(as_time(start), step, "spike_input: a time")
        b = a + n_steps(as_time(width), step, "spike_input: a length")
        if b > n or a == b:
            raise ValueError(f"spike_input: the pulse at {start:.10g} ms is empty or ends after the duration.")
        samples[a:b] += height
    return as_waveform(samples, unit, step)


def ramp_input(
    c_start: Quantities,
    c_end: Quantities,
    duration: OneQuantity,
    t_start: OneQuantity | None = None,
    t_end: OneQuantity | None = None,
    dt: OneQuantity | None = None,
) -> Waveform:
    """Return c_start + (c_end - c_start) (t - t_start) / (t_end - t_start) for t_start <= t < t_end, 0 outside.

    Args:
        c_start: value at t_start; a scalar, or one for each neuron: samples (T, *shape).
        c_end: value that it would reach at t_end.
        duration: of the whole.
        t_start: begin of the ramp, by default 0 ms.
        t_end: end of the ramp, by default the duration.
        dt: distance of the samples.

    Raises:
        DimensionalityError: c_start and c_end differ in dimension, or a time is none.
        ValueError: a time lies outside of the duration, or between steps of dt.
    """
    step, n, start, end = time_grid("ramp_input", duration, t_start, t_end, dt)
    (low, high), unit = in_one_unit("ramp_input", c_start=c_start, c_end=c_end)
    fraction = np.arange(end - start) / max(end - start, 1)
    return as_waveform(placed(low + np.multiply.outer(fraction, high - low), n, start), unit, step)


def _periodic(
    who: str,
    wave: Callable[[np.ndarray], np.ndarray],
    amplitude: Any,
    frequency: Any,
    grid: tuple[float, int, int, int],
    bias: bool,
) -> Waveform:
    """Return amplitude (wave(cycles since the window's begin) + bias) in the window of the grid, 0 outside."""
    step, n, start, end = grid
    (size,), unit = in_one_unit(who, amplitude=amplitude)
    rate = units.to_kernel(frequency, "Hz", f"{who}: 'frequency'")
    if np.ndim(rate):
        raise ValueError(f"{who}: 'frequency' needs one frequency, got {units.show(frequency)}.")
    samples = wave(float(rate) * np.arange(end - start) * step) + bias
    return as_waveform(placed(np.multiply.outer(samples, size), n, start), unit, step)


def sinusoidal_input(
    amplitude: Quantities,
    frequency: OneQuantity,
    duration: OneQuantity,
    t_start: OneQuantity | None = None,
    t_end: OneQuantity | None = None,
    dt: OneQuantity | None = None,
    *,
    bias: bool = False,
) -> Waveform:
    """Return amplitude sin(2 pi frequency (t - t_start)) for t_start <= t < t_end, 0 outside.

    Args:
        amplitude: half the distance from peak to peak; a scalar, or one for each neuron: samples (T, *shape).
        frequency: e.g. 10 * Hz.
        duration: of the whole.
        t_start: begin, by default 0 ms.
        t_end: end, by default the duration.
        dt: distance of the samples.
        bias: add the amplitude, so that it is nowhere negative.

    Raises:
        DimensionalityError: the frequency is none, or a time is none.
        ValueError: there are several frequencies; a time lies outside of the duration, or between steps of dt.
    """
    grid = time_grid("sinusoidal_input", duration, t_start, t_end, dt)
    return _periodic("sinusoidal_input", lambda cycles: np.sin(2 * np.pi * cycles), amplitude, frequency, grid, bias)


def square_input(
    amplitude: Quantities,
    frequency: OneQuantity,
    duration: OneQuantity,
    t_start: OneQuantity | None = None,
    t_end: OneQuantity | None = None,
    dt: OneQuantity | None = None,
    *,
    bias: bool = False,
) -> Waveform:
    """Return +amplitude in the first half of each period from t_start, -amplitude in the second, 0 outside.

    Arguments (`amplitude`, `frequency`, `duration`, `t_start`, `t_end`, `dt`, `bias`) and errors as for
    `sinusoidal_input`.
    """

    def square(cycles: np.ndarray) -> np.ndarray:
        # Rounded before floor, else rounding errors make a half period a sample longer or shorter now and then.
        return np.where(np.floor(np.round(2 * cycles, 9)) % 2 == 0, 1.0, -1.0)

    grid = time_grid("square_input", duration, t_start, t_end, dt)
    return _periodic("square_input", square, amplitude, frequency, grid, bias)
