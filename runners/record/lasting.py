"""A recorder of what is no data: whether neurons without reset spike in successive steps, which warns."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np

from simcore import Module, Neuron
from simcore.module.structure import Structure
from simcore.module.warning import warn
from simcore.step.fitted import Fitted

from ..devices.place import joined
from ..observables import SpikesOf
from .base import Array, Chunk, Recorder
from .channels import Channel


@dataclasses.dataclass(frozen=True)
class LastingSpikes(Recorder):
    """Warns where a neuron whose class leaves open how often a spike that lasts counts, spikes in successive steps.

    Args:
        neurons: the paths and names of these populations.
    """

    neurons: tuple[tuple[str, str], ...]
    name = "lasting spikes"

    def channels(self, fitted: Fitted, value: Any, dimension: Any) -> list[Channel]:
        return []

    def read(self, model: Module) -> Any:
        nodes: Any = model.nodes()
        return tuple(nodes[path].spike != 0 for path, _ in self.neurons)

    def start(self, value: Any) -> Any:
        """Return the spikes of the step before, and whether there were some in two successive steps."""
        return tuple((np.zeros(v.shape, bool), np.zeros((), bool)) for v in value)

    def add(self, carry: Any, value: Any, k: Array, position: Any) -> Any:
        each = zip(carry, value, strict=True)
        return tuple((spikes, lasted | (before & spikes).any()) for (before, lasted), spikes in each)

    def of_part(self, places: Any) -> Recorder:
        return self

    def part_of(self, total: Any, value: Any, places: Any) -> list[Any]:
        each = [places(SpikesOf(path)) for path, _ in self.neurons]
        parts = range(len(each[0]))
        return [
            tuple((p[k].cut(spikes), lasted) for p, (spikes, lasted) in zip(each, total, strict=True)) for k in parts
        ]

    def merged(self, carries: list[Any], value: Any, places: Any, n: int) -> Any:
        merged = []
        for (path, _), of_parts, v in zip(self.neurons, zip(*carries, strict=True), value, strict=True):
            spikes = joined(places(SpikesOf(path)), [spikes for spikes, _ in of_parts], v.shape)
            merged.append((spikes, np.any([lasted for _, lasted in of_parts])))
        return tuple(merged)

    def drain(self, total: Any, carry: Any, chunk: Chunk) -> Any:
        for (_, name), (_, told), (_, lasted) in zip(self.neurons, total, carry, strict=True):
            if lasted and not told:
                warn_of(name)
        return carry

    def lasting(self, total: Any) -> list[str]:
        """Return the names of the populations with spikes in two successive steps, of any point."""
        return [name for (_, name), (_, lasted) in zip(self.neurons, total, strict=True) if np.any(lasted)]


def warn_of(name: str) -> None:
    """Warn that a neuron spikes in successive steps."""
    warn(
        f"{name}: a neuron without reset spikes in successive steps: get_spike() counts a spike in each step that it "
        "lasts. In its class, spk_reset = 'none' counts its begin alone, spk_reset = 'soft' says that each step is "
        "meant."
    )


@functools.lru_cache(maxsize=256)
def of_doubtful(structure: Structure) -> tuple[LastingSpikes, ...]:
    """Return the recorder for a model of this structure; none where no class leaves anything open."""
    nodes = structure.model.nodes().items()
    neurons = tuple((path, n.name) for path, n in nodes if isinstance(n, Neuron) and n.counts_lasting_spikes)
    return (LastingSpikes(neurons),) if neurons else ()
