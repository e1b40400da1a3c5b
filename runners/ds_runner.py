"""DSRunner: runs a model through time in chunks of one compiled program."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from simcore import Module, Signal, distributed, units
from simcore.files import PathLike
from simcore.module.warning import warn
from simcore.step import pure as step
from simcore.step.context import default_dt
from simcore.step.fitted import Fitted, fit
from simcore.step.noise import seed_of_run
from simcore.step.signal import InputLike, as_signal
from simcore.units import OneQuantity
from simcore.units.clock import MAX_STEP, Clock, milliseconds, n_steps, time_step

from . import loop, settings
from .devices.parts import own_blocks
from .devices.split import Split, chosen
from .estimate import Estimate, tried
from .progress import Interrupts, interruptible, model_time, progress
from .record import monitors as monitoring
from .record import snapshot
from .record.channels import TotalChannel
from .record.elsewhere import Elsewhere
from .record.lasting import of_doubtful
from .record.monitors import Monitor, MonitorsLike, read_monitors
from .record.recording import Recording
from .record.store import Store
from .record.tape import Memory, Tape
from .resumable import Resumable
from .settings import Setting

# A function of the model that says where a run ends, and how many steps there are between its calls.
_Stop = tuple[Callable[[Any], Any], int]


class DSRunner(Resumable):
    """Runs a model (dynamical system) through time.

    A runner counts its own steps: direct calls of the model between two runs change the states, not the runner's time.

    Args:
        target: a neuron, layer or network; a runner calls ``target(x)`` in each step.
        monitors: what to record: names ("V"), dotted paths ("E.V"), (name, indices), "spike", "spike_events",
            "spike_count", `simcore.Record` (now and then, or in a window), one of `simcore.measure`; or a dict from
            names to these or to functions of the model.
        dt: the time step; by default the environment's (0.1 ms). A coarser waveform is held.
        t0: the time at which step 0 begins.
        seed: of the noise in the models.
        progress_bar: show one for runs that take longer than a second.
        jit: False runs step by step in Python, for debugging.
        store: a folder to which each chunk is written, so that memory stays flat: all runs of the runner go into it,
            one after the other, and `mon` refers to it. `simcore.open_run` reads it at any time. Of several processes
            the first one writes it, and all read it: they need a file system that they share.
        checkpoint: a file that is written as by `save`, over and over; it, and the store, must not be there yet.
        checkpoint_every: the time between two checkpoints.
        devices: on how many devices the model runs, a divisor of 32, or which: each advances a part of every
            population, with the same spikes to the bit as one device. Spikes cross with the delays of the network,
            which must be a step at least; see `simcore.distributed.use_cpu_devices`. None: one. With devices of several
            processes each draws the synapses onto its own neurons, and has no others when it is asked for them
            (plastic ones, and those by the distance, it has all).
        on_error: of a state that is not finite, or of a voltage beyond 1e6 mV: "raise" FloatingPointError, "warn" and
            go on, or "stop" before it with a warning.
    """

    SETTABLE = ("monitors", "seed", "progress_bar", "jit", "on_error", "i")
    target: Module
    mon: Recording  # of the last run
    last_input: Signal | None
    store: str | None
    checkpoint: Any
    checkpoint_every: Any
    devices: tuple[Any, ...] | None
    seed = Setting(settings.seed)
    progress_bar = Setting(settings.flag("progress_bar"))
    jit = Setting(settings.flag("jit"))
    on_error = Setting(settings.one_of("on_error", ("raise", "warn", "stop")))
    i = Setting(settings.step_count)

    def __init__(
        self,
        target: Module,
        monitors: MonitorsLike | None = (),
        dt: OneQuantity | None = None,
        t0: OneQuantity | None = None,
        seed: int = 0,
        progress_bar: bool = True,
        jit: bool = True,
        *,
        store: PathLike | None = None,
        checkpoint: PathLike | None = None,
        checkpoint_every: OneQuantity | None = None,
        devices: int | Sequence[jax.Device] | None = None,
        on_error: str = "raise",
    ) -> None:
        if not isinstance(target, Module):
            raise TypeError(f"DSRunner needs a simcore Module to run, got {target!r}.")
        if devices is not None and not jit:
            raise ValueError("DSRunner: 'devices' run compiled steps; with jit=False, leave them out.")
        self.fix(target=target, last_input=None, mon=Recording(), devices=chosen(devices))
        self._blocks = own_blocks(self.devices)
        target.draw_for(self._blocks)
        target.ensure_state()
        self.monitors = monitors
        self.seed, self.progress_bar, self.jit, self.on_error = seed, progress_bar, jit, on_error
        self._dt = None if dt is None else time_step(dt, "DSRunner")
        self._t0 = 0.0 if t0 is None else milliseconds(t0, "DSRunner: 't0'")
        self.i, self._tape, self._saved, self._is_job = 0, None, None, False
        self._fitted: Fitted | None = None  # the model as the last run left it
        self._split: Split | None = None  # that on several devices
        if self._blocks and checkpoint is not None:
            raise ValueError(
                "DSRunner: 'checkpoint' is for the devices of one process; of several each has some of the synapses "
                "alone. Leave it out; a 'store', which the first process writes, keeps what was recorded."
            )
        self.set_files(store, checkpoint, checkpoint_every)
        self.refuse_existing_files()
        self._meet()

    def __repr__(self) -> str:
        what, names = type(self.target).__name__, ", ".join(m.name for m in self.monitors)
        return f"DSRunner of {what} at t = {self.t:.10g~P}, dt = {self.dt:.10g~P}, recording {names or 'nothing'}"

    @property
    def monitors(self) -> tuple[Monitor, ...]:
        """What is recorded; set to names and so on, as in the constructor."""
        return self._monitors

    @monitors.setter
    def monitors(self, monitors: MonitorsLike | None) -> None:
        self._monitors = read_monitors(self.target, monitors)

    def reset_state(self, batch_size: int | None = None) -> None:
        """Reset the target's states and go back to step 0."""
        self.target.reset_state(batch_size)
        self.i = 0

    # ---------------------------------------------------------------- running

    def run(
        self,
        duration: OneQuantity | None = None,
        inputs: InputLike = None,
        *,
        until: Callable[[Any], Any] | None = None,
        every: OneQuantity | None = None,
    ) -> Recording:
        """Run on from the present state; return `mon`, the recording of this run (of all runs, with a store).

        Ctrl-C ends a run after the chunk it is in (a second one, without it): `mon` holds what came before, and the
        next `run` goes on from there.

        Args:
            duration: a time; by default as long as the input.
            inputs: a quantity (scalar, or one for each neuron), a waveform or a function of t
                (`simcore.inputs`); a waveform begins with the run. None: the model's update() has a default.
            until: a function of the model, called from time to time; the run ends where it returns True. It may read
                and set parameters and states, which are quantities; `mon` holds what has been recorded so far.
            every: the time between two calls of `until`; by default 1 ms.

        Returns:
            The recording: `ts` (T,), states and functions (T, *shape) as quantities, spikes (T, *shape) as bools.

        Raises:
            DimensionalityError: the input or an equation has a wrong dimension; with the user's line.
            ValueError: the duration is not a whole number of steps, or no duration is known.
            FloatingPointError: a state became nan or inf; with neuron and time. `mon` keeps what came before.
            MemoryError: the monitors would not fit; or spike events outgrow the memory: `mon` keeps what came before.
            KeyboardInterrupt: after Ctrl-C.
        """
        plan = self._plan(duration, inputs)
        if until is None and every is not None:
            raise TypeError("DSRunner: 'every' is the time between two calls of 'until', a function of the model.")
        if until is not None and not callable(until):
            raise TypeError(f"DSRunner: 'until' must be a function of the model, got {until!r}.")
        steps = max(round(1 / plan.dt), 1) if every is None else _steps("every", every, plan.dt)
        return self._run(plan, None if until is None else (until, steps))

    def step(self, inputs: InputLike = None) -> Recording:
        """Run one step of dt; return `mon`, its recording, as `run` does: for a loop that answers each step.

        It is a program of its own, which the first call compiles. Any other call takes a fraction of a millisecond
        beside the step itself; the first one after a parameter or state has been set takes more.

        Args:
            inputs: those of this step, as for `run`: quantities or functions of t.
        """
        return self._run(self._plan(None, inputs, steps=1), None)

    def _run(self, plan: loop.Plan, stop: _Stop | None) -> Recording:
        every = self.checkpoint_every
        checkpoint = 0 if every is None else _steps("checkpoint_every", every, plan.dt)
        self._dt = plan.dt
        self.fix(last_input=plan.signal)
        with contextlib.nullcontext() if self.jit else jax.disable_jit(), interruptible() as interrupts:
            tape = self._open(plan)
            try:
                self._drive(plan, tape, checkpoint, stop, interrupts)
                self._meet()
            finally:
                self.fix(mon=tape.recording())
        if interrupts.count:
            raise KeyboardInterrupt
        return self.mon

    def _drive(self, plan: loop.Plan, tape: Tape, checkpoint: int, stop: _Stop | None, interrupts: Interrupts) -> None:
        """Run the chunks; write a checkpoint after so many steps; end where `stop` says so, or with an interrupt."""
        about = snapshot.about(self.target, plan.dt) if checkpoint else {}
        grids = [(checkpoint, 0)] if checkpoint else []
        grids += [] if stop is None else [(stop[1], plan.begin)]
        steps = plan.end - plan.begin
        shown = self.progress_bar and steps > plan.program.capacity

        def ends(i: int) -> int:
            return min((i + every - (i - first) % every for every, first in grids), default=plan.end)

        try:
            with progress(steps, shown, **model_time(plan.dt)) as advanced:
                for states, n in plan.chunks(tape, ends, self.on_error, interrupts.at_once):
                    self.i += n
                    plan.fitted.settle(states, Clock(self.i, plan.dt, self._t0))
                    advanced(n)
                    if checkpoint and n and self.i % checkpoint == 0:
                        self._write(self.checkpoint, about, tape)
                    if interrupts.count or (stop is not None and self._is_over(stop, plan, tape)):
                        return
        finally:
            plan.fitted.leave()
            plan.fitted.watch()
            self._fitted = plan.fitted

    def _is_over(self, stop: _Stop, plan: loop.Plan, tape: Tape) -> bool:
        """Return whether a run ends here by what the user's function says, which may set parameters and states."""
        until, every = stop
        if (self.i - plan.begin) % every:
            return False
        plan.fitted.leave()
        plan.fitted.watch()
        self._meet()
        self.fix(mon=tape.so_far())
        try:
            is_over = until(self.target)
        finally:  # what it has set before it failed was set, not left by steps
            plan.refit()
        if np.ndim(is_over):
            raise TypeError("DSRunner: 'until' must return True or False, got an array of the shape "
                            f"{np.shape(is_over)}; is any or all of it meant?")  # fmt: skip
        return bool(is_over)

    def estimate(self, duration: OneQuantity | None = None, inputs: InputLike = None) -> Estimate:
        """Return what a run will take, memory and time, after trying some steps; states and time stay as they are."""
        return tried(self._plan(duration, inputs))

    def _plan(self, duration: Any, inputs: Any, steps: int | None = None) -> loop.Plan:
        """Return a run after all checks: for a duration, or of so many steps, which are compiled for themselves."""
        dt = self._dt or default_dt()
        fitted = fit(self.target, dt, self._fitted, self._blocks)
        signal = as_signal(inputs, fitted.nodes)
        input_begin = 0 if self._is_job else self.i
        capacity = steps
        if steps is None:
            self._require_ahead(duration)
            steps = step.run_length(signal, duration, dt, self.i - input_begin)
        elif signal is not None and signal.n_steps(dt) is not None:
            raise TypeError("DSRunner: step() takes the input of one step, a quantity; a waveform is for run().")
        if self.i + steps > MAX_STEP:
            raise ValueError(f"the run would end at step {self.i + steps}; a runner counts up to 2**31 - 1.")
        recorders = (*monitoring.fitted(self.monitors, steps, dt, self._t0), *of_doubtful(fitted.structure))
        program = loop.program_of(fitted, recorders, signal)
        channels, values = loop.checked(program, fitted, signal)
        names = [m.name for m in self.monitors]
        channels.sort(key=lambda c: names.index(c.name))
        if capacity is None:
            row_bytes = sum(c.row_bytes() for c in channels) + (0 if signal is None else signal.bytes_per_step())
            capacity = int(np.clip(loop.CHUNK_BYTES // max(row_bytes, 1), 16, loop.MAX_CHUNK))
        program = dataclasses.replace(program, capacity=capacity)
        end, seed = self.i + steps, seed_of_run(self.target, self.seed)
        plan = loop.Plan(fitted, program, channels, values, signal, input_begin, self.i, end, self._t0, seed)
        return plan if self.devices is None else dataclasses.replace(plan, engine=self._on_devices)

    def _on_devices(self, fitted: Fitted, values: Any) -> Callable[..., Any]:
        """Return what runs a chunk on several devices."""
        assert self.devices is not None
        if self._split is None or not self._split.is_of(fitted):
            self._split = Split(fitted, self.devices)
        return functools.partial(self._split.advance, values)

    def _open(self, plan: loop.Plan) -> Tape:
        """Return the tape of a run: with a store, that of the runs before it."""
        clock, recorders = (plan.dt, plan.t0), plan.program.recorders
        about, totals = self._saved or ({"run": None, "first": plan.begin}, None)
        if self.store is None:
            memory = Memory(plan.channels, plan.begin, plan.end, clock)
            tape = Tape(recorders, plan.values, plan.channels, about["first"], clock, memory)
            if totals is not None:
                tape.restore(totals, plan.begin)
                self._tell_of_lost(plan)
            self._saved = None
            return tape
        if self._tape is not None:
            if self._tape.i != plan.begin:
                raise ValueError(
                    f"the store {self.store!r} ends at step {self._tape.i}, the runner is at {plan.begin}; "
                    "what follows belongs into another one: make a runner with another store."
                )
            if list(self._tape.channels.values()) != plan.channels:
                raise ValueError(f"the store {self.store!r} has the monitors of the run before; make a runner with "
                                 "another store for others.")  # fmt: skip
            self._tape.columns.go_on()
            return self._tape
        if self._blocks and self._blocks[0].number > 0:  # the first part is of another process
            columns = Elsewhere(self.store)
            self._tape = Tape(recorders, plan.values, plan.channels, plan.begin, clock, columns)
            return self._tape
        store = Store(self.store, plan.channels, (plan.begin, plan.end), clock, about["run"])
        tape = Tape(recorders, plan.values, plan.channels, store.first, clock, store)
        if not store.is_new and totals is not None:
            tape.restore(totals, plan.begin)
        if self.checkpoint is not None and store.is_new:  # before the store is there: a killed job can start again
            self._write(self.checkpoint, snapshot.about(self.target, plan.dt), tape)
        tape.commit()
        self._tape, self._saved = tape, None
        return tape

    def _meet(self) -> None:
        """Wait, of several processes, for the one that writes the store."""
        if self._blocks and self.store is not None:
            distributed.meet()

    def _tell_of_lost(self, plan: loop.Plan) -> None:
        """Warn of monitors of a job that were in the memory of a process that has ended."""
        names = [repr(c.name) for c in plan.channels if not isinstance(c, TotalChannel)]
        if names:
            warn(f"DSRunner: what {', '.join(names)} recorded before t = {self.t:.10g~P} was in the memory of a process"
                 " that has ended; mon has it from there on. With store='folder' the whole job is kept.",
                 RuntimeWarning)  # fmt: skip


def _steps(name: str, time: Any, dt: float) -> int:
    """Return the time between two events as steps of dt (ms)."""
    steps = n_steps(time, dt, f"DSRunner: {name!r}")
    if not steps:
        raise ValueError(f"DSRunner: {name!r} must be a step of dt at least, got {units.show(time)}.")
    return steps
