"""Resumable: what of a runner goes into a snapshot, and how a run goes on from one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Self, TypedDict, Unpack

import jax
import pint

from simcore import Module, files, units
from simcore.files import PathLike
from simcore.step.context import default_dt
from simcore.step.fitted import fit
from simcore.units import OneQuantity
from simcore.units.clock import Clock, as_time, milliseconds, time_step

from .record import snapshot
from .record.monitors import MonitorsLike
from .record.store import is_there, refuse_existing
from .record.tape import Tape
from .settings import Settings


class Options(TypedDict, total=False):
    """What a runner is given again when it goes on: see `DSRunner`."""

    progress_bar: bool
    jit: bool
    store: PathLike | None
    devices: int | Sequence[jax.Device] | None
    on_error: str


class OptionsOfResumed(Options, total=False):
    """The same, and where it writes to."""

    checkpoint: PathLike | None
    checkpoint_every: OneQuantity | None


class Resumable(Settings):
    """Base of a runner that is saved to files and goes on from them: where it stands."""

    target: Module
    monitors: Any
    seed: Any
    i: Any
    _dt: float | None  # ms; None until it is given or the first run fixes it
    _t0: float  # ms
    store: str | None
    checkpoint: Any
    checkpoint_every: Any
    _tape: Tape | None  # of a recording that goes on: with a store
    _saved: tuple[dict[str, Any], files.Arrays] | None  # the snapshot of a recording that the next run goes on with
    _is_job: bool  # made by start_or_resume: its waveforms begin at step 0

    def __init__(
        self,
        target: Module,
        monitors: MonitorsLike | None = (),
        dt: OneQuantity | None = None,
        t0: OneQuantity | None = None,
        seed: int = 0,
        **options: Any,
    ) -> None:
        raise NotImplementedError

    @property
    def dt(self) -> pint.Quantity:
        """The time step."""
        return as_time(default_dt() if self._dt is None else self._dt)

    @property
    def t0(self) -> pint.Quantity:
        """The time at which step 0 begins."""
        return as_time(self._t0)

    @property
    def t(self) -> pint.Quantity:
        """The present time, t0 + i dt."""
        return as_time(self._t0 + self.i * self.dt.m_as("ms"))

    def set_files(
        self, store: PathLike | None, checkpoint: PathLike | None, checkpoint_every: OneQuantity | None
    ) -> None:
        """Set where the runner writes to, after a look whether it can."""
        if (checkpoint is None) != (checkpoint_every is None):
            raise ValueError("DSRunner: 'checkpoint', a file, and 'checkpoint_every', a time, go together.")
        if checkpoint is not None:
            checkpoint = files.place(files.with_ending(checkpoint), "DSRunner: 'checkpoint'")
            if os.path.isdir(checkpoint):
                raise IsADirectoryError(f"DSRunner: checkpoint={checkpoint!r} is a folder; choose another name.")
            if milliseconds(checkpoint_every, "DSRunner: 'checkpoint_every'") <= 0:
                raise ValueError(f"DSRunner: 'checkpoint_every' must be > 0, got {units.show(checkpoint_every)}.")
        store = None if store is None else files.place(store, "DSRunner: 'store'")
        self.fix(store=store, checkpoint=checkpoint, checkpoint_every=checkpoint_every)

    def refuse_existing_files(self) -> None:
        """Raise FileExistsError if a run that begins would replace what another has written."""
        if self.store is not None:
            refuse_existing(self.store)
        if self.checkpoint is not None and os.path.exists(self.checkpoint):
            raise FileExistsError(
                f"DSRunner: checkpoint={self.checkpoint!r} is there already; remove it or choose another name. A run "
                "goes on from it by DSRunner.start_or_resume() or DSRunner.resume()."
            )

    def save(self, file: PathLike) -> None:
        """Write a snapshot to `file` (.npz is appended if missing), from which `resume` goes on to the bit.

        It holds the states (delays, plastic weights), the parameters with units, the step count, dt, t0, the seed,
        the monitors, versions, and checksums of the connections.
        """
        dt = float(self.dt.m_as("ms"))
        fit(self.target, dt)
        self._write(file, snapshot.about(self.target, dt), self._tape)

    def _write(self, file: Any, about: dict[str, Any], tape: Tape | None) -> None:
        about = about | {"i": self.i, "t0_ms": self._t0, "seed": self.seed, "dt_known": self._dt is not None}
        about |= {"monitors": snapshot.monitors_as_text(self.monitors), "run": None, "first": None}
        arrays = snapshot.arrays(self.target)
        if tape is not None:
            tape.columns.sync()
            about |= {"run": tape.columns.run, "first": tape.first}
            arrays |= tape.state()
        snapshot.SNAPSHOT.write(os.path.realpath(files.with_ending(file)), about, arrays, to_disk=True)

    @classmethod
    def resume(
        cls, file: PathLike, target: Module, monitors: MonitorsLike | None = None, **options: Unpack[Options]
    ) -> Self:
        """Return a runner that goes on where the runner of a snapshot was, with its parameters, step count and seed.

        A split run equals an unbroken one to the bit. Inputs are given again, to `run`; of a waveform, the part that
        is left. With the `store` of the run that was saved, its recording goes on.

        Args:
            file: a snapshot of `save`.
            target: the model, built as it was; its parameters and states become those of the file.
            monitors: by default those of the file; functions have to be given again.
            options: of `DSRunner`: store, checkpoint (it may be there), checkpoint_every, on_error, progress_bar, jit.

        Raises:
            FileError: the file is damaged, of another kind or of a newer format.
            ValueError: the snapshot is of another model or of other connections; in `run`, the store is of another run.
        """
        if given := {"dt", "t0", "seed"} & options.keys():
            raise TypeError(f"DSRunner.resume takes {min(given)!r} from the file; leave it out.")
        runner = cls._resumed(*snapshot.SNAPSHOT.read(file), target, monitors, dict(options))
        if runner._saved is not None and runner._saved[0]["run"] is None:
            runner._saved = None  # in memory, each run has a recording of its own
        return runner

    @classmethod
    def _resumed(
        cls, about: dict[str, Any], arrays: files.Arrays, target: Module, monitors: Any, options: dict[str, Any]
    ) -> Self:
        """Return the runner of a snapshot; nothing changes unless it is of this model."""
        if about["first"] is not None and about["first"] > about["i"]:
            raise snapshot.SNAPSHOT.damaged(arrays.path, f"it is of step {about['i']}, before its recording begins")
        written = {k: options.pop(k, None) for k in ("store", "checkpoint", "checkpoint_every")}
        runner = cls(target, seed=about["seed"], **options)
        runner.set_files(**written)
        if monitors is None:
            read = snapshot.monitors_of_text(arrays.path, about["monitors"])
            with files.blamed(lambda why: ValueError(f"{arrays.path} is a snapshot of another model: {why}")):
                runner.monitors = read
        else:
            runner.monitors = monitors
        snapshot.restore(about, arrays, target)
        dt = float(about["dt_ms"])
        runner._dt = dt if about["dt_known"] else None
        runner._t0, runner.i = float(about["t0_ms"]), about["i"]
        if about["first"] is not None:
            runner._saved = about, arrays
        target.set_clock(Clock(runner.i, dt, runner._t0))
        return runner

    @classmethod
    def start_or_resume(
        cls,
        target: Module,
        monitors: MonitorsLike | None = (),
        dt: OneQuantity | None = None,
        t0: OneQuantity | None = None,
        seed: int = 0,
        *,
        checkpoint: PathLike,
        checkpoint_every: OneQuantity,
        **options: Unpack[Options],
    ) -> Self:
        """Return a runner that goes on from its checkpoint, or a new one as long as there is none.

        So one script starts a job and, whenever it has been killed, goes on with it, also into its store::

            files = {"store": "job", "checkpoint": "job.npz", "checkpoint_every": 10 * second}
            runner = sc.DSRunner.start_or_resume(net, ["V"], **files)
            runner.run(end - runner.t, inputs=waveform)

        A waveform begins at t0, wherever the job goes on. Counts and measures are of the whole job; with a store, rows
        and spike events too. Without one, these begin where the job goes on, and a warning says so.

        Args:
            target: the model, built in the same way each time.
            monitors: what to record; these and all else as for `DSRunner`.
            dt: the time step.
            t0: the time at which step 0 begins.
            seed: of the noise in the models.
            checkpoint: the file.
            checkpoint_every: the time between two checkpoints.
            options: store, on_error, progress_bar, jit.

        Raises:
            FileError: the checkpoint is damaged.
            ValueError: it is of another model, of other parameters, of a run with another dt, t0 or seed, or its store
                is not there. The model stays as it was.
        """
        given: dict[str, Any] = {**options, "checkpoint": checkpoint, "checkpoint_every": checkpoint_every}
        path = os.path.abspath(files.with_ending(checkpoint))
        if os.path.isfile(path):
            about, arrays = snapshot.SNAPSHOT.read(path)
            _require_same_run(path, about, arrays, target, (dt, t0, seed), given.get("store"))
            runner = cls._resumed(about, arrays, target, monitors, given)
        else:
            runner = cls(target, monitors, dt, t0, seed, **given)
        runner._is_job = True
        return runner

    def _require_ahead(self, duration: Any) -> None:
        """Raise ValueError if a job is asked to end before where it is already."""
        if self._is_job and duration is not None and (ahead := milliseconds(duration, "'duration'")) < 0:
            raise ValueError(f"DSRunner: the job is at t = {self.t:.10g~P} already, {-ahead:.10g} ms past that end.")


def _shown(value: Any) -> str:
    return f"{value:~P}" if isinstance(value, pint.Quantity) else f"{value}"


def _require_same_run(
    path: str, about: dict[str, Any], arrays: files.Arrays, target: Module, given: tuple[Any, Any, int], store: Any
) -> None:
    """Raise ValueError unless a script that gives this dt, t0 and seed, model and store, is that of a checkpoint."""
    dt, t0, seed = given
    cure = f"remove it{'' if store is None else f' and {os.fspath(store)!r}'} to start anew"
    values = {
        "dt": (None if dt is None else as_time(time_step(dt, "DSRunner")), as_time(about["dt_ms"])),
        "t0": (None if t0 is None else as_time(milliseconds(t0, "DSRunner: 't0'")), as_time(about["t0_ms"])),
        "seed": (seed, about["seed"]),
    }
    for name, (value, was) in values.items():
        if value not in (None, was):
            raise ValueError(f"{path} is of a run with {name} = {_shown(was)}, got {_shown(value)}; {cure}.")
    snapshot.require_same(about, arrays, target, cure)
    _require_store(path, about, store, cure)


def _require_store(path: str, about: dict[str, Any], store: Any, cure: str) -> None:
    """Raise ValueError unless a job goes on with its store, or goes on without one as it began."""
    if about["run"] is None:
        if store is not None and about["i"]:
            raise ValueError(f"{path} is of a run without a store; leave 'store' out, or {cure}.")
    elif store is None:
        raise ValueError(f"{path} is of a run with a store; give it, store='folder', or {cure}.")
    elif about["i"] > about["first"] and not is_there(os.fspath(store)):  # else it was killed before it made the store
        raise ValueError(f"{path} is of a run whose store {os.fspath(store)!r} is gone; put it back, or {cure}.")
