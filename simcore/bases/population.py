"""Population: neurons or sources of one kind, and views of some of them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import jax.numpy as jnp
import numpy as np
import pint

from .. import units
from ..module import code
from ..module.declare import State
from ..module.tree import Reference
from ..spikes.words import pack
from ..units import Quantities
from .history import History
from .module import Module
from .receptor import Receptor

Array = Any


class Population(Module):
    """Base of what sends spikes: neurons and sources.

    Args:
        in_size: the population's size, an int or a tuple.
        positions: where its members are, a quantity (size, dimensions), for distance-dependent connections.
        name: the name in messages, by default the class's.
    """

    sent: History | None = None  # the spikes of the last steps, where a delay needs them
    replicated: bool = False  # whether each of several devices advances the whole of it: a source

    def __init__(
        self,
        in_size: int | tuple[int, ...],
        *args: Any,
        positions: Quantities | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        sizes = in_size if isinstance(in_size, tuple | list) else (in_size,)
        if not all(isinstance(n, int | np.integer) and not isinstance(n, bool) and n > 0 for n in sizes):
            raise ValueError(
                f"{type(self).__name__}: 'in_size' must be a positive int or a tuple of them, got {in_size!r}."
            )
        self.varshape = tuple(int(n) for n in sizes)
        self._positions: np.ndarray | None = None
        super().__init__(*args, name=name, **kwargs)
        if positions is not None:
            self.positions = positions

    @property
    def in_size(self) -> tuple[int, ...]:
        """The shape of the population: `varshape`."""
        return self.varshape

    @property
    def size(self) -> int:
        """The number of its members."""
        return int(np.prod(self.varshape))

    def __len__(self) -> int:
        return self.varshape[0]

    def __iter__(self) -> Any:
        raise TypeError(f"{self.name} is a population, no sequence; a view of some of it is {self.name}[0:10].")

    @property
    def receptors(self) -> Mapping[str, Receptor]:
        """Its receptors, by name, to be read: they are given when it is made."""
        return MappingProxyType({name: value for name, value in vars(self).items() if isinstance(value, Receptor)})

    @property
    def population_shape(self) -> tuple[int, ...]:
        """`varshape`, with the batch axis of the present states before it."""
        shapes = [np.shape(state.raw) for state in vars(self).values() if isinstance(state, State)]
        return next((s for s in shapes if len(s) == len(self.varshape) + 1 and s[1:] == self.varshape), self.varshape)

    @property
    def positions_um(self) -> np.ndarray | None:
        """Where its members are, (size, dimensions), floats in um."""
        return self._positions

    @property
    def positions(self) -> pint.Quantity | None:
        """Where its members are, (size, dimensions), um."""
        return None if self._positions is None else units.held(units.from_kernel(self._positions, "um"))

    @positions.setter
    def positions(self, value: Any) -> None:
        raw = units.to_kernel(value, "um", f"{self.name}: 'positions'").astype(float)
        if raw.ndim != 2 or len(raw) != self.size:
            raise ValueError(f"{self.name}: 'positions' needs the shape ({self.size}, dimensions), got {raw.shape}.")
        self._positions = raw

    def __getitem__(self, index: Any) -> View:
        return View(self, index)

    def methods(self) -> tuple[str, ...]:
        """Return what integrates its states, by name; () where nothing does."""
        return ()

    @property
    def spike(self) -> Any:
        """The spikes at the end of the last step, 1.0 or 0.0."""
        raise NotImplementedError(f"{type(self).__name__} sends no spikes.")

    def sends_spikes(self) -> bool:
        """Return whether it has spikes that projections can carry."""
        return type(self).spike is not Population.spike

    def words(self) -> Array:
        """Return, inside a step, its spikes packed to words, (B, n_words): see `pack`."""
        return pack(self.flat_spikes() != 0)

    def flat_spikes(self) -> Array:
        """Return, inside a step, its spikes as an array (B, size)."""
        return jnp.reshape(self.spike, (-1, self.size))

    @property
    def output_unit(self) -> str:
        """The unit of `output`."""
        raise TypeError(f"{self.name}: {type(self).__name__} sends no rate: it has no output().")

    def output(self) -> Array:
        """Return, inside a step, what it sends all the time: its rate."""
        raise NotImplementedError(f"{type(self).__name__} sends no rate.")

    def uncouple(self) -> None:
        """Called inside a step of a network at its start: nothing acts on it yet."""

    def explain_fault(self, state: str) -> str:
        """Return what it may mean that a state of its own is not finite, or has run away: sentences, "" by default."""
        return ""

    def keep_history(self, n_slots: int) -> None:
        """Keep the spikes of the last n_slots steps, for the delays of projections; none for n_slots = 0."""
        batch = int(np.prod(self.population_shape)) // self.size
        if self.sent is not None:
            try:
                self.sent.resize(n_slots, batch)
            except ValueError as err:
                raise ValueError(f"{self.name}: {err}") from None
            if n_slots == 0:
                self.sent = None
        elif n_slots:
            sent = History(self.size, n_slots, f"{self.name}.sent")
            sent.init_state(batch)
            self.sent = sent

    def spikes_in_steps(self, times: Any, indices: Any, dt: float) -> dict[str, Any]:
        """Return, of a source of given spikes, what steps of dt (ms) read of other ones, by name."""
        raise TypeError(f"{self.name}: times of spikes are for a SpikeSource; give what it is driven by.")

    def keep_block(self, block: Any) -> None:
        """Become, as a copy, a `Block` of its members; its arrays are cut by who knows where they lie."""
        whole, numbers = self.varshape, block.members(self.size).astype(np.uint32)
        for node in self.nodes().values():
            if node.varshape == whole:
                vars(node).update(varshape=numbers.shape, numbers_in_whole=numbers)
        vars(self).pop("sent", None)
        self._positions = None

    def collect(self) -> None:
        """Called inside a step at its end, when all spikes that are due have been added to the receptors."""
        for receptor in self.receptors.values():
            receptor.arrive(self)


@dataclasses.dataclass(frozen=True, eq=False)
class View(Reference):
    """Some members of a population: ``cells[:3200]``, ``cells[[0, 5, 7]]``, ``cells[mask]``."""

    population: Population
    chosen: Any

    def __post_init__(self) -> None:
        try:
            self.index  # noqa: B018
        except (IndexError, TypeError) as err:
            name, shape = self.population.name, self.population.varshape
            raise IndexError(f"{name}: {self.chosen!r} does not fit its shape {shape}: {err}.") from err
        if not isinstance(self.chosen, slice) and np.unique(self.index).size < self.size:
            raise ValueError(f"{self.population.name}: a view has each neuron at most once, got {self.chosen!r}.")

    @functools.cached_property
    def index(self) -> np.ndarray:
        """The numbers of its members within the population, (n,); they do not change."""
        numbers = np.arange(self.population.size).reshape(self.population.varshape)
        index = np.array(numbers[self.chosen]).reshape(-1)
        index.flags.writeable = False
        return index

    @property
    def size(self) -> int:
        """The number of its members."""
        return self.index.size

    def frozen(self, paths: dict[int, str]) -> Any:
        """Return what a compiled program depends on: which population, and which members."""
        chosen = self.chosen
        members = (chosen.start, chosen.stop, chosen.step) if isinstance(chosen, slice) else self.index
        return View, paths.get(id(self.population)), code.Frozen().value(members)

    def copied(self, copy: Any) -> View:
        """Return the view of the copy of its population."""
        return View(copy(self.population), self.chosen)

    def __repr__(self) -> str:
        chosen = self.chosen
        if isinstance(chosen, slice):
            ends = ["" if k is None else str(k) for k in (chosen.start, chosen.stop)]
            text = ":".join(ends) + ("" if chosen.step is None else f":{chosen.step}")
        else:
            text = f"{self.size} of {self.population.size}"
        return self.population.name + ("" if text == ":" else f"[{text}]")


def as_view(value: Any, who: str) -> View:
    """Return a value, a population or view, as a view; TypeError with `who` for anything else."""
    if isinstance(value, View):
        return value
    if isinstance(value, Population):
        return View(value, slice(None))
    raise TypeError(f"{who} must be a population or a view of one (cells[:100]), got {value!r}.")
