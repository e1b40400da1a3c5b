"""What a step of plasticity does: traces decay, spikes visit their synapses, traces rise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from simcore import HiddenState, State
from simcore.module.structure import bound
from simcore.spikes import operations
from simcore.spikes.words import pack, unpack
from simcore.step.context import current

from .traces import PostState, PostTrace, PreState, PreTrace, SynapseTrace

Array = Any


class Rows(NamedTuple):
    """Synapses by the neurons whose spikes visit them: of row i those from ptr[i] to ptr[i + 1].

    Attributes:
        ptr: bounds.
        other: (n,) the neurons at the other end.
        synapse: (n,) the numbers of the synapses, None where they are in order.
        of_each: how many rows each neuron has.
    """

    ptr: Array
    other: Array
    synapse: Array | None = None
    of_each: int = 1


def decaying(rule: Any) -> dict[str, str]:
    """Return which values of synapses decay, by name, with the parameter that is their time constant."""
    states = {name: state for name, state in rule.STATES.items() if name in vars(rule)}
    return {k: s.tau for k, s in states.items() if isinstance(s, SynapseTrace | PreTrace) and rule.is_of_synapses(s)}


def of_neurons(rule: Any, kind: type[State]) -> dict[str, Any]:
    """Return the values of neurons of a kind, by name."""
    return {k: s for k, s in vars(rule).items() if isinstance(s, kind) and not rule.is_of_synapses(s)}


def of_synapses(rule: Any) -> dict[str, State]:
    """Return the values of synapses, by name."""
    names = ("last_visit", *rule.STATES)
    return {
        k: vars(rule)[k] for k in names if k in vars(rule) and (k == "last_visit" or rule.is_of_synapses(vars(rule)[k]))
    }


def begin(rule: Any, *, traces: bool = True) -> None:
    """Advance the values of neurons to the end of the step, but for its spikes; traces where they are its own."""
    dt = current().dt
    for state in (*of_neurons(rule, PreTrace).values(), *of_neurons(rule, PostTrace).values()) if traces else ():
        state.value = state.value * jnp.exp(-dt / getattr(rule, state.tau))
    if "steps_done" in vars(rule):
        rule.steps_done.value = rule.steps_done.value + 1
    rule.advance()


def end(rule: Any, words: Array, post: Array, *, traces: bool = True) -> None:
    """Raise the traces of the neurons that spiked, by the words of what arrived and of the postsynaptic spikes."""
    if traces:
        rise(rule, PreTrace, words)
        rise(rule, PostTrace, post)
    rule.spiked(words, post)


def rise(rule: Any, kind: type[State], words: Array) -> None:
    """Raise the traces of the neurons that spiked."""
    for name, state in of_neurons(rule, kind).items():
        spikes = unpack(words, state.value.shape[-1]).reshape(state.value.shape)
        state.value = jnp.where(spikes, risen(rule, name, state.value), state.value)


def risen(rule: Any, name: str, trace: Array) -> Array:
    """Return a trace after a spike."""
    return 1.0 if name in rule.nearest else trace + 1.0


def rise_at_synapses(inside: Any, w: Array) -> Array:
    """Raise, at one synapse, the traces of the presynaptic spikes, which each synapse has for itself."""
    for name, state in vars(inside).items():
        if isinstance(inside.STATES.get(name), PreTrace):
            state.value = jnp.asarray(risen(inside, name, state.value))
    return w


def where_learning(rule: Any, words: Array, learning: Array) -> Array:
    """Return the words of the neurons whose synapses are visited: without those whose weights stay as they are."""
    return words if rule.drifts else words * learning.astype(words.dtype)


def visit(
    rule: Any, event: Callable[[Any, Array], Array], weight: Array, words: Array, rows: Rows, *,
    pre: bool, target: Array | None = None, amplitude: Array | None = None,
) -> tuple[Array, ...]:  # fmt: skip
    """Return the weights (B, n) after an event at all synapses in the rows of some neurons; change the rule's states.

    Args:
        rule: bound to a step.
        event: called with the rule, bound to the values of one synapse, and its weight; returns the weight.
        weight: (B, n).
        words: which neurons.
        rows: their synapses.
        pre: whether they are presynaptic.
        target: (B, n_post), that the weights are delivered to, as they are before the event; returned before them.
        amplitude: a factor of what each row delivers, (B, n_rows).
    """
    states, batch = of_synapses(rule), weight.shape[0]
    values = {name: state.raw.reshape(batch, -1) for name, state in states.items()}
    near, far = of_both(rule, batch, pre=pre)
    if rows.of_each > 1:
        near = {name: jnp.repeat(array, rows.of_each, 1) for name, array in near.items()}
    target, weight, values = at_synapses(
        rule, event, weight, values, words, rows, near, far, of_all(rule), target=target, amplitude=amplitude
    )
    for name, state in states.items():
        state.raw = values[name].reshape(state.raw.shape)
    return (weight,) if target is None else (target, weight)


def of_both(rule: Any, batch: int, *, pre: bool) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return the values (B, n) of the neurons that spiked, presynaptic ones or not, and of those at the other end."""
    kinds = (PreState, PostState) if pre else (PostState, PreState)
    near, far = ({k: s.raw.reshape(batch, -1) for k, s in of_neurons(rule, kind).items()} for kind in kinds)
    return near, far


