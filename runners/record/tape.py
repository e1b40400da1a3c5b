"""Tape: collects the chunks of a recording, in memory or on disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import jax
import numpy as np

from simcore import files, memory
from simcore.module.warning import warn

from ..labelled.array import Labelled
from .base import Chunk, Recorder
from .channels import Channel, EventsChannel, TotalChannel
from .recording import Recording

FEWER_EVENTS = ("; stream them to disk, store='folder', record some of the neurons, ('spike_events', [0, 1, 2]), or a "
                "window, sc.Record('spike_events', start=..., stop=...), or count them, 'spike_count'")  # fmt: skip


class Columns(Protocol):
    """Arrays that grow over a run: in memory, or on disk (`store.Store`)."""

    run: str | None  # which run's recording is on disk

    def append(self, name: str, items: np.ndarray) -> None:
        """Append items to the column of that name."""

    def commit(self, first: int, last: int, totals: Callable[[], dict[str, Any]]) -> None:
        """Called after each chunk: the steps from first to last are complete; totals() returns those up to there."""

    def make_room(self, i: int, work: int) -> None:
        """Called before each chunk, from step i on, whose spike events need so many bytes in memory at most."""

    def recording(self, first: int, last: int, totals: dict[str, Any]) -> Recording:
        """Return what has been recorded, at the end."""

    def so_far(self, first: int, last: int, totals: dict[str, Any]) -> Recording:
        """Return what has been recorded, within a run."""

    def sync(self) -> None:
        """Bring what has been appended to the disk."""

    def go_on(self) -> None:
        """Called before a run that adds to those before it: what an interrupted chunk has left is forgotten."""


class Memory:
    """Columns in memory; clock is (dt, t0), in ms."""

    run: str | None = None

    def __init__(self, channels: Sequence[Channel], first: int, last: int, clock: tuple[float, float]) -> None:
        size, cure = needed(channels, first, last)
        memory.require(size, "the monitors", f"; {cure}, or stream to disk, store='folder'")
        self.channels, self.clock, self.span, self.warned = channels, clock, (first, last), False
        self.room = {k: np.empty((c.rows(first, last), *shape), dtype)
                     for c in channels for k, (shape, dtype) in c.columns().items()}  # fmt: skip
        self.used = self.done = dict.fromkeys(self.room, 0)
        self.growing = [k for c in channels if isinstance(c, EventsChannel) for k in c.columns()]

    def append(self, name: str, items: np.ndarray) -> None:
        """Append items to the column of that name; room for events grows by an eighth, in place where it is large."""
        used, end = self.used[name], self.used[name] + len(items)
        if end > len(self.room[name]):
            self.room[name].resize((end + end // 8, *items.shape[1:]), refcheck=False)  # nobody has seen it yet
        self.room[name][used:end] = items
        self.used = self.used | {name: end}

    def events_bytes(self) -> int:
        """Return what the events take that have come so far."""
        return sum(self.room[k][: self.used[k]].nbytes for k in self.growing)

    def make_room(self, i: int, work: int) -> None:
        """Raise MemoryError unless the events of a chunk from step i on fit; warn if those up to the end will not."""
        first, last = self.span
        events = self.events_bytes()
        untouched = sum(v[self.used[k] :].nbytes for k, v in self.room.items() if k not in self.growing)
        what = f"at {self.clock[1] + i * self.clock[0]:.10g} ms: the next spike events, after {memory.shown(events)},"
        here = "; mon and the states hold the run up to here" if i > first else ""
        memory.require(work + events / 8, what, here + FEWER_EVENTS, untouched)
        share = (i - first) / (last - first)
        if share >= 0.01 and not self.warned and events / share - events > memory.available(untouched):
            self.warned = True
            text = f"at their present pace the spike events take {memory.shown(events / share)}, more than is free"
            warn(f"{text}: the run will stop early{FEWER_EVENTS}.", RuntimeWarning)

    def commit(self, first: int, last: int, totals: Callable[[], dict[str, Any]]) -> None:
        """Keep what has come: what an interrupted chunk leaves later is not in the recording."""
        self.done = self.used

    def recording(self, first: int, last: int, totals: dict[str, Any]) -> Recording:
        """Return what has been recorded, and give it away: nothing can be appended any more.

        Totals may be of earlier steps too, which another process has run; rows are of this run.
        """
        for name in self.growing:
            self.room[name].resize((self.done[name], *self.room[name].shape[1:]), refcheck=False)
        columns, self.room = {k: v[: self.done[k]] for k, v in self.room.items()}, {}
        return Recording(self.channels, columns, totals, (self.span[0], last), self.clock)

    def so_far(self, first: int, last: int, totals: dict[str, Any]) -> Recording:
        """Return what has been recorded, within a run; what is looked at is copied, for the room of events moves."""
        return Recording(self.channels, _SoFar(self.room, self.done), totals, (self.span[0], last), self.clock)

    def sync(self) -> None:
        """Nothing is on a disk."""

    def go_on(self) -> None:
        """Each run has its own."""


class _SoFar:
    """The columns in memory, by name, each up to a length."""

    def __init__(self, room: dict[str, np.ndarray], lengths: dict[str, int]) -> None:
        self.room, self.lengths = room, lengths

    def __getitem__(self, name: str) -> np.ndarray:
        return self.room[name][: self.lengths[name]].copy()


def needed(channels: Sequence[Channel], first: int, last: int) -> tuple[int, str]:
    """Return how many bytes the rows of the steps from first to last take, and how the largest may take less."""
    size = {c.name: c.bytes(first, last) for c in channels}
    largest = max(size, key=lambda k: size[k], default="")
    cure = (f"{largest!r} takes most: record some of the neurons, ({largest!r}, [0, 1, 2]), or less often, "
            f"sc.Record({largest!r}, every=1 * ms), or 'spike_events' instead of 'spike'")  # fmt: skip
    return sum(size.values()), cure


def require(channels: Sequence[Channel], first: int, last: int, free: float, who: str) -> None:
    """Raise MemoryError unless the rows of the steps from first to last fit on a disk."""
    size, cure = needed(channels, first, last)
    memory.require_of(free, "on its disk", size, who, f"; {cure}")


class Tape:
    """What a recording holds between two chunks, up to step i.

    Args:
        recorders: of the program.
        values: the shape and type of what each reads.
        channels: of the recording.
        first: the step at which it begins.
        clock: (dt, t0), in ms.
        columns: where its rows and events go.
    """

    def __init__(
        self, recorders: Sequence[Recorder], values: Sequence[Any], channels: Sequence[Channel], first: int,
        clock: tuple[float, float], columns: Columns,
    ) -> None:  # fmt: skip
        self.recorders, self.channels, self.columns = recorders, {c.name: c for c in channels}, columns
        self.values = values
        self.first, self.i, self.clock = first, first, clock
        self.initial: dict[str, Any] = {}  # the values before the first step, by name, of recorders that want them
        # Arrays, on the device where the program made them, handed from chunk to chunk.
        self.totals = tuple(r.start(value) for r, value in zip(recorders, values, strict=True))

    def positions(self) -> tuple[Any, ...]:
        """Return where the recording stands, as arguments of the compiled loop."""
        return tuple(r.position(self.i, self.first) for r in self.recorders)

    def add(self, carries: Sequence[Any], n: int) -> None:
        """Take what a chunk of n steps has left."""
        initial = self.initial if self.i == self.first else {}
        chunk = Chunk(self.first, self.i, n, *self.clock, self.channels, self.columns.append, initial)
        each = zip(self.recorders, self.totals, carries, strict=True)
        before = self.totals, self.i
        try:
            self.totals = tuple(r.drain(total, carry, chunk) for r, total, carry in each)
            self.i += n
            self.commit()
        except BaseException:  # e.g. the disk is full: the tape stands where the states do, and a run can go on
            self.totals, self.i = before
            raise

    def make_room(self) -> None:
        """Raise MemoryError unless the spike events of another chunk fit in memory."""
        work = sum(r.event_bytes(value) for r, value in zip(self.recorders, self.values, strict=True))
        if work:
            self.columns.make_room(self.i, work)

    def commit(self) -> None:
        """Say that the steps up to i are complete."""
        self.columns.commit(self.first, self.i, self.results)

    def so_far(self) -> Recording:
        """Return what has been recorded, within a run."""
        return self.columns.so_far(self.first, self.i, self.results())

    def recording(self) -> Recording:
        """Return what has been recorded."""
        return self.columns.recording(self.first, self.i, self.results())

    def results(self) -> dict[str, Labelled]:
        """Return the values of the whole recording up to now, by name: counts and measures."""
        results, steps = {}, (self.first, self.i)
        for recorder, total in zip(self.recorders, self.totals, strict=True):
            channel = self.channels.get(recorder.name)
            if isinstance(channel, TotalChannel):
                results[recorder.name] = recorder.item(total, channel, steps, self.clock)
        return results

    def state(self) -> dict[str, np.ndarray]:
        """Return what a snapshot holds of the totals."""
        return {f"total/{r.name}/{j}": np.asarray(leaf) for r, total in zip(self.recorders, self.totals, strict=True)
                for j, leaf in enumerate(jax.tree.leaves(total))}  # fmt: skip

    def restore(self, saved: files.Arrays, i: int) -> None:
        """Go on at step i with the totals of `state` in a file.

        Raises:
            ValueError: they are of other monitors.
        """
        self.i = i

        def leaf(name: str, present: Any) -> np.ndarray:
            if name not in saved or saved.shape(name) != np.shape(present):
                monitor = name.split("/")[1]
                raise ValueError(f"{saved.path} is of a run with other monitors: {monitor!r} differs; give those of "
                                 "the run before.")  # fmt: skip
            return saved[name]

        def of_recorder(recorder: Recorder, total: Any) -> Any:
            leaves, tree = jax.tree.flatten(total)
            return jax.tree.unflatten(tree, [leaf(f"total/{recorder.name}/{j}", v) for j, v in enumerate(leaves)])

        self.totals = tuple(of_recorder(*pair) for pair in zip(self.recorders, self.totals, strict=True))
