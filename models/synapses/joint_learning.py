"""JointLearning: what brings the spikes of several plastic projections whose rules are of one kind, in common loops.

A program grows with its loops, and so does the time to compile it. While a program runs, the weights of all these
projections, what else their synapses have, and the traces lie side by side; the rows of all are rows of one larger
population. The parameters of each rule are values of its rows. Neurons lie as their spikes are packed, bit by word.
Before and after a run each projection has arrays of its own, as it has them in a step that is not part of a run. The
joint rows take up to 20 bytes a synapse.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from simcore import ShortTermState, State
from simcore.bases.link import Delivery, JointDelivery, words_of
from simcore.module.declare import on_device
from simcore.module.tree import join
from simcore.spikes.words import n_words, unpack
from simcore.step.context import current, once

from ..plasticity import visits
from ..plasticity.traces import PostState, PostTrace, PreState, PreTrace
from ..plasticity.visits import Rows
from .bundle import FEW
from .layout import number_type
from .share import BITS, by_source, by_word, factors_of_rows, joined_by_word, words_of_all

Array = Any
_PRE, _POST = 0, 1  # ends of a projection, in the sizes of its rule


class JointLearning(JointDelivery):
    """The synapses of several projections, of one kind of rule, to receptors of one unit."""

    joint_weight: ShortTermState  # the weights of all, in a run; empty else

    def __init__(self, senders: list[Any], name: str) -> None:
        super().__init__(by_source(senders), name=name)
        self.pre_rows: Any = None
        self.post_rows: Any = None
        self.projection_of: Any = None  # of each row: (of arriving spikes, of postsynaptic neurons)
        self.each: tuple[int, ...] = ()  # how many rows a presynaptic neuron has, of each projection
        self._dt = 0.0

    def fit_to(self, dt: float) -> None:
        """Lay out the rows of all projections."""
        if self._dt == dt:
            return
        senders, self._dt = self.links.modules, dt
        arriving, departing = ([f(s) for s in senders] for f in (_arriving, _departing))
        pre, post = self._words(_PRE), self._words(_POST)
        self.each = tuple(one.of_each for one in arriving)
        rows = self._arriving_words()
        sizes = [sender.n_synapses for sender in senders]
        self.pre_rows = _joint(arriving, rows, post, sizes)
        self.post_rows = _joint(departing, post, pre, sizes)
        numbers = (np.repeat(np.arange(len(senders), dtype=np.int32), counts) for counts in (rows, post))
        self.projection_of = tuple(on_device(np.tile(n, BITS)) for n in numbers)

    def init_state(self, batch_size: int | None = None, **kwargs: Any) -> None:
        """Create what holds, in a run, the values of all synapses, and of neurons."""
        for name in ("weight", *visits.of_synapses(self._rule), *self._traces(PreTrace), *self._traces(PostTrace)):
            setattr(self, f"joint_{name}", ShortTermState(np.zeros(0), "values of all projections, in a run"))

    @property
    def _rule(self) -> Any:
        return self.links.modules[0].plasticity

    def _words(self, end: int) -> list[int]:
        """Return how many words the spikes of the populations at one end have, of each projection."""
        return [n_words(sender.plasticity.sizes[end]) for sender in self.links.modules]

    def _arriving_words(self) -> list[int]:
        """Return how many words arrive through each projection."""
        return [count * each for count, each in zip(self._words(_PRE), self.each, strict=True)]

    def _traces(self, kind: type[State]) -> dict[str, State]:
        """Return the traces of neurons that lie side by side: all, unless the rule reads or changes them by itself."""
        return visits.of_neurons(self._rule, kind) if self._rule.leaves_traces() else {}

    # ---------------------------------------------------------------- into a run and out of it

    def _parts(self) -> dict[str, tuple[list[tuple[Any, str, State]], list[int]]]:
        """Return the states that each of its own stands for: (node, name there, state), and the words of neurons."""
        senders = self.links.modules
        parts: dict[str, Any] = {"weight": ([(sender, "weight", vars(sender)["weight"]) for sender in senders], [])}
        kinds: Any = ((visits.of_synapses(self._rule), []), (self._traces(PreTrace), self._words(_PRE)),
                 (self._traces(PostTrace), self._words(_POST)))  # fmt: skip
        for names, words in kinds:
            for name in names:
                parts[name] = [(s.plasticity, name, vars(s.plasticity)[name]) for s in senders], words
        return parts

    def pack_states(self, states: dict[str, Array], paths: dict[int, str]) -> dict[str, Array]:
        """Return states as a run has them: values of projections side by side."""
        states = dict(states)
        for name, (parts, words) in self._parts().items():
            arrays = [states.pop(join(paths[id(node)], key)) for node, key, _ in parts]
            flat = [array.reshape(-1, array.shape[-1]) for array in arrays]
            together = joined_by_word(flat, words) if words else jnp.concatenate(flat, 1)
            states[join(paths[id(self)], f"joint_{name}")] = together
        return states

    def unpack_states(self, states: dict[str, Array], paths: dict[int, str]) -> dict[str, Array]:
        """Return states as they are outside of a run; those that are so already stay."""
        if not states[join(paths[id(self)], "joint_weight")].size:
            return states
        states = dict(states)
        for name, (parts, words) in self._parts().items():
            path = join(paths[id(self)], f"joint_{name}")
            inside = isinstance(states[path], jax.core.Tracer)
            together = states[path] if inside else np.asarray(states[path])  # a slice by JAX would be a program
            for (node, key, state), array in zip(parts, _apart(together, parts, words), strict=True):
                part = array.reshape(state.raw.shape)
                states[join(paths[id(node)], key)] = part if inside else on_device(part)
            states[path] = on_device(np.zeros(0, together.dtype))
        return states

    # ---------------------------------------------------------------- in a step

    def bring(self, inputs: dict[Any, Any]) -> None:
        """Deliver the spikes that arrive at the end of this step, and let the weights change."""
        senders = self.links.modules
        if not self.joint_weight.raw.size:  # no run: each has its own
            for sender in senders:
                sender.bring(inputs)
            return
        words, post = words_of_all(senders), [words_of(sender.post.population) for sender in senders]
        target = self._learn(words, post)
        sizes = [sender.plasticity.sizes[_POST] for sender in senders]
        for sender, added in zip(senders, _neurons_apart(target, self._words(_POST), sizes), strict=True):
            state = sender.target.target()
            state.value = state.value + added.reshape(state.value.shape)
        for name, (parts, words) in self._parts().items():
            for (*_, state), array in zip(parts, _apart(vars(self)[f"joint_{name}"].raw, parts, words), strict=True):
                state.raw = array.reshape(state.raw.shape)

    def _learn(self, words: Array, post: list[Array]) -> Array:
        """Return what arrives at the populations, side by side; change values of synapses and neurons.

        Args:
            words: of the spikes that arrive through all.
            post: of those of the postsynaptic neurons, of each.
        """
        senders, rule = self.links.modules, self._rule
        rules, kind = [sender.plasticity for sender in senders], type(rule)
        of_arriving, of_post = (self._parameters(rules, rows) for rows in self.projection_of)
        self._begin(rules, of_arriving, of_post)
        pre_rows, post_rows = Rows(*self.pre_rows), Rows(*self.post_rows)
        counts, once_each = self._arriving_words(), [1] * len(senders)
        arrived = [words[:, a:b] for a, b in itertools.pairwise(np.cumsum([0, *counts]))]
        near = self._neurons(rules, PreState, counts, self.each) | of_arriving
        far = self._neurons(rules, PostState, self._words(_POST), once_each)
        target = jnp.zeros((words.shape[0], BITS * sum(self._words(_POST))), self.joint_weight.raw.dtype)
        target = self._visit(kind.on_pre, words, pre_rows, near, far, target=target, amplitude=self._amplitude(arrived))
        if rule.changes_at_post():
            events = jnp.concatenate([one.events(words) for one, words in zip(rules, post, strict=True)], 1)
            events = visits.where_learning(rule, events, of_post["learning"][:, : events.shape[1]])
            back = self._neurons(rules, PreState, self._words(_PRE), once_each)
            self._visit(kind.on_post, events, post_rows, far | of_post, back)
        if rule.spread and any(isinstance(state, PreTrace) for state in vars(rule).values()):
            self._visit(visits.rise_at_synapses, words, pre_rows, near, far)
        self._end(rules, words, jnp.concatenate(post, 1), arrived, post)
        return target

    def _begin(self, rules: list[Any], of_arriving: dict[str, Array], of_post: dict[str, Array]) -> None:
        """Advance the values of neurons by a step."""
        for kind, parameters in ((PreTrace, of_arriving), (PostTrace, of_post)):
            for name, trace in self._traces(kind).items():
                state = vars(self)[f"joint_{name}"]
                state.raw = state.raw * jnp.exp(-current().dt / parameters[trace.tau])  # type: ignore[attr-defined]
        for rule in rules:
            visits.begin(rule, traces=not rule.leaves_traces())

    def _end(self, rules: list[Any], arriving: Array, leaving: Array, arrived: list[Array], post: list[Array]) -> None:
        """Raise the traces at spikes."""
        for kind, words in ((PreTrace, arriving), (PostTrace, leaving)):
            for name in self._traces(kind):
                state, spikes = vars(self)[f"joint_{name}"], unpack(words, BITS * words.shape[1])
                state.raw = jnp.where(spikes, visits.risen(self._rule, name, state.raw), state.raw)
        for rule, words, spikes in zip(rules, arrived, post, strict=True):
            visits.end(rule, words, spikes, traces=not rule.leaves_traces())

    def _visit(self, event: Any, words: Array, rows: Rows, near: Any, far: Any, **delivery: Any) -> Any:
        """Let an event happen at all synapses in rows of these words; return the target."""
        states = {name: vars(self)[f"joint_{name}"].raw for name in visits.of_synapses(self._rule)}
        target, weight, states = visits.at_synapses(
            self._rule, event, self.joint_weight.raw, states, words, rows, near, far, {}, **delivery
        )
        for name, raw in (states | {"weight": weight}).items():
            vars(self)[f"joint_{name}"].raw = raw
        return target

    def _neurons(self, rules: list[Any], kind: type[State], words: list[int], each: Sequence[int]) -> dict[str, Array]:
        """Return values of neurons, each so many times, side by side, by name."""
        batch, values = self.joint_weight.raw.shape[0], {}
        together = self._traces(PreTrace) | self._traces(PostTrace)
        for name in visits.of_neurons(rules[0], kind):
            if name in together:
                values[name] = vars(self)[f"joint_{name}"].raw
            else:
                parts = (vars(rule)[name].raw.reshape(batch, -1) for rule in rules)
                values[name] = joined_by_word([jnp.repeat(v, n, 1) for v, n in zip(parts, each, strict=True)], words)
        return values

    def _parameters(self, rules: list[Any], projection_of: Array) -> dict[str, Array]:
        """Return what is one value of a rule as values of its rows, (B, n), by name."""
        batch, common = self.joint_weight.raw.shape[0], [visits.of_all(rule) for rule in rules]

        def spread(name: str) -> Array:
            values = [jnp.broadcast_to(c[name], (batch, 1)) for c in common]
            return jnp.concatenate(values, 1)[:, projection_of]

        given = rules[0].given()
        fixed = once(self.path, lambda: {name: spread(name) for name in given}, "a rule reads what is no parameter.")
        return fixed | {name: spread(name) for name in common[0] if name not in given}

    def _amplitude(self, arrived: list[Array]) -> Array | None:
        """Return a factor of what each row delivers, of short-term plasticity or derivatives; None for 1."""
        exact, senders = current().exact_spikes, self.links.modules
        spikes = [None if exact else sender.arriving()[1] for sender in senders]
        factors = [sender.release(*a) for sender, *a in zip(senders, arrived, spikes, strict=True)]
        return factors_of_rows(factors, [words.shape[1] for words in arrived], arrived[0].shape[0])


def joint_learning(projections: list[Any]) -> list[Delivery]:
    """Return what brings the spikes of plastic projections: each by itself, or many whose rules are of one kind."""
    groups: dict[Any, list[Any]] = {}
    for projection in projections:
        groups.setdefault((projection.plasticity.kind(), projection.target.unit), []).append(projection)
    made: list[Delivery] = []
    for k, group in enumerate(groups.values()):
        made += group if len(group) <= FEW else [JointLearning(group, f"learning_{k}")]
    return made


def _arriving(sender: Any) -> Rows:
    return sender.arriving_rows()


def _departing(sender: Any) -> Rows:
    return sender.departures()


def _joint(rows: list[Rows], words: list[int], words_other: list[int], sizes: list[int]) -> tuple[Any, ...]:
    """Return the rows of all, in the order of their bits, as (ptr, other, synapse).

    Args:
        rows: of each projection.
        words: of the spikes that visit them.
        words_other: of the neurons at the other end, which lie by these.
        sizes: how many synapses.
    """
    starts, lengths = (np.zeros((BITS, sum(words)), np.int64) for _ in range(2))
    begins, columns, column = np.cumsum([0, *sizes]), np.cumsum([0, *words_other]), 0
    others, synapses = [], []
    for one, count, first, size, at_other, count_other in zip(rows, words, begins, sizes, columns, words_other,
                                                              strict=False):  # fmt: skip
        ptr, other = np.asarray(one.ptr).astype(np.int64), np.asarray(one.other).astype(np.int64)
        starts[:, column : column + count] = by_word(ptr[:-1] + first, count)
        lengths[:, column : column + count] = by_word(np.diff(ptr), count)
        column += count
        others.append(other // count_other * columns[-1] + at_other + other % count_other)
        synapses.append((np.arange(size) if one.synapse is None else np.asarray(one.synapse)) + first)
    ptr = np.concatenate([[0], np.cumsum(lengths)])
    index = np.repeat(starts.ravel() - ptr[:-1], lengths.ravel()) + np.arange(ptr[-1])
    number = number_type(int(columns[-1]) * BITS)
    other, synapse = np.concatenate(others)[index].astype(number), np.concatenate(synapses)[index].astype(np.uint32)
    return tuple(map(on_device, (ptr.astype(np.uint32), other, synapse)))


def _neurons_apart(together: Array, counts: list[int], sizes: list[int]) -> list[Array]:
    """Return the parts that `joined_by_word` joined."""
    by_bit, ends = together.reshape(together.shape[0], BITS, -1), np.cumsum([0, *counts])
    parts = [by_bit[:, :, a:b].reshape(together.shape[0], -1) for a, b in itertools.pairwise(ends)]
    return [part[:, :size] for part, size in zip(parts, sizes, strict=True)]


def _apart(together: Array, parts: list[tuple[Any, str, State]], words: list[int]) -> list[Array]:
    """Return the parts of an array of values of all projections, (B, n) each."""
    sizes = [state.raw.shape[-1] for *_, state in parts]
    if words:
        return _neurons_apart(together, words, sizes)
    return [together[:, a:b] for a, b in itertools.pairwise(np.cumsum([0, *sizes]))]
