"""Each integrator: its measured order on a named test problem, exactness, noise."""

import contextlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import units
from simcore.integrators import Integrator, RungeKutta
from simcore.integrators import phi as integrators
from simcore.units import mA, ms, mV, pA


class Logistic(sc.Neuron):
    """y' = r y (1 - y / K): Verhulst's equation, whose solution is known."""

    r = sc.Param(0.7, "1/ms", "rate")
    K = sc.Param(2.0, "mV", "capacity")
    V = sc.HiddenState("mV", "y", init=0.1)

    def derivative(self, V):
        return self.r * V * (1 - V / self.K)

    def update(self):
        self.V.value = self.integrate(self.derivative, self.V.value)

    @staticmethod
    def solution(t):
        return 2.0 / (1 + (2.0 / 0.1 - 1) * np.exp(-0.7 * t))


def driven(t):
    """Return the solution of y' = -y/2 + cos(t/2)/2, y(0) = 0."""
    return (np.cos(t / 2) + np.sin(t / 2) - np.exp(-t / 2)) / 2


def order(cls, method, T=8.0, dts=(0.1, 0.05, 0.025)):
    """Return the order of the global error at T over the halvings of dt."""
    errors = []
    for dt in dts:
        mon = sc.DSRunner(cls(1, method=method), monitors=["V"], dt=dt * ms).run(T * ms)
        errors.append(abs(mon.V.magnitude[-1, 0] - cls.solution(T)))
    return np.log2(errors[-2] / errors[-1])


@pytest.mark.parametrize(("method", "p"), [("euler", 1), ("heun", 2), ("rk2", 2), ("rk4", 4), ("exp_euler", 2)])
def test_order_on_the_logistic_equation(method, p):
    assert order(Logistic, method) == pytest.approx(p, abs=0.1)


ORDERS = {"euler": 1, "heun": 2, "rk2": 2, "rk4": 4, "exp_euler": 2, "exact": 2}
COSINE = sc.inputs.function(lambda t, A, tau: A * jnp.cos(t / tau), "mV", A=1 * mV, tau=2 * ms)


class Leaky(sc.Neuron):
    """tau V' = -V + x under x = cos(t / 2 ms) mV, which an update hands to the derivative as it is."""

    tau = sc.Param(2.0, "ms", "time constant")
    b = sc.Param(3.0, "mV", "bias")
    V = sc.HiddenState("mV", "V")

    def derivative(self, V, x):
        return (-V + x) / self.tau

    def update(self, x):
        self.V.value = self.integrate(self.derivative, self.V.value, x)


class Scaled(Leaky):
    """The input goes through a computation first."""

    def update(self, x):
        self.V.value = self.integrate(lambda V, I: (-V + I / 2 - self.b) / self.tau, self.V.value, 2 * (x + self.b))


class Closed(Leaky):
    """The input is read by a closure, in the second call of integrate()."""

    w = sc.HiddenState("mV", "w", init=1.0)

    def update(self, x):
        self.w.value = self.integrate(lambda w: -w / self.tau, self.w.value)
        self.V.value = self.integrate(lambda V: (-V + x + 0.0 * self.w.value) / self.tau, self.V.value)


class Timed(Leaky):
    """The derivative reads the time itself."""

    def update(self, x):
        def derivative(V):
            return (-V + self.b / 3 * jnp.cos(sc.environ.get("t") / self.tau)) / self.tau

        self.V.value = self.integrate(derivative, self.V.value)


def errors(cls, method, dts=(0.1, 0.05), **kwargs):
    """Return the errors of V at 8 ms."""
    runs = [sc.DSRunner(cls(1, method=method, **kwargs), monitors=["V"], dt=dt * ms) for dt in dts]
    return [abs(runner.run(8 * ms, inputs=COSINE).V.m_as("mV")[-1, 0] - driven(8.0)) for runner in runs]


@pytest.mark.parametrize(("method", "p"), ORDERS.items())
def test_order_under_an_input_that_is_a_function_of_t(method, p):
    first, second = errors(Leaky, method)
    assert np.log2(first / second) == pytest.approx(p, abs=0.1)


