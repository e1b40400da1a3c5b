"""Stores: what a run streams to disk is what it would have kept in memory, also after a kill."""

import json
import os
import signal
import sys
import time

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import simcore as sc
from simcore import DSRunner, Record, measure
from simcore.models import LIF
from simcore.runners import loop
from simcore.units import mA, ms, mV

NAMES = ["run", "run.zarr"]


@pytest.fixture(autouse=True)
def short_chunks(monkeypatch):
    monkeypatch.setattr(loop, "MAX_CHUNK", 37)


def lif():
    return LIF((2, 3), noise="0.1 mV/ms**0.5", V_initializer=sc.init.Uniform(-1 * mV, 0.9 * mV, seed=1))


def monitors():
    return {
        "V": Record("V", every=0.7 * ms), "all": "V", "spike": ("spike", [0, 2]), "events": "spike_events",
        "few": ("spike_events", [1]), "count": "spike_count", "mean": measure.mean("V"),
        "variance": measure.variance("V"), "rate": measure.firing_rate,
        "intervals": measure.interval_histogram(bins=np.array([0, 1, 2, 5]) * ms),
    }  # fmt: skip


def assert_same(got, expected):
    assert set(got) == set(expected)
    for name in expected:
        a, b = got[name], expected[name]
        if hasattr(b, "indices"):
            assert_array_equal(a.indices, b.indices)
            a, b = a.times, b.times
        assert getattr(a, "units", None) == getattr(b, "units", None)
        a, b = getattr(a, "magnitude", a), getattr(b, "magnitude", b)
        assert a.dtype == b.dtype
        assert_array_equal(a, b, err_msg=name)
    for name in ("V", "all", "events"):
        assert_array_equal(got.times(name).magnitude, expected.times(name).magnitude)


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_run_is_the_run_in_memory(tmp_path, name):
    pytest.importorskip("zarr") if name.endswith("zarr") else None
    expected = DSRunner(lif(), monitors()).run(30 * ms, inputs=2 * mA)
    runner = DSRunner(lif(), monitors(), store=tmp_path / name)
    first = runner.run(11.1 * ms, inputs=2 * mA)
    assert len(first.ts) == 111
    assert_same(runner.run(18.9 * ms, inputs=2 * mA), expected)  # all runs of the runner
    assert_same(sc.open_run(tmp_path / name), expected)
    assert expected.spike.any()
    assert len(expected.few.times)


def test_npy_files_of_a_store_load_by_hand_and_are_not_read_at_once(tmp_path):
    mon = DSRunner(lif(), ["V", "spike_events"], store=tmp_path / "run").run(10 * ms, inputs=2 * mA)
    V = np.load(tmp_path / "run" / "V.npy", mmap_mode="r")
    assert isinstance(mon.V.magnitude, np.memmap)
    assert_array_equal(V, mon.V.m_as("mV"))
    assert_array_equal(np.load(tmp_path / "run" / "spike_events.times.npy"), mon.spike_events.times.m_as("ms"))
    about = json.loads((tmp_path / "run" / "about.json").read_text())
    assert about["dt_ms"] == 0.1
    assert [c["unit"] for c in about["channels"]] == ["mV", None]
    assert "jax" in about["versions"]
    assert not [f for f in os.listdir(tmp_path / "run") if f.endswith("partial")]


@pytest.mark.parametrize("name", NAMES)
def test_a_run_is_readable_while_it_goes_on(tmp_path, name, monkeypatch):
    pytest.importorskip("zarr") if name.endswith("zarr") else None
    lengths, advance = [], loop.advance

    def reading(*args):
        mon = sc.open_run(tmp_path / name)
        assert len(mon.V) == len(mon.ts)
        lengths.append(len(mon.V))
        return advance(*args)

    monkeypatch.setattr(loop, "advance", reading)
    DSRunner(lif(), ["V"], store=tmp_path / name).run(15 * ms, inputs=2 * mA)
    assert lengths == [0, 37, 74, 111, 148]


KILLED = """
import simcore as sc
from simcore.runners import loop
from simcore.units import mA, ms, mV
loop.MAX_CHUNK = 37
neuron = sc.models.LIF((2, 3), noise="0.1 mV/ms**0.5", V_initializer=sc.init.Uniform(-1 * mV, 0.9 * mV, seed=1))
monitors = {"V": "V", "events": "spike_events", "mean": sc.measure.mean("V"), "count": "spike_count"}
runner = sc.DSRunner(neuron, monitors, store=store, checkpoint=checkpoint, checkpoint_every=5 * ms,
                     progress_bar=False)
runner.run(100000 * ms, inputs=2 * mA)
"""


