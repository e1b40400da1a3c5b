import builtins
import pickle
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pint
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from simcore import DimensionalityError, units
from simcore.units import degC, ms, mV, pA

REGISTRY = pint.get_application_registry()
Quantity = REGISTRY.Quantity
OWN = pint.UnitRegistry()
WHO = "LIF: 'tau'"


def test_every_unit_of_pint_can_be_imported_by_name():
    names = {name for name in REGISTRY if name.isidentifier() and not name.startswith("_")}
    assert all(getattr(units, name) == REGISTRY.Unit(name) for name in names)


@pytest.mark.parametrize("name", ["mV", "pA", "uF", "Gohm", "kHz", "amol"])
def test_units_with_a_prefix_can_be_imported_by_name(name):
    assert getattr(units, name) == REGISTRY.Unit(name)


def test_a_star_imports_the_common_units_and_hides_no_name_of_a_script():
    names: dict = {}
    exec("from simcore.units import *", names)
    assert_allclose((100 * names["pA"] * names["MOhm"]).m_as("mV"), 0.1)
    units_of_it = {k: v for k, v in names.items() if isinstance(v, pint.Unit)}
    assert {"ms", "mV", "nA", "nS", "Mohm", "pF", "Hz", "second", "volt", "um", "mM"} < set(units_of_it)
    assert set(names) - set(units_of_it) == {"__builtins__", "DimensionalityError", "number", "quantity"}
    assert all(len(name) > 1 and name not in vars(builtins) for name in units_of_it)


def test_ohms_may_be_written_with_a_capital():
    for prefix in ("", "k", "M", "G"):
        assert getattr(units, f"{prefix}Ohm") == REGISTRY.Unit(f"{prefix}ohm")
    assert units.read("3 MOhm", WHO) == 3 * REGISTRY.Mohm
    code = "import simcore as sc; print(sc.models.LIF(1, R='2 kOhm').R)"  # before any other unit is read
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "2000.0 ohm\n"


def test_a_name_that_is_no_unit_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no unit or function 'furlongs_per_spike'"):
        _ = units.furlongs_per_spike


# ------------------------------------------------------------------ the kernel units


def test_the_kernel_units_are_the_units_of_one_system_of_pint():
    registry = pint.UnitRegistry()
    # https://pint.readthedocs.io/en/stable/user/systems.html: a system is a list of its base units.
    registry.load_definitions(
        ["@system kernel using international", *(f"    {u}" for u in units.BASE.values()), "@end"]
    )
    registry.default_system = "kernel"
    # In a coherent system the factor of each derived unit is 1; pint's own conversion rounds a few times.
    for name in units.NAMED:
        assert_allclose(registry.Quantity(1.0, name).to_base_units().magnitude, 1.0, rtol=1e-14, err_msg=name)


@pytest.mark.parametrize(
    ("name", "product"),
    [
        ("nS", "pA/mV"),
        ("Gohm", "mV/pA"),
        ("kHz", "1/ms"),
        ("fC", "pA*ms"),
        ("pF", "fC/mV"),
        ("aJ", "mV*fC"),
        ("ng", "aJ*ms**2/um**2"),
        ("mM", "amol/um**3"),
    ],
)
def test_products_of_kernel_units_need_no_factor(name, product):
    assert_allclose(Quantity(1.0, product).m_as(name), 1.0, rtol=1e-14)  # by pint
    assert units.kernel_factor(product) == units.kernel_factor(name) == 1.0  # and exactly, by simcore


