"""sc.nir.read: each node against the closed form of its equation, or Euler's steps of it."""

import itertools
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore.units import dimensionless, ms, mV, pA

nir = pytest.importorskip("nir")
DT = 1e-4  # s, the unit of time of the graphs: 0.1 ms
TAU = 2.5e-3  # s


def node(kind, n=1, **values):
    """Return a node of a kind, with n times each value."""
    return getattr(nir, kind)(**{name: np.full(n, value) for name, value in values.items()})


def lif(n=1, **values):
    return node("LIF", n, **{"tau": TAU, "r": 1.0, "v_leak": 0.0, "v_threshold": 1e6} | values)


def cuba(n=1, kind="CubaLIF", **values):
    threshold = {"v_threshold": 1e6} if kind == "CubaLIF" else {}
    given = {"tau_syn": 5e-3, "tau_mem": TAU, "r": 1.0, "v_leak": 0.0, "w_in": 1.0} | threshold | values
    return node(kind, n, **given)


def given(n=1):
    return nir.Input({"input": np.array([n])})


def wanted(n=1):
    return nir.Output({"output": np.array([n])})


def graph(edges=None, **nodes):
    """Return a graph with these edges, by default one node after the other."""
    return nir.NIRGraph(nodes, edges or list(itertools.pairwise(nodes)), type_check=False)


def run(net, monitors, numbers=None, steps=None):
    """Return what a network records, in mV, pA or 1, under numbers (T, n) at its Input or for so many steps."""
    inputs = None if numbers is None else {"input": sc.inputs.Waveform(np.asarray(numbers) * dimensionless)}
    runner = sc.DSRunner(net, monitors, dt=0.1 * ms, progress_bar=False)
    mon = runner.run(None if steps is None else steps * 0.1 * ms, inputs=inputs)
    return {name: getattr(mon[name], "magnitude", mon[name]) for name in monitors}


def one_spike(cell, *, at=1, weight=2.0, n=1, after=(), **options):
    """Return a network in which a spike comes at a time (steps) and goes through a Linear to a node."""
    source = sc.models.SpikeSource(n, np.full(n, at) * 0.1 * ms, np.arange(n))
    nodes = {"input": given(n), "w": nir.Linear(np.full((1, n), weight)), **dict(after), "cell": cell}
    return sc.nir.read(graph(**nodes), sources={"input": source}, **options)


# ---------------------------------------------------------------- nodes under numbers


def test_a_LIF_follows_the_closed_form():
    net = sc.nir.read(graph(input=given(), cell=lif(r=3.0, v_leak=0.5)))
    V = run(net, ["cell.V"], np.full((100, 1), 2.0))["cell.V"][:, 0]
    t = np.arange(1, 101) * DT  # the end of each step
    assert_allclose(V, 0.5 + 3.0 * 2.0 * (1 - np.exp(-t / TAU)), rtol=1e-12)


def test_a_LIF_resets_to_v_reset_where_it_spikes():
    net = sc.nir.read(graph(input=given(), cell=lif(v_threshold=1.0, v_reset=-1.0)))
    mon = run(net, ["cell.V", "cell.spike"], np.full((400, 1), 2.0))
    steps = np.flatnonzero(mon["cell.spike"][:, 0])
    first, period = TAU * np.log(2.0 / 1.0), TAU * np.log(3.0 / 1.0)  # from 0, and from -1, to 1, with 2 as the limit
    assert steps[0] == np.ceil(first / DT) - 1  # steps are counted from 0
    assert set(np.diff(steps)) == {np.ceil(period / DT)}
    after = mon["cell.V"][steps[:-1] + 1, 0]
    assert_allclose(after, 2.0 - 3.0 * np.exp(-DT / TAU), rtol=1e-12)


def test_a_CubaLIF_follows_the_closed_form():
    tau_syn = 5e-3
    net = sc.nir.read(graph(input=given(), cell=cuba(r=3.0, w_in=0.5, v_leak=0.5)))
    mon = run(net, ["cell.V", "cell.input.I"], np.full((100, 1), 2.0))
    t = np.arange(1, 101) * DT
    assert_allclose(mon["cell.input.I"][:, 0], 1 - np.exp(-t / tau_syn), rtol=1e-12)
    V = 0.5 + 3.0 * (1 - (tau_syn * np.exp(-t / tau_syn) - TAU * np.exp(-t / TAU)) / (tau_syn - TAU))
    assert_allclose(mon["cell.V"][:, 0], V, rtol=1e-10)


