"""Seeds: what a random value depends on: a seed, the place in a tree of modules, and what it is for."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np


def generator(seed: int, use: str) -> np.random.Generator:
    """Return numpy's PCG64 for a use of a seed: other uses draw other numbers."""
    return np.random.default_rng([seed, *use.encode()])


def checked(seed: Any, who: str) -> int:
    """Return a seed; ValueError unless it is one."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        raise ValueError(f"{who}: 'seed' must be an int from 0 to 2**32 - 1, got {seed!r}.")
    return int(seed)


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a module is in a tree, and whose seed it has.

    Attributes:
        path: from the root.
        seed: of its own, else of what it is part of, else 0: that of values drawn when a model is built.
        own: that seed where it is not the root's; a step's random numbers have that of the root from the runner.
    """

    path: str = ""
    seed: int = 0
    own: int | None = None

    def with_seed(self, seed: int | None) -> Place:
        """Return the place of a module with a seed of its own."""
        return self if seed is None else Place(self.path, seed, seed if self.path else None)

    def generator(self, use: str, seed: int | None = None) -> np.random.Generator:
        """Return the generator for a use at this place; `seed` is one that was given for just this."""
        return generator(self.seed if seed is None else seed, f"{self.path}/{use}")


class Drawn:
    """Base of initializers that draw. A model that is given one draws at its own place, for the use at hand.

    A call with a shape draws for nothing in particular; without a seed, with 0.
    """

    seed: int | None = None

    def __post_init__(self) -> None:
        if self.seed is not None:
            checked(self.seed, type(self).__name__)

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Any:
        """Return a quantity, or numbers, of the shape."""
        raise NotImplementedError(f"{type(self).__name__} defines no draw().")

    def __call__(self, shape: Any) -> Any:
        sizes = (int(shape),) if np.ndim(shape) == 0 else tuple(shape)
        return self.draw(sizes, np.random.default_rng(0 if self.seed is None else self.seed))


def values(initializer: Any, shape: tuple[int, ...], place: Place, use: str) -> Any:
    """Return what an initializer, any function of a shape, gives for a use at a place."""
    if isinstance(initializer, Drawn):
        return initializer.draw(shape, place.generator(use, initializer.seed))
    return initializer(shape)
