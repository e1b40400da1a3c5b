"""Views and links: members that a step reads, orders, delays that change, own rules and deliveries, early refusals."""

import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore.models import LIF, AllToAll, Exponential, LIFRef, PoissonGroup, PoissonInput, Projection, SpikeSource
from simcore.units import Hz, Mohm, ms, mV, pA


def cells(n):
    return LIF(n, R=100 * Mohm, V_th=1000 * mV, receptors={"exc": Exponential(tau=5 * ms)})


def g_after(net, duration=1.0):
    return sc.DSRunner(net, ["cells.exc.g"], progress_bar=False).run(duration * ms)["cells.exc.g"].m_as("pA")[-1]


class Constant(sc.bases.Link):
    """Adds 1 pA to the members of its view in each step, by their numbers."""

    weight = sc.Param(1.0, "pA", "added in a step")

    def __init__(self, post):
        self.join(post)
        super().__init__()

    def transmit(self, x=None):
        state = self.target.target()
        state.value = state.value.at[self.post.index].add(self.weight)


@pytest.mark.parametrize("members", [slice(0, 2), slice(2, 4), [3, 0], [False, True, True, False]])
def test_links_that_differ_in_the_members_of_their_view_alone_share_no_program(members):
    neurons = cells(4)
    g = g_after(sc.Network(cells=neurons, link=Constant(neurons[members])), 0.1)
    expected = np.zeros(4)
    expected[members] = 1.0
    assert_allclose(g, expected)


def test_a_list_that_is_changed_afterwards_does_not_move_a_view():
    neurons, members = cells(4), [0, 1]
    view = neurons[members]
    members[0] = 3
    assert view.index.tolist() == [0, 1]


@pytest.mark.parametrize("n", [3, 4])
def test_a_poisson_input_follows_the_order_of_its_view(n):
    # Numbers of sources in the order of the view: those of neuron 2 alone are not 0.
    neurons = cells(n)
    drive = PoissonInput(neurons[[2, 0, 1]], n=[100, 0, 0], rate=100 * Hz, weight=1 * pA, seed=1)
    assert_array_equal(g_after(sc.Network(cells=neurons, drive=drive), 20.0) > 0, np.arange(n) == 2)


def on_its_way():
    net = sc.Network(cells=cells(1), source=SpikeSource(1, [1.0] * ms, [0]))
    net.link = Projection(net.source, net.cells, connect=AllToAll(), weight=1 * pA, delay=1 * ms)
    runner = sc.DSRunner(net, ["cells.exc.g"], progress_bar=False)
    runner.run(1.5 * ms)
    return net, runner


@pytest.mark.parametrize(
    "change",
    [
        lambda net: setattr(net.link, "delay", 0.5 * ms),
        lambda net: setattr(net.link, "delay", 0 * ms),
        lambda net: delattr(net, "link"),
    ],
)
def test_spikes_on_their_way_are_not_dropped_by_a_change(change):  # fmt: skip
    net, runner = on_its_way()
    change(net)
    with pytest.raises(ValueError, match=r"source: spikes are on their way with other delays.*reset_state\(\)"):
        runner.run(1 * ms)
    runner.reset_state()
    runner.run(1 * ms)


def test_delays_of_single_synapses_cannot_be_set_as_one():
    net = sc.Network(cells=cells(2), source=SpikeSource(1, [1.0] * ms, [0]))
    net.link = Projection(net.source, net.cells, connect=AllToAll(), weight=1 * pA, delay=[1, 2] * ms)
    sc.DSRunner(net, []).run(1 * ms)
    with pytest.raises(ValueError, match="'delay' cannot be set: its synapses have delays of their own"):
        net.link.delay = 5 * ms
    net.load_state_dict(net.state_dict())


def test_a_network_may_be_updated_twice_in_a_step():
    class Twice(sc.Module):
        def __init__(self, net):
            super().__init__()
            self.net = net

        def update(self):
            self.net.update()
            return self.net.update()

    def net():
        source = PoissonGroup(1, 2000 * Hz, seed=1)
        made = sc.Network(cells=cells(1), source=source)
        made.link = Projection(source, made.cells, connect=AllToAll(), weight=1 * pA)
        return made

    twice = Twice(net())
    monitors = {"g": lambda model: model.net.cells.exc.g.value, "s": lambda model: model.net.source.spike}
    mon = sc.DSRunner(twice, monitors, progress_bar=False).run(20 * ms)
    # Each spike is delivered once: g decays by exp(-dt / tau) in each update, and rises by 1 pA at each spike.
    g, decay = mon.g.m_as("pA")[:, 0], np.exp(-0.1 / 5)
    spikes = np.round(g[1:] - g[:-1] * decay**2 - mon.s[1:, 0], 6)  # of the first updates
    assert mon.s.sum() > 5
    assert_allclose(spikes * (spikes - decay), 0, atol=1e-5)
    assert (spikes > 0).sum() > 5


class Beyond(sc.models.Rule):
    """Names targets that there are not."""

    def __init__(self, ptr, post):
        self.answer = np.array(ptr), np.array(post, np.uint32)

    def rows(self, pre, post, rng):
        return sc.models.Rows(*self.answer)


