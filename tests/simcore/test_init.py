import inspect

import numpy as np
import pint
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pint.testing import assert_equal
from scipy import special, stats

import simcore as sc
from simcore import DimensionalityError, init
from simcore.units import Hz, V, ms, mV, nS

N = 50_000
Quantity = pint.get_application_registry().Quantity
OWN = pint.UnitRegistry()
# He et al. (2015), Glorot and Bengio (2010), LeCun et al. (1998): the variance of a weight by its fans in and out.
VARIANCE = {
    "KaimingNormal": lambda n_in, n_out: 2 / n_in,
    "KaimingUniform": lambda n_in, n_out: 2 / n_in,
    "XavierNormal": lambda n_in, n_out: 2 / (n_in + n_out),
    "XavierUniform": lambda n_in, n_out: 2 / (n_in + n_out),
    "LecunNormal": lambda n_in, n_out: 1 / n_in,
    "LecunUniform": lambda n_in, n_out: 1 / n_in,
}
RANDOM = {
    "Normal": {},
    "Uniform": {},
    "TruncatedNormal": {"mean": 0.0, "std": 1.0, "low": -1.0, "high": 1.0},
    "Orthogonal": {},
} | {name: {} for name in VARIANCE}


def draw(name, shape, seed=1, **arguments):
    return getattr(init, name)(**(RANDOM[name] | arguments), seed=seed)(shape)


# ------------------------------------------------------------------ distributions


def truncated_cdf(x, low=-1.0, high=2.0):
    return (special.ndtr(x) - special.ndtr(low)) / (special.ndtr(high) - special.ndtr(low))


@pytest.mark.parametrize(
    ("initializer", "cdf"),
    [
        (init.Normal(-60 * mV, 5 * mV, seed=1), lambda x: special.ndtr((x + 60) / 5)),
        (init.Uniform(-60 * mV, -50 * mV, seed=2), lambda x: np.clip((x + 60) / 10, 0, 1)),
        (init.TruncatedNormal(-60 * mV, 5 * mV, -65 * mV, -50 * mV, seed=3), lambda x: truncated_cdf((x + 60) / 5)),
        (
            init.TruncatedNormal(-60 * mV, 5 * mV, -np.inf * mV, -60 * mV, seed=4),
            lambda x: np.minimum(2 * special.ndtr((x + 60) / 5), 1),
        ),
    ],
)
def test_a_distribution_is_the_one_it_is_named_after(initializer, cdf):
    x = initializer(N).m_as("mV")
    # Kolmogorov and Smirnov: a right sampler fails for one seed in a thousand, a sigma wrong by 2 % nearly always.
    assert stats.kstest(x, cdf).pvalue > 1e-3


@pytest.mark.parametrize(
    ("name", "arguments", "mean", "std"),
    [
        ("Normal", {"mean": 3.0, "std": 0.5}, 3.0, 0.5),
        ("Normal", {}, 0.0, 1.0),
        ("Uniform", {"low": -1.0, "high": 3.0}, 1.0, 4 / np.sqrt(12)),
        ("Uniform", {}, 0.5, 1 / np.sqrt(12)),
    ],
)
def test_the_moments_are_right_within_five_standard_errors(name, arguments, mean, std):
    x = draw(name, (N,), **arguments)
    assert abs(x.mean() - mean) < 5 * std / np.sqrt(N)
    # The standard error of a standard deviation is at most that of the normal distribution.
    assert abs(x.std() - std) < 5 * std / np.sqrt(2 * N)


@pytest.mark.parametrize("name", VARIANCE)
@pytest.mark.parametrize(("shape", "n_in", "n_out"), [((200, 300), 200, 300), ((3, 5, 40, 50), 600, 750)])
def test_weights_have_the_variance_that_their_fans_ask_for(name, shape, n_in, n_out):
    w = draw(name, shape)
    variance = VARIANCE[name](n_in, n_out)
    assert abs(w.mean()) < 5 * np.sqrt(variance / w.size)
    assert abs(w.var() / variance - 1) < 5 * np.sqrt(2 / w.size)
    if name.endswith("Uniform"):  # of half width a, the variance is a^2 / 3
        assert 0.99 < abs(w).max() / np.sqrt(3 * variance) <= 1
    else:
        assert abs(w).max() > 3.5 * np.sqrt(variance)


