"""Monitors: what a runner records in each step, and the recording it returns."""

from __future__ import annotations

import dataclasses
import difflib
import functools
import shutil
from collections.abc import Callable, Iterator, MutableMapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import jax
import jax.numpy as jnp
import numpy as np
import pint

from simcore import Module, Population, memory, units
from simcore.units import NUMBER, Dimension
from simcore.units.clock import MAX_STEP, as_time, milliseconds, n_steps

if TYPE_CHECKING:
    from .store import Store

SPIKES = ("spike", "spike_events", "spike_count")


class SpikeEvents(NamedTuple):
    """Spikes as events: their times, (n,), and the neurons, (n,), or (n, ndim) for populations of more axes."""

    times: pint.Quantity
    indices: np.ndarray


@dataclasses.dataclass(frozen=True)
class Record:
    """What to record, and when: ``Record("V", [0, 5], every=1 * ms, start=100 * ms, stop=200 * ms)``.

    Recorded are the values at start + every, start + 2 every, ... up to stop, by the runner's clock: those that a run
    from start to stop returns. Each time is a whole number of steps.

    Args:
        what: a name, a dotted path, or a function of the model.
        indices: which neurons; by default all.
        every: the time between two values; by default a step. Spikes are recorded in each step.
        start: by default the runner's t0.
        stop: by default the run's end.
    """

    what: Any
    indices: Any = None
    every: Any = None
    start: Any = None
    stop: Any = None


class Grid(NamedTuple):
    """Times that are evenly spaced: `n` ends of steps, `every` steps apart, from the end of step `first` on."""

    first: int
    every: int
    n: int


class _Later(NamedTuple):
    make: Callable[[], Any]


