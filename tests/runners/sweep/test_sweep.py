"""Sweep: every point equals its own run; what does not fit is refused before; batches, devices, stores."""

import json
import textwrap

import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DimensionalityError, measure
from simcore.inputs import Waveform, function, ramp_input
from simcore.models import LIF, ExpIF, ExpIFRef, LIFRef
from simcore.runners.sweep import batches
from simcore.units import Hz, mA, ms, mV, ohm

TAUS, CURRENTS = np.array([5.0, 8.0, 20.0]) * ms, np.linspace(0.5, 3, 7) * mA


def single(model, duration=100 * ms, inputs=None, **options):
    """Return the number of spikes of a run by DSRunner, and the voltages (T,) in mV."""
    mon = sc.DSRunner(model, monitors=["V", "spike"], **options).run(duration, inputs=inputs)
    return mon.spike.sum(), mon.V.m_as("mV")[:, 0]


def test_each_point_is_the_run_of_its_own_model(precision):
    over = {"tau": TAUS, "tau_ref": np.array([1, 2.5]) * ms, "inputs": CURRENTS}
    measures = {"n": measure.spike_count, "V": measure.final("V"), "trace": measure.trace("V", every=5 * ms)}
    result = sc.Sweep(LIFRef(1), over, measures, dt=0.1 * ms).run(100 * ms)
    assert result["n"].dims == ("tau", "tau_ref", "inputs")
    for i, k, m in [(0, 0, 0), (1, 1, 3), (2, 0, 6), (2, 1, 5)]:
        model = LIFRef(1, tau=TAUS[i], tau_ref=over["tau_ref"][k])
        n, V = single(model, inputs=CURRENTS[m], dt=0.1 * ms)
        # The factors of exponential Euler round in another order: 1000 steps of an ulp at 1 mV.
        rtol, atol = (1e-4, 1e-6) if precision == "float32" else (1e-11, 0)
        assert abs(result["n"].values[i, k, m] - n) <= (precision == "float32")
        assert_allclose(result["trace"].m_as("mV")[i, k, m, :4], V[49:200:50], rtol=rtol, atol=atol)
        assert_allclose(result["V"].m_as("mV")[i, k, m], result["trace"].m_as("mV")[i, k, m, -1])


def test_all_points_and_batches_share_one_compilation():
    before = batches.advance_points._cache_size()
    for values in (TAUS, 2 * TAUS):
        sc.Sweep(LIF(1), {"tau": values, "inputs": CURRENTS}, {"only_here": measure.spike_count}, batch_size=4).run(
            10 * ms
        )
    assert batches.advance_points._cache_size() == before + 1


MODELS = {
    "LIFRef": (LIFRef(1), {"tau": np.linspace(5, 30, 11) * ms}),
    "ExpIFRef": (ExpIFRef(1), {"R": np.linspace(0.5, 2, 11) * ohm}),
    "noise": (LIF(1, noise=0.1 * mV / ms**0.5), {"tau": np.linspace(5, 30, 11) * ms}),
    "several neurons": (ExpIF(3), {"tau": np.linspace(5, 30, 11) * ms}),
    "more than a cache holds": (ExpIF(2003), {"tau": np.linspace(5, 30, 11) * ms}),
    "one point": (ExpIF(3), {"tau": [7.0] * ms}),
}


FLOAT32_TOO = ["several neurons", "more than a cache holds"]  # the others in the long run
BOTH = [("float64", model) for model in MODELS] + [
    pytest.param("float32", model, marks=() if model in FLOAT32_TOO else pytest.mark.slow) for model in MODELS
]


@pytest.mark.parametrize(("precision", "model"), BOTH, indirect=["precision"])
def test_results_are_the_same_to_the_bit_whatever_the_batch_size(precision, model):
    target, over = MODELS[model]
    current = 25 * mA if "Exp" in type(target).__name__ else 1.5 * mA
    measures = {"V": measure.trace("V", every=1 * ms), "sd": measure.standard_deviation("V")}
    duration = 5 * ms if "cache" in model else 50 * ms
    first, *others = (
        sc.Sweep(target, over, measures, inputs=current, batch_size=size, seed=3).run(duration)
        for size in (None, 1, 4, 11)
    )
    assert np.ptp(first["V"].magnitude) > 0
    for other in others:
        for name in measures:
            assert_array_equal(other[name].magnitude, first[name].magnitude)


