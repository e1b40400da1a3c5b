"""Measures of values: means, variances, extremes, the last value, traces."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from simcore import units
from simcore.units.clock import as_time, n_steps

from .base import Array, Carry, Measure, added, zeros


class Mean(Measure):
    """The mean over the run."""

    name = "mean"

    def start(self, value: Array) -> Carry:
        return zeros(value)

    def add(self, carry: Carry, value: Array, k: Array) -> Carry:
        return added(carry, value)

    def result(self, carry: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return units.from_kernel(carry[0] / max(steps, 1), unit)


class Variance(Measure):
    """The variance over the run, in the unit squared."""

    name = "variance"

    def start(self, value: Array) -> Carry:
        return zeros(value)[0], zeros(value), zeros(value)

    def add(self, carry: Carry, value: Array, k: Array) -> Carry:
        first, sums, squares = carry
        first = jnp.where(k == 0, value, first)  # as a shift: the square of a large mean would swallow the variance
        d = value - first
        return first, added(sums, d), added(squares, d * d)

    def _of(self, carry: Carry, steps: int) -> Array:
        _, (sums, _), (squares, _) = carry
        n = max(steps, 1)
        return np.maximum(squares / n - (sums / n) ** 2, 0)

    def result(self, carry: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return units.from_kernel(self._of(carry, steps), f"{units.unit(unit) ** 2}")


class StandardDeviation(Variance):
    """The standard deviation over the run."""

    name = "standard_deviation"

    def result(self, carry: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return units.from_kernel(np.sqrt(self._of(carry, steps)), unit)


class Extreme(Measure):
    """The largest value of the run."""

    name = "maximum"
    sign = 1

    def start(self, value: Array) -> Carry:
        return jnp.full(value.shape, -self.sign * jnp.inf, jnp.result_type(float))

    def add(self, carry: Carry, value: Array, k: Array) -> Carry:
        return jnp.maximum(carry, value) if self.sign > 0 else jnp.minimum(carry, value)

    def result(self, carry: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return units.from_kernel(carry, unit)


class Minimum(Extreme):
    """The smallest value of the run."""

    name = "minimum"
    sign = -1


class Final(Measure):
    """The value at the end of the run."""

    name = "final"

    def start(self, value: Array) -> Carry:
        return jnp.zeros(value.shape, value.dtype)

    def add(self, carry: Carry, value: Array, k: Array) -> Carry:
        return value

    def result(self, carry: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return units.from_kernel(carry, unit)


@dataclasses.dataclass(frozen=True)
class Trace(Measure):
    """The value at the end of each window of `every`, of whole windows only."""

    name = "trace"
    leading = ("time",)
    options = ("every",)
    in_a_runner = "sc.Record('V', every=1 * ms)"
    every: Any = None  # a time; by default each step
    held: int = 1  # steps in a window
    length: int = 0  # windows

    def fit(self, steps: int, dt: float) -> Measure:
        held = 1 if self.every is None else n_steps(self.every, dt, "measure.trace: 'every'")
        if held < 1:
            raise ValueError(f"measure.trace: 'every' must be > 0, got {units.show(self.every)}.")
        if steps < held:
            raise ValueError(f"measure.trace: 'every' is {units.show(self.every)}, the run {steps * dt:.10g} ms.")
        return dataclasses.replace(self, every=None, held=held, length=steps // held)

    def skips_steps(self) -> bool:
        return self.held > 1

    def start(self, value: Array) -> Carry:
        return jnp.zeros((self.length, *value.shape), value.dtype)

    def add(self, carry: Carry, value: Array, k: Array) -> Carry:
        # In the place of its window in each step: the last one of the window stays, and there is no branch.
        row = jnp.minimum(k // self.held, self.length - 1)
        before = jax.lax.dynamic_index_in_dim(carry, row, 0, keepdims=False)
        value = jnp.where(k < self.length * self.held, value, before)  # what is left at the end fills no window
        return jax.lax.dynamic_update_index_in_dim(carry, value, row, 0)

    def result(self, carry: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return units.from_kernel(carry, unit)

    def places(self, size: int, dt: float, t0: float) -> Any:
        """Return the times of the samples."""
        return as_time(t0 + (1 + np.arange(size)) * self.held * dt)
