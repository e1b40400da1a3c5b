"""Monitors: what a user asks a runner to record, read and checked."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from simcore import Module
from simcore.units import OneQuantity

from ..measure.base import Measure
from ..observables import SPIKE, FunctionOf, Indices, Observable, Observed, SpikesOf, observed
from ..schedule import EACH_STEP, Window, window
from .base import Recorder
from .event_buffer import Events
from .recorders import Counts, Rows, Running
from .recording import Recording

# What records the spikes of a population, by the name that a user gives: "E.spike_events".
SPIKE_RECORDERS: dict[str, Any] = {SPIKE: Rows, "spike_events": Events, "spike_count": Counts}


@dataclasses.dataclass(frozen=True)
class Record:
    """What to record, and when: ``Record("V", [0, 5], every=1 * ms, start=100 * ms, stop=200 * ms)``.

    Recorded are the values at start + every, start + 2 every, ... up to stop, by the runner's clock: those that a run
    from start to stop returns. Each time is a whole number of steps.

    Args:
        what: a name, a dotted path, or a function of the model.
        indices: which neurons; by default all.
        every: the time between two values; by default a step. Spikes, and functions of them, are recorded in each step.
        start: by default the runner's t0.
        stop: by default the run's end.
        initial: record the value at `start` too, before the first step.
    """

    what: Observed
    indices: Indices = None
    every: OneQuantity | None = None
    start: OneQuantity | None = None
    stop: OneQuantity | None = None
    initial: bool = False


@dataclasses.dataclass(frozen=True)
class Monitor:
    """One thing to record, as a user asked for it.

    Args:
        asked: the name, the function of the model, or the measure.
        recorder: what records it, before it is fitted to a run.
        window: when.
    """

    asked: Any
    recorder: Any
    window: Window = EACH_STEP

    @property
    def name(self) -> str:
        """What it is called in the recording."""
        return self.recorder.name

    @property
    def who(self) -> str:
        """What messages begin with that are about its window."""
        return self.asked.who if isinstance(self.asked, Measure) else f"Record({self.name!r})"

    @property
    def observable(self) -> Observable:
        """What it looks at in each step."""
        return self.recorder.observable

    @property
    def is_trace(self) -> bool:
        """Whether it records values of the model over time."""
        return isinstance(self.recorder, Rows) and not isinstance(self.observable, SpikesOf)


# Names, (name, indices), `Record`s, measures; by name functions of the model, too. In a variable mypy takes a list of
# several kinds for one of objects.
MonitorsLike: TypeAlias = Sequence[Any] | Mapping[str, Any]


def fitted(monitors: tuple[Monitor, ...], steps: int, dt: float, t0: float) -> tuple[Recorder, ...]:
    """Return the recorders of a run of so many steps; dt and t0 in ms.

    Raises:
        ValueError: the times of a monitor or the options of a measure do not fit the run.
    """
    of_class: dict[type[Recorder], list[Recorder]] = {}
    for m in monitors:
        recorder = m.recorder.fit(m.window.schedule(m.who, dt, t0), steps, dt)
        of_class.setdefault(type(recorder), []).append(recorder)
    return tuple(r for cls, recorders in of_class.items() for r in cls.joined(recorders))


def read_monitors(target: Module, monitors: MonitorsLike | None) -> tuple[Monitor, ...]:
    """Return the monitors a user asked for: names, dotted paths, (name, indices), `Record`s, measures, functions.

    Raises:
        ValueError: there is nothing of that name; the text lists what there is.
        TypeError: it is nothing that can be recorded.
    """
    if isinstance(monitors, str):
        raise TypeError(f"monitors must be a list of names, got the text {monitors!r}; write [{monitors!r}].")
    monitors = () if monitors is None else monitors
    items = monitors.items() if isinstance(monitors, dict) else [(None, m) for m in monitors]
    for name in monitors if isinstance(monitors, dict) else ():
        if not isinstance(name, str) or not name:
            raise ValueError(f"monitors: {name!r} is no name; give one, {{'name': what}}.")
    read = tuple(_read_one(target, name, what) for name, what in items)
    names = [m.name for m in read]
    # The columns of spike events are stored under names of their own; what a recording has, `mon.name` would not give.
    columns = [f"{m.name}.{part}" for m in read if isinstance(m.recorder, Events) for part in ("times", "indices")]
    taken = {*columns, *dir(Recording())}
    twice = [n for n in names if names.count(n) > 1 or n in taken]
    if twice:
        raise ValueError(f"monitors: the name {twice[0]!r} is taken; give another with a dict, {{'name': what}}.")
    return read


def _read_one(target: Module, name: str | None, what: Any) -> Monitor:
    if isinstance(what, Record):
        return _read_record(target, name, what)
    if isinstance(what, Measure):
        return _read_measure(target, name, what)
    if isinstance(what, type) and issubclass(what, Measure):
        raise TypeError(f"monitors: {what.__name__} is a class; a measure is an instance: {what.__name__}('V').")
    what, chosen = what if isinstance(what, tuple) and len(what) == 2 else (what, None)
    if isinstance(what, str):
        observable = observed(target, what, chosen, tuple(SPIKE_RECORDERS))
        kind = SPIKE_RECORDERS[what.rpartition(".")[2]] if isinstance(observable, SpikesOf) else Rows
        return Monitor(what, kind(name or what, observable))
    if not callable(what):
        raise TypeError(f"monitors: {what!r} is neither a name, a (name, indices) pair nor a function of the model.")
    if name is None or chosen is not None:
        cure = 'write monitors={"name": function}' if name is None else "let it return the part it is about"
        raise TypeError(f"monitors: a function takes a name and no indices; {cure}.")
    return Monitor(what, Rows(name, FunctionOf(function=what)))


def _read_record(target: Module, name: str | None, record: Record) -> Monitor:
    if isinstance(record.what, Measure):
        cure = f"measure.{record.what.name}(..., start=..., stop=...)"
        raise TypeError(f"Record: a measure takes a window itself: {cure}.")
    read = _read_one(target, name, record.what if record.indices is None else (record.what, record.indices))
    who = f"Record({read.name!r})"
    times = window(who, record.every, record.start, record.stop)
    if not isinstance(record.initial, bool):
        raise TypeError(f"{who}: 'initial' is True or False, got {record.initial!r}.")
    if isinstance(read.observable, SpikesOf) and (times.every is not None or record.initial):
        why = "'every' would miss spikes" if times.every is not None else "'initial' is of values, spikes come in steps"
        raise ValueError(f"{who}: {why}; leave it out.")
    return dataclasses.replace(read, window=dataclasses.replace(times, initial=record.initial))


def _read_measure(target: Module, name: str | None, measure: Measure) -> Monitor:
    if measure.in_a_runner:
        raise ValueError(f"monitors: measure.{measure.name} is for sweeps; here, write {measure.in_a_runner}.")
    observable = measure.reads(target)
    if name is None:
        of = measure.of[0] if isinstance(measure.of, tuple) else measure.of
        if not isinstance(of, str | None):
            raise TypeError(f'monitors: give measure.{measure.name} of a function a name: monitors={{"name": measure}}')
        name = "_".join(filter(None, (measure.name, *(of or "").split("."))))
    return Monitor(measure, Running(name, observable, measure=measure), measure.span)
