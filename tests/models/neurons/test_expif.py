"""ExpIF: rheobase, upstroke, no overflow whatever the input."""

import itertools

import jax
import numpy as np
import pytest
from numpy.testing import assert_allclose

import simcore as sc
from simcore import DSRunner
from simcore.models import ExpIF, ExpIFRef
from simcore.models.neurons.upstroke import limit
from simcore.units import mA, ms, mV

RHEOBASE = -59.9 + 65.0 - 3.48  # (V_T - V_rest - delta_T) / R, mA


def test_it_fires_above_the_rheobase_and_rests_below():
    def count(I):
        return DSRunner(ExpIF(1), monitors=["spike_count"]).run(1000 * ms, inputs=I * mA).spike_count[0]

    assert count(RHEOBASE - 0.01) == 0
    assert count(RHEOBASE + 0.01) > 0


def test_below_the_rheobase_V_rests_at_the_fixed_point():
    # (V - V_rest) = delta_T exp((V - V_T) / delta_T) + 1.5, by Newton's method.
    V = -62.0
    for _ in range(50):
        e = 3.48 * np.exp((V + 59.9) / 3.48)
        V -= (-(V + 65) + e + 1.5) / (-1 + e / 3.48)
    mon = DSRunner(ExpIF(1), monitors=["V"]).run(1000 * ms, inputs=1.5 * mA)
    assert_allclose(mon.V.m_as("mV")[-1, 0], V, rtol=1e-9)


def test_the_firing_rate_is_the_quadrature_of_the_passage_time():
    # T = tau integral dV / (-(V - V_rest) + delta_T exp(.) + R I) from V_reset to V_th.
    V = np.linspace(-68, -30, 2_000_001)
    for I in (2.0, 5.0):
        f = 10.0 / (-(V + 65) + 3.48 * np.exp((V + 59.9) / 3.48) + I)
        T = np.trapezoid(f, V)
        mon = DSRunner(ExpIF(1), monitors=["spike"], dt=0.01 * ms).run(500 * ms, inputs=I * mA)
        intervals = np.diff(np.flatnonzero(mon.spike[:, 0])) * 0.01
        assert_allclose(intervals, T, rtol=2e-3)


def test_V_never_exceeds_the_threshold_and_the_spike_sample_is_it():
    mon = DSRunner(ExpIF(1), monitors=["V", "spike"]).run(300 * ms, inputs=4 * mA)
    V = mon.V.m_as("mV")
    assert V.max() == -30.0
    assert (V[mon.spike] == -30.0).all()
    assert mon.spike.sum() > 3


@pytest.mark.parametrize(("cls", "reset", "precision"), [
    (ExpIF, "soft", "float32"), (ExpIF, "hard", "float64"),
    *(pytest.param(*case, marks=pytest.mark.slow) for case in [
        (ExpIF, "soft", "float64"), (ExpIF, "hard", "float32"),
        *itertools.product([ExpIFRef], ["soft", "hard"], ["float32", "float64"])]),
], indirect=["precision"])  # fmt: skip
def test_nothing_overflows_in_value_or_gradient(cls, reset, precision):
    class Read(cls):
        def update(self, x):
            return super().update(x), self.V.value

    # One neuron for each pair of a slope, an input and a start on the way up.
    grid = np.meshgrid([0.1, 0.5, 3.48, 20.0], [-1e6, -10.0, 0.0, 1.7, 1e3, 1e9, 1e20], [-65.0, -58.0, -31.0])
    delta_T, I, start = (axis.ravel() for axis in grid)
    initial = sc.init.Constant(start * mV)
    model = Read(len(I), delta_T=delta_T * mV, spk_reset=reset, V_initializer=initial)
    (spikes, V), _ = sc.unroll(model, 5 * ms, inputs=I * mA)()
    assert np.isfinite(V).all()
    assert V.max() <= -30.0
    assert (spikes.sum(0)[I >= 1e3] >= 2).all()
    two_steps = sc.unroll(model, 0.2 * ms, inputs=I * mA)
    spread = {k: np.broadcast_to(v, I.shape) for k, v in model.float_params().items()}
    grads = jax.jit(jax.grad(lambda p: sum(out.sum() for out in two_steps(p)[0])))(spread)
    for name, grad in grads.items():
        assert np.isfinite(grad).all(), name


def test_the_gradient_through_the_limit_is_the_written_one():
    # Where V overshoots, that of V0 + f (V - V0) with f = (V_th - V0) / (V - V0) held.
    grad = jax.grad(limit, argnums=(0, 1, 2))
    assert_allclose(grad(10.0, -50.0, -30.0), [20 / 60, 1 - 20 / 60, 0])
    assert_allclose(grad(-40.0, -50.0, -30.0), [1, 0, 0])
    eps, f = 1e-6, 20 / 60
    assert_allclose(((-50 + f * (10 + eps + 50)) - (-50 + f * (10 + 50))) / eps, grad(10.0, -50.0, -30.0)[0], rtol=1e-6)


def test_soft_reset_from_the_limited_V_lands_on_V_reset():
    V = {}
    for reset in ("soft", "hard"):
        mon = DSRunner(ExpIF(1, spk_reset=reset), monitors=["V"]).run(200 * ms, inputs=4 * mA)
        V[reset] = mon.V.magnitude
    assert_allclose(V["soft"], V["hard"], rtol=1e-9)
