"""Link: what brings spikes to receptors, and deliveries, in which several links do it together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import Any, ClassVar

import numpy as np

from .. import units
from ..module import display
from ..module.declare import Param
from ..module.parameters import first_of
from ..module.tree import Reference
from ..step.context import current
from .block import Block
from .module import Module
from .population import Population, View, as_view

Array = Any


class References(Reference):
    """Modules of a network that another one refers to, and that are not its children."""

    def __init__(self, modules: Iterable[Any]) -> None:
        self.modules = tuple(modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.modules)

    def frozen(self, paths: dict[int, str]) -> Any:
        """Return what a compiled program depends on: which modules."""
        return References, tuple(paths.get(id(module)) for module in self.modules)

    def copied(self, copy: Callable[[Any], Any]) -> References:
        """Return the references to the copies of the modules."""
        return References(copy(module) for module in self.modules)


class Delivery(Module):
    """Base of what brings the spikes of one link, or of several, at the end of a step."""

    def couple(self) -> None:
        """Called inside a step at its start, before any population is advanced: hand over what acts all the time."""

    def bring(self, inputs: dict[Any, Any]) -> None:
        """Deliver what arrives at the end of this step; every population has been advanced.

        Args:
            inputs: those of a runner, by link; of links that have none they are left out.
        """
        raise NotImplementedError


class JointDelivery(Delivery):
    """Base of deliveries of several links: a child of their network, under its `name`, with states of its own."""

    made_by_fit = True

    def __init__(self, links: Iterable[Link], *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.links = References(links)

    def waiting(self) -> bool:
        """Return whether spikes are on their way in it, which would be lost with it."""
        return False

    def receivers(self) -> list[int]:
        """Return the sizes of populations for whose neurons, side by side, its states have values."""
        return []

    def lay_out_again(self) -> None:
        """Called where its links have other synapses: lay them out when it is fitted; what is on its way stays."""

    def foresee(self, steps: Any) -> None:
        """Take, inside a step, what links with `stores_arrivals` would get from relays so many steps from now."""


class Link(Delivery):
    """Base of what brings spikes to a receptor: projections, external input. It refers to populations, as views.

    A constructor calls `join` first. A subclass defines `transmit`; one that uses its input says `takes_input = True`.

    Attributes:
        pre: a view of the neurons that send, None where spikes come from outside the network.
        post: a view of the neurons that it reaches.
        receptor: the name of their receptor.
        n_synapses: None where there are no single synapses.
    """

    FIXED = (*Delivery.FIXED, "pre", "post", "receptor", "n_synapses")
    takes_input = False
    brings_spikes: ClassVar[bool] = True
    pre: View | None = None
    post: Any = None
    receptor: str = ""
    n_synapses: int | None = None

    def join(self, post: Any, receptor: str | None = None, *, pre: Any = None) -> None:
        """Refer to populations, or views of them, and to the receptor (the only one, where there is no name).

        Raises:
            TypeError: something else than a population, or `pre` sends no spikes.
            ValueError: there is no such receptor.
        """
        if pre is not None:
            self.pre = as_view(pre, f"{self.name}: 'pre'")
            self._refuse_without_spikes(self.pre.population)
        self.post = as_view(post, f"{self.name}: 'post'")
        receptors = self.post.population.receptors
        if receptor is None and len(receptors) == 1:
            receptor = next(iter(receptors))
        if receptor is None or receptor not in receptors:
            has = f"it has {', '.join(receptors)}" if receptors else (
                "it has none: give it some, receptors={'exc': Exponential(...)}")  # fmt: skip
            raise ValueError(f"{self.name}: {self.post.population.name} has no receptor {receptor!r}; {has}.")
        if receptors[receptor].takes_spikes != self.brings_spikes:
            opened = "spikes open: they come by a Projection"
            if self.brings_spikes:
                opened = "gates of presynaptic neurons open: they come by a GateProjection"
            raise TypeError(f"{self.name}: the receptor {receptor!r} of {self.post.population.name} is "
                            f"{type(receptors[receptor]).__name__}, which {opened}.")  # fmt: skip
        self.receptor = receptor

    def _refuse_without_spikes(self, pre: Population) -> None:
        if not pre.sends_spikes():
            raise TypeError(
                f"{self.name}: {pre.name} sends no spikes, which is what projections carry: {type(pre).__name__} has "
                "neither V_th and V_reset nor a get_spike(). What it is all the time, its rate, goes through a "
                "RateProjection."
            )

    @property
    def target(self) -> Any:
        """The receptor that receives; None for a link that acts on something else."""
        return self.post.population.receptors[self.receptor] if self.receptor else None

    @property
    def weight_unit(self) -> str:
        """The unit of a weight, text."""
        return self.target.unit

    def ends(self) -> dict[str, View]:
        """Return the views that it refers to, by the names of its arguments."""
        return {name: view for name, view in (("pre", self.pre), ("post", self.post)) if view is not None}

    def param_unit(self, param: Param) -> str:
        """Return the unit of a parameter: a weight has that of the receptor."""
        return self.weight_unit if param.name == "weight" and self.receptor else param.unit

    def least(self, param: Param) -> float:
        """Return the least value of a parameter: conductances are not negative."""
        is_conductance = param.name == "weight" and self.receptor and self.target.is_conductance
        return 0.0 if is_conductance else super().least(param)

    def check_values(self, param: Param, values: np.ndarray, who: str) -> None:
        """Refuse negative conductances, beside what the parameter says."""
        super().check_values(param, values, who)
        if param.name == "weight" and self.receptor and self.target.is_conductance and np.any(values < 0):
            got = f"{first_of(values, values < 0)} {units.unit(self.target.unit):~P}"
            raise ValueError(
                f"{who} must be >= 0, got {got}: {self.receptor!r} is a conductance, which excites or inhibits by its "
                f"reversal potential ({units.show(self.target.reversal)}); a sign belongs to a current, a receptor "
                "without reversal."
            )

    def weights(self) -> np.ndarray:
        """Return the weights that a spike adds, as floats in the unit of the receptor: one, or one for each synapse."""
        return np.asarray(self.magnitude("weight"))

    def shown_ends(self) -> dict[str, str]:
        """Return "from" where and "to" where it goes, as texts."""
        ends = {name: f"{view!r}" for name, view in (("from", self.pre), ("to", self.post)) if view is not None}
        return ends | ({"to": f"{self.post!r}.{self.receptor}"} if self.receptor else {})

    def facts(self) -> dict[str, str]:
        """Return what there is to tell of it, short texts by name: its ends, its parameters."""
        return self.shown_ends() | {name: value for name, value, _ in display.rows(self)}

    def describe(self) -> str:
        """Return what it is in a line, for a summary."""
        ends, facts = self.shown_ends(), self.facts()
        what = ", ".join(f"{name} {text}" for name, text in facts.items() if name not in ends)
        return ": ".join(filter(None, (" -> ".join(ends.values()), what)))

    def _repr_html_(self) -> str:
        table = display.table_of((type(self).__name__, ""), self.facts().items())
        return f"<b>{escape(self.name)}</b>{table}{display.table_of_parts(self)}"

    # ---------------------------------------------------------------- on several devices

    @property
    def stores_arrivals(self) -> bool:
        """Whether spikes leave the presynaptic population at once, and wait where they will arrive."""
        return False

    def drawn_anew_for(self, blocks: tuple[Block, ...]) -> bool:
        """Draw, where it draws synapses, those onto some blocks alone; (): all. Return whether it had others."""
        return False

    def shortest_delay(self, dt: float) -> int:
        """Return after how many steps of dt (ms) the first spike can act."""
        raise NotImplementedError(f"{self.name}: {self._runs_on_one}")

    def synapses_of(self, blocks: list[Block]) -> list[int]:
        """Return how many synapses it has onto each of some blocks of the neurons that it reaches."""
        return [0] * len(blocks)

    def keep_block(self, block: Block, relay: Population | None, lead: int, dt: float, room: int) -> None:
        """Become, as a copy, the part of it that acts on a block of the neurons that it reaches.

        Args:
            block: of a postsynaptic population that is still whole.
            relay: what brings the spikes, so many steps late; None where the sender is there as a whole.
            lead: how many.
            dt: ms.
            room: for how many synapses; that of all parts.

        Raises:
            NotImplementedError: it cannot.
        """
        raise NotImplementedError(f"{self.name}: {self._runs_on_one}")

    def places_of(self, block: Block, room: int) -> dict[str, tuple[np.ndarray, int]]:
        """Return by name, dotted below it, which values of its states a part has, and for how many that has room.

        What is not named a part has all of.

        Args:
            block: of the postsynaptic neurons.
            room: for how many synapses.
        """
        return {}

    @property
    def _runs_on_one(self) -> str:
        return f"a network with a {type(self).__name__} runs on one device; leave 'devices' out."

    # ---------------------------------------------------------------- time

    def history(self, dt: float) -> int:
        """Return how many earlier steps of the presynaptic spikes it needs."""
        return 0

    def transmit(self, x: Any = None) -> None:
        """Deliver what arrives at the end of this step, under the input x if a runner gives one."""
        raise NotImplementedError(f"{type(self).__name__} defines no transmit().")

    def bring(self, inputs: dict[Any, Any]) -> None:
        """Call `transmit`."""
        if self in inputs:
            self.transmit(inputs[self])
        else:
            self.transmit()

    @classmethod
    def deliveries(cls, links: list[Any]) -> list[Delivery]:
        """Return what brings the spikes of the links of a network that share this method: each by itself, or jointly.

        Called whenever the network is fitted. A joint delivery that there is already, of the same name and the same
        links, stays.
        """
        return list(links)


def words_of(population: Population) -> Array:
    """Return, inside a step, the packed spikes of a population that has been advanced; packed once a step."""
    packed = current().packed_spikes
    if population.path not in packed:
        packed[population.path] = population.words()
    return packed[population.path]
