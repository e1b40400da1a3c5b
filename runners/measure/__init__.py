"""Measures: numbers about a run that are kept up to date in every step, so that no trace is stored.

``mean("V")``, ``firing_rate`` (of the model that runs) or ``firing_rate("E")`` go among the monitors of a runner and
the measures of a sweep. A measure of the model's own step is a function, ``maximum(lambda net: net.E.V.value - ...)``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from simcore import Module, units
from simcore.units.clock import as_time, n_steps

from ..record.monitors import Monitor, read_monitors

Array = Any
Carry = Any


@dataclasses.dataclass(frozen=True)
class Measure:
    """Base of all measures.

    Args:
        of: what it is about: the name of a state, a function of the model, or a pair of a name and indices; of
            measures of spikes the path of the population, by default the model that runs.
    """

    of: Any = None
    leading: ClassVar[tuple[str, ...]] = ()  # names of the axes of a result before those of the neurons, and after them
    trailing: ClassVar[tuple[str, ...]] = ()

    def __call__(self, of: Any = None, **options: Any) -> Measure:
        """Return the same measure of something else, or with other options."""
        known = {f.name for f in dataclasses.fields(self)} - {"of"}
        for option in options:
            if option not in known:
                own = ", ".join(sorted(known)) or "none"
                raise TypeError(f"measure.{self.name} has no option {option!r}; it has {own}.")
        return dataclasses.replace(self, of=self.of if of is None else of, **options)

    @property
    def name(self) -> str:
        """Its name in `simcore.measure`."""
        return next(k for k, v in globals().items() if type(v) is type(self))

    def reads(self, target: Module) -> Monitor:
        """Return what it reads in each step.

        Raises:
            ValueError: there is nothing of that name.
        """
        if self.of is None:
            raise ValueError(f"measure.{self.name} needs to know of what: measure.{self.name}('V').")
        return read_monitors(target, {self.name: self.of})[0]

    def fit(self, steps: int, dt: float) -> Measure:
        """Return the measure for a run of so many steps of dt (ms); options in units become steps here."""
        return self

    def start(self, value: Array) -> Carry:
        """Return what it keeps before the first step; `value` has the shape and type of what it reads."""
        raise NotImplementedError

    def add(self, kept: Carry, value: Array, k: Array) -> Carry:
        """Return what it keeps after the k-th step of the run, in which it reads `value`."""
        raise NotImplementedError

    def places(self, size: int, dt: float, t0: float) -> Any:
        """Return the coordinates along an own axis of the result, (size,)."""
        return np.arange(size)

    def result(self, kept: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        """Return the quantity: from what was kept, numpy arrays, after so many steps of dt (ms) from t0 (ms) on.

        Args:
            unit: that of what it reads.
        """
        raise NotImplementedError


def _added(total: tuple[Array, Array], value: Array) -> tuple[Array, Array]:
    """Add to a sum and its rounding error (Kahan 1965): a plain float32 sum stands still after some 10^7 terms."""
    s, error = total
    y = value - error
    t = s + y
    return t, (t - s) - y


def _zeros(value: Array) -> tuple[Array, Array]:
    zero = jnp.zeros(value.shape, jnp.result_type(float))
    return zero, zero


# ---------------------------------------------------------------- of values


class _Mean(Measure):
    def start(self, value: Array) -> Carry:
        return _zeros(value)

    def add(self, kept: Carry, value: Array, k: Array) -> Carry:
        return _added(kept, value)

    def result(self, kept: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return units.from_kernel(kept[0] / max(steps, 1), unit)


class _Variance(Measure):
    def start(self, value: Array) -> Carry:
        return _zeros(value)[0], _zeros(value), _zeros(value)

    def add(self, kept: Carry, value: Array, k: Array) -> Carry:
        first, sums, squares = kept
        first = jnp.where(k == 0, value, first)  # as a shift: the square of a large mean would swallow the variance
        d = value - first
        return first, _added(sums, d), _added(squares, d * d)

    def _of(self, kept: Carry, steps: int) -> Array:
        _, (sums, _), (squares, _) = kept
        n = max(steps, 1)
        return np.maximum(squares / n - (sums / n) ** 2, 0)

    def result(self, kept: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return units.from_kernel(self._of(kept, steps), unit_power(unit, 2))


class _StandardDeviation(_Variance):
    def result(self, kept: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return units.from_kernel(np.sqrt(self._of(kept, steps)), unit)


class _Extreme(Measure):
    sign = 1

    def start(self, value: Array) -> Carry:
        return jnp.full(value.shape, -self.sign * jnp.inf, jnp.result_type(float))

    def add(self, kept: Carry, value: Array, k: Array) -> Carry:
        return jnp.maximum(kept, value) if self.sign > 0 else jnp.minimum(kept, value)

    def result(self, kept: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return units.from_kernel(kept, unit)


class _Minimum(_Extreme):
    sign = -1


class _Final(Measure):
    def start(self, value: Array) -> Carry:
        return jnp.zeros(value.shape, value.dtype)

    def add(self, kept: Carry, value: Array, k: Array) -> Carry:
        return value

    def result(self, kept: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return units.from_kernel(kept, unit)


@dataclasses.dataclass(frozen=True)
class _Trace(Measure):
    leading = ("time",)
    every: Any = None  # a time; by default each step
    held: int = 1
    length: int = 0

    def fit(self, steps: int, dt: float) -> Measure:
        held = 1 if self.every is None else n_steps(self.every, dt, "measure.trace: 'every'")
        if held < 1:
            raise ValueError(f"measure.trace: 'every' must be > 0, got {units.show(self.every)}.")
        if steps < held:
            raise ValueError(f"measure.trace: 'every' is {units.show(self.every)}, the run {steps * dt:.10g} ms.")
        return dataclasses.replace(self, held=held, length=steps // held)

    def start(self, value: Array) -> Carry:
        return jnp.zeros((self.length, *value.shape), value.dtype)

    def add(self, kept: Carry, value: Array, k: Array) -> Carry:
        # In the place of its window in each step: the last one of the window stays, and there is no branch.
        row = jnp.minimum(k // self.held, self.length - 1)
        before = jax.lax.dynamic_index_in_dim(kept, row, 0, keepdims=False)
        value = jnp.where(k < self.length * self.held, value, before)  # what is left at the end fills no window
        return jax.lax.dynamic_update_index_in_dim(kept, value, row, 0)

    def result(self, kept: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return units.from_kernel(kept, unit)

    def places(self, size: int, dt: float, t0: float) -> Any:
        """Return the times of the samples."""
        return as_time(t0 + (1 + np.arange(size)) * self.held * dt)


# ---------------------------------------------------------------- of spikes


class OfSpikes(Measure):
    """Base of measures of spikes."""

    def reads(self, target: Module) -> Monitor:
        path, chosen = self.of if isinstance(self.of, tuple) else (self.of, None)
        what = f"{path}.spike" if path else "spike"
        return read_monitors(target, {self.name: what if chosen is None else (what, chosen)})[0]


class _SpikeCount(OfSpikes):
    def start(self, value: Array) -> Carry:
        return jnp.zeros(value.shape, jnp.int32)

    def add(self, kept: Carry, value: Array, k: Array) -> Carry:
        return kept + value

    def result(self, kept: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return np.asarray(kept)


class _FiringRate(_SpikeCount):
    def result(self, kept: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return units.from_kernel(kept / max(steps * dt, dt), "Hz")


class _FirstSpikeTime(OfSpikes):
    def start(self, value: Array) -> Carry:
        return jnp.full(value.shape, -1, jnp.int32)

    def add(self, kept: Carry, value: Array, k: Array) -> Carry:
        return jnp.where((kept < 0) & value, k, kept)

    def result(self, kept: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return as_time(np.where(kept < 0, np.nan, t0 + (np.asarray(kept) + 1) * dt))


class _Intervals(OfSpikes):
    """Keeps the steps of the first and the last spike, the first interval, and the sums of what others differ by."""

    def start(self, value: Array) -> Carry:
        none = jnp.full(value.shape, -1, jnp.int32)
        count = jnp.zeros(value.shape, jnp.int32)
        return none, count, count, _zeros(value), _zeros(value)  # last spike, number and first of the intervals, sums

    def add(self, kept: Carry, value: Array, k: Array) -> Carry:
        last, number, first, sums, squares = kept
        ends = value & (last >= 0)
        interval = k - last
        first = jnp.where(ends & (number == 0), interval, first)
        d = jnp.where(ends, interval - first, 0).astype(sums[0].dtype)
        return jnp.where(value, k, last), number + ends, first, _added(sums, d), _added(squares, d * d)

    def mean_and_deviation(self, kept: Carry) -> tuple[Array, Array]:
        """Return the mean and the standard deviation of the intervals in steps; nan without intervals."""
        _, number, first, (sums, _), (squares, _) = (jax.tree.map(np.asarray, k) for k in kept)
        n = np.where(number > 0, number, np.nan)
        mean = sums / n
        return first + mean, np.sqrt(np.maximum(squares / n - mean**2, 0))


class _IntervalMean(_Intervals):
    def result(self, kept: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return as_time(self.mean_and_deviation(kept)[0] * dt)


class _IntervalCV(_Intervals):
    def result(self, kept: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        mean, deviation = self.mean_and_deviation(kept)
        return deviation / mean


@dataclasses.dataclass(frozen=True)
class _IntervalHistogram(OfSpikes):
    trailing = ("interval",)
    bins: Any = None  # edges, a quantity (n + 1,)
    edges: tuple[int, ...] = ()

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

    def start(self, value: Array) -> Carry:
        return jnp.full(value.shape, -1, jnp.int32), jnp.zeros((*value.shape, len(self.edges) - 1), jnp.int32)

    def add(self, kept: Carry, value: Array, k: Array) -> Carry:
        last, counts = kept
        interval = jnp.where(value & (last >= 0), k - last, -1)[..., None]
        edges = np.array(self.edges, np.int32)
        counts = counts + ((interval >= edges[:-1]) & (interval < edges[1:]))
        return jnp.where(value, k, last), counts

    def places(self, size: int, dt: float, t0: float) -> Any:
        """Return the lower edges of the bins."""
        return as_time(np.array(self.edges[:-1]) * dt)

    def result(self, kept: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return np.asarray(kept[1])


@dataclasses.dataclass(frozen=True)
class _SpikeTimes(OfSpikes):
    leading = ("spike",)
    room: int = 100

    def start(self, value: Array) -> Carry:
        return jnp.zeros(value.shape, jnp.int32), jnp.full((self.room, *value.shape), -1, jnp.int32)

    def add(self, kept: Carry, value: Array, k: Array) -> Carry:
        count, steps = kept
        here = jnp.arange(self.room).reshape(-1, *(1,) * value.ndim) == count
        return count + value, jnp.where(here & value, k, steps)

    def result(self, kept: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        count, found = np.asarray(kept[0]), np.asarray(kept[1])
        if count.size and count.max() > self.room:
            raise ValueError(
                f"measure.spike_times: a neuron has {count.max()} spikes, the room is for {self.room}; "
                f"take spike_times(room={int(count.max())})."
            )
        return as_time(np.where(found < 0, np.nan, t0 + (found + 1) * dt))


def unit_power(unit: str, power: int) -> str:
    """Return a unit to a power, as text."""
    return f"{units.unit(unit) ** power}"


mean = _Mean()
variance = _Variance()
standard_deviation = _StandardDeviation()
maximum = _Extreme()
minimum = _Minimum()
final = _Final()
trace = _Trace()
spike_count = _SpikeCount()
firing_rate = _FiringRate()
first_spike_time = _FirstSpikeTime()
interval_mean = _IntervalMean()
interval_cv = _IntervalCV()
interval_histogram = _IntervalHistogram()
spike_times = _SpikeTimes()

__all__ = [k for k, v in list(globals().items()) if isinstance(v, Measure)]


def as_measure(name: str, value: Any) -> Measure:
    """Return a measure, or that of a function of the model: its last value.

    Raises:
        TypeError: it is neither.
    """
    if isinstance(value, Measure):
        return value
    if isinstance(value, Callable):  # type: ignore[arg-type]
        return final(value)
    raise TypeError(f"the measure {name!r} must be one of sc.measure ({', '.join(__all__)}) or a function of the "
                    f"model, got {value!r}.")  # fmt: skip
