"""Stores in use: locks, readers, full disks, interrupts: what was finished is there, and the rest is told."""

import contextlib
import errno
import os
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import simcore as sc
from simcore import DSRunner, FileError, measure
from simcore.files import lock
from simcore.models import LIF
from simcore.runners import loop
from simcore.runners.record import locked
from simcore.runners.record.tape import Tape
from simcore.runners.sweep.batch_files import BatchFiles
from simcore.units import mA, ms, mV

NAMES = ["run", "run.zarr"]


@pytest.fixture(autouse=True)
def short_chunks(monkeypatch):
    monkeypatch.setattr(loop, "MAX_CHUNK", 37)


def lif():
    return LIF(4, noise="0.1 mV/ms**0.5", V_initializer=sc.init.Uniform(-1 * mV, 0.9 * mV, seed=1))


def monitors():
    return {"V": "V", "h": "spike_events", "n": "spike_count", "m": measure.mean("V")}


def expected(steps):
    return DSRunner(lif(), monitors(), dt=0.1 * ms).run(steps * 0.1 * ms, inputs=2 * mA)


def assert_same(mon, other):
    for key in ("V", "m"):
        assert_array_equal(mon[key].magnitude, other[key].magnitude)
    assert_array_equal(mon.h.times.magnitude, other.h.times.magnitude)
    assert_array_equal(mon.n, other.n)


def stored(folder, duration=20 * ms, **options):
    runner = DSRunner(lif(), monitors(), store=folder, progress_bar=False, **options)
    runner.run(duration, inputs=2 * mA)
    return runner


# ---------------------------------------------------------------- two at a time

RESUMING = """
import simcore as sc
from simcore.units import mA, ms, mV


def go_on():
    lif = sc.models.LIF(4, noise="0.1 mV/ms**0.5", V_initializer=sc.init.Uniform(-1 * mV, 0.9 * mV, seed=1))
    sc.DSRunner.resume(snapshot, lif, store=store).run(1 * ms, inputs=2 * mA)


try:
    go_on()
except BlockingIOError as err:
    told.send(str(err))
first_has_ended.wait()
go_on()
"""


@pytest.mark.parametrize("name", [NAMES[0], *(pytest.param(name, marks=pytest.mark.slow) for name in NAMES[1:])])
def test_a_second_process_is_refused_by_name_until_the_first_has_ended(tmp_path, name, other_process):
    pytest.importorskip("zarr") if name.endswith("zarr") else None
    runner = stored(tmp_path / name)
    runner.save(tmp_path / "snapshot.npz")
    before = sc.open_run(tmp_path / name).V.magnitude.copy()
    answer, told = other_process.context.Pipe()
    ended, files = other_process.context.Event(), {"snapshot": str(tmp_path / "snapshot.npz")}
    second_one = other_process(RESUMING, told=told, first_has_ended=ended, store=str(tmp_path / name), **files)
    assert answer.poll(120)
    text = f"the store {str(tmp_path / name)!r} is being written by the process {os.getpid()}; wait until it ends"
    assert text in answer.recv()
    assert_array_equal(sc.open_run(tmp_path / name).V.magnitude, before)
    del runner  # the lock goes with it, as with a process that ends
    ended.set()
    second_one.join()
    assert second_one.exitcode == 0
    assert_array_equal(sc.open_run(tmp_path / name).V.magnitude, expected(210).V.magnitude)


SWEEPING = """
import numpy as np
import simcore as sc
from simcore.units import mA, ms


def sweep(n):
    over = {"tau": np.linspace(5, 10, n) * ms}
    return sc.Sweep(sc.models.LIF(1), over, {"n": sc.measure.spike_count}, inputs=2 * mA, batch_size=1,
                    progress_bar=False)
"""


