"""The part of a projection onto a block of the postsynaptic neurons, for networks that several devices advance."""

from __future__ import annotations

from typing import Any

import numpy as np

from simcore import State
from simcore.bases.block import Block
from simcore.bases.population import Population, View
from simcore.module.declare import on_device
from simcore.units.clock import rounded_steps

from ..plasticity.traces import PostState, PreState
from .layout import Layout, number_type
from .synapses import Synapses

WHOLE = slice(None)


class Divisible(Synapses):
    """Base of `Projection`: what of it a device has.

    Attributes:
        lead: by how many steps the spikes that it gets are late already.
    """

    lead: int = 0
    short_term: Any
    _kept: np.ndarray | None = None  # the numbers of its synapses among those of the whole
    _steps: np.ndarray | None = None  # their delays, in steps less the lead, where they differ
    _longest: int = 0  # of all

    @property
    def is_part(self) -> bool:
        """Whether it has the synapses of a block alone, and its weights room for more."""
        return self._kept is not None

    @property
    def stores_arrivals(self) -> bool:
        """Whether spikes leave the presynaptic population at once, and wait where they will arrive."""
        return self.spread and self.plasticity is None

    def shortest_delay(self, dt: float) -> int:
        """Return after how many steps the first spike can act."""
        if self.spread:
            return int(np.min(self.delay_steps(dt), initial=2**24))
        return int(np.min(rounded_steps(self.kernel_value("delay"), dt)[0]))

    def longest_delay(self) -> int:
        """Return, of a part of a network, the longest delay in the whole, in steps; else 0."""
        return self._longest

    def delay_steps(self, dt: float) -> np.ndarray:
        """Return the delay of each synapse in steps, (n,)."""
        raise NotImplementedError

    def keep_block(self, block: Block, relay: Population | None, lead: int, dt: float) -> None:
        """Become, as a copy in a part of the network, the synapses onto a block of the postsynaptic neurons.

        Args:
            block: of a postsynaptic population that is still whole.
            relay: what brings the spikes, so many steps late; None of a source that is there as a whole.
            lead: how many.
            dt: ms.

        Raises:
            NotImplementedError: plastic synapses have delays of their own.
        """
        if self.spread and (self.plasticity is not None or self.short_term is not None):
            raise NotImplementedError(
                f"{self.name}: plastic synapses with delays of their own run on one device; leave 'devices' out, or "
                "make a projection for each delay."
            )
        layout, whole = self.layout(), self.post.population.size
        targets: Any = layout.synapses()[1] if self.window is not None else layout.targets
        first, n = block.first(whole), block.real(whole)
        inside = (targets >= first) & (targets < first + n)
        kept, ends = np.flatnonzero(inside), np.concatenate([[0], np.cumsum(inside, dtype=np.uint32)])
        largest = np.bincount(targets // block.size(whole), minlength=block.count).max(initial=0)
        part = Layout(ends[layout.ptr].astype(np.uint32), (targets[kept] - first).astype(number_type(whole)))
        if self.spread:
            steps = self.delay_steps(dt)
            self._longest = int(steps.max(initial=0))
            self._steps = steps[kept] - (lead if relay is not None else 0)
        if self.plasticity is None and np.ndim(weight := np.asarray(self.kernel_value("weight"))):
            self.set_kernel_values({"weight": weight[kept]})
        self._kept, self._order, self._share = kept, None, None
        vars(self).update(ptr=on_device(part.ptr), targets=on_device(part.targets), window=None)
        vars(self).update(n_synapses=int(largest), post=View(self.post.population, WHOLE))
        if relay is not None:
            vars(self).update(pre=View(relay, WHOLE), lead=lead)
        if self.plasticity is not None:
            ptr, sources, synapse = part.incoming(block.size(whole))
            vars(self).update(
                ptr_in=on_device(ptr.astype(np.uint32)), sources=on_device(sources), synapse=on_device(synapse)
            )
            self.plasticity.keep_block(block.size(whole), int(largest))

    def places_of(self, block: Block, whole: int) -> dict[str, tuple[np.ndarray, int]]:
        """Return by name, dotted below it, where its states lie in those of the whole; see `Link.places_of`."""
        if self.plasticity is None or self._kept is None:
            return {}
        synapses = self._kept, self.n_synapses
        neurons = block.members(whole)[: block.real(whole)], block.size(whole)
        states = {name: state for name, state in vars(self.plasticity).items() if isinstance(state, State)}
        cut = {k: s for k, s in states.items() if np.ndim(s.raw) and not isinstance(s, PreState)}
        places = {f"plasticity.{k}": neurons if isinstance(s, PostState) else synapses for k, s in cut.items()}
        return places | {"weight": synapses}