@pytest.mark.parametrize("cls", [Scaled, Closed, Timed])
def test_a_function_of_t_reaches_the_stages_whatever_an_update_makes_of_it(cls):
    for method in ("rk4", None):
        assert_allclose(errors(cls, method), errors(Leaky, method if cls is not Closed else method or "exp_euler"),
                        rtol=1e-3, atol=1e-12)  # fmt: skip


class ReadsAReceptor(Leaky):
    """Between two calls of integrate() it reads the receptor that the first one has advanced, and the spikes."""

    V_th, V_reset, unit = sc.Param(0.3, "mV"), sc.Param(0.0, "mV"), sc.Param(1.0, "mV/pA")
    w = sc.HiddenState("mV", "w")
    spk_reset = "none"

    def update(self, x):
        V = jnp.where(self.V.value >= self.V_th, self.V_reset, self.V.value)
        self.V.value = self.integrate(lambda V, I: (-V + x + self.unit * I) / self.tau, V, 0 * x / self.unit)
        drive = self.unit * self.exc.g.value + self.b * self.fire()
        self.w.value = self.integrate(lambda w, drive: (drive - w) / self.tau, self.w.value, drive)


@pytest.mark.parametrize("method", ["rk4", None])
def test_a_constant_given_as_a_function_of_t_changes_nothing(method):
    def w(drive):
        cell = ReadsAReceptor(1, method=method, receptors={"exc": sc.models.Exponential()})
        cell.init_state()
        cell.exc.g.value = 50 * pA
        return sc.DSRunner(cell, ["w"], dt=0.1 * ms).run(2 * ms, inputs=drive).w.m_as("mV")

    given, as_function = w(0.5 * mV), w(sc.inputs.function(lambda t, A: A + 0 * t, "mV", A=0.5 * mV))
    assert_allclose(as_function, given, rtol=1e-13)


def test_a_function_of_t_reaches_the_stages_in_a_network_and_in_unroll():
    def net():
        return sc.Network(a=sc.models.LIF(1, method="rk4", tau=2 * ms), b=sc.models.LIF(2, method="rk4"))

    wave = sc.inputs.function(lambda t, A, tau: A * jnp.cos(t / tau), "mA", A=0.9 * mA, tau=2 * ms)
    mon = sc.DSRunner(net(), monitors=["a.V", "b.V"], dt=0.1 * ms).run(8 * ms, inputs={"a": wave, "b": 0.5 * mA})
    assert abs(mon["a.V"].m_as("mV")[-1, 0] - 0.9 * driven(8.0)) < 1e-7  # measured 2e-8; 8e-3 at the step's start
    assert_allclose(mon["b.V"].m_as("mV")[-1], 0.5 * -np.expm1(-8 / 5), rtol=1e-7)

    class Seen(Leaky):
        def update(self, x):
            super().update(x)
            return self.V.value

    V = sc.unroll(Seen(1, method="rk4"), 8 * ms, inputs=COSINE, dt=0.1 * ms)()[0]
    assert abs(V[-1, 0] - driven(8.0)) < 1e-7


def test_a_method_of_ones_own_is_an_object():
    # Ralston's method: 2/3 of a step, weights 1/4 and 3/4; order 2.
    ralston = RungeKutta("ralston", (0.0, 2 / 3), ((2 / 3,),), (1 / 4, 3 / 4))
    first, second = errors(Leaky, ralston)
    assert np.log2(first / second) == pytest.approx(2, abs=0.1)
    assert "method=ralston" in repr(Leaky(1, method=ralston))

    class Backward(Integrator):
        """Backward Euler for a linear rate: v + dt f(v) / (1 - dt f'(v))."""

        name = "backward"

        def step(self, equations, prepared):
            (v,), rates, dt = equations.y, equations.rates_at(1.0), equations.dt
            f, slope = jax.jvp(rates.one((v,), 0), (v,), (jnp.ones_like(v),))
            return (v + dt * f / (1 - dt * slope),)

    first, second = errors(Leaky, Backward())
    assert np.log2(first / second) == pytest.approx(1, abs=0.1)
    with pytest.raises(ValueError, match=r"'method' must be one of exp_euler, euler, .* or an Integrator, got 'foo'"):
        Leaky(1, method="foo")


