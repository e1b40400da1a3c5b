"""Snapshots: a split run equals an unbroken one to the bit; what does not fit is refused by name."""

import json
from pathlib import Path

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

import simcore as sc
from simcore import DSRunner, Record, measure
from simcore.models import (
    LIF,
    STDP,
    Delta,
    Exponential,
    FixedProbability,
    LIFRef,
    PoissonGroup,
    PoissonInput,
    Projection,
    TsodyksMarkram,
)
from simcore.runners import loop
from simcore.units import Hz, Mohm, mA, ms, mV, nS, pA

MONITORS = {"V": "E.V", "g": "E.exc.g", "w": "plastic.weight", "E": "E.spike_events", "P": "P.spike_events"}
DRIVE = {"E": 220 * pA}


def noisy():
    return LIF(4, noise="0.1 mV/ms**0.5", V_initializer=sc.init.Uniform(-1 * mV, 0.9 * mV, seed=1))


def network(delay=1.5 * ms, seed=1):
    """Noise on V, random sources, delays of one and of each, plastic weights, depression, jumps of V."""
    E = LIFRef(
        30, R=100 * Mohm, tau=20 * ms, V_rest=-60 * mV, V_th=-50 * mV, V_reset=-60 * mV, tau_ref=2 * ms,
        spk_reset="hard", noise="0.5 mV/ms**0.5", V_initializer=sc.init.Uniform(-60 * mV, -50.1 * mV, seed=2),
        receptors={"exc": Exponential(tau=5 * ms, reversal=0 * mV), "jump": Delta()},
    )  # fmt: skip
    P = PoissonGroup(20, 100 * Hz)
    some = FixedProbability(0.3)
    return sc.Network(
        E=E, P=P,
        plastic=Projection(P, E, "exc", connect=some, weight=1 * nS, delay=delay, seed=seed,
                           plasticity=STDP(w_max=2 * nS)),
        spread=Projection(E, E, "exc", connect=some, weight=0.5 * nS, seed=seed + 1,
                          delay=sc.init.Uniform(0.5 * ms, 4 * ms, seed=3)),
        short=Projection(E, E, "jump", connect=some, weight=0.2 * mV, delay=0.8 * ms, seed=seed + 2,
                         short_term=TsodyksMarkram()),
        noise=PoissonInput(E, "exc", n=100, rate=5 * Hz, weight=0.3 * nS),
    )  # fmt: skip


def flat(mon):
    """Return all that was recorded as arrays."""
    found = {k: getattr(v, "magnitude", v) for k, v in mon.items() if not hasattr(v, "times")}
    events = {f"{k}.{j}": a for k, v in mon.items() if hasattr(v, "times")
              for j, a in enumerate((v.times.magnitude, v.indices))}  # fmt: skip
    return found | events


def assert_states_equal(a, b):
    a, b = a.states(), b.states()
    assert a.keys() == b.keys()
    for path in a:
        assert_array_equal(np.asarray(a[path].raw), np.asarray(b[path].raw), err_msg=path)


@pytest.fixture(scope="module")
def unbroken():
    """30 ms of both models in one run, by the model's name."""
    found = {}
    for name, (make, inputs, monitors) in CASES.items():
        model = make()
        found[name] = flat(DSRunner(model, monitors, seed=7, t0=2 * ms).run(30 * ms, inputs=inputs)), model
    return found


CASES = {
    "neurons": (noisy, 2 * mA, ["V", "spike_events", Record("spike", stop=20 * ms)]),
    "network": (network, DRIVE, MONITORS),
}


