"""The equation check: what passes, what is refused, and where the error points."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import simcore as sc
from simcore import DimensionalityError, units
from simcore.step import equations, lines
from simcore.units import dimension, mA, ms, mV, nS, pA

mV_, ms_, pA_, one = dimension("mV"), dimension("ms"), dimension("pA"), units.NUMBER
x = jnp.arange(1.0, 5.0)
i = jnp.int32(1)


def dims(f, *inputs, args=None):
    """Return the dimensions of f's results for arguments of the given dimensions."""
    args = [x] * len(inputs) if args is None else args
    with jax.disable_jit():
        closed = jax.make_jaxpr(f)(*args)
    return equations.walk(closed, list(inputs))


@pytest.mark.parametrize(
    ("f", "inputs", "result"),
    [
        (lambda V, t: V / t, (mV_, ms_), "mV/ms"),
        (lambda V, t: V * t**2, (mV_, ms_), "mV*ms**2"),
        (lambda V: jnp.sqrt(V * V), (mV_,), "mV"),
        (lambda V: V**0.5 * V**1.5, (mV_,), "mV**2"),
        (lambda V: jnp.cbrt(V**3), (mV_,), "mV"),
        (lambda V: lax.rsqrt(V) ** 2, (mV_,), "1/mV"),
        (lambda V, W: jnp.exp(V / W), (mV_, mV_), "dimensionless"),
        (lambda V, W: jnp.where(V > W, V, 0.0), (mV_, mV_), "mV"),
        (lambda V: jnp.maximum(V, 0.0), (mV_,), "mV"),
        (lambda V: jnp.where(V > 0, V, jnp.inf), (mV_,), "mV"),
        (lambda V: jnp.sign(V) * jnp.argmax(V), (mV_,), "dimensionless"),
        (lambda V: V.sum() + V.mean() + V.max() - V.min(), (mV_,), "mV"),
        (lambda V: jnp.cumsum(V) + jnp.sort(V) + V[::-1], (mV_,), "mV"),
        (lambda V, I: jnp.outer(V, I) @ V, (mV_, pA_), "mV**2*pA"),
        (lambda V, I: jnp.dot(V, I), (mV_, pA_), "mV*pA"),
        (lambda V: V[jnp.array([0, 2])], (mV_,), "mV"),
        (lambda V: jnp.zeros(4).at[1].set(V[0]), (mV_,), "mV"),
        (lambda V: V.at[jnp.array([1, 2])].add(V[0]), (mV_,), "mV"),
        (lambda V: lax.dynamic_update_index_in_dim(V, V[0], i, 0), (mV_,), "mV"),
        (lambda V: lax.dynamic_slice(V, (i,), (2,)), (mV_,), "mV"),
        (lambda V: jnp.concatenate([V, V]), (mV_,), "mV"),
        (lambda V: jnp.pad(V, 1), (mV_,), "mV"),
        (lambda V: jnp.clip(V, -V[0], V[0]), (mV_,), "mV"),
        (lambda V: jnp.einsum("i,j->ij", V, V).T.reshape(2, 8), (mV_,), "mV**2"),
        (lambda V: lax.scan(lambda c, v: (c + v, c * v), 0.0, V)[1], (mV_,), "mV**2"),
        (lambda V: lax.fori_loop(0, i + 1, lambda k, c: c + V, jnp.zeros(4)), (mV_,), "mV"),
        (lambda V: lax.while_loop(lambda c: c[0] < V[0], lambda c: c + V, V), (mV_,), "mV"),
        (lambda V: lax.cond(i > 0, lambda v: v, lambda v: 2 * v, V), (mV_,), "mV"),
        (lambda V, t: jax.jvp(lambda v: v**2 / t, (V,), (jnp.ones_like(V),))[1], (mV_, ms_), "mV/ms"),
        (lambda V: jax.grad(lambda v: (v**2).sum())(V), (mV_,), "mV"),
        (lambda V: sc.surrogate.ReluGrad()(V / V), (mV_,), "dimensionless"),
        (lambda V: V * jax.random.normal(jax.random.key(0), (4,)), (mV_,), "mV"),
        (lambda V: jax.vmap(lambda v: v * v)(V), (mV_,), "mV**2"),
        (lambda V: units.quantity(jnp.exp(-units.number(V, "mV") / 10), "1/ms"), (mV_,), "1/ms"),
        (lambda V: jnp.isfinite(V) & (V > 0), (mV_,), "dimensionless"),
    ],
)  # fmt: skip
def test_dimensions_follow_the_algebra(f, inputs, result):
    (got,) = dims(f, *inputs)
    assert got == dimension(result)


