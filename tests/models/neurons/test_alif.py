"""ALIF: the adapting threshold."""

import numpy as np
from numpy.testing import assert_allclose

from simcore import DSRunner
from simcore.models import ALIF
from simcore.units import mA, ms


def test_a_jumps_by_one_a_spike_and_decays():
    mon = DSRunner(ALIF(1), monitors=["a", "spike"]).run(100 * ms, inputs=2 * mA)
    a, s = 0.0, 0.0
    for got, spike in zip(mon.a[:, 0].magnitude, mon.spike[:, 0], strict=True):
        a = (a + s) * np.exp(-0.1 / 100)  # the jump enters with the reset, in the step after the spike
        assert_allclose(got, a, rtol=1e-10)
        s = float(spike)
    assert mon.spike.sum() > 5


def test_soft_reset_subtracts_the_adapted_threshold():
    # So V falls below the threshold after each spike, whatever the adaptation.
    mon = DSRunner(ALIF(1, beta="1 mV"), monitors=["V", "a", "spike"]).run(200 * ms, inputs=20 * mA)
    V, a, spike = mon.V.m_as("mV")[:, 0], mon.a.magnitude[:, 0], mon.spike[:, 0]
    k = np.flatnonzero(spike)[:-1]
    after = V[k] - (1.0 + 1.0 * a[k])
    E = np.exp(-0.1 / 5)
    assert_allclose(V[k + 1], E * after + (1 - E) * 20, rtol=1e-10)


def test_intervals_grow_with_adaptation():
    mon = DSRunner(ALIF(1, beta="0.3 mV", spk_reset="hard"), monitors=["spike"]).run(2000 * ms, inputs=5 * mA)
    intervals = np.diff(np.flatnonzero(mon.spike[:, 0]))
    assert intervals[-1] > 3 * intervals[0]
    # In the steady state a grows by 1 and decays by exp(-T / tau_a): 1 / (exp(T / tau_a) - 1) just before a spike.
    T = intervals[-1] * 0.1
    threshold = 1 + 0.3 / (np.exp(T / 100) - 1)
    assert_allclose(5 * np.log(5 / (5 - threshold)), T, atol=0.25)  # two grid points: the crossing's and the jump's
