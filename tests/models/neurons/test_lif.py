"""LIF and Lif against the closed form."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from simcore import DimensionalityError, DSRunner, inputs, measure
from simcore.models import IF, LIF, Lif
from simcore.units import Gohm, mA, ms, mV, pA

# Drive in mA through 1 ohm: the same numbers as mV. Defaults of LIF: tau 5 ms, V_th 1 mV, V_reset 0 mV, V_rest 0 mV.
TAU, V_TH, DT = 5.0, 1.0, 0.1


def run(I, duration, model=None):
    """Return (t, V, spike) of one neuron under the constant current I (mA), in ms, mV, 1."""
    runner = DSRunner(model or LIF(1, spk_reset="hard"), monitors=["V", "spike"], dt=DT * ms)
    mon = runner.run(duration * ms, inputs=I * mA)
    return mon.ts.m_as("ms"), mon.V.m_as("mV")[:, 0], mon.spike[:, 0]


def test_V_follows_the_closed_form_below_threshold():
    t, V, spike = run(I=0.9, duration=50.0)
    # Exponential Euler is exact for constant I, so only rounding is left.
    assert_allclose(V, 0.9 * (1 - np.exp(-t / TAU)), rtol=1e-12)
    assert not spike.any()


@pytest.mark.parametrize("dt", [0.1, 0.001])
def test_V_comes_as_near_to_its_steady_state_as_the_conventions_say(dt, precision):
    lif = LIF(1, R=0.04 * Gohm, tau=10 * ms, V_th=2000 * mV)
    runner = DSRunner(lif, {"V": measure.final("V")}, dt=dt * ms, progress_bar=False)
    short = 40 * (1 - np.exp(-20)) - runner.run(200 * ms, inputs=1000 * pA).V.m_as("mV")[0]
    resolution = np.spacing(np.dtype(precision).type(39))  # 4e-6 mV in float32: 2e-4 mV and 0.02 mV short
    assert abs(short) < (resolution * (10 / (2 * dt) + 2) if precision == "float32" else 1e-11)


@pytest.mark.parametrize("I", [1.1, 1.5, 10.0])
def test_interspike_interval_is_the_theoretical_one(I):
    _, _, spike = run(I, duration=200.0)
    period = TAU * np.log(I / (I - V_TH))
    # A crossing is seen at the first grid point after it; with hard reset all intervals are alike.
    assert set(np.diff(np.flatnonzero(spike))) == {np.ceil(period / DT)}


def test_soft_reset_keeps_the_overshoot_so_that_the_mean_interval_needs_no_rounding():
    # V restarts at the overshoot: over many spikes the mean interval is that of a continuous clock, to O(dt).
    I, dt = 30.0, 0.1
    runner = DSRunner(IF(1), monitors=["spike_count"], dt=dt * ms)
    counts = runner.run(1000 * ms, inputs=I / 50 * mA).spike_count
    assert counts[0] == int(1000 * I / 50 / TAU / V_TH)  # without leak: charge over threshold, exactly


def test_the_recorded_V_shows_the_crossing():
    _, V, spike = run(I=10.0, duration=10.0)
    assert (V[spike] >= V_TH).all()
    assert (V[~spike] < V_TH).all()


def test_the_documents_ramp_fires_where_the_closed_form_says():
    wave = inputs.ramp_input(4 * mA, 40 * mA, 700 * ms, 100 * ms, 600 * ms)
    mon = DSRunner(Lif(1), monitors=["V", "spike_events"]).run(inputs=wave)
    # tau V' = -V + 4 + 36 u / 500, u = t - 100 ms: V = 4 (1 - e) + 0.072 (u - 10 (1 - e)), e = exp(-u / 10).
    u = np.arange(0, 500, 1e-3)
    e = np.exp(-u / 10)
    crossing = 100 + u[np.argmax(4 * (1 - e) + 0.072 * (u - 10 * (1 - e)) >= 20)]
    first = mon.spike_events.times.m_as("ms")[0]
    # The sampled ramp lags the ramp by half a sample, and the spike is seen up to dt late.
    assert crossing <= first <= crossing + 0.16
    assert len(mon.spike_events.times) == 22
    assert mon.V.shape == (7000, 1)


def test_the_voltage_reached_under_a_ramp_is_first_order_in_dt():
    # Samples are held, so the input's error is dt / 2 of its slope: V lags by 0.072 dt / 2 mV.
    for dt in (0.1, 0.05):
        wave = inputs.ramp_input(4 * mA, 40 * mA, 200 * ms, dt=dt * ms)
        mon = DSRunner(Lif(1, V_th=1000 * mV), monitors=["V"], dt=dt * ms).run(inputs=wave)
        t = mon.ts.m_as("ms")
        e = np.exp(-t / 10)
        exact = 4 * (1 - e) + 0.18 * (t - 10 * (1 - e))
        lag = (exact - mon.V.m_as("mV")[:, 0])[-1]
        assert lag == pytest.approx(0.18 * dt / 2, rel=0.02)


@pytest.mark.parametrize(("name", "wrong"), [("tau", 10 * mV), ("V_th", -50.0)])
def test_a_wrong_unit_is_refused_by_parameter_name(name, wrong):
    with pytest.raises(DimensionalityError, match=f"LIF: '{name}' needs a quantity in"):
        LIF(1, **{name: wrong})
