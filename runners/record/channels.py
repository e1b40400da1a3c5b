"""Channels: what one monitor leaves behind, and how it becomes an item of a recording. Plain values: a store keeps
them as they are."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable
from typing import Any, ClassVar, Protocol

import numpy as np

from simcore import files, units
from simcore.units.clock import MAX_STEP, as_time

from ..schedule import Grid, Schedule
from .events import SpikeEvents
from .recording import Recording, described


class ColumnsOfARun(Protocol):
    """The arrays that have grown over a run, by name."""

    def __getitem__(self, name: str, /) -> np.ndarray:
        """Return the array of a column."""


@dataclasses.dataclass(frozen=True)
class Channel:
    """Base of what one monitor leaves behind.

    Args:
        name: the monitor's.
        unit: of its values; None of pure numbers.
        shape: of a row; of the neurons whose events they are.
        dtype: of the values, as numpy writes it.
        schedule: when it records; None: in each step.
        index: the neurons that were chosen.
    """

    name: str
    unit: str | None
    shape: tuple[int, ...]
    dtype: str
    schedule: Schedule | None = None
    index: tuple[int, ...] | None = None
    kind: ClassVar[str]  # in the files of a store

    def columns(self) -> dict[str, tuple[tuple[int, ...], str]]:
        """Return the arrays that grow over the run: the shape and type of an item."""
        return {}

    def rows(self, first: int, last: int) -> int:
        """Return how many rows of known number the steps from first to last give."""
        return 0

    def bytes(self, first: int, last: int) -> int:
        """Return what these take."""
        return self.rows(first, last) * int(np.prod(self.shape)) * np.dtype(self.dtype).itemsize

    def row_bytes(self) -> int:
        """Return what rows take in a chunk, for each step."""
        return 0

    def items_before(self, i: int, first: int, clock: tuple[float, float], columns: ColumnsOfARun) -> dict[str, int]:
        """Return how many items of each column the steps from first to i gave; clock is (dt, t0), in ms."""
        return {}

    def put_into(
        self, recording: Recording, columns: ColumnsOfARun, totals: dict[str, Any], first: int, last: int,
        clock: tuple[float, float],
    ) -> None:  # fmt: skip
        """Make it an item of the recording of the steps from first to last; clock is (dt, t0), in ms."""
        raise NotImplementedError


class RowsChannel(Channel):
    """A row for each sample."""

    kind = "rows"

    def columns(self) -> dict[str, tuple[tuple[int, ...], str]]:
        return {self.name: (self.shape, self.dtype)}

    def rows(self, first: int, last: int) -> int:
        return last - first if self.schedule is None else self.schedule.samples(last) - self.schedule.samples(first)

    def row_bytes(self) -> int:
        every = 1 if self.schedule is None else self.schedule.every
        return -(-int(np.prod(self.shape)) * np.dtype(self.dtype).itemsize // every)

    def items_before(self, i: int, first: int, clock: tuple[float, float], columns: ColumnsOfARun) -> dict[str, int]:
        return {self.name: self.rows(first, i)}

    def put_into(
        self, recording: Recording, columns: ColumnsOfARun, totals: dict[str, Any], first: int, last: int,
        clock: tuple[float, float],
    ) -> None:  # fmt: skip
        every, start, _ = self.schedule or (1, 0, 0)
        before = first if self.schedule is None else self.schedule.samples(first)
        grid = Grid(start + (before + 1) * every - 1, every, self.rows(first, last))
        recording.later(
            self.name, functools.partial(self._item, columns), described((grid.n, *self.shape), self.unit), grid
        )

    def _item(self, columns: ColumnsOfARun) -> Any:
        return columns[self.name] if self.unit is None else units.attach(columns[self.name], self.unit)


class EventsChannel(Channel):
    """Times and neurons of spikes."""

    kind = "events"

    @property
    def times(self) -> str:
        """The name of the column of times, ms."""
        return f"{self.name}.times"

    @property
    def indices(self) -> str:
        """The name of the column of neurons."""
        return f"{self.name}.indices"

    def columns(self) -> dict[str, tuple[tuple[int, ...], str]]:
        axes = () if len(self.shape) == 1 else (len(self.shape),)
        return {self.times: ((), "<f8"), self.indices: (axes, "<i8")}

    def neurons(self, flat: np.ndarray) -> np.ndarray:
        """Return the neurons of numbers within what is recorded: their own numbers, or rows of them for several axes.

        Args:
            flat: numbers within `shape`, flattened.
        """
        last = flat if len(self.shape) == 1 else flat % self.shape[-1]
        chosen = last if self.index is None else np.array(self.index)[last]
        return chosen if len(self.shape) == 1 else np.stack([*np.unravel_index(flat, self.shape)[:-1], chosen], -1)

    def items_before(self, i: int, first: int, clock: tuple[float, float], columns: ColumnsOfARun) -> dict[str, int]:
        # Half a step later: times are rounded.
        count = int(np.searchsorted(columns[self.times], clock[1] + (i + 0.5) * clock[0]))
        return {self.times: count, self.indices: count}

    def put_into(
        self, recording: Recording, columns: ColumnsOfARun, totals: dict[str, Any], first: int, last: int,
        clock: tuple[float, float],
    ) -> None:  # fmt: skip
        shown = f"spike events of {int(np.prod(self.shape))} neurons"
        dt, t0 = clock
        window = [first, last] if self.schedule is None else np.clip([first, last], *self.schedule[1:]).tolist()
        start, stop = (t0 + i * dt for i in window)
        recording.later(self.name, functools.partial(self._item, columns, start, stop), shown)

    def _item(self, columns: ColumnsOfARun, start: float, stop: float) -> Any:
        times = units.attach(columns[self.times], "ms")
        return SpikeEvents(times, columns[self.indices], self.shape, self.index, as_time(start), as_time(stop))


class TotalChannel(Channel):
    """One value of the whole run."""

    kind = "total"

    def put_into(
        self, recording: Recording, columns: ColumnsOfARun, totals: dict[str, Any], first: int, last: int,
        clock: tuple[float, float],
    ) -> None:  # fmt: skip
        recording[self.name] = totals[self.name]


KINDS: dict[str, Callable[..., Channel]] = {cls.kind: cls for cls in (RowsChannel, EventsChannel, TotalChannel)}


def _is_size(n: Any) -> bool:
    return type(n) is int and 0 <= n <= MAX_STEP


def _is_schedule(numbers: Any) -> bool:
    return type(numbers) is list and len(numbers) == 3 and all(map(_is_size, numbers)) and numbers[0] > 0


def _is_dtype(text: Any) -> bool:
    return type(text) is str and re.fullmatch(r"[<|>][biuf]\d{1,2}", text) is not None and np.dtype(text).str == text


def is_ms(dt: Any) -> bool:
    """Tell whether a plain value will do as a time step in ms."""
    return not files.misfit(dt, float) and 1e-9 < dt < 1e9


# The form of `as_plain` in a file.
PLAIN = {
    "kind": lambda kind: type(kind) is str and kind in KINDS,
    "name": str,
    "unit": (None, units.is_unit),
    "shape": [_is_size],
    "dtype": _is_dtype,
    "schedule": (None, _is_schedule),
    "index": (None, [int]),
}


def as_plain(channel: Channel) -> dict[str, Any]:
    """Return a channel as plain values."""
    return {"kind": channel.kind} | dataclasses.asdict(channel)


def of_plain(values: dict[str, Any]) -> Channel:
    """Return the channel of `as_plain`, from a file: with lists where there were tuples."""
    schedule, index = values["schedule"], values["index"]
    return KINDS[values["kind"]](
        name=values["name"],
        unit=values["unit"],
        shape=tuple(values["shape"]),
        dtype=values["dtype"],
        schedule=None if schedule is None else Schedule(*schedule),
        index=None if index is None else tuple(index),
    )