def test_a_jitted_function_is_walked():
    closed = jax.make_jaxpr(lambda V: jax.jit(lambda v: jnp.where(v > 0, v, -v))(V))(x)
    assert equations.walk(closed, [mV_]) == [mV_]


def test_a_carry_of_a_scan_keeps_its_dimension():
    closed = jax.make_jaxpr(lambda V, t: lax.scan(lambda c, v: (c * v, c), V[0], t)[0])(x, x)
    with pytest.raises(DimensionalityError, match=r"scan\(\) joins mV and mV\*ms"):
        equations.walk(closed, [mV_, ms_])


def test_custom_derivatives_are_walked():
    @jax.custom_vjp
    def f(V):
        return V * V

    f.defvjp(lambda V: (f(V), V), lambda V, g: (2 * V * g,))
    assert dims(f, mV_) == [dimension("mV**2")]
    with pytest.raises(DimensionalityError, match=r"'\+' joins mV and mV\*\*2"):
        dims(lambda V: V + f(V), mV_)


@pytest.mark.parametrize(
    ("f", "inputs", "text"),
    [
        (lambda V, t: V + t, (mV_, ms_), "'+' joins mV and ms"),
        (lambda V, t: V - t, (mV_, ms_), "'-' joins mV and ms"),
        (lambda V: V + 1.0, (mV_,), "'+' joins mV and a pure number"),
        (lambda V: jnp.exp(V), (mV_,), "exp() needs a pure number, got mV"),
        (lambda V: jnp.tanh(V), (mV_,), "tanh() needs a pure number, got mV"),
        (lambda V, t: t <= V, (mV_, ms_), "an inequality compares"),
        (lambda V, t: jnp.where(V > 0, V, t), (mV_, ms_), "where() chooses between mV and ms"),
        (lambda V, t: jnp.maximum(V, t), (mV_, ms_), "maximum() compares mV and ms"),
        (lambda V: V**V, (mV_,), "pow() needs a pure number, got mV"),
        (lambda V, t: V.at[0].set(t[0]), (mV_, ms_), "at[].set() joins mV and ms"),
        (lambda V, t: jnp.concatenate([V, t]), (mV_, ms_), "concatenate() joins mV and ms"),
        (lambda V: jnp.prod(V), (mV_,), "reduce_prod() needs a pure number"),
        (lambda V: jnp.round(V), (mV_,), "round() needs a pure number"),
        (lambda V, t: lax.cond(V[0] > 0, lambda: V, lambda: t), (mV_, ms_), "cond() joins mV and ms"),
        (lambda V, t: lax.while_loop(lambda c: c[0] > 0, lambda c: c * t, V), (mV_, ms_), "while() joins mV and mV*ms"),
        (lambda V: units.number(V, "pA"), (mV_,), "number() or quantity() needs pA, got mV"),
        (lambda V: units.quantity(V, "pA"), (mV_,), "needs a pure number, got mV"),
    ],
)
def test_a_clash_names_the_operation_both_units_and_the_line(f, inputs, text):
    with pytest.raises(DimensionalityError) as caught:
        dims(f, *inputs)
    line = f.__code__.co_firstlineno
    assert str(caught.value).startswith(f"test_equations.py:{line}, in <lambda>: ")
    assert text in str(caught.value)


def test_an_unknown_operation_is_refused_by_name():
    with pytest.raises(DimensionalityError, match="no rule for the operation 'hessenberg'"):
        dims(lambda V: lax.linalg.hessenberg(jnp.outer(V, V))[0], mV_)


class Adaptive(sc.Neuron):
    """A neuron with many kinds of terms, in which the tests below plant one fault each."""

    g = sc.Param(10.0, "nS", "leak conductance")
    C = sc.Param(200.0, "pF", "membrane capacitance")
    V_rest = sc.Param(-65.0, "mV", "resting potential")
    V_T = sc.Param(-55.0, "mV", "soft threshold")
    delta_T = sc.Param(2.0, "mV", "slope factor")
    V_th = sc.Param(-40.0, "mV", "threshold", above="V_reset")
    V_reset = sc.Param(-68.0, "mV", "reset")
    tau_w = sc.Param(100.0, "ms", "adaptation time constant")
    a = sc.Param(2.0, "nS", "adaptation coupling")
    b = sc.Param(20.0, "pA", "adaptation jump")
    V = sc.HiddenState("mV", "membrane potential", init="V_rest")
    w = sc.HiddenState("pA", "adaptation current")

    def current(self, V, w, I):
        return -self.g * (V - self.V_rest) + self.g * self.delta_T * jnp.exp((V - self.V_T) / self.delta_T) - w + I

    def derivative(self, V, w, I):
        return self.current(V, w, I) / self.C, (self.a * (V - self.V_rest) - w) / self.tau_w

    def jump(self, w, spike):
        return w + self.b * spike

    def update(self, x):
        V = self.after_spike(self.V.value)
        w = self.jump(self.w.value, self.reset_spike())
        self.V.value, self.w.value = self.integrate(self.derivative, (V, w), x)
        return self.get_spike()


