"""The loop over time: chunks of one compiled program, each watched and recorded before the next begins."""

from __future__ import annotations

import dataclasses
import functools
import time
import weakref
from collections.abc import Callable, Hashable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from simcore import Module, Signal
from simcore.module import code
from simcore.module.structure import Structure
from simcore.module.warning import warn
from simcore.step import pure as step
from simcore.step.answers import answered_leaks
from simcore.step.check import check_driven
from simcore.step.fitted import Fitted, fit

from . import soundness
from .observables import Observable
from .record.base import Recorder
from .record.channels import Channel
from .record.recorders import Rows
from .record.sharing import Sharing
from .record.tape import Tape

# A chunk's monitors and waveforms fit in this: long enough that the work between chunks does not show, so short that
# the C library gives a chunk the memory of the one before (from 32 MB on it is new, which costs ten times the step).
CHUNK_BYTES = 8 * 2**20
MAX_CHUNK = 2**16 - 1  # spikes of a chunk are counted in 16 bits
# A chunk grows until it takes about this long (s): progress is shown, and an interrupted run ends, between chunks.
CHUNK_SECONDS = 0.5
MAX_WORK = 2 * 10**8  # values of the states times steps in the first chunk
MAX_CHECKED = 256  # programs whose check of the equations is remembered


@dataclasses.dataclass(frozen=True)
class Program:
    """What one compiled program depends on besides the arrays: equal programs are compiled once."""

    structure: Structure
    recorders: tuple[Recorder, ...]
    code: Hashable  # of the user's that the recorders call
    signal_key: Hashable
    capacity: int
    signal_of: Callable[[], Signal | None] = dataclasses.field(compare=False)  # weak: a cached program holds no samples

    @property
    def signal(self) -> Signal | None:
        """The input; alive while its run lasts."""
        signal = self.signal_of()
        assert (signal is None) == (self.signal_key is None)  # a dead one would be no input
        return signal

    def call(self, model: Module, x: Any) -> tuple[Any, ...]:
        """Drive the bound model by one step and return what the recorders read."""
        step.with_signal(self.signal)(model, x)
        return tuple(r.read(model) for r in self.recorders)

    def one_step(self, params: Any, states: Any, inputs: Any, clock: Any, prepared: Any, k: Any) -> tuple[Any, Any]:
        """Return the states after the k-th step of a chunk, packed as they came, and what the recorders read."""
        context, model = step.context_at(clock, prepared, k), self.structure.model
        new, row = step.pure_step(model, self.call, params, step.unpacked(model, states) | states, (inputs, k), context)
        return {path: new[path] for path in states}, row

    def prepare(self, params: Any, states: Any, inputs: Any, clock: Any) -> dict[str, Any]:
        """Return what the models compute once per run."""
        clock, model = step.context_at(clock, {}), self.structure.model
        return step.prepare(model, self.call, params, step.unpacked(model, states) | states, (inputs, 0), clock)

    def spikes(self, params: Any, states: Any, clock: Any, prepared: Any, k: Any) -> dict[str, Any]:
        """Return which neurons have spiked in the k-th step, which ended in these states."""
        context = step.context_at(clock, prepared, k)
        return soundness.spikes_at(self.structure.model, params, states, context)


def program_of(fitted: Fitted, recorders: tuple[Recorder, ...], signal: Signal | None) -> Program:
    """Return the program of a model under a signal, for one step a chunk."""
    functions = tuple(code.Frozen().value(f) for recorder in recorders for f in recorder.functions())
    if signal is None:
        return Program(fitted.structure, recorders, functions, None, 1, lambda: None)
    return Program(fitted.structure, recorders, functions, (type(signal), signal.key), 1, weakref.ref(signal))


