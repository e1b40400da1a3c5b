"""A model of one's own of each kind, written from public names alone, in a runner and in a sweep."""

import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore.units import Mohm, ms, mV, nS, pA

DT = 0.1 * ms


class Steps(sc.bases.Receptor):
    """g falls by a constant fraction: dg/dt = -rate g."""

    rate = sc.Param(0.5, "1/ms", "of the decay", positive=True)
    g = sc.HiddenState("nS", "conductance")

    def derivative(self, V, g):
        return -self.rate * g


class Saturating(Steps):
    """A spike opens a part of what is closed."""

    g_max = sc.Param(10.0, "nS", "all that there is", positive=True)
    arrived = sc.ShortTermState("nS", "weights of the spikes of this step")
    receives = "arrived"

    def arrive(self, neuron):
        self.g.value = self.g.value + self.arrived.value * (1 - self.g.value / self.g_max)
        self.arrived.value = 0 * self.arrived.value


class EveryThird(sc.models.Rule):
    """Neuron i reaches the neurons i, i + 3, i + 6, ... ."""

    def rows(self, pre, post, rng):
        targets = [np.arange(i, len(post), 3) for i in range(len(pre))]
        ptr = np.concatenate([[0], np.cumsum([len(t) for t in targets])])
        return sc.models.Rows(ptr, np.concatenate(targets).astype(np.uint32))


class Fatigue(sc.models.ShortTerm):
    """Each spike releases a part of what the one before did."""

    part = sc.Param(0.5, "dimensionless", "of the last release", positive=True)
    left = sc.HiddenState("dimensionless", "what the next spike releases", init=1.0)

    def release(self, spikes):
        left = self.left.value.reshape(spikes.shape)
        self.left.value = jnp.where(spikes != 0, self.part * left, left).reshape(self.left.value.shape)
        return left * spikes


class Wear(sc.models.Plasticity):
    """Each presynaptic spike lowers the weight by a constant."""

    step = sc.Param(None, "nS", "the loss of a spike, in the unit of the weights", nonnegative=True)
    tau = sc.Param(10.0, "ms", "of traces that it does not use", positive=True)
    x, y = sc.models.PreTrace("tau"), sc.models.PostTrace("tau")
    weight_params = ("step",)

    def on_pre(self, w):
        return w - self.step


class Ramp(sc.bases.Link):
    """Adds to a receptor, in each step, a weight that grows by itself with each."""

    weight = sc.Param(None, "nS", "of the first step, in the unit of the receptor")
    count = sc.ShortTermState("dimensionless", "steps so far", init=0)

    def __init__(self, post, receptor=None, *, weight, name=None):
        self.join(post, receptor)
        super().__init__(weight=weight, name=name)

    def transmit(self, x=None):
        self.count.value = self.count.value + 1
        state = self.target.target()
        state.value = state.value + self.weight * self.count.value


class Ramps(sc.bases.JointDelivery):
    """Several ramps in one go."""

    brought = sc.ShortTermState("dimensionless", "how often", init=0)

    def bring(self, inputs):
        self.brought.value = self.brought.value + 1
        for link in self.links:
            link.transmit()


class JointRamp(Ramp):
    """A ramp that is brought with all others of its kind."""

    @classmethod
    def deliveries(cls, links):
        return [Ramps(links, name="ramps")]


class Clockwork(sc.models.Source):
    """Spikes in every n-th step."""

    count = sc.ShortTermState("dimensionless", "steps since the last spike", init=0)

    def __init__(self, in_size, every, **kwargs):
        self.every = every
        super().__init__(in_size, **kwargs)

    def update(self, x=None):
        self.count.value = (self.count.value + 1) % self.every
        self.spiked.value = (self.count.value == 0).astype(jnp.int32)
        return self.spike


def network(**how):
    """Return a source that spikes every 0.5 ms, and two neurons with a current that does not decay."""
    held = sc.models.Exponential(tau=1e30 * ms)
    cells = sc.models.LIF(2, R=100 * Mohm, V_th=1e6 * mV, receptors={"syn": held})
    source = Clockwork(1, 5)
    how = {"connect": sc.models.AllToAll(), "weight": 8 * pA} | how
    return sc.Network(source=source, cells=cells, link=sc.models.Projection(source, cells, **how))


def arrived(net, duration=2 * ms):
    return sc.DSRunner(net, ["cells.syn.g"], dt=DT, progress_bar=False).run(duration)["cells.syn.g"].m_as("pA")


def swept(net, name, values, read="cells.syn.g"):
    """Return the last value of each point of a sweep over one parameter."""
    sweep = sc.Sweep(net, {name: values}, {"last": sc.measure.final(read)}, dt=DT, progress_bar=False)
    return sweep.run(2 * ms)["last"].m_as("pA")


