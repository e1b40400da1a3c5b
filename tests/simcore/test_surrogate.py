import copy
import dataclasses
import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from simcore import surrogate
from simcore.surrogate import fire
from simcore.units import mV


def pdf(x, mean, sigma):
    return np.exp(-0.5 * ((x - mean) / sigma) ** 2) / np.sqrt(2 * np.pi * sigma**2)


def s2nn(x, alpha=4.0, beta=1.0):
    left = alpha * np.exp(-alpha * x) / (1 + np.exp(-alpha * x)) ** 2
    return np.where(x < 0, left, beta / (np.abs(x) + 1))


# The derivatives with the defaults of BrainPy's surrogates (braintools.surrogate), written again in numpy.
FORMULAS = {
    "Sigmoid": lambda x, alpha=4.0: alpha / (4 * np.cosh(alpha * x / 2) ** 2),
    "PiecewiseQuadratic": lambda x, alpha=1.0: np.where(abs(x) <= 1 / alpha, alpha - alpha**2 * abs(x), 0),
    "PiecewiseExp": lambda x, alpha=1.0: alpha * np.exp(-alpha * abs(x)) / 2,
    "SoftSign": lambda x, alpha=1.0: alpha / (2 * (1 + alpha * abs(x)) ** 2),
    "Arctan": lambda x, alpha=1.0: alpha / (2 * (1 + (np.pi * alpha * x / 2) ** 2)),
    "NonzeroSignLog": lambda x, alpha=1.0: alpha / (1 + alpha * abs(x)),
    "ERF": lambda x, alpha=1.0: alpha * np.exp(-(alpha**2) * x**2) / np.sqrt(np.pi),
    "PiecewiseLeakyRelu": lambda x, c=0.01, w=1.0: np.where(abs(x) > w, c, 1 / (2 * w)),
    "SquarewaveFourierSeries": lambda x, n=2, t_period=8.0: (
        4 / t_period * np.cos(np.outer(x, 2 * np.arange(1, n + 1) - 1) * 2 * np.pi / t_period).sum(1)
    ),
    "S2NN": s2nn,
    "QPseudoSpike": lambda x, alpha=2.0: 1 / (1 + 2 * abs(x) / (alpha + 1)) ** alpha,
    "LeakyRelu": lambda x, alpha=0.1, beta=1.0: np.where(x < 0, alpha, beta),
    "LogTailedRelu": lambda x, alpha=0.0: np.select([x > 1, x > 0], [1 / np.maximum(x, 0.1), 1.0], alpha),
    "ReluGrad": lambda x, alpha=0.3, width=1.0: np.clip(alpha * (width - abs(x)), 0, None),
    "GaussianGrad": lambda x, sigma=0.5, alpha=0.5: alpha * pdf(x, 0, sigma),
    "MultiGaussianGrad": lambda x, h=0.15, s=6.0, sigma=0.5, scale=0.5: (
        scale * ((1 + h) * pdf(x, 0, sigma) - h * pdf(x, sigma, s * sigma) - h * pdf(x, -sigma, s * sigma))
    ),
    "InvSquareGrad": lambda x, alpha=100.0: (alpha * abs(x) + 1) ** -2.0,
    "SlayerGrad": lambda x, alpha=1.0: np.exp(-alpha * abs(x)),
}
# The kinks at 0 and 1 are among them; elsewhere all are smooth.
X = np.array([-2.5, -1.0, -0.7, -0.1, 0.0, 0.2, 0.5, 1.0, 1.3, 4.0])
SMOOTH = np.array([-2.5, -0.7, -0.1, 0.2, 0.5, 1.3, 4.0])

each = pytest.mark.parametrize("name", FORMULAS)


def make(name, **constants):
    return getattr(surrogate, name)(**constants)


def constants(name):
    return {k: p.default for k, p in inspect.signature(FORMULAS[name]).parameters.items() if k != "x"}


def slope(f, x):
    """Return the derivative of f by x, element by element."""
    return jax.jit(jax.vmap(jax.grad(lambda v: f(v))))(x)


def test_every_surrogate_is_tested():
    classes = {c for c in vars(surrogate).values() if inspect.isclass(c) and issubclass(c, surrogate.Surrogate)}
    assert classes == {type(make(name)) for name in FORMULAS} | {surrogate.Surrogate}
    assert set(surrogate.__all__) == {c.__name__ for c in classes} | set(FORMULAS) | {"fire"}


@each
def test_the_spike_is_the_heaviside_step(name, precision):
    x = jnp.array([-1e30, -1.0, -1e-30, -0.0, 0.0, 1e-30, 1.0, 1e30, jnp.inf, -jnp.inf, jnp.nan], precision)
    expected = [0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0]
    spikes = make(name)(x)
    assert spikes.dtype == precision
    assert spikes.tolist() == expected


