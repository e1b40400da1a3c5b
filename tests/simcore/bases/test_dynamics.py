"""What integrate() does for any model: V wherever it stands, inputs by name, parts of one's own."""

import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DimensionalityError, DSRunner
from simcore.bases.part import Part
from simcore.units import Mohm, mA, ms, mV, nS, pA


class AdEx(sc.Neuron):
    """Adaptive neuron without its exponential: C V' = -gL (V - EL) - w + I, tau_w w' = a (V - EL) - w, w += b."""

    C, gL, EL = sc.Param(200.0, "pF"), sc.Param(10.0, "nS"), sc.Param(-70.0, "mV")
    a, tau_w, b = sc.Param(2.0, "nS"), sc.Param(30.0, "ms"), sc.Param(60.0, "pA")
    V_th, V_reset = sc.Param(-50.0, "mV"), sc.Param(-58.0, "mV")
    V = sc.HiddenState("mV", init="EL")
    w = sc.HiddenState("pA")
    spk_reset = "hard"

    def dV(self, V, w, I):
        return (-self.gL * (V - self.EL) - w + I) / self.C

    def dw(self, w, V):
        return (self.a * (V - self.EL) - w) / self.tau_w

    def derivative(self, V, w, I):
        return self.dV(V, w, I), self.dw(w, V)

    def swapped(self, w, V, I):
        return self.dw(w, V), self.dV(V, w, I)

    def start(self):
        return self.after_spike(self.V.value), self.w.value + self.b * self.reset_spike()

    def update(self, x):
        self.V.value, self.w.value = self.integrate(self.derivative, self.start(), x)
        return self.fire()


class Swapped(AdEx):
    """The same, V last."""

    def update(self, x):
        V, w = self.start()
        self.w.value, self.V.value = self.integrate(self.swapped, (w, V), x)
        return self.fire()


class Separate(AdEx):
    """The same by two calls."""

    def update(self, x):
        V, w = self.start()
        self.V.value = self.integrate(self.dV, V, w, x)
        self.w.value = self.integrate(self.dw, w, V)
        return self.fire()


def run(model, T=200, x=500 * pA, monitors=("V", "w", "spike_count"), **kwargs):
    return DSRunner(model, monitors=list(monitors), **kwargs).run(T * ms, inputs=x)


HOLD, NOISE = {"tau_ref": 5 * ms}, {"noise": "0.5 mV/ms**0.5"}
IN_SHORT = [("exp_euler", HOLD), ("exact", NOISE), ("heun", HOLD)]  # each method and each option once at least


@pytest.mark.parametrize(
    ("method", "options"),
    [
        pytest.param(method, options, marks=() if (method, options) in IN_SHORT else pytest.mark.slow)
        for method in (None, "exp_euler", "exact", "heun")
        for options in ({}, HOLD, NOISE)
    ],
)
def test_V_may_stand_anywhere_among_the_states(method, options):
    first, last = (run(cls(3, method=method, **options), seed=1) for cls in (AdEx, Swapped))
    assert first.spike_count.min() >= 4
    for name in ("V", "w"):
        assert_allclose(first[name].m, last[name].m, rtol=1e-9)


def test_w_goes_on_in_the_refractory_period_however_update_splits_its_calls():
    # Brian2, `(unless refractory)` on V alone, Euler, dt 0.1 ms: 29 spikes in 500 ms.
    joint, separate = (run(cls(1, method="euler", tau_ref=10 * ms), 500) for cls in (AdEx, Separate))
    assert joint.spike_count[0] == separate.spike_count[0] == 29
    assert_allclose(separate.w.m, joint.w.m, rtol=1e-12)


def test_noise_goes_to_V_alone():
    noisy = Separate(1, noise="5 mV/ms**0.5", a=0 * nS, V_th=1e9 * mV, w_initializer=100 * pA)
    mon = run(noisy, 20)
    assert_allclose(mon.w.m[:, 0], 100 * np.exp(-mon.ts.m_as("ms") / 30), rtol=1e-12)
    assert np.std(np.diff(mon.V.m[:, 0])) > 1


