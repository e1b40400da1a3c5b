"""Recordings of no steps, of one, and of neurons that are silent: all that a recording does, it does with them."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import simcore as sc
from simcore import visualize
from simcore.models import LIF
from simcore.units import mA, ms, mV

MONITORS = {"V": "V", "spike": "spike", "events": "spike_events", "n": "spike_count",
            "mean": lambda model: model.V.value.mean()}  # fmt: skip


@pytest.fixture(params=[0.0, 0.1, 5.0], ids=["no step", "one step", "silent"])
def mon(request):
    return sc.DSRunner(LIF(3), MONITORS, progress_bar=False).run(request.param * ms, inputs=0.1 * mA)


@pytest.mark.parametrize("file", ["run.npz", "run.nc"])
def test_files_give_it_back(mon, file, tmp_path):
    pytest.importorskip("xarray")
    mon.save(tmp_path / file)
    back = sc.load(tmp_path / file)
    assert_array_equal(back.V.m, mon.V.m)
    assert back.mean.shape == mon.ts.shape
    assert back.events.shape == (3,)


def test_other_tools_get_it(mon):
    pytest.importorskip("neo")
    steps = len(mon.ts)
    segment = mon.to_neo().segments[0]
    # A function of the model has one value for all neurons: a signal of one column.
    assert [signal.shape for signal in segment.analogsignals] == [(steps, 3), (steps, 3), (steps, 1)]
    assert [len(train) for train in segment.spiketrains] == [0, 0, 0]
    assert mon.to_xarray().V.shape == mon.V.to_pandas().shape == (steps, 3)
    assert len(mon.to_pandas()) == 0


def test_pictures_of_it_are_drawn(mon):
    ts = mon.times("V")
    drawn = [*mon.plot(), visualize.phase_plot(mon.V, mon.V), visualize.rate_plot(mon.events)]
    drawn += [visualize.interval_plot(mon.events), visualize.raster_plot({"a": mon.events, "b": mon.events})]
    drawn.append(visualize.line_plot(ts, mon.V, spikes=mon.events))
    for ax in drawn:
        ax.figure.canvas.draw()
    assert len(drawn[0].lines) == 3
    assert {tick % 1 for tick in drawn[1].get_yticks()} == {0}  # a raster has no half neurons


def test_what_is_chosen_of_nothing_is_nothing():
    mon = sc.DSRunner(LIF(3), MONITORS, progress_bar=False).run(0 * ms)
    assert mon.V.sel(time=slice(1 * ms, 2 * ms)).shape == (0, 3)
    with pytest.raises(KeyError, match="V: 'time' has no values"):
        mon.V.sel(time=1 * ms)
    for reduction in ("mean", "min", "max", "std", "median"):
        assert_array_equal(getattr(mon.V, reduction)("time").m, [np.nan] * 3)
    with pytest.raises(ValueError, match=r"heat_map: V \(time: 0, neuron: 3\) in mV has no values"):
        visualize.heat_map(mon.V)


def test_a_trace_that_does_not_move_has_no_power():
    ts = np.arange(1, 51) * 0.1 * ms
    ax = visualize.spectrogram(ts, np.full(50, -60.0) * mV, window=1 * ms)
    assert set(np.ravel(ax.collections[0].get_array())) == {-100.0}  # the floor, in decibels