def test_a_method_of_ones_own_that_is_not_whole_says_what_it_lacks():
    class Empty(Integrator):
        pass

    class Prepares(Integrator):
        def prepare(self, equations):
            return (equations.dt,)

    for method, error, text in (
        (Empty(), NotImplementedError, r"Empty defines no step\(equations, prepared\)"),
        (Prepares(), TypeError, r"prepare\(\) of method=Prepares must return a dict of arrays, got a tuple"),
    ):
        with pytest.raises(error, match=text):
            Leaky(1, method=method).update(1 * mV)


@pytest.mark.parametrize(("returns", "got"), [(lambda y: y[0], "an array"), (lambda y: y[:1], "1"), (list, None)])
def test_a_method_of_ones_own_returns_one_array_for_each_state(returns, got):
    class Stays(Integrator):
        def step(self, equations, prepared):
            return returns(equations.y)

    class Pair(Leaky):
        w = sc.HiddenState("mV")

        def update(self, x):
            both = self.integrate(lambda V, w: (-V / self.tau, -w / self.tau), (self.V.value, self.w.value))
            self.V.value, self.w.value = both

    text = f"Pair: the step of method=Stays must return a tuple of 2, the new values of V, w; it returns {got}"
    with pytest.raises(TypeError, match=text) if got else contextlib.nullcontext():
        Pair(1, method=Stays()).update(1 * mV)


class HodgkinHuxley(sc.Neuron):
    """Hodgkin and Huxley (1952), Journal of Physiology 117, 500-544, V as today: rest at -65 mV."""

    C = sc.Param(1.0, "uF/cm**2")
    gNa, gK, gL = sc.Param(120.0, "mS/cm**2"), sc.Param(36.0, "mS/cm**2"), sc.Param(0.3, "mS/cm**2")
    ENa, EK, EL = sc.Param(50.0, "mV"), sc.Param(-77.0, "mV"), sc.Param(-54.387, "mV")
    m, h, n = (sc.HiddenState("dimensionless") for _ in range(3))
    V = sc.HiddenState("mV", init=-65.0)

    @staticmethod
    def rates(v):
        def linear(x):
            return x / (1 - jnp.exp(-x))

        return {
            "m": (linear((v + 40) / 10), 4 * jnp.exp(-(v + 65) / 18)),
            "h": (0.07 * jnp.exp(-(v + 65) / 20), 1 / (1 + jnp.exp(-(v + 35) / 10))),
            "n": (0.1 * linear((v + 55) / 10), 0.125 * jnp.exp(-(v + 65) / 80)),
        }

    def derivative(self, m, h, n, V, I):
        rates = self.rates(sc.units.number(V, "mV")).values()
        per_ms = sc.units.quantity(1.0, "1/ms")
        gates = [(a * (1 - x) - b * x) * per_ms for x, (a, b) in zip((m, h, n), rates, strict=True)]
        currents = self.gNa * m**3 * h * (V - self.ENa) + self.gK * n**4 * (V - self.EK) + self.gL * (V - self.EL)
        return (*gates, (I - currents) / self.C)

    def update(self, x):
        new = self.integrate(self.derivative, (self.m.value, self.h.value, self.n.value, self.V.value), x)
        self.m.value, self.h.value, self.n.value, self.V.value = new


def fifth_spike(dt, method=None):
    """Return when V crosses 0 mV upwards for the fifth time, in ms, at 10 uA/cm**2."""
    gates = {f"{k}_initializer": float(a / (a + b)) for k, (a, b) in HodgkinHuxley.rates(-65.0).items()}
    cell = HodgkinHuxley(1, method=method, **gates)
    mon = sc.DSRunner(cell, monitors=["V"], dt=dt * ms).run(62 * ms, inputs="10 uA/cm**2")
    V = mon.V.m_as("mV")[:, 0]
    k = np.flatnonzero((V[:-1] < 0) & (V[1:] >= 0))[4]
    return dt * (k + 1 - V[k] / (V[k + 1] - V[k]))


def test_exponential_euler_is_of_second_order_in_effect_for_hodgkin_and_huxley():
    # 60.7453 ms: an adaptive solver with event location. Rates of all states at the step's start: 0.820 ms at 0.025 ms.
    errors = [fifth_spike(dt) - 60.7453 for dt in (0.1, 0.05, 0.025, 0.0125)]
    assert_allclose(errors, [0.314, 0.0802, 0.0201, 0.0051], atol=1e-4)  # ~ 32 dt^2
    assert fifth_spike(0.0125, "rk4") == pytest.approx(60.7453, abs=2e-4)


