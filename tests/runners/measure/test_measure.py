"""Measures: what they say at the end is what numpy says of the whole trace."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DimensionalityError, DSRunner, measure
from simcore.models import LIF, Lif
from simcore.runners import loop
from simcore.units import Hz, mA, ms, mV

CURRENTS = np.array([0.5, 1.2, 2.0, 5.0]) * mA  # the first neuron is silent


def lif(**kwargs):
    return LIF(4, **({"noise": "0.05 mV/ms**0.5", "V_rest": -70 * mV, "V_th": -69 * mV, "V_reset": -70 * mV} | kwargs))


def run(monitors, duration=50 * ms, model=None, **kwargs):
    return DSRunner(model or lif(), {"V": "V", "spike": "spike"} | monitors, **kwargs).run(duration, inputs=CURRENTS)


# Chunks of 37 steps, and one chunk; both precisions.
BOTH = [(37, "float32"), (10**5, "float64")]
BOTH += [pytest.param(*pair, marks=pytest.mark.slow) for pair in ((37, "float64"), (10**5, "float32"))]
of_any_chunks = pytest.mark.parametrize(("chunks", "precision"), BOTH, indirect=True)


@pytest.fixture
def chunks(request, monkeypatch):
    """Run a test in chunks of so many steps."""
    monkeypatch.setattr(loop, "MAX_CHUNK", request.param)


@of_any_chunks
def test_statistics_of_values_are_those_of_the_trace(chunks, precision):
    names = ("mean", "variance", "standard_deviation", "maximum", "minimum", "final")
    mon = run({k: getattr(measure, k)("V") for k in names} | {"some": measure.mean(("V", [3, 1]))})
    V = mon.V.m_as("mV").astype(float)
    # Of values near -70 a float32 has 4e-6; sums of 500 of them lose nothing, as their errors are kept.
    rtol = 1e-12 if precision == "float64" else 1e-6
    assert_allclose(mon.mean.m_as("mV"), V.mean(0), rtol=rtol)
    assert_allclose(mon.some.m_as("mV"), V.mean(0)[[3, 1]], rtol=rtol)
    assert_allclose(mon.variance.m_as("mV**2"), V.var(0), rtol=10 * rtol)
    assert_allclose(mon.standard_deviation.m_as("mV"), V.std(0), rtol=10 * rtol)
    assert_array_equal(mon.maximum.m_as("mV"), V.max(0))
    assert_array_equal(mon.minimum.m_as("mV"), V.min(0))
    assert_array_equal(mon.final.m_as("mV"), V[-1])


@of_any_chunks
def test_statistics_of_spikes_are_those_of_the_raster(chunks, precision):
    bins = np.array([0.0, 0.5, 2.0, 10.0])
    mon = run({
        "rate": measure.firing_rate, "n": measure.spike_count, "first": measure.first_spike_time,
        "mean": measure.interval_mean, "cv": measure.interval_cv, "h": measure.interval_histogram(bins=bins * ms),
        "of_two": measure.firing_rate((None, [1, 2])),
    }, t0=5 * ms)  # fmt: skip
    assert mon.spike.sum() > 50
    assert_array_equal(mon.n, mon.spike.sum(0))
    assert_allclose(mon.rate.m_as("Hz"), mon.spike.sum(0) / 0.05, rtol=1e-6)
    assert_allclose(mon.of_two.m_as("Hz"), mon.spike.sum(0)[1:3] / 0.05, rtol=1e-6)
    for k in range(4):
        steps = np.flatnonzero(mon.spike[:, k])
        gaps = np.diff(steps)
        if len(gaps) == 0:
            assert np.isnan(mon.mean.magnitude[k])
            assert np.isnan(mon.cv[k])
            assert np.isnan(mon.first.magnitude[k]) == (len(steps) == 0)
            assert_array_equal(mon.h[k], 0)
            continue
        assert_allclose(mon.first.m_as("ms")[k], 5 + (steps[0] + 1) * 0.1)
        assert_allclose(mon.mean.m_as("ms")[k], gaps.mean() * 0.1, rtol=1e-6)
        # The variance is a difference of sums of squares, each exact in float32 up to 2^24.
        assert_allclose(mon.cv[k], gaps.std() / gaps.mean(), rtol=1e-5, atol=1e-6)
        assert_array_equal(mon.h[k], np.histogram(gaps, np.ceil(bins / 0.1 - 1e-6) - 0.5)[0])


def test_a_mean_of_many_values_does_not_stand_still_in_float32(precision):
    # 0.1 mV added 10^6 times: a plain float32 sum is off by 1 %.
    mon = DSRunner(LIF(1, V_rest=0.1 * mV), {"mean": measure.mean("V")}, progress_bar=False).run(1e5 * ms)
    assert_allclose(mon.mean.m_as("mV"), 0.1, rtol=1e-6 if precision == "float32" else 1e-12)


def test_a_measure_of_a_function_has_the_functions_unit():
    mon = run(
        {
            "top": measure.maximum(lambda m: (m.V.value - m.V_rest) / m.R),
            "free": measure.mean(lambda m: m.V.value / m.V_th),
        }
    )
    V = mon.V.m_as("mV")
    assert_allclose(mon.top.m_as("mA"), (V + 70).max(0), rtol=1e-9)
    assert_allclose(mon.free.m_as(""), (V / -69).mean(0), rtol=1e-12)


def test_a_measure_takes_its_name_from_what_it_measures():
    net = sc.Network(E=Lif(2), I=Lif(3))
    mon = DSRunner(net, [measure.mean("E.V"), measure.firing_rate("I"), measure.minimum(("I.V", [0]))]).run(5 * ms)
    assert set(mon) == {"ts", "mean_E_V", "firing_rate_I", "minimum_I_V"}
    assert mon.firing_rate_I.shape == (3,)
    assert mon.firing_rate_I.check(1 / ms)
    with pytest.raises(TypeError, match=r"give measure.mean of a function a name"):
        DSRunner(net, [measure.mean(lambda m: m.E.V.value)])


def test_each_run_is_measured_from_its_own_start():
    runner = DSRunner(lif(noise=None), ["V", measure.mean("V"), measure.first_spike_time])
    runner.run(7.3 * ms, inputs=CURRENTS)
    mon = runner.run(20 * ms, inputs=CURRENTS)
    assert_allclose(mon.mean_V.m_as("mV"), mon.V.m_as("mV").mean(0), rtol=1e-12)
    assert np.nanmin(mon.first_spike_time.m_as("ms")) > 7.3


def test_a_closed_form_of_the_mean_interval():
    # Hard reset: spikes every ceil(T / dt) steps, T = tau log(I / (I - V_th)).
    model = LIF(2, spk_reset="hard")
    mon = DSRunner(model, [measure.interval_mean, measure.interval_cv, measure.firing_rate]).run(
        1000 * ms, inputs=np.array([1.5, 3.0]) * mA
    )
    I = np.array([1.5, 3.0])
    assert_allclose(mon.interval_mean.m_as("ms"), np.ceil(5 * np.log(I / (I - 1)) / 0.1) * 0.1, rtol=1e-12)
    assert_array_equal(mon.interval_cv, 0.0)
    assert_allclose((1 / mon.interval_mean).m_as("Hz"), mon.firing_rate.m_as("Hz"), rtol=0.01)
    assert mon.firing_rate.units == Hz


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: measure.mean, ValueError, r"measure.mean needs to know of what: measure.mean\('V'\)"),
        (lambda: measure.mean("W"), ValueError, "has no 'W'"),
        (lambda: measure.firing_rate("E"), ValueError, "has no 'E.spike'"),
        (
            lambda: measure.mean("V", bins=1 * ms),
            TypeError,
            "measure.mean has no option 'bins'; it has start,",
        ),
        (lambda: measure.interval_histogram, ValueError, "needs its bins"),
        (lambda: measure.interval_histogram(bins=[1, 2]), DimensionalityError, "'bins' needs a quantity in ms"),
        (lambda: measure.interval_histogram(bins=[2, 1] * ms), ValueError, "at least two rising edges"),
        (lambda: measure.trace("V"), ValueError, r"measure.trace is for sweeps; here, write sc.Record\('V', every="),
        (lambda: measure.spike_times, ValueError, "measure.spike_times is for sweeps; here, write 'spike_events'"),
    ],
)
def test_a_wrong_measure_is_refused_before_the_run(make, error, text):
    with pytest.raises(error, match=text):
        DSRunner(lif(), {"m": make()}).run(1 * ms)
