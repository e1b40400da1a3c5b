"""Synapses: what is set and read back, short-term plasticity and STDP."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from pyNN.errors import ConnectionError, InvalidParameterValueError, NoModelAvailableError


def conductance(cells):
    return cells.get_data("gsyn_exc").segments[0].filter(name="gsyn_exc")[0].magnitude


def driven(sim, synapse, times, n=1, **parameters):
    """Return the conductances (uS) at cells that a source drives at given times, (T, n), and the projection."""
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=times))
    cells = sim.Population(n, sim.IF_cond_exp(**parameters))
    projection = sim.Projection(source, cells, sim.AllToAllConnector(), synapse)
    cells.record("gsyn_exc")
    sim.run(times[-1] + 5.0)
    return conductance(cells), projection


def test_weights_and_delays_of_each_synapse_are_those_that_were_given(sim):
    pre = sim.Population(2, sim.SpikeSourceArray(spike_times=[[2.0], [3.0]]))
    post = sim.Population(2, sim.IF_cond_exp(tau_syn_E=1e6))
    pairs = [(1, 0, 0.004, 1.0), (0, 0, 0.001, 2.0), (0, 1, 0.002, 0.1), (1, 1, 0.003, 0.5), (1, 1, 0.01, 0.5)]
    sim.Projection(pre, post, sim.FromListConnector(pairs), sim.StaticSynapse())
    post.record("gsyn_exc")
    sim.run(6.0)
    g = conductance(post)  # which nearly stays, by its time constant
    expected = np.zeros((61, 2))
    for i, j, weight, delay in pairs:
        expected[round(((2.0, 3.0)[i] + delay) / 0.1) :, j] += weight
    assert_allclose(g, expected, atol=1e-7)


def test_views_and_assemblies_are_connected_cell_by_cell(sim):
    sources = sim.Population(4, sim.SpikeSourceArray(spike_times=[[1.0], [2.0], [3.0], [4.0]]))
    cells = sim.Population(3, sim.IF_cond_exp(tau_syn_E=1e6)), sim.Population(2, sim.IF_cond_exp(tau_syn_E=1e6))
    both = cells[0][1:3] + cells[1]
    sim.Projection(sources[1:4], both, sim.FromListConnector([(0, 0), (1, 2), (2, 3), (2, 1)]),
                   sim.StaticSynapse(weight=0.001, delay=1.0))  # fmt: skip
    both.record("gsyn_exc")
    cells[0].record("gsyn_exc")
    sim.run(8.0)
    arrivals = [np.argmax(conductance(population) > 5e-4, axis=0) for population in cells]
    assert arrivals[0].tolist() == [0, 30, 50]
    assert arrivals[1].tolist() == [40, 50]


def test_a_weight_that_is_set_between_runs_acts_from_then_on(sim):
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 15.0, 25.0]))
    cells = sim.Population(2, sim.IF_cond_exp(tau_syn_E=1e6))
    projection = sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.001, delay=1.0))
    cells.record("gsyn_exc")
    sim.run(10.0)
    projection.set(weight=np.array([[0.002, 0.003]]))
    sim.run(10.0)
    list(projection.connections)[1].weight = 0.01
    assert projection.get("weight", format="list") == [(0, 0, 0.002), (0, 1, 0.01)]
    sim.run(10.0)
    assert_allclose(conductance(cells)[[100, 200, 300]], [[1e-3, 1e-3], [3e-3, 4e-3], [5e-3, 14e-3]], rtol=1e-4)


def test_a_delay_that_is_set_between_runs_acts_from_then_on(sim):
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 25.0]))
    cells = sim.Population(1, sim.IF_cond_exp(tau_syn_E=1e6))
    projection = sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.001, delay=1.0))
    cells.record("gsyn_exc")
    sim.run(20.0)
    projection.set(delay=0.3)
    sim.run(10.0)
    g = conductance(cells)[:, 0]
    assert np.flatnonzero(np.diff(g) > 5e-4).tolist() == [59, 252]
    assert sim.get_min_delay() == 0.1  # as setup() was told


def test_populations_and_projections_of_later_join_a_network_that_has_run(sim):
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 25.0]))
    cells = sim.Population(1, sim.IF_cond_exp(tau_syn_E=1e6))
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.001, delay=1.0))
    cells.record(["gsyn_exc", "v"])
    sim.run(20.0)
    more = sim.Population(2, sim.IF_cond_exp(tau_syn_E=1e6))
    more.record("gsyn_exc")
    sim.Projection(source, more, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.002, delay=1.0))
    sim.run(10.0)
    assert_allclose(conductance(cells)[[200, 300], 0], [1e-3, 2e-3], rtol=1e-4)
    g = conductance(more)
    assert g.shape == (101, 2)  # from its own beginning on
    assert_allclose(g[[0, 100]], [[0, 0], [2e-3, 2e-3]], rtol=1e-4)


@pytest.mark.parametrize("delays", [1.0, np.array([[1.0, 2.0]])], ids=["one delay", "two delays"])
def test_spikes_that_are_on_their_way_arrive_when_projections_join_and_change(sim, delays):
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    cells = sim.Population(2, sim.IF_cond_exp(tau_syn_E=1e6))
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.001, delay=delays))
    cells.record("gsyn_exc")
    sim.run(5.5)  # the spike has been sent, and has not arrived
    more = sim.Population(2, sim.IF_cond_exp(tau_syn_E=1e6))
    for reached in (cells, more):  # with longer delays, in the same ring, and from another one's cells
        late = sim.StaticSynapse(weight=0.004, delay=np.array([[3.0, 4.0]]))
        sim.Projection(source, reached, sim.AllToAllConnector(), late)
    sim.run(10.0)
    arrivals = np.argmax(conductance(cells) > 5e-4, axis=0)
    assert arrivals.tolist() == [round((5.0 + d) / 0.1) for d in np.broadcast_to(delays, (1, 2))[0]]


def test_nothing_can_be_projected_onto_a_source(sim):
    source = sim.Population(2, sim.SpikeSourceArray(), label="S")
    with pytest.raises(ConnectionError, match="S: its cells have no receptors"):
        sim.Projection(source, source, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1))


@pytest.mark.parametrize("size", [1, 3])
def test_one_to_one_connects_a_population_of_one_cell(sim, size):
    source, cells = sim.Population(1, sim.SpikeSourceArray()), sim.Population(size, sim.IF_cond_exp())
    projection = sim.Projection(source, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.1))
    assert projection.get("weight", format="list") == [(0, 0, 0.1)]


def mechanism(sim, weight=0.5, w_max=1.0, **parameters):
    rule, bounds = sim.SpikePairRule(**parameters), sim.AdditiveWeightDependence(w_min=0.0, w_max=w_max)
    return sim.STDPMechanism(rule, bounds, weight=weight)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda sim: sim.StaticSynapse(weight=0.1, delay=-1.0), "StaticSynapse: delay must be >= 0 ms, got -1.0"),
        (lambda sim: sim.TsodyksMarkramSynapse(U=1.5), "TsodyksMarkramSynapse: U must be > 0 and <= 1, got 1.5"),
        (lambda sim: sim.TsodyksMarkramSynapse(tau_rec=0.0), "tau_rec must be > 0 ms, got 0.0"),
        (lambda sim: sim.TsodyksMarkramSynapse(tau_facil=-1.0), "tau_facil must be >= 0 ms, got -1.0"),
        (lambda sim: mechanism(sim, w_max=0.0), "STDPMechanism: w_max must be above w_min, got 0.0"),
        (lambda sim: mechanism(sim, weight=1.5), "STDPMechanism: weight must be from w_min to w_max, got 1.5"),
        (lambda sim: mechanism(sim, tau_minus=-3.0), "STDPMechanism: tau_minus must be > 0 ms, got -3.0"),
    ],
)
def test_parameters_of_synapses_that_are_not_allowed_are_refused_when_they_are_made(sim, make, message):
    source, cells = sim.Population(2, sim.SpikeSourceArray()), sim.Population(2, sim.IF_cond_exp())
    with pytest.raises(InvalidParameterValueError, match=message):
        sim.Projection(source, cells, sim.AllToAllConnector(), make(sim))


# ---------------------------------------------------------------- short-term plasticity


def released(times, U, tau_rec, tau_facil, tau_syn):
    """Return the share of a weight that each spike releases: the equations of Tsodyks et al. (2000), between spikes
    by their closed form."""
    y = z = u = 0.0
    shares, last = [], times[0]
    for t in times:
        h, last = t - last, t
        decay = np.exp(-h / tau_rec)
        z = z * decay + y * tau_rec / (tau_rec - tau_syn) * (decay - np.exp(-h / tau_syn))
        y *= np.exp(-h / tau_syn)
        u = u * np.exp(-h / tau_facil) if tau_facil else 0.0
        u += U * (1 - u)
        shares.append(u * (1 - y - z))
        y += shares[-1]
    return np.array(shares)


@pytest.mark.parametrize("tau_facil", [0.0, 300.0])
@pytest.mark.parametrize("delay", [0.5, "0.5 + d"])
def test_short_term_plasticity_releases_what_its_equations_say(sim, tau_facil, delay):
    times = [10.0, 20.0, 25.0, 60.0, 62.0]
    parameters = {"U": 0.3, "tau_rec": 80.0, "tau_facil": tau_facil}
    synapse = sim.TsodyksMarkramSynapse(weight=0.01, delay=delay, **parameters)
    g, _ = driven(sim, synapse, times, n=2, tau_syn_E=3.0)
    jumps = g[1:, 0] - g[:-1, 0] * np.exp(-0.1 / 3.0)
    at = np.flatnonzero(jumps > 1e-6)
    assert at.tolist() == [round((t + 0.5) / 0.1) - 1 for t in times]
    assert_allclose(jumps[at], 0.01 * released(times, tau_syn=3.0, **parameters), rtol=1e-6)


def test_synapses_of_one_cell_may_differ_in_their_short_term_plasticity(sim):
    times = [10.0, 20.0]
    synapse = sim.TsodyksMarkramSynapse(weight=0.01, delay=0.5, U=lambda d: 0.2 + 0.3 * d, tau_rec=80.0)
    g, projection = driven(sim, synapse, times, n=3, tau_syn_E=3.0)
    assert projection.get("U", format="array").tolist() == [[0.2, 0.5, 0.8]]
    for k, U in enumerate((0.2, 0.5, 0.8)):
        first, second = 0.01 * released(times, U, 80.0, 0.0, 3.0)
        assert g[105, k] == pytest.approx(first, rel=1e-9)
        assert g[205, k] == pytest.approx(first * np.exp(-10.0 / 3.0) + second, rel=1e-6)


# ---------------------------------------------------------------- STDP

A_PLUS, A_MINUS, TAU_PLUS, TAU_MINUS, W_MAX = 0.02, 0.03, 15.0, 25.0, 0.02


def teacher_of(sim, times):
    """Return a cell that spikes at some times (ms): what arrives is seen by the threshold in the next step."""
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=np.array(times) - 0.2))
    cell = sim.Population(1, sim.IF_curr_delta(tau_refrac=1.0))
    sim.Projection(source, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=100.0, delay=0.1))
    cell.record("spikes")
    return cell


def paired(sim, dependence, fraction, interval, weight=0.01, delay=1.0):
    """Return the weight (uS) after one pair of spikes; the postsynaptic one is `interval` ms after the other."""
    at = 50.0
    pre = sim.Population(1, sim.SpikeSourceArray(spike_times=[at]))
    post = teacher_of(sim, [at + interval])
    rule = sim.STDPMechanism(
        sim.SpikePairRule(tau_plus=TAU_PLUS, tau_minus=TAU_MINUS, A_plus=A_PLUS, A_minus=A_MINUS),
        dependence,
        weight=weight,
        delay=delay,
        dendritic_delay_fraction=fraction,
    )
    projection = sim.Projection(pre, post, sim.AllToAllConnector(), rule)
    sim.run(150.0)
    assert post.get_data().segments[0].spiketrains[0].magnitude == pytest.approx([at + interval])
    return projection.get("weight", format="array")[0, 0]


@pytest.mark.parametrize(("fraction", "delay"), [(0.0, 1.0), (0.5, 1.0), (1.0, 1.0), (1.0, 1.6), (1.0, 10.0)], ids=str)
@pytest.mark.parametrize("interval", [-12.0, -3.0, 4.0, 12.0])
def test_a_pair_changes_the_weight_by_the_interval_that_the_synapse_sees(sim, fraction, delay, interval):
    additive = sim.AdditiveWeightDependence(w_min=0.0, w_max=W_MAX)
    # The presynaptic spike comes by the axon, the postsynaptic one back by the dendrite.
    seen = interval + fraction * delay - (1 - fraction) * delay
    change = A_PLUS * np.exp(-seen / TAU_PLUS) if seen > 0 else -A_MINUS * np.exp(seen / TAU_MINUS)
    weight = paired(sim, additive, fraction, interval, delay=delay)
    assert weight == pytest.approx(0.01 + change * W_MAX, rel=1e-6)


@pytest.mark.parametrize(
    ("name", "parameters", "up", "down"),
    [
        # Of w_max = 0.02, w_min = 0.004 and w = 0.01, by the definitions in PyNN's documentation.
        ("AdditiveWeightDependence", {}, 0.02, 0.02),
        ("MultiplicativeWeightDependence", {}, 0.01, 0.006),
        ("AdditivePotentiationMultiplicativeDepression", {}, 0.02, 0.006),
        ("GutigWeightDependence", {"mu_plus": 0.5, "mu_minus": 0.5}, 0.016 * (10 / 16) ** 0.5, 0.016 * (6 / 16) ** 0.5),
    ],
)
@pytest.mark.parametrize("interval", [-3.0, 4.0])
def test_a_change_depends_on_the_weight_as_it_should(sim, name, parameters, up, down, interval):
    dependence = getattr(sim, name)(w_min=0.004, w_max=W_MAX, **parameters)
    seen = interval - 1.0
    change = up * A_PLUS * np.exp(-seen / TAU_PLUS) if seen > 0 else -down * A_MINUS * np.exp(seen / TAU_MINUS)
    assert paired(sim, dependence, 0.0, interval) == pytest.approx(0.01 + change, rel=1e-6)


def test_learned_weights_are_read_set_and_go_back_at_a_reset(sim):
    additive = sim.AdditiveWeightDependence(w_min=0.0, w_max=W_MAX)
    learned = paired(sim, additive, 1.0, 4.0)
    (projection,) = [p for p in sim.simulator.state.projections if p.synapse_type.sees_late]
    assert learned > 0.01
    sim.reset()
    assert projection.get("weight", format="array")[0, 0] == 0.01
    sim.run(150.0)
    assert projection.get("weight", format="array")[0, 0] == pytest.approx(learned, rel=1e-12)
    projection.set(weight=0.003)
    assert projection.get("weight", format="array")[0, 0] == 0.003


def test_a_dendritic_delay_that_is_too_long_is_refused(sim):
    with pytest.raises(NotImplementedError, match=r"dendritic delay of 100.0 ms is too long .* up to 992 steps"):
        paired(sim, sim.AdditiveWeightDependence(w_max=W_MAX), 1.0, 4.0, delay=100.0)


@pytest.mark.parametrize("fraction", [0.0, 0.5, 1.0])
def test_plasticity_of_inhibition_counts_all_pairs_whatever_their_order(sim, fraction):
    pre_times, post_times = np.array([10.0, 22.0, 27.0, 60.0, 93.0]), np.array([14.0, 19.5, 40.0, 61.7, 95.0])
    tau, eta, rho, weight, delay = 15.0, 1e-3, 8.0, 0.02, 1.0
    pre, post = sim.Population(1, sim.SpikeSourceArray(spike_times=pre_times)), teacher_of(sim, post_times)
    rule = sim.STDPMechanism(
        sim.Vogels2011Rule(tau=tau, eta=eta, rho=rho),
        sim.AdditiveWeightDependence(w_min=0.0, w_max=1.0),
        weight=weight,
        delay=delay,
        dendritic_delay_fraction=fraction,
    )
    projection = sim.Projection(pre, post, sim.AllToAllConnector(), rule)
    sim.run(100.0)
    assert post.get_data().segments[0].spiketrains[0].magnitude == pytest.approx(post_times)
    # Vogels et al. (2011): eta exp(-|interval| / tau) for a pair, -eta 2 rho tau for a presynaptic spike; rho in Hz.
    seen = post_times - pre_times[:, None] + (2 * fraction - 1) * delay
    expected = weight + eta * (np.exp(-np.abs(seen) / tau).sum() - pre_times.size * 2 * rho * 1e-3 * tau)
    assert projection.get("weight", format="array")[0, 0] == pytest.approx(expected, rel=1e-9)


def test_components_of_plasticity_that_do_not_go_together_are_refused(sim):
    with pytest.raises(NoModelAvailableError, match=r"changes of Vogels2011Rule do not depend .* got Multiplicative"):
        sim.STDPMechanism(sim.Vogels2011Rule(), sim.MultiplicativeWeightDependence())
    with pytest.raises(NoModelAvailableError, match="needs a timing_dependence and a weight_dependence"):
        sim.STDPMechanism(sim.SpikePairRule())


# ---------------------------------------------------------------- electrical synapses


def potential(cells):
    return cells.get_data("v").segments[0].filter(name="v")[0].magnitude


@pytest.mark.parametrize("one_population", [True, False])
def test_an_electrical_synapse_couples_two_cells_both_ways(sim, one_population):
    # Passive cells of g_leak = cm / tau_m = 50 nS; a current I into the first one.
    cm, tau_m, g, current = 1.0, 20.0, 0.025, 0.3
    celltype = sim.IF_cond_exp(cm=cm, tau_m=tau_m, v_thresh=0.0)
    cells = [sim.Population(2, celltype)] if one_population else [sim.Population(1, celltype) for _ in range(2)]
    first, second = (cells[0][:1], cells[0][1:]) if one_population else cells
    synapse = sim.ElectricalSynapse(weight=g)
    if one_population:  # a cell has itself as a neighbour too, to which nothing flows
        pairs = [(0, 0), (0, 1), (1, 1)]
        projection = sim.Projection(*cells * 2, sim.FromListConnector(pairs), synapse)
    else:
        projection = sim.Projection(first, second, sim.AllToAllConnector(), synapse)
    first.set(i_offset=current)
    (first + second).record("v")
    sim.run(30.0)
    projection.set(weight=0.0)
    sim.run(30.0)
    found = np.hstack([potential(population) for population in cells]) + 65.0
    # The mean follows the membrane alone, the difference a leak that is 2 g larger.
    t, leak = np.arange(301) * 0.1, cm / tau_m
    mean = current / 2 / leak * (1 - np.exp(-t * leak / cm))
    difference = current / (leak + 2 * g) * (1 - np.exp(-t * (leak + 2 * g) / cm))
    # The potential at the other side is that of the beginning of a step: an error of first order, here 0.1 ms.
    assert_allclose(found[:301, 0], mean + difference / 2, atol=5e-3)
    assert_allclose(found[:301, 1], mean - difference / 2, atol=5e-3)
    alone = found[300, 1] * np.exp(-t * leak / cm)
    assert_allclose(found[300:, 1], alone, rtol=1e-9)


def test_an_electrical_synapse_is_refused_where_it_cannot_be(sim):
    cells, source = sim.Population(2, sim.IF_cond_exp()), sim.Population(2, sim.SpikeSourceArray())
    with pytest.raises(ConnectionError, match="needs cells with a potential at both sides"):
        sim.Projection(source, cells, sim.OneToOneConnector(), sim.ElectricalSynapse(weight=0.01))
    with pytest.raises(InvalidParameterValueError, match=r"weight is a conductance and must be >= 0 uS, got -0.01"):
        sim.Projection(cells, cells, sim.OneToOneConnector(), sim.ElectricalSynapse(weight=-0.01))
    projection = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.ElectricalSynapse(weight=0.01))
    with pytest.raises(InvalidParameterValueError, match=r"weight is a conductance and must be >= 0 uS, got -0.01"):
        projection.set(weight=-0.01)
