"""Record: every k-th step, windows; what is recorded belongs to the times that the recording gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DimensionalityError, DSRunner, Record
from simcore.models import LIF
from simcore.runners import loop
from simcore.units import mA, ms, mV

DT = 0.1


def above_rest(model):
    return model.V.value + model.V_th


def lif(n=3):
    return LIF(n, noise="0.1 mV/ms**0.5", V_initializer=sc.init.Uniform(-1 * mV, 0.9 * mV, seed=1))


@settings(max_examples=settings.default.max_examples // 20, deadline=None)  # each is compiled
@given(
    every=st.sampled_from([1, 3, 7]),
    start=st.integers(0, 90),
    length=st.integers(1, 120),
    split=st.integers(1, 99),
    chunk=st.sampled_from([5, 16, 37, 1000]),
)
def test_any_record_is_a_slice_of_the_full_trace_whatever_the_chunks(every, start, length, split, chunk):
    stop = start + length
    record = {"every": every * DT * ms, "start": start * DT * ms, "stop": stop * DT * ms}
    monitors = {
        "full": "V", "some": Record("V", [2, 0], **record), "f": Record(above_rest, **record),
        "spike": "spike", "dense": Record("spike", start=start * DT * ms, stop=stop * DT * ms),
        "events": Record("spike_events", start=start * DT * ms, stop=stop * DT * ms),
        "few": Record("spike_events", [1], start=start * DT * ms),
        "count": Record("spike_count", stop=stop * DT * ms),
    }  # fmt: skip
    before, loop.MAX_CHUNK = loop.MAX_CHUNK, chunk
    try:
        runner = DSRunner(lif(), monitors=monitors)
        parts = [runner.run(n * DT * ms, inputs=2 * mA) for n in (split, 100 - split)]
    finally:
        loop.MAX_CHUNK = before

    def both(get):
        return np.concatenate([np.asarray(get(mon)) for mon in parts])

    V, t = both(lambda m: m.full.magnitude), both(lambda m: m.ts.magnitude)
    chosen = np.arange(start + every - 1, min(stop, 100), every)  # the steps that end windows of `every`
    assert_array_equal(both(lambda m: m.some.magnitude), V[chosen][:, [2, 0]])
    assert_array_equal(both(lambda m: m.f.m_as("mV")), V[chosen] + 1.0)
    assert_array_equal(both(lambda m: m.times("some").magnitude), t[chosen])
    spike, inside = both(lambda m: m.spike), slice(start, stop)
    assert_array_equal(both(lambda m: m.dense), spike[inside])
    assert_array_equal(both(lambda m: m.times("dense").magnitude), t[inside])
    steps, neurons = np.nonzero(spike[inside])
    assert_array_equal(both(lambda m: m.events.times.magnitude), t[inside][steps])
    assert_array_equal(both(lambda m: m.events.indices), neurons)
    assert_array_equal(both(lambda m: m.times("few").magnitude), t[start:][np.nonzero(spike[start:, 1])[0]])
    assert_array_equal(sum(m["count"] for m in parts), spike[:stop].sum(0))


def test_a_recording_of_every_millisecond_ends_with_the_window():
    monitors = {"V": Record("V", every=1 * ms, start=100 * ms, stop=104 * ms)}
    mon = DSRunner(LIF(1), monitors=monitors, t0=50 * ms).run(100 * ms)
    assert_array_equal(mon.times("V").m_as("ms"), [101.0, 102.0, 103.0, 104.0])
    assert len(mon.V) == 4
    assert len(mon.ts) == 1000
    assert_array_equal(mon.times("ts").magnitude, mon.ts.magnitude)


def test_a_record_takes_its_name_from_what_it_records():
    mon = DSRunner(LIF(3), monitors=[Record("V", [0, 1], every=0.5 * ms), "spike_count"]).run(2 * ms)
    assert mon.V.shape == (4, 2)
    assert set(mon) == {"ts", "V", "spike_count"}
    with pytest.raises(ValueError, match="'spike_count' is one value of the whole run"):
        mon.times("spike_count")
    with pytest.raises(KeyError):
        mon.times("W")


@pytest.mark.parametrize(
    ("record", "error", "text"),
    [
        (Record("V", every=0 * ms), ValueError, r"Record\('V'\): 'every' must be > 0, got 0 ms"),
        (Record("V", every=1), DimensionalityError, r"Record\('V'\): 'every' needs a quantity in ms"),
        (Record("V", start=2 * ms, stop=1 * ms), ValueError, "'stop' must be after 'start', got 1 ms"),
        (Record("spike_events", every=1 * ms), ValueError, "'every' would miss spikes"),
        (Record("W"), ValueError, "LIF has no 'W'"),
        (Record("V", [9]), ValueError, "'V' has 3 neurons"),
        (Record(sc.measure.mean("V"), start=1 * ms), TypeError, "a measure takes a window itself: measure.mean"),
    ],
)
def test_a_wrong_record_is_refused_at_once(record, error, text):
    with pytest.raises(error, match=text):
        DSRunner(LIF(3), monitors=[record])


def rate(model):
    return sc.units.quantity(model.spike.mean() / DT, "1/ms")


def source_rate(model):
    return model.source.spike.mean()


@pytest.mark.parametrize("tau_ref", [None, 1 * ms])
def test_a_function_of_spikes_now_and_then_would_miss_some_and_is_refused(tau_ref):
    neurons = LIF(20, tau_ref=tau_ref, V_initializer=sc.init.Uniform(0 * mV, 0.9 * mV, seed=1))
    with pytest.raises(ValueError, match="'rate' is of spikes, those of each step: 'every' would miss"):
        DSRunner(neurons, {"rate": Record(rate, every=1 * ms)}).run(20 * ms, inputs=3 * mA)
    monitors = {"rate": Record(rate, start=2 * ms), "each": Record(rate, every=DT * ms), "V": Record("V", every=1 * ms)}
    mon = DSRunner(neurons, monitors | {"n": "spike_count"}).run(20 * ms, inputs=3 * mA)
    # A rate is the number of spikes by neurons and time.
    assert_allclose(mon.each.m_as("kHz").mean(), mon.n.sum() / (20 * 20), rtol=1e-6)


def test_a_function_of_the_spikes_of_a_source_now_and_then_is_refused():
    net = sc.Network(source=sc.models.PoissonGroup(5, 100 * sc.units.Hz, seed=1))
    with pytest.raises(ValueError, match="'rate' is of spikes"):
        DSRunner(net, {"rate": Record(source_rate, every=1 * ms)}).run(20 * ms)


@pytest.mark.parametrize("of", ["spike", rate])
def test_a_trace_of_spikes_now_and_then_is_refused_in_a_sweep_too(of):
    sweep = sc.Sweep(LIF(2), {"tau": [5, 10] * ms}, {"rate": sc.measure.trace(of, every=1 * ms)}, progress_bar=False)
    with pytest.raises(ValueError, match="'rate' is of spikes"):
        sweep.run(10 * ms)


def test_times_off_the_grid_are_refused_before_the_run():
    for key in ("every", "start", "stop"):
        runner = DSRunner(LIF(3), monitors=[Record("V", **{key: 0.25 * ms})])
        with pytest.raises(ValueError, match=rf"Record\('V'\): '{key}'.* is 2.5 steps .* nearest are 0.2 ms and 0.3"):
            runner.run(1 * ms)
    with pytest.raises(ValueError, match="'start' is before t0 = 5 ms"):
        DSRunner(LIF(3), monitors=[Record("V", start=1 * ms)], t0=5 * ms).run(1 * ms)


@pytest.mark.parametrize("times", [{"every": 1e-9}, {"every": 1e12}, {"start": 1e12}, {"start": 1, "stop": 1e12}])
def test_times_that_are_no_step_or_more_than_a_runner_counts_are_refused(times):
    record = Record("V", **{key: ms_ * ms for key, ms_ in times.items()})
    with pytest.raises(
        ValueError, match=rf"Record\('V'\): '{[*times][-1]}', 1e.* ms, is \d+ steps of dt = 0.1 ms; [01] to 2"
    ):
        DSRunner(LIF(1), [record]).run(1 * ms)


@pytest.mark.parametrize("what", ["V", "spike_events"])
def test_a_monitor_of_no_neuron_is_refused(what):
    with pytest.raises(ValueError, match=rf"monitors: '{what}' is of no neuron, \[\]; leave it out"):
        DSRunner(LIF(1), [(what, [])])


def test_a_changed_window_compiles_nothing():
    def run(start):
        DSRunner(LIF(2), monitors=[Record("V", every=0.2 * ms, start=start)]).run(3 * ms)

    run(1 * ms)
    size = loop.advance._cache_size()
    run(2 * ms)
    assert loop.advance._cache_size() == size


def test_no_monitors_may_be_said_in_words():
    mon = sc.DSRunner(sc.models.LIF(1), None).run(1 * ms)
    assert len(mon.ts) == 10
    assert list(dict(mon)) == ["ts"]
