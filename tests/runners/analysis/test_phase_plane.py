"""Nullclines by closed forms; pictures of phase planes by what they draw."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.testing import assert_allclose

import simcore as sc
from simcore import DimensionalityError
from simcore.models import HH, AdExIF, FitzHughNagumo, MorrisLecar
from simcore.units import mA, ms, mV, nA, pA

RANGES = {"V": (-2.5, 2.5), "w": (-1, 2)}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_nullclines_of_fitzhugh_nagumo(precision):
    lines = sc.analysis.nullclines(FitzHughNagumo(1), RANGES, inputs=0.5)
    # A contour is linear in a mesh of 5/200: the cubic is off by its curvature times the square of that, over 8.
    near = 4 * (5 / 200) ** 2 / 8 * 1.1
    for V, w in lines["V"]:
        assert_allclose(w.m, V.m - V.m**3 / 3 + 0.5, atol=4 * near)
    assert min(V.m.min() for V, _ in lines["V"]) < -2.1
    ((V, w),) = lines["w"]
    assert_allclose(w.m, (V.m + 0.7) / 0.8, atol=1e-12)  # exact: it is a line
    assert_allclose(sorted([w.m[0], w.m[-1]]), [-1, 2], atol=1e-12)


def test_a_nullcline_may_be_horizontal_and_have_several_branches():
    cell = AdExIF.preset("brette_gerstner", 1, a="0 nS")
    lines = sc.analysis.nullclines(cell, {"V": (-80, -40) * mV, "w": (-100, 100) * pA})
    ((_, w),) = lines["w"]
    assert_allclose(w.m_as(pA), 0, atol=1e-9)
    # At I = 0 that of V comes down from the left and goes up again on the right, out of the picture in between.
    branches = sc.analysis.nullclines(cell, {"V": (-80, -40) * mV, "w": (-100, 100) * pA})["V"]
    assert len(branches) == 2
    for V, w in branches:
        want = -30 * (V.m_as(mV) + 70.6) + 60 * np.exp((V.m_as(mV) + 50.4) / 2)
        # Linear in a mesh of 0.2 mV, where the second derivative reaches 15 exp(2.6) = 210 pA/mV2: over 8, 1.05 pA.
        assert_allclose(w.m_as(pA), want, atol=1.1)


def test_states_beside_the_plane_are_held():
    lines = sc.analysis.nullclines(HH(1), {"V": (-80, 0) * mV, "n": (0, 1)}, fixed={"m": 0.0})
    ((V, n),) = lines["V"]
    # Without sodium: n^4 gK (EK - V) + gL (EL - V) = 0.
    want = (0.3 * (-54.387 - V.m_as(mV)) / (36 * (V.m_as(mV) + 77))) ** 0.25
    assert_allclose(n.m, want, atol=5e-3)


def test_the_picture_has_what_it_promises():
    ax = sc.analysis.phase_plane(FitzHughNagumo(1), RANGES, inputs=0.5, starts={"V": [-2, 2], "w": [0, 1]},
                                 duration=50 * ms)  # fmt: skip
    texts = [t.get_text() for t in ax.get_legend().get_texts()]
    assert texts == ["dV/dt = 0", "dw/dt = 0", "trajectories", "unstable focus"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("V", "w")
    assert (ax.get_xlim(), ax.get_ylim()) == ((-2.5, 2.5), (-1, 2))
    (point,) = [line for line in ax.get_lines() if line.get_label() == "unstable focus"]
    V = point.get_xdata()[0]
    assert_allclose(V - V**3 / 3 - (V + 0.7) / 0.8 + 0.5, 0, atol=1e-12)
    (arrows,) = ax.collections
    x, y = arrows.get_offsets().T
    u, v = (x - x**3 / 3 - y + 0.5) / 5, (x + 0.7 - 0.8 * y) / 12.5 / 3  # in ranges
    assert_allclose(arrows.U, u / np.hypot(u, v), atol=1e-9)
    assert_allclose(arrows.V, v / np.hypot(u, v), atol=1e-9)


def test_trajectories_are_runs_from_their_starts():
    cell = MorrisLecar(1)
    ranges = {"V": (-80, 60) * mV, "W": (0, 0.6)}
    ax = sc.analysis.phase_plane(cell, ranges, inputs=10 * nA, starts={"V": [-20, 0] * mV, "W": [0.1, 0.3]},
                                 duration=20 * ms, dt=0.05 * ms)  # fmt: skip
    found = [line for line in ax.get_lines() if line.get_color() == "k" and line.get_marker() == "None"]
    for line, V, W in zip(found, (-20, 0), (0.1, 0.3), strict=True):
        one = MorrisLecar(1, V_initializer=sc.init.Constant(V * mV), W_initializer=W)
        mon = sc.DSRunner(one, ["V", "W"], dt=0.05 * ms, progress_bar=False).run(20 * ms, inputs=10 * nA)
        assert_allclose(line.get_xdata(), [V, *mon.V.m_as(mV)[:, 0]], rtol=1e-10)
        assert_allclose(line.get_ydata(), [W, *mon.W.m[:, 0]], rtol=1e-10)


def test_a_reset_breaks_a_trajectory_and_is_shown():
    cell = AdExIF.preset("naud_adaptation", 1)
    ax = sc.analysis.phase_plane(cell, {"V": (-75, 5) * mV, "w": (-50, 400) * pA}, inputs=0.5 * nA,
                                 starts={"V": [-70] * mV, "w": [0] * pA}, duration=100 * ms)  # fmt: skip
    lines = {line.get_label(): line for line in ax.get_lines()}
    assert_allclose(lines["V_reset"].get_xdata(), -58)
    assert_allclose(lines["V_th"].get_xdata(), 0)
    V, w = lines["trajectories"].get_data()
    breaks = np.flatnonzero(np.isnan(V))
    count = sc.DSRunner(cell, ["spike_count"], progress_bar=False).run(100 * ms, inputs=0.5 * nA).spike_count
    assert len(breaks) == count[0] > 3
    assert (V[breaks - 1] >= 0).all()
    assert_allclose(V[breaks + 1], -58, atol=1.5)  # one step after the reset
    assert_allclose(w[breaks + 1] - w[breaks - 1], 60, atol=1)  # by b
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("V (mV)", "w (pA)")
    assert "V_th" not in [line.get_label() for line in sc.analysis.phase_plane(HH(1), {"V": (-80, 0) * mV, "n": (0, 1)})
                          .get_lines()]  # fmt: skip


def test_it_draws_on_given_axes():
    _, ax = plt.subplots()
    assert sc.analysis.phase_plane(FitzHughNagumo(1), RANGES, ax=ax) is ax


STARTS, SHORT = {"starts": {"V": [0.0], "w": [0.0]}}, {"duration": 1 * ms}


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda f: f(FitzHughNagumo(1), {"V": (-2, 2)}), ValueError, "the ranges of two states, got V"),
        (lambda f: f(HH(1), {"V": (-2, 2) * mV, "n": (0, 1), "m": (0, 1)}), ValueError, "the ranges of two states"),
        (lambda f: f(FitzHughNagumo(1), {"V": (2, 2), "w": (-1, 2)}), ValueError, "range of 'V' must be two values"),
        (lambda f: f(FitzHughNagumo(1), RANGES, inputs=1 * mA), DimensionalityError, "joins"),
        (lambda f: f(FitzHughNagumo(1), RANGES, **STARTS), ValueError, "trajectories need 'starts'"),
        (lambda f: f(FitzHughNagumo(1), RANGES, **SHORT), ValueError, "trajectories need 'starts'"),
        (lambda f: f(FitzHughNagumo(1), RANGES, starts={"V": [0]}, **SHORT), ValueError, "values of V and w"),
        (lambda f: f(FitzHughNagumo(1), RANGES, starts={"V": [0], "w": [0, 1]}, **SHORT), ValueError, "as many"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call(sc.analysis.phase_plane)
