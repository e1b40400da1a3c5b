"""Connection rules against exact counts, closed forms and the distributions they are named after.

The seeds are fixed. A z is a normal variable if the code is right: |z| < 4.5 fails for one seed in 150 000.
"""

import itertools
import math
import tracemalloc
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy import sparse
from scipy.spatial.distance import cdist

from simcore import DimensionalityError
from simcore.models import (
    AllToAll,
    DistanceBox,
    DistanceExponential,
    DistanceGaussian,
    FixedInDegree,
    FixedOutDegree,
    FixedProbability,
    FixedTotalNumber,
    Matrix,
    OneToOne,
    Pairs,
    SmallWorld,
)
from simcore.models.connect import blocks
from simcore.models.connect.base import Ends
from simcore.models.connect.read import as_rule
from simcore.models.connect.sorting import transpose
from simcore.units import mm, ms, um

Z = 4.5
DISTANCE = [DistanceGaussian, DistanceExponential, DistanceBox]


@pytest.fixture(params=[5, blocks.BLOCK], ids=["small_blocks", "large_blocks"])
def block(request, monkeypatch):
    """Draw in blocks of 5 synapses, and in those of every day."""
    monkeypatch.setattr(blocks, "BLOCK", request.param)
    return request.param


def ends(n, population=1, first=0, positions=None):
    return Ends(np.arange(first, first + n), positions, population)


def draw(rule, pre, post, seed=1):
    rule.check(pre, post)
    rows = rule.rows(pre, post, np.random.default_rng(seed))
    assert rows.ptr.dtype == np.int64
    assert rows.post.dtype == np.uint32
    assert (rows.ptr.shape, rows.ptr[0], rows.ptr[-1]) == ((len(pre) + 1,), 0, rows.post.size)
    return rows


def pairs(rows):
    """Return source and target of each synapse."""
    return np.repeat(np.arange(rows.ptr.size - 1), np.diff(rows.ptr)), rows.post.astype(np.int64)


def counts(rows, n_post):
    """Return the number of synapses of each pair, (n_pre, n_post)."""
    source, target = pairs(rows)
    n_pre = rows.ptr.size - 1
    return np.bincount(source * n_post + target, minlength=n_pre * n_post).reshape(n_pre, n_post)


def z_of_chi2(x, k):
    """Wilson and Hilferty (1931), PNAS 17, 684: the cube root of chi^2 / k is nearly normal."""
    return ((x / k) ** (1 / 3) - (1 - 2 / (9 * k))) / math.sqrt(2 / (9 * k))


# ------------------------------------------------------------------ exact counts


@pytest.mark.parametrize("multiple", [True, False])
@pytest.mark.parametrize("self_connections", [True, False])
@pytest.mark.parametrize(("n", "size"), [(0, 6), (1, 6), (3, 6), (4, 6), (5, 6), (7, 100)])
def test_fixed_degrees_are_exact(block, n, size, self_connections, multiple):
    pop = ends(size)
    inward = counts(draw(FixedInDegree(n, self_connections, multiple), pop, pop), size)
    outward = counts(draw(FixedOutDegree(n, self_connections, multiple), pop, pop), size)
    total = counts(draw(FixedTotalNumber(n, self_connections, multiple), pop, pop), size)
    assert_array_equal(inward.sum(0), np.full(size, n))
    assert_array_equal(outward.sum(1), np.full(size, n))
    assert total.sum() == n
    for matrix in (inward, outward, total):
        assert self_connections or not np.diag(matrix).any()
        assert multiple or matrix.max(initial=0) <= 1


@pytest.mark.parametrize("rule", [FixedInDegree, FixedOutDegree, FixedTotalNumber])
def test_all_partners_are_taken_where_only_they_suffice(block, rule):
    n = 20 if rule is FixedTotalNumber else 4
    pop = ends(5)
    assert_array_equal(counts(draw(rule(n, False, False), pop, pop), 5), 1 - np.eye(5))
    n = 25 if rule is FixedTotalNumber else 5
    assert_array_equal(counts(draw(rule(n, True, False), pop, pop), 5), np.ones((5, 5)))


