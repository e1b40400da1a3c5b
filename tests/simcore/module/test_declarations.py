"""Declarations that cannot be right are refused when the class is made, with its name."""

import pytest

import simcore as sc
from simcore import DimensionalityError, HiddenState, Param
from simcore.models import LIF
from simcore.units import mA, ms, mV

WRONG = {
    "no number": ({"x": lambda: Param("a", "mV")}, TypeError, "needs a number in mV as its default"),
    "a quantity": ({"x": lambda: Param(3 * mV, "mV")}, TypeError, "needs a number in mV as its default, .*, got 3 mV"),
    "a list": ({"x": lambda: Param([1.0, 2.0], "mV")}, TypeError, "needs a number in mV as its default"),
    "a flag": ({"x": lambda: Param(True, "mV")}, TypeError, "needs a number in mV as its default"),
    "nan": ({"x": lambda: Param(float("nan"), "mV")}, ValueError, "'x' needs a finite default, got nan"),
    "a class": ({"x": lambda: Param(sc.init.Uniform, "mV")}, TypeError, "needs a number in mV as its default"),
    "no unit": ({"x": lambda: Param(1.0, "parsnips")}, ValueError, "'x' is declared in 'parsnips', which is no unit"),
    "a unit of pint": ({"x": lambda: Param(1.0, mV)}, TypeError, "needs its unit as text, e.g. 'mV', got the unit mV"),
    "unit and default swapped": ({"x": lambda: Param("mV", 1.0)}, TypeError, "needs its unit as text"),
    "a number for a meaning": ({"x": lambda: Param(1.0, "mV", 3)}, TypeError, "needs its meaning, text"),
    "not positive": ({"x": lambda: Param(0.0, "mV", positive=True)}, ValueError, "must be > 0, its default is 0.0 mV"),
    "negative": (
        {"x": lambda: Param(-1.0, "mV", nonnegative=True)},
        ValueError,
        "must be >= 0, its default is -1.0 mV",
    ),
    "above a quantity": (
        {"x": lambda: Param(5.0, "mV", above=2 * mV)},
        TypeError,
        "'x' needs the name of a parameter for above=, e\\.g\\. 'V_reset', got 2 mV",
    ),
    "above nothing": ({"x": lambda: Param(1.0, "mV", above="y")}, ValueError, "above 'y', which is no other parameter"),
    "above itself": ({"x": lambda: Param(1.0, "mV", above="x")}, ValueError, "above 'x', which is no other parameter"),
    "above in another unit": ({"x": lambda: Param(9.0, "mV", above="tau")}, ValueError, "cannot be above 'tau', in ms"),
    "not above": (
        {"V_reset": lambda: Param(2.0, "mV")},
        ValueError,
        "'V_th' must be above 'V_reset'; their defaults are 1.0 mV and 2.0 mV",
    ),
    "steps of no time": ({"x": lambda: Param(1.0, "mV", steps=True)}, ValueError, "its unit is a time, not mV"),
    "a private parameter": ({"_x": lambda: Param(1.0, "mV")}, AttributeError, "no step can read '_x'; call the .* 'x'"),
    "one under two names": ({"tau_m": lambda: LIF.tau}, AttributeError, "'tau_m' is the parameter 'tau' already"),
    "a quantity for a parameter": (
        {"tau": lambda: 5 * ms},
        TypeError,
        r"hides the parameter 'tau'; write tau = sc\.Param\(\.\.\., 'ms'\)",
    ),
    "a method of a model": ({"derivative": lambda: Param(1.0, "mV")}, AttributeError, "is an attribute of LIF"),
    "a state without a unit": (
        {"W": lambda: HiddenState("parsnips")},
        ValueError,
        "state 'W' is declared in 'parsnips'",
    ),
    "a state from a quantity": ({"W": lambda: HiddenState(-65 * mV)}, TypeError, "its initial value by init="),
    "a state from a number": ({"W": lambda: HiddenState(0.0)}, TypeError, "its initial value by init="),
    "a start for a meaning": ({"W": lambda: HiddenState("mV", -65.0)}, TypeError, "a state starts at init="),
    "a start that is no parameter": (
        {"W": lambda: HiddenState("mV", init="V_rset")},
        ValueError,
        "the state 'W' starts at 'V_rset', which is no parameter",
    ),
    "a start in another unit": (
        {"W": lambda: HiddenState("mV", init=3 * ms)},
        DimensionalityError,
        "'W' needs a quantity in mV, got 3 ms",
    ),
    "a start at a parameter of another unit": (
        {"W": lambda: HiddenState("mV", init="tau")},
        ValueError,
        "the state 'W', in mV, cannot start at 'tau', which is in ms",
    ),
    "a start at nan": ({"W": lambda: HiddenState("mV", init=float("nan"))}, ValueError, "needs a finite number in mV"),
    "a start at a class": (
        {"W": lambda: HiddenState("mV", init=sc.init.ZeroInit)},
        TypeError,
        "class ZeroInit; make one",
    ),
    "a keyword that is a parameter": (
        {"W": lambda: HiddenState("mV", keyword="tau")},
        ValueError,
        "by the keyword 'tau', which is a parameter",
    ),
    "a keyword of another state": (
        {"W": lambda: HiddenState("mV", keyword="V_initializer")},
        ValueError,
        "that of 'V'",
    ),
    "a keyword that is an option": (
        {"W": lambda: HiddenState("mV", keyword="method")},
        ValueError,
        "no word, or taken",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_declaration_is_refused_with_the_class(case):
    body, error, text = WRONG[case]
    declared = {name: make() for name, make in body.items()}
    with pytest.raises(error, match=text) as caught:
        type("Mine", (LIF,), declared)
    assert f"{caught.value}".startswith("Mine: ")
    assert LIF(1).tau == 5 * ms  # the base is as it was


def test_the_unit_of_a_state_is_no_unit_of_pint():
    with pytest.raises(TypeError, match=r"declared by the text of its unit, HiddenState\('mV'\)"):
        HiddenState(mV)


def test_what_may_be_declared_is():
    class Mine(LIF):
        x = Param(sc.init.Uniform(0 * mV, 1 * mV, seed=1), "mV")
        y = Param(None, "ms", positive=True)
        V_th = Param(30, "mV", above="V_reset")
        V_reset = 0.0
        W = HiddenState("mV", "starts at what the constructor sets", init="W_0")
        U = HiddenState("mV", init=3 * mV)

        def __init__(self, size, **kwargs):
            super().__init__(size, **kwargs)
            self.W_0 = 2 * mV

    mine = Mine(2)
    mine.init_state()
    assert mine.W.value.m_as("mV").tolist() == [2, 2]
    assert mine.U.value.m_as("mV").tolist() == [3, 3]


REDECLARED = {
    "noise": (Param(1.0, "mV"), r"the parameter 'noise' is in mV/ms\*\*0\.5, and cannot be declared in mV"),
    "tau_ref": (Param(1.0, "mV"), "the parameter 'tau_ref' is in ms, and cannot be declared in mV"),
    "tau": (Param(20.0, "mV"), "the parameter 'tau' is in ms, and cannot be declared in mV"),
    "V": (HiddenState("pA"), "the state 'V' is in mV, and cannot be declared in pA"),
    "R": (HiddenState("mV"), "the parameter 'R' is in ohm, and cannot be declared in mV"),
}


@pytest.mark.parametrize("name", REDECLARED)
def test_what_a_base_declares_keeps_its_dimension(name):
    value, text = REDECLARED[name]
    with pytest.raises(ValueError, match=f"^Y: {text}"):
        type("Y", (LIF,), {name: value})


HIDING = {
    "tau": (20.0, r"20\.0 hides the parameter 'tau'; write tau = sc\.Param\(20\.0, 'ms'\)"),
    "noise": (2, r"2 hides the parameter 'noise'; write noise = sc\.Param\(2, 'mV/ms\*\*0\.5'\)"),
    "V": (3.0, r"3\.0 hides the state 'V'; write V = sc\.HiddenState\('mV', init=3\.0\)"),
    "R": ("1 ohm", r"hides the parameter 'R'; write R = sc\.Param\(\.\.\., 'ohm'\)"),
}


@pytest.mark.parametrize("name", HIDING)
def test_a_plain_value_hides_no_declaration(name):
    value, text = HIDING[name]
    with pytest.raises(TypeError, match=f"^Y: .*{text}"):
        type("Y", (LIF,), {name: value})


def test_a_subclass_may_redeclare_leave_out_or_replace_what_a_base_declares():
    class Y(LIF):
        tau = Param(0.02, "s")
        tau_ref = Param(2000.0, "us", steps=True)
        noise = None
        V_reset = 0.0  # fixed by the class
        V_th = HiddenState("mV", init=20.0)
        V_rest = property(lambda self: self.V_reset)

    class Rate(sc.Neuron):
        r = HiddenState("dimensionless")
        noise = Param(0.1, "1/ms**0.5")

    assert Y(1).tau == 20 * ms
    assert Rate.PARAMS["noise"].default == 0.1


WRONG_OPTIONS = {
    "spk_reset": ("Hard", ValueError, "'spk_reset' must be one of soft, hard, none, got 'Hard'"),
    "method": ("rk5", ValueError, "'method' must be one of exp_euler, .* or an Integrator, got 'rk5'"),
    "detach_spk": ("yes", TypeError, "'detach_spk' must be True or False, got 'yes'"),
    "spk_fun": ("relu", TypeError, r"'spk_fun' must be a surrogate, e\.g\. sc\.surrogate\.ReluGrad\(\), got 'relu'"),
    "spk_dtype": ("flot", TypeError, "'spk_dtype' must be the type of an array, .* got 'flot'"),
}


@pytest.mark.parametrize("name", WRONG_OPTIONS)
def test_an_option_is_checked_alike_in_a_class_body_a_constructor_and_when_it_is_set(name):
    value, error, text = WRONG_OPTIONS[name]
    with pytest.raises(error, match=f"^Y: {text}"):
        type("Y", (LIF,), {name: value})
    with pytest.raises(error, match=f"^LIF: {text}"):
        LIF(1, **{name: value})
    with pytest.raises(error, match=f"^LIF: {text}"):
        setattr(LIF(1), name, value)


def test_right_options_in_a_class_body_are_taken():
    class Y(LIF):
        spk_reset = "hard"
        method = sc.integrators.METHODS["rk4"]
        spk_dtype = bool

        @staticmethod
        def spk_fun(x):
            return sc.surrogate.ReluGrad()(x)

        @property
        def detach_spk(self):
            return True

    assert Y(1).update(9 * mA).dtype == bool
