"""Recordings as objects of neo, which elephant analyses and which neo writes into many formats."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pint

from simcore.extras import load

from ..labelled.array import TIME, Labelled
from ..labelled.choose import plain
from .events import SpikeEvents


def block(items: Mapping[str, Any], spacing: Mapping[str, float]) -> Any:
    """Return a `neo.Block` of one segment.

    Args:
        items: of a recording, by name.
        spacing: the time between two rows of those that have rows, ms.
    """
    neo = load("neo", "neo")
    made, segment = neo.Block(), neo.Segment()
    made.segments.append(segment)
    for name, item in items.items():
        if isinstance(item, SpikeEvents):
            segment.spiketrains.extend(_trains(neo, name, item))
        elif name in spacing:
            segment.analogsignals.append(_signal(neo, name, item, spacing[name]))
    return made


def _trains(neo: Any, name: str, events: SpikeEvents) -> list[Any]:
    """Return a train for each neuron, silent ones too."""
    start, stop = (None if t is None else float(t.m_as("ms")) for t in (events.start, events.stop))
    population = name.removesuffix(".spike_events")
    return [
        neo.SpikeTrain(times.m_as("ms"), units="ms", t_start=start, t_stop=stop, name=f"{population} {neuron}",
                       population=population, neuron=neuron)
        for neuron, times in events.trains().items()
    ]  # fmt: skip


def _signal(neo: Any, name: str, item: Labelled, dt: float) -> Any:
    """Return the rows of a monitor; what is in a file stays there until it is used."""
    pq = load("quantities", "neo")
    values, unit = _known(pq, item)
    first = item.coords[TIME][TIME][:1].m_as("ms").sum()
    columns = math.prod(item.shape[1:])
    positions = np.indices(item.shape[1:]).reshape(len(item.dims) - 1, columns)
    numbers = {key: plain(value)[0][position] for dim, position in zip(item.dims[1:], positions, strict=True)
               for key, value in item.coords[dim].items()}  # fmt: skip
    return neo.AnalogSignal(
        values.reshape(len(values), columns), units=unit, t_start=first * pq.ms, sampling_period=dt * pq.ms, name=name,
        array_annotations=numbers,
    )  # fmt: skip


def _known(pq: Any, item: Labelled) -> tuple[np.ndarray, str]:
    """Return the values in a unit that the package quantities knows, and that unit."""
    values = item.values
    if not isinstance(values, pint.Quantity):
        return values, "dimensionless"
    try:
        pq.Quantity(1.0, f"{values.units:C}" or "dimensionless")
    except (LookupError, SyntaxError):  # e.g. gigaohm
        values = values.to_base_units()
    return values.magnitude, f"{values.units:C}" or "dimensionless"
