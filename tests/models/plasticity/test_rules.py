"""Rules of plasticity of one's own and those of simcore: what is declared, against closed forms, sums and NEST."""

import itertools
import json
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DSRunner
from simcore.models import (
    LIF,
    STDP,
    AllToAll,
    ClopathSTDP,
    Delta,
    DopamineSTDP,
    Exponential,
    OneToOne,
    Plasticity,
    PowerLawSTDP,
    PreTrace,
    Projection,
    SpikeSource,
    SynapseTrace,
    SynapticScaling,
)
from simcore.runners import loop
from simcore.units import Hz, mA, ms, mV, nS, pA

HERE = Path(__file__).parent
TRAINS = json.loads((HERE / "plasticity_reference.json").read_text())
NEST = json.loads((HERE / "nest_reference.json").read_text())
PRE, POST = (np.array(TRAINS[f"{side} (ms)"]) for side in ("pre", "post"))
DT = 0.1
pytestmark = pytest.mark.filterwarnings("ignore:.*less than two steps of dt")


def source(times):
    """Return a neuron that spikes at these times (ms), and long after the run, so that all share programs."""
    times = np.concatenate([times, 1e9 + np.arange(25 - len(times))])
    return SpikeSource(1, times * ms, np.zeros(25, int))


def paired(pre, post, rule, weight=4.0, delay=0.0, unit=pA, **more):
    """Return a network of one synapse (or of one for each delay), both sides of which spike at given times (ms)."""
    cells = LIF(1, V_th=10 * mV, spk_reset="hard", receptors={"command": Delta(), "w": Exponential()})
    a, command = source(pre), source(np.asarray(post) - DT)
    connect = AllToAll() if np.ndim(delay) == 0 else (np.zeros(len(delay), int), np.zeros(len(delay), int))
    p = Projection(a, cells, "w", connect=connect, weight=weight * unit, delay=np.asarray(delay) * ms, plasticity=rule)
    force = Projection(command, cells, "command", connect=OneToOne(), weight=1e4 * mV)
    return sc.Network(pre=a, command=command, post=cells, force=force, p=p, **more)


# What there is of these is recorded in most runs, asked for or not, so that they share programs.
SEEN = ["p.weight", "p.plasticity.x", "p.plasticity.c", "p.plasticity.n", "p.plasticity.visits", "post.w.g"]


def watched(net):
    """Return a runner of a network that records what is SEEN."""
    net.ensure_state()
    return DSRunner(net, monitors=[name for name in SEEN if name in net.states()], progress_bar=False)


def recorded(net, duration, *names):
    """Return what is recorded of the synapses, each (T, n), in the units of the kernel."""
    mon = watched(net).run(duration * ms)
    return [mon[name].magnitude for name in names]


def steps(times):
    """Return the rows of a record that belong to times (ms)."""
    return np.round(np.asarray(times) / DT).astype(int) - 1


# ---------------------------------------------------------------- NEST

PAIRS = {"A_plus": 0.03, "A_minus": 0.02, "tau_plus": 16.8 * ms, "tau_minus": 20 * ms}
LAW = NEST["power law"]["parameters"]
RULES = {
    **{scheme: (lambda s=scheme: STDP(**PAIRS, w_max=10 * pA, pairs=s), w) for scheme, w in NEST["pairs"].items()},
    "powers": (lambda: STDP(**PAIRS, w_max=10 * pA, **NEST["powers"]["parameters"]), NEST["powers"]["weight"]),
    "power law": (
        lambda: PowerLawSTDP(**PAIRS | {"A_minus": LAW["lambda"] * LAW["alpha"]}, mu=LAW["mu"], w_0=1 * pA),
        NEST["power law"]["weight"],
    ),
}


# Two schemes with delays of their own stand for others; test_plasticity.py has symmetric pairs with one delay.
LATER = [(True, "powers"), (True, "power law"), (True, "reduced_symmetric"), (False, "symmetric")]
CASES = [pytest.param(*case, marks=pytest.mark.slow if case in LATER else ())
         for case in itertools.product([False, True], RULES)]  # fmt: skip


