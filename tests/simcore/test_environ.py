import zlib
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from simcore import DimensionalityError, Module, environ
from simcore.units import ms, mV, us

# What a step sees: floats in ms.
STEP = {"dt": 0.5, "t": 12.0, "i": 24, "seed": 0, "mode": "step", "prepared": {}}


@pytest.fixture(autouse=True)
def no_leak():
    before = environ.default_dt()
    with environ.context():  # what a test sets ends with it
        yield
    assert environ.default_dt() == before == 0.1


def test_the_time_step_is_a_tenth_of_a_millisecond_unless_set():
    assert environ.get("dt") == 0.1 * ms
    environ.set(dt=50 * us)
    assert environ.get("dt") == 0.05 * ms
    assert environ.default_dt() == 0.05


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
    with environ.context(dt=0.2 * ms), environ.inside(STEP):
        assert (environ.get("dt"), environ.get("t"), environ.get("i")) == (0.5, 12.0, 24)
        assert environ.in_step() is STEP
        with pytest.raises(KeyError, match="it holds dt, t, i"):
            environ.get("seed")
    assert environ.get("dt") == 0.1 * ms


def test_what_belongs_to_a_step_is_refused_outside():
    with pytest.raises(RuntimeError, match=r"call it from a model's update\(\)"):
        environ.in_step()
    with pytest.raises(RuntimeError, match=r"call it from a model's update\(\)"):
        environ.normal(SimpleNamespace(_path="E"), (3,))


def test_once_computes_in_the_preparation_only():
    node, prepared = SimpleNamespace(_path="E"), {}
    with environ.inside(STEP | {"mode": "prepare", "prepared": prepared}):
        assert environ.once(node, lambda: 7) == 7
    with environ.inside(STEP | {"prepared": prepared}):
        assert environ.once(node, lambda: pytest.fail("computed in a step")) == 7


def test_noise_depends_on_seed_step_and_path_only():
    def draw(path="E", **changes):
        with environ.inside(STEP | changes):
            return np.asarray(environ.normal(SimpleNamespace(_path=path), (4,)))

    assert np.array_equal(draw(), draw(t=99.0, dt=1.0, prepared={"x": 1}))
    for other in (draw(path="I"), draw(i=25), draw(seed=1)):
        assert not np.isin(other, draw()).any()


def test_noise_is_standard_normal():
    with environ.inside(STEP):
        x = np.asarray(environ.normal(SimpleNamespace(_path="E"), (40_000,)))
    # Five standard errors: 1/sqrt(n) of the mean, sqrt(2/n) of the variance.
    assert abs(x.mean()) < 5 / 200
    assert abs(x.var() - 1) < 5 * np.sqrt(2) / 200


def cut(draw, times, i=24, shape=(4000,)):
    """Return what `draw` gives in each of the 2**times parts of step i, (2**times, *shape)."""
    node, found = SimpleNamespace(_path="E", _refined=times), []
    for k in range(2**times):
        with environ.inside(STEP | {"i": np.int32((i << times) + k), "counts": {}}):
            found.append(np.asarray(draw(node, shape)))
    return np.stack(found)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_the_noise_of_the_parts_of_a_step_is_together_that_of_the_step(times, precision):
    whole, parts = cut(environ.normal, 0)[0], cut(environ.normal, times)
    # dW of n parts of variance dt / n adds up: sum z_k sqrt(dt / n) = z sqrt(dt).
    eps = np.finfo(precision).eps
    assert np.abs(parts.sum(0) / np.sqrt(len(parts)) - whole).max() < 20 * eps
    halves = cut(environ.normal, times - 1)
    pairs = parts.reshape(len(halves), 2, -1).sum(1) / np.sqrt(2)
    assert np.abs(pairs - halves).max() < 20 * eps  # of any two levels
    coarse = cut(lambda node, shape: environ.normal(node, shape, coarse=True), times)
    assert np.array_equal(coarse, np.stack([whole] * len(parts)))


@pytest.mark.parametrize("times", [1, 2])
def test_refined_noise_is_independent_standard_normal(times):
    z = np.concatenate([cut(environ.normal, times, i) for i in range(5)])
    # Five standard errors, 1 / sqrt(n), of covariances: 1 on the diagonal (sqrt(2 / n) there), 0 elsewhere.
    off = np.cov(z) - np.eye(len(z))
    assert np.abs(off).max() < 5 * np.sqrt(2 / 4000)
    assert np.abs(off - np.diag(np.diag(off))).max() < 5 / np.sqrt(4000)


def test_a_step_that_is_not_refined_has_the_noise_it_always_had():
    key = jax.random.fold_in(jax.random.fold_in(jax.random.key(0), zlib.crc32(b"E/noise/0")), 24)
    assert np.array_equal(cut(environ.normal, 0)[0], jax.random.normal(key, (4000,)))


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("count", [0, 1, 7, 31, 32, 500])
@pytest.mark.parametrize("dtype", [np.int32, float])
def test_the_spikes_of_a_step_fall_into_its_parts_like_coins(times, count, dtype, precision):
    parts = cut(lambda node, shape: environ.part(node, jnp.full(shape, count, dtype)), times)
    assert np.array_equal(parts, np.round(parts))
    assert parts.min() >= 0
    assert np.array_equal(parts.sum(0), np.full(4000, count))
    halves = cut(lambda node, shape: environ.part(node, jnp.full(shape, count, dtype)), times - 1)
    assert np.array_equal(parts.reshape(len(halves), 2, -1).sum(1), halves)
    # Each part is binomial, p = 1 / 2**times. Five standard errors; of the variance, kurtosis at most 3 + 1 / npq.
    p, n = 1 / len(parts), 4000
    variance = count * p * (1 - p)
    assert np.abs(parts.mean(1) - count * p).max() <= 5 * np.sqrt(variance / n)
    assert np.abs(parts.var(1) - variance).max() <= 5 * np.sqrt((2 * variance + 1) * variance / n) + variance / n


def test_random_words_are_those_of_the_coarse_step():
    def words(node, shape):
        return environ.bits([(node, shape, None), (node, (3,), 7)])[0]

    assert np.array_equal(cut(words, 2), np.stack([cut(words, 0)[0]] * 4))


def test_a_refined_model_is_another_program():
    model = Pair()
    before = model.structure()
    environ.refine(model, 1)
    assert (environ.level(model), environ.level(model.part)) == (1, 1)
    assert model.structure() != before
    assert environ.level(Pair()) == 0


class Pair(Module):
    def __init__(self):
        super().__init__()
        self.part = Module()


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
