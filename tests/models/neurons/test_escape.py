"""Escape rates: the law of the spikes, the same chance at every dt, and what the hazard is."""

import jax
import numpy as np
import pytest
import scipy.integrate
import scipy.stats
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DimensionalityError, DSRunner
from simcore.models import LIF, ExponentialRate, LinearRate
from simcore.units import Hz, Mohm, ms, mV, pA

# At rest, where it stays without input, a neuron is 2 mV below its threshold: its rate is exp(-1) of that there.
REST = {"R": 100 * Mohm, "tau": 10 * ms, "V_rest": -50 * mV, "V_reset": -50 * mV, "V_th": -48 * mV}
AT_REST = np.exp(-1)


def cells(n=200, rate=50 * Hz / AT_REST, **kwargs):
    return LIF(n, **(REST | {"spk_reset": "hard", "escape": ExponentialRate(rate=rate, delta=2 * mV)} | kwargs))


def events(model, duration=400, dt=0.1, inputs=0 * pA, seed=0):
    """Return spike times (ms) and neurons, sorted by these."""
    runner = DSRunner(model, ["spike_events"], dt=dt * ms, seed=seed, progress_bar=False)
    mon = runner.run(duration * ms, inputs=inputs).spike_events
    order = np.argsort(mon.indices, kind="stable")
    return mon.times.m_as("ms")[order], mon.indices[order]


@pytest.mark.parametrize("precision", ["float32", pytest.param("float64", marks=pytest.mark.slow)], indirect=True)
def test_intervals_at_a_fixed_V_are_exponential_after_the_refractory_period(precision):
    t, i = events(cells(tau_ref=4 * ms), 2000)
    # The first 51 spikes of each neuron: all intervals of a given time would lack long ones.
    intervals = np.concatenate([np.diff(t[i == k])[:50] for k in range(200)])
    assert intervals.size == 10_000
    # A spike is seen at the end of its step: half a step late in the mean. 0.1 ms is 0.5 % of the mean of 20 ms,
    # against the 1.6 % by which 10 000 samples may differ (at a level of 1 %).
    assert scipy.stats.kstest(intervals - 4 - 0.05, "expon", args=(0, 20)).pvalue > 0.01
    assert intervals.mean() == pytest.approx(24.05, abs=4 * 20 / 100)  # four standard errors
    assert intervals.std() / intervals.mean() == pytest.approx(1 / (1 + 4 / 20), abs=0.03)
    assert intervals.min() >= 4.1 - 1e-4
    following = np.corrcoef(intervals[:-1], intervals[1:])[0, 1]
    assert abs(following) < 0.04  # four standard errors of independent ones


def test_two_neurons_two_seeds_and_two_populations_have_their_own_chance():
    counts = ["a.spike_count", "b.spike_count"]
    a, b, a1, b1 = (
        DSRunner(sc.Network(a=cells(), b=cells()), counts, seed=seed, progress_bar=False).run(400 * ms)[name]
        for seed in (0, 1)
        for name in counts
    )
    # 200 pairs of independent counts correlate by 0.07 (standard deviation).
    assert np.abs(np.corrcoef([a, b, a1, b1]) - np.eye(4)).max() < 0.3
    assert abs(np.corrcoef(a[1:], a[:-1])[0, 1]) < 0.3


def test_the_first_spike_comes_at_the_same_time_whatever_dt_is():
    first = {}
    for dt in (0.4, 0.1, 0.025):
        t, i = events(cells(), 200, dt)
        first[dt] = np.array([t[i == k][0] for k in range(200)])
    # The hazard of a constant rate is exact at each dt, and a spike is seen at the end of its step.
    for coarse, fine in ((0.4, 0.1), (0.1, 0.025)):
        late = first[coarse] - first[fine]
        assert late.min() > -1e-9
        assert late.max() < coarse - fine + 1e-9


def test_check_dt_compares_spikes_of_the_same_chance():
    current = sc.inputs.function(lambda t, A, tau: A * jax.numpy.sin(t / tau), "pA", A=30 * pA, tau=5 * ms)
    report = sc.check_dt(DSRunner(cells(100), progress_bar=False), 100 * ms, inputs=current)
    (spikes,) = report.spikes.values()
    # With numbers of their own the runs would differ in most counts, and their spikes by an interval, 20 ms.
    assert "of 100 neurons" in f"{report}"
    assert spikes.changed[0] <= 3