# Each is compiled. Chunks of 53 steps stand for longer ones: shorter parts are of one chunk, as is `unbroken`.
CHUNKS = [53, 999] if settings.default.max_examples > 100 else [53]


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=settings.default.max_examples // 25, deadline=None)
@given(splits=st.lists(st.integers(0, 300), min_size=1, max_size=2, unique=True), chunk=st.sampled_from(CHUNKS))
def test_a_split_run_is_an_unbroken_one_to_the_bit(name, splits, chunk, unbroken, tmp_path_factory):
    make, inputs, monitors = CASES[name]
    file = tmp_path_factory.mktemp("split") / "snapshot"
    before, loop.MAX_CHUNK = loop.MAX_CHUNK, chunk
    try:
        runner, parts = DSRunner(make(), monitors, seed=7, t0=2 * ms), []
        for end in [*sorted(splits), 300]:
            parts.append(flat(runner.run((end - runner.i) * 0.1 * ms, inputs=inputs)))
            runner.save(file)
            runner = DSRunner.resume(file, make())
    finally:
        loop.MAX_CHUNK = before
    expected, model = unbroken[name]
    assert all(len(v) for v in expected.values())
    for key in expected:
        assert_array_equal(np.concatenate([part[key] for part in parts]), expected[key], err_msg=key)
    assert_states_equal(runner.target, model)


ANOTHER = """
import sys
sys.path.insert(0, here)
import numpy as np
import simcore as sc
from simcore.units import ms
from test_snapshot import DRIVE, flat, network
runner = sc.DSRunner.resume(snapshot, network())
np.savez(out, **flat(runner.run(17.7 * ms, inputs=DRIVE)))
"""


def test_another_process_goes_on_to_the_bit(unbroken, tmp_path, other_process):
    runner = DSRunner(network(), MONITORS, seed=7, t0=2 * ms)
    first = flat(runner.run(12.3 * ms, inputs=DRIVE))
    runner.save(tmp_path / "snapshot.npz")
    out = tmp_path / "rest.npz"
    here, snapshot = str(Path(__file__).parent), str(tmp_path / "snapshot.npz")
    process = other_process(ANOTHER, here=here, snapshot=snapshot, out=str(out))
    process.join()
    assert process.exitcode == 0
    with np.load(out) as rest:
        for key, whole in unbroken["network"][0].items():
            assert_array_equal(np.concatenate([first[key], rest[key]]), whole, err_msg=key)


def test_a_batch_goes_on_to_the_bit(precision, tmp_path):
    def make():
        model = noisy()
        model.init_state(batch_size=2)
        return model

    whole = DSRunner(make(), ["V"]).run(20 * ms, inputs=2 * mA).V.magnitude
    runner = DSRunner(make(), ["V"])
    runner.run(9 * ms, inputs=2 * mA)
    runner.save(tmp_path / "file")
    rest = DSRunner.resume(tmp_path / "file", make()).run(11 * ms, inputs=2 * mA).V.magnitude
    assert rest.dtype == precision
    assert_array_equal(rest, whole[90:])
    with pytest.raises(
        ValueError, match=r"the state '.*' has the shape \(2, 4\) there and \(4,\) here; call init_stat"
    ):
        DSRunner.resume(tmp_path / "file", noisy())


def test_parameters_come_from_the_file_and_the_clock_too(tmp_path):
    runner = DSRunner(LIF(2, tau=7 * ms, V_th=np.array([0.5, 0.7]) * mV), ["V"], dt=0.2 * ms, t0=3 * ms, seed=9)
    runner.run(4 * ms, inputs=1 * mA)
    runner.save(tmp_path / "file.npz")
    lif = LIF(2)
    resumed = DSRunner.resume(tmp_path / "file.npz", lif)
    assert lif.tau == 7 * ms
    assert_array_equal(lif.V_th.m_as("mV"), [0.5, 0.7])
    assert (resumed.i, resumed.seed, resumed.dt, resumed.t) == (20, 9, 0.2 * ms, 7 * ms)
    assert lif.clock.t == 7.0


def test_monitors_come_from_the_file_but_functions_are_given_again(tmp_path):
    monitors = {
        "a": ("V", [0, 2]), "b": Record("V", every=0.5 * ms, stop=9 * ms), "c": "spike_count",
        "rate": measure.firing_rate, "mean": measure.mean("V"), "some": measure.maximum(("V", [1])),
        "h": measure.interval_histogram(bins=np.array([0, 5, 10]) * ms),
    }  # fmt: skip
    runner = DSRunner(noisy(), monitors)
    runner.save(tmp_path / "new")
    got = flat(DSRunner.resume(tmp_path / "new", noisy()).run(10 * ms, inputs=2 * mA))
    expected = flat(runner.run(10 * ms, inputs=2 * mA))
    assert got.keys() == expected.keys()
    for key in expected:
        assert_array_equal(got[key], expected[key], err_msg=key)
    DSRunner(noisy(), {"f": lambda m: m.V.value}).save(tmp_path / "f")
    with pytest.raises(ValueError, match="the monitor 'f' is a function, which no file holds; give all monitors again"):
        DSRunner.resume(tmp_path / "f", noisy())
    assert len(DSRunner.resume(tmp_path / "f", noisy(), ["V"]).run(1 * ms).V) == 10


