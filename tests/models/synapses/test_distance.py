"""Weights and delays by distance: sc.init.OfDistance, in space and in periodic boxes."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore import DimensionalityError
from simcore.init import OfDistance
from simcore.models import (
    STDP,
    AllToAll,
    Delta,
    DistanceBox,
    Exponential,
    FixedProbability,
    LIFRef,
    PoissonGroup,
    Projection,
    SpikeSource,
)
from simcore.units import Hz, Mohm, mm, ms, mV, nS, pA, um

POSITIONS = np.random.default_rng(0).uniform(0, 1000, (60, 2))  # um
FALLING = OfDistance(lambda d: 3 * pA * np.exp(-d / (100 * um)))


def cells(positions=POSITIONS, n=60, **kwargs):
    where_they_are = None if positions is None else positions * um
    return LIFRef(n, R=100 * Mohm, receptors={"e": Exponential(tau=5 * ms)}, positions=where_they_are, **kwargs)


def apart(pre, post, box=None):
    """Return the distances of neurons, in um, of numpy alone."""
    away = np.abs(POSITIONS[pre] - POSITIONS[post])
    return np.hypot(*(away if box is None else np.minimum(away, box - away)).T)


@pytest.mark.parametrize("connect", [FixedProbability(0.2), AllToAll(), (np.array([5, 3, 3]), np.array([0, 9, 2]))])
def test_a_weight_is_the_function_of_the_distance_of_its_neurons(connect, precision):
    E = cells()
    p = Projection(E, E, "e", connect=connect, weight=FALLING)
    pre, post = p.synapses()
    assert_allclose(p.distances().m_as("um"), apart(pre, post))
    assert_allclose(
        p.weight.m_as("pA"), 3 * np.exp(-apart(pre, post) / 100), rtol=1e-12 if precision == "float64" else 1e-6
    )


def test_views_have_the_positions_of_their_neurons():
    E = cells()
    p = Projection(E[40:], E[[7, 2]], "e", connect=AllToAll(), weight=FALLING)
    pre, post = p.synapses()
    assert set(pre) == set(range(40, 60))
    assert_allclose(p.weight.m_as("pA"), 3 * np.exp(-apart(pre, post) / 100))


def test_in_a_periodic_box_the_distance_is_the_shorter_way():
    E = cells()
    by_rule = Projection(E, E, "e", connect=DistanceBox(300 * um, period=1 * mm), weight=FALLING, seed=1)
    pre, post = by_rule.synapses()
    assert (apart(pre, post) > 300).any()  # across the border
    assert_allclose(by_rule.distances().m_as("um"), apart(pre, post, 1000))
    assert_allclose(by_rule.weight.m_as("pA"), 3 * np.exp(-apart(pre, post, 1000) / 100))
    own = Projection(E, E, "e", connect=AllToAll(), weight=OfDistance(FALLING.function, period=[1000, 2000] * um))
    assert_allclose(own.weight.m_as("pA"), 3 * np.exp(-apart(*own.synapses(), np.array([1000, 2000])) / 100))


def test_a_spike_arrives_after_the_way_to_its_target():
    # Sources at 0, targets at 0, 100, ..., 400 um, 0.5 m/s = 500 um/ms and 0.3 ms at the synapse.
    line = np.stack([np.arange(5) * 100.0, np.zeros(5)], 1)
    n = LIFRef(5, V_th=1e6 * mV, receptors={"j": Delta()}, positions=line * um, tau=1e9 * ms)
    source = SpikeSource(1, [1.0] * ms, [0], positions=[[0.0, 0.0]] * um)
    way = OfDistance(lambda d: 0.3 * ms + d / (500 * um / ms))
    p = Projection(source, n, "j", connect=AllToAll(), weight=1 * mV, delay=way)
    mon = sc.DSRunner(sc.Network(source=source, n=n, p=p), {"V": "n.V"}, progress_bar=False).run(4 * ms)
    steps = np.argmax(mon.V.m_as("mV") > 0.5, axis=0)
    assert_allclose(mon.ts.m_as("ms")[steps], 1.0 + 0.3 + np.arange(5) * 0.2)


def test_delays_may_be_0_and_are_the_nearest_steps():
    E = cells(np.array([[0.0], [4.0], [16.0]]), n=3)
    p = Projection(E, E, "e", connect=AllToAll(), weight=1 * pA, delay=OfDistance(lambda d: d / (100 * um / ms)))
    net = sc.Network(E=E, p=p)
    sc.DSRunner(net, progress_bar=False).run(0.1 * ms)
    assert_array_equal(p.delay_steps(0.1), np.round([0, 0.4, 1.6, 0.4, 0, 1.2, 1.6, 1.2, 0]))


def test_plastic_weights_start_there_and_batches_share_them():
    E = cells()
    p = Projection(E, E, "e", connect=FixedProbability(0.2), weight=FALLING, plasticity=STDP(w_max=10 * pA))
    net = sc.Network(E=E, p=p)
    net.init_state(batch_size=2)
    expected = 3 * np.exp(-apart(*p.synapses()) / 100)
    assert_allclose(p.weight.value.m_as("pA"), np.stack([expected, expected]))


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        (
            {"weight": OfDistance(lambda d: 1 * mV * d / um)},
            DimensionalityError,
            "E2E: 'weight' needs a quantity in pA",
        ),
        (
            {"weight": OfDistance(lambda d: 2.0 * np.ones(d.size))},
            DimensionalityError,
            "E2E: 'weight' needs a quantity",
        ),
        (
            {"weight": OfDistance(lambda d: [1, 2, 3] * pA)},
            ValueError,
            r"'weight': the function of 1 distances returns",
        ),
        ({"delay": OfDistance(lambda d: d / (3 * um))}, DimensionalityError, "E2E: 'delay' needs a quantity in ms"),
    ],
)
def test_a_function_of_the_wrong_unit_or_shape_is_refused_before_anything_is_drawn(options, error, text):
    E = cells()
    with pytest.raises(error, match=text):
        Projection(E, E, "e", connect=FixedProbability(0.2), **{"weight": 1 * pA, "name": "E2E"} | options)


def test_values_that_are_not_allowed_are_refused():
    E = cells()
    less = Projection(
        E, E, "e", connect=AllToAll(), weight=1 * pA, delay=OfDistance(lambda d: d / (1 * um / ms) - 1 * ms)
    )
    with pytest.raises(ValueError, match="'delay' must be >= 0, got -1 ms"):
        sc.DSRunner(sc.Network(E=E, p=less), progress_bar=False).run(0.1 * ms)
    G = LIFRef(60, receptors={"g": Exponential(tau=5 * ms, reversal=0 * mV)}, positions=POSITIONS * um)
    with pytest.raises(ValueError, match="'weight' must be >= 0, got -"):
        Projection(G, G, "g", connect=AllToAll(), weight=OfDistance(lambda d: 1 * nS - d * nS / um))


def test_without_positions_or_in_other_spaces_there_is_no_distance():
    E, source = cells(), PoissonGroup(3, 1 * Hz)
    with pytest.raises(ValueError, match="'weight' is a function of the distance; give positions= to the pre pop"):
        Projection(source, E, "e", connect=AllToAll(), weight=FALLING)
    with pytest.raises(ValueError, match="'delay' is a function of the distance; give positions= to the post pop"):
        Projection(
            E, cells(None), "e", connect=AllToAll(), weight=1 * pA, delay=OfDistance(lambda d: d / (1 * um / ms))
        )
    with pytest.raises(ValueError, match="needs positions in one space, got 2 and 3 coordinates"):
        Projection(E, cells(np.zeros((60, 3))), "e", connect=AllToAll(), weight=FALLING)
    with pytest.raises(TypeError, match="OfDistance is for the weights and delays of a projection"):
        LIFRef(2, V_initializer=FALLING).init_state()
    with pytest.raises(TypeError, match="OfDistance needs a function of distances, got 3"):
        OfDistance(3)


@pytest.mark.parametrize("what", ["weight", "delay"])
def test_a_function_of_the_distance_that_is_given_for_one_of_a_shape_is_told_of_it(what):
    E = cells()
    function = {"weight": lambda d: 1 * pA * np.exp(-d / (100 * um)), "delay": lambda d: 1 * ms + d / (300 * um / ms)}
    options = {"weight": 1 * pA} | {what: function[what]}
    with pytest.raises(TypeError, match=r"called with a shape.*If it is a function of the distance, give sc"):
        sc.DSRunner(sc.Network(E=E, p=Projection(E, E, "e", connect=AllToAll(), **options)), progress_bar=False).run(
            1 * ms
        )


def test_delays_of_single_synapses_cannot_be_set_later_in_place_of_one():
    E = cells()
    p = Projection(E, E, "e", connect=FixedProbability(0.2), weight=1 * pA)
    with pytest.raises(ValueError, match="'delay' is set to one time for all; delays of single synapses are given"):
        p.delay = np.full(p.n_synapses, 1.0) * ms