@pytest.mark.parametrize(("kind", "sent"), [("LI", lif), ("CubaLI", cuba)])
def test_an_integrator_with_leak_sends_V(kind, sent):
    same = {"tau": TAU, "r": 3.0, "v_leak": 0.5} if kind == "LI" else {"kind": "CubaLI", "r": 3.0, "v_leak": 0.5}
    leaky = node("LI", **same) if kind == "LI" else cuba(**same)
    net = sc.nir.read(graph(input=given(), cell=leaky, output=wanted()))
    spiking = sc.nir.read(graph(input=given(), cell=sent(r=3.0, v_leak=0.5)))
    numbers = np.linspace(0, 3, 50)[:, None]
    mon = run(net, ["cell.V", "output.y"], numbers)
    assert_array_equal(mon["cell.V"], run(spiking, ["cell.V"], numbers)["cell.V"])
    assert_array_equal(mon["output.y"], mon["cell.V"])


def test_I_sums_its_input_over_the_unit_of_time():
    net = sc.nir.read(graph(input=given(), cell=node("I", r=3.0)))
    x = np.linspace(-1, 2, 50)
    V = run(net, ["cell.V"], x[:, None])["cell.V"][:, 0]
    assert_allclose(V, 3.0 * DT * np.cumsum(x), atol=1e-15)


def test_IF_spikes_when_the_sum_is_there_and_sets_v_reset():
    net = sc.nir.read(graph(input=given(), cell=node("IF", r=1.0, v_threshold=0.01, v_reset=-0.02)))
    spike = run(net, ["cell.spike"], np.full((1000, 1), 3.0))["cell.spike"][:, 0]
    steps = np.flatnonzero(spike)
    assert steps[0] == np.ceil(0.01 / (3.0 * DT)) - 1
    assert set(np.diff(steps)) == {np.ceil(0.03 / (3.0 * DT))}


def test_V_starts_at_v_reset_where_v_leak_is_above_the_threshold():
    net = sc.nir.read(graph(input=given(), cell=lif(v_leak=2.0, v_threshold=1.0, v_reset=-1.0)))
    spike = run(net, ["cell.spike"], steps=200)["cell.spike"][:, 0]
    assert np.flatnonzero(spike)[0] == np.ceil(TAU * np.log(3.0) / DT) - 1


# ---------------------------------------------------------------- spikes


def test_a_unit_spike_is_a_current_for_one_step():
    V = run(one_spike(lif(r=3.0)), ["cell.V"], steps=4)["cell.V"][:, 0]
    jump = 3.0 * 2.0 * (1 - np.exp(-DT / TAU))
    assert_allclose(V, [0, jump, jump * np.exp(-DT / TAU), jump * np.exp(-2 * DT / TAU)], rtol=1e-12)


def test_the_charge_of_a_unit_spike_is_that_of_the_graphs_dt():
    net = one_spike(lif(r=3.0), at=2)
    runner = sc.DSRunner(net, ["cell.V"], dt=0.05 * ms, progress_bar=False)
    V = runner.run(0.25 * ms)["cell.V"].m_as("mV")[-1, 0]  # the spike at 0.2 ms, a current until 0.25 ms
    assert_allclose(V, 3.0 * 2.0 * 2 * (1 - np.exp(-DT / 2 / TAU)), rtol=1e-12)


@pytest.mark.parametrize(("cell", "jump"), [(lif(r=3.0), 3.0 * 2.0 / TAU), (node("I", r=3.0), 3.0 * 2.0),
                                            (node("LI", tau=TAU, r=3.0, v_leak=0.0), 3.0 * 2.0 / TAU)])  # fmt: skip
def test_a_dirac_makes_V_jump(cell, jump):
    V = run(one_spike(cell, spikes="dirac"), ["cell.V"], steps=3)["cell.V"][:, 0]
    left = 1.0 if isinstance(cell, nir.I) else np.exp(-DT / TAU)
    assert_allclose(V, [jump, jump * left, jump * left**2], rtol=1e-12)


@pytest.mark.parametrize(("spikes", "duration"), [("unit", DT), ("dirac", 1.0)])
def test_a_spike_makes_the_current_of_a_CubaLIF_jump(spikes, duration):
    I = run(one_spike(cuba(w_in=0.5), spikes=spikes), ["cell.input.I"], steps=3)["cell.input.I"][:, 0]
    jump = 0.5 * 2.0 * duration / 5e-3
    assert_allclose(I, jump * np.exp(-np.arange(3) * DT / 5e-3), rtol=1e-12)