def test_results_are_the_same_to_the_bit_on_two_devices_and_in_two_processes(tmp_path, other_process):
    script = textwrap.dedent("""
        import numpy as np
        import simcore as sc
        from simcore.units import mA, ms, mV

        def sweep():
            model = sc.models.LIFRef(2, noise=0.1 * mV / ms**0.5)
            over = {"tau": np.linspace(5, 30, 13) * ms, "seed": [1, 2, 3]}
            measures = {"V": sc.measure.final("V"), "first": sc.measure.first_spike_time}
            result = sc.Sweep(model, over, measures, inputs=1.2 * mA, progress_bar=False).run(50 * ms)
            return {k: v.magnitude for k, v in result.items()}
    """)
    run = script + textwrap.dedent("""
        if how == "devices":
            sc.distributed.use_cpu_devices(2)
        if how == "processes":
            sc.distributed.initialize(f"127.0.0.1:{port}", 2, process)
        np.savez(file, **sweep())
    """)
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    runs = {"devices": ("devices", 0), "first": ("processes", 0), "second": ("processes", 1)}
    started = [
        other_process(run, how=how, process=process, port=port, file=str(tmp_path / f"{name}.npz"))
        for name, (how, process) in runs.items()
    ]
    exec(script, scope := {"__name__": "here"})
    one = scope["sweep"]()  # on one device, in this process
    for process in started:
        process.join(300)
    assert [process.exitcode for process in started] == [0, 0, 0]
    others = [dict(np.load(tmp_path / f"{name}.npz")) for name in runs]
    assert np.isfinite(one["first"]).any()
    for other in others:
        for name in one:
            assert_array_equal(other[name], one[name])


def test_asking_for_devices_too_late_says_so():
    jnp.zeros(1).block_until_ready()
    with pytest.raises(RuntimeError, match=r"use_cpu_devices\(2\) comes too late: JAX has started with 1 device"):
        sc.distributed.use_cpu_devices(2)


# ------------------------------------------------------------------ axes


def test_the_rate_follows_the_closed_form_over_tau_and_tau_ref():
    over = {"tau": TAUS, "tau_ref": np.array([1.0, 4.0]) * ms, "inputs": CURRENTS}
    rate = sc.Sweep(LIFRef(1, spk_reset="hard"), over, {"rate": measure.firing_rate}, dt=0.1 * ms).run(1000 * ms)[
        "rate"
    ]
    tau, ref, I = np.meshgrid(TAUS.m, [1.0, 4.0], CURRENTS.m, indexing="ij")  # R = 1 ohm, V_th = 1 mV, V_reset = 0
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.ceil(tau * np.log(I / (I - 1)) / 0.1 - 1e-9)
    expected = np.where(I > 1, np.floor(1000 / (0.1 * steps + ref) + 1e-9), 0.0)
    assert np.max(np.abs(rate.m_as("Hz") - expected)) <= 1  # one spike: the last interval may not be complete


def test_initial_states_follow_the_parameters_they_start_at():
    over = {"V_rest": np.array([-2.0, -1.0, 0.5]) * mV}
    result = sc.Sweep(LIF(1), over, {"V": measure.trace("V")}).run(0.1 * ms)
    assert_allclose(result["V"].m_as("mV")[:, 0], [-2, -1, 0.5], rtol=1e-12)
    started = sc.Sweep(LIF(1), {"V": np.array([0.1, 0.9]) * mV}, {"trace": measure.trace("V")}).run(0.1 * ms)
    assert_allclose(started["trace"].m_as("mV")[:, 0], np.array([0.1, 0.9]) * np.exp(-0.1 / 5), rtol=1e-12)


def test_dt_and_options_are_axes_too():
    over = {"dt": np.array([0.1, 0.05]) * ms, "spk_reset": ["soft", "hard"]}
    counts = sc.Sweep(LIF(1), over, {"n": measure.spike_count}, inputs=3 * mA).run(100 * ms)["n"].values
    for i, dt in enumerate((0.1, 0.05)):
        for k, how in enumerate(("soft", "hard")):
            assert counts[i, k] == single(LIF(1, spk_reset=how), inputs=3 * mA, dt=dt * ms)[0]


