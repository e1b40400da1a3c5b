"""Closed loops: single steps of a runner, and runs that end where a function of the model says so.

V of LIF under R I = 1 mV is 1 - exp(-t / tau), tau = 5 ms. A run of single steps is that of one run, to the bit.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore.models import Exponential, FixedProbability, LIFRef, PoissonInput, Projection
from simcore.module.tree import Tree
from simcore.runners import loop
from simcore.units import Hz, Mohm, mA, ms, mV, pA


def lif(**options):
    return sc.models.LIF(2, V_th=10 * mV, spk_reset="hard", **options)


def network(seed=3, delay=0.7 * ms):
    values = {"R": 100 * Mohm, "tau": 10 * ms, "V_th": 10 * mV, "tau_ref": 1 * ms}
    start, receptors = sc.init.Uniform(0 * mV, 9.9 * mV), {"e": Exponential(tau=2 * ms)}
    cells = LIFRef(20, spk_reset="hard", V_initializer=start, receptors=receptors, **values)
    return sc.Network(
        cells=cells,
        ee=Projection(cells, cells, "e", connect=FixedProbability(0.3), weight=20 * pA, delay=delay),
        noise=PoissonInput(cells, "e", n=50, rate=40 * Hz, weight=30 * pA),
        seed=seed,
    )


# ---------------------------------------------------------------- single steps


MONITORS = {"V": "cells.V", "s": "cells.spike", "e": "cells.spike_events", "n": "cells.spike_count"}


@pytest.mark.parametrize("precision", [pytest.param("float32", marks=pytest.mark.slow), "float64"], indirect=True)
def test_steps_give_what_one_run_gives(precision):
    whole = sc.DSRunner(network(), MONITORS, seed=5, progress_bar=False).run(6 * ms, inputs={"cells": 90 * pA})
    runner = sc.DSRunner(network(), MONITORS, seed=5, progress_bar=False)
    parts = [runner.step({"cells": 90 * pA}) for _ in range(60)]
    assert whole.s.any()
    assert_array_equal(np.concatenate([mon.V.m_as("mV") for mon in parts]), whole.V.m_as("mV"))
    assert_array_equal(np.concatenate([mon.s for mon in parts]), whole.s)
    assert_array_equal(np.concatenate([mon.e.times.m_as("ms") for mon in parts]), whole.e.times.m_as("ms"))
    assert_array_equal(sum(mon.n for mon in parts), whole.n)
    assert_allclose(runner.mon.ts.m_as("ms"), [6.0])
    assert_allclose(runner.run(0.1 * ms, inputs={"cells": 90 * pA}).ts.m_as("ms"), [6.1])


def test_the_input_of_each_step_may_answer_the_one_before():
    runner = sc.DSRunner(lif(), ["V"], progress_bar=False)
    V, x = 0.0, 1.0
    for _ in range(20):
        V = x + (V - x) * np.exp(-0.1 / 5)
        assert_allclose(runner.step(x * mA).V.m_as("mV"), [[V, V]], rtol=1e-12)
        x = 2.0 - V  # mA


def test_functions_of_t_go_on_from_step_to_step_and_waveforms_are_for_runs():
    runner = sc.DSRunner(lif(), {"I": lambda m: sc.environ.get("t") + 0 * m.V.value}, progress_bar=False)
    ramp = sc.inputs.function(lambda t, slope: slope * t, "mA", slope=1 * mA / ms)
    runner.step(ramp)
    V1 = runner.target.V.value.m_as("mV")[0]
    runner.step(ramp)
    assert runner.target.V.value.m_as("mV")[0] > V1  # V1 is 0: I(0) = 0
    with pytest.raises(TypeError, match=r"step\(\) takes the input of one step, a quantity; a waveform is for run"):
        runner.step(sc.inputs.ramp_input(0 * mA, 1 * mA, 1 * ms))
    with pytest.raises(ValueError, match="no population 'cels'; did you mean 'cells'"):
        sc.DSRunner(network(), progress_bar=False).step({"cels": 1 * pA})


CHANGES = {
    "a parameter": lambda net: setattr(net.cells, "tau", 20 * ms),
    "a parameter of a receptor": lambda net: setattr(net.cells.e, "tau", 5 * ms),
    "a weight": lambda net: setattr(net.ee, "weight", 90 * pA),
    "a delay": lambda net: (setattr(net.ee, "delay", 0.3 * ms), net.reset_state()),  # spikes are on their way
    "a state": lambda net: setattr(net.cells.V, "value", 5 * mV),
    "a threshold below V": lambda net: setattr(net.cells, "V_th", 2 * mV),
    "a method": lambda net: setattr(net.cells, "method", "rk4"),
    "a part": lambda net: setattr(net, "more", PoissonInput(net.cells, "e", n=9, rate=90 * Hz, weight=30 * pA)),
    "a refractory period": lambda net: setattr(net.cells, "tau_ref", 3 * ms),
    "all states": lambda net: net.reset_state(),
    "a direct call": lambda net: net.update({"cells": 300 * pA}),
    "states that are loaded": lambda net: net.load_state_dict(net.state_dict() | {"cells.V": np.full(20, 3.0) * mV}),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_is_changed_between_steps_is_seen_as_by_a_runner_that_is_new(what):
    drive = {"cells": 110 * pA}
    nets = [network(), network()]
    runners = [sc.DSRunner(net, {"V": "cells.V"}, progress_bar=False) for net in nets]
    for runner in runners:
        for _ in range(25):
            runner.step(drive)
    before = runners[0].mon.V
    for net in nets:
        CHANGES[what](net)
    runners[1] = sc.DSRunner(nets[1], {"V": "cells.V"}, progress_bar=False)
    runners[1].i = runners[0].i
    V = [np.concatenate([runner.step(drive).V.m_as("mV") for _ in range(25)]) for runner in runners]
    assert_array_equal(*V)
    unchanged = sc.DSRunner(network(), {"V": "cells.V"}, progress_bar=False)
    rest = unchanged.run(5 * ms, inputs=drive).V.m_as("mV")
    assert_array_equal(rest[24], before.m_as("mV")[0])
    assert np.any(V[0] != rest[25:])


def test_other_spikes_of_a_source_and_a_fit_of_the_users_own_are_seen():
    source = sc.models.SpikeSource(2, [0.1, 0.3] * ms, [0, 1])
    runner = sc.DSRunner(source, ["spike"], progress_bar=False)
    assert_array_equal(np.concatenate([runner.step().spike for _ in range(2)]), [[1, 0], [0, 0]])
    source.set_spikes([0.3, 0.4, 0.4] * ms, [0, 0, 1])
    assert_array_equal(np.concatenate([runner.step().spike for _ in range(2)]), [[1, 0], [1, 1]])

    class Fits(sc.models.LIF):
        gains = [1.0]  # in a list that changes in place
        gain = 0.0

        def fit_to(self, dt):
            super().fit_to(dt)
            self.gain = self.gains[0]

        def derivative(self, V, I):
            return self.gain * super().derivative(V, I)

    runner = sc.DSRunner(model := Fits(1), progress_bar=False)
    for _ in range(2):
        runner.step(0.5 * mA)
    before = model.V.value
    assert before.m_as("mV")[0] > 0
    Fits.gains[0] = 0.0
    runner.step(0.5 * mA)
    assert model.V.value == before


def test_what_another_runner_did_is_seen():
    model = lif()
    one, other = (sc.DSRunner(model, ["V"], progress_bar=False) for _ in range(2))
    one.step(1 * mA)
    other.step(1 * mA)
    assert_allclose(one.step(1 * mA).V.m_as("mV")[0], 1 - np.exp(-0.3 / 5), rtol=1e-12)


def test_a_step_takes_no_walk_through_the_model(monkeypatch):
    runner = sc.DSRunner(network(), {"V": "cells.V"}, progress_bar=False)
    for _ in range(2):
        runner.step({"cells": 90 * pA})
    walks = []
    nodes = Tree.nodes
    monkeypatch.setattr(Tree, "nodes", lambda self: walks.append(1) or nodes(self))  # of networks, neurons, receptors
    runner.step({"cells": 90 * pA})  # the class has changed
    walks.clear()
    runner.step({"cells": 95 * pA})
    assert not walks


# ---------------------------------------------------------------- until


def test_a_run_ends_at_the_first_look_at_which_a_function_of_the_model_says_so():
    runner = sc.DSRunner(lif(), ["V"], progress_bar=False)
    looks = []
    mon = runner.run(100 * ms, inputs=1 * mA, every=0.5 * ms,
                     until=lambda m: looks.append(runner.t.m_as("ms")) or m.V.value[0] > 0.5 * mV)  # fmt: skip
    end = np.ceil(5 * np.log(2) / 0.5) * 0.5  # of V = 1 - exp(-t / 5 ms), the first look after V is 0.5 mV
    assert_allclose(looks, np.arange(0.5, end + 0.25, 0.5))
    assert_allclose([runner.t.m_as("ms"), mon.ts.m_as("ms")[-1]], end)
    assert_allclose(mon.V.m_as("mV")[:, 0], 1 - np.exp(-mon.ts.m_as("ms") / 5), rtol=1e-12)
    assert_allclose(runner.run(1 * ms, inputs=1 * mA).ts.m_as("ms")[0], end + 0.1)


def test_a_look_is_each_ms_unless_said_and_counts_from_the_begin_of_the_run():
    runner = sc.DSRunner(lif(), progress_bar=False)
    runner.run(0.3 * ms, inputs=1 * mA)
    looks = []
    runner.run(2.5 * ms, inputs=1 * mA, until=lambda m: looks.append(runner.i))
    assert looks == [13, 23]


@pytest.mark.slow
def test_a_function_that_only_looks_changes_nothing(monkeypatch):
    monkeypatch.setattr(loop, "MAX_CHUNK", 17)
    monitors = {"V": "cells.V", "e": "cells.spike_events", "n": "cells.spike_count"}
    drive = {"cells": 90 * pA}
    plain = sc.DSRunner(network(), monitors, progress_bar=False).run(8 * ms, inputs=drive)
    looked = sc.DSRunner(network(), monitors, progress_bar=False)
    mon = looked.run(8 * ms, inputs=drive, until=lambda m: looked.mon.e.times.size + m.cells.V.value[0].m < -1e9)
    assert_array_equal(mon.V.m_as("mV"), plain.V.m_as("mV"))
    assert_array_equal(mon.e.times.m_as("ms"), plain.e.times.m_as("ms"))
    assert mon.e.times.size > 0


def test_the_recording_so_far_is_there_for_the_decision(tmp_path):
    drive, monitors = {"cells": 120 * pA}, MONITORS
    whole = sc.DSRunner(network(), monitors, progress_bar=False).run(30 * ms, inputs=drive)
    for store in (None, tmp_path / "run"):
        runner = sc.DSRunner(network(), monitors, progress_bar=False, store=store)
        seen = []

        def enough(net, runner=runner, seen=seen):
            seen.append(runner.mon)
            return runner.mon.n.sum() >= 40

        mon = runner.run(30 * ms, inputs=drive, until=enough, every=2 * ms)
        n = len(seen) * 20
        assert 0 < n < 300
        assert_array_equal(mon.V.m_as("mV"), whole.V.m_as("mV")[:n])
        assert_array_equal(mon.e.times.m_as("ms"), whole.e.times.m_as("ms")[whole.e.times.m_as("ms") < n / 10 + 0.05])
        assert len(mon.e) == mon.n.sum() >= 40
        if store is None:
            assert_array_equal(seen[0].V.m_as("mV"), whole.V.m_as("mV")[:20])
            assert_array_equal(seen[0].ts.m_as("ms"), whole.ts.m_as("ms")[:20])


def test_a_function_may_set_parameters_and_states_from_then_on():
    runner = sc.DSRunner(model := lif(), ["V"], progress_bar=False)

    def clamp(m):
        m.V.value = 0.25 * mV
        m.tau = 10 * ms

    V = runner.run(2 * ms, inputs=1 * mA, until=clamp).V.m_as("mV")[:, 0]
    assert_allclose(V[:10], 1 - np.exp(-np.arange(1, 11) * 0.1 / 5), rtol=1e-12)
    assert_allclose(V[10:], 1 - 0.75 * np.exp(-np.arange(1, 11) * 0.1 / 10), rtol=1e-12)
    assert model.V.value[0] == 0.25 * mV


def test_what_a_function_has_set_before_it_fails_was_set_from_outside():
    def fails(m):
        m.V.value = 12 * mV  # above the threshold: fires in the next step
        raise KeyError("of the user's")

    runner = sc.DSRunner(lif(), ["spike"], progress_bar=False)
    with pytest.raises(KeyError, match="of the user's"):
        runner.run(5 * ms, inputs=1 * mA, until=fails)
    assert len(runner.mon.ts) == 10
    V = runner.target.V.value
    assert V.m_as("mV").tolist() == [12, 12]
    spikes = runner.run(0.3 * ms, inputs=1 * mA).spike
    assert spikes[0].all()  # never a reset without a spike
    assert not spikes[1:].any()


def test_the_clock_that_somebody_has_read_stays_as_it_was():
    runner = sc.DSRunner(model := lif(), progress_bar=False)
    runner.step(1 * mA)
    before = model.clock
    runner.step(1 * mA)
    assert (before.i, model.clock.i) == (1, 2)


def test_a_run_goes_on_with_a_model_that_needs_another_program():
    def change(m):
        m.method = "rk4"

    runner = sc.DSRunner(lif(), ["V"], progress_bar=False)
    V = runner.run(3 * ms, inputs=1 * mA, until=change).V.m_as("mV")[:, 0]
    assert runner.target.methods() == ("rk4",)
    assert_allclose(V, 1 - np.exp(-np.arange(1, 31) * 0.1 / 5), rtol=1e-8)  # of rk4, z^5 / 120 a step, z = 0.02
    assert np.any(V[10:] != 1 - np.exp(-np.arange(11, 31) * 0.1 / 5))


def test_what_cannot_be_changed_within_a_run_says_so_and_nothing_is_lost():
    runner = sc.DSRunner(lif(), ["V"], progress_bar=False)
    with pytest.raises(ValueError, match="what is recorded has another shape or unit since the model was changed"):
        runner.run(5 * ms, inputs=1 * mA, until=lambda m: m.init_state(3))
    assert len(runner.mon.ts) == 10 == runner.i
    assert runner.run(1 * ms, inputs=1 * mA).V.shape == (10, 3, 2)


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"every": 1 * ms}, TypeError, "'every' is the time between two calls of 'until'"),
        ({"until": 3}, TypeError, "'until' must be a function of the model, got 3"),
        ({"until": lambda m: False, "every": 0.25 * ms}, ValueError, "'every' 0.25 ms is 2.5 steps of dt = 0.1 ms"),
        ({"until": lambda m: False, "every": 0 * ms}, ValueError, "'every' must be a step of dt at least, got 0 ms"),
        ({"until": lambda m: m.V.value > 0 * mV}, TypeError, "'until' must return True or False, got an array"),
        ({"until": lambda m: [True, False]}, TypeError, "'until' must return True or False, got an array"),
    ],
)
def test_what_until_and_every_are_is_checked(options, error, text):
    with pytest.raises(error, match=text):
        sc.DSRunner(lif(), progress_bar=False).run(2 * ms, inputs=1 * mA, **options)
