"""The GPU kernels do what a loop over spikes and synapses does: interpreted on the CPU, and on a GPU if there is one;
and `operations` takes them when it compiles for a GPU.

All numbers are small integers, so that sums are exact in any order and results can be compared with ==.
"""

import contextlib
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from simcore.spikes import arrays, gpu, operations, trial

needs_gpu = pytest.mark.skipif(jax.default_backend() != "gpu", reason="needs a GPU")
# jax 0.11 and later deprecate the backend; they say so when they compile for a GPU.
pytestmark = pytest.mark.filterwarnings("ignore:The Pallas Triton backend:DeprecationWarning")


def on_all(function, everywhere):
    """Parametrize over the ways to run a kernel, each compiled as a whole, as in a time loop.

    The operations on arrays are compared with a loop in test_operations.py too, in each run of the tests.
    """
    compiled = partial(jax.jit, static_argnames="rule" if function is gpu.update_rows else ())
    ways = [
        pytest.param(compiled(partial(function, interpret=True)), id="interpret"),
        pytest.param(compiled(everywhere), id="arrays", marks=pytest.mark.slow),
        pytest.param(compiled(function), id="gpu", marks=needs_gpu),
    ]
    return pytest.mark.parametrize("run", ways)


def packed(spikes):
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
    return ptr, rng.integers(0, n_post, ptr[-1]).astype(np.uint16)  # as of a population that is small enough


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
@on_all(gpu.deliver, arrays.deliver)
def test_deliver_adds_the_rows_of_the_neurons_that_spiked(run, case):
    n_pre, B, p, weights, with_amplitude, with_base, dtype = CASES[case]
    rng = np.random.default_rng(0)
    L = 37
    ptr, post = connect(rng, n_pre, L)
    spikes = rng.random((B, n_pre)) < p
    target = integers(rng, B, L, dtype=dtype)
    weight = integers(rng, *({"1": 1, "B": B, "n": post.size}[c] for c in weights), dtype=dtype)
    # What it holds of neurons that did not spike does not count.
    amplitude = integers(rng, B, n_pre, dtype=dtype) if with_amplitude else None
    base = 30 if with_base else 0

    expected = target.copy()
    each = np.broadcast_to(weight, (B, post.size))
    for b, j, k in rows_of_spikes(spikes, ptr):
        expected[b, (post[k] + base) % L] += each[b, k] * (amplitude[b, j] if with_amplitude else 1)

    arguments = (target, packed(spikes), ptr, post, weight, amplitude, np.uint32(base) if with_base else None)
    result = run(*jax.tree.map(jnp.asarray, arguments))
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, expected)


def grow(synapses, rows, values, parameters):
    """Add to the weight what a trace and, where there is one, a value of the row say; count the visits."""
    (weight, visits), (trace,), (rate, bound) = synapses, values, parameters
    return jnp.minimum(weight + rate * trace * (rows[0] if rows else 1), bound), visits + 1


def grow_and_deliver(synapses, *others):
    """Deliver what the weight was before it grows."""
    return synapses[0], *grow(synapses, *others)


