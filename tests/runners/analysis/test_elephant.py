"""The numbers of elephant 1.2.1 for the same spikes: make_elephant_reference.py made elephant_reference.json.

What differs: elephant counts in bins that hold their beginning, ours hold their end, so no spike is at an edge; its
kernel rates are of binned spikes, which is exact for spikes on its grid; its Fano factor is of a list of trains, here
the windows of one; its correlogram of a train with itself counts each spike as its own partner.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from simcore import analysis
from simcore.units import ms, mV, second

REFERENCE = json.loads((Path(__file__).parent / "elephant_reference.json").read_text())
TRAINS = REFERENCE["trains"]
SPIKES = np.concatenate(TRAINS) * ms, np.repeat(range(4), [len(train) for train in TRAINS])
STOP = 4 * second


def test_intervals():
    interval, whose = analysis.intervals(*SPIKES)
    for k, expected in enumerate(REFERENCE["intervals"]):
        assert_array_equal(interval.m_as("ms")[whose == k], expected)


@pytest.mark.parametrize("name", ["cv", "cv2", "lv"])
def test_variability_of_intervals(name):
    assert_allclose(getattr(analysis, name)(*SPIKES), REFERENCE[name], rtol=1e-12)


def test_fano_factor():
    assert_allclose(analysis.fano_factor(*SPIKES, window=200 * ms, stop=STOP), REFERENCE["fano_factor"], rtol=1e-12)


def test_psth():
    _, rate = analysis.psth(*SPIKES, bin=50 * ms, stop=STOP)
    assert_allclose(rate.m_as("Hz"), REFERENCE["psth"], rtol=1e-12)


@pytest.mark.parametrize(("kernel", "width"), [("Gaussian", 10), ("Exponential", 20), ("Box", 50.5)])
def test_rates_by_kernels(kernel, width):
    kernel_of = getattr(analysis, kernel)
    t, rate = analysis.rate(*SPIKES, kernel=kernel_of(width * ms), every=0.5 * ms, axis=(), stop=STOP)
    assert t[199].m_as("ms") == 100
    # Both cut the Gaussian at 6 sigma, 1e-8 of its peak.
    assert_allclose(rate[199:999:50].T.m_as("Hz"), REFERENCE[kernel], rtol=1e-12, atol=1e-6)


def test_correlation():
    assert_allclose(analysis.correlation(*SPIKES, bin=5 * ms, stop=STOP), REFERENCE["correlation"], atol=1e-12)


def test_cross_correlogram():
    lags, counts = analysis.cross_correlogram(*SPIKES, i=0, j=3, bin=5 * ms, lag=50 * ms, stop=STOP)
    assert_array_equal(counts, REFERENCE["cross_correlogram"])
    assert lags[np.argmax(counts)].m_as("ms") == 5  # the last train follows the first


def test_spectrum():
    ts = np.arange(1, 801) * 0.5 * ms
    f, power = analysis.spectrum(ts, np.array(REFERENCE["V"]) * mV, window=100 * ms)
    assert_allclose(f.m_as("Hz"), REFERENCE["frequencies"], rtol=1e-12)
    assert_allclose(power.m_as("mV**2/Hz"), REFERENCE["spectrum"], rtol=1e-9)
