"""Monitors: what a runner records in each step, and the recording it returns."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable
from typing import Any, NamedTuple, cast

import jax.numpy as jnp
import numpy as np
import pint

from simcore import Module, Population, memory, units
from simcore.clock import as_time
from simcore.units import NUMBER, Dimension

SPIKES = ("spike", "spike_events", "spike_count")


class SpikeEvents(NamedTuple):
    """Spikes as events: their times, (n,), and the neurons, (n,), or (n, ndim) for populations of more axes."""

    times: pint.Quantity
    indices: np.ndarray


class Recording(dict[str, Any]):
    """What a run recorded, by monitor name, with the times `ts`; items are attributes too."""

    def __getattr__(self, name: str) -> Any:
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
    """One thing to record: a state, the spikes of a node, or a function of the model."""

    name: str
    kind: str  # "state", "spike", "spike_events", "spike_count" or "call"
    path: str  # of the state, or of the node that spikes
    index: tuple[int, ...] | None = None
    function: Callable[[Module], Any] | None = None

    def value(self, model: Module) -> Any:
        """Return what is recorded after a step; called with the bound model."""
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


def read_monitors(target: Module, monitors: Any) -> tuple[Monitor, ...]:
    """Return the monitors a user asked for: names, dotted paths, (name, indices), functions; a list or a dict.

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


def _indices(name: str, chosen: Any, size: int) -> tuple[int, ...]:
    """Return which neurons are meant by an index, a list, a slice or a mask."""
    try:
        return tuple(int(i) for i in np.atleast_1d(np.arange(size)[chosen]))
    except (IndexError, TypeError) as err:
        raise ValueError(f"monitors: {name!r} has {size} neurons; {chosen!r} does not fit: {err}.") from err


class Tape:
    """Collects the chunks of one run on the host."""

    def __init__(
        self, target: Module, monitors: tuple[Monitor, ...], dims: dict[str, Dimension], shapes: Any, steps: int
    ) -> None:
        self.monitors, self.dims, self.target = monitors, dims, target
        self.shapes = {m.name: shapes[m.name] for m in monitors}
        self.dense = [m for m in monitors if m.kind not in ("spike_count", "spike_events")]
        self._check_memory(steps)
        self.arrays = {m.name: np.empty((steps, *shapes[m.name].shape), shapes[m.name].dtype) for m in self.dense}
        self.events: dict[str, list[np.ndarray]] = {m.name: [] for m in monitors if m.kind == "spike_events"}
        self.shape_of = {m.name: m.spike_shape(target) for m in monitors if m.kind == "spike_events"}
        self.counts = {m.name: np.zeros(shapes[m.name].shape, np.int64) for m in monitors if m.kind == "spike_count"}
        self.done = 0

    def _check_memory(self, steps: int) -> None:
        size = {m.name: steps * int(np.prod(self.shapes[m.name].shape)) * self.shapes[m.name].dtype.itemsize
                for m in self.dense}  # fmt: skip
        if size:
            largest = max(size, key=lambda k: size[k])
            cure = (f"; {largest!r} takes most: record some of the neurons, ({largest!r}, [0, 1, 2]), or "
                    "'spike_events' instead of 'spike', or run in several parts")  # fmt: skip
            memory.require(sum(size.values()), "the monitors", cure)

    def add(self, recorded: Any, n: int) -> None:
        """Append the first n steps of a chunk."""
        dense, counts, (numbers, _, ends) = recorded
        for name, rows in dense.items():
            self.arrays[name][self.done : self.done + n] = np.asarray(rows[:n] if n < len(rows) // 2 else rows)[:n]
        for name, count in counts.items():
            self.counts[name] += np.asarray(count)
        if self.shape_of:
            sizes = [int(np.prod(shape)) for shape in self.shape_of.values()]
            total = sum(sizes)
            key = np.uint32 if n * total < 2**32 else np.uint64  # sorting short ones takes half the time
            steps = np.repeat(np.arange(n, dtype=key), np.diff(np.asarray(ends)[:n], prepend=np.uint32(0)))
            # In one number, sorted by time and neuron: a step's spikes come in the order of the packed words.
            joined = np.sort(steps * key(total) + np.asarray(numbers)[: steps.size])
            for name, size, first in zip(self.shape_of, sizes, np.cumsum([0, *sizes]), strict=False):
                own = joined
                if len(sizes) > 1:
                    number = joined % key(total) - key(first)  # below `first` it wraps around, far above `size`
                    mine = number < key(size)
                    own = (joined[mine] // key(total)) * key(size) + number[mine]
                self.events[name].append(own.astype(np.int64) + self.done * size)
        self.done += n

    def recording(self, first: int, dt: float, t0: float) -> Recording:
        """Return what has been recorded, with units; step i's values belong to t0 + (i + 1) dt."""
        ts = t0 + (first + 1 + np.arange(self.done)) * dt
        mon = Recording(ts=as_time(ts))
        for monitor in self.monitors:
            name = monitor.name
            if name in self.counts:
                mon[name] = self.counts[name]
            elif name in self.events:
                steps, indices = self._unravel(monitor)
                mon[name] = SpikeEvents(as_time(ts[steps]), indices)
            else:
                mon[name] = self._with_unit(monitor, self.arrays[name][: self.done])
        return mon

    def _unravel(self, monitor: Monitor) -> tuple[np.ndarray, np.ndarray]:
        """Return the steps of all spikes, and the neurons: numbers, or rows of them for several axes."""
        shape = self.shape_of[monitor.name]
        joined = np.concatenate([np.zeros(0, int), *self.events[monitor.name]])
        steps = joined // int(np.prod(shape))  # numpy's divmod takes five times as long
        flat = joined - steps * int(np.prod(shape))
        last = flat if len(shape) == 1 else flat % shape[-1]
        chosen = last if monitor.index is None else np.array(monitor.index)[last]  # back to the neurons' numbers
        return steps, chosen if len(shape) == 1 else np.stack([*np.unravel_index(flat, shape)[:-1], chosen], -1)

    def _with_unit(self, monitor: Monitor, array: np.ndarray) -> Any:
        if monitor.kind == "spike":
            return array
        if monitor.kind == "state":
            return units.from_kernel(array, self.target.states()[monitor.path].unit)
        dim = self.dims[monitor.name]
        return array if dim == NUMBER else units.from_kernel(array, units.kernel_unit(dim))
