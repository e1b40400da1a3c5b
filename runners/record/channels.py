"""Channels: what one monitor leaves behind, and how it becomes an item of a recording. Plain values: a store keeps
them as they are."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Protocol

import numpy as np
import pint

from simcore import files, units
from simcore.units.clock import MAX_STEP, as_time

from ..labelled.array import TIME, Labelled
from ..labelled.choose import attached
from ..schedule import Grid, Schedule
from .events import SpikeEvents

Clock = tuple[float, float]  # dt and t0, ms


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
        index: the neurons that were chosen, along the last axis.
        dims: the names of the axes of `shape`.
    """

    name: str
    unit: str | None
    shape: tuple[int, ...]
    dtype: str
    schedule: Schedule | None = None
    index: tuple[int, ...] | None = None
    dims: tuple[str, ...] = ()
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

    def coordinates(self) -> dict[str, dict[str, Any]]:
        """Return the numbers along the axes of `shape`: of the neurons, those that were chosen."""
        numbers = [np.arange(n) for n in self.shape]
        if self.index is not None:
            numbers[-1] = np.array(self.index)
        return {dim: {dim: of_dim} for dim, of_dim in zip(self.dims, numbers, strict=True)}

    def arrays(self, item: Any) -> dict[str, np.ndarray]:
        """Return the columns that an item was made of, whatever unit a user has turned it to."""
        return {}

    def grid(self, first: int, last: int) -> Grid | None:
        """Return the times of its rows, of the steps from first to last; None if it has none."""
        return None

    def shown(self, first: int, last: int) -> str:
        """Return what it has of the steps from first to last in a line, without looking at it."""
        raise NotImplementedError

    def item(self, columns: ColumnsOfARun, totals: Mapping[str, Any], steps: tuple[int, int], clock: Clock) -> Any:
        """Return what a recording of the steps from first to last has of it.

        Args:
            columns: the arrays that have grown.
            totals: the values of the whole run.
            steps: from which step to which.
            clock: dt and t0.
        """
        raise NotImplementedError


@dataclasses.dataclass(frozen=True)
class Times(Mapping[str, Any]):
    """The coordinates of the axis "time": made when they are asked for, as of 10^8 rows they take 800 MB."""

    grid: Grid
    clock: Clock

    def __getitem__(self, name: str) -> pint.Quantity:
        if name != TIME:
            raise KeyError(name)
        (first, every, n), (dt, t0) = self.grid, self.clock
        return as_time(t0 + (first + 1 + np.arange(n) * every) * dt)

    def __contains__(self, name: object) -> bool:
        return name == TIME

    def __iter__(self) -> Iterator[str]:
        return iter((TIME,))

    def __len__(self) -> int:
        return 1