def test_a_delay_is_the_time_from_the_spike_to_its_effect():
    delayed = one_spike(cuba(), after=[("d", nir.Delay(np.array([7 * DT])))])
    I = run(delayed, ["cell.input.I"], steps=12)["cell.input.I"][:, 0]
    assert_array_equal(np.flatnonzero(I)[:1], [7])  # the spike is found at the end of the step 0


def test_delays_of_what_sends_and_of_what_receives_add_up():
    before, after, W = np.array([0.0, 3 * DT]), np.array([1 * DT, 5 * DT]), np.array([[1.0, 2.0], [4.0, 8.0]])
    nodes = {"input": given(2), "a": nir.Delay(before), "w": nir.Linear(W), "b": nir.Delay(after), "cell": cuba(2)}
    source = sc.models.SpikeSource(2, [0.1, 0.1] * ms, [0, 1])
    net = sc.nir.read(graph(**nodes), sources={"input": source})
    I = run(net, ["cell.input.I"], steps=12)["cell.input.I"]
    jumps = np.diff(I, axis=0, prepend=0) + np.concatenate([np.zeros((1, 2)), I[:-1]]) * (1 - np.exp(-DT / 5e-3))
    expected = np.zeros((12, 2))
    for (j, i), w in np.ndenumerate(W):
        expected[round((before[i] + after[j]) / DT), j] += w * DT / 5e-3
    assert_allclose(jumps, expected, atol=1e-15)


# ---------------------------------------------------------------- linear nodes


def test_linear_nodes_in_a_row_are_one_link():
    rng = np.random.default_rng(1)
    W1, W2, s, b1, b2 = (rng.normal(size=n) for n in [(3, 2), (4, 3), 3, 3, 4])
    row = {"w1": nir.Affine(W1, b1), "s": nir.Scale(s), "w2": nir.Affine(W2, b2)}
    one = {"w2": nir.Affine(W2 @ np.diag(s) @ W1, W2 @ (s * b1) + b2)}
    numbers = rng.normal(size=(50, 2))
    V = [run(sc.nir.read(graph(input=given(2), **linear, cell=lif(4))), ["cell.V"], numbers)["cell.V"]
         for linear in (row, one)]  # fmt: skip
    assert_allclose(V[0], V[1], rtol=1e-12, atol=1e-14)
    assert np.ptp(V[0], axis=0).min() > 0.1


def test_edges_into_one_node_add_up():
    linear, affine = nir.Linear(np.array([[1.0, 2.0]])), nir.Affine(np.array([[3.0, 4.0]]), np.array([5.0]))
    nodes = {"input": given(2), "w": linear, "a": affine, "cell": node("I", r=1.0)}
    net = sc.nir.read(graph([("input", "w"), ("input", "a"), ("w", "cell"), ("a", "cell")], **nodes))
    V = run(net, ["cell.V"], [[10.0, 100.0], [0.0, 0.0]])["cell.V"][:, 0]
    assert_allclose(V, [(5 + 40 + 600) * DT, (5 * 2 + 40 + 600) * DT], rtol=1e-12)
    assert net.cell.input.bias.m_as(pA) == [5.0]


def test_values_go_through_a_matrix_and_act_in_the_next_step():
    nodes = {
        "input": given(),
        "one": node("I", r=1.0),
        "w": nir.Linear(np.array([[2.0], [-3.0]])),
        "two": node("I", 2, r=1.0),
    }
    V = run(sc.nir.read(graph(**nodes)), ["one.V", "two.V"], np.ones((20, 1)))
    one = V["one.V"][:, 0]
    two = np.concatenate([[0], np.cumsum(one)[:-1]])[:, None] * [2.0, -3.0] * DT
    assert_allclose(V["two.V"], two, atol=1e-18)


def test_numbers_of_two_inputs_are_scaled_and_delayed():
    delay, scale = np.array([2 * DT, 5 * DT]), np.array([3.0, -4.0])
    nodes = {"a": given(2), "d": nir.Delay(delay), "b": given(2), "s": nir.Scale(scale), "cell": node("I", 2, r=1.0)}
    net = sc.nir.read(graph([("a", "d"), ("d", "cell"), ("b", "s"), ("s", "cell")], **nodes))
    a, b = np.random.default_rng(2).normal(size=(2, 20, 2))
    inputs = {"a": sc.inputs.Waveform(a * dimensionless), "b": sc.inputs.Waveform(b * dimensionless)}
    V = sc.DSRunner(net, ["cell.V"], dt=0.1 * ms).run(inputs=inputs)["cell.V"].m_as("mV")
    late = np.stack([np.concatenate([np.zeros(n), a[:-n, k]]) for k, n in enumerate([2, 5])], axis=1)
    assert_allclose(V, DT * np.cumsum(late + scale * b, axis=0), atol=1e-15)


