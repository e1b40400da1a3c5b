"""Parts: the networks that several devices advance, each a block of every population with the synapses onto it.

Spikes from other neurons come by relays, as many steps late as the shortest delay allows: so many steps go by between
two exchanges. Sources are in each part as a whole.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from simcore import Network, Population, distributed
from simcore.bases.block import Block, Relay
from simcore.bases.link import JointDelivery, Link
from simcore.module.structure import clone
from simcore.module.tree import join
from simcore.step.fitted import Fitted, fit

from .place import Place
from .refusals import refuse

# Between two exchanges at most: rings of relays, and spikes that are recorded, take room for each of these steps.
MAX_LEAD = 64


@dataclasses.dataclass(frozen=True, eq=False)
class Parts:
    """A network in parts.

    Attributes:
        whole: the network.
        fitted: those of its parts that this process advances, by number.
        blocks: which neurons each part has.
        lead: how many steps there are between two exchanges.
        relays: by path in a part, the population whose spikes it sends, and whether rings alone get them.
        sizes: of the populations that are cut, by path.
        places: of what lies in parts, by path of the array, one for each part.
        own: the paths of parameters that each part has laid out for itself.
    """

    whole: Fitted
    fitted: dict[int, Fitted]
    blocks: list[Block]
    lead: int
    relays: dict[str, tuple[str, bool]]
    sizes: dict[str, int]
    places: dict[str, list[Place]]
    own: frozenset[str]

    def block_size(self, path: str) -> int:
        """Return the size of the blocks of a population that is cut."""
        return self.blocks[0].size(self.sizes[path])

    def places_of(self, path: str, index: tuple[int, ...] | None) -> list[Place]:
        """Return where the values of each part lie in the whole: those of a state or population, or some of these.

        Args:
            path: of the state or the population.
            index: which of the population's neurons; None: all.
        """
        above = next((p for p in self.sizes if _is_below(path, p)), None)
        if index is not None:
            shape = self.whole.nodes[above].varshape if above is not None else self._shape_of(path)
            numbers = np.arange(math.prod(shape)).reshape(shape)[..., np.array(index)]
            owner = numbers.ravel() // self.block_size(above) if above is not None else np.zeros(numbers.size, int)
            mine = [np.flatnonzero(owner == b.number) for b in self.blocks]
            return [Place(m, numbers.shape, numbers.size, m) for m in mine]
        if path in self.places:
            return self.places[path]
        if above is not None:
            return [_of_block(b, self.whole.nodes[above].varshape) for b in self.blocks]
        shape = self._shape_of(path)  # all parts have all of it
        size = math.prod(shape)
        return [Place(slice(0, 0 if b.number else size), shape, size) for b in self.blocks]

    def _shape_of(self, path: str) -> tuple[int, ...]:
        """Return the shape of a population, or of a state."""
        nodes: Any = self.whole.nodes
        return nodes[path].varshape if path in nodes else np.shape(self.whole.raw_states()[path])


def own_blocks(devices: Sequence[Any] | None) -> tuple[Block, ...]:
    """Return the blocks of this process, where devices are of several; else (), which is all."""
    several = devices or ()
    here = [Block(k, len(several)) for k, d in enumerate(several) if d.process_index == jax.process_index()]
    return tuple(here) if len(here) < len(several) else ()


def parts_of(whole: Fitted, count: int) -> Parts:
    """Return a network in so many parts.

    Raises:
        NotImplementedError: something in it needs one device.
        ValueError: a delay is too short.
    """
    model, dt = whole.model, whole.dt
    refuse(whole)
    populations = {path: node for path, node in whole.nodes.items() if isinstance(node, Population)}
    sizes = {path: p.size for path, p in populations.items() if not p.replicated}
    cut = {populations[path]: path for path in sizes}
    lead = _lead(model, cut, dt)
    blocks = [Block(k, count) for k in range(count)]
    links = model.links() if isinstance(model, Network) else {}
    each = np.array([link.synapses_of(blocks) for link in links.values()], int).reshape(-1, count)
    largest = (distributed.largest(each) if whole.blocks else each).max(1, initial=0)
    rooms = dict(zip(links, largest.tolist(), strict=True))
    made = {b.number: _part(model, b, lead, cut, dt, rooms) for b in whole.blocks or blocks}
    fitted = {k: f for k, (f, _) in made.items()}
    first = next(iter(fitted))
    own = frozenset(
        join(path, name)
        for path, node in fitted[first].nodes.items()
        if not isinstance(node, Population) and not any(_is_below(path, p) for p in populations)
        for name in (*node.data(), *node.given())
    )
    parts = Parts(whole, fitted, blocks, lead, made[first][1], sizes, {}, own)
    _find_places(parts, rooms)
    return parts


def _lead(model: Any, cut: dict[Any, str], dt: float) -> int:
    """Return after how many steps the first spike of any neuron acts on another part."""
    shortest = MAX_LEAD
    for path, link in model.links().items() if isinstance(model, Network) else ():
        if link.pre is not None and link.pre.population in cut:
            steps = link.shortest_delay(dt)
            if steps < 1:
                raise ValueError(
                    f"{path}: spikes without a delay cannot reach another device in time; give it a delay of a step, "
                    f"delay={dt:g} * ms, or leave 'devices' out."
                )
            shortest = min(shortest, steps)
    return shortest


def _part(
    model: Any, block: Block, lead: int, cut: dict[Any, str], dt: float, rooms: dict[str, int]
) -> tuple[Fitted, dict[str, tuple[str, bool]]]:
    """Return a part, and its relays."""
    part = clone(model)
    relays: dict[tuple[str, bool], Relay] = {}
    if isinstance(part, Network):
        part.forget_deliveries()
        for (path, link), of_whole in zip(part.links().items(), model.links().values(), strict=True):
            relay = None
            if link.pre is not None and of_whole.pre.population in cut:
                key = cut[of_whole.pre.population], link.stores_arrivals
                relay = relays.setdefault(key, Relay(link.pre.population.size, name=f"relay_{len(relays)}"))
            link.keep_block(block, relay, lead, dt, rooms[path])
    for path in cut.values():
        part.nodes()[path].keep_block(block)
    for k, relay in enumerate(relays.values()):
        setattr(part, f"relay_{k}", relay)
    return fit(part, dt), {f"relay_{k}": key for k, key in enumerate(relays)}


def _is_below(path: str, above: str) -> bool:
    return above == "" or path == above or path.startswith(above + ".")


def _find_places(parts: Parts, rooms: dict[str, int]) -> None:
    """Note where the arrays of the parts lie in those of the whole."""
    whole = parts.whole
    arrays = whole.params() | whole.raw_states()
    for path in parts.sizes:
        shape = whole.nodes[path].varshape
        of_blocks = [_of_block(b, shape) for b in parts.blocks]
        for name, array in arrays.items():
            is_history = name.startswith(join(path, "sent."))
            if _is_below(name, path) and not is_history and np.shape(array)[-len(shape) :] == shape:
                parts.places[name] = of_blocks
    for path, node in whole.nodes.items():
        if isinstance(node, Link):
            found = [node.places_of(block, rooms[path]) for block in parts.blocks]
            for name in found[0]:
                width, each = np.shape(arrays[join(path, name)])[-1], [places[name] for places in found]
                parts.places[join(path, name)] = [Place(index, (width,), room) for index, room in each]
        elif isinstance(node, JointDelivery) and node.receivers():
            for name in (n for n in arrays if n.startswith(f"{path}.") and np.ndim(arrays[n])):
                parts.places[name] = [_side_by_side(b, node.receivers()) for b in parts.blocks]


def _of_block(block: Block, shape: tuple[int, ...]) -> Place:
    size = math.prod(shape)
    first, real = block.first(size), block.real(size)
    return Place(slice(first, first + real), shape, block.size(size))


def _side_by_side(block: Block, sizes: list[int]) -> Place:
    """Return the place of values of the neurons of several populations, one after the other."""
    begins = np.cumsum([0, *sizes])
    each = [begin + block.first(n) + np.arange(block.real(n)) for begin, n in zip(begins, sizes, strict=False)]
    real = np.concatenate([np.arange(block.size(n)) < block.real(n) for n in sizes])
    return Place(np.concatenate(each), (int(begins[-1]),), real.size, np.flatnonzero(real))
