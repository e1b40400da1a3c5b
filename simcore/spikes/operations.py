"""Spikes as events: visited one by one, added to targets through rows of synapses.

The work of a step is proportional to its spikes. Three operations, each one primitive with a rule for the equation
check, for vmap (a batch is one larger population) and, for `deliver`, for derivatives. Each device has a file with its
kernels: `cpu`, `gpu`, and `arrays` for all others. They take the arguments of the operations by the same names.
"""

from __future__ import annotations

import functools
import itertools
import logging
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..step import equations
from ..units import NUMBER
from . import arrays, cpu, gpu, transforms, trial

Array = Any


@functools.cache
def _tell_of_slow_loops() -> None:
    """Say, once a process, that loops over spikes are slow here: newer XLA makes one function of each on CPUs."""
    if jax.version.__version_info__ < (0, 11) and jax.default_backend() == "cpu":
        logging.getLogger("simcore").warning(
            "simcore: with jax %s a network takes up to five times as long as with jax 0.12, on Python 3.12 or later.",
            jax.__version__,
        )


def deliver(
    target: Array,
    words: Array,
    ptr: Array,
    post: Array | None,
    weight: Array,
    *,
    amplitude: Array | None = None,
    base: Array | None = None,
    window: tuple[int, int] | None = None,
) -> Array:
    """Return `target` with the rows of all neurons that spiked added.

    For each bit (item b, neuron j) of `words` and each k from ptr[j] to ptr[j + 1]:
    target[b, (post[k] + base) % L] += weight[k] * amplitude[b, j].

    Args:
        target: (B, L).
        words: (B, n_words), of `pack`.
        ptr: (n_pre + 1,) uint32.
        post: (n,) uint16 or uint32, addresses below L; None for rows that cover the whole `window`.
        weight: (), (n,), or (B, n) for weights of each item.
        amplitude: (B, n_pre), of which those of the neurons that spiked count; None for 1. Derivatives go to all.
        base: () uint32, below L.
        window: (first address, width) of dense rows.
    """
    if post is not None and not post.size:
        return target
    weight = weight[None] if weight.ndim == 1 else weight
    _tell_of_slow_loops()
    named = _given(weight=weight, amplitude=amplitude, base=base, post=post)
    return _operations()["deliver"].bind(target, words, ptr, *named.values(), window=window, names=tuple(named))


def update_rows(
    synapses: tuple[Array, ...],
    words: Array,
    ptr: Array,
    other: Array,
    rule: Callable[..., tuple[Array, ...]],
    values: tuple[Array, ...],
    parameters: tuple[Array, ...],
    row_values: tuple[Array, ...] = (),
    synapse: Array | None = None,
    *,
    target: Array | None = None,
    amplitude: Array | None = None,
) -> tuple[Array, ...]:
    """Return the values of the synapses after a rule was applied to those in the rows of the neurons that spiked.

    For each bit (item b, neuron j) of `words` and each k from ptr[j] to ptr[j + 1], s = synapse[k] or k:
    (x[b, s] for x in synapses) = rule((x[b, s] for x in synapses), (r[b, j] for r in row_values),
    (v[b, other[k]] for v in values), parameters).

    With a target, each of them delivers too: the rule returns what it delivers before all else, times amplitude[b, j]
    it is added to target[b, other[k]], and the new target comes before all else.

    Args:
        synapses: arrays (B, n).
        words: (B, n_words), of `pack`.
        ptr: (n_rows + 1,) uint32.
        other: (n,) uint16 or uint32, the neuron at the other end of each synapse.
        rule: a pure function of tuples of numbers, which returns a tuple of them; no closure over arrays.
        values: arrays (B, n_other).
        parameters: scalars.
        row_values: arrays (B, n_rows).
        synapse: (n,) uint32, where rows do not hold the synapses in their order.
        target: (B, n_other).
        amplitude: (B, n_rows), of which those of the rows that are visited count; None for 1. Derivatives go to all.
    """
    _tell_of_slow_loops()
    changed = synapses if target is None else (target, *synapses)
    if not other.size:
        return changed
    index, parameters = () if synapse is None else (synapse,), tuple(jnp.asarray(p) for p in parameters)
    groups = tuple(row_values), tuple(values), parameters
    used = _used(rule, synapses, groups)
    rows, of_other, numbers = (tuple(x for x, u in zip(xs, us, strict=True) if u)
                               for xs, us in zip(groups, used, strict=True))  # fmt: skip

    def of_used(synapse: Any, *numbers: Any) -> tuple[Array, ...]:
        """Call the rule with None for what it does not use: that is not read, synapse by synapse."""
        each = [iter(group) for group in numbers]
        return rule(synapse, *(tuple(next(i) if u else None for u in us) for i, us in zip(each, used, strict=True)))

    factor = () if amplitude is None else (amplitude,)
    return tuple(_operations()["update_rows"].bind(
        *changed, words, ptr, other, *index, *factor, *rows, *of_other, *numbers, rule=of_used,
        counts=(len(changed), len(index), len(factor), len(rows), len(of_other)), delivers=target is not None,
    ))  # fmt: skip


