"""Projections: what arrives where and when, against dense matrices written out by hand.

Receptors whose current decays in 1e30 ms do not decay: with whole numbers as weights, sums are exact in any order, and
compared with ==. A step is 0.1 ms.
"""

import functools
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array

import simcore as sc
from simcore.models import (
    LIF,
    AllToAll,
    Exponential,
    FixedProbability,
    Matrix,
    OneToOne,
    Pairs,
    Projection,
    SpikeSource,
)
from simcore.surrogate import fire
from simcore.units import Mohm, mA, ms, mV, nS, pA

DT = 0.1


def source(spikes):
    """Return a source of the spikes (T, *shape): those of row k are found at the end of step k.

    Others come long after a run, so that sources of different spikes share programs.
    """
    steps, neurons = np.nonzero(spikes.reshape(len(spikes), -1))
    more = -len(steps) % 256
    times = np.concatenate([(steps + 1) * DT, 1e9 + np.arange(more)])
    return SpikeSource(spikes.shape[1:], times * ms, np.concatenate([neurons, np.zeros(more, int)]))


def target(size, tau=1e30, **receptors):
    """Return neurons whose receptor "syn" is a current that decays in tau (ms)."""
    return LIF(size, receptors={"syn": Exponential(tau=tau * ms)} | receptors)


def run(steps=30, monitor="post.syn.g", **parts):
    """Return what the receptor of a network holds after each step, (T, n_post), pA."""
    net = sc.Network(**parts)
    return sc.DSRunner(net, monitors=[monitor], dt=DT * ms).run(steps * DT * ms)[monitor].m_as("pA")


def held(spikes, steps, pre, post, weight, delay, n_post, tau=np.inf):
    """Return what the receptors hold after each step, by the closed form: (T, n_post).

    Args:
        spikes: (T0, n_pre).
        steps: T.
        pre, post: the neurons of each synapse.
        weight: of each synapse, or one.
        delay: in steps, of each synapse, or one.
        n_post: how many there are.
        tau: of the decay, ms.
    """
    g = np.zeros((steps, n_post))
    n = len(pre)
    for i, j, w, d in zip(pre, post, np.broadcast_to(weight, n), np.broadcast_to(delay, n), strict=True):
        for arrival in np.flatnonzero(spikes.reshape(len(spikes), -1)[:, i]) + d:
            after = np.arange(steps) - arrival
            g[:, j] += w * np.where(after >= 0, np.exp(-np.maximum(after, 0) * DT / tau), 0)
    return g


def some_spikes(seed, shape, steps=10, p=0.2):
    return np.random.default_rng(seed).random((steps, *np.atleast_1d(shape))) < p


# ------------------------------------------------------------------ which synapses, from views


VIEWS = {
    (7,): [np.s_[:], np.s_[2:5], np.s_[::-1], [5, 0, 3], np.arange(7) % 2 == 1, 4],
    (2, 3): [np.s_[:], np.s_[1], np.s_[:, 1:], ([1, 0], [2, 0]), np.array([[True, False, True], [False, True, True]])],
}
SIDE = st.sampled_from(list(VIEWS)).flatmap(lambda s: st.tuples(st.just(s), st.sampled_from(range(len(VIEWS[s])))))


def view_of(population, side):
    """Return a view of a population and the numbers of its members, in its order."""
    shape, k = side
    chosen = VIEWS[shape][k]
    return population[chosen], np.ravel(np.arange(np.prod(shape)).reshape(shape)[chosen])


