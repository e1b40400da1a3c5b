"""unroll: a run as a pure function of parameters, inputs and states; what its derivatives cost."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore.models import LIF, AllToAll, FixedProbability, LeakyIntegrator, LIFRef, Linear, Projection, SpikeSource
from simcore.units import DimensionalityError, Gohm, Hz, mA, ms, mV, nS, pA, uA

TAU, V_TH = 5.0, 1.0  # of LIF: ms, mV; its resistance is 1 ohm, so that mA are mV


def lif(n=1, **options):
    """Return LIF neurons whose reset has no derivative: below threshold theirs are of the closed form."""
    return LIF(n, detach_spk=True, **options)


class Net(sc.Module):
    """Two layers; counts how often a step is traced."""

    traced = 0

    def __init__(self):
        super().__init__()
        self.hidden = LIF(6, tau=10 * ms, spk_fun=sc.surrogate.SigmoidGrad(2.0))
        self.weights = Linear(6, 3, unit="mA", weight=sc.init.KaimingNormal(5 * mA, seed=1))
        self.out = lif(3, tau=10 * ms, spk_fun=sc.surrogate.SigmoidGrad(2.0))

    def update(self, x):
        Net.traced += 1
        return self.out(self.weights(self.hidden(x)))


def recurrent(**options):
    cells = LIFRef(40, R=1 * Gohm, tau=10 * ms, tau_ref=2 * ms, V_th=10 * mV, receptors={
        "e": sc.models.Exponential(tau=4 * ms, reversal=60 * mV)}, **options)  # fmt: skip
    link = Projection(cells, cells, "e", connect=FixedProbability(0.2), weight=0.5 * nS, delay=1.5 * ms, seed=2)
    return sc.Network(cells=cells, link=link)


def differences(f, x, step):
    """Return the slope of f at x (any shape) by central differences, one value after the other."""
    x = np.asarray(x, float)
    slope = np.zeros(x.shape)
    for k in np.ndindex(x.shape):
        shift = np.zeros(x.shape)
        shift[k] = step
        slope[k] = (f(x + shift) - f(x - shift)) / (2 * step)
    return slope


# ------------------------------------------------------------------ one program


def test_another_batch_is_not_compiled_again():
    rng, net = np.random.default_rng(0), Net()
    net.init_state(batch_size=4)
    batches = rng.uniform(0, 8, (3, 50, 4, 6))
    run = sc.unroll(net, inputs=sc.inputs.Waveform(batches[0] * mA, dt=1 * ms), dt=1 * ms)
    slope = jax.jit(jax.value_and_grad(lambda w, x: run({"weights.weight": w}, x)[0].sum()))
    w = net.float_params()["weights.weight"]
    values, traced = [], []
    for x in batches:
        value, grads = slope(w, x)
        assert np.abs(grads).max() > 0
        values.append(float(value))
        traced.append(Net.traced)
        value, _ = run({"weights.weight": w}, x * mA)  # as a quantity, and outside of jit
        assert value.sum() == values[-1]
    assert len(set(values)) == 3
    assert len(set(traced)) == 1
    for x, value in zip(batches, values, strict=True):
        net.reset_state(4)
        mon = sc.DSRunner(net, ["out.spike_count"], dt=1 * ms).run(inputs=sc.inputs.Waveform(x * mA, dt=1 * ms))
        assert mon["out.spike_count"].sum() == value


def test_parameters_are_arguments_of_the_program_and_the_model_stays():
    cell = LIF(1)
    run = sc.unroll(cell, 3 * ms, inputs=0.5 * mA, record="V")
    out, _ = run({"tau": 20.0})
    assert_allclose(out["V"][-1, 0], 0.5 * (1 - np.exp(-3 / 20)))
    assert cell.tau == 5 * ms
    assert cell.V.value[0] == 0 * mV


# ------------------------------------------------------------------ inputs


def test_inputs_are_floats_in_the_unit_of_those_that_unroll_was_given():
    wave = sc.inputs.Waveform([0.2, 0.6, 0.4] * mA, dt=1 * ms)
    run = sc.unroll(lif(), inputs=wave, record="V")

    def last(x):
        return run(None, x)[0]["V"][-1, 0]

    decay = np.exp(-1 / TAU)
    assert_allclose(jax.jit(jax.grad(last))(jnp.zeros(3)), (1 - decay) * decay ** np.array([2, 1, 0]), rtol=1e-6)
    others = [200, 0, 100] * uA
    assert_allclose(last(np.array([0.2, 0, 0.1])), last(others))
    assert_allclose(last(sc.inputs.Waveform(others, dt=1 * ms)), last(others))


def test_the_arguments_of_a_function_of_t_go_by_name():
    drive = sc.inputs.function(lambda t, A, T: A * jnp.exp(-t / T), "mA", A=0.5 * mA, T=3 * ms)
    run = sc.unroll(lif(method="rk4"), 8 * ms, inputs=drive, record="V")

    def last(A, T):
        return run(None, {"A": A, "T": T})[0]["V"][-1, 0]

    def closed(A, T):  # tau V' = -V + A exp(-t / T)
        return A * T / (TAU - T) * (np.exp(-8 / TAU) - np.exp(-8 / T))

    assert_allclose(last(0.7, 2.0), closed(0.7, 2.0), rtol=1e-5)
    slopes = jax.grad(last, (0, 1))(0.7, 2.0)
    assert_allclose(slopes[0], closed(1.0, 2.0), rtol=1e-5)
    assert_allclose(slopes[1], (closed(0.7, 2.001) - closed(0.7, 1.999)) / 0.002, rtol=1e-4)
    assert_allclose(run(None, {"A": 300 * uA})[0]["V"][-1, 0], closed(0.3, 3.0), rtol=1e-5)


def test_inputs_of_several_populations_go_by_path():
    net = sc.Network(a=LIF(1), b=LIF(2))
    run = sc.unroll(net, 1 * ms, inputs={"a": 0.5 * mA, "b": [0.1, 0.2] * mA}, record=["a.V", "b.V"])
    grown = 1 - np.exp(-1 / TAU)
    out, _ = run(None, {"b": np.array([0.3, 0.4])})
    assert_allclose(out["a.V"][-1], [0.5 * grown])
    assert_allclose(out["b.V"][-1], np.array([0.3, 0.4]) * grown)


def test_a_source_takes_other_spikes_in_the_same_program():
    def net(times, indices):
        source, cell = (
            SpikeSource(3, times, indices),
            LIF(1, R=1 * Gohm, receptors={"e": sc.models.Exponential(tau=5 * ms)}),
        )
        link = Projection(source, cell, "e", connect=AllToAll(), weight=[1, 2, 3] * pA, delay=0.5 * ms)
        return sc.Network(source=source, cell=cell, link=link)

    trains = [([1.0, 2.0, 4.0] * ms, [0, 1, 2]), ([3.0, 0.5] * ms, [2, 0]), ([] * ms, [])]
    run = sc.unroll(net(*trains[0]), 10 * ms, record="cell.V")
    for train in trains:
        expected = sc.DSRunner(net(*train), ["cell.V"]).run(10 * ms)["cell.V"].m
        assert_allclose(run(None, {"source": train})[0]["cell.V"], expected, rtol=1e-12)
    slope = jax.grad(lambda w: run({"link.weight": w}, {"source": trains[1]})[0]["cell.V"][-1, 0])(
        jnp.array([1.0, 2, 3])
    )
    assert_array_equal(slope != 0, [True, False, True])  # the second neuron is silent
    with pytest.raises(ValueError, match="20 spikes, and the program was made for 16"):
        run(None, {"source": (np.arange(1, 21) * 0.1 * ms, np.zeros(20, int))})
    with pytest.raises(TypeError, match="times of spikes are for a SpikeSource"):
        run(None, {"cell": trains[0]})
    with pytest.raises(KeyError, match="there is no source 'sauce' for times and neurons; there is source, cell"):
        run(None, {"sauce": trains[0]})


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        (np.zeros(4), ValueError, r"inputs has the shape \(4,\); unroll was given \(3,\)"),
        ([1, 2, 3] * mV, DimensionalityError, "inputs needs a quantity in mA, got"),
        (
            sc.inputs.Waveform([1, 2] * mA, dt=1 * ms),
            ValueError,
            r"have the shape \(2,\); unroll was given \(3,\)",
        ),
        (sc.inputs.Waveform([1, 2, 3] * mV, dt=1 * ms), DimensionalityError, "inputs are in mA, got some in mV"),
        (sc.inputs.function(lambda t: t, "ms"), TypeError, "takes another program"),
        ({"A": 1.0}, KeyError, "there is no 'A'"),
    ],
)
def test_inputs_of_another_kind_are_refused(given, error, text):
    run = sc.unroll(LIF(1), inputs=sc.inputs.Waveform([0.2, 0.6, 0.4] * mA, dt=1 * ms))
    with pytest.raises(error, match=text):
        run(None, given)


def test_a_run_that_was_made_without_inputs_takes_none():
    with pytest.raises(TypeError, match="unroll was given none; give it some"):
        sc.unroll(LIF(1), 1 * ms)(None, 1.0)


# ------------------------------------------------------------------ states


def test_derivatives_by_initial_states_are_those_of_the_closed_form():
    run = sc.unroll(lif(2), 3 * ms, inputs=0.2 * mA, record="V")
    out, end = run(states={"V": 0.5})
    assert_allclose(out["V"][-1], 0.2 + (0.5 - 0.2) * np.exp(-3 / TAU))
    slope = jax.grad(lambda V: run(states={"V": V})[0]["V"][-1].sum())(jnp.array([0.5, 0.1]))
    assert_allclose(slope, np.exp(-3 / TAU), rtol=1e-6)
    assert_allclose(end["V"], out["V"][-1])
    assert end["clock.i"] == 30


def test_a_run_goes_on_from_the_states_of_another():
    drive, net = 14 * pA, recurrent(noise=2 * mV / ms**0.5)
    whole = sc.unroll(net, 30 * ms, inputs={"cells": drive}, record=["cells.V", "cells.spike"])
    part = sc.unroll(net, 10 * ms, inputs={"cells": drive}, record=["cells.V", "cells.spike"])
    expected, _ = whole(key=7)
    states, parts = None, []
    for _ in range(3):
        out, states = part(states=states, key=7)
        parts.append(out)
    assert expected["cells.spike"].sum() > 40
    for name in expected:
        assert_array_equal(np.concatenate([out[name] for out in parts]), expected[name])
    mon = sc.DSRunner(net, ["cells.V"], seed=7).run(30 * ms, inputs={"cells": drive})
    assert_allclose(mon["cells.V"].m, expected["cells.V"], rtol=1e-9)


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"params": {"taw": 1.0}}, KeyError, "LIF has no parameter 'taw'; it has R, tau"),
        ({"params": {"tau": 1 * ms}}, TypeError, "LIF: 'tau' takes bare numbers in ms here, got 1 ms"),
        ({"states": {"W": 1.0}}, KeyError, "LIF has no state 'W'; it has V"),
        ({"states": {"V": 1 * mV}}, TypeError, "LIF: 'V' takes bare numbers in mV here"),
        ({"states": {"V": np.zeros(3)}}, ValueError, r"LIF: the state 'V' has the shape \(3,\); \(2,\) fits"),
    ],
)
def test_what_the_model_has_not_is_refused(arguments, error, text):
    with pytest.raises(error, match=text):
        sc.unroll(LIF(2), 1 * ms, inputs=1 * mA)(**arguments)


# ------------------------------------------------------------------ what is recorded


def test_what_is_measured_is_the_sum_over_the_steps_of_what_is_recorded():
    net = recurrent()
    what = {"V": ("cells.V", [0, 3]), "n": "cells.spike", "square": lambda net: net.cells.V.value**2}
    recorded, _ = sc.unroll(net, 20 * ms, inputs={"cells": 15 * pA}, record=what)()
    measured, _ = sc.unroll(net, 20 * ms, inputs={"cells": 15 * pA}, measure=what)()
    both, _ = sc.unroll(net, 20 * ms, inputs={"cells": 15 * pA}, record="cells.V", measure={"n": "cells.spike"})()
    assert recorded["n"].shape == (200, 40)
    assert recorded["n"].sum() > 20
    for name, rows in recorded.items():
        assert_allclose(measured[name], rows.sum(0), rtol=1e-12)
    assert_array_equal(both["n"], measured["n"])
    assert_array_equal(both["cells.V"][:, [0, 3]], recorded["V"])


def test_states_are_recorded_in_their_declared_units():
    class Rate(sc.bases.Dynamics):
        r = sc.State("Hz", "rate", init=20 * Hz)

        def derivative(self, r):
            return -r / sc.units.quantity(5.0, "ms")

        def update(self):
            self.r.value = self.integrate(self.derivative, self.r.value)

    out, end = sc.unroll(Rate(1), 1 * ms, record="r")()
    assert_allclose(out["r"][-1], 20 * np.exp(-1 / 5))
    assert_allclose(end["r"], 20 * np.exp(-1 / 5))


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        (
            {"record": ["spike_events"]},
            TypeError,
            "'record' takes names.*'spike_events' is for the monitors",
        ),
        ({"measure": {"n": sc.measure.spike_count}}, TypeError, "'n' is for the monitors"),
        ({"record": "W"}, ValueError, "LIF has no 'W'"),
        ({"record": "V", "measure": ["V"]}, ValueError, "'V' is recorded and measured"),
        ({"truncate": 0 * ms}, ValueError, "'truncate' must be a step of dt at least"),
    ],
)
def test_what_cannot_be_recorded_is_refused(options, error, text):
    with pytest.raises(error, match=text):
        sc.unroll(LIF(1), 1 * ms, inputs=1 * mA, **options)


# ------------------------------------------------------------------ checkpoints, truncation, noise


@pytest.mark.parametrize("steps", [1, 2, 10, 137])  # squares, and with a rest
def test_checkpoints_change_no_value(steps):
    net, arguments = recurrent(), {"inputs": {"cells": 15 * pA}, "record": "cells.V", "measure": {"n": "cells.spike"}}
    stored = sc.unroll(net, steps * 0.1 * ms, **arguments)
    again = sc.unroll(net, steps * 0.1 * ms, checkpoint=True, **arguments)
    assert_array_equal(again()[0]["cells.V"], stored()[0]["cells.V"])

    def slope(run):
        return jax.jit(jax.grad(lambda w: (run({"link.weight": w})[0]["n"] ** 2).sum()))(0.5)

    assert_allclose(slope(again), slope(stored), rtol=1e-9)


def test_checkpoints_take_the_memory_of_two_roots_of_the_steps():
    steps, n = 10_000, 100
    cell = LIF(n, spk_fun=sc.surrogate.SigmoidGrad(2.0))

    def memory(**options):
        run = sc.unroll(cell, steps * 0.1 * ms, inputs=1.5 * mA, measure={"n": "spike"}, **options)
        compiled = jax.jit(jax.grad(lambda p: run(p)[0]["n"].sum())).lower({"tau": jnp.asarray(5.0)}).compile()
        return compiled.memory_analysis().temp_size_in_bytes

    stored, again = memory(), memory(checkpoint=True)
    assert stored > steps * n * 8  # a state for each step at least
    # A row of what the step keeps for its derivatives in each of 100 segments, and in each step of one.
    assert again < 3 * stored * 2 / np.sqrt(steps)


def test_truncated_derivatives_are_those_of_segments_whose_beginning_is_fixed():
    cell, drive = lif(), 1.3 * mA
    weights = np.random.default_rng(0).normal(size=100)
    cut = sc.unroll(cell, 10 * ms, inputs=drive, record="V", truncate=4 * ms)
    slope = jax.grad(lambda p: weights @ cut(p)[0]["V"][:, 0])({"tau": 5.0})["tau"]
    total, states, begin = 0.0, None, 0
    for n in (40, 40, 20):
        run = sc.unroll(cell, n * 0.1 * ms, inputs=drive, record="V")

        def part(p, run=run, states=states, w=weights[begin : begin + n]):
            return w @ run(p, states=states)[0]["V"][:, 0]

        total += jax.grad(part)({"tau": 5.0})["tau"]
        _, states = run(states=states)
        begin += n
    assert_allclose(slope, total, rtol=1e-9)
    whole = sc.unroll(cell, 10 * ms, inputs=drive, record="V")
    assert abs(jax.grad(lambda p: weights @ whole(p)[0]["V"][:, 0])({"tau": 5.0})["tau"] - slope) > 1e-3
    first = jax.grad(lambda V: cut(states={"V": V})[0]["V"][3, 0])(0.0)
    assert_allclose(first, np.exp(-0.4 / TAU))


def test_the_key_is_an_argument_a_number_or_one_of_jax():
    cell = LIF(1, noise=0.2 * mV / ms**0.5)
    run = sc.unroll(cell, 5 * ms, inputs=0.5 * mA, record="V")
    several = jax.jit(jax.vmap(lambda key: run(key=key)[0]["V"][:, 0]))
    by_number = several(jnp.arange(3))
    for seed in range(3):
        mon = sc.DSRunner(cell, ["V"], seed=seed).run(5 * ms, inputs=0.5 * mA)
        assert_allclose(by_number[seed], mon.V.m[:, 0], rtol=1e-9)
        cell.reset_state()
    keys = several(jax.random.split(jax.random.key(0), 3))
    assert len(np.unique(np.concatenate([keys, by_number])[:, -1])) == 6


# ------------------------------------------------------------------ derivatives of all three


def test_derivatives_by_weights_inputs_and_states_are_those_of_differences():
    class Smooth(sc.Module):
        """A readout of its inputs: without spikes the derivatives are exact."""

        def __init__(self):
            super().__init__()
            self.weights, self.out = Linear(6, 3, unit="mA", weight=np.ones((6, 3)) * mA), LeakyIntegrator(3)

        def update(self, x):
            return self.out(self.weights(x))

    number = sc.units.unit("dimensionless")
    run = sc.unroll(
        Smooth(), inputs=sc.inputs.Waveform(np.zeros((8, 6)) * number, dt=0.5 * ms), dt=0.5 * ms, record="out.V"
    )
    rng = np.random.default_rng(1)
    given = (rng.normal(size=(6, 3)), rng.uniform(0, 0.5, (8, 6)), rng.uniform(0, 0.3, 3))

    def value(weight, x, V):
        return (run({"weights.weight": weight}, x, {"out.V": V})[0]["out.V"] ** 2).sum()

    compiled = jax.jit(value)
    for k, slope in enumerate(jax.jit(jax.grad(value, (0, 1, 2)))(*given)):
        by_differences = differences(lambda x, k=k: float(compiled(*given[:k], x, *given[k + 1 :])), given[k], 1e-4)
        assert np.abs(by_differences).min() > 1e-6
        assert_allclose(slope, by_differences, rtol=1e-6)  # the value is of order 2 in each: no curvature is left out