@pytest.mark.parametrize(("own_delays", "name"), CASES)
def test_the_weights_are_those_of_nest(name, own_delays):
    make, expected = RULES[name]
    net = paired(PRE, POST, make(), delay=np.array([0.0, 3.0]) if own_delays else 0.0)
    (w,) = recorded(net, 600, "p.weight")
    # The file has 12 decimals; traces decay in 6000 factors.
    assert_allclose(w[steps(PRE), 0], expected, rtol=1e-11, atol=2e-12)


def rewarded(pre=PRE, post=POST, dopamine=NEST["dopamine"]["spikes (ms)"], **kwargs):
    """Return a network with dopamine, with the parameters of NEST's."""
    P, d = NEST["dopamine"]["parameters"], source(dopamine)
    taus = {"tau_plus": 16.8 * ms, "tau_minus": 20 * ms, "tau_c": P["tau_c"] * ms, "tau_n": P["tau_n"] * ms}
    rule = DopamineSTDP(modulator=d, w_max=10 * pA, A_plus=P["A_plus"] / 10, A_minus=P["A_minus"] / 10,
                        b=P["b"] / ms, **taus, **kwargs)  # fmt: skip
    return paired(pre, post, rule, d=d)


def test_dopamine_changes_the_weights_as_in_nest():
    (w,) = recorded(rewarded(), 600, "p.weight")
    assert_allclose(w[steps(PRE), 0], NEST["dopamine"]["weight"], rtol=1e-11, atol=2e-12)


# ---------------------------------------------------------------- dopamine


def test_weights_and_eligibility_can_be_seen_at_any_time():
    # The equations step by step, each step in closed form.
    P = NEST["dopamine"]["parameters"]
    w, c, n, x, y, expected = 4.0, 0.0, 0.0, 0.0, 0.0, []
    tau_plus, tau_minus, tau_c, tau_n = 16.8, 20.0, P["tau_c"], P["tau_n"]
    events = [set(steps(times)) for times in (PRE, POST, NEST["dopamine"]["spikes (ms)"])]
    k = 1 / tau_c + 1 / tau_n
    for step in range(3000):
        w += 10 * c * (n * (1 - np.exp(-DT * k)) / k - P["b"] * tau_c * (1 - np.exp(-DT / tau_c)))
        c, n = c * np.exp(-DT / tau_c), n * np.exp(-DT / tau_n)
        x, y = x * np.exp(-DT / tau_plus), y * np.exp(-DT / tau_minus)
        pre, post, dopamine = (step in s for s in events)
        c += P["A_plus"] / 10 * x * post - P["A_minus"] / 10 * y * pre
        x, y, n = x + pre, y + post, n + dopamine / tau_n
        expected.append((w, c, n))
    net = rewarded()
    seen = recorded(net, 300, "p.weight", "p.plasticity.c", "p.plasticity.n")
    w, c, n = np.array(expected).T
    for value, right in zip(seen, (w, c, n), strict=True):
        assert_allclose(value.reshape(3000, -1)[:, 0], right, rtol=1e-10, atol=1e-13)
    # On the host too, which looks at the end of the run, when the last spike is long over.
    assert net.p.weight.value.m_as("pA")[0] == pytest.approx(w[-1], rel=1e-11)
    assert net.p.plasticity.c.value.magnitude[0] == pytest.approx(c[-1], rel=1e-11)


def test_a_look_at_the_weights_changes_nothing():
    once, looked = rewarded(), rewarded()
    runner, other = DSRunner(once), watched(looked)
    runner.run(300 * ms)
    for _ in range(3):
        other.run(100 * ms)
        looked.p.weight.value  # noqa: B018
    for path, state in once.states().items():
        assert_array_equal(state.raw, looked.states()[path].raw, err_msg=path)


def test_a_weight_that_is_set_goes_on_from_there():
    net, runner = (n := rewarded()), DSRunner(n)
    runner.run(210 * ms)
    before = net.p.plasticity.c.value.magnitude[0]
    net.p.weight.value = 7 * pA
    assert net.p.weight.value.m_as("pA")[0] == 7
    assert net.p.plasticity.c.value.magnitude[0] == pytest.approx(before, rel=1e-12)
    other, unset = rewarded(), DSRunner(rewarded())
    unset.run(210 * ms)
    start = unset.target.p.weight.value.m_as("pA")[0]
    runner.run(300 * ms)
    unset.run(300 * ms)
    moved = unset.target.p.weight.value.m_as("pA")[0] - start
    assert net.p.weight.value.m_as("pA")[0] - 7 == pytest.approx(moved, rel=1e-10)
    assert other.p.plasticity.tau_c == 150 * ms