def of_all(rule: Any) -> dict[str, Array]:
    """Return what all synapses have in common: parameters, and what is one value, or one of each item, (B, 1)."""
    scalars = {name: rule.param_value(name) for name in rule.given()}
    for name, array in rule.data().items():
        if np.ndim(array):
            raise TypeError(
                f"{rule.name}: {name!r} is an array of the shape {np.shape(array)}, but a rule is about one synapse: a "
                "value of each is a HiddenState, of each neuron a PreState or PostState."
            )
        scalars[name] = array
    for name, state in vars(rule).items():
        if isinstance(state, State) and (name not in rule.STATES and name != "last_visit"):
            scalars[name] = state.raw.reshape(-1, 1) if state.raw.ndim else state.raw
    return scalars


def at_synapses(
    rule: Any, event: Callable[[Any, Array], Array], weight: Array, states: dict[str, Array], words: Array, rows: Rows,
    near: dict[str, Array], far: dict[str, Array], common: dict[str, Array], *,
    target: Array | None = None, amplitude: Array | None = None,
) -> tuple[Array | None, Array, dict[str, Array]]:  # fmt: skip
    """Return the target, the weights and the values of the synapses, (B, n), after an event; see `visit`.

    Args:
        rule: says what happens; the values that it holds are not read.
        event: of the rule.
        weight: (B, n).
        states: of the synapses, (B, n), by name.
        words: which rows.
        rows: the synapses.
        near: values of the rows, (B, n_rows), by name.
        far: values of the neurons at the other end.
        common: what is one for all.
        target: what they deliver to.
        amplitude: a factor of each row.
    """
    common = common | {"dt": current().dt}

    def at_one(synapse: Any, of_row: Any, of_other: Any, parameters: Any) -> tuple[Array, ...]:
        w, *values = synapse
        names, numbers = (*states, *near, *far, *common), (*values, *of_row, *of_other, *parameters)
        one = dict(zip(names, numbers, strict=True))
        inside = bound(rule, one, one)
        w = bring_to_now(inside, w, one["dt"])
        before = w, *(vars(inside)[name].raw for name in states)
        changed = bounded(inside, event(inside, w)), *(vars(inside)[name].raw for name in states)
        after = [jnp.where(inside.learning != 0, new, old) for new, old in zip(changed, before, strict=True)]
        return tuple(after) if target is None else (w, *after)

    changed = operations.update_rows(
        (weight, *states.values()), words, rows.ptr, rows.other, at_one, tuple(far.values()), tuple(common.values()),
        tuple(near.values()), rows.synapse, target=target, amplitude=amplitude,
    )  # fmt: skip
    first = 0 if target is None else 1
    weight, values = changed[first], dict(zip(states, changed[first + 1 :], strict=True))
    return changed[0] if first else None, weight, values


def bounded(rule: Any, w: Array) -> Array:
    """Return a weight within the bounds."""
    w = w if rule.w_max is None else jnp.minimum(w, rule.w_max)
    return jnp.maximum(w, 0.0 if rule.w_min is None else rule.w_min)


def bring_to_now(rule: Any, w: Array, dt: Array) -> Array:
    """Return the weight by now, of one synapse; let its values that decay do so since it was last visited."""
    if "last_visit" not in vars(rule):
        return w
    factors = decay_factors(rule, dt)
    for name in factors:
        vars(rule)[name] = plain(vars(rule)[name])
    w = rule.drift(w)
    for name, factor in factors.items():
        vars(rule)[name].raw = vars(rule)[name].raw * factor
    rule.last_visit.raw = jnp.broadcast_to(rule.steps_done.raw, rule.last_visit.raw.shape)
    return w


def decay_factors(rule: Any, dt: Array) -> dict[str, Array]:
    """Return by what factors values of synapses have decayed since they were last visited, by name."""
    elapsed = (rule.steps_done.raw - rule.last_visit.raw) * dt
    return {name: jnp.exp(-elapsed / getattr(rule, tau)) for name, tau in decaying(rule).items()}


def plain(state: State) -> State:
    """Return a state whose value is what it holds."""
    new = HiddenState(state.unit).bound_to(state.raw)
    new.name = state.name
    return new


def by_now(rule: Any, weight: Array, departures: Rows) -> tuple[Array, dict[str, Array]]:
    """Return the weights (B, n) as they are by now, and the values of synapses by name; nothing changes."""
    copy = bound(rule, rule.arrays(), {name: state.raw for name, state in rule.states().items()})
    everyone = pack(jnp.ones((weight.shape[0], departures.ptr.size - 1)))
    (weight,) = visit(copy, lambda _, w: w, weight, everyone, departures, pre=False)
    return weight, {name: state.raw for name, state in of_synapses(copy).items()}