def test_seeds_give_other_noise_and_one_seed_the_noise_of_a_runner():
    def noisy():
        return LIF(1, V_th=100 * mV, noise=0.5 * mV / ms**0.5)

    over = {"seed": [3, 4, 3]}
    V = sc.Sweep(noisy(), over, {"V": measure.final("V")}, inputs=0 * mA).run(20 * ms)["V"].m_as("mV")
    assert V[0] == V[2] != V[1]
    runs = [single(noisy(), 20 * ms, inputs=0 * mA, seed=s)[1][-1] for s in (3, 4)]
    assert_allclose(V[:2], runs, rtol=1e-9)


def test_arguments_of_a_generator_and_waveforms_and_functions_are_axes():
    def ramp(top, duration=20 * ms):
        return ramp_input(0 * mA, top, duration)

    tops = np.array([0.2, 0.6]) * mA
    V = sc.Sweep(LIF(1), {"inputs.top": tops}, {"V": measure.final("V")}, inputs=ramp).run(20 * ms)["V"].m_as("mV")
    waves = [ramp(top) for top in tops]
    listed = sc.Sweep(LIF(1), {"inputs": waves}, {"V": measure.final("V")}).run(20 * ms)["V"].m_as("mV")
    assert_allclose(V, [single(LIF(1), inputs=wave, duration=None)[1][-1] for wave in waves], rtol=1e-12)
    assert_array_equal(V, listed)

    def sine(t, amplitude, frequency):
        return amplitude * jnp.sin(frequency * t)

    sines = [function(sine, "mA", amplitude=a * mA, frequency=10 * Hz) for a in (0.2, 0.5)]
    V = sc.Sweep(LIF(1), {"inputs": sines}, {"V": measure.final("V")}).run(20 * ms)["V"].m_as("mV")
    assert_allclose(V[1] / V[0], 2.5, rtol=1e-9)


def test_a_sweep_lasts_as_long_as_its_inputs():
    def wave(duration, dt=0.1 * ms):
        return ramp_input(0 * mA, 1 * mA, duration, dt=dt)

    def V(over, inputs=None, duration=None):
        sweep = sc.Sweep(LIF(1), over, {"V": measure.final("V")}, inputs=inputs, progress_bar=False)
        return sweep.run(*([] if duration is None else [duration])).V.magnitude

    steps = {"dt": [0.1, 0.05] * ms}
    assert_array_equal(V(steps, wave(5 * ms)), V(steps, wave(5 * ms), 5 * ms))
    two = {"inputs": [wave(5 * ms), wave(5 * ms, dt=1 * ms)]}
    assert_array_equal(V(two), V(two, duration=5 * ms))
    with pytest.raises(
        ValueError, match=r"Sweep: run\(\) needs a duration, or inputs of one length; they last 5, 7 ms"
    ):
        V({"inputs": [wave(5 * ms), wave(7 * ms)]})
    for inputs, what in ((None, "there are none"), (1 * mA, "they have no end")):
        with pytest.raises(ValueError, match=rf"run\(\) needs a duration, or inputs of one length; {what}"):
            V({"tau": TAUS}, inputs)


def test_points_can_be_taken_together():
    over = {"pair": sc.design.zipped({"tau": TAUS, "R": np.array([1, 2, 3]) * ohm})}
    V = sc.Sweep(LIF(1, V_th=100 * mV), over, {"V": measure.final("V")}, inputs=1 * mA).run(10 * ms)["V"].m_as("mV")
    assert_allclose(V, [1, 2, 3] * (1 - np.exp(-10 / TAUS.m)), rtol=1e-12)


# ------------------------------------------------------------------ networks


def network(weight=0.3 * mV, delay=1 * ms):
    E, I = LIFRef(20, receptors={"x": sc.models.Delta()}), LIFRef(5, receptors={"x": sc.models.Delta()})
    E2I = sc.models.Projection(E, I, "x", connect=sc.models.FixedProbability(0.5), weight=weight, delay=delay, seed=1)
    return sc.Network(E=E, I=I, E2I=E2I)


