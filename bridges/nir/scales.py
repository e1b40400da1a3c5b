"""Scales: the units that the bare numbers of a NIR graph stand for."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from simcore import units
from simcore.step.context import default_dt
from simcore.units.clock import time_step

SPIKES, DISCRETISATIONS = ("unit", "dirac"), ("exact", "euler")
OHM = 1e9  # mV / pA


@dataclasses.dataclass(frozen=True)
class Scales:
    """The units of a graph. A number is times a factor what it is in the declared unit of simcore.

    Args:
        dt: ms, the step of what made the graph.
        time_unit, voltage_unit: text; currents are in pA, and resistances in voltage_unit / pA.
        spikes: "unit" or "dirac".
    """

    dt: float
    time_unit: str
    voltage_unit: str
    spikes: str

    @property
    def time(self) -> float:
        """The unit of time in ms."""
        return _factor(self.time_unit, "ms")

    @property
    def voltage(self) -> float:
        """The unit of voltage in mV."""
        return _factor(self.voltage_unit, "mV")

    @property
    def resistance(self) -> float:
        """The unit of resistance in ohm."""
        return self.voltage * OHM

    @property
    def duration(self) -> float:
        """Of a spike, ms: its charge is the weight times this."""
        return self.dt if self.spikes == "unit" else self.time


def scales(dt: Any, time_unit: str, voltage_unit: str, spikes: str) -> Scales:
    """Return the units after a check of the arguments of `read` and `write`.

    Raises:
        ValueError: `spikes` is none of the two, a text is no unit.
        DimensionalityError: a unit is of another dimension.
    """
    one_of("spikes", spikes, SPIKES)
    for name, text, needed in (("time_unit", time_unit, "ms"), ("voltage_unit", voltage_unit, "mV")):
        try:
            one = units.attach(1.0, text)
        except Exception as err:
            raise ValueError(f"sc.nir: {name!r} must be the name of a unit, e.g. {needed!r}, got {text!r}.") from err
        units.as_magnitude(one, needed, f"sc.nir: {name!r}")
    return Scales(default_dt() if dt is None else time_step(dt, "sc.nir"), time_unit, voltage_unit, spikes)


def one_of(name: str, value: Any, known: tuple[str, ...]) -> None:
    """Refuse what is none of the known texts."""
    if value not in known:
        raise ValueError(f"sc.nir: {name!r} must be {' or '.join(map(repr, known))}, got {value!r}.")


def back(values: Any, factor: float) -> np.ndarray:
    """Return the numbers which times a factor are the values: to the bit, where there are such."""
    values = np.asarray(values, float)
    numbers = values / factor
    for other in (np.nextafter(numbers, -np.inf), np.nextafter(numbers, np.inf)):  # a rounding apart
        numbers = np.where((numbers * factor != values) & (other * factor == values), other, numbers)
    return numbers


def _factor(text: str, unit: str) -> float:
    return float(units.as_magnitude(units.attach(1.0, text), unit, "sc.nir"))
