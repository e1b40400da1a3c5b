"""Statistics of what has been recorded, in memory or in a store: intervals, counts, rates, correlations, spectra.

Spikes come in one of three forms, ``cv(mon.spike_events)``, ``cv(mon.ts, mon.spike)`` or ``cv(times, indices)``, a
quantity and whole numbers. Of the last, neurons are as many as the largest index tells, and the recording begins at
0 ms; ``sc.runners.SpikeEvents(times, indices, shape=(100,), start=..., stop=...)`` knows it otherwise, as the events
of a run do. `start` and `stop` are times of the recording: what lies between them counts. A spike at t belongs to the
step that ends at t, so windows and bins contain their end and not their beginning.

What is recorded in a store of .npy files (`sc.open_run`) is read block by block; memory holds one block and the result.
``sc.measure`` has the same of a run as it goes on, without a record.
"""

from .counts import correlation, cross_correlogram, fano_factor, psth
from .intervals import cv, cv2, intervals, lv
from .rates import Box, Exponential, Gaussian, Kernel, rate
from .traces import spectrum, synchrony

__all__ = [
    "Box",
    "Exponential",
    "Gaussian",
    "Kernel",
    "correlation",
    "cross_correlogram",
    "cv",
    "cv2",
    "fano_factor",
    "intervals",
    "lv",
    "psth",
    "rate",
    "spectrum",
    "synchrony",
]