def test_a_second_sweep_into_a_folder_is_refused_until_the_first_is_dead(tmp_path, other_process):
    exec(SWEEPING, scope := {"__name__": "here"})
    sweep = scope["sweep"](100_000)
    process = other_process(SWEEPING + "sweep(100_000).run(100 * ms, store=store)", store=str(tmp_path / "store"))
    try:
        while not list(tmp_path.glob("store/points_*")):
            assert process.is_alive()
            time.sleep(0.05)
        told = rf"the sweep in '.*store' is being written by the process {process.pid}; wait until it ends, or end it"
        with pytest.raises(BlockingIOError, match=told):
            sweep.run(100 * ms, store=tmp_path / "store")
    finally:
        process.kill()
        process.join()
    with pytest.raises(ValueError, match="holds another sweep"):  # so nobody holds it any more
        scope["sweep"](3).run(100 * ms, store=tmp_path / "store")


def test_in_one_process_the_runner_that_resumed_last_has_the_store(tmp_path):
    first = stored(tmp_path / "run")
    first.save(tmp_path / "snapshot")
    second_one = DSRunner.resume(tmp_path / "snapshot", lif(), store=tmp_path / "run")
    second_one.run(1 * ms, inputs=2 * mA)
    with pytest.raises(RuntimeError, match=r"another runner of this process goes on in the store '.*run'; run that"):
        first.run(1 * ms, inputs=2 * mA)
    assert_same(second_one.run(1 * ms, inputs=2 * mA), expected(220))


def test_a_failed_run_takes_the_store_from_nobody_and_names_the_monitors_that_differ(tmp_path):
    first = stored(tmp_path / "run")
    first.save(tmp_path / "snapshot")
    other = DSRunner.resume(tmp_path / "snapshot", lif(), monitors() | {"s": "spike"}, store=tmp_path / "run")
    with pytest.raises(ValueError, match=r"the store '.*run' has other monitors: 's' differ; give those of the run"):
        other.run(1 * ms, inputs=2 * mA)
    assert_same(first.run(1 * ms, inputs=2 * mA), expected(210))


def test_a_runner_does_not_write_into_a_store_that_was_made_anew(tmp_path):
    runner = stored(tmp_path / "run")
    shutil.copytree(tmp_path / "run", tmp_path / "copy")
    shutil.rmtree(tmp_path / "run")
    for there in (False, True):
        if there:  # as another process would make it
            shutil.copytree(tmp_path / "copy", tmp_path / "run")
        with pytest.raises(RuntimeError, match=r"the store '.*run' was removed or replaced as it was written; choose"):
            runner.run(1 * ms, inputs=2 * mA)
    assert_same(sc.open_run(tmp_path / "run"), expected(200))


def test_a_copy_of_a_process_does_not_write_into_its_store(tmp_path, monkeypatch):
    runner = stored(tmp_path / "run")
    pid = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: pid + 1)
    with pytest.raises(RuntimeError, match=rf"the store '.*run' belongs to the process {pid}, of which this"):
        runner.run(1 * ms, inputs=2 * mA)
    assert len(sc.open_run(tmp_path / "run").V) == 200


def test_a_file_system_without_locks_is_told_once(tmp_path, monkeypatch):
    def refused(file, how):
        raise OSError(errno.ENOSYS, "no locks")

    monkeypatch.setattr(lock.fcntl, "flock", refused)
    monkeypatch.setattr(locked, "_told", False)
    with pytest.warns(RuntimeWarning, match=r"the store '.*one' is on a file system without locks: see to it yourself"):
        stored(tmp_path / "one")
    stored(tmp_path / "two")


def test_a_full_disk_does_not_stop_a_lock(tmp_path, monkeypatch):
    def full(file, size):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "ftruncate", full)
    stored(tmp_path / "run")


def test_a_lock_that_cannot_be_opened_is_named(tmp_path):
    stored(tmp_path / "run").save(tmp_path / "snapshot")
    os.unlink(tmp_path / "run" / ".lock")
    os.mkdir(tmp_path / "run" / ".lock")
    with pytest.raises(IsADirectoryError, match=r"there is a folder of that name; remove it, .*: '.*run/.lock'"):
        DSRunner.resume(tmp_path / "snapshot", lif(), store=tmp_path / "run").run(1 * ms, inputs=2 * mA)