def test_dopamine_needs_one_delay_and_its_modulator_in_the_network():
    d = source([5.0])
    with pytest.raises(ValueError, match=r"DopamineSTDP needs one delay for all synapses"):
        paired([1.0], [2.0], DopamineSTDP(modulator=d, w_max=10 * pA), delay=np.array([1.0, 2.0]))
    net = paired([1.0], [2.0], DopamineSTDP(modulator=d, w_max=10 * pA))
    with pytest.raises(ValueError, match=r"plasticity.modulator of 'p' is SpikeSource, which is not in the network"):
        DSRunner(net).run(1 * ms)
    with pytest.raises(TypeError, match="'modulator' must be a population or a view"):
        DopamineSTDP(modulator=3, w_max=10 * pA)


# ---------------------------------------------------------------- voltage


class Replay(sc.Neuron):
    """V is the input."""

    V_th = sc.Param(1e3, "mV", "never reached", above="V_reset")
    V_reset = sc.Param(0.0, "mV", "not used")
    V = sc.HiddenState("mV", "membrane potential", init=-70.0)

    def update(self, x):
        self.V.value = x + 0 * self.after_spike(self.V.value)
        return self.fire()


def clopath(V, **kwargs):
    """Return the weight at the ends of the steps, under a given V (mV)."""
    P = NEST["clopath"]["parameters"]
    rule = ClopathSTDP(w_max=10 * pA, A_LTD=P["A_LTD"] / 10 / mV, A_LTP=P["A_LTP"] / 10 / mV**2, **kwargs)
    a, cell = source(PRE), Replay(1, receptors={"w": Exponential()})
    net = sc.Network(a=a, cell=cell, p=Projection(a, cell, connect=AllToAll(), weight=4 * pA, plasticity=rule))
    wave = sc.inputs.Waveform(np.asarray(V)[:, None] * mV, dt=DT * ms)
    return DSRunner(net, ["p.weight"], progress_bar=False).run(inputs={"cell": wave})["p.weight"].m_as("pA")[:, 0]


def test_the_voltage_based_rule_is_its_equations():
    V = np.array(NEST["clopath"]["V (mV)"])
    P = NEST["clopath"]["parameters"]
    w, x, minus, plus, expected = 4.0, 0.0, -70.6, -70.6, []
    spikes = set(steps(PRE))
    for k, v in enumerate(V):
        x *= np.exp(-DT / 15)
        above = max(v + 45.3, 0) * max(plus + 70.6, 0) * DT
        minus, plus = minus + (v - minus) * (1 - np.exp(-DT / 10)), plus + (v - plus) * (1 - np.exp(-DT / 7))
        if k in spikes:
            w = max(w - P["A_LTD"] * max(minus + 70.6, 0), 0)
        w = min(w + P["A_LTP"] * x / 15 * above, 10)
        x += k in spikes
        expected.append(w)
    assert np.ptp(expected) > 0.3
    assert_allclose(clopath(V), expected, rtol=1e-11)


def test_the_voltage_based_rule_is_that_of_nest():
    # NEST reads V up to three steps later (delays of the dendrite, of the averages, and of its events), and integrates
    # the averages within a step. What is left is 0.4 % of the range.
    V, expected = np.array(NEST["clopath"]["V (mV)"]), np.array(NEST["clopath"]["weight"])
    w = clopath(np.roll(V, 3))
    assert np.abs(w[steps(PRE)] - expected).max() < 0.005 * np.ptp(expected)


def test_neurons_without_a_V_are_refused():
    group = sc.models.PoissonGroup(1, 5 * Hz)
    group.receptor = Exponential()
    with pytest.raises(ValueError, match="ClopathSTDP follows V, which PoissonGroup does not have"):
        Projection(source([1.0]), group, "receptor", connect=AllToAll(), weight=1 * pA,
                   plasticity=ClopathSTDP(w_max=2 * pA))  # fmt: skip


