"""Analysis: statistics of what has been recorded, and the dynamics of the equations of one neuron.

Fixed points, nullclines, phase planes and bifurcation diagrams are those of the equations of a model between spikes,
its `rates`; f-I curves are of runs.

Statistics are of recordings in memory or in a store: intervals, counts, rates, correlations, spectra.
Spikes come in one of three forms, ``cv(mon.spike_events)``, ``cv(mon.ts, mon.spike)`` or ``cv(times, indices)``, a
quantity and whole numbers. Of the last, neurons are as many as the largest index tells, and the recording begins at
0 ms; ``sc.runners.SpikeEvents(times, indices, shape=(100,), start=..., stop=...)`` knows it otherwise, as the events
of a run do. `start` and `stop` are times of the recording: what lies between them counts. A spike at t belongs to the
step that ends at t, so windows and bins contain their end and not their beginning.

What is recorded in a store of .npy files (`sc.open_run`) is read block by block; memory holds one block and the result.
``sc.measure`` has the same of a run as it goes on, without a record.
"""

from .continuation import bifurcation
from .counts import correlation, cross_correlogram, fano_factor, psth
from .curves import fi_curve
from .intervals import cv, cv2, intervals, lv
from .planes import nullclines, phase_plane
from .points import fixed_points
from .rates import Box, Exponential, Gaussian, Kernel, rate
from .slow import slow_points
from .traces import spectrum, synchrony

__all__ = [
    "Box",
    "Exponential",
    "Gaussian",
    "Kernel",
    "bifurcation",
    "correlation",
    "cross_correlogram",
    "cv",
    "cv2",
    "fano_factor",
    "fi_curve",
    "fixed_points",
    "intervals",
    "lv",
    "nullclines",
    "phase_plane",
    "psth",
    "rate",
    "slow_points",
    "spectrum",
    "synchrony",
]
