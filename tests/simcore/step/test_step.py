"""The compiled step is the hand-written one; unroll; nothing recompiles without need."""

import itertools
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.extend import core as jex
from numpy.testing import assert_allclose

import simcore as sc
from simcore import surrogate
from simcore.integrators import exponential as integrators
from simcore.models import LIF
from simcore.runners.loop import advance
from simcore.step import pure as step
from simcore.step.context import Step
from simcore.units import mA, ms


def canonical(f, *args):
    """Return the live equations of f as text: calls inlined, markers and barriers dropped, variables numbered."""
    closed = jax.make_jaxpr(f)(*args)
    eqns, names = [], {}

    def inline(jaxpr, env):
        def read(v):
            return f"{v.val!r}" if isinstance(v, jex.Literal) else env[v]

        for eqn in jaxpr.eqns:
            ins = [read(v) for v in eqn.invars]
            sub = next((eqn.params[k] for k in ("jaxpr", "call_jaxpr") if k in eqn.params), None)
            if eqn.primitive.name in ("unit_marker", "rate_marker", "optimization_barrier"):
                outs = ins[: len(eqn.outvars)]
            elif sub is not None and eqn.primitive.name != "scan":
                sub = getattr(sub, "jaxpr", sub)
                outs = inline(sub, dict(zip(sub.invars, ins, strict=True)))
            else:
                outs = [(len(eqns), k) for k in range(len(eqn.outvars))]
                params = {k: v for k, v in eqn.params.items() if k not in ("sharding", "out_sharding")}
                eqns.append((eqn.primitive.name, ins, str(sorted(params.items(), key=str))))
            env.update(zip(eqn.outvars, outs, strict=True))
        return [read(v) for v in jaxpr.outvars]

    results = inline(closed.jaxpr, {v: f"in{k}" for k, v in enumerate(closed.jaxpr.invars)})
    lines = []

    def visit(value):  # in the order in which the results need them: dead code never shows
        if not isinstance(value, tuple):
            return value
        if value not in names:
            primitive, ins, params = eqns[value[0]]
            args = [visit(v) for v in ins]
            names[value] = f"v{len(names)}"
            lines.append(f"{names[value]} = {primitive}{params}({', '.join(args)})")
        return names[value]

    results = [visit(r) for r in results]
    return [*lines, results]


def by_hand(params, states, x, dt):
    """LIF with soft reset, written with floats."""
    V_th, V_reset, V_rest, R, tau = (params[k] for k in ("V_th", "V_reset", "V_rest", "R", "tau"))
    V, spk_fun = states["V"], surrogate.ReluGrad()
    spike = surrogate.fire(spk_fun, V, V_th, V_th - V_reset)
    V = V - (V_th - V_reset) * spike

    z = dt * (-jnp.ones_like(jnp.zeros(())) / tau)  # for the whole run: it contains no state
    growth, weight = z * integrators.phi(z), dt * integrators.phi(z)
    V = V + (growth * V + weight * ((-(jnp.zeros(()) - V_rest) + R * x) / tau))
    return {"V": V}, surrogate.fire(spk_fun, V, V_th, V_th - V_reset)


def test_the_step_of_lif_is_the_hand_written_float_program():
    lif = LIF(4)
    lif.init_state()
    params, states = lif.kernel_params(), step.raw_states(lif)

    def ours(params, states, x, dt):
        now = Step(i=0, dt=dt, t=0.0, t0=0.0, seed=0)
        prepared = step.prepare(lif, lambda model, x: model(x), params, states, x, now)
        return step.pure_step(lif, lambda model, x: model(x), params, states, x, replace(now, prepared=prepared))

    args = (params, states, jnp.ones(4), jnp.asarray(0.1))
    assert canonical(ours, *args) == canonical(by_hand, *args)


def test_no_parameter_is_a_constant_of_the_program():
    lif = LIF(4, tau=np.arange(1.0, 5.0) * ms)
    lif.init_state()
    run = sc.unroll(lif, 1 * ms, inputs=1 * mA)
    jaxpr = jax.make_jaxpr(run)(lif.float_params())
    assert all(np.ndim(c) == 0 or not np.allclose(c, np.arange(1.0, 5.0)) for c in jaxpr.consts)


def traces(cls=LIF):
    """Return a subclass of a neuron that counts how often it is traced."""

    traced = itertools.count()  # a step may change it: it counts by identity

    class Counted(cls):
        def update(self, x=0.0):
            next(traced)
            return super().update(x)

    return Counted, lambda: int(repr(traced)[len("count(") : -1])


