"""QuaIF and AdQuaIF: intervals and rheobase in closed form, Izhikevich's model of 2007 by the map of parameters."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

import simcore as sc
from simcore.models import AdQuaIF, QuaIF
from simcore.units import Gohm, mA, ms, mV, nS, pA, pF

HERE = Path(__file__).parent
TIMES = json.loads((HERE / "neuron_reference.json").read_text())["spike times (ms)"]  # of make_neuron_reference.py


def trains(cell, duration, I, dt):
    """Return the spike times of each neuron, ms."""
    runner = sc.DSRunner(cell, ["spike_events"], dt=dt * ms, progress_bar=False)
    events = runner.run(duration * ms, inputs=I).spike_events
    return [events.times.m_as("ms")[events.indices == k] for k in range(cell.size)]


def interval(RI, c=0.07, tau=10.0, V_rest=-65.0, V_c=-50.0, V_th=-30.0, V_reset=-68.0):
    """Return the interval of the docstring, ms."""
    k, middle = RI - c * (V_c - V_rest) ** 2 / 4, (V_rest + V_c) / 2
    angle = [np.arctan((V - middle) * np.sqrt(c / k)) for V in (V_reset, V_th)]
    return tau / np.sqrt(c * k) * (angle[1] - angle[0])


def test_intervals_are_the_closed_form(precision):
    assert_allclose([interval(4.5), interval(8.0)], [139.8562, 42.0743], atol=1e-4)  # by quadrature too
    I = np.array([4.5, 8.0, 20.0])
    for times, RI in zip(trains(QuaIF(3), 300, I * mA, 0.01), I, strict=True):
        T = interval(RI)
        # Seen at the next grid point, and the method's own error, 5e-5 of the interval.
        assert np.all(np.diff(times) - T > -1e-4 * T)
        assert np.all(np.diff(times) - T < 0.011 + 1e-4 * T)


@pytest.mark.parametrize("method", ["exp_euler", "rk4"])
def test_it_fires_above_the_rheobase_and_rests_below(method):
    rheobase = 0.07 * 15**2 / 4  # 3.9375 mA
    below, above = trains(QuaIF(2, method=method), 1500, np.array([rheobase - 0.01, rheobase + 0.0125]) * mA, 0.1)
    assert len(below) == 0
    assert len(above) == 1  # T = 1046 ms from V_rest


def test_the_adaptive_one_is_izhikevichs_model_of_2007():
    # C 100 pF, k 0.7 nS/mV, v_r -60, v_t -40, v_peak 35 mV, a 0.03 /ms, b -2 nS, c -50 mV, d 100 pA: regular spiking.
    R, C, k = 1 * Gohm, 100 * pF, 0.7 * nS / mV
    cell = AdQuaIF(1, R=R, tau=C * R, c=k * R, tau_w=1 / 0.03 * ms, a=-2 * nS, b=100 * pA,
                   V_rest=-60 * mV, V_c=-40 * mV, V_th=35 * mV, V_reset=-50 * mV)  # fmt: skip
    (times,) = trains(cell, 500, 100 * pA, 0.01)
    assert_allclose(times, TIMES["AdQuaIF"]["RS 2007"], atol=0.06)  # a grid point per spike


def test_it_rests_at_the_root_of_its_equilibrium():
    # c (V - V_rest) (V - V_c) - R a (V - V_rest) + R I = 0: the lower root.
    cell = AdQuaIF(1)
    sc.DSRunner(cell, progress_bar=False).run(300 * ms, inputs=2 * mA)
    roots = np.roots([0.07, 0.07 * 115 - 1.0, 0.07 * 65 * 50 - 65.0 + 2.0])
    assert_allclose(cell.V.value.m_as("mV"), roots.min(), rtol=1e-9)
    assert_allclose(cell.w.value.m_as("mA"), roots.min() + 65, rtol=1e-7)


@pytest.mark.parametrize("method", ["exp_euler", "rk4"])
def test_nothing_overflows(method, precision):
    I = np.array([0.0, 10.0, 1e3, 1e6, 1e12])
    mon = sc.DSRunner(QuaIF(5, method=method), ["V", "spike_count"], progress_bar=False).run(5 * ms, inputs=I * mA)
    V = mon.V.m_as("mV")
    assert np.isfinite(V).all()
    assert V.max() == -30.0
    assert np.all(mon.spike_count[2:] >= 10)
