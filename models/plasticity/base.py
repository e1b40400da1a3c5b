"""Plasticity: the base of rules that change weights at spikes."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
import pint

from simcore import Param, ShortTermState, State, units
from simcore.bases import Part, View
from simcore.module import code
from simcore.module.declare import LazyState
from simcore.module.tree import Reference, Tree
from simcore.spikes.words import pack, unpack
from simcore.step import direct
from simcore.step.context import current

from . import visits
from .traces import PostState, PostTrace, PreState, PreTrace, SynapseTrace
from .visits import Rows

Array = Any


class Plasticity(Part):
    """Base of rules that change weights at spikes: what a rule of one's own derives from.

    A subclass declares its parameters, traces and states, and says what a spike does to one synapse::

        class Pairs(sc.models.Plasticity):
            A = sc.Param(0.01, "dimensionless", "change by a pair, relative to w_max")
            tau = sc.Param(20.0, "ms", "time constant of the traces", positive=True)
            x = sc.models.PreTrace("tau")  # of each presynaptic neuron
            y = sc.models.PostTrace("tau")  # of each postsynaptic neuron

            def on_pre(self, w):  # a presynaptic spike arrives
                return w - self.A * self.w_max * self.y.value

            def on_post(self, w):  # the postsynaptic neuron spikes
                return w + self.A * self.w_max * self.x.value

    A `HiddenState` is a value of each synapse, which both functions may change (``self.c.value = ...``), a
    `SynapseTrace` one that decays. Work is done for the synapses of neurons that spike alone. In both functions all
    values are those of one synapse: numbers, whose arithmetic is plain `jax.numpy`. Spikes of the same step do not see
    one another's traces; with delays of their own, synapses see a spike each when it arrives. What a spike delivers is
    the weight before its own change. Weights stay from w_min (by default 0) to w_max.
    """

    w_min = Param(None, "nS", "the smallest weight, in the unit of the weights; by default 0")
    w_max = Param(None, "nS", "the largest weight, in the unit of the weights; by default there is none")

    learning = Param(None, "dimensionless", "1: the weights change, by default; 0: they stay as they are")

    weight_params: tuple[str, ...] = ()  # further parameters in the unit of the weights
    nearest: tuple[str, ...] = ()  # the traces that a spike sets to 1, where it raises others by 1
    drifts = False  # whether weights change between spikes too: see `drift`
    weight_unit: str = ""  # that of the weights; before a projection has the rule, of what it was given
    spread = False  # whether the synapses have delays of their own
    post: View | None = None  # the postsynaptic neurons
    sizes: tuple[int, int, int] = (0, 0, 0)  # of the populations, and the number of synapses

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, state in cls.STATES.items():
            if isinstance(state, PreTrace | PostTrace | SynapseTrace) and state.tau not in cls.PARAMS:
                has = ", ".join(cls.PARAMS)
                raise ValueError(
                    f"{cls.__name__}: the trace {name!r} decays with {state.tau!r}, which is no parameter; "
                    f"it has {has}."
                )

    def __init__(self, *args: Any, learning: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, learning=learning, **kwargs)

    # ---------------------------------------------------------------- what a rule says

    def on_pre(self, w: Array) -> Array:
        """Return the weight of a synapse at which a presynaptic spike arrives; may change its states."""
        return w

    def on_post(self, w: Array) -> Array:
        """Return the weight of a synapse whose postsynaptic neuron spikes; may change its states."""
        return w

    def advance(self) -> None:
        """Advance values of neurons other than traces, all at once, before the spikes at the end of a step are seen."""

    def post_events(self, spikes: Array) -> Array:
        """Return, inside a step, at which postsynaptic neurons `on_post` is called, (B, n_post): those that spiked."""
        return spikes

    def drift(self, w: Array) -> Array:
        """Return what the weight of a synapse is by now, of a rule that `drifts`.

        Values of the synapse are those after its last visit, those of neurons are of now.
        """
        return w

    def spiked(self, pre: Array, post: Array) -> None:
        """Change values of neurons other than traces, all at once, at spikes: words (B, n_words), see `unpack`."""

    def restart(self) -> None:
        """Called outside steps when all synapses have been advanced to now: what is kept since the last visit ends."""

    def needs_state(self, name: str) -> bool:
        """Return whether this rule, as it was made, has a use for a declared state."""
        return True

    # ---------------------------------------------------------------- parameters

    def param_unit(self, param: Param) -> str:
        """Return the unit of a parameter."""
        return self.weight_unit or param.unit if self._is_weight(param.name) else param.unit

    def _is_weight(self, name: str) -> bool:
        return name in ("w_min", "w_max", *self.weight_params)

    def read_param(self, param: Param, value: Any, given: bool) -> Any:
        """Return the floats of a parameter; those in the unit of the weights are one value each."""
        if param.name == "learning":
            value = float(value) if isinstance(value, bool | np.bool_) else value
            if np.any((learning := super().read_param(param, value, given)) * (1 - learning)):
                raise ValueError(f"{self.name}: 'learning' must be True or False, got {units.show(value)}.")
            return learning
        if not self._is_weight(param.name):
            return super().read_param(param, value, given)
        value = units.read(value, f"{self.name}: {param.name!r}")
        if not self.weight_unit:
            if not isinstance(value, pint.Quantity):
                raise units.DimensionalityError(
                    f"{self.name}: {param.name!r} needs a quantity in pA, nS or mV, the unit of the weights, "
                    f"got {units.show(value)}."
                )
            self.weight_unit = units.unit_of(value)
        if np.ndim(value.magnitude):
            raise ValueError(f"{self.name}: {param.name!r} must be one value, got {units.show(value)}.")
        return super().read_param(param, value, given)

    def read(self, name: str) -> Any:
        """Return a parameter, to a user; `learning` as it was given."""
        value = super().read(name)
        return bool(value) if name == "learning" and not self.inside else value

    def check_params(self) -> None:
        """Refuse bounds that leave no room."""
        super().check_params()
        low, high = self.bounds()
        if not low < high:
            has = [f"{key} = {units.show(self.param_value(key))}" for key in ("w_min", "w_max") if key in self.given()]
            raise ValueError(f"{self.name}: 'w_max' must be above 'w_min' (by default 0), got {', '.join(has)}.")

    def bounds(self) -> tuple[float, float]:
        """Return the smallest and the largest weight, in the unit of the weights."""
        low, high = (
            float(self.magnitude(k)) if k in self.given() else d for k, d in (("w_min", 0.0), ("w_max", np.inf))
        )
        return low, high

    # ---------------------------------------------------------------- what a projection says

    def join(self, name: str, pre: View, post: View, receptor: Any, *, spread: bool, bring: Callable[[], None]) -> None:
        """Belong to a projection.

        Args:
            name: of the rule, in messages.
            pre: the neurons that send.
            post: those that receive.
            receptor: that the weights act on.
            spread: whether the synapses have delays of their own.
            bring: what advances weights and values of synapses to now.

        Raises:
            DimensionalityError: a parameter of the rule is in another unit than the weights.
            ValueError: a weight could become a negative conductance.
        """
        values = {key: self.param_value(key) for key in ("w_min", "w_max", *self.weight_params) if key in self.given()}
        self.weight_unit = receptor.unit
        self.set_params(values)
        if self.bounds()[0] < 0 and receptor.is_conductance:
            raise ValueError(
                f"{name}: 'w_min' must be >= 0, got {units.show(self.w_min)}: the weights are conductances; a sign "
                "belongs to a current, a receptor without reversal."
            )
        self.attach(name, ())
        self.spread, self.post, self._bring = spread, post, bring
        self.sizes = pre.population.size, post.population.size, 0

    def keep_block(self, n_post: int, n: int) -> None:
        """Be the rule of a block of postsynaptic neurons; `n` synapses are those that there is room for."""
        self.sizes = self.sizes[0], n_post, n
        if self.post is not None:
            self.post = View(self.post.population, slice(None))

    def take_synapses(self, n: int) -> None:
        """Take the number of synapses."""
        self.sizes = (*self.sizes[:2], n)

    def populations(self) -> dict[str, View]:
        """Return further populations that it refers to, by the name of the attribute."""
        return {}

    def check_start(self, weight: Any, who: str) -> None:
        """Refuse weights to start with, in their unit, that are outside the bounds.

        Raises:
            ValueError: it names the first one.
        """
        unit, (low, high) = self.weight_unit, self.bounds()
        weight = np.asarray(weight)
        slack = 1e-6 * np.max(
            np.abs([b for b in (low, high) if np.isfinite(b)])
        )  # float32 weights at a bound are inside
        outside = weight[(weight < low - slack) | (weight > high + slack)]
        if outside.size:
            needs = f"from {low:g} to {high:g}" if np.isfinite(high) else f">= {low:g}"
            raise ValueError(
                f"{who}: 'weight' must be {needs} {units.unit(unit):~P} for {type(self).__name__}, "
                f"got {outside.flat[0]:g} {units.unit(unit):~P}."
            )

    # ---------------------------------------------------------------- states

    def is_of_synapses(self, state: State) -> bool:
        """Return whether a state is one of each synapse."""
        return not isinstance(state, PreState | PostState) or (self.spread and isinstance(state, PreTrace))

    def init_state(self, batch_size: int | None = None, **kwargs: Any) -> None:
        """Create the states: of the neurons, and of each synapse."""
        super().init_state(batch_size, **kwargs)
        lead, (n_pre, n_post, n) = () if batch_size is None else (batch_size,), self.sizes
        for name, state in self.STATES.items():
            size = n if self.is_of_synapses(state) else n_pre if isinstance(state, PreState) else n_post
            vars(self)[name] = new = state.create(self, (*lead, size))
            if isinstance(new, LazyState):
                new.owner = self
            if not self.needs_state(name):
                del vars(self)[name]
        if visits.decaying(self) or self.drifts:
            self.steps_done = ShortTermState(np.int32(0), "steps that were made", counts_steps=True)
            never = np.zeros((*lead, n), np.int32)
            self.last_visit = ShortTermState(never, "the step in which a spike was last there", counts_steps=True)

    def batch_size(self) -> int | None:
        """Return the length of the batch axis of its states: the projection knows."""
        return None

    # ---------------------------------------------------------------- in a step

    def learn(
        self, weight: Array, target: Array, words: Array, arrivals: Rows, amplitude: Array | None, post: Array,
        departures: Rows,
    ) -> tuple[Array, Array]:  # fmt: skip
        """Deliver the spikes that arrive; return the target, and the weights after these and the postsynaptic spikes.

        Args:
            weight: (B, n).
            target: (B, n_post), that the spikes are delivered to.
            words: of the spikes that arrive.
            arrivals: the synapses by presynaptic neuron.
            amplitude: a factor of what each row of them delivers.
            post: words of the postsynaptic spikes.
            departures: the synapses by postsynaptic neuron.
        """
        visits.begin(self)
        kind, delivery = type(self), {"target": target, "amplitude": amplitude}
        target, weight = visits.visit(self, kind.on_pre, weight, words, arrivals, pre=True, **delivery)
        if self.changes_at_post():
            events = visits.where_learning(self, self.events(post), self.learning)
            (weight,) = visits.visit(self, kind.on_post, weight, events, departures, pre=False)
        if self.spread and any(isinstance(state, PreTrace) for state in vars(self).values()):
            (weight,) = visits.visit(self, visits.rise_at_synapses, weight, words, arrivals, pre=True)
        visits.end(self, words, post)
        return target, weight

    def changes_at_post(self) -> bool:
        """Return whether something happens to synapses at events of the postsynaptic neurons."""
        return type(self).on_post is not Plasticity.on_post or self.drifts

    def leaves_traces(self) -> bool:
        """Return whether traces of neurons are seen by `on_pre` and `on_post` alone."""
        mine, base = type(self), Plasticity
        return (mine.advance, mine.spiked, mine.post_events) == (base.advance, base.spiked, base.post_events)

    def events(self, post: Array) -> Array:
        """Return the words of the postsynaptic neurons whose synapses are visited, of the words of their spikes."""
        if type(self).post_events is not Plasticity.post_events:
            post = pack(self.post_events(unpack(post, self.sizes[1])))
        return post

    def kind(self) -> Hashable:
        """Return what rules have in common that go through common loops: all but the values of their parameters."""
        hidden = ("sizes", "post", "own_seed")
        public = {k: v for k, v in vars(self).items() if k[0] != "_" and k not in hidden}
        values = {k: v for k, v in public.items() if not isinstance(v, State | Tree | Reference)}
        return code.class_key(type(self)), self.given(), code.Frozen().value(values)

    def present(self, name: str) -> Array:
        """Return a value of the synapses that decays as it is by now, inside a step and outside, in its kernel unit."""
        if not self.inside:
            return direct.evaluate(self, lambda inside: inside.present(name))
        return vars(self)[name].raw * visits.decay_factors(self, current().dt)[name]

    def bring_to_now(self) -> None:
        """Advance all that is advanced at visits alone, with the weights."""
        self._bring()
