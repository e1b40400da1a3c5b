"""Place: where the values of a part of an array lie in the whole, along its last axis."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Place:
    """Where the values of a part lie in the whole.

    Attributes:
        index: the numbers of its values in the whole, (m,) or a slice of m; what is beyond them are copies of the last.
        shape: of the whole: the last axes of an array; or the last one has so many several times.
        room: how many the part has room for, m or more.
        real: which of the part's values are those; by default the first m.
    """

    index: Any
    shape: tuple[int, ...]
    room: int
    real: Any = None

    @property
    def width(self) -> int:
        """How many values the whole has."""
        return math.prod(self.shape)

    @property
    def mine(self) -> Any:
        """Which of the values that the part has room for are values of the whole."""
        if self.real is not None:
            return self.real
        return slice(self.index.stop - self.index.start if isinstance(self.index, slice) else self.index.size)

    def cut(self, whole: np.ndarray) -> np.ndarray:
        """Return the part of an array."""
        rows = np.reshape(whole, self._shape(whole, self.width))
        part = np.empty((*rows.shape[:-1], self.room), rows.dtype)
        part[...] = rows[..., -1:]
        part[..., self.mine] = rows[..., self.index]
        return part.reshape(*whole.shape[: -len(self.shape)], -1)

    def put(self, whole: np.ndarray, part: np.ndarray) -> None:
        """Write a part into the whole."""
        rows = np.reshape(part, self._shape(whole, self.room))
        whole.reshape(self._shape(whole, self.width))[..., self.index] = rows[..., self.mine]

    def numbers(self, begin: int) -> np.ndarray:
        """Return the number in the whole of each value of the part, from `begin` on; -1 for copies."""
        numbers = np.full(self.room, -1)
        numbers[self.mine] = begin + np.arange(self.width)[self.index]
        return numbers

    def _shape(self, whole: np.ndarray, width: int) -> tuple[int, ...]:
        """Return the shape of an array, or of its part, with the values along the last axis alone."""
        axes = len(self.shape)
        lead, rest = whole.shape[:-axes], math.prod(whole.shape[-axes:])
        return (*lead, rest // self.width, width)


def joined(places: list[Place], parts: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return the whole array, of that shape, of its parts, (n_parts, ...)."""
    whole = np.empty(shape, parts[0].dtype)
    for place, part in zip(places, parts, strict=True):
        place.put(whole, np.asarray(part))
    return whole