def test_multiple_synapses_do_occur():
    pre, post = ends(5), ends(50, 2)
    for rule in (FixedInDegree(5), FixedOutDegree(50), FixedTotalNumber(250)):
        assert counts(draw(rule, pre, post), 50).max() > 1


def test_all_to_all_and_one_to_one(block):
    pre, post = ends(4), ends(3, 2)
    assert_array_equal(counts(draw(AllToAll(), pre, post), 3), np.ones((4, 3)))
    assert_array_equal(counts(draw(AllToAll(self_connections=False), pre, post), 3), np.ones((4, 3)))
    assert_array_equal(counts(draw(AllToAll(self_connections=False), pre, pre), 4), 1 - np.eye(4))
    assert_array_equal(counts(draw(OneToOne(), pre, ends(4, 2)), 4), np.eye(4))


ALL_PAIRS = [
    AllToAll(False),
    FixedProbability(1, False),
    DistanceBox(1 * mm, 1, False),
    FixedTotalNumber(10, False, False),
]


@pytest.mark.parametrize("rule", ALL_PAIRS)
def test_only_a_neuron_with_itself_is_left_out_of_views_that_overlap(block, rule):
    pre = Ends(np.array([7, 2, 5]), np.zeros((3, 2)), 1)
    post = Ends(np.array([5, 3, 9, 7]), np.zeros((4, 2)), 1)
    all_but_self = (pre.index[:, None] != post.index).astype(int)
    assert all_but_self.sum() == 10
    assert_array_equal(counts(draw(rule, pre, post), 4), all_but_self)


@pytest.mark.parametrize(
    "rule",
    [
        AllToAll(),
        FixedProbability(0.3),
        FixedInDegree(4),
        FixedOutDegree(4),
        FixedTotalNumber(150),
        FixedTotalNumber(150, multiple=False),
        SmallWorld(4, 0.5),
        DistanceGaussian(0.1 * mm),
    ],
)
def test_the_targets_of_a_source_ascend(block, rule):
    pop = ends(30, positions=np.random.default_rng(0).uniform(0, 300, (30, 2)))
    rows = draw(rule, pop, pop)
    source, target = pairs(rows)
    assert source.size > 90
    assert (np.diff(source * 30 + target) >= 0).all()


# ------------------------------------------------------------------ distributions

OVERLAPPING = (ends(2), ends(2, first=1))  # of the four pairs one is a neuron with itself


@pytest.mark.parametrize(
    ("rule", "sides", "outcomes"),
    [
        (FixedProbability(0.5), (ends(2), ends(3, 2)), 2**6),
        (FixedProbability(0.5, False), (ends(3), ends(3)), 2**6),
        (FixedOutDegree(1, False, False), (ends(3), ends(3)), 2**3),
        (FixedOutDegree(2, False, False), (ends(4), ends(4)), 3**4),
        (FixedOutDegree(3, False, False), (ends(2), ends(5)), 4**2),  # more than half of what there is
        (FixedInDegree(2, False, False), (ends(4), ends(4)), 3**4),
        (FixedInDegree(2, True, False), (ends(5), ends(2, 2)), 10**2),
        (FixedInDegree(1, False, True), (ends(3), ends(4)), 2**3 * 3),
        (FixedTotalNumber(2, False, False), (ends(3), ends(3)), 15),
        (FixedTotalNumber(1, False, True), OVERLAPPING, 3),
        (FixedTotalNumber(1, False, False), OVERLAPPING, 3),
        (SmallWorld(2, 1.0), (ends(4), ends(4)), 3**4),
    ],
)
@pytest.mark.parametrize("block", [
    pytest.param(5, id="small_blocks"), pytest.param(blocks.BLOCK, id="large_blocks", marks=pytest.mark.slow),
], indirect=True)  # fmt: skip
def test_all_outcomes_of_a_small_network_are_equally_likely(block, rule, sides, outcomes):
    rng, n = np.random.default_rng(2), 2000
    seen = Counter(tuple(np.concatenate(rule.rows(*sides, rng)[:2])) for _ in range(n))
    chi2 = sum((k - n / outcomes) ** 2 for k in seen.values()) + (outcomes - len(seen)) * (n / outcomes) ** 2
    assert len(seen) <= outcomes
    if outcomes > 3:
        assert abs(z_of_chi2(chi2 * outcomes / n, outcomes - 1)) < Z
    else:
        assert max(abs(k - n / 3) for k in seen.values()) < Z * np.sqrt(n * 2 / 9)


