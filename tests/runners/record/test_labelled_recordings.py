"""Recordings hand out quantities with names: parts by neuron and time, pandas, xarray, files that give back all."""

import numpy as np
import pint
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DSRunner, FileError, Record, measure
from simcore.models import LIF
from simcore.runners import Labelled, loop
from simcore.units import Hz, mA, ms, mV, nS

MONITORS = {
    "V": "V", "few": Record("V", [2, 0], every=0.5 * ms, start=4 * ms), "spike": ("spike", [1]),
    "initial": Record("V", initial=True), "double": lambda m: 2 * m.V.value, "events": "spike_events",
    "late": Record("spike_events", [2, 0], start=5 * ms), "count": "spike_count", "rate": measure.firing_rate,
    "mean": measure.mean("V", over="neurons"), "quantiles": measure.maximum("V", over="neurons", reduce=(0.1, 0.9)),
    "intervals": measure.interval_histogram(bins=np.array([0, 1, 2, 5]) * ms),
}  # fmt: skip


def recorded(size=3, batch=None, inputs=3 * mA, **options):
    lif = LIF(size, V_initializer=sc.init.Uniform(-1 * mV, 0.9 * mV, seed=1))
    lif.reset_state(batch)
    monitors = MONITORS if batch is None else {k: v for k, v in MONITORS.items() if k not in ("mean", "quantiles")}
    return DSRunner(lif, monitors, t0=3 * ms, progress_bar=False, **options).run(20 * ms, inputs=inputs)


def assert_same(got, expected):
    """Every item is what it was: values, types, units, names, coordinates, times."""
    assert list(got) == list(expected)
    assert repr(got).splitlines()[0] == repr(expected).splitlines()[0]
    for name, was in expected.items():
        now = got[name]
        if hasattr(was, "indices"):
            assert (now.shape, now.chosen, now.start, now.stop) == (was.shape, was.chosen, was.start, was.stop)
            assert_array_equal(now.indices, was.indices)
            now, was = now.times, was.times
        assert getattr(now, "units", None) == getattr(was, "units", None), name
        if isinstance(was, Labelled):
            assert (type(now), now.dims) == (type(was), was.dims)
            for dim in was.dims:
                assert list(now.coords[dim]) == [dim]
                assert_array_equal(now.coord(dim) == was.coord(dim), True)
        now, was = getattr(now, "magnitude", now), getattr(was, "magnitude", was)
        assert now.dtype == was.dtype
        assert_array_equal(now, was, err_msg=name)


@pytest.mark.parametrize("name", ["run.npz", "run.nc", "run"])
@pytest.mark.parametrize("case", ["one axis", "two axes", "a batch", "silent", "a store"])
def test_a_file_gives_back_every_kind_of_monitor(tmp_path, name, case):
    mon = {
        "one axis": lambda: recorded(),
        "two axes": lambda: recorded((2, 3)),
        "a batch": lambda: recorded(batch=2),
        "silent": lambda: recorded(inputs=0 * mA),
        "a store": lambda: recorded(store=tmp_path / "store"),
    }[case]()
    mon.save(tmp_path / name)
    assert_same(sc.load(tmp_path / name), mon)
    if case == "a store":
        assert_same(sc.open_run(tmp_path / "store"), mon)


def test_a_file_holds_what_was_recorded_in_whatever_unit_the_user_has_turned_it_to(tmp_path):
    mon = recorded()
    expected = mon.V.m_as("mV").copy()
    mon.V.ito("V")
    for name in ("run.npz", "run.nc"):
        mon.save(tmp_path / name)
        assert_allclose(sc.load(tmp_path / name).V.m_as("mV"), expected, rtol=1e-12)


