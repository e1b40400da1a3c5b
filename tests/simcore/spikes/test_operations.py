"""Spikes as events: what the operations do to arrays is what loops over spikes and synapses do, and so under vmap and
derivatives.

Integer-valued floats make sums exact in any order: results are compared with ==.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from simcore import DimensionalityError, units
from simcore.spikes import arrays, operations
from simcore.spikes.words import n_words, pack, unpack
from simcore.step import equations

EXAMPLES = settings(max_examples=settings.default.max_examples // 25, deadline=None)  # each is compiled
# Around the 32 bits of a word; 1100 neurons have 35 words, and so two words of the second level.
SIZES = st.sampled_from([1, 2, 31, 32, 33, 64, 65, 1100])
PROBABILITIES = st.sampled_from([0.0, 0.03, 0.5, 1.0])
SEEDS = st.integers(0, 2**16)


def packed(spikes):
    """Return (B, n_words) uint32 of spikes (B, n): neuron j is bit j // n_words of word j % n_words."""
    n_words = -(-spikes.shape[1] // 32)
    words = np.zeros((len(spikes), n_words), np.uint32)
    for b, j in np.argwhere(spikes):
        words[b, j % n_words] |= np.uint32(1 << (j // n_words))
    return words


def connect(rng, n_pre, n_post):
    """Return (ptr, post) of rows of 0 to 4 synapses, of which the same target may have several."""
    ptr = np.concatenate([[0], np.cumsum(rng.integers(0, 5, n_pre))]).astype(np.uint32)
    return ptr, rng.integers(0, n_post, ptr[-1]).astype(np.uint32)


def dense_rows(n_pre, n_connected, width):
    """Return (ptr, None) of rows that cover a window, of the last `n_connected` neurons."""
    return np.append(np.zeros(n_pre - n_connected), np.arange(n_connected + 1) * width).astype(np.uint32), None


def rows_of(spikes, ptr):
    """Yield (b, j, k) for each synapse k of each neuron j that spiked."""
    for b, j in np.argwhere(spikes):
        for k in range(ptr[j], ptr[j + 1]):
            yield b, j, k


def per_synapse(weight, batch, n):
    """Return weights of any of the shapes (), (n,), (B, 1), (1, n), (B, n) as (B, n)."""
    return np.broadcast_to(weight, (batch, n))


def delivered(target, spikes, ptr, post, weight, amplitude=None, base=None, window=None):
    """Return what `deliver` is to return, by a loop."""
    batch, length = target.shape
    out, weight = target.copy(), per_synapse(weight, batch, ptr[-1])
    base = np.broadcast_to(0 if base is None else np.ravel(base), batch)
    for b, j, k in rows_of(spikes, ptr):
        address = window[0] + (k - ptr[j]) if post is None else (int(post[k]) + int(base[b])) % length
        out[b, address] += weight[b, k] * (1 if amplitude is None else amplitude[b, j])
    return out


def numbers(rng, shape, dtype=float):
    return rng.integers(1, 9, shape).astype(dtype)


@functools.partial(jax.jit, static_argnames="window")
def deliver(target, words, ptr, post, weight, amplitude=None, base=None, window=None):
    return operations.deliver(target, words, ptr, post, weight, amplitude=amplitude, base=base, window=window)


@functools.partial(jax.jit, static_argnames="window")
def deliver_all(target, words, ptr, post, weight, amplitude=None, base=None, window=None):
    return arrays.deliver(target, words, ptr, post, jnp.atleast_2d(weight), amplitude, base, window)


# ------------------------------------------------------------------ packing


@EXAMPLES
@given(n=SIZES, batch=st.integers(1, 3), p=PROBABILITIES, seed=SEEDS)
def test_words_hold_the_spikes(n, batch, p, seed):
    spikes = np.random.default_rng(seed).random((batch, n)) < p
    words = jax.jit(pack)(spikes)
    assert words.shape == (batch, n_words(n))
    assert_array_equal(words, packed(spikes))
    assert_array_equal(jax.jit(unpack, static_argnums=1)(words, n), spikes)


def test_amplitudes_are_packed_as_what_is_not_0():
    assert_array_equal(pack(jnp.array([[0.0, 0.5, -2.0, 0.0]])), [[0b110]])


# ------------------------------------------------------------------ delivery


CASES = st.fixed_dictionaries(
    {
        "n_pre": SIZES,
        "length": st.sampled_from([1, 7, 40]),
        "batch": st.sampled_from([1, 3]),
        "p": PROBABILITIES,
        "weight": st.sampled_from(["", "n", "1n", "Bn", "B1"]),
        "amplitude": st.booleans(),
        "base": st.sampled_from([None, 0.0, 0.5, 1.0]),
        "seed": SEEDS,
    }
)


def problem(case, dtype=float, draw=numbers):
    """Return the arguments of `deliver` for a case; the second is the spikes, bool."""
    rng = np.random.default_rng(case["seed"])
    n_pre, length, batch = case["n_pre"], case["length"], case["batch"]
    ptr, post = connect(rng, n_pre, length)
    spikes = rng.random((batch, n_pre)) < case["p"]
    shape = tuple({"n": post.size, "B": batch, "1": 1}[c] for c in case["weight"])
    amplitude = draw(rng, (batch, n_pre), dtype) * spikes if case["amplitude"] else None
    base = None if case["base"] is None else np.uint32(case["base"] * (length - 1))
    return draw(rng, (batch, length), dtype), spikes, ptr, post, draw(rng, shape, dtype), amplitude, base


def with_words(arguments):
    target, spikes, *rest = arguments
    return jax.tree.map(jnp.asarray, (target, packed(spikes), *rest))


@pytest.mark.parametrize("dtype", [np.float32, pytest.param(np.float64, marks=pytest.mark.slow)])
@EXAMPLES
@given(case=CASES)
def test_deliver_adds_the_rows_of_the_neurons_that_spiked(case, dtype):
    arguments = problem(case, dtype)
    result = deliver(*with_words(arguments))
    assert result.dtype == dtype
    assert_array_equal(result, delivered(*arguments))
    assert_array_equal(deliver_all(*with_words(arguments)), result)


@pytest.mark.slow  # whole numbers stand for it
@EXAMPLES
@given(case=CASES)
def test_real_weights_are_added_to_rounding(case):
    arguments = problem(case, draw=lambda rng, shape, dtype: rng.normal(size=shape))
    # Sums of up to some thousand terms of size 1 in any order.
    assert_allclose(deliver(*with_words(arguments)), delivered(*arguments), atol=1e-11)


@EXAMPLES
@given(case=CASES, rows=st.sampled_from([0, 1, 5]), start=st.integers(0, 3), width=st.sampled_from([1, 4]))
def test_dense_rows_are_added_to_their_window(case, rows, start, width):
    case = case | {"length": start + width + 2, "base": None}
    target, spikes, *_, amplitude, _ = problem(case)
    ptr, post = dense_rows(case["n_pre"], min(rows, case["n_pre"]), width)
    if not ptr[-1]:
        return
    shape = tuple({"n": int(ptr[-1]), "B": case["batch"], "1": 1}[c] for c in case["weight"])
    weight = numbers(np.random.default_rng(1), shape)
    window = (start, width)
    expected = delivered(target, spikes, ptr, post, weight, amplitude, window=window)
    arguments = with_words((target, spikes, ptr, post, weight, amplitude, None))
    assert_array_equal(deliver(*arguments, window=window), expected)
    assert_array_equal(deliver_all(*arguments, window=window), expected)


@pytest.mark.parametrize("p", [0.0, 0.3])
def test_rows_without_synapses_change_nothing(p):
    spikes = np.random.default_rng(0).random((2, 40)) < p
    none, target = np.zeros(0, np.uint32), np.ones((2, 5))
    assert_array_equal(deliver(target, packed(spikes), np.zeros(41, np.uint32), none, jnp.ones(())), target)


def test_many_words_of_the_second_level():
    # 70 000 neurons: 2188 words, 69 words of the second level, most of them empty.
    spikes = np.zeros((1, 70_000), bool)
    spikes[0, [0, 1, 2187, 2188, 34_567, 69_998, 69_999]] = True
    ptr = np.arange(70_001, dtype=np.uint32)
    post = np.arange(70_000, dtype=np.uint32)
    result = deliver(jnp.zeros((1, 70_000)), packed(spikes), ptr, post, jnp.ones(()))
    assert_array_equal(result, spikes)


# ------------------------------------------------------------------ rules


def grow(synapses, rows, values, parameters):
    """Add to the weight what a trace and, where there is one, a value of the row say; count the visits."""
    (weight, visits), (trace,), (rate, bound) = synapses, values, parameters
    return jnp.minimum(weight + rate * trace * (rows[0] if rows else 1), bound), visits + 1


def grow_and_deliver(synapses, *others):
    """Deliver what the weight was before it grows."""
    return synapses[0], *grow(synapses, *others)


@functools.partial(jax.jit, static_argnames="rule")
def update(synapses, words, ptr, other, rule, values, parameters, rows=(), synapse=None, target=None, amplitude=None):
    return operations.update_rows(
        synapses, words, ptr, other, rule, values, parameters, rows, synapse, target=target, amplitude=amplitude
    )


update_all = jax.jit(arrays.update_rows, static_argnames="rule")


def plastic(case):
    """Return the arguments of `update_rows` (the second one spikes) and what it is to return, by a loop."""
    rng = np.random.default_rng(case["seed"])
    batch, n_pre, n_other = case["batch"], case["n_pre"], case["length"]
    ptr, other = connect(rng, n_pre, n_other)
    spikes = rng.random((batch, n_pre)) < case["p"]
    weight, trace = numbers(rng, (batch, other.size)), numbers(rng, (batch, n_other))
    own = numbers(rng, (batch, n_pre)) if case["own"] else None
    synapse = rng.permutation(other.size).astype(np.uint32) if case["through"] else None
    visits = np.zeros(weight.shape, np.int32)
    expected = weight.copy(), visits.copy()
    for b, j, k in rows_of(spikes, ptr):
        s = k if synapse is None else synapse[k]
        expected[0][b, s] = min(weight[b, s] + 2 * trace[b, other[k]] * (1 if own is None else own[b, j]), 20)
        expected[1][b, s] += 1
    rows = () if own is None else (own,)
    parameters, rule, more = (np.array(2.0), np.array(20.0)), grow, ()
    if case["delivers"]:
        target, amplitude = numbers(rng, (batch, n_other)), numbers(rng, (batch, n_pre)) * spikes
        total, rule, more = target.copy(), grow_and_deliver, (target, amplitude if case["own"] else None)
        for b, j, k in rows_of(spikes, ptr):
            s = k if synapse is None else synapse[k]
            total[b, other[k]] += weight[b, s] * (amplitude[b, j] if case["own"] else 1)
        expected = total, *expected
    return ((weight, visits), spikes, ptr, other, rule, (trace,), parameters, rows, synapse, *more), expected


PLASTIC = st.fixed_dictionaries(
    {"n_pre": SIZES, "length": st.sampled_from([1, 7, 40]), "batch": st.sampled_from([1, 3]), "p": PROBABILITIES,
     "own": st.booleans(), "through": st.booleans(), "delivers": st.booleans(), "seed": SEEDS}
)  # fmt: skip


@EXAMPLES
@given(case=PLASTIC)
def test_update_rows_applies_the_rule_to_the_rows_of_the_neurons_that_spiked(case):
    (synapses, spikes, *rest), expected = plastic(case)
    for run in (update, *([update_all] if rest[1].size else [])):
        for result, right in zip(run(synapses, packed(spikes), *rest), expected, strict=True):
            assert_array_equal(result, right)


# ------------------------------------------------------------------ recording


@functools.partial(jax.jit, static_argnames="n")
def record(buffer, cursor, words, n):
    return operations.record(buffer, cursor, words, n)


@EXAMPLES
@given(n=SIZES, batch=st.integers(1, 3), p=PROBABILITIES, first=st.integers(0, 3), seed=SEEDS)
def test_record_writes_the_numbers_of_all_spikes_behind_the_cursor(n, batch, p, first, seed):
    spikes = np.random.default_rng(seed).random((batch, n)) < p
    words, total = packed(spikes), spikes.sum()
    start = jnp.full(first + batch * n + 2, 7, jnp.uint32), jnp.uint32(first)
    everywhere = jax.jit(arrays.record, static_argnames="n")
    for buffer, cursor in (record(*start, words, n), everywhere(*start, words, n=n)):
        assert (buffer.dtype, cursor.dtype) == (jnp.uint32, jnp.uint32)
        assert cursor == first + total
        # Those of one step come in any order.
        assert_array_equal(np.sort(buffer[first:cursor]), np.flatnonzero(spikes))
        assert (np.delete(buffer, np.s_[first : int(cursor)]) == 7).all()


# ------------------------------------------------------------------ vmap


def sliced(arguments, mapped, k):
    """Return the k-th item of those of the arguments that are mapped over."""
    return [a[k] if m else a for a, m in zip(arguments, mapped, strict=True)]


def assert_vmap_is_a_loop(function, one, many):
    """Compare vmap with a loop, over each argument alone and over all; `many` has 3 items of each.

    (To compile it for each subset would take minutes.)
    """
    for mapped in {tuple(m) for m in (*np.eye(len(one), dtype=bool), np.ones(len(one), bool))}:
        arguments = [m if chosen else o for o, m, chosen in zip(one, many, mapped, strict=True)]
        result = jax.jit(jax.vmap(function, [0 if m else None for m in mapped]))(*arguments)
        assert_array_equal(result, jnp.stack([function(*sliced(arguments, mapped, k)) for k in range(3)]))


@pytest.mark.parametrize(("weight", "batch"), [("", 1), pytest.param("1n", 2, marks=pytest.mark.slow), ("Bn", 2)])
def test_vmap_of_deliver_is_a_loop(weight, batch):
    rng = np.random.default_rng(0)
    ptr, post = connect(rng, 40, 7)
    shape = tuple({"1": 1, "B": batch, "n": post.size}[c] for c in weight)

    def draw(*lead):
        words = packed(rng.random((*lead, batch, 40)).reshape(-1, 40) < 0.3).reshape(*lead, batch, 2)
        base = rng.integers(0, 7, lead).astype(np.uint32)
        arrays = (numbers(rng, (*lead, *s)) for s in ((batch, 7), shape, (batch, 40)))
        return (*arrays, words, jnp.asarray(base))

    assert_vmap_is_a_loop(lambda t, w, a, s, b: deliver(t, s, ptr, post, w, a, b), draw(), draw(3))


def test_vmap_over_connections_is_a_loop():
    rng = np.random.default_rng(0)
    ptr, post = connect(rng, 40, 7)
    shorter = np.stack([np.minimum(ptr, n) for n in (9, 50, post.size)])
    words = np.stack([packed(rng.random((2, 40)) < 0.3) for _ in range(3)])
    one = words[0], ptr, post, numbers(rng, (1, post.size))
    many = words, shorter, rng.integers(0, 7, (3, post.size)).astype(np.uint32), numbers(rng, (3, 1, post.size))
    assert_vmap_is_a_loop(lambda s, ptr, post, w: deliver(jnp.zeros((2, 7)), s, ptr, post, w), one, many)


@pytest.mark.parametrize("weight", ["", *(pytest.param(w, marks=pytest.mark.slow) for w in ("1n", "Bn"))])
def test_vmap_of_dense_rows_is_a_loop(weight):
    rng = np.random.default_rng(0)
    ptr, _ = dense_rows(40, 30, 4)
    shape = tuple({"1": 1, "B": 2, "n": 120}[c] for c in weight)
    one = numbers(rng, (2, 7)), packed(rng.random((2, 40)) < 0.3), numbers(rng, shape), numbers(rng, (2, 40))
    many = numbers(rng, (3, 2, 7)), np.stack([packed(rng.random((2, 40)) < 0.3) for _ in range(3)])
    many += numbers(rng, (3, *shape)), numbers(rng, (3, 2, 40))
    assert_vmap_is_a_loop(lambda t, s, w, a: deliver(t, s, ptr, None, w, a, window=(2, 4)), one, many)


def test_vmap_of_vmap_is_a_loop_of_loops():
    rng = np.random.default_rng(0)
    ptr, post = connect(rng, 40, 7)
    words = np.stack([[packed(rng.random((2, 40)) < 0.3) for _ in range(3)] for _ in range(4)])
    weight, base = numbers(rng, 4), np.arange(3, dtype=np.uint32)

    def one(words, weight, base):
        return deliver(jnp.zeros((2, 7)), words, ptr, post, weight, base=base)

    result = jax.vmap(jax.vmap(one, (0, None, 0)), (0, 0, None))(words, weight, base)
    expected = [[one(words[i, k], weight[i], base[k]) for k in range(3)] for i in range(4)]
    assert_array_equal(result, expected)


@pytest.mark.parametrize(("batch", "through"), [pytest.param(1, False, marks=pytest.mark.slow), (2, True)])
def test_vmap_of_update_rows_is_a_loop(batch, through):
    case = {"n_pre": 40, "length": 7, "batch": batch, "p": 0.3, "own": True, "through": through}
    arguments, _ = plastic(case | {"seed": 0, "delivers": True})
    (weight, visits), spikes, ptr, other, rule, (trace,), (rate, bound), (own,), synapse, target, amplitude = arguments
    rng = np.random.default_rng(1)
    one = weight, packed(spikes), trace, own, rate, target, amplitude
    many = [numbers(rng, (3, *np.shape(x))) for x in one]
    many[1] = np.stack([packed(rng.random((batch, 40)) < 0.3) for _ in range(3)])

    def of(weight, words, trace, own, rate, target, amplitude):
        more = (rate, bound), (own,), synapse, target, amplitude
        return jnp.concatenate(update((weight, visits), words, ptr, other, rule, (trace,), *more), 1)

    assert_vmap_is_a_loop(of, one, many)


def test_vmap_of_update_rows_over_connections_is_a_loop():
    case = {"n_pre": 40, "length": 7, "batch": 2, "p": 0.3, "own": False, "through": True, "delivers": False, "seed": 0}
    ((weight, visits), spikes, ptr, other, *rest, synapse), _ = plastic(case)
    rng = np.random.default_rng(1)
    permuted = (np.stack([rng.permutation(x) for _ in range(3)]) for x in (other, synapse))
    many = numbers(rng, (3, *weight.shape)), *permuted
    assert_vmap_is_a_loop(
        lambda weight, other, synapse: update((weight, visits), packed(spikes), ptr, other, *rest, synapse=synapse)[0],
        (weight, other, synapse), many,
    )  # fmt: skip


# ------------------------------------------------------------------ derivatives


def dense_matrix(ptr, post, weight, length, base=0, start=0):
    """Return a function of the weights that is the matrix (n_pre, L) of them, which JAX differentiates."""
    rows = np.repeat(np.arange(ptr.size - 1), np.diff(ptr.astype(int)))
    columns = start + np.arange(ptr[-1]) - ptr[rows] if post is None else (post.astype(int) + base) % length
    return lambda w: jnp.zeros((ptr.size - 1, length)).at[rows, columns].add(w)


@pytest.mark.parametrize("dense", [False, True], ids=["rows", "dense rows"])
@pytest.mark.parametrize("scalar", [False, True], ids=["weights", "one weight"])
def test_derivatives_are_those_of_the_dense_product(dense, scalar):
    rng = np.random.default_rng(3)
    ptr, post = dense_rows(40, 40, 5) if dense else connect(rng, 40, 7)
    base, window = (None, (1, 5)) if dense else (jnp.uint32(3), None)
    weight = jnp.asarray(rng.normal(size=() if scalar else int(ptr[-1])))
    spikes = rng.random((2, 40)) < 0.3
    amplitude, words, target = spikes * rng.normal(size=(2, 40)), packed(spikes), rng.normal(size=(2, 7))
    matrix = dense_matrix(ptr, post, weight, 7, 3, 1)

    def by_events(target, weight, amplitude):
        return operations.deliver(target, words, ptr, post, weight, amplitude=amplitude, base=base, window=window)

    def by_matrix(target, weight, amplitude):
        return target + amplitude @ matrix(weight)

    at, cotangent = (target, weight, amplitude), rng.normal(size=(2, 7))
    along = tuple(rng.normal(size=np.shape(x)) for x in at)
    many = target, rng.normal(size=(3, *weight.shape)), spikes * rng.normal(size=(3, 2, 40))

    @functools.partial(jax.jit, static_argnums=0)
    def all_derivatives(f):
        gradient = jax.grad(lambda *at: jnp.sum(f(*at) ** 2 * cotangent), (0, 1, 2))
        return jax.jvp(f, at, along), jax.vjp(f, *at)[1](cotangent), jax.vmap(gradient, (None, 0, 0))(*many)

    # Sums of some ten terms of size 1.
    for mine, theirs in zip(*(jax.tree.leaves(all_derivatives(f)) for f in (by_events, by_matrix)), strict=True):
        assert_allclose(mine, theirs, atol=1e-11)


def test_without_an_amplitude_the_weight_still_has_its_derivative():
    rng = np.random.default_rng(4)
    ptr, post = connect(rng, 40, 7)
    spikes, weight = rng.random((1, 40)) < 0.3, rng.normal(size=int(ptr[-1]))
    cotangent = rng.normal(size=7)
    grad = jax.grad(lambda w: deliver(jnp.zeros((1, 7)), packed(spikes), ptr, post, w)[0] @ cotangent)(weight)
    expected = np.zeros(ptr[-1])
    for _, _, k in rows_of(spikes, ptr):
        expected[k] = cotangent[post[k]]
    assert_allclose(grad, expected)


def test_the_gradient_reaches_neurons_that_did_not_spike():
    # What a surrogate spike needs: d target / d amplitude is there where the amplitude is 0.
    ptr, post = np.array([0, 1, 2], np.uint32), np.array([0, 1], np.uint32)
    weight, none = jnp.array([3.0, 5.0]), np.zeros((1, 1), np.uint32)
    grad = jax.grad(lambda a: deliver(jnp.zeros((1, 2)), none, ptr, post, weight, a).sum())(jnp.zeros((1, 2)))
    assert_array_equal(grad, [[3.0, 5.0]])


# ------------------------------------------------------------------ dimensions


def walk_deliver(target, weight, amplitude="dimensionless"):
    ptr, post = jnp.arange(4, dtype=jnp.uint32), jnp.zeros(3, jnp.uint32)

    def add(target, weight, amplitude):
        return operations.deliver(target, jnp.zeros((1, 1), jnp.uint32), ptr, post, weight, amplitude=amplitude)

    closed = jax.make_jaxpr(add)(jnp.zeros((1, 5)), jnp.zeros(3), jnp.zeros((1, 3)))
    return equations.walk(closed, [units.dimension(unit) for unit in (target, weight, amplitude)])


def test_weights_have_the_dimension_of_what_they_are_added_to():
    assert walk_deliver("nS", "pS") == [units.dimension("nS")]
    assert walk_deliver("mV", "mV/nS", "nS") == [units.dimension("mV")]
    with pytest.raises(DimensionalityError, match=r"test_operations.py:\d+, in add: deliver\(\) joins mV and nS"):
        walk_deliver("mV", "nS")


def test_a_rule_keeps_the_dimension_of_the_weights():
    def walk(rate):
        def learn(weight, trace, rate):
            rule = lambda s, _, x, r: (s[0] + r[0] * x[0],)  # noqa: E731
            ptr, other = jnp.arange(4, dtype=jnp.uint32), jnp.zeros(3, jnp.uint32)
            words = jnp.zeros((1, 1), jnp.uint32)
            return operations.update_rows((weight,), words, ptr, other, rule, (trace,), (rate,))

        closed = jax.make_jaxpr(learn)(jnp.zeros((1, 3)), jnp.zeros((1, 2)), jnp.zeros(()))
        return equations.walk(closed, [units.dimension(unit) for unit in ("nS", "dimensionless", rate)])

    assert walk("nS") == [units.dimension("nS")]
    with pytest.raises(DimensionalityError, match=r"test_operations.py:\d+, in .*: '\+' joins nS and mV"):
        walk("mV")