@pytest.mark.parametrize("self_connections", [True, False])
@pytest.mark.parametrize("p", [0.003, 0.1, 0.7])
def test_fixed_probability_has_binomial_degrees(block, p, self_connections):
    n_pre, n_post = (100, 150) if block < 100 else (2000, 1500)
    matrix = counts(draw(FixedProbability(p, self_connections), ends(n_pre), ends(n_post)), n_post)
    assert matrix.max() == 1
    assert self_connections or not np.diag(matrix).any()
    common = min(n_pre, n_post) * (not self_connections)
    trials, var = n_pre * n_post - common, p * (1 - p)
    assert abs(matrix.sum() - p * trials) < Z * np.sqrt(var * trials)
    for axis, n in ((0, n_pre), (1, n_post)):
        # Of a sum of N values of variance v the terms (x - mean)^2 / v add up to chi^2 with N degrees of freedom, but
        # for the excess kurtosis of the binomial distribution.
        own = np.arange(matrix.shape[1 - axis]) < common
        x = (matrix.sum(axis) - (n - own) * p) / np.sqrt((n - own) * var)
        kurtosis = (1 - 6 * var) / (n * var)
        assert abs((x**2).sum() - x.size) < Z * np.sqrt(x.size * (2 + kurtosis))


@pytest.mark.parametrize(
    "rule",
    [
        FixedInDegree(20),
        FixedInDegree(20, False, False),
        FixedOutDegree(20),
        FixedOutDegree(20, False, False),
        FixedTotalNumber(20 * 500),
        FixedTotalNumber(20 * 500, False),
        FixedTotalNumber(20 * 500, False, False),
        SmallWorld(20, 1.0),
    ],
)
def test_sources_and_targets_are_uniform(block, rule):
    n, k, repeats = 500, 20, 4
    pop = ends(n)
    matrix = sum(counts(draw(rule, pop, pop, seed), n) for seed in range(repeats))
    choices = n - (not getattr(rule, "self_connections", False))
    distinct = not getattr(rule, "multiple", False)
    # The degree is hypergeometric or multinomial over the neurons: at most 1 - k / choices or 1 - 1 / n of Poisson's.
    for axis in (0, 1):
        degree = matrix.sum(axis)
        assert degree.min() > 0  # the first and the last too
        if (degree == k * repeats).all():
            continue
        var = k * repeats * (1 - k / choices if distinct else 1 - 1 / n)
        assert abs(z_of_chi2(((degree - k * repeats) ** 2).sum() / var, n - 1)) < Z
    # Nor is a step from source to target preferred, as the next one were if a duplicate moved on by one.
    lag = np.bincount((np.subtract.outer(np.arange(n), np.arange(n)) % n).ravel(), matrix.ravel(), n)
    lag = lag[n - choices :]
    assert abs(z_of_chi2(((lag - lag.mean()) ** 2).sum() / lag.mean() / (1 - k / n * distinct), lag.size - 1)) < Z