def test_a_source_and_the_network_around_it():
    g = arrived(network())
    # Spikes at 0.5, 1, 1.5, 2 ms, each of 8 pA.
    assert_array_equal(g[:, 0], 8 * ((np.arange(20) + 1) // 5))
    assert_array_equal(g[:, 1], g[:, 0])


def test_a_receptor():
    cells = sc.models.LIF(1, receptors={"syn": Steps(rate="0.2 1/ms")})
    cells.ensure_state()
    cells.syn.g.value = 10 * pA
    mon = sc.DSRunner(cells, ["syn.g"], dt=DT, progress_bar=False).run(2 * ms, inputs=0 * pA)
    # A linear decay is advanced exactly.
    assert_allclose(mon["syn.g"].m_as("pA")[:, 0], 10 * np.exp(-0.2 * mon.ts.m_as("ms")), rtol=1e-12)


def test_a_rule():
    source, cells = sc.models.PoissonGroup(4, "5 Hz"), sc.models.LIF(7, receptors={"syn": sc.models.Exponential()})
    pre, post = sc.models.Projection(source, cells, connect=EveryThird(), weight=1 * pA).synapses()
    assert_array_equal(pre, [0, 0, 0, 1, 1, 2, 2, 3, 3])
    assert_array_equal(post, [0, 3, 6, 1, 4, 2, 5, 3, 6])


def test_a_rule_that_defines_no_rows_is_none():
    class Nothing(sc.models.Rule):
        pass

    with pytest.raises(TypeError, match="abstract"):
        Nothing()


@pytest.mark.parametrize("delay", [0 * ms, [0, 0.1] * ms], ids=["one", "of each"])
def test_short_term_plasticity(delay):
    g = arrived(network(short_term=Fatigue(), delay=delay))
    assert_array_equal(g[4::5, 0], [8, 12, 14, 15])


def test_long_term_plasticity():
    net = network(plasticity=Wear(step=2 * pA))
    assert_array_equal(arrived(net)[4::5, 0], [8, 14, 18, 20])
    assert_array_equal(net.link.weight.value.m_as("pA"), [0, 0])


def test_parameters_of_ones_own_rules_are_swept_over():
    assert_array_equal(swept(network(short_term=Fatigue()), "link.short_term.part", [0.5, 1.0])[:, 0], [15, 32])
    assert_array_equal(
        swept(network(plasticity=Wear(step=2 * pA)), "link.plasticity.step", [1, 2] * pA)[:, 0], [26, 20]
    )
    assert_array_equal(swept(network(), "link.weight", [1, 2, 3] * pA)[:, 0], [4, 8, 12])


@pytest.mark.parametrize("kind", [Ramp, JointRamp])
def test_a_link(kind):
    net = network(weight=0 * pA)
    net.one, net.two = (kind(net.cells, weight=w * pA) for w in (1, 10))
    # 11 (1 + 2 + ... + k) after k steps.
    k = np.arange(1, 21)
    assert_array_equal(arrived(net)[:, 0], 11 * k * (k + 1) / 2)
    assert_array_equal(swept(net, "one.weight", [1, 2] * pA)[:, 0], [11 * 210, 12 * 210])
    if kind is JointRamp:
        assert net.ramps.brought.value == 20
        assert "ramps.brought" in net.states()


def test_the_weight_of_a_link_has_the_unit_of_its_receptor():
    net = network(weight=0 * pA)
    net.one = Ramp(net.cells, weight="2000 fA")
    assert net.params()["one.weight"].m_as("pA") == 2
    with pytest.raises(sc.DimensionalityError, match="Ramp: 'weight' needs a quantity in pA, got 1 mV"):
        Ramp(net.cells, weight=1 * mV)


def test_a_network_saved_with_a_delivery_of_ones_own_goes_on(tmp_path):
    def build():
        net = network(delay=[0.3, 0.7] * ms)
        net.one = JointRamp(net.cells, weight=1 * pA)
        return net

    net, new = build(), build()
    arrived(net, 0.7 * ms)  # two spikes are on their way
    net.save_states(tmp_path / "states.npz")
    sc.DSRunner(new, dt=DT, progress_bar=False).run(DT)
    new.load_states(tmp_path / "states.npz")
    assert_array_equal(arrived(new), arrived(net))
    assert {"ring_pA.arrivals", "ring_pA.slot", "ramps.brought"} <= net.states().keys()


def test_a_receptor_of_ones_own_saturates_as_spikes_arrive():
    cell = sc.models.LIF(1, V_th=100 * mV, receptors={"s": Saturating(reversal=0 * mV)})
    source = sc.models.SpikeSource(1, times=[1.0, 2.0, 3.0] * ms, indices=[0, 0, 0])
    link = sc.models.Projection(source, cell, "s", connect=sc.models.AllToAll(), weight=4 * nS)
    net = sc.Network(cell=cell, source=source, link=link)
    g = sc.DSRunner(net, {"g": "cell.s.g"}, dt=0.1 * ms).run(3 * ms).g.m_as("nS")[:, 0]
    expected = 0.0
    for step in (9, 19, 29):  # the ends of these steps are the times; g falls by exp(-0.5) between them
        expected = expected * np.exp(-0.5) if step > 9 else 0.0
        expected += 4 * (1 - expected / 10)
        assert_allclose(g[step], expected, rtol=1e-6)
