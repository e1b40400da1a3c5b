"""Unsupervised learning of digits (examples/digits.py) beside Brian2: make_digits_reference.py made its numbers."""

import json
from pathlib import Path

import digits
import numpy as np
import pytest
from numpy.testing import assert_allclose

import simcore as sc
from simcore.units import ms, nS

REFERENCE = json.loads(Path(__file__).with_name("digits_reference.json").read_text())
N, DT, STEPS = 100, 0.5, 700


@pytest.fixture(scope="module")
def first_sample():
    """Return the network after its first sample, with the spikes, the weights and delays that Brian2 has."""
    rng = np.random.default_rng(1)
    weight, delay = 0.3 * (rng.random((784, N)) + 0.01), rng.integers(0, 21, (784, N))
    y, x = np.mgrid[-13.5:14, -13.5:14]
    ring = (np.hypot(x, y) > 6) & (np.hypot(x, y) < 8.5)
    step, pixel = np.nonzero(rng.random((STEPS, 784)) < 63.75e-3 * DT * ring.ravel())
    source = sc.models.SpikeSource(784, (step + 1) * DT * ms, pixel)  # Brian2's step 0 ends at dt
    net = digits.build(source, N, weight=weight * nS, delay=delay.ravel() * DT * ms)
    net.init_state()
    digits.normalize(net)
    for population in (net.E, net.I):
        population.tau_ref = population.tau_ref - DT * ms  # Brian2 holds V for one step less
    monitors = {name: f"{name}.spike_events" for name in "EI"}
    return net, sc.DSRunner(net, monitors, dt=DT * ms, progress_bar=False).run(STEPS * DT * ms)


def test_the_first_sample_has_the_spikes_of_brian2(first_sample):
    _, mon = first_sample
    for name in "EI":
        order = np.lexsort((mon[name].indices, mon[name].times.m_as("ms")))
        theirs = np.lexsort((REFERENCE[name]["neuron"], REFERENCE[name]["step"]))
        steps = np.round(mon[name].times.m_as("ms") / DT).astype(int) - 1
        assert steps[order].tolist() == np.array(REFERENCE[name]["step"])[theirs].tolist()
        assert mon[name].indices[order].tolist() == np.array(REFERENCE[name]["neuron"])[theirs].tolist()


def test_the_first_sample_leaves_the_weights_of_brian2(first_sample):
    net, _ = first_sample
    weight = net.XE.weight.value.m_as("nS").reshape(784, N)
    winner = REFERENCE["E"]["neuron"][0]
    assert_allclose(weight[:, winner], REFERENCE["weights of the first neuron that spiked"], atol=1e-11)
    assert_allclose(weight.sum(0), REFERENCE["sum of the weights"], atol=1e-9)
