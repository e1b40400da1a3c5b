"""Initial states along axes: those of each point's own run, made at once; what parts do not allow is refused before."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import HiddenState, measure
from simcore.models import LIF, LIFRef
from simcore.units import mA, ms, mV, nS, pA

RESTS = np.linspace(-2, 0.5, 40) * mV


def V_of(model, over, path="V", **options):
    """Return V after a step of each point."""
    sweep = sc.Sweep(model, over, {"V": measure.final(path)}, progress_bar=False, **options)
    return sweep.run(0.1 * ms).V.m_as("mV")


class Counting(LIF):
    """A neuron whose states are made by hand; it counts how often."""

    calls = []

    def init_state(self, batch_size=None):
        super().init_state(batch_size)
        Counting.calls.append(batch_size)
        self.w = HiddenState(2 * self.V_rest + np.zeros((*([batch_size] if batch_size else []), 3)) * mV)

    def update(self, x):
        self.w.value = self.w.value + 0 * x
        return super().update(x)


def test_states_that_depend_on_an_axis_are_made_at_once():
    Counting.calls.clear()
    V = V_of(Counting(3), {"V_rest": RESTS}, "w", inputs=0 * mA)
    assert_allclose(V, np.repeat(2 * RESTS.m[:, None], 3, 1), rtol=1e-12)
    assert len(Counting.calls) < 8


class OneByOne(LIF):
    """A neuron that takes one value alone."""

    def init_state(self, batch_size=None):
        super().init_state(batch_size)
        self.w = HiddenState(float(self.V_rest.m_as("mV")) ** 2 * mV + np.zeros(3) * mV)

    def update(self, x):
        self.w.value = self.w.value + 0 * x
        return super().update(x)


class Sorted(LIF):
    """A neuron whose states are not those of a row each where there are several."""

    def init_state(self, batch_size=None):
        super().init_state(batch_size)
        V = self.V.value.m_as("mV")
        self.V.value = np.sort(V, 0) * mV if batch_size else V * mV


@pytest.mark.parametrize(("cls", "path"), [(OneByOne, "w"), (Sorted, "V")])
def test_a_model_that_makes_one_at_a_time_has_the_states_of_its_own_runs(cls, path):
    rests = RESTS[::-1]
    V = V_of(cls(3), {"V_rest": rests}, path, inputs=0 * mA)
    runs = [
        sc.DSRunner(cls(3, V_rest=V_rest), [path]).run(0.1 * ms, inputs=0 * mA)[path].m_as("mV")[-1] for V_rest in rests
    ]
    assert_allclose(V, runs, rtol=1e-12)


def test_drawn_states_are_the_same_at_all_points(precision):
    def model(**options):
        return LIF(5, V_initializer=sc.init.Uniform(-1 * mV, 0.1 * mV), **options)

    thresholds = np.linspace(0.5, 2, 20) * mV
    V = V_of(model(), {"V_th": thresholds}, inputs=0 * mA)
    alone = sc.DSRunner(model(), ["V"]).run(0.1 * ms, inputs=0 * mA).V.m_as("mV")[-1]
    assert_array_equal(V, np.broadcast_to(alone, (20, 5)))


@pytest.mark.parametrize("precision", ["float32", pytest.param("float64", marks=pytest.mark.slow)], indirect=True)
def test_networks_with_delays_and_plastic_synapses_start_as_each_of_their_own(precision):
    def network(V_rest=0 * mV):
        E = LIFRef(6, V_rest=V_rest, receptors={"x": sc.models.Exponential(reversal=10 * mV)}, R=100 * sc.units.Mohm)
        rule = sc.models.STDP(w_max=1 * nS)
        E2E = sc.models.Projection(
            E, E, "x", connect=sc.models.AllToAll(), weight=0.1 * nS, delay=0.3 * ms, plasticity=rule
        )
        return sc.Network(E=E, E2E=E2E)

    rests = np.linspace(-1, 0.5, 10) * mV
    V = V_of(network(), {"E.V_rest": rests}, "E.V")
    for k in (0, 4, 9):
        mon = sc.DSRunner(network(rests[k]), ["E.V"]).run(0.1 * ms)
        assert_allclose(V[k], mon["E.V"].m_as("mV")[-1], rtol=1e-5 if precision == "float32" else 1e-12)


def test_a_start_that_is_not_allowed_names_its_point_before_anything_runs():
    text = r"Sweep, at V_rest = 1.2.* mV: LIF: the initial V of neuron 0 is 1.2"
    with pytest.raises(ValueError, match=text):
        V_of(LIF(2), {"V_rest": np.linspace(0, 1.2, 50) * mV}, inputs=0 * mA)


# ------------------------------------------------------------------ constraints of parts


def short_term(**over):
    E = LIFRef(3, receptors={"x": sc.models.Exponential(tau=5 * ms)}, R=100 * sc.units.Mohm)
    rule = sc.models.TsodyksMarkram(U=0.5)
    E2E = sc.models.Projection(E, E, "x", connect=sc.models.AllToAll(), weight=1 * pA, short_term=rule)
    return sc.Sweep(sc.Network(E=E, E2E=E2E), over, {"n": measure.spike_count("E")}, progress_bar=False)


def test_what_a_part_refuses_is_refused_along_an_axis():
    with pytest.raises(
        ValueError, match=r"Sweep, at E2E.short_term.U = 1.5: .*TsodyksMarkram.*: 'U' must be <= 1, got 1.5"
    ):
        short_term(**{"E2E.short_term.U": [0.2, 0.9, 1.5]})
    short_term(**{"E2E.short_term.U": [0.2, 0.9, 1.0]})


class Ordered(LIF):
    """A neuron of which two parameters go together, which it tests one value at a time."""

    low, high = sc.Param(1.0, "mV"), sc.Param(2.0, "mV")

    def check_params(self):
        super().check_params()
        if self.low > self.high:
            raise ValueError("Ordered: 'low' must be at most 'high'.")


def test_what_two_parameters_must_be_together_is_checked_at_every_point():
    over = {"low": np.array([1.0, 3.0]) * mV, "high": np.array([2.0, 4.0, 2.5]) * mV}
    with pytest.raises(
        ValueError, match=r"Sweep, at low = 3.0 mV, high = 2.0 mV: Ordered: 'low' must be at most 'high'"
    ):
        sc.Sweep(Ordered(1), over, {"n": measure.spike_count})
    sc.Sweep(Ordered(1), {"low": [1, 1.5] * mV, "high": [2.0, 4.0] * mV}, {"n": measure.spike_count})
    model = Ordered(1)
    sc.Sweep(model, {"low": [0.5, 1.5] * mV}, {"n": measure.spike_count})
    assert model.low == 1 * mV


def plastic(over):
    E = LIFRef(3, receptors={"x": sc.models.Exponential(reversal=10 * mV)}, R=100 * sc.units.Mohm)
    rule = sc.models.STDP(w_max=1 * nS)
    E2E = sc.models.Projection(E, E, "x", connect=sc.models.AllToAll(), weight=0.5 * nS, plasticity=rule)
    net = sc.Network(E=E, E2E=E2E)
    return sc.Sweep(net, over, {"w": measure.final("E2E.weight", over="neurons")}, progress_bar=False).run(0.1 * ms)


def test_weights_of_plastic_synapses_are_kept_below_w_max_along_an_axis():
    with pytest.raises(
        ValueError, match=r"Sweep, at E2E.plasticity.w_max = 0.4 nS: .*'weight' must be from 0 to 0.4 nS"
    ):
        plastic({"E2E.plasticity.w_max": [0.8, 0.4] * nS})
    with pytest.raises(ValueError, match=r"Sweep, at E2E.weight = 1.5 nS: .*'weight' must be from 0 to 1 nS"):
        plastic({"E2E.weight": [0.5, 1.5] * nS})
    result = plastic({"E2E.weight": [0.5, 1.5] * nS, "E2E.plasticity.w_max": [2.0, 3.0] * nS})
    assert_allclose(result.w.m_as("nS"), [[0.5, 0.5], [1.5, 1.5]])