@pytest.mark.parametrize("dt", [0.2, 0.1])
def test_the_hazard_is_the_integral_of_the_rate(dt):
    # V relaxes from -55 to -50 mV; the rate is so low that no neuron spikes.
    model = cells(1, 1 * Hz, V_initializer=-55 * mV)
    mon = DSRunner(model, ["escape.hazard"], dt=dt * ms, progress_bar=False).run(20 * ms)

    def rate(t):
        return 1e-3 * np.exp((-50 - 5 * np.exp(-t / 10) + 48) / 2)

    expected = scipy.integrate.quad(rate, 0, 20)[0]
    # The trapezoidal rule: dt**2 / 12 times the change of the slope of the rate over the run.
    slope = [(rate(t + 1e-5) - rate(t)) / 1e-5 for t in (0, 20)]
    error = dt**2 / 12 * (slope[1] - slope[0])
    assert_allclose(mon["escape.hazard"][-1, 0] - expected, error, rtol=0.01)


@pytest.mark.parametrize("precision", ["float32", pytest.param("float64", marks=pytest.mark.slow)], indirect=True)
def test_float32_adds_up_a_rate_that_is_lost_by_rounding_each_step(precision):
    # 2e-8 a step, a third of the spacing of floats at 0.5: none would reach a hazard above 0.25.
    model = cells(20, 0.02 * Hz / AT_REST)
    model.ensure_state()
    model.escape.hazard.value = 0.5
    DSRunner(model, [], dt=0.001 * ms, progress_bar=False).run(200 * ms)
    waiting = model.escape.spikes.value.magnitude == 0
    assert waiting.sum() >= 5
    assert_allclose(model.escape.hazard.value.magnitude[waiting], 0.504, atol=1e-6)


def test_a_sharp_rate_is_a_threshold():
    sharp = cells(3, escape=ExponentialRate(rate=1e4 * Hz, delta=0.001 * mV))
    drive = np.array([30, 50, 100]) * pA
    t, i = events(sharp, 60, 0.05, drive)
    t2, i2 = events(cells(3, escape=None), 60, 0.05, drive)
    assert_array_equal(i, i2)
    number = np.concatenate([np.arange(np.sum(i == k)) for k in range(3)])
    # By a step at most a spike is earlier or later than that of the threshold, and each shifts those after it.
    assert (np.abs(t - t2) <= 0.0501 * (1 + number)).all()


def test_a_linear_rate_is_zero_below_the_threshold():
    slope = LinearRate(slope=10 * Hz / mV)
    t, i = events(cells(200, escape=slope, V_rest=[-49.0, -46.0] * 100 * mV, V_initializer=-50 * mV), 1000)
    assert set(i % 2) == {1}

    # V jumps to -50 mV at a spike and returns with 10 ms: rate(t) = 20 Hz (1 - 2 exp(-t / 10 ms)) from 6.93 ms on.
    def hazard(t):
        return 0.02 * ((t - 6.93147) - 20 * (np.exp(-0.693147) - np.exp(-t / 10)))

    intervals = np.concatenate([np.diff(t[i == k])[:8] for k in range(1, 200, 2)])
    assert intervals.min() > 6.9
    assert scipy.stats.kstest(hazard(intervals - 0.05), "expon").pvalue > 0.01


def test_members_of_a_batch_and_points_of_a_sweep_are_as_runs_of_their_own():
    model = cells(50)
    alone = DSRunner(cells(50, 100 * Hz), ["spike_count"], progress_bar=False).run(200 * ms).spike_count
    sweep = sc.Sweep(model, {"escape.rate": [20, 100] * Hz}, {"n": sc.measure.spike_count}, progress_bar=False)
    assert_array_equal(sweep.run(200 * ms).n.values[1], alone)
    model.reset_state(batch_size=2)
    counts = DSRunner(model, ["spike_count"], progress_bar=False).run(400 * ms).spike_count
    assert counts.shape == (2, 50)
    assert not np.array_equal(*counts)
    assert counts.mean() == pytest.approx(20, rel=0.1)  # 10 standard errors


def test_gradients_reach_the_rate():
    model = cells(5, tau_ref=1 * ms)
    run = sc.unroll(model, 20 * ms, inputs=10 * pA, dt=0.5 * ms)
    grads = jax.jit(jax.grad(lambda params: run(params)[0].sum()))(model.float_params())
    for key in ("escape.rate", "escape.delta", "R", "V_th"):
        assert np.isfinite(grads[key]).all()
        assert np.any(grads[key] != 0), key


def test_what_cannot_be_an_escape_rate_is_refused():
    with pytest.raises(TypeError, match=r"LIF: 'escape' must be an escape rate, e.g. .*ExponentialRate.* got 3"):
        cells(escape=3)
    with pytest.raises(DimensionalityError, match="ExponentialRate: 'delta' needs a quantity in mV, got the bare"):
        ExponentialRate(delta=2.0)

    class Even(LIF):
        """Has a test of its own."""

        def get_spike(self, V):
            return 1.0 * (V > 0)

    with pytest.raises(TypeError, match="Even: 'escape', a rate that follows V - V_th, is for a neuron with"):
        Even(1, escape=LinearRate()).init_state()
