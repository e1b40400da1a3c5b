"""DSRunner: time, monitors, inputs, several runs, failures."""

import os
import re
import signal
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DimensionalityError, DSRunner
from simcore.inputs import Waveform, constant_input, function, ramp_input
from simcore.models import GIF, LIF, Lif, Linear
from simcore.runners import loop
from simcore.runners.record.recorders import Counts
from simcore.units import Hz, mA, ms, mV


@pytest.fixture
def short_chunks(monkeypatch):
    monkeypatch.setattr(loop, "MAX_CHUNK", 37)


# -------------------------------------------------------------------- time


def test_the_value_recorded_from_step_i_belongs_to_the_end_of_the_step():
    mon = DSRunner(LIF(1), monitors=["V"], t0=2 * ms).run(0.3 * ms, inputs=0.5 * mA)
    assert_allclose(mon.ts.m_as("ms"), [2.1, 2.2, 2.3])
    assert_allclose(mon.V.m_as("mV")[:, 0], 0.5 * (1 - np.exp(-np.array([0.1, 0.2, 0.3]) / 5)))


@pytest.mark.parametrize("duration", [0.3, 0.7, 1.1, 2.3, 100.1])
def test_no_step_is_lost_to_rounding(duration):
    assert len(DSRunner(LIF(1)).run(duration * ms).ts) == round(duration / 0.1)


def test_a_duration_off_the_grid_names_the_nearest():
    with pytest.raises(ValueError, match=r"10.03 ms is 100.3 steps of dt = 0.1 ms; the nearest are 10 ms and 10.1 ms"):
        DSRunner(LIF(1)).run(10.03 * ms)
    with pytest.raises(DimensionalityError, match="duration needs a quantity in ms"):
        DSRunner(LIF(1)).run(10)
    with pytest.raises(ValueError, match="a run needs a duration"):
        DSRunner(LIF(1)).run(inputs=1 * mA)


@pytest.mark.parametrize("dt", [0 * ms, -1 * ms])
def test_a_time_step_is_positive(dt):
    with pytest.raises(ValueError, match="'dt' must be > 0"):
        DSRunner(LIF(1), dt=dt)


def test_dt_is_the_runners_else_the_environments_and_never_a_waveforms():
    wave = ramp_input(0 * mA, 1 * mA, 10 * ms, dt=0.5 * ms)
    assert len(DSRunner(LIF(1)).run(inputs=wave).ts) == 100
    assert len(DSRunner(LIF(1), dt=0.25 * ms).run(inputs=wave).ts) == 40
    with sc.environ.context(dt=0.5 * ms):
        assert len(DSRunner(LIF(1)).run(inputs=wave).ts) == 20
    of_two = sc.Network(a=LIF(1), b=LIF(1))
    assert len(DSRunner(of_two).run(inputs={"a": wave, "b": ramp_input(0 * mA, 1 * mA, 10 * ms)}).ts) == 100
    assert sc.unroll(LIF(1), inputs=wave)()[0].shape == (100, 1)
    with pytest.raises(ValueError, match=r"the waveform has dt = 0.5 ms, which is no multiple of the run's 0.2 ms"):
        DSRunner(LIF(1), dt=0.2 * ms).run(inputs=wave)


def test_a_coarse_waveform_is_held_from_the_begin_of_each_run():
    wave, runner = Waveform([0.2, 0.6, 0.4] * mA, dt=1 * ms), DSRunner(LIF(1, method="euler", tau=0.2 * ms), ["V"])
    runner.run(0.3 * ms, inputs=0 * mA)
    V = runner.run(inputs=wave).V.m_as("mV")[:, 0]
    I = 2 * V - np.concatenate([[0], V[:-1]])  # V' = (I - V) / tau by Euler's method with dt = tau / 2
    assert_allclose(I, np.repeat([0.2, 0.6, 0.4], 10), rtol=1e-12)