# ---------------------------------------------------------------- scaling


def test_scaling_follows_the_rate():
    # The measured rate starts at the target and decays without spikes; each spike raises it by 1 / tau.
    post = np.array([30.0, 60.0])
    rule = SynapticScaling(rate=20 * Hz, tau_rate=100 * ms, beta=0.3)
    (w,) = recorded(paired([10.0, 75.0], post, rule), 100, "p.weight")
    t = np.arange(1, 1001) * DT
    log = 0.02 * (t - 100 * (1 - np.exp(-t / 100)))
    for s in post:
        log -= np.where(t > s, 1 - np.exp(-np.maximum(t - s, 0) / 100), 0)
    # The rate is held over a step: an error of dt / (2 tau).
    assert_allclose(np.log(w[:, 0] / 4), 0.3 * log, atol=1e-3)


@pytest.mark.slow
def test_scaling_goes_together_with_another_rule():
    class Both(SynapticScaling, STDP):
        """Pairs, and scaling."""

    alone, scaled = (recorded(paired(PRE, POST, make(w_max=10 * pA, **PAIRS, **more)), 600, "p.weight")[0][:, 0]
                     for make, more in ((STDP, {}), (Both, {"beta": 0.0})))  # fmt: skip
    assert_allclose(scaled, alone, rtol=1e-12)
    (w,) = recorded(paired(PRE, POST, Both(w_max=10 * pA, **PAIRS, beta=0.5, rate=0 * Hz)), 600, "p.weight")
    assert w[-1, 0] < 0.9 * alone[-1]


# ---------------------------------------------------------------- a rule of one's own


class Calcium(Plasticity):
    """A pair raises calcium at the synapse; the weight grows by what is there when a spike arrives."""

    gain = sc.Param(0.5, "dimensionless", "calcium of a pair")
    tau = sc.Param(20.0, "ms", "time constant of the trace", positive=True)
    tau_c = sc.Param(50.0, "ms", "time constant of calcium", positive=True)
    x = PreTrace("tau")
    c = SynapseTrace("dimensionless", "calcium", tau="tau_c")
    visits = sc.HiddenState("dimensionless", "spikes that came by")

    def on_pre(self, w):
        self.visits.value = self.visits.value + 1
        return w + 0.01 * self.w_max * self.c.value

    def on_post(self, w):
        self.visits.value = self.visits.value + 1
        self.c.value = self.c.value + self.gain * self.x.value
        return w


@pytest.mark.parametrize("delay", [0.0, np.array([0.0, 2.0])])
def test_a_rule_has_states_of_each_synapse(delay):
    net = paired([10.0, 40.0], [22.0], Calcium(w_max=10 * pA), delay=delay)
    w, c, visits = recorded(net, 60, "p.weight", "p.plasticity.c", "p.plasticity.visits")
    t = np.arange(1, 601) * DT
    for k, d in enumerate(np.atleast_1d(delay)):
        pair = 0.5 * np.exp(-(12 - d) / 20)
        expected = np.where(t > 21.95, pair * np.exp(-(t - 22) / 50), 0)
        assert_allclose(c[:, k], expected, rtol=1e-12, atol=1e-15)
        assert w[-1, k] == pytest.approx(4 + 0.1 * pair * np.exp(-(18 + d) / 50), rel=1e-12)
        assert_array_equal(np.flatnonzero(np.diff(visits[:, k], prepend=0)), steps([10 + d, 22, 40 + d]))
    assert net.p.plasticity.c.value.shape == net.p.weight.value.shape


def test_own_rules_of_one_class_share_a_program():
    watched(paired([1.0], [2.0], Calcium(w_max=10 * pA))).run(3 * ms)
    compiled = loop.advance._cache_size()
    net = paired([1.5], [2.5], Calcium(w_max=9 * pA, tau=5 * ms))
    watched(net).run(3 * ms)
    assert loop.advance._cache_size() == compiled