@each
def test_a_number_and_a_quantity_without_dimension_are_read(name):
    f = make(name)
    assert f(0) == f(-0.0) == f(2 * mV / (1 * mV)) == 1.0
    assert f(-1) == 0.0
    assert f(jnp.array([-1, 0, 1])).dtype == float


@each
def test_the_defaults_are_those_of_the_field(name):
    assert dataclasses.asdict(make(name)) == constants(name)


@each
def test_the_derivative_is_the_written_formula(name, precision):
    f = jax.jit(jax.vmap(jax.value_and_grad(make(name))))
    spikes, got = f(jnp.asarray(X, precision))
    assert spikes.tolist() == (X >= 0).tolist()
    assert got.dtype == precision
    rtol = 100 * float(jnp.finfo(precision).eps)  # a handful of operations, exponentials of up to 10
    assert_allclose(got, FORMULAS[name](X), rtol=rtol, atol=rtol / 10)


@each
def test_forward_mode_gives_the_formula_with_other_constants_too(name):
    other = {k: (3 if k == "n" else 1.7 * v + 0.1) for k, v in constants(name).items()}
    f = make(name, **other)
    # By the chain rule; 2 x + 1 is exact for these x up to 0.1, 0.2 and 1.3, which lie on no kink.
    spikes, got = jax.jit(lambda x, dx: jax.jvp(lambda v: f((v - 1) / 2), (x,), (dx,)))(2 * X + 1, np.full_like(X, 3.0))
    assert spikes.tolist() == (X >= 0).tolist()
    assert_allclose(got, 1.5 * FORMULAS[name](X, **other), rtol=1e-12, atol=1e-14)


@each
def test_the_second_derivative_is_that_of_the_formula(name):
    h = 1e-5  # the error of central differences is of order h^2 f''' and eps / h
    expected = (FORMULAS[name](SMOOTH + h) - FORMULAS[name](SMOOTH - h)) / (2 * h)
    got = slope(jax.grad(make(name)), SMOOTH)
    assert_allclose(got, expected, rtol=1e-5, atol=1e-9)


def test_constants_of_numpy_keep_the_dtype():
    x = jnp.float32(0.5)
    assert jax.grad(surrogate.Sigmoid(np.float64(4.0)))(x).dtype == "float32"


@each
def test_equal_constants_make_equal_surrogates(name):
    first = next(iter(constants(name)))
    f, other = make(name), make(name, **{first: constants(name)[first] + 1})
    assert f == make(name) == copy.deepcopy(f)
    assert hash(f) == hash(make(name))
    assert f != other
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(f, first, 2.0)


def test_surrogates_of_different_classes_differ():
    assert surrogate.PiecewiseExp() != surrogate.SlayerGrad()


def test_a_surrogate_without_a_formula_says_so():
    class Mine(surrogate.Surrogate):
        pass

    with pytest.raises(NotImplementedError, match=r"Mine defines no grad\(\)"):
        jax.grad(Mine())(1.0)


# ------------------------------------------------------------------ fire


def test_fire_compares_the_unscaled_values(precision):
    threshold = jnp.asarray(1.0, precision)
    below = jnp.nextafter(threshold, jnp.zeros_like(threshold))
    scale = jnp.finfo(precision).max
    assert (below - threshold) / scale == 0  # what a scaled comparison would see
    V = jnp.stack([below, threshold, jnp.asarray(jnp.nan, precision)])
    spikes = fire(surrogate.Sigmoid(), V, threshold, scale)
    assert spikes.dtype == precision
    assert spikes.tolist() == [0.0, 1.0, 0.0]


def test_fire_has_the_derivative_of_the_scaled_argument():
    V, threshold, scale = X * 3 - 50, -50.0, 3.0
    gradient = jax.grad(lambda *a: fire(surrogate.ERF(), *a), (0, 1, 2))
    by_V, by_threshold, by_scale = jax.jit(jax.vmap(gradient, (0, None, None)))(V, threshold, scale)
    assert_allclose(by_V, FORMULAS["ERF"](X) / scale, rtol=1e-12)
    assert_allclose(by_threshold, -FORMULAS["ERF"](X) / scale, rtol=1e-12)
    assert not by_scale.any()  # documented: it counts as a constant


def test_fire_takes_a_function_of_the_user_s_own():
    @jax.custom_jvp
    def spike(x):
        return jnp.where(x >= 0, 1.0, 0.0)

    spike.defjvp(lambda primals, tangents: (spike(*primals), 0.25 * tangents[0]))
    assert jax.grad(lambda V: fire(spike, V, -50.0, 10.0))(-52.0) == 0.025
