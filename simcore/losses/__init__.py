r"""Losses for training and fits: each is a pure number, so that sums of several are right.

A loss of voltages, rates or times is divided by a `scale` of that dimension, which says what counts as a large
deviation: without it there is no adding of mV² and Hz². Time is the first axis of all arrays, as in what `unroll` and
monitors return; batch and neurons follow. A loss is the mean over them.

Spikes are rasters of 0 and 1, or bools. All else carries its unit, in jit and grad, too, where arrays of JAX are
multiplied by it: ``mean_square(V * mV, recording, scale=2 * mV)`` of what `unroll` returns. Bare voltages are refused.

All have derivatives, through the surrogates of spikes where those are their argument, except `coincidence_factor`.
The likelihood of spikes under neurons with an escape rate is ``sc.log_likelihood``.
"""

from .cross_entropy import cross_entropy_count, cross_entropy_max, cross_entropy_rate
from .regularisers import rate_band, sparsity, voltage_band
from .squares import mean_square, mean_square_first_spike, mean_square_rate
from .trains import coincidence_factor, raster, van_rossum

__all__ = [
    "coincidence_factor",
    "cross_entropy_count",
    "cross_entropy_max",
    "cross_entropy_rate",
    "mean_square",
    "mean_square_first_spike",
    "mean_square_rate",
    "raster",
    "rate_band",
    "sparsity",
    "van_rossum",
    "voltage_band",
]