# Of a folder of npy files, test_kills.py kills the same in the short run.
@pytest.mark.parametrize("name", [pytest.param(NAMES[0], marks=pytest.mark.slow), NAMES[1]])
def test_a_killed_run_is_complete_up_to_its_last_chunk_and_goes_on(tmp_path, name, other_process):
    pytest.importorskip("zarr") if name.endswith("zarr") else None
    store, checkpoint = str(tmp_path / name), str(tmp_path / "checkpoint.npz")
    process = other_process(KILLED, store=store, checkpoint=checkpoint)
    try:
        until = time.monotonic() + 120
        while time.monotonic() < until and process.is_alive():
            time.sleep(0.05)
            if os.path.exists(store) and len(sc.open_run(store).V) > 400:
                break
    finally:
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
    names = {"V": "V", "events": "spike_events", "mean": measure.mean("V"), "count": "spike_count"}
    killed = sc.open_run(store)
    steps = len(killed.ts)
    assert len(killed.V) == steps > 400
    expected = DSRunner(lif(), names).run(steps * 0.1 * ms, inputs=2 * mA)
    assert_array_equal(killed.V.magnitude, expected.V.magnitude)
    assert_array_equal(killed.events.times.magnitude, expected.events.times.magnitude)
    assert_array_equal(killed.events.indices, expected.events.indices)
    assert_array_equal(killed["count"], expected["count"])
    assert_array_equal(killed.mean.magnitude, expected.mean.magnitude)

    runner = DSRunner.resume(checkpoint, lif(), store=store)  # with the monitors of the file
    assert runner.i % 50 == 0
    end = steps * 0.1 * ms + 10 * ms
    mon = runner.run(end - runner.t, inputs=2 * mA)
    expected = DSRunner(lif(), names).run(end, inputs=2 * mA)
    assert len(mon.V) == steps + 100
    assert_array_equal(mon.V.magnitude, expected.V.magnitude)
    assert_array_equal(mon.events.times.magnitude, expected.events.times.magnitude)
    assert_array_equal(mon["count"], expected["count"])
    assert_array_equal(mon.mean.magnitude, expected.mean.magnitude)


def test_a_store_that_is_there_is_not_overwritten(tmp_path):
    runner = DSRunner(LIF(1), ["V"], store=tmp_path / "run")
    runner.run(1 * ms)
    with pytest.raises(
        FileExistsError, match=r"store='.*run' is there already; end what still writes into it, then remove it"
    ):
        DSRunner(LIF(1), ["V"], store=tmp_path / "run")
    runner.reset_state()
    with pytest.raises(ValueError, match="ends at step 10, the runner is at 0"):
        runner.run(1 * ms)


def test_a_resumed_run_fits_its_store(tmp_path):
    runner = DSRunner(LIF(1), ["V"], store=tmp_path / "run")
    runner.run(1 * ms)
    runner.save(tmp_path / "end")
    with pytest.raises(ValueError, match=r"the store '.*' has other monitors: .spike. differ"):
        DSRunner.resume(tmp_path / "end", LIF(1), ["V", "spike"], store=tmp_path / "run").run(1 * ms)
    DSRunner(LIF(1), ["V"], store=tmp_path / "short").run(0.5 * ms)
    with pytest.raises(ValueError, match="is of another run than the snapshot"):
        DSRunner.resume(tmp_path / "end", LIF(1), store=tmp_path / "short").run(1 * ms)
    other = DSRunner.resume(tmp_path / "end", LIF(1), store=tmp_path / "new").run(1 * ms)  # a new one begins there
    np.testing.assert_allclose(other.ts.m_as("ms")[[0, -1]], [1.1, 2.0])
    alone = DSRunner(LIF(1), ["V"])
    alone.save(tmp_path / "alone")
    with pytest.raises(FileExistsError, match="is there already"):
        DSRunner.resume(tmp_path / "alone", LIF(1), store=tmp_path / "run").run(1 * ms)


def test_what_is_no_store_or_of_a_newer_format_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="is no store of a run"):
        sc.open_run(tmp_path)
    DSRunner(LIF(1), ["V"], store=tmp_path / "run").run(1 * ms)
    about = tmp_path / "run" / "about.json"
    about.write_text(about.read_text().replace('"format": 1', '"format": 99'))
    with pytest.raises(ValueError, match="has the format 99; this simcore reads up to 1"):
        sc.open_run(tmp_path / "run")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("name", NAMES)
def test_a_checkpoint_comes_to_the_disk_after_all_that_the_store_holds(tmp_path, name, monkeypatch):
    pytest.importorskip("zarr") if name.endswith("zarr") else None
    synced, fsync = [], os.fsync
    where = lambda file: os.path.relpath(os.readlink(f"/proc/self/fd/{file}"), tmp_path)  # noqa: E731
    monkeypatch.setattr(os, "fsync", lambda file: (synced.append(where(file)), fsync(file)))
    files = {"store": tmp_path / name, "checkpoint": tmp_path / "c", "checkpoint_every": 10 * ms}
    DSRunner(lif(), {"V": "V", "h": "spike_events"}, **files).run(10 * ms, inputs=2 * mA)
    last = synced[2:]  # the first checkpoint comes before the store
    columns = ["V.npy", "h.times.npy", "h.indices.npy"]
    if name.endswith("zarr"):
        columns = ["V/c/0/0/0", "V/zarr.json", "h.times/c/0", "h.times/zarr.json", "h.indices/c/0/0"]
    places = [last.index(f"{name}/{f}") for f in (*columns, "done.npz")]
    assert places == sorted(places)
    assert last.index(name) > places[-1]
    assert "c.npz" in last[-2]
    assert last[-1] == "."


def test_a_store_that_cannot_fit_on_the_disk_is_refused_with_the_cure(tmp_path):
    with pytest.raises(MemoryError, match=r"the store .* would take .* record some of the neurons"):
        DSRunner(LIF(1_000_000), ["V"], store=tmp_path / "run").run(1e8 * ms)


def test_a_zarr_store_without_zarr_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "zarr", None)
    with pytest.raises(ImportError, match="pip install zarr"):
        DSRunner(LIF(1), ["V"], store=tmp_path / "run.zarr")