def test_a_second_sweep_of_a_process_takes_the_folder_from_the_first(tmp_path, monkeypatch):
    def run():
        return sc.Sweep(LIF(1), {"tau": [5, 10] * ms}, {"n": measure.spike_count}, inputs=2 * mA).run(1 * ms, tmp_path)

    save = BatchFiles.save

    def after_another(self, *batch):
        monkeypatch.setattr(BatchFiles, "save", save)
        run()
        save(self, *batch)

    monkeypatch.setattr(BatchFiles, "save", after_another)
    with pytest.raises(RuntimeError, match="another runner of this process goes on in the sweep in"):
        run()
    run()


def test_a_process_that_shares_a_sweep_may_have_just_told_which_it_is(tmp_path, monkeypatch):
    sweep = sc.Sweep(LIF(1), {"tau": [5, 10] * ms}, {"n": measure.spike_count}, inputs=2 * mA)
    sweep.run(1 * ms, store=tmp_path / "told")
    iterdir = Path.iterdir

    def told_meanwhile(folder):
        shutil.copy(tmp_path / "told" / "sweep.json", folder)
        return iterdir(folder)

    monkeypatch.setattr(Path, "iterdir", told_meanwhile)
    sweep.run(1 * ms, store=tmp_path / "shared")


# ---------------------------------------------------------------- readers


@pytest.mark.parametrize("name", NAMES)
def test_a_resumed_run_leaves_what_somebody_reads_as_it_is(tmp_path, name):
    pytest.importorskip("zarr") if name.endswith("zarr") else None
    runner = DSRunner(lif(), monitors(), store=tmp_path / name, progress_bar=False)
    runner.run(10 * ms, inputs=2 * mA)
    runner.save(tmp_path / "snapshot")
    runner.run(90 * ms, inputs=2 * mA)
    read, late = sc.open_run(tmp_path / name), sc.open_run(tmp_path / name)
    V, values = read.V, read.V.magnitude.copy()
    again = DSRunner.resume(tmp_path / "snapshot", lif(), store=tmp_path / name)
    again.run(5 * ms, inputs=3 * mA)
    assert_array_equal(V.magnitude, values)  # of the file as it was: cut under them, it ends all by SIGBUS
    assert len(sc.open_run(tmp_path / name).V) == 150
    with pytest.raises(
        FileError, match=r"V(\.npy)? is damaged, or of another run: it is float64 of the shape \(150, 4\)"
    ):
        _ = late.V  # first asked for when the run had gone back


def test_a_store_and_a_checkpoint_stay_where_they_are_when_the_folder_changes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkdir("elsewhere")
    runner = DSRunner(lif(), monitors(), store="run", checkpoint="c", checkpoint_every=5 * ms, progress_bar=False)
    mon = runner.run(10 * ms, inputs=2 * mA)
    read = sc.open_run("run")
    os.chdir("elsewhere")
    assert len(read.V) == len(mon.V) == 100
    runner.run(10 * ms, inputs=2 * mA)
    assert os.listdir(".") == []
    assert sorted(os.listdir(tmp_path)) == ["c.npz", "elsewhere", "run"]
    os.chdir(tmp_path)
    assert_same(DSRunner.resume("c", lif(), store="run").run(1 * ms, inputs=2 * mA), expected(210))


def test_an_array_that_is_gone_is_named(tmp_path):
    stored(tmp_path / "run")
    os.unlink(tmp_path / "run" / "V.npy")
    with pytest.raises(FileError, match=r"run/V.npy is damaged, or of another run: it is not there; what else is"):
        _ = sc.open_run(tmp_path / "run").V


def test_a_damaged_array_is_named_and_the_others_are_read(tmp_path):
    stored(tmp_path / "run")
    (tmp_path / "run" / "V.npy").write_bytes(b"hello")
    mon = sc.open_run(tmp_path / "run")
    assert len(mon.h.times) == mon.n.sum() > 0
    with pytest.raises(FileError, match=r"run/V.npy is damaged, or of another run: .*; what else is in the store can"):
        _ = mon.V


# ---------------------------------------------------------------- names


