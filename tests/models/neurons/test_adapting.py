"""Neurons that adapt by their spikes: against NEST's spike times, the matrix exponential and closed forms."""

import json
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
import scipy.stats
from numpy.testing import assert_allclose

from simcore import DimensionalityError, DSRunner
from simcore.models import (
    AMAT2,
    GLIF1,
    GLIF2,
    GLIF3,
    GLIF4,
    GLIF5,
    LIF,
    MAT2,
    ExponentialRate,
    SpikeTriggeredConductance,
    SpikeTriggeredCurrent,
    SpikeTriggeredThreshold,
    StochasticGIF,
)
from simcore.units import Hz, Mohm, ms, mV, nS, pA

NEST = json.loads(Path(__file__).with_name("nest_spiking.json").read_text())["spike times (ms)"]
LEVELS = [GLIF1, GLIF2, GLIF3, GLIF4, GLIF5]


def record(model, monitors, inputs, duration=100, dt=0.01):
    return DSRunner(model, monitors, dt=dt * ms, progress_bar=False).run(duration * ms, inputs=inputs)


def spikes(model, inputs):
    return record(model, ["spike_events"], inputs).spike_events.times.m_as("ms")


# ---------------------------------------------------------------- NEST's own numbers
# Both take the same exact steps of 0.01 ms: the times agree to rounding.


def test_MAT2_spikes_as_in_NEST(precision):
    assert_allclose(spikes(MAT2(1), 600 * pA), NEST["mat2_psc_exp"], atol=1e-4)


@pytest.mark.parametrize("beta", [-0.3, pytest.param(0.0, marks=pytest.mark.slow)])
def test_AMAT2_spikes_as_in_NEST(beta):
    assert_allclose(spikes(AMAT2(1, beta=beta / ms), 300 * pA), NEST["amat2_psc_exp"][f"{beta}"], atol=1e-6)


@pytest.mark.parametrize("level", [5, *(pytest.param(level, marks=pytest.mark.slow) for level in (1, 2, 3, 4))])
def test_GLIF_spikes_as_in_NEST(level):
    t = spikes(LEVELS[level - 1](1), 400 * pA)
    # A reset that depends on V takes the V at the spike, NEST one step before: 0.2 of what V rises in a step,
    # 0.01 mV, moves each interval by less than 0.005 ms.
    late = 0.0 if level in (1, 3) else 0.005 * np.arange(len(t)) + 0.01
    assert len(t) == len(NEST["glif_psc"][level - 1])
    assert (np.abs(t - NEST["glif_psc"][level - 1]) <= late + 1e-6).all()


# ---------------------------------------------------------------- closed forms


def test_AMAT2_follows_the_matrix_exponential():
    model = AMAT2(1, beta=-0.5 / ms, alpha2=3 * mV, V_th=1e4 * mV)
    model.ensure_state()
    model.theta1.value, model.theta2.value = [4.0] * mV, [7.0] * mV
    mon = record(model, ["V", "theta1", "theta2", "x", "y"], 100 * pA, 30, 0.5)
    # V - V_rest, theta1, theta2, x, y and 1, of which the last drives V by R I / tau = 0.5 mV/ms.
    rates = np.zeros((6, 6))
    rates[0, [0, 5]] = -1 / 10, 0.5
    rates[1, 1], rates[2, 2] = -1 / 10, -1 / 200
    rates[3, [0, 3, 5]] = -1 / 10, -1 / 5, 0.5
    rates[4, [3, 4]] = 1, -1 / 5
    end = scipy.linalg.expm(30 * rates) @ [0, 4, 7, 0, 0, 1]
    values = [mon[k].magnitude[-1, 0] for k in ("V", "theta1", "theta2", "x", "y")]
    assert_allclose(values, [end[0] - 70, *end[1:5]], rtol=1e-11)


def test_states_of_GLIF_stand_still_while_refractory_and_then_have_decayed():
    model = GLIF4(1, tau_ref=4 * ms, r1=0.5, r2=0.8)
    model.ensure_state()
    model.V.value, model.theta_s.value = [-40.0] * mV, [2.0] * mV  # above the threshold: it spikes in the first step
    model.I1.value, model.I2.value = [10.0] * pA, [-20.0] * pA
    mon = record(model, ["V", "theta_s", "I1", "I2", "spike"], 0 * pA, 5, 0.5)
    assert mon.spike[:, 0].tolist() == [1] + 9 * [0]
    names = {"V": "mV", "theta_s": "mV", "I1": "pA", "I2": "pA"}
    V, theta_s, I1, I2 = (mon[name].m_as(unit)[:, 0] for name, unit in names.items())
    expected = {
        "V": -78.85 + 0.2 * (V[0] + 78.85) + 18.51,
        "theta_s": theta_s[0] * np.exp(-0.009 * 4) + 0.37,
        "I1": 0.5 * I1[0] * np.exp(-0.003 * 4) - 9.18,
        "I2": 0.8 * I2[0] * np.exp(-0.1 * 4) - 198.94,
    }
    for name, value in expected.items():
        assert_allclose(mon[name].magnitude[1:9, 0], value, rtol=1e-12)
        assert abs(mon[name].magnitude[9, 0] - value) > 1e-4  # after tau_ref it goes on