@settings(max_examples=settings.default.max_examples // 25, deadline=None)  # each is compiled
@given(
    pre=SIDE,
    post=SIDE,
    n=st.sampled_from([0, 1, 20]),
    of_each=st.tuples(st.booleans(), st.booleans()),
    tau=st.sampled_from([1e30, 3.0]),
    seed=st.integers(0, 999),
)
def test_what_arrives_is_the_dense_sum(pre, post, n, of_each, tau, seed):
    rng = np.random.default_rng(seed)
    spikes = some_spikes(seed, pre[0])
    a, b = source(spikes), target(post[0], tau)
    (pre_view, pre_ids), (post_view, post_ids) = view_of(a, pre), view_of(b, post)
    i, j = rng.integers(0, pre_ids.size, n), rng.integers(0, post_ids.size, n)  # in any order, some of them twice
    weight = rng.integers(1, 9, n if of_each[0] else ())
    delay = rng.integers(0, 12, n if of_each[1] else ())
    p = Projection(pre_view, post_view, connect=Pairs(i, j), weight=weight * pA, delay=delay * DT * ms)
    g = run(pre=a, post=b, p=p)
    n_post = int(np.prod(post[0]))
    expected = held(spikes, 30, pre_ids[i], post_ids[j], weight, delay, n_post, tau if tau < 1e30 else np.inf)
    assert g.shape == (30, *post[0])
    if tau < 1e30:  # 30 steps of rounding
        assert_allclose(g.reshape(30, -1), expected, rtol=1e-12)
    else:
        assert_array_equal(g.reshape(30, -1), expected)


RULES = [AllToAll(), FixedProbability(0.4), OneToOne()]


# In three networks each rule comes with each delay, and with one weight and one of each, as does each delay; what they
# leave is for the long run.
@pytest.mark.parametrize("other_weights", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("turn", [0, 1, 2])
def test_rules_reach_the_neurons_that_synapses_names(turn, other_weights):
    spikes = some_spikes(1, 40)
    parts, expected = {"pre": source(spikes)}, {}
    for k, connect in enumerate(RULES):
        ends = parts["pre"], target(40)
        n = Projection(*ends, connect=connect, weight=1 * pA, seed=3).n_synapses
        kind = (k + turn) % 3
        w = np.arange(n) % 7 + 1 if (k + kind + other_weights) % 2 else 3
        d = [0, 4, np.arange(n) % 5][kind]
        p = Projection(*ends, connect=connect, weight=w * pA, delay=d * DT * ms, seed=3)
        pre, post = p.synapses()
        assert len(pre) == n
        parts |= {f"post{k}": ends[1], f"p{k}": p}
        expected[f"post{k}.syn.g"] = held(spikes, 30, pre, post, w, d, 40)
    mon = sc.DSRunner(sc.Network(**parts), monitors=[*expected], dt=DT * ms).run(30 * DT * ms)
    for name, g in expected.items():
        assert_array_equal(mon[name].m_as("pA"), g)


def test_the_same_seed_draws_the_same_synapses():
    a, b = source(some_spikes(0, 50)), target(60)
    first, again, other = (
        Projection(a, b, connect=FixedProbability(0.2), weight=1 * pA, seed=s).synapses() for s in (1, 1, 2)
    )
    assert_array_equal(first, again)
    assert first[0].shape != other[0].shape or (first[1] != other[1]).any()


def test_what_cannot_be_met_is_refused():
    a, b = source(some_spikes(0, 5)), target(4)
    with pytest.raises(ValueError, match="'weight' has the shape"):
        Projection(a, b, connect=Pairs([0, 1], [0, 1]), weight=[1, 2, 3] * pA)
    with pytest.raises(ValueError, match="beyond the 4 neurons there"):
        Projection(a, b, connect=Pairs([0], [4]), weight=1 * pA)
    with pytest.raises(ValueError, match="'delay' must be >= 0, got -1 ms"):
        Projection(a, b, connect=AllToAll(), weight=1 * pA, delay=-1 * ms)
    p = Projection(a, b, connect=Pairs([0, 1], [0, 1]), weight=1 * pA, delay=[1, 2, 3] * ms, name="p")
    with pytest.raises(ValueError, match=r"p: 'delay' has the shape \(3,\); a scalar or \(2,\) fits"):
        run(pre=a, post=b, p=p)
    with pytest.raises(TypeError, match="'pre' must be a population or a view of one"):
        Projection(3, b, connect=AllToAll(), weight=1 * pA)
    with pytest.raises(TypeError, match="'connect' needs a connection rule"):
        Projection(a, b, connect=0.5, weight=1 * pA)


# ------------------------------------------------------------------ when


# In these four, each projection stands before and after each of its ends and the other; 20 are for the long run.
FOUR = ["pre post p q", "q p post pre", "pre q p post", "post p q pre"]
ORDERS = [
    pytest.param(order, id="-".join(order), marks=() if " ".join(order) in FOUR else pytest.mark.slow)
    for order in itertools.permutations(["pre", "post", "p", "q"])
]


@pytest.mark.parametrize("order", ORDERS)
def test_a_spike_acts_at_its_time_plus_the_delay_in_every_order_of_declaration(order):
    spikes = np.zeros((3, 4), bool)
    spikes[0, 0] = spikes[0, 1] = spikes[2, 2] = spikes[2, 3] = True
    a, b = source(spikes), target(4)
    delays = np.array([0, 1, 2, 15])
    p = Projection(a, b, connect=OneToOne(), weight=1 * pA, delay=15 * DT * ms)
    q = Projection(a, b, connect=OneToOne(), weight=10 * pA, delay=delays * DT * ms)
    parts = {"pre": a, "post": b, "p": p, "q": q}
    g = run(**{name: parts[name] for name in order})
    neurons = np.arange(4)
    expected = held(spikes, 30, neurons, neurons, 10, delays, 4) + held(spikes, 30, neurons, neurons, 1, 15, 4)
    assert_array_equal(g, expected)


@pytest.mark.parametrize(
    ("d", "precision"),
    [*(pytest.param(d, "float64", marks=pytest.mark.slow) for d in (0, 1, 2, 15)), (15, "float32")],
    indirect=["precision"],
)
def test_one_delay_and_as_many_equal_ones_are_the_same(d, precision):
    spikes = some_spikes(2, 40, steps=25)
    i, j = np.random.default_rng(0).integers(0, 40, (2, 100))
    both = []
    for delay in (d, np.full(100, d)):
        a, b = source(spikes), target(40)
        both.append(run(pre=a, post=b, p=Projection(a, b, connect=(i, j), weight=2 * pA, delay=delay * DT * ms)))
    assert_array_equal(both[0], held(spikes, 30, i, j, 2, d, 40))
    assert_array_equal(both[1], both[0])


def test_a_spike_of_a_neuron_acts_after_its_delay_too():
    # The relay crosses its threshold in the very first step: 100 mA, 1 ohm, exp(-0.02) of 5 ms.
    relay, b = LIF(1, tau=5 * ms), target(1)
    p = Projection(relay, b, connect=AllToAll(), weight=1 * pA, delay=0.5 * ms)
    net = sc.Network(post=b, p=p, relay=relay)
    mon = sc.DSRunner(net, ["post.syn.g", "relay.spike_events"], dt=DT * ms).run(1 * ms, inputs={"relay": 100 * mA})
    assert_allclose(mon["relay.spike_events"].times.m_as("ms")[0], 0.1)
    assert_allclose(mon.ts.m_as("ms")[np.flatnonzero(mon["post.syn.g"].magnitude)[0]], 0.6)


def test_many_projections_meet_on_one_receptor():
    spikes = some_spikes(3, 20)
    a, b, rng, expected, parts = source(spikes), target(5), np.random.default_rng(1), 0, {}
    for k, d in enumerate([0, 0, 3, np.arange(15) % 4, np.arange(15) % 9, 15]):
        i, j = rng.integers(0, 20, 15), rng.integers(0, 5, 15)
        parts[f"p{k}"] = Projection(a, b, connect=Pairs(i, j), weight=(k + 1) * pA, delay=d * DT * ms)
        expected = expected + held(spikes, 30, i, j, k + 1, d, 5)
    assert_array_equal(run(pre=a, post=b, **parts), expected)


def test_given_delays_are_rounded_with_one_warning():
    spikes = np.ones((1, 3), bool)
    a, b = source(spikes), target(3)
    p = Projection(a, b, connect=OneToOne(), weight=1 * pA, delay=[0.1, 0.24, 0.36] * ms, name="p")
    runner = sc.DSRunner(sc.Network(pre=a, post=b, p=p), ["post.syn.g"], dt=DT * ms)
    with pytest.warns(UserWarning, match="p: delays that are not whole steps of dt = 0.1 ms are rounded") as caught:
        g = [runner.run(0.3 * ms)["post.syn.g"].m_as("pA") for _ in range(3)]
    assert len([w for w in caught if w.category is UserWarning]) == 1
    assert_array_equal(np.concatenate(g), held(spikes, 9, range(3), range(3), 1, [1, 2, 4], 3))


def test_one_delay_is_rounded_with_a_warning_that_names_what_is_used():
    a, b = source(np.ones((1, 3), bool)), target(3)
    p = Projection(a, b, connect=OneToOne(), weight=1 * pA, delay=0.24 * ms, name="p")
    with pytest.warns(UserWarning, match="p: 'delay' = 0.24 ms is not a whole number of steps .*; 0.2 ms is used"):
        g = run(pre=a, post=b, p=p)
    assert_array_equal(np.flatnonzero(g[:, 0])[0], 2)


def test_drawn_delays_are_at_least_a_step_and_right_in_the_mean():
    n, spikes = 4000, np.ones((1, 4000), bool)
    a, b = source(spikes), target(n)
    delay = sc.init.Normal(1.5 * ms, 0.75 * ms, seed=4)
    g = run(80, pre=a, post=b, p=Projection(a, b, connect=OneToOne(), weight=1 * pA, delay=delay))
    steps = np.argmax(g > 0, axis=0)
    assert steps.min() == 1
    # Normal, redrawn below half a step: mean + std pdf(z) / (1 - cdf(z)), z = (0.05 - 1.5) / 0.75 = -1.9333, which is
    # 1.5 + 0.75 * 0.06155 / 0.97340; four standard errors of about 0.7 ms / sqrt(n).
    assert_allclose(steps.mean() * DT, 1.5474, atol=4 * 0.7 / np.sqrt(n))
    a, b = source(spikes), target(n)
    again = run(80, pre=a, post=b, p=Projection(a, b, connect=OneToOne(), weight=1 * pA, delay=delay))
    assert_array_equal(g, again)


def test_delays_hardly_ever_as_long_as_a_step_are_refused():
    a, b = source(np.ones((1, 3), bool)), target(3)
    delay = sc.init.Normal(-5 * ms, 0.1 * ms, seed=4)
    with pytest.raises(ValueError, match=r"p: 'delay' .* is hardly ever as long as dt = 0.1 ms"):
        run(pre=a, post=b, p=Projection(a, b, connect=OneToOne(), weight=1 * pA, delay=delay, name="p"))


# ------------------------------------------------------------------ weights


@pytest.mark.parametrize("delay", [0 * ms, [0, 0, 0, 0.1] * ms], ids=["none", "of each"])
def test_weights_and_delays_of_pairs_come_in_the_order_of_the_pairs(delay):
    spikes = np.ones((1, 4), bool)
    pre, post, weight = [3, 0, 2, 0], [1, 2, 0, 0], [1, 20, 300, 4000]
    a, b = source(spikes), target(3)
    g = run(2, pre=a, post=b, p=Projection(a, b, connect=Pairs(pre, post), weight=weight * pA, delay=delay))
    assert_array_equal(g[1], [4300, 1, 20])
    assert_array_equal(g[0], [4300, 1, 20] if np.ndim(delay.magnitude) == 0 else [300, 1, 20])


def test_a_matrix_of_weights_has_the_order_of_the_views():
    spikes = np.eye(4, dtype=bool)
    a, b = source(spikes), target(5)
    weight = np.arange(1, 7).reshape(3, 2)
    p = Projection(a[[2, 0, 3]], b[[4, 1]], connect=AllToAll(), weight=weight * pA)
    arrived = np.diff(run(4, pre=a, post=b, p=p), axis=0, prepend=0)  # in step i, from neuron i
    expected = np.zeros((4, 5))
    expected[np.ix_([2, 0, 3], [4, 1])] = weight
    assert_array_equal(arrived, expected)


def test_a_matrix_of_connections_takes_its_values_as_weights():
    rng = np.random.default_rng(0)
    m, spikes = rng.integers(0, 3, (6, 5)), some_spikes(5, 6)
    a, b = source(spikes), target(5)
    pre, post = np.nonzero(m)
    expected = held(spikes, 30, pre, post, m[pre, post], 0, 5)
    for weight in (m[m != 0], m):
        p = Projection(a, b, connect=Matrix(m), weight=weight * pA)
        assert_array_equal(run(pre=a, post=b, p=p), expected)
        a, b = source(spikes), target(5)


def test_values_of_a_matrix_that_nothing_would_use_are_refused():
    a, b = source(some_spikes(0, 3)), target(3)
    for m in (3.5 * np.eye(3), -np.eye(3), csr_array(2 * np.eye(3))):
        for weight in (1 * pA, sc.init.Constant(1 * pA)):
            with pytest.raises(
                ValueError, match=r"Matrix: 'm' must be 0 or 1 .* weight=m \* nS; if not, write connect=m"
            ):
                Projection(a, b, connect=m, weight=weight)
        assert Projection(a, b, connect=m, weight=[2, 3, 4] * pA).n_synapses == 3
    for m in (np.eye(3), np.eye(3, dtype=bool), csr_array(np.eye(3, dtype=int))):
        assert Projection(a, b, connect=m, weight=1 * pA).n_synapses == 3


def test_an_input_for_a_projection_is_refused_in_any_unit():
    a, b = source(some_spikes(0, 3)), target(3)
    net = sc.Network(a=a, b=b, exc=Projection(a, b, connect=AllToAll(), weight=1 * pA))
    for current in (100 * pA, 3 * mV, 1.0):
        with pytest.raises(TypeError, match=r"exc takes no input: .* a current is given to a population of neurons"):
            sc.DSRunner(net).run(1 * ms, inputs={"exc": current})


def conducting(weight, plasticity=None):
    a, b = source(some_spikes(0, 3)), LIF(3, receptors={"inh": Exponential(reversal=-80 * mV)})
    p = Projection(a, b, "inh", connect=AllToAll(), weight=weight, plasticity=plasticity, name="I2E")
    return sc.Network(a=a, b=b, p=p)


@pytest.mark.parametrize(
    "weight", [-5 * nS, [1.0, -5, 1] * 3 * nS, sc.init.Constant(-5 * nS), np.diag([1.0, -5, 1]) * nS]
)
def test_a_negative_conductance_is_refused_wherever_it_is_given(weight):
    text = r"must be >= 0, got -5 nS: 'inh' is a conductance, .* reversal potential \(-80.0 mV\); a sign"
    with pytest.raises(ValueError, match="I2E: 'weight' " + text):
        conducting(weight)
    with pytest.raises(ValueError, match=text):
        conducting(weight, sc.models.STDP(w_max=9 * nS))
    net = conducting(1 * nS)
    with pytest.raises(ValueError, match=text):
        net.p.weight = weight
    with pytest.raises(ValueError, match="'weight' " + text):
        sc.models.PoissonInput(net.b, "inh", n=1, rate=1 * sc.units.Hz, weight=-5 * nS)
    with pytest.raises(ValueError, match=r"Sweep, axis 'p.weight': 'p.weight' " + text):
        sc.Sweep(net, {"p.weight": [1, -5] * nS}, {"n": sc.measure.spike_count("b")})
    saved = net.state_dict()
    with pytest.raises(ValueError, match=text):
        net.load_state_dict(saved | {"p.weight": -5 * nS})
    assert_array_equal(net.p.weight.m_as("nS"), 1)


def test_a_negative_plastic_weight_is_refused_when_it_is_set_loaded_or_swept():
    net = conducting(1 * nS, sc.models.STDP(w_max=9 * nS))
    saved = net.state_dict()
    with pytest.raises(ValueError, match=r"'weight' must be >= 0, got -2.5 nS"):
        net.p.weight.value = -2.5 * nS
    with pytest.raises(ValueError, match=r"'p.weight' must be >= 0, got -2.5 nS"):
        net.load_state_dict(saved | {"p.weight": np.full(9, -2.5) * nS})
    with pytest.raises(ValueError, match=r"'weight' must be >= 0, got -2.5 nS"):
        sc.Sweep(net, {"p.weight": [1, -2.5] * nS}, {"n": sc.measure.spike_count("b")}).run(1 * ms)
    assert_array_equal(net.p.weight.value.m_as("nS"), 1)


def test_currents_and_jumps_may_be_negative():
    a, b = source(some_spikes(0, 3)), target(3, d=sc.models.Delta())
    for receptor, weight in (("syn", -2 * pA), ("d", [-1, 0, 1] * mV), ("syn", sc.init.Constant(-1 * pA))):
        p = Projection(a, b, receptor, connect=sc.models.OneToOne(), weight=weight)
        assert p.weight.magnitude.min() < 0


def test_weights_are_drawn_by_an_initializer():
    a, b = source(some_spikes(0, 200)), target(200)
    p = Projection(a, b, connect=AllToAll(), weight=sc.init.Normal(5 * pA, 1 * pA, seed=3))
    drawn = p.weight.m_as("pA")
    assert drawn.shape == (40_000,)
    # Four standard errors, 1 / sqrt(n) and 1 / sqrt(2 n).
    assert_allclose((drawn.mean(), drawn.std()), (5, 1), atol=0.02)


def test_weights_are_checked_by_name_and_converted():
    a, b = source(some_spikes(0, 3)), target(4, inh=Exponential(reversal=-80 * mV))
    for weight in (1 * pA, 1.0, np.ones(12), 0, sc.init.Constant(2.0), sc.init.Constant(2 * mV), None):
        with pytest.raises((sc.DimensionalityError, TypeError), match="'weight' needs a quantity in nS"):
            Projection(a, b, "inh", connect=AllToAll(), weight=weight)
    with pytest.raises(sc.DimensionalityError, match="E2I: 'weight' needs a quantity in pA, got 1 nS"):
        Projection(a, b, "syn", connect=AllToAll(), weight=1 * nS, name="E2I")
    assert_allclose(Projection(a, b, "inh", connect=AllToAll(), weight="2000 pS").weight.m_as("nS"), 2)


def test_weights_can_be_set_again():
    spikes = some_spikes(6, 4, p=0.5)
    i, j = np.array([3, 0, 2, 0]), np.array([1, 2, 0, 0])
    a, b = source(spikes), target(3)
    p = Projection(a, b, connect=Pairs(i, j), weight=1 * pA)
    net = sc.Network(pre=a, post=b, p=p)
    runner = sc.DSRunner(net, ["post.syn.g"], dt=DT * ms)
    pre, post = p.synapses()
    for weight in (1, 5, np.array([1, 2, 3, 4])):  # of each synapse as `synapses` names them
        p.weight = weight * pA
        runner.reset_state()
        assert_array_equal(runner.run(3 * ms)["post.syn.g"].m_as("pA"), held(spikes, 30, pre, post, weight, 0, 3))
    with pytest.raises(sc.DimensionalityError, match="'weight' needs a quantity in pA"):
        p.weight = 3 * nS
    assert_array_equal(p.weight.m_as("pA"), [1, 2, 3, 4])


def test_weights_that_are_read_can_be_written_back():
    a, b = source(some_spikes(6, 4)), target(3)
    p = Projection(a, b, connect=Pairs([3, 0, 2, 0], [1, 2, 0, 0]), weight=[1, 20, 300, 4000] * pA)
    by_pair = dict(zip(zip(*(x.tolist() for x in p.synapses()), strict=True), p.weight.m_as("pA"), strict=True))
    assert by_pair == {(3, 1): 1, (0, 2): 20, (2, 0): 300, (0, 0): 4000}
    net, before = sc.Network(pre=a, post=b, p=p), np.asarray(p.weight.m_as("pA"))
    p.weight = p.weight
    assert_array_equal(p.weight.m_as("pA"), before)
    net.load_state_dict(net.state_dict())
    assert_array_equal(p.weight.m_as("pA"), before)
    net.load_float_params(net.float_params())
    assert_array_equal(p.weight.m_as("pA"), before)


# ------------------------------------------------------------------ memory


def bytes_held(*modules):
    """Return the bytes of all arrays that modules hold themselves: connections, addresses, weights, delays."""
    found = {}

    def visit(value):
        if isinstance(value, np.ndarray | jax.Array):
            base = value.base if isinstance(value, np.ndarray) and value.base is not None else value
            found[id(base)] = base.nbytes
        elif isinstance(value, dict | list | tuple):
            for item in value.values() if isinstance(value, dict) else value:
                visit(item)
        elif hasattr(value, "magnitude"):
            visit(value.magnitude)

    for module in modules:
        visit({k: v for k, v in vars(module).items() if not isinstance(v, sc.Module | sc.State)})
    return sum(found.values())


@pytest.mark.parametrize("precision", ["float32"], indirect=True)
@pytest.mark.parametrize(("of_each", "limit"), [(False, 9), (True, 14)])
def test_a_synapse_takes_few_bytes(of_each, limit, precision):
    a, b = source(some_spikes(0, 1000)), target(1000)
    weight = sc.init.Normal(5 * pA, 1 * pA, seed=0) if of_each else 1 * pA
    delay = sc.init.Uniform(1 * ms, 2 * ms, seed=0) if of_each else 1 * ms
    p = Projection(a, b, connect=FixedProbability(0.2), weight=weight, delay=delay)
    net = sc.Network(pre=a, post=b, p=p)
    sc.DSRunner(net, ["post.syn.g"], dt=DT * ms).run(1 * ms)
    assert bytes_held(net, *net.deliveries) <= limit * p.n_synapses


def test_what_does_not_fit_in_memory_is_refused_before_it_is_drawn():
    a, b = SpikeSource(10**7, [1] * ms, [0]), LIF(10**7, receptors={"syn": Exponential()})
    with pytest.raises(MemoryError, match=r"p: 1e\+14 synapses of 8 bytes would take"):
        Projection(a, b, connect=AllToAll(), weight=1 * pA, name="p")


# ------------------------------------------------------------------ batches, gradients


def relay_net(delay, weight, connect=None, method="exp_euler"):
    """Return 6 neurons that drive 4 others through 24 synapses, row by row."""
    a = LIF(6, tau=10 * ms)
    b = LIF(4, tau=10 * ms, R=100 * Mohm, receptors={"syn": Exponential(tau=5 * ms)})
    pairs = Pairs(np.repeat(np.arange(6), 4), np.tile(np.arange(4), 6))
    p = Projection(a, b, connect=connect or pairs, weight=weight * pA, delay=delay)
    return sc.Network(a=a, b=b, p=p)


DELAYS = {"none": 0 * ms, "one": 0.3 * ms, "of each": np.arange(24) % 4 * DT * ms}
STEPS = {"none": 0, "one": 3, "of each": np.arange(24) % 4}
SOME_DELAYS = [*(pytest.param(d, marks=pytest.mark.slow) for d in ("none", "one")), "of each"]


@pytest.mark.parametrize("delay", SOME_DELAYS)
def test_a_batch_is_as_many_runs(delay):
    weight = np.random.default_rng(0).uniform(2, 20, 24)
    drive = np.random.default_rng(1).uniform(1.1, 3, (3, 6))

    def trace(inputs, batch_size=None):
        net = relay_net(DELAYS[delay], weight)
        net.init_state(batch_size)
        runner = sc.DSRunner(net, ["b.V", "b.spike", "b.syn.g"], dt=DT * ms)
        mon = runner.run(20 * ms, inputs={"a": inputs * mA})
        return mon["b.spike"], mon["b.V"].m_as("mV"), mon["b.syn.g"].m_as("pA")

    together = trace(drive, 3)
    assert together[0].shape == (200, 3, 4)
    for k in range(3):
        spike, V, g = trace(drive[k])
        assert spike.sum() > 5
        assert_array_equal(together[0][:, k], spike)
        # The same sums in another order.
        assert_allclose(together[1][:, k], V, rtol=1e-10, atol=1e-12)
        assert_allclose(together[2][:, k], g, rtol=1e-10, atol=1e-12)


def by_dense_loop(weight, drive, delay, steps=100):
    """Return the spikes (T, 4) of `relay_net` in plain JAX: dense weights, and a row of arrivals for each step."""
    spike = functools.partial(fire, LIF.spk_fun, threshold=1.0, scale=1.0)
    pre, post, leak = np.arange(24) // 4, np.arange(24) % 4, -jnp.expm1(-DT / 10)
    # V of a current that decays with 5 ms, exactly: (1 / 10) times the integral of exp(-(dt - s) / 10) exp(-s / 5).
    share = jnp.exp(-DT / 10) - jnp.exp(-DT / 5)
    ahead = np.broadcast_to(delay, 24)

    def step(states, _):
        Va, Vb, g, arriving = states
        Va, Vb = Va - spike(Va), Vb - spike(Vb)
        Va, Vb, g = Va + leak * (drive - Va), Vb - leak * Vb + share * 0.1 * g, g * jnp.exp(-DT / 5)
        arriving = arriving.at[ahead, post].add(weight * spike(Va)[pre])
        g, arriving = g + arriving[0], jnp.roll(arriving, -1, 0).at[-1].set(0)
        return (Va, Vb, g, arriving), spike(Vb)

    start = jnp.zeros(6), jnp.zeros(4), jnp.zeros(4), jnp.zeros((4, 4))
    return jax.lax.scan(step, start, length=steps)[1]


@pytest.mark.parametrize(
    "delay", [*(pytest.param(d, marks=pytest.mark.slow) for d in ("none", "one", "dense")), "of each"]
)
def test_gradients_through_a_projection_are_those_of_a_dense_loop(delay):
    rng = np.random.default_rng(0)
    weight, drive, mix = rng.uniform(5, 30, 24), np.linspace(2, 8, 6), rng.normal(size=(100, 4))
    dense = delay == "dense"
    net = relay_net(DELAYS["none" if dense else delay], weight, AllToAll() if dense else None)
    run = sc.unroll(net, 10 * ms, inputs={"a": drive * mA}, dt=DT * ms)
    steps = STEPS["none" if dense else delay]

    @jax.jit
    def mine(weight, R):
        return run({"p.weight": weight, "a.R": R})[0]["b"]

    @jax.jit
    def theirs(weight, R):
        return by_dense_loop(weight, drive * R, steps)

    at = jnp.asarray(weight), jnp.asarray(1.0)
    assert theirs(*at).sum() > 5
    assert_array_equal(mine(*at), theirs(*at))
    slopes = [jax.jit(jax.grad(lambda w, R, f=f: jnp.sum(mix * f(w, R)), (0, 1)))(*at) for f in (mine, theirs)]
    for a, b in zip(*slopes, strict=True):
        assert np.abs(b).max() > 0.01
        assert_allclose(a, b, rtol=1e-8, atol=1e-10)  # 100 steps of rounding


@pytest.mark.parametrize("delay", SOME_DELAYS)
def test_vmap_over_weights_is_a_loop(delay):
    weights = jnp.asarray(np.random.default_rng(0).uniform(5, 30, (3, 24)))
    net = relay_net(DELAYS[delay], weights[0])
    run = sc.unroll(net, 10 * ms, inputs={"a": np.linspace(2, 8, 6) * mA}, dt=DT * ms)
    spikes = jax.jit(jax.vmap(lambda w: run({"p.weight": w})[0]["b"]))(weights)
    one = jax.jit(lambda w: run({"p.weight": w})[0]["b"])
    assert spikes.sum() > 5
    assert_array_equal(spikes, jnp.stack([one(w) for w in weights]))


def test_float32_and_float64_agree():
    both = []
    try:
        for wide in (True, False):
            jax.config.update("jax_enable_x64", wide)
            net = relay_net(DELAYS["of each"], np.random.default_rng(0).uniform(2, 20, 24))
            runner = sc.DSRunner(net, ["b.V", "b.spike", "b.syn.g"], dt=DT * ms)
            mon = runner.run(10 * ms, inputs={"a": np.full(6, 2) * mA})
            both.append((mon["b.syn.g"].m_as("pA"), mon["b.spike"]))
    finally:
        jax.config.update("jax_enable_x64", True)
    assert both[1][0].dtype == np.float32
    assert_allclose(both[0][0], both[1][0], rtol=1e-4)  # 100 steps of rounding
    assert_array_equal(both[0][1], both[1][1])
