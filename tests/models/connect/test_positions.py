"""Rules of distance through the constructors of populations and projections."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import simcore as sc
from simcore.models import (
    LIF,
    DistanceBox,
    DistanceExponential,
    DistanceGaussian,
    Exponential,
    LIFRef,
    PoissonGroup,
    Projection,
    SpikeSource,
)
from simcore.units import Hz, mm, ms, pA, um

X = np.random.default_rng(0).uniform(0, 100, (50, 2)) * um
MAKE = {
    "LIF": lambda **kw: LIF(50, **kw),
    "LIFRef": lambda **kw: LIFRef(50, **kw),
    "PoissonGroup": lambda **kw: PoissonGroup(50, 5 * Hz, **kw),
    "SpikeSource": lambda **kw: SpikeSource(50, [1] * ms, [0], **kw),
}


@pytest.mark.parametrize("name", MAKE)
def test_every_population_takes_positions_in_its_constructor_and_later(name):
    later = MAKE[name]()
    assert later.positions is None
    later.positions = (X.m_as("mm")) * mm
    for population in (MAKE[name](positions=X), later):
        assert_allclose(population.positions.m_as("um"), X.m_as("um"))


def test_positions_of_another_number_or_unit_are_refused():
    with pytest.raises(ValueError, match=r"LIF: 'positions' needs the shape \(50, dimensions\), got \(49, 2\)"):
        LIF(50, positions=X[:49])
    with pytest.raises(sc.DimensionalityError, match="LIF: 'positions' needs a quantity in"):
        LIF(50).positions = X.magnitude * ms


def distances(pre, post):
    return np.sqrt(((X.m_as("um")[pre] - X.m_as("um")[post]) ** 2).sum(1))


def test_all_within_the_radius_are_connected_and_nobody_else():
    cells = LIF(50, positions=X, receptors={"syn": Exponential()})
    pre, post = Projection(cells, cells, connect=DistanceBox(30 * um), weight=1 * pA).synapses()
    i, j = np.divmod(np.arange(2500), 50)
    near = distances(i, j) <= 30
    assert_array_equal(np.sort(pre * 50 + post), np.flatnonzero(near))


@pytest.mark.parametrize(
    ("rule", "probability"),
    [
        (DistanceGaussian(40 * um, 0.8), lambda d: 0.8 * np.exp(-0.5 * (d / 40) ** 2)),
        (DistanceExponential(40 * um, 0.8), lambda d: 0.8 * np.exp(-d / 40)),
    ],
)
def test_a_view_is_connected_by_the_positions_of_its_neurons(rule, probability):
    source = PoissonGroup(50, 5 * Hz, positions=X)
    cells = LIF(50, positions=X, receptors={"syn": Exponential()})
    i, j = np.meshgrid(np.arange(10, 50), np.arange(50), indexing="ij")
    p = probability(distances(i.ravel(), j.ravel()))
    number = [Projection(source[10:], cells, connect=rule, weight=1 * pA, seed=s).n_synapses for s in range(10)]
    # Independent pairs: ten draws, four standard errors.
    assert_allclose(np.mean(number), p.sum(), atol=4 * np.sqrt((p * (1 - p)).sum() / 10))
    pre, _ = Projection(source[10:], cells, connect=rule, weight=1 * pA).synapses()
    assert pre.min() >= 10


def test_without_positions_the_rule_says_what_to_give():
    cells = LIF(50, receptors={"syn": Exponential()})
    with pytest.raises(ValueError, match="DistanceBox needs positions; give positions= to the pre population"):
        Projection(cells, cells, connect=DistanceBox(30 * um), weight=1 * pA)
