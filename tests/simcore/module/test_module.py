"""Declared parameters and states, the tree of modules, saving, devices, pytree."""

import inspect
import json

import jax
import numpy as np
import pint
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DimensionalityError
from simcore.models import GIF, LIF, Lif, LIFRef, Linear
from simcore.units import mA, ms, mV, ohm


class Pair(sc.Module):
    """Two populations and a layer."""

    def __init__(self):
        super().__init__()
        self.first = LIF(3, tau=10 * ms)
        self.fc = Linear(3, 2, unit="mA")
        self.more = [LIF(2)]

    def update(self, x):
        return self.more[0].update(self.fc(self.first.update(x)))


def test_the_constructor_has_the_documents_signature():
    names = list(inspect.signature(LIFRef).parameters)
    assert names[:8] == ["in_size", "R", "tau", "tau_ref", "V_th", "V_reset", "V_rest", "V_initializer"]
    assert inspect.signature(LIFRef).parameters["tau"].default == "5.0 ms"
    assert list(inspect.signature(GIF).parameters)[1:8] == [
        "V_rest", "V_reset", "V_th_inf", "V_th_reset", "R", "tau", "a",
    ]  # fmt: skip
    assert "Vth_initializer" in inspect.signature(GIF).parameters
    assert list(inspect.signature(Lif).parameters)[1:6] == ["V_rest", "V_reset", "V_th", "R", "tau"]


def test_parameters_go_by_position_and_by_keyword():
    assert LIF(1, 2 * ohm, 7 * ms, V_th=3 * mV).params().keys() == {"R", "tau", "V_th", "V_reset", "V_rest"}
    assert LIF(1, 2 * ohm, 7 * ms).tau == 7 * ms
    with pytest.raises(TypeError, match="'R' is given twice"):
        LIF(1, 2 * ohm, R=3 * ohm)
    with pytest.raises(TypeError, match="takes 6 positional"):
        LIF(1, *[1 * ohm] * 7)


def test_initializers_go_by_position_after_the_parameters_as_in_the_documents():
    lif = LIFRef(2, 1 * ohm, 10 * ms, 5 * ms, 1 * mV, 0 * mV, 0 * mV, sc.init.Constant(0.5 * mV))
    start = [-65 * mV, 1 * mA, 2 * mA, -45 * mV]  # V, I1, I2, V_th
    gif = GIF(2, *(value for value in GIF(2).params().values() if value is not None), *map(sc.init.OneInit, start))
    for model in (lif, gif):
        model.init_state(3)
    assert_allclose(lif.V.value.m_as("mV"), np.full((3, 2), 0.5))
    for state, value in zip((gif.V, gif.I1, gif.I2, gif.V_th), start, strict=True):
        assert_allclose(state.value.m_as(value.units), np.full((3, 2), value.m))
    with pytest.raises(TypeError, match="LIF: 'V_initializer' is given twice"):
        LIF(1, *list(LIF(1).params().values()), 0 * mV, V_initializer=0 * mV)


def test_keywords_of_init_state_reach_the_models_that_take_them():
    class Scaled(LIF):
        def init_state(self, batch_size=None, scale=1.0, **kwargs):
            super().init_state(batch_size, **kwargs)
            self.V.value = scale * 0.1 * mV

    class Deep(LIF):  # hands on what the model in it takes
        def __init__(self):
            super().__init__(1)
            self.a, self.b = Scaled(1), LIF(1)

        def init_state(self, batch_size=None, **kwargs):
            super().init_state(batch_size, **kwargs)

    two = Deep()
    for make in (two.init_state, two.reset_state, two.reset):
        make(4, scale=3.0)
        assert_allclose(two.a.V.value.m_as("mV"), np.full((4, 1), 0.3))
        assert_allclose(two.b.V.value.m_as("mV"), np.zeros((4, 1)))
    with pytest.raises(TypeError, match=r"LIF: init_state\(\) takes no 'batchsize'; did you mean 'batch_size'\?"):
        LIF(1).init_state(batchsize=3)


@pytest.mark.parametrize("value", [10 * ms, 0.01 * sc.units.s, 10 * mV, "10 ms", "10", [10 * ms, 9 * ms], ms])
def test_bare_numbers_that_are_no_bare_numbers_are_refused(value):
    lif = LIF(2)
    with pytest.raises(TypeError, match=r"LIF: 'tau' takes bare numbers in ms here, got .*; write value.m_as\('ms'\)"):
        lif.load_float_params({"tau": value})
    with pytest.raises(TypeError, match="LIF: 'tau' takes bare numbers in ms here"):
        sc.unroll(lif, 1 * ms, inputs=1 * mA)({"tau": value})
    assert lif.tau == 5 * ms


