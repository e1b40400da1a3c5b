"""Connection rules: what they are given, what they return, their base."""

from __future__ import annotations

import abc
import dataclasses
from typing import Any, ClassVar, NamedTuple

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Ends:
    """One side of a projection: some neurons of a population, each at most once.

    Args:
        index: (n,) their numbers within the whole population.
        positions: (n, d) in um, or None.
        population: an identity; equal for both sides if they are of the same population.
        wanted: (n,) of the post side, whose synapses are asked for, None: of all. A rule draws the same whatever they
            are, and may leave out those of the others.
    """

    index: np.ndarray
    positions: np.ndarray | None = None
    population: int = 0
    wanted: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.index)


class Rows(NamedTuple):
    """The synapses by presynaptic neuron: those of neuron i are ``ptr[i]`` to ``ptr[i + 1]``.

    ptr: (n_pre + 1,) int64. post: (n,) uint32, the targets as numbers 0 .. n_post - 1.
    order: synapse k is the ``order[k]``-th of those that the user gave; None where that is k itself.
    """

    ptr: np.ndarray
    post: np.ndarray
    order: np.ndarray | None = None


class Rule(abc.ABC):
    """Base of connection rules: how two groups of neurons are connected.

    A subclass defines `rows`; one that draws gives each row in ascending order. `check` refuses what cannot be met
    before anything is drawn; `expected`, where it is known, what would not fit into memory.
    """

    draws: ClassVar[bool] = True  # whether its rows depend on the generator

    def check(self, pre: Ends, post: Ends) -> None:  # noqa: B027 (most can be met by all)
        """Raise ValueError where the rule cannot be met by these neurons; called where it is given."""

    @abc.abstractmethod
    def rows(self, pre: Ends, post: Ends, rng: np.random.Generator) -> Rows:
        """Return the synapses.

        Raises:
            ValueError: the rule cannot be met by these neurons.
        """

    def expected(self, n_pre: int, n_post: int) -> float | None:
        """Return the number of synapses expected (about, where some pairs are excluded); None if unknown."""
        return None

    def refuse_unused_values(self) -> None:  # noqa: B027
        """Refuse numbers that tell more than where synapses are, where these get no weights of their own."""

    def box(self) -> Any:
        """Return the size of the box with periodic boundaries that its distances are taken in; None without one."""
        return None

    @property
    def who(self) -> str:
        """Its name in messages."""
        return type(self).__name__
