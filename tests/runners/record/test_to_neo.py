"""neo gets what was recorded: the same spikes to the bit, also back from a file of neo's; signals with their units."""

import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DSRunner, Record
from simcore.models import LIF
from simcore.units import Mohm, mA, ms

neo = pytest.importorskip("neo")
MONITORS = {"E.spike_events": "spike_events", "few": ("spike_events", [2, 0]), "V": Record("V", every=0.4 * ms),
            "some": ("V", [3, 1]), "spike": "spike", "n": "spike_count"}  # fmt: skip


def recorded(size=4, **options):
    runner = DSRunner(LIF(size), MONITORS, t0=5 * ms, progress_bar=False, **options)
    return runner.run(40 * ms, inputs=np.array([0.0, 1.5, 2.0, 3.0]) * mA)


@pytest.mark.parametrize("store", [None, "run"])
@pytest.mark.parametrize("through_a_file", [False, True])
def test_the_spikes_are_the_same_after_a_round_trip(tmp_path, store, through_a_file):
    mon = recorded(store=store and tmp_path / store)
    block = mon.to_neo()
    if through_a_file:
        neo.io.PickleIO(tmp_path / "block.pkl").write_block(block)
        block = neo.io.PickleIO(tmp_path / "block.pkl").read_block()
    for name, population in (("E.spike_events", "E"), ("few", "few")):
        trains = [t for t in block.segments[0].spiketrains if t.annotations["population"] == population]
        times = np.concatenate([t.rescale("ms").magnitude for t in trains])
        neurons = np.concatenate([np.full(len(t), t.annotations["neuron"]) for t in trains])
        order = np.lexsort((neurons, times))
        assert_array_equal(times[order], mon[name].times.m_as("ms"))
        assert_array_equal(neurons[order], mon[name].indices)
        assert [t.annotations["neuron"] for t in trains] == list(mon[name].trains())  # silent ones too
        assert {(float(t.t_start), float(t.t_stop)) for t in trains} == {(5.0, 45.0)}
    assert len(mon["E.spike_events"])


def test_signals_have_their_times_units_and_neurons():
    mon = recorded()
    signals = {s.name: s for s in mon.to_neo().segments[0].analogsignals}
    assert list(signals) == ["V", "some", "spike"]
    V, some = signals["V"], signals["some"]
    assert_array_equal(V.magnitude, mon.V.m_as("mV"))
    assert V.dimensionality.string == "mV"
    assert_allclose(V.times.rescale("ms").magnitude, mon.times("V").m_as("ms"))
    assert_array_equal(some.array_annotations["neuron"], [3, 1])
    assert_array_equal(signals["spike"].magnitude, mon.spike)


def test_a_unit_that_neo_does_not_know_is_written_in_base_units():
    mon = DSRunner(LIF(1, R=2000 * Mohm), {"R": lambda m: m.R + 0 * m.V.value * m.R / m.V.value.max()}).run(
        0.2 * ms, inputs=1e-9 * mA
    )
    signal = mon.to_neo().segments[0].analogsignals[0]
    assert_allclose(signal.rescale("ohm").magnitude, 2e9, rtol=1e-6)


def test_the_traces_of_a_store_stay_on_the_disk(tmp_path):
    mon = recorded(store=tmp_path / "run")
    signal = sc.open_run(tmp_path / "run").to_neo().segments[0].analogsignals[0]
    assert_array_equal(signal.magnitude, mon.V.m_as("mV"))
    base = signal
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)


def test_several_axes_are_columns_with_the_numbers_of_each():
    lif = LIF((2, 3))
    mon = DSRunner(lif, ["V", "spike_events"]).run(20 * ms, inputs=3 * mA)
    segment = mon.to_neo().segments[0]
    (V,) = segment.analogsignals
    assert_array_equal(V.magnitude, mon.V.m_as("mV").reshape(200, 6))
    assert_array_equal(V.array_annotations["neuron_1"], [0, 1, 2, 0, 1, 2])
    assert [t.annotations["neuron"] for t in segment.spiketrains] == list(np.ndindex(2, 3))


def test_without_neo_the_error_says_what_to_install(monkeypatch):
    mon = recorded()
    monkeypatch.setitem(sys.modules, "neo", None)
    with pytest.raises(ImportError, match=r"this needs neo: pip install neo, or 'simcore\[neo\]'"):
        mon.to_neo()
