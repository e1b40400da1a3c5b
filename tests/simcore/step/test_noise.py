"""Random numbers of a step: what they depend on, their distribution, and how those of halved steps refine them."""

from dataclasses import replace
from statistics import NormalDist

import jax.numpy as jnp
import numpy as np
import pytest

from simcore import Module
from simcore.module.structure import bound
from simcore.step import generator
from simcore.step.context import Step, entered
from simcore.step.noise import bits, normal, part, refine, uniform

STEP = Step(i=24, dt=0.5, t=12.0, t0=0.0, seed=0)


def node(path, times=0):
    """Return the inside of a module of that name, whose steps are halved so many times."""
    model = Module()
    setattr(model, path, Module())
    refine(model, times)
    return getattr(bound(model, {}, {}), path)


def test_noise_depends_on_seed_step_and_path_only():
    def draw(path="E", **changes):
        with entered(replace(STEP, uses={}, **changes)):
            return np.asarray(normal(node(path), (4,)))

    assert np.array_equal(draw(), draw(t=99.0, dt=1.0, prepared={"x": 1}))
    for other in (draw(path="I"), draw(i=25), draw(seed=1)):
        assert not np.isin(other, draw()).any()


def test_noise_is_standard_normal():
    with entered(replace(STEP, uses={})):
        x = np.asarray(normal(node("E"), (40_000,)))
    # Five standard errors: 1/sqrt(n) of the mean, sqrt(2/n) of the variance.
    assert abs(x.mean()) < 5 / 200
    assert abs(x.var() - 1) < 5 * np.sqrt(2) / 200


def cut(draw, times, i=24, shape=(4000,)):
    """Return what `draw` gives in each of the 2**times parts of step i, (2**times, *shape)."""
    refined, drawn = node("E", times), []
    for k in range(2**times):
        with entered(replace(STEP, i=np.int32((i << times) + k), uses={})):
            drawn.append(np.asarray(draw(refined, shape)))
    return np.stack(drawn)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_the_noise_of_the_parts_of_a_step_is_together_that_of_the_step(times, precision):
    whole, parts = cut(normal, 0)[0], cut(normal, times)
    # dW of n parts of variance dt / n adds up: sum z_k sqrt(dt / n) = z sqrt(dt).
    eps = np.finfo(precision).eps
    assert np.abs(parts.sum(0) / np.sqrt(len(parts)) - whole).max() < 20 * eps
    halves = cut(normal, times - 1)
    pairs = parts.reshape(len(halves), 2, -1).sum(1) / np.sqrt(2)
    assert np.abs(pairs - halves).max() < 20 * eps  # of any two levels
    coarse = cut(lambda node, shape: normal(node, shape, coarse=True), times)
    assert np.array_equal(coarse, np.stack([whole] * len(parts)))


@pytest.mark.parametrize("times", [1, 2])
def test_refined_noise_is_independent_standard_normal(times):
    z = np.concatenate([cut(normal, times, i) for i in range(5)])
    # Five standard errors, 1 / sqrt(n), of covariances: 1 on the diagonal (sqrt(2 / n) there), 0 elsewhere.
    off = np.cov(z) - np.eye(len(z))
    assert np.abs(off).max() < 5 * np.sqrt(2 / 4000)
    assert np.abs(off - np.diag(np.diag(off))).max() < 5 / np.sqrt(4000)


def test_a_number_is_that_of_its_member_however_many_there_are():
    for draw in (normal, uniform):
        many = cut(draw, 0)[0]
        for shape in [(1,), (7,), (40, 50)]:
            assert np.array_equal(cut(draw, 0, shape=shape)[0].ravel(), many[: np.prod(shape)])


def test_a_normal_number_is_the_quantile_of_its_word(precision):
    words = np.random.default_rng(0).integers(0, 2**32, (2, 2000), dtype=np.uint32)
    words[:, ::2] >>= np.arange(1000, dtype=np.uint32) % 32  # the tails too, down to
    words[0, :4] = 0, 1, 2**32 - 2, 2**32 - 1  # the last words
    words[0, 4:500] = 2**32 - 1 - (words[0, 4:500] >> np.arange(496, dtype=np.uint32) % 32)
    z = np.asarray(generator.normal(tuple(jnp.asarray(words))))
    # Python's inverse of the normal distribution (Wichura, AS 241, 16 digits) at the probability that the word says;
    # near p = 1/2, where that is rounded, the first terms of the series of the quantile.
    low = 0.5 if precision == "float32" else (words[1] + 0.5) / 2**32
    p = ((words[0] >> 1) + low) / 2**32
    y = np.sqrt(2 * np.pi) * (((~words[0] >> 1) + (1 - low)) / 2**32)
    expected = [-NormalDist().inv_cdf(p) if y > 1e-3 else y + y**3 / 6 for p, y in zip(p, y, strict=True)]
    expected = np.where(words[0] & 1, 1, -1) * np.array(expected)
    assert np.abs(z / expected - 1).max() < {"float32": 6e-7, "float64": 1e-12}[precision]


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("count", [0, 1, 7, 31, 32, 500])
@pytest.mark.parametrize("dtype", [np.int32, float])
@pytest.mark.parametrize("precision", [pytest.param("float32", marks=pytest.mark.slow), "float64"], indirect=True)
def test_the_spikes_of_a_step_fall_into_its_parts_like_coins(times, count, dtype, precision):
    parts = cut(lambda node, shape: part(node, jnp.full(shape, count, dtype)), times)
    assert np.array_equal(parts, np.round(parts))
    assert parts.min() >= 0
    assert np.array_equal(parts.sum(0), np.full(4000, count))
    halves = cut(lambda node, shape: part(node, jnp.full(shape, count, dtype)), times - 1)
    assert np.array_equal(parts.reshape(len(halves), 2, -1).sum(1), halves)
    # Each part is binomial, p = 1 / 2**times. Five standard errors; of the variance, kurtosis at most 3 + 1 / npq.
    p, n = 1 / len(parts), 4000
    variance = count * p * (1 - p)
    assert np.abs(parts.mean(1) - count * p).max() <= 5 * np.sqrt(variance / n)
    assert np.abs(parts.var(1) - variance).max() <= 5 * np.sqrt((2 * variance + 1) * variance / n) + variance / n


def test_random_words_are_those_of_the_coarse_step():
    assert np.array_equal(cut(bits, 2), np.stack([cut(bits, 0)[0]] * 4))


def test_a_refined_model_is_another_program():
    model = Pair()
    before = model.structure()
    refine(model, 1)
    assert (model.halvings, model.part.halvings) == (1, 1)
    assert model.structure() != before
    assert Pair().halvings == 0


class Pair(Module):
    def __init__(self):
        super().__init__()
        self.part = Module()