def test_a_time_constant_that_dt_cannot_resolve_is_told_once_at_the_users_line():
    cells = LIF(2, tau=[5.0, 0.15] * ms, receptors={"exc": sc.models.Exponential(tau=0.2 * ms)})
    runner = DSRunner(cells, progress_bar=False)
    with pytest.warns(UserWarning, match="two steps of dt = 0.1 ms") as told:
        runner.run(1 * ms, inputs=0 * mA)
    assert [str(w.message) for w in told] == [
        "LIF: 'tau' = 0.15 ms is less than two steps of dt = 0.1 ms; choose a smaller dt."
    ]
    assert told[0].filename == __file__
    runner.run(1 * ms, inputs=0 * mA)  # warnings are errors


@pytest.mark.parametrize("call", [lambda cells: cells.update(0 * mA), lambda cells: sc.unroll(cells, 1.1 * ms)])
def test_direct_calls_and_gradients_tell_it_too_of_parts_by_their_names(call):
    cells = LIF(2, receptors={"exc": sc.models.Exponential(tau=0.2 * ms)})
    text = r"^exc \(Exponential\): 'tau' = 0.2 ms is less than two steps of dt = 0.11 ms; choose a smaller dt.$"
    with sc.environ.context(dt=0.11 * ms), pytest.warns(UserWarning, match=text) as told:
        call(cells)
    assert [w.filename for w in told] == [__file__]


def test_the_dt_of_a_run_does_not_leak():
    DSRunner(LIF(1), dt=0.05 * ms).run(1 * ms)
    assert sc.environ.get("dt") == 0.1 * ms
    assert len(ramp_input(0 * mA, 1 * mA, 10 * ms)) == 100


def test_a_second_run_continues(short_chunks):
    whole, parts = DSRunner(Lif(2), monitors=["V"]), DSRunner(Lif(2), monitors=["V"])
    expected = whole.run(20 * ms, inputs=30 * mA)
    first = parts.run(7.7 * ms, inputs=30 * mA)
    second = parts.run(12.3 * ms, inputs=30 * mA)
    assert parts.mon is second
    assert_array_equal(np.concatenate([first.V.magnitude, second.V.magnitude]), expected.V.magnitude)
    assert_array_equal(np.concatenate([first.ts.magnitude, second.ts.magnitude]), expected.ts.magnitude)
    assert parts.t == 20 * ms


def test_reset_state_goes_back_to_the_start():
    runner = DSRunner(Lif(2), monitors=["V"])
    first = runner.run(20 * ms, inputs=30 * mA)
    runner.reset_state()
    assert_array_equal(runner.run(20 * ms, inputs=30 * mA).V.magnitude, first.V.magnitude)


def test_a_run_beyond_the_counter_is_refused():
    runner = DSRunner(LIF(1))
    runner.i = 2**31 - 50
    with pytest.raises(ValueError, match="a runner counts up to 2"):
        runner.run(10 * ms)


@pytest.mark.slow
def test_chunks_do_not_show(monkeypatch):
    def run():
        lif = LIF(3, noise="0.1 mV/ms**0.5")
        return DSRunner(lif, monitors=["V", "spike_events", "spike_count"], seed=3).run(20 * ms, inputs=2 * mA)

    whole = run()
    for chunk in (1, 16, 37, 200, 1000):
        monkeypatch.setattr(loop, "MAX_CHUNK", chunk)
        parts = run()
        assert_array_equal(parts.V.magnitude, whole.V.magnitude)
        assert_array_equal(parts.spike_events.times.magnitude, whole.spike_events.times.magnitude)
        assert_array_equal(parts.spike_events.indices, whole.spike_events.indices)
        assert_array_equal(parts.spike_count, whole.spike_count)


# -------------------------------------------------------------------- monitors


class Net(sc.Module):
    """Two populations named by dotted paths."""

    def __init__(self):
        super().__init__()
        self.E, self.I = LIF(4), LIF((2, 3), V_th=0.7 * mV)

    def update(self, x):
        return self.E.update(x), self.I.update(x)


