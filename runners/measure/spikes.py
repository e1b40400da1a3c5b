"""Measures of spikes: counts, rates, intervals, variability, times."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from simcore import units
from simcore.units import OneQuantity, Quantities
from simcore.units.clock import as_time, n_steps

from .base import Array, Carry, Measure, OfSpikes, added, zeros


class Kept(OfSpikes):
    """Base of measures made of a few numbers of each neuron: several measures that keep the same carry it once."""

    keeps: ClassVar[tuple[str, ...]] = ()

    def begin(self, value: Array) -> Carry:
        none, zero = jnp.full(value.shape, -1, jnp.int32), jnp.zeros(value.shape, jnp.int32)
        start = {"count": zero, "first": none, "last": none, "interval": zero, "squares": zeros(value)}
        return {name: start[name] for name in self.keeps}

    def add(self, carry: Carry, value: Array, k: Array) -> Carry:
        return {name: _AFTER[name](carry, value, k) for name in self.keeps}

    def kind_of_carry(self) -> Hashable:
        return type(self).begin, type(self).add  # a class of a user's own may have others


def _interval(carry: Carry, value: Array, k: Array) -> Array:
    """Return the first interval, 0 before its end."""
    ends = value & (carry["count"] > 0)
    return jnp.where(ends & (carry["interval"] == 0), k - carry["last"], carry["interval"])


def _squares(carry: Carry, value: Array, k: Array) -> tuple[Array, Array]:
    """Return the sum of the squares of what intervals differ by from the first one."""
    ends = value & (carry["count"] > 0)
    d = jnp.where(ends, k - carry["last"] - _interval(carry, value, k), 0).astype(jnp.result_type(float))
    return added(carry["squares"], d * d)


# What a measure may keep, after a step: the number of spikes, the steps of the first and the last, and of intervals ...
_AFTER: dict[str, Callable[[Carry, Array, Array], Any]] = {
    "count": lambda carry, value, k: carry["count"] + value,
    "first": lambda carry, value, k: jnp.where((carry["first"] < 0) & value, k, carry["first"]),
    "last": lambda carry, value, k: jnp.where(value, k, carry["last"]),
    "interval": _interval,
    "squares": _squares,
}


class SpikeCount(Kept):
    """The number of spikes."""

    name = "spike_count"
    keeps: ClassVar[tuple[str, ...]] = ("count",)

    def result(self, carry: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return carry["count"]


class FiringRate(SpikeCount):
    """The number of spikes over the duration, Hz."""

    name = "firing_rate"

    def result(self, carry: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return units.from_kernel(carry["count"] / max(steps * dt, dt), "Hz")


class FirstSpikeTime(Kept):
    """The time of the first spike; nan without one."""

    name = "first_spike_time"
    keeps: ClassVar[tuple[str, ...]] = ("first",)

    def result(self, carry: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        first = carry["first"]
        return as_time(np.where(first < 0, np.nan, t0 + (first + 1) * dt))


@dataclasses.dataclass(frozen=True)
class IntervalMean(Kept):
    """The mean interval between spikes; nan with fewer than `min_spikes`, by default 2."""

    name = "interval_mean"
    keeps: ClassVar[tuple[str, ...]] = ("count", "first", "last")
    options = ("min_spikes",)
    min_spikes: int = 2  # with fewer, a neuron has no value

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.min_spikes, bool) or not isinstance(self.min_spikes, int) or self.min_spikes < 2:
            raise ValueError(f"{self.who}: 'min_spikes' must be an int of 2 or more, got {self.min_spikes!r}.")

    def mean_and_number(self, carry: Carry) -> tuple[Array, Array]:
        """Return the mean of the intervals in steps, and their number; nan with too few spikes."""
        number = np.where(carry["count"] >= self.min_spikes, carry["count"] - 1, np.nan)
        return (carry["last"] - carry["first"]) / number, number

    def result(self, carry: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return as_time(self.mean_and_number(carry)[0] * dt)


class IntervalCV(IntervalMean):
    """The coefficient of variation of the intervals; nan with fewer than `min_spikes`, by default 2."""

    name = "interval_cv"
    keeps: ClassVar[tuple[str, ...]] = ("count", "first", "last", "interval", "squares")

    def result(self, carry: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        mean, number = self.mean_and_number(carry)
        variance = carry["squares"][0] / number - (mean - carry["interval"]) ** 2
        return np.sqrt(np.maximum(variance, 0)) / mean


@dataclasses.dataclass(frozen=True)
class IntervalHistogram(OfSpikes):
    """The number of intervals in each bin; `bins` are the edges, a quantity (n + 1,)."""

    name = "interval_histogram"
    trailing = ("interval",)
    options = ("bins",)
    bins: Quantities | None = None  # edges, a quantity (n + 1,)
    edges: tuple[int, ...] = ()  # in steps

    def fit(self, steps: int, dt: float) -> Measure:
        if self.edges:
            return self
        if self.bins is None:
            raise ValueError("measure.interval_histogram needs its bins: bins=np.arange(0, 101, 5) * ms, the edges.")
        edges = np.atleast_1d(units.to_kernel(self.bins, "ms", "measure.interval_histogram: 'bins'"))
        if edges.ndim != 1 or edges.size < 2 or np.any(np.diff(edges) <= 0):
            raise ValueError("measure.interval_histogram: 'bins' must be at least two rising edges.")
        # An interval of n steps is in [a, b) if ceil(a / dt) <= n < ceil(b / dt).
        # Without the quantity: what a compiled program depends on is hashed.
        return dataclasses.replace(self, bins=None, edges=tuple(int(np.ceil(e / dt - 1e-6)) for e in edges))

    def begin(self, value: Array) -> Carry:
        return jnp.full(value.shape, -1, jnp.int32), jnp.zeros((*value.shape, len(self.edges) - 1), jnp.int32)

    def add(self, carry: Carry, value: Array, k: Array) -> Carry:
        last, counts = carry
        interval = jnp.where(value & (last >= 0), k - last, -1)[..., None]
        edges = np.array(self.edges, np.int32)
        counts = counts + ((interval >= edges[:-1]) & (interval < edges[1:]))
        return jnp.where(value, k, last), counts

    def places(self, size: int, dt: float, t0: float) -> Any:
        """Return the lower edges of the bins."""
        return as_time(np.array(self.edges[:-1]) * dt)

    def result(self, carry: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return np.asarray(carry[1])


@dataclasses.dataclass(frozen=True)
class FanoFactor(OfSpikes):
    """The variance of the spike counts in successive windows over their mean; nan without spikes.

    ``fano_factor("E", window=100 * ms)``; a rest that fills no window does not count. 1 of a Poisson process.
    """

    name = "fano_factor"
    options = ("window",)
    window: OneQuantity | None = None  # a time
    length: int = 0  # of a window, in steps

    def fit(self, steps: int, dt: float) -> Measure:
        if self.window is None:
            raise ValueError(f"{self.who} needs its window: window=100 * ms.")
        length = n_steps(self.window, dt, f"{self.who}: 'window'")
        if length < 1 or steps // length < 2:
            raise ValueError(f"{self.who}: 'window' must fit twice at least into {steps * dt:.10g} ms, "
                             f"got {units.show(self.window)}.")  # fmt: skip
        return dataclasses.replace(self, window=None, length=length)

    def begin(self, value: Array) -> Carry:
        return jnp.zeros(value.shape, jnp.int32), zeros(value), zeros(value)  # count, sums over the windows

    def add(self, carry: Carry, value: Array, k: Array) -> Carry:
        count, sums, squares = carry
        count, ends = count + value, (k + 1) % self.length == 0
        n = jnp.where(ends, count, 0).astype(sums[0].dtype)
        return jnp.where(ends, 0, count), added(sums, n), added(squares, n * n)

    def result(self, carry: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        _, (sums, _), (squares, _) = (jax.tree.map(np.asarray, part) for part in carry)
        n = max(steps // self.length, 1)  # a store asks at the start too
        mean = np.where(sums > 0, sums / n, np.nan)
        return squares / n / mean - mean


@dataclasses.dataclass(frozen=True)
class SpikeTimes(OfSpikes):
    """The times of the first `room` spikes; nan where there are fewer. Where there are more, the sweep warns."""

    name = "spike_times"
    leading = ("spike",)
    options = ("room",)
    in_a_runner = "'spike_events'"
    room: int = 100

    def begin(self, value: Array) -> Carry:
        return jnp.zeros(value.shape, jnp.int32), jnp.full((self.room, *value.shape), -1, jnp.int32)

    def add(self, carry: Carry, value: Array, k: Array) -> Carry:
        count, steps = carry
        is_next = jnp.arange(self.room).reshape(-1, *(1,) * value.ndim) == count
        return count + value, jnp.where(is_next & value, k, steps)

    def room_needed(self, carry: Carry) -> Array | None:
        count = np.asarray(carry[0])
        return np.where(count > self.room, count, 0)

    def result(self, carry: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        spiked = np.asarray(carry[1])
        return as_time(np.where(spiked < 0, np.nan, t0 + (spiked + 1) * dt))
