"""Graded links: rates and potentials act on other populations in each step, with weights and delays.

Oracles: fixed points and solutions of linear systems by the matrix exponential; histories as functions of time.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore.models import AllToAll, FixedProbability, GapJunction, LeakyRate, RateProjection, ThresholdLinear
from simcore.units import Hz, Mohm, mA, ms, mV, nS, pA

DT = 0.1


def linear(n=3, **options):
    """Return linear rate units."""
    return LeakyRate(n, tau=10 * ms, **options)


def run(net, duration, monitors, inputs=None, dt=DT):
    """Return a recording of a run."""
    return sc.DSRunner(net, monitors, dt=dt * ms, progress_bar=False).run(duration * ms, inputs=inputs)


def expm(A):
    """Return the matrix exponential."""
    return np.asarray(jax.scipy.linalg.expm(jnp.asarray(A)))


# ------------------------------------------------------------------ rates


WEIGHTS = np.array([[0.0, 0.5, -0.25], [0.25, 0.0, 0.5], [-0.5, 0.25, 0.0]])  # from row to column


def test_a_network_of_rates_settles_where_its_equations_say():
    cells = linear()
    net = sc.Network(cells=cells, loop=RateProjection(cells, cells, connect=AllToAll(), weight=WEIGHTS))
    x = np.array([1.0, -2.0, 0.5])
    r = run(net, 300, ["cells.r"], {"cells": x})["cells.r"].m[-1]
    assert_allclose(r, np.linalg.solve(np.eye(3) - WEIGHTS.T, x), rtol=1e-5)


def test_the_error_of_a_step_is_of_first_order():
    x, errors = np.array([1.0, -2.0, 0.5]), []
    A = (WEIGHTS.T - np.eye(3)) / 10
    exact = np.linalg.solve(A, (expm(20 * A) - np.eye(3)) @ x / 10)
    for dt in (0.2, 0.1):
        cells = linear()
        net = sc.Network(cells=cells, loop=RateProjection(cells, cells, connect=AllToAll(), weight=WEIGHTS))
        errors.append(np.abs(run(net, 20, ["cells.r"], {"cells": x}, dt)["cells.r"].m[-1] - exact).max())
    assert errors[1] < 0.01
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.05)


RULES = {
    "all to all": (AllToAll(), 0.5),
    "a rule": (FixedProbability(0.4), 0.5),
    "weights of each": (AllToAll(), np.linspace(-1, 1, 30).reshape(5, 6)),
    "pairs": (([0, 0, 4, 4], [1, 5, 1, 1]), [1.0, -2.0, 3.0, 0.5]),
    "a matrix": (np.arange(30.0).reshape(5, 6) * (np.arange(30).reshape(5, 6) % 3 == 0), None),
}


@pytest.mark.parametrize("delay", [None, 0.3 * ms, "of each"])
@pytest.mark.parametrize("case", ["all to all", "weights of each", *(
    pytest.param(k, marks=pytest.mark.slow) for k in ("a rule", "pairs", "a matrix"))])  # fmt: skip
def test_what_arrives_is_the_weighted_sum_of_the_rates_a_delay_before(case, delay):
    a, b = linear(7), linear(8)
    connect, weight = RULES[case]
    view, there = a[1:6], b[[0, 2, 3, 5, 6, 7]]
    weight = connect[np.nonzero(connect)] if weight is None else weight
    delays = sc.init.Uniform(0.1 * ms, 0.6 * ms, seed=3) if delay == "of each" else delay
    p = RateProjection(view, there, connect=connect, weight=weight, delay=delays)
    net = sc.Network(a=a, b=b, p=p)
    x = sc.inputs.function(lambda t: jnp.sin(sc.units.number(t, "ms")) * jnp.arange(7.0), "dimensionless")
    mon = run(net, 3, ["a.r", "b.coupled.x"], {"a": x})
    pre, post = p.synapses()
    each = np.broadcast_to(p.weight.m, pre.shape)
    steps = p.delay_steps(DT) * np.ones(pre.shape, int)
    r = np.concatenate([np.zeros((1, 7)), mon["a.r"].m])  # r[i] at the beginning of step i
    expected = np.zeros((30, 8))
    for i, j, w, d in zip(pre, post, each, steps, strict=True):
        expected[:, j] += w * r[np.maximum(np.arange(30) - d, 0), i]
    assert np.abs(expected).max() > 0.1
    assert_allclose(mon["b.coupled.x"].m, expected, rtol=2e-5, atol=1e-6)


def test_before_the_run_a_rate_was_what_it_is_at_its_start():
    a, b = LeakyRate(1, tau=1000 * ms, r_initializer=2.0), linear(1)
    p = RateProjection(a, b, connect=AllToAll(), weight=0.5, delay=1 * ms)
    mon = run(sc.Network(a=a, b=b, p=p), 2, ["a.r", "b.coupled.x"])
    assert_allclose(mon["b.coupled.x"].m[:11, 0], 1.0, rtol=1e-6)
    assert_allclose(mon["b.coupled.x"].m[11:, 0], 0.5 * mon["a.r"].m[:9, 0], rtol=1e-6)


def test_a_batch_is_as_many_networks():
    a, b = linear(2), linear(3)
    net = sc.Network(a=a, b=b, p=RateProjection(a, b, connect=AllToAll(), weight=0.5, delay=0.3 * ms))
    drives = np.array([[1.0, 2.0], [-1.0, 4.0]])
    net.reset_state(2)
    together = run(net, 2, ["b.r"], {"a": drives})["b.r"].m
    for k in range(2):
        net.reset_state()
        assert_allclose(run(net, 2, ["b.r"], {"a": drives[k]})["b.r"].m, together[:, k], rtol=1e-6)


def test_parts_of_a_run_and_a_saved_one_are_an_unbroken_one(tmp_path):
    def net():
        a, b = linear(2, r_initializer=1.0), linear(3)
        return sc.Network(a=a, b=b, p=RateProjection(a, b, connect=AllToAll(), weight=0.5, delay=0.7 * ms))

    whole = run(net(), 3, ["b.r"])["b.r"].m
    runner = sc.DSRunner(net(), ["b.r"], progress_bar=False)
    first = runner.run(1.2 * ms)["b.r"].m
    runner.save(tmp_path / "x.npz")
    runner = sc.DSRunner.resume(tmp_path / "x.npz", net())
    assert_array_equal(np.concatenate([first, runner.run(1.8 * ms)["b.r"].m]), whole)


def test_a_delay_may_change_between_runs():
    a, b = linear(1, r_initializer=1.0), linear(1)
    p = RateProjection(a, b, connect=AllToAll(), weight=1.0, delay=0.2 * ms)
    net = sc.Network(a=a, b=b, p=p)
    runner = sc.DSRunner(net, ["a.r", "b.coupled.x"], progress_bar=False)
    r = [1.0, *runner.run(1 * ms)["a.r"].m[:, 0]]
    p.delay = 0.1 * ms
    mon = runner.run(0.5 * ms)
    r += list(mon["a.r"].m[:, 0])
    assert_allclose(mon["b.coupled.x"].m[:, 0], r[9:14], rtol=1e-6)


def test_weights_are_axes_of_a_sweep_and_gradients_reach_them():
    a, b = linear(2), linear(1)
    net = sc.Network(a=a, b=b, p=RateProjection(a, b, connect=AllToAll(), weight=0.5, delay=0.2 * ms))
    weights = np.array([0.0, 0.5, 2.0])
    over = {"p.weight": weights, "p.delay": np.array([0.1, 0.2]) * ms}  # one step is a delay like others
    sweep = sc.Sweep(net, over, {"r": sc.measure.final("b.r")}, inputs={"a": np.ones(2)})
    sooner, r = np.reshape(sweep.run(20 * ms)["r"].magnitude, (3, 2)).T
    assert_allclose(r, r[1] * weights / 0.5, rtol=1e-5)
    assert sooner[1] > r[1] > 0.1
    unrolled = sc.unroll(net, 20 * ms, inputs={"a": np.ones(2)}, dt=DT * ms)

    def last(weight):
        return unrolled({"p.weight": weight})[0]["b"][-1, 0]

    assert jax.jit(jax.grad(last))(jnp.asarray(0.5)) == pytest.approx(r[1] / 0.5, rel=1e-4)


def test_outside_of_a_network_nothing_acts_that_was_left_from_it():
    a, b = linear(1, r_initializer=1.0), linear(1)
    cells = sc.models.LIF(2, R=100 * Mohm, tau=10 * ms, V_th=1000 * mV, V_initializer=[10.0, -4.0] * mV)
    net = sc.Network(
        a=a, b=b, cells=cells, p=RateProjection(a, b, connect=AllToAll(), weight=5.0),
        gap=GapJunction(cells, cells, connect=([0], [1]), weight=5 * nS),
    )  # fmt: skip
    run(net, 5, [])
    r, V = b.r.value.m, cells.V.value.m_as("mV")
    assert_allclose(run(b, 10, ["r"])["r"].m[-1], r * np.exp(-1), rtol=1e-5)
    assert_allclose(run(cells, 10, ["V"])["V"].m_as("mV")[-1], V * np.exp(-1), rtol=1e-5)


def test_given_delays_are_rounded_with_one_warning():
    a, b = linear(1), linear(2)
    p = RateProjection(a, b, connect=AllToAll(), weight=1.0, delay=[0.1, 0.24] * ms, name="p")
    runner = sc.DSRunner(sc.Network(a=a, b=b, p=p), progress_bar=False)

    def run_anew():
        runner.reset_state()
        runner.run(0.3 * ms)

    with pytest.warns(UserWarning, match="p: delays that are not whole steps of dt = 0.1 ms are rounded") as caught:
        [run_anew() for _ in range(2)]
    assert len([w for w in caught if w.category is UserWarning]) == 1


def test_check_dt_refines_what_waits():
    a, b = LeakyRate(1, tau=2 * ms, r_initializer=1.0), LeakyRate(1, tau=1 * ms)
    net = sc.Network(a=a, b=b, p=RateProjection(a, b, connect=AllToAll(), weight=1.0, delay=2 * ms))
    runner = sc.DSRunner(net, ["b.r"], progress_bar=False)
    runner.run(3 * ms)
    change = sc.check_dt(runner, 4 * ms).traces["b.r"].largest.m
    assert change[0] < 0.01  # rates that are not where they were in time make it 0.13
    assert change[0] / change[1] == pytest.approx(2, rel=0.1)
    assert float(runner.t.m_as("ms")) == 3.0


def test_currents_per_rate_drive_a_rate_in_hertz():
    a, b = ThresholdLinear(1), ThresholdLinear(1)
    net = sc.Network(a=a, b=b, p=RateProjection(a, b, connect=AllToAll(), weight=20 * pA / Hz))
    r = run(net, 400, ["a.r", "b.r"], {"a": 100 * pA})
    assert_allclose(r["a.r"][-1].m_as("Hz"), 6.6, rtol=1e-4)  # 0.066 Hz/pA
    assert_allclose(r["b.r"][-1].m_as("Hz"), 6.6 * 20 * 0.066, rtol=1e-4)


def test_what_does_not_fit_is_said_where_it_is_written():
    a, b, source = linear(2), linear(2), sc.models.SpikeSource(2, [1] * ms, [0])
    with pytest.raises(TypeError, match="sends no rate: it has no output"):
        RateProjection(source, a, connect=AllToAll(), weight=1.0)
    with pytest.raises(TypeError, match="has no equations that something could act on"):
        RateProjection(a, source, connect=AllToAll(), weight=1.0)
    RateProjection(a, b, connect=AllToAll(), weight=1.0)
    with pytest.raises(sc.DimensionalityError, match=r"weights in mV times a rate in dimensionless do not fit"):
        RateProjection(a, b, connect=AllToAll(), weight=1.0 * mV)
    with pytest.raises(ValueError, match="'transfer' must be one of linear"):
        LeakyRate(1, transfer="relu")
    cells = ThresholdLinear(1)
    net = sc.Network(a=a, cells=cells, p=RateProjection(a, cells, connect=AllToAll(), weight=1.0))
    with pytest.raises(sc.DimensionalityError, match=r"threshold_linear\.py"):
        run(net, 1, [], {"cells": 1 * pA})
    with pytest.raises(TypeError, match="goes through a RateProjection"):
        sc.models.Projection(a, b, connect=AllToAll(), weight=1.0)


# ------------------------------------------------------------------ gap junctions


V_0 = np.array([10.0, -4.0, 1.0])


def chain(conductance=5.0, **options):
    """Return three cells in a chain of gap junctions, far below their threshold."""
    cells = sc.models.LIF(3, R=100 * Mohm, tau=10 * ms, V_th=1000 * mV, V_initializer=V_0 * mV, **options)
    return sc.Network(cells=cells, gap=GapJunction(cells, cells, connect=([0, 1], [1, 2]), weight=conductance * nS))


def test_potentials_meet_through_gap_junctions_as_the_linear_system_says():
    g, errors = 5.0, []
    A = (-np.eye(3) + 0.1 * g * np.array([[-1, 1, 0], [1, -2, 1], [0, 1, -1]])) / 10  # R g in numbers
    for dt in (0.2, 0.1):
        V = run(chain(g), 20, ["cells.V"], dt=dt)["cells.V"].m_as("mV")[-1]
        errors.append(np.abs(V - expm(20 * A) @ V_0).max())
    assert errors[1] < 0.005
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.05)


def test_what_flows_out_of_one_neuron_flows_into_others():
    mon = run(chain(), 5, ["cells.V", "cells.gap.I", "cells.gap.g"])
    V = np.concatenate([V_0[None], mon["cells.V"].m_as("mV")[:-1]])  # at the beginning of each step
    total = mon["cells.gap.I"].m_as("pA") - mon["cells.gap.g"].m_as("nS") * V
    assert_allclose(total.sum(1), 0, atol=1e-4)
    assert_array_equal(mon["cells.gap.g"].m_as("nS")[-1], [5, 10, 5])


def test_junctions_between_populations_and_batches():
    a, b = (sc.models.LIF(2, R=100 * Mohm, tau=10 * ms, V_th=1000 * mV) for _ in range(2))
    net = sc.Network(a=a, b=b, gap=GapJunction(a, b[1:], connect=AllToAll(), weight=10 * nS))
    net.reset_state(2)
    V = run(net, 300, ["a.V", "b.V"], {"a": np.array([[100.0, 100.0], [50.0, 0.0]]) * pA})
    # R I = 10 mV; with R g = 1: V_a = (10 + V_b) / 2, V_b = (V_a0 + V_a1) / 3
    expected = np.linalg.solve([[2, 0, -1], [0, 2, -1], [-1, -1, 3]], np.array([[10, 10, 0], [5, 0, 0]]).T)
    assert_allclose(V["a.V"].m_as("mV")[-1], expected[:2].T, rtol=1e-4)
    assert_allclose(V["b.V"].m_as("mV")[-1], np.stack([[0, 0], expected[2]], 1), rtol=1e-4)


def test_conductances_are_conductances():
    cells = sc.models.LIF(2)
    with pytest.raises(sc.DimensionalityError, match="'weight' needs a quantity in nS"):
        GapJunction(cells, cells, connect=AllToAll(), weight=1 * mA)
    with pytest.raises(ValueError, match=">= 0"):
        GapJunction(cells, cells, connect=AllToAll(), weight=-1 * nS)
    with pytest.raises(TypeError, match="has no potential, a state V in mV"):
        GapJunction(linear(2), cells, connect=AllToAll(), weight=1 * nS)


def test_what_it_is_can_be_read_and_weights_may_be_drawn(capsys):
    a, b = linear(2), linear(3)
    net = sc.Network(a=a, b=b, p=RateProjection(a, b, connect=AllToAll(), weight=sc.init.Normal(0.0, 1.0)))
    assert net.p.weight.shape == (6,)
    assert net.p.weight.m.std() > 0
    net.summary()
    assert "a -> b: 6 connections, weight" in capsys.readouterr().out
    assert repr(net.p).startswith("RateProjection(a -> b: 6 connections")