def test_monitors_are_items_and_attributes_with_units():
    mon = DSRunner(Lif(2), monitors=["V", "spike"]).run(1 * ms, inputs=1 * mA)
    assert mon.V is mon["V"]
    assert mon.V.units == mV
    assert isinstance(mon.V.magnitude, np.ndarray)
    assert mon.spike.dtype == bool
    assert set(mon) == {"ts", "V", "spike"}
    with pytest.raises(AttributeError, match="nothing was recorded as 'W'"):
        mon.W  # noqa: B018


def test_all_kinds_of_monitors(short_chunks):
    monitors = {
        "all": "E.V", "some": ("E.V", [0, -1]), "one": ("E.V", 2), "grid": "I.V", "spikes": "E.spike",
        "few": ("E.spike", [3]), "events": "I.spike_events", "few_events": ("E.spike_events", [1, 3]),
        "count": "I.spike_count", "drive": lambda m: m.E.R * 2.0 + m.E.V.value / 1.0 * 0.0 * m.E.R / m.E.V_th,
    }  # fmt: skip
    runner = DSRunner(Net(), monitors=monitors)
    mon = runner.run(20 * ms, inputs=2 * mA)
    V = mon["all"].magnitude
    assert V.shape == (200, 4)
    assert_array_equal(mon.some.magnitude, V[:, [0, -1]])
    assert_array_equal(mon.one.magnitude, V[:, [2]])
    assert mon.grid.shape == (200, 2, 3)
    assert_array_equal(mon.few, mon.spikes[:, [3]])
    dense = mon.grid.m_as("mV") >= 0.7
    assert_array_equal(mon.count, dense.sum(0))
    steps, *where = np.nonzero(dense)
    assert_allclose(mon.events.times.m_as("ms"), (steps + 1) * 0.1)
    assert_array_equal(mon.events.indices, np.stack(where, -1))
    steps, which = np.nonzero(mon.spikes[:, [1, 3]])
    assert_array_equal(mon.few_events.indices, np.array([1, 3])[which])
    assert mon.drive.check("[resistance]")


@pytest.mark.parametrize("n", [31, 32, 33, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 100))])
def test_events_are_the_dense_spikes_for_any_size(n, short_chunks):
    lif = LIF(n, V_initializer=sc.init.Uniform(-1 * mV, 1 * mV, seed=1), spk_reset="hard")
    mon = DSRunner(lif, monitors=["spike", "spike_events"]).run(20 * ms, inputs=2 * mA)
    steps, neurons = np.nonzero(mon.spike)
    assert len(steps) > n
    assert_allclose(mon.spike_events.times.m_as("ms"), (steps + 1) * 0.1)
    assert_array_equal(mon.spike_events.indices, neurons)


@pytest.mark.parametrize("chosen", [slice(1, 3), np.array([False, True, True]), [-2, -1], range(1, 3)])
def test_neurons_are_chosen_as_numpy_does(chosen):
    lif = LIF(3, tau=np.array([5.0, 6.0, 7.0]) * ms)
    mon = DSRunner(lif, {"V": "V", "some": ("V", chosen), "e": ("spike_events", chosen)}).run(20 * ms, inputs=5 * mA)
    assert_array_equal(mon.some.magnitude, mon.V.magnitude[:, 1:])
    assert set(mon.e.indices) == {1, 2}


def test_events_of_a_neuron_with_a_scalar_state():
    class Mine(LIF):
        def init_state(self, batch_size=None):
            self.count = sc.ShortTermState(0.0)
            super().init_state(batch_size)

    mon = DSRunner(Mine(3), monitors=["spike_events"]).run(20 * ms, inputs=3 * mA)
    assert set(mon.spike_events.indices) == {0, 1, 2}


def test_a_cached_program_keeps_no_waveform():
    import gc
    import weakref

    wave = constant_input(0.123 * mA, 5 * ms)
    seen = weakref.ref(wave)
    DSRunner(LIF(1)).run(inputs=wave)
    del wave
    gc.collect()
    assert seen() is None


def test_no_spike_is_no_event():
    events = DSRunner(LIF(3), monitors=["spike_events"]).run(5 * ms).spike_events
    assert events.times.shape == events.indices.shape == (0,)
    assert events.times.check("[time]")