def fault(name, method, text, base=Adaptive):
    """Return a subclass with one wrong method, and the text its error must contain."""
    cls = type(name, (base,), {method.__name__: method})
    return pytest.param(cls, method.__code__.co_firstlineno + 1, method.__name__, text, id=name)


def missing_R():
    def derivative(self, V, I):
        return (-(V - self.V_rest) + I) / self.tau

    return fault("missing R", derivative, "'+' joins mV and pA", sc.models.LIF)


def plus_tau():
    def derivative(self, V, I):
        return -(V - self.V_rest) + self.R * I + self.tau

    return fault("+ tau for / tau", derivative, "'+' joins mV and ms", sc.models.LIF)


def missing_tau():
    def derivative(self, V, I):
        return -(V - self.V_rest) + self.R * I

    return fault("missing / tau", derivative, "the derivative of 'V' needs mV/ms, got mV", sc.models.LIF)


def exp_of_a_voltage():
    def current(self, V, w, I):
        return -self.g * (V - self.V_rest) + self.g * self.delta_T * jnp.exp(V - self.V_T) - w + I

    return fault("exp of a voltage", current, "exp() needs a pure number, got mV")


def missing_g():
    def current(self, V, w, I):
        return -(V - self.V_rest) - w + I

    return fault("missing g", current, "'-' joins mV and pA")


def missing_C():
    def derivative(self, V, w, I):
        return self.current(V, w, I), (self.a * (V - self.V_rest) - w) / self.tau_w

    return fault("missing C", derivative, "the derivative of 'V' needs mV/ms, got pA")


def wrong_order():
    def derivative(self, V, w, I):
        return (self.a * (V - self.V_rest) - w) / self.tau_w, self.current(V, w, I) / self.C

    return fault("rates swapped", derivative, "the derivative of 'V' needs mV/ms, got pA/ms")


def missing_a():
    def derivative(self, V, w, I):
        return self.current(V, w, I) / self.C, ((V - self.V_rest) - w) / self.tau_w

    return fault("missing a", derivative, "'-' joins mV and pA")


def missing_b():
    def jump(self, w, spike):
        return w + spike

    return fault("missing b", jump, "'+' joins pA and a pure number")


def wrong_state():
    def jump(self, w, spike):
        return w + self.V_reset * spike

    return fault("V added to w", jump, "'+' joins pA and mV")


def forgotten_dt():
    def update(self, x):
        self.V.value = self.V.value + self.R * x / self.tau

    return fault("forgotten dt", update, "'+' joins mV and mV/ms", sc.models.LIF)


def threshold_in_pA():
    def get_spike(self, V=None):
        return (self.V.value >= self.b) * 1.0

    return fault("V against a current", get_spike, "an inequality compares")


def number_in_the_wrong_unit():
    def derivative(self, V, I):
        return units.quantity(units.number(V, "pA"), "mV/ms") - self.R * I / self.tau

    return fault("number in pA", derivative, "needs pA, got mV", sc.models.LIF)


def bare_constant():
    def derivative(self, V, I):
        return (-(V + 65.0) + self.R * I) / self.tau

    return fault("bare -65", derivative, "'+' joins mV and a pure number", sc.models.LIF)


FAULTS = [
    missing_R(), plus_tau(), missing_tau(), exp_of_a_voltage(), missing_g(), missing_C(), wrong_order(), missing_a(),
    missing_b(), wrong_state(), forgotten_dt(), threshold_in_pA(), number_in_the_wrong_unit(), bare_constant(),
]  # fmt: skip


def test_the_neuron_without_a_fault_passes():
    assert Adaptive(2).update(10 * pA).shape == (2,)


@pytest.mark.parametrize(
    ("how", "cls", "line", "function", "text"),
    [
        pytest.param(
            how, *fault.values, id=f"{how}-{fault.id}", marks=pytest.mark.slow if k and how == "direct" else ()
        )
        for how in ("runner", "direct")
        for k, fault in enumerate(FAULTS)  # which fault it is makes no difference to how it is called
    ],
)
def test_a_planted_fault_is_caught_at_its_line_before_the_compile(cls, line, function, text, how):
    runner = sc.DSRunner(cls(2), monitors=["V"])
    run = (lambda: runner.run(1 * ms, inputs=1 * mA)) if how == "runner" else (lambda: cls(2).update(1 * mA))
    with pytest.raises(DimensionalityError) as caught:
        run()
    assert str(caught.value).startswith(f"test_equations.py:{line}, in {function}: ")
    assert text in str(caught.value)


