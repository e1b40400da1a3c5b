import jax
import jax.numpy as jnp
import numpy as np
import pint
import pytest
from numpy.testing import assert_allclose

from simcore import DimensionalityError, DSRunner, inputs, models, units
from simcore.step import context
from simcore.units import Hz, mA, ms

Quantity = pint.get_application_registry().Quantity


def sine(t, A, freq, n=1):
    return A * jnp.sin(2 * jnp.pi * freq * n * t)


def at(signal, t):
    """Return the value at t (ms), in kernel units, as a compiled step sees it."""

    def value(t, arrays):
        with context.entered(context.Step(i=0, dt=0.1, t=t, t0=0.0, seed=0)):
            return signal.at(arrays, 0)

    return jax.jit(value)(t, signal.arrays(0, 1, 1, 0.1))


@pytest.mark.parametrize("t", [0.0, 10.0, 12.5, 1234.5])
def test_the_value_of_a_step_is_f_at_its_start_in_kernel_units(t):
    signal = inputs.function(sine, "mA", A=2 * mA, freq="10 Hz", n=2)
    # 1 mA is 1e9 pA, 1 Hz is 1e-3 / ms.
    assert_allclose(at(signal, t), 2e9 * np.sin(2 * np.pi * 0.01 * 2 * t), rtol=1e-12, atol=1e-3)


def test_a_parameter_may_be_one_value_for_each_neuron():
    assert at(inputs.function(sine, "mA", A=[1, 2, 3] * mA, freq=10 * Hz), 25.0).shape == (3,)


def test_the_equation_check_gets_the_dimensions_of_the_parameters():
    signal = inputs.function(sine, "mA", A=2 * mA, freq=10 * Hz, n=2)
    assert signal.dimensions() == {k: units.dimension(u) for k, u in {"A": "pA", "freq": "kHz", "n": ""}.items()}
    assert signal.n_steps(0.1) is None


def test_a_changed_value_is_the_same_program_and_a_changed_unit_another():
    key = inputs.function(sine, "mA", A=2 * mA, freq=10 * Hz).key
    assert inputs.function(sine, "mA", A=3 * mA, freq=20 * Hz).key == key
    assert hash(key) == hash(inputs.function(sine, "mA", A=3 * mA, freq=20 * Hz).key)
    assert inputs.function(sine, "mA", A=3, freq=20 * Hz).key != key


def test_an_absolute_temperature_is_a_parameter_in_kelvin():
    signal = inputs.function(lambda t, T: T, "K", T=Quantity(36, "degC"))
    assert_allclose(at(signal, 0.0), 309.15, rtol=1e-15)


@pytest.mark.parametrize(
    ("f", "parameters", "text"),
    [
        (lambda: 1.0, {}, r"f\(\) cannot be called with t and these: too many positional arguments"),
        (sine, {"A": 1 * mA, "freq": 1 * Hz, "f": 3}, "got an unexpected keyword argument 'f'"),
        (sine, {"A": 1 * mA}, "missing a required argument: 'freq'"),
        (sine, {"A": 1 * mA, "freq": 1 * Hz, "t": 1 * ms}, "multiple values for argument 't'"),
        (sine, {"A": None, "freq": 1 * Hz}, "'A' needs real numbers"),
    ],
)
def test_parameters_that_f_does_not_take_are_refused_at_once(f, parameters, text):
    with pytest.raises(TypeError, match=text):
        inputs.function(f, "mA", **parameters)


def test_a_parameter_may_have_any_name():
    signal = inputs.function(lambda t, f, unit: f * unit, "mA", f=2 * mA, unit=3)
    assert at(signal, 0.0) == 6e9


def test_any_parameter_is_taken_by_a_function_that_takes_any():
    assert at(inputs.function(lambda t, **p: p["a"] + p["b"], "mA", a=1 * mA, b=2 * mA), 0.0) == 3e9


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (mA, DimensionalityError, "inputs.function: 'A' needs a quantity in dimensionless, got the unit mA"),
        ("ten mA", ValueError, "inputs.function: 'A' needs a quantity; 'ten mA' cannot be read as one"),
        (np.nan * mA, ValueError, "inputs.function: 'A' must be finite"),
    ],
)
def test_a_parameter_that_is_no_value_is_refused_by_name(value, error, text):
    with pytest.raises(error, match=text):
        inputs.function(sine, "mA", A=value, freq=10 * Hz)


def test_a_unit_that_does_not_exist_is_refused_at_once():
    with pytest.raises(pint.UndefinedUnitError, match="foo"):
        inputs.function(sine, "foo", A=1 * mA, freq=1 * Hz)


def test_a_value_without_its_unit_names_the_users_line_and_the_cure():
    runner = DSRunner(models.LIF(1), progress_bar=False)
    text = r"^test_function\.py:\d+, in <lambda>: the value of inputs\.function .* needs pA, got a pure number; .*A=2"
    with pytest.raises(DimensionalityError, match=text):
        runner.run(1 * ms, inputs=inputs.function(lambda t: 0.1 + 0 * t, "mA"))