def test_exp_euler_and_exact_are_exact_for_a_constant_current(precision):
    rtol = 2e-6 if precision == "float32" else 1e-12  # rounding of some 1000 steps
    for method in ("exp_euler", "exact"):
        mon = sc.DSRunner(sc.models.LIF(1, method=method), monitors=["V"]).run(100 * ms, inputs=0.9 * mA)
        assert_allclose(mon.V.m_as("mV")[:, 0], 0.9 * (1 - np.exp(-mon.ts.m_as("ms") / 5)), rtol=rtol, atol=1e-9)


def test_euler_advances_all_states_from_the_values_of_the_steps_start():
    class Curved(sc.bases.Dynamics):
        tau = sc.Param(5.0, "ms")
        x = sc.HiddenState("dimensionless", init=0.5)
        y = sc.HiddenState("dimensionless", init=-1.0)
        z = sc.HiddenState("dimensionless")

        def derivative(self, x, y, z):
            return (jnp.exp(y) - z) / self.tau, (x * z - y) / self.tau, units.quantity(0.3, "1/ms")

        def update(self):
            states = self.x, self.y, self.z
            for state, new in zip(states, self.integrate(self.derivative, tuple(s.value for s in states)), strict=True):
                state.value = new

    mon = sc.DSRunner(Curved(2, method="euler"), ["x", "y", "z"], dt=0.5 * ms).run(2 * ms)
    x, y, z = 0.5, -1.0, 0.0
    for row in range(4):
        x, y, z = x + 0.1 * (np.exp(y) - z), y + 0.1 * (x * z - y), z + 0.15
        assert_allclose([mon[name].m[row, 1] for name in "xyz"], [x, y, z], rtol=1e-14)


@pytest.mark.parametrize("method", ["euler", "exp_euler"])
def test_a_rate_in_whole_numbers_is_neither_linear_nor_a_quotient_of_floats(method):
    class Stairs(sc.bases.Dynamics):
        steps = sc.Param(3, "dimensionless", "mV of a step")
        y = sc.HiddenState("mV", init=10.0)

        def derivative(self, y):
            stair = jax.lax.div(units.number(y, "mV").astype(int), self.steps.astype(int))
            return units.quantity(-stair.astype(float), "mV/ms")

        def update(self):
            self.y.value = self.integrate(self.derivative, self.y.value)

    # -3, -3 above 9 mV, then -2: a slope of 0 everywhere makes Euler's step of both.
    y = sc.DSRunner(Stairs(1, method=method), ["y"], dt=0.25 * ms).run(1 * ms).y.m[:, 0]
    assert_allclose(y, [9.25, 8.5, 8.0, 7.5], rtol=1e-15)


def test_a_slow_variable_has_no_bias_in_float32(precision):
    # phi computed as (exp(z) - 1)/z in float32 would be wrong by 1e-4 at z = -1e-4, for good.
    lif = sc.models.LIF(1, tau=1000 * ms, V_th=100 * mV)
    mon = sc.DSRunner(lif, monitors=["V"]).run(1000 * ms, inputs=50 * mA)
    expected = 50 * (1 - np.exp(-mon.ts.m_as("ms") / 1000))
    rtol = 1e-4 if precision == "float32" else 1e-11  # 10 000 roundings of 6e-8 to one side at most: 6e-4
    assert_allclose(mon.V.m_as("mV")[:, 0], expected, rtol=rtol)


def phi_and_slope(z):
    """Return phi(z) and its derivative in long double."""
    z = z.astype(np.longdouble)
    phi = np.expm1(z) / z
    # (exp(z) (z - 1) + 1) / z^2 cancels near 0: there, sum of k z^(k - 1) / (k + 1)!.
    factorials = np.cumprod(np.arange(1, 25, dtype=np.longdouble))
    series = sum(k * z ** (k - 1) / factorials[k] for k in range(1, 23))
    return phi, np.where(np.abs(z) < 1, series, (1 - (1 - z) * np.exp(z)) / z**2)


