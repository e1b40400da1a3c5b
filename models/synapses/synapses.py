"""Synapses: those of a projection with their weights, drawn for its place in a network when they are first needed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar

import jax
import numpy as np
import pint

from simcore import HiddenState, Param, distributed, units
from simcore.bases.block import Block
from simcore.bases.link import Link
from simcore.bases.population import View
from simcore.init import OfDistance
from simcore.module.declare import LazyState, broadcast, on_device, room_for
from simcore.module.display import shown
from simcore.module.seeds import Place

from ..connect.base import Ends, Rule
from .distance import at_distances, distances, drawn
from .layout import TARGET_BYTES, Layout, lay_out, number_type
from .share import Share

# Bytes of a synapse while it is drawn, sorted, converted and copied to the device, beside those of its target.
WEIGHT_BYTES, DELAY_BYTES, PLASTIC_BYTES = 24, 32, 40


class _Late:
    """What is drawn with the synapses, which is done when one of these is first read."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, projection: Any, owner: type | None = None) -> Any:
        if projection is None:
            return self
        projection.draw()
        return vars(projection)[self.name]


class Synapses(Link):
    """Base of `Projection`: its synapses, by the numbers of the whole populations, and their weights.

    Attributes:
        ptr: the synapses of the presynaptic neuron i are ``ptr[i]`` to ``ptr[i + 1]``.
        targets: the postsynaptic neurons, (n,); None where each source reaches the `window`, first and number.
    """

    FIXED = (*Link.FIXED, "plasticity", "spread", "window", "ptr", "targets", "ptr_in", "sources", "synapse")

    weight = Param(None, "nS", "synaptic weight, in the unit of the receptor (nS, pA or mV)")

    pre: View
    post: View
    COUNTED: ClassVar[str] = "synapses"  # what they are called
    dense = False  # whether, with the synapses of all processes, it would have a window
    plasticity: Any
    spread: bool  # whether the synapses differ in their delays
    n_synapses: int = _Late()  # type: ignore[assignment]
    window = _Late()
    ptr = _Late()
    targets: Any = _Late()
    _drawn_for: Any = None  # the place
    _blocks: tuple[Block, ...] = ()  # onto which it has synapses; (): all
    _first = 0  # of the neurons that it reaches; `targets` count from there
    _is_set = False  # whether there are weights for each of the synapses that it has, given after these were drawn
    if TYPE_CHECKING:
        ptr_in: Any  # of plastic synapses, by postsynaptic neuron
        sources: Any
        synapse: Any

    def connect_by(self, rule: Rule, weight: Any) -> None:
        """Take a rule and weights. What draws nothing is there at once; what cannot be met is refused at once."""
        self._rule, self._weight = rule, weight
        rule.check(_ends(self.pre), _ends(self.post))
        self.check_initializer(weight, "weight", self.weight_unit)
        if not rule.draws:
            self.draw()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.describe()})"

    def facts(self) -> dict[str, str]:
        """Return what there is to tell of it, without drawing its synapses."""
        facts = self.shown_ends() | {"rule": shown(self._rule)}
        if self.inside or not self.is_drawn:
            weight = self._weight
            given = weight if callable(weight) else units.as_magnitude(weight, self.weight_unit, "weight")
            text = shown(given) if callable(weight) else units.show_range(given, self.weight_unit)
            return facts | {self.COUNTED: "drawn when first needed", "weight": text}
        count = f"{self.n_synapses:,}".replace(",", " ")
        return facts | {self.COUNTED: count, "weight": units.show_range(self.weights(), self.weight_unit)}

    def describe(self) -> str:
        """Return what it is in a line, for a summary: numbers where the synapses have been drawn."""
        facts = self.facts()
        ends = f"{facts.pop('from')} -> {facts.pop('to')}"
        rule, count = facts.pop("rule"), facts.pop(self.COUNTED)
        if self.inside or not self.is_drawn:
            return f"{ends}: {rule}, {count}"
        return f"{ends}: {', '.join([f'{count} {self.COUNTED}', *map(' '.join, facts.items())])}"

    @property
    def place(self) -> Place:
        """Where it is, with its seed; outside of a network by the names of its populations."""
        names = f"{self.pre!r} {self.post!r} {self.receptor}"
        return super().place if self._above else Place(names).with_seed(self._seed)

    def draw(self) -> None:
        """Draw synapses and weights, unless they have been drawn for this place."""
        if self.inside or self._drawn_for is not None:
            return
        self._drawn_for = self.place
        try:
            self._lay_out()
            if self.plasticity is None:
                self._set_param(self.specs()["weight"], self._weight)
            else:
                self._start = self.read_weight(self._weight)
                self.check_start(self._start)
                self._index_incoming()
        except Exception:
            self._drawn_for = None
            raise

    def draw_again(self) -> None:
        """Draw weights for another place. The synapses stay: somebody has seen them, if they have been drawn."""
        super().draw_again()
        if self._drawn_for is not None:
            if self.plasticity is not None and callable(self._weight):
                self._start = self.read_weight(self._weight)
            if self._rule.draws and self._seed is None:
                self.warn_of_place("its synapses were looked at")

    def drawn_anew_for(self, blocks: tuple[Block, ...]) -> bool:
        """Draw, when they are needed, synapses onto some blocks of the postsynaptic neurons alone; (): all.

        Weights that change, and functions of the distance, are those of all.
        """
        if blocks == self._blocks or not self._rule.draws or not self._may_be_cut() or (blocks and self._is_set):
            return False
        if self._is_set:
            raise ValueError(
                f"{self.name}: its weights were set while this process had the synapses onto its own neurons alone; "
                "build the network again for a run on one device."
            )
        was_drawn, self._blocks, self._drawn_for = self.is_drawn, blocks, None
        for name in ("n_synapses", "window", "ptr", "targets"):
            vars(self).pop(name, None)
        self._values.pop("weight", None)
        if blocks:
            self.draw()  # all processes at once: it takes room for as many as the largest of them has
        return was_drawn

    def _may_be_cut(self) -> bool:
        """Return whether it works with the synapses onto some of the neurons alone."""
        return False

    @property
    def is_drawn(self) -> bool:
        """Whether it has its synapses and weights."""
        return self._drawn_for is not None

    def drawn_for_good(self) -> str:
        """Return that synapses have been drawn, if a rule draws them."""
        return "drawn its synapses" if self.is_drawn and self._rule.draws else ""

    def refuse_copy(self, others: list[Any]) -> None:
        """Refuse another projection whose synapses were drawn when nothing told the two apart."""
        for other in others if self._rule.draws and self._drawn_for is not None else ():
            if other is not self and other.is_drawn_for(self._drawn_for):
                raise ValueError(
                    f"{self.name} and {other.name} have the same synapses: they were looked at before they were in the "
                    "network, when nothing told them apart. Look at them there, or name the populations, or give seeds."
                )

    def is_drawn_for(self, place: Place) -> bool:
        """Return whether its synapses were drawn for a place."""
        return bool(self._rule.draws and self._drawn_for == place)

    def given(self) -> tuple[str, ...]:
        """Return the names of the parameters that have a value."""
        self.draw()
        return super().given()

    def param_value(self, name: str) -> Any:
        """Return a parameter."""
        self.draw()
        return super().param_value(name)

    def read(self, name: str) -> Any:
        """Return a parameter, to a user; weights that change are a state, which takes the parameter's place."""
        if name == "weight" and self.plasticity is not None and not self.inside:
            raise AttributeError(f"{self.name}: the state 'weight' is created by init_state(); call that first.")
        return super().read(name)

    # ---------------------------------------------------------------- synapses

    def _lay_out(self) -> None:
        """Draw the synapses, and keep them by the numbers of the whole populations."""
        sizes = self.pre.population.size, self.post.population.size
        rng = self.place.generator("connections")
        own = callable(self._weight) or np.ndim(self._weight) > 0
        each = TARGET_BYTES + WEIGHT_BYTES * own + DELAY_BYTES * self.spread
        each += PLASTIC_BYTES * (self.plasticity is not None)
        wanted = np.any([block.has(sizes[1]) for block in self._blocks], 0) if self._blocks else None
        layout = lay_out(self._rule, _ends(self.pre), _ends(self.post), rng, sizes, listed=self.spread, wanted=wanted,
                         valued=own or self.spread, each=each, who=self.name)  # fmt: skip
        self._order, self._drawn_numbers = layout.order, layout.drawn
        vars(self).update(n_synapses=layout.n_synapses, window=layout.window, ptr=on_device(layout.ptr))
        if isinstance(layout.targets, range):
            self._hold(None)
        elif not self._blocks:
            self._hold(layout.targets)
        else:
            room, sparse = distributed.largest(np.array([layout.n_synapses, not layout.dense])).tolist()
            vars(self)["dense"] = not sparse
            self._hold(layout.targets, min(block.first(sizes[1]) for block in self._blocks), room)

    def _hold(self, targets: np.ndarray | None, first: int = 0, room: int = 0) -> None:
        """Keep the postsynaptic neurons on the device, by numbers from `first` on, with room for so many."""
        self._share: Share | None = None
        self._first = first
        if targets is None:
            vars(self)["targets"] = None
            return
        held = room_for((max(targets.size, room),), number_type(self.post.population.size))
        held[targets.size :] = 0
        np.subtract(targets, first, out=held[: targets.size], casting="unsafe")
        vars(self)["targets"] = jax.device_put(held)

    def layout(self) -> Layout:
        """Return the synapses as plain numpy."""
        if self.window is not None:
            targets: Any = range(self.window[0], sum(self.window))
        else:
            ptr = np.asarray(self.ptr)
            if self._share is not None:
                targets = self._share.targets(ptr)
            else:
                targets = np.asarray(self.targets)[: ptr[-1]]
                targets = targets.astype(np.uint32) + np.uint32(self._first) if self._first else targets
        return dataclasses.replace(self._numbering(), targets=targets)

    def _numbering(self) -> Layout:
        """Return the layout without the targets: which of the synapses that were given or drawn these are."""
        return Layout(np.asarray(self.ptr), range(0), self._order, self._drawn_numbers)

    def synapses(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the synapses as the numbers of their neurons, (pre, post), in the order of the weights."""
        return self.layout().synapses()

    def _index_incoming(self) -> None:
        """Keep for each postsynaptic neuron its synapses: what plasticity at a postsynaptic spike visits."""
        size = self.post.population.size
        self.plasticity.take_synapses(self.n_synapses)
        ptr, sources, synapse = self.layout().incoming(size)
        vars(self).update(
            ptr_in=on_device(ptr.astype(np.uint32)), sources=on_device(sources), synapse=on_device(synapse)
        )
        if self.targets is None:
            self._hold(self.synapses()[1])
            vars(self).update(window=None)

    def check_start(self, weight: np.ndarray) -> None:
        """Refuse weights that the rule of plasticity cannot start with."""
        self.plasticity.check_start(weight, f"{self.name}.plasticity")  # type: ignore[union-attr]

    def read_weight(self, value: Any) -> np.ndarray:
        """Return weights as floats in the receptor's unit: a scalar, or one for each synapse in its order.

        Given with the connections, they come in the order of those; later, in that of `synapses`, as they are read.
        """
        self._weight = value  # if the synapses are drawn again, it is read again
        who, is_made = f"{self.name}: 'weight'", callable(value)
        value = self.made_by(value, "weight", self.weight_unit) if is_made else value
        weights = units.as_magnitude(value, self.weight_unit, who)
        sizes, self._is_set = (self.pre.size, self.post.size), False
        if weights.shape == sizes:
            pre, post = self.synapses()
            weights = weights[_numbers(self.pre)[pre], _numbers(self.post)[post]]
        elif weights.ndim:
            layout, self._is_set = self._numbering(), not is_made and "weight" in self.given()
            if weights.shape not in ((self.n_synapses,), (layout.n_drawn,)):
                fits = f"a scalar, ({layout.n_drawn},) for the synapses, or {sizes} fits"
                raise ValueError(f"{who} has the shape {weights.shape}; {fits}.")
            if not is_made and not self._is_set:
                weights = layout.in_given_order(weights)
            elif weights.size > self.n_synapses:
                weights = layout.kept(weights)
        self.check_values(self.PARAMS["weight"], weights, who)
        return weights.astype(jax.dtypes.canonicalize_dtype(float))

    def made_by(self, initializer: Any, use: str, unit: str) -> Any:
        """Return what an initializer gives for a use, one value for each synapse in their order."""
        who = f"{self.name}: {use!r}"
        if isinstance(initializer, OfDistance):
            um = self._distances(self.synapses(), initializer.period, who)
            return units.attach(at_distances(initializer, um, unit, who), unit)
        layout = self._numbering()
        return layout.kept(drawn(initializer, layout.n_drawn, self.place, use, who))

    def distances(self) -> pint.Quantity:
        """Return the distances between the neurons of the synapses, (n,), um, in the order of `synapses`.

        In the periodic box of the rule by which they are connected, if it has one.

        Raises:
            ValueError: a population has no positions.
        """
        return units.attach(self._distances(self.synapses(), None, f"{self.name}: distances()"), "um")

    def _distances(self, pairs: tuple[np.ndarray, np.ndarray], period: Any, who: str) -> np.ndarray:
        return distances(self.pre, self.post, pairs, self._rule.box() if period is None else period, who)

    def check_initializer(self, initializer: Any, use: str, unit: str) -> None:
        """Refuse a function of the distance that does not work for two of the neurons, before anything is drawn."""
        if isinstance(initializer, OfDistance):
            who, pair = f"{self.name}: {use!r}", (self.pre.index[:1], self.post.index[-1:])
            at_distances(initializer, self._distances(pair, initializer.period, who), unit, who)

    def weights(self) -> np.ndarray:
        """Return the weights as floats in the unit of the receptor; of plastic synapses those at the start."""
        self.draw()
        return super().weights() if self.plasticity is None else self._start

    def init_state(self, batch_size: int | None = None, *, keep: str | None = None, **kwargs: Any) -> None:
        """Create the weights of a plastic projection, and the states of its plasticity.

        Args:
            batch_size: of all states.
            keep: "weights": plastic weights stay as they are.
            kwargs: none.

        Raises:
            ValueError: `keep` is something else, or the weights are of another batch.
        """
        if keep not in (None, "weights"):
            raise ValueError(f"{self.name}: 'keep' must be 'weights', got {keep!r}.")
        self.draw()
        state: Any = vars(self).get("weight") if keep else None
        learned = None if state is None else state.value.m_as(self.weight_unit)
        super().init_state(batch_size, **kwargs)
        if self.plasticity is None:
            return
        shape = (self.n_synapses,) if batch_size is None else (batch_size, self.n_synapses)
        weights = broadcast(self._start if learned is None else learned, shape, f"{self.name}: 'weight'")
        kind = LazyState if self.plasticity.drifts else HiddenState
        state = kind(units.from_kernel(weights, self.weight_unit), nonnegative=self.plasticity.bounds()[0] >= 0)
        if isinstance(state, LazyState):
            state.owner = self
        self.weight = state

    def check_initial(self) -> None:
        """Refuse plastic weights that the rule cannot start with."""
        super().check_initial()
        if self.plasticity is not None:
            self.check_start(self.weight.value.magnitude)

    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the synapses: the bounds of the rows, and the postsynaptic neurons (n,)."""
        layout = self.layout()
        return layout.ptr, layout.synapses()[1] if self.window is not None else np.asarray(layout.targets)

    def leave_targets(self, share: Share) -> None:
        """Drop the postsynaptic neurons, which are in a share of those of several projections."""
        if self.window is None:
            vars(self)["targets"], self._share = None, share

    def take_targets(self) -> None:
        """Have the postsynaptic neurons again, which a share has."""
        if self._share is not None:
            self._hold(np.asarray(self.layout().targets), self._first)


def _ends(view: View) -> Ends:
    positions = view.population.positions_um
    return Ends(view.index, None if positions is None else positions[view.index], id(view.population))


def _numbers(view: View) -> np.ndarray:
    """Return the number within a view of each member of the population."""
    numbers = np.zeros(view.population.size, int)
    numbers[view.index] = np.arange(view.size)
    return numbers
