"""Recorder: the base of what monitors record, in the compiled loop and between its chunks."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import jax
import numpy as np

from simcore import Module
from simcore.step.fitted import Fitted

from ..devices.place import Place
from ..labelled.array import Labelled
from ..schedule import Schedule
from .channels import Channel

Array = Any


@dataclasses.dataclass(frozen=True)
class Chunk:
    """The n steps from step i on that a chunk has run, of a recording that began at step `first`.

    Args:
        dt: ms.
        t0: ms.
        channels: those of the recording, by name.
        append: appends items to the column of a name.
        initial: the values before the first chunk of a recording, by name, of recorders that want them.
    """

    first: int
    i: int
    n: int
    dt: float
    t0: float
    channels: Mapping[str, Channel]
    append: Callable[[str, np.ndarray], None]
    initial: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class Recorder:
    """Base of what monitors record. Hashable: a part of what a compiled program depends on.

    Of a run of several chunks: `start` before it; in the compiled program `begin`, then `add` in each step; after each
    chunk `drain`, which hands rows and events to the host and returns the total for the next one; `item` at the
    end, or at any time between chunks.
    """

    name: str  # among the recorders of a run

    @classmethod
    def joined(cls, recorders: list[Any]) -> Sequence[Recorder]:
        """Return what stands for the recorders of this class in a program: one by one; a subclass may join them."""
        return recorders

    def fit(self, schedule: Schedule | None, steps: int, dt: float) -> Recorder:
        """Return the recorder for a run of so many steps of dt (ms), by a schedule."""
        raise NotImplementedError

    def channels(self, fitted: Fitted, value: Any, dimension: Any) -> list[Channel]:
        """Return what it leaves behind, of a value of this shape and type, and of this dimension.

        `fitted` is the model.
        """
        raise NotImplementedError

    def read(self, model: Module) -> Any:
        """Return, inside a step, what `add` takes."""
        raise NotImplementedError

    def functions(self) -> tuple[Any, ...]:
        """Return the user's functions and classes whose code runs in a step: it is a part of the program, too."""
        return ()

    def start(self, value: Any) -> Any:
        """Return the total before the first chunk: a pytree of arrays."""
        return ()

    def position(self, i: int, first: int) -> Any:
        """Return where a recording from step `first` on stands at step i, as arguments of the compiled loop."""
        return ()

    def begin(self, total: Any, value: Any, capacity: int, at_once: int = 1) -> Any:
        """Return what a chunk of at most `capacity` steps carries from step to step; so many steps go by at once."""
        return total

    def add(self, carry: Any, value: Any, k: Array, position: Any) -> Any:
        """Return what is carried after the k-th step of the chunk."""
        raise NotImplementedError

    def names_of_carried(self, carry: Any) -> list[Hashable]:
        """Return a name of each array in what it carries: those of one name are alike in all recorders of a run."""
        return [(self.name, k) for k in range(len(jax.tree.leaves(carry)))]

    def has_room(self, carry: Any, value: Any, steps: int = 1) -> Any:
        """Return whether so many more steps are sure to fit."""
        return True

    def event_bytes(self, value: Any) -> int:
        """Return how much memory of the host the spike events of a chunk take at most, with what sorts them."""
        return 0

    def drain(self, total: Any, carry: Any, chunk: Chunk) -> Any:
        """Hand the rows of a chunk to the columns; return the total for the next one."""
        return carry

    def item(self, total: Any, channel: Channel, steps: tuple[int, int], clock: tuple[float, float]) -> Labelled:
        """Return the one value of a recording; asked of those alone that leave a `TotalChannel`.

        Args:
            total: what it carries.
            channel: its own.
            steps: from which step to which.
            clock: (dt, t0), in ms.
        """
        raise NotImplementedError

    def of_part(self, places: Callable[[Any], list[Place]]) -> Recorder:
        """Return the recorder of a part of a network; `places` of an observable.

        Raises:
            NotImplementedError: it is of the whole alone.
        """
        raise NotImplementedError(f"{self.name!r} cannot be recorded on several devices; leave 'devices' out.")

    def part_of(self, total: Any, value: Any, places: Callable[[Any], list[Place]]) -> list[Any]:
        """Return what each part begins with, of a total of the whole."""
        raise NotImplementedError

    def merged(self, carries: list[Any], value: Any, places: Callable[[Any], list[Place]], n: int) -> Any:
        """Return what the whole carries after a chunk of n steps, of what each part does.

        Args:
            carries: of the parts, numpy arrays.
            value: of the whole, its shape and type.
            places: of an observable, where the values of each part lie in the whole.
            n: how many steps.
        """
        raise NotImplementedError

    def n_spikes(self, item: Any) -> int | None:
        """Return how many spikes an item of a recording tells of; None if it tells nothing of them."""
        return None