def test_a_batch_has_its_axis_after_the_time():
    lif = LIF(3)
    lif.init_state(batch_size=2)
    drive = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]) * mA
    mon = DSRunner(lif, monitors=["V", "spike_events", "spike_count"]).run(20 * ms, inputs=drive)
    assert mon.V.shape == (200, 2, 3)
    assert mon.spike_events.indices.shape[1] == 2  # batch, neuron
    counts = np.zeros((2, 3), int)
    np.add.at(counts, tuple(mon.spike_events.indices.T), 1)
    assert_array_equal(counts, mon.spike_count)
    single = DSRunner(LIF(3), monitors=["V"]).run(20 * ms, inputs=drive[1])
    assert_array_equal(single.V.magnitude, mon.V.magnitude[:, 1])


@pytest.mark.parametrize(
    ("monitors", "error", "text"),
    [
        (["v"], ValueError, "LIF has no 'v'; did you mean 'V'? It has V, spike, spike_events, spike_count."),
        (["tau"], ValueError, "'tau' is a parameter"),
        ("V", TypeError, "must be a list of names, got the text 'V'"),
        ([("V", [0, 5])], ValueError, "'V' has 3 neurons; [0, 5] does not fit"),
        ([("spike", [5])], ValueError, "'spike' has 3 neurons; [5] does not fit"),
        ({"f": (lambda m: m.V.value, [0])}, TypeError, "a function takes a name and no indices"),
        ([lambda m: m.V.value], TypeError, "a function takes a name"),
        ([3], TypeError, "3 is neither a name"),
        (["V", "V"], ValueError, "the name 'V' is taken"),
        ({"ts": "V"}, ValueError, "the name 'ts' is taken"),
    ],
)
def test_a_wrong_monitor_is_refused_at_once(monitors, error, text):
    with pytest.raises(error) as caught:
        DSRunner(LIF(3), monitors=monitors)
    assert text in str(caught.value)


def test_recordings_that_cannot_fit_are_refused_with_the_cure():
    runner = DSRunner(LIF(1_000_000), monitors=["V"])
    with pytest.raises(MemoryError, match=r"GiB are free .*; 'V' takes most: record some of the neurons, \('V', \[0"):
        runner.run(1e6 * ms)


def test_an_estimate_tells_memory_and_time_and_changes_nothing():
    lif = LIF(100, noise="0.1 mV/ms**0.5")
    runner = DSRunner(lif, monitors=["V", sc.Record("spike", [0])])
    estimate = runner.estimate(1e6 * ms, inputs=2 * mA)
    assert estimate.bytes == 10**7 * (8 * 100 + 1)
    assert estimate.seconds > 0
    takes = r"about .* (ms|min|h|days); the monitors take 7.46 GiB, spike events at their pace included"
    assert re.fullmatch(takes, str(estimate))
    assert runner.i == 0
    assert_array_equal(lif.V.value.magnitude, 0.0)
    after = DSRunner(lif, monitors=["V", sc.Record("spike", [0])]).run(1 * ms, inputs=2 * mA)  # the program it compiled
    assert_allclose(after.V.m_as("mV")[-1].mean(), 2 * (1 - np.exp(-1 / 5)), rtol=0.1)


@pytest.mark.parametrize("seed", [-1, 1.5, None, 2**32])
def test_a_seed_is_a_number_of_32_bits(seed):
    with pytest.raises(ValueError, match="'seed' must be an int from 0"):
        DSRunner(LIF(1), seed=seed)


def test_the_target_must_be_a_module():
    with pytest.raises(TypeError, match="needs a simcore Module"):
        DSRunner(lambda x: x)


# -------------------------------------------------------------------- inputs