def test_an_error_in_a_shipped_model_names_its_line_in_an_installed_wheel_as_in_a_checkout(tmp_path):
    with pytest.raises(DimensionalityError, match=r"^lif\.py:\d+, in derivative: '\+' joins mV and mV\*Gohm") as here:
        sc.models.LIF(1).update(1 * mV)
    root, installed = Path(__file__).parents[3], tmp_path / "simcore"
    shutil.copytree(root / "simcore", installed)
    for folder in ("models", "runners", "inputs"):  # below simcore in a wheel, beside it in a checkout
        shutil.copytree(root / folder, installed / folder)
    # -S -E: without site-packages there is no other simcore; jax and the others come back by their paths.
    paths = [str(tmp_path), *(p for p in sys.path if p.endswith("site-packages"))]
    code = f"import sys; sys.path[:0] = {paths!r}; import simcore as sc; sc.models.LIF(1).update(1 * sc.units.mV)"
    run = subprocess.run([sys.executable, "-S", "-E", "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert run.stderr.splitlines()[-1] == f"simcore.units.errors.DimensionalityError: {here.value}"


def test_the_rooms_that_are_passed_over_are_the_folders_of_the_core():
    folders = {path.parent.name for path in Path(sc.__file__).parent.glob("*/__init__.py")}
    assert set(lines.ROOMS) == folders - {"models", "runners", "inputs", "bridges"}  # in a wheel, these lie there, too


def test_a_wrong_input_is_named_with_the_unit_that_fits():
    with pytest.raises(DimensionalityError, match=r"LIF got the input in mV; with one in mA \(a current\)"):
        sc.DSRunner(sc.models.LIF(1)).run(1 * ms, inputs=1 * mV)
    with pytest.raises(DimensionalityError, match=r"LIF.update\(\) got the input 2 nS"):
        sc.models.LIF(1).update(2 * nS)


@pytest.mark.parametrize(
    "wrong",
    [lambda V: V + 1 * mV, lambda V: 1 * mV + V, lambda V: V * mV, lambda V: jnp.exp(V / (10 * mV)),
     lambda V: jnp.maximum(V, 0 * mV), lambda V: 1 * mV],
)  # fmt: skip
def test_a_quantity_inside_update_is_refused(wrong):
    class Wrong(sc.models.LIF):
        def update(self, x):
            self.V.value = wrong(self.V.value)

    with pytest.raises(DimensionalityError, match="declare it as a Param") as caught:
        Wrong(1).update(1 * mA)
    assert "test_equations.py:" in str(caught.value)


def test_the_unit_of_a_function_monitor_is_inferred():
    runner = sc.DSRunner(sc.models.LIF(2), monitors={"I": lambda m: (m.V.value - m.V_rest) / m.R})
    mon = runner.run(1 * ms, inputs=0.5 * mA)
    assert mon.I.check("[current]")
    V = 0.5 * (1 - np.exp(-mon.ts.m_as("ms") / 5.0))
    np.testing.assert_allclose(mon.I.m_as("mA")[:, 0], V, rtol=1e-12)


def test_units_markers_vanish_in_compiled_code():
    def f(V):
        return units.quantity(jnp.exp(units.number(V, "mV") / 10), "1/ms")

    compiled = jax.jit(f).lower(x).as_text()
    assert not re.search("marker|custom_call", compiled)
    np.testing.assert_allclose(f(x), np.exp(np.asarray(x) / 10))


def test_units_number_and_quantity_convert():
    np.testing.assert_allclose(units.number(jnp.float64(500.0), "V"), 0.5)  # 500 mV
    np.testing.assert_allclose(units.quantity(jnp.float64(2.0), "1/s"), 0.002)  # in 1/ms
    np.testing.assert_allclose(units.number(500 * mV, "V"), 0.5)


def test_gradients_pass_through_the_markers():
    def f(V):
        return units.quantity(jnp.exp(units.number(V, "V")), "1/ms")

    np.testing.assert_allclose(jax.grad(f)(500.0), 1e-3 * np.exp(0.5))
    np.testing.assert_allclose(jax.jvp(f, (500.0,), (1.0,))[1], 1e-3 * np.exp(0.5))
    assert dims(lambda V: jax.jvp(f, (V,), (jnp.ones_like(V),))[1], mV_) == [dimension("1/(ms*mV)")]