def test_pairs_far_beyond_32_bits_are_uniform():
    n, expected = 1_000_000, 20_000
    source, target = pairs(draw(FixedProbability(expected / n**2), ends(n), ends(n, 2)))
    assert abs(source.size - expected) < Z * np.sqrt(expected)
    for x in (source, target):
        bins = np.bincount(x // (n // 100), minlength=100)
        assert abs(z_of_chi2(((bins - bins.mean()) ** 2 / bins.mean()).sum(), 99)) < Z
    assert abs(np.corrcoef(source, target)[0, 1]) < Z / np.sqrt(source.size)


def test_probabilities_0_and_1_and_next_to_0(block):
    pre, post = ends(7), ends(9, 2)
    for p in (0, 0.0, 1e-320, 1e-30):
        assert draw(FixedProbability(p), pre, post).post.size == 0
    for p in (1, 1.0, 1 - 1e-16):
        assert_array_equal(counts(draw(FixedProbability(p), pre, post), 9), np.ones((7, 9)))


# ------------------------------------------------------------------ seeds, sizes, memory

RANDOM = [
    FixedProbability(0.1),
    FixedInDegree(5),
    FixedInDegree(5, multiple=False),
    FixedOutDegree(5),
    FixedOutDegree(5, multiple=False),
    FixedTotalNumber(500),
    FixedTotalNumber(500, multiple=False),
    SmallWorld(6, 0.3),
    DistanceGaussian(50 * um),
    DistanceExponential(50 * um),
    DistanceBox(50 * um, 0.5),
]
NEVER_EMPTY = [AllToAll(), OneToOne(), *(rule for rule in RANDOM if "Total" not in type(rule).__name__)]


@pytest.mark.parametrize("rule", RANDOM)
def test_the_seed_decides_the_synapses(rule):
    pop = ends(100, positions=np.random.default_rng(0).uniform(0, 300, (100, 2)))
    first, same, other = (draw(rule, pop, pop, seed) for seed in (1, 1, 2))
    assert_array_equal(first.ptr, same.ptr)
    assert_array_equal(first.post, same.post)
    assert not np.array_equal(first.post, other.post)


@pytest.mark.parametrize("rule", [FixedProbability(0.2), FixedProbability(0.9, False)])
def test_independent_pairs_do_not_depend_on_the_blocks(monkeypatch, rule):
    # The exponential variables come one after the other, however many at a time.
    pop, sizes = ends(50), (7, 100, 1 << 16)
    drawn = []
    for size in sizes:
        monkeypatch.setattr(blocks, "BLOCK", size)
        drawn.append(counts(draw(rule, pop, pop), 50))
    assert_array_equal(drawn[0], drawn[1])
    assert_array_equal(drawn[0], drawn[2])


@pytest.mark.parametrize("rule", NEVER_EMPTY)
def test_sides_without_neurons_have_no_synapses(rule):
    none = ends(0, positions=np.zeros((0, 2)))
    assert draw(rule, none, none).post.size == 0


def test_one_side_without_neurons_has_no_synapses():
    none, some = ends(0, positions=np.zeros((0, 2))), ends(3, 1, positions=np.zeros((3, 2)))
    for rule in (AllToAll(False), FixedProbability(0.5, False), DistanceBox(1 * um), FixedTotalNumber(0)):
        for sides in ((none, some), (some, none)):
            assert draw(rule, *sides).post.size == 0
    assert draw(FixedInDegree(3), some, none).post.size == 0
    assert draw(FixedOutDegree(3), none, some).post.size == 0


@pytest.mark.parametrize(
    ("rule", "most"),
    [
        (FixedProbability(2e-4), 4.6),
        (FixedProbability(2e-4, False), 4.8),
        (FixedOutDegree(20, False, False), 4.8),
        (FixedInDegree(20), 8.8),  # 64-bit keys are sorted
        (FixedTotalNumber(2_000_000), 5.0),
        (FixedTotalNumber(2_000_000, False, False), 9.5),  # a copy without the pairs drawn too many
    ],
)
def test_memory_is_that_of_the_result_and_little_more(monkeypatch, rule, most):
    monkeypatch.setattr(blocks, "BLOCK", 1 << 12)
    n = 100_000
    pop = ends(n)
    tracemalloc.start()
    rows = draw(rule, pop, pop)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert abs(rows.post.size - 20 * n) < Z * np.sqrt(20 * n)
    # Beside the 4 bytes of each synapse some 30 bytes of each neuron, and where the system cannot cut an array in its
    # place (seen with Python 3.13) a second copy for a moment.
    assert (peak - 30 * n) / rows.post.size < most + 4.2


@pytest.mark.parametrize("rule", RANDOM)
def test_the_number_expected_is_about_that_drawn(rule):
    pop = ends(100, positions=np.zeros((100, 2)))
    expected = rule.expected(100, 100)
    if type(rule) in DISTANCE:
        assert expected is None
    else:
        assert abs(draw(rule, pop, pop).post.size - expected) <= Z * np.sqrt(expected)


def test_the_number_expected_of_what_is_given_is_exact():
    for rule, n in ((AllToAll(), 6), (OneToOne(), 2), (Pairs([0, 0], [1, 1]), 2), (Matrix([[1, 0, 1], [0, 0, 1]]), 3)):
        assert rule.expected(2, 3) == n
    assert Matrix(sparse.csr_array([[1, 0, 1], [0, 0, 1]])).expected(2, 3) == 3


# ------------------------------------------------------------------ small world


def test_a_small_world_without_rewiring_is_the_ring(block):
    rows = draw(SmallWorld(4, 0), ends(9), ends(9))
    steps = (np.arange(9)[:, None] - np.arange(9)) % 9
    assert_array_equal(counts(rows, 9), np.isin(steps, [1, 2, 7, 8]))


@pytest.mark.parametrize("p", [0.1, 0.5, 1.0])
@pytest.mark.parametrize(("n", "k"), [(200, 10), (11, 10), (12, 8), (4, 2)])
def test_a_small_world_keeps_k_distinct_targets(block, n, k, p):
    matrix = counts(draw(SmallWorld(k, p), ends(n), ends(n)), n)
    assert_array_equal(matrix.sum(1), np.full(n, k))
    assert matrix.max() == 1
    assert not np.diag(matrix).any()


def test_a_small_world_keeps_what_is_not_rewired(block):
    # Of 4 neurons a b c d, a begins with b and d. Both stay with (1/2)^2; one is rewired with 1/2, half of the time
    # to what it was; both with (1/2)^2, to each of 3 pairs alike: 1/4 + 1/4 + 1/12.
    n, rng = 2000, np.random.default_rng(3)
    matrix = sum(counts(SmallWorld(2, 0.5).rows(ends(4), ends(4), rng), 4)[0] for _ in range(n))
    p_opposite = 1 - 7 / 12
    assert matrix[0] == 0
    assert abs(matrix[2] - n * p_opposite) < Z * np.sqrt(n * p_opposite * (1 - p_opposite))
    assert abs(matrix[1] - matrix[3]) < Z * np.sqrt(n * p_opposite)  # one of the two, in a fair choice


# ------------------------------------------------------------------ distance

PROFILE = {
    DistanceGaussian: lambda d, length: np.exp(-(d**2) / (2 * length**2)),
    DistanceExponential: lambda d, length: np.exp(-d / length),
    DistanceBox: lambda d, length: (d <= length) * 1.0,
}


def distances(x, y, period):
    if period is None:
        return cdist(x, y)
    images = itertools.product(*[(-L, 0, L) for L in np.broadcast_to(period, x.shape[1:])])
    return np.min([cdist(x, y + shift) for shift in images], axis=0)


@pytest.mark.parametrize("kind", DISTANCE)
@pytest.mark.parametrize("box", [None, 200.0, (200.0, 300.0, 100.0)], ids=["open", "periodic", "oblong"])
@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize(("length", "p_max"), [(20.0, 0.8), (90.0, 0.05), (1000.0, 0.3)])
def test_the_probability_is_that_of_the_distance(kind, box, d, length, p_max):
    rng = np.random.default_rng(d)
    x, y = rng.uniform(-50, 250, (250, d)), rng.uniform(0, 300, (800, d))
    period = box if np.ndim(box) == 0 else np.array(box[:d])
    rule = kind(length * um, p_max, period=None if box is None else period * um)
    matrix = counts(draw(rule, ends(250, positions=x), ends(800, positions=y)), 800)
    assert matrix.max(initial=0) <= 1
    away = distances(np.mod(x, period), np.mod(y, period), period) if box is not None else distances(x, y, None)
    p = p_max * PROFILE[kind](away, length)
    # Twelve bins of distance with as many pairs each, then sources and targets one by one.
    bins = np.searchsorted(np.quantile(away, np.linspace(0, 1, 13)[1:-1]), away)
    drawn, mean, var = (np.bincount(bins.ravel(), m.ravel(), 12) for m in (matrix, p, p * (1 - p)))
    enough = var > 20  # for a normal distribution
    assert enough.any()
    assert (abs(drawn - mean)[enough] < Z * np.sqrt(var[enough])).all()
    assert abs(drawn - mean)[~enough].sum() < 40
    for axis in (0, 1):
        mean, var = p.sum(axis), (p * (1 - p)).sum(axis)
        x2 = ((matrix.sum(axis) - mean)[var > 1] ** 2 / var[var > 1]).sum()
        assert var.max() < 20 or z_of_chi2(x2, (var > 1).sum()) < Z


@pytest.mark.parametrize("kind", DISTANCE)
def test_distances_in_small_blocks(monkeypatch, kind):
    monkeypatch.setattr(blocks, "BLOCK", 5)
    x = np.random.default_rng(4).uniform(0, 300, (150, 2))
    matrix = counts(draw(kind(40 * um, 0.5, False), *2 * (ends(150, positions=x),)), 150)
    p = 0.5 * PROFILE[kind](distances(x, x, None), 40.0) * (1 - np.eye(150))
    assert not np.diag(matrix).any()
    assert abs(matrix.sum() - p.sum()) < Z * np.sqrt((p * (1 - p)).sum())


@pytest.mark.parametrize("spacing", [1.0, 0.1, 10 / 3])
@pytest.mark.parametrize("periodic", [False, True])
def test_a_box_takes_all_neighbours_on_a_grid_its_edge_included(spacing, periodic):
    grid = np.stack(np.meshgrid(np.arange(20), np.arange(20)), -1).reshape(-1, 2)
    away = distances(grid, grid, 20 if periodic else None)
    rule = DistanceBox(3 * spacing * um, period=20 * spacing * um if periodic else None)
    pop = ends(400, positions=grid * spacing)
    assert_array_equal(counts(draw(rule, pop, pop), 400), away < 3.001)


def test_lengths_may_come_in_any_unit():
    pop = ends(100, positions=np.random.default_rng(0).uniform(0, 300, (100, 2)))
    in_um = draw(DistanceGaussian(50 * um, period=[300, 400] * um), pop, pop)
    in_mm = draw(DistanceGaussian(0.05 * mm, period=[0.3, 0.4] * mm), pop, pop)
    assert_array_equal(in_um.post, in_mm.post)


# ------------------------------------------------------------------ given synapses


def test_pairs_come_by_source_in_the_order_given():
    pre, post = np.array([2, 0, 2, 1, 2, 0]), np.array([1, 3, 1, 0, 0, 2])
    rows = draw(Pairs(pre, post), ends(4), ends(5, 2))
    source, target = pairs(rows)
    assert_array_equal(rows.ptr, [0, 2, 3, 6, 6])
    assert_array_equal(rows.order, [1, 5, 3, 0, 2, 4])
    assert_array_equal(source, pre[rows.order])
    assert_array_equal(target, post[rows.order])


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), max_size=40))
def test_pairs_come_back(given_pairs):
    pre, post = np.array(given_pairs, int).reshape(-1, 2).T
    rows = draw(Pairs(pre, post), ends(7), ends(5, 2))
    order = np.arange(pre.size) if rows.order is None else rows.order
    assert_array_equal(order, np.argsort(pre, kind="stable"))
    assert_array_equal(np.stack(pairs(rows)), np.stack([pre, post])[:, order])


