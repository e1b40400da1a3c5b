import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from simcore import DimensionalityError
from simcore.inputs import ou_process, wiener_process
from simcore.units import mA, ms, mV, nS, s

N = 20_000


@pytest.mark.parametrize("dt", [0.1, 0.5, 2.0])
def test_the_integral_of_white_noise_does_not_depend_on_dt(dt):
    w = wiener_process(0.3 * mA * ms**0.5, 20 * ms, 4 * ms, 14 * ms, dt * ms, n=N, seed=1)
    assert w.unit == "mA"
    integral = w.samples.sum(0) * dt
    # W(T) of a Wiener process: mean 0, variance sigma^2 T; five standard errors.
    variance = 0.3**2 * 10
    assert abs(integral.mean()) < 5 * np.sqrt(variance / N)
    assert abs(integral.var() / variance - 1) < 5 * np.sqrt(2 / N)


def test_samples_of_white_noise_are_independent():
    x = wiener_process(1 * mA * ms**0.5, N * 0.1 * ms, seed=2).samples
    for lag in (1, 2, 10):  # the standard error of a correlation of independent samples is 1 / sqrt(n)
        assert abs(np.corrcoef(x[lag:], x[:-lag])[0, 1]) < 5 / np.sqrt(N)


def test_the_unit_of_white_noise_is_that_of_sigma_over_the_root_of_time():
    reference = wiener_process(1 * mA * ms**0.5, 1 * ms, seed=1)
    assert_allclose(wiener_process(1 * mA * s**0.5, 1 * ms, seed=1).m_as("mA"), reference.samples * np.sqrt(1000))
    assert_allclose(wiener_process("1 mA*ms**0.5", 1 * ms, seed=1).m_as("mA"), reference.samples)
    assert wiener_process(1 * nS * ms**0.5, 1 * ms, seed=1).unit == "nS"


@pytest.mark.parametrize("dt", [0.1, 1.0, 20.0])
def test_an_ou_process_is_stationary_with_its_mean_deviation_and_correlation(dt):
    tau, lag = 20.0, 3
    w = ou_process(2 * mA, 500 * mA / 1000, tau * ms, 10 * dt * ms, dt=dt * ms, n=N, seed=3)
    x = w.samples
    # Uhlenbeck and Ornstein (1930): normal with variance sigma^2 at all times, correlation exp(-lag / tau).
    for k in (0, 1, 9):
        assert abs(x[k].mean() - 2) < 5 * 0.5 / np.sqrt(N)
        assert abs(x[k].std() / 0.5 - 1) < 5 / np.sqrt(2 * N)
    r = np.exp(-lag * dt / tau)
    for k in (0, 5):  # the standard error of a correlation coefficient is (1 - r^2) / sqrt(n)
        assert abs(np.corrcoef(x[k], x[k + lag])[0, 1] - r) < 5 * (1 - r**2) / np.sqrt(N)


def test_a_process_starts_with_its_window():
    inside = ou_process(1 * mA, 1 * mA, 5 * ms, 2 * ms, seed=1)
    later = ou_process(1 * mA, 1 * mA, 5 * ms, 10 * ms, 3 * ms, 5 * ms, seed=1)
    assert_array_equal(later.samples[30:50], inside.samples)


def white(**k):
    return wiener_process(1 * mA * ms**0.5, 2 * ms, **k)


def coloured(**k):
    return ou_process(0 * mA, 1 * mA, 5 * ms, 2 * ms, **k)


@pytest.mark.parametrize("noise", [white, coloured])
def test_the_seed_is_required_and_decides_the_samples(noise):
    with pytest.raises(TypeError, match="seed"):
        noise()
    assert_array_equal(noise(seed=1).samples, noise(seed=1).samples)
    assert not np.isin(noise(seed=1).samples, noise(seed=2).samples).any()


@pytest.mark.parametrize("noise", [white, coloured])
def test_n_is_the_number_of_independent_columns(noise):
    assert noise(seed=1).shape == (20,)
    assert noise(seed=1, n=1).shape == (20, 1)
    x = noise(seed=1, n=3).samples
    assert len(set(x.ravel())) == x.size == 60


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: wiener_process(1.0, 2 * ms, seed=1), DimensionalityError, "'sigma' needs a quantity, got"),
        (lambda: ou_process(0, 1 * mA, 5 * ms, 2 * ms, seed=1), DimensionalityError, "'mean' needs a quantity, got"),
        (lambda: ou_process(0 * mA, 1 * mV, 5 * ms, 2 * ms, seed=1), DimensionalityError, "'sigma' .* in mA, got 1 mV"),
        (lambda: ou_process(0 * mA, 1 * mA, 5, 2 * ms, seed=1), DimensionalityError, "'tau' needs a quantity in ms"),
        (lambda: ou_process(0 * mA, 1 * mA, 0 * ms, 2 * ms, seed=1), ValueError, "'tau' must be > 0, got 0 ms"),
    ],
)
def test_wrong_units_are_refused_by_name(make, error, text):
    with pytest.raises(error, match=text):
        make()