@pytest.mark.parametrize("shape", [(20, 30), (30, 20), (3, 4, 5), (7, 7)])
def test_an_orthogonal_matrix_has_orthonormal_rows_or_columns(shape):
    w = draw("Orthogonal", shape, scale=2.0).reshape(-1, shape[-1])
    gram = w @ w.T if w.shape[0] < w.shape[1] else w.T @ w
    assert_allclose(gram, 4 * np.eye(min(w.shape)), atol=1e-13)


def test_orthogonal_matrices_are_uniform_over_the_group():
    diagonal = np.array([np.diag(draw("Orthogonal", (3, 3), seed=k)) for k in range(500)])
    # By symmetry the mean of an entry is 0, its variance 1/3. Without the choice of signs the means are near -0.4.
    assert_allclose(diagonal.mean(0), 0, atol=5 * np.sqrt(1 / 3 / 500))


@pytest.mark.parametrize("name", [*VARIANCE, "Orthogonal"])
def test_weights_need_two_axes(name):
    with pytest.raises(ValueError, match=r"for weights \(\.\.\., in, out\); it was given the shape \(3,\)"):
        draw(name, 3)


# ------------------------------------------------------------------ seeds and units


@pytest.mark.parametrize("name", RANDOM)
def test_the_seed_decides_the_values_and_is_0_where_nothing_gives_another(name):
    assert_array_equal(getattr(init, name)(**RANDOM[name])((4, 5)), draw(name, (4, 5), seed=0))
    assert_array_equal(draw(name, (4, 5)), draw(name, (4, 5)))
    assert not np.isin(draw(name, (4, 5)), draw(name, (4, 5), seed=2)).any()


def test_every_random_initializer_is_tested():
    random = {n for n, c in vars(init).items() if inspect.isclass(c) and "seed" in inspect.signature(c).parameters}
    assert {n for n in random if not n.startswith("_")} == {*RANDOM, "ForRate"}


@pytest.mark.parametrize("name", ["Normal", "Uniform", *VARIANCE])
def test_a_quantity_gives_the_same_numbers_in_its_unit(name):
    arguments = {"Normal": {"mean": 0 * nS, "std": 1 * nS}, "Uniform": {"low": 0 * nS, "high": 1 * nS}}
    got = draw(name, (4, 5), **arguments.get(name, {"scale": 1 * nS}))
    assert got.units == nS
    assert_array_equal(got.magnitude, draw(name, (4, 5)))


def test_mixed_units_of_one_dimension_are_converted():
    got = init.Uniform(-60 * mV, -0.05 * V, seed=1)(1000)
    assert got.units == mV
    assert_allclose(got.magnitude, init.Uniform(-60 * mV, -50 * mV, seed=1)(1000).magnitude, rtol=1e-14)
    assert_equal(init.Uniform(-60 * mV, -50 * OWN.mV, seed=1)(3), init.Uniform("-60 mV", -50 * mV, seed=1)(3))


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((0 * mV, 1), "Normal: 'std' needs a quantity in mV, got the bare number 1; write 1 * mV."),
        ((0, 1 * mV), "Normal: 'mean' needs a quantity in mV, got the bare number 0; write 0 * mV."),
        ((0 * mV, 1 * ms), "Normal: 'std' needs a quantity in mV, got 1 ms."),
    ],
)
def test_a_bare_number_or_another_dimension_beside_a_quantity_is_refused(arguments, text):
    with pytest.raises(DimensionalityError) as err:
        init.Normal(*arguments, seed=1)(3)
    assert str(err.value) == text


def test_bounds_in_the_wrong_order_are_refused():
    with pytest.raises(ValueError, match="TruncatedNormal needs low < high, got 1 and -1"):
        init.TruncatedNormal(0, 1, 1, -1, seed=1)(3)
    with pytest.raises(ValueError, match="high - low < 0"):
        init.Uniform(1, 0, seed=1)(3)


# ------------------------------------------------------------------ constants


def test_constants_fill_the_shape():
    assert_equal(init.Constant(-70 * mV)((2, 3)), np.full((2, 3), -70.0) * mV)
    assert_array_equal(init.Constant([1.0, 2.0])((3, 2)), [[1.0, 2.0]] * 3)
    assert_equal(init.Constant([1 * mV, 0.002 * V])(2), [1.0, 2.0] * mV)
    assert_equal(init.ZeroInit("mV")(3), np.zeros(3) * mV)
    assert_array_equal(init.ZeroInit()(3), np.zeros(3))
    assert_array_equal(init.OneInit()(3), np.ones(3))
    assert_equal(init.OneInit(2 * nS)(3), np.full(3, 2.0) * nS)