def _used(
    rule: Callable[..., Any], synapses: tuple[Array, ...], groups: tuple[tuple[Array, ...], ...]
) -> list[list[bool]]:
    """Return which values of each group a rule makes use of."""
    numbers = jax.tree.map(lambda x: jnp.zeros((), x.dtype), (synapses, *groups))
    jaxpr = jax.make_jaxpr(rule)(*numbers).jaxpr
    used = {id(v) for eqn in jaxpr.eqns for v in eqn.invars} | {id(v) for v in jaxpr.outvars}
    flags = [id(v) in used for v in jaxpr.invars]
    return jax.tree.unflatten(jax.tree.structure((synapses, *groups)), flags)[1:]


def record(buffer: Array, cursor: Array, words: Array, n: int) -> tuple[Array, Array]:
    """Return the buffer (capacity,) with the numbers (b n + j, uint32) of all spikes from `cursor` on; the new cursor.

    The caller sees to it that they fit.
    """
    return tuple(_operations()["record"].bind(buffer, cursor, words, n=n))


def _given(**operands: Array | None) -> dict[str, Array]:
    return {name: x for name, x in operands.items() if x is not None}


# ---------------------------------------------------------------- from the operands of a primitive to a kernel


def _deliver_by(kernel: Callable[..., Array]) -> Callable[..., Array]:
    """Return the kernel as a function of the operands of `deliver`, `names` of which are those after the third."""

    def run(target: Array, words: Array, ptr: Array, *operands: Array, window: Any, names: tuple[str, ...]) -> Array:
        named = {"post": None} | dict(zip(names, operands, strict=True))
        return kernel(target, words, ptr, window=window, **named)

    return run


def _update_by(kernel: Callable[..., tuple[Array, ...]]) -> Callable[..., tuple[Array, ...]]:
    """Return the kernel as a function of the operands of `update_rows`, of which there are so many of each kind."""

    def run(*operands: Array, rule: Any, counts: tuple[int, ...], delivers: bool) -> tuple[Array, ...]:
        changed, (words, ptr, other), index, factor, rows, values, parameters = _grouped(operands, counts)
        target, synapses = (changed[0], changed[1:]) if delivers else (None, changed)
        synapse, amplitude = (group[0] if group else None for group in (index, factor))
        return kernel(synapses, words, ptr, other, rule, values, parameters, rows, synapse, target, amplitude)

    return run


def _grouped(operands: Any, counts: tuple[int, ...]) -> list[tuple[Any, ...]]:
    """Return the operands of `update_rows`, or what belongs to each, by their kind; the last are parameters."""
    ends = np.cumsum([0, counts[0], 3, *counts[1:], len(operands)])
    return [tuple(operands[a:b]) for a, b in itertools.pairwise(ends)]


# ---------------------------------------------------------------- which operands are what, and their dimensions


