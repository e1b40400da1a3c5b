"""Sweeps in parts: processes that know nothing of one another come together in a store."""

import textwrap
import time

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import simcore as sc
from simcore import measure
from simcore.models import LIF
from simcore.units import mA, ms, mV


def sweep(**options):
    over = {"tau": np.linspace(5, 20, 13) * ms, "inputs": np.linspace(0.9, 2, 10) * mA}
    return sc.Sweep(LIF(1), over, {"n": measure.spike_count, "V": measure.mean("V")}, progress_bar=False, **options)


def test_the_last_of_several_shares_has_all_points(tmp_path):
    whole = sweep().run(20 * ms)
    store = tmp_path / "store"
    assert sweep().run(20 * ms, store=store, part=(1, 3)) is None
    assert sweep().run(20 * ms, store=store, part=(0, 3)) is None
    with pytest.raises(FileNotFoundError, match=r"store: 86 of 130 points are finished; run the others, with store="):
        sc.open_sweep(store)
    joined = sweep().run(20 * ms, store=store, part=(2, 3))
    for result in (joined, sc.open_sweep(store), sweep().run(20 * ms, store=store)):
        assert result.n.dims == ("tau", "inputs")
        assert_array_equal(result.n.values, whole.n.values)
        assert_array_equal(result.V.m_as("mV"), whole.V.m_as("mV"))
        assert_array_equal(result.V.coord("tau").m, whole.V.coord("tau").m)


def test_any_part_takes_what_is_left(tmp_path):
    whole, store = sweep().run(20 * ms), tmp_path / "store"
    sweep().run(20 * ms, store=store, part=(1, 3))
    result = sweep(batch_size=32).run(20 * ms, store=store, part="any")
    assert_array_equal(result.n.values, whole.n.values)
    assert not list(store.glob(".claim*"))


def test_what_a_killed_process_had_taken_another_one_takes(other_process, tmp_path):
    run = textwrap.dedent("""
        import numpy as np, time
        import simcore as sc
        from simcore.models import LIF
        from simcore.units import mA, ms

        over = {"tau": np.linspace(5, 20, 40) * ms, "inputs": np.linspace(0.9, 2, 40) * mA}
        sweep = sc.Sweep(LIF(1), over, {"n": sc.measure.spike_count}, batch_size=32, progress_bar=False)
        result = sweep.run(steps * ms, store=store, part="any")
    """)
    store, steps = tmp_path / "store", 2000.0
    processes = [other_process(run, store=str(store), steps=steps) for _ in range(3)]
    end = time.monotonic() + 120
    while len(list(store.glob("points_*.npz"))) < 3 and time.monotonic() < end:
        time.sleep(0.01)
    processes[0].kill()  # within a batch, most likely
    for process in processes[1:]:
        process.join(300)
    assert [process.exitcode for process in processes[1:]] == [0, 0]
    exec(run, scope := {"__name__": "here", "store": str(store), "steps": steps})  # what both may have left
    index = np.concatenate([np.load(file)["index"] for file in store.glob("points_*.npz")])
    assert_array_equal(np.sort(index), np.arange(1600))  # each point was run once
    whole = sc.Sweep(LIF(1), scope["over"], {"n": measure.spike_count}, progress_bar=False).run(steps * ms)
    assert_array_equal(sc.open_sweep(store).n.values, whole.n.values)


@pytest.mark.parametrize("part", [(3, 3), (-1, 2), 1, "all", (0.0, 2)])
def test_what_is_no_part_is_refused(part, tmp_path):
    with pytest.raises(ValueError, match=r"'part' must be .k, n., the k-th of n shares from 0, or 'any'"):
        sweep().run(20 * ms, store=tmp_path / "store", part=part)


def test_a_part_needs_a_store(tmp_path):
    with pytest.raises(ValueError, match=r"a part needs store='folder', where the parts come together"):
        sweep().run(20 * ms, part=(0, 2))
    sweep().run(20 * ms, store=tmp_path / "store", part=(0, 2))
    other = sc.Sweep(LIF(1, V_th=2 * mV), {"tau": [5.0, 6.0] * ms}, {"n": measure.spike_count}, inputs=3 * mA)
    with pytest.raises(ValueError, match="holds another sweep: its"):
        other.run(20 * ms, store=tmp_path / "store", part=(1, 2))
