"""DSRunner: runs a model through time in chunks of one compiled program."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import signal as signals
import sys
import threading
import time
import warnings
import weakref
from collections.abc import Callable, Hashable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pint

from simcore import Module, Signal, units
from simcore.module.structure import Structure
from simcore.spikes import operations as events
from simcore.step import context
from simcore.step import pure as step
from simcore.step.answers import answered_leaks
from simcore.step.check import check_driven
from simcore.step.signal import as_signal
from simcore.units.clock import MAX_STEP, Clock, n_steps, time_step

from .record import snapshot
from .record.monitors import Channel, Columns, Monitor, Recording, Schedule, Tape, channel, read_monitors, schedule
from .record.store import Store, refuse_existing

# A chunk's monitors and waveforms fit in this; long enough that the work between chunks does not show.
CHUNK_BYTES = 32 * 2**20
MAX_CHUNK = 2**16 - 1  # spikes of a chunk are counted in 16 bits
# A chunk grows until it takes about this long (s): progress is shown, and an interrupted run ends, between chunks.
CHUNK_SECONDS = 0.5
# Room for the spike events of a chunk; a chunk ends before a step might overflow it, so that none is lost.
EVENTS = 2**19
MAX_WORK = 2 * 10**8  # values of the states times steps in the first chunk
# mV. A membrane breaks down at about a volt; a thousand times that is a wrong unit, or equations without bound.
RUNAWAY = 1e6
ON_ERROR = ("raise", "warn", "stop")


@dataclasses.dataclass(frozen=True)
class Program:
    """What one compiled program depends on besides the arrays: equal programs are compiled once."""

    structure: Structure
    monitors: tuple[Monitor, ...]
    schedules: tuple[int | None, ...]  # every how many steps, of monitors that do not record in each
    signal_key: Hashable
    capacity: int
    signal_of: Callable[[], Signal | None] = dataclasses.field(compare=False)  # weak: a cached program keeps no samples

    @property
    def signal(self) -> Signal | None:
        """The input; alive while its run lasts."""
        signal = self.signal_of()
        assert (signal is None) == (self.signal_key is None)  # a dead one would be no input
        return signal

    def call(self, model: Module, x: Any) -> dict[str, Any]:
        """Drive the bound model by one step and return what is recorded."""
        step.with_signal(self.signal)(model, x)
        return {m.name: m.value(model) for m in self.monitors}

    def every(self) -> dict[str, int]:
        """Return every how many steps the monitors record that do not in each, by name."""
        return {m.name: n for m, n in zip(self.monitors, self.schedules, strict=True) if n is not None}


# Wide vectors gain up to a third on CPUs that have them.
@functools.partial(jax.jit, static_argnums=0, compiler_options={"xla_cpu_prefer_vector_width": 512})
def advance(program: Program, params: Any, states: Any, kept: Any, inputs: Any, clock: Any, where: Any, n: Any) -> Any:
    """Run up to n <= capacity steps; return the states, what was recorded, which states are sound, and how many steps.

    It ends earlier where the spikes of one more step might not fit into the room for events. `kept` is what measures
    keep, `where` says where the recording stands (`Tape.where`).
    """
    model, call = program.structure.model, program.call
    prepared = step.prepare(model, call, params, states, (inputs, 0), step.context_at(clock, {}))

    def one(states: Any, k: Any) -> Any:
        return step.pure_step(model, call, params, states, (inputs, k), step.context_at(clock, prepared, k))

    rows = jax.eval_shape(one, states, jnp.int32(0))[1]
    kinds, every = {m.name: m.kind for m in program.monitors}, program.every()
    measures = {m.name: m.measure for m in program.monitors if m.kind == "measure"}
    counts = {k: jnp.zeros(v.shape, jnp.uint16) for k, v in rows.items() if kinds[k] == "spike_count"}
    room = {k: program.capacity if k not in every else (program.capacity - 1) // every[k] + 2 for k in rows}
    dense = {k: jnp.zeros((room[k], *v.shape), v.dtype) for k, v in rows.items()
             if kinds[k] not in ("spike_count", "spike_events", "measure")}  # fmt: skip
    # The events of all monitors as those of one population, neuron after neuron; the room is for a step and more.
    senders = [m.name for m in program.monitors if m.kind == "spike_events"]
    total = sum(rows[k].size for k in senders)
    space = max(EVENTS, 2 * total) if senders else 0
    spikes = (jnp.zeros(space, jnp.uint32), jnp.uint32(0), jnp.zeros(program.capacity if senders else 0, jnp.uint32))

    def place(name: str, k: Any) -> Any:
        """Return the row of the k-th step: of its window of `every` steps, whose last value stays, without a branch."""
        if name not in every:
            return k
        begin, end, before = where[name]
        return jax.lax.div(jnp.clip(k, begin, end) - begin, jnp.int32(every[name])) - before

    def inside(name: str, k: Any, spikes: Any) -> Any:
        if name not in every:
            return spikes
        begin, end, _ = where[name]
        return spikes & (begin <= k) & (k < end)

    def goes_on(carry: Any) -> Any:
        k, _, (_, _, (_, cursor, _), _) = carry
        return (k < n) & (cursor <= jnp.uint32(space - total))

    def body(carry: Any) -> Any:
        k, states, (dense, counts, spikes, kept) = carry
        states, row = one(states, k)
        counts = {name: count + inside(name, k, row[name]) for name, count in counts.items()}
        dense = {name: jax.lax.dynamic_update_index_in_dim(b, row[name], place(name, k), 0)
                 for name, b in dense.items()}  # fmt: skip
        kept = {name: measures[name].add(own, row[name], where["k"] + k) for name, own in kept.items()}
        if senders:
            buffer, cursor, ends = spikes
            words = events.pack(jnp.concatenate([inside(name, k, row[name]) for name in senders])[None])
            buffer, cursor = events.record(buffer, cursor, words, total)
            spikes = (buffer, cursor, jax.lax.dynamic_update_index_in_dim(ends, cursor, k, 0))
        return k + 1, states, (dense, counts, spikes, kept)

    recorded = (dense, counts, spikes, kept)
    done, states, recorded = jax.lax.while_loop(goes_on, body, (jnp.int32(0), states, recorded))
    return states, recorded, _sound(model, states), done


def _bound(model: Module, path: str) -> float:
    """Return what a state stays below while a run is sound, in its kernel unit."""
    return RUNAWAY if units.dimension(model.states()[path].unit) == units.dimension("mV") else np.inf


def _sound(model: Module, states: Any) -> dict[str, Any]:
    """Return by path whether all values of a state are finite, and none has run away."""
    return {
        k: (jnp.abs(v) < _bound(model, k)).all() for k, v in states.items() if jnp.issubdtype(v.dtype, jnp.floating)
    }


@dataclasses.dataclass(frozen=True)
class Estimate:
    """What a run will take: bytes of its monitors, and seconds, at the pace of the present state."""

    bytes: int
    seconds: float

    def __str__(self) -> str:
        size, name = next((self.bytes / 2**p, k) for p, k in ((30, "GiB"), (20, "MiB"), (10, "KiB"), (0, "bytes"))
                          if self.bytes >= 2**p or not p)  # fmt: skip
        took, unit = next((self.seconds / n, k) for n, k in ((86400, "days"), (3600, "h"), (60, "min"), (0.001, "ms"))
                          if self.seconds >= n or n < 1)  # fmt: skip
        return f"about {took:.3g} {unit}; the monitors take {size:.3g} {name}, besides spike events"


class DSRunner:
    """Runs a model (dynamical system) through time.

    A runner counts its own steps: direct calls of the model between two runs change the states, not the runner's time.

    Args:
        target: a neuron, layer or network; a runner calls ``target(x)`` in each step.
        monitors: what to record: names ("V"), dotted paths ("E.V"), (name, indices), "spike", "spike_events",
            "spike_count", `simcore.Record` (now and then, or in a window), one of `simcore.measure`; or a dict from
            names to these or to functions of the model.
        dt: the time step; by default that of the first waveform, else the environment's (0.1 ms).
        t0: the time at which step 0 begins.
        seed: of the noise in the models.
        progress_bar: show one for runs that take longer than a second.
        jit: False runs step by step in Python, for debugging.
        store: a folder to which each chunk is written, so that memory stays flat: all runs of the runner go into it,
            one after the other, and `mon` refers to it. `simcore.open_run` reads it at any time.
        checkpoint: a file that is written as by `save`, over and over.
        checkpoint_every: the time between two checkpoints.
        on_error: of a state that is not finite, or of a voltage beyond 1e6 mV: "raise" FloatingPointError, "warn" and
            go on, or "stop" before it with a warning.
    """

    def __init__(
        self,
        target: Module,
        monitors: Any = (),
        dt: Any = None,
        t0: Any = None,
        seed: int = 0,
        progress_bar: bool = True,
        jit: bool = True,
        *,
        store: Any = None,
        checkpoint: Any = None,
        checkpoint_every: Any = None,
        on_error: str = "raise",
    ) -> None:
        if not isinstance(target, Module):
            raise TypeError(f"DSRunner needs a simcore Module to run, got {target!r}.")
        target.ensure_state()
        self.target, self.seed, self.progress_bar, self.jit = target, seed, progress_bar, jit
        self.monitors = read_monitors(target, monitors)
        if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
            raise ValueError(f"DSRunner: 'seed' must be an int from 0 to 2**32 - 1, got {seed!r}.")
        self._dt = None if dt is None else time_step(dt, "DSRunner")
        self._t0 = 0.0 if t0 is None else float(units.to_kernel(t0, "ms", "DSRunner: 't0'"))
        if on_error not in ON_ERROR:
            raise ValueError(f"DSRunner: 'on_error' must be one of {', '.join(ON_ERROR)}, got {on_error!r}.")
        if (checkpoint is None) != (checkpoint_every is None):
            raise ValueError("DSRunner: 'checkpoint', a file, and 'checkpoint_every', a time, go together.")
        if (
            checkpoint_every is not None
            and units.to_kernel(checkpoint_every, "ms", "DSRunner: 'checkpoint_every'") <= 0
        ):
            raise ValueError(f"DSRunner: 'checkpoint_every' must be > 0, got {units.show(checkpoint_every)}.")
        self.on_error, self.checkpoint, self.checkpoint_every = on_error, checkpoint, checkpoint_every
        self.store = None if store is None else os.fspath(store)
        if self.store is not None:
            refuse_existing(self.store)
        self.i = 0
        self.mon = Recording()
        self.last_input: Signal | None = None
        self._tape: Tape | None = None  # of a recording that goes on: with a store
        self._totals: dict[str, np.ndarray] | None = None  # of the run that a snapshot was taken of

    @property
    def dt(self) -> pint.Quantity:
        """The time step."""
        return units.from_kernel(context.default_dt() if self._dt is None else self._dt, "ms")

    @property
    def t(self) -> pint.Quantity:
        """The present time, t0 + i dt."""
        return units.from_kernel(self._t0 + self.i * self.dt.m_as("ms"), "ms")

    def reset_state(self, batch_size: int | None = None) -> None:
        """Reset the target's states and go back to step 0."""
        self.target.reset_state(batch_size)
        self.i = 0

    # ---------------------------------------------------------------- snapshots

    def save(self, file: Any) -> None:
        """Write a snapshot to `file` (.npz is appended if missing), from which `resume` goes on to the bit.

        It holds the states (delays, plastic weights), the parameters with units, the step count, dt, t0, the seed,
        the monitors, versions, and checksums of the connections.
        """
        dt = float(self.dt.m_as("ms"))
        step.fit(self.target, dt)
        self._write(file, snapshot.about(self.target, dt))

    def _write(self, file: Any, said: dict[str, Any]) -> None:
        own: dict[str, Any] = {"i": self.i, "t0_ms": self._t0, "seed": int(self.seed), "dt_known": self._dt is not None}
        own["monitors"] = snapshot.monitors_as_text(self.monitors)
        values = snapshot.arrays(self.target)
        if self._tape is not None:
            self._tape.columns.sync()  # type: ignore[union-attr]
            values |= {f"total/{k}": v for k, v in self._tape.state().items()}
        own["totals"] = self._tape is not None
        snapshot.write(file, said | own, values)

    @classmethod
    def resume(cls, file: Any, target: Module, monitors: Any = None, **options: Any) -> DSRunner:
        """Return a runner that goes on where the runner of a snapshot was, with its parameters, step count and seed.

        A split run equals an unbroken one to the bit. Inputs are given again, to `run`; of a waveform, the part that
        is left. With the `store` of the run that was saved, its recording goes on.

        Args:
            file: a snapshot of `save`.
            target: the model, built as it was; its parameters and states become those of the file.
            monitors: by default those of the file; functions have to be given again.
            options: of `DSRunner`: store, checkpoint, checkpoint_every, on_error, progress_bar, jit.

        Raises:
            ValueError: the snapshot is of another model, of other connections, or of a newer format.
        """
        if given := {"dt", "t0", "seed"} & options.keys():
            raise TypeError(f"DSRunner.resume takes {min(given)!r} from the file; leave it out.")
        said, values = snapshot.read(file)
        store = options.pop("store", None)
        target.ensure_state()
        if monitors is None:
            monitors = snapshot.monitors_of_text(file, said["monitors"])
        runner = cls(target, monitors, seed=said["seed"], **options)
        snapshot.restore(file, said, values, target)
        runner._dt = said["dt_ms"] if said["dt_known"] else None
        runner._t0, runner.i = said["t0_ms"], said["i"]
        runner.store = None if store is None else os.fspath(store)
        if said["totals"]:
            runner._totals = {k[len("total/") :]: v for k, v in values.items() if k.startswith("total/")}
        target.set_clock(Clock(runner.i, said["dt_ms"], runner._t0))
        return runner

    # ---------------------------------------------------------------- running

    def run(self, duration: Any = None, inputs: Any = None) -> Recording:
        """Run on from the present state; return `mon`, the recording of this run (of all runs, with a store).

        Ctrl-C ends a run after the chunk it is in (a second one at once): `mon` holds what came before, and the next
        `run` goes on from there.

        Args:
            duration: a time; by default as long as the input.
            inputs: a quantity (scalar, or one for each neuron), a waveform or a function of t
                (`simcore.inputs`); a waveform begins with the run. None: the model's update() has a default.

        Returns:
            The recording: `ts` (T,), states and functions (T, *shape) as quantities, spikes (T, *shape) as bools.

        Raises:
            DimensionalityError: the input or an equation has a wrong dimension; with the user's line.
            ValueError: the duration is not a whole number of steps, or no duration is known.
            FloatingPointError: a state became nan or inf; with neuron and time. `mon` keeps what came before.
            KeyboardInterrupt: after Ctrl-C.
        """
        program, channels, rows, dt, steps, signal = self._plan(duration, inputs)
        every = 0
        if self.checkpoint_every is not None:
            every = n_steps(self.checkpoint_every, dt, "DSRunner: 'checkpoint_every'")
        tape = self._open(program, channels, rows, dt, steps)
        self._dt, self.last_input = dt, signal
        interrupted: list[int] = []
        try:
            with contextlib.nullcontext() if self.jit else jax.disable_jit(), _on_interrupt(interrupted):
                self._chunks(program, tape, dt, steps, every, interrupted)
        finally:
            self.mon = tape.columns.recording(tape)
        if interrupted:
            raise KeyboardInterrupt
        return self.mon

    def estimate(self, duration: Any = None, inputs: Any = None) -> Estimate:
        """Return what a run will take, memory and time, after trying some steps; states and time stay as they are."""
        program, channels, rows, dt, steps, signal = self._plan(duration, inputs)
        tape = Tape(program.monitors, channels, rows, self.i, dt, self._t0, Columns([], 0, 0))
        n = min(steps, self._first_pace(program))
        args = self._arguments(program, tape, *self._arrays(), dt, 0, n)
        seconds = []
        for _ in range(3):  # the first compiles
            started = time.perf_counter()
            done = int(advance(*args, np.int32(n))[-1])
            seconds.append((time.perf_counter() - started) / max(done, 1))
        del signal  # it had to live until here: a program refers to it weakly
        size = sum(c.bytes(self.i, self.i + steps) for c in channels)
        return Estimate(size, min(seconds) * steps)

    def _plan(self, duration: Any, inputs: Any) -> tuple[Program, list[Channel], Any, float, int, Signal | None]:
        """Check a run; return its program, channels, the rows' shapes, dt in ms, the number of steps, the input."""
        signal = as_signal(inputs, self.target)
        dt = self._dt or (signal and signal.dt) or context.default_dt()
        steps = step.run_length(signal, duration, dt)
        if self.i + steps > MAX_STEP:
            raise ValueError(f"the run would end at step {self.i + steps}; a runner counts up to 2**31 - 1.")
        step.fit(self.target, dt)
        when = [schedule(m, dt, self._t0) for m in self.monitors]
        return *self._program(signal, dt, steps, when), dt, steps, signal

    def _program(
        self, signal: Signal | None, dt: float, steps: int, when: list[Schedule | None]
    ) -> tuple[Program, list[Channel], Any]:
        """Check the equations and return the program, the channels and the rows' shapes."""
        model = self.target
        key = None if signal is None else (type(signal), signal.key)
        if signal is not None:
            model.check_input(signal.sample_shape)
        signal_of = (lambda: None) if signal is None else weakref.ref(signal)
        # A changed window is an argument: it compiles nothing.
        monitors = tuple(
            dataclasses.replace(m, every=None, start=None, stop=None, measure=m.measure and m.measure.fit(steps, dt))
            for m in self.monitors
        )
        every = tuple(None if s is None else s.every for s in when)
        program = Program(model.structure(), monitors, every, key, 1, signal_of)
        arrays, dims = step.signal_arrays(signal, 0, 0, 1, dt)
        params, states = self._arrays()
        shapes = tuple((k, np.shape(v), v.dtype) for group in (states, params, arrays) for k, v in group.items())
        known = (program, shapes, tuple(dims.items()))
        if known not in _checked:
            _checked[known] = check_driven(model, program.call, signal, arrays, dims, dt, states, params)
        out_dims, rows = _checked[known]
        channels = [channel(m, model, rows[m.name], out_dims[m.name], s) for m, s in zip(monitors, when, strict=True)]
        row_bytes = sum(c.row_bytes() for c in channels) + (0 if signal is None else signal.bytes_per_step())
        capacity = int(np.clip(CHUNK_BYTES // max(row_bytes, 1), 16, MAX_CHUNK))
        return dataclasses.replace(program, capacity=capacity), channels, rows

    def _open(self, program: Program, channels: list[Channel], rows: Any, dt: float, steps: int) -> Tape:
        """Return the tape of a run: with a store, that of the runs before it."""
        first, last = self.i, self.i + steps
        if self.store is None:
            return Tape(program.monitors, channels, rows, first, dt, self._t0, Columns(channels, first, last))
        if self._tape is not None:
            if self._tape.i != first:
                raise ValueError(
                    f"the store {self.store!r} ends at step {self._tape.i}, the runner is at {first}; "
                    "what follows belongs into another one: make a runner with another store."
                )
            return self._tape
        store = Store(self.store, channels, (first, last), (dt, self._t0), going_on=self._totals is not None)
        self._tape = Tape(program.monitors, channels, rows, store.first, dt, self._t0, store)
        if store.first != first and self._totals is not None:
            self._tape.restore(self._totals, first)
        store.commit(self._tape)
        return self._tape

    def _first_pace(self, program: Program) -> int:
        work = sum(np.size(v) for v in step.raw_states(self.target).values())
        return int(np.clip(MAX_WORK // max(work, 1), 256, program.capacity))

    def _arrays(self) -> tuple[Any, Any]:
        return self.target.kernel_params(), step.raw_states(self.target)

    def _arguments(
        self, program: Program, tape: Tape, params: Any, states: Any, dt: float, done: int, n: int
    ) -> tuple[Any, ...]:
        """Return the arguments of `advance`, but the last, for n steps after `done` of the run."""
        inputs, _ = step.signal_arrays(program.signal, done, n, program.capacity, dt)
        clock = step.clock_arrays(self.i, dt, self._t0, self.seed)
        return program, params, states, tape.kept, inputs, clock, tape.where()

    def _chunks(self, program: Program, tape: Tape, dt: float, steps: int, every: int, interrupted: list[int]) -> None:
        begin, last = self.i, self.i + steps
        params, states = self._arrays()
        said = snapshot.about(self.target, dt) if every else {}
        pace, watched, trouble = self._first_pace(program), True, None
        with _progress(steps, dt, steps > program.capacity, self.progress_bar) as bar:
            while self.i < last and not interrupted and trouble is None:
                n = min(pace, last - self.i, every - self.i % every if every else pace)
                started = time.perf_counter()
                args = self._arguments(program, tape, params, states, dt, self.i - begin, n)
                with answered_leaks(self.target.name):
                    states, recorded, sound, n = advance(*args, np.int32(n))
                n = int(n)
                if watched and not all(sound.values()):
                    replay = functools.partial(advance, *args)
                    before = _steps_before_failure(replay, n)
                    text = self._describe(replay(np.int32(before + 1))[0], self.i + before, dt)
                    if self.on_error == "warn":
                        warnings.warn(f"{text} The run goes on.", RuntimeWarning, stacklevel=3)
                        watched = False
                    else:
                        trouble, n = text, before
                        states, recorded, _, _ = replay(np.int32(n))
                # What a tape holds and the states move on together: between two chunks all is of one step.
                tape.add(recorded, n)
                self._settle(states, n, dt)
                bar(n)
                if every and self.i % every == 0 and trouble is None:
                    self._write(self.checkpoint, said)
                taken = time.perf_counter() - started
                pace = min(
                    program.capacity, 2 * n if taken < CHUNK_SECONDS / 2 else max(256, int(n * CHUNK_SECONDS / taken))
                )
        if trouble is not None:
            trouble += " mon and the states hold the run up to the step before."
            if self.on_error == "raise":
                raise FloatingPointError(trouble)
            warnings.warn(trouble, RuntimeWarning, stacklevel=3)

    def _settle(self, states: Any, n: int, dt: float) -> None:
        self.i += n
        step.settle(self.target, states, Clock(self.i, dt, self._t0))

    def _describe(self, states: Any, i: int, dt: float) -> str:
        """Return what is wrong with the states after step i."""
        for path, value in states.items():
            array = np.asarray(value)
            bound = _bound(self.target, path)
            bad: Any = np.argwhere(~(np.abs(array) < bound)) if array.dtype.kind == "f" else ()
            if len(bad):
                where = tuple(int(k) for k in bad[0])
                got = array[where]
                became = f"became {got}" if not np.isfinite(got) else f"ran away to {got:.4g} mV, beyond {bound:g} mV,"
                return (
                    f"{self.target.name}: the state {path!r} {became} in neuron "
                    f"{where[0] if len(where) == 1 else where} at t = {self._t0 + (i + 1) * dt:.10g} ms (step {i})."
                )
        raise AssertionError("all states are sound")


_checked: dict[Hashable, Any] = {}


def _steps_before_failure(replay: Any, n: int) -> int:
    """Return after how many steps (< n) of the replayed chunk all states are still sound: by bisection."""
    good, bad = 0, n
    while bad - good > 1:
        middle = (good + bad) // 2
        sound = replay(np.int32(middle))[2]
        good, bad = (middle, bad) if all(sound.values()) else (good, middle)
    return good


@contextlib.contextmanager
def _on_interrupt(interrupted: list[int]) -> Iterator[None]:
    """Note the first Ctrl-C in a with block; the second one is Python's KeyboardInterrupt at once."""
    default = signals.default_int_handler
    if threading.current_thread() is not threading.main_thread() or signals.getsignal(signals.SIGINT) is not default:
        yield
        return

    def note(number: int, frame: Any) -> None:
        interrupted.append(number)
        signals.signal(signals.SIGINT, default)

    signals.signal(signals.SIGINT, note)
    try:
        yield
    finally:
        signals.signal(signals.SIGINT, default)


@contextlib.contextmanager
def _progress(steps: int, dt: float, long: bool, wanted: bool) -> Iterator[Any]:
    """Show how far a run is, and how much model time it covers in a second; from the first second on."""
    if not wanted or not long:
        yield lambda n: None
        return
    from tqdm.auto import tqdm

    look = "{percentage:3.0f}%|{bar}| {n:.4g}/{total:.4g} s [{elapsed}<{remaining}, {rate_noinv_fmt}]"
    with tqdm(total=steps, unit_scale=dt / 1000, unit=" s", bar_format=look, delay=1.0, file=sys.stderr) as bar:
        yield bar.update