# Wide vectors gain up to a third on CPUs that have them.
@functools.partial(jax.jit, static_argnums=0, compiler_options={"xla_cpu_prefer_vector_width": 512})
def advance(
    program: Program, params: Any, states: Any, totals: Any, inputs: Any, clock: Any, positions: Any, n: Any
) -> Any:
    """Run up to n <= capacity steps; return the states, as a run has them, what the recorders carry, the spikes at the
    end, the outcome.

    The outcome is how many steps were run, fewer where one more might not fit into what a recorder carries, and the
    verdict on the states, in one array: each that comes from the device costs a call. `totals` and `positions` are
    those of the tape.
    """
    states = step.packed(program.structure.model, states)
    prepared = program.prepare(params, states, inputs, clock)

    def one(states: Any, k: Any) -> Any:
        return program.one_step(params, states, inputs, clock, prepared, k)

    values = jax.eval_shape(one, states, jnp.int32(0))[1]
    recorders = program.recorders

    def goes_on(loop: Any) -> Any:
        k, _, carried = loop
        each = zip(recorders, sharing.of_each(carried), values, strict=True)
        room = (r.has_room(carry, value) for r, carry, value in each)
        return functools.reduce(lambda a, b: a & b, room, k < n)

    def body(loop: Any) -> Any:
        k, states, carried = loop
        states, row = one(states, k)
        each = zip(recorders, sharing.of_each(carried), row, positions, strict=True)
        return k + 1, states, sharing.once([r.add(carry, value, k, position) for r, carry, value, position in each])

    each = zip(recorders, totals, values, strict=True)
    carries = tuple(r.begin(total, value, program.capacity) for r, total, value in each)
    sharing = Sharing(recorders, carries)
    done, states, carried = jax.lax.while_loop(goes_on, body, (jnp.int32(0), states, sharing.once(carries)))
    apart = step.unpacked(program.structure.model, states)
    spikes = program.spikes(params, apart, clock, prepared, done - 1)
    outcome = jnp.array([done, *soundness.verdict(program.structure.model, states, spikes)])
    return states, sharing.of_each(carried), spikes, outcome


@functools.partial(jax.jit, static_argnums=(0, 1))
def values_before(
    program: Program, observables: tuple[Observable, ...], params: Any, states: Any, inputs: Any, clock: Any
) -> Any:
    """Return the values of observables in the states before a step."""
    model = program.structure.model
    states = step.packed(model, states)
    prepared = program.prepare(params, states, inputs, clock)

    def read(model: Module, x: Any) -> tuple[Any, ...]:
        return tuple(observable.value(model) for observable in observables)

    now = step.context_at(clock, prepared)
    return step.pure_step(model, read, params, step.unpacked(model, states) | states, None, now)[1]


_checked: dict[Hashable, Any] = {}


def checked(program: Program, fitted: Fitted, signal: Signal | None) -> tuple[list[Channel], Any]:
    """Check the input and the equations; return the channels of the recorders, and the shapes of what each reads.

    Raises:
        DimensionalityError: they do not fit, with the user's line.
        ValueError: the shape of the input does not fit.
    """
    model, dt = fitted.model, fitted.dt
    arrays, dims = step.signal_arrays(signal, 0, 0, 1, dt)
    shapes = tuple((k, np.shape(v), v.dtype) for k, v in arrays.items())
    known = (program, fitted.shapes, shapes, tuple(dims.items()))
    result = _checked.pop(known, None)
    if result is None:
        if signal is not None:
            model.check_input(signal.sample_shape)
        states, params = fitted.raw_states(), fitted.params()
        result = check_driven(model, program.call, signal, arrays, dims, dt, states, params)
    _checked[known] = result  # as the last one used
    if len(_checked) > MAX_CHECKED:
        _checked.pop(next(iter(_checked)), None)
    dimensions, values = result
    each = zip(program.recorders, values, dimensions, strict=True)
    return [c for r, value, dimension in each for c in r.channels(fitted, value, dimension)], values