@pytest.mark.parametrize(
    "text",
    [
        *units.NAMED,
        *("mV/ms", "pA*ms**0.5", "mV/ms**0.5", "pA/ms", "mV*ms", "1/mV", "1/mV/ms", "nS/mV", "nS/ms", "mM/ms"),
        *("1/mM/ms", "K/ms", "mV/K", "um/ms", "um**2/ms", "pF/um**2", "nS/um**2", "pA/um**2", "Gohm*um", "ng"),
        *("mV**2*ms", "pA**2", "1/ms**2", "fC/amol", "aJ/amol/K"),
    ],
)
def test_kernel_units_read_as_a_scientist_writes_them(text):
    assert units.kernel_unit(units.dimension(text)) == text


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(list(units.NAMED)), st.sampled_from([-3, -1, -0.5, 0.5, 1, 2])), max_size=3))
def test_the_name_of_a_kernel_unit_has_its_dimension_and_no_factor(powers):
    text = "*".join(f"{name}**{p}" for name, p in powers) or "dimensionless"
    name = units.kernel_unit(units.dimension(text))
    assert units.dimension(name) == units.dimension(text)
    assert units.kernel_factor(name) == units.kernel_factor(text) == 1.0


@pytest.mark.parametrize(
    ("text", "factor"),
    [("V", 1e3), ("mA", 1e9), ("s", 1e3), ("Hz", 1e-3), ("ohm", 1e-9), ("uF/cm**2", 1e-2), ("J", 1e18), ("mol", 1e18)],
)
def test_the_factor_to_the_kernel_unit_is_the_power_of_ten(text, factor):
    assert units.kernel_factor(text) == factor


@pytest.mark.parametrize("text", ["degC", "degF", "dB"])
def test_a_unit_that_no_factor_converts_is_refused(text):
    with pytest.raises(ValueError, match="is no multiple of"):
        units.kernel_factor(text)
    with pytest.raises(ValueError, match="is no multiple of"):
        jax.jit(lambda x: units.number(x, text))(1.0)


def test_a_dimension_of_the_user_s_own_is_refused():
    registry = pint.UnitRegistry()
    registry.define("vote = [vote]")
    with pytest.raises(ValueError, match=r"no kernel unit for the dimension \[vote\]"):
        units.dimension(3 * registry.vote)


# ------------------------------------------------------------------ values


@given(
    st.floats(-1e6, 1e6),
    st.sampled_from(["V", "mV", "uV", "kg*m**2/s**3/A", "pA*Gohm"]),
    st.sampled_from(["mV", "V", "nV"]),
)
def test_quantities_of_a_registry_of_the_user_s_own_are_converted(x, given_in, needed):
    # Powers of ten between the units by the SI; pint rounds a few times on the way.
    scale = {"V": 1.0, "mV": 1e-3, "uV": 1e-6, "nV": 1e-9, "kg*m**2/s**3/A": 1.0, "pA*Gohm": 1e-3}
    got = units.as_magnitude(OWN.Quantity(x, given_in), needed, WHO)
    assert_allclose(got, x * scale[given_in] / scale[needed], rtol=1e-14, atol=1e-290)  # subnormals


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("10 ms", 10.0),
        ("10ms", 10.0),
        ("-0.5 s", -500.0),
        (" 1e-3 s ", 1.0),
        ("2 1/kHz", 2.0),
        ([1 * ms, 2000 * units.us], [1.0, 2.0]),
        (["1 ms", 2 * ms], [1.0, 2.0]),
        ([[1 * ms, 2 * ms], [3 * ms, 4 * ms]], [[1.0, 2.0], [3.0, 4.0]]),
        ([[1, 2] * ms, [3, 4] * units.s], [[1.0, 2.0], [3000.0, 4000.0]]),
        (np.array([1.0, 2.0]) * units.s, [1000.0, 2000.0]),
        (jnp.array([1.0, 2.0]) * ms, [1.0, 2.0]),
    ],
)
def test_a_value_may_be_a_quantity_a_text_or_a_list_of_them(value, expected):
    assert_allclose(units.as_magnitude(value, "ms", WHO), expected, rtol=1e-15)