def test_units_of_voltage_and_time_are_those_that_are_said():
    V = {}
    for unit, tau, options in [("mV", TAU, {}), ("V", TAU, {"voltage_unit": "V"}), ("us", 2500.0, {"time_unit": "us"})]:
        net = sc.nir.read(graph(input=given(), cell=lif(tau=tau, r=2.0, v_leak=0.1)), **options)
        V[unit] = run(net, ["cell.V"], np.ones((30, 1)))["cell.V"]
    assert_allclose(V["V"], 1000 * V["mV"], rtol=1e-12)
    assert_allclose(V["us"], V["mV"], rtol=1e-12)


# ---------------------------------------------------------------- whole graphs


# The experiment of the NIR paper with one LIF, as run in snnTorch and Norse: which tens of steps of 0.1 ms have an
# input of 1 in their first one, the steps in which both spiked, and V that both report in some steps (to the digits of
# float32). Source: NIR repository, paper/01_lif/lif_exact_sim.py (input), lif_norse.csv, lif_snntorch.csv.
PAPER_INPUTS = [6, 22, 27, 31, 32, 35, 37, 40, 41, 43, 44, *range(45, 54), *range(67, 79), 84, 85]
PAPER_SPIKES = [460, 510, 710, 760]
PAPER_V = {60: 0.04, 220: 0.04005827, 270: 0.045202997, 310: 0.048831135, 320: 0.072464526, 440: 0.090013996}
PAPER_V |= {450: 0.09984423, 470: 0.04, 500: 0.0960277, 509: 0.06650245, 670: 0.040219482, 700: 0.09609221}


def test_euler_gives_the_published_spikes_of_the_NIR_paper():
    x = np.zeros((1000, 1))
    x[np.array(PAPER_INPUTS) * 10] = 1.0
    nodes = {
        "input": given(),
        "0": nir.Affine(np.ones((1, 1)), np.zeros(1)),
        "1": lif(v_threshold=0.1),
        "output": wanted(),
    }
    mon = run(sc.nir.read(graph(**nodes), discretisation="euler"), ["n1.V", "n1.spike", "output.y"], x)
    V, spike = mon["n1.V"][:, 0], mon["n1.spike"][:, 0]
    assert_array_equal(np.flatnonzero(spike), PAPER_SPIKES)
    assert_array_equal(mon["output.y"], mon["n1.spike"])
    assert_allclose(V[list(PAPER_V)], list(PAPER_V.values()), rtol=2e-6)


def euler_of_a_recurrent_network(W, R, x, tau_syn, n_steps):
    """Return the spikes of Euler's steps, the current first and then V with its new value; V is reset to 0."""
    alpha, beta = 1 - DT / tau_syn, 1 - DT / TAU
    syn, mem, spike = np.zeros(len(R)), np.zeros(len(R)), np.zeros(len(R))
    spikes = []
    for n in range(n_steps):
        syn = alpha * syn + W @ x[n] + R @ spike
        mem = beta * mem + syn
        spike = (mem > 1.0) * 1.0
        mem = mem * (1 - spike)
        spikes.append(spike)
    return np.array(spikes)


def recurrent(kind, n_in=3, n=5, tau_syn=5e-3, seed=3):
    """Return weights, numbers, and the graph that snnTorch makes of them: r = tau / dt, w_in = tau_syn / dt."""
    rng = np.random.default_rng(seed)
    W, R = rng.normal(0.05, 0.05, (n, n_in)), rng.normal(0, 0.3, (n, n))
    x = (rng.random((200, n_in)) < 0.3) * 1.0
    cell = lif(n, r=TAU / DT, v_threshold=1.0)
    if kind == "CubaLIF":
        cell = cuba(n, r=TAU / DT, w_in=tau_syn / DT, tau_syn=tau_syn, v_threshold=1.0)
    nodes = {"input": given(n_in), "fc": nir.Linear(W), "cell": cell, "rec": nir.Linear(R), "output": wanted(n)}
    edges = [("input", "fc"), ("fc", "cell"), ("cell", "rec"), ("rec", "cell"), ("cell", "output")]
    return W, R, x, graph(edges, **nodes)