@dataclasses.dataclass
class Plan:
    """A run that has been checked: what it runs, from which step to which. dt and t0 in ms.

    `signal` is here because a program refers to it weakly; it begins at the step `input_begin`. `engine` returns what
    runs a chunk of a fitted model, of what its recorders read.
    """

    fitted: Fitted
    program: Program
    channels: list[Channel]
    values: Any
    signal: Signal | None
    input_begin: int
    begin: int
    end: int
    t0: float
    seed: int
    engine: Callable[[Fitted, Any], Callable[..., Any]] = lambda fitted, values: advance  # or on several devices

    @property
    def dt(self) -> float:
        """The time step, ms."""
        return self.fitted.dt

    def arguments(self, tape: Tape, i: int, n: int) -> tuple[Any, ...]:
        """Return the arguments of `advance`, but the last, for n steps from step i on, where the model stands."""
        inputs, _ = step.signal_arrays(self.signal, i - self.input_begin, n, self.program.capacity, self.dt)
        clock = step.clock_arrays(i, self.dt, self.t0, self.seed)
        params, states = self.fitted.params(), self.fitted.raw_states()
        return self.program, params, states, tape.totals, inputs, clock, tape.positions()

    def first_pace(self) -> int:
        """Return how many steps the first chunk has."""
        return min(max(MAX_WORK // max(self.fitted.n_values, 1), 256), self.program.capacity)

    def chunks(self, tape: Tape, ends: Callable[[int], int], on_error: str, at_once: Any) -> Iterator[tuple[Any, int]]:
        """Run in chunks; yield the states after each, which become those of the model, and its steps.

        Args:
            tape: takes what is recorded.
            ends: returns at which step a chunk that begins at this one ends at the latest.
            on_error: as of `DSRunner`.
            at_once: makes a with block that may be interrupted.

        Raises:
            FloatingPointError: a state is at fault, and `on_error` says "raise"; the chunk before it has been yielded.
            MemoryError: the spike events of another chunk might not fit.
        """
        i, pace, watched, trouble = self.begin, self.first_pace(), True, None
        if i == tape.first < self.end:
            tape.initial = self._initial(tape)
        while i < self.end and trouble is None:
            tape.make_room()
            n = min(pace, self.end - i, ends(i) - i)
            started = time.perf_counter()
            run = self.engine(self.fitted, self.values)
            replay = functools.partial(run, *self.arguments(tape, i, n))
            with answered_leaks(self.fitted.model.name), at_once():
                states, carries, _, outcome = replay(np.int32(n))
                n, *verdict = map(int, np.asarray(outcome))
            if watched and _fails(replay, n, verdict):
                before, text = self._failure(replay, i, n)
                if on_error == "warn":
                    warn(f"{text} The run goes on.", RuntimeWarning)
                    watched = False
                else:
                    trouble, n = text, before
                    states, carries, *_ = replay(np.int32(n))
            # What a tape holds and the states move on together: between two chunks all is of one step.
            tape.add(carries, n)
            i += n
            yield states, n
            taken = time.perf_counter() - started
            slower = max(256, int(n * CHUNK_SECONDS / taken))
            pace = min(self.program.capacity, 2 * n if taken < CHUNK_SECONDS / 2 else slower)
        if trouble is not None:
            _report(f"{trouble} mon and the states hold the run up to the step before.", on_error)

    def _initial(self, tape: Tape) -> dict[str, Any]:
        """Return the values before the first step, by name, of the recorders that want them."""
        rows = [r for r in self.program.recorders if isinstance(r, Rows) and r.begins_at(self.begin)]
        if not rows:
            return {}
        program, params, states, _, inputs, clock, _ = self.arguments(tape, self.begin, 1)
        values = values_before(program, tuple(r.observable for r in rows), params, states, inputs, clock)
        return {r.name: value for r, value in zip(rows, values, strict=True)}

    def refit(self) -> None:
        """Go on with a model that somebody has changed; where a program of it differs, with that.

        Raises:
            ValueError: what is recorded is not the same any more.
        """
        before, self.fitted = self.fitted, fit(self.fitted.model, self.dt, self.fitted, self.fitted.blocks)
        if self.fitted is before:
            return
        program = program_of(self.fitted, self.program.recorders, self.signal)
        channels, _ = checked(program, self.fitted, self.signal)
        if {c.name: c for c in channels} != {c.name: c for c in self.channels}:
            raise ValueError(
                f"{before.model.name}: what is recorded has another shape or unit since the model was changed within a "
                "run; end it, and run on with the changed model."
            )
        self.program = dataclasses.replace(program, capacity=self.program.capacity)

    def _failure(self, replay: Any, i: int, n: int) -> tuple[int, str]:
        """Return how many of n steps from i on come before one that fails, and what is at fault in that."""
        before = _steps_before_failure(replay, n)
        failed, _, spikes, _ = replay(np.int32(before + 1))
        t = self.t0 + (i + before + 1) * self.dt
        return before, soundness.describe(self.fitted.model, self.fitted.apart(failed), spikes, i + before, t)


def _report(trouble: str, on_error: str) -> None:
    if on_error == "raise":
        raise FloatingPointError(trouble)
    warn(trouble, RuntimeWarning)


def _fails(replay: Any, n: int, verdict: Any) -> bool:
    """Return whether the run has failed after n steps of a chunk, with this verdict on the states then.

    A voltage that is beyond its bound because of a spike in the last step is a fault if it was beyond it before too.
    """
    at_fault, not_reset = verdict
    return bool(at_fault) or (bool(not_reset) and bool(_verdict(replay, n - 1)[1]))


def _verdict(replay: Any, n: int) -> Any:
    """Return the verdict on the states after n steps of a replayed chunk."""
    return np.asarray(replay(np.int32(n))[3])[1:]


def _steps_before_failure(replay: Any, n: int) -> int:
    """Return after how many steps (< n) of the replayed chunk the run has not failed yet: by bisection."""
    good, bad = 0, n
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (good, middle) if _fails(replay, middle, _verdict(replay, middle)) else (middle, bad)
    return good