def test_checkpoints_are_at_multiples_of_their_interval(tmp_path, monkeypatch):
    seen, write = [], DSRunner._write

    def noted(self, file, *said):
        seen.append(self.i)
        write(self, file, *said)

    monkeypatch.setattr(DSRunner, "_write", noted)
    options = {"checkpoint": tmp_path / "c", "checkpoint_every": 5 * ms, "progress_bar": False}
    runner = DSRunner(noisy(), ["V"], **options)
    runner.run(7 * ms, inputs=2 * mA)
    V = runner.run(11 * ms, inputs=2 * mA).V.magnitude
    assert seen == [50, 100, 150]
    resumed = DSRunner.resume(tmp_path / "c", noisy())
    assert resumed.i == 150
    assert_array_equal(resumed.run(3 * ms, inputs=2 * mA).V.magnitude, V[-30:])
    with pytest.raises(ValueError, match="'checkpoint', a file, and 'checkpoint_every', a time, go together"):
        DSRunner(noisy(), checkpoint=tmp_path / "c")
    with pytest.raises(ValueError, match="'checkpoint_every' must be > 0"):
        DSRunner(noisy(), checkpoint=tmp_path / "c", checkpoint_every=0 * ms)
    with pytest.raises(ValueError, match=r"'checkpoint_every' 0.25 ms is 2.5 steps"):
        DSRunner(noisy(), checkpoint=tmp_path / "d", checkpoint_every=0.25 * ms).run(1 * ms)
    with pytest.raises(ValueError, match=r"'checkpoint_every' must be a step of dt at least, got 1×10⁻⁹ ms"):
        DSRunner(noisy(), checkpoint=tmp_path / "d", checkpoint_every=1e-9 * ms).run(1 * ms)


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: LIFRef(4), r"the model is 'LIF of the shape \(4,\)' there and 'LIFRef of the shape \(4,\)' here"),
        (lambda: LIF(5), r"'LIF of the shape \(4,\)' there and 'LIF of the shape \(5,\)' here"),
        (lambda: LIF(4, noise="1 mV/ms**0.5"), "the parameter 'noise' is only here"),
        (lambda: LIF(4, spk_reset="hard"), "spk_reset is 'soft' there and 'hard' here"),
        (lambda: LIF(4, receptors={"r": Exponential()}), r"r is nothing there and 'Exponential of the shape"),
    ],
)
def test_a_snapshot_of_another_model_is_refused_by_name_and_changes_nothing(make, text, tmp_path):
    DSRunner(LIF(4, tau=7 * ms)).save(tmp_path / "file")
    model = make()
    before = {k: v.magnitude.copy() for k, v in model.state_dict().items()}
    with pytest.raises(ValueError, match=f"file.npz is a snapshot of another model: .*{text}"):
        DSRunner.resume(tmp_path / "file", model)
    for key, value in model.state_dict().items():
        assert_array_equal(value.magnitude, before[key])


def test_a_state_in_another_dimension_is_refused_by_name(tmp_path):
    def of(unit):
        return type("Own", (LIF,), {"w": sc.HiddenState(unit)})(4)

    DSRunner(of("mV")).save(tmp_path / "file")
    with pytest.raises(ValueError, match="of another model: the state 'w' is in mV there and in pA here"):
        DSRunner.resume(tmp_path / "file", of("pA"))


def test_other_connections_are_refused_by_name(tmp_path):
    runner = DSRunner(network(), dt=0.1 * ms)
    runner.save(tmp_path / "file")
    with pytest.raises(
        ValueError, match=r"the arrays .*plastic\.targets, .* differ \(connections, .*\); build .* same seeds"
    ):
        DSRunner.resume(tmp_path / "file", network(seed=5))


