"""The synapses of a projection in plain numpy, without any network."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from simcore.models import AllToAll, FixedProbability, OneToOne, Pairs
from simcore.models.connect.base import Ends
from simcore.models.synapses.layout import lay_out, number_type


def ends(index, population=0):
    return Ends(np.asarray(index), None, population)


def test_synapses_have_the_numbers_of_the_whole_populations():
    layout = lay_out(Pairs([0, 1, 1], [2, 0, 1]), ends([5, 7]), ends([1, 8, 4], 1), np.random.default_rng(0), (9, 10))
    assert_array_equal(layout.synapses(), [[5, 7, 7], [4, 1, 8]])
    assert layout.n_synapses == 3
    assert_array_equal(layout.ptr, [0, 0, 0, 0, 0, 0, 1, 1, 3, 3])


def test_values_come_from_the_order_in_which_the_synapses_were_given():
    pre, post = [3, 0, 2, 0], [1, 2, 0, 0]
    layout = lay_out(Pairs(pre, post), ends(range(4)), ends(range(3), 1), np.random.default_rng(0), (4, 3))
    values = layout.in_given_order(np.array([1, 20, 300, 4000]))
    of_pair = dict(zip(zip(*(x.tolist() for x in layout.synapses()), strict=True), values.tolist(), strict=True))
    assert of_pair == {(3, 1): 1, (0, 2): 20, (2, 0): 300, (0, 0): 4000}


def test_rows_of_a_view_in_another_order_are_those_of_its_neurons():
    # Source 0 of the view is neuron 6, source 1 neuron 2: rows lie in the order of the population.
    layout = lay_out(Pairs([0, 1, 1], [0, 1, 2]), ends([6, 2]), ends(range(3), 1), np.random.default_rng(0), (7, 3))
    assert_array_equal(layout.synapses(), [[2, 2, 6], [1, 2, 0]])
    assert_array_equal(layout.in_given_order(np.array([10, 20, 30])), [20, 30, 10])


@pytest.mark.parametrize(("post", "dense"), [(range(3, 7), True), ([3, 5, 6, 7], False), ([4, 3, 5, 6], False)])
def test_where_each_source_reaches_the_same_range_the_range_is_all_that_is_kept(post, dense):
    layout = lay_out(AllToAll(), ends([1, 2]), ends(post, 1), np.random.default_rng(0), (4, 9))
    assert isinstance(layout.targets, range) == dense
    assert layout.window == ((3, 4) if dense else None)
    assert_array_equal(layout.synapses(), [np.repeat([1, 2], 4), np.tile(post, 2)])
    listed = lay_out(AllToAll(), ends([1, 2]), ends(post, 1), np.random.default_rng(0), (4, 9), listed=True)
    assert_array_equal(listed.synapses(), layout.synapses())
    assert listed.window is None


def test_incoming_synapses_are_the_same_ones_by_target():
    layout = lay_out(FixedProbability(0.3), ends(range(20)), ends(range(15), 1), np.random.default_rng(4), (20, 15))
    pre, post = layout.synapses()
    ptr, sources, synapse = layout.incoming(15)
    assert_array_equal(np.diff(ptr), np.bincount(post, minlength=15))
    assert_array_equal(sources, pre[synapse])
    assert_array_equal(np.repeat(np.arange(15), np.diff(ptr)), post[synapse])


def test_neurons_of_small_populations_have_short_numbers():
    assert (
        lay_out(OneToOne(), ends([0, 2]), ends([5, 0], 1), np.random.default_rng(0), (3, 2**16)).targets.dtype
        == np.uint16
    )
    assert number_type(2**16 + 1) == np.uint32


def test_an_empty_projection_has_no_synapses():
    layout = lay_out(FixedProbability(0.0), ends(range(3)), ends(range(2), 1), np.random.default_rng(0), (3, 2))
    assert layout.n_synapses == 0
    assert_array_equal(layout.synapses(), np.zeros((2, 0)))


def test_what_does_not_fit_in_memory_is_refused_before_it_is_drawn():
    whole = ends(range(10**7))
    with pytest.raises(MemoryError, match=r"p: 1e\+14 synapses of 8 bytes would take"):
        lay_out(AllToAll(), whole, ends(range(10**7), 1), np.random.default_rng(0), (10**7, 10**7), who="p")