def leaky(parts, **kwargs):
    cell = {"R": 100 * Mohm, "tau": 10 * ms, "V_th": 10 * mV, "V_reset": 0 * mV, "spk_reset": "hard"}
    return LIF(1, **(cell | kwargs), parts=parts)


def test_spike_triggered_processes_jump_at_the_spike_and_decay():
    parts = {
        "w": SpikeTriggeredCurrent(q=3 * pA, tau=40 * ms),
        "g": SpikeTriggeredConductance(q=2 * nS, tau=25 * ms, reversal=-5 * mV),
        "theta": SpikeTriggeredThreshold(q=4 * mV, tau=60 * ms),
    }
    mon = record(leaky(parts), ["w.w", "g.g", "theta.theta", "V", "spike"], 200 * pA, 100, 0.1)
    at = mon.ts.m_as("ms")[mon.spike[:, 0] > 0]
    assert 2 <= len(at) <= 10
    t = mon.ts.m_as("ms")[:, None]
    after = t - at > 0.05  # what is recorded with the spike is from before it
    for name, q, tau in (("w.w", 3, 40), ("g.g", 2, 25), ("theta.theta", 4, 60)):
        expected = np.sum(np.where(after, q * np.exp(-(t - at) / tau), 0), axis=1)
        assert_allclose(mon[name].magnitude[:, 0], expected, rtol=1e-10, atol=1e-12)
    crossing = np.flatnonzero(mon.spike[:, 0])
    V, threshold = mon.V.m_as("mV")[:, 0], 10 + mon["theta.theta"].m_as("mV")[:, 0]
    assert (V[crossing] >= threshold[crossing]).all()
    below = np.setdiff1d(np.arange(1000), crossing)
    assert (V[below] < threshold[below]).all()


def test_the_current_of_a_process_is_what_drives_V():
    # A current is out of the neuron, a conductance pulls V to its reversal potential.
    out = SpikeTriggeredCurrent(w_initializer=30 * pA, tau=1e9 * ms)
    down = SpikeTriggeredConductance(g_initializer=10 * nS, tau=1e9 * ms, reversal=-8 * mV)
    for part, level in ((out, -3.0), (down, -4.0)):
        mon = record(leaky({"part": part}), ["V"], 0 * pA, 400, 1.0)
        assert mon.V.m_as("mV")[-1, 0] == pytest.approx(level, rel=1e-6)


def test_soft_reset_subtracts_the_threshold_at_the_spike():
    theta = SpikeTriggeredThreshold(q=100 * mV, tau=50 * ms, theta_initializer=5 * mV)
    mon = record(leaky({"theta": theta}, spk_reset="soft"), ["V", "theta.theta", "spike"], 200 * pA, 20, 0.1)
    at = int(np.flatnonzero(mon.spike[:, 0])[0])
    V, moved = mon.V.m_as("mV")[:, 0], mon["theta.theta"].m_as("mV")[:, 0]
    assert V[at] > 13  # above V_th, by what is left of 5 mV
    # From V less the threshold before its rise, V_reset being 0, V goes on for a step towards R I = 20 mV.
    assert V[at + 1] == pytest.approx((V[at] - 10 - moved[at] - 20) * np.exp(-0.01) + 20, abs=1e-9)


# ---------------------------------------------------------------- StochasticGIF


def test_a_sharp_StochasticGIF_spikes_as_in_NEST():
    processes = {"currents": [(30 * pA, 20 * ms), (10 * pA, 100 * ms)], "thresholds": [(3 * mV, 50 * ms)]}
    sharp = ExponentialRate(rate=1e6 * Hz, delta=0.01 * mV)
    t, expected = spikes(StochasticGIF(1, **processes, escape=sharp), 300 * pA), NEST["rows"]["gif_psc_exp"]
    # 10 steps of 0.01 ms below the threshold the rate is still once a step: a spike is a few steps early or late.
    assert_allclose(t, expected, atol=0.06)


def test_jumps_after_the_refractory_period_are_those_of_the_toolbox():
    kernels = {"currents": [(30 * pA, 20 * ms)], "thresholds": [(3 * mV, 50 * ms)]}
    sharp = {"rate": 1e6 * Hz, "delta": 0.001 * mV}
    model = StochasticGIF(1, **kernels, jump="after_refractory", escape=ExponentialRate(**sharp))
    mon = record(model, ["eta1.w", "gamma1.theta", "spike"], 300 * pA, 25, 0.1)
    assert mon.spike.sum() == 1
    end = np.flatnonzero(mon.spike[:, 0])[0] + 40  # of the refractory period, 4 ms
    assert mon["eta1.w"].m_as("pA")[end, 0] == pytest.approx(30, rel=1e-9)
    assert mon["gamma1.theta"].m_as("mV")[end, 0] == pytest.approx(3, rel=1e-9)


