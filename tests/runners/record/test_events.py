"""Spike events: what they count and how they are taken apart is what the dense spikes say."""

import sys

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import simcore as sc
from simcore import DSRunner
from simcore.models import LIF
from simcore.units import mA, ms

DRIVE = np.array([0.0, 1.5, 2.0, 3.0]) * mA  # the first neuron is silent
CHOSEN = [3, 0, 1, 3]


def recorded(size=4, batch=None, inputs=DRIVE, store=None):
    """Return all that a monitor tells of the spikes of 40 ms."""
    lif = LIF(size)
    lif.reset_state(batch)
    monitors = {"events": "spike_events", "few": ("spike_events", CHOSEN), "spike": "spike", "n": "spike_count"}
    return DSRunner(lif, monitors, store=store, progress_bar=False).run(40 * ms, inputs=inputs)


@pytest.fixture(scope="module", params=["one axis", "two axes", "a batch", "a store", "a zarr store"])
def mon(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return {
        "one axis": lambda: recorded(),
        "two axes": lambda: recorded((2, 4)),
        "a batch": lambda: recorded(4, 3),
        "a store": lambda: recorded(store=folder / "run"),
        "a zarr store": lambda: recorded(store=folder / "run.zarr"),
    }[request.param]()


def test_their_length_is_the_number_of_spikes_and_they_unpack(mon):
    times, indices = mon.events
    assert len(mon.events) == len(times) == len(indices) == mon.spike.sum() > 0
    assert_array_equal(indices, mon.events.indices)
    assert_array_equal(times.m_as("ms"), mon.events.times.m_as("ms"))


def test_counts_are_those_of_the_dense_spikes(mon):
    assert_array_equal(mon.events.counts(), mon.n)
    assert_array_equal(mon.few.counts(), mon.n[..., CHOSEN])  # also of one that was asked for twice


def test_trains_are_the_times_of_the_dense_spikes(mon):
    ts = mon.ts.m_as("ms")
    for events, neurons in ((mon.events, range(4)), (mon.few, CHOSEN)):
        trains = events.trains()
        lead = np.ndindex(mon.n.shape[:-1])
        assert list(trains) == [(*row, k) if row else k for row in lead for k in dict.fromkeys(neurons)]
        for key, times in trains.items():
            spike = mon.spike[(slice(None), *np.atleast_1d(key))]
            assert_array_equal(times.m_as("ms"), ts[spike])


def test_a_frame_has_a_row_for_each_spike(mon):
    frame = mon.events.to_pandas()
    assert len(frame) == len(mon.events)
    assert list(frame)[0 :: len(list(frame)) - 1] == ["time_ms", "neuron"]
    per_neuron = frame.groupby(list(frame)[1:]).size()
    assert per_neuron.to_list() == mon.n[mon.n > 0].tolist()
    assert_array_equal(frame["time_ms"], mon.events.times.m_as("ms"))


def test_they_show_how_many_there_are(mon):
    shown = repr(mon.events)
    assert shown.startswith(f"SpikeEvents: {len(mon.events)} spikes of {mon.n.size} neurons, ")
    assert shown.endswith(f"{mon.events.times.m_as('ms').max():.10g} ms")


def test_a_run_without_spikes_has_no_events():
    events = recorded(inputs=0 * mA).events
    assert len(events) == 0
    assert_array_equal(events.counts(), np.zeros(4))
    assert [len(times) for times in events.trains().values()] == [0] * 4
    assert len(events.to_pandas()) == 0
    assert repr(events) == "SpikeEvents: 0 spikes of 4 neurons"


def test_events_of_ones_own_reach_as_far_as_their_numbers():
    events = sc.runners.SpikeEvents([1.0, 2.0, 4.0] * ms, np.array([2, 0, 2]))
    assert_array_equal(events.counts(), [1, 0, 2])
    assert_array_equal(events.trains()[2].m_as("ms"), [1.0, 4.0])


def test_a_frame_without_pandas_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install pandas"):
        recorded().events.to_pandas()