def test_states_of_synapses_are_saved_continued_and_reset(tmp_path):
    whole, net = paired(PRE, POST, Calcium(w_max=10 * pA)), paired(PRE, POST, Calcium(w_max=10 * pA))
    watched(whole).run(300 * ms)
    runner = watched(net)
    runner.run(123.4 * ms)
    net.save_states(tmp_path / "net.npz")
    other = paired(PRE, POST, Calcium(w_max=10 * pA))
    later = watched(other)
    later.run(123.4 * ms)
    other.reset_state()
    assert not other.p.plasticity.c.value.any()
    other.load_states(tmp_path / "net.npz")
    later.run(176.6 * ms)
    for path, state in whole.states().items():
        assert_array_equal(state.raw, other.states()[path].raw, err_msg=path)


def test_each_item_of_a_batch_has_its_states():
    net = paired([10.0, 40.0], [22.0], Calcium(w_max=10 * pA))
    net.reset_state(batch_size=2)
    net.p.plasticity.c.value = np.array([[0.0], [1.0]])
    w, c = recorded(net, 60, "p.weight", "p.plasticity.c")
    assert c.shape == (600, 2, 1)
    assert_allclose(c[:, 1] - c[:, 0], np.exp(-np.arange(1, 601) * DT / 50)[:, None], rtol=1e-10)
    assert w[-1, 1] > w[-1, 0]


@pytest.mark.slow
def test_parameters_of_ones_own_rule_are_swept_over():
    net, last = paired([10.0, 40.0], [22.0], Calcium(w_max=10 * pA)), {"w": sc.measure.final("p.weight")}
    sweep = sc.Sweep(net, over={"p.plasticity.gain": [0.0, 0.5, 1.0]}, measure=last)
    w = sweep.run(60 * ms)["w"].values.m_as("pA").reshape(-1)
    assert_allclose(w - 4, 0.1 * np.array([0, 0.5, 1]) * np.exp(-12 / 20 - 18 / 50), rtol=1e-9, atol=1e-14)


def test_what_cannot_be_right_in_a_rule_is_refused():
    with pytest.raises(ValueError, match="the trace 'x' decays with 'tua', which is no parameter; it has"):

        class Wrong(Plasticity):
            x = PreTrace("tua")

    class Mixed(Plasticity):
        def on_pre(self, w):
            return w + self.w_max * (1 * self.w_max)

    with pytest.raises(sc.DimensionalityError, match=r"test_rules.py:\d+, in on_pre: '\+' joins pA and pA"):
        DSRunner(paired([1.0], [2.0], Mixed(w_max=10 * pA))).run(3 * ms)


# ---------------------------------------------------------------- learning is a switch


def learner(**kwargs):
    return paired(PRE, POST, STDP(**PAIRS, w_max=10 * pA, **kwargs))


def test_learning_can_be_switched_off_without_a_compile():
    net = learner()
    runner = watched(net)
    runner.run(100 * ms)
    compiled = loop.advance._cache_size()
    net.p.learning = False
    assert net.p.learning is False
    before = net.p.weight.value.m_as("pA")
    mon = runner.run(200 * ms)
    assert_array_equal(mon["p.weight"].m_as("pA"), np.broadcast_to(before, (2000, 1)))
    assert mon["p.plasticity.x"].magnitude.any()  # traces go on
    net.p.learning = True
    runner.run(200 * ms)
    assert loop.advance._cache_size() == compiled
    assert (net.p.weight.value.m_as("pA") != before).any()


def test_spikes_arrive_when_nothing_is_learned():
    (g,) = recorded(paired([5.0], [2.0], STDP(w_max=10 * pA, learning=False)), 6, "post.w.g")
    assert g.max() == 4.0


def test_learning_is_an_axis_of_a_sweep():
    sweep = sc.Sweep(learner(), over={"p.plasticity.learning": [True, False]},
                     measure={"w": sc.measure.final("p.weight")})  # fmt: skip
    on, off = sweep.run(100 * ms)["w"].values.m_as("pA").reshape(-1)
    assert off == 4.0
    assert on != 4.0


