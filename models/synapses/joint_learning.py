"""JointLearning: what brings the spikes of several plastic projections whose rules are of one kind, in common loops.

A program grows with its loops, and so does the time to compile it. While a program runs, the weights of all these
projections, and what else their synapses have, lie side by side; the rows of all are rows of one larger population. The
parameters of each rule are values of its rows. Before and after a run each projection has arrays of its own, as it has
them in a step that is not part of a run. The joint rows take up to 20 bytes a synapse.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from simcore import ShortTermState, State
from simcore.bases.link import JointDelivery, words_of
from simcore.module.declare import on_device
from simcore.module.tree import join
from simcore.spikes.words import n_words
from simcore.step.context import once

from ..plasticity import visits
from ..plasticity.traces import PreTrace
from ..plasticity.visits import Rows
from .layout import number_type

Array = Any
BITS = 32  # of a word


class JointLearning(JointDelivery):
    """The synapses of several projections, of one kind of rule, to receptors of one unit."""

    joint_weight: ShortTermState  # the weights of all, in a run; empty else

    def __init__(self, senders: list[Any], name: str) -> None:
        super().__init__(senders, name=name)
        self.pre_rows: Any = None
        self.post_rows: Any = None
        self._dt = 0.0

    def fit_to(self, dt: float) -> None:
        """Lay out the rows of all projections."""
        if self._dt == dt:
            return
        senders, self._dt = self.links.modules, dt
        sizes = [sender.n_synapses for sender in senders]
        n_pre, n_post = ([end.population.size for end in ends] for ends in
                         ([s.pre for s in senders], [s.post for s in senders]))  # fmt: skip
        arriving = [sender.arriving_rows() for sender in senders]
        words = [n_words(n) * rows.of_each for n, rows in zip(n_pre, arriving, strict=True)]
        self.pre_rows = _joint(arriving, words, n_post, sizes)
        self.post_rows = _joint([s.departures() for s in senders], [n_words(n) for n in n_post], n_pre, sizes)

    def init_state(self, batch_size: int | None = None, **kwargs: Any) -> None:
        """Create what holds, in a run, the values of all synapses."""
        for name in ("weight", *visits.of_synapses(self.links.modules[0].plasticity)):
            setattr(self, f"joint_{name}", ShortTermState(np.zeros(0), "values of the synapses, in a run"))

    # ---------------------------------------------------------------- into a run and out of it

    def _parts(self) -> dict[str, list[tuple[Any, str, State]]]:
        """Return the states that lie side by side in each of its own: the node, the name there, the state."""
        senders = self.links.modules
        parts = {"weight": [(sender, "weight", vars(sender)["weight"]) for sender in senders]}
        for name in visits.of_synapses(senders[0].plasticity):
            parts[name] = [(s.plasticity, name, vars(s.plasticity)[name]) for s in senders]
        return parts

    def pack(self, states: dict[str, Array], paths: dict[int, str]) -> dict[str, Array]:
        """Return states as a run has them: values of synapses side by side."""
        states = dict(states)
        for name, parts in self._parts().items():
            arrays = [states.pop(join(paths[id(node)], key)) for node, key, _ in parts]
            flat = [array.reshape(-1, array.shape[-1]) for array in arrays]
            states[join(paths[id(self)], f"joint_{name}")] = jnp.concatenate(flat, 1)
        return states

    def unpack(self, states: dict[str, Array], paths: dict[int, str]) -> dict[str, Array]:
        """Return states as they are outside of a run; those that are so already stay."""
        if not states[join(paths[id(self)], "joint_weight")].size:
            return states
        states = dict(states)
        for name, parts in self._parts().items():
            path = join(paths[id(self)], f"joint_{name}")
            together, first = states[path], 0
            states[path] = jnp.zeros(0)
            for node, key, state in parts:
                n = state.raw.shape[-1]
                states[join(paths[id(node)], key)] = together[:, first : first + n].reshape(state.raw.shape)
                first += n
        return states

    # ---------------------------------------------------------------- in a step

    def bring(self, inputs: dict[Any, Any]) -> None:
        """Deliver the spikes that arrive at the end of this step, and let the weights change."""
        senders, parts = self.links.modules, self._parts()
        if not self.joint_weight.raw.size:  # no run: each has its own
            for sender in senders:
                sender.bring(inputs)
            return
        rules = [sender.plasticity for sender in senders]
        for rule in rules:
            visits.begin(rule)
        arrived = [sender.arriving() for sender in senders]
        post = [words_of(sender.post.population) for sender in senders]
        target = self._learn(rules, arrived, [r.events(p) for r, p in zip(rules, post, strict=True)])
        first = 0
        for sender, rule, (words, _), spikes in zip(senders, rules, arrived, post, strict=True):
            state, size = sender.target.target(), sender.post.population.size
            state.value = state.value + target[:, first : first + size].reshape(state.value.shape)
            visits.end(rule, words, spikes)
            first += size
        for name, of_all in parts.items():
            together, first = vars(self)[f"joint_{name}"].raw, 0
            for *_, state in of_all:
                n = state.raw.shape[-1]
                state.raw = together[:, first : first + n].reshape(state.raw.shape)
                first += n

    def _learn(self, rules: list[Any], arrived: list[Any], post: list[Array]) -> Array:
        """Return what arrives at the populations, side by side, (B, n); change the values of the synapses."""
        rule, batch = rules[0], post[0].shape[0]
        kind, words = type(rule), jnp.concatenate([words for words, _ in arrived], 1)
        pre_rows, post_rows = Rows(*self.pre_rows), Rows(*self.post_rows)
        target = jnp.zeros((batch, sum(r.sizes[1] for r in rules)), self.joint_weight.raw.dtype)
        counts, amplitude = [w.shape[1] for w, _ in arrived], self._amplitude(arrived)
        each = [s.arriving_rows().of_each for s in self.links.modules]
        near, far = self._of_rows(rules, counts, each, pre=True)
        target = self._visit(rule, kind.on_pre, words, pre_rows, near, far, target=target, amplitude=amplitude)
        if rule.changes_at_post():
            of_post = self._of_rows(rules, [p.shape[1] for p in post], [1] * len(rules), pre=False)
            self._visit(rule, kind.on_post, jnp.concatenate(post, 1), post_rows, *of_post)
        if rule.spread and any(isinstance(state, PreTrace) for state in vars(rule).values()):
            self._visit(rule, visits.rise_at_synapses, words, pre_rows, near, far)
        return target

    def _visit(self, rule: Any, event: Any, words: Array, rows: Rows, near: Any, far: Any, **delivery: Any) -> Any:
        """Let an event happen at all synapses in rows of these words; return the target."""
        names = visits.of_synapses(rule)
        states = {name: vars(self)[f"joint_{name}"].raw for name in names}
        target, weight, states = visits.at_synapses(
            rule, event, self.joint_weight.raw, states, words, rows, near, far, {}, **delivery
        )
        for name, raw in (states | {"weight": weight}).items():
            vars(self)[f"joint_{name}"].raw = raw
        return target

    def _of_rows(self, rules: list[Any], counts: list[int], each: list[int], *, pre: bool) -> tuple[Any, Any]:
        """Return the values of the rows, parameters among them, and of the neurons at the other end, side by side."""
        batch = self.joint_weight.raw.shape[0]
        both = [visits.of_both(rule, batch, pre=pre) for rule in rules]
        sizes = [rule.sizes[0 if pre else 1] * n for rule, n in zip(rules, each, strict=True)]
        near = {k: _by_word([jnp.repeat(o[k], n, 1) for (o, _), n in zip(both, each, strict=True)], counts)
               for k in both[0][0]}  # fmt: skip
        far = {k: jnp.concatenate([o[k] for _, o in both], 1) for k in both[0][1]}

        def spread(values: list[Array]) -> Array:
            rows = [jnp.broadcast_to(v, (batch, n)) for v, n in zip(values, sizes, strict=True)]
            return _by_word(rows, counts)

        common = [visits.of_all(rule) for rule in rules]
        given = rules[0].given()
        parameters = once(self.path, lambda: {k: spread([c[k] for c in common]) for k in given},
                          "a rule reads what is no parameter.")  # fmt: skip
        return near | parameters | {k: spread([c[k] for c in common]) for k in common[0] if k not in given}, far

    def _amplitude(self, arrived: list[Any]) -> Array | None:
        """Return a factor of what each row delivers, of short-term plasticity or derivatives; None for 1."""
        factors = [sender.release(*a) for sender, a in zip(self.links.modules, arrived, strict=True)]
        if all(factor is None for factor in factors):
            return None
        counts = [words.shape[1] for words, _ in arrived]
        ones = [jnp.ones((words.shape[0], BITS * words.shape[1])) for words, _ in arrived]
        return _by_word([o if f is None else f for f, o in zip(factors, ones, strict=True)], counts)


def _joint(rows: list[Rows], words: list[int], n_other: list[int], sizes: list[int]) -> tuple[Any, ...]:
    """Return the rows of all, in the order of their bits, as (ptr, other, synapse)."""
    starts, lengths = (np.zeros((BITS, sum(words)), np.int64) for _ in range(2))
    begins, others, column = np.cumsum([0, *sizes]), np.cumsum([0, *n_other]), 0
    for one, count, first in zip(rows, words, begins, strict=False):
        ptr = np.asarray(one.ptr).astype(np.int64)
        starts[:, column : column + count] = _padded(ptr[:-1] + first, count)
        lengths[:, column : column + count] = _padded(np.diff(ptr), count)
        column += count
    ptr = np.concatenate([[0], np.cumsum(lengths)])
    index = np.repeat(starts.ravel() - ptr[:-1], lengths.ravel()) + np.arange(ptr[-1])
    other = np.concatenate([np.asarray(one.other).astype(np.int64) + o for one, o in zip(rows, others, strict=False)])
    synapse = np.concatenate([(np.arange(n) if one.synapse is None else np.asarray(one.synapse)) + first
                              for one, n, first in zip(rows, sizes, begins, strict=False)])  # fmt: skip
    return tuple(map(on_device, (ptr.astype(np.uint32), other[index].astype(number_type(int(others[-1]))),
                                 synapse[index].astype(np.uint32))))  # fmt: skip


def _padded(values: np.ndarray, count: int) -> np.ndarray:
    """Return values of rows as (32, count), bit by word, as their spikes are packed; 0 for none."""
    return np.pad(values, (0, BITS * count - values.size)).reshape(BITS, count)


def _by_word(parts: list[Array], counts: list[int]) -> Array:
    """Return values of rows, each (B, n), side by side in the order of bits of all their words, (B, 32 * words)."""
    padded = [jnp.pad(part, ((0, 0), (0, BITS * count - part.shape[1]))).reshape(-1, BITS, count)
              for part, count in zip(parts, counts, strict=True)]  # fmt: skip
    together = jnp.concatenate(padded, 2)
    return together.reshape(together.shape[0], -1)