def test_a_V_that_cannot_be_told_is_refused_where_something_acts_on_it():
    class Unnamed(AdEx):
        def update(self, x):
            self.V.value, self.w.value = self.integrate(lambda u, s: self.derivative(u, s, x), self.start())
            return self.fire()

    assert_allclose(run(Unnamed(1, method="rk4"), 20).V.m, run(AdEx(1, method="rk4"), 20).V.m)
    for options, what in (({"noise": "1 mV/ms**0.5"}, "noise"), ({"tau_ref": 2 * ms}, "the refractory hold")):
        with pytest.raises(ValueError, match=f"{what} acts on 'V', but which .* calls them u, s. Call the one 'V'"):
            run(Unnamed(1, **options))


def test_states_may_come_in_a_list_and_come_by_value():
    class InAList(AdEx):
        def update(self, x):
            self.V.value, self.w.value = self.integrate(self.derivative, [*self.start()], x)
            return self.fire()

    assert_allclose(run(InAList(1), 5).V.m, run(AdEx(1), 5).V.m)

    class NoValue(AdEx):
        def update(self, x):
            self.V.value, self.w.value = self.integrate(self.derivative, (self.V, self.w.value), x)
            return self.fire()

    with pytest.raises(TypeError, match=r"needs the values of states, got the state 'V' itself; write self\.V\.value"):
        NoValue(1).update(500 * pA)


class Split(AdEx):
    """V by two calls: its leak, then the rest."""

    def update(self, x):
        V = self.integrate(lambda V, I: -self.gL * (V - self.EL) / self.C + 0 * I / self.C, self.V.value, x)
        self.V.value = self.integrate(lambda V, I: (I - self.w.value) / self.C, V, x)
        self.w.value = self.integrate(self.dw, self.w.value, V)
        return self.fire()


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"noise": "1 mV/ms**0.5"}, "noise"),
        ({"receptors": {"exc": sc.models.Exponential()}}, "the part 'exc'"),
    ],
)
def test_a_V_that_is_integrated_twice_is_refused_where_something_adds_to_it_in_each_call(options, what):
    text = f"Split: 'V' is integrated twice in an update, and {what} would act in each call. Put all its terms into one"
    with pytest.raises(ValueError, match=text):
        run(Split(1, **options))


def test_a_V_that_is_integrated_twice_splits_its_operators():
    # The leak by exp(-dt gL / C), then the current by dt I / C: V - EL = dt I / C sum E^k, k < n, and the hold in both.
    E, n, u = np.exp(-0.1 * 10 / 200), 20, 0.1 * 100 / 200
    cell = Split(1, a=0 * nS, tau_ref=1 * ms)
    V = run(cell, 0.1 * n, 100 * pA, ["V"]).V.m_as("mV")[-1, 0]
    assert_allclose(V, -70 + u * (1 - E**n) / (1 - E), rtol=1e-12)


class FitzHughNagumo(sc.Neuron):
    """FitzHugh (1961), Biophysical Journal 1, 445-466: pure numbers, in ms."""

    a, b = sc.Param(0.7, "dimensionless"), sc.Param(0.8, "dimensionless")
    tau, tau_w = sc.Param(1.0, "ms"), sc.Param(12.5, "ms")
    v = sc.HiddenState("dimensionless", init=-1.2)
    w = sc.HiddenState("dimensionless", init=-0.625)

    def derivative(self, v, w, I):
        return (v - v**3 / 3 - w + I) / self.tau, (v + self.a - self.b * w) / self.tau_w

    def update(self, x):
        self.v.value, self.w.value = self.integrate(self.derivative, (self.v.value, self.w.value), x)
        return self.v.value


@pytest.mark.parametrize("given", [0.5, np.array([0.5]), 0.5 * sc.units.dimensionless])
def test_a_model_of_pure_numbers_takes_them_bare(given):
    mon = run(FitzHughNagumo(1, method="rk4"), 200, given, ["v"], dt=0.02 * ms)
    v, t = mon.v.m[:, 0], mon.ts.m_as("ms")
    k = np.flatnonzero((v[:-1] < 0) & (v[1:] >= 0))
    assert np.diff(t[k])[-1] == pytest.approx(39.47, abs=0.05)  # scipy's DOP853
    sc.unroll(FitzHughNagumo(1), 1 * ms, inputs=given)()
    assert FitzHughNagumo(1).update(0.5).shape == (1,)