@pytest.mark.parametrize(
    ("kwargs", "error", "text"),
    [
        ({"tau": 10 * mV}, DimensionalityError, "LIF: 'tau' needs a quantity in ms, got 10 mV."),
        ({"tau": 10.0}, DimensionalityError,
         "LIF: 'tau' needs a quantity in ms, got the bare number 10.0; write 10.0 * ms."),
        ({"V_rest": 0}, DimensionalityError, "got the bare number 0; write 0 * mV."),
        ({"tau": ms}, DimensionalityError, "got the unit ms; write 1 * ms."),
        ({"tua": 10 * ms}, TypeError, "LIF has no parameter 'tua'; did you mean 'tau'? It has R, tau, V_th"),
        ({"spk_rest": "hard"}, TypeError, "did you mean 'spk_reset'?"),
        ({"tau": -1 * ms}, ValueError, "LIF: 'tau' must be > 0, got -1 ms."),
        ({"tau": float("nan") * ms}, ValueError, "must be finite"),
        ({"V_th": -2 * mV}, ValueError, "LIF: 'V_th' must be above 'V_reset', got V_th = -2.0 mV, V_reset = 0.0 mV."),
        ({"R": np.ones(4) * ohm}, ValueError, "'R' has the shape (4,), which does not broadcast to (3,)"),
        ({"tau": "10 parsnips"}, ValueError, "'10 parsnips' cannot be read as one"),
        ({"spk_reset": "medium"}, ValueError, "'spk_reset' must be one of soft, hard, none, got 'medium'"),
        ({"method": "magic"}, ValueError, "'method' must be one of exp_euler, euler, heun, rk2, rk4, exact"),
        ({"noise": 1 * mV}, DimensionalityError, "'noise' needs a quantity in mV/ms**0.5, got 1 mV."),
        ({"V_initializer": 1 * mA}, DimensionalityError, "'V_initializer' needs a quantity in mV"),
        ({"V_initializer": 1 * mV}, ValueError, "the initial V of neuron 0 is 1 mV, at or above its threshold"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_refused_with_the_cure(kwargs, error, text):
    with pytest.raises(error) as caught:
        LIF(3, **kwargs).init_state()
    assert text in str(caught.value)


@pytest.mark.parametrize("size", [0, -1, 2.5, (3, 0), "ten"])
def test_a_size_that_is_none_is_refused(size):
    with pytest.raises(ValueError, match="'in_size' must be a positive int"):
        LIF(size)


def test_old_except_clauses_catch_the_error():
    with pytest.raises(pint.DimensionalityError):
        LIF(1, tau=1 * mV)


def test_values_come_as_text_arrays_initializers_and_from_other_registries():
    other = pint.UnitRegistry()
    assert LIF(1, tau="0.01 s").tau == 10 * ms
    assert LIF(1, tau=0.01 * other.second).tau == 10 * ms
    lif = LIF(3, tau=[1 * ms, 2 * ms, 3 * ms], R=sc.init.Uniform(1 * ohm, 2 * ohm, seed=1))
    assert_allclose(lif.tau.m_as("ms"), [1, 2, 3])
    assert lif.R.shape == (3,)


def test_a_parameter_changes_after_construction_under_the_same_checks():
    lif = LIF(1)
    lif.tau = 20 * ms
    assert lif.tau == 20 * ms
    for wrong, error in ((3 * mV, DimensionalityError), (-3 * ms, ValueError), (3, DimensionalityError)):
        with pytest.raises(error):
            lif.tau = wrong
    with pytest.raises(ValueError, match="must be above"):
        lif.V_reset = 2 * mV
    assert (lif.tau, lif.V_reset) == (20 * ms, 0 * mV)


def test_a_read_parameter_is_a_copy():
    lif = LIF(2, tau=np.array([1.0, 2.0]) * ms)
    tau = lif.tau.copy()
    tau[0] = 99 * ms
    assert_allclose(lif.tau.m_as("ms"), [1, 2])
    lif.tau = tau
    assert_allclose(lif.tau.m_as("ms"), [99, 2])


@pytest.mark.parametrize(
    "write",
    [
        lambda lif: lif.tau.__setitem__(0, 9 * ms),
        lambda lif: lif.V.value.__setitem__(0, -1 * mV),
        lambda lif: lif.V.value.__setitem__(slice(None), -1 * mV),
        lambda lif: lif.V.value.__setitem__(lif.V.value < 1 * mV, -1 * mV),
        lambda lif: lif.positions.__setitem__((0, 0), 9 * sc.units.um),
    ],
)
def test_writing_to_a_part_of_what_was_read_says_how_to_change_it(write):
    lif = LIF(2, tau=np.array([1.0, 2.0]) * ms, positions=np.zeros((2, 2)) * sc.units.um)
    lif.init_state()
    with pytest.raises(ValueError, match=r"is a copy of what it holds; .*V = neuron.V.value.copy\(\); V\[0\] = "):
        write(lif)
    lif.tau *= 2  # all of it
    lif.V.value += -1 * mV
    assert_allclose(lif.tau.m_as("ms"), [2, 4])
    assert_allclose(lif.V.value.m_as("mV"), [-1, -1])
    assert type((lif.V.value * 2).magnitude) is np.ndarray  # what is computed is as always


def test_writing_to_a_part_of_what_is_one_value_for_all_says_how_to_give_each_its_own():
    neuron = LIF(3)
    with pytest.raises(ValueError, match=r"one value for all.*tau = np\.full\(neuron\.varshape, 20\.0\) \* ms; "):
        neuron.tau[0] = 7 * ms
    tau = np.full(neuron.varshape, 20.0) * ms  # the cure
    tau[0] = 7 * ms
    neuron.tau = tau
    assert_allclose(neuron.tau.m_as("ms"), [7, 20, 20])


def test_help_and_the_notebook_show_the_table():
    assert "tau_ref  5.0 ms" in inspect.getdoc(LIFRef)
    html = LIF(2, tau="7 ms", name="cells")._repr_html_()
    assert "<td>tau</td><td>7.0 ms</td><td>membrane time constant</td>" in html
    assert "cells" in html
    assert repr(LIF(2)).startswith("LIF((2,), R=1.0 Ω, tau=5.0 ms")


def test_the_tree_is_named_by_dotted_paths():
    net = Pair()
    net.init_state(batch_size=4)
    assert list(net.nodes()) == ["", "first", "fc", "more.0"]
    assert list(net.states()) == ["first.V", "more.0.V"]
    assert net.states()["first.V"].value.shape == (4, 3)
    assert {"first.tau", "fc.weight", "fc.bias", "more.0.V_th"} <= net.params().keys()
    assert net.params()["fc.weight"].units == mA


def test_states_before_init_say_what_to_do():
    with pytest.raises(AttributeError, match=r"the state 'V' is created by init_state\(\); call that first"):
        LIF(1).V.value  # noqa: B018


def test_states_made_in_a_plain_class_are_made_once():
    class Starts:
        def init_state(self, batch_size=None):
            self.n = sc.HiddenState(sc.init.param(sc.init.Constant(1 * mV), self.varshape, batch_size))

    class Doubles(Starts, sc.Module):
        varshape = (2,)

        def update(self):
            self.n.value = 2 * self.n.value
            return self.n.value

    model = Doubles()
    assert_allclose([model.update().m_as("mV") for _ in range(3)], [[2, 2], [4, 4], [8, 8]])


def test_state_values_are_quantities_and_keep_their_shape():
    lif = LIF(3)
    lif.init_state()
    lif.V.value = -2 * mV
    assert_allclose(lif.V.value.m_as("mV"), [-2, -2, -2])
    lif.V.value += 1 * mV
    assert_allclose(lif.V.value.m_as("uV"), [-1000] * 3)
    with pytest.raises(DimensionalityError, match="state 'V' needs a quantity in mV"):
        lif.V.value = 1 * ms
    with pytest.raises(ValueError, match="does not broadcast"):
        lif.V.value = np.zeros(4) * mV
    with pytest.raises(AttributeError, match="has no attribute 'valeu'"):
        lif.V.valeu = 1 * mV


def test_reset_restores_the_initial_states_and_the_clock():
    lif = LIF(3, V_initializer=sc.init.Uniform(-1 * mV, 0 * mV, seed=3))
    lif.init_state()
    before = lif.V.value
    for _ in range(3):
        lif.update(5 * mA)
    assert lif.clock.i == 3
    lif.reset()
    assert lif.clock.i == 0
    assert_array_equal(lif.V.value.magnitude, before.magnitude)


def test_an_input_of_another_shape_is_an_error_not_a_new_shape():
    with pytest.raises(ValueError, match=r"an input of the shape \(5, 3\) does not fit the population's \(3,\)"):
        LIF(3).update(np.ones((5, 3)) * mA)

    class Grows(LIF):
        def update(self, x):
            self.V.value = self.V.value[None]

    with pytest.raises(ValueError, match=r"'V' has the shape \(3,\), update\(\) gives it \(1, 3\)"):
        Grows(3).update(1 * mA)


def test_a_state_replaced_inside_update_is_refused_and_harms_nothing():
    class Wrong(LIF):
        def update(self, x):
            self.V = self.V.value

    wrong = Wrong(3)
    with pytest.raises(AttributeError, match=r"'V' is set inside update\(\), which is traced once"):
        wrong.update(1 * mA)
    assert wrong.V.value.shape == (3,)


def test_mistakes_in_a_model_are_named():
    class OneRate(sc.models.ALIF):
        def derivative(self, V, a, I):
            return (V / self.tau,)

    class Branch(LIF):
        def update(self, x):
            if self.V.value[0] > self.V_th:
                return x

    class NoTuple(sc.models.ALIF):
        def update(self, x):
            self.V.value = self.integrate(self.derivative, self.V.value, self.a.value, x)
            return self.fire()

    for cls, error, text in (
        (
            NoTuple,
            TypeError,
            r"returns 2 rates for 1 states\. .* integrate\(derivative, \(self\.V\.value, self\.a\.value\), ",
        ),
        (OneRate, TypeError, "OneRate: the derivative returns 1 rates for 2 states"),
        (Branch, TypeError, r"test_module.py:\d+, in update: Python's if, while, float\(\) or int\(\) on a value"),
    ):
        with pytest.raises(error, match=text):
            cls(3).update(1 * mA)


@pytest.mark.parametrize("path", ["states", "states.npz"])
def test_saved_states_come_back_in_another_model(tmp_path, path):
    a, b = Pair(), Pair()
    for _ in range(5):
        a.update(30 * mA)
    a.first.tau = 7 * ms
    a.save_states(tmp_path / path)
    b.load_states(tmp_path / path)
    assert b.first.tau == 7 * ms
    for name, value in a.state_dict().items():
        assert_array_equal(value.magnitude, b.state_dict()[name].magnitude)
    assert [p.name for p in tmp_path.iterdir()] == ["states.npz"]  # the temporary name is gone


def test_loading_converts_units_and_refuses_what_does_not_fit(tmp_path):
    lif = LIF(2)
    values = lif.state_dict()
    lif.load_state_dict(values | {"tau": 0.008 * sc.units.s, "V": np.array([-1e-3, 0]) * sc.units.V})
    assert_allclose(lif.tau.m_as("ms"), 8)
    assert_allclose(lif.V.value.m_as("mV"), [-1, 0])
    for wrong, error, text in (
        (values | {"tau": 8 * mV}, DimensionalityError, "'tau' needs a quantity in ms"),
        (values | {"W": 8 * mV}, KeyError, "unexpected W"),
        ({k: v for k, v in values.items() if k != "V"}, KeyError, "missing V"),
        (values | {"V": np.zeros(3) * mV}, ValueError, "has the shape"),
        (values | {"tau": -8 * ms}, ValueError, "must be > 0"),
    ):
        with pytest.raises(error, match=text):
            lif.load_state_dict(wrong)
        assert_allclose(lif.tau.m_as("ms"), 8)  # nothing has changed


def test_loading_is_free_of_the_order_of_threshold_and_reset():
    low, high = LIF(1, V_th=-50 * mV, V_reset=-60 * mV, V_rest=-60 * mV), LIF(1)
    high.load_state_dict(low.state_dict())
    low.load_state_dict(LIF(1).state_dict())
    assert (high.V_th, low.V_th) == (-50 * mV, 1 * mV)


def test_a_file_of_a_newer_format_is_refused(tmp_path):
    np.savez(tmp_path / "new.npz", about=np.array(json.dumps({"format": 99, "unit_of": {}})))
    with pytest.raises(ValueError, match="has the format 99"):
        LIF(1).load_states(tmp_path / "new.npz")
    np.savez(tmp_path / "other.npz", a=np.zeros(1))
    with pytest.raises(ValueError, match="was not written by save_states"):
        LIF(1).load_states(tmp_path / "other.npz")


def test_a_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    lif = LIF(1)
    lif.save_states(tmp_path / "s.npz")
    before = (tmp_path / "s.npz").read_bytes()
    monkeypatch.setattr(np, "savez", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        lif.save_states(tmp_path / "s.npz")
    assert [p.name for p in tmp_path.iterdir()] == ["s.npz"]
    assert (tmp_path / "s.npz").read_bytes() == before


def test_devices():
    lif = LIF(2).cpu()
    assert lif.V.raw.devices() == {jax.devices("cpu")[0]}
    assert lif.to(jax.devices()[0]) is lif
    assert lif.to("cpu").V.raw.devices() == {jax.devices("cpu")[0]}
    if not any(d.platform == "tpu" for d in jax.devices()):
        with pytest.raises(RuntimeError, match="JAX finds no tpu device here"):
            lif.tpu()


def test_a_module_is_a_pytree():
    lif = LIF(2, tau=7 * ms)
    leaves, structure = jax.tree.flatten(lif)
    assert jax.tree.structure(LIF(2, tau=9 * ms)) == structure
    assert jax.tree.structure(LIF(2, spk_reset="hard")) != structure
    copy = jax.tree.unflatten(structure, leaves)
    assert copy is not lif
    assert_allclose(copy.tau.m_as("ms"), 7)
    double = jax.tree.map(lambda a: 2 * a, lif)
    assert_allclose(double.tau.m_as("ms"), 14)
    assert lif.tau == 7 * ms


def test_arrays_in_lists_and_dicts_are_leaves_too():
    class Tabled(LIF):
        def __init__(self, in_size):
            super().__init__(in_size)
            self.tables = {"a": np.arange(3.0), "b": [np.ones(2), 3]}

    lif = Tabled(2)
    double = jax.tree.map(lambda a: 2 * a, lif)
    assert_allclose(double.tables["a"], [0, 2, 4])
    assert_allclose(double.tables["b"][0], 2)
    assert double.tables["b"][1] == 3
    assert_allclose(lif.tables["a"], [0, 1, 2])
    assert double.structure() == lif.structure()


def test_a_pytree_module_goes_through_jit_and_grad():
    def rate_of_change(model):
        return model.derivative(model.V.value, 2.0e9).sum()  # 2 mA in pA

    lif = LIF(2, tau=7 * ms)
    assert_allclose(jax.jit(rate_of_change)(lif), 2 * 2 / 7)
    grads = jax.grad(rate_of_change)(lif)
    assert_allclose(grads.kernel_params()["tau"], -2 * 2 / 7**2)  # of 2 * 2 / tau


def test_equal_models_have_equal_structure():
    assert LIF(2).structure() == LIF(2, tau=9 * ms).structure()
    assert LIF(2).structure() != LIF(3).structure()
    assert LIF(2).structure() != LIF(2, method="rk4").structure()
    assert LIF(2).structure() != LIF(2, noise="1 mV/ms**0.5").structure()


def test_linear_is_a_matrix_with_a_unit():
    W = np.arange(6.0).reshape(3, 2)
    layer = Linear(3, 2, unit="pA", weight=W * mA, bias=np.array([1.0, 2.0]) * mA)
    out = layer.update(np.array([1.0, 0.0, 1.0]))
    assert_allclose(out.m_as("mA"), [0 + 4 + 1, 1 + 5 + 2])
    with pytest.raises(DimensionalityError, match="Linear: 'weight' needs a quantity in pA"):
        Linear(3, 2, unit="pA", weight=W * mV)
    with pytest.raises(ValueError, match="does not broadcast"):
        Linear(2, 3, unit="mA", weight=W * mA)
    with pytest.raises(DimensionalityError):  # spikes of a layer without a unit drive no neuron
        LIF(2).update(Linear(3, 2).update(np.ones(3)))


class Chooser(sc.Module):
    """Two populations and a second name for one of them, which alone is driven."""

    def __init__(self, which):
        super().__init__()
        self.a, self.b = LIF(1), LIF(1)
        self.chosen = getattr(self, which)

    def update(self, x):
        return self.chosen.update(x)


def test_programs_of_models_that_share_a_module_differently_are_not_mixed_up():
    for which, other in (("a", "b"), ("b", "a")):
        net = Chooser(which)
        net.update(0.5 * mA)
        assert net.states()[f"{which}.V"].value.m_as("mV")[0] > 0
        assert net.states()[f"{other}.V"].value.m_as("mV")[0] == 0


def test_another_keyword_is_checked_again():
    class TwoInputs(LIF):
        def update(self, I=0.0, dV=0.0):
            self.V.value = self.integrate(self.derivative, self.V.value + dV, I)

    neuron = TwoInputs(1)
    neuron.update(I=1 * mA)
    neuron.update(dV=0.1 * mV)
    with pytest.raises(DimensionalityError, match=r"'\+' joins mV and pA"):
        neuron.update(dV=7 * mA)


def test_a_state_or_a_fixed_attribute_is_not_overwritten_by_a_quantity():
    lif = LIF(1)
    lif.init_state()
    with pytest.raises(AttributeError, match=r"'V' is a state; assign to V.value"):
        lif.V = 0.5 * mV
    with pytest.raises(AttributeError, match="'V_reset' is fixed by the class IF"):
        sc.models.IF(1).V_reset = -3 * mV

    class Fixed(LIF):
        V_reset = 0.0

    with pytest.raises(TypeError, match="has no parameter 'V_reset'"):
        Fixed(1, V_reset=-10 * mV)
    assert "V_reset" not in Fixed(1).params()


def test_arrays_and_sets_among_the_attributes_count_by_content():
    class Gain(LIF):
        def update(self, x):
            return super().update(x * self.gain)

    lif = Gain(2)
    lif.gain = np.array([1.0, 1.0])
    lif.update(0.5 * mA)
    before = lif.V.value.m_as("mV")
    lif.gain[:] = 0.0
    lif.update(0.5 * mA)
    assert_allclose(lif.V.value.m_as("mV"), before * np.exp(-0.1 / 5))


def test_an_attribute_set_inside_update_is_refused():
    class Counts(LIF):
        def update(self, x):
            self.k = 1

    with pytest.raises(AttributeError, match="'k' is set inside update"):
        Counts(1).update(1 * mA)


def test_options_are_checked_whenever_they_are_set():
    lif = LIF(1)
    with pytest.raises(ValueError, match="'spk_reset' must be one of soft, hard"):
        lif.spk_reset = "Hard"
    with pytest.raises(ValueError, match="'method' must be one of"):
        lif.method = "foo"


def test_parameters_that_belong_together_are_loaded_together_or_not_at_all():
    lif = Lif(1, V_rest=-70 * mV)
    lif.load_float_params({"tau": 3.0, "V_th": -60.0, "V_reset": -70.0})
    assert (lif.tau, lif.V_th, lif.V_reset) == (3 * ms, -60 * mV, -70 * mV)
    with pytest.raises(ValueError, match="must be above"):
        lif.load_float_params({"tau": 4.0, "V_th": -80.0})
    assert (lif.tau, lif.V_th) == (3 * ms, -60 * mV)


def test_children_added_later_get_their_states():
    class Chain(sc.Module):
        def __init__(self):
            super().__init__()
            self.layers = [LIF(2)]

        def update(self, x):
            for layer in self.layers:
                x = layer.update(x)
            return x

    chain = Chain()
    chain.update(1 * mA)
    chain.layers.append(Linear(2, 3, unit="mA"))
    chain.layers.append(LIF(3))
    assert chain.update(1 * mA).shape == (3,)


def test_a_matrix_of_a_neurons_own_is_a_parameter():
    class Recurrent(LIF):
        def __init__(self, n, **kwargs):
            super().__init__(n, **kwargs)
            self.W = np.ones((n, n)) * mA

        def update(self, x):
            return super().update(x + self.get_spike() @ self.W)

    assert Recurrent(3).update(1 * mA).shape == (3,)


def test_the_clock_is_that_of_the_whole_tree():
    net = Chooser("a")
    net.chosen = LIFRef(1, spk_reset="hard")
    mon = sc.DSRunner(net, monitors=["chosen.spike_events"]).run(30 * ms, inputs=3 * mA)
    last = mon["chosen.spike_events"].times[-1]
    assert_allclose(net.chosen.last_spike_time.m_as("ms"), last.m_as("ms"))
