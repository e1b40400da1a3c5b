"""What a compiled program depends on: models that differ in what a step reads share none, and no value is baked in.

The model is LIF with its rate times a factor that the step finds in some place. From V = 0 one step of dt = 0.1 ms
under R I = 1 mV takes V to 1 - exp(-dt / tau) = 0.0198 mV; where the factor is 0, to 0 mV.
"""

import copy
import dataclasses
import enum
import itertools
import pickle
import sys
import textwrap
import threading
import types

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore.models import LIF
from simcore.units import mA, ms, mV, pA, pF

ONE_STEP = 1 - np.exp(-0.1 / 5)
FACTOR = 1.0


def factor_of(rate):
    return rate


def reloaded(rate):
    return rate


class Reloaded(LIF):
    def derivative(self, V, I):
        return reloaded(super().derivative(V, I))


class Global(LIF):
    def derivative(self, V, I):
        return FACTOR * super().derivative(V, I)


class Helper(LIF):
    def derivative(self, V, I):
        return factor_of(super().derivative(V, I))


class ClassAttribute(LIF):
    factor = 1.0

    def derivative(self, V, I):
        return self.factor * super().derivative(V, I)


class Attribute(LIF):
    def __init__(self, size, factor, **kwargs):
        super().__init__(size, **kwargs)
        self.factor = factor

    def derivative(self, V, I):
        return self.factor * super().derivative(V, I)


class Item(Attribute):
    def derivative(self, V, I):
        return self.factor["factor"][0] * super(Attribute, self).derivative(V, I)


class OfObject(Attribute):
    def derivative(self, V, I):
        return self.factor.factor * super(Attribute, self).derivative(V, I)


class Called(Attribute):
    def derivative(self, V, I):
        return self.factor(super(Attribute, self).derivative(V, I))


class Bag:
    def __init__(self, factor):
        self.factor = factor


def V(model):
    """Return V after one step, in mV."""
    model.update(1 * mA)
    return float(model.V.value.m_as("mV")[0])


def closure_over(factor):
    return lambda rate: factor * rate