def test_a_bare_number_for_a_current_is_refused_with_the_unit_that_fits():
    with pytest.raises(DimensionalityError, match=r"got the bare number 1.5.*with one in mA .* would fit"):
        run(sc.models.LIF(1), 1, 1.5, ["V"])


def test_noise_has_the_unit_of_the_first_state_where_there_is_no_V():
    quiet = FitzHughNagumo(20_000, noise="0.1 1/ms**0.5", tau=1e9 * ms, tau_w=1e9 * ms, method="euler")
    assert quiet.noise.units == sc.units.unit("1/ms**0.5")
    v = run(quiet, 10, 0.0, ["v"], seed=1).v.m[-1]
    assert np.std(v) == pytest.approx(0.1 * np.sqrt(10), rel=5 / np.sqrt(2 * 20_000))  # five standard errors
    with pytest.raises(DimensionalityError, match="'noise' needs a quantity in"):
        FitzHughNagumo(1, noise="0.1 mV/ms**0.5")


# ---------------------------------------------------------------- inputs by name


class PointConductance(sc.Neuron):
    """Destexhe et al. (2001): two conductances from outside."""

    C, gL, EL = sc.Param(200.0, "pF"), sc.Param(10.0, "nS"), sc.Param(-70.0, "mV")
    Ee, Ei = sc.Param(0.0, "mV"), sc.Param(-80.0, "mV")
    V_th, V_reset = sc.Param(0.0, "mV"), sc.Param(-60.0, "mV")
    V = sc.HiddenState("mV", init="EL")

    def derivative(self, V, ge, gi):
        return (-self.gL * (V - self.EL) - ge * (V - self.Ee) - gi * (V - self.Ei)) / self.C

    def update(self, g_e, g_i):
        self.V.value = self.integrate(self.derivative, self.V.value, g_e, g_i)
        self.fire()
        return self.V.value


def test_inputs_go_to_the_arguments_of_update_by_name():
    drive = {"g_i": 57 * nS, "g_e": 12 * nS}
    steady = (10 * -70 + 12 * 0 + 57 * -80) / (10 + 12 + 57)  # where the currents cancel, mV
    assert_allclose(run(PointConductance(2), 100, drive, ["V"]).V.m_as("mV")[-1], steady, rtol=1e-9)
    assert_allclose(sc.unroll(PointConductance(2), 100 * ms, inputs=drive)()[0][-1], steady, rtol=1e-9)
    one = PointConductance(2)
    for _ in range(600):  # 24 time constants
        V = one.update(g_i=57 * nS, g_e=12 * nS)
    assert_allclose(V.m_as("mV"), steady, rtol=1e-9)
    wave = drive | {"g_e": sc.inputs.constant_input(12 * nS, 100 * ms)}
    assert_allclose(run(PointConductance(2), 100, wave, ["V"]).V.m_as("mV")[-1], steady, rtol=1e-9)


def test_a_sweep_takes_inputs_by_name():
    swept = sc.Sweep(PointConductance(1), {"gL": [10, 20] * nS}, {"V": lambda model: model.V.value},
                     inputs={"g_i": 57 * nS, "g_e": 12 * nS})  # fmt: skip
    V = swept.run(100 * ms)["V"].m_as("mV")
    assert_allclose(V.ravel(), [(gL * -70 + 57 * -80) / (gL + 12 + 57) for gL in (10, 20)], rtol=1e-6)