@pytest.mark.parametrize("name", ["times", "keys", "values", "items", "save", "ts", "_channels", "get"])
def test_a_monitor_does_not_take_the_name_of_a_method_of_a_recording(name):
    with pytest.raises(ValueError, match=rf"monitors: the name '{name}' is taken; give another with a dict"):
        DSRunner(LIF(1), {name: "V"})
    with pytest.raises(ValueError, match="Sweep: a result has 'values' itself; give the measure another name"):
        sc.Sweep(LIF(1), {"tau": [5, 10] * ms}, {"values": measure.spike_count})


@pytest.mark.parametrize("name", ["", 1, None])
def test_what_is_no_name_of_a_monitor_is_refused(name):
    with pytest.raises(ValueError, match=rf"monitors: {name!r} is no name; give one"):
        DSRunner(LIF(1), {name: "V"})


@pytest.mark.parametrize("name", NAMES)
def test_a_name_too_long_for_a_file_is_refused_by_the_monitor(tmp_path, name):
    with pytest.raises(ValueError, match=r"the store '.*': 'x{40}'... is too long for the name of a file; give the"):
        DSRunner(LIF(1), {"x" * 300: "V"}, store=tmp_path / name).run(1 * ms)


def test_a_monitor_does_not_take_the_name_of_a_column_of_spikes():
    for part in ("times", "indices"):
        with pytest.raises(ValueError, match=rf"monitors: the name 'h.{part}' is taken"):
            DSRunner(LIF(1), {"h": "spike_events", f"h.{part}": "V"})


@pytest.mark.parametrize("name", NAMES)
def test_names_of_monitors_lead_nowhere_out_of_a_store_and_meet_none_of_its_files(tmp_path, name):
    pytest.importorskip("zarr") if name.endswith("zarr") else None
    os.mkdir(tmp_path / "in")
    for monitor in ("../../up", "about", "about.json", "done.npz", "..", ".", ".lock", "zarr.json", "a/b", "C:\\x"):
        shutil.rmtree(tmp_path / "in" / name, ignore_errors=True)
        runner = DSRunner(LIF(1), {monitor: "V"}, store=tmp_path / "in" / name, progress_bar=False)
        try:
            mon = runner.run(1 * ms, inputs=2 * mA)
        except ValueError as err:
            message = str(err)
            assert "has a file" in message
            assert monitor in message
            assert name.endswith("zarr")
        else:
            assert len(mon[monitor]) == len(sc.open_run(tmp_path / "in" / name)[monitor]) == 10
    assert os.listdir(tmp_path) == ["in"]
    assert set(os.listdir(tmp_path / "in")) <= {name}


# ---------------------------------------------------------------- what cannot be written


def test_links_to_a_folder_and_to_a_checkpoint_are_followed_and_an_empty_folder_is_taken(tmp_path):
    os.symlink(tmp_path / "large_disk", tmp_path / "run")
    os.symlink(tmp_path / "file.npz", tmp_path / "c.npz")
    job(tmp_path).run(12 * ms, inputs=2 * mA)
    again = job(tmp_path)
    assert_same(again.run(8 * ms + 12 * ms - again.t, inputs=2 * mA), expected(200))
    assert (tmp_path / "run").is_symlink()
    assert (tmp_path / "c.npz").is_symlink()
    os.mkdir(tmp_path / "empty")
    assert len(stored(tmp_path / "empty").mon.V) == 200
    os.mkdir(tmp_path / "f.npz")
    with pytest.raises(IsADirectoryError, match=r"checkpoint='.*f.npz' is a folder; choose another name"):
        DSRunner(LIF(1), checkpoint=tmp_path / "f", checkpoint_every=1 * ms)


def test_a_file_beside_a_folder_of_its_name_is_read(tmp_path):
    stored(tmp_path / "run").save(tmp_path / "run")
    assert DSRunner.resume(tmp_path / "run", lif(), store=tmp_path / "run").i == 200
    os.mkdir(tmp_path / "states")
    lif().save_states(tmp_path / "states")
    lif().load_states(tmp_path / "states")


