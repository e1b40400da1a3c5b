"""From durations to whole steps: the one place where time becomes a number of steps."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pint

from .values import from_kernel, show, to_kernel

# float64 durations a few thousand operations away from a multiple of dt still count as one.
TOLERANCE = 1e-6
MAX_STEP = 2**31 - 1


@dataclasses.dataclass
class Clock:
    """Where a model stands in time: the whole step `i` is the truth, t = t0 + i * dt is derived (ms)."""

    i: int = 0
    dt: float = 0.1
    t0: float = 0.0

    @property
    def t(self) -> float:
        """The time in ms."""
        return self.t0 + self.i * self.dt

    def copy(self) -> Clock:
        """Return a clock of its own at the same time."""
        return dataclasses.replace(self)


def milliseconds(time: Any, who: str) -> float:
    """Return one time in ms."""
    value = to_kernel(time, "ms", who)
    if np.ndim(value):
        raise ValueError(f"{who} needs one time, got {show(time)}.")
    return float(value)


def time_step(dt: Any, who: str) -> float:
    """Return dt in ms after checking that it is a time > 0."""
    value = milliseconds(dt, f"{who}: 'dt'")
    if value <= 0:
        raise ValueError(f"{who}: 'dt' must be > 0, got {show(dt)}.")
    return value


def n_steps(duration: Any, dt: float, what: str = "duration") -> int:
    """Return how many steps of `dt` (ms) the quantity `duration` is.

    Raises:
        ValueError: it is not a whole number of steps; the text names the nearest durations that are.
    """
    steps = milliseconds(duration, what) / dt
    n = round(steps)
    if n < 0:
        raise ValueError(f"{what} must not be negative, got {show(duration)}.")
    if abs(steps - n) > TOLERANCE * max(1.0, abs(steps) ** 0.5):
        low, high = (f"{k * dt:.10g} ms" for k in (max(math.floor(steps), 0), math.ceil(steps)))
        raise ValueError(
            f"{what} {show(duration)} is {steps:.10g} steps of dt = {dt:.10g} ms; the nearest are {low} and {high}."
        )
    return n


def rounded_steps(ms: np.ndarray, dt: float) -> tuple[np.ndarray, bool]:
    """Return the nearest whole number of steps of each duration (ms), and whether all were whole already."""
    steps = np.asarray(ms) / dt
    nearest = np.round(steps)
    whole = np.all(np.abs(steps - nearest) <= TOLERANCE * np.maximum(1.0, steps))
    return np.minimum(nearest, 2.0**62).astype(int), bool(whole)  # beyond it no int64 holds them


def as_time(ms: Any) -> pint.Quantity:
    """Return milliseconds as a quantity."""
    return from_kernel(ms, "ms")


def spike_trains(times: Any, indices: Any, size: int, who: str, cure: str = "") -> tuple[np.ndarray, np.ndarray]:
    """Return spikes as times in ms, (n,), and which of `size` neurons, (n,).

    Args:
        times: quantity, (n,) or one.
        indices: whole numbers, (n,) or one.
        size: the number of neurons.
        who: for messages.
        cure: what helps against lists of two lengths, for the message.

    Raises:
        ValueError: they are no lists of one length, or an index is out of range.
    """
    when = np.atleast_1d(to_kernel(times, "ms", f"{who}: 'times'"))
    which = np.atleast_1d(np.asarray(indices))
    if when.shape != which.shape or when.ndim != 1:
        raise ValueError(f"{who}: 'times' {when.shape} and 'indices' {which.shape} must be lists of one length{cure}.")
    if which.size and (which.dtype.kind not in "iu" or which.min() < 0 or which.max() >= size):
        raise ValueError(f"{who}: 'indices' must be whole numbers from 0 to {size - 1}.")
    return when, which