@jax.jit
def grad_of_phi(z):
    return jax.grad(lambda z: integrators.phi(z).sum())(z)


# Both sides of the limit of the series; arrays that need the quotient, and one that does not.
PHI_RANGES = {"near": (-12, 0), "negative and positive": (-12, np.log10(20))}


@pytest.mark.parametrize(("low", "high"), PHI_RANGES.values(), ids=PHI_RANGES)
def test_phi_and_its_derivative_are_exact_to_rounding(precision, low, high):
    dtype = np.dtype(precision)
    size = np.logspace(low, high, 5001).clip(max=integrators.MAX_GROWTH)
    z = np.concatenate([-size, size]).astype(dtype)
    if high > 0:
        z = np.concatenate([z, -np.logspace(high, 30, 1001).astype(dtype)])
    exact, slope = phi_and_slope(z)
    got = np.asarray(jax.jit(integrators.phi)(z))
    # Measured: at most 3; XLA's exp alone has 1, the division 0.5, and exp(z) - 1 multiplies the first by 1.6 at z = 1.
    assert np.max(np.abs(got - exact) / np.spacing(exact.astype(dtype))) < 4
    # The derivative of the quotient cancels by a factor of 4 at z = -1.
    small = np.finfo(dtype).tiny ** 0.5 * 1e3
    forwards = jax.jit(lambda z: jax.jvp(integrators.phi, (z,), (z * 0 + 1,))[1])
    for gradient in (grad_of_phi(z), forwards(z)):
        assert_allclose(np.asarray(gradient), slope, rtol=20 * np.finfo(dtype).eps, atol=small)


def test_phi_of_zero_infinity_and_nan(precision):
    z = jnp.array([0.0, -np.inf, np.nan, -1.0], float)
    assert_allclose(integrators.phi(z), [1, 0, np.nan, 1 - np.exp(-1)], rtol=1e-6)
    assert_allclose(integrators.phi(z[:1]), [1])
    assert np.isnan(integrators.phi(jnp.array([0.1, np.nan], float))[1])


