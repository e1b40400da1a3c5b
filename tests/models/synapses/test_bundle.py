"""Many projections in few loops: what arrives is what arrives through each alone, whatever they are like."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore.models import LIF, AllToAll, Exponential, LIFRef, Projection, SpikeSource, TsodyksMarkram
from simcore.units import GOhm, mA, ms, mV, nS, pA

STEPS = 60
SOURCES = {"A": 40, "B": 33, "C": 70}  # one word of spikes, two, three
TARGETS = {"X": 5, "Y": 9, "Z": 4}


def spikes_of(n, rng):
    return np.sort(rng.integers(1, STEPS, 4 * n)), rng.integers(0, n, 4 * n)


def network(kind, sources="ABC"):
    """Projections from each source to both receptors of each target: up to 18 with 4 loops, and what they are."""
    rng = np.random.default_rng(1)
    unit = nS if kind == "conductances" else pA
    reversal = {"reversal": 0 * mV} if kind == "conductances" else {}
    parts, events = {}, {}
    for name in sources:
        n = SOURCES[name]
        steps, cells = np.unique(np.stack(spikes_of(n, rng)), axis=1)
        events[name] = np.zeros((STEPS, n))
        events[name][steps, cells] = 1
        parts[name] = SpikeSource(n, times=(steps + 1) * 0.1 * ms, indices=cells)
    for name, n in TARGETS.items():
        receptors = {k: Exponential(tau=tau * ms, **reversal) for k, tau in (("e", 3), ("i", 5))}
        parts[name] = LIFRef(n, R=1 * GOhm, V_th=1e9 * mV, receptors=receptors)
    facts = []
    for k, (a, b, r) in enumerate(itertools.product(sources, TARGETS, "ei")):
        pre, post = rng.integers(0, SOURCES[a], 30), rng.integers(0, TARGETS[b], 30)
        weight = rng.uniform(1, 5, 30) if kind == "weights" and k % 3 == 0 else rng.uniform(1, 5)
        delay = int(rng.integers(0, 4))
        connect = AllToAll() if kind == "dense" and k % 3 == 0 else (pre, post)
        if connect != (pre, post):
            pre, post = (np.ravel(x) for x in np.meshgrid(np.arange(SOURCES[a]), np.arange(TARGETS[b]), indexing="ij"))
        parts[f"p{k}"] = Projection(
            parts[a], parts[b], r, connect=connect, weight=weight * unit, delay=delay * 0.1 * ms if delay else None
        )
        facts.append((a, b, r, pre, post, weight, delay))
    return sc.Network(**parts), events, facts


def arrivals(events, facts, b, r):
    """Return what a receptor holds after each step, summed over synapses in numpy: decay, then what arrives."""
    arriving = np.zeros((STEPS, TARGETS[b]))
    for a, target, receptor, pre, post, weight, delay in facts:
        if (target, receptor) == (b, r):
            sent = events[a][: STEPS - delay][:, pre] * weight
            for step, amounts in enumerate(sent):
                np.add.at(arriving[step + delay], post, amounts)
    decay, held = np.exp(-0.1 / {"e": 3, "i": 5}[r]), np.zeros_like(arriving)
    for step in range(STEPS):
        held[step] = held[step - 1] * decay + arriving[step] if step else arriving[step]
    return held


KINDS = ["weights", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("dense", "currents", "conductances"))]


@pytest.mark.parametrize("precision", ["float32", pytest.param("float64", marks=pytest.mark.slow)], indirect=True)
@pytest.mark.parametrize("kind", KINDS)
def test_what_arrives_through_many_projections_is_the_sum_over_all_synapses(kind, precision):
    net, events, facts = network(kind)
    monitors = {f"{b}{r}": f"{b}.{r}.g" for b in TARGETS for r in "ei"}
    mon = sc.DSRunner(net, monitors).run(STEPS * 0.1 * ms)
    assert len(net.deliveries.modules) <= 8
    for b, r in itertools.product(TARGETS, "ei"):
        expected = arrivals(events, facts, b, r)
        assert_allclose(mon[b + r].m, expected, rtol=1e-5 if precision == "float32" else 1e-12, atol=1e-5)
        assert expected.max() > 10
    for k, (*_, pre, post, _, _) in enumerate(facts):
        assert_array_equal(np.sort(np.stack(net.nodes()[f"p{k}"].synapses()), 1), np.sort([pre, post], 1))


def test_what_arrives_follows_what_is_set_and_removed():
    net, events, facts = network("currents", "AB")

    def check():
        net.reset_state()
        mon = sc.DSRunner(net, {"g": "X.e.g"}).run(STEPS * 0.1 * ms)
        assert_allclose(mon.g.m, arrivals(events, facts, "X", "e"), rtol=1e-12, atol=1e-12)

    check()
    net.p0.weight = np.linspace(1, 2, 30) * pA  # one for each synapse, where it was one for all
    facts[0] = (*facts[0][:3], *net.p0.synapses(), np.linspace(1, 2, 30), facts[0][-1])
    for k, steps in ((0, 3), (6, 0)):  # the two that reach e of X
        net.nodes()[f"p{k}"].delay = steps * 0.1 * ms
        facts[k] = (*facts[k][:-1], steps)
    check()
    for k in range(11, 2, -1):  # until each has a loop of its own again
        delattr(net, f"p{k}")
        del facts[k]
    check()
    assert [type(part).__name__ for part in net.deliveries.modules] == 3 * ["Projection"]


@pytest.mark.parametrize("batch_size", [pytest.param(None, marks=pytest.mark.slow), 2])
def test_short_term_plasticity_through_many_projections_is_that_of_each(batch_size):
    def g(which):
        cells = LIFRef(5, R=1 * GOhm, V_th=1e9 * mV, receptors={"e": Exponential(tau=3 * ms)})
        source = SpikeSource(40, times=np.arange(1, 121) * 0.1 * ms, indices=np.arange(120) % 40)
        parts = {}
        for number, k in enumerate(which):
            pre = np.arange(k, 35 + k, 3)
            rule = TsodyksMarkram(U=0.1 * (k + 1), tau_rec=50 * ms, tau_facil=20 * ms) if k % 3 else None
            parts[f"p{number}"] = Projection(
                source, cells, connect=(pre, pre % 5), weight=(k + 1) * pA, delay=0.1 * (k % 3) * ms, short_term=rule
            )
        net = sc.Network(source=source, cells=cells, **parts)
        net.init_state(batch_size)
        return sc.DSRunner(net, {"g": "cells.e.g"}).run(15 * ms).g.m

    together, each = g(range(6)), [g(range(3)), g(range(3, 6))]
    assert together.shape == (150, *([] if batch_size is None else [batch_size]), 5)
    assert_allclose(together, sum(each), rtol=1e-12)


@pytest.mark.slow
def test_gradients_through_many_projections_are_those_of_one_with_all_synapses():
    weights, pre = np.array([8.0, 11, 5, 9, 14, 7]), np.arange(6).repeat(4)
    post, mix = np.tile(np.arange(4), 6), np.random.default_rng(0).normal(size=(100, 4))

    def run(net):
        return sc.unroll(net, 10 * ms, inputs={"a": np.linspace(2, 8, 6) * mA}, dt=0.1 * ms)

    def cells():
        receptors = {"e": Exponential(tau=5 * ms)}
        return LIF(6, tau=10 * ms), LIF(4, tau=10 * ms, R=0.1 * GOhm, receptors=receptors)

    a, b = cells()
    one = run(sc.Network(a=a, b=b, p=Projection(a, b, connect=(pre, post), weight=weights[pre] * pA, delay=0.3 * ms)))
    c, d = cells()
    parts = {f"p{k}": Projection(c, d, connect=(pre[pre == k], post[pre == k]), weight=weights[k] * pA, delay=0.3 * ms)
             for k in range(6)}  # fmt: skip
    many = run(sc.Network(a=c, b=d, **parts))

    def loss(run, params):
        return jnp.sum(mix * run(params)[0]["b"])

    of_one = jax.grad(lambda w: loss(one, {"p.weight": w}))(jnp.asarray(weights)[pre])
    of_many = jax.grad(lambda w: loss(many, {f"p{k}.weight": w[k] for k in range(6)}))(jnp.asarray(weights))
    assert np.abs(of_many).min() > 1e-3
    assert_allclose(of_many, of_one.reshape(6, 4).sum(1), rtol=1e-8)


@pytest.mark.slow
def test_delays_and_weights_of_many_projections_are_axes_of_a_sweep():
    def make():
        cells = LIFRef(5, R=1 * GOhm, V_th=1e9 * mV, receptors={"e": Exponential(tau=3 * ms)})
        source = SpikeSource(40, times=np.arange(1, 121) * 0.1 * ms, indices=np.arange(120) % 40)
        parts = {f"p{k}": Projection(source, cells, connect=([3 * k], [k % 5]), weight=(k + 1) * pA, delay=0.5 * ms)
                 for k in range(6)}  # fmt: skip
        return sc.Network(source=source, cells=cells, **parts)

    over = {"p2.delay": [0.2, 0.9] * ms, "p5.weight": [3, 4, 5] * pA}
    result = sc.Sweep(make(), over, {"g": sc.measure.final("cells.e.g")}).run(8 * ms)
    for i, delay in enumerate(over["p2.delay"]):
        for j, weight in enumerate(over["p5.weight"]):
            net = make()
            net.p2.delay, net.p5.weight = delay, weight
            assert_array_equal(
                result["g"].values.m[i, j], sc.DSRunner(net, ["cells.e.g"]).run(8 * ms)["cells.e.g"].m[-1]
            )


@pytest.mark.slow
def test_a_run_through_many_projections_goes_on_from_a_snapshot(tmp_path):
    whole = sc.DSRunner(network("weights")[0], {"g": "Y.i.g"})
    expected = whole.run(6 * ms).g.m
    first = sc.DSRunner(network("weights")[0], {"g": "Y.i.g"})
    first.run(2.5 * ms)
    first.save(tmp_path / "snapshot")
    rest = sc.DSRunner.resume(tmp_path / "snapshot", network("weights")[0])
    assert_array_equal(rest.run(3.5 * ms).g.m, expected[25:])