def test_a_file_of_another_run_or_a_damaged_one_is_refused(tmp_path):
    mon = recorded()
    mon.save(tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz") as data:
        arrays = dict(data)
    for key, wrong in {"column/V": arrays["column/V"][1:], "column/events.times": arrays["column/events.times"][:3],
                       "column/initial": arrays["column/initial"].astype("f2")}.items():  # fmt: skip
        np.savez(tmp_path / "wrong.npz", **arrays | {key: wrong})
        with pytest.raises(FileError, match=r"wrong\.npz is damaged"):
            sc.load(tmp_path / "wrong.npz")
    arrays.pop("column/spike")
    np.savez(tmp_path / "wrong.npz", **arrays)
    with pytest.raises(FileError, match=r"wrong.npz is damaged, .*not all rows of 'spike'"):
        sc.load(tmp_path / "wrong.npz")
    np.savez(tmp_path / "pickle.npz", about=np.array({"measures": {}}, dtype=object))
    with pytest.raises(FileError, match=r"pickle\.npz"):
        sc.load(tmp_path / "pickle.npz")
    with pytest.raises(FileNotFoundError, match="there is no such file"):
        sc.load(tmp_path / "none.npz")


# ---------------------------------------------------------------- parts


def test_parts_are_chosen_by_neuron_and_time():
    mon = recorded((2, 3))
    assert mon.V.dims == mon.double.dims == ("time", "neuron_0", "neuron_1")
    assert recorded(batch=2).V.dims == ("time", "batch", "neuron")
    mon = recorded()
    ts, V = mon.ts.m_as("ms"), mon.V.m_as("mV")
    part = mon.V.sel(neuron=2, time=slice(10 * ms, 12 * ms))  # both included
    assert_array_equal(part.m_as("mV"), V[(ts > 9.99) & (ts < 12.01), 2])
    assert (part.shape, part.dims) == ((21,), ("time",))
    assert_allclose(part.coord("time").m_as("ms"), np.arange(100, 121) / 10)
    assert_array_equal(mon.few.coord("neuron"), [2, 0])
    assert_array_equal(mon.few.sel(neuron=0, time=6.5 * ms).magnitude, V[ts == 6.5, 0])
    assert_array_equal(mon.spike.sel(neuron=1), mon.spike[:, 0])
    assert mon.intervals.sel(neuron=1, interval=2 * ms) == mon.intervals[1, 2]
    assert mon.quantiles.sel(quantile=0.9) == mon.quantiles[1]
    with pytest.raises(KeyError, match="few: 'neuron' has no 1; the nearest are 2 and 0"):
        mon.few.sel(neuron=1)


def test_a_time_of_a_long_run_is_one_step_however_late():
    runner = DSRunner(LIF(1), ["V"], t0=1e6 * ms, progress_bar=False)
    V = runner.run(1 * ms, inputs=0 * mA).V
    assert V.sel(time=slice(1e6 * ms + 0.2 * ms, 1e6 * ms + 0.4 * ms)).shape == (3, 1)
    with pytest.raises(KeyError, match="the nearest are"):
        V.sel(time=1e6 * ms + 0.25 * ms)


def test_synapses_are_an_axis_too():
    cells = LIF(2, receptors={"exc": sc.models.Exponential(tau=3 * ms, reversal=0 * mV)})
    link = sc.models.Projection(cells, cells, connect=sc.models.AllToAll(), weight=2 * nS, delay=1 * ms,
                                plasticity=sc.models.STDP(w_max=4 * nS))  # fmt: skip
    mon = DSRunner(sc.Network(cells=cells, link=link), ["link.weight", "cells.exc.g"]).run(1 * ms)
    assert mon["link.weight"].dims == ("time", "synapse")
    assert mon["cells.exc.g"].dims == ("time", "neuron")


def test_parts_of_a_store_are_not_read_at_once(tmp_path):
    mon = recorded(store=tmp_path / "run")
    assert isinstance(mon.V.sel(time=slice(5 * ms, 9 * ms)).magnitude, np.memmap)


# ---------------------------------------------------------------- used as a quantity, or as an array


def test_it_is_a_quantity_for_all_who_use_it_as_one():
    mon = recorded()
    V, plain = mon.V, mon.V.values
    uses = [
        lambda q: q * 2, lambda q: 1 * mV - q, lambda q: -q, lambda q: q[3], lambda q: q[:, 0], np.square, np.mean,
        lambda q: np.diff(q, axis=0), lambda q: q.clip(0 * mV, 0.5 * mV), lambda q: q.to("V"), lambda q: q.T,
        lambda q: q.mean(axis=0), lambda q: q.max(0), lambda q: q > 0.5 * mV, lambda q: q.reshape(-1),
        lambda q: q / (2 * mA), lambda q: q.m_as("V"), lambda q: np.concatenate([q, q]),
    ]  # fmt: skip
    for f in uses:
        got, expected = f(V), f(plain)
        assert not isinstance(got, Labelled)  # what is computed has no names
        assert type(got) is type(expected)
        assert np.all(got == expected)
    assert isinstance(V, Labelled)
    V[0] = -3 * mV
    assert V.sel(time=3.1 * ms, neuron=1) == -3 * mV
    assert mon.ts.searchsorted(5 * ms) == plain.shape[0] // 10 - 1


def test_spikes_and_counts_are_arrays_for_all_who_use_them_as_such():
    mon = recorded((2, 3))
    for array, plain in ((mon.events.counts(), mon["count"].values), (mon.spike, mon.spike.values)):
        assert_array_equal(array, plain)
    for got in (~mon.spike, mon.spike[0], mon.spike & True, np.cumsum(mon.spike, 0), mon["count"] + 1, mon["count"][0]):
        assert not isinstance(got, Labelled)
    assert mon["count"].sum() == mon["count"].values.sum()
    n = mon["count"].values.copy()
    for got, expected in (
        (mon["count"] / (2 * ms), n / (2 * ms)), (2 * ms / (mon["count"] + 1), 2 * ms / (n + 1)),
        (mon["count"] * mV, n * mV), (mV * mon["count"], mV * n), (np.dot(mon["count"], mon["count"].T), n @ n.T),
        (np.where(mon["count"] > 2, 1 * mV, 2 * mV), np.where(n > 2, 1 * mV, 2 * mV)),
        (np.dot(mon["count"], np.ones(3) * mV), np.dot(n, np.ones(3) * mV)),
        (np.maximum.reduce(mon["count"]), n.max(0)), (np.stack([mon["count"], n]), np.stack([n, n])),
    ):  # fmt: skip
        assert not isinstance(got, Labelled)
        assert type(got) is type(expected)
        assert np.all(got == expected)
    again = mon["count"]
    again += 1
    assert_array_equal(mon["count"], n + 1)  # in place, as of any array
    assert_array_equal(mon["count"].T.mean(0), mon["count"].values.T.mean(0))  # a view has no names, and is numpy's
    assert_array_equal(mon["count"].mean("neuron_0"), mon["count"].values.mean(0))
    assert repr(mon["count"].T) == repr(mon["count"].values.T)
    assert "neuron_1" in repr(mon["count"])


# ---------------------------------------------------------------- initial values


@pytest.mark.parametrize("chunk", [7, 10_000])
def test_an_initial_value_is_the_first_row_and_the_others_are_as_without_it(monkeypatch, chunk):
    monkeypatch.setattr(loop, "MAX_CHUNK", chunk)
    lif = LIF(2, V_initializer=[-5.0, 0.5] * mV)
    monitors = {
        "V": "V", "all": Record("V", initial=True), "f": Record(lambda m: 2 * m.V.value, initial=True),
        "each": Record("V", [1], every=0.4 * ms, initial=True), "from": Record("V", start=3 * ms, initial=True),
        "seldom": Record("V", every=0.5 * ms, start=2.3 * ms, stop=3.5 * ms, initial=True),
    }  # fmt: skip
    runner = DSRunner(lif, monitors, t0=2 * ms)
    mon = runner.run(2 * ms, inputs=0 * mA)
    V = np.concatenate([[[-5.0, 0.5]], mon.V.m_as("mV")])
    ts = 2 + 0.1 * np.arange(21)
    expected = {"all": slice(None), "f": slice(None), "from": slice(10, None), "seldom": [3, 8, 13]}
    for name, rows in expected.items():
        assert_array_equal(mon[name].m_as("mV"), V[rows] * (2 if name == "f" else 1))
        assert_allclose(mon.times(name).m_as("ms"), ts[rows], rtol=1e-12)
    assert_array_equal(mon.each.m_as("mV"), V[::4, 1:])
    assert_allclose(mon.times("each").m_as("ms"), ts[::4])
    again = runner.run(1 * ms, inputs=0 * mA)  # goes on: the first value is the last one of the run before
    assert len(again.all) == len(again.V) == 10


def test_an_initial_value_is_in_a_store_and_in_a_resumed_run(tmp_path):
    def runner(**options):
        return DSRunner(LIF(2, V_initializer=-5 * mV), {"V": Record("V", every=0.3 * ms, initial=True)}, **options)

    expected = runner().run(3 * ms, inputs=0 * mA).V
    stored = runner(store=tmp_path / "run")
    stored.run(1 * ms, inputs=0 * mA)
    stored.save(tmp_path / "snapshot")
    on = DSRunner.resume(tmp_path / "snapshot", LIF(2), store=tmp_path / "run")
    assert_array_equal(on.run(2 * ms, inputs=0 * mA).V.m_as("mV"), expected.m_as("mV"))
    assert len(sc.open_run(tmp_path / "run").V) == 11


@pytest.mark.parametrize("what", ["spike", "spike_events"])
def test_spikes_have_no_initial_value(what):
    with pytest.raises(ValueError, match="'initial' is of values, spikes come in steps; leave it out"):
        DSRunner(LIF(1), [Record(what, initial=True)])


# ---------------------------------------------------------------- other packages


def test_pandas_gets_spikes_as_rows_and_traces_as_columns():
    E, I = LIF(3), LIF(2)
    runner = DSRunner(sc.Network(E=E, I=I), ["E.spike_events", "I.spike_events", "E.V"])
    mon = runner.run(20 * ms, inputs={"E": 3 * mA, "I": 2 * mA})
    frame = mon.to_pandas()
    assert list(frame) == ["time_ms", "neuron", "population"]
    assert frame["time_ms"].is_monotonic_increasing
    for name in "EI":
        events = mon[f"{name}.spike_events"]
        rows = frame[frame["population"] == name]
        assert_array_equal(rows["time_ms"], events.times.m_as("ms"))
        assert_array_equal(rows["neuron"], events.indices)
    V = mon["E.V"].to_pandas()
    assert (V.index.name, V.columns.name, V.shape) == ("time (ms)", "neuron", (200, 3))
    assert_array_equal(V, mon["E.V"].m_as("mV"))
    assert mon["E.V"].isel(neuron=1).to_pandas().name == "E.V (mV)"
    with pytest.raises(ValueError, match=r"to_pandas\(\) is of spike events, and there are none"):
        DSRunner(LIF(1), ["V"]).run(1 * ms, inputs=0 * mA).to_pandas()


def test_pandas_gets_results_of_sweeps_with_all_combinations_across():
    result = sc.Sweep(
        LIF(2), {"tau": [5, 10] * ms, "V_th": [1, 2, 3] * mV}, {"n": measure.spike_count}, inputs=4 * mA
    ).run(20 * ms)
    frame = result.n.to_pandas()
    assert frame.columns.names == ["V_th (mV)", "neuron"]
    assert frame.loc[10.0, (2.0, 1)] == result.n.sel(tau=10 * ms, V_th=2 * mV, neuron=1)


def test_xarray_gets_all_with_units_and_times():
    data = recorded().to_xarray()
    assert (data.V.attrs["units"], data.rate.attrs["units"]) == ("mV", "Hz")
    assert data.V.sel({"time of V": slice(10.0, 12.0)}).shape == (21, 3)
    assert data["events.times"].attrs["units"] == "ms"
    assert_allclose(data.rate, recorded().rate.m_as(Hz))


# ---------------------------------------------------------------- batches, names, masks


def test_a_batch_is_drawn_one_member_after_the_other():
    lif = LIF((2, 3))
    lif.init_state(4)
    mon = DSRunner(lif, ["V", "spike_events", "spike"], progress_bar=False).run(10 * ms, inputs=2 * mA)
    _, events, dense = mon.plot()
    assert len(mon.spike_events)
    assert_array_equal(np.sort(events.lines[0].get_xydata(), 0), np.sort(dense.lines[0].get_xydata(), 0))


@pytest.mark.parametrize("name", ["a/b", "../up", "x\ny", "V ", "(V)"])
def test_a_name_that_netcdf_does_not_take_is_refused_and_npz_takes_it(name, tmp_path):
    pytest.importorskip("xarray")
    mon = DSRunner(LIF(1), {name: "V"}, progress_bar=False).run(1 * ms, inputs=1 * mA)
    with pytest.raises(ValueError, match=r"NetCDF takes no name such as .* or save as \.npz"):
        mon.save(tmp_path / "run.nc")
    assert not list(tmp_path.iterdir())
    mon.save(tmp_path / "run.npz")
    assert_array_equal(sc.load(tmp_path / "run.npz")[name].m, mon[name].m)


def test_what_was_not_recorded_is_told_however_it_is_asked_for():
    mon = DSRunner(LIF(1), ["V"], progress_bar=False).run(1 * ms, inputs=1 * mA)
    for ask in (lambda: mon["v"], lambda: mon.times("v")):
        with pytest.raises(KeyError, match=r"nothing was recorded as 'v'.* There is ts, V"):
            ask()
    assert mon.get("v") is None


@pytest.mark.parametrize("mask", [True, [True, False, True], np.array([False, True, True])])
def test_a_mask_is_no_coordinate(mask):
    mon = DSRunner(LIF(3), ["V"], progress_bar=False).run(1 * ms, inputs=1 * mA)
    with pytest.raises(TypeError, match=r"V: 'neuron' needs a coordinate, got .*; a mask is for isel\(\)"):
        mon.V.sel(neuron=mask)


def test_one_except_catches_wrong_dimensions_of_arithmetic_and_of_arguments():
    mon = DSRunner(LIF(1), ["V"], progress_bar=False).run(1 * ms, inputs=1 * mA)
    for wrong in (lambda: mon.V[:, 0] + mon.ts, lambda: mon.V + mon.ts, lambda: mon.V.sel(time=1 * mV)):
        with pytest.raises(pint.DimensionalityError):
            wrong()
