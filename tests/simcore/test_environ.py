import importlib
import json
import pickle

import pytest

from simcore import DimensionalityError, Module, environ
from simcore.step.context import Step, current, default_dt, entered, once
from simcore.step.noise import normal
from simcore.units import ms, mV, us

# What a step sees: floats in ms.
STEP = Step(i=24, dt=0.5, t=12.0, t0=0.0, seed=0)


@pytest.fixture(autouse=True)
def no_leak():
    before = default_dt()
    with environ.context():  # what a test sets ends with it
        yield
    assert default_dt() == before == 0.1


def test_the_time_step_is_a_tenth_of_a_millisecond_unless_set():
    assert environ.get("dt") == 0.1 * ms
    environ.set(dt=50 * us)
    assert environ.get("dt") == 0.05 * ms
    assert default_dt() == 0.05


def test_a_context_ends_with_its_block():
    with environ.context(dt=0.2 * ms, t=5 * ms, i=25):
        assert (environ.get("dt"), environ.get("t"), environ.get("i")) == (0.2 * ms, 5 * ms, 25)
        with environ.context(dt=0.4 * ms):
            assert (environ.get("dt"), environ.get("t")) == (0.4 * ms, 5 * ms)
            environ.set(dt=0.8 * ms, t=6 * ms)
            assert (environ.get("dt"), environ.get("t")) == (0.8 * ms, 6 * ms)
        assert (environ.get("dt"), environ.get("t")) == (0.2 * ms, 5 * ms)
    assert environ.get("dt") == 0.1 * ms
    with pytest.raises(KeyError):
        environ.get("t")


def test_a_context_ends_with_an_error_too():
    with pytest.raises(RuntimeError, match="user"), environ.context(dt=0.2 * ms):
        raise RuntimeError("user")
    assert environ.get("dt") == 0.1 * ms


@pytest.mark.parametrize("call", [environ.set, environ.context])
def test_a_value_of_the_wrong_unit_is_refused(call):
    for bad in (0.1, 1 * mV):
        with pytest.raises(DimensionalityError, match=r"^environ: 'dt' needs a quantity in ms, got "):
            call(dt=bad).__enter__()
    with pytest.raises(DimensionalityError, match=r"^environ: 't' needs a quantity in ms, got "):
        call(t=5.0).__enter__()
    with pytest.raises(ValueError, match=r"^environ: 'dt' must be > 0, got 0 ms"):
        call(dt=0 * ms).__enter__()
    with pytest.raises(TypeError):
        call(i=2.5).__enter__()
    assert environ.get("dt") == 0.1 * ms


def test_a_name_that_the_environment_does_not_hold_is_a_key_error():
    for call in (lambda: environ.get("tau"), lambda: environ.set(tau=1 * ms)):
        with pytest.raises(KeyError, match="environ has no 'tau'; it holds dt, t, i"):
            call()


@pytest.mark.parametrize("name", ["t", "i"])
def test_a_value_that_is_not_set_is_a_key_error_that_says_how_to_set_it(name):
    with pytest.raises(KeyError, match=rf"environ holds no '{name}'; set it with environ\.set\({name}="):
        environ.get(name)


def test_inside_a_step_the_values_are_those_of_the_step_as_floats():
    with environ.context(dt=0.2 * ms), entered(STEP):
        assert (environ.get("dt"), environ.get("t"), environ.get("i")) == (0.5, 12.0, 24)
        assert current() is STEP
        with pytest.raises(KeyError, match="it holds dt, t, i"):
            environ.get("seed")
    assert environ.get("dt") == 0.1 * ms


def test_what_belongs_to_a_step_is_refused_outside():
    with pytest.raises(RuntimeError, match=r"call it from a model's update\(\)"):
        current()
    with pytest.raises(RuntimeError, match=r"call it from a model's update\(\)"):
        normal(Module(), (3,))


def test_once_computes_in_the_preparation_only():
    preparing = Step(i=24, dt=0.5, t=12.0, t0=0.0, seed=0, phase="prepare")
    with entered(preparing):
        assert once("E", lambda: 7, "no") == 7
    with entered(Step(i=24, dt=0.5, t=12.0, t0=0.0, seed=0, prepared=preparing.prepared)):
        assert once("E", lambda: pytest.fail("computed in a step"), "no") == 7


def test_a_direct_call_takes_t_and_i_from_the_environment():
    class Reads(Module):
        def update(self):
            return environ.get("t"), environ.get("i"), environ.get("dt")

    model = Reads()
    with environ.context(dt=0.2 * ms, t=3 * ms, i=5):
        t, i, dt = model.update()
    assert (t.m_as("ms"), i, dt.m_as("ms")) == (pytest.approx(3), 5, 0.2)
    t, i, _ = model.update()  # its own clock goes on from there
    assert (i, t.m_as("ms")) == (6, pytest.approx(2.0 + 6 * 0.1))


def test_assigning_to_the_environment_names_the_call_that_sets_it():
    with pytest.raises(AttributeError, match=r"environ: 'dt' cannot be assigned; write environ\.set\(dt=\.\.\.\)"):
        environ.dt = 0.5 * ms
    with pytest.raises(AttributeError, match="environ: 'step' cannot be assigned"):
        environ.step = 0.5 * ms


def test_the_environment_is_still_a_module():
    importlib.reload(environ)
    environ.set(dt=0.3 * ms)
    assert default_dt() == 0.3
    assert all(pickle.loads(pickle.dumps(value)) is value for value in (environ, environ.set))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(environ, "get", len)


def test_programs_are_kept_in_a_folder_for_later_processes(other_process, tmp_path):
    run = """
import json, os
import jax
import jax.numpy as jnp
if shell:
    os.environ["SIMCORE_CACHE"] = folder
    import importlib
    importlib.reload(__import__("simcore").environ)
import simcore as sc
from simcore.units import mA, ms
jnp.zeros(3) + 1  # something has been compiled before
if not shell:
    sc.environ.set(cache=folder)
hits = []
jax.monitoring.register_event_listener(lambda name, **_: hits.append(name) if name.endswith("cache_hits") else None)
runner = sc.DSRunner(sc.models.LIF(3), ["V"], progress_bar=False)
V = runner.run(2 * ms, inputs=2 * mA).V
open(file, "w").write(json.dumps([len(hits), V.m.tolist()]))
"""
    answers = []
    for k, shell in enumerate((False, False, True)):
        file = tmp_path / f"{k}.json"
        process = other_process(run, folder=str(tmp_path / "cache"), file=str(file), shell=shell)
        process.join(120)
        assert process.exitcode == 0
        answers.append(json.loads(file.read_text()))
    (first, V), (second, again), (third, _) = answers
    assert (first, second > 0, third > 0) == (0, True, True)
    assert again == V
    with pytest.raises(NotADirectoryError):
        environ.set(cache=tmp_path / "0.json" / "cache")