@pytest.mark.parametrize(
    ("drive", "text"),
    [
        ({"g_e": 1 * nS, "g_x": 1 * nS}, "PointConductance has no input 'g_x'; its update() takes g_e, g_i."),
        ({"g_e": 1 * nS}, "the input 'g_i' is missing; give inputs={'g_e': ..., 'g_i': ...}"),
        (1 * nS, "the input 'g_i' is missing; give inputs={'g_e': ..., 'g_i': ...}"),
    ],
)
def test_wrong_and_missing_names_of_inputs_are_refused(drive, text):
    with pytest.raises(TypeError) as caught:
        run(PointConductance(1), 1, drive, ["V"])
    assert text in str(caught.value)


# ---------------------------------------------------------------- parts


class Potassium(Part):
    """A channel whose gate follows V: I = g n^4 (E - V), tau n' = n_inf(V) - n."""

    g, E, tau = sc.Param(20.0, "nS"), sc.Param(-90.0, "mV"), sc.Param(4.0, "ms")
    n = sc.HiddenState("dimensionless", init=0.1)

    def current(self, V, n):
        return self.g * n**4 * (self.E - V)

    def derivative(self, V, n):
        return (1 / (1 + jnp.exp(-(sc.units.number(V, "mV") + 55) / 5)) - n) / self.tau


class AfterSpike(Part):
    """A current that each spike increases: tau w' = -w, w += b at a spike, I = -w."""

    tau, b = sc.Param(30.0, "ms"), sc.Param(60.0, "pA")
    w = sc.HiddenState("pA")

    def current(self, V, w):
        return -w

    def derivative(self, V, w):
        return -w / self.tau

    def on_spike(self, spike):
        self.w.value = self.w.value + self.b * spike


class Cell(sc.models.LIF):
    """A LIF with hard reset, 100 MOhm, 20 ms, that spikes at -50 mV."""

    spk_reset = "hard"
    R, tau = sc.Param(100.0, "Mohm"), sc.Param(20.0, "ms")
    V_rest, V_th, V_reset = sc.Param(-70.0, "mV"), sc.Param(-50.0, "mV"), sc.Param(-58.0, "mV")


class ByHand(Cell):
    """The same cell with both currents written into it."""

    g, E, tau_n = sc.Param(20.0, "nS"), sc.Param(-90.0, "mV"), sc.Param(4.0, "ms")
    tau_w, b = sc.Param(30.0, "ms"), sc.Param(60.0, "pA")
    n = sc.HiddenState("dimensionless", init=0.1)
    w = sc.HiddenState("pA")

    def derivative(self, V, n, w, I):
        I = I + self.g * n**4 * (self.E - V) - w
        dn = (1 / (1 + jnp.exp(-(sc.units.number(V, "mV") + 55) / 5)) - n) / self.tau_n
        return super().derivative(V, I), dn, -w / self.tau_w

    def update(self, x):
        w = self.w.value + self.b * self.reset_spike()
        V = self.after_spike(self.V.value)
        self.V.value, self.n.value, self.w.value = self.integrate(self.derivative, (V, self.n.value, w), x)
        return self.fire()


@pytest.mark.parametrize(
    ("method", "options"),
    [
        *(pytest.param(method, {}, marks=pytest.mark.slow) for method in (None, "rk4")),
        pytest.param(None, {"tau_ref": 3 * ms}, marks=pytest.mark.slow),
        (None, NOISE),
        ("rk4", {"tau_ref": 3 * ms}),
        pytest.param("rk4", NOISE, marks=pytest.mark.slow),
    ],
)
def test_a_channel_and_a_current_of_ones_own_equal_those_written_into_a_neuron(method, options):
    cell = Cell(3, method=method, parts={"k": Potassium(), "adapt": AfterSpike(b=[0, 5, 10] * pA)}, **options)
    hand = ByHand(3, method=method, b=[0, 5, 10] * pA, **options)
    monitors = ["V", "spike", "k.n", "adapt.w"]
    got = run(cell, 200, 400 * pA, monitors, seed=2)
    expected = run(hand, 200, 400 * pA, ["V", "spike", "n", "w"], seed=2)
    assert (expected.spike.sum(0) >= 3).all()
    assert_array_equal(got.spike, expected.spike)
    for a, b in zip(monitors, ("V", "spike", "n", "w"), strict=True):
        assert_allclose(np.asarray(getattr(got[a], "m", got[a])), getattr(expected[b], "m", expected[b]), rtol=1e-9,
                        atol=1e-12)  # fmt: skip
    assert cell.methods() == (method or "exp_euler",)


