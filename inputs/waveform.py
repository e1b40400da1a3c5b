"""Waveform: samples of an input that know their dt, their unit and their times."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pint
from pint.compat import upcast_type_map

from simcore import Signal, units
from simcore.step.context import default_dt
from simcore.units import OneQuantity, Quantities
from simcore.units.clock import TOLERANCE, as_time, time_step


class Waveform(Signal):
    """A sampled input: sample i holds over [i dt, (i + 1) dt).

    Waveforms of equal dt and length add and subtract; they scale with numbers and quantities, and join with
    `concatenate`. A run whose dt divides the waveform's holds each sample; for any other one, `resample`.

    Args:
        value: quantity (T,) or (T, *shape), or a list of quantities: the samples.
        dt: their distance in time; by default the environment's.
    """

    __array_ufunc__ = None  # array * waveform is left to Waveform.__rmul__

    def __init__(self, value: Quantities, dt: OneQuantity | None = None) -> None:
        value = units.read(value, "Waveform")
        if not isinstance(value, pint.Quantity):
            raise units.DimensionalityError(f"Waveform needs a quantity, got {units.show(value)}; write array * mA.")
        if np.ndim(value.magnitude) == 0:
            raise ValueError(
                f"Waveform needs an array of samples, got {units.show(value)}; a constant needs no waveform."
            )
        self.unit = units.unit_of(value)
        self.samples = units.as_magnitude(value, self.unit, "Waveform").astype(float)
        self.sample_shape = self.samples.shape[1:]
        self.dt: float = default_dt() if dt is None else time_step(dt, "Waveform")  # ms

    def largest(self) -> float:
        """Return the largest sample, in the kernel unit."""
        return float(np.max(self.samples)) * units.kernel_factor(self.unit)

    # ---------------------------------------------------------------- as a user sees it

    @property
    def value(self) -> pint.Quantity:
        """The samples as a quantity, (T, *shape)."""
        return units.attach(self.samples, self.unit)

    @property
    def ts(self) -> pint.Quantity:
        """The times at which the samples begin, from 0 ms, (T,)."""
        return as_time(np.arange(len(self)) * self.dt)

    @property
    def duration(self) -> pint.Quantity:
        """How long it lasts."""
        return as_time(len(self) * self.dt)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the samples, time first."""
        return self.samples.shape

    def m_as(self, unit: str) -> np.ndarray:
        """Return the samples as a numpy array in a unit."""
        return self.value.m_as(unit)

    def __array__(self, *args: Any, **kwargs: Any) -> np.ndarray:
        raise TypeError(f"a waveform becomes an array in a unit: write waveform.m_as({self.unit!r}).")

    def __len__(self) -> int:
        return len(self.samples)

    def __repr__(self) -> str:
        times = f"dt = {self.dt:.10g} ms, {len(self) * self.dt:.10g} ms"
        return f"Waveform({self.shape} in {units.unit(self.unit):~P}, {times})"

    def plot(self, ax: Any = None, **kwargs: Any) -> Any:
        """Draw it over time and return the axes: see `simcore.visualize.line_plot`."""
        from simcore import visualize

        return visualize.line_plot(self.ts, self.value, ax=ax, **kwargs)

    # ---------------------------------------------------------------- arithmetic

    def _join(self, other: Any, op: Callable[[Any, Any], Any], name: str) -> Waveform:
        if not isinstance(other, Waveform):
            term = units.as_magnitude(other, self.unit, f"'{name}' of a waveform: the other term")
            try:
                term = np.broadcast_to(term, self.shape)
            except ValueError as err:
                raise ValueError(
                    f"'{name}' of a waveform {self.shape} and values {term.shape}, which do not broadcast to it."
                ) from err
            return self._like(op(self.samples, term))
        if len(other) != len(self) or not np.isclose(other.dt, self.dt, rtol=TOLERANCE):
            raise ValueError(
                f"'{name}' of two waveforms needs one length and one dt; the first has {len(self)} samples of "
                f"{self.dt:.10g} ms, the second {len(other)} of {other.dt:.10g} ms."
            )
        a, b = self.samples, units.as_magnitude(other.value, self.unit, f"'{name}' of a waveform: the other term")
        # A waveform (T,) is the same for all columns of another (T, n).
        more = b.ndim - a.ndim
        return self._like(op(a.reshape(*a.shape, *(1,) * more), b.reshape(*b.shape, *(1,) * -more)))

    def _like(self, samples: np.ndarray) -> Waveform:
        return Waveform(units.attach(samples, self.unit), as_time(self.dt))

    def _scale(self, factor: Any, op: Callable[[Any, Any], Any]) -> Waveform:
        if isinstance(factor, Waveform):
            return NotImplemented
        if isinstance(factor, pint.Quantity):  # of any registry
            factor = units.quantity_in(factor, units.unit_of(factor), "a waveform: the factor")
        value = op(self.value, factor)
        if value.shape != self.shape:
            raise ValueError(f"a waveform {self.shape} cannot be scaled by an array {np.shape(factor)}.")
        return Waveform(value, as_time(self.dt))

    def __add__(self, other: Any) -> Waveform:
        return self._join(other, np.add, "+")

    __radd__ = __add__

    def __sub__(self, other: Any) -> Waveform:
        return self._join(other, np.subtract, "-")

    def __rsub__(self, other: Any) -> Waveform:
        return -self + other

    def __neg__(self) -> Waveform:
        return self._like(-self.samples)

    def __mul__(self, factor: Any) -> Waveform:
        return self._scale(factor, operator.mul)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Any) -> Waveform:
        return self._scale(divisor, operator.truediv)

    def resample(self, dt: OneQuantity) -> Waveform:
        """Return it with samples dt apart, each the mean of the waveform over its interval: the integral stays.

        A dt that divides the present one repeats each sample. What ends within an interval is there the mean of what
        there is.
        """
        step = time_step(dt, "resample")
        n = math.ceil(_snapped(len(self) * self.dt / step))
        edges = np.minimum(_snapped(np.arange(n + 1) * step / self.dt), len(self))  # in present samples
        cuts = np.union1d(edges, np.arange(len(self)))
        first = np.searchsorted(cuts, edges)  # the part with which each interval begins
        weights = np.diff(cuts) / np.repeat(np.diff(edges), np.diff(first))
        parts = self.samples[cuts[:-1].astype(int)] * weights.reshape(-1, *(1,) * len(self.sample_shape))
        return Waveform(units.attach(np.add.reduceat(parts, first[:-1]), self.unit), as_time(step))

    # ---------------------------------------------------------------- as a runner sees it

    def _held(self, dt: float) -> int:
        """Return for how many steps of dt each sample holds."""
        ratio = self.dt / dt
        held = round(ratio)
        if held < 1 or abs(ratio - held) > TOLERANCE * ratio:
            finer = f"; or run with dt={self.dt:.10g} * ms" if self.dt < dt else ""
            raise ValueError(
                f"the waveform has dt = {self.dt:.10g} ms, which is no multiple of the run's {dt:.10g} ms; "
                f"write waveform.resample({dt:.10g} * ms), the means over its steps{finer}."
            )
        return held

    def n_steps(self, dt: float) -> int:
        return len(self) * self._held(dt)

    def bytes_per_step(self) -> int:
        return int(np.prod(self.sample_shape)) * jax.dtypes.canonicalize_dtype(float).itemsize

    def arrays(self, start: int, count: int, capacity: int, dt: float) -> dict[str, Any]:
        chunk = np.zeros((capacity, *self.shape[1:]), jax.dtypes.canonicalize_dtype(float))
        held = self._held(dt)
        rows = slice(start, start + count) if held == 1 else np.arange(start, start + count) // held
        chunk[:count] = self.samples[rows] * units.kernel_factor(self.unit)
        return {"samples": chunk}

    def dimensions(self) -> dict[str, units.Dimension]:
        return {"samples": units.dimension(self.unit)}

    def declared(self) -> dict[str, tuple[str, tuple[int, ...]]]:
        return {"samples": (self.unit, self.shape)}

    def for_steps(self, values: dict[str, Any], n: int, dt: float) -> dict[str, Any]:
        return {"samples": jnp.repeat(values["samples"], self._held(dt), axis=0)[:n]}

    def at(self, arrays: dict[str, Any], k: Any) -> Any:
        return jax.lax.dynamic_index_in_dim(arrays["samples"], k, keepdims=False)