def test_an_initializer_with_an_offset_temperature_keeps_it():
    assert_array_equal(init.Constant(Quantity(36, "degC"))(2).m_as("K"), [309.15, 309.15])


@pytest.mark.parametrize("shape", [3, np.int64(3), (3,), [3]])
def test_a_shape_is_a_number_or_a_sequence(shape):
    for initializer in (init.Constant(1.0), init.Normal(seed=1), init.Uniform(seed=1)):
        assert initializer(shape).shape == (3,)


# ------------------------------------------------------------------ param


def test_param_spreads_a_value_over_shape_and_batch():
    assert_equal(init.param(3 * mV, (2,)), [3.0, 3.0] * mV)
    assert_equal(init.param([1, 2, 3] * mV, 3, batch_size=2), [[1.0, 2.0, 3.0]] * 2 * mV)
    assert_equal(init.param("3 mV", 2, batch_size=1), [[3.0, 3.0]] * mV)
    assert_array_equal(init.param(0.5, (2,)), [0.5, 0.5])
    assert init.param(3 * mV, 2).magnitude.dtype == float
    assert init.param(None, (2,)) is None


def test_param_draws_anew_for_each_member_of_a_batch():
    got = init.param(init.Normal(0 * mV, 1 * mV, seed=1), 3, batch_size=2)
    assert_equal(got, init.Normal(0 * mV, 1 * mV, seed=1)((2, 3)))
    assert len(set(got.magnitude.ravel())) == 6


def test_param_does_not_share_memory_with_what_it_was_given():
    values = np.zeros(3)
    init.param(values * mV, 3).magnitude[:] = 1
    init.param(values, 3)[:] = 1
    assert not values.any()


def test_param_keeps_the_registry_of_the_user():
    OWN.define("furlong_per_spike = 201 * meter")
    assert init.param(3 * OWN.furlong_per_spike, 2).m_as("m").tolist() == [603.0, 603.0]


@pytest.mark.parametrize(("shape", "batch_size"), [((2,), None), ((2,), 3), ((3, 2), None)])
def test_param_refuses_a_value_that_does_not_broadcast(shape, batch_size):
    with pytest.raises(ValueError, match=r"^a value of the shape \(3,\) does not broadcast to \("):
        init.param([1, 2, 3] * mV, shape, batch_size)


@pytest.mark.parametrize(("rate", "dt", "fan_in", "input_rate"), [(10, 1.0, 400, 20), (20, 0.2, 1000, 5)])
def test_weights_for_a_rate_make_neurons_fire_at_it(rate, dt, fan_in, input_rate):
    class Layer(sc.Module):
        def __init__(self):
            super().__init__()
            self.cell = sc.models.LIFRef(300, tau=20 * ms, tau_ref=2 * ms, spk_reset="hard")
            weight = init.ForRate(self.cell, rate * Hz, input_rate * Hz, dt * ms, seed=1)
            self.fc = sc.models.Linear(fan_in, 300, unit="mA", weight=weight)

        def update(self, x):
            return self.cell(self.fc(x))

    spikes = np.random.default_rng(0).random((int(4000 / dt), fan_in)) < input_rate * dt / 1e3
    drive = sc.inputs.Waveform(spikes * sc.units.unit("dimensionless"), dt=dt * ms)
    mon = sc.DSRunner(Layer(), {"n": "cell.spike_count"}, dt=dt * ms).run(inputs=drive)
    # The rates of the neurons differ by as much as their mean: of 300, and of a membrane that jumps, 10 % are left.
    assert abs(mon.n.mean() / 4 - rate) < 0.12 * rate


def test_a_rate_that_no_weights_reach_is_refused():
    cell = sc.models.LIFRef(1, tau_ref=10 * ms)
    with pytest.raises(ValueError, match=r"below .* Hz, which no weights of mean 0 reach, got 90 Hz"):
        init.ForRate(cell, 90 * Hz, 20 * Hz, 1 * ms)((100, 1))
    with pytest.raises(TypeError, match="for leaky integrate-and-fire neurons; HH has no R"):
        init.ForRate(sc.models.HH(1), 10 * Hz, 20 * Hz, 1 * ms)((100, 1))
    with pytest.raises(ValueError, match=r"for weights \(fan_in, fan_out\)"):
        init.ForRate(cell, 10 * Hz, 20 * Hz, 1 * ms)(100)