def test_a_part_may_be_an_attribute_and_has_parameters_of_its_neuron():
    class WithLeak(sc.models.LIF):
        def __init__(self, n, **kwargs):
            super().__init__(n, **kwargs)
            self.leak = Leak()

    class Leak(Part):
        g, E = sc.Param(10.0, "nS"), sc.Param(7.0, "mV")

        def current(self, V):
            return self.g * (self.E - V)

    cell = WithLeak(2, R=100 * Mohm, tau=10 * ms, V_th=1e3 * mV)
    assert cell.params()["leak.g"] == 10 * nS
    # tau V' = -V + R g (E - V), R g = 1: half of E, twice as fast.
    mon = run(cell, 30, 0 * mA, ["V"])
    assert_allclose(mon.V.m_as("mV")[:, 0], 3.5 * -np.expm1(-mon.ts.m_as("ms") / 5), rtol=1e-9)
    assert cell.methods() == ("exact",)


class OneForTwo(Part):
    """Two states, one rate."""

    tau = sc.Param(5.0, "ms")
    a, b = sc.HiddenState("pA", init=1.0), sc.HiddenState("pA", init=1.0)

    def derivative(self, V, a, b):
        return -a / self.tau


class TwoForOne(Part):
    tau = sc.Param(50.0, "ms")
    c = sc.HiddenState("pA", init=1.0)

    def derivative(self, V, c):
        return -c / self.tau, -c / self.tau


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({"p": OneForTwo}, "Cell: the derivative of 'p' returns 1 rates for 2 states"),
        ({"q": TwoForOne}, "Cell: the derivative of 'q' returns 2 rates for 1 states"),
        ({"p": OneForTwo, "q": TwoForOne}, "Cell: the derivative of 'p' returns 1 rates for 2 states"),
    ],
)
def test_each_part_gives_a_rate_for_each_of_its_states(parts, text):
    with pytest.raises(TypeError, match=text):
        Cell(1, parts={key: part() for key, part in parts.items()}).update(400 * pA)


def test_the_unit_of_a_current_is_checked_at_its_line():
    class Wrong(Potassium):
        def current(self, V, n):
            return n**4 * (self.E - V)

    with pytest.raises(DimensionalityError, match=r"'\+' joins pA and mV"):
        run(Cell(1, parts={"k": Wrong()}), 1, 400 * pA, ["V"])
    with pytest.raises(TypeError, match=r"the part 'k' must be a sc.bases.Part, got 3"):
        Cell(1, parts={"k": 3})


def test_receptors_and_parts_are_read_and_given_when_a_model_is_made():
    cells = sc.models.LIF(1, receptors={"e": sc.models.Exponential()})
    for mapping in (cells.receptors, cells.parts):
        assert list(mapping) == ["e"]
        with pytest.raises(TypeError, match="does not support item assignment"):
            mapping["i"] = sc.models.Exponential()


@pytest.mark.parametrize("value", [3, None, 2 * mV, sc.init.Constant(1.0)])
def test_a_part_is_replaced_by_nothing_but_a_part(value):
    cells = sc.models.LIF(1, receptors={"e": sc.models.Exponential()})
    with pytest.raises(AttributeError, match=r"LIF: 'e' is Exponential.*; set one of its parameters, e\.g\. e\.tau"):
        cells.e = value
    with pytest.raises(AttributeError, match="LIF: 'e' is a part of it and stays; make another LIF without it"):
        del cells.e
    cells.e = sc.models.Exponential(tau=2 * ms)
    assert cells.e.tau == 2 * ms


def test_a_receptor_is_replaced_by_none_with_weights_in_another_unit():
    cells = sc.models.LIF(1, receptors={"e": sc.models.Exponential()})
    with pytest.raises(ValueError, match=r"'e' cannot be replaced by Exponential.*: its weights are in pA\."):
        cells.e = sc.models.Exponential(reversal=0 * mV)
