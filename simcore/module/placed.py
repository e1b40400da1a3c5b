"""Placed: what has a place in a tree of modules, and draws its random values for that place."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from . import seeds
from .attributes import Guarded
from .seeds import Drawn, Place
from .tree import join
from .warning import warn


class Placed(Guarded):
    """A tree whose random values depend on a seed, its own or that of what it is part of, and on its path."""

    # Of its seed, or that of what it is part of, but for that of the root: the CRC of "seed N/", data of a program.
    own_seed: Any = None

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name[0] != "_":
            for path, child in self.children_in(name).items():
                child.settle(dataclasses.replace(self.place, path=join(self.place.path, path)))

    @property
    def seed(self) -> int | None:
        """The seed of all that is drawn for it and what is below it; None: that of what it is part of, else 0."""
        if self.inside:
            raise AttributeError(f"{self.name}: 'seed' is not known in a step; a seed that update() reads needs "
                                 "another name.")  # fmt: skip
        return self._seed

    @seed.setter
    def seed(self, value: int | None) -> None:
        seed = None if value is None else seeds.checked(value, self.name)
        if seed == self._seed:
            return
        nodes = list(self._all_with_its_seed())
        for node in nodes:
            if drawn := node.drawn_for_good():
                raise ValueError(f"{self.name}: 'seed' cannot be set: {node.name} has {drawn}, by a look or a run. "
                                 "Give the seed before, or build it again.")  # fmt: skip
        before, self._seed = self.place, seed
        for node in nodes:
            node._has_been_read.clear()  # a seed that is set by hand is there to draw anew
        self._moved(before)

    def _all_with_its_seed(self) -> Iterator[Placed]:
        """Yield itself and what is below it, but what has a seed of its own."""
        yield self
        for child in self.children().values():
            if child._seed is None:
                yield from child._all_with_its_seed()

    def drawn_for_good(self) -> str:
        """Return what has been drawn and will not be again, in words; "" if nothing."""
        return ""

    def settle(self, above: Place) -> None:
        """Take a place in a tree, with all below it: what was drawn for another place is drawn anew.

        Args:
            above: the place, but for a seed of its own.
        """
        before, self._above = self.place, above
        self._moved(before)

    def settle_what_is_below(self) -> None:
        """Give a place to all that has none, e.g. what was appended to a list of modules."""
        for name, child in self.children().items():
            child.settle(dataclasses.replace(self.place, path=join(self.place.path, name)))

    def _moved(self, before: Place) -> None:
        if before.own != self.place.own or (self.own_seed is None) != (self.place.own is None):
            self.own_seed = None if self.place.own is None else _mark(self.place.own)
        if self.place != before:
            self.draw_again()
        self.settle_what_is_below()

    def draw_again(self) -> None:
        """Draw what has been drawn for another place, unless somebody has seen it."""
        for name, initializer in list(self._drawn.items()):
            if name not in self._has_been_read:
                self._set_param(self.specs()[name], initializer)
            elif not isinstance(initializer, Drawn) or initializer.seed is None:
                self.warn_of_place(f"{name!r} was read")
        self.check_params()

    def warn_of_place(self, seen: str) -> None:
        """Warn that something stays as it was drawn for another place."""
        warn(
            f"{self.name}: {seen} before it was in a network: what was drawn then stays, whatever the seed of the "
            "network. Look at it there, or give it a seed of its own."
        )


def _mark(seed: int) -> np.ndarray:
    """Return what stands for a seed in a program; nobody can change it."""
    mark = np.array(zlib.crc32(f"seed {seed}/".encode()), np.uint32)
    mark.flags.writeable = False
    return mark
