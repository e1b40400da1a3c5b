"""Intervals and their variability, against renewal processes whose statistics are known."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import beta

from simcore import analysis
from simcore.runners import SpikeEvents
from simcore.units import ms

N = 200_000  # intervals
INDICES = np.zeros(N + 1, int)


def gamma_process(order):
    """Return the times of N + 1 spikes."""
    intervals = np.random.default_rng(int(10 * order)).gamma(order, 10 / order, N + 1)
    return np.cumsum(intervals) * ms


@pytest.mark.parametrize("order", [0.5, 1, 4])
def test_a_gamma_process_has_its_variability(order):
    # Order 1 is a Poisson process. Of n independent intervals the standard error of the CV is, to first order,
    # CV sqrt((1 + 1 / k) / (2 n)), from the moments of the gamma distribution; five of them here.
    times, cv = gamma_process(order), 1 / np.sqrt(order)
    assert_allclose(analysis.cv(times, INDICES), cv, atol=5 * cv * np.sqrt((1 + 1 / order) / (2 * N)))
    # I / (I + I') has the distribution Beta(k, k). The terms are at most 3 and 2, and their deviations at most 1.
    assert_allclose(analysis.lv(times, INDICES), 3 / (2 * order + 1), atol=5 / np.sqrt(N))  # Shinomoto et al. 2003
    assert_allclose(analysis.cv2(times, INDICES), 4 ** (1 - order) / (order * beta(order, order)), atol=5 / np.sqrt(N))


def test_a_clock_does_not_vary():
    times = np.arange(1, 101) * 0.1 * ms
    for statistic in (analysis.cv, analysis.cv2, analysis.lv):
        assert_allclose(statistic(times, np.zeros(100, int)), 0, atol=1e-7)  # what rounding of the times leaves


def test_slow_changes_of_the_rate_raise_cv_alone():
    # A Poisson process of rates 1 and 1/9 in two halves of as many intervals: of the mixture <I> = 5 and
    # <I^2> = 2 (1 + 81) / 2 = 82, so CV^2 = 82 / 25 - 1. The single change of rate does not count among 10^5.
    intervals = np.random.default_rng(3).exponential(1, N + 1) * np.where(np.arange(N + 1) < N / 2, 1, 9)
    times = np.cumsum(intervals) * ms
    assert_allclose(analysis.cv(times, INDICES), np.sqrt(82 / 25 - 1), atol=0.02)
    assert_allclose(analysis.cv2(times, INDICES), 1, atol=5 / np.sqrt(N))
    assert_allclose(analysis.lv(times, INDICES), 1, atol=5 / np.sqrt(N))


def test_intervals_are_those_of_each_neuron():
    times, neurons = [4.0, 1.0, 2.0, 7.0, 3.5, 2.5] * ms, [0, 0, 2, 0, 2, 3]
    interval, whose = analysis.intervals(times, neurons)
    assert_array_equal(interval.m_as("ms"), [3, 3, 1.5])
    assert_array_equal(whose, [0, 0, 2])
    interval, whose = analysis.intervals(times, neurons, start=1 * ms)  # a spike at the start is before it
    assert_array_equal(interval.m_as("ms"), [3, 1.5])
    interval, whose = analysis.intervals(times, neurons, stop=4 * ms)  # one at the stop counts
    assert_array_equal(interval.m_as("ms"), [3, 1.5])


def test_too_few_spikes_have_no_variability():
    times, neurons = [1.0, 2.0, 4.0, 1.0, 2.0, 1.0] * ms, np.array([0, 0, 0, 1, 1, 2])
    order = np.argsort(times.m_as("ms"), kind="stable")
    events = SpikeEvents(times[order], neurons[order], (4,))
    for statistic in (analysis.cv, analysis.cv2, analysis.lv):
        value = statistic(events)
        assert_array_equal(np.isnan(value), [False, True, True, True])
    assert_allclose([analysis.cv(events)[0], analysis.cv2(events)[0], analysis.lv(events)[0]], [1 / 3, 2 / 3, 1 / 3])


@pytest.mark.parametrize("spikes", [
    ([1, 2, 5, 4] * ms, [0, 0, 0, 1]),
    (SpikeEvents(np.array([1, 2, 4, 5]) * ms, np.array([0, 0, 1, 0]), (2,)),),
])  # fmt: skip
def test_times_in_whole_numbers_are_times(spikes):
    interval, whose = analysis.intervals(*spikes)  # of 1 and 3 ms: CV2 = 2 * 2 / 4
    assert_array_equal(interval.m_as("ms"), [1, 3])
    assert_array_equal(whose, [0, 0])
    assert_array_equal(analysis.cv2(*spikes), [1, np.nan])
