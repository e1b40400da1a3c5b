"""Counts of spikes in bins, against Poisson processes and counting by hand."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from simcore import analysis
from simcore.runners import SpikeEvents
from simcore.units import Hz, ms, second

T = 100_000.0  # ms


def poisson(rate, seed):
    """Return the times (ms) of a Poisson process of a rate in 1/ms."""
    rng = np.random.default_rng(seed)
    return np.sort(rng.uniform(0, T, rng.poisson(rate * T)))


def events(*trains, stop=T):
    """Return spike events of trains in ms."""
    times, indices = np.concatenate(trains), np.repeat(range(len(trains)), [len(t) for t in trains])
    order = np.argsort(times, kind="stable")
    return SpikeEvents(times[order] * ms, indices[order], (len(trains),), None, 0 * ms, stop * ms)


def test_the_fano_factor_of_a_poisson_process_is_1_and_of_a_clock_0():
    n = T / 100
    clock = np.arange(1, T / 20 + 1) * 20.0
    found = analysis.fano_factor(events(poisson(0.05, 1), clock, []), window=100 * ms)
    # The standard error is sqrt(2 / n), from the moments of the Poisson distribution.
    assert_allclose(found[0], 1, atol=5 * np.sqrt(2 / n))
    assert_array_equal(found[1:], [0, np.nan])


def test_bins_hold_their_end():
    # A spike in each ms, at its end, on a grid whose times are rounded: 0.1 * 3 is more than 0.3.
    for dt in (0.1, 0.025, 1 / 3):
        n = round(1 / dt)
        times = 7.3 + np.arange(n, 3000 * n + 1, n) * dt
        clock = SpikeEvents(times * ms, np.zeros(3000, int), (1,), None, 7.3 * ms, 3007.3 * ms)
        t, rate = analysis.psth(clock, bin=1 * ms)
        assert_array_equal(rate.m_as("Hz"), np.full(3000, 1000.0))
        assert_allclose(t.m_as("ms"), 7.8 + np.arange(3000), rtol=1e-12)
        assert_array_equal(analysis.fano_factor(clock, window=3 * ms), [0])


def test_a_psth_is_the_mean_rate_of_neurons_and_trials():
    # Two trials of three neurons, in bins of 10 ms up to 30; a rest of 5 ms fills none.
    indices = np.array([[0, 0], [0, 0], [0, 1], [1, 1], [1, 2], [1, 0]])
    spikes = SpikeEvents([1.0, 9.0, 10.0, 11.0, 21.0, 33.0] * ms, indices, (2, 3), None, 0 * ms, 35 * ms)
    counts = np.zeros((3, 2, 3))
    counts[0, 0] = [2, 1, 0]
    counts[1, 1, 1] = counts[2, 1, 2] = 1
    for axis in (None, 0, 1, -1, (0, 1), ()):
        t, rate = analysis.psth(spikes, bin=0.01 * second, axis=axis)
        assert_array_equal(t.m_as("ms"), [5, 15, 25])
        own = {None: (1, 2), 0: 1, 1: 2, -1: 2, (0, 1): (1, 2), (): ()}[axis]
        assert_allclose(rate.m_as("Hz"), counts.mean(own) * 100)


def test_counts_that_share_spikes_are_correlated_by_their_share():
    shared, own = poisson(0.03, 1), [poisson(0.07, seed) for seed in (2, 3)]
    trains = [np.union1d(shared, train) for train in own]
    found = analysis.correlation(events(*trains, poisson(0.1, 4), []), bin=10 * ms)
    atol = 5 / np.sqrt(T / 10)  # of n independent bins the standard error is at most 1 / sqrt(n)
    expected = np.array([[1, 0.3, 0], [0.3, 1, 0], [0, 0, 1]])
    assert_allclose(found[:3, :3], expected, atol=atol)
    assert_allclose(np.diag(found)[:3], 1, rtol=1e-12)
    assert np.isnan(found[3]).all()
    assert np.isnan(found[:, 3]).all()


def test_a_correlogram_is_what_counting_pairs_of_bins_gives():
    a, b = poisson(0.02, 1)[:200], poisson(0.02, 2)[:200]
    spikes, pair = events(a, b, stop=12_000), {"bin": 3 * ms, "lag": 30 * ms}
    lags, counts = analysis.cross_correlogram(spikes, i=0, j=1, **pair)
    edges = np.arange(0, 12_001, 3)
    of_a, of_b = (np.histogram(t, edges)[0] for t in (a, b))
    full = np.correlate(of_b, of_a, "full")
    assert_array_equal(lags.m_as("ms"), np.arange(-30, 31, 3))
    assert_array_equal(counts, full[len(of_a) - 1 - 10 : len(of_a) + 10])
    assert_array_equal(analysis.cross_correlogram(spikes, i=1, j=0, **pair)[1], counts[::-1])
    of_itself = np.correlate(of_a, of_a, "full")[len(of_a) - 1 - 10 : len(of_a) + 10]
    of_itself[10] -= len(a)
    assert_array_equal(analysis.cross_correlogram(spikes, i=0, j=0, **pair)[1], of_itself)


def test_a_neuron_that_follows_does_so_at_its_delay():
    a = poisson(0.02, 1)[:-5]
    spikes = events(a, a + 6.5)
    lags, counts = analysis.cross_correlogram(spikes, i=0, j=1, bin=1 * ms, lag=20 * ms)
    # A delay of 6.5 bins falls into lags of 6 and 7, whose share depends on where in its bin a spike is.
    assert set(lags.m_as("ms")[np.argsort(counts)[-2:]]) == {6, 7}
    # Elsewhere it is chance: the rates' product, for a Poisson number of pairs.
    expected = len(a) ** 2 / T
    assert_allclose(np.median(counts), expected, atol=5 * np.sqrt(expected))


def test_a_silent_neuron_has_a_correlogram_of_zeros():
    assert not analysis.cross_correlogram(events([1.0], []), i=0, j=1, bin=1 * ms, lag=5 * ms)[1].any()


@pytest.mark.parametrize("width", [1, 3, 7])
def test_no_spike_is_lost_between_bins(width):
    _, rate = analysis.psth(events(poisson(0.05, 1), poisson(0.05, 2), stop=T), bin=width * ms, axis=())
    n = int(T / width) * width
    assert_allclose((rate * width * ms).sum(0).m_as(""), [(poisson(0.05, s) < n).sum() for s in (1, 2)], rtol=1e-12)
    assert rate.check(1 * Hz)
