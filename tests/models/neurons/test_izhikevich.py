"""Izhikevich: the types of 2003 against an adaptive solver, NEST with Euler's method, presets."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore.models import AdExIF, Izhikevich, IzhikevichRef, MorrisLecar
from simcore.units import ms, mV, pA, pF

HERE = Path(__file__).parent
TIMES = json.loads((HERE / "neuron_reference.json").read_text())["spike times (ms)"]["Izhikevich"]
NEST = json.loads((HERE / "nest_neurons.json").read_text())["spike times (ms)"]["izhikevich"]  # make_nest_neurons.py


def trains(cell, duration, I, dt):
    """Return the spike times of each neuron, ms."""
    runner = sc.DSRunner(cell, ["spike_events"], dt=dt * ms, progress_bar=False)
    events = runner.run(duration * ms, inputs=I).spike_events
    return [events.times.m_as("ms")[events.indices == k] for k in range(cell.size)]


def test_each_type_spikes_as_by_an_adaptive_solver(precision):
    each = [Izhikevich.preset(name, 1).params() for name in TIMES]
    cell = Izhikevich(len(each), **{key: [params[key] for params in each] for key in each[0]})
    for name, times in zip(TIMES, trains(cell, 500, 10 * pA, 0.01), strict=True):
        reference = np.array(TIMES[name])
        assert len(times) == len(reference), name
        # A reset waits for the next grid point, half a step on average: the delays add up.
        late = times - reference
        assert np.all(np.abs(late) <= 0.015 + 0.007 * np.arange(len(times))), (name, late)


def test_eulers_method_gives_the_spikes_of_NEST():
    got = trains(Izhikevich(3, method="euler"), 500, [5, 10, 20] * pA, 0.1)
    for times, nest in zip(got, NEST.values(), strict=True):
        assert_allclose(times, nest, atol=1e-9)


def test_the_default_method_is_nearer_than_eulers_at_the_same_step():
    third = {method: trains(Izhikevich(1, method=method), 80, 10 * pA, 0.1)[0][2] for method in ("euler", None)}
    assert abs(third[None] - TIMES["RS"][2]) < 0.1
    assert third["euler"] - TIMES["RS"][2] > 1


def test_u_starts_at_b_V_of_each_neuron():
    cell = Izhikevich(2, b=["0.2 1/ms", "0.25 1/ms"], V_initializer=[-65, -60] * mV)
    cell.init_state()
    assert_allclose(cell.u.value.m_as("mV/ms"), [-13.0, -15.0])
    given = Izhikevich(1, u_initializer=sc.init.Constant(-14 * mV / ms))
    given.init_state()
    assert_allclose(given.u.value.m_as("mV/ms"), -14.0)


def test_the_capacitance_scales_the_input():
    assert_array_equal(trains(Izhikevich(1), 100, 10 * pA, 0.1), trains(Izhikevich(1, C=50 * pF), 100, 500 * pA, 0.1))


def test_the_refractory_period_lengthens_each_interval():
    (times,) = trains(IzhikevichRef(1, tau_ref=3 * ms), 300, 10 * pA, 0.1)
    mon = sc.DSRunner(IzhikevichRef(1, tau_ref=3 * ms), ["V"], progress_bar=False).run(300 * ms, inputs=10 * pA)
    for t in times:
        k = round(t / 0.1)
        assert_allclose(mon.V.m_as("mV")[k : k + 30, 0], -65.0)


@pytest.mark.parametrize("method", ["exp_euler", "rk4"])
def test_nothing_overflows(method, precision):
    I = np.array([-1e3, 0.0, 1e3, 1e6, 1e12])
    mon = sc.DSRunner(Izhikevich(5, method=method), ["V", "spike_count"], progress_bar=False).run(5 * ms, inputs=I * pA)
    assert np.isfinite(mon.V.m).all()
    assert mon.V.m.max() == 30.0
    assert np.all(mon.spike_count[2:] >= 10)


def test_a_preset_takes_more_parameters_and_help_lists_it():
    cell = Izhikevich.preset("CH", (2, 3), d="3 mV/ms", tau_ref=1 * ms, name="chatter")
    assert cell.varshape == (2, 3)
    assert cell.name == "chatter"
    assert_allclose([cell.c.m_as("mV"), cell.d.m_as("mV/ms"), cell.tau_ref.m_as("ms")], [-50, 3, 1])
    assert "\n    CH   chattering; drive 10 pA\n" in Izhikevich.__doc__
    assert "Presets, AdExIFRef.preset(name, in_size):\n    brette_gerstner" in sc.models.AdExIFRef.__doc__


def test_an_unknown_preset_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match=r"Izhikevich has no preset 'rs'. It has RS, IB, CH, FS, LTS, RZ, TC"):
        Izhikevich.preset("rs", 1)
    with pytest.raises(ValueError, match="AdExIF has no preset 'naud_tonik'; did you mean 'naud_tonic'"):
        AdExIF.preset("naud_tonik", 1)
    with pytest.raises(TypeError, match="Izhikevich has no parameter 'tau'"):
        Izhikevich.preset("RS", 1, tau=1 * ms)


@pytest.mark.parametrize("cls", [AdExIF, Izhikevich, MorrisLecar])
def test_each_preset_makes_a_population(cls):
    for name in cls.PRESETS:
        assert cls.preset(name, 2).V_th is not None


def test_the_reset_is_set_by_its_own_name():
    with pytest.raises(ValueError, match="'V_th' must be above 'c'"):
        Izhikevich(1, c=40 * mV)
    with pytest.raises(TypeError, match="no parameter 'V_reset'"):
        Izhikevich(1, V_reset=-60 * mV)