def test_one_compilation_for_any_duration_value_and_input():
    Counted, count_traces = traces()
    runner = sc.DSRunner(Counted(3), monitors=["V"])
    runner.run(5 * ms, inputs=1 * mA)
    count, size = count_traces(), advance._cache_size()
    runner.run(7.3 * ms, inputs=2 * mA)
    runner.target.tau = 9 * ms
    runner.run(20_000 * ms, inputs="3 mA")  # several chunks
    sc.DSRunner(Counted(3, V_th="2 mV"), monitors=["V"], seed=5, t0=3 * ms, dt=0.05 * ms).run(5 * ms, inputs=1 * mA)
    assert count_traces() == count
    assert advance._cache_size() == size


def test_waveforms_of_any_length_share_one_compilation():
    Counted, count_traces = traces()
    runner = sc.DSRunner(Counted(3), monitors=["V"])
    runner.run(inputs=sc.inputs.ramp_input(0 * mA, 1 * mA, 5 * ms))
    count, size = count_traces(), advance._cache_size()
    runner.run(inputs=sc.inputs.ramp_input(0 * mA, 3 * mA, 50 * ms))
    runner.run(inputs=sc.inputs.constant_input(3 * mA, 50 * ms, dt=1 * ms))
    assert (count_traces(), advance._cache_size()) == (count, size)


def test_direct_updates_compile_once():
    Counted, count_traces = traces()
    neuron = Counted(3)
    neuron.update(1 * mA)
    count = count_traces()
    for k in range(5):
        neuron.update(k * mA)
    assert count_traces() == count


def test_unroll_equals_a_run():
    wave = sc.inputs.ramp_input(0 * mA, 30 * mA, 10 * ms)
    lif = LIF(2)
    lif.init_state()
    spikes, _ = sc.unroll(lif, inputs=wave)(lif.float_params())
    mon = sc.DSRunner(lif, monitors=["spike"]).run(inputs=wave)
    np.testing.assert_array_equal(spikes != 0, mon.spike)


def test_unroll_vmaps_over_a_parameter():
    gif = sc.models.GIF(1)
    run = sc.unroll(gif, 100 * ms, inputs=1.5 * mA)
    params = gif.float_params()
    a = jnp.array([0.0, 0.005])
    counts = jax.jit(jax.vmap(lambda v: run(params | {"a": v})[0].sum()))(a)
    for k, v in enumerate(("0 1/ms", "0.005 1/ms")):
        mon = sc.DSRunner(sc.models.GIF(1, a=v), monitors=["spike_count"]).run(100 * ms, inputs=1.5 * mA)
        assert_allclose(counts[k], mon.spike_count[0])


def test_a_gradient_step_goes_back_into_the_model():
    lif = LIF(1)
    lif.load_float_params(lif.float_params() | {"tau": np.asarray(8.0), "R": np.asarray(2.0)})
    assert_allclose([lif.tau.m_as("ms"), lif.R.m_as("ohm")], [8, 2])
    with pytest.raises(ValueError, match="must be > 0"):
        lif.load_float_params({"tau": np.asarray(-8.0)})


def test_a_compiled_gradient_is_called_again_with_the_results_of_a_gradient_step():
    # The second call has JAX's arrays where the first has numpy's: two entries of one compiled function.
    alif = sc.models.ALIF(2)
    repr(alif)
    run = sc.unroll(alif, 2 * ms, inputs=3 * mA)
    slope = jax.jit(jax.grad(lambda tau: run({"tau": tau})[0].sum()))
    tau, slopes = alif.float_params()["tau"], []
    for _ in range(4):
        slopes.append(slope(tau))
        tau = tau + 0 * slopes[-1]
    assert_allclose(slopes, slopes[0])
    assert slopes[0] != 0


def test_an_unknown_parameter_is_named():
    lif = LIF(1)
    with pytest.raises(KeyError, match="LIF has no parameter 'W'; it has R, tau"):
        sc.unroll(lif, 1 * ms, inputs=1 * mA)({"W": 1.0})
    with pytest.raises(KeyError, match="LIF has no parameter 'W'; it has R, tau"):
        lif.load_float_params({"W": np.zeros(1)})


def test_the_parameters_of_unroll_are_in_their_declared_units():
    run = sc.unroll(Read(1), 1 * ms, inputs=0.5 * mA)
    V = run({"R": 2.0})[0][-1, 0]  # 2 ohm; all else as it is
    assert_allclose(V, 2 * 0.5 * (1 - np.exp(-1 / 5)))


class Read(LIF):
    """LIF that returns its V."""

    def update(self, x):
        super().update(x)
        return self.V.value