class Recording(MutableMapping[str, Any]):
    """What a run recorded, by monitor name; items are attributes too. `ts` are the ends of all steps.

    ``times(name)`` are the times of one monitor, where it does not record in each step.
    """

    def __init__(self, grids: dict[str, Grid] | None = None, dt: float = 0.1, t0: float = 0.0) -> None:
        self._grids, self._dt, self._t0 = grids or {"ts": Grid(0, 1, 0)}, dt, t0
        self._items: dict[str, Any] = {}
        self.later("ts", functools.partial(self._ends, "ts"))  # of 10^8 steps it takes 800 MB

    def later(self, name: str, make: Callable[[], Any]) -> None:
        """Make an item when it is first asked for."""
        self._items[name] = _Later(make)

    def _ends(self, name: str) -> pint.Quantity:
        first, every, count = self._grids[name]
        return as_time(self._t0 + (first + 1 + np.arange(count) * every) * self._dt)

    def times(self, name: str) -> pint.Quantity:
        """Return the times of what a monitor recorded, (T,).

        Raises:
            ValueError: it is one value of the whole run.
        """
        if name in self._grids:
            return self._ends(name)
        if isinstance(self[name], SpikeEvents):
            return self[name].times
        raise ValueError(f"{name!r} is one value of the whole run; it has no times.")

    def __getitem__(self, name: str) -> Any:
        if isinstance(self._items[name], _Later):
            self._items[name] = self._items[name].make()
        return self._items[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._items[name] = value

    def __delitem__(self, name: str) -> None:
        del self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "_items" not in vars(self):  # as it is copied
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            near = difflib.get_close_matches(name, list(self), 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise AttributeError(f"nothing was recorded as {name!r}{hint} There is {', '.join(self)}.") from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]

    def __repr__(self) -> str:
        return f"Recording({', '.join(self)})"


@dataclasses.dataclass(frozen=True)
class Monitor:
    """One thing to record: a state, the spikes of a node, a function of the model, or a measure of one of these."""

    name: str
    kind: str  # "state", "spike", "spike_events", "spike_count", "call" or "measure"
    path: str  # of the state, or of the node that spikes
    index: tuple[int, ...] | None = None
    function: Callable[[Module], Any] | None = None
    every: float | None = None  # ms, as start and stop
    start: float | None = None
    stop: float | None = None
    measure: Any = None  # of `simcore.measure`
    reads: Monitor | None = None  # what the measure is about

    def value(self, model: Module) -> Any:
        """Return what is recorded after a step; called with the bound model."""
        if self.reads is not None:
            return self.reads.value(model)
        if self.kind == "call":
            assert self.function is not None
            return jnp.asarray(self.function(model))
        if self.kind == "state":
            value = model.states()[self.path].value
        else:
            value = self.population(model).get_spike() != 0
        if self.index is not None:
            value = value[..., np.array(self.index)]
        return value.reshape(-1) if self.kind == "spike_events" else value

    def population(self, model: Module) -> Population:
        """Return the population whose spikes are recorded."""
        return cast(Population, model.nodes()[self.path])

    def spike_shape(self, model: Module) -> tuple[int, ...]:
        """Return the shape of the neurons whose spikes are recorded, with the batch."""
        shape = self.population(model).population_shape
        return shape if self.index is None else (*shape[:-1], len(self.index))

    def unit(self, model: Module, dim: Dimension) -> str | None:
        """Return the unit of its values, None for pure numbers; `dim` is the dimension of a function's."""
        if self.reads is not None:
            return self.reads.unit(model, dim)
        if self.kind == "state":
            return model.states()[self.path].unit
        return None if self.kind != "call" or dim == NUMBER else units.kernel_unit(dim)


class Schedule(NamedTuple):
    """When a monitor records, in steps from step 0 of the runner: samples end windows of `every` from start to stop."""

    every: int = 1
    start: int = 0
    stop: int = MAX_STEP

    def samples(self, i: int) -> int:
        """Return how many samples the steps before step i have completed."""
        return (min(max(i, self.start), self.stop) - self.start) // self.every


def schedule(monitor: Monitor, dt: float, t0: float) -> Schedule | None:
    """Return when a monitor records, for a dt and t0 in ms; None if that is each step.

    Raises:
        ValueError: a time is not a whole number of steps, or before t0.
    """
    if monitor.every is monitor.start is monitor.stop is None:
        return None

    def steps(key: str, ms: float) -> int:
        if ms < 0:
            raise ValueError(f"Record({monitor.name!r}): {key!r} is before the runner's t0 = {t0:.10g} ms.")
        return n_steps(as_time(ms), dt, f"Record({monitor.name!r}): {key!r}, from t0 on,")

    every = 1 if monitor.every is None else n_steps(as_time(monitor.every), dt, f"Record({monitor.name!r}): 'every'")
    start = 0 if monitor.start is None else steps("start", monitor.start - t0)
    stop = MAX_STEP if monitor.stop is None else steps("stop", monitor.stop - t0)
    return Schedule(every, start, stop)


# ---------------------------------------------------------------- what a user asks for


def read_monitors(target: Module, monitors: Any) -> tuple[Monitor, ...]:
    """Return the monitors a user asked for: names, dotted paths, (name, indices), `Record`s, measures, functions.

    Raises:
        ValueError: there is nothing of that name; the text lists what there is.
        TypeError: it is nothing that can be recorded.
    """
    items = monitors.items() if isinstance(monitors, dict) else [(None, m) for m in monitors]
    if isinstance(monitors, str):
        raise TypeError(f"monitors must be a list of names, got the text {monitors!r}; write [{monitors!r}].")
    read = tuple(_read_one(target, name, what) for name, what in items)
    names = [m.name for m in read]
    twice = {n for n in names if names.count(n) > 1} | ({"ts"} & set(names))
    if twice:
        raise ValueError(f"monitors: the name {twice.pop()!r} is taken; give names with a dict.")
    return read


def _read_one(target: Module, name: str | None, what: Any) -> Monitor:
    chosen = None
    if isinstance(what, Record):
        return _read_record(target, name, what)
    if hasattr(what, "reads"):
        return _read_measure(target, name, what)
    if isinstance(what, tuple) and len(what) == 2:
        what, chosen = what
    if callable(what):
        if name is None or chosen is not None:
            cure = 'write monitors={"name": function}' if name is None else "let it return the part it is about"
            raise TypeError(f"monitors: a function takes a name and no indices; {cure}.")
        return Monitor(name, "call", "", None, what)
    if not isinstance(what, str):
        raise TypeError(f"monitors: {what!r} is neither a name, a (name, indices) pair nor a function of the model.")
    path, _, last = what.rpartition(".")
    states, nodes = target.states(), target.nodes()
    if what in states:
        kind, path, size = "state", what, (np.shape(states[what].raw) or (1,))[-1]
    elif last in SPIKES and path in nodes and isinstance(nodes[path], Population):
        kind, size = last, nodes[path].varshape[-1]  # type: ignore[attr-defined]
    else:
        spiking = [p for p, n in nodes.items() if isinstance(n, Population)]
        known = [*states, *((f"{p}." if p else "") + s for p in spiking for s in SPIKES)]
        if what in target.params():
            raise ValueError(f"monitors: {what!r} is a parameter, constant over a run; read it from the model.")
        near = [k for k in known if k.lower() == what.lower()] or difflib.get_close_matches(what, known, 1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise ValueError(f"monitors: {target.name} has no {what!r}{hint} It has {', '.join(known)}.")
    return Monitor(name or what, kind, path, None if chosen is None else _indices(what, chosen, size))


def _read_record(target: Module, name: str | None, record: Record) -> Monitor:
    if hasattr(record.what, "reads"):
        raise TypeError(f"Record: measure.{record.what.name} is of a whole run; for a window of it, run in parts.")
    read = _read_one(target, name, record.what if record.indices is None else (record.what, record.indices))
    ms: dict[str, Any] = {k: milliseconds(v, f"Record({read.name!r}): {k!r}")
          for k in ("every", "start", "stop") if (v := getattr(record, k)) is not None}  # fmt: skip
    if "every" in ms and read.kind in SPIKES:
        raise ValueError(f"Record({read.name!r}): 'every' would miss spikes; leave it out.")
    if ms.get("every", 1.0) <= 0:
        raise ValueError(f"Record({read.name!r}): 'every' must be > 0, got {units.show(record.every)}.")
    if "stop" in ms and ms["stop"] <= ms.get("start", -np.inf):
        raise ValueError(f"Record({read.name!r}): 'stop' must be after 'start', got {units.show(record.stop)}.")
    return dataclasses.replace(read, **ms)


def _read_measure(target: Module, name: str | None, measure: Any) -> Monitor:
    instead = {"trace": "sc.Record('V', every=1 * ms)", "spike_times": "'spike_events'"}.get(measure.name)
    if instead:
        raise ValueError(f"monitors: measure.{measure.name} is for sweeps; here, write {instead}.")
    reads = measure.reads(target)
    if name is None:
        of = measure.of[0] if isinstance(measure.of, tuple) else measure.of
        if not isinstance(of, str | None):
            raise TypeError(f'monitors: give measure.{measure.name} of a function a name: monitors={{"name": measure}}')
        name = "_".join(filter(None, (measure.name, *(of or "").split("."))))
    # What it is about is read; the rest is hashed, as part of what a compiled program depends on.
    return Monitor(name, "measure", reads.path, measure=dataclasses.replace(measure, of=None), reads=reads)


def _indices(name: str, chosen: Any, size: int) -> tuple[int, ...]:
    """Return which neurons are meant by an index, a list, a slice or a mask."""
    try:
        return tuple(int(i) for i in np.atleast_1d(np.arange(size)[chosen]))
    except (IndexError, TypeError) as err:
        raise ValueError(f"monitors: {name!r} has {size} neurons; {chosen!r} does not fit: {err}.") from err


# ---------------------------------------------------------------- what a run collects


@dataclasses.dataclass(frozen=True)
class Channel:
    """What one monitor leaves behind. Plain values: a store keeps them as they are."""

    name: str
    kind: str  # "rows": one for each sample; "events"; "total": one value of the run
    unit: str | None
    shape: tuple[int, ...]  # of a row; of the neurons whose events they are
    dtype: str
    schedule: Schedule | None
    index: tuple[int, ...] | None

    def columns(self) -> dict[str, tuple[tuple[int, ...], str]]:
        """Return the arrays that grow over the run: the shape and type of an item."""
        if self.kind == "events":
            place = () if len(self.shape) == 1 else (len(self.shape),)
            return {f"{self.name}.times": ((), "<f8"), f"{self.name}.indices": (place, "<i8")}
        return {self.name: (self.shape, self.dtype)} if self.kind == "rows" else {}

    def samples(self, first: int, last: int) -> int:
        """Return how many rows the steps from first to last give."""
        return last - first if self.schedule is None else self.schedule.samples(last) - self.schedule.samples(first)

    def grid(self, first: int, last: int) -> Grid:
        """Return the times of its rows in a recording of the steps from first to last."""
        every, start, _ = self.schedule or (1, 0, 0)
        before = first if self.schedule is None else self.schedule.samples(first)
        return Grid(start + (before + 1) * every - 1, every, self.samples(first, last))

    def bytes(self, first: int, last: int) -> int:
        """Return what its rows take."""
        return 0 if self.kind != "rows" else self.samples(first, last) * int(np.prod(self.shape)) * self.itemsize

    def row_bytes(self) -> int:
        """Return what its rows take in a chunk, for each step."""
        every = 1 if self.schedule is None else self.schedule.every
        return 0 if self.kind != "rows" else -(-int(np.prod(self.shape)) * self.itemsize // every)

    @property
    def itemsize(self) -> int:
        """The bytes of one value."""
        return np.dtype(self.dtype).itemsize


def channel(monitor: Monitor, target: Module, row: Any, dim: Dimension, when: Schedule | None) -> Channel:
    """Return the channel of a monitor whose values have the shape and type of `row`."""
    kind = {"spike_events": "events", "spike_count": "total", "measure": "total"}.get(monitor.kind, "rows")
    shape = monitor.spike_shape(target) if kind == "events" else tuple(row.shape)
    return Channel(monitor.name, kind, monitor.unit(target, dim), shape, np.dtype(row.dtype).str, when, monitor.index)


def assemble(
    channels: list[Channel], columns: Any, totals: dict[str, Any], span: tuple[int, int], clock: Any
) -> Recording:
    """Return the recording of the steps from span[0] to span[1]; clock is (dt, t0), in ms."""
    grids = {"ts": Grid(span[0], 1, span[1] - span[0])}
    mon = Recording(grids, *clock)
    for c in channels:
        if c.kind == "total":
            mon[c.name] = totals[c.name]
        else:
            mon.later(c.name, functools.partial(_item, c, columns))
        if c.kind == "rows":
            grids[c.name] = c.grid(*span)
    return mon


def _item(c: Channel, columns: Any) -> Any:
    if c.kind == "events":
        return SpikeEvents(units.attach(columns[f"{c.name}.times"], "ms"), columns[f"{c.name}.indices"])
    return columns[c.name] if c.unit is None else units.attach(columns[c.name], c.unit)


class Columns:
    """Arrays in memory that grow over a run; `Store` has the same methods for those on disk."""

    def __init__(self, channels: list[Channel], first: int, last: int) -> None:
        require(channels, first, last, memory.available())
        self.room = {c.name: np.empty((c.samples(first, last), *c.shape), c.dtype)
                     for c in channels if c.kind == "rows"}  # fmt: skip
        self.used = dict.fromkeys(self.room, 0)
        self.parts = {k: [np.empty((0, *shape), dtype)] for c in channels if c.kind == "events"
                      for k, (shape, dtype) in c.columns().items()}  # fmt: skip

    def append(self, name: str, items: np.ndarray) -> None:
        """Append items to the column of that name."""
        if name in self.parts:
            self.parts[name].append(items)
        else:
            self.room[name][self.used[name] : self.used[name] + len(items)] = items
            self.used[name] += len(items)

    def commit(self, tape: Tape) -> None:
        """Called after each chunk."""

    def recording(self, tape: Tape) -> Recording:
        """Return what has been recorded."""
        columns = {k: v[: self.used[k]] for k, v in self.room.items()}
        for name, parts in self.parts.items():
            columns[name] = np.concatenate(parts)
            parts[:] = [columns[name]]
        return assemble(tape.channels, columns, tape.totals(), (tape.first, tape.i), (tape.dt, tape.t0))


def require(channels: list[Channel], first: int, last: int, free: float, where: str = "the monitors") -> None:
    """Raise MemoryError unless the rows of the steps from first to last fit; it names the largest and the cure."""
    size = {c.name: c.bytes(first, last) for c in channels}
    if sum(size.values()) > free:
        largest = max(size, key=lambda k: size[k])
        raise MemoryError(
            f"{where} would take {sum(size.values()) / 2**30:.1f} GiB, {free / 2**30:.1f} GiB are free; {largest!r} "
            f"takes most: record some of the neurons, ({largest!r}, [0, 1, 2]), or less often, "
            f"sc.Record({largest!r}, every=1 * ms), or 'spike_events' instead of 'spike'"
            + ("" if where != "the monitors" else ", or stream to disk, store='folder'") + "."
        )  # fmt: skip


class Tape:
    """Collects the chunks of a recording: rows and events go to its columns, totals are kept up to date."""

    def __init__(
        self, monitors: tuple[Monitor, ...], channels: list[Channel], rows: Any, first: int, dt: float, t0: float,
        columns: Columns | Store,
    ) -> None:  # fmt: skip
        self.monitors, self.channels, self.columns = monitors, channels, columns
        self.first, self.i, self.dt, self.t0 = first, first, dt, t0
        self.counts = {m.name: np.zeros(rows[m.name].shape, np.int64) for m in monitors if m.kind == "spike_count"}
        # What the measures keep: arrays on the device, handed from chunk to chunk.
        self.kept = {m.name: m.measure.start(rows[m.name]) for m in monitors if m.kind == "measure"}

    def where(self) -> dict[str, Any]:
        """Return where the recording stands, as arguments of the compiled loop; nothing where it needs none."""
        found: dict[str, Any] = {"k": np.int32(self.i - self.first)} if self.kept else {}
        for c in self.channels:
            if c.schedule is not None:
                begin, end = (np.int32(s - self.i) for s in c.schedule[1:])
                found[c.name] = (begin, end, np.int32(c.schedule.samples(self.i)))
        return found

    def add(self, recorded: Any, n: int) -> None:
        """Append the first n steps of a chunk."""
        dense, counts, (numbers, _, ends), self.kept = recorded
        for c in self.channels:
            if c.kind == "rows":
                buffer, rows = dense[c.name], c.samples(self.i, self.i + n)
                values = np.asarray(buffer)[:rows]  # a slice of a JAX array would be compiled for each length
                self.columns.append(c.name, values if c.unit is None else units.from_kernel(values, c.unit).magnitude)
        for name, count in counts.items():
            self.counts[name] += np.asarray(count)
        self._add_events([c for c in self.channels if c.kind == "events"], numbers, ends, n)
        self.i += n
        self.columns.commit(self)

    def _add_events(self, channels: list[Channel], numbers: Any, ends: Any, n: int) -> None:
        if not channels:
            return
        sizes = [int(np.prod(c.shape)) for c in channels]
        total = sum(sizes)
        key: Any = np.uint32 if n * total < 2**32 else np.uint64  # sorting short ones takes half the time
        steps = np.repeat(np.arange(n, dtype=key), np.diff(np.asarray(ends)[:n], prepend=np.uint32(0)))
        # In one number, sorted by time and neuron: a step's spikes come in the order of the packed words.
        joined = np.sort(steps * key(total) + np.asarray(numbers)[: steps.size])
        steps = joined // key(total)  # numpy's divmod takes five times as long
        neuron = joined - steps * key(total)
        for c, size, begin in zip(channels, sizes, np.cumsum([0, *sizes]), strict=False):
            own, when = neuron, steps
            if len(sizes) > 1:
                own = neuron - key(begin)  # below `begin` it wraps around, far above `size`
                mine = own < key(size)
                own, when = own[mine], steps[mine]
            self.columns.append(f"{c.name}.times", self.t0 + (self.i + 1 + when.astype(np.int64)) * self.dt)
            self.columns.append(f"{c.name}.indices", _places(own.astype(np.int64), c))

    def totals(self) -> dict[str, Any]:
        """Return the values of the whole recording up to now: counts and measures."""
        found: dict[str, Any] = dict(self.counts)
        for m, c in zip(self.monitors, self.channels, strict=True):
            if m.kind == "measure":
                kept = jax.tree.map(np.asarray, self.kept[m.name])
                begin = self.t0 + self.first * self.dt
                found[m.name] = m.measure.result(kept, self.i - self.first, self.dt, begin, c.unit or "dimensionless")
        return found

    def state(self) -> dict[str, np.ndarray]:
        """Return what a snapshot keeps of the totals."""
        leaves = {f"{k}/{j}": leaf for k, kept in self.kept.items() for j, leaf in enumerate(jax.tree.leaves(kept))}
        return {k: np.asarray(v) for k, v in (self.counts | leaves).items()}

    def restore(self, state: dict[str, np.ndarray], i: int) -> None:
        """Go on at step i with the totals of `state`."""
        self.i = i
        self.counts = {k: state[k].copy() for k in self.counts}
        for name, kept in self.kept.items():
            leaves, tree = jax.tree.flatten(kept)
            self.kept[name] = jax.tree.unflatten(tree, [jnp.asarray(state[f"{name}/{j}"]) for j in range(len(leaves))])


def _places(flat: np.ndarray, c: Channel) -> np.ndarray:
    """Return the neurons of numbers within what is recorded: their own numbers, or rows of them for several axes."""
    last = flat if len(c.shape) == 1 else flat % c.shape[-1]
    chosen = last if c.index is None else np.array(c.index)[last]
    return chosen if len(c.shape) == 1 else np.stack([*np.unravel_index(flat, c.shape)[:-1], chosen], -1)


def free_disk(folder: str) -> float:
    """Return how many bytes can still be written to a folder's disk."""
    return float(shutil.disk_usage(folder).free)