def test_a_rule_stays_with_its_projection():
    net = learner()
    for other in (None, STDP(w_max=1 * pA)):
        with pytest.raises(AttributeError, match="'plasticity' cannot be set; make another Projection with it, or set"):
            net.p.plasticity = other
    with pytest.raises(AttributeError, match="'learning' cannot be set: there is no rule"):
        net.force.learning = False
    with pytest.raises(ValueError, match="'learning' must be True or False"):
        net.p.learning = 0.5
    with pytest.raises(AttributeError, match="has no attribute 'lerning'; did you mean 'learning'"):
        net.p.plasticity.lerning = False


def test_dopamine_changes_nothing_while_nothing_is_learned():
    net = rewarded()
    runner = DSRunner(net)
    runner.run(210 * ms)
    before = net.p.weight.value.m_as("pA")
    net.p.learning = False
    runner.run(200 * ms)
    assert_allclose(net.p.weight.value.m_as("pA"), before, rtol=1e-13)


def test_learned_weights_are_kept_when_states_are_reset():
    net = learner()
    watched(net).run(300 * ms)
    learned = net.p.weight.value.m_as("pA")
    net.reset_state(keep="weights")
    assert_array_equal(net.p.weight.value.m_as("pA"), learned)
    assert not net.p.plasticity.x.value.any()
    net.p.reset_state(keep="weights")
    net.reset_state(batch_size=2, keep="weights")
    assert_array_equal(net.p.weight.value.m_as("pA"), [learned, learned])
    with pytest.raises(ValueError, match="'keep' must be 'weights', got 'weight'"):
        net.reset_state(keep="weight")
    net.reset_state()
    assert_array_equal(net.p.weight.value.m_as("pA"), 4.0)


# ---------------------------------------------------------------- bounds


def test_weights_of_a_current_may_be_negative():
    rule = STDP(**PAIRS, w_min=-10 * pA, w_max=0 * pA)
    (w,) = recorded(paired([20.0, 60.0], [22.0], rule, weight=-4.0), 80, "p.weight")
    assert w[300, 0] == pytest.approx(-4 + 10 * 0.03 * np.exp(-2 / 16.8), rel=1e-12)
    assert w[-1, 0] == pytest.approx(w[300, 0] - 10 * 0.02 * np.exp(-38 / 20), rel=1e-12)
    both = STDP(A_plus=5.0, A_minus=5.0, w_min=-2 * pA, w_max=3 * pA)
    (w,) = recorded(paired(PRE, POST, both, weight=0.0), 300, "p.weight")
    assert {w.min(), w.max()} == {-2.0, 3.0}


def test_every_rule_has_bounds():
    rule = sc.models.VogelsSTDP(eta=2 * pA, rate=20 * Hz, w_min=3 * pA, w_max=5 * pA)
    (w,) = recorded(paired(PRE, POST, rule), 300, "p.weight")
    assert {w.min(), w.max()} == {3.0, 5.0}


def test_bounds_that_make_no_sense_are_refused():
    cells = LIF(1, receptors={"g": Exponential(reversal=0 * mV)})
    with pytest.raises(ValueError, match=r"'w_min' must be >= 0, got -1.0 nS: the weights are conductances"):
        Projection(source([1.0]), cells, connect=AllToAll(), weight=1 * nS,
                   plasticity=STDP(w_min=-1 * nS, w_max=1 * nS))  # fmt: skip
    with pytest.raises(ValueError, match=r"'w_max' must be above 'w_min' \(by default 0\), got w_max = -1.0 pA"):
        STDP(w_max=-1 * pA)
    with pytest.raises(ValueError, match="'weight' must be from -1 to 2 pA for STDP, got -4 pA"):
        paired([1.0], [2.0], STDP(w_min=-1 * pA, w_max=2 * pA), weight=-4.0)
    with pytest.raises(ValueError, match="'pairs' must be one of 'all', 'symmetric'"):
        STDP(w_max=1 * pA, pairs="nearest")
    with pytest.raises(sc.DimensionalityError, match="'w_max' needs a quantity in mA, got 2 mV"):
        STDP(w_min=-1 * mA, w_max=2 * mV)


# ---------------------------------------------------------------- delays