def test_folders_that_are_missing_are_found_before_anything_runs(tmp_path):
    missing = r"there is no folder '.*none'; make its folder first: '.*none/"
    with pytest.raises(FileNotFoundError, match=rf"DSRunner: 'store': {missing}run'"):
        DSRunner(LIF(1), ["V"], store=tmp_path / "none" / "run")
    with pytest.raises(FileNotFoundError, match=rf"DSRunner: 'checkpoint': {missing}c.npz'"):
        DSRunner(LIF(1), ["V"], checkpoint=tmp_path / "none" / "c", checkpoint_every=1 * ms)
    for save in (LIF(1).save_states, DSRunner(LIF(1)).save):
        with pytest.raises(
            FileNotFoundError, match=r"No such file or directory; make its folder first: '.*none/f.npz'"
        ):
            save(tmp_path / "none" / "f.npz")


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 256 KiB, of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("a disk of its own needs the right to mount one")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.skipif(shutil.which("mount") is None, reason="no mount")
def test_when_the_disk_is_full_what_was_finished_is_there_and_the_run_can_go_on(small_disk, monkeypatch):
    runner = DSRunner(lif(), monitors(), store=small_disk / "run", progress_bar=False)
    advance = loop.advance

    def full(*args):
        if runner.i > 100:
            with contextlib.suppress(OSError), open(small_disk / "ballast", "ab", buffering=0) as ballast:
                while ballast.write(bytes(1000)):
                    pass
        return advance(*args)

    monkeypatch.setattr(loop, "advance", full)
    with pytest.raises(OSError, match=r"No space left on device; free some space: '.*disk/run/.*'") as err:
        runner.run(100 * ms, inputs=2 * mA)
    monkeypatch.setattr(loop, "advance", advance)
    assert err.value.errno == errno.ENOSPC
    done = runner.i
    assert done > 100
    assert len(runner.mon.V) == done
    os.unlink(small_disk / "ballast")
    runner.run(20 * ms, inputs=2 * mA)
    assert_same(runner.mon, expected(done + 200))
    assert_same(sc.open_run(small_disk / "run"), expected(done + 200))
    with pytest.raises(OSError, match=r"free some space: '.*states.npz'"):
        LIF(100_000).save_states(small_disk / "states")
    assert sorted(os.listdir(small_disk)) == ["run"]


# ---------------------------------------------------------------- Ctrl-C


@pytest.mark.parametrize("trials", [3, pytest.param(30, marks=pytest.mark.slow)])
@pytest.mark.parametrize("twice", [False, True])
def test_ctrl_c_at_any_moment_leaves_a_run_that_goes_on_to_the_bit(tmp_path, twice, trials):
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        pytest.skip("this process was started deaf to Ctrl-C, as shells start jobs in the background")
    rng, steps = np.random.default_rng(int(twice)), 4000
    whole, interrupted = expected(steps), 0
    for trial in range(trials):
        folder = tmp_path / f"run{trial}"
        runner = DSRunner(lif(), monitors(), store=folder, checkpoint=tmp_path / f"c{trial}", checkpoint_every=100 * ms,
                          progress_bar=False)  # fmt: skip
        stop = threading.Event()

        def interrupt(stop, *waits):
            for wait in waits:
                if not stop.wait(wait):
                    os.kill(os.getpid(), signal.SIGINT)

        waits = (rng.uniform(0, 0.15), rng.uniform(0, 0.002))
        thread = threading.Thread(target=interrupt, args=(stop, *waits[: 1 + twice]))
        try:
            try:
                thread.start()
                runner.run((steps - runner.i) * 0.1 * ms, inputs=2 * mA)
            finally:
                stop.set()
                thread.join()
                time.sleep(0)
        except KeyboardInterrupt:
            interrupted += 1
        try:
            runner.run((steps - runner.i) * 0.1 * ms, inputs=2 * mA)
        except FileExistsError:  # it was interrupted before anything ran
            pytest.fail("a store was left behind")
        assert_same(sc.open_run(folder), whole)
        assert not [f for f in os.listdir(folder) if "partial" in f]
    print(f"interrupted {interrupted} of {trials}")
    assert interrupted


