"""A run may end at any step: a neuron that spikes in it is about to be reset, and is no fault."""

import jax.numpy as jnp
import numpy as np
import pytest

import simcore as sc
from simcore import DSRunner
from simcore.models import LIF
from simcore.runners import loop
from simcore.units import mA, ms, mV, pA


class AdEx(sc.Neuron):
    """Without a bound of the upstroke, as in textbooks: the tonic pattern of Naud et al. (2008), table 1."""

    C = sc.Param(200.0, "pF")
    gL = sc.Param(10.0, "nS")
    EL = sc.Param(-70.0, "mV")
    VT = sc.Param(-50.0, "mV")
    DT = sc.Param(2.0, "mV")
    a = sc.Param(2.0, "nS")
    tau_w = sc.Param(30.0, "ms")
    V_th = sc.Param(0.0, "mV", above="V_reset")
    V_reset = sc.Param(-58.0, "mV")
    V = sc.HiddenState("mV", init="EL")
    w = sc.HiddenState("pA")
    spk_reset = "hard"

    def derivative(self, V, w, I):
        upstroke = self.gL * self.DT * jnp.exp((V - self.VT) / self.DT)
        return (-self.gL * (V - self.EL) + upstroke - w + I) / self.C, (self.a * (V - self.EL) - w) / self.tau_w

    def update(self, x):
        V, w = self.after_spike(self.V.value), self.w.value
        self.V.value, self.w.value = self.integrate(self.derivative, (V, w), x)
        return self.get_spike()


@pytest.mark.parametrize("method", [pytest.param("euler", marks=pytest.mark.slow), "exp_euler"])
def test_a_run_of_any_length_is_the_begin_of_a_longer_one(method, monkeypatch):
    # Brian2 (pull 1385) gives the same spikes whether or not the step before a reset overshoots.
    whole = DSRunner(AdEx(1, method=method), ["V", "spike"]).run(64 * ms, inputs=500 * pA)
    V = whole.V.m_as("mV")
    overshoots = np.flatnonzero((np.abs(V[:, 0]) > 1e6) & whole.spike[:, 0])
    assert len(overshoots)  # or this test shows nothing
    for steps in {*(overshoots + 1), *range(600, 640)}:
        got = DSRunner(AdEx(1, method=method), ["V"]).run(steps * 0.1 * ms, inputs=500 * pA).V.m_as("mV")
        np.testing.assert_array_equal(got, V[:steps])
    monkeypatch.setattr(loop, "MAX_CHUNK", int(overshoots[0]) + 1)  # a chunk ends there
    again = DSRunner(AdEx(1, method=method), ["V"]).run(64 * ms, inputs=500 * pA)
    np.testing.assert_array_equal(again.V.m_as("mV"), V)


class Table(sc.Neuron):
    """V is what a table of steps says; a spike is V >= 1 mV."""

    V_th = sc.Param(1.0, "mV")
    V_reset = sc.Param(0.0, "mV")
    V = sc.HiddenState("mV")
    values = (0.0,)

    def update(self, x=0.0):
        self.V.value = jnp.array(self.values)[sc.environ.get("i")][None] * self.V_th
        return self.get_spike()


INF, NAN = float("inf"), float("nan")
# A spike of 1e7 mV is 1e7 mV less 1 mV after a soft reset: what is still there in the next step is a fault.
CASES = {
    "a spike beyond the bound": ("hard", (0, 1e7, 0, 0), None),
    "an infinite spike": ("hard", (0, INF, 0, 0), None),
    "nan never spikes": ("hard", (0, NAN, NAN, NAN), 1),
    "beyond the bound without a spike": ("hard", (0, -1e7, -1e7, -1e7), 1),
    "a soft reset that brings it back": ("soft", (0, 1e7, 0, 0), None),
    "a soft reset that does not": ("soft", (0, 1e7, 1e7, 1e7, 1e7), 2),
    "infinity less something is infinity": ("soft", (0, 1e7, INF, INF), 2),
    "infinity that becomes nan": ("soft", (0, INF, NAN, NAN), 2),
}


@pytest.mark.parametrize("case", CASES)
def test_a_voltage_is_a_fault_at_the_same_step_wherever_chunks_and_runs_end(case, monkeypatch):
    reset, table, step = CASES[case]

    class OfCase(Table):
        values = table

    def reported(steps):
        runner = DSRunner(OfCase(1, spk_reset=reset), progress_bar=False)
        try:
            runner.run(steps * 0.1 * ms)
        except FloatingPointError:
            return runner.i
        return None

    for chunk in (1, 3, 1000):
        monkeypatch.setattr(loop, "MAX_CHUNK", chunk)
        for steps in range(1, len(table) + 1):
            assert reported(steps) == (step if step is not None and step < steps else None)


def test_a_current_in_a_wrong_unit_is_reported_though_each_step_spikes():
    with pytest.raises(FloatingPointError, match=r"'V' ran away to .* mV, beyond 1e\+06 mV, in neuron 1 at t = "):
        DSRunner(LIF(2)).run(10 * ms, inputs=np.array([0.0, 1e9]) * mA)


def test_a_sweep_that_ends_on_an_infinite_voltage_that_no_reset_brings_back_warns():
    class OfCase(Table):
        values = (0.0, INF, INF)

    sweep = sc.Sweep(OfCase(1, spk_reset="soft"), {"V_reset": [0.0, 0.1] * mV}, {"V": sc.measure.final("V")})
    with pytest.warns(
        RuntimeWarning, match=r"2 of 2 points failed .* At V_reset = 0.0 mV: OfCase: the state 'V' became inf"
    ):
        assert np.isnan(sweep.run(0.3 * ms).V.magnitude).all()


class Bursts(LIF):
    """V' = V^3 / (tau mV^2): with Euler's method and dt = 1e309 tau infinite in a step."""

    def derivative(self, V, I):
        return V * V * V / (self.tau * self.V_th * self.V_th)


def test_a_neuron_that_runs_away_under_soft_reset_is_told_of_hard_reset():
    text = r"'V' became inf .* soft reset, which subtracts V_th - V_reset, does not bring it back: spk_reset='hard'"
    with pytest.raises(FloatingPointError, match=text):
        DSRunner(AdEx(1, spk_reset="soft")).run(64 * ms, inputs=500 * pA)
    with pytest.raises(FloatingPointError, match=r"'V' ran away to (?!.*'hard')"):  # a wrong unit: V is linear
        DSRunner(LIF(1)).run(1 * ms, inputs=1e9 * mA)


@pytest.mark.filterwarnings("ignore:.*less than two steps of dt")
def test_a_sweep_that_ends_on_an_infinite_spike_is_sound():
    lif = Bursts(1, method="euler", spk_reset="hard", tau=1e-300 * ms, V_initializer=sc.init.Constant(0.9 * mV))
    measures = {"n": sc.measure.spike_count, "V": sc.measure.final("V")}
    result = sc.Sweep(lif, {"V_rest": [0.0, 0.1] * mV}, measures, dt=1e9 * ms).run(1e9 * ms)  # warnings are errors
    np.testing.assert_array_equal(result.n.values, 1)
    assert np.isinf(result.V.magnitude).all()
