"""Statistics take spikes in three forms, within a window, from memory and from a store that they do not load."""

import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DimensionalityError, DSRunner, Record, analysis
from simcore.models import LIF
from simcore.runners import SpikeEvents
from simcore.runners.analysis import trains
from simcore.units import mA, ms, mV, second

DRIVE = np.array([0.0, 1.5, 2.0, 3.0]) * mA  # the first neuron is silent
STATISTICS = {
    "intervals": lambda *spikes, **window: analysis.intervals(*spikes, **window)[0].m_as("ms"),
    "cv": analysis.cv,
    "cv2": analysis.cv2,
    "lv": analysis.lv,
    "fano_factor": lambda *spikes, **window: analysis.fano_factor(*spikes, window=7 * ms, **window),
    "psth": lambda *spikes, **window: analysis.psth(*spikes, bin=1 * ms, axis=(), **window)[1].m_as("Hz"),
    "rate": lambda *spikes, **window: analysis.rate(*spikes, kernel=GAUSSIAN, axis=-1, **window)[1].m_as("Hz"),
    "correlation": lambda *spikes, **window: analysis.correlation(*spikes, bin=3 * ms, **window),
}
GAUSSIAN = analysis.Gaussian(2 * ms)
each_statistic = pytest.mark.parametrize("statistic", STATISTICS.values(), ids=STATISTICS)


@pytest.fixture(scope="module", params=["one axis", "two axes", "a batch", "a store", "a zarr store"])
def mon(request, tmp_path_factory):
    """Return a recording of 100 ms, the second 100 ms of a run."""
    lif = LIF((2, 4) if request.param == "two axes" else 4)
    lif.reset_state(3 if request.param == "a batch" else None)
    name = {"a store": "run", "a zarr store": "run.zarr"}.get(request.param)
    store = None if name is None else tmp_path_factory.mktemp("runs") / name
    late = {"start": 120 * ms, "stop": 150 * ms}
    monitors = {"spike": "spike", "events": "spike_events", "late": Record("spike_events", **late),
                "few": ("spike_events", [3, 1]), "cv": sc.measure.interval_cv(min_spikes=3),
                "fano": sc.measure.fano_factor(window=7 * ms)}  # fmt: skip
    if store is not None:
        monitors.pop("late")
        DSRunner(lif, monitors, store=store, t0=100 * ms, progress_bar=False).run(100 * ms, inputs=DRIVE)
        return sc.open_run(store)
    runner = DSRunner(lif, monitors, progress_bar=False)
    runner.run(100 * ms, inputs=DRIVE)
    return runner.run(100 * ms, inputs=DRIVE)


@each_statistic
def test_events_and_a_raster_say_the_same(mon, statistic):
    for window in ({}, {"start": 120 * ms, "stop": 0.15 * second}):
        found, expected = statistic(mon.events, **window), statistic(mon.ts, mon.spike, **window)
        # A raster begins a step before its first time, but for rounding, which ends kernels a step earlier.
        assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@each_statistic
@pytest.mark.parametrize("block", [1, 50])
def test_it_does_not_matter_how_much_is_read_at_a_time(mon, statistic, block, monkeypatch):
    expected = statistic(mon.events), statistic(mon.ts, mon.spike)
    monkeypatch.setattr(trains, "BLOCK", block)
    assert_allclose(statistic(mon.events), expected[0], rtol=1e-12, atol=1e-12)  # sums in another order
    assert_allclose(statistic(mon.ts, mon.spike), expected[1], rtol=1e-12, atol=1e-12)


def test_what_a_measure_tells_of_the_run_is_what_its_record_does(mon):
    # Of a batch or a continued run, both are of the last 100 ms.
    assert_allclose(analysis.cv(mon.events), mon.cv, rtol=1e-9, atol=1e-9)
    assert_allclose(analysis.fano_factor(mon.events, window=7 * ms), mon.fano, rtol=1e-9, atol=1e-9)


def test_events_know_their_window(mon):
    assert (mon.events.start, mon.events.stop) == (100 * ms, 200 * ms)
    if "late" in mon:
        assert (mon.late.start, mon.late.stop) == (120 * ms, 150 * ms)
        late = analysis.fano_factor(mon.late, window=7 * ms)
        assert_array_equal(late, analysis.fano_factor(mon.events, window=7 * ms, start=120 * ms, stop=150 * ms))


