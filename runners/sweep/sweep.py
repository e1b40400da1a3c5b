"""Sweep: many runs of one model that differ in parameters, inputs, initial states or seeds, as one batched program."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import math
import os
import sys
import warnings
import weakref
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, PartitionSpec

from simcore import Module, Signal, distributed, memory, units
from simcore.module.structure import Structure
from simcore.step import context
from simcore.step import pure as step
from simcore.step.answers import answered_leaks
from simcore.step.check import check_driven
from simcore.step.signal import as_signal
from simcore.units.clock import milliseconds, n_steps, time_step

from ..measure import Measure, as_measure
from ..record.monitors import Monitor
from .design import read_over
from .points import Axes, Points
from .result import Labelled, SweepResult

# States, parameters and measures of a batch: on a CPU they stay in its first cache; elsewhere a part of the memory.
CPU_BYTES = 2**15
DEVICE_SHARE = 0.25
# A batch is a multiple of so many numbers: the loop over them has no remainder, which might round in another way.
LANES = 32
LARGE = 2**16  # of so many numbers a point, the remainder is not worth the memory of more points
# Values of the states times steps in one call: what is lost when a run is interrupted, and how often the bar moves.
MAX_WORK = 2 * 10**9
MAX_INPUT_BYTES = 2**26


@dataclasses.dataclass(frozen=True)
class Program:
    """What the compiled program depends on besides the arrays: equal programs are compiled once."""

    structure: Structure
    monitors: tuple[Monitor, ...]
    measures: tuple[Measure, ...]
    signal_key: Hashable
    devices: tuple[Any, ...]
    signal_of: Callable[[], Signal | None] = dataclasses.field(compare=False)  # weak: a cached program keeps no samples

    def call(self, model: Module, x: Any) -> dict[str, Any]:
        """Drive the bound model by one step and return what the measures read."""
        step.with_signal(self.signal_of())(model, x)
        return {m.name: m.value(model) for m in self.monitors}


@functools.partial(jax.jit, static_argnums=0, compiler_options={"xla_cpu_prefer_vector_width": 512})
def advance(program: Program, shared: Any, own: Any, kept: Any, clock: Any, n: Any) -> Any:
    """Run a batch of points by n steps; return their states, and what their measures keep.

    `shared` and `own` hold the parameters and inputs that all points share, and those of each: (batch, ...).
    """

    def of_points(shared: Any, own: Any, kept: Any, clock: Any, n: Any) -> Any:
        def together(own: Any) -> tuple[Any, Any, Any]:
            return shared["params"] | own["params"], shared["inputs"] | own["inputs"], clock | {"seed": own["seed"]}

        def prepare(states: Any, own: Any) -> Any:
            params, inputs, now = together(own)
            now = step.context_at(now, {})
            return step.prepare(program.structure.model, program.call, params, states, (inputs, 0), now)

        def one(states: Any, kept: Any, own: Any, prepared: Any, k: Any) -> Any:
            params, inputs, now = together(own)
            env = step.context_at(now, prepared, k)
            states, rows = step.pure_step(program.structure.model, program.call, params, states, (inputs, k), env)
            kept = {
                m.name: measure.add(kept[m.name], rows[m.name], env.i)
                for m, measure in zip(program.monitors, program.measures, strict=True)
            }
            return states, kept

        states, own = own["states"], {k: v for k, v in own.items() if k != "states"}
        prepared = jax.vmap(prepare)(states, own)
        every = jax.vmap(one, (0, 0, 0, 0, None))
        return jax.lax.fori_loop(0, n, lambda k, at: every(at[0], at[1], own, prepared, k), (states, kept))

    mesh = Mesh(np.array(program.devices), ("points",))
    points, all_of = PartitionSpec("points"), PartitionSpec()
    mapped = jax.shard_map(of_points, mesh=mesh, in_specs=(all_of, points, points, all_of, all_of),
                           out_specs=points, check_vma=False)  # fmt: skip
    return mapped(shared, own, kept, clock, n)


class Sweep:
    """Runs a model at many points: every value is checked first, then all points run in one compiled program.

    Each point is the run that a fresh `DSRunner` makes of the model with these values, from its initial state.
    All points have the same noise, unless there is an axis "seed".

    Args:
        target: a neuron, layer or network; it does not change.
        over: names and values. A name is the dotted path of a parameter or state, "inputs" ("inputs.E" of a
            population), "dt", "seed" or an option like "method"; its values are a quantity (n,) or a list. All
            combinations run; `simcore.design` has points taken together, and random designs.
        measure: by name, what is computed in each run: `simcore.measure`, or a function of the model (its last value).
        inputs: the drive that all points share, as for a runner; or a function that makes it of arguments, which
            axes "inputs.NAME" sweep.
        dt: the time step; by default that of a waveform, else the environment's.
        t0: the time at which step 0 begins.
        seed: of the noise in the models.
        batch_size: how many points run at once; by default as many as fit into the cache or the memory.
        progress_bar: show one for sweeps that take longer than a second.

    Raises:
        DimensionalityError: a value has another dimension, or the equations do not fit.
        ValueError: a name is unknown, or a value violates a constraint, with the axis and the values.
    """

    def __init__(
        self,
        target: Module,
        over: Any,
        measure: dict[str, Any],
        inputs: Any = None,
        dt: Any = None,
        t0: Any = None,
        seed: int = 0,
        batch_size: int | None = None,
        progress_bar: bool = True,
    ) -> None:
        if not isinstance(target, Module):
            raise TypeError(f"Sweep needs a simcore Module to run, got {target!r}.")
        if not isinstance(measure, dict) or not measure:
            raise TypeError("Sweep: 'measure' must be a dict from names to measures, {'rate': sc.measure.firing_rate}.")
        if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
            raise ValueError(f"Sweep: 'seed' must be an int from 0 to 2**32 - 1, got {seed!r}.")
        if batch_size is not None and (not isinstance(batch_size, int) or batch_size < 1):
            raise ValueError(f"Sweep: 'batch_size' must be a positive int, got {batch_size!r}.")
        self.target, self.inputs, self.seed, self.batch_size, self.progress_bar = (
            target, inputs, seed, batch_size, progress_bar,
        )  # fmt: skip
        self.design = read_over(over)
        if taken := set(measure) & {*self.design.dims, *self.design.keys}:
            raise ValueError(f"Sweep: {taken.pop()!r} names an axis and a measure; give the measure another name.")
        self.measures = {name: as_measure(name, m) for name, m in measure.items()}
        target.ensure_state()
        for m in self.measures.values():
            m.reads(target)  # it refuses what is not there
        self._dt = None if dt is None else time_step(dt, "Sweep")
        self._t0 = 0.0 if t0 is None else milliseconds(t0, "Sweep: 't0'")
        swept = [v for axis in self.design.axes.values() for own in axis.values() if isinstance(own, list) for v in own]
        fixed = [] if callable(inputs) else [as_signal(inputs)]
        signal_dt = next((s.dt for s in (*fixed, *swept) if isinstance(s, Signal) and s.dt), None)
        self.axes = Axes(target, self.design, inputs, self._dt or signal_dt or context.default_dt(), seed)
        if callable(inputs) and self._dt is None:
            self.axes.dt = getattr(self.axes.signal(0, target), "dt", None) or self.axes.dt

    def run(self, duration: Any, store: Any = None) -> SweepResult:
        """Run all points and return the measures, labelled by the axes.

        Args:
            duration: how long each point runs.
            store: a folder where finished batches are kept; the same call goes on where an earlier one stopped.

        Returns:
            The measures by name: see `simcore.runners.result`.

        Raises:
            ValueError: the duration is not a whole number of steps, or the store belongs to another sweep.
            MemoryError: the results do not fit.
        """
        groups = list(self.axes.groups())
        jobs = [self._job(points, n_steps(duration, points.dt)) for points in groups]
        for name in self.measures:
            if len({str(jax.tree.map(np.shape, job.kept[name])) for job in jobs}) > 1:
                raise ValueError(f"Sweep: {name!r} has not the same shape at every dt; give it every=, a time.")
        n = self.design.n_points
        if n < jax.process_count():
            raise ValueError(f"Sweep: {n} points for {jax.process_count()} processes; there must be one for each.")
        share = distributed.own_share(n)
        found: dict[str, Any] = {}
        kept = None if store is None else Store(store, self._about(jobs, duration))
        with _progress(n, self.progress_bar) as bar:
            for job in jobs:
                done = (job.points.index < share.start) | (job.points.index >= share.stop)
                if kept is not None:
                    for which, values in kept.load(job.points.index):
                        _put(found, n, job.points.index[which], values)
                        done[which] = True
                bar(int(done.sum()))
                for which, values in job.batches(np.flatnonzero(~done), self.batch_size):
                    if kept is not None:
                        kept.save(job.points.index[which], values)
                    _put(found, n, job.points.index[which], values)
                    bar(len(which))
        found = {name: distributed.gathered(values[share], n) for name, values in found.items()}
        return self._labelled(found, jobs)

    def _job(self, points: Points, steps: int) -> Job:
        step.fit(points.model, points.dt)
        measures = {name: m.fit(steps, points.dt) for name, m in self.measures.items()}
        monitors = tuple(dataclasses.replace(m.reads(points.model), name=name) for name, m in self.measures.items())
        return Job(points, measures, monitors, steps, self._t0)

    def _labelled(self, found: dict[str, Any], jobs: list[Job]) -> SweepResult:
        design, results = self.design, {}
        coords = {dim: dict(design.axes[dim]) for dim in design.dims}
        for name, values in found.items():
            fitted = jobs[0].measures[name]
            neurons = jobs[0].shapes[name]
            unit = jobs[0].result_units[name]
            values = values.reshape(*design.shape, *values.shape[1:])
            dims, more = list(design.dims), dict(coords)
            lead = len(fitted.leading)
            if neurons == (1,):  # one neuron needs no axis
                values = np.squeeze(values, len(design.shape) + lead)
                neurons = ()
            names = [*fitted.leading, *_neuron_dims(len(neurons)), *fitted.trailing]
            sizes = values.shape[len(design.shape) :]
            chosen = next(m.index for m in jobs[0].monitors if m.name == name)
            last = _neuron_dims(len(neurons))[-1:]  # the axis that indices are about
            for dim, size in zip(names, sizes, strict=True):
                dims.append(dim)
                more[dim] = {dim: np.arange(size) if chosen is None or dim not in last else np.array(chosen)}
                if dim in (*fitted.leading, *fitted.trailing):
                    more[dim] = {dim: fitted.places(size, jobs[0].points.dt, self._t0)}
            results[name] = Labelled(name, tuple(dims), more, values if unit is None else units.attach(values, unit))
        return SweepResult(results)

    def _about(self, jobs: list[Job], duration: Any) -> dict[str, str]:
        """Return what makes this sweep another one than the next: names and digests of all arrays."""
        about = {
            "duration": f"{milliseconds(duration, 'duration'):.10g} ms",
            "model": " ".join(f"{path}:{type(node).__name__}" for path, node in self.target.nodes().items()),
            "axes": _said([(d, *_values_said(own)) for d, own in self.design.axes.items()]),
            "measures": _said([(k, dataclasses.replace(m, of=None), m.of) for k, m in self.measures.items()]),
            "precision": jnp.zeros(()).dtype.name,
            "seed": str(self.seed),
        }
        for k, job in enumerate(jobs):
            about[f"values of program {k}"] = job.digest()
            signal = job.points.signal
            about[f"program {k}"] = _said(
                (
                    job.points.dt,
                    self._t0,
                    [(p, o, getattr(n, o)) for p, n in job.points.model.nodes().items() for o in n.OPTIONS],
                    None if signal is None else signal.key,
                )
            )
        return about


def _values_said(axis: dict[str, Any]) -> list[Any]:
    """Return the names of an axis, with values that are no numbers: those are in the digests of the programs."""
    return [(key, values if isinstance(values, list) else len(values)) for key, values in axis.items()]


def _said(value: Any) -> str:
    """Return a text that is the same for the same values in another process; of functions, that of their code."""
    if isinstance(value, tuple | list):
        return f"({', '.join(_said(v) for v in value)})"
    if hasattr(value, "__code__"):
        code = value.__code__
        consts = [c for c in code.co_consts if not hasattr(c, "co_code")]
        return f"{value.__qualname__}:{hashlib.sha256(code.co_code).hexdigest()[:12]}{consts}{code.co_names}"
    text = repr(value)
    return type(value).__name__ if " at 0x" in text else text


def _neuron_dims(n: int) -> list[str]:
    return ["neuron"] if n == 1 else [f"neuron_{k}" for k in range(n)]


def _put(found: dict[str, Any], n: int, index: np.ndarray, values: dict[str, np.ndarray]) -> None:
    for name, rows in values.items():
        if name not in found:
            memory.require(n * rows[0].nbytes, f"the sweep's {name!r}", "; measure less, or fewer points at a time")
            found[name] = np.zeros((n, *rows.shape[1:]), rows.dtype)
        found[name][index] = rows


class Job:
    """The points of one program, and how they run in batches."""

    def __init__(
        self, points: Points, measures: dict[str, Measure], monitors: tuple[Monitor, ...], steps: int, t0: float
    ) -> None:
        self.points, self.measures, self.monitors, self.steps, self.t0 = points, measures, monitors, steps, t0
        model, signal, dt = points.model, points.signal, points.dt
        self.shared_params = {k: v for k, v in model.kernel_params().items() if k not in points.params}
        if signal is not None:
            model.check_input(signal.sample_shape)
            lasts = [s.n_steps(dt) for s in points.drives or [signal]]
            short = [n for n in lasts if n is not None and n < steps]
            if short:
                raise ValueError(f"Sweep: the duration, {steps * dt:.10g} ms, is longer than an input, "
                                 f"which lasts {min(short) * dt:.10g} ms.")  # fmt: skip
        key = None if signal is None else (type(signal), signal.key)
        devices = tuple(jax.local_devices())
        signal_of = (lambda: None) if signal is None else weakref.ref(signal)
        kept = tuple(dataclasses.replace(m, of=None) for m in measures.values())  # the monitors know of what
        self.program = Program(model.structure(), monitors, kept, key, devices, signal_of)
        arrays, dims = step.signal_arrays(signal, 0, 0, 1, dt)
        states = step.raw_states(model)
        own = states, model.kernel_params()
        out_dims, rows = check_driven(model, self.program.call, signal, arrays, dims, dt, *own)
        self.starts = {k: np.stack([start[k] for start in points.starts]) for k in points.starts[0]}
        self.shapes = {name: rows[name].shape for name in measures}
        self.kept = {name: m.start(rows[name]) for name, m in measures.items()}
        self.read_units = {m.name: _unit_read(m, model, out_dims) for m in monitors}
        self.result_units = {
            name: getattr(self._result(name, jax.tree.map(np.asarray, self.kept[name])), "units", None)
            for name in measures
        }
        self.result_units = {k: None if u is None else f"{u}" for k, u in self.result_units.items()}

    def _result(self, name: str, kept: Any) -> Any:
        measure = self.measures[name]
        return measure.result(kept, self.steps, self.points.dt, self.t0, self.read_units[name])

    # ---------------------------------------------------------------- batches

    def _input_rows(self) -> int:
        """Return how many steps of the input a call takes."""
        signals = self.points.drives or [s for s in [self.points.signal] if s is not None]
        row = max((s.bytes_per_step() for s in signals), default=0)
        size = row * (1 if self.points.drives is None else self._size_limit)
        return self.steps if not size else int(np.clip(MAX_INPUT_BYTES // size, 16, max(self.steps, 16)))

    def _size(self, wanted: int | None, left: int) -> int:
        """Return the points of a batch: a multiple of the devices, and of the lanes where it is not a whole number."""
        points, devices = self.points, len(self.program.devices)
        states = points.starts[0].values()
        sizes = [np.size(v) for v in (*states, *jax.tree.leaves(self.kept))]
        lanes = LANES if sum(sizes) < LARGE else 1
        unit = lanes // math.gcd(lanes, *sizes) * devices
        if wanted is None:
            each = 4 * (sum(sizes) + sum(v[0].size for v in points.params.values()) + len(points.levels) + 1)
            each = max(each, 1) * jnp.zeros(()).dtype.itemsize // 4
            platform = self.program.devices[0].platform
            room = CPU_BYTES if platform == "cpu" else DEVICE_SHARE * _device_memory(self.program.devices[0])
            wanted = max(1, int(room // each)) * devices
        wanted = min(wanted, left)
        return -(-wanted // unit) * unit

    def batches(self, todo: np.ndarray, batch_size: int | None) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
        """Run the points `todo` (numbers within the job); yield after each batch its points and results."""
        if not len(todo):
            return
        size = self._size_limit = self._size(batch_size, len(self.points.index))
        each = sum(np.asarray(v).nbytes for v in jax.tree.leaves((self.points.starts[0], self.kept)))
        memory.require(2 * size * each, f"a batch of {size} points", "; set a smaller batch_size")
        running = None
        for first in range(0, len(todo), size):
            chosen = todo[first : first + size]
            padded = np.concatenate([chosen, np.full(size - len(chosen), chosen[-1])])
            started = chosen, *self._run(padded)
            if running is not None:
                yield self._finish(*running)
            running = started  # the device works on it while the host keeps the one before
        yield self._finish(*running)  # type: ignore[misc]

    def _finish(self, chosen: np.ndarray, states: Any, kept: Any) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Return the points of a batch and their results."""
        n = len(chosen)
        self._check_finite(chosen, {k: v[:n] for k, v in states.items()})
        return chosen, {
            name: self._magnitude(name, jax.tree.map(lambda x: np.asarray(x)[:n], kept[name])) for name in self.measures
        }

    def _run(self, which: np.ndarray) -> tuple[Any, Any]:
        """Start a batch; return its states at the end and what its measures keep."""
        points = self.points
        own = {
            "params": {k: step.as_float(v[which]) for k, v in points.params.items()},
            "states": {k: v[points.start[which]] for k, v in self.starts.items()},
            "seed": points.seeds[which],
        }
        kept = jax.tree.map(lambda x: np.broadcast_to(np.asarray(x), (len(which), *x.shape)), self.kept)
        work = sum(np.size(v) for v in own["states"].values())
        capacity = min(self._input_rows(), max(256, MAX_WORK // max(work, 1)), max(self.steps, 1))
        done = 0
        while done < self.steps:
            n = min(capacity, self.steps - done)
            shared_inputs, own_inputs = self._inputs(which, done, n, capacity)
            clock = step.clock_arrays(done, points.dt, self.t0, 0)
            with answered_leaks(self.program.structure.model.name):
                own["states"], kept = advance(
                    self.program, {"params": self.shared_params, "inputs": shared_inputs}, own | {"inputs": own_inputs},
                    kept, {k: v for k, v in clock.items() if k != "seed"}, np.int32(n),
                )  # fmt: skip
            done += n
        return own["states"], kept

    def _inputs(self, which: np.ndarray, done: int, n: int, capacity: int) -> tuple[Any, Any]:
        points = self.points
        if points.drives is None:
            shared, _ = step.signal_arrays(points.signal, done, n, capacity, points.dt)
            return {k: v for k, v in shared.items() if k not in points.levels}, {
                k: step.as_float(v[which]) for k, v in points.levels.items()
            }
        used, row = np.unique(points.drive[which], return_inverse=True)
        each = [step.signal_arrays(points.drives[d], done, n, capacity, points.dt)[0] for d in used]
        return {}, {k: np.stack([a[k] for a in each])[row.reshape(-1)] for k in each[0]}

    def _check_finite(self, which: np.ndarray, states: Any) -> None:
        for path, value in states.items():
            if jnp.issubdtype(value.dtype, jnp.floating):
                bad = ~np.isfinite(np.asarray(value)).reshape(len(which), -1).all(1)
                if bad.any():
                    numbers = np.unique(self.points.index[which[bad]])
                    warnings.warn(
                        f"Sweep: the state {path!r} ended as nan or inf at {len(numbers)} points; the first is number "
                        f"{numbers[0]}. Run it with DSRunner to see when.", RuntimeWarning, stacklevel=5,
                    )  # fmt: skip

    def _magnitude(self, name: str, kept: Any) -> np.ndarray:
        result = self._result(name, kept)
        return np.asarray(getattr(result, "magnitude", result))

    def digest(self) -> str:
        """Return a hash of all values that the results depend on."""
        points, total = self.points, hashlib.sha256()
        arrays = {f"param {k}": v for k, v in (self.shared_params | points.params).items()}
        arrays |= {f"start {k} {i}": v for i, s in enumerate(points.starts) for k, v in s.items()}
        arrays |= {f"level {k}": v for k, v in points.levels.items()}
        for i, signal in enumerate(points.drives or [points.signal]):
            found, _ = step.signal_arrays(signal, 0, min(self.steps, 10**6), max(min(self.steps, 10**6), 1), points.dt)
            arrays |= {f"input {i} {k}": v for k, v in found.items()}
        arrays |= {"start": points.start, "drive": points.drive, "seeds": points.seeds, "index": points.index}
        for key, value in sorted(arrays.items()):
            total.update(f"{key} {np.shape(value)} {np.asarray(value).dtype}".encode())
            total.update(np.ascontiguousarray(value).tobytes())
        return total.hexdigest()


def _unit_read(monitor: Monitor, model: Module, dims: Any) -> str:
    """Return the unit of what a monitor reads."""
    if monitor.kind == "state":
        return model.states()[monitor.path].unit
    return units.kernel_unit(dims[monitor.name])


def _device_memory(device: Any) -> float:
    stats = device.memory_stats() or {}
    return stats.get("bytes_limit", memory.available()) - stats.get("bytes_in_use", 0)


class Store:
    """A folder of finished batches, each a file that is renamed to its place when complete."""

    def __init__(self, folder: Any, about: dict[str, str]) -> None:
        self.folder = Path(os.fspath(folder))
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / "sweep.json"
        if file.exists():
            before = json.loads(file.read_text())
            for key in before | about:
                if before.get(key) != about.get(key):
                    raise ValueError(f"{self.folder} holds another sweep: its {key} differ. Take another folder.")
        elif any(not f.name.startswith(".") for f in self.folder.iterdir()):
            raise ValueError(f"{self.folder} is not empty and holds no sweep. Take another folder.")
        else:
            self._write(file, lambda out: out.write(json.dumps(about, indent=1).encode()))

    def _write(self, file: Path, fill: Callable[[Any], Any]) -> None:
        temporary = file.with_name(f".{file.name}.{os.getpid()}")
        with temporary.open("wb") as out:
            fill(out)
        os.replace(temporary, file)

    def save(self, index: np.ndarray, values: dict[str, np.ndarray]) -> None:
        """Keep the results of points of the design."""
        name = f"points_{index[0]:012d}_{len(index)}_{hashlib.sha256(index.tobytes()).hexdigest()[:8]}.npz"
        arrays: dict[str, Any] = {"index": index} | {f"value/{k}": v for k, v in values.items()}
        self._write(self.folder / name, lambda out: np.savez(out, **arrays))

    def load(self, index: np.ndarray) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
        """Yield what was kept of these points: where they are in `index`, and their results."""
        place = {int(p): k for k, p in enumerate(index)}
        for file in sorted(self.folder.glob("points_*.npz")):
            with np.load(file, allow_pickle=False) as data:
                found = data["index"]
                if int(found[0]) in place:
                    which = np.array([place[int(p)] for p in found])
                    yield which, {k.partition("/")[2]: data[k] for k in data.files if k != "index"}


class _progress:
    """A bar over points on the screen, if it is wanted."""

    def __init__(self, points: int, wanted: bool) -> None:
        self.points, self.wanted, self.bar = points, wanted, None

    def __enter__(self) -> Callable[[int], None]:
        if not self.wanted:
            return lambda n: None
        from tqdm.auto import tqdm

        self.bar = tqdm(total=self.points, unit="point", unit_scale=True, delay=1.0, file=sys.stderr)
        return self.bar.update  # type: ignore[attr-defined]

    def __exit__(self, *_: Any) -> None:
        if self.bar is not None:
            self.bar.close()