@pytest.mark.parametrize("precision", ["float32", pytest.param("float64", marks=pytest.mark.slow)], indirect=True)
def test_weights_delays_and_inputs_of_a_network_are_axes(precision):
    over = {"E2I.weight": np.array([0.0, 0.2, 0.5]) * mV, "E2I.delay": np.array([0, 0.3, 2]) * ms,
            "inputs.E": np.array([1.5, 3]) * mA}  # fmt: skip
    result = sc.Sweep(network(), over, {"I": measure.spike_count("I"), "V": measure.final("I.V")}).run(30 * ms)
    assert result["I"].shape == (3, 3, 2, 5)
    for i, k, m in [(0, 0, 1), (1, 1, 0), (2, 0, 1), (2, 2, 1), (1, 2, 1)]:
        net = network(over["E2I.weight"][i], over["E2I.delay"][k])
        mon = sc.DSRunner(net, monitors=["I.spike", "I.V"]).run(30 * ms, inputs={"E": over["inputs.E"][m]})
        assert_array_equal(result["I"].values[i, k, m], mon["I.spike"].sum(0))
        rtol = 1e-4 if precision == "float32" else 1e-10
        assert_allclose(result["V"].m_as("mV")[i, k, m], mon["I.V"].m_as("mV")[-1], rtol=rtol, atol=rtol)


# ------------------------------------------------------------------ refused before anything runs


def test_what_does_not_fit_is_refused_with_the_axis_and_the_values():
    measures = {"n": measure.spike_count}
    with pytest.raises(DimensionalityError, match="Sweep, axis 'tau': 'tau' needs a quantity in ms, got"):
        sc.Sweep(LIF(1), {"tau": [1, 2] * mV}, measures)
    with pytest.raises(ValueError, match=r"axis 'tau': 'tau' must be > 0, got -1, 0 ms"):
        sc.Sweep(LIF(1), {"tau": [5, -1, 0] * ms}, measures)
    with pytest.raises(ValueError, match="LIF has no 'tua' to sweep over; did you mean 'tau'"):
        sc.Sweep(LIF(1), {"tua": [1, 2] * ms}, measures)
    with pytest.raises(ValueError, match=r"'V_th' must be above 'V_reset'; it is not at V_th = 0.5 mV, V_reset = 0.5"):
        sc.Sweep(LIF(1), {"V_th": [0.5, 1] * mV, "V_reset": [0, 0.5] * mV}, measures)
    with pytest.raises(ValueError, match=r"it is not at V_th = 0.5 mV"):  # of the third neuron
        sc.Sweep(LIF(3, V_reset=[0, 0.1, 0.6] * mV), {"V_th": [0.5, 1] * mV}, measures)
    with pytest.raises(ValueError, match="'seed' must be an int from 0"):
        sc.Sweep(LIF(1), {"tau": TAUS}, measures, seed=1.5)
    with pytest.raises(ValueError, match="'method' must be one of"):
        sc.Sweep(LIF(1), {"method": ["euler", "magic"]}, measures)
    with pytest.raises(ValueError, match=r"Sweep, at V = 2 mV: LIF: the initial V of neuron 0 is 2 mV"):
        sc.Sweep(LIF(1), {"V": [0, 2] * mV}, measures).run(1 * ms)
    with pytest.raises(DimensionalityError, match="LIF got the input in mV"):
        sc.Sweep(LIF(1), {"inputs": [1, 2] * mV}, measures).run(1 * ms)
    with pytest.raises(ValueError, match="no 'W'"):
        sc.Sweep(LIF(1), {"tau": TAUS}, {"W": measure.mean("W")})
    with pytest.raises(ValueError, match="'tau' names an axis and a measure"):
        sc.Sweep(LIF(1), {"tau": TAUS}, {"tau": measure.mean("V")})
    with pytest.raises(ValueError, match=r"10000000000 steps of dt = 0.1 ms; up to 2\*\*31 - 1 work"):
        sc.Sweep(LIF(1), {"tau": TAUS}, measures).run(1e9 * ms)
    with pytest.raises(ValueError, match="'inputs' is swept over and given"):
        sc.Sweep(LIF(1), {"inputs": CURRENTS}, measures, inputs=1 * mA)
    with pytest.raises(ValueError, match=r"10.03 ms is 100.3 steps"):
        sc.Sweep(LIF(1), {"tau": TAUS}, measures).run(10.03 * ms)
    with pytest.raises(ValueError, match="longer than an input, which lasts 5 ms"):
        sc.Sweep(LIF(1), {"inputs": [ramp_input(0 * mA, 1 * mA, 5 * ms)] * 2}, measures).run(10 * ms)