def test_a_matrix_comes_back_row_by_row(block):
    m = np.random.default_rng(1).normal(size=(8, 6)) * (np.random.default_rng(2).random((8, 6)) < 0.4)
    for given_as in (m, m != 0, sparse.csr_array(m), sparse.coo_matrix(m), sparse.csc_array(m)):
        rows = draw(Matrix(given_as), ends(8), ends(6, 2))
        assert rows.order is None
        source, target = pairs(rows)
        assert_array_equal(m[source, target], m[m != 0])
    scattered = sparse.csr_matrix((np.array([3.0, 0.0, 2.0]), ([0, 0, 1], [1, 0, 1])), shape=(2, 2))
    assert_array_equal(draw(Matrix(scattered), ends(2), ends(2)).post, scattered.indices)  # a stored 0 is a synapse


def test_a_rule_is_made_of_what_says_where_synapses_are():
    rule = OneToOne()
    assert as_rule(rule, "P") is rule
    assert isinstance(as_rule(([0, 1], np.array([1, 0])), "P"), Pairs)
    assert isinstance(as_rule(np.eye(2), "P"), Matrix)
    assert isinstance(as_rule(sparse.eye_array(2), "P"), Matrix)
    for wrong, got in (("all", "'all'"), (None, "None"), (AllToAll, "the class AllToAll itself"), (0.1, "number 0.1")):
        with pytest.raises(
            TypeError, match=rf"^P: 'rule' needs a connection rule \(AllToAll, .*Matrix, .*SmallWorld\).*, got .*{got}"
        ):
            as_rule(wrong, "P: 'rule'")


