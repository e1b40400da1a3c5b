"""Measures of values: means, variances, extremes, the last value, traces."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from simcore import units
from simcore.units.clock import as_time

from .base import Array, Carry, Measure, added, zeros


class Mean(Measure):
    """The mean over time."""

    name = "mean"

    def begin(self, value: Array) -> Carry:
        return zeros(value)

    def add(self, carry: Carry, value: Array, k: Array) -> Carry:
        return added(carry, value)

    def result(self, carry: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return units.from_kernel(carry[0] / max(steps, 1), unit)


class Variance(Measure):
    """The variance over time, in the unit squared."""

    name = "variance"

    def begin(self, value: Array) -> Carry:
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
    """The standard deviation over time."""

    name = "standard_deviation"

    def result(self, carry: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return units.from_kernel(np.sqrt(self._of(carry, steps)), unit)


class Synchrony(Variance):
    r"""The synchrony of a population, from about :math:`1 / \sqrt{N}` of independent neurons to 1 of equal ones.

    .. math:: \chi^2 = \mathrm{Var}_t(\langle V_i \rangle) / \langle \mathrm{Var}_t(V_i) \rangle

    Reference: Golomb, Rinzel (1993), Dynamics of globally coupled inhibitory neurons with heterogeneity, Physical
    Review E 48:4810.
    """

    name = "synchrony"
    of_neurons = False

    def begin(self, value: Array) -> Carry:
        zero = jnp.zeros((), jnp.result_type(float))
        return super().begin(value), zeros(zero), zeros(zero)  # of each, of the mean over the neurons

    def add(self, carry: Carry, value: Array, k: Array) -> Carry:
        each, sums, squares = carry
        each = super().add(each, value, k)
        d = jnp.mean(value - each[0])
        return each, added(sums, d), added(squares, d * d)

    def result(self, carry: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        each, *of_mean = carry
        total = self._of((None, *of_mean), steps)
        mean = self._of(each, steps)
        mean = mean.mean(tuple(range(np.ndim(total), mean.ndim)))
        return np.sqrt(total / np.where(mean > 0, mean, np.nan))


class Extreme(Measure):
    """The largest value."""

    name = "maximum"
    sign = 1

    def begin(self, value: Array) -> Carry:
        return jnp.full(value.shape, -self.sign * jnp.inf, jnp.result_type(float))

    def add(self, carry: Carry, value: Array, k: Array) -> Carry:
        return jnp.maximum(carry, value) if self.sign > 0 else jnp.minimum(carry, value)

    def result(self, carry: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return units.from_kernel(carry, unit)


class Minimum(Extreme):
    """The smallest value."""

    name = "minimum"
    sign = -1


class Final(Measure):
    """The last value."""

    name = "final"

    def begin(self, value: Array) -> Carry:
        return jnp.zeros(value.shape, value.dtype)

    def add(self, carry: Carry, value: Array, k: Array) -> Carry:
        return value

    def result(self, carry: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return units.from_kernel(carry, unit)


@dataclasses.dataclass(frozen=True)
class Trace(Measure):
    """The values themselves: at the end of each step that counts."""

    name = "trace"
    leading = ("time",)
    in_a_runner = "sc.Record('V', every=1 * ms)"
    length: int = 0  # samples

    def fit(self, steps: int, dt: float) -> Measure:
        return dataclasses.replace(self, length=steps)

    def begin(self, value: Array) -> Carry:
        return jnp.zeros((self.length, *value.shape), value.dtype)

    def add(self, carry: Carry, value: Array, k: Array) -> Carry:
        return jax.lax.dynamic_update_index_in_dim(carry, value, k, 0)

    def add_if(self, counts: Array, carry: Carry, value: Array, k: Array) -> Carry:
        # Of one row alone: a choice between two whole traces would copy them in each step.
        before = jax.lax.dynamic_index_in_dim(carry, k, 0, keepdims=False)
        return self.add(carry, jnp.where(counts, value, before), k)

    def result(self, carry: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        return units.from_kernel(carry, unit)

    def places(self, size: int, dt: float, t0: float) -> Any:
        """Return the times of the samples."""
        return as_time(t0 + (1 + np.arange(size)) * dt)
