"""Rates by kernels, against the kernels' closed forms."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from simcore import analysis
from simcore.runners import SpikeEvents
from simcore.units import ms, second

KERNELS = [analysis.Gaussian(4 * ms), analysis.Exponential(8 * ms), analysis.Box(9 * ms)]
each_kernel = pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: type(kernel).__name__)
FORMS = {  # of a spike at 0, 1/ms
    analysis.Gaussian: lambda t: np.exp(-(t**2) / 32) / np.sqrt(32 * np.pi),
    analysis.Exponential: lambda t: np.where(t >= 0, np.exp(-t / 8) / 8, 0),
    analysis.Box: lambda t: np.where((t > -4.5) & (t <= 4.5), 1 / 9, 0),
}
SPIKES = np.array([100.0, 103.3, 180.0])


def events(times=SPIKES, indices=(0, 1, 0), shape=(2,)):
    """Return spike events of 400 ms."""
    return SpikeEvents(np.array(times) * ms, np.array(indices), shape, None, 0 * ms, 400 * ms)


@each_kernel
def test_a_rate_is_a_sum_of_kernels(kernel):
    ts, rate = analysis.rate(events(), kernel=kernel, every=0.5 * ms, axis=())
    assert_allclose(ts.m_as("ms"), np.arange(1, 801) * 0.5, rtol=1e-12)
    form = [FORMS[type(kernel)](ts.m_as("ms") - s) for s in SPIKES]
    expected = np.stack([form[0] + form[2], form[1]], -1)
    # Gaussian and exponential end where 2e-9 of them is left, 1e-8 of the peak of the first.
    assert_allclose(rate.m_as("1/ms"), expected, atol=2e-8 * expected.max())
    _, mean = analysis.rate(events(), kernel=kernel, every=0.5 * ms)
    assert_allclose(mean.m_as("1/ms"), expected.mean(1), atol=2e-8 * expected.max())


@each_kernel
def test_each_spike_counts_once(kernel):
    _, rate = analysis.rate(events(), kernel=kernel, every=0.01 * ms, axis=())
    # The trapezoidal rule misses half a step of the jumps of the exponential and the box.
    assert_allclose(rate.m_as("1/ms").sum(0) * 0.01, [2, 1], rtol=1e-3)


@each_kernel
def test_spikes_beyond_the_window_count(kernel):
    ts, rate = analysis.rate(events(), kernel=kernel)
    late, of_late = analysis.rate(events(), kernel=kernel, start=102 * ms, stop=0.178 * second)
    inside = (ts.m_as("ms") > 102.5) & (ts.m_as("ms") < 178.5)
    assert_allclose(late.m_as("ms"), ts.m_as("ms")[inside], rtol=1e-12)
    assert_allclose(of_late.m_as("Hz"), rate.m_as("Hz")[inside], rtol=1e-7, atol=1e-6)


def test_only_the_exponential_is_causal():
    for kernel in KERNELS:
        ts, rate = analysis.rate(events([200.0], [0], (1,)), kernel=kernel, every=0.1 * ms)
        before = rate.m_as("Hz")[ts.m_as("ms") < 199.95]
        assert (before.max() == 0) == isinstance(kernel, analysis.Exponential)


def test_a_box_counts_the_spikes_of_a_sliding_window():
    # One spike in each ms on a grid: any window of 9 ms holds 9, wherever its edges fall.
    times = np.arange(10, 4001, 10) * 0.1
    _, rate = analysis.rate(events(times, np.zeros(400, int), (1,)), kernel=KERNELS[2], every=0.5 * ms)
    assert_allclose(rate.m_as("Hz")[20:-20], 1000, rtol=1e-12)


def test_trials_and_neurons_have_their_means():
    indices = np.array([[0, 0], [1, 1], [1, 0]])
    trials = events(SPIKES, indices, (2, 3))
    each = analysis.rate(trials, kernel=KERNELS[0], axis=())[1].m_as("Hz")
    assert each.shape == (400, 2, 3)
    for axis, own in ((None, (1, 2)), (0, 1), (1, 2), ((0, 1), (1, 2))):
        assert_allclose(analysis.rate(trials, kernel=KERNELS[0], axis=axis)[1].m_as("Hz"), each.mean(own), atol=1e-12)


def test_nobody_spikes_at_no_rate():
    _, rate = analysis.rate(events([], np.zeros(0, int)), kernel=KERNELS[0], axis=())
    assert_array_equal(rate.m_as("Hz"), np.zeros((400, 2)))


def test_a_kernel_of_ones_own_has_a_density_and_a_reach():
    class Alpha(analysis.Kernel):
        def density(self, t):
            return np.where(t > 0, t * np.exp(-t / self.ms) / self.ms**2, 0)

        def reach(self):
            return 0.0, 30 * self.ms

    ts, rate = analysis.rate(events([100.0], [0], (1,)), kernel=Alpha(5 * ms))
    assert ts[np.argmax(rate)].m_as("ms") == 105  # its peak is at tau
    with pytest.raises(NotImplementedError, match="Kernel defines no reach"):
        analysis.rate(events(), kernel=analysis.Kernel(5 * ms))