@pytest.mark.parametrize("value", [3, np.float32(3.0), "3", "300 %", Quantity(3.0, ""), Quantity(300.0, "percent")])
def test_a_number_fits_where_a_number_is_declared(value):
    assert_allclose(units.as_magnitude(value, "dimensionless", WHO), 3.0, rtol=1e-15)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (10 * mV, "needs a quantity in ms, got 10 mV."),
        ("10 mV", "needs a quantity in ms, got 10.0 mV."),
        (np.arange(9) * mV, "needs a quantity in ms, got an array in mV."),
        (10.0, "needs a quantity in ms, got the bare number 10.0; write 10.0 * ms."),
        (0, "needs a quantity in ms, got the bare number 0; write 0 * ms."),
        (np.float32(2.0), "needs a quantity in ms, got the bare number 2.0; write 2.0 * ms."),
        (np.array(2.0), "needs a quantity in ms, got the bare number 2.0; write 2.0 * ms."),
        ([1, 2], "needs a quantity in ms, got [1, 2]; write [1, 2] * ms."),
        (np.arange(9), "needs a quantity in ms, got an array of bare numbers; write the array * ms."),
        (ms, "needs a quantity in ms, got the unit ms; write 1 * ms."),
        (mV, "needs a quantity in ms, got the unit mV."),
        ([1 * ms, 2], "needs a quantity in ms, got the bare number 2; write 2 * ms."),
        ([1 * ms, 2 * mV], "needs a quantity in ms, got 2 mV."),
        (None, "needs a quantity in ms, got None."),
        (True, "needs a quantity in ms, got True."),
    ],
)
def test_a_value_of_the_wrong_dimension_is_refused_with_a_cure(value, text):
    with pytest.raises(pint.DimensionalityError) as err:
        units.as_magnitude(value, "ms", WHO)
    assert isinstance(err.value, DimensionalityError)
    assert str(err.value) == f"{WHO} {text}"


@pytest.mark.parametrize("value", ["ms", "", "ten ms", "10 foo", "1 ms + 1 ms", "nan ms", "10 -ms"])
def test_text_that_is_no_quantity_is_refused(value):
    with pytest.raises(ValueError, match=r"^LIF: 'tau' needs a quantity in ms; '.*' cannot be read as one.$"):
        units.as_magnitude(value, "ms", WHO)


@pytest.mark.parametrize("value", [1j * ms, Quantity(np.array(["a"]), "ms")])
def test_a_magnitude_that_is_no_real_number_is_refused(value):
    with pytest.raises(TypeError, match=r"^LIF: 'tau' needs real numbers in ms, got "):
        units.as_magnitude(value, "ms", WHO)


def test_quantities_of_different_shapes_in_one_list_are_refused():
    with pytest.raises(ValueError, match="needs quantities of one shape"):
        units.as_magnitude([1 * ms, [1, 2] * ms], "ms", WHO)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, [1.0, np.nan]])
def test_a_value_that_is_not_finite_is_refused(bad):
    with pytest.raises(ValueError, match=r"^LIF: 'tau' must be finite, got "):
        units.as_magnitude(bad * ms, "ms", WHO)


def test_the_error_survives_pickling():
    with pytest.raises(DimensionalityError) as err:
        units.as_magnitude(10.0, "ms", WHO)
    copy = pickle.loads(pickle.dumps(err.value))
    assert (type(copy), str(copy)) == (DimensionalityError, str(err.value))


@pytest.mark.parametrize(
    ("value", "needed", "expected"),
    [
        (Quantity(36, "degC"), "K", 309.15),
        ("36 degC", "K", 309.15),
        (Quantity(-40, "degF"), "degC", -40.0),
        (10 * units.delta_degC, "delta_degC", 10.0),
        (10 * units.K, "delta_degC", 10.0),
        (2 * mV / units.delta_degC, "mV/K", 2.0),
    ],
)
def test_temperatures_are_converted_with_their_offset(value, needed, expected):
    assert_allclose(units.as_magnitude(value, needed, "HH: 'T'"), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("value", "needed", "text"),
    [
        (36 * units.delta_degC, "K", "HH: 'T' is an absolute temperature, got 36 Δ°C; write Quantity(36, 'degC')."),
        (Quantity(10, "degC"), "delta_degC", "HH: 'T' is a temperature difference, got 10 °C; write 10 * delta_degC."),
    ],
)
def test_a_temperature_and_a_difference_of_temperatures_are_told_apart(value, needed, text):
    with pytest.raises(DimensionalityError) as err:
        units.as_magnitude(value, needed, "HH: 'T'")
    assert str(err.value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3 * units.mA, "mA"),
        (3 * pA * ms**0.5, "ms**0.5*pA"),
        (3 * OWN.mV, "mV"),
        (Quantity(36, "degC"), "K"),
        (Quantity(3, ""), "dimensionless"),
    ],
)
def test_the_unit_of_a_quantity_is_written_short(value, text):
    assert units.unit_of(value) == text


