"""The GPU kernels do what a loop over spikes and synapses does: interpreted on the CPU, and on a GPU if there is one.

All numbers are small integers, so that sums are exact in any order and results can be compared with ==.
"""

import contextlib
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from simcore import gpu

needs_gpu = pytest.mark.skipif(jax.default_backend() != "gpu", reason="needs a GPU")
# jax 0.11 and later deprecate the backend; they say so when they compile for a GPU.
pytestmark = pytest.mark.filterwarnings("ignore:The Pallas Triton backend:DeprecationWarning")


def on_all(function, plain):
    """Parametrize over the ways to run a kernel, each compiled as a whole, as in a time loop."""
    compiled = partial(jax.jit, static_argnames="rule" if plain is gpu.update_rows_plain else ())
    ways = [
        pytest.param(compiled(partial(function, interpret=True)), id="interpret"),
        pytest.param(compiled(plain), id="plain"),
        pytest.param(compiled(function), id="gpu", marks=needs_gpu),
    ]
    return pytest.mark.parametrize("run", ways)


def pack(spikes):
    """Return the bits of (B, n) bool in (B, ceil(n / 32)) uint32: neuron j is bit j // n_words of word j % n_words."""
    n_words = -(-spikes.shape[1] // 32)
    words = np.zeros((len(spikes), n_words), np.uint32)
    for b, j in np.argwhere(spikes):
        words[b, j % n_words] |= np.uint32(1 << (j // n_words))
    return words


def connect(rng, n_pre, n_post):
    """Return (ptr, post): rows of 0 to 9 synapses, and a few long ones about a whole number of chunks long."""
    lengths = rng.integers(0, 10, n_pre)
    lengths[: min(n_pre, 4)] = [129, 0, 128, 300][:n_pre]
    ptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.uint32)
    return ptr, rng.integers(0, n_post, ptr[-1]).astype(np.uint32)


def integers(rng, *shape, dtype=np.float32):
    return rng.integers(1, 9, shape).astype(dtype)


def rows_of_spikes(spikes, ptr):
    """Yield (b, j, k) for each synapse of each neuron that spiked."""
    for b, j in np.argwhere(spikes):
        for k in range(ptr[j], ptr[j + 1]):
            yield b, j, k


CASES = {  # n_pre, B, probability of a spike, shape of the weights (n: one per synapse), amplitude, base, dtype
    "one neuron": (1, 1, 1.0, "", False, False, np.float32),
    "silence": (70, 1, 0.0, "1n", False, False, np.float64),
    "all spike": (128, 1, 1.0, "1n", False, True, np.float64),
    "sparse": (1000, 1, 0.01, "", True, True, np.float32),
    "last block is not full": (300, 1, 0.3, "1n", True, False, np.float32),
    "batch with one set of weights": (70, 3, 0.3, "1n", True, True, np.float64),
    "batch with a set of weights each": (130, 3, 0.3, "Bn", False, True, np.float32),
}


@pytest.mark.parametrize("case", CASES)
@on_all(gpu.deliver, gpu.deliver_plain)
def test_deliver_adds_the_rows_of_the_neurons_that_spiked(run, case):
    n_pre, B, p, weights, with_amplitude, with_base, dtype = CASES[case]
    rng = np.random.default_rng(0)
    L = 37
    ptr, post = connect(rng, n_pre, L)
    spikes = rng.random((B, n_pre)) < p
    target = integers(rng, B, L, dtype=dtype)
    weight = integers(rng, *({"1": 1, "B": B, "n": post.size}[c] for c in weights), dtype=dtype)
    amplitude = integers(rng, B, n_pre, dtype=dtype) if with_amplitude else None
    base = 30 if with_base else 0

    expected = target.copy()
    each = np.broadcast_to(weight, (B, post.size))
    for b, j, k in rows_of_spikes(spikes, ptr):
        expected[b, (post[k] + base) % L] += each[b, k] * (amplitude[b, j] if with_amplitude else 1)

    arguments = (target, pack(spikes), ptr, post, weight, amplitude, np.uint32(base) if with_base else None)
    result = run(*jax.tree.map(jnp.asarray, arguments))
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, expected)


def grow(weight, trace, rate, bound):
    """Return the weight after a spike, like additive plasticity with a bound."""
    return jnp.minimum(weight + rate * trace, bound)


@pytest.mark.parametrize("through", [False, True], ids=["in order", "through an index"])
@pytest.mark.parametrize(("n_pre", "B", "p"), [(70, 3, 0.3), (300, 1, 0.05)])
@on_all(gpu.update_rows, gpu.update_rows_plain)
def test_update_rows_applies_the_rule_to_the_rows_of_the_neurons_that_spiked(run, n_pre, B, p, through):
    rng = np.random.default_rng(1)
    n_other = 50
    ptr, other = connect(rng, n_pre, n_other)
    spikes = rng.random((B, n_pre)) < p
    weight, trace = integers(rng, B, other.size), integers(rng, B, n_other)
    synapse = rng.permutation(other.size).astype(np.uint32) if through else None

    expected = weight.copy()
    for b, _, k in rows_of_spikes(spikes, ptr):
        s = synapse[k] if through else k
        expected[b, s] = min(weight[b, s] + 2 * trace[b, other[k]], 20)

    arguments = (weight, pack(spikes), ptr, synapse, other, (trace,))
    parameters = (jnp.float32(2), jnp.float32(20))
    np.testing.assert_array_equal(run(*jax.tree.map(jnp.asarray, arguments), grow, parameters), expected)


def test_a_loop_of_steps_adds_up():
    rng = np.random.default_rng(2)
    ptr, post = map(jnp.asarray, connect(rng, 70, 37))
    words = jnp.asarray(pack(rng.random((4, 70)) < 0.3))[:, None, :]  # (step, B, n_words)
    interpret = jax.default_backend() != "gpu"

    def total(deliver):
        add = lambda target, words: (deliver(target, words, ptr, post, jnp.float32(1)), None)  # noqa: E731
        return jax.jit(lambda: jax.lax.scan(add, jnp.zeros((1, 37), jnp.float32), words)[0])()

    expected = total(gpu.deliver_plain)
    assert expected.sum() > 0
    np.testing.assert_array_equal(total(partial(gpu.deliver, interpret=interpret)), expected)


@on_all(gpu.deliver, gpu.deliver_plain)
def test_no_synapses_or_no_neurons_change_nothing(run):
    target, none, weight = jnp.ones((1, 5)), jnp.zeros(0, jnp.uint32), jnp.ones(())
    for n_pre in (0, 40):
        words, ptr = jnp.zeros((1, -(-n_pre // 32)), jnp.uint32), jnp.zeros(n_pre + 1, jnp.uint32)
        np.testing.assert_array_equal(run(target, words, ptr, none, weight), target)


@pytest.mark.parametrize("capacity", [200, 20])
def test_record_writes_all_ids_and_counts_what_does_not_fit(capacity):
    spikes = np.random.default_rng(3).random((3, 70)) < 0.3
    buffer = jnp.full(capacity, 999, jnp.uint32)
    buffer, cursor = jax.jit(gpu.record, static_argnums=3)(buffer, jnp.int32(5), jnp.asarray(pack(spikes)), 70)
    assert cursor == 5 + spikes.sum()
    assert (cursor.dtype, buffer.dtype) == (jnp.int32, jnp.uint32)
    written = np.asarray(buffer[5:cursor])
    assert set(written) <= set(np.flatnonzero(spikes))
    assert len(set(written)) == min(spikes.sum(), capacity - 5)
    assert (buffer[:5] == 999).all()
    assert (buffer[cursor:] == 999).all()


def lower_for_cuda(function, *shapes):
    """Return the program that `function` becomes on a GPU; no GPU is needed for that."""
    on_gpu = contextlib.nullcontext()
    if jax.default_backend() != "gpu":  # jax 0.12 wants to know which GPU
        from jax.sharding import AbstractDevice, AbstractMesh, use_abstract_mesh

        device = AbstractDevice("NVIDIA H100", None, "gpu")
        on_gpu = use_abstract_mesh(AbstractMesh((), (), abstract_device=device))
    with on_gpu:
        return jax.jit(function).trace(*shapes).lower(lowering_platforms=("cuda",)).as_text()


def shape(*sizes, dtype=np.uint32):
    return jax.ShapeDtypeStruct(sizes, dtype)


@pytest.mark.parametrize("nnz", [1000, gpu.MAX_SYNAPSES])
def test_both_kernels_compile_to_one_triton_call(precision, nnz):
    number = partial(shape, dtype=precision)
    spikes = (shape(3, 5), shape(131))
    options = number(3, 130), shape()
    program = lower_for_cuda(gpu.deliver, number(3, 999), *spikes, shape(nnz), number(1, nnz), *options)
    assert program.count("stablehlo.custom_call") == program.count("gpu.triton") == 1

    def update(weight, words, ptr, synapse, other, trace, *parameters):
        return gpu.update_rows(weight, words, ptr, synapse, other, (trace,), grow, parameters)

    shapes = number(3, nnz), *spikes, shape(nnz), shape(nnz), number(3, 99), number(), number()
    program = lower_for_cuda(update, *shapes)
    assert program.count("stablehlo.custom_call") == program.count("gpu.triton") == 1


def test_a_projection_beyond_32_bits_is_refused():
    number = partial(shape, dtype=np.float32)
    with pytest.raises(ValueError, match="at most 4294967168 synapses, got 4294967296"):
        jax.eval_shape(gpu.deliver, number(1, 9), shape(1, 1), shape(3), shape(2**32), number())
    with pytest.raises(ValueError, match="at most 2147483648 values, got 2147483649"):
        jax.eval_shape(gpu.deliver, number(1, 2**31 + 1), shape(1, 1), shape(3), shape(9), number())
