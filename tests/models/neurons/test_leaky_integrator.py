"""LeakyIntegrator: the closed form of a driven membrane, spikes that arrive at it, and its derivatives."""

import jax
import numpy as np
import pytest
from numpy.testing import assert_allclose

import simcore as sc
from simcore.models import AllToAll, Exponential, LeakyIntegrator, Projection, SpikeSource
from simcore.units import Gohm, mA, ms, mV, pA

TAU = 20.0  # ms; its resistance is 1 ohm, so that mA are mV


def test_V_follows_the_closed_form_and_nothing_spikes():
    mon = sc.DSRunner(LeakyIntegrator(2, V_rest=-60 * mV), ["V"]).run(50 * ms, inputs=[300, -100] * mA)
    grown = 1 - np.exp(-mon.ts.m_as("ms") / TAU)
    assert_allclose(mon.V.m, -60 + grown[:, None] * [300, -100], rtol=1e-12)


def test_a_spike_that_arrives_through_a_receptor_is_a_difference_of_exponentials():
    cell, source = (
        LeakyIntegrator(1, R=1 * Gohm, receptors={"e": Exponential(tau=5 * ms)}),
        SpikeSource(1, [1] * ms, [0]),
    )
    link = Projection(source, cell, "e", connect=AllToAll(), weight=10 * pA)
    mon = sc.DSRunner(sc.Network(source=source, cell=cell, link=link), ["cell.V"], dt=0.01 * ms).run(30 * ms)
    t = np.maximum(mon.ts.m_as("ms") - 1, 0)
    closed = 10 * 5 / (5 - TAU) * (np.exp(-t / 5) - np.exp(-t / TAU))  # 10 pA through 1 Gohm: 10 mV
    assert_allclose(mon["cell.V"].m[:, 0], closed, atol=0.02)  # the current of a step is that at its start or middle


def test_it_returns_V_and_derivatives_by_its_parameters():
    run = sc.unroll(LeakyIntegrator(1), 10 * ms, inputs=2 * mA)
    slope = jax.grad(lambda p: run(p)[0][-1, 0])({"R": 1.0, "tau": TAU})
    assert_allclose(run()[0][-1, 0], 2 * (1 - np.exp(-10 / TAU)))
    assert_allclose(slope["R"], 2 * (1 - np.exp(-10 / TAU)))
    assert_allclose(slope["tau"], -2 * np.exp(-10 / TAU) * 10 / TAU**2)


def test_it_sends_no_spikes():
    cell = LeakyIntegrator(1, receptors={"e": Exponential(tau=5 * ms)})
    with pytest.raises(TypeError, match="LeakyIntegrator sends no spikes"):
        Projection(cell, cell, "e", connect=AllToAll(), weight=1 * pA)