def _deliver_roles(*, window: Any, names: tuple[str, ...]) -> str:
    return "iic" + "".join({"weight": "s", "amplitude": "i", "base": "s", "post": "c"}[n] for n in names)


def _update_roles(*, rule: Any, counts: tuple[int, ...], delivers: bool) -> str:
    n_changed, n_index, *of_items = counts
    return "i" * n_changed + "icc" + "c" * n_index + "i" * sum(of_items)  # and parameters


def _deliver_dimension(eqn: Any, dims: list[Any]) -> list[Any]:
    named = dict(zip(eqn.params["names"], dims[3:], strict=True))
    added = equations.times(named["weight"], named.get("amplitude", NUMBER))
    return [equations.unify(eqn, [dims[0], added])]


def _update_dimension(eqn: Any, dims: list[Any]) -> list[Any]:
    counts, delivers = eqn.params["counts"], eqn.params["delivers"]
    zeros = [jnp.zeros((), v.aval.dtype) for v in eqn.invars]
    changed, _, _, _, *others = _grouped(zeros, counts)
    of_changed, _, _, factor, *of_others = _grouped(dims, counts)
    closed = jax.make_jaxpr(eqn.params["rule"])(changed[delivers:], *others)
    new = equations.walk(closed, [*of_changed[delivers:], *itertools.chain(*of_others)])
    if delivers:
        new[0] = equations.times(new[0], *(factor or (NUMBER,)))
    return [equations.unify(eqn, list(pair)) for pair in zip(of_changed, new, strict=True)]


equations.RULES["deliver"] = _deliver_dimension
equations.RULES["update_rows"] = _update_dimension


# ---------------------------------------------------------------- the primitives


@functools.cache
def _operations() -> dict[str, Any]:
    # jax.extend takes 50 ms to import: it waits for the first network.
    from jax.interpreters import ad, batching

    primitives = {
        "deliver": _primitive(
            "deliver",
            _deliver_by(cpu.deliver),
            _deliver_by(trial.of(gpu.deliver, arrays.deliver)),
            _deliver_by(arrays.deliver),
        ),
        "update_rows": _primitive(
            "update_rows",
            _update_by(cpu.update_rows),
            _update_by(trial.of(gpu.update_rows, arrays.update_rows)),
            _update_by(arrays.update_rows),
            lambda counts, **_: counts[0],
        ),
        "record": _primitive("record", cpu.record, arrays.record, arrays.record, lambda **_: 2),
    }
    for name, roles, definition in (
        ("deliver", _deliver_roles, _deliver_by(arrays.deliver)),
        ("update_rows", _update_roles, _update_by(arrays.update_rows)),
    ):
        batching.primitive_batchers[primitives[name]] = functools.partial(transforms.batch, primitives[name], roles)
        ad.primitive_jvps[primitives[name]] = functools.partial(transforms.jvp, definition, primitives[name])
    return primitives


def _primitive(name: str, on_cpu: Any, on_cuda: Any, elsewhere: Any, n_results: Any = None) -> Any:
    """Return a primitive with a kernel for each device. Its results have the shapes of its first operands.

    n_results: their number, by the parameters, where it returns a tuple; None where it returns one array.
    """
    from jax.extend.core import Primitive
    from jax.interpreters import mlir

    operation = Primitive(name)
    several = operation.multiple_results = n_results is not None

    @functools.partial(jax.jit, static_argnames="params")
    def compiled(*args: Array, params: tuple[tuple[str, Any], ...]) -> Any:
        return operation.bind(*args, **dict(params))

    @operation.def_impl
    def run(*args: Array, **params: Any) -> Any:
        with jax.disable_jit(False):
            return compiled(*args, params=tuple(params.items()))

    operation.def_abstract_eval(lambda *args, **params: args[: n_results(**params)] if several else args[0])
    for platform, kernel in (("cpu", on_cpu), ("cuda", on_cuda), (None, elsewhere)):
        mlir.register_lowering(operation, mlir.lower_fun(kernel, multiple_results=several), platform=platform)
    return operation
