"""Schedules: when a monitor or a measure records; and grids: the times of what it recorded."""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

from simcore import units
from simcore.units.clock import MAX_STEP, as_time, milliseconds, n_steps


class Grid(NamedTuple):
    """Times that are evenly spaced: `n` ends of steps, `every` steps apart, from the end of step `first` on."""

    first: int
    every: int
    n: int


class Schedule(NamedTuple):
    """When a monitor records, in steps from step 0 of the runner: samples end windows of `every` from start to stop.

    With `initial`, the value at the start is a sample too: it ends a window before.
    """

    every: int = 1
    start: int = 0
    stop: int = MAX_STEP
    initial: bool = False

    @property
    def origin(self) -> int:
        """The step with which the first window begins; it may be before the runner's first."""
        return self.start - self.every if self.initial else self.start

    def samples(self, i: int) -> int:
        """Return how many samples the steps before step i have completed."""
        return (min(max(i, self.origin), self.stop) - self.origin) // self.every


@dataclasses.dataclass(frozen=True)
class Window:
    """When a user wants a monitor to record, ms; None: each step, from the beginning, to the end.

    `initial`: also at the beginning.
    """

    every: float | None = None
    start: float | None = None
    stop: float | None = None
    initial: bool = False

    def schedule(self, who: str, dt: float, t0: float) -> Schedule | None:
        """Return it in steps, for a dt and t0 in ms; None if that is each step.

        Raises:
            ValueError: a time is not a whole number of steps, or before t0.
        """
        if self == EACH_STEP:
            return None

        def steps(key: str, ms: float, least: int = 0) -> int:
            if ms < 0:
                raise ValueError(f"{who}: {key!r} is before t0 = {t0:.10g} ms.")
            n = n_steps(as_time(ms), dt, f"{who}: {key!r}{'' if least else ', from t0 on,'}")
            if not least <= n <= MAX_STEP:
                told = f"{key!r}, {ms:.10g} ms, is {n} steps of dt = {dt:.10g} ms"
                raise ValueError(f"{who}: {told}; {least} to {MAX_STEP} will do.")
            return n

        every = 1 if self.every is None else steps("every", self.every, 1)
        start = 0 if self.start is None else steps("start", self.start - t0)
        stop = MAX_STEP if self.stop is None else steps("stop", self.stop - t0)
        return Schedule(every, start, stop, self.initial)


EACH_STEP = Window()


def window(who: str, every: Any, start: Any, stop: Any) -> Window:
    """Return the window of three times; None: not given.

    Raises:
        DimensionalityError: one is no time.
        ValueError: `every` is not > 0, or `stop` not after `start`.
    """
    times = {"every": every, "start": start, "stop": stop}
    ms: dict[str, Any] = {k: milliseconds(v, f"{who}: {k!r}") for k, v in times.items() if v is not None}
    if ms.get("every", 1.0) <= 0:
        raise ValueError(f"{who}: 'every' must be > 0, got {units.show(every)}.")
    if "stop" in ms and ms["stop"] <= ms.get("start", -float("inf")):
        raise ValueError(f"{who}: 'stop' must be after 'start', got {units.show(stop)}.")
    return Window(**ms)