def test_of_chosen_neurons_the_statistics_are_in_their_order(mon):
    assert_array_equal(analysis.cv(mon.few), analysis.cv(mon.events)[..., [3, 1]])
    _, whose = analysis.intervals(mon.few)
    assert set(np.reshape(whose, (len(whose), -1))[:, -1]) == {1, 3}
    shape = mon.spike.shape[1:-1]
    i, j = ((*np.zeros(len(shape), int), k) for k in (3, 1))
    pair = {"i": i, "j": j, "bin": 1 * ms, "lag": 5 * ms}
    assert_array_equal(
        analysis.cross_correlogram(mon.few, **pair)[1], analysis.cross_correlogram(mon.events, **pair)[1]
    )


@each_statistic
def test_times_and_neurons_come_in_any_order_and_unit(statistic):
    rng = np.random.default_rng(0)
    times, indices = rng.uniform(0.1, 100, 200), rng.permutation(np.arange(200) % 3)
    order = np.argsort(times)
    expected = statistic(SpikeEvents(times[order] * ms, indices[order], (3,), None, 0 * ms, 100 * ms))
    assert_allclose(statistic(times / 1e3 * second, indices.tolist(), stop=100 * ms), expected, rtol=1e-9)


def test_one_neuron_needs_no_axis():
    spike = np.arange(300) % 7 == 3
    ts = np.arange(1, 301) * 0.1 * ms
    assert analysis.cv(ts, spike).shape == ()
    assert analysis.cv(ts, spike) == pytest.approx(0, abs=1e-7)
    counts = analysis.cross_correlogram(ts, spike, i=0, j=0, bin=0.1 * ms, lag=0.7 * ms)[1]
    assert counts.tolist() == [42, *[0] * 13, 42]  # 43 spikes, and none is its own partner
    for name in ("psth", "fano_factor", "cv2", "lv", "correlation", "intervals"):
        expected = STATISTICS[name](ts, spike[:, None])
        assert_array_equal(STATISTICS[name](ts, spike), expected if name == "correlation" else np.squeeze(expected))


def test_a_store_is_not_loaded(tmp_path, monkeypatch):
    n, size = 1_000_000, 50
    for name, values in {"times": np.arange(1, n + 1) * 0.01, "indices": np.arange(n) % size}.items():
        np.save(tmp_path / f"{name}.npy", values)
    times, indices = (np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in ("times", "indices"))
    events = SpikeEvents(sc.units.attach(times, "ms"), indices, (size,), None, 0 * ms, 1e4 * ms)
    monkeypatch.setattr(trains, "BLOCK", 2**14)
    tracemalloc.start()
    for name in ("cv", "cv2", "lv", "fano_factor", "correlation"):  # results of the others grow with the recording
        STATISTICS[name](events)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.25 * (times.nbytes + indices.nbytes)


@pytest.mark.parametrize(
    ("spikes", "error", "match"),
    [
        (([[True]],), TypeError, r"cv is of spike events, cv\(mon.spike_events\), of times and a raster"),
        (((np.ones(3) * ms, [0, 1, 2]),), TypeError, "cv is of spike events"),
        (([1.0, 2.0], [0, 1]), DimensionalityError, r"cv: 'times' needs a quantity in ms, got \[1.0, 2.0\]; write"),
        (([1.0, 2.0] * mV, [0, 1]), DimensionalityError, "cv: 'times' needs a quantity in ms"),
        (([1.0, 2.0] * ms, [0, 1] * mV), DimensionalityError, "cv: 'spikes' needs a quantity in dimensionless"),
        (([1.0, 2.0] * ms, [0, 1, 1]), ValueError, r"'times' \(2,\) and 'indices' \(3,\) must be lists of one length"),
        (([1.0, 2.0] * ms, [0, -1]), ValueError, "cv: 'indices' must be whole numbers from 0"),
        (([-1.0, 2.0] * ms, [0, 1]), ValueError, "cv: 'times' must be after 0 ms, .* unless start=... .*; got -1 ms"),
        (([0.0, 2.0] * ms, [0, 1]), ValueError, "cv: 'times' must be after 0 ms"),
        (([1.0, np.nan] * ms, [0, 1]), ValueError, "cv: 'times' must be finite"),
        (([1.0, 2.0] * ms, [0.0, 1.0]), ValueError, "cv: 'indices' must be whole numbers from 0 to 1"),
        (([1.0, 2.0] * ms, np.ones((3, 2))), ValueError, r"\(2,\) times for a raster of the shape \(3, 2\)"),
        (([2.0, 1.0] * ms, np.ones((2, 2))), ValueError, "the times of a raster must rise"),
        (([1.0, 2.0] * ms, np.full((2, 2), -65.0)), ValueError, "a raster of spikes holds bools, or 0 and 1"),
        (
            (SpikeEvents([2.0, 1.0] * ms, np.array([0, 0])),),
            ValueError,
            "are in the order of their times, these are not",
        ),
        ((SpikeEvents(np.ones(3), np.array([0, 0, 1])),), DimensionalityError, "cv: 'times' needs a quantity in ms"),
        ((SpikeEvents([-1.0, 2.0] * ms, np.array([0, 0])),), ValueError, "cv: 'times' must be after 0 ms"),
        ((SpikeEvents([] * ms, np.zeros(0, int)),), ValueError, "there is no neuron"),
        ((SpikeEvents([1.0] * ms, np.array([3]), (2,)),), ValueError, r"outside of the shape \(2,\)"),
        ((SpikeEvents([1.0] * ms, np.array([0]), (2,), (0, 0)),), ValueError, "some neurons were recorded twice"),
    ],
)
def test_what_is_no_spikes_is_refused(spikes, error, match):
    with pytest.raises(error, match=match):
        analysis.cv(*spikes)