def test_a_spike_delivers_the_weight_that_is_there_when_it_arrives():
    # Two synapses, 1 and 5 ms long; the neuron spikes 3 ms after the source, which raises the first one only.
    net = paired([10.0], [13.0], STDP(w_max=10 * pA, A_minus=0.5), delay=np.array([1.0, 5.0]))
    w, g = recorded(net, 20, "p.weight", "post.w.g")
    assert w[-1, 0] == pytest.approx(4 + 0.1 * np.exp(-2 / 20), rel=1e-12)
    assert w[-1, 1] == pytest.approx(4 - 5 * np.exp(-2 / 20), rel=1e-12, abs=1e-12) or w[-1, 1] == 0
    arrivals = np.diff(g[:, 0], prepend=0)
    assert set(np.flatnonzero(arrivals > 1)) == set(steps([11.0, 15.0]))


def test_delays_may_be_drawn_and_the_network_run_at_another_dt():
    def run(dt):
        pre, post = sc.models.PoissonGroup(20, 40 * Hz, seed=3), LIF(5, receptors={"w": Exponential()})
        p = Projection(pre, post, connect=AllToAll(), weight=4 * pA, delay=sc.init.Uniform(1 * ms, 10 * ms),
                       plasticity=sc.models.VogelsSTDP(eta=0.1 * pA))  # fmt: skip
        net = sc.Network(pre=pre, post=post, p=p, seed=1)
        mon = DSRunner(net, ["p.weight"], dt=dt * ms, progress_bar=False).run(100 * ms)
        return net, mon["p.weight"].m_as("pA")

    net, w = run(0.5)
    assert (w[-1] < 4).any()
    runner = DSRunner(net, dt=0.25 * ms)
    with pytest.raises(ValueError, match="reset_state"):
        runner.run(1 * ms)
    net.reset_state()
    DSRunner(net, dt=0.25 * ms).run(10 * ms)


@pytest.mark.parametrize("precision", ["float32", pytest.param("float64", marks=pytest.mark.slow)], indirect=True)
def test_a_spike_that_arrives_late_sees_the_weights_of_its_arrival_in_float32(precision):
    net = paired([10.0, 30.0], [13.0, 40.0], STDP(w_max=10 * pA), delay=np.array([1.0, 5.0]))
    (w,) = recorded(net, 60, "p.weight")
    assert w.dtype == precision
    # By pairs of an arrival and a spike: 1 % of w_max up, 1.05 % down, by traces that decay within 20 ms.
    late = np.subtract.outer([13.0, 40.0], np.add.outer([10.0, 30.0], [1.0, 5.0])).reshape(4, 2)
    expected = 4 + (np.where(late > 0, 0.1, -0.105) * np.exp(-np.abs(late) / 20)).sum(0)
    assert_allclose(w[-1], expected, rtol=100 * jnp.finfo(precision).eps)


class Scaled(Plasticity):
    """Multiplies weights by a number that is an array."""

    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = np.asarray(factor)

    def on_pre(self, w):
        return w * self.factor


@pytest.mark.parametrize("seed", [None, 3])  # one of its own is data of the rule as well
def test_numbers_among_the_attributes_of_a_rule_are_seen_and_arrays_are_answered(seed):
    def run(factor):
        source = SpikeSource(1, [1.0, 2.0] * ms, [0, 0])
        cell = LIF(1, receptors={"e": Exponential(tau=5 * ms)})
        p = Projection(source, cell, "e", connect=AllToAll(), weight=8 * pA, plasticity=Scaled(factor), seed=seed)
        sc.DSRunner(sc.Network(source=source, cell=cell, p=p), progress_bar=False).run(3 * ms)
        return p.weight.value.m_as("pA")

    assert_allclose(run(0.5), [2.0])
    with pytest.raises(TypeError, match=r"'factor' is an array of the shape \(2,\), but a rule is about one synapse"):
        run([0.5, 2.0])


def test_weights_that_are_a_state_say_how_they_come_to_be():
    cell = LIF(1, receptors={"e": Exponential(tau=5 * ms)})
    p = Projection(cell, cell, connect=AllToAll(), weight=3 * pA, plasticity=STDP(w_max=10 * pA), name="p")
    with pytest.raises(AttributeError, match=r"p: the state 'weight' is created by init_state\(\); call that first"):
        p.weight  # noqa: B018
    p.init_state()
    assert_allclose(p.weight.value.m_as("pA"), [3.0])
