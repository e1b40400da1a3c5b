"""MorrisLecar, FitzHughNagumo, HindmarshRose: bifurcations, spike times against an adaptive solver."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

import simcore as sc
from simcore.models import FitzHughNagumo, HindmarshRose, MorrisLecar
from simcore.units import ms, mV, pA

REFERENCE = json.loads(Path(__file__).with_name("neuron_reference.json").read_text())  # of make_neuron_reference.py
TIMES, POINTS = REFERENCE["spike times (ms)"], REFERENCE["bifurcations (V, I, Hz)"]


def trains(cell, duration, I, dt):
    """Return the spike times of each neuron, ms."""
    runner = sc.DSRunner(cell, ["spike_events"], dt=dt * ms, progress_bar=False)
    events = runner.run(duration * ms, inputs=I).spike_events
    return [events.times.m_as("ms")[events.indices == k] for k in range(cell.size)]


def growth(cell, duration, I, dt):
    """Return the ratio of the ranges of V in the last and the second tenth of a run."""
    V = sc.DSRunner(cell, ["V"], dt=dt * ms, progress_bar=False).run(duration * ms, inputs=I).V.magnitude
    n = len(V) // 10
    return np.ptp(V[-n:], axis=0) / np.ptp(V[n : 2 * n], axis=0)


@pytest.mark.parametrize("name", ["hopf", "snlc", "homoclinic"])
def test_morris_lecar_spikes_as_by_an_adaptive_solver(name):
    runs = TIMES[f"MorrisLecar {name}"]
    V = (-10 if name == "homoclinic" else -60) * mV  # beside rest, and from it
    cell = MorrisLecar.preset(name, len(runs), V_th=0 * mV, V_initializer=sc.init.Constant(V))
    got = trains(cell, 800 if name == "snlc" else 500, np.array([float(I) for I in runs]) * 100 * pA, 0.02)
    for times, reference in zip(got, runs.values(), strict=True):
        assert len(times) == len(reference)
        # The grid, and the method's error, which a slow passage by a saddle enlarges.
        assert_allclose(times, reference, atol=0.021, rtol=1e-3 if name == "homoclinic" else 1e-4)


def test_the_oscillation_of_morris_lecar_begins_and_ends_at_hopf_bifurcations():
    (V1, I1, _), (V2, I2, _) = POINTS["MorrisLecar hopf"]
    assert_allclose([I1, I2], [93.8576, 212.019], atol=1e-3)
    cell = MorrisLecar(4, V_initializer=[V1 + 0.1, V1 + 0.1, V2 + 0.1, V2 + 0.1] * mV)
    rate = growth(cell, 1500, np.array([I1 - 1, I1 + 1, I2 - 2, I2 + 2]) * 100 * pA, 0.05)
    assert (rate > 1).tolist() == [False, True, True, False]


def test_the_saddle_node_of_morris_lecar_is_its_rheobase():
    I = POINTS["MorrisLecar snlc"][0][1]
    assert_allclose(I, 39.9632, atol=1e-4)
    below, above = trains(MorrisLecar.preset("snlc", 2), 1500, np.array([I - 0.05, I + 0.05]) * 100 * pA, 0.1)
    assert len(below) == 0
    assert len(above) >= 1


def test_fitzhugh_nagumo_spikes_as_by_an_adaptive_solver(precision):
    runs = TIMES["FitzHughNagumo"]
    for times, reference in zip(trains(FitzHughNagumo(2), 200, [0.5, 1.0], 0.02), runs.values(), strict=True):
        assert len(times) == len(reference)
        assert_allclose(times, reference, atol=0.021, rtol=2e-4)


def test_rest_of_fitzhugh_nagumo_is_unstable_between_its_hopf_bifurcations():
    # V = -+sqrt(1 - b tau / tau_w), I = V^3/3 - V + (V + a) / b.
    V = np.sqrt(1 - 0.8 / 12.5) * np.array([-1, 1])
    I = V**3 / 3 - V + (V + 0.7) / 0.8
    assert_allclose(I, [0.3313, 1.4187], atol=1e-4)
    start = sc.init.Constant(np.repeat(V, 2) * (1 + 1e-3))
    rate = growth(
        FitzHughNagumo(4, V_initializer=start), 800, [I[0] - 0.01, I[0] + 0.01, I[1] - 0.01, I[1] + 0.01], 0.05
    )
    assert (rate > 1).tolist() == [False, True, True, False]


def test_hindmarsh_rose_bursts_as_by_an_adaptive_solver():
    runs = TIMES["HindmarshRose"]
    for times, reference in zip(trains(HindmarshRose(2), 400, [0.4, 2.0], 0.05), runs.values(), strict=True):
        assert len(times) == len(reference)
        assert_allclose(times, reference, atol=0.051, rtol=1e-4)


def test_hindmarsh_rose_is_integrated_by_rk4_unless_told_otherwise():
    assert HindmarshRose(1).methods() == ("rk4",)
    assert HindmarshRose(1, method="heun").methods() == ("heun",)