@pytest.mark.parametrize("n", [0, 1, 31, 33, 500, 1001, integrators.IN_CACHE + 1])
def test_one_large_element_anywhere_leaves_phi_of_the_others_alone(n):
    z = -np.linspace(0.01, 0.1, n)
    expected = np.expm1(z) / z
    assert_allclose(jax.jit(integrators.phi)(z), expected, rtol=1e-15)
    for k in {0, n // 2, max(n - 1, 0)} if n else ():
        at, wanted = z.copy(), expected.copy()
        at[k], wanted[k] = -5.0, np.expm1(-5.0) / -5.0
        assert_allclose(jax.jit(integrators.phi)(at), wanted, rtol=1e-15)


@pytest.mark.slow  # in which XLA optimizes as for users: else the two are different by rounding
def test_what_others_need_changes_no_bit_of_phi(precision):
    z = np.linspace(*integrators.NEAR, 1001).astype(precision)
    alone = np.asarray(jax.jit(integrators.phi)(z))
    assert_array_equal(jax.jit(integrators.phi)(np.append(z, z.dtype.type(-5)))[:-1], alone)


@pytest.mark.parametrize("precision", ["float32", pytest.param("float64", marks=pytest.mark.slow)], indirect=True)
def test_phi_under_vmap_equals_a_loop_with_its_gradient(precision):
    z = jnp.array([[-0.01, 0.02, 0.0], [-3.0, 0.1, -1e30], [20.0, -1.0, 1.0]], float)  # near, mixed, mixed
    rtol = 4 * np.finfo(precision).eps
    loop = [integrators.phi(row) for row in z]
    assert_allclose(jax.vmap(integrators.phi)(z), loop, rtol=rtol)
    # The branch that is not taken is computed as well, and must not make a gradient nan.
    for fn in (
        jax.vmap(grad_of_phi),
        jax.vmap(jax.vmap(jax.grad(integrators.phi))),
        jax.grad(lambda z: jax.vmap(integrators.phi)(z).sum()),
    ):
        gradient = jax.jit(fn)(z)
        assert np.isfinite(gradient).all()
        assert_allclose(gradient, [grad_of_phi(row) for row in z], rtol=10 * rtol)


@pytest.mark.parametrize("scale", [0.01, 1.0, 30.0])
def test_phi_1_is_the_block_of_scipys_matrix_exponential(precision, scale):
    rng = np.random.default_rng(0)
    A = -scale * np.diag(rng.random(4) + 0.1) + 0.2 * scale * rng.normal(size=(4, 4))
    block = np.block([[A, np.eye(4)], [np.zeros((4, 8))]])
    expected = scipy.linalg.expm(0.1 * block)[:4, 4:]
    atol = np.abs(expected).max() * (1e-6 if precision == "float32" else 1e-14)
    assert_allclose(jax.jit(integrators.phi_1)(jnp.asarray(A, float), 0.1), expected, rtol=0, atol=atol)


def test_exact_has_no_error_in_dt_for_coupled_states():
    # Between spikes GIF is linear: one step of 5 ms equals 50 of 0.1 ms.
    def V(dt):
        gif = sc.models.GIF(1, a="0.005 1/ms", I1_initializer=sc.init.Constant(0.5 * mA))
        return sc.DSRunner(gif, monitors=["V"], dt=dt * ms).run(5 * ms, inputs=0.5 * mA).V.magnitude[-1, 0]

    assert_allclose(V(5.0), V(0.1), rtol=1e-13)


@pytest.mark.parametrize(("n", "neighbours"), [(17, 17), (34, 1)])  # all act on all; a cable
def test_an_integrator_is_told_of_every_state_that_moves_another(n, neighbours):
    names, reached = [f"x{i}" for i in range(n)], []

    class Asks(Integrator):
        def step(self, equations, prepared):
            reached.append(equations.reach())
            return equations.y

    class Coupled(sc.bases.Dynamics):
        vars().update({name: sc.HiddenState("mV") for name in names})
        tau = sc.Param(10.0, "ms")

        def derivative(self, *x):
            return tuple(sum(x[max(0, i - neighbours) : i + neighbours + 1]) / self.tau for i in range(n))

        def update(self, x=None):
            states = [getattr(self, name) for name in names]
            for state, new in zip(states, self.integrate(self.derivative, tuple(s.value for s in states)), strict=True):
                state.value = new

    Coupled(1, method=Asks()).update()
    assert reached[-1].all()  # directly, or by way of others


def test_exact_takes_one_propagator_a_neuron_where_parameters_differ():
    taus = np.array([5.0, 10.0, 20.0])
    both = sc.models.GIF(3, tau=taus * ms)
    together = sc.DSRunner(both, monitors=["V"]).run(20 * ms, inputs=1 * mA).V.magnitude
    for k, tau in enumerate(taus):
        alone = sc.DSRunner(sc.models.GIF(1, tau=tau * ms), monitors=["V"]).run(20 * ms, inputs=1 * mA)
        assert_allclose(alone.V.magnitude[:, 0], together[:, k], rtol=1e-12)


class OfEight(sc.bases.Dynamics):
    """tau V' = -V + share of x: a test gives the share of each of four neurons."""

    tau = sc.Param(5.0, "ms")
    V = sc.HiddenState("mV")
    share = None

    def derivative(self, V, x):
        return (-V + self.share(V, x)) / self.tau

    def update(self, x):
        self.V.value = self.integrate(self.derivative, self.V.value, x)


SHARES = {  # what it is of 8 mV
    "the number of neurons": (lambda self, V, x: x / V.size, 2.0),
    "the last axis": (lambda self, V, x: x / V.shape[-1], 2.0),
    "a range": (lambda self, V, x: x * jnp.arange(V.size), [0.0, 8.0, 16.0, 24.0]),
    "a sum over the neurons": (lambda self, V, x: x * jnp.cumsum(jnp.ones_like(V)), [8.0, 16.0, 24.0, 32.0]),
    "another axis": (lambda self, V, x: jnp.squeeze((0 * V)[..., None] + x, -1), 8.0),
    "an operation on equal shapes": (lambda self, V, x: jax.lax.mul(jnp.full(V.shape, 0.5), 0 * V + x), 4.0),
}


@pytest.mark.parametrize("method", ["exact", "exp_euler", pytest.param("rk4", marks=pytest.mark.slow)])
@pytest.mark.parametrize("reads", SHARES)
def test_a_rate_may_read_the_shapes_of_its_arguments(reads, method):
    share, expected = SHARES[reads]
    model = type("Reads", (OfEight,), {"share": share})(4, method=method)
    V = sc.DSRunner(model, ["V"]).run(2 * ms, inputs=8 * mV).V.m_as("mV")[-1]
    rtol = 1e-8 if method == "rk4" else 1e-12
    assert_allclose(V, np.broadcast_to(expected, 4) * -np.expm1(-2 / 5), rtol=rtol)


@pytest.mark.parametrize(
    "as_it_is",
    [
        lambda w, V: jnp.squeeze(w[..., None], -1),
        lambda w, V: jax.lax.select(jnp.ones(V.shape, bool), w, 0 * V),
        lambda w, V: w * V.size / 4,
    ],
)
def test_a_rate_that_reads_shapes_may_stand_beside_a_curved_one(as_it_is):
    class Pair(OfEight):
        w = sc.HiddenState("mV")
        D = sc.Param(10.0, "mV")
        same = staticmethod(lambda w, V: w)

        def derivative(self, V, w, x):
            return (-V + self.D * jnp.exp(V / self.D / 5) - w + x) / self.tau, (V - self.same(w, V)) / self.tau

        def update(self, x):
            self.V.value, self.w.value = self.integrate(self.derivative, (self.V.value, self.w.value), x)

    plain, reads = (type("Pair", (Pair,), {"same": staticmethod(f)})(4) for f in (Pair.same, as_it_is))
    expected, got = (sc.DSRunner(model, ["V", "w"]).run(2 * ms, inputs=8 * mV) for model in (plain, reads))
    assert_allclose(got.V.m, expected.V.m, rtol=1e-12)
    assert_allclose(got.w.m, expected.w.m, rtol=1e-12)


def test_exact_refuses_a_derivative_that_is_not_linear():
    with pytest.raises(ValueError, match="ExpIF: method='exact' needs a derivative that is linear"):
        sc.DSRunner(sc.models.ExpIF(1, method="exact")).run(1 * ms, inputs=1 * mA)


@pytest.mark.parametrize(
    ("method", "exactly"),
    [
        ("exp_euler", True),
        pytest.param("exact", True, marks=pytest.mark.slow),  # test_noise_on_states.py has it in the short run
        ("euler", False),
        pytest.param("rk4", False, marks=pytest.mark.slow),
    ],
)
def test_noise_has_the_variance_of_the_ornstein_uhlenbeck_process(method, exactly):
    # dV = -V/tau dt + sigma dW: stationary variance sigma^2 tau / 2; Euler's is that / (1 - dt / 2 tau).
    n, dt, tau, sigma = 20_000, 1.0, 5.0, 0.3
    lif = sc.models.LIF(n, V_th="1e3 mV", noise=f"{sigma} mV/ms**0.5", method=method)
    V = sc.DSRunner(lif, monitors=["V"], dt=dt * ms, seed=1).run(60 * ms).V.m_as("mV")[-1]
    decay = {"euler": 1 - dt / tau}.get(method, np.exp(-dt / tau))
    per_step = sigma**2 * (tau / 2 * -np.expm1(-2 * dt / tau) if exactly else dt)
    expected = per_step / (1 - decay**2)
    assert np.var(V) == pytest.approx(expected, rel=5 * np.sqrt(2 / n))  # five standard errors
    assert abs(V.mean()) < 5 * np.sqrt(expected / n)


def test_noise_depends_on_the_seed_and_on_nothing_else():
    def V(seed, parts):
        runner = sc.DSRunner(sc.models.LIF(3, noise="0.1 mV/ms**0.5"), monitors=["V"], seed=seed)
        return np.concatenate([runner.run(p * ms).V.magnitude for p in parts])

    np.testing.assert_array_equal(V(1, [10]), V(1, [3, 7]))
    assert not np.allclose(V(1, [10]), V(2, [10]))
    assert len(np.unique(V(1, [10])[-1])) == 3  # each neuron its own


class Separate(sc.Neuron):
    """Two linear equations integrated by two calls."""

    tau = sc.Param(5.0, "ms", "time constant of V")
    tau_w = sc.Param(20.0, "ms", "time constant of w")
    V = sc.HiddenState("mV", "V", init=1.0)
    w = sc.HiddenState("mV", "w", init=1.0)

    def update(self):
        self.V.value = self.integrate(lambda V: -V / self.tau, self.V.value)
        self.w.value = self.integrate(lambda w: -w / self.tau_w, self.w.value)


@pytest.mark.parametrize("method", ["exp_euler", "exact"])
def test_each_call_of_integrate_has_factors_and_noise_of_its_own(method):
    mon = sc.DSRunner(Separate(1, method=method), monitors=["V", "w"]).run(10 * ms)
    t = mon.ts.m_as("ms")
    assert_allclose(mon.V.magnitude[:, 0], np.exp(-t / 5), rtol=1e-12)
    assert_allclose(mon.w.magnitude[:, 0], np.exp(-t / 20), rtol=1e-12)
    noisy = Separate(1, method=method, noise="1 mV/ms**0.5", tau_w=5 * ms)
    mon = sc.DSRunner(noisy, monitors=["V", "w"]).run(10 * ms)
    assert not np.allclose(mon.V.magnitude, mon.w.magnitude)


class Gated(sc.Neuron):
    """tau V' = -V - g (V - E), tau g' = -g: the slope of V follows another state, read beside the arguments."""

    tau = sc.Param(5.0, "ms", "time constant")
    E = sc.Param(10.0, "mV", "reversal potential")
    V = sc.HiddenState("mV", "V")
    g = sc.HiddenState("dimensionless", "gate", init=5.0)

    def derivative(self, V):
        return (-V - self.g.value * (V - self.E)) / self.tau

    def update(self):
        self.V.value = self.integrate(self.derivative, self.V.value)
        self.g.value = self.integrate(lambda g: -g / self.tau, self.g.value)


class Jumps(sc.models.LIF):
    """A rate with a jump: its slope is constant, and yet it is not affine."""

    def derivative(self, V, I):
        return (-V + jnp.where(self.V_th / 2 < V, self.V_th, 0.0) + self.R * I) / self.tau


class Slowing(sc.Neuron):
    """V' = -V t / tau^2: the slope follows the time."""

    tau = sc.Param(5.0, "ms", "time constant")
    V = sc.HiddenState("mV", "V", init=1.0)

    def derivative(self, V):
        return -V * sc.environ.get("t") / self.tau**2

    def update(self):
        self.V.value = self.integrate(self.derivative, self.V.value)


@pytest.mark.parametrize(("cls", "inputs"), [(Gated, None), (Jumps, 0.6 * mA), (Slowing, None)])
def test_factors_that_change_in_a_run_stay_in_the_loop(cls, inputs):
    def V(method, dt):
        model = cls(1, method=method, **({"V_th": 2 * mV} if cls is Jumps else {}))
        return sc.DSRunner(model, monitors=["V"], dt=dt * ms).run(10 * ms, inputs=inputs).V.magnitude[-1, 0]

    exact = V("euler", 0.002)
    assert V("exp_euler", 0.02) == pytest.approx(exact, rel=0.01)
    with pytest.raises(ValueError, match="method='exact' needs"):
        V("exact", 0.02)


def test_a_rate_that_reads_an_axis_of_its_input():
    class TwoInputs(sc.models.LIF):
        def derivative(self, V, x):
            return super().derivative(V, x[..., 0] - x[..., 1])

        def check_input(self, shape):
            assert shape == (2,)

    for method in ("exp_euler", "exact", "rk4"):
        model = TwoInputs(1, method=method)
        mon = sc.DSRunner(model, monitors=["V"]).run(5 * ms, inputs=np.array([0.9, 0.2]) * mA)
        expected = 0.7 * (1 - np.exp(-mon.ts.m_as("ms") / 5))
        assert_allclose(mon.V.m_as("mV")[:, 0], expected, rtol=1e-6)


def test_integrate_inside_a_jax_loop_says_what_to_do():
    class Substeps(sc.models.LIF):
        def update(self, x):
            def body(_, V):
                return self.integrate(self.derivative, V, x)

            self.V.value = jax.lax.fori_loop(0, 4, body, self.V.value)

    with pytest.raises(NotImplementedError, match="write the loop in Python"):
        Substeps(1).update(1 * mA)
