"""kill -9 at random moments: what was finished is there, whole, and the same script goes on with the rest."""

import os

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import simcore as sc
from simcore import DSRunner

TRIALS = [1, pytest.param(30, marks=pytest.mark.slow)]
# The models of the jobs, here and in the processes that are killed.
MADE = """
import numpy as np
import simcore as sc
from simcore.units import mA, ms, mV
from simcore.runners import loop

monitors = {"V": "V", "h": "spike_events", "n": "spike_count", "m": sc.measure.mean("V")}
end = 40_000 * ms


def lif():
    return sc.models.LIF(2, noise="0.1 mV/ms**0.5", V_initializer=sc.init.Uniform(-1 * mV, 0.9 * mV, seed=1))


def job(folder):
    files = {"store": f"{folder}/run", "checkpoint": f"{folder}/c.npz", "checkpoint_every": 5 * ms}
    return sc.DSRunner.start_or_resume(lif(), monitors, progress_bar=False, **files)


def sweep():
    over = {"tau": np.linspace(5, 10, 6000) * ms}
    return sc.Sweep(sc.models.LIF(1), over, {"n": sc.measure.spike_count, "V": sc.measure.final("V")}, inputs=2 * mA,
                    batch_size=1, progress_bar=False)
"""
# Each compiles its program, says that it is ready, and begins.
RUN = """
loop.MAX_CHUNK = 37
sc.DSRunner(lif(), monitors, progress_bar=False).run(1 * ms, inputs=2 * mA)
ready.set()
runner = job(folder)
runner.run(end - runner.t, inputs=2 * mA)
"""
SAVE = """
runner = sc.DSRunner(lif(), progress_bar=False)
runner.run(1 * ms, inputs=2 * mA)
ready.set()
while True:
    runner.run(1 * ms, inputs=2 * mA)
    runner.save(f"{folder}/c")
"""
SWEEP = """
sweep().run(20 * ms)
ready.set()
sweep().run(20 * ms, store=f"{folder}/sweep")
"""
here = {"__name__": "here"}
exec(MADE, here)


def killed(other_process, code, folder, wait):
    """Run a job and kill it so many seconds after it says that it is ready."""
    ready = other_process.context.Event()
    process = other_process(MADE + code, folder=str(folder), ready=ready)
    assert ready.wait(120)
    process.join(wait)
    process.kill()
    process.join()
    assert process.exitcode in (-9, 0)  # 0: it had ended before
    process.close()


@pytest.mark.parametrize("trials", TRIALS)
def test_a_job_that_is_killed_goes_on_by_the_same_script(other_process, trials, tmp_path):
    rng, folder, states = np.random.default_rng(1), tmp_path / "0", []
    whole = DSRunner(here["lif"](), here["monitors"], progress_bar=False).run(here["end"], inputs=2 * here["mA"])
    for k in range(trials):
        if k % 3 == 0:  # each is killed three times
            folder = tmp_path / str(k)
            folder.mkdir()
        killed(other_process, RUN, folder, rng.uniform(0, 0.3))
        if not (folder / "run").exists():  # killed before it began
            states.append(-1)
            continue
        mon = sc.open_run(folder / "run")
        steps = len(mon.ts)
        assert_array_equal(mon.V.magnitude, whole.V.magnitude[:steps])
        n = np.searchsorted(whole.h.times.magnitude, (steps + 0.5) * 0.1)
        assert_array_equal(mon.h.times.magnitude, whole.h.times.magnitude[:n])
        assert_array_equal(mon.h.indices, whole.h.indices[:n])
        assert mon.n.sum() == n
        states.append(steps)
        if k % 3 == 2 and steps:
            runner = here["job"](folder)
            assert steps - 50 - 37 <= runner.i <= steps
            runner.run(20 * here["ms"], inputs=2 * here["mA"])
            assert_array_equal(sc.open_run(folder / "run").V.magnitude, whole.V.magnitude[: runner.i])
            left = [name for _, _, names in os.walk(folder) for name in names if "partial" in name]
            assert not left
    print(f"{trials} kills, at steps {sorted(states)}")


@pytest.mark.parametrize("trials", TRIALS)
def test_a_file_that_is_saved_over_and_over_is_whole_whenever_it_ends(other_process, trials, tmp_path):
    rng, found = np.random.default_rng(2), 0
    for _ in range(trials):
        killed(other_process, SAVE, tmp_path, rng.uniform(0, 0.3))
        if (tmp_path / "c.npz").exists():
            assert DSRunner.resume(tmp_path / "c", here["lif"]()).i % 10 == 0
            found += 1
    print(f"{found} files after {trials} kills; left over: {[f for f in os.listdir(tmp_path) if 'partial' in f]}")
    assert found


@pytest.mark.parametrize("trials", TRIALS)
def test_a_sweep_that_is_killed_goes_on_with_what_it_had(other_process, trials, tmp_path):
    rng, done = np.random.default_rng(3), []
    expected = here["sweep"]().run(20 * here["ms"])
    for k in range(trials):
        folder = tmp_path / str(k)
        folder.mkdir()
        killed(other_process, SWEEP, folder, rng.uniform(0, 0.3))
        done.append(len(list(folder.glob("sweep/points_*"))))
        result = here["sweep"]().run(20 * here["ms"], store=folder / "sweep")
        for name in ("n", "V"):
            assert_array_equal(result[name].magnitude, expected[name].magnitude)
        assert not [f for f in os.listdir(folder / "sweep") if "partial" in f]
    print(f"{trials} kills, after {sorted(done)} of 188 batches")
