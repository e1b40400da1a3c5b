"""What the generators of waveforms share: the grid of time, units, and where samples stand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pint

from simcore import memory, units
from simcore.step.context import default_dt
from simcore.units import Quantities
from simcore.units.clock import as_time, n_steps, time_step

from .waveform import Waveform


def time_grid(
    who: str, duration: Any, t_start: Any, t_end: Any, dt: Any, columns: int | None = None
) -> tuple[float, int, int, int]:
    """Return dt (ms), the number of samples (of each column), and the window as samples [start, end)."""
    step = default_dt() if dt is None else time_step(dt, who)
    n = n_steps(duration, step, f"{who}: 'duration'")
    make_room(n * (columns or 1), who)
    start = 0 if t_start is None else n_steps(t_start, step, f"{who}: 't_start'")
    end = n if t_end is None else n_steps(t_end, step, f"{who}: 't_end'")
    if not start <= end <= n:
        raise ValueError(
            f"{who}: needs 0 <= t_start <= t_end <= duration, got {start * step:.10g} ms, {end * step:.10g} ms, "
            f"{n * step:.10g} ms."
        )
    return step, n, start, end


def make_room(n: int, who: str) -> None:
    """Raise MemoryError unless so many samples fit in memory."""
    memory.require(8.0 * n, f"{who}: {n} samples", "; a larger dt takes less, sc.inputs.function none")


def listed(values: Quantities) -> list[Any]:
    """Return several quantities one by one."""
    return list(values)


def in_one_unit(who: str, **values: Any) -> tuple[list[np.ndarray], str]:
    """Return the magnitudes of all values in the unit of the first, and that unit."""
    name, first = next(iter(values.items()))
    first = units.read(first, f"{who}: {name!r}")
    if not isinstance(first, pint.Quantity):
        raise units.DimensionalityError(
            f"{who}: {name!r} needs a quantity, got {units.show(first)}; write e.g. 4 * mA."
        )
    unit = units.unit_of(first)
    return [units.as_magnitude(v, unit, f"{who}: {k!r}") for k, v in values.items()], unit


def as_waveform(samples: np.ndarray, unit: str, dt: float) -> Waveform:
    """Return samples in a unit, dt (ms) apart, as a waveform."""
    return Waveform(units.attach(samples, unit), as_time(dt))


def placed(samples: np.ndarray, n: int, start: int) -> np.ndarray:
    """Return n samples: `samples` from `start` on, 0 before and after."""
    out = np.zeros((n, *samples.shape[1:]))
    out[start : start + len(samples)] = samples
    return out
