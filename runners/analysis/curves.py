"""f-I curves: the firing rate under a constant current, and the least current that makes a neuron spike."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pint

from simcore import Neuron, units
from simcore.units import OneQuantity, ValueLike

from ..measure import firing_rate, spike_count
from ..sweep.sweep import Sweep
from .drawing import axes, label

CURRENTS = 101  # that are tried at once in the search of the rheobase
ROUNDS = 6  # of it, each a hundred times as fine as the one before
CLOSE = 1e-4  # of the rheobase: how close it is found


@dataclasses.dataclass
class FICurve:
    """A firing rate over a constant current.

    Attributes:
        currents: those of the curve, a quantity (n,).
        rate: the firing rate under each, Hz, (n,).
        rheobase: the least current under which there was a spike; nan where there was one under the least current of
            the curve already, or under none.
    """

    currents: pint.Quantity
    rate: pint.Quantity
    rheobase: pint.Quantity

    def __repr__(self) -> str:
        low, high = self.currents[0], self.currents[-1]
        return (f"f-I curve from {low:.4g~P} to {high:.4g~P}: up to {self.rate.max():.4g~P}, "
                f"rheobase {self.rheobase:.5g~P}")  # fmt: skip

    def plot(self, ax: Any = None, **kwargs: Any) -> Any:
        """Draw the curve, and the rheobase as a dotted line; return the axes.

        Args:
            ax: where to draw; by default a new figure.
            kwargs: for matplotlib's plot.
        """
        ax = axes(ax)
        (line,) = ax.plot(self.currents.m, self.rate.m, **kwargs)
        if np.isfinite(self.rheobase.m):
            ax.axvline(self.rheobase.m_as(self.currents.units), color=line.get_color(), ls=":", lw=1)
        ax.set(xlabel=label("input", self.currents.units), ylabel=label("firing rate", self.rate.units))
        return ax


def fi_curve(
    model: Neuron,
    currents: ValueLike,
    duration: OneQuantity,
    *,
    start: OneQuantity | None = None,
    dt: OneQuantity | None = None,
) -> FICurve:
    """Return the firing rate of one neuron under constant currents from its initial state on, with its rheobase.

    All currents run at once (`Sweep`). The rheobase is looked for below the first current of the curve that makes it
    spike, to a part of 1e-4. It is that of this duration: near a saddle-node the first spike comes late.

    Args:
        model: of one neuron, ``sc.models.AdExIF(1)``; it does not change.
        currents: a quantity (n,) that rises.
        duration: how long each of them lasts.
        start: when the spikes begin to count for the rate, by default at once; for the rheobase all do.
        dt: the time step, by default the environment's.

    Raises:
        DimensionalityError: a value has another dimension, or the equations do not fit.
        TypeError: the model has no spikes.
        ValueError: it has more than one neuron; the currents do not rise.
    """
    if not isinstance(model, Neuron) or not model.sends_spikes():
        raise TypeError(f"fi_curve needs a neuron that spikes, such as sc.models.LIF(1), got {model!r}.")
    if model.size != 1:
        raise ValueError(f"fi_curve is about one neuron, {model.name} has {model.size}: make it with in_size 1.")
    swept = units.read(currents, "fi_curve: 'currents'")
    if np.ndim(swept) != 1 or np.size(swept) < 2 or np.any(np.diff(swept) <= 0 * swept[0]):
        raise ValueError("fi_curve: 'currents' must be two or more that rise, np.linspace(0, 500, 51) * pA.")
    rate = firing_rate if start is None else firing_rate(start=start)
    measures = {"rate": rate, "spikes": spike_count}
    found = Sweep(model, {"inputs": swept}, measures, dt=dt, progress_bar=False).run(duration)
    unit = units.unit_of(swept) if isinstance(swept, pint.Quantity) else "dimensionless"
    fired = found["spikes"].magnitude.reshape(len(swept), -1)[:, 0] > 0
    values = units.as_magnitude(swept, unit, "fi_curve: 'currents'")
    rheobase: float | None = None
    if fired.any() and (first := int(np.argmax(fired))):
        fires = tried(model, unit, duration, dt)
        rheobase = least(fires, values[first - 1], values[first], CLOSE)
    rates = units.attach(found["rate"].m_as("Hz").reshape(len(swept), -1)[:, 0], "Hz")
    return FICurve(units.attach(values, unit), rates, units.attach(np.nan if rheobase is None else rheobase, unit))


def tried(model: Any, unit: str, duration: Any, dt: Any) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function of constant inputs (n,) in a unit that tells under which of them a neuron spikes, (n,)."""

    def fires(values: np.ndarray) -> np.ndarray:
        over = {"inputs": units.attach(values, unit) if unit != "dimensionless" else values}
        found = Sweep(model, over, {"spikes": spike_count}, dt=dt, progress_bar=False).run(duration)
        return found["spikes"].magnitude.reshape(len(values), -1)[:, 0] > 0

    return fires


def least(fires: Callable[[np.ndarray], np.ndarray], low: float, high: float, close: float) -> float | None:
    """Return the least of the values between two at which a neuron fires, above it by at most that part; None if none.

    Each round tries a grid, and goes on between the last value before the first at which it fires, and that one.
    """
    for _ in range(ROUNDS):
        values = np.linspace(low, high, CURRENTS)
        fired = fires(values)
        if not fired.any():
            return None
        first = int(np.argmax(fired))
        low, high = values[max(first - 1, 0)], values[first]
        if high - low <= close * abs(high):
            break
    return float(high)
