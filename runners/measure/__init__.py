"""Measures: numbers about a run that are kept up to date in every step, so that no trace is stored.

``mean("V")``, ``firing_rate`` (of the model that runs) or ``firing_rate("E")`` go among the monitors of a runner and
the measures of a sweep. All take a window of time and a reduction: ``firing_rate("E", start=200 * ms)``,
``mean("E.V", over="neurons", reduce="std")``; see `Measure`. A measure of the model's own step is a function,
``maximum(lambda net: net.E.V.value - ...)``. A measure of your own derives from `Measure`, or from `OfSpikes`.
"""

from __future__ import annotations

from typing import Any

from . import spikes, values
from .base import Measure, OfSpikes

mean = values.Mean()
variance = values.Variance()
standard_deviation = values.StandardDeviation()
synchrony = values.Synchrony()
maximum = values.Extreme()
minimum = values.Minimum()
final = values.Final()
trace = values.Trace()
spike_count = spikes.SpikeCount()
firing_rate = spikes.FiringRate()
first_spike_time = spikes.FirstSpikeTime()
interval_mean = spikes.IntervalMean()
interval_cv = spikes.IntervalCV()
fano_factor = spikes.FanoFactor()
interval_histogram = spikes.IntervalHistogram()
spike_times = spikes.SpikeTimes()

MEASURES = [k for k, v in list(globals().items()) if isinstance(v, Measure)]
__all__ = [*MEASURES, "Measure", "OfSpikes"]


def as_measure(name: str, value: Any) -> Measure:
    """Return a measure, or that of a function of the model: its last value.

    Raises:
        TypeError: it is neither.
    """
    if isinstance(value, Measure):
        return value
    if callable(value) and not isinstance(value, type):
        return final(value)
    instance = " (a measure is an instance: with brackets)" if isinstance(value, type) else ""
    raise TypeError(f"the measure {name!r} must be one of sc.measure ({', '.join(MEASURES)}) or a function of the "
                    f"model, got {value!r}{instance}.")  # fmt: skip
