"""Firing rates over time, smoothed by kernels."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pint
from numpy.typing import ArrayLike

from simcore import memory, units
from simcore.units import OneQuantity, Quantities
from simcore.units.clock import as_time, milliseconds

from ..record.events import SpikeEvents
from .trains import LATE, Trains


@dataclasses.dataclass(frozen=True)
class Kernel:
    """Base of the kernels of `rate`: what one spike adds to it. A kernel of your own has `density` and `reach`.

    Args:
        width: a time > 0.
    """

    width: OneQuantity

    def __post_init__(self) -> None:
        if self.ms <= 0:
            raise ValueError(f"{type(self).__name__}: 'width' must be > 0, got {units.show(self.width)}.")

    @property
    def ms(self) -> float:
        """The width in ms."""
        return milliseconds(self.width, f"{type(self).__name__}: 'width'")

    def density(self, t: np.ndarray) -> np.ndarray:
        """Return the kernel, 1/ms, at times t after a spike, ms; its integral is 1."""
        raise NotImplementedError(f"{type(self).__name__} defines no density().")

    def reach(self) -> tuple[float, float]:
        """Return how long before a spike and after it the kernel is more than nothing, ms; causal: 0 before."""
        raise NotImplementedError(f"{type(self).__name__} defines no reach().")


class Gaussian(Kernel):
    """A Gaussian around each spike, whose standard deviation is `width`: not causal, and without delay."""

    def density(self, t: np.ndarray) -> np.ndarray:
        return np.exp(-0.5 * (t / self.ms) ** 2) / (self.ms * np.sqrt(2 * np.pi))

    def reach(self) -> tuple[float, float]:
        return 6 * self.ms, 6 * self.ms  # 2e-9 of it lies beyond


class Exponential(Kernel):
    """A jump at each spike that decays with the time constant `width`: causal, later than the spikes by that time."""

    def density(self, t: np.ndarray) -> np.ndarray:
        return np.where(t >= -LATE, np.exp(-np.maximum(t, 0) / self.ms) / self.ms, 0.0)

    def reach(self) -> tuple[float, float]:
        return 0.0, 20 * self.ms  # 2e-9 of it lies beyond


class Box(Kernel):
    """A box around each spike as long as `width`, the spikes of a sliding window: not causal, and without delay."""

    def density(self, t: np.ndarray) -> np.ndarray:
        return np.where((t > LATE - self.ms / 2) & (t <= LATE + self.ms / 2), 1 / self.ms, 0.0)

    def reach(self) -> tuple[float, float]:
        return self.ms / 2, self.ms / 2


def rate(
    times: SpikeEvents | Quantities,
    spikes: ArrayLike | None = None,
    *,
    kernel: Kernel,
    every: OneQuantity = "1 ms",
    axis: int | Sequence[int] | None = None,
    start: OneQuantity | None = None,
    stop: OneQuantity | None = None,
) -> tuple[pint.Quantity, pint.Quantity]:
    r"""Return the firing rate over time, a kernel at each spike: the mean over neurons and trials.

    .. math:: r(t) = \Big\langle \sum_s k(t - t_s) \Big\rangle

    It is exact: spikes are not put into bins. Within the reach of a kernel of both ends of the recording it is too low,
    as spikes beyond are not known.

    Args:
        times, spikes: which spikes; see `intervals`. Times without a recording need stop=.
        kernel: ``Gaussian(10 * ms)``, ``Exponential(20 * ms)`` (the only causal one) or ``Box(50 * ms)``.
        every: the time between two values.
        axis: over which axes of what was recorded the mean is taken, as numpy has it: by default all, () none.
        start, stop: between which times it is returned; spikes of the recording before and after these count too.

    Returns:
        The times start + every, start + 2 every, ... up to stop, (T,), ms; and the rates there, (T,) and the axes that
        are left, in Hz.

    Raises:
        TypeError, DimensionalityError, ValueError: as `intervals`; `kernel` is none, `every` is longer than the
            recording, or the end of the recording is not known.
        MemoryError: so many rates do not fit.

    Reference: Nawrot, Aertsen, Rotter (1999), Single-trial estimation of neuronal firing rates, Journal of
    Neuroscience Methods 94, 81-92.
    """
    trains = Trains("rate", times, spikes, start, stop)
    if not isinstance(kernel, Kernel):
        raise TypeError(f"rate: 'kernel' must be a kernel, e.g. sc.analysis.Gaussian(10 * ms); got {kernel!r}.")
    step, axes = trains.width("every", every), trains.mean_axes(axis)
    n = len(trains.edges(step)) - 1
    shape = tuple(1 if k + 1 in axes else m for k, m in enumerate(trains.shape))  # with axes of one in place of a mean
    size = int(np.prod(shape))
    groups = np.broadcast_to(np.arange(size).reshape(shape), trains.shape).reshape(-1)
    memory.require(8 * n * size, "rate: the rates", "; take the mean over some axes, or a larger 'every'")
    total = np.zeros(n * size)
    before, after = kernel.reach()
    first, last = max(trains.start - after, trains.begin), min(trains.stop + before, trains.end) + LATE
    for t, neuron in trains.blocks(first, last):
        nearest, group = np.round((t - trains.start) / step).astype(int) - 1, groups[neuron]
        for away in range(-int(before / step) - 1, int(after / step) + 2):
            k = nearest + away
            inside = (k >= 0) & (k < n)
            density = kernel.density(trains.start + (k[inside] + 1) * step - t[inside])
            np.add.at(total, k[inside] * size + group[inside], density)
    mean = total.reshape(n, *shape).mean(axes) * (size / trains.size)  # of a sum over the mean axes
    return as_time(trains.start + step * np.arange(1, n + 1)), units.from_kernel(mean, "Hz")
