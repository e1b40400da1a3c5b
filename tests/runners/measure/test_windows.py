"""Measures in a window of time, and over the neurons: what numpy says of that part of the trace."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DSRunner, measure
from simcore.models import LIF, LIFRef, PoissonGroup
from simcore.runners import loop
from simcore.runners.sweep import batches
from simcore.units import Hz, mA, ms, mV, second

CURRENTS = np.array([0.5, 1.2, 2.0, 5.0]) * mA  # the first neuron is silent
WINDOW = {"start": 10 * ms, "stop": 40.5 * ms}
INSIDE = slice(100, 405)  # steps of 0.1 ms


def lif():
    return LIF(4, noise="0.05 mV/ms**0.5")


# Chunks of 37 steps, and one chunk; both precisions.
BOTH = [(37, "float32"), (10**5, "float64")]
BOTH += [pytest.param(*pair, marks=pytest.mark.slow) for pair in ((37, "float64"), (10**5, "float32"))]
of_any_chunks = pytest.mark.parametrize(("chunks", "precision"), BOTH, indirect=True)


@pytest.fixture
def chunks(request, monkeypatch):
    """Run a test in chunks of so many steps."""
    monkeypatch.setattr(loop, "MAX_CHUNK", request.param)


MEASURES = {
    "mean": measure.mean("V", **WINDOW),
    "variance": measure.variance("V", **WINDOW),
    "top": measure.maximum("V", **WINDOW),
    "last": measure.final("V", **WINDOW),
    "sampled": measure.mean("V", every=1.5 * ms, **WINDOW),
    "rate": measure.firing_rate(**WINDOW),
    "n": measure.spike_count(**WINDOW),
    "first": measure.first_spike_time(**WINDOW),
    "interval": measure.interval_mean(**WINDOW),
    "tail": measure.spike_count(start=20 * ms),
}


def expected(V, spike):
    """Return what the measures should say of the traces (T, 4) of V (mV) and of the spikes."""
    V, part = V[INSIDE].astype(float), spike[INSIDE]
    steps = [np.flatnonzero(column) for column in part.T]
    return {
        "mean": V.mean(0),
        "variance": V.var(0),
        "top": V.max(0),
        "last": V[-1],
        "sampled": V[14::15].mean(0),
        "rate": part.sum(0) / 0.0305,
        "n": part.sum(0),
        "first": [10 + (s[0] + 1) * 0.1 if len(s) else np.nan for s in steps],
        "interval": [np.diff(s).mean() * 0.1 if len(s) > 1 else np.nan for s in steps],
        "tail": spike[200:].sum(0),
    }


@of_any_chunks
def test_a_window_counts_what_the_trace_has_within_it(chunks, precision):
    mon = DSRunner(lif(), {"V": "V", "spike": "spike"} | MEASURES).run(50 * ms, inputs=CURRENTS)
    assert mon.spike[INSIDE].sum() > 30
    for name, value in expected(mon.V.m_as("mV"), mon.spike).items():
        rtol = 1e-9 if precision == "float64" else 1e-4
        assert_allclose(getattr(mon[name], "magnitude", mon[name]), value, rtol=rtol, err_msg=name)


def test_a_sweep_counts_the_same_and_a_trace_begins_with_its_window():
    trace = {"trace": measure.trace("V", every=1.5 * ms, **WINDOW)}
    result = sc.Sweep(lif(), {"R": [1.0] * sc.units.ohm}, MEASURES | trace, inputs=CURRENTS).run(50 * ms)
    mon = DSRunner(lif(), ["V", "spike"]).run(50 * ms, inputs=CURRENTS)
    for name, value in expected(mon.V.m_as("mV"), mon.spike).items():
        assert_allclose(result[name].magnitude[0], value, rtol=1e-9, err_msg=name)
    assert_allclose(result.trace.coord("time").m_as("ms"), 11.5 + 1.5 * np.arange(20))
    assert_allclose(result.trace.m_as("mV")[0], mon.V.m_as("mV")[114:400:15], rtol=1e-9)


def test_a_window_is_by_the_clock_of_the_runner_as_that_of_a_record():
    runner = DSRunner(
        LIFRef(1), {"n": measure.spike_count(start=25 * ms), "V": measure.mean("V", stop=15 * ms)}, t0=5 * ms
    )
    first = runner.run(10 * ms, inputs=3 * mA)
    assert first.n == 0
    second = runner.run(30 * ms, inputs=3 * mA)
    whole = DSRunner(LIFRef(1), ["spike"], t0=5 * ms).run(40 * ms, inputs=3 * mA).spike
    assert second.n == whole[200:].sum() > 0
    assert np.isnan(second.V.magnitude)  # there is no step before 15 ms in this run


def test_another_window_or_reduction_compiles_nothing():
    def run(**options):
        sweep = sc.Sweep(LIF(4), {"tau": [5, 6] * ms}, {"r": measure.firing_rate(**options)}, inputs=CURRENTS)
        return sweep.run(50 * ms).r

    before = batches.advance_points._cache_size()
    run(start=10 * ms)
    run(start=20 * ms, stop=30 * ms)
    run(start=20 * ms, over="neurons")
    run(start=20 * ms, over="neurons", reduce=(0.1, 0.9))
    assert batches.advance_points._cache_size() == before + 1


def test_over_the_neurons_there_is_one_number_or_some_quantiles():
    over = {
        "mean": measure.firing_rate(over="neurons"),
        "sd": measure.firing_rate(over="neurons", reduce="std"),
        "median": measure.firing_rate(over="neurons", reduce="median"),
        "quantiles": measure.firing_rate(over="neurons", reduce=(0.1, 0.5)),
        "of_some": measure.mean(("V", [1, 2]), over="neurons"),
        "first": measure.first_spike_time(over="neurons"),
        "histogram": measure.interval_histogram(bins=[0, 2, 10] * ms, over="neurons"),
    }
    mon = DSRunner(lif(), {"V": "V", "rate": measure.firing_rate, "each": measure.first_spike_time} | over).run(
        50 * ms, inputs=CURRENTS
    )
    rate = mon.rate.m_as("Hz")
    assert_allclose(mon.mean.m_as("Hz"), rate.mean())
    assert_allclose(mon.sd.m_as("Hz"), rate.std())
    assert_allclose(mon.median.m_as("Hz"), np.median(rate))
    assert_allclose(mon.quantiles.m_as("Hz"), np.quantile(rate, [0.1, 0.5]))
    assert_allclose(mon.of_some.m_as("mV"), mon.V.m_as("mV")[:, 1:3].mean())
    assert np.isnan(mon.each.magnitude[0])  # silent: it does not count
    assert_allclose(mon["first"].m_as("ms"), mon.each.magnitude[1:].mean())
    result = sc.Sweep(lif(), {"tau": [5.0, 8.0] * ms}, over, inputs=CURRENTS).run(50 * ms)
    dims = {name: v.dims for name, v in result.items()}
    assert dims.pop("quantiles") == ("tau", "quantile")
    assert dims.pop("histogram") == ("tau", "interval")
    assert set(dims.values()) == {("tau",)}
    assert_array_equal(result["quantiles"].coord("quantile"), [0.1, 0.5])
    for name in over:
        assert_allclose(result[name].isel(tau=0).magnitude, getattr(mon[name], "magnitude", mon[name]), err_msg=name)


@of_any_chunks
def test_synchrony_is_one_of_equal_neurons_and_the_definition_of_others(chunks, precision):
    same = DSRunner(LIF(5), {"chi": measure.synchrony("V")}).run(50 * ms, inputs=2 * mA)
    assert_allclose(same.chi, 1, rtol=1e-6)
    free = LIF(100, V_th=1000 * mV, noise=0.5 * mV / ms**0.5)
    mon = DSRunner(free, {"V": "V", "chi": measure.synchrony("V", start=20 * ms)}).run(400 * ms, inputs=0 * mA)
    V = mon.V.m_as("mV")[200:].astype(float)
    assert_allclose(mon.chi, np.sqrt(V.mean(1).var() / V.var(0).mean()), rtol=1e-3 if precision == "float32" else 1e-9)
    assert 0.07 < mon.chi < 0.14  # 1 / sqrt(100), of 38 correlation times


def test_synchrony_of_a_sweep_has_no_axis_of_neurons():
    free = LIF(20, V_th=1000 * mV, noise=0.5 * mV / ms**0.5)
    chi = sc.Sweep(free, {"tau": [5, 10] * ms}, {"chi": measure.synchrony("V")}, inputs=0 * mA).run(50 * ms).chi
    assert chi.dims == ("tau",)
    mon = DSRunner(LIF(20, V_th=1000 * mV, tau=10 * ms, noise=0.5 * mV / ms**0.5), {"chi": measure.synchrony("V")})
    assert_allclose(chi.values[1], mon.run(50 * ms, inputs=0 * mA).chi, rtol=1e-9)


@of_any_chunks
def test_the_fano_factor_is_that_of_the_counts_in_windows(chunks, precision):
    group = PoissonGroup(50, 100 * Hz, seed=2)
    fano = measure.fano_factor(window=20 * ms)
    mon = DSRunner(group, {"spike": "spike", "fano": fano, "mean": fano(over="neurons")}).run(2.011 * second)
    counts = mon.spike[:20000].reshape(100, 200, 50).sum(1)  # a rest of 11 ms fills no window
    assert_allclose(mon.fano, counts.var(0) / counts.mean(0), rtol=1e-5 if precision == "float32" else 1e-12)
    # 1 - p of a binomial with p = 0.01; its standard deviation is sqrt(2 / 100 / 50).
    assert_allclose(mon.mean, 0.99, atol=0.08)


def test_a_store_has_fano_factors_too(tmp_path):
    fano = measure.fano_factor(window=20 * ms)  # a store asks for it before the first window, too
    monitors = {"fano": fano, "mean": fano(over="neurons")}
    lif = [DSRunner(LIF(4), monitors, store=store).run(200 * ms, inputs=CURRENTS) for store in (tmp_path / "run", None)]
    assert_array_equal(lif[0].fano, lif[1].fano)


def test_neurons_that_fired_too_little_have_no_interval_cv():
    cv = {"cv": measure.interval_cv, "enough": measure.interval_cv(min_spikes=10), "n": measure.spike_count}
    mon = DSRunner(lif(), cv | {"mean": measure.interval_cv(min_spikes=10, over="neurons")}).run(
        50 * ms, inputs=CURRENTS
    )
    enough = mon.n >= 10
    assert 0 < enough.sum() < 4
    assert_array_equal(np.isnan(mon.enough), ~enough)
    assert_allclose(mon.mean, mon.cv[enough].mean())


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: measure.mean("V", start=3), "measure.mean: 'start' needs a quantity in ms, got the bare number 3"),
        (lambda: measure.mean("V", start=3 * ms, stop=2 * ms), "measure.mean: 'stop' must be after 'start', got 2 ms"),
        (lambda: measure.mean("V", every=0 * ms), "measure.mean: 'every' must be > 0, got 0 ms"),
        (lambda: measure.mean("V", over="neuron"), "measure.mean: 'over' can be 'neurons', got 'neuron'"),
        (lambda: measure.mean("V", reduce="std"), "measure.mean: 'reduce' needs over='neurons'"),
        (lambda: measure.mean("V", over="neurons", reduce="mode"), "must be one of 'mean', 'std', .* got 'mode'"),
        (lambda: measure.synchrony("V", over="neurons"), "'over' is left out: it is one number of all neurons"),
        (lambda: measure.interval_cv(min_spikes=1), "'min_spikes' must be an int of 2 or more, got 1"),
        (lambda: run_of(measure.firing_rate(every=1 * ms)), "measure.firing_rate is of spikes, .* 'every' would miss"),
        (lambda: run_of(measure.mean("V", start=0.25 * ms)), "measure.mean: 'start', .* 2.5 steps .* nearest"),
        (lambda: run_of(measure.mean("V", start=10 * ms)), "start=10 ms, has nothing to measure in a run of 5"),
        (lambda: run_of(measure.fano_factor()), "measure.fano_factor needs its window: window=100"),
        (lambda: run_of(measure.fano_factor(window=3 * ms)), "'window' must fit twice at least into 5 ms, got 3 ms"),
        (lambda: DSRunner(LIF(1), {"r": sc.Record(measure.firing_rate, start=1 * ms)}),
         r"Record: a measure takes a window itself: measure.firing_rate\(..., start=..., stop=...\)"),
    ],
)  # fmt: skip
def test_a_window_or_reduction_that_cannot_be_is_refused(make, text):
    with pytest.raises((ValueError, TypeError), match=text):
        make()


def run_of(one):
    return sc.Sweep(LIF(1), {"tau": [5, 6] * ms}, {"m": one}, inputs=1 * mA).run(5 * ms)


def test_one_number_of_all_neurons_would_mix_a_batch():
    model = LIF(3)
    model.init_state(batch_size=2)
    with pytest.raises(ValueError, match=r"measure.mean: one number of all neurons would mix the batch of LIF"):
        DSRunner(model, {"m": measure.mean("V", over="neurons")}).run(1 * ms, inputs=1 * mA)


def test_a_job_goes_on_with_a_window_and_a_reduction(tmp_path):
    def monitors():
        return {
            "r": measure.firing_rate(start=2 * ms, over="neurons", reduce=(0.2, 0.8)),
            "m": measure.mean("V", stop=6 * ms),
        }

    whole = DSRunner(lif(), monitors(), store=tmp_path / "whole").run(10 * ms, inputs=CURRENTS)
    runner = DSRunner(lif(), monitors(), store=tmp_path / "part")
    runner.run(3 * ms, inputs=CURRENTS)
    runner.save(tmp_path / "file")
    again = DSRunner.resume(tmp_path / "file", lif(), store=tmp_path / "part").run(7 * ms, inputs=CURRENTS)
    assert_array_equal(again.r.magnitude, whole.r.magnitude)
    assert_array_equal(again.m.magnitude, whole.m.magnitude)