def test_constants_waveforms_and_functions_agree():
    t = np.arange(200) * 0.1

    def V(inputs):
        return DSRunner(LIF(2), monitors=["V"]).run(20 * ms, inputs=inputs).V.magnitude

    assert_array_equal(V(0.5 * mA), V(constant_input(0.5 * mA, 20 * ms)))
    assert_array_equal(V("0.5 mA"), V(np.array([0.5, 0.5]) * mA))
    middle = t + 0.05  # where the exact method takes a function of t
    sampled = Waveform((0.5 + 0.3 * np.sin(2 * np.pi * 0.1 * middle)) * mA, dt=0.1 * ms)

    def sine(t, A, B, freq):
        return B + A * jnp.sin(2 * jnp.pi * freq * t)

    assert_allclose(V(function(sine, "mA", A=0.3 * mA, B=0.5 * mA, freq=100 * Hz)), V(sampled), rtol=1e-12)
    held = constant_input(0.5 * mA, 20 * ms, dt=5 * ms)
    runner = DSRunner(LIF(2), monitors=["V"], dt=0.1 * ms)
    assert_array_equal(runner.run(inputs=held).V.magnitude, V(0.5 * mA))


def test_an_input_may_differ_from_neuron_to_neuron_and_in_time(short_chunks):
    samples = np.random.default_rng(0).normal(size=(100, 3))
    together = DSRunner(LIF(3), monitors=["V"]).run(inputs=Waveform(samples * mA)).V.magnitude
    for k in range(3):
        alone = DSRunner(LIF(1), monitors=["V"]).run(inputs=Waveform(samples[:, k] * mA)).V.magnitude
        assert_allclose(together[:, [k]], alone, rtol=1e-12)


@pytest.mark.filterwarnings("ignore:.*less than two steps of dt")
def test_a_waveform_begins_with_each_run_and_must_last():
    wave = ramp_input(0 * mA, 0.9 * mA, 10 * ms)
    runner = DSRunner(LIF(1, tau=0.001 * ms), monitors=["V"])  # V follows the input
    first, second = runner.run(inputs=wave), runner.run(5 * ms, inputs=wave)
    assert_allclose(second.V.magnitude, first.V.magnitude[:50], atol=1e-9)
    with pytest.raises(ValueError, match="longer than the input, which lasts 10 ms"):
        runner.run(11 * ms, inputs=wave)


@pytest.mark.filterwarnings("ignore:.*less than two steps of dt")
def test_a_function_of_t_sees_absolute_time():
    runner = DSRunner(LIF(1, tau="1 us", V_th="1e6 mV"), monitors=["V"], t0=100 * ms)
    drive = function(lambda t, slope: slope * t, "mA", slope="1 mA/ms")
    assert_allclose(runner.run(0.2 * ms, inputs=drive).V.m_as("mV")[:, 0], [100.05, 100.15])  # the middle of the step
    assert_allclose(runner.run(0.1 * ms, inputs=drive).V.m_as("mV")[:, 0], [100.25])


@pytest.mark.parametrize(
    ("inputs", "error", "text"),
    [
        (1.5, DimensionalityError, "inputs needs a quantity or a waveform, got the bare number 1.5"),
        (np.ones(3), DimensionalityError, "inputs needs a quantity or a waveform"),
        (2 * mV, DimensionalityError, "with one in mA (a current) the equations would fit"),
        (np.ones(7) * mA, ValueError, "an input of the shape (7,) does not fit the population's (3,)"),
        ({"E": 1 * mA}, TypeError, "LIF has no input 'E'; its update() takes x"),
        (
            function(lambda t: t, "mA"),
            DimensionalityError,
            ", in <lambda>; declared in mA) needs pA, got ms",
        ),
        (function(lambda t, f: jnp.sin(f), "mA", f=3 * Hz), DimensionalityError, "sin() needs a pure number"),
    ],
)
def test_a_wrong_input_is_refused_before_the_run(inputs, error, text):
    runner = DSRunner(LIF(3), monitors=["V"])
    with pytest.raises(error) as caught:
        runner.run(1 * ms, inputs=inputs)
    assert text in str(caught.value)
    assert runner.i == 0


def test_a_layer_runs_on_pure_numbers():
    layer = Linear(3, 2, unit="mA", weight=np.ones((3, 2)) * mA, bias=np.array([1.0, 2.0]) * mA)
    ones = np.ones(3) * sc.units.dimensionless
    assert_allclose(sc.unroll(layer, 1 * ms, inputs=ones)()[0], [[4e9, 5e9]] * 10)  # pA, the kernel's unit
    assert len(DSRunner(layer).run(1 * ms, inputs=ones).ts) == 10