def test_measures_of_some_neurons_and_of_functions_have_their_axes():
    measures = {
        "V": measure.mean(("V", [0, 2])),
        "double": lambda lif: 2 * lif.V.value,
        "trace": measure.trace("V", every=1 * ms),
        "intervals": measure.interval_histogram(bins=[0, 2, 4, 100] * ms),
        "times": measure.spike_times(room=20),
    }
    result = sc.Sweep(LIF(3), {"tau": TAUS}, measures, inputs=3 * mA).run(30 * ms)
    dims = {name: v.dims[1:] for name, v in result.items()}
    assert dims == {"V": ("neuron",), "double": ("neuron",), "trace": ("time", "neuron"),
                    "intervals": ("neuron", "interval"), "times": ("spike", "neuron")}  # fmt: skip
    assert_array_equal(result["V"].coord("neuron"), [0, 2])
    assert_allclose(result["intervals"].coord("interval").m_as("ms"), [0, 2, 4])
    assert_allclose(result["double"].m_as("mV"), 2 * result["trace"].m_as("mV")[:, -1], rtol=1e-12)
    for k, tau in enumerate(TAUS):
        mon = sc.DSRunner(LIF(3, tau=tau), monitors=["spike_events"]).run(30 * ms, inputs=3 * mA)
        times = mon.spike_events.times[mon.spike_events.indices == 1].m_as("ms")
        assert_allclose(result["times"].m_as("ms")[k, : len(times), 1], times)
        assert np.isnan(result["times"].m_as("ms")[k, len(times) :]).all()
        expected = np.histogram(np.diff(times) + 1e-6, [0, 2, 4, 100])[0]
        assert_array_equal(result["intervals"].values[k, 1], expected)


def test_no_point_depends_on_the_order_of_its_axis():
    def rates(values):
        E = LIFRef(50, tau=10 * ms, V_th=1000 * mV, receptors={"x": sc.models.Delta()})
        net = sc.Network(E=E, I=sc.models.PoissonInput(E, "x", n=1000, rate=1 * Hz, weight=0.01 * mV, seed=3))
        V = sc.Sweep(net, {"I.rate": values * Hz}, {"V": measure.mean("E.V")}, dt=0.1 * ms).run(20 * ms)["V"]
        return V.m_as("mV").mean(-1)

    up = rates(np.array([1, 300, 600]))
    # The mean of V follows n rate weight tau (1 - the start): proportional to the rate.
    assert_allclose(up[2] / up[1], 2, rtol=0.02)
    assert_array_equal(rates(np.array([600, 300, 1])), up[::-1])


def test_a_trace_has_whole_windows_only():
    run = sc.Sweep(LIF(1), {"tau": TAUS}, {"V": measure.trace("V", every=1 * ms)}, inputs=0.5 * mA)
    assert_array_equal(run.run(10.5 * ms)["V"].magnitude, run.run(10 * ms)["V"].magnitude)
    with pytest.raises(ValueError, match=r"'V', measure.trace, every=1 ms, has nothing to measure in a run of 0.5 ms"):
        run.run(0.5 * ms)


def test_swept_waveforms_are_held_and_set_no_dt():
    def ramp(top):
        return ramp_input(0 * mA, top, 20 * ms, dt=1 * ms)

    tops, trace = [0.2, 0.6] * mA, {"V": measure.trace("V")}
    V = sc.Sweep(LIF(1), {"inputs.top": tops}, trace, inputs=ramp).run(20 * ms)["V"]
    assert_allclose(V.coord("time").m_as("ms"), np.arange(1, 201) / 10)
    assert_array_equal(
        V.m_as("mV"), sc.Sweep(LIF(1), {"inputs": [ramp(top) for top in tops]}, trace).run(20 * ms)["V"].m_as("mV")
    )
    held = [ramp(top).resample(0.1 * ms) for top in tops]
    assert_array_equal(V.m_as("mV"), sc.Sweep(LIF(1), {"inputs": held}, trace).run(20 * ms)["V"].m_as("mV"))
    with pytest.raises(ValueError, match=r"no multiple of the run's 0.3 ms; write waveform.resample\(0.3 \* ms\)"):
        sc.Sweep(LIF(1), {"inputs.top": tops}, trace, inputs=ramp, dt=0.3 * ms).run(18 * ms)


