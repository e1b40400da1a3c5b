"""The state of the simulation: the network that is built when it first runs, and its runner."""

from __future__ import annotations

from typing import Any

import numpy as np

import simcore as sc
from pyNN import common
from simcore.units import attach

from .on_the_way import kept

name = "simcore"

# A piece of a run makes waveforms of at most so many values.
PIECE = 2**22


class ID(int, common.IDMixin):
    """The number of a cell, with which its parameters can be reached."""


class State(common.control.BaseState):
    """What PyNN's functions ask about the simulation, and the network of simcore that they build.

    Populations and projections are translated when a run begins; those that are made later are added then.
    """

    def __init__(self) -> None:
        super().__init__()
        self.mpi_rank, self.num_processes = 0, 1
        self.clear()

    def clear(self, dt: float = 0.1, min_delay: Any = "auto", max_delay: Any = "auto", seed: int = 0) -> None:
        """Forget the network, and begin another one.

        Args:
            dt: the time step, ms.
            min_delay: ms, of synapses that are given none; "auto": dt.
            max_delay: ms, or "auto".
            seed: of what is random in the network.
        """
        self.dt, self.asked_min_delay, self.asked_max_delay, self.seed = dt, min_delay, max_delay, seed
        self.recorders: set[Any] = set()
        self.populations: list[Any] = []
        self.projections: list[Any] = []
        self.current_sources: list[Any] = []
        self.write_on_end: list[Any] = []
        self.id_counter, self.segment_counter = 0, -1
        self.net = sc.Network(seed=seed, name="the network")
        self.runner: sc.DSRunner | None = None
        self.reset()

    def reset(self) -> None:
        """Go back to t = 0, with the initial values; random numbers are other ones in each segment."""
        self.running, self.t_start, self.step = False, 0, 0
        self.segment_counter += 1
        for part in (*self.recorders, *self.populations, *self.projections, *self.current_sources):
            part.begin_again()
        if self.runner is not None:
            self.runner.reset_state()
            self.runner.seed = self.segment_counter

    # ---------------------------------------------------------------- time

    @property
    def t(self) -> float:
        """The time, ms."""
        return self.step * self.dt

    def steps(self, time: Any) -> Any:
        """Return times (ms) as whole numbers of steps, the nearest ones."""
        return np.round(np.asarray(time, float) / self.dt).astype(int)

    @property
    def default_delay(self) -> float:
        """The delay of synapses that are given none, ms."""
        return self.dt if self.asked_min_delay == "auto" else self.asked_min_delay

    @property
    def min_delay(self) -> float:
        """The shortest delay, ms: as `setup` was told, else of all projections, dt without any."""
        if self.asked_min_delay != "auto":
            return self.asked_min_delay
        return min((p.delays.min() for p in self.projections if p.delays.size), default=self.dt)

    @property
    def max_delay(self) -> float:
        """The longest delay, ms: as `setup` was told, else of all projections, dt without any."""
        if self.asked_max_delay != "auto":
            return self.asked_max_delay
        return max((p.delays.max() for p in self.projections if p.delays.size), default=self.dt)

    # ---------------------------------------------------------------- running

    def run(self, simtime: float) -> None:
        """Advance by a time (ms), to the nearest step."""
        self.run_until(self.t + simtime)

    def run_until(self, tstop: float) -> None:
        """Advance to a time (ms), to the nearest step."""
        last = int(self.steps(tstop))
        runner = self._built()
        self.running = True
        while self.step < last:
            self._run_to(runner, min([last, *self._boundaries()]))

    def _built(self) -> sc.DSRunner:
        """Return the runner of the network as it is now."""
        parts = (*self.populations, *self.projections)
        if any(part.is_new for part in parts):
            with kept(self.net):
                for letter, some in (("p", self.populations), ("c", self.projections)):
                    for k, part in enumerate(some):
                        if part.is_new:
                            part.build(self.net, f"{letter}{k}")
                self.net.ensure_state()
                self.net.fit_to(self.dt)
        if self.runner is None:
            seed = self.segment_counter
            self.runner = sc.DSRunner(self.net, dt=attach(self.dt, "ms"), seed=seed, progress_bar=False)
        for part in parts:
            part.set_states()
        self.runner.monitors = {name: what for r in self.recorders for name, what in r.monitors().items()}
        return self.runner

    def _boundaries(self) -> list[int]:
        """Return steps after this one at which a piece of a run ends."""
        changes = [step for p in self.populations for step in p.changes()]
        driven = sum(p.size for p in self.populations if any(s.reaches(p) for s in self.current_sources))
        return [*(step for step in changes if step > self.step), self.step + max(PIECE // max(driven, 1), 1)]

    def _run_to(self, runner: sc.DSRunner, last: int) -> None:
        """Run a piece in which no parameter changes."""
        steps = np.arange(self.step, last)
        for part in (*self.recorders, *self.populations):
            part.before_run()
        currents = {source: source.play(steps) for source in self.current_sources}
        inputs = {p.path: p.input(currents, self.dt) for p in self.populations if p.celltype.injectable}
        mon = runner.run(attach(steps.size * self.dt, "ms"), inputs=inputs or None)
        self.step = last
        for recorder in self.recorders:
            recorder.take(mon)


state = State()
