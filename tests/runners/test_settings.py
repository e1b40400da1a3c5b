"""Attributes of runners and sweeps: the real ones are checked as by the constructor, misspelt ones refused."""

import pytest

import simcore as sc
from simcore import DSRunner
from simcore.models import LIF
from simcore.units import mA, ms


def test_monitors_that_are_set_are_read_and_checked_as_in_the_constructor():
    runner = DSRunner(LIF(3), ["V"])
    runner.run(1 * ms, inputs=1 * mA)
    runner.monitors = {"some": ("spike", [0]), "mean": sc.measure.mean("V")}
    assert set(runner.run(1 * ms, inputs=1 * mA)) == {"ts", "some", "mean"}
    with pytest.raises(ValueError, match="LIF has no 'W'"):
        runner.monitors = ["W"]
    with pytest.raises(TypeError, match=r"must be a list of names, got the text 'V'"):
        runner.monitors = "V"
    assert [m.name for m in runner.monitors] == ["some", "mean"]


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("on_error", "ignore", "DSRunner: 'on_error' must be one of raise, warn, stop, got 'ignore'"),
        ("seed", -1, r"DSRunner: 'seed' must be an int from 0 to 2\*\*32 - 1, got -1"),
        ("i", 2.5, "DSRunner: 'i' must be a number of steps, an int from 0 to"),
        ("i", -1, "DSRunner: 'i' must be a number of steps"),
    ],
)
def test_a_setting_is_checked_when_it_is_set(name, value, text):
    runner = DSRunner(LIF(1), seed=3)
    with pytest.raises(ValueError, match=text):
        setattr(runner, name, value)
    assert (runner.on_error, runner.seed) == ("raise", 3)
    runner.on_error, runner.seed, runner.progress_bar = "warn", 5, False
    assert (runner.on_error, runner.seed, runner.progress_bar) == ("warn", 5, False)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("monitor", "DSRunner has no setting 'monitor'; did you mean 'monitors'? It has monitors, seed, progress_bar"),
        ("on_eror", "did you mean 'on_error'?"),
        ("frobnicate", "DSRunner has no setting 'frobnicate'. It has monitors"),
        ("dt", "DSRunner: 'dt' cannot be set; it can be given when another DSRunner is made"),
        ("target", "'target' cannot be set"),
        ("store", "'store' cannot be set"),
        ("run", "'run' cannot be set"),
    ],
)
def test_what_is_no_setting_is_refused_by_name(name, text):
    runner = DSRunner(LIF(1), ["V"])
    with pytest.raises(AttributeError) as caught:
        setattr(runner, name, ["spike"])
    assert text in str(caught.value)


def test_a_sweep_has_settings_too():
    sweep = sc.Sweep(LIF(1), {"tau": [5, 6] * ms}, {"n": sc.measure.spike_count})
    sweep.batch_size = 2
    with pytest.raises(ValueError, match="Sweep: 'batch_size' must be a positive int, got 0"):
        sweep.batch_size = 0
    with pytest.raises(AttributeError, match="Sweep has no setting 'batchsize'; did you mean 'batch_size'"):
        sweep.batchsize = 3
    with pytest.raises(AttributeError, match="Sweep: 'measures' cannot be set"):
        sweep.measures = {}


def test_other_monitors_do_not_go_into_the_same_store(tmp_path):
    runner = DSRunner(LIF(1), ["V"], store=tmp_path / "run")
    runner.run(1 * ms)
    runner.monitors = ["spike"]
    with pytest.raises(ValueError, match="has the monitors of the run before"):
        runner.run(1 * ms)
    runner.monitors = ["V"]
    assert len(runner.run(1 * ms).V) == 20


def test_times_of_a_runner_are_quantities():
    runner = DSRunner(LIF(1), dt=0.2 * ms, t0=3 * ms)
    assert (runner.t0, runner.dt, runner.t) == (3 * ms, 0.2 * ms, 3 * ms)


def test_what_is_on_or_off_is_true_or_false():
    with pytest.raises(TypeError, match="DSRunner: 'jit' must be True or False, got 'maybe'"):
        DSRunner(LIF(1), jit="maybe")
    with pytest.raises(TypeError, match="Sweep: 'progress_bar' must be True or False, got 'no'"):
        sc.Sweep(LIF(1), {"tau": [5, 6] * ms}, {"n": sc.measure.spike_count}, progress_bar="no")
