"""New data is no new program: stimuli, spike trains and values change, and nothing is compiled again."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import simcore as sc
from simcore.models import AllToAll, Exponential, LIFRef, PoissonGroup, Projection, SpikeSource
from simcore.runners import loop
from simcore.units import Hz, Mohm, mA, ms, mV, pA


def compiled():
    """Return how many programs runs have compiled so far."""
    return loop.advance._cache_size()


def driven(times=(1.0,), indices=(0,)):
    """Return a source and a neuron that it drives."""
    source = SpikeSource(3, list(times) * ms, list(indices))
    cells = LIFRef(2, R=100 * Mohm, receptors={"e": Exponential(tau=5 * ms)})
    p = Projection(source, cells, "e", connect=AllToAll(), weight=5 * pA)
    return sc.Network(source=source, cells=cells, p=p)


def spikes_at(n):
    rng = np.random.default_rng(n)
    return rng.permutation(np.arange(1, 49))[:n] * 0.1, rng.integers(0, 3, n)


def test_a_source_with_other_spikes_and_another_number_of_them_runs_the_same_program():
    runner = sc.DSRunner(driven(), {"s": "source.spike", "g": "cells.e.g"}, progress_bar=False)
    runner.run(5 * ms)
    before = compiled()
    for n in (0, 3, 9, 15):
        times, indices = spikes_at(n)
        runner.target.source.set_spikes(times * ms, indices)
        runner.reset_state()
        s = runner.run(5 * ms).s
        expected = np.zeros((50, 3), bool)
        expected[np.round(times / 0.1).astype(int) - 1, indices] = True
        assert_array_equal(s, expected)
    assert compiled() == before
    for n in (16, 30, 40):  # more need more room: a program for each doubling
        runner.target.source.set_spikes(*(spikes_at(n)[0] * ms, spikes_at(n)[1]))
        runner.reset_state()
        assert runner.run(5 * ms).s.sum() == n
    assert compiled() == before + 2


def test_a_network_that_is_built_again_with_other_data_runs_the_same_program():
    results, before = [], None
    for n in (2, 5, 11):
        times, indices = spikes_at(n)
        results.append(sc.DSRunner(driven(times, indices), ["cells.e.g"], progress_bar=False).run(5 * ms)["cells.e.g"])
        before = compiled() if before is None else before
    assert compiled() == before
    assert len({result.m_as("pA").sum() for result in results}) == 3


STIMULI = {
    "a waveform of another length": [sc.inputs.Waveform(np.full(n, 0.5) * mA, dt=0.1 * ms) for n in (20, 7, 33)],
    "a waveform of another dt": [sc.inputs.Waveform(np.full(9, 0.5) * mA, dt=dt * ms) for dt in (0.1, 0.3, 1.0)],
    "another waveform for each neuron": [
        sc.inputs.Waveform(np.random.default_rng(n).uniform(0, 1, (n, 4)) * mA, dt=0.1 * ms) for n in (20, 7, 33)
    ],
    "another constant in another unit": [0.5 * mA, 7e8 * pA, 0.1 * mA],
    "another constant for each neuron": [np.arange(4) * 0.1 * mA, np.zeros(4) * mA],
    "a function of t with another parameter": [
        sc.inputs.function(lambda t, A: A * (t > 0), "mA", A=A * mA) for A in (0.1, 0.5)
    ],
    "another batch of constants": [np.random.default_rng(n).uniform(0, 1, (3, 4)) * mA for n in range(3)],
}


@pytest.mark.parametrize("what", STIMULI)
def test_other_stimuli_run_the_same_program(what):
    runner = sc.DSRunner(sc.models.LIF(4, V_th=10 * mV), ["V"], progress_bar=False)
    if "batch" in what:
        runner.reset_state(batch_size=3)
    before, seen = None, []
    for stimulus in STIMULI[what]:
        seen.append(
            runner.run(None if isinstance(stimulus, sc.inputs.Waveform) else 2 * ms, stimulus).V.m_as("mV").sum()
        )
        before = compiled() if before is None else before
    assert compiled() == before
    assert len(set(seen)) == len(seen)


CHANGES = {
    "a parameter": lambda net: setattr(net.cells, "tau", 7 * ms),
    "a weight": lambda net: setattr(net.p, "weight", 9 * pA),
    "a state": lambda net: setattr(net.cells.V, "value", -1 * mV),
    "all states": lambda net: net.reset_state(),
}


@pytest.mark.parametrize("what", CHANGES)
def test_other_values_run_the_same_program(what):
    net = driven(*spikes_at(9))
    runner = sc.DSRunner(net, {"V": "cells.V"}, progress_bar=False)
    runner.run(5 * ms)
    before = compiled()
    net.reset_state()
    CHANGES[what](net)
    runner.run(5 * ms)
    assert compiled() == before


def test_runs_of_another_length_and_rates_of_sources_run_the_same_program():
    net = sc.Network(a=PoissonGroup(5, 20 * Hz))
    runner = sc.DSRunner(net, {"s": "a.spike"}, progress_bar=False)
    runner.run(5 * ms)
    before = compiled()
    for rate in (1 * Hz, 500 * Hz):
        net.a.rate = rate
        runner.run(rate.m_as("Hz") * 0.1 * ms)
    assert compiled() == before
