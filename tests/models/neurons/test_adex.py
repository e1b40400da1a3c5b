"""AdExIF: rheobase in closed form, spike times against an adaptive solver and NEST, the patterns of Naud et al."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

import simcore as sc
from simcore.models import AdExIF, AdExIFRef
from simcore.units import mA, ms, mV, nS, pA

HERE = Path(__file__).parent
TIMES = json.loads((HERE / "neuron_reference.json").read_text())["spike times (ms)"]  # of make_neuron_reference.py
NEST = json.loads((HERE / "nest_neurons.json").read_text())["spike times (ms)"]["aeif_cond_exp"]  # make_nest_neurons.py
PATTERNS = [name for name in AdExIF.PRESETS if name.startswith("naud_")]


def trains(cell, duration, I, dt):
    """Return the spike times of each neuron, ms."""
    runner = sc.DSRunner(cell, ["spike_events"], dt=dt * ms, progress_bar=False)
    events = runner.run(duration * ms, inputs=I).spike_events
    return [events.times.m_as("ms")[events.indices == k] for k in range(cell.size)]


def together(presets):
    """Return one population with the parameters of these presets, a neuron each."""
    each = [AdExIF.preset(name, 1).params() for name in presets]
    return AdExIF(len(each), **{key: [params[key] for params in each] for key in each[0]})


def test_spike_times_are_those_of_an_adaptive_solver_and_NEST(precision):
    cell = AdExIF.preset("brette_gerstner", 2, V_th=0 * mV)
    got = trains(cell, 300, [700, 1000] * pA, 0.01)
    for times, I in zip(got, ("700", "1000"), strict=True):
        reference, nest = np.array(TIMES["AdExIF brette_gerstner"][I]), np.array(NEST[f"{I}.0"])
        assert len(times) == len(reference) == len(nest)
        # The upstroke takes a step too long, and a reset waits for the next grid point; late spikes delay later ones.
        late = 0.022 * np.arange(1, len(times) + 1)
        assert np.all((times > reference) & (times <= reference + late))
        assert np.all(np.abs(times - nest) <= late)


def test_the_cut_off_at_V_T_plus_5_delta_T_spikes_earlier_and_adapts_less():
    # Brette and Gerstner's cut-off, by the same solver: 24.5473 63.0789 142.1515 266.0873 ms.
    (times,) = trains(AdExIF.preset("brette_gerstner", 1), 300, 700 * pA, 0.01)
    assert_allclose(times, [24.5473, 63.0789, 142.1515, 266.0873], atol=0.08)


def test_each_pattern_of_naud_has_the_spikes_of_an_adaptive_solver():
    cell = together(PATTERNS)
    drives = [AdExIF.PRESETS[name].drive for name in PATTERNS]
    got = trains(cell, 600, [sc.units.read(drive, "drive") for drive in drives], 0.005)
    for name, times in zip(PATTERNS, got, strict=True):
        reference = np.array(TIMES["AdExIF"][name])
        if name == "naud_irregular":  # chaotic: the first spikes alone
            times, reference = times[:5], reference[:5]
        assert len(times) == len(reference), name
        assert_allclose(times, reference, atol=0.5, rtol=3e-3, err_msg=name)


def test_the_patterns_are_what_they_are_named_for():
    cell = together(PATTERNS)
    drives = [sc.units.read(AdExIF.PRESETS[name].drive, "drive") for name in PATTERNS]
    times = dict(zip(PATTERNS, trains(cell, 600, drives, 0.02), strict=True))
    gaps = {name.removeprefix("naud_"): np.diff(t) for name, t in times.items()}
    assert np.ptp(gaps["tonic"][10:]) < 0.05 * gaps["tonic"][-1]
    assert gaps["adaptation"][-1] > 5 * gaps["adaptation"][0]
    assert np.all(gaps["initial_burst"][:2] < 15)
    assert np.all(gaps["initial_burst"][2:] > 40)
    assert np.sum(gaps["regular_bursting"] > 50) >= 3
    assert np.sum(gaps["regular_bursting"] < 10) >= 3
    assert times["naud_delayed_accelerating"][0] > 30
    assert np.all(np.diff(gaps["delayed_accelerating"]) <= 0.021)  # but for the grid
    assert times["naud_delayed_regular_bursting"][0] > 50
    assert np.sum(gaps["delayed_regular_bursting"] > 40) >= 5
    assert len(times["naud_transient"]) < 5
    assert np.std(gaps["irregular"]) > 0.5 * np.mean(gaps["irregular"])


def rheobase(cell):
    """Return where rest loses its stability: the closed form of the docstring, and V there."""
    r, q = (cell.a * cell.R).m_as(""), (cell.tau / cell.tau_w).m_as("")
    x = min(r, q)
    V = cell.V_T + cell.delta_T * np.log(1 + x)
    I = ((1 + r) * (V - cell.V_rest - cell.delta_T) + cell.delta_T * max(r - q, 0)) / cell.R
    return I.to(pA), V.to(mV)


def test_the_rheobase_is_that_of_brette_and_gerstners_cell():
    I, V = rheobase(AdExIF.preset("brette_gerstner", 1))
    assert_allclose([I.m, V.m], [627.1825, -50.2740], atol=1e-4)  # eigenvalues of the Jacobian


@pytest.mark.parametrize("a", [4.0, 1.0])  # a Hopf bifurcation; a saddle-node
def test_rest_is_lost_at_the_rheobase(a):
    I, V = rheobase(AdExIF.preset("brette_gerstner", 1, a=a * nS))
    w = a * nS * (V + 70.6 * mV)
    start = {"V_initializer": sc.init.Constant(V - 0.05 * mV), "w_initializer": sc.init.Constant(w)}
    cell = AdExIF.preset("brette_gerstner", 2, a=a * nS, **start)
    below, above = trains(cell, 3000, [I.m - 0.6, I.m + 0.6] * pA, 0.05)
    assert len(below) == 0
    assert len(above) > 0


def test_w_goes_on_while_V_is_held():
    # w' = (a (V_reset - V_rest) - w) / tau_w from w0: exponential, at any dt, exactly.
    cell = AdExIFRef(1, tau_ref=10 * ms)
    mon = sc.DSRunner(cell, ["V", "w", "spike"], progress_bar=False).run(30 * ms, inputs=30 * mA)
    k = np.flatnonzero(mon.spike[:, 0])[0]
    V, w = mon.V.m_as("mV")[:, 0], mon.w.m_as("mA")[:, 0]
    assert_allclose(V[k + 1 : k + 101], -68.0)
    t = 0.1 * np.arange(1, 101)
    target, start = 1.0 * (-68 + 65), w[k] + 1.0
    assert_allclose(w[k + 1 : k + 101], target + (start - target) * np.exp(-t / 30), rtol=1e-9)