def test_intervals_of_a_renewal_StochasticGIF_follow_its_hazard():
    # V returns from -55 to -40 mV with C / gL = 20 ms; the rate is 100 Hz exp((V + 45 mV) / 3 mV).
    model = StochasticGIF(100, V_rest=-40 * mV, V_th=-45 * mV, escape=ExponentialRate(rate=100 * Hz, delta=3 * mV))
    events = record(model, ["spike_events"], 0 * pA, 1800, 0.1).spike_events
    intervals = np.concatenate([np.diff(events.times.m_as("ms")[events.indices == k])[:40] for k in range(100)])
    assert len(intervals) == 4000
    t = np.arange(0, 200, 0.01)
    rate = 0.1 * np.exp((-40 - 15 * np.exp(-t / 20) + 45) / 3)
    hazard = np.append(0, np.cumsum(0.005 * (rate[1:] + rate[:-1])))
    assert scipy.stats.kstest(np.interp(intervals - 4 - 0.05, t, hazard), "expon").pvalue > 0.01


@pytest.mark.parametrize(("wrong", "error", "words"), [
    ({"currents": [10 * pA]}, TypeError, r"'currents' are pairs of a jump and a time constant, \[\(q, tau\), ...\]"),
    ({"currents": [(10 * mV, 5 * ms)]}, DimensionalityError, "currents: 'q' needs a quantity in pA, got 10 mV"),
    ({"jump": "late"}, ValueError, "'jump' must be one of spike, after_refractory, got 'late'"),
])  # fmt: skip
def test_wrong_processes_are_refused(wrong, error, words):
    with pytest.raises(error, match=words):
        StochasticGIF(1, **wrong)


# ---------------------------------------------------------------- files of the Allen Institute

# Of the shape of a neuron_config.json; the values are those of NEST's default cell, in SI units.
CONFIG = {
    "El_reference": -0.07885,
    "El": 0.0,
    "C": 58.72e-12,
    "R_input": 1 / 9.43e-9 * 0.5,
    "th_inf": 0.02717 / 1.25,
    "coeffs": {"a": 2.0, "b": 1.0, "C": 1.0, "G": 0.5, "th_inf": 1.25, "asc_amp_array": [1.0, 0.5]},
    "spike_cut_length": 75,
    "dt": 5e-05,
    "asc_amp_array": [-9.18e-12, -397.88e-12],
    "asc_tau_array": [1 / 3.0, 0.01],
    "AScurrent_dynamics_method": {"name": "exp", "params": {}},
    "AScurrent_reset_method": {"name": "sum", "params": {"r": [1.0, 1.0]}},
    "voltage_reset_method": {"name": "v_before", "params": {"a": 0.2, "b": 0.01851}},
    "threshold_reset_method": {"name": "three_components", "params": {"a_spike": 0.00037, "b_spike": 9.0}},
    "threshold_dynamics_method": {
        "name": "three_components_exact",
        "params": {"a_spike": 0.00037, "b_spike": 9.0, "a_voltage": 2.5, "b_voltage": 90.0},
    },
}
NO_V = {"threshold_dynamics_method": CONFIG["threshold_dynamics_method"] | {"name": "spike_component"}}
NO_CURRENTS = {"AScurrent_dynamics_method": {"name": "none", "params": {}}}
NO_RULES = {
    "voltage_reset_method": {"name": "zero", "params": {}},
    "threshold_dynamics_method": {"name": "inf", "params": {}},
}
FILES = [CONFIG | NO_RULES | NO_CURRENTS, CONFIG | NO_V | NO_CURRENTS, CONFIG | NO_RULES, CONFIG | NO_V, CONFIG]


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5])
def test_a_file_of_the_Allen_Institute_gives_the_parameters(level):
    cls = LEVELS[level - 1]
    params = cls.from_allen(FILES[level - 1], 2).params()
    for name, value in cls(1).params().items():
        assert params[name].m_as(value.units) == pytest.approx(value.magnitude, rel=1e-9), name
    assert cls.from_allen(CONFIG | FILES[level - 1], 3, tau_ref=1 * ms).tau_ref == 1 * ms


def test_a_file_of_another_level_or_with_a_gap_is_refused():
    with pytest.raises(ValueError, match=r"GLIF3.from_allen: this neuron is a GLIF5; write GLIF5.from_allen\(config\)"):
        GLIF3.from_allen(CONFIG)
    with pytest.raises(ValueError, match=r"GLIF5.from_allen: the neuron_config has no 'R_input'"):
        GLIF5.from_allen({k: v for k, v in CONFIG.items() if k != "R_input"})


def test_a_reset_to_above_the_threshold_is_refused():
    with pytest.raises(
        ValueError, match=r"GLIF2: a spike at V_th resets V to .* = -35.887 mV, not below V_th \+ delta"
    ):
        GLIF2(2, f_v=[0.2, 0.9])
    model = GLIF4(1)
    with pytest.raises(ValueError, match="it would fire forever"):
        model.delta_V = 30 * mV
