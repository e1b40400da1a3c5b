"""Bifurcation diagrams: folds and Hopf points by closed forms, by named figures, and by a script apart from simcore."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import brentq, root

import simcore as sc
from simcore import DimensionalityError, HiddenState, Neuron, Param
from simcore.models import (
    HH,
    AdExIF,
    FitzHughNagumo,
    Izhikevich,
    JansenRit,
    MorrisLecar,
    TraubMilesHH,
    WangBuzsakiHH,
    WilsonCowan,
)  # fmt: skip
from simcore.units import Hz, cm, mS, mV, nA, nS, pA

# Of make_neuron_reference.py, which finds them by scipy from the papers' equations: V, uA/cm2 (TraubMiles nA), Hz.
REFERENCE = json.loads((Path(__file__).parents[2] / "models/neurons/neuron_reference.json").read_text())
REFERENCE = REFERENCE["bifurcations (V, I, Hz)"]
V = {"V": (-90, 40) * mV}
DENSITY = 100.0  # pA of the whole area of 10 000 um2 for 1 uA/cm2


def check(points, name, rows):
    V, I, f = np.transpose([REFERENCE[name][k] for k in rows])
    # The script takes its Jacobian from differences.
    assert_allclose(points.V.m, V, rtol=1e-7)
    assert_allclose(points.parameter.m_as("pA") / DENSITY, I, rtol=1e-7)
    assert_allclose(points.frequency.m_as("Hz"), f, rtol=1e-7, atol=1e-6)


def test_hodgkin_huxley_has_two_hopf_points(precision):
    diagram = sc.analysis.bifurcation(HH(1), {"inputs": (0, 20) * nA}, V)
    # Published to these digits (see the model), and by the script.
    assert_allclose(diagram.hopfs.parameter.m_as("pA") / DENSITY, [9.7754, 154.522], rtol=4e-6)
    check(diagram.hopfs, "HH", [0, 1])
    assert len(diagram.folds) == 0
    (branch,) = diagram.branches
    I = branch.parameter.m_as("pA") / DENSITY
    assert_allclose(I[[0, -1]], [0, 200], rtol=1e-10)
    assert (branch.stable == ((I < 9.7754) | (I > 154.522))).all()
    assert branch.eigenvalues.shape == (len(branch), 4)


def test_morris_lecar_has_the_bifurcations_of_each_of_its_regimes(precision):
    diagram = sc.analysis.bifurcation(MorrisLecar(1), {"inputs": (0, 30) * nA}, V)
    assert_allclose(diagram.hopfs.parameter.m_as("pA") / DENSITY, [93.8576, 212.019], rtol=1e-6)
    check(diagram.hopfs, "MorrisLecar hopf", [0, 1])
    assert len(diagram.folds) == 0
    for name in ("snlc", "homoclinic"):
        diagram = sc.analysis.bifurcation(MorrisLecar.preset(name, 1), {"inputs": (-5, 15) * nA}, V)
        assert_allclose(diagram.folds.parameter.m_as("pA") / DENSITY, [39.9632, -9.949], rtol=5e-6)
        assert_allclose(diagram.folds.V.m[0], -29.390, atol=5e-4)
        check(diagram.hopfs, f"MorrisLecar {name}", [1])


def test_wang_buzsaki_fires_from_a_fold(precision):
    diagram = sc.analysis.bifurcation(WangBuzsakiHH(1), {"inputs": (-20, 100) * pA}, {"V": (-90, 0) * mV})
    assert_allclose(diagram.folds.parameter.m_as("pA") / DENSITY, [0.16009], atol=5e-6)
    check(diagram.folds, "WangBuzsakiHH", [0])


def test_traub_miles_rests_below_its_fold():
    diagram = sc.analysis.bifurcation(TraubMilesHH(1), {"inputs": (-200, 100) * pA}, {"V": (-90, -40) * mV})
    V, I, _ = REFERENCE["TraubMilesHH"][0]
    assert_allclose(diagram.folds.V.m[0], V, rtol=1e-6)
    assert_allclose(diagram.folds.parameter.m_as("pA")[0], 200 * I, rtol=1e-8)  # of 20 000 um2


def test_fitzhugh_nagumo_in_closed_form(precision):
    diagram = sc.analysis.bifurcation(FitzHughNagumo(1), {"inputs": (0, 2)}, {"V": (-3, 3), "w": (-3, 3)})
    V = np.sqrt(1 - 0.8 / 12.5) * np.array([-1, 1])
    assert_allclose(diagram.hopfs.V.m, V, rtol=1e-10)
    assert_allclose(diagram.hopfs.parameter.m, V**3 / 3 - V + (V + 0.7) / 0.8, rtol=1e-10)
    assert_allclose(diagram.hopfs.parameter.m, [0.3313, 1.4187], atol=5e-5)
    # There the determinant is the square of the frequency: (1 - V^2) (-b / tau_w) + 1 / tau_w.
    omega = np.sqrt((1 - 0.8 * (1 - V**2)) / 12.5)
    assert_allclose(diagram.hopfs.frequency.m_as("kHz"), omega / (2 * np.pi), rtol=1e-9)


def test_a_parameter_may_vary(precision):
    cell = FitzHughNagumo(1)
    diagram = sc.analysis.bifurcation(cell, {"b": (0.5, 3)}, {"V": (-3, 3)}, inputs=0.9)
    assert cell.b == 0.8  # as before
    b, V = diagram.hopfs.parameter.m, diagram.hopfs.V.m
    assert len(b) == 1
    assert_allclose(V, np.sqrt(1 - b / 12.5), rtol=1e-9)  # as above, and in equilibrium:
    assert_allclose(V - V**3 / 3 - (V + 0.7) / b + 0.9, 0, atol=1e-12)


@pytest.mark.parametrize("a", [4.0, 1.0])
def test_adex_loses_rest_in_the_closed_form(a, precision):
    cell = AdExIF.preset("brette_gerstner", 1, a=a * nS)
    diagram = sc.analysis.bifurcation(cell, {"inputs": (0, 800) * pA}, {"V": (-90, -40) * mV})
    r, q = (cell.a * cell.R).m_as(""), (cell.tau / cell.tau_w).m_as("")
    gap = (cell.V_T - cell.V_rest - cell.delta_T).m_as("mV")
    g_L, delta_T = (1 / cell.R).m_as("nS"), cell.delta_T.m_as("mV")
    fold = (1 + r) * g_L * (gap + delta_T * np.log(1 + r))
    assert_allclose(diagram.folds.parameter.m_as("pA"), fold, rtol=1e-10)
    hopf = [(1 + r) * g_L * (gap + delta_T * np.log(1 + q)) + g_L * delta_T * (r - q)] if r > q else []
    assert_allclose(diagram.hopfs.parameter.m_as("pA"), hopf, rtol=1e-10)
    if a == 4:
        assert_allclose(diagram.hopfs.parameter.m_as("pA"), 627.18, atol=5e-3)
        assert_allclose(diagram.hopfs.V.m, -50.2740, atol=5e-5)


def test_izhikevichs_neuron_in_closed_form(precision):
    diagram = sc.analysis.bifurcation(Izhikevich(1), {"inputs": (0, 10) * pA}, {"V": (-90, 0) * mV})
    # 0.04 V^2 + 4.8 V + 140 + I has one root at I = 4.8^2/0.16 - 140; the trace 0.08 V + 5 - 0.02 is 0 at V = -62.25.
    assert_allclose([diagram.folds.V.m[0], diagram.folds.parameter.m[0]], [-60, 4], rtol=1e-9)
    V = -62.25
    assert_allclose([diagram.hopfs.V.m[0], diagram.hopfs.parameter.m[0]], [V, -0.04 * V**2 - 4.8 * V - 140], rtol=1e-9)
    determinant = -0.02 * (0.08 * V + 5) + 0.02 * 0.2
    assert_allclose(diagram.hopfs.frequency.m_as("kHz"), np.sqrt(determinant) / (2 * np.pi), rtol=1e-8)


def test_the_mass_of_jansen_and_rit_oscillates_between_hopf_points():
    diagram = sc.analysis.bifurcation(JansenRit(1, p=0 * Hz), {"inputs": (-100, 400) * Hz}, {"y1": (-30, 80) * mV})
    # Grimbert and Faugeras (2006), Neural Computation 18(12), 3052-3068: Hopf points and the fold that ends rest.
    assert_allclose(diagram.hopfs.parameter.m_as("Hz"), [-12.15, 89.83, 315.70], atol=5e-3)
    assert_allclose(diagram.folds.parameter.m_as("Hz")[0], 113.58, atol=1e-2)

    # And to all digits from the paper's equations, at rest with v = y1 - y2, which gives y0, y2, and p.
    a, b, A, B, C = 0.1, 0.05, 3.25, 22.0, 135.0

    def S(v):
        return 5e-3 / (1 + np.exp(0.56 * (6 - v)))

    def slope(v):
        return 0.56 * S(v) * (1 - S(v) / 5e-3)

    def pairs(v):
        y0, J = A / a * S(v), np.zeros((6, 6))
        J[:3, 3:] = np.eye(3)
        J[3:, 3:] = -2 * np.diag([a, a, b])
        J[3:, :3] = -(np.diag([a, a, b]) ** 2)
        J[3, 1:3] = A * a * slope(v), -A * a * slope(v)
        J[4, 0] = A * a * 0.8 * C * C * slope(C * y0)
        J[5, 0] = B * b * (C / 4) ** 2 * slope(C / 4 * y0)
        values = np.linalg.eigvals(J)
        first, second = np.triu_indices(6, 1)
        return np.prod(values[first] + values[second]).real

    def p(v):
        y0 = A / a * S(v)
        y1 = v + B / b * C / 4 * S(C / 4 * y0)
        return a / A * y1 - 0.8 * C * S(C * y0)

    for v, found in zip((diagram.hopfs.y1 - diagram.hopfs.y2).m, diagram.hopfs.parameter.m_as("kHz"), strict=True):
        assert_allclose(found, p(brentq(pairs, v - 1e-3, v + 1e-3, xtol=1e-13)), rtol=1e-8)


class Normal(Neuron):
    """Normal forms in numbers, by the time constant of 1 ms."""

    tau = Param(1.0, "ms", "time constant")
    mu = Param(0.0, "dimensionless", "what varies")
    x = HiddenState("dimensionless", "one", init=0.0)


class SaddleNode(Normal):
    def derivative(self, x):
        return (self.mu + x**2) / self.tau

    def update(self):
        self.x.value = self.integrate(self.derivative, self.x.value)


class Cusp(SaddleNode):
    def derivative(self, x):
        return (self.mu + x - x**3) / self.tau


class Transcritical(SaddleNode):
    def derivative(self, x):
        return (self.mu * x - x**2) / self.tau


class Hopf(Normal):
    y = HiddenState("dimensionless", "another", init=0.0)

    def derivative(self, x, y):
        square = x**2 + y**2
        return (self.mu * x - y - square * x) / self.tau, (x + self.mu * y - square * y) / self.tau

    def update(self):
        self.x.value, self.y.value = self.integrate(self.derivative, (self.x.value, self.y.value))


class NeutralSaddle(Hopf):
    def derivative(self, x, y):
        return (1 + self.mu) * x / self.tau, (self.mu - 1) * y / self.tau


def test_the_normal_form_of_a_saddle_node(precision):
    diagram = sc.analysis.bifurcation(SaddleNode(1), {"mu": (-0.9, 0.5)}, {"x": (-1, 1)})
    assert_allclose([diagram.folds.parameter.m[0], diagram.folds.x.m[0]], [0, 0], atol=1e-10)
    (branch,) = diagram.branches
    assert_allclose(branch.x.m**2, -branch.parameter.m, atol=1e-12)
    assert (branch.stable == (branch.x.m < 0)).all()


@pytest.mark.parametrize("n", [10, 100, 400])
def test_a_bifurcation_on_a_point_of_the_branch_is_met_once(n):
    diagram = sc.analysis.bifurcation(Hopf(1), {"mu": (-1, 1)}, {"x": (-1, 1), "y": (-1, 1)}, n=n)
    assert_allclose(diagram.hopfs.parameter.m, [0], atol=1e-12)
    diagram = sc.analysis.bifurcation(SaddleNode(1), {"mu": (-1, 1)}, {"x": (-2, 2)}, n=n)
    assert_allclose(diagram.folds.parameter.m, [0], atol=1e-12)
    diagram = sc.analysis.bifurcation(Transcritical(1), {"mu": (-1, 1)}, {"x": (-2, 2)}, n=n)
    assert (len(diagram.folds), len(diagram.hopfs)) == (0, 0)


def test_the_folds_of_a_cubic():
    diagram = sc.analysis.bifurcation(Cusp(1), {"mu": (-1, 1)}, {"x": (-2, 2)}, n=100)
    assert_allclose(diagram.folds.parameter.m, np.array([2, -2]) / np.sqrt(27), rtol=1e-9)
    assert_allclose(diagram.folds.x.m, np.array([-1, 1]) / np.sqrt(3), rtol=1e-7)
    (branch,) = diagram.branches  # one, around both folds
    assert_allclose(branch.parameter.m[[0, -1]], [-1, 1])


def test_the_normal_form_of_a_hopf_point(precision):
    diagram = sc.analysis.bifurcation(Hopf(1), {"mu": (-1, 2)}, {"x": (-1, 1), "y": (-1, 1)})
    assert_allclose(diagram.hopfs.parameter.m, [0], atol=1e-12)
    assert_allclose(diagram.hopfs.frequency.m_as("kHz"), [1 / (2 * np.pi)], rtol=1e-12)
    assert len(diagram.folds) == 0


def test_neither_a_crossing_of_branches_nor_a_neutral_saddle_is_a_bifurcation_of_these():
    diagram = sc.analysis.bifurcation(Transcritical(1), {"mu": (-1, 1.1)}, {"x": (-2, 2)})
    assert (len(diagram.folds), len(diagram.hopfs)) == (0, 0)
    assert len(diagram.branches) == 2
    assert {tuple(np.unique(branch.stable)) for branch in diagram.branches} == {(False, True)}
    diagram = sc.analysis.bifurcation(NeutralSaddle(1), {"mu": (-0.5, 0.6)}, {"x": (-1, 1), "y": (-1, 1)})
    assert (len(diagram.folds), len(diagram.hopfs)) == (0, 0)


def test_one_of_several_inputs():
    # Wilson and Cowan's defaults have two stable states; the folds solve f = 0, det J = 0: by scipy, from the paper.
    def S(x, a, th):
        return 1 / (1 + np.exp(-a * (x - th))) - 1 / (1 + np.exp(a * th))

    def f(u):
        E, I, x = u
        return np.array(
            [-E + (1 - E) * S(12 * E - 4 * I + x, 1.2, 2.8), -I + (1 - I) * S(13 * E - 11 * I + 0.1, 1.0, 4.0)]
        )

    def full(u):
        h = 1e-6
        J = np.array([(f(u + h * e) - f(u - h * e)) / (2 * h) for e in np.eye(3)[:2]]).T
        return [*f(u), np.linalg.det(J)]

    diagram = sc.analysis.bifurcation(WilsonCowan(1), {"inputs.x": (-2, 2)}, {"E": (0, 0.5), "I": (0, 0.5)},
                                      inputs={"y": 0.1})  # fmt: skip
    assert len(diagram.folds) == 2
    for E, I, x in zip(diagram.folds.E.m, diagram.folds.I.m, diagram.folds.parameter.m, strict=True):
        exact = root(full, [E + 1e-3, I + 1e-3, x + 1e-3], tol=1e-13).x
        assert_allclose([E, I, x], exact, rtol=1e-6)


def test_the_picture_has_units_and_tells_what_is_stable():
    diagram = sc.analysis.bifurcation(MorrisLecar.preset("snlc", 1), {"inputs": (-5, 15) * nA}, V)
    ax = diagram.plot()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("input (nA)", "V (mV)")
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["stable", "unstable", "fold", "Hopf"]
    lines = {line.get_label(): line for line in ax.get_lines()}
    assert_allclose(lines["fold"].get_xdata(), [3.99632, -0.9949], atol=5e-5)
    assert max(lines["stable"].get_xdata()) < 3.99632 + 1e-3
    ax = diagram.plot("W", unit="pA")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("input (pA)", "W")
    with pytest.raises(ValueError, match="no state 'w'; there is V, W"):
        diagram.plot("w")
    assert "fold at 3.996315 nA: V = -29.3898 mV" in repr(diagram)
    plt.close("all")


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda f: f(HH(1), {"inputs": (0, 1) * mV}, V), DimensionalityError, "with one in mA"),
        (lambda f: f(HH(1), {"inputs": (0, 1)}, V), DimensionalityError, "joins"),
        (lambda f: f(HH(1), {"inputs": (1, 0) * nA}, V), ValueError, "range of 'inputs' must be two values"),
        (lambda f: f(HH(1), {"g_K": (1, 2)}, V), ValueError, "HH has no parameter 'g_K'; did you mean 'gK'"),
        (lambda f: f(HH(1), {"gK": (1, 2) * nA}, V), DimensionalityError, "'gK' needs a quantity in"),
        (lambda f: f(HH(1), {"inputs": (0, 1) * nA, "gK": (1, 2)}, V), ValueError, "'over' must be one name"),
        (lambda f: f(HH(1), {}, V), ValueError, "'over' must be one name"),
        (lambda f: f(HH(1), {"gK": (-1, 40) * mS / cm**2}, V), ValueError, "HH: 'gK' must be >= 0"),
        (lambda f: f(HH(1), {"inputs": (0, 1) * nA}, {}), ValueError, "'states' needs the range of one state"),
        (lambda f: f(HH(1), {"inputs": (0, 1) * nA}, {"V": (0, 40) * mV}), ValueError, "no equilibrium of HH"),
        (lambda f: f(HH(1), {"inputs": (0, 1) * nA}, V, n=1), ValueError, "'n' must be an int of 2 or more"),
        (lambda f: f(HH(3), {"inputs": (0, 1) * nA}, V), ValueError, "about one neuron"),
        (lambda f: f(WilsonCowan(1), {"inputs.z": (0, 1)}, {"E": (0, 1)}), TypeError, "no input 'z'"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call(sc.analysis.bifurcation)
