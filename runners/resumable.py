"""Resumable: what of a runner goes into a snapshot, and how a run goes on from one."""

from __future__ import annotations

import os
from typing import Any, Self

import pint

from simcore import Module, files
from simcore.step import pure as step
from simcore.step.context import default_dt
from simcore.units.clock import Clock, as_time, milliseconds, time_step

from .record import snapshot
from .record.tape import Tape
from .settings import Settings


class Resumable(Settings):
    """Base of a runner that is saved to files and goes on from them: where it stands."""

    target: Module
    monitors: Any
    seed: Any
    i: Any
    _dt: float | None  # ms; None until it is given or the first run fixes it
    _t0: float  # ms
    _tape: Tape | None  # of a recording that goes on: with a store
    _totals: files.Arrays | None  # of the run that a snapshot was taken of

    def __init__(
        self, target: Module, monitors: Any = (), dt: Any = None, t0: Any = None, seed: int = 0, **options: Any
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

    def save(self, file: Any) -> None:
        """Write a snapshot to `file` (.npz is appended if missing), from which `resume` goes on to the bit.

        It holds the states (delays, plastic weights), the parameters with units, the step count, dt, t0, the seed,
        the monitors, versions, and checksums of the connections.
        """
        dt = float(self.dt.m_as("ms"))
        step.fit(self.target, dt)
        self._write(file, snapshot.about(self.target, dt), self._tape)

    def _write(self, file: Any, about: dict[str, Any], tape: Tape | None) -> None:
        about = about | {"i": self.i, "t0_ms": self._t0, "seed": self.seed, "dt_known": self._dt is not None}
        about |= {"monitors": snapshot.monitors_as_text(self.monitors), "totals": tape is not None}
        arrays = snapshot.arrays(self.target)
        if tape is not None:
            tape.columns.sync()
            arrays |= tape.state()
        snapshot.SNAPSHOT.write(file, about, arrays, sync=True)

    @classmethod
    def resume(cls, file: Any, target: Module, monitors: Any = None, **options: Any) -> Self:
        """Return a runner that goes on where the runner of a snapshot was, with its parameters, step count and seed.

        A split run equals an unbroken one to the bit. Inputs are given again, to `run`; of a waveform, the part that
        is left. With the `store` of the run that was saved, its recording goes on.

        Args:
            file: a snapshot of `save`.
            target: the model, built as it was; its parameters and states become those of the file.
            monitors: by default those of the file; functions have to be given again.
            options: of `DSRunner`: store, checkpoint, checkpoint_every, on_error, progress_bar, jit.

        Raises:
            FileError: the file is damaged, of another kind or of a newer format.
            ValueError: the snapshot is of another model or of other connections.
        """
        if given := {"dt", "t0", "seed"} & options.keys():
            raise TypeError(f"DSRunner.resume takes {min(given)!r} from the file; leave it out.")
        about, arrays = snapshot.SNAPSHOT.read(file)
        store = options.pop("store", None)
        store = None if store is None else files.place(store, "DSRunner: 'store'")
        runner = cls(target, seed=about["seed"], **options)
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
        runner.fix(store=store)
        if about["totals"]:
            runner._totals = arrays
        target.set_clock(Clock(runner.i, dt, runner._t0))
        return runner

    @classmethod
    def start_or_resume(
        cls, target: Module, monitors: Any = (), dt: Any = None, t0: Any = None, seed: int = 0, *,
        checkpoint: Any, checkpoint_every: Any, **options: Any,
    ) -> Self:  # fmt: skip
        """Return a runner that goes on from its checkpoint, or a new one as long as there is none.

        So one script starts a job and, whenever it has been killed, goes on with it, also into its store::

            files = {"store": "job", "checkpoint": "job.npz", "checkpoint_every": 10 * second}
            runner = sc.DSRunner.start_or_resume(net, ["V"], **files)
            runner.run(end - runner.t)

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
            ValueError: it is of another model, or of a run with another dt, t0 or seed.
        """
        options |= {"checkpoint": checkpoint, "checkpoint_every": checkpoint_every}
        path = files.with_ending(checkpoint)
        if not os.path.exists(path):
            return cls(target, monitors, dt, t0, seed, **options)
        runner = cls.resume(path, target, monitors, **options)
        given = {
            "dt": (runner.dt if dt is None else as_time(time_step(dt, "DSRunner")), runner.dt),
            "t0": (runner.t0 if t0 is None else as_time(milliseconds(t0, "DSRunner: 't0'")), runner.t0),
            "seed": (seed, runner.seed),
        }
        for name, (value, was) in given.items():
            if value != was:
                raise ValueError(f"{path} is of a run with {name} = {was}, got {value}; remove it to start anew.")
        return runner
