"""Waveform: samples of an input that know their dt, their unit and their times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
import pint

from simcore import Signal, environ, units
from simcore.clock import TOLERANCE, as_time, time_step


class Waveform(Signal):
    """A sampled input: sample i holds over [i dt, (i + 1) dt).

    Waveforms of equal dt and length add and subtract; they scale with numbers and quantities, and join with
    `concatenate`. A runner whose dt divides the waveform's holds each sample; any other dt is refused.

    Args:
        value: quantity (T,) or (T, *shape): the samples.
        dt: their distance in time; by default the environment's.
    """

    __array_ufunc__ = None  # array * waveform is left to Waveform.__rmul__

    def __init__(self, value: pint.Quantity, dt: Any = None) -> None:
        if not isinstance(value, pint.Quantity):
            raise units.DimensionalityError(f"Waveform needs a quantity, got {units.show(value)}; write array * mA.")
        if np.ndim(value.magnitude) == 0:
            raise ValueError(f"Waveform needs an array of samples, got {units.show(value)}; a constant needs no waveform.")
        self.unit = f"{value.units}"
        self.samples = units.as_magnitude(value, self.unit, "Waveform").astype(float)
        self.dt: float = environ.default_dt() if dt is None else time_step(dt, "Waveform")

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

    def __len__(self) -> int:
        return len(self.samples)

    def __repr__(self) -> str:
        return f"Waveform({self.shape} in {units.unit(self.unit):~P}, dt = {self.dt:.10g} ms, {self.duration:~P})"

    def plot(self, ax: Any = None, **kwargs: Any) -> Any:
        """Draw it over time and return the axes: see `simcore.visualize.line_plot`."""
        from simcore import visualize

        return visualize.line_plot(self.ts, self.value.reshape(len(self), -1), ax=ax, **kwargs)

    # ---------------------------------------------------------------- arithmetic

    def _join(self, other: Any, op: Callable[[Any, Any], Any], name: str) -> Waveform:
        if isinstance(other, Waveform):
            if len(other) != len(self) or not np.isclose(other.dt, self.dt, rtol=TOLERANCE):
                raise ValueError(
                    f"'{name}' of two waveforms needs one length and one dt; the first has {len(self)} samples of "
                    f"{self.dt:.10g} ms, the second {len(other)} of {other.dt:.10g} ms."
                )
            other = other.value
        magnitude = units.as_magnitude(other, self.unit, f"'{name}' of a waveform: the other term")
        return self._like(op(self.samples, magnitude))

    def _like(self, samples: np.ndarray) -> Waveform:
        return Waveform(units.attach(samples, self.unit), as_time(self.dt))

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
        return Waveform(self.value * factor, as_time(self.dt))

    __rmul__ = __mul__

    def __truediv__(self, divisor: Any) -> Waveform:
        return Waveform(self.value / divisor, as_time(self.dt))

    # ---------------------------------------------------------------- as a runner sees it

    def _held(self, dt: float) -> int:
        """Return for how many steps of dt each sample holds."""
        ratio = self.dt / dt
        held = round(ratio)
        if held < 1 or abs(ratio - held) > TOLERANCE * ratio:
            raise ValueError(
                f"the waveform has dt = {self.dt:.10g} ms, the runner {dt:.10g} ms, which does not divide it; "
                "make both with the same dt."
            )
        return held

    def n_steps(self, dt: float) -> int:
        return len(self) * self._held(dt)

    def bytes_per_step(self) -> int:
        return int(np.prod(self.shape[1:])) * jax.dtypes.canonicalize_dtype(float).itemsize

    def arrays(self, start: int, count: int, capacity: int, dt: float) -> dict[str, Any]:
        chunk = np.zeros((capacity, *self.shape[1:]), jax.dtypes.canonicalize_dtype(float))
        held = self._held(dt)
        rows = slice(start, start + count) if held == 1 else np.arange(start, start + count) // held
        chunk[:count] = self.samples[rows] * units.kernel_factor(self.unit)
        return {"samples": chunk}

    def dimensions(self) -> dict[str, units.Dimension]:
        return {"samples": units.dimension(self.unit)}

    def at(self, arrays: dict[str, Any], k: Any) -> Any:
        return jax.lax.dynamic_index_in_dim(arrays["samples"], k, keepdims=False)


def concatenate(waveforms: Sequence[Waveform]) -> Waveform:
    """Return one waveform after the other; all must have the same dt, dimension and shape of a sample."""
    first = waveforms[0]
    for other in waveforms[1:]:
        if not np.isclose(other.dt, first.dt, rtol=TOLERANCE):
            raise ValueError(f"concatenate needs one dt, got {first.dt:.10g} ms and {other.dt:.10g} ms.")
    parts = [units.as_magnitude(w.value, first.unit, "concatenate: each waveform") for w in waveforms]
    return first._like(np.concatenate(parts))