# ---------------------------------------------------------------- jobs


def job(folder, model=None, names=None, **options):
    files = {"store": folder / "run", "checkpoint": folder / "c", "checkpoint_every": 5 * ms, "progress_bar": False}
    return DSRunner.start_or_resume(model or lif(), names or monitors(), **files | options)


def test_one_script_starts_a_job_and_goes_on_with_it(tmp_path):
    runner = job(tmp_path)
    assert runner.i == 0
    runner.run(12 * ms, inputs=2 * mA)
    again = job(tmp_path)
    assert again.i == 100
    assert_same(again.run(20 * ms - again.t, inputs=2 * mA), expected(200))


def test_a_job_that_ended_before_its_first_checkpoint_starts_again(tmp_path):
    job(tmp_path).run(2 * ms, inputs=2 * mA)
    again = job(tmp_path)
    assert again.i == 0
    assert_same(again.run(20 * ms, inputs=2 * mA), expected(200))


def test_a_job_that_was_killed_before_its_store_was_made_starts_again(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Tape, "commit", lambda self: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            job(tmp_path).run(2 * ms, inputs=2 * mA)
    assert os.listdir(tmp_path) == ["c.npz"]
    assert_same(job(tmp_path).run(20 * ms, inputs=2 * mA), expected(200))


def test_a_waveform_goes_on_with_a_job(tmp_path):
    ramp = sc.inputs.ramp_input(0 * mA, 4 * mA, 40 * ms)
    whole = DSRunner(lif(), monitors(), dt=0.1 * ms).run(inputs=ramp)
    first = job(tmp_path)
    first.run(22 * ms, inputs=ramp)
    assert len(first.run(3 * ms, inputs=ramp).V) == 250  # goes on in one process too
    again = job(tmp_path)
    assert again.i == 250
    with pytest.raises(ValueError, match="duration 16 ms is longer than the input, which lasts 15 ms more"):
        again.run(16 * ms, inputs=ramp)
    assert_same(again.run(40 * ms - again.t, inputs=ramp), whole)
    with pytest.raises(ValueError, match="the job is at t = 40 ms already, 10 ms past that end"):
        again.run(30 * ms - again.t, inputs=ramp)


def test_counts_of_a_job_without_a_store_are_those_of_all_of_it(tmp_path):
    totals = {"n": "spike_count", "m": measure.mean("V")}
    for end in (12, 13, 20):
        runner = job(tmp_path, store=None, names=totals)
        mon = runner.run(end * ms - runner.t, inputs=2 * mA)
        whole = expected(10 * end)
        assert_array_equal(mon.n, whole.n)
        assert_array_equal(mon.m.magnitude, whole.m.magnitude)
    with pytest.raises(ValueError, match=r"c.npz is of a run with other monitors: 'h' differs; give those of the run"):
        job(tmp_path, store=None, names={"h": "spike_count"}).run(1 * ms)
    with pytest.raises(ValueError, match=r"c.npz is of a run without a store; leave 'store' out, or remove it and"):
        job(tmp_path)


def test_rows_of_a_job_without_a_store_begin_where_it_goes_on_and_it_says_so(tmp_path):
    job(tmp_path, store=None).run(12 * ms, inputs=2 * mA)
    runner = job(tmp_path, store=None)
    with pytest.warns(RuntimeWarning, match=r"what 'V', 'h' recorded before t = 10 ms was in the memory of a process"):
        mon = runner.run(10 * ms, inputs=2 * mA)
    whole = expected(200)
    assert_array_equal(mon.V.magnitude, whole.V.magnitude[100:])
    assert_array_equal(mon.ts.magnitude, whole.ts.magnitude[100:])
    assert_array_equal(mon.n, whole.n)


def test_a_job_whose_store_is_gone_or_left_out_is_refused(tmp_path):
    job(tmp_path).run(12 * ms, inputs=2 * mA)
    with pytest.raises(ValueError, match=r"c.npz is of a run with a store; give it, store='folder', or remove it to"):
        job(tmp_path, store=None)
    shutil.rmtree(tmp_path / "run")
    with pytest.raises(ValueError, match=r"run whose store '.*run' is gone; put it back, or remove it and '.*run' to"):
        job(tmp_path)


def test_a_job_with_another_parameter_is_refused_and_the_model_stays_as_it_was(tmp_path):
    job(tmp_path).run(12 * ms, inputs=2 * mA)
    other = lif()
    other.tau = 40 * ms
    with pytest.raises(ValueError, match=r"c.npz is of a run with tau = 5.0 ms, got 40.0 ms; remove it and '.*run'"):
        job(tmp_path, model=other)
    with pytest.raises(ValueError, match="is of a run with dt"):
        job(tmp_path, model=other, dt=0.2 * ms)
    assert other.tau == 40 * ms
    other.tau = "0.005 s"
    assert job(tmp_path, model=other).i == 100


def test_a_new_runner_does_not_replace_the_checkpoint_of_another(tmp_path):
    job(tmp_path).run(12 * ms, inputs=2 * mA)
    files = {"checkpoint": tmp_path / "c.npz", "checkpoint_every": 5 * ms}
    with pytest.raises(FileExistsError, match=r"checkpoint='.*c.npz' is there already; remove it or choose"):
        DSRunner(lif(), monitors(), store=tmp_path / "j2", **files)
    again = DSRunner.resume(tmp_path / "c.npz", lif(), store=tmp_path / "run", **files)
    assert_same(again.run(10 * ms, inputs=2 * mA), expected(200))


def test_a_snapshot_goes_on_in_the_store_of_its_own_run_alone(tmp_path):
    stored(tmp_path / "one").save(tmp_path / "one.npz")
    stored(tmp_path / "two")
    with pytest.raises(ValueError, match=r"the store '.*two' is of another run than the snapshot; name the store of"):
        DSRunner.resume(tmp_path / "one.npz", lif(), store=tmp_path / "two").run(1 * ms, inputs=2 * mA)
    shutil.copytree(tmp_path / "one", tmp_path / "copy")
    moved = DSRunner.resume(tmp_path / "one.npz", lif(), store=tmp_path / "copy").run(1 * ms, inputs=2 * mA)
    assert_same(moved, expected(210))


def test_a_job_with_another_dt_or_seed_is_refused(tmp_path):
    job(tmp_path, seed=1).run(12 * ms, inputs=2 * mA)
    with pytest.raises(ValueError, match=r"c.npz is of a run with seed = 1, got 2; remove it and .*run. to start anew"):
        job(tmp_path, seed=2)
    with pytest.raises(ValueError, match=r"c.npz is of a run with dt = 0.1 ms, got 0.2 ms"):
        job(tmp_path, seed=1, dt=0.2 * ms)
    assert job(tmp_path, seed=1, dt=0.1 * ms).i == 100


def test_on_a_disk_that_is_read_only_stores_are_read_and_what_is_to_be_written_is_refused_before(small_disk):
    stored(small_disk / "run").save(small_disk / "c")
    sweep = sc.Sweep(LIF(1), {"tau": [5, 10] * ms}, {"n": measure.spike_count}, inputs=2 * mA)
    finished = sweep.run(1 * ms, store=small_disk / "finished")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert len(sc.open_run(small_disk / "run").V) == 200
    with pytest.raises(PermissionError, match=r"'store': nothing may be written in '.*disk/run'; choose a folder"):
        DSRunner.resume(small_disk / "c", lif(), store=small_disk / "run")
    with pytest.raises(PermissionError, match=r"'store': nothing may be written in '.*disk'; choose .*: '.*new'"):
        DSRunner(lif(), ["V"], store=small_disk / "new")
    with pytest.raises(OSError, match=r"choose a folder that may be written: '.*disk/sweep'"):
        sweep.run(1 * ms, store=small_disk / "sweep")
    assert_array_equal(sweep.run(1 * ms, store=small_disk / "finished").n.values, finished.n.values)
