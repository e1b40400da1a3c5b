"""Batches: the points of one program, run so many at a time."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, PartitionSpec

from simcore import memory
from simcore.step import pure as step
from simcore.step.answers import answered_leaks
from simcore.step.fitted import Fitted

from .. import soundness
from ..loop import Program, checked, program_of
from ..record.lasting import of_doubtful
from ..record.recorders import Running
from ..record.sharing import Sharing
from .points import Points

# What is known of each point beside its measures: 1 + the number of the state at fault, or 0; the room it needs.
FAULT, ROOM = "fault of a point", "room for "
# States, parameters and measures of a batch: on a CPU they stay in its first cache; elsewhere a part of the memory.
CPU_BYTES = 2**15
DEVICE_SHARE = 0.25
# A batch is a multiple of so many numbers: the loop over them has no remainder, which might round in another way.
LANES = 32
ALONE = 2**13  # points of so many numbers fill the cache of a CPU: one at a time, they need no company
# Values of the states times steps in one call: what is lost when a run is interrupted, and how often the bar moves.
MAX_WORK = 2 * 10**9
MAX_INPUT_BYTES = 2**26


@functools.partial(jax.jit, static_argnums=(0, 1), compiler_options={"xla_cpu_prefer_vector_width": 512})
def advance_points(
    program: Program, devices: tuple[Any, ...], shared: Any, each: Any, totals: Any, clock: Any, positions: Any, n: Any
) -> Any:
    """Run a batch of points by n steps; return their states, totals and last spikes, and which states are at fault.

    `shared` and `each` hold the parameters, inputs and seed that all points share, and those of each: (batch, ...), of
    inputs (steps, batch, ...), so that those of a step lie together.
    `positions` is where the recorders stand.
    """

    def of_points(shared: Any, each: Any, totals: Any, clock: Any, positions: Any, n: Any) -> Any:
        def together(point: Any) -> tuple[Any, Any, Any]:
            params, inputs, seed = (shared[k] | point[k] for k in ("params", "inputs", "seed"))
            return params, inputs, clock | seed

        def prepare(states: Any, point: Any) -> Any:
            params, inputs, now = together(point)
            return program.prepare(params, states, inputs, now)

        sharing = Sharing(program.recorders, totals)

        def one(states: Any, carried: Any, point: Any, prepared: Any, k: Any) -> Any:
            params, inputs, now = together(point)
            states, row = program.one_step(params, states, inputs, now, prepared, k)
            measures = zip(program.recorders, sharing.of_each(carried), row, positions, strict=True)
            return states, sharing.once([r.add(total, value, k, position) for r, total, value, position in measures])

        def ended(states: Any, point: Any, prepared: Any) -> Any:
            params, _, now = together(point)
            spikes = program.spikes(params, states, now, prepared, n - 1)
            return spikes, soundness.at_fault(program.structure.model, states, spikes)

        states, each = each["states"], {k: v for k, v in each.items() if k != "states"}
        axes = dict.fromkeys(each, 0) | {"inputs": jax.tree.map(_axis_of_points, each["inputs"])}
        prepared = jax.vmap(prepare, (0, axes))(states, each)
        every = jax.vmap(one, (0, 0, axes, 0, None))
        start = states, sharing.once(totals)
        states, carried = jax.lax.fori_loop(0, n, lambda k, c: every(c[0], c[1], each, prepared, k), start)
        return states, sharing.of_each(carried), *jax.vmap(ended, (0, axes, 0))(states, each, prepared)

    mesh = Mesh(np.array(devices), ("points",))
    points, all_of = PartitionSpec("points"), PartitionSpec()
    inputs = jax.tree.map(lambda x: PartitionSpec(*[None] * _axis_of_points(x), "points"), each["inputs"])
    of_each = dict.fromkeys(each, points) | {"inputs": inputs}
    mapped = jax.shard_map(of_points, mesh=mesh, in_specs=(all_of, of_each, points, all_of, all_of, all_of),
                           out_specs=points, check_vma=False)  # fmt: skip
    return mapped(shared, each, totals, clock, positions, n)


def _axis_of_points(inputs: Any) -> int:
    """Return the axis of the points in inputs of each: the time, where there is one, comes before."""
    return min(1, inputs.ndim - 1)


class Finished(NamedTuple):
    """A batch that has run.

    Attributes:
        which: its points, numbers within the job.
        values: what is known of each, by name: the measures, and what `settled` tells of.
        told: by number of the point in the design, what fails there and when.
    """

    which: np.ndarray
    values: dict[str, np.ndarray]
    told: dict[int, str]


class Batches:
    """The points of one program, and how they run in batches.

    Args:
        points: what differs between them.
        recorders: of the measures, fitted to the run.
        steps: of the run.
        t0: the time of its begin, ms.
    """

    def __init__(self, points: Points, recorders: tuple[Running, ...], steps: int, t0: float) -> None:
        self.points, self.recorders, self.steps, self.t0 = points, recorders, steps, t0
        model, signal, dt = points.model, points.signal, points.dt
        fitted = Fitted(model, dt)
        self.shared_params = {k: v for k, v in fitted.params().items() if k not in points.params}
        # Where all points have one, they have the same random numbers, which are drawn once.
        self.shared_seed = {"seed": points.seeds[0]} if (points.seeds == points.seeds[0]).all() else {}
        short = [n for n in points.input_lengths() if n is not None and n < steps]
        if short:
            raise ValueError(f"Sweep: the duration, {steps * dt:.10g} ms, is longer than an input, "
                             f"which lasts {min(short) * dt:.10g} ms.")  # fmt: skip
        self.watch = of_doubtful(fitted.structure)
        self.lasting: dict[str, None] = {}  # the neurons without reset that spiked in successive steps, by name
        self.program = program_of(fitted, (*recorders, *self.watch), signal)
        self.devices = tuple(jax.local_devices())
        channels, values = checked(self.program, fitted, signal)
        self.states = tuple(k for k, v in points.starts.items() if jnp.issubdtype(v.dtype, jnp.floating))
        self._has_told = False
        self.channels = {c.name: c for c in channels}
        self.totals = tuple(r.start(v) for r, v in zip(self.program.recorders, values, strict=True))
        self.result_units = {name: getattr(result, "units", None) for name, result in self.results(self.totals).items()}

    def results(self, totals: Any) -> dict[str, Any]:
        """Return what the measures say, by name."""
        clock = self.points.dt, self.t0
        return {r.name: r.result(total, self.channels[r.name], (0, self.steps), clock)
                for r, total in zip(self.recorders, totals, strict=False)}  # fmt: skip

    def forms(self) -> dict[str, tuple[tuple[int, ...], np.dtype[Any]]]:
        """Return the shape and type of the result of a point, by measure."""
        one = jax.tree.map(lambda x: np.asarray(jnp.asarray(x))[None], self.totals)  # as they come back from a batch
        rows = self._rows(one, dict.fromkeys(self.states, np.zeros(1, bool)), 1)
        return {name: (array.shape[1:], array.dtype) for name, array in rows.items()}

    def _rows(self, totals: Any, at_fault: dict[str, Any], n: int) -> dict[str, np.ndarray]:
        """Return what is known of each of n points: its measures by name, and what `settled` tells of."""
        arrays = {name: np.asarray(getattr(v, "magnitude", v)) for name, v in self.results(totals).items()}
        arrays |= {f"{ROOM}{name}": room for name, room in self.room_needed(totals).items()}
        fault = np.zeros(n, int)
        for k, path in enumerate(self.states, 1):
            if at_fault[path].any():
                fault[at_fault[path] & (fault == 0)] = k
        return arrays | {FAULT: fault}

    def room_needed(self, totals: Any) -> dict[str, np.ndarray]:
        """Return how much room each point needs in the measures that have a room, by name."""
        each = {r.name: r.ready.room_needed(total) for r, total in zip(self.recorders, totals, strict=False)}
        return {name: np.asarray(v).reshape(len(v), -1).max(1) for name, v in each.items() if v is not None}

    # ---------------------------------------------------------------- sizes

    def _input_rows(self) -> int:
        """Return how many steps of the input a call takes."""
        row = max((s.bytes_per_step() for s in self.points.signals), default=0)
        size = row * (1 if self.points.drives is None else self._size_limit)
        return self.steps if not size else int(np.clip(MAX_INPUT_BYTES // size, 16, max(self.steps, 16)))

    def _size(self, wanted: int | None, n_points: int) -> int:
        """Return the points of a batch: a multiple of the devices, and of the lanes where it is not a whole number."""
        points, devices = self.points, len(self.devices)
        carried = Sharing(self.program.recorders, self.totals).once(self.totals)
        leaves = [np.asarray(v) for v in (*points.begin().values(), *carried)]
        total, platform = sum(v.size for v in leaves), self.devices[0].platform
        if platform == "cpu" and (total >= ALONE or n_points == 1):
            return devices
        unit = LANES // math.gcd(LANES, *(v.size for v in leaves if v.dtype.kind == "f")) * devices
        if wanted is None:
            each = 4 * (total + sum(v[0].size for v in points.params.values()) + len(points.levels) + 1)
            each = max(each, 1) * jnp.zeros(()).dtype.itemsize // 4
            room = CPU_BYTES if platform == "cpu" else DEVICE_SHARE * _device_memory(self.devices[0])
            wanted = max(1, int(room // each)) * devices
        return -(-min(wanted, n_points) // unit) * unit

    # ---------------------------------------------------------------- running

    def blocks(self, batch_size: int | None) -> list[np.ndarray]:
        """Return all points (numbers within the job) in blocks of a batch: the same ones in every process."""
        n = len(self.points.index)
        return np.split(np.arange(n), range(self._size(batch_size, n), n, self._size(batch_size, n)))

    def batches(self, todo: np.ndarray, batch_size: int | None) -> Iterator[Finished]:
        """Run the points `todo` (numbers within the job); yield each batch as it is finished."""
        if not len(todo):
            return
        size = self._size_limit = self._size(batch_size, len(self.points.index))
        each = sum(np.asarray(v).nbytes for v in jax.tree.leaves((self.points.begin(), self.totals)))
        memory.require(2 * size * each, f"a batch of {size} points", "; set a smaller batch_size")
        running = None
        for first in range(0, len(todo), size):
            chosen = todo[first : first + size]
            padded = np.concatenate([chosen, np.full(size - len(chosen), chosen[-1])])
            started = chosen, self.run(padded)
            if running is not None:
                yield self._finish(*running)
            running = started  # the device works on it while the host keeps the one before
        yield self._finish(*running)  # type: ignore[misc]

    def _finish(self, chosen: np.ndarray, ended: tuple[Any, ...]) -> Finished:
        """Return the results of a batch."""
        n = len(chosen)
        _, totals, _, at_fault = ended  # states and spikes stay where they are
        totals, at_fault = jax.tree.map(lambda x: np.asarray(x)[:n], (totals, at_fault))
        for recorder, total in zip(self.watch, totals[len(self.recorders) :], strict=True):
            self.lasting.update(dict.fromkeys(recorder.lasting(total)))
        values, told = self._rows(totals, at_fault, n), {}
        if values[FAULT].any() and not self._has_told:
            self._has_told, first = True, int(chosen[np.argmax(values[FAULT] > 0)])
            told = {int(self.points.index[first]): self._first_failure(first)}
        return Finished(chosen, values, told)

    def _first_failure(self, point: int) -> str:
        """Return what fails first at a point (a number within the job), and when: by bisection."""
        which = np.full(self._size_limit, point)  # as many as in a batch: nothing is compiled
        states, sound, failed = None, 0, self.steps
        while failed - sound > 1:
            middle = (sound + failed) // 2
            after, _, _, at_fault = self.run(which, sound, middle, states)
            if any(bad[0] for bad in at_fault.values()):
                failed = middle
            else:
                sound, states = middle, {k: np.asarray(v) for k, v in after.items()}  # as at a start
        states, _, spikes, at_fault = self.run(which, sound, failed, states)
        if not any(bad[0] for bad in at_fault.values()):
            return ""  # on a GPU sums may be in another order, and it does not fail again
        states, spikes = ({k: np.asarray(v[0]) for k, v in arrays.items()} for arrays in (states, spikes))
        return soundness.describe(self.points.model, states, spikes, failed - 1, self.t0 + failed * self.points.dt)

    def run(self, which: np.ndarray, first: int = 0, last: int | None = None, states: Any = None) -> tuple[Any, ...]:
        """Start a batch, of the whole run or of some steps; return what `advance_points` does at its end."""
        points, last = self.points, self.steps if last is None else last
        start = points.start[which]
        each: dict[str, Any] = {
            "params": {k: step.as_float(v[which]) for k, v in points.params.items()},
            "states": states or {k: v[start if len(v) > 1 else 0 * start] for k, v in points.starts.items()},
            "seed": {} if self.shared_seed else {"seed": points.seeds[which]},
        }
        totals = jax.tree.map(lambda x: np.broadcast_to(np.asarray(x), (len(which), *x.shape)), self.totals)
        work = sum(np.size(v) for v in each["states"].values())
        capacity = min(self._input_rows(), max(256, MAX_WORK // max(work, 1)), max(self.steps, 1))
        ended: tuple[Any, ...] = ()
        for done in range(first, last, capacity):
            n = min(capacity, last - done)
            shared_inputs, each["inputs"] = self._inputs(which, done, n, capacity)
            clock = {k: v for k, v in step.clock_arrays(done, points.dt, self.t0, 0).items() if k != "seed"}
            shared = {"params": self.shared_params, "inputs": shared_inputs, "seed": self.shared_seed}
            positions = tuple(r.position(done, 0) for r in self.program.recorders)
            with answered_leaks(points.model.name):
                ended = advance_points(self.program, self.devices, shared, each, totals, clock, positions, np.int32(n))
            each["states"], totals, *_ = ended
        return ended

    def _inputs(self, which: np.ndarray, done: int, n: int, capacity: int) -> tuple[Any, Any]:
        points = self.points
        if points.drives is None:
            shared, _ = step.signal_arrays(points.signal, done, n, capacity, points.dt)
            return {k: v for k, v in shared.items() if k not in points.levels}, {
                k: step.as_float(v[which]) for k, v in points.levels.items()
            }
        used, row = np.unique(points.drive[which], return_inverse=True)
        each = [step.signal_arrays(points.drives[d], done, n, capacity, points.dt)[0] for d in used]
        return {}, {k: np.stack([each[d][k] for d in row.reshape(-1)], min(1, v.ndim)) for k, v in each[0].items()}


def _device_memory(device: Any) -> float:
    stats = device.memory_stats() or {}
    return stats.get("bytes_limit", memory.available()) - stats.get("bytes_in_use", 0)
