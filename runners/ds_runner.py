"""DSRunner: runs a model through time in chunks of one compiled program."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import sys
import time
import weakref
from collections.abc import Callable, Hashable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pint

from simcore import Module, Signal, environ, events, step, units
from simcore.check import check, explained
from simcore.clock import MAX_STEP, Clock, time_step
from simcore.signal import as_signal
from simcore.structure import Structure

from .monitors import Monitor, Recording, Tape, read_monitors

# A chunk's monitors and waveforms fit in this; long enough that the work between chunks does not show.
CHUNK_BYTES = 32 * 2**20
MAX_CHUNK = 2**16 - 1  # spikes of a chunk are counted in 16 bits
# A chunk grows until it takes about this long (s): progress is shown, and an interrupted run ends, between chunks.
CHUNK_SECONDS = 0.5
# Room for the spike events of a chunk; a chunk ends before a step might overflow it, so that none is lost.
EVENTS = 2**19
MAX_WORK = 2 * 10**8  # values of the states times steps in the first chunk


@dataclasses.dataclass(frozen=True)
class Program:
    """What one compiled program depends on besides the arrays: equal programs are compiled once."""

    structure: Structure
    monitors: tuple[Monitor, ...]
    signal_key: Hashable
    capacity: int
    signal_of: Callable[[], Signal | None] = dataclasses.field(compare=False)  # weak: a cached program keeps no samples

    @property
    def signal(self) -> Signal | None:
        """The input; alive while its run lasts."""
        return self.signal_of()

    def call(self, model: Module, x: Any) -> dict[str, Any]:
        """Drive the bound model by one step and return what is recorded."""
        step.with_signal(self.signal)(model, x)
        return {m.name: m.value(model) for m in self.monitors}


# Wide vectors gain up to a third on CPUs that have them.
@functools.partial(jax.jit, static_argnums=0, compiler_options={"xla_cpu_prefer_vector_width": 512})
def advance(program: Program, params: Any, states: Any, inputs: Any, clock: Any, n: Any) -> Any:
    """Run up to n <= capacity steps; return the states, what was recorded, which states are finite, and how many steps.

    It ends earlier where the spikes of one more step might not fit into the room for events.
    """
    model, call = program.structure.model, program.call
    prepared = step.prepare(model, call, params, states, (inputs, 0), step.step_environment(clock, {}))

    def one(states: Any, k: Any) -> Any:
        return step.pure_step(model, call, params, states, (inputs, k), step.step_environment(clock, prepared, k))

    rows = jax.eval_shape(one, states, jnp.int32(0))[1]
    kinds = {m.name: m.kind for m in program.monitors}
    counts = {k: jnp.zeros(v.shape, jnp.uint16) for k, v in rows.items() if kinds[k] == "spike_count"}
    dense = {k: jnp.zeros((program.capacity, *v.shape), v.dtype) for k, v in rows.items()
             if kinds[k] not in ("spike_count", "spike_events")}  # fmt: skip
    # The events of all monitors as those of one population, neuron after neuron; the room is for a step and more.
    senders = [m.name for m in program.monitors if m.kind == "spike_events"]
    total = sum(rows[k].size for k in senders)
    room = max(EVENTS, 2 * total) if senders else 0
    spikes = (jnp.zeros(room, jnp.uint32), jnp.uint32(0), jnp.zeros(program.capacity if senders else 0, jnp.uint32))

    def goes_on(carry: Any) -> Any:
        k, _, (_, _, (_, cursor, _)) = carry
        return (k < n) & (cursor <= jnp.uint32(room - total))

    def body(carry: Any) -> Any:
        k, states, (dense, counts, spikes) = carry
        states, row = one(states, k)
        counts = {name: count + row[name] for name, count in counts.items()}
        dense = {name: jax.lax.dynamic_update_index_in_dim(b, row[name], k, 0) for name, b in dense.items()}
        if senders:
            buffer, cursor, ends = spikes
            words = events.pack(jnp.concatenate([row[name] for name in senders])[None])
            buffer, cursor = events.record(buffer, cursor, words, total)
            spikes = (buffer, cursor, jax.lax.dynamic_update_index_in_dim(ends, cursor, k, 0))
        return k + 1, states, (dense, counts, spikes)

    done, states, recorded = jax.lax.while_loop(goes_on, body, (jnp.int32(0), states, (dense, counts, spikes)))
    finite = {k: jnp.isfinite(v).all() for k, v in states.items() if jnp.issubdtype(v.dtype, jnp.floating)}
    return states, recorded, finite, done


class DSRunner:
    """Runs a model (dynamical system) through time.

    A runner counts its own steps: direct calls of the model between two runs change the states, not the runner's time.

    Args:
        target: a neuron, layer or network; a runner calls ``target(x)`` in each step.
        monitors: what to record: names ("V"), dotted paths ("E.V"), (name, indices), "spike", "spike_events",
            "spike_count"; or a dict from names to these or to functions of the model.
        dt: the time step; by default that of the first waveform, else the environment's (0.1 ms).
        t0: the time at which step 0 begins.
        seed: of the noise in the models.
        progress_bar: show one for runs that take longer than a second.
        jit: False runs step by step in Python, for debugging.
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
        self.i = 0
        self.mon = Recording()
        self.last_input: Signal | None = None

    @property
    def dt(self) -> pint.Quantity:
        """The time step."""
        return units.from_kernel(environ.default_dt() if self._dt is None else self._dt, "ms")

    @property
    def t(self) -> pint.Quantity:
        """The present time, t0 + i dt."""
        return units.from_kernel(self._t0 + self.i * self.dt.m_as("ms"), "ms")

    def reset_state(self, batch_size: int | None = None) -> None:
        """Reset the target's states and go back to step 0."""
        self.target.reset_state(batch_size)
        self.i = 0

    def run(self, duration: Any = None, inputs: Any = None) -> Recording:
        """Run on from the present state; return `mon`, the recording of this run.

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
        """
        signal = as_signal(inputs, self.target)
        dt = self._dt or (signal and signal.dt) or environ.default_dt()
        steps = step.run_length(signal, duration, dt)
        if self.i + steps > MAX_STEP:
            raise ValueError(f"the run would end at step {self.i + steps}; a runner counts up to 2**31 - 1.")
        step.fit(self.target, dt)
        program, tape = self._program(signal, dt, steps)
        self._dt, first, self.last_input = dt, self.i, signal
        try:
            with contextlib.nullcontext() if self.jit else jax.disable_jit():
                self._chunks(program, tape, dt, steps)
        finally:
            self.mon = tape.recording(first, dt, self._t0)
        return self.mon

    def _program(self, signal: Signal | None, dt: float, steps: int) -> tuple[Program, Tape]:
        """Check the equations and return the program and the tape of a run."""
        model = self.target
        key = None if signal is None else (type(signal), signal.key)
        if signal is not None:
            model.check_input(signal.sample_shape)
        signal_of = (lambda: None) if signal is None else weakref.ref(signal)
        program = Program(model.structure(), self.monitors, key, 1, signal_of)
        arrays, dims = step.signal_arrays(signal, 0, 0, 1, dt)
        states, params = step.raw_states(model), model.kernel_params()
        shapes = tuple((k, np.shape(v), v.dtype) for group in (states, params, arrays) for k, v in group.items())
        known = (program, shapes, tuple(dims.items()))
        if known not in _checked:
            _checked[known] = self._check(program, arrays, dims, dt, states, params)
        out_dims, rows = _checked[known]
        kept = [rows[m.name] for m in self.monitors if m.kind not in ("spike_events", "spike_count")]
        row_bytes = sum(int(np.prod(r.shape)) * r.dtype.itemsize for r in kept)
        row_bytes += 0 if signal is None else signal.bytes_per_step()
        capacity = int(np.clip(CHUNK_BYTES // max(row_bytes, 1), 16, MAX_CHUNK))
        return dataclasses.replace(program, capacity=capacity), Tape(model, self.monitors, out_dims, rows, steps)

    def _check(self, program: Program, arrays: Any, dims: Any, dt: float, states: Any, params: Any) -> Any:
        def checked(dims: Any) -> Any:
            return check(self.target, program.call, (arrays, 0), (dims, units.NUMBER), dt, states, params)

        def retry(dim: Any) -> Any:
            if len(dims) != 1:  # only of a quantity or a waveform is the unit the input's
                raise ValueError("several inputs")
            return checked(dict.fromkeys(dims, dim))

        got = program.signal.describe() if program.signal else ""
        with explained(retry, self.target.name, got):
            return checked(dims)

    def _chunks(self, program: Program, tape: Tape, dt: float, steps: int) -> None:
        model, done, signal = self.target, 0, program.signal
        params, states, own = model.kernel_params(), step.raw_states(model), model.states()
        work = sum(np.size(v) for v in states.values())
        pace = int(np.clip(MAX_WORK // max(work, 1), 256, program.capacity))
        with _progress(steps, program.capacity, self.progress_bar) as bar:
            while done < steps:
                n = min(pace, steps - done)
                started = time.perf_counter()
                inputs, _ = step.signal_arrays(signal, done, n, program.capacity, dt)
                clock = step.clock_arrays(self.i, dt, self._t0, self.seed)
                new, recorded, finite, n = advance(program, params, states, inputs, clock, np.int32(n))
                n = int(n)
                if not all(finite.values()):
                    replay = functools.partial(advance, program, params, states, inputs, clock)
                    n = _steps_before_failure(replay, n)
                    before, recorded, _, _ = replay(np.int32(n))
                    after = replay(np.int32(n + 1))[0]
                    tape.add(recorded, n)
                    self._settle(own, before, n, dt)
                    raise FloatingPointError(self._describe(after, dt))
                states = new
                tape.add(recorded, n)
                self._settle(own, states, n, dt)
                done += n
                bar(n)
                taken = time.perf_counter() - started
                pace = min(
                    program.capacity, 2 * n if taken < CHUNK_SECONDS / 2 else max(256, int(n * CHUNK_SECONDS / taken))
                )

    def _settle(self, own: Any, states: Any, n: int, dt: float) -> None:
        for path, state in own.items():
            state.raw = states[path]
        self.i += n
        self.target.set_clock(Clock(self.i, dt, self._t0))

    def _describe(self, states: Any, dt: float) -> str:
        for path, value in states.items():
            bad = np.argwhere(~np.isfinite(np.asarray(value)))
            if len(bad):
                where = tuple(int(k) for k in bad[0])
                got = np.asarray(value)[where]
                time = self._t0 + (self.i + 1) * dt
                return (
                    f"{self.target.name}: the state {path!r} became {got} in neuron "
                    f"{where[0] if len(where) == 1 else where} at t = {time:.10g} ms (step {self.i}); "
                    "mon and the states hold the run up to the step before."
                )
        raise AssertionError("no state is non-finite")


_checked: dict[Hashable, Any] = {}


def _steps_before_failure(replay: Any, n: int) -> int:
    """Return after how many steps (< n) of the replayed chunk all states are still finite: by bisection."""
    good, bad = 0, n
    while bad - good > 1:
        middle = (good + bad) // 2
        finite = replay(np.int32(middle))[2]
        good, bad = (middle, bad) if all(finite.values()) else (good, middle)
    return good


@contextlib.contextmanager
def _progress(steps: int, capacity: int, wanted: bool) -> Iterator[Any]:
    if not wanted or steps <= capacity:
        yield lambda n: None
        return
    from tqdm.auto import tqdm

    with tqdm(total=steps, unit="step", unit_scale=True, delay=1.0, file=sys.stderr) as bar:
        yield bar.update
