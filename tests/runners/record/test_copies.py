"""Recordings and results of sweeps can be pickled and copied: they hold what they held."""

import copy
import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import simcore as sc
from simcore import DSRunner, Record, measure
from simcore.models import LIF
from simcore.units import mA, ms

HOW = {"pickle": lambda x: pickle.loads(pickle.dumps(x)), "deepcopy": copy.deepcopy, "copy": copy.copy}
MONITORS = {"V": Record("V", every=0.5 * ms), "events": "spike_events", "count": "spike_count",
            "rate": measure.firing_rate}  # fmt: skip


@pytest.fixture(params=HOW)
def copied(request):
    """A way to copy."""
    return HOW[request.param]


@pytest.mark.parametrize("on_disk", [False, True])
@pytest.mark.parametrize("used", [False, True])
def test_a_copied_recording_has_the_same_items_and_times(copied, on_disk, used, tmp_path):
    store = {"store": tmp_path / "run"} if on_disk else {}
    mon = DSRunner(LIF((2, 3)), MONITORS, t0=3 * ms, **store).run(20 * ms, inputs=2 * mA)
    if used:  # items are made when they are first asked for
        _ = mon.ts, mon.V, mon.events
    again = copied(mon)
    assert list(again) == list(mon) == ["ts", *MONITORS]
    assert_array_equal(again.V.m_as("mV"), mon.V.m_as("mV"))
    assert_array_equal(again.ts.m_as("ms"), mon.ts.m_as("ms"))
    assert_array_equal(again.times("V").m_as("ms"), mon.times("V").m_as("ms"))
    assert_array_equal(again.events.times.m_as("ms"), mon.events.times.m_as("ms"))
    assert_array_equal(again.events.indices, mon.events.indices)
    assert_array_equal(again["count"], mon["count"])
    assert_array_equal(again.rate.m_as("Hz"), mon.rate.m_as("Hz"))


def test_a_recording_of_a_function_can_be_copied_though_the_function_cannot(copied):
    mon = DSRunner(LIF(2), {"f": lambda m: 2 * m.V.value}).run(1 * ms, inputs=1 * mA)
    assert_array_equal(copied(mon).f.m_as("mV"), mon.f.m_as("mV"))


def test_a_copied_result_of_a_sweep_is_selected_and_saved_as_before(copied, tmp_path):
    over = {"tau": [5, 10, 20] * ms, "method": ["euler", "rk4"]}
    measures = {"V": measure.trace("V", every=1 * ms), "n": measure.spike_count}
    result = sc.Sweep(LIF(2), over, measures, inputs=2 * mA).run(5 * ms)
    again = copied(result)
    assert list(again) == ["V", "n"]
    part = copied(result.V).sel(tau=10 * ms, method="rk4")
    assert_array_equal(part.m_as("mV"), again.V.sel(tau=10 * ms, method="rk4").m_as("mV"))
    assert_array_equal(part.m_as("mV"), result.V.m_as("mV")[1, 1])
    again.save(tmp_path / "result")
    assert_array_equal(sc.load(tmp_path / "result").n.values, np.asarray(result.n.values))