def test_a_recurrent_LIF_has_the_spikes_of_eulers_steps():
    W, R, x, net = recurrent("LIF")
    expected = euler_of_a_recurrent_network(W, R, x, DT, len(x))  # alpha = 0: no synapses
    y = run(sc.nir.read(net, discretisation="euler"), ["output.y"], x)["output.y"]
    assert_array_equal(y, expected)
    assert 20 < expected.sum() < 500


def test_a_recurrent_CubaLIF_has_the_spikes_of_eulers_steps():
    W, R, x, net = recurrent("CubaLIF")
    expected = euler_of_a_recurrent_network(W / 5, R / 5, x, 5e-3, len(x))
    net.nodes["fc"].weight, net.nodes["rec"].weight = W / 5, R / 5
    y = run(sc.nir.read(net, discretisation="euler"), ["output.y"], x)["output.y"]
    assert_array_equal(y[1:], expected[:-1])  # numbers drive I in a step, which drives V in the next
    assert 20 < expected.sum() < 500


@pytest.mark.parametrize(("layer", "late"), [("Leaky", 0), ("RLeaky", 0), ("Synaptic", 1)])
def test_a_layer_of_snnTorch_has_the_spikes_that_it_has_there(layer, late):
    """Numbers at a CubaLIF drive I in a step, and I drives V in the next, by Euler's method; in snnTorch in the same.

    Source: snntorch_reference.json, by make_snntorch_reference.py: graphs by snntorch.export_nir, and its simulation.
    """
    reference = json.loads((Path(__file__).parent / "snntorch_reference.json").read_text())
    expected = np.zeros((len(reference["numbers"]), 10))
    for step, neurons in enumerate(reference[layer]["spikes"]):
        expected[step, neurons] = 1.0
    exported = nir.dict2NIRNode(as_arrays(reference[layer]["graph"]))
    y = run(sc.nir.read(exported, discretisation="euler"), ["output.y"], reference["numbers"])["output.y"]
    assert_array_equal(y[late:], expected[: len(y) - late])
    assert not y[:late].any()


def as_arrays(node):
    """Return the dict of a node with arrays for lists of numbers."""
    if isinstance(node, dict):
        return {key: value if key == "edges" else as_arrays(value) for key, value in node.items()}
    return np.array(node) if isinstance(node, list) else node


def test_a_graph_within_the_graph_is_the_flat_one():
    *_, x, flat = recurrent("LIF")
    inner = {"input": given(5), "lif": flat.nodes["cell"], "w": flat.nodes["rec"], "output": wanted(5)}
    edges = [("input", "lif"), ("lif", "w"), ("w", "lif"), ("lif", "output")]
    nested = graph(input=given(3), fc=flat.nodes["fc"], rnn=graph(edges, **inner), output=wanted(5))
    net = sc.nir.read(nested)
    y = run(net, ["output.y", "rnn.lif.spike"], x)
    assert_array_equal(y["output.y"], run(sc.nir.read(flat), ["output.y"], x)["output.y"])
    assert_array_equal(y["output.y"], y["rnn.lif.spike"])
    assert y["output.y"].sum() > 10


def test_a_file_is_read_as_its_graph(tmp_path):
    *_, x, net = recurrent("CubaLIF")
    nir.write(tmp_path / "net.nir", net)
    y = [run(sc.nir.read(g), ["output.y"], x)["output.y"] for g in (net, tmp_path / "net.nir")]
    assert_array_equal(y[0], y[1])


def test_a_node_of_one_value_takes_the_shape_of_what_arrives():
    cell = nir.LIF(**{k: np.array(v) for k, v in {"tau": TAU, "r": 1.0, "v_leak": 0.0, "v_threshold": 1e6}.items()})
    net = sc.nir.read(
        graph(input=given(2), w=nir.Linear(np.array([[1.0, 0], [0, 2], [3, 0]])), cell=cell, output=wanted(3))
    )
    V = run(net, ["cell.V"], np.ones((1, 2)))["cell.V"]
    assert_allclose(V[0], np.array([1, 2, 3]) * (1 - np.exp(-DT / TAU)), rtol=1e-12)


def test_names_that_are_no_words_are_changed():
    net = sc.nir.read(graph(**{"input": given(), "0": nir.Linear(np.ones((1, 1))), "lif-1": lif(), "update": lif()}))
    assert set(net.populations()) == {"input", "lif_1", "nupdate"}
    assert set(net.links()) == {"n0", "lif_1_to_update"}


# ---------------------------------------------------------------- what is refused