def _snapped(positions: Any) -> Any:
    """Return positions among samples (>= 0), whole numbers where they are whole but for rounding."""
    whole = np.round(positions)
    return np.where(np.abs(positions - whole) <= TOLERANCE, whole, positions)


# Leaves quantity * waveform, quantity + waveform ... to the methods above; pint would wrap the waveform.
upcast_type_map[f"{Waveform.__module__}.{Waveform.__qualname__}"] = Waveform  # type: ignore[index]


def concatenate(waveforms: Sequence[Waveform]) -> Waveform:
    """Return one waveform after the other.

    Args:
        waveforms: one or more, of one dt, dimension and shape of a sample.

    Raises:
        DimensionalityError: they differ in dimension.
        ValueError: there is none; they differ in dt, or in the shape of a sample.
    """
    if not waveforms:
        raise ValueError("concatenate needs at least one waveform.")
    first = waveforms[0]
    for other in waveforms[1:]:
        if not np.isclose(other.dt, first.dt, rtol=TOLERANCE):
            raise ValueError(f"concatenate needs one dt, got {first.dt:.10g} ms and {other.dt:.10g} ms.")
        if other.shape[1:] != first.shape[1:]:
            raise ValueError(f"concatenate needs samples of one shape, got {first.shape[1:]} and {other.shape[1:]}.")
    parts = [units.as_magnitude(w.value, first.unit, "concatenate: each waveform") for w in waveforms]
    return first._like(np.concatenate(parts))