# -------------------------------------------------------------------- failures


class Explodes(LIF):
    """V' = V^2 / (tau mV): infinite after a finite time, NaN after that."""

    def derivative(self, V, I):
        return V * V / (self.tau * self.V_th) + self.R * I / self.tau

    def get_spike(self, V=None):
        return 0.0 * self.V.value / self.V_th


def exploding():
    return Explodes(3, method="euler", V_initializer=sc.init.Constant(np.array([0.0, 0.5, 0.0]) * mV))


def failing_step(bound):
    """Return the step of Euler's method after which V of neuron 1 reaches the bound, and V there."""
    V, steps = 0.5, 0
    while bound > V:
        with np.errstate(over="ignore"):
            V, steps = V + 0.1 * V * V / 5, steps + 1
    return steps - 1, V


@pytest.mark.parametrize("chunk", [16, 1000])
def test_a_voltage_that_runs_away_is_reported_with_neuron_and_time(monkeypatch, chunk):
    monkeypatch.setattr(loop, "MAX_CHUNK", chunk)
    step, V = failing_step(1e6)
    runner = DSRunner(exploding(), monitors=["V"])
    with pytest.raises(FloatingPointError) as caught:
        runner.run(200 * ms)
    text = str(caught.value)
    assert f"Explodes: the state 'V' ran away to {V:.4g} mV, beyond 1e+06 mV, in neuron 1" in text
    assert f"at t = {(step + 1) * 0.1:.10g} ms (step {step})" in text
    assert len(runner.mon.ts) == runner.i == step  # what came before is kept
    assert runner.mon.V.magnitude.max() < 1e6
    assert runner.target.V.value.magnitude.max() < 1e6


@pytest.mark.parametrize("chunk", [16, 1000])
def test_a_non_finite_state_is_reported_with_neuron_and_time(monkeypatch, chunk):
    class Gate(sc.Module):
        """x' = x^2 / tau, a pure number."""

        def __init__(self):
            super().__init__()
            self.tau = 5 * ms

        def init_state(self, batch_size=None):
            self.x = sc.HiddenState(np.array([0.0, 0.5, 0.0]))

        def update(self, x=None):
            dt = sc.environ.get("dt")
            self.x.value = self.x.value + self.x.value**2 * dt / self.tau

    monkeypatch.setattr(loop, "MAX_CHUNK", chunk)
    step, _ = failing_step(np.inf)
    runner = DSRunner(Gate(), monitors=["x"])
    with pytest.raises(FloatingPointError) as caught:
        runner.run(200 * ms)
    assert "Gate: the state 'x' became inf in neuron 1" in str(caught.value)
    assert f"(step {step})" in str(caught.value)
    assert len(runner.mon.ts) == step
    assert np.isfinite(runner.mon.x.magnitude).all()


def test_a_failing_run_goes_on_with_a_warning_or_stops_before(short_chunks):
    step, _ = failing_step(1e6)
    runner = DSRunner(exploding(), monitors=["V"], on_error="stop")
    with pytest.warns(RuntimeWarning, match=r"ran away to .* mon and the states hold the run up to the step before"):
        mon = runner.run(200 * ms)
    assert len(mon.ts) == len(mon.V) == runner.i == step
    runner = DSRunner(exploding(), monitors=["V"], on_error="warn")
    with pytest.warns(RuntimeWarning, match=f"(step {step}).*The run goes on") as caught:
        mon = runner.run(20 * ms)
    assert len(caught) == 1
    assert len(mon.V) == 200
    assert not np.isfinite(mon.V.magnitude[-1, 1])
    with pytest.raises(ValueError, match="'on_error' must be one of raise, warn, stop, got 'ignore'"):
        DSRunner(LIF(1), on_error="ignore")