def test_what_has_no_place_in_simcore_is_refused_by_name():
    conv = nir.Conv2d(None, np.ones((1, 1, 3, 3)), 1, 0, 1, 1, np.zeros(1))
    two, zero = np.array([2, 2]), np.array([0, 0])
    image = {"conv": conv, "pool": nir.SumPool2d(two, two, zero), "threshold": nir.Threshold(np.ones(1))}
    for name, text in [("conv", "'conv' is a Conv2d: it acts on images"), ("pool", "'pool' is a SumPool2d"),
                       ("threshold", "'threshold' is a Threshold: it spikes")]:  # fmt: skip
        with pytest.raises(NotImplementedError, match=text):
            sc.nir.read(graph(input=given(), **{name: image[name]}))


@pytest.mark.parametrize(
    ("nodes", "edges", "error", "text"),
    [
        ({"input": given(), "w": nir.Linear(np.ones((2, 3)))}, [("input", "w"), ("w", "cell")], ValueError,
         "'w' takes 3 values, and 1 arrive from 'input'"),
        ({"input": given(2), "w": nir.Linear(np.ones((2, 2)))}, [("input", "w"), ("w", "cell")], ValueError,
         "2 values arrive by 'w' at a node of 3"),
        ({"a": nir.Scale(np.ones(3)), "b": nir.Scale(np.ones(3))}, [("a", "b"), ("b", "a"), ("a", "cell")], ValueError,
         "form a cycle without a neuron"),
        ({"input": given(3)}, [("input", "cel")], ValueError, "names 'cel', which is no node"),
        ({"w": nir.Linear(np.ones((3, 3))), "output": wanted(3)}, [("cell", "w"), ("w", "output")], NotImplementedError,
         "'w' goes to the Output 'output'"),
        ({"input": given(3), "output": wanted(3)}, [("input", "output"), ("cell", "output"), ("output", "cell")],
         ValueError, "the Output 'output' has an edge to 'cell'"),
        ({"two": graph(a=given(3), b=given(3), c=wanted(3))}, [("two", "cell")], ValueError,
         "the graph 'two' within the graph has 2 Input nodes"),
    ],
)  # fmt: skip
def test_a_graph_that_makes_no_network_says_where(nodes, edges, error, text):
    with pytest.raises(error, match=text):
        sc.nir.read(graph(edges, cell=lif(3), **nodes))


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"spikes": "delta"}, ValueError, "'spikes' must be 'unit' or 'dirac', got 'delta'"),
        ({"discretisation": "rk4"}, ValueError, "'discretisation' must be 'exact' or 'euler'"),
        ({"time_unit": "mV"}, sc.DimensionalityError, "'time_unit' needs a quantity in ms"),
        ({"voltage_unit": "seconds?"}, ValueError, "'voltage_unit' must be the name of a unit"),
        ({"dt": 0.1}, sc.DimensionalityError, "'dt'"),
        ({"sources": {"inptu": sc.models.PoissonGroup(1, "5 Hz")}}, ValueError, "the Inputs of the graph are input"),
        ({"sources": {"input": sc.models.PoissonGroup(2, "5 Hz")}}, ValueError, "has 2 members; the Input sends"),
        ({"sources": {"input": 3}}, TypeError, "must be a population"),
    ],
)
def test_arguments_are_checked(options, error, text):
    with pytest.raises(error, match=text):
        sc.nir.read(graph(input=given(), cell=lif()), **options)


def test_read_takes_a_file_or_a_graph():
    with pytest.raises(TypeError, match=r"read\(\) takes a file or a nir.NIRGraph, got LIF"):
        sc.nir.read(lif())


def test_numbers_at_an_Input_are_checked():
    net = sc.nir.read(graph(input=given(3), w=nir.Linear(np.ones((1, 3))), cell=lif()))
    with pytest.raises(ValueError, match=r"input: an input of the shape \(2,\) does not fit \(3,\)"):
        run(net, ["cell.V"], np.ones((5, 2)))
    with pytest.raises(sc.DimensionalityError, match="the input of input"):
        sc.DSRunner(net, dt=0.1 * ms).run(1 * ms, inputs={"input": 3 * mV})


def test_a_missing_package_is_named_with_what_to_run(monkeypatch):
    monkeypatch.setitem(sys.modules, "nir", None)
    with pytest.raises(ImportError, match=r"sc.nir needs nir: pip install nir, or 'simcore\[nir\]'"):
        sc.nir.read(graph(input=given(), cell=lif()))
