"""Fixed points: where they are, what kind they are, what is refused."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import simcore as sc
from simcore import DimensionalityError, HiddenState, Neuron, Param
from simcore.models import HH, LIF, AdExIF, FitzHughNagumo, MorrisLecar, QuaIF, WangBuzsakiHH, WilsonCowan
from simcore.units import mA, ms, mV, nA, pA


class Planar(Neuron):
    """x' = a x + b y, y' = c x + d y."""

    a = Param(0.0, "1/ms", "of x on x")
    b = Param(0.0, "1/ms", "of y on x")
    c = Param(0.0, "1/ms", "of x on y")
    d = Param(0.0, "1/ms", "of y on y")
    x = HiddenState("dimensionless", "one", init=0.3)
    y = HiddenState("mV", "another", init=0.2)
    unit = Param(1.0, "mV", "of y")

    def derivative(self, x, y):
        return self.a * x + self.b * y / self.unit, self.c * x * self.unit + self.d * y

    def update(self):
        self.x.value, self.y.value = self.integrate(self.derivative, (self.x.value, self.y.value))


def planar(a, b, c, d):
    return Planar(1, **{name: v / ms for name, v in zip("abcd", (a, b, c, d), strict=True)})


@pytest.mark.parametrize(
    ("matrix", "kind", "eigenvalues"),
    [
        ((-1, 0, 0, -2), "stable node", [-1, -2]),
        ((3, 0, 0, 2), "unstable node", [3, 2]),
        ((1, 0, 0, -2), "saddle", [1, -2]),
        ((-1, -2, 2, -1), "stable focus", [-1 + 2j, -1 - 2j]),
        ((1, -2, 2, 1), "unstable focus", [1 + 2j, 1 - 2j]),
        ((0, -2, 2, 0), "centre", [2j, -2j]),
    ],
)
def test_the_kind_is_that_of_the_eigenvalues(matrix, kind, eigenvalues, precision):
    points = sc.analysis.fixed_points(planar(*matrix), {"x": (-1, 1), "y": (-1, 1) * mV})
    assert_allclose([*points.x.m, *points.y.m_as(mV)], [0, 0], atol=1e-12)
    assert points.kind.tolist() == [kind]
    assert points.stable.tolist() == [kind.startswith("stable")]
    assert_allclose(points.eigenvalues.m_as("1/ms"), [eigenvalues], atol=1e-12)


def test_those_of_fitzhugh_nagumo_are_the_roots_of_its_cubic(precision):
    # V - V^3/3 - (V + a)/b + I = 0 with w = (V + a)/b; for b = 2 there are three at I = 0.35.
    roots = np.sort(np.roots([-1 / 3, 0, 1 - 1 / 2, 0.35 - 0.7 / 2]).real)
    points = sc.analysis.fixed_points(FitzHughNagumo(1, b=2.0), {"V": (-3, 3), "w": (-3, 3)}, inputs=0.35)
    assert_allclose(points.V.m, roots, rtol=1e-12, atol=1e-12)
    assert_allclose(points.w.m, (roots + 0.7) / 2, rtol=1e-12)
    assert points.kind[1] == "saddle"
    assert points.kind[0].startswith("stable")
    assert points.kind[2].startswith("stable")


def test_those_of_a_quadratic_neuron_are_rest_and_threshold():
    points = sc.analysis.fixed_points(QuaIF(1), {"V": (-80, -40) * mV})
    assert_allclose(points.V.m_as(mV), [-65, -50], rtol=1e-12)
    # The derivative of c (V - V_rest) (V - V_c) / tau at each is -+c (V_c - V_rest) / tau.
    assert_allclose(points.eigenvalues.m[:, 0], [-0.105, 0.105], rtol=1e-12)
    assert points.kind.tolist() == ["stable node", "unstable node"]


def test_states_without_a_range_move_too(precision):
    points = sc.analysis.fixed_points(HH(1), {"V": (-90, 40) * mV})
    # spec: 64.9964, .05296, .59599, .31773, as in the docstring of the model's test.
    assert_allclose(points.V.m_as(mV), [-64.9964], atol=5e-5)
    assert_allclose([points.m.m, points.h.m, points.n.m], [[0.05296], [0.59599], [0.31773]], atol=5e-6)
    assert points.eigenvalues.shape == (1, 4)
    assert points.stable.all()


def test_a_neuron_below_its_saddle_node_has_three():
    points = sc.analysis.fixed_points(WangBuzsakiHH(1), {"V": (-90, 0) * mV})
    assert_allclose(points.V.m_as(mV)[0], -64.0176, atol=5e-5)
    assert points.kind.tolist() == ["stable node", "saddle", "saddle-focus"]
    assert len(sc.analysis.fixed_points(WangBuzsakiHH(1), {"V": (-90, 0) * mV}, inputs=17 * pA)) == 1


def test_those_of_ranges_alone_and_in_the_units_of_the_ranges():
    cell = AdExIF.preset("brette_gerstner", 1)
    whole = sc.analysis.fixed_points(cell, {"V": (-90, -30) * mV, "w": (-100, 500) * pA}, inputs=0.5 * nA)
    left = sc.analysis.fixed_points(cell, {"V": (-90, -50) * mV}, inputs=0.5 * nA)
    assert len(whole) == 2
    assert len(left) == 1
    assert_allclose(left.V.m, whole.V.m[:1], rtol=1e-12)
    assert f"{whole.w.units:~P}" == "pA"
    assert_allclose(whole.w.m, 4 * (whole.V.m + 70.6), rtol=1e-9)  # a (V - V_rest)


def test_fixed_states_are_held():
    cell = FitzHughNagumo(1)
    points = sc.analysis.fixed_points(cell, {"V": (-3, 3)}, fixed={"w": 0.0})
    assert list(points.states) == ["V"]
    assert_allclose(points.V.m, [-np.sqrt(3), 0, np.sqrt(3)], atol=1e-12)  # V - V^3/3
    assert points.kind.tolist() == ["stable node", "unstable node", "stable node"]


def test_what_they_show():
    points = sc.analysis.fixed_points(QuaIF(1), {"V": (-80, -40) * mV})
    assert repr(points) == "V = -65 mV: stable node\nV = -50 mV: unstable node"
    assert "V" in dir(points)
    with pytest.raises(AttributeError, match="no state 'w'; there is V"):
        points.w  # noqa: B018
    with pytest.raises(KeyError, match="no state 'w'"):
        points["w"]
    assert repr(sc.analysis.fixed_points(QuaIF(1), {"V": (-40, -30) * mV})) == "none"


V = {"V": (-80, 40) * mV}


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda f: f(HH(1), {"v": (-80, 40) * mV}), ValueError, "no state 'v'; did you mean 'V'"),
        (lambda f: f(HH(1), {"V": (-80, 40) * nA}), DimensionalityError, "'V' needs a quantity in mV"),
        (lambda f: f(HH(1), {"V": (-80, 40)}), DimensionalityError, r"write .-80, 40. \* mV"),
        (lambda f: f(HH(1), {"V": (40, -80) * mV}), ValueError, "range of 'V' must be two values, the first one lower"),
        (lambda f: f(HH(1), {"V": (1, 2, 3) * mV}), ValueError, "must be two values"),
        (lambda f: f(HH(1), {}), ValueError, "'states' needs the range of one state at least, {'V': .* mV}"),
        (lambda f: f(HH(1), V, inputs=1 * mV), DimensionalityError, "with one in mA"),
        (lambda f: f(HH(1), V, inputs=[1, 2] * nA), ValueError, "takes one value of an input"),
        (lambda f: f(HH(1), V, fixed={"V": -60 * mV}), ValueError, "'V' has a range, and is fixed"),
        (lambda f: f(HH(1), V, fixed={"m": [0.1, 0.2]}), ValueError, "'m' must be fixed at one value"),
        (lambda f: f(LIF(1), V, fixed={"V": 0 * mV}), ValueError, "all states of LIF, V, are fixed"),
        (lambda f: f(HH(2), V), ValueError, "about one neuron, HH has 2: make it with in_size 1"),
        (lambda f: f(WilsonCowan(1), {"E": (0, 1)}, inputs={"z": 0.0}), TypeError, "no input 'z'; its update.. takes"),
        (lambda f: f("HH", V), TypeError, "needs a model whose states are integrated"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call(sc.analysis.fixed_points)


def test_the_model_does_not_change():
    cell = MorrisLecar(1)
    cell.init_state()
    cell.V.value = -50 * mV
    before = cell.state_dict()
    sc.analysis.fixed_points(cell, V, inputs=10 * nA, fixed={"W": 0.1})
    after = cell.state_dict()
    assert all(np.array_equal(before[k].m, after[k].m) for k in before)
    assert_allclose(sc.DSRunner(LIF(1), ["V"], progress_bar=False).run(1 * ms, inputs=0 * mA).V.m, 0)
