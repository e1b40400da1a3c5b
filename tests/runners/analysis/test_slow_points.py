"""Slow points of rate networks: fixed points and ghosts in closed form."""

import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import brentq

import simcore as sc
from simcore import Network, Param
from simcore.bases.dynamics import Dynamics
from simcore.models import LIF, AllToAll, LeakyRate, RateProjection
from simcore.module.declare import HiddenState
from simcore.units import mA, ms, mV


class Recurrent(Dynamics):
    """tau dx/dt = -x + W phi(x) + I, phi tanh or nothing."""

    tau = Param(10.0, "ms", "time constant", positive=True)
    x = HiddenState("dimensionless", "activation", init=0.0)

    def __init__(self, W, linear=False):
        self.W, self.linear = np.asarray(W, float), linear
        super().__init__(len(W))

    def derivative(self, x, I):
        rate = x if self.linear else jnp.tanh(x)
        return (-x + self.W @ rate + I) / self.tau

    def update(self, I=0.0):
        self.x.value = self.integrate(self.derivative, self.x.value, I)
        return self.x.value


def test_two_units_without_coupling_have_nine_fixed_points(precision):
    points = sc.analysis.slow_points(Recurrent(2 * np.eye(2)), {"x": (-3, 3)}, n=200)
    r = brentq(lambda x: -x + 2 * np.tanh(x), 1, 3, xtol=1e-15)
    got = {tuple(np.round(row, 6)) for row in points.x.m}
    assert got == {(round(a * r, 6) + 0.0, round(b * r, 6) + 0.0) for a in (-1, 0, 1) for b in (-1, 0, 1)}
    assert points.speed.m.max() < 1e-8
    # Eigenvalues (-1 + 2 phi') / tau: 0.1 at 0, and stable at r.
    for row, values in zip(points.x.m, points.eigenvalues.m_as("1/ms"), strict=True):
        want = sorted((-1 + 2 / np.cosh(row) ** 2) / 10, reverse=True)
        assert_allclose(values, want, atol=1e-7)
    assert points.stable.sum() == 4


def test_the_ghost_of_a_saddle_node_is_a_slow_point():
    # x' = (-x + 2 tanh x + I) / tau has a fold where 2 / cosh^2 x = 1, at I0. Just beyond it the least |f| is there.
    fold = -np.arccosh(np.sqrt(2))
    I0 = fold - 2 * np.tanh(fold)
    points = sc.analysis.slow_points(Recurrent([[2.0]]), {"x": (-3, 3)}, inputs=I0 + 0.01)
    assert len(points) == 2
    assert points.speed.m[0] < 1e-9  # the fixed point that is left
    assert_allclose(points.x.m[1], [fold], atol=1e-3)
    assert_allclose(points.speed.m_as("1/ms")[1], 0.01 / 10, rtol=1e-6)
    assert points.eigenvalues.m[1, 0].real == pytest.approx(0, abs=1e-4)


def test_all_points_of_a_line_attractor_are_fixed():
    v = np.array([0.6, 0.8])
    points = sc.analysis.slow_points(Recurrent(np.outer(v, v), linear=True), {"x": (-1, 1)}, n=20)
    assert len(points) == 20
    assert_allclose(points.x.m - np.outer(points.x.m @ v, v), 0, atol=1e-8)
    assert set(points.kind) == {"degenerate"}
    assert_allclose(points.eigenvalues.m, [[0, -0.1]] * 20, atol=1e-10)


def test_a_network_of_populations():
    net = Network(E=LeakyRate(2, transfer="tanh"), I=LeakyRate(1, transfer="linear"))
    net.EI = RateProjection(net.E, net.I, connect=AllToAll(), weight=0.5)
    net.IE = RateProjection(net.I, net.E, connect=AllToAll(), weight=-1.0)
    net.EE = RateProjection(net.E, net.E, connect=AllToAll(), weight=2.0)
    points = sc.analysis.slow_points(net, {"E.r": (-1, 1), "I.r": (-1, 1)}, n=60)
    assert list(points.states) == ["E.r", "I.r"]
    E, I = points["E.r"].m, points["I.r"].m
    assert (E.shape[1], I.shape[1]) == (2, 1)
    to_E = np.tanh(2 * E.sum(1) - I[:, 0])
    assert_allclose(E, np.stack([to_E, to_E], 1), atol=1e-8)
    assert_allclose(I[:, 0], 0.5 * E.sum(1), atol=1e-8)
    assert len(points) >= 3


def test_what_does_not_fit_is_refused():
    f, net = sc.analysis.slow_points, Recurrent(np.eye(2))
    with pytest.raises(ValueError, match="no integrated state 'y'; there is x"):
        f(net, {"y": (0, 1)})
    with pytest.raises(ValueError, match="range of 'x' must be two values"):
        f(net, {"x": (1, 0)})
    with pytest.raises(ValueError, match="needs the range of one state at least"):
        f(net, {})
    with pytest.raises(ValueError, match="'n' must be a positive int"):
        f(net, {"x": (0, 1)}, n=0)
    with pytest.raises(TypeError, match="LIF spikes"):
        f(LIF(2), {"V": (0, 1) * mV})
    with pytest.raises(sc.DimensionalityError):
        f(net, {"x": (0, 1)}, inputs=1 * mA)
    delayed = Network(E=LeakyRate(2))
    delayed.EE = RateProjection(delayed.E, delayed.E, connect=AllToAll(), weight=0.5, delay=2 * ms)
    with pytest.raises(ValueError, match="EE has a delay"):
        f(delayed, {"E.r": (0, 1)})
    with pytest.raises(TypeError, match="needs a population of rate units or a network"):
        f(lambda x: x, {"x": (0, 1)})