class RowsChannel(Channel):
    """A row for each sample."""

    kind = "rows"

    def columns(self) -> dict[str, tuple[tuple[int, ...], str]]:
        return {self.name: (self.shape, self.dtype)}

    def rows(self, first: int, last: int) -> int:
        return self._before_steps(first, last) + self.of_steps(first, last)

    def of_steps(self, i: int, j: int) -> int:
        """Return how many rows the steps from i to j leave."""
        return j - i if self.schedule is None else self.schedule.samples(j) - self.schedule.samples(i)

    def _before_steps(self, first: int, last: int) -> int:
        """Return 1 if the initial value is the first row of a recording of these steps, else 0."""
        return int(self.schedule is not None and self.schedule.initial and self.schedule.start == first < last)

    def row_bytes(self) -> int:
        every = 1 if self.schedule is None else self.schedule.every
        return -(-int(np.prod(self.shape)) * np.dtype(self.dtype).itemsize // every)

    def items_before(self, i: int, first: int, clock: tuple[float, float], columns: ColumnsOfARun) -> dict[str, int]:
        return {self.name: self.rows(first, i)}

    def grid(self, first: int, last: int) -> Grid:
        schedule = self.schedule or Schedule()
        before = schedule.samples(first) - self._before_steps(first, last)
        return Grid(schedule.origin + (before + 1) * schedule.every - 1, schedule.every, self.rows(first, last))

    def arrays(self, item: Any) -> dict[str, np.ndarray]:
        return {self.name: np.asarray(item.magnitude if self.unit is None else item.m_as(self.unit))}

    def shown(self, first: int, last: int) -> str:
        return described((self.rows(first, last), *self.shape), self.unit)

    def item(self, columns: ColumnsOfARun, totals: Mapping[str, Any], steps: tuple[int, int], clock: Clock) -> Labelled:
        coords = {TIME: Times(self.grid(*steps), clock)} | self.coordinates()
        return Labelled(self.name, (TIME, *self.dims), coords, attached(columns[self.name], self.unit))


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

    def arrays(self, item: Any) -> dict[str, np.ndarray]:
        return {self.times: np.asarray(item.times.m_as("ms")), self.indices: np.asarray(item.indices)}

    def shown(self, first: int, last: int) -> str:
        return f"spike events of {int(np.prod(self.shape))} neurons"

    def item(
        self, columns: ColumnsOfARun, totals: Mapping[str, Any], steps: tuple[int, int], clock: Clock
    ) -> SpikeEvents:
        dt, t0 = clock
        window = steps if self.schedule is None else np.clip(steps, self.schedule.start, self.schedule.stop).tolist()
        start, stop = (as_time(t0 + i * dt) for i in window)
        times = units.attach(columns[self.times], "ms")
        return SpikeEvents(times, columns[self.indices], self.shape, self.index, start, stop)


class TotalChannel(Channel):
    """One value of the whole run."""

    kind = "total"

    def shown(self, first: int, last: int) -> str:
        return "one value of the whole run"

    def item(self, columns: ColumnsOfARun, totals: Mapping[str, Any], steps: tuple[int, int], clock: Clock) -> Any:
        return totals[self.name]


def described(shape: tuple[int, ...], unit: str | None) -> str:
    """Return the shape and unit of an array as text, "(100, 3) in mV"."""
    return f"{shape}" + (f" in {unit}" if unit else "")


def misfit(
    channels: Sequence[Channel], first: int, last: int, count: Mapping[str, int], totals: Mapping[str, Any]
) -> str:
    """Return why a file holds no recording of the steps from first to last, in a clause; "" if it does.

    Args:
        channels: what was recorded.
        first: the first step.
        last: the one after the last.
        count: how many items there are of each column.
        totals: by name.
    """
    if not 0 <= first <= last <= MAX_STEP:
        return f"it holds the steps {first} to {last}"
    for c in channels:
        if isinstance(c, TotalChannel) and c.name not in totals:
            return f"it has no value of {c.name!r}"
        if isinstance(c, RowsChannel) and count.get(c.name) != c.rows(first, last):
            return f"it has not all rows of {c.name!r}"
        if missing := c.columns().keys() - count.keys():
            return f"it does not count {min(missing)!r}"
    return ""


KINDS: dict[str, Callable[..., Channel]] = {cls.kind: cls for cls in (RowsChannel, EventsChannel, TotalChannel)}


def _is_size(n: Any) -> bool:
    return type(n) is int and 0 <= n <= MAX_STEP


def _is_schedule(numbers: Any) -> bool:
    if type(numbers) is not list or len(numbers) != 4:
        return False
    *steps, initial = numbers
    return all(map(_is_size, steps)) and steps[0] > 0 and type(initial) is bool


def _is_dtype(text: Any) -> bool:
    return type(text) is str and re.fullmatch(r"[<|>][biuf]\d{1,2}", text) is not None and np.dtype(text).str == text


def is_ms(dt: Any) -> bool:
    """Tell whether a plain value will do as a time step in ms."""
    return not files.misfit(dt, float) and 1e-9 < dt < 1e9


# The form of `as_plain` in a file.
PLAIN: dict[str, Any] = {
    "kind": lambda kind: type(kind) is str and kind in KINDS,
    "name": str,
    "unit": (None, units.is_unit),
    "shape": [_is_size],
    "dtype": _is_dtype,
    "schedule": (None, _is_schedule),
    "index": (None, [int]),
    "dims": [str],
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
        dims=tuple(values["dims"]),
    )