def test_an_interrupted_run_keeps_what_it_had(monkeypatch, short_chunks):
    calls = []

    def interrupted(*args):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return advance(*args)

    advance = loop.advance
    monkeypatch.setattr(loop, "advance", interrupted)
    runner = DSRunner(LIF(1), monitors=["V"])
    with pytest.raises(KeyboardInterrupt):
        runner.run(20 * ms, inputs=0.5 * mA)
    assert len(runner.mon.ts) == runner.i == 74
    rest = runner.run(1 * ms, inputs=0.5 * mA)
    assert_allclose(rest.V.m_as("mV")[-1, 0], 0.5 * (1 - np.exp(-8.4 / 5)))


def test_a_chunk_that_fails_between_its_columns_is_in_none_of_them(monkeypatch, short_chunks):
    def full(self, total, carry, chunk):
        if chunk.i > 70:
            raise RuntimeError("e.g. a warning that is an error")
        return drain(self, total, carry, chunk)

    drain = Counts.drain
    monkeypatch.setattr(Counts, "drain", full)
    runner = DSRunner(LIF(1), {"V": "V", "h": "spike_events", "n": "spike_count"})
    with pytest.raises(RuntimeError, match="a warning that is an error"):
        runner.run(20 * ms, inputs=5 * mA)
    assert len(runner.mon.ts) == len(runner.mon.V) == runner.i == 74
    assert len(runner.mon.h.times) == runner.mon.n.sum() > 0


def test_ctrl_c_ends_after_the_chunk_and_the_run_goes_on(monkeypatch, short_chunks):
    """A real signal, sent in the third chunk."""
    calls = []

    def interrupting(*args):
        calls.append(1)
        if len(calls) == 3:
            os.kill(os.getpid(), signal.SIGINT)
        return advance(*args)

    advance = loop.advance
    whole = DSRunner(LIF(3, noise="0.1 mV/ms**0.5"), monitors=["V", "spike_events"]).run(20 * ms, inputs=2 * mA)
    monkeypatch.setattr(loop, "advance", interrupting)
    runner = DSRunner(LIF(3, noise="0.1 mV/ms**0.5"), monitors=["V", "spike_events"])
    with pytest.raises(KeyboardInterrupt):
        runner.run(20 * ms, inputs=2 * mA)
    first = runner.mon
    assert len(first.V) == runner.i == 3 * 37
    rest = runner.run(20 * ms - runner.t, inputs=2 * mA)
    assert_array_equal(np.concatenate([first.V.magnitude, rest.V.magnitude]), whole.V.magnitude)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_run_in_a_thread_leaves_signals_alone():
    import threading

    runner = DSRunner(LIF(1))
    thread = threading.Thread(target=runner.run, args=(1 * ms,))
    thread.start()
    thread.join()
    assert runner.i == 10


def test_python_steps_show_their_values(capsys):
    class Prints(LIF):
        def update(self, x):
            print("V is", self.V.value)
            return super().update(x)

    DSRunner(Prints(1), jit=False).run(0.2 * ms, inputs=0.5 * mA)
    assert "V is [0.]" in capsys.readouterr().out


def test_a_progress_bar_only_for_runs_of_several_chunks(capsys, short_chunks, monkeypatch):
    import tqdm

    monkeypatch.setattr(tqdm.tqdm, "__init__", (lambda init: lambda self, *a, delay=0, **k: init(self, *a, **k))(
        tqdm.tqdm.__init__))  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tqdm.auto looks for a notebook
        DSRunner(LIF(1)).run(10 * ms)
        shown = capsys.readouterr().err
        assert "100%" in shown
        assert "0.01/0.01 s" in shown  # model time
        assert re.search(r"\d s/s", shown)  # per wall time
        DSRunner(LIF(1), progress_bar=False).run(10 * ms)
        DSRunner(LIF(1)).run(1 * ms)
        assert capsys.readouterr().err == ""


def test_importing_and_running_changes_no_jax_setting():
    before = (jax.config.jax_enable_x64, jax.config.jax_platforms, jax.config.jax_debug_nans)
    DSRunner(GIF(1)).run(1 * ms)
    assert (jax.config.jax_enable_x64, jax.config.jax_platforms, jax.config.jax_debug_nans) == before