def test_another_precision_is_refused_with_the_cure(tmp_path):
    DSRunner(LIF(4)).save(tmp_path / "file")
    jax.config.update("jax_enable_x64", False)
    try:
        with pytest.raises(ValueError, match=r"'V' is of float64, JAX is set to float32; set .*'jax_enable_x64', True"):
            DSRunner.resume(tmp_path / "file", LIF(4))
    finally:
        jax.config.update("jax_enable_x64", True)


def test_a_newer_format_and_other_files_are_refused(tmp_path):
    DSRunner(LIF(4)).save(tmp_path / "file")
    with np.load(tmp_path / "file.npz") as data:
        arrays = dict(data)
    about = json.loads(str(arrays["about"]))
    assert about["versions"].keys() >= {"jax", "numpy", "pint"}
    assert about["params"]["tau"] == "ms"
    arrays["about"] = np.array(json.dumps(about | {"format": 99}))
    np.savez(tmp_path / "newer.npz", **arrays)
    with pytest.raises(ValueError, match="has the format 99; this simcore reads up to 1: install a newer one"):
        DSRunner.resume(tmp_path / "newer", LIF(4))
    LIF(4).save_states(tmp_path / "states")
    with pytest.raises(ValueError, match=r"states.npz is no snapshot of DSRunner.save\(\)"):
        DSRunner.resume(tmp_path / "states", LIF(4))
    with pytest.raises(TypeError, match="takes 'seed' from the file"):
        DSRunner.resume(tmp_path / "file", LIF(4), seed=3)


def driven(model, store=None):
    runner = DSRunner(model, ["V", "spike"], dt=0.1 * ms)
    runner.run(5 * ms, inputs=1.5 * mA)
    return runner


def test_a_record_made_as_V_was_set_from_outside_is_saved_with_the_states(tmp_path):
    touched = driven(LIF(3))
    touched.target.V.value = np.array([0, 0.5, 2]) * mV
    touched.run(0 * ms, inputs=1.5 * mA)
    touched.save(tmp_path / "file")
    values = touched.target.state_dict()
    expected = touched.run(5 * ms, inputs=1.5 * mA)
    mon = DSRunner.resume(tmp_path / "file", LIF(3)).run(5 * ms, inputs=1.5 * mA)
    assert_array_equal(mon.V.magnitude, expected.V.magnitude)
    assert_array_equal(mon.spike, expected.spike)
    fresh = LIF(3)
    fresh.load_state_dict(values)
    assert fresh.state_dict().keys() == values.keys()
    mon = DSRunner(fresh, ["V", "spike"], dt=0.1 * ms).run(5 * ms, inputs=1.5 * mA)
    assert_array_equal(mon.V.magnitude, expected.V.magnitude)
    assert_array_equal(mon.spike, expected.spike)


def test_states_without_such_a_record_go_into_a_model_that_has_one(tmp_path):
    plain, touched = driven(LIF(3)), driven(LIF(3))
    touched.target.V.value = np.array([0, 0.5, 2]) * mV
    touched.run(1 * ms, inputs=1.5 * mA)
    plain.save(tmp_path / "file")
    expected = plain.run(5 * ms, inputs=1.5 * mA)
    mon = DSRunner.resume(tmp_path / "file", touched.target).run(5 * ms, inputs=1.5 * mA)
    assert_array_equal(mon.V.magnitude, expected.V.magnitude)
    assert_array_equal(mon.spike, expected.spike)


def test_states_that_do_not_fit_leave_such_a_record_as_it_is(tmp_path):
    touched, other = driven(LIF(3)), driven(LIF(4))
    touched.target.V.value = np.array([0, 0.5, 2]) * mV
    touched.run(0 * ms, inputs=1.5 * mA)
    before = touched.target.state_dict()
    other.save(tmp_path / "file")
    with pytest.raises(ValueError, match="shape"):
        touched.target.load_state_dict(other.target.state_dict())
    with pytest.raises(ValueError, match="another model"):
        DSRunner.resume(tmp_path / "file", touched.target)
    fewer = {k: v for k, v in before.items() if k not in ("spiked", "tau")}
    with pytest.raises(KeyError, match="missing tau"):
        touched.target.load_state_dict(fewer)
    assert touched.target.state_dict().keys() == before.keys()
