"""exprel(x) = (exp(x) - 1) / x, compared with sixty decimal digits by the standard library."""

import decimal
import math
from decimal import Decimal

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

import simcore as sc
from simcore import DimensionalityError, units
from simcore.units import mA, ms

# Near 0, at 1 (where the derivatives change from the series to the closed form), far away.
X = [*np.linspace(-3, 3, 121), *np.logspace(-12, 1.9, 60), *-np.logspace(-12, 4, 60)]


def nth_derivative(x, n):
    """Return the integral of s^n exp(s x) for s from 0 to 1, the n-th derivative: by series, else by parts."""
    with decimal.localcontext(prec=60):
        x = Decimal(float(x))
        if x == 0:
            return 1 / (n + 1)
        if abs(x) < Decimal("0.5"):
            return float(sum(x**j / (math.factorial(j) * (j + n + 1)) for j in range(60)))
        value = (x.exp() - 1) / x
        for k in range(1, n + 1):
            value = (x.exp() - k * value) / x
        return float(value)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_exprel_and_its_derivatives_are_accurate_to_rounding(n, precision):
    f = sc.exprel
    for _ in range(n):
        f = jax.grad(f)
    x = jnp.asarray(X)
    # Each derivative subtracts once more: half as many digits again are lost at x = -1.
    rtol = 3 * 2**n * float(jnp.finfo(precision).eps)
    got = jax.jit(jax.vmap(f))(x)
    assert got.dtype == precision
    assert_allclose(got, [nth_derivative(v, n) for v in np.asarray(x)], rtol=rtol)


def test_exprel_has_the_right_limits(precision):
    largest = {"float32": 93.0, "float64": 716.0}[precision]  # exp(x) alone overflows at 88 and at 709
    x = jnp.array([-jnp.inf, -1e4, 0.0, largest, largest + 1, jnp.inf, jnp.nan])
    assert_allclose(sc.exprel(x), [0.0, 1e-4, 1.0, nth_derivative(largest, 0), np.inf, np.inf, np.nan], rtol=1e-4)
    slope = jax.jit(jax.vmap(jax.grad(sc.exprel)))(x)
    assert_allclose(slope, [0.0, 1e-8, 0.5, nth_derivative(largest, 1), np.inf, np.inf, np.nan], rtol=1e-4)


def test_integers_become_floats():
    assert sc.exprel(0) == 1.0
    assert_allclose(sc.exprel(np.arange(2)), [1.0, math.e - 1])


def test_the_rate_of_sodium_activation_passes_through_its_removable_singularity():
    # Hodgkin and Huxley (1952) with V in mV: alpha_m = 0.1 (V + 40) / (1 - exp(-(V + 40) / 10)); its limit at -40 is 1.
    def alpha_m(V):
        return 1 / sc.exprel(-(V + 40) / 10)

    V = np.array([-100.0, -65.0, -40.1, -39.9, 0.0, 60.0])
    assert_allclose(alpha_m(V), 0.1 * (V + 40) / (1 - np.exp(-(V + 40) / 10)), rtol=1e-12)
    assert alpha_m(-40.0) == 1.0
    assert_allclose(jax.jit(jax.grad(alpha_m))(-40.0), 0.05, rtol=1e-15)  # x / (1 - exp(-x)) = 1 + x / 2 + ...


def test_in_a_step_exprel_takes_pure_numbers_only():
    class Fitted(sc.models.LIF):
        def derivative(self, V, I):
            return units.quantity(sc.exprel(-units.number(V, "mV")), "mV/ms") + self.R * I / self.tau

    class WithUnit(sc.models.LIF):
        def derivative(self, V, I):
            return sc.exprel(V) + self.R * I / self.tau

    # dV/dt = exprel(-V) is 1 mV/ms at V = 0, with the slope -1/2: one step of exponential Euler.
    V = sc.DSRunner(Fitted(1, V_th="9 mV"), ["V"], dt=0.1 * ms).run(0.1 * ms, inputs=0 * mA).V.m
    assert_allclose(V, 2 * (1 - np.exp(-0.05)), rtol=1e-12)
    with pytest.raises(DimensionalityError, match=r"test_exprel\.py:\d+, in derivative: exprel\(\) needs a pure"):
        WithUnit(1).update(1 * mA)
