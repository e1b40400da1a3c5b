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
        index: (m,) their numbers in the whole.
        width: how many the whole has: the last axes of an array; or the last one has so many several times.
        room: how many the part has room for, m or more.
        real: which of the index are no copies.
        axes: how many axes of an array the whole has.
    """

    index: np.ndarray
    width: int
    room: int
    real: Any
    axes: int = 1

    def cut(self, whole: np.ndarray) -> np.ndarray:
        """Return the part of an array."""
        part = np.reshape(whole, self._shape(whole, self.width))[..., self.index]
        part = np.pad(part, [(0, 0)] * (part.ndim - 1) + [(0, self.room - self.index.size)])
        return part.reshape(*whole.shape[: -self.axes], -1)

    def put(self, whole: np.ndarray, part: np.ndarray) -> None:
        """Write a part into the whole."""
        rows = np.reshape(part, self._shape(whole, self.room))
        whole.reshape(self._shape(whole, self.width))[..., self.index[self.real]] = rows[..., self.real]

    def numbers(self, begin: int) -> np.ndarray:
        """Return the number in the whole of each value of the part, from `begin` on; -1 for copies."""
        numbers = np.full(self.room, -1)
        numbers[np.arange(self.index.size)[self.real]] = begin + self.index[self.real]
        return numbers

    def _shape(self, whole: np.ndarray, width: int) -> tuple[int, ...]:
        """Return the shape of an array, or of its part, with the values along the last axis alone."""
        lead, rest = whole.shape[: -self.axes], math.prod(whole.shape[-self.axes :])
        return (*lead, rest // self.width, width)


def joined(places: list[Place], parts: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return the whole array, of that shape, of its parts, (n_parts, ...)."""
    whole = np.empty(shape, parts[0].dtype)
    for place, part in zip(places, parts, strict=True):
        place.put(whole, np.asarray(part))
    return whole