def test_the_target_does_not_change():
    model = LIF(1)
    before = {k: v.m for k, v in model.state_dict().items()} if model._ready else None
    sc.Sweep(model, {"tau": TAUS}, {"V": measure.final("V")}, inputs=0.5 * mA).run(10 * ms)
    after = {k: v.m for k, v in model.state_dict().items()}
    assert before is None or before == after
    assert_allclose(model.V.value.m_as("mV"), 0)
    assert_allclose(model.tau.m_as("ms"), 5)


# ------------------------------------------------------------------ interrupted


def test_a_stopped_sweep_goes_on_where_it_was(tmp_path, monkeypatch):
    def make(**options):
        over = {"tau": np.linspace(5, 30, 64) * ms, "inputs": [1.5, 2] * mA}
        return sc.Sweep(LIF(1), over, {"n": measure.spike_count, "V": measure.final("V")}, **options)

    whole = make().run(50 * ms)
    folder, calls = tmp_path / "store", []
    run = batches.Batches.run

    def stopping(self, which):
        calls.append(len(which))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return run(self, which)

    monkeypatch.setattr(batches.Batches, "run", stopping)
    with pytest.raises(KeyboardInterrupt):
        make(batch_size=32).run(50 * ms, store=folder)
    assert len(list(folder.glob("points_*.npz"))) == 1  # the second was still running
    again = make(batch_size=64).run(50 * ms, store=folder)
    assert calls[3:] == [64, 64]
    for name in whole:
        assert_array_equal(again[name].magnitude, whole[name].magnitude)
    with pytest.raises(ValueError, match="holds another sweep: its duration differ"):
        make().run(60 * ms, store=folder)
    with pytest.raises(ValueError, match="its values of program 0 differ"):
        sc.Sweep(LIF(1, R=2 * ohm), {"tau": np.linspace(5, 30, 64) * ms, "inputs": [1.5, 2] * mA},
                 {"n": measure.spike_count, "V": measure.final("V")}).run(50 * ms, store=folder)  # fmt: skip
    assert json.loads((folder / "sweep.json").read_text())["precision"] == "float64"
    with pytest.raises(ValueError, match="its program 0 differ"):
        make(dt=0.05 * ms).run(50 * ms, store=folder)


def test_a_store_knows_the_code_of_functions_and_the_order_of_options(tmp_path):
    def run(methods, function):
        over = {"method": methods}
        return sc.Sweep(LIF(1), over, {"V": function}, inputs=1.5 * mA).run(5 * ms, store=tmp_path)

    run(["euler", "rk4"], lambda lif: lif.V.value)
    run(["euler", "rk4"], lambda lif: lif.V.value)
    with pytest.raises(ValueError, match="its axes differ"):
        run(["rk4", "euler"], lambda lif: lif.V.value)
    with pytest.raises(ValueError, match="its measures differ"):
        run(["euler", "rk4"], lambda lif: 2 * lif.V.value)


def test_a_folder_with_other_files_is_not_taken_as_a_store(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="is not empty and holds no sweep"):
        sc.Sweep(LIF(1), {"tau": TAUS}, {"n": measure.spike_count}).run(1 * ms, store=tmp_path)


def test_inputs_of_each_neuron_differ_from_point_to_point():
    rng = np.random.default_rng(1)
    constants = [{"n": rng.normal(1, 0.5, 3) * mA} for _ in range(2)]
    waves = [{"n": Waveform(rng.normal(1, 0.5, (100, 3)) * mA)} for _ in range(2)]
    net = sc.Network(n=LIF(3))
    for inputs in (constants, waves):
        V = sc.Sweep(net, {"inputs": inputs}, {"V": measure.mean("n.V")}).run(10 * ms).V.m_as("mV")
        for k, given in enumerate(inputs):
            alone = sc.DSRunner(sc.Network(n=LIF(3)), {"V": measure.mean("n.V")}).run(10 * ms, inputs=given)
            assert_allclose(V[k], alone.V.m_as("mV"), rtol=1e-12)