CHANGES = {
    "a global": (lambda: Global(1), lambda model: globals().update(FACTOR=0.0), lambda: globals().update(FACTOR=1.0)),
    "a helper": (
        lambda: Helper(1),
        lambda model: globals().update(factor_of=lambda rate: 0 * rate),
        lambda: globals().update(factor_of=closure_over(1.0)),
    ),
    "a class attribute": (
        lambda: ClassAttribute(1),
        lambda model: setattr(ClassAttribute, "factor", 0.0),
        lambda: setattr(ClassAttribute, "factor", 1.0),
    ),
    "an attribute": (lambda: Attribute(1, 1.0), lambda model: setattr(model, "factor", 0.0), None),
    "an item in a list in a dict": (lambda: Item(1, {"factor": [1.0]}), lambda m: m.factor["factor"].append(
        m.factor["factor"].pop() * 0), None),
    "an attribute of an object": (lambda: OfObject(1, Bag(1.0)), lambda m: setattr(m.factor, "factor", 0.0), None),
    "an array of an object, in place": (lambda: OfObject(1, Bag(np.ones(1))), lambda m: m.factor.factor.fill(0), None),
    "an array, in place": (lambda: Attribute(1, np.ones(1)), lambda model: model.factor.fill(0.0), None),
    "a large array, in place": (lambda: Attribute(300_000, np.ones(300_000)), lambda m: m.factor.fill(0.0), None),
    "the code of a helper, as after a reload": (
        lambda: Reloaded(1),
        lambda model: setattr(reloaded, "__code__", (lambda rate: 0 * rate).__code__),
        lambda: setattr(reloaded, "__code__", (lambda rate: rate).__code__),
    ),
    "a function": (lambda: Called(1, closure_over(1.0)), lambda m: setattr(m, "factor", closure_over(0.0)), None),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_step_reads_counts_when_it_changes(change):
    make, set_to_0, restore = CHANGES[change]
    model = make()
    try:
        assert_allclose(V(model), ONE_STEP)
        model.reset()
        set_to_0(model)
        assert V(model) == 0
        if restore:  # it holds for models made afterwards, too
            assert V(make()) == 0
    finally:
        if restore:
            restore()
    assert_allclose(V(make()), ONE_STEP)


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_step_reads_counts_when_it_changes_between_two_steps_of_a_runner(change):
    make, set_to_0, restore = CHANGES[change]
    runner = sc.DSRunner(model := make(), progress_bar=False)
    try:
        for n in (1, 2):
            runner.step(1 * mA)
            assert_allclose(model.V.value.m_as("mV")[0], 1 - np.exp(-0.1 * n / 5))
        set_to_0(model)
        before = model.V.value.m_as("mV")[0]
        runner.step(1 * mA)
        assert model.V.value.m_as("mV")[0] == before
    finally:
        if restore:
            restore()


def test_a_patched_method_counts():
    class Patched(LIF):
        pass

    assert_allclose(V(Patched(1)), ONE_STEP)
    Patched.derivative = lambda self, V, I: 0 * LIF.derivative(self, V, I)
    assert V(Patched(1)) == 0


def test_a_method_of_simcore_that_is_patched_counts_in_a_class_of_the_users_too(monkeypatch):
    class Derived(LIF):
        pass

    assert_allclose(V(Derived(1)), ONE_STEP)
    derivative = LIF.derivative
    with monkeypatch.context() as patch:
        patch.setattr(LIF, "derivative", lambda self, V, I: 0 * derivative(self, V, I))
        assert V(Derived(1)) == 0
    assert_allclose(V(Derived(1)), ONE_STEP)


def test_a_helper_in_a_module_of_the_users_own_counts():
    tools = types.ModuleType("a_tool_of_mine")
    exec("def change(rate):\n    return rate", tools.__dict__)
    scope = {"LIF": LIF, "tools": tools, "__name__": "a_script"}
    code = """
        class Using(LIF):
            def derivative(self, V, I):
                return tools.change(super().derivative(V, I))
        """
    exec(textwrap.dedent(code), scope)
    assert_allclose(V(scope["Using"](1)), ONE_STEP)
    exec("def change(rate):\n    return 0 * rate", tools.__dict__)
    assert V(scope["Using"](1)) == 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_array_among_the_globals_that_changes_in_place_leads_to_a_new_program_or_an_error(precision, dtype):
    scope = {"LIF": LIF, "W": np.ones(1, dtype), "__name__": "a_script"}
    exec("class Using(LIF):\n    def derivative(self, V, I):\n        return W * super().derivative(V, I)", scope)
    assert_allclose(V(scope["Using"](1)), ONE_STEP, rtol=1e-5)
    scope["W"][0] = 0.0
    if (precision, dtype) == ("float32", "float64"):  # JAX keeps what it has converted
        with pytest.raises(ValueError, match=r"was changed in place, which JAX does not see .*: W = W.copy\(\)"):
            V(scope["Using"](1))
        scope["W"] = scope["W"].copy()
    assert V(scope["Using"](1)) == 0


@pytest.mark.parametrize("place", ["a monitor", "an input"])
def test_a_function_of_the_users_counts_with_the_globals_that_it_names(place):
    def run():
        monitors = {"x": lambda model: FACTOR * model.V.value} if place == "a monitor" else {"x": lambda m: m.V.value}
        drive = sc.inputs.function(drive_by_factor, "mA", A=1 * mA) if place == "an input" else 1 * mA
        return sc.DSRunner(LIF(1), monitors, progress_bar=False).run(0.1 * ms, inputs=drive).x.m_as("mV")[0, 0]

    globals().update(FACTOR=1.0)
    assert_allclose(run(), ONE_STEP)
    try:
        globals().update(FACTOR=0.5)
        assert_allclose(run(), 0.5 * ONE_STEP)
    finally:
        globals().update(FACTOR=1.0)


def drive_by_factor(t, A):
    return A * FACTOR


def test_attributes_of_any_public_name_count():
    for name in ("order", "start", "rule", "n", "times", "signal", "longest", "layout"):
        models = [Attribute(1, 1.0), Attribute(1, 1.0)]
        vars(models[1])[name] = vars(models[0])[name] = 1.0
        assert models[0].structure() == models[1].structure()
        vars(models[1])[name] = 3.0
        assert models[0].structure() != models[1].structure(), name


@pytest.mark.parametrize("pair", [(1, 1.0), (1, True), (0.0, -0.0), ([1], (1,)), ("a", b"a"), ({1}, {2}), (None, 0)])
def test_values_that_python_calls_equal_or_alike_are_told_apart(pair):
    one, other = (Attribute(1, value).structure() for value in pair)
    assert one != other


def test_equal_values_share_a_program():
    nested = {"a": [1, 2.5, (3, "x")], "b": {4, 5}, "c": None, "d": closure_over(2.0), "e": Bag(np.arange(3))}
    assert Attribute(1, nested).structure() == Attribute(1, copy.deepcopy(nested)).structure()
    assert Attribute(1, float("nan")).structure() == Attribute(1, float("nan")).structure()


@dataclasses.dataclass(frozen=True)
class Triangle(sc.surrogate.Surrogate):
    width: float = 1.0
    steps: tuple = dataclasses.field(default=(), metadata={"unit": "ms"})

    def grad(self, x):
        return jnp.maximum(0.0, 1 - jnp.abs(x) / self.width)


def test_dataclasses_enums_and_slices_of_ones_own_count_by_value():
    kind = enum.Enum("Kind", "A B")
    pairs = [(Triangle(1.0), Triangle(2.0)), (kind.A, kind.B), (slice(0, 2), slice(0, 3)), (range(2), range(3))]
    for one, other in pairs:
        structures = [Attribute(1, value).structure() for value in (one, copy.deepcopy(one), other)]
        assert structures[0] == structures[1] != structures[2]


def test_a_surrogate_of_ones_own_has_its_derivative():
    for width in (0.5, 2.0):
        run = sc.unroll(LIF(1, V_th=1 * mV, tau=5 * ms, spk_fun=Triangle(width), detach_spk=True), 0.1 * ms)
        slope = jax.grad(lambda v, run=run: run(states={"V": v[None]})[0].sum())(0.8)
        decay = np.exp(-0.1 / 5)
        assert_allclose(slope, decay * (1 - (1 - 0.8 * decay) / width), rtol=1e-6)


def test_arrays_are_arguments_of_the_program_not_constants():
    traced = itertools.count()  # counts by identity

    class Masked(LIF):
        def __init__(self, mask):
            super().__init__(2)
            self.mask = mask
            self.nested = {"weights": [mask * 2.0, 3.0]}

        def update(self, x=0.0):
            next(traced)
            return super().update(x * self.mask + 0.0 * x * self.nested["weights"][0])

    a = Masked(np.array([1.0, 2.0]))
    assert a.update(1 * mA).shape == (2,)
    traces = next(traced)
    b = Masked(jnp.array([3.0, 0.0]))
    b.update(1 * mA)
    assert next(traced) == traces + 1  # the same program
    assert_allclose(a.V.value.m_as("mV"), ONE_STEP * np.array([1, 2]))
    assert_allclose(b.V.value.m_as("mV"), ONE_STEP * np.array([3, 0]))


def test_a_step_cannot_read_the_bookkeeping_of_the_host():
    class Hidden(LIF):
        def __init__(self, size, factor):
            super().__init__(size)
            self._factor = factor

        def derivative(self, V, I):
            return self._factor * super().derivative(V, I)

    with pytest.raises(AttributeError, match=r"Hidden: '_factor' is read in a step.*call it 'factor'"):
        Hidden(1, 3.0).update(1 * mA)


@pytest.mark.parametrize("value", [np.random.default_rng(0), np.random.RandomState(0), threading.Lock(), iter([1])])
def test_what_cannot_be_compared_by_value_is_refused_at_the_assignment(value):
    with pytest.raises(TypeError, match=r"'factor' is given .* which cannot be compared by value.*'_factor'"):
        Attribute(1, value)
    Attribute(1, 1.0)._factor = value  # the host's


def test_a_monitor_that_reads_the_model_itself_is_refused_with_the_cure():
    lif = LIF(1)
    for function in (lambda m: lif.V.value, lambda m: lif.tau):
        with pytest.raises(
            RuntimeError, match=r"is read in a step from the model itself.*lambda model: model\.V\.value"
        ):
            sc.DSRunner(lif, {"x": function}).run(1 * ms, inputs=1 * mA)
    assert lif.V.value.m_as("mV") == 0  # and it is as usable as before
    mon = sc.DSRunner(lif, {"x": lambda m: m.V.value}).run(0.1 * ms, inputs=1 * mA)
    assert_allclose(mon.x.m_as("mV")[0], [ONE_STEP])


def test_runners_in_threads_give_what_they_give_alone():
    taus = [5.0, 8.0, 13.0, 21.0]
    classes = [type(f"Thread{k}", (LIF,), {}) for k in range(4)]  # programs of their own: all trace at once
    results, start = {}, threading.Barrier(4)

    def run(k):
        start.wait()
        mon = sc.DSRunner(classes[k](1, tau=taus[k] * ms), ["V"], progress_bar=False).run(2 * ms, inputs=0.5 * mA)
        results[k] = mon.V.m_as("mV")[-1, 0]

    threads = [threading.Thread(target=run, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert_allclose([results[k] for k in range(4)], 0.5 * (1 - np.exp(-2 / np.array(taus))))


def test_models_are_copied_and_pickled_with_their_values_and_states():
    lif = sc.models.LIFRef(3, tau=np.array([5.0, 6.0, 7.0]) * ms, noise="0.1 mV/ms**0.5")
    lif.update(2 * mA)
    for other in (copy.deepcopy(lif), pickle.loads(pickle.dumps(lif))):
        assert_array_equal(other.tau.m_as("ms"), [5, 6, 7])
        assert_array_equal(other.V.value.m_as("mV"), lif.V.value.m_as("mV"))
        assert other.clock.i == 1
        spikes, V = other.update(2 * mA), other.V.value.m_as("mV")
        before = lif.V.value.m_as("mV")
        assert not np.any(before == V)  # states of its own
        assert spikes.shape == (3,)
        assert other.structure() == lif.structure()


def test_networks_are_copied_and_pickled():
    net = sc.Network(
        E=LIF(4, receptors={"exc": sc.models.Exponential(tau=2 * ms)}, R="1 Mohm", V_th=3 * mV),
        S=sc.models.SpikeSource(2, [1, 2] * ms, [0, 1]),
    )
    net.S2E = sc.models.Projection(net.S, net.E, connect=sc.models.AllToAll(), weight="100 pA", delay=1 * ms)
    alone = sc.DSRunner(copy.deepcopy(net), ["E.V"], progress_bar=False).run(4 * ms)["E.V"].m_as("mV")
    pickled = sc.DSRunner(pickle.loads(pickle.dumps(net)), ["E.V"], progress_bar=False).run(4 * ms)["E.V"].m_as("mV")
    assert alone[-1, 0] > 0
    assert_array_equal(alone, pickled)


def test_code_of_installed_packages_counts_as_it_is():
    assert "simcore" in sys.modules
    assert LIF(1).structure() == LIF(1).structure()
    assert (
        LIF(1, spk_fun=sc.surrogate.ReluGrad(0.5)).structure() != LIF(1, spk_fun=sc.surrogate.ReluGrad(0.3)).structure()
    )


def test_a_state_that_was_set_before_the_first_call_of_a_root_keeps_its_value_and_batch():
    class Two(sc.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = LIF(2), LIF(2)

        def update(self, x):
            return self.a(x), self.b(x)

    net = Two()
    net.a.init_state(batch_size=3)
    net.a.V.value = 0.5 * mV
    spikes = net.update(0 * mA)
    assert [s.shape for s in spikes] == [(3, 2), (3, 2)]  # what is missing takes the batch of what is there
    assert_allclose(net.a.V.value.m_as("mV"), 0.5 * np.exp(-0.1 / 5))
    assert_allclose(net.b.V.value.m_as("mV"), 0.0)


@pytest.mark.parametrize(
    "name", ["size", "params", "states", "spike", "data", "to", "reset", "threshold", "scale", "name", "method",
             "in_size", "positions", "varshape", "children", "words", "nodes", "fire"],
)  # fmt: skip
@pytest.mark.parametrize("declared", [sc.Param(3.0, "mV"), sc.HiddenState("mV")], ids=["parameter", "state"])
def test_a_name_that_the_bases_have_is_refused_in_the_class_body(name, declared):
    with pytest.raises((AttributeError, RuntimeError), match=f"'{name}' is an attribute of .*; choose another name"):
        type("Mine", (LIF,), {name: declared})


@pytest.mark.parametrize(
    ("assign", "text"),
    [
        (lambda lif: setattr(lif, "taum", 20 * ms), "LIF has no attribute 'taum'; did you mean 'tau'?"),
        (lambda lif: setattr(lif, "Tau", 20), "LIF has no attribute 'Tau'; did you mean 'tau'?"),
        (lambda lif: setattr(lif, "spk_rest", "hard"), "did you mean 'spk_reset'?"),
        (lambda lif: setattr(lif, "size", 3), "LIF: 'size' cannot be set."),
        (lambda lif: setattr(lif, "membrane_tau", 20 * ms), "LIF has no attribute 'membrane_tau'. It has R, tau, V_th"),
        (lambda lif: setattr(lif, "C", 20 * pF), "a class of your own sets new ones in its constructor."),
        (lambda lif: setattr(lif, "dt", 0.1 * ms), "LIF has no attribute 'dt'."),
        (lambda lif: setattr(lif, "gain", np.ones(3)), "LIF has no attribute 'gain'."),
        (lambda lif: setattr(lif, "taus", [1.0]), "did you mean 'tau'?"),
        (lambda lif: setattr(lif, "v", sc.HiddenState(0 * mV)), "did you mean 'V'?"),
        (lambda lif: setattr(lif, "tau.m", 20 * ms), "'tau.m' is no name; it must be one word"),
        (lambda lif: setattr(lif, "threshold", 3), "LIF: 'threshold' is a method of LIF"),
        (lambda lif: setattr(lif, "varshape", (4,)), "LIF: 'varshape' cannot be set; make another LIF with it."),
    ],
)
def test_a_misspelt_attribute_is_refused(assign, text):
    lif = LIF(3)
    with pytest.raises(AttributeError) as caught:
        assign(lif)
    assert text in str(caught.value)


def cells(n=2):
    return LIF(n, R="1 Mohm", receptors={"exc": sc.models.Exponential(tau=2 * ms)})


def projection():
    return sc.models.Projection(cells(), cells(), connect=sc.models.AllToAll(), weight="1 pA", delay=1 * ms)


OWNERS = {
    "a receptor": sc.models.Exponential,
    "a receptor of a neuron": lambda: cells().exc,
    "a projection": projection,
    "a source": lambda: sc.models.SpikeSource(2, [1, 2] * ms, [0, 1]),
    "a Poisson source": lambda: sc.models.PoissonGroup(2, "5 Hz"),
    "an input": lambda: sc.models.PoissonInput(cells(), n=3, rate="5 Hz", weight="1 pA"),
    "a rule of plasticity": sc.models.TsodyksMarkram,
    "a layer": lambda: sc.models.Linear(2, 3),
    "a network": lambda: sc.Network(E=cells()),
    "a model of ones own": lambda: Attribute(1, 2.0),
}


@pytest.mark.parametrize("value", [3.0, 20 * ms, "x", np.ones(2)], ids=["number", "quantity", "text", "array"])
@pytest.mark.parametrize("owner", OWNERS)
def test_what_no_constructor_knows_is_refused_afterwards(owner, value):
    model = OWNERS[owner]()
    with pytest.raises(AttributeError, match="has no attribute 'frobnicate'"):
        model.frobnicate = value
    assert "frobnicate" not in {*vars(model), *model.params()}


def test_a_class_of_ones_own_sets_what_it_names_whenever_it_likes():
    class Own(LIF):
        later: float

        def __init__(self, size, **others):
            super().__init__(size)
            for name, value in others.items():
                setattr(self, name, value)

        def init_state(self, batch_size=None):
            super().init_state(batch_size)
            setattr(self, "trace" + "_0", sc.ShortTermState(np.zeros(self.varshape)))

        def update(self, x=0.0):
            return super().update(x * self.gain)

    own = Own(2, tau_0=3 * ms, tau_1=4 * ms)
    own.gain, own.later, own.tau_0 = 2.0, 1.0, 5 * ms
    own.update(1 * mA)
    assert (own.tau_0, own.params()["tau_1"]) == (5 * ms, 4 * ms)
    with pytest.raises(AttributeError, match="did you mean 'gain'"):
        own.gian = 3.0
    for other in (copy.deepcopy(own), pickle.loads(pickle.dumps(lif := LIF(1)))):
        with pytest.raises(AttributeError, match="has no attribute 'frobnicate'"):
            other.frobnicate = 1.0
    assert lif.tau == 5 * ms


@pytest.mark.parametrize(
    ("owner", "name"),
    [("a projection", "pre"), ("a projection", "post"), ("a projection", "receptor"), ("a projection", "n_synapses"),
     *(("a projection", k) for k in ("short_term", "plasticity", "targets", "ptr", "window", "spread", "delayed")),
     ("an input", "receptor"), ("a layer", "out_size"), ("a layer", "unit"), ("a receptor of a neuron", "varshape")],
)  # fmt: skip
def test_what_a_constructor_sets_for_good_stays(owner, name):
    model = OWNERS[owner]()
    with pytest.raises(AttributeError, match=f"'{name}' cannot be set; make another"):
        setattr(model, name, getattr(model, name))


@pytest.mark.parametrize("name", ["ptr", "targets", "window", "n_synapses"])
def test_what_is_drawn_later_cannot_be_set_before(name):
    cells = LIF(4, receptors={"e": sc.models.Exponential()})
    drawn = sc.models.Projection(cells, cells, connect=sc.models.FixedProbability(0.5), weight=1 * pA)
    with pytest.raises(AttributeError, match=f"'{name}' cannot be set; make another Projection"):
        setattr(drawn, name, None)
    assert drawn.n_synapses == len(drawn.targets)


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: LIF(size=10), TypeError, "LIF needs 'in_size', it has no 'size'; write LIF(in_size=...)."),
        (lambda: LIF(), TypeError, "LIF needs 'in_size'; write LIF(in_size=...)."),
        (lambda: sc.models.PoissonGroup(n=3, rate="5 Hz"), TypeError,
         "PoissonGroup needs 'in_size', it has no 'n'; write PoissonGroup(in_size=..., rate=...)."),
        (lambda: LIF(True), ValueError, "'in_size' must be a positive int"),
        (lambda: LIF(1, name=3), TypeError, "LIF: 'name', the name in messages, must be text, got 3."),
        (lambda: LIF(1, receptors=[cells().exc]), TypeError, "receptors go by name, receptors={'exc': ...}"),
        (lambda: LIF(1, parts=sc.models.Exponential()), TypeError, "parts go by name, parts={'exc': ...}"),
        (lambda: LIF(1, spk_fun=sc.surrogate.ReluGrad), TypeError, "'spk_fun' must be a surrogate"),
        (lambda: LIF(1, detach_spk="no"), TypeError, "'detach_spk' must be True or False"),
        (lambda: sc.Network(cells()), TypeError, "Network takes all by name; write Network(E=LIF(...))."),
        (lambda: sc.Network(name=cells()), TypeError, "Network: 'name', the name in messages, must be text"),
        (lambda: sc.Network(**{"a.b": cells()}), AttributeError, "Network: 'a.b' is no name; it must be one word"),
        (lambda: sc.Network(_E=cells()), ValueError, "'_E' cannot name a part"),
    ],
)  # fmt: skip
def test_a_constructor_that_is_called_wrongly_says_how(make, error, text):
    with pytest.raises(error) as caught:
        make()
    assert text in str(caught.value)


def test_nothing_is_put_inside_itself():
    net = sc.Network(E=cells())
    outer = sc.Network(inner=net)
    for value in (net, outer, [net], {"a": [outer]}):
        with pytest.raises(ValueError, match="'back' would put it inside itself"):
            net.back = value
    assert list(outer.populations()) == ["inner.E"]


def test_a_receptor_that_belongs_to_a_population_is_answered_with_the_cure():
    shared = {"exc": sc.models.Exponential(tau=2 * ms)}
    LIF(1, receptors=shared)
    with pytest.raises(ValueError, match="belongs to a model already; make one for each"):
        LIF(1, receptors=shared)


class Adding(sc.measure.Measure):
    def begin(self, value):
        return jnp.zeros(value.shape)

    def add(self, carry, value, k):
        return carry + FACTOR

    def result(self, carry, steps, dt, t0, unit):
        return carry


class Times:
    def __init__(self):
        self.factor = 1.0

    def __call__(self, model):
        return self.factor + 0 * model.V.value


def test_the_code_of_a_measure_of_the_users_counts():
    def run():
        mon = sc.DSRunner(LIF(1), {"n": Adding("V")}, progress_bar=False).run(1 * ms)
        swept = sc.Sweep(LIF(1), {"tau": [5.0] * ms}, {"n": Adding("V")}, progress_bar=False).run(1 * ms)
        return mon.n[0], swept.n.values[0]

    assert_allclose(run(), 10)
    try:
        globals().update(FACTOR=0.5)
        assert_allclose(run(), 5)
    finally:
        globals().update(FACTOR=1.0)


def test_an_object_that_is_called_in_a_monitor_counts_by_its_attributes():
    times = Times()
    runner = sc.DSRunner(LIF(1), {"x": times}, progress_bar=False)
    assert runner.run(0.1 * ms).x[0, 0] == 1
    times.factor = 2.0
    assert runner.run(0.1 * ms).x[0, 0] == 2
