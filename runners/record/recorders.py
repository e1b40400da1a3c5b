"""Recorders: what monitors make of each step, in the compiled loop and between its chunks. A new kind of monitor is one
class here or elsewhere, and a name in `monitors.SPIKE_RECORDERS` if users ask for it by name."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from simcore import Module, units
from simcore.step.answers import answered
from simcore.step.context import current
from simcore.step.fitted import Fitted

from ..devices.place import Place, joined
from ..labelled.array import Labelled
from ..measure.base import QUANTILE, Measure
from ..observables import Observable, SpikesOf
from ..schedule import Schedule
from .base import Array, Chunk, Recorder
from .channels import Channel, RowsChannel, TotalChannel

Places = Callable[[Observable], list[Place]]


@dataclasses.dataclass(frozen=True)
class OfOne(Recorder):
    """Base of recorders of one observable."""

    name: str
    observable: Observable
    every: int | None = None  # None: no schedule, each step
    schedule: Schedule | None = dataclasses.field(default=None, compare=False)  # a changed window compiles nothing

    def fit(self, schedule: Schedule | None, steps: int, dt: float) -> Recorder:
        return dataclasses.replace(self, every=None if schedule is None else schedule.every, schedule=schedule)

    def begins_at(self, i: int) -> bool:
        """Return whether it wants the value before step i as the first one."""
        return self.schedule is not None and self.schedule.initial and self.schedule.start == i

    def skips_steps(self) -> bool:
        """Return whether it keeps the values of some steps only."""
        return (self.every or 1) > 1

    def read(self, model: Module) -> Any:
        step = current()
        step.spikes_read = False
        value = self.observable.value(model)
        if step.spikes_read and self.skips_steps():
            raise ValueError(
                f"{self.name!r} is of spikes, those of each step: 'every' would miss the ones between. Leave 'every' "
                "out, or take 'spike_events', 'spike_count' or sc.measure.firing_rate."
            )
        return value

    def functions(self) -> tuple[Any, ...]:
        return self.observable.functions()

    def of_part(self, places: Places) -> Recorder:
        place = places(dataclasses.replace(self.observable, index=None))[0]
        return dataclasses.replace(self, observable=self.observable.of_part(place.shape, place.room))

    def part_of(self, total: Any, value: Any, places: Places) -> list[Any]:
        axes = len(value.shape)

        def cut(place: Place, leaf: Any) -> Any:
            return place.cut(leaf) if axes and np.shape(leaf)[-axes:] == value.shape else leaf

        return [jax.tree.map(functools.partial(cut, place), total) for place in places(self.observable)]

    def channel(self, kind: type[Channel], fitted: Fitted, value: Any, dimension: Any) -> Channel:
        """Return its channel, of that kind."""
        unit, dtype, shape = self.observable.unit(fitted, dimension), np.dtype(value.dtype).str, tuple(value.shape)
        dims = self.observable.dims(fitted, shape)
        return kind(self.name, unit, shape, dtype, self.schedule, self.observable.index, dims)

    def position(self, i: int, first: int) -> Any:
        """Return, in steps of the chunk, where its window begins and ends; and the samples before the chunk."""
        if self.schedule is None:
            return ()
        start, stop = self.schedule.origin, self.schedule.stop
        return np.int32(start - i), np.int32(stop - i), np.int32(self.schedule.samples(i))

    def inside(self, spikes: Array, k: Array, position: Any) -> Array:
        """Return the spikes (bool) of the k-th step where it is in the window, else none."""
        if self.every is None:
            return spikes
        begin, end, _ = position
        return spikes & (begin <= k) & (k < end)


class Rows(OfOne):
    """A row for each step, or for each window of `every`."""

    def merged(self, carries: list[Any], value: Any, places: Places, n: int) -> Any:
        return joined(places(self.observable), carries, (len(carries[0]), *value.shape))

    def channels(self, fitted: Fitted, value: Any, dimension: Any) -> list[Channel]:
        return [self.channel(RowsChannel, fitted, value, dimension)]

    def begin(self, total: Any, value: Any, capacity: int, at_once: int = 1) -> Any:
        rows = capacity if self.every is None else (capacity - 1) // self.every + 2
        return jnp.zeros((rows, *value.shape), value.dtype)

    def add(self, carry: Any, value: Any, k: Array, position: Any) -> Any:
        row = k
        if self.every is not None:  # of its window, whose last value stays: without a branch
            begin, end, before = position
            row = jax.lax.div(jnp.clip(k, begin, end) - begin, jnp.int32(self.every)) - before
        return jax.lax.dynamic_update_index_in_dim(carry, value, row, 0)

    def drain(self, total: Any, carry: Any, chunk: Chunk) -> Any:
        channel: Any = chunk.channels[self.name]
        rows = channel.of_steps(chunk.i, chunk.i + chunk.n)
        values = np.asarray(carry)[:rows]  # a slice of a JAX array would be compiled for each length
        if chunk.n and self.name in chunk.initial:
            values = np.concatenate([np.asarray(chunk.initial[self.name])[None], values])
        chunk.append(self.name, values if channel.unit is None else units.from_kernel(values, channel.unit).magnitude)
        return total

    def n_spikes(self, item: Any) -> int | None:
        return int(np.sum(item)) if isinstance(self.observable, SpikesOf) else None


class Counts(OfOne):
    """The number of spikes. In a chunk it is of 16 bits; between chunks, on the host, of 64."""

    def merged(self, carries: list[Any], value: Any, places: Places, n: int) -> Any:
        return joined(places(self.observable), carries, value.shape)

    def channels(self, fitted: Fitted, value: Any, dimension: Any) -> list[Channel]:
        return [self.channel(TotalChannel, fitted, value, dimension)]

    def start(self, value: Any) -> Any:
        return np.zeros(value.shape, np.int64)

    def begin(self, total: Any, value: Any, capacity: int, at_once: int = 1) -> Any:
        return jnp.zeros(value.shape, jnp.uint16)

    def add(self, carry: Any, value: Any, k: Array, position: Any) -> Any:
        return carry + self.inside(value, k, position)

    def drain(self, total: Any, carry: Any, chunk: Chunk) -> Any:
        return total + np.asarray(carry)

    def item(self, total: Any, channel: Channel, steps: tuple[int, int], clock: tuple[float, float]) -> Labelled:
        return Labelled(self.name, channel.dims, channel.coordinates(), total)

    def n_spikes(self, item: Any) -> int | None:
        return int(np.sum(item))


@dataclasses.dataclass(frozen=True)
class Running(OfOne):
    """A measure. What it reads is in `observable`; a program depends on the measure without options: `fitted`."""

    measure: Measure = dataclasses.field(kw_only=True, compare=False)
    fitted: Measure | None = dataclasses.field(kw_only=True, default=None)

    def functions(self) -> tuple[Any, ...]:
        return *self.observable.functions(), type(self.measure)

    def fit(self, schedule: Schedule | None, steps: int, dt: float) -> Running:
        measure, every = self.measure, None if schedule is None else schedule.every
        if extra := vars(measure).keys() - {field.name for field in dataclasses.fields(measure)}:
            raise TypeError(f"{measure.who}: {min(extra)!r} is no field of it; a measure with options is a "
                            "frozen dataclass of its own.")  # fmt: skip
        n = steps if schedule is None else schedule.samples(steps)
        fitted = measure.fit(n, (every or 1) * dt).without_options()
        try:
            hash(fitted)
        except TypeError as err:
            raise TypeError(f"{measure.who}: {err}; its fit() must turn options into numbers, texts and "
                            "tuples of these.") from err  # fmt: skip
        return dataclasses.replace(self, fitted=fitted, every=every, schedule=schedule)

    def of_part(self, places: Places) -> Recorder:
        if not self.measure.of_neurons:
            raise NotImplementedError(
                f"{self.measure.who} is one number of all neurons, of which each of several devices has some; leave "
                "'devices' out, or record what it is made of."
            )
        return super().of_part(places)

    def merged(self, carries: list[Any], value: Any, places: Places, n: int) -> Any:
        def whole(shape: Any, *parts: Any) -> Any:
            shape = np.shape(shape)  # what is not of the neurons is the same in each part
            return parts[0] if np.shape(parts[0]) == shape else joined(places(self.observable), parts, shape)

        return jax.tree.map(whole, self.start(value), *carries)

    @property
    def ready(self) -> Measure:
        """The measure, fitted to a run."""
        assert self.fitted is not None
        return self.fitted

    def channels(self, fitted: Fitted, value: Any, dimension: Any) -> list[Channel]:
        batched = any(node.batch_size() is not None for node in fitted.nodes.values())
        if batched and (self.measure.over or not self.measure.of_neurons):
            raise ValueError(f"{self.measure.who}: one number of all neurons would mix the batch of "
                             f"{fitted.model.name}; run it without a batch, or as a sweep over 'seed'.")  # fmt: skip
        return [self.channel(TotalChannel, fitted, value, dimension)]

    def start(self, value: Any) -> Any:
        return self.ready.begin(value)

    def position(self, i: int, first: int) -> Any:
        """Return the step of the recording at which the chunk begins; or where its window is, and what came before."""
        if self.schedule is None:
            return np.int32(i - first)
        start, stop = self.schedule.start, self.schedule.stop
        return np.int32(start - i), np.int32(stop - i), np.int32(self.schedule.samples(first))

    def add(self, carry: Any, value: Any, k: Array, position: Any) -> Any:
        with answered():
            if self.every is None:
                return self.ready.add(carry, value, position + k)
            begin, end, before = position
            sample = jax.lax.div(k - begin, jnp.int32(self.every))
            counts = (begin <= k) & (k < end) & (k - begin == (sample + 1) * self.every - 1)
            return self.ready.add_if(counts, carry, value, sample - before)

    def names_of_carried(self, carry: Any) -> list[Hashable]:
        kind = self.ready.kind_of_carry()
        if kind is None or self.every is not None:  # windows may differ in one program
            return super().names_of_carried(carry)
        return [(kind, self.observable, jax.tree_util.keystr(path)) for path, _ in jax.tree.leaves_with_path(carry)]

    def samples(self, steps: tuple[int, int], clock: tuple[float, float]) -> tuple[int, float, float]:
        """Return how many steps of a recording count, the time between two of them, and when they begin (ms)."""
        (first, last), (dt, t0) = steps, clock
        if self.schedule is None:
            return last - first, dt, t0 + first * dt
        every, before = self.schedule.every, self.schedule.samples(first)
        return self.schedule.samples(last) - before, every * dt, t0 + (self.schedule.start + before * every) * dt

    def result(self, total: Any, channel: Channel, steps: tuple[int, int], clock: tuple[float, float]) -> Any:
        """Return the value of the measure; arguments as of `item`, but that there may be several totals in one."""
        n, dt, begin = self.samples(steps, clock)
        unit = channel.unit or "dimensionless"
        value = self.ready.result(jax.tree.map(np.asarray, total), n, dt, begin, unit)
        return self.measure.reduced(value if n else blank(value), len(channel.shape))

    def coordinates(
        self, of_neurons: Sequence[str], sizes: Sequence[int], channel: Channel, steps: tuple[int, int], clock: Any
    ) -> dict[str, dict[str, Any]]:
        """Return the coordinates of the axes of a value, by dimension.

        Args:
            of_neurons: the names of the axes that stand for the neurons.
            sizes: of all axes.
            channel: its own; steps and clock as for `item`.
        """
        measure, (_, dt, begin) = self.measure, self.samples(steps, clock)
        dims = [*measure.leading, *of_neurons, *measure.trailing]
        coords = {}
        for dim, size in zip(dims, sizes, strict=True):
            if dim not in of_neurons:
                coords[dim] = self.ready.places(size, dt, begin)
            elif dim == QUANTILE:
                coords[dim] = np.array(measure.reduce)
            elif channel.index is not None and dim == of_neurons[-1]:  # the axis that indices are about
                coords[dim] = np.array(channel.index)
            else:
                coords[dim] = np.arange(size)
        return {dim: {dim: of_dim} for dim, of_dim in coords.items()}

    def item(self, total: Any, channel: Channel, steps: tuple[int, int], clock: tuple[float, float]) -> Labelled:
        value, measure = self.result(total, channel, steps, clock), self.measure
        of_each = measure.over is None and measure.of_neurons
        of_neurons = channel.dims if of_each else tuple(measure.neuron_axes(len(channel.shape)))
        sizes = np.shape(value)
        if len(sizes) != len((*measure.leading, *of_neurons, *measure.trailing)):  # one of a user's own, without names
            axes = {f"axis_{k}": {f"axis_{k}": np.arange(n)} for k, n in enumerate(sizes)}
            return Labelled(self.name, tuple(axes), axes, value)
        coords = self.coordinates(of_neurons, sizes, channel, steps, clock)
        return Labelled(self.name, tuple(coords), coords, value)


def blank(value: Any) -> Any:
    """Return nan in the place of what is no count."""
    is_float = np.asarray(getattr(value, "magnitude", value)).dtype.kind == "f"
    return value * np.nan if is_float else value