# ------------------------------------------------------------------ transpose


@given(st.lists(st.lists(st.integers(0, 5), max_size=6), max_size=8), st.sampled_from([1, 3, 1 << 16]))
def test_the_transpose_has_each_synapse_once_at_its_target(targets, size):
    ptr = np.concatenate([[0], np.cumsum([len(row) for row in targets])]).astype(np.int64)
    post = np.array([x for row in targets for x in row], np.uint32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", size)
        ptr_in, pre, synapse = transpose(ptr, post, 6)
    assert (ptr_in.dtype, pre.dtype, synapse.dtype) == (np.int64, np.uint32, np.uint32)
    source = np.repeat(np.arange(len(targets)), np.diff(ptr))
    target_in = np.repeat(np.arange(6), np.diff(ptr_in))
    assert_array_equal(np.sort(synapse), np.arange(post.size))
    assert_array_equal(post[synapse], target_in)
    assert_array_equal(source[synapse], pre)
    assert_array_equal(synapse, np.argsort(post, kind="stable"))


def test_the_transpose_of_the_transpose_is_the_beginning():
    rows = draw(FixedInDegree(30), ends(300), ends(200, 2))
    ptr_in, pre, synapse = transpose(rows.ptr, rows.post, 200)
    ptr, post, back = transpose(ptr_in, pre, 300)
    assert_array_equal(ptr_in, np.arange(201) * 30)
    assert_array_equal(ptr, rows.ptr)
    assert_array_equal(post, rows.post)
    assert_array_equal(synapse[back], np.arange(6000))


# ------------------------------------------------------------------ errors


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: FixedProbability(1.5), ValueError, "FixedProbability: 'p' must be a probability from 0 to 1, got the"),
        (lambda: FixedProbability([0.1, 0.2]), ValueError, "FixedProbability: 'p' must be a probability"),
        (lambda: FixedProbability(1 * ms), DimensionalityError, "FixedProbability: 'p' needs a quantity in dimension"),
        (lambda: FixedProbability(np.nan), ValueError, "FixedProbability: 'p' must be finite"),
        (lambda: FixedInDegree(-1), ValueError, "FixedInDegree: 'n' must be a whole number >= 0, got the bare"),
        (lambda: FixedOutDegree(2.5), ValueError, "FixedOutDegree: 'n' must be a whole number >= 0"),
        (lambda: FixedTotalNumber(True), ValueError, "FixedTotalNumber: 'n' must be a whole number >= 0, got True"),
        (lambda: SmallWorld(3, 0.1), ValueError, "SmallWorld: 'k' must be even, k / 2 neighbours on each side, got 3"),
        (lambda: SmallWorld(4, -0.1), ValueError, "SmallWorld: 'p' must be a probability"),
        (
            lambda: DistanceGaussian(50),
            DimensionalityError,
            "DistanceGaussian: 'sigma' needs a quantity in um, got the",
        ),
        (lambda: DistanceGaussian(0 * um), ValueError, "DistanceGaussian: 'sigma' must be one length > 0, got 0 [µμ]m"),
        (lambda: DistanceBox([1, 2] * um), ValueError, "DistanceBox: 'radius' must be one length > 0"),
        (lambda: DistanceExponential(1 * ms), DimensionalityError, "DistanceExponential: 'scale' needs a quantity in"),
        (lambda: DistanceExponential(1 * um, 2), ValueError, "DistanceExponential: 'p_max' must be a probability"),
        (lambda: DistanceBox(1 * um, period=5), DimensionalityError, "DistanceBox: 'period' needs a quantity in um"),
        (lambda: DistanceBox(1 * um, period=-5 * um), ValueError, "DistanceBox: 'period' must be lengths > 0"),
        (lambda: Pairs([0, 1], [0]), ValueError, "Pairs: 'pre' and 'post' must be as long, got 2 and 1"),
        (lambda: Pairs([0.5], [0]), TypeError, "Pairs: 'pre' must be a list of neuron numbers, got float64"),
        (lambda: Pairs([0], [-1]), ValueError, "Pairs: 'post' must be neuron numbers >= 0, got -1"),
        (lambda: Pairs([True], [0]), TypeError, "Pairs: 'pre' must be a list of neuron numbers, got bool"),
        (lambda: Matrix([1, 0]), TypeError, r"Matrix: 'm' must be .* two axes, got int64 of the shape \(2,\)"),
        (lambda: Matrix([[1, np.nan]]), ValueError, "Matrix: 'm' must be finite, got nan; 0 is no synapse"),
        (lambda: Matrix(sparse.csr_array([[0, -np.inf]])), ValueError, "Matrix: 'm' must be finite, got -inf"),
        (lambda: Matrix([["a"]]), TypeError, "Matrix: 'm' must be truth values or numbers"),
        (lambda: Matrix([[1.0]] * um), TypeError, "Matrix: 'm' says where synapses are, without a unit"),
    ],
)
def test_a_wrong_argument_is_refused_by_name(make, error, text):
    with pytest.raises(error, match=f"^{text}"):
        make()