WAYS = [pytest.param(False, True, id="in order-own"), pytest.param(True, False, id="through an index")]
WAYS += [
    pytest.param(False, False, id="in order", marks=pytest.mark.slow),
    pytest.param(True, True, id="through an index-own", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("through", "with_own"), WAYS)
@pytest.mark.parametrize(("n_pre", "B", "p"), [(70, 3, 0.3), pytest.param(300, 1, 0.05, marks=pytest.mark.slow)])
@on_all(gpu.update_rows, arrays.update_rows)
def test_update_rows_applies_the_rule_to_the_rows_of_the_neurons_that_spiked(run, n_pre, B, p, through, with_own):
    rng = np.random.default_rng(1)
    n_other = 50
    ptr, other = connect(rng, n_pre, n_other)
    spikes = rng.random((B, n_pre)) < p
    weight, trace = integers(rng, B, other.size), integers(rng, B, n_other)
    synapse = rng.permutation(other.size).astype(np.uint32) if through else None
    own = integers(rng, B, n_pre) if with_own else None

    expected, visits = weight.copy(), np.zeros(weight.shape, np.int32)
    for b, j, k in rows_of_spikes(spikes, ptr):
        s = synapse[k] if through else k
        visits[b, s] += 1
        expected[b, s] = min(weight[b, s] + 2 * trace[b, other[k]] * (own[b, j] if with_own else 1), 40)

    weight, words, ptr, other = map(jnp.asarray, (weight, packed(spikes), ptr, other))
    parameters, rows = (jnp.float32(2), jnp.float32(40)), (jnp.asarray(own),) if with_own else ()
    synapses = weight, jnp.zeros(weight.shape, jnp.int32)
    result = run(synapses, words, ptr, other, grow, (jnp.asarray(trace),), parameters, rows, synapse)
    np.testing.assert_array_equal(result[0], expected)
    np.testing.assert_array_equal(result[1], visits)

    # The same, and what each weight was before it grew is delivered.
    total, amplitude = integers(rng, B, n_other), integers(rng, B, n_pre) if with_own else None
    target = jnp.asarray(total)
    for b, j, k in rows_of_spikes(spikes, ptr):
        total[b, other[k]] += weight[b, synapse[k] if through else k] * (amplitude[b, j] if with_own else 1)
    more = rows, synapse, target, amplitude if amplitude is None else jnp.asarray(amplitude)
    result = run(synapses, words, ptr, other, grow_and_deliver, (jnp.asarray(trace),), parameters, *more)
    for x, right in zip(result, (total, expected, visits), strict=True):
        np.testing.assert_array_equal(x, right)


def test_a_loop_of_steps_adds_up():
    rng = np.random.default_rng(2)
    ptr, post = map(jnp.asarray, connect(rng, 70, 37))
    words = jnp.asarray(packed(rng.random((4, 70)) < 0.3))[:, None, :]  # (step, B, n_words)
    interpret = jax.default_backend() != "gpu"

    def total(deliver):
        add = lambda target, words: (deliver(target, words, ptr, post, jnp.float32(1)), None)  # noqa: E731
        return jax.jit(lambda: jax.lax.scan(add, jnp.zeros((1, 37), jnp.float32), words)[0])()

    expected = total(arrays.deliver)
    assert expected.sum() > 0
    np.testing.assert_array_equal(total(partial(gpu.deliver, interpret=interpret)), expected)


@pytest.mark.parametrize("way", ["interpret", pytest.param("gpu", marks=needs_gpu)])
def test_no_synapses_or_no_neurons_change_nothing(way):
    target, none, weight = jnp.ones((1, 5)), jnp.zeros(0, jnp.uint32), jnp.ones(())
    for n_pre in (0, 40):
        words, ptr = jnp.zeros((1, -(-n_pre // 32)), jnp.uint32), jnp.zeros(n_pre + 1, jnp.uint32)
        result = gpu.deliver(target, words, ptr, none, weight, interpret=way == "interpret")
        np.testing.assert_array_equal(result, target)


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

    def update(target, weight, visits, words, ptr, synapse, other, own, trace, *parameters):
        rows, synapses = (own,), (weight, visits)
        return gpu.update_rows(
            synapses, words, ptr, other, grow_and_deliver, (trace,), parameters, rows, synapse, target, own
        )

    shapes = (
        number(3, 99),
        number(3, nnz),
        shape(3, nnz, dtype=np.int32),
        *spikes,
        shape(nnz),
        shape(nnz, dtype=np.uint16),
        number(3, 130),
        number(3, 99),
        number(),
        number(),
    )
    program = lower_for_cuda(update, *shapes)
    assert program.count("stablehlo.custom_call") == program.count("gpu.triton") == 1


def test_a_projection_beyond_32_bits_is_refused():
    number = partial(shape, dtype=np.float32)
    with pytest.raises(ValueError, match="at most 4294967168 synapses, got 4294967296"):
        jax.eval_shape(gpu.deliver, number(1, 9), shape(1, 1), shape(3), shape(2**32), number())
    with pytest.raises(ValueError, match="at most 2147483648 values, got 2147483649"):
        jax.eval_shape(gpu.deliver, number(1, 2**31 + 1), shape(1, 1), shape(3), shape(9), number())


# ------------------------------------------------------------------ what `operations` becomes on a GPU


def count_kernels(program):
    return program.count("gpu.triton")


@pytest.mark.parametrize("weights", ["", "n", "Bn"])
@pytest.mark.parametrize("base", [False, True], ids=["", "base"])
@pytest.mark.parametrize("amplitude", [False, True], ids=["", "amplitude"])
def test_events_deliver_becomes_one_kernel(precision, weights, base, amplitude):
    number = partial(shape, dtype=precision)

    def deliver(target, words, ptr, post, weight, more):
        return operations.deliver(target, words, ptr, post, weight, **more)

    weight = number(*({"B": 3, "n": 1000}[c] for c in weights))
    more = ({"base": shape()} if base else {}) | ({"amplitude": number(3, 130)} if amplitude else {})
    program = lower_for_cuda(
        deliver, number(3, 999), shape(3, 5), shape(131), shape(1000, dtype=np.uint16), weight, more
    )
    assert count_kernels(program) == 1


def test_a_batch_under_vmap_is_one_kernel_too():
    number = partial(shape, dtype=np.float32)
    deliver = jax.vmap(operations.deliver, (0, 0, None, None, 0))
    shapes = number(4, 1, 999), shape(4, 1, 5), shape(131), shape(1000)
    for weight in (number(4), number(4, 1000)):
        assert count_kernels(lower_for_cuda(deliver, *shapes, weight)) == 1


def test_dense_rows_and_a_base_of_each_item_take_array_operations():
    number = partial(shape, dtype=np.float32)

    def dense(target, words, ptr, weight):
        return operations.deliver(target, words, ptr, None, weight, window=(3, 10))

    assert count_kernels(lower_for_cuda(dense, number(1, 99), shape(1, 5), shape(131), number(1300))) == 0

    def deliver(target, words, ptr, post, weight, base):
        return operations.deliver(target, words, ptr, post, weight, base=base)

    of_each = jax.vmap(deliver, (0, None, None, None, None, 0))
    shapes = number(4, 1, 99), shape(1, 5), shape(131), shape(1000), number(), shape(4)
    assert count_kernels(lower_for_cuda(of_each, *shapes)) == 0


@pytest.mark.parametrize("own", [False, True], ids=["", "own"])
def test_events_update_rows_becomes_one_kernel(precision, own):
    number = partial(shape, dtype=precision)

    def update(weight, visits, words, ptr, other, trace, rate, bound, rows):
        return operations.update_rows((weight, visits), words, ptr, other, grow, (trace,), (rate, bound), rows)

    synapses = number(3, 1000), shape(3, 1000, dtype=np.int32)
    shapes = *synapses, shape(3, 5), shape(131), shape(1000), number(3, 99), number(), number()
    assert count_kernels(lower_for_cuda(update, *shapes, (number(3, 130),) if own else ())) == 1


def test_events_record_compiles_for_a_gpu():
    program = lower_for_cuda(lambda *a: operations.record(*a, 130), shape(5000), shape(), shape(3, 5))
    assert "scatter" in program
    assert "while" not in program  # no loop over the spikes, one by one


@needs_gpu
@pytest.mark.parametrize("case", CASES)
def test_events_deliver_on_a_gpu_is_the_kernel(case):
    n_pre, B, p, _, with_amplitude, with_base, dtype = CASES[case]
    rng = np.random.default_rng(0)
    ptr, post = connect(rng, n_pre, 37)
    spikes, target = rng.random((B, n_pre)) < p, integers(rng, B, 37, dtype=dtype)
    words, weight = packed(spikes), integers(rng, post.size, dtype=dtype)
    # What it holds of neurons that did not spike does not count.
    amplitude = integers(rng, B, n_pre, dtype=dtype) if with_amplitude else None
    more = {"amplitude": amplitude, "base": jnp.uint32(30) if with_base else None}
    result = jax.jit(operations.deliver)(*map(jnp.asarray, (target, words, ptr, post, weight)), **more)
    expected = arrays.deliver(*map(jnp.asarray, (target, words, ptr, post, weight[None])), **more)
    np.testing.assert_array_equal(result, expected)


# ------------------------------------------------------------------ the trial before they are used


def test_the_trial_of_the_kernels_finds_no_fault():
    assert trial.disagreement(interpret=True) == ""
    assert trial.kernels_are_right()


def test_the_trial_finds_a_kernel_that_adds_wrongly(monkeypatch):
    add = gpu._add
    monkeypatch.setattr(gpu, "_add", lambda out, b, address, value, *others: add(out, b, address, value + 1, *others))
    assert trial.disagreement(interpret=True) == "another sum"


def test_the_shell_decides_without_a_trial(monkeypatch):
    monkeypatch.setattr(trial, "disagreement", lambda: pytest.fail("it was tried"))
    for text, wanted in (("1", True), ("0", False)):
        monkeypatch.setenv("SIMCORE_GPU_KERNELS", text)
        assert trial.kernels_are_right.__wrapped__() is wanted


def test_what_does_not_work_is_replaced_with_a_warning(monkeypatch):
    device = jax.devices("cpu")[0]
    monkeypatch.setattr(jax, "local_devices", lambda backend: [device])  # on a CPU no kernel compiles
    with pytest.warns(RuntimeWarning, match=r"the kernels for spikes do not work on cpu .*array operations take their"):
        assert not trial.kernels_are_right.__wrapped__()


def test_the_trial_runs_while_a_program_is_made(monkeypatch):
    """It begins in the midst of a lowering, of whose trace and settings it must know nothing."""
    tried = partial(trial.disagreement, interpret=True)
    device, of = jax.devices("cpu")[0], jax.local_devices
    monkeypatch.setattr(jax, "local_devices", lambda backend: [device] if backend == "cuda" else of(backend=backend))
    monkeypatch.setattr(trial, "disagreement", tried)
    trial.kernels_are_right.cache_clear()
    try:
        number = partial(shape, dtype=np.float32)
        arguments = number(1, 999), shape(1, 5), shape(131), shape(1000), number(1, 1000)
        program = lower_for_cuda(operations.deliver, *arguments)
    finally:
        trial.kernels_are_right.cache_clear()
    assert count_kernels(program) == 1
