"""sc.nir.write: graphs come back as they were, and a network that was not read runs as its graph does."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore.units import Mohm, dimensionless, ms, mV, nS, ohm, pA

nir = pytest.importorskip("nir")
RNG = np.random.default_rng(7)


def values(*shape, low=0.5, high=2.0):
    return RNG.uniform(low, high, shape)


def cells(n):
    """Return a node of each kind with a population, of n values."""
    rest = {"r": values(n), "v_leak": values(n, low=-1, high=0.4)}
    spiking = {"v_threshold": values(n), "v_reset": values(n, low=-2, high=0)}
    cuba = {"tau_syn": values(n) / 100, "tau_mem": values(n) / 100, "w_in": values(n)}
    return {
        "lif": nir.LIF(tau=values(n) / 100, **rest, **spiking),
        "cuba": nir.CubaLIF(**cuba, **rest, **spiking),
        "if": nir.IF(r=values(n), **spiking),
        "li": nir.LI(tau=values(n) / 100, **rest),
        "cubali": nir.CubaLI(**cuba, **rest),
        "i": nir.I(r=values(n)),
    }


def chain_of_all(n=4):
    """Return a graph with each kind of node that there is."""
    given, wanted = nir.Input({"input": np.array([n])}), nir.Output({"output": np.array([n])})
    linear = {
        "fc": nir.Affine(RNG.normal(size=(n, n)), RNG.normal(size=n)),
        "scale": nir.Scale(values(n)),
        "w": nir.Linear(RNG.normal(size=(n, n))),
        "w_delay": nir.Delay(np.array([1.0, 2, 3, 4])[:n] * 1e-4),
        "d": nir.Delay(np.full(n, 3e-4)),
        "rec": nir.Linear(RNG.normal(size=(n, n))),
        "back": nir.Affine(RNG.normal(size=(n, n)), RNG.normal(size=n)),
    }
    row = ["input", "fc", "lif", "scale", "cuba", "w", "w_delay", "if", "d", "li", "back", "cubali", "i", "output"]
    edges = [*itertools.pairwise(row), ("lif", "rec"), ("rec", "lif")]
    return nir.NIRGraph({"input": given, **cells(n), **linear, "output": wanted}, edges)


def assert_same(one, other, rtol=0.0):
    """Assert that two graphs have the same nodes, the same edges and the same numbers, by default to the bit."""
    assert one.nodes.keys() == other.nodes.keys()
    assert sorted(one.edges) == sorted(other.edges)
    for name, node in one.nodes.items():
        assert type(node) is type(other.nodes[name]), name
        there = other.nodes[name].to_dict()
        for key, value in node.to_dict().items():
            if isinstance(value, np.ndarray):
                assert_allclose(np.asarray(there[key]), value, rtol=rtol, err_msg=f"{name}.{key}")


def run(net, monitors, steps=None, inputs=None):
    runner = sc.DSRunner(net, monitors, dt=0.1 * ms, progress_bar=False)
    return runner.run(None if steps is None else steps * 0.1 * ms, inputs=inputs)


@pytest.mark.parametrize("spikes", ["unit", "dirac"])
@pytest.mark.parametrize(("time_unit", "voltage_unit"), [("s", "mV"), ("s", "V"), ("ms", "mV")])
def test_a_graph_that_is_written_read_and_written_is_the_same_to_the_bit(spikes, time_unit, voltage_unit, tmp_path):
    options = {"spikes": spikes, "time_unit": time_unit, "voltage_unit": voltage_unit}
    graph = chain_of_all()
    if time_unit == "ms":
        for name in ("w_delay", "d"):
            graph.nodes[name].delay = graph.nodes[name].delay * 1e3
    first = sc.nir.write(sc.nir.read(graph, **options), tmp_path / "first.nir", **options)
    assert_same(graph, first, rtol=3e-16)  # numbers of 64 bits go through a change of units
    second = sc.nir.write(sc.nir.read(tmp_path / "first.nir", **options), tmp_path / "second.nir", **options)
    assert_same(first, second)
    assert_same(nir.read(tmp_path / "first.nir"), nir.read(tmp_path / "second.nir"))


def test_numbers_of_32_bits_come_back_to_the_bit():
    graph = chain_of_all()
    for name, node in graph.nodes.items():
        for key, value in vars(node).items():
            # Delays of single neurons are those of a grid of 0.1 ms, of which 32 bits are not a multiple.
            if isinstance(value, np.ndarray) and value.dtype == float and name != "w_delay":
                setattr(node, key, value.astype(np.float32))
    assert_same(graph, sc.nir.write(sc.nir.read(graph), None))


def test_what_was_changed_is_written():
    net = sc.nir.read(chain_of_all())
    net.lif.tau = 7 * ms
    net.fc.weight = net.fc.weight * 2
    graph = sc.nir.write(net, None)
    assert_array_equal(graph.nodes["lif"].tau, np.full(4, 0.007))
    assert_array_equal(graph.nodes["fc"].weight.T.ravel(), net.fc.weight.magnitude)


def neurons(n=20, **options):
    given = {"R": 100 * Mohm, "tau": 20 * ms, "V_rest": -60 * mV, "V_th": -50 * mV, "V_reset": -60 * mV}
    return sc.models.LIF(n, spk_reset="hard", **given | options)


def perfect(**given):
    return sc.models.IF(20, V_th=10 * mV, R=100 * Mohm, spk_reset="hard", **given)


@pytest.mark.parametrize(("model", "receptor", "weight", "spikes"), [
    (neurons, lambda: sc.models.Exponential(tau=5 * ms), 25 * pA, "unit"),
    (neurons, lambda: sc.models.Exponential(tau=5 * ms), 25 * pA, "dirac"),
    (neurons, lambda: sc.models.Delta(), 1.5 * mV, "dirac"),
    (perfect, lambda: sc.models.Delta(), 1.5 * mV, "dirac"),
])  # fmt: skip
def test_a_network_that_was_not_read_runs_as_its_graph_does(model, receptor, weight, spikes):
    E = model(receptors={"exc": receptor()}, tau=np.linspace(10, 30, 20) * ms)
    steps, indices = np.nonzero(np.random.default_rng(5).random((2000, 20)) < 0.04)
    source, other = (sc.models.SpikeSource(20, (steps + 1) * 0.1 * ms, indices) for _ in range(2))
    same = {"connect": sc.models.FixedProbability(0.3), "weight": weight}
    net = sc.Network(E=E, source=source, ff=sc.models.Projection(source, E, **same), seed=2,
                     rec=sc.models.Projection(E, E, delay=1.5 * ms, **same))  # fmt: skip
    graph = sc.nir.write(net, None, spikes=spikes)
    again = sc.nir.read(graph, spikes=spikes, sources={"source": other})
    spike = [run(n, ["E.spike"], 2000)["E.spike"] for n in (net, again)]
    assert spike[0].sum() > 200
    assert_array_equal(spike[0], spike[1])


def test_populations_without_ends_get_them():
    a, b = neurons(3), neurons(3, receptors={"exc": sc.models.Exponential()})
    net = sc.Network(a=a, b=b, ab=sc.models.Projection(a, b, connect=np.eye(3), weight=1 * pA, delay=2 * ms))
    graph = sc.nir.write(net, None)
    assert sorted(graph.edges) == [("a", "ab"), ("a_input", "a"), ("ab", "b"), ("b", "b_output")]
    assert_array_equal(graph.nodes["ab"].delay, [0.002] * 3)


def alone(model=neurons, **given):
    return lambda: sc.Network(a=model(**({} if model is neurons else {"in_size": 1}), **given))


def two(link=sc.models.Projection, **given):
    a, b = neurons(3), neurons(3, receptors={"exc": sc.models.Exponential()})
    given = {"connect": sc.models.AllToAll(), "weight": 1 * pA} | given
    return lambda: sc.Network(a=a, b=b, ab=link(a, b, **given))


def with_receptors(*receptors):
    return alone(receptors={f"r{k}": receptor for k, receptor in enumerate(receptors)})


@pytest.mark.parametrize(
    ("net", "text"),
    [
        (alone(sc.models.Izhikevich), "'a' is Izhikevich, for which NIR has no node"),
        (alone(sc.models.LIF), "'a' has spk_reset='soft'"),
        (alone(tau_ref=2 * ms), "'a' has 'tau_ref'"),
        (alone(noise=1 * mV / ms**0.5), "'a' has 'noise'"),
        (with_receptors(sc.models.Exponential(), sc.models.Delta()), "'a' has the receptors r0, r1"),
        (with_receptors(sc.models.Exponential(reversal=0 * mV)), "Exponential with a reversal potential"),
        (with_receptors(sc.models.Alpha()), "'a' has the receptor Alpha"),
        (with_receptors(sc.models.Delta()), r"write\(..., spikes='dirac'\)"),
        (two(plasticity=sc.models.STDP(w_max=2 * pA)), "'ab' has 'plasticity'"),
        (two(short_term=sc.models.TsodyksMarkram()), "'ab' has 'short_term'"),
        (two(delay=np.arange(1, 10) * ms), "each synapse of 'ab' has a delay of its own"),
        (
            alone(sc.models.IF, spk_reset="hard", receptors={"e": sc.models.Exponential()}),
            "a neuron without leak has no",
        ),
        (two(sc.models.GapJunction, weight=1 * nS), "'a' has 'gap'"),
    ],
)
def test_what_NIR_has_nothing_for_is_refused_by_name(net, text):
    with pytest.raises(NotImplementedError, match=text):
        sc.nir.write(net(), None)


def test_write_takes_a_network():
    with pytest.raises(TypeError, match=r"write\(\) takes a sc.Network"):
        sc.nir.write(neurons(), None)


def test_a_gradient_goes_through_a_graph():
    import jax

    row = {name: chain_of_all(2).nodes[name] for name in ("input", "fc", "cubali", "output")}
    net = sc.nir.read(nir.NIRGraph(row, list(itertools.pairwise(row))))
    run = sc.unroll(net, 1 * ms, inputs={"input": np.ones(2) * dimensionless}, record=("cubali.V",))

    def final(params):
        return run(params)[0]["cubali.V"][-1].sum()

    params = net.float_params()
    slope, step = jax.grad(final)(params), 1e-6
    for name in ("fc.weight", "cubali.input.w_in", "cubali.input.bias"):
        along = {name: params[name] + step * slope[name], f"-{name}": params[name] - step * slope[name]}
        rise = final(params | {name: along[name]}) - final(params | {name: along[f"-{name}"]})
        assert_allclose(rise / (2 * step), (slope[name] ** 2).sum(), rtol=1e-5)


def test_the_resistance_keeps_its_unit():
    net = sc.nir.read(nir.NIRGraph.from_list(nir.LIF(*(np.ones(1) * v for v in (0.02, 3.0, 0.0, 1.0)))))
    assert_array_equal(net.lif.R.m_as(ohm), [3e9])  # mV / pA