def test_a_waveform_shared_by_all_points_drives_them():
    wave = Waveform(np.linspace(0, 1, 100) * mA)
    V = sc.Sweep(LIF(1), {"tau": TAUS}, {"V": measure.final("V")}, inputs=wave).run(10 * ms)["V"].m_as("mV")
    assert_allclose(V, [single(LIF(1, tau=tau), inputs=wave, duration=None)[1][-1] for tau in TAUS], rtol=1e-12)


class OwnThreshold(LIF):
    def threshold(self):
        return 1.0 * self.V_th


HALF = sc.init.Constant(0.5 * mV)


@pytest.mark.parametrize("cls", [LIF, OwnThreshold])
def test_an_initial_V_above_the_threshold_of_a_point_is_refused(cls):
    with pytest.raises(ValueError, match=r"Sweep, at V_th = 0.2 mV: .* initial V of neuron 0 is 0.5 mV"):
        sc.Sweep(cls(1, V_initializer=HALF), {"V_th": [1.0, 0.2] * mV}, {"n": measure.spike_count}).run(1 * ms)


def test_a_neuron_that_starts_above_the_threshold_of_a_point_has_not_crossed_it():
    def count(**over):
        lif = LIF(1, V_initializer=HALF, spk_reset="none", **over)
        axis = {"R": [1.0] * ohm} if over else {"V_th": [1.0, 0.2] * mV}
        return sc.Sweep(lif, axis, {"n": measure.spike_count}, inputs=0.5 * mA).run(1 * ms).n.values

    assert_array_equal(count(), [*count(V_th=1 * mV), *count(V_th=0.2 * mV)])
    assert_array_equal(count(), 0)


class Gain(LIF):
    gain = 1.0

    def derivative(self, V, I):
        return super().derivative(V, self.gain * I)


def test_a_store_knows_the_attributes_of_a_model(tmp_path):
    def run(gain):
        model = Gain(1)
        model.gain = gain
        return sc.Sweep(model, {"tau": TAUS}, {"V": measure.final("V")}, inputs=0.1 * mA).run(1 * ms, store=tmp_path)

    assert_array_equal(run(1.0).V.magnitude, run(1.0).V.magnitude)
    with pytest.raises(ValueError, match="its attributes differ"):
        run(2.0)


def test_a_warning_about_an_axis_names_the_line_of_the_run():
    sweep = sc.Sweep(LIFRef(1), {"tau_ref": [1.0, 1.04] * ms}, {"n": measure.spike_count})
    with pytest.warns(UserWarning, match="not all values are whole steps") as warned:
        sweep.run(1 * ms)
    assert next(w for w in warned if "not all values" in str(w.message)).filename == __file__


class Stays(sc.Neuron):
    """V follows its input, without a reset; a test of its own."""

    V_th, R = sc.Param(1.0, "mV"), sc.Param(1.0, "ohm")
    V = sc.HiddenState("mV")

    def get_spike(self, V=None):
        return ((self.V.value if V is None else V) >= self.V_th) * 1.0

    def update(self, x):
        self.V.value = self.R * x + 0 * self.V.value
        return self.get_spike()


@pytest.mark.parametrize("batch_size", [None, 1])
def test_a_spike_that_lasts_warns_once_in_a_sweep_and_changes_no_result(batch_size):
    over = {"inputs": [0.5, 2, 3] * mA, "dt": [0.1, 0.2] * ms}
    sweep = sc.Sweep(Stays(2), over, {"n": measure.spike_count}, batch_size=batch_size, progress_bar=False)
    text = "^Stays: a neuron without reset spikes in successive steps: .* spk_reset = 'none' counts its begin alone"
    with pytest.warns(UserWarning, match=text) as told:
        result = sweep.run(1 * ms)
    assert len(told) == 1
    assert_array_equal(result["n"].values[..., 0], [[0, 0], [10, 5], [10, 5]])
    quiet = {"inputs": [0.5, 0.8] * mA}
    sc.Sweep(Stays(2), quiet, {"n": measure.spike_count}, progress_bar=False).run(1 * ms)  # a warning is an error
