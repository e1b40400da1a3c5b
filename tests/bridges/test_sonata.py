"""sc.sonata: files as the developer guide of SONATA lays them out."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore.units import Mohm, ms, mV, nS, second

h5py = pytest.importorskip("h5py")

SOURCE, TARGET = np.array([2, 0, 1, 2, 0]), np.array([0, 0, 1, 1, 3])
TYPES = np.array([7, 7, 9, 9, 9])
OF_GROUP, PLACE = np.array([0, 1, 0, 1, 0]), np.array([2, 0, 0, 1, 1])  # of the edges, and within their group
WEIGHT_0, WEIGHT_1 = [1.0, 2.0, 3.0], [10.0, 20.0]
WEIGHT = [3.0, 10.0, 1.0, 20.0, 2.0]  # by the two above


def edges_file(path, weight=True, delay=False, population="lgn_to_v1"):
    """Write a file of five edges in two groups; return its path."""
    with h5py.File(path, "a") as h5:
        group = h5.create_group(f"edges/{population}")
        for name, values, nodes in (("source_node_id", SOURCE, "lgn"), ("target_node_id", TARGET, "v1")):
            group.create_dataset(name, data=values, dtype="u8").attrs["node_population"] = nodes
        for name, values in (("edge_type_id", TYPES), ("edge_group_id", OF_GROUP), ("edge_group_index", PLACE)):
            group[name] = values
        for number, values in (("0", WEIGHT_0), ("1", WEIGHT_1)):
            group.create_group(number)
            if weight is True or weight == number:
                group[number]["syn_weight"] = values
            if delay:
                group[number]["delay"] = np.array(values) / 10
    return path


def types_file(path, text):
    path.write_text(text)
    return path


def test_edges_become_pairs_with_weights_and_delays(tmp_path):
    e = sc.sonata.read_edges(edges_file(tmp_path / "e.h5", delay=True), weight_unit="nS")
    assert_array_equal([e.connect.pre, e.connect.post], [SOURCE, TARGET])
    assert_array_equal(e.weight.m_as("nS"), WEIGHT)
    assert_allclose(e.delay.m_as("ms"), np.array(WEIGHT) / 10)
    assert (e.source, e.target) == ("lgn", "v1")


def test_edges_make_a_projection_in_their_order(tmp_path):
    e = sc.sonata.read_edges(edges_file(tmp_path / "e.h5", delay=True), weight_unit="uS")
    lgn = sc.models.SpikeSource(3, [0.1] * ms, [0])
    receptors = {"exc": sc.models.Exponential(reversal=0 * mV)}
    v1 = sc.models.LIF(4, R=100 * Mohm, receptors=receptors)
    p = sc.models.Projection(lgn, v1, connect=e.connect, weight=e.weight, delay=e.delay)
    runner = sc.DSRunner(sc.Network(lgn=lgn, v1=v1, p=p), ["v1.exc.g"], dt=0.1 * ms)
    g = runner.run(1.5 * ms)["v1.exc.g"].m_as("uS")
    # Neuron 0 sends to 0 after 1 ms, with 10 uS, and to 3 after 0.2 ms, with 2 uS.
    assert_allclose([g[10, 0], g[2, 3]], [10.0, 2.0])
    assert not g[:10, 0].any()
    assert not g[:, 1:3].any()


def test_types_say_what_the_edges_do_not(tmp_path):
    types = types_file(tmp_path / "t.csv", "edge_type_id population syn_weight delay template\n"
                       "7 lgn_to_v1 0.5 2.0 NULL\n9 lgn_to_v1 0.25 1.5 NULL\n9 other 1 1 NULL\n")  # fmt: skip
    e = sc.sonata.read_edges(edges_file(tmp_path / "e.h5", weight="1"), weight_unit="nS", types=types)
    assert_array_equal(e.weight.m_as("nS"), [0.5, 10.0, 0.25, 20.0, 0.25])
    assert_array_equal(e.delay.m_as("ms"), [2.0, 2.0, 1.5, 1.5, 1.5])


def test_what_no_edge_has_is_none(tmp_path):
    e = sc.sonata.read_edges(edges_file(tmp_path / "e.h5", weight=False), weight_unit="nS")
    assert e.weight is None
    assert e.delay is None


def test_edges_of_which_some_have_a_weight_are_refused(tmp_path):
    file = edges_file(tmp_path / "e.h5", weight="1")
    with pytest.raises(ValueError, match="'lgn_to_v1': 3 of 5 edges have no syn_weight"):
        sc.sonata.read_edges(file, weight_unit="nS")


def test_a_population_is_chosen_by_name(tmp_path):
    file = edges_file(edges_file(tmp_path / "e.h5"), population="v1_to_v1")
    with pytest.raises(ValueError, match="no population None of edges; it has lgn_to_v1, v1_to_v1"):
        sc.sonata.read_edges(file, weight_unit="nS")
    assert len(sc.sonata.read_edges(file, "v1_to_v1", weight_unit="nS").weight) == 5
    with pytest.raises(ValueError, match="no population 'lgn' of spikes; it has no spikes"):
        sc.sonata.read_spikes(file, 3, "lgn")


@pytest.mark.parametrize(("unit", "factor"), [("ms", 1.0), ("s", 1e-3), (None, 1.0)])
def test_spikes_become_a_source(tmp_path, unit, factor):
    with h5py.File(tmp_path / "s.h5", "w") as h5:
        h5["spikes/lgn/timestamps"] = np.array([3.0, 1.0, 2.0]) * factor
        h5["spikes/lgn/node_ids"] = np.array([4, 0, 2], "u8")
        if unit:
            h5["spikes/lgn/timestamps"].attrs["units"] = unit
    source = sc.sonata.read_spikes(tmp_path / "s.h5", 5)
    mon = sc.DSRunner(source, ["spike_events"], dt=0.1 * ms).run(5 * ms)
    assert_allclose(mon.spike_events.times.m_as("ms"), [1.0, 2.0, 3.0])
    assert_array_equal(mon.spike_events.indices, [0, 2, 4])


def test_written_spikes_have_the_layout_and_come_back(tmp_path):
    neurons = sc.models.LIF(20, tau=np.linspace(5, 30, 20) * ms)
    spikes = sc.DSRunner(neurons, ["spike_events"], dt=0.1 * ms).run(0.1 * second, inputs="1.5 mA").spike_events
    sc.sonata.write_spikes(tmp_path / "s.h5", {"v1": spikes, "none": ([] * ms, np.zeros(0, int))})
    with h5py.File(tmp_path / "s.h5") as h5:
        assert (h5.attrs["magic"], *h5.attrs["version"]) == (0x0A7A, 0, 1)
        group = h5["spikes/v1"]
        assert h5py.check_enum_dtype(group.attrs.get_id("sorting").dtype)["by_time"] == group.attrs["sorting"]
        assert (group["timestamps"].dtype, group["node_ids"].dtype) == (np.dtype("f8"), np.dtype("u8"))
        assert group["timestamps"].attrs["units"] == "ms"
        assert (np.diff(group["timestamps"][()]) >= 0).all()
        assert not len(h5["spikes/none/timestamps"])
    source = sc.sonata.read_spikes(tmp_path / "s.h5", 20, "v1")
    again = sc.DSRunner(source, ["spike_events"], dt=0.1 * ms).run(0.1 * second).spike_events
    assert len(spikes) > 100
    assert_allclose(again.times.m_as("ms"), spikes.times.m_as("ms"))
    assert_array_equal(again.counts(), spikes.counts())


def test_spikes_that_do_not_fit_are_refused(tmp_path):
    with pytest.raises(ValueError, match="write_spikes: 'v1' needs a time and one number"):
        sc.sonata.write_spikes(tmp_path / "s.h5", {"v1": ([1.0, 2.0] * ms, [[0, 1], [0, 2]])})
    with pytest.raises(sc.DimensionalityError, match="write_spikes: 'v1'"):
        sc.sonata.write_spikes(tmp_path / "s.h5", {"v1": ([1.0] * nS, [0])})
    assert not (tmp_path / "s.h5").exists()
