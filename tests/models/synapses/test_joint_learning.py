"""Plastic projections that learn in common loops, against each by itself."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DSRunner
from simcore.bases import JointDelivery
from simcore.models import STDP, DopamineSTDP, Exponential, LIFRef, PoissonGroup, Projection, TsodyksMarkram, VogelsSTDP
from simcore.models.synapses import joint_learning
from simcore.units import Hz, Mohm, ms, mV, pA

SIZES = (40, 70, 33, 5, 64)
DELAYS = (1.0, 0.0, 2.0, 1.0, 0.5)


def network(rule, spread=False, **more):
    """Return a network of five sources, each with a plastic projection to its part of two populations."""
    parts = {}
    for name in ("A", "B"):
        parts[name] = LIFRef(37, R=100 * Mohm, tau=10 * ms, V_th=5 * mV, tau_ref=2 * ms, spk_reset="hard",
                             receptors={"e": Exponential(tau=5 * ms)})  # fmt: skip
    sources = {f"s{k}": PoissonGroup(n, 60 * Hz) for k, n in enumerate(SIZES)}
    d = PoissonGroup(3, 50 * Hz)
    weight = sc.init.Uniform(20 * pA, 40 * pA)
    for k, (source, delay) in enumerate(zip(sources.values(), DELAYS, strict=True)):
        post = parts["AB"[k % 2]]
        delays = sc.init.Uniform(0.5 * ms, 3 * ms) if spread else delay * ms
        parts[f"p{k}"] = Projection(source, post[: 20 + k], connect=sc.models.FixedProbability(0.4), delay=delays,
                                    weight=weight, plasticity=rule(k, d), **more)  # fmt: skip
    return sc.Network(seed=1, d=d, **sources, **parts)


def separately(net, monkeypatch, runs):
    """Return the network after it has run with a loop for each projection."""
    with monkeypatch.context() as patch:
        patch.setattr(joint_learning, "FEW", 99)
        return [runs(net), net]


def watched(net):
    """Return a runner that records what most runs do, so that they share programs."""
    return DSRunner(net, ["p0.weight", "p4.weight", "A.spike_count"], dt=0.5 * ms, progress_bar=False)


def stdp(k, d, **kwargs):
    return STDP(w_max=(50 + k) * pA, A_plus=0.01 * (k + 1), tau_plus=(10 + k) * ms, **kwargs)


RULES = {
    "pairs": stdp,
    "centred": lambda k, d: stdp(k, d, pairs="presynaptic_centred"),
    "vogels": lambda k, d: VogelsSTDP(eta=(0.1 + k) * pA, w_max=60 * pA),
    "dopamine": lambda k, d: DopamineSTDP(modulator=d, w_max=50 * pA, tau_c=(100 + k) * ms, b=0.1 / ms),
}
CASES = [("centred", {}), ("vogels", {}), ("dopamine", {}), ("pairs", {"spread": True}), ("centred", {"spread": True})]
CASES = [("pairs", {}), *(pytest.param(*case, marks=pytest.mark.slow) for case in CASES)]


@pytest.mark.parametrize(("name", "options"), CASES, ids=str)
def test_common_loops_learn_what_each_projection_learns_by_itself(name, options, monkeypatch):
    def runs(net):
        return watched(net).run(100 * ms)

    def make():
        return network(RULES[name], **options)

    mon, alone = separately(make(), monkeypatch, runs)
    net = make()
    together = runs(net)
    assert [type(d).__name__ for d in net.deliveries] == ["JointLearning"]
    assert not any(isinstance(d, JointDelivery) for d in alone.deliveries)
    assert mon["A.spike_count"].sum() > 50
    assert_array_equal(together["A.spike_count"], mon["A.spike_count"])
    for path in ("p0.weight", "p4.weight"):
        # Sums of weights at a receptor may differ by a rounding error.
        assert_allclose(together[path].m_as("pA"), mon[path].m_as("pA"), rtol=1e-12)
        assert np.ptp(mon[path].m_as("pA")[:, 0]) > 0
    for path, state in alone.states().items():
        if state.raw.dtype.kind == "f":
            assert_allclose(net.states()[path].raw, state.raw, rtol=1e-9, atol=1e-12, err_msg=path)


@pytest.mark.slow
def test_short_term_plasticity_goes_together_with_common_loops(monkeypatch):
    def make():
        net = network(stdp)
        return sc.Network(seed=1, **{k: part for k, part in net.children().items() if k[0] != "p"}, **{
            f"p{k}": Projection(net.children()[f"s{k}"], net.A, connect=sc.models.FixedProbability(0.4), weight=30 * pA,
                                short_term=TsodyksMarkram(U=0.1 + 0.1 * k), plasticity=stdp(k, None))
            for k in range(5)})  # fmt: skip

    def runs(net):
        return DSRunner(net, ["A.spike_count"], dt=0.5 * ms, progress_bar=False).run(50 * ms)

    mon, _ = separately(make(), monkeypatch, runs)
    assert_array_equal(runs(make())["A.spike_count"], mon["A.spike_count"])


@pytest.mark.slow
def test_runs_in_parts_and_saved_ones_go_on_to_the_bit(tmp_path):
    whole, parts = network(stdp), network(stdp)
    DSRunner(whole, dt=0.5 * ms, progress_bar=False).run(60 * ms)
    runner = DSRunner(parts, dt=0.5 * ms, progress_bar=False)
    runner.run(23 * ms)
    parts.save_states(tmp_path / "net.npz")
    parts.p1.weight.value = 7 * pA
    parts.load_states(tmp_path / "net.npz")
    runner.run(37 * ms)
    for path, state in whole.states().items():
        assert_array_equal(parts.states()[path].raw, state.raw, err_msg=path)


def test_a_weight_that_is_set_between_runs_counts():
    net = network(stdp)
    runner = watched(net)
    runner.run(10 * ms)
    net.p1.weight.value = 0 * pA
    net.p1.learning = False
    runner.run(10 * ms)
    assert not net.p1.weight.value.magnitude.any()
    assert net.p2.weight.value.magnitude.any()


@pytest.mark.slow
def test_a_batch_and_a_sweep_learn_as_one_network_each():
    net = network(stdp)
    net.reset_state(batch_size=2)
    DSRunner(net, dt=0.5 * ms, progress_bar=False).run(30 * ms)
    sweep = sc.Sweep(network(stdp), over={"p1.plasticity.A_plus": [0.0, 0.02]}, dt=0.5 * ms,
                     measure={"w": sc.measure.final("p1.weight")})  # fmt: skip
    w = sweep.run(30 * ms)["w"].values.m_as("pA")
    one = network(stdp)
    DSRunner(one, dt=0.5 * ms, progress_bar=False).run(30 * ms)
    assert_allclose(w[1], one.p1.weight.value.m_as("pA"), rtol=1e-12)
    assert (w[0] < w[1]).any()
    assert net.p1.weight.value.shape == (2, net.p1.n_synapses)