PLACED = ends(5, positions=np.zeros((5, 2)))


@pytest.mark.parametrize(
    ("rule", "pre", "post", "text"),
    [
        (OneToOne(), ends(3), ends(4), "OneToOne needs as many neurons on both sides, got 3 and 4"),
        (FixedInDegree(6, multiple=False), ends(5), ends(9, 2), "FixedInDegree: 'n' = 6 is more than the 5 neurons"),
        (FixedInDegree(5, False, False), ends(5), ends(9), "FixedInDegree: 'n' = 5 is more than the 4 .* left out"),
        (FixedOutDegree(6, multiple=False), ends(9), ends(5), "FixedOutDegree: .* multiple=True allows several"),
        (FixedOutDegree(1, False), ends(1), ends(1), "FixedOutDegree: 'n' = 1 is more than the 0 neurons"),
        (FixedInDegree(1), ends(0), ends(3), "FixedInDegree: 'n' = 1 is more than the 0 neurons"),
        (FixedTotalNumber(7, multiple=False), ends(2), ends(3), "FixedTotalNumber: 'n' = 7 is more than the 6 pairs"),
        (
            FixedTotalNumber(1, False),
            ends(1),
            ends(1),
            "FixedTotalNumber: 'n' = 1 is more than the 0 pairs there are, a",
        ),
        (FixedTotalNumber(1), ends(0), ends(1), "FixedTotalNumber: 'n' = 1 is more than the 0 pairs"),
        (SmallWorld(4, 0.1), ends(5), ends(5, 2), "SmallWorld is a ring of neurons: both sides must be the same"),
        (SmallWorld(4, 0.1), ends(4), ends(4), "SmallWorld: 'k' = 4 is more than the 3 other neurons"),
        (DistanceBox(1 * um), ends(5), PLACED, "DistanceBox needs positions; give positions= to the pre population"),
        (DistanceBox(1 * um), PLACED, ends(5), "DistanceBox needs positions; give positions= to the post population"),
        (DistanceBox(1 * um), PLACED, ends(5, positions=np.zeros((5, 3))), "DistanceBox .* got 2 and 3 coordinates"),
        (DistanceBox(1 * um, period=[1, 2, 3] * um), PLACED, PLACED, "DistanceBox: 'period' has 3 lengths for 2"),
        (Pairs([0, 3], [0, 1]), ends(3), ends(3), "Pairs: 'pre' has the neuron number 3, beyond the 3 neurons"),
        (Matrix(np.eye(3)), ends(3), ends(4), r"Matrix: 'm' must be of the shape \(3, 4\), got \(3, 3\)"),
        (AllToAll(False), ends(3), Ends(np.array([1, 1])), "the neurons of a projection must be there once each"),
    ],
)
def test_what_these_neurons_cannot_meet_is_refused_with_numbers(rule, pre, post, text):
    post = Ends(post.index, post.positions, 1) if post.population == 0 else post
    with pytest.raises(ValueError, match=f"^{text}"):
        draw(rule, pre, post)