@pytest.mark.parametrize(
    ("ptr", "post", "text"),
    [([0, 1, 2, 3], [1, 2, 3], "Beyond must give targets from 0 to 2, got 1 to 3"),
     ([0, 1, 2], [0, 1], "Beyond must give a row for each of 3 neurons"),
     ([0, 2, 1, 3], [0, 1, 2], "Beyond must give a row for each of 3 neurons")],
)  # fmt: skip
def test_a_rule_of_ones_own_that_names_what_is_not_there_is_refused(ptr, post, text):
    neurons = cells(3)
    link = Projection(neurons, neurons, connect=Beyond(ptr, post), weight=1 * pA)
    with pytest.raises(ValueError, match=text):  # when it is asked for the synapses
        sc.Network(neurons=neurons, link=link).summary()


class Joined(Constant):
    """Delivered by deliveries that all have one name."""

    @classmethod
    def deliveries(cls, links):
        return [sc.bases.JointDelivery([link]) for link in links]


def test_two_deliveries_of_one_name_are_refused():
    neurons = cells(2)
    net = sc.Network(cells=neurons, a=Joined(neurons[:1]), b=Joined(neurons[1:]))
    with pytest.raises(ValueError, match="two deliveries are called 'JointDelivery'"):
        sc.DSRunner(net, []).run(1 * ms)


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [({"delay": 5}, sc.DimensionalityError, "'delay' needs a quantity in ms, got the bare number 5"),
     ({"delay": np.ones(9) * mV}, sc.DimensionalityError, "'delay' needs a quantity in ms"),
     ({"short_term": sc.models.STDP(w_max=1 * pA)}, TypeError, "'short_term' must be a ShortTerm, e.g. Tsodyks"),
     ({"plasticity": sc.models.STDP}, TypeError, "'plasticity' must be a Plasticity, e.g. STDP"),
     ({"plasticity": sc.models.STDP(w_max=9 * pA), "short_term": sc.models.TsodyksMarkram(), "delay": np.ones(9) * ms},
      ValueError, "together need one delay for all")],
)  # fmt: skip
def test_arguments_of_a_projection_are_refused_before_anything_is_drawn(arguments, error, text):
    neurons = cells(3)
    with pytest.raises(error, match=text):
        Projection(neurons, neurons, connect=Beyond([0], [0]), weight=1 * pA, **arguments)  # its rule would fail


def test_delays_are_drawn_by_any_function_and_refused_where_they_stay_too_short():
    rng = np.random.default_rng(0)
    for delay, fits in ((lambda shape: rng.uniform(0.0, 2.0, shape) * ms, True), (sc.init.Constant(0.02 * ms), False)):
        net = sc.Network(cells=cells(3), source=SpikeSource(3, [0.2] * ms, [0]))
        net.link = Projection(net.source, net.cells, connect=AllToAll(), weight=1 * pA, delay=delay)
        if fits:
            assert (g_after(net, 3.0) > 0).all()
        else:
            with pytest.raises(ValueError, match=r"is hardly ever as long as dt = 0\.1 ms"):
                g_after(net)


def test_every_part_of_a_network_is_fitted_to_the_time_step():
    class Fitted(sc.Module):
        def fit_to(self, dt):
            self._dt = dt

    net = sc.Network(cells=cells(1))
    net.part = Fitted()
    sc.DSRunner(net, [], dt=0.2 * ms).run(1 * ms)
    assert net.part._dt == 0.2


def test_a_misspelt_input_of_a_link_is_answered_with_its_name():
    neurons = cells(1)
    net = sc.Network(cells=neurons, drive=PoissonInput(neurons, n=1, rate=1 * Hz, weight=1 * pA))
    with pytest.raises(ValueError, match=r"no population 'driv'; did you mean 'drive'\? It has cells, drive"):
        sc.DSRunner(net, []).run(1 * ms, inputs={"driv": 1 * Hz})


class Reader(LIF):
    @property
    def gain(self):
        return self._hidden

    def update(self, x=0.0):
        return super().update(x * self.gain)


def test_an_error_in_a_property_is_not_hidden():
    with pytest.raises(AttributeError, match="Reader: '_hidden' is read in a step"):
        Reader(1).update(1 * pA)


def test_an_unknown_unit_in_a_step_is_named():
    class Unknown(LIF):
        def derivative(self, V, I):
            return super().derivative(V, I) * jnp.exp(sc.units.number(V, "mVV"))

    with pytest.raises(ValueError, match=r"test_links_and_views.py:\d+, in derivative: 'mVV' is not defined"):
        Unknown(1).update(1 * pA)


class Rates(sc.Neuron):
    """Rates that act on one another by a matrix."""

    tau = sc.Param(10.0, "ms")
    r = sc.HiddenState("Hz")

    def __init__(self, W):
        super().__init__(len(W))
        self.W = np.asarray(W)

    def derivative(self, r, x):
        return (-r + self.W @ r + x) / self.tau

    def update(self, x=0.0):
        self.r.value = self.integrate(self.derivative, self.r.value, x)
        return self.r.value


def test_populations_without_spikes_are_no_end_of_a_projection_and_are_told_of_rates():
    a, b = Rates([[0.0]]), LIFRef(1, receptors={"e": Exponential(tau=5 * ms)})
    with pytest.raises(TypeError, match=r"Rates sends no spikes, .* its rate, goes through a RateProjection"):
        Projection(a, b, "e", connect=AllToAll(), weight=1 * pA)
    model = Rates([[0.0, 0.5], [0.2, 0.0]])  # one model with a matrix: r = (1 - W)^-1 x in the end
    mon = sc.DSRunner(model, ["r"], progress_bar=False).run(300 * ms, inputs=20 * Hz)
    assert_allclose(mon.r.m_as("Hz")[-1], np.linalg.solve(np.eye(2) - model.W, [20, 20]), rtol=1e-6)