EVENTS = SpikeEvents([1.0, 2.0, 3.0] * ms, np.array([0, 1, 0]), (2,), None, 0 * ms, 10 * ms)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: analysis.cv(EVENTS, start=-1 * ms), "'start', -1 ms, is outside of the recording, from 0 to 10 ms"),
        (lambda: analysis.cv(EVENTS, stop=11 * ms), "'stop', 11 ms, is outside of the recording"),
        (lambda: analysis.cv(EVENTS, start=5 * ms, stop=5 * ms), "'stop', 5 ms, must be after 'start', 5 ms"),
        (lambda: analysis.psth([1.0] * ms, [0], bin=1 * ms), "nothing says where these times of spikes end; give stop"),
        (lambda: analysis.psth(EVENTS, bin=0 * ms), "psth: 'bin' must be > 0 ms and at most 10 ms"),
        (lambda: analysis.psth(EVENTS, bin=11 * ms), "psth: 'bin' must be > 0 ms and at most 10 ms, .*; got 11 ms"),
        (lambda: analysis.psth(EVENTS, bin=1 * ms, axis=1), "axis: axis 1 is out of bounds"),
        (lambda: analysis.rate(EVENTS, kernel=GAUSSIAN, every=11 * ms), "rate: 'every' must be > 0 ms"),
        (lambda: analysis.fano_factor(EVENTS, window=6 * ms), "'window' must fit twice at least into 10 ms, got 6 ms"),
        (lambda: analysis.correlation(EVENTS, bin=6 * ms), "correlation: 'bin' must fit twice at least"),
        (lambda: analysis.cross_correlogram(EVENTS, i=0, j=2, bin=1 * ms, lag=2 * ms), "'j' must be the number of a"),
        (lambda: analysis.cross_correlogram(EVENTS, i=-1, j=1, bin=1 * ms, lag=2 * ms), "'i' must be .*; got -1"),
        (lambda: analysis.cross_correlogram(EVENTS, i=0.5, j=1, bin=1 * ms, lag=2 * ms), "'i' must be .*; got 0.5"),
        (lambda: analysis.cross_correlogram(EVENTS, i=0, j=1, bin=1 * ms, lag=12 * ms), "'lag' must be > 0 ms"),
        (lambda: analysis.Gaussian(0 * ms), "Gaussian: 'width' must be > 0, got 0 ms"),
    ],
)
def test_windows_bins_and_neurons_that_do_not_fit_are_refused(call, match):
    with pytest.raises(ValueError, match=match):
        call()


def test_bare_numbers_are_refused():
    with pytest.raises(DimensionalityError, match="'bin' needs a quantity in ms, got the bare number 1; write 1"):
        analysis.psth(EVENTS, bin=1)
    with pytest.raises(DimensionalityError, match="cv: 'start' needs a quantity in ms"):
        analysis.cv(EVENTS, start=1.0)
    with pytest.raises(DimensionalityError, match="Box: 'width' needs a quantity in ms"):
        analysis.Box(5)
    with pytest.raises(TypeError, match=r"rate: 'kernel' must be a kernel, e.g. sc.analysis.Gaussian\(10 \* ms\)"):
        analysis.rate(EVENTS, kernel=5 * ms)