@given(st.floats(-1e3, 1e3), st.sampled_from(["mV", "V", "mA", "Hz", "ohm", "dimensionless", "delta_degC"]))
def test_to_the_kernel_and_back_gives_the_same_quantity(x, text):
    back = units.from_kernel(units.to_kernel(Quantity(x, text), text, WHO), text)
    assert back.units == REGISTRY.Unit(text)
    assert_allclose(back.magnitude, x, rtol=1e-15, atol=1e-290)  # one multiplication, one division; subnormals


def test_no_quantity_stands_at_module_level():
    assert not [k for k, v in vars(units).items() if isinstance(v, pint.Quantity)]
    assert isinstance(degC, pint.Unit)


# ------------------------------------------------------------------ number and quantity in equations

# How many kernel units one of these is, by the SI.
FACTORS = {"mV": 1.0, "V": 1e3, "Hz": 1e-3}


@pytest.mark.parametrize("text", FACTORS)
def test_number_and_quantity_are_the_identity_up_to_the_factor(text, precision):
    x, factor = jnp.array([-65.0, 0.0, 0.3]), FACTORS[text]
    rtol = 2 * float(jnp.finfo(precision).eps)  # one multiplication or division
    for wrap in (lambda f: f, jax.jit, jax.vmap, lambda f: jax.jit(jax.vmap(f))):
        assert_allclose(wrap(lambda v: units.number(v, text))(x), x / factor, rtol=rtol)
        assert_allclose(wrap(lambda v: units.quantity(v, text))(x), x * factor, rtol=rtol)
        assert_allclose(wrap(lambda v: units.quantity(units.number(v, text), text))(x), x, rtol=rtol)
    assert units.number(x, text).dtype == units.quantity(x, text).dtype == precision


@pytest.mark.parametrize("text", FACTORS)
@pytest.mark.parametrize("derivative", [jax.grad, jax.jacfwd])
def test_derivatives_pass_through_number_and_quantity(text, derivative):
    factor = FACTORS[text]
    assert_allclose(jax.jit(derivative(lambda v: units.number(v, text) ** 2))(3.0), 6.0 / factor**2, rtol=1e-14)
    assert_allclose(jax.jit(derivative(lambda v: units.quantity(v, text) ** 2))(3.0), 6.0 * factor**2, rtol=1e-14)
    second = jax.grad(derivative(lambda v: units.number(v, text) ** 2))
    assert_allclose(jax.jit(second)(3.0), 2.0 / factor**2, rtol=1e-14)


def test_number_and_quantity_vanish_in_the_compiled_code():
    def compiled(f):
        return jax.jit(f).lower(1.0).as_text()

    assert compiled(lambda v: units.quantity(units.number(v, "mV") * 2, "1/ms")) == compiled(lambda v: v * 2)


def test_number_of_a_quantity_outside_a_step_is_its_magnitude():
    assert units.number(0.5 * units.V, "mV") == 500.0
    with pytest.raises(DimensionalityError, match=r"units\.number: its argument needs a quantity in mV, got 1 pA"):
        units.number(1 * pA, "mV")


@pytest.mark.parametrize("text", ["0.005/ms", "0.005 /ms", "0.005 1/ms", "5 Hz"])
def test_rates_are_read_as_people_write_them(text):
    assert units.as_magnitude(text, "1/ms", "a rate") == pytest.approx(0.005)
