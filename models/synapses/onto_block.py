"""The part of a projection onto a block of the postsynaptic neurons, for networks that several devices advance."""

from __future__ import annotations

from typing import Any

import numpy as np

from simcore import State
from simcore.bases.block import Block
from simcore.bases.population import Population, View
from simcore.module.declare import on_device
from simcore.units.clock import rounded_steps

from ..connect.blocks import BLOCK
from ..plasticity.traces import PostState, PreState
from .layout import cut_rows
from .synapses import Synapses

WHOLE = slice(None)


class Divisible(Synapses):
    """Base of `Projection`: what of it a device has.

    Attributes:
        lead: by how many steps the spikes that it gets are late already.
    """

    lead: int = 0
    short_term: Any
    is_part = False  # whether it has the synapses of a block alone, and its weights room for more
    _steps: np.ndarray | None = None  # their delays, in steps less the lead, where they differ
    _extent: tuple[int, int] = 0, 0  # of the delays of all

    @property
    def stores_arrivals(self) -> bool:
        """Whether spikes leave the presynaptic population at once, and wait where they will arrive."""
        return self.spread and self.plasticity is None

    def shortest_delay(self, dt: float) -> int:
        """Return after how many steps the first spike can act."""
        if self.spread:
            return self.delays_in_steps(dt)[1][0]
        return int(np.min(rounded_steps(self.kernel_value("delay"), dt)[0]))

    def delays_in_steps(self, dt: float) -> tuple[np.ndarray, tuple[int, int]]:
        """Return the delay of each synapse in steps, (n,); the shortest and the longest of the whole network."""
        raise NotImplementedError

    def synapses_of(self, blocks: list[Block]) -> list[int]:
        """Return how many synapses it has onto each of the blocks of the postsynaptic neurons."""
        if len(self._blocks) == 1:
            return [self.n_synapses if block in self._blocks else 0 for block in blocks]
        targets, whole = self.rows()[1], self.post.population.size
        counts = np.zeros(whole, np.int64)
        for start in range(0, targets.size, BLOCK):
            counts += np.bincount(targets[start : start + BLOCK], minlength=whole)
        return [int(counts[b.first(whole) : b.first(whole) + b.real(whole)].sum()) for b in blocks]

    def keep_block(self, block: Block, relay: Population | None, lead: int, dt: float, room: int) -> None:
        """Become, as a copy in a part of the network, the synapses onto a block of the postsynaptic neurons.

        Args:
            block: of a postsynaptic population that is still whole.
            relay: what brings the spikes, so many steps late; None of a source that is there as a whole.
            lead: how many.
            dt: ms.
            room: for how many synapses.

        Raises:
            NotImplementedError: plastic synapses have delays of their own.
        """
        if self.spread and (self.plasticity is not None or self.short_term is not None):
            raise NotImplementedError(
                f"{self.name}: plastic synapses with delays of their own run on one device; leave 'devices' out, or "
                "make a projection for each delay."
            )
        whole = self.post.population.size
        weight = np.asarray(self.kernel_value("weight")) if self.plasticity is None else np.zeros(())
        steps, self._extent = self.delays_in_steps(dt) if self.spread else (np.zeros(0, int), (0, 0))
        kept: Any = slice(None)
        if self._blocks != (block,) or self._share is not None:
            ptr, targets, kept = cut_rows(*self.rows(), block.has(whole), valued=bool(weight.ndim) or self.spread)
            dense = self.dense or self.window is not None
            vars(self).update(ptr=on_device(ptr.astype(np.uint32)), window=None, dense=dense)
            self._hold(targets, block.first(whole), room)
        if self.spread:
            self._steps = steps[kept] - (lead if relay is not None else 0)
        if weight.ndim:
            self.set_kernel_values({"weight": weight[kept]})
        self.is_part, self._blocks, self._first, self._order = True, (), 0, None
        vars(self).update(n_synapses=room, post=View(self.post.population, WHOLE))
        if relay is not None:
            vars(self).update(pre=View(relay, WHOLE), lead=lead)
        if self.plasticity is not None:
            ptr, sources, synapse = self.layout().incoming(block.size(whole))
            vars(self).update(
                ptr_in=on_device(ptr.astype(np.uint32)), sources=on_device(sources), synapse=on_device(synapse)
            )
            self.plasticity.keep_block(block.size(whole), room)

    def places_of(self, block: Block, room: int) -> dict[str, tuple[np.ndarray, int]]:
        """Return by name where the states of a part lie in those that it has; see `Link.places_of`."""
        if self.plasticity is None:
            return {}
        whole = self.post.population.size
        synapses = np.flatnonzero(block.has(whole)[self.rows()[1]]), room
        neurons = block.members(whole)[: block.real(whole)], block.size(whole)
        states = {name: state for name, state in vars(self.plasticity).items() if isinstance(state, State)}
        cut = {k: s for k, s in states.items() if np.ndim(s.raw) and not isinstance(s, PreState)}
        places = {f"plasticity.{k}": neurons if isinstance(s, PostState) else synapses for k, s in cut.items()}
        return places | {"weight": synapses}
