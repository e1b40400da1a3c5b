"""Recorder: what is recorded of a population, piece by piece of a run."""

from __future__ import annotations

from typing import Any

import numpy as np

import simcore as sc
from pyNN import recording
from simcore.units import attach

from . import simulator


class Recorder(recording.Recorder):
    """What is recorded of a population: values from the start of the recording on, t = 0 included, and spikes."""

    _simulator = simulator

    def __init__(self, population: Any, file: Any = None) -> None:
        super().__init__(population, file)
        self.begin_again()

    def begin_again(self) -> None:
        """Forget what has been recorded."""
        # By variable: the step of the first row, the numbers of the cells, the rows (T, cells).
        self._blocks: dict[str, list[tuple[int, np.ndarray, np.ndarray]]] = {}
        self._recorded_to: dict[str, tuple[int, tuple[int, ...]]] = {}  # by variable: the step, of which cells
        self._spikes: list[tuple[np.ndarray, np.ndarray]] = []  # numbers of cells, times in ms

    def _record(self, variable: Any, new_ids: Any, sampling_interval: float | None = None) -> None:
        if sampling_interval is None or variable.name == "spikes":
            return
        steps = sampling_interval / simulator.state.dt
        if abs(steps - round(steps)) > 1e-6 or round(steps) < 1:
            raise ValueError(
                f"{self.population.label}: sampling_interval must be a multiple of the timestep, "
                f"{simulator.state.dt} ms, got {sampling_interval} ms."
            )
        self.sampling_interval = sampling_interval

    @property
    def _every(self) -> int:
        return int(simulator.state.steps(self.sampling_interval))

    @property
    def _first(self) -> int:
        """The step at which the recording starts."""
        return int(simulator.state.steps(self._recording_start_time.magnitude))

    def _chosen(self) -> dict[str, np.ndarray]:
        """Return the numbers of the cells that are recorded, by variable."""
        first = int(self.population.first_id)
        return {v.name: np.array(sorted(map(int, ids))) - first for v, ids in self.recorded.items() if ids}

    def _states(self, variable: str) -> tuple[list[str], str]:
        """Return the states of simcore whose sum a variable is, and its unit."""
        return self.population.celltype.recorded_as(variable, self.population.parameters)

    # ---------------------------------------------------------------- in a run

    def monitors(self) -> dict[str, Any]:
        """Return what a runner records."""
        path, ms, chosen = self.population.path, "ms", self._chosen()
        of_runner: dict[str, Any] = {}
        for variable, index in chosen.items():
            if variable == "spikes":
                of_runner[f"{path}: spikes"] = (f"{path}.spike_events", index)
                continue
            start, every = attach(self._first * simulator.state.dt, ms), attach(self.sampling_interval, ms)
            for state in self._states(variable)[0]:
                what = sc.Record(f"{path}.{state}", index, every=every, start=start)
                of_runner[f"{path}: {variable}: {state}"] = what
        return of_runner

    def before_run(self) -> None:
        """Keep the present values where a recording starts here."""
        now = simulator.state.step
        for variable, index in self._chosen().items():
            is_due = (now - self._first) % self._every == 0
            if variable != "spikes" and is_due and self._recorded_to.get(variable) != (now, tuple(index)):
                states, unit = self._states(variable)
                held = self.population.neurons.states()
                row = sum(held[state].value.m_as(unit)[index] for state in states)
                self._keep(variable, now, index, row[None])

    def take(self, mon: Any) -> None:
        """Keep what a piece of a run, which ends here, has recorded."""
        now, path = simulator.state.step, self.population.path
        for variable, index in self._chosen().items():
            if variable == "spikes":
                times, numbers = mon[f"{path}: spikes"]
                self._spikes.append((numbers, times.m_as("ms")))
                continue
            states, unit = self._states(variable)
            rows = sum(mon[f"{path}: {variable}: {state}"].m_as(unit) for state in states)
            last = now - (now - self._first) % self._every
            self._keep(variable, last - (len(rows) - 1) * self._every, index, rows)

    def _keep(self, variable: str, first: int, index: np.ndarray, rows: np.ndarray) -> None:
        self._blocks.setdefault(variable, []).append((first, index, rows))
        self._recorded_to[variable] = (simulator.state.step, tuple(index))

    # ---------------------------------------------------------------- what PyNN asks for

    def _get_spiketimes(self, ids: Any, clear: bool = False) -> tuple[np.ndarray, np.ndarray]:
        numbers, times = self._all_spikes()
        cells = numbers + int(self.population.first_id)
        wanted = np.isin(cells, np.array(ids, int))
        return cells[wanted], times[wanted]

    def _all_spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers of the cells that spiked, and the times (ms)."""
        numbers, times = zip(*self._spikes, strict=True) if self._spikes else ([np.zeros(0, int)], [np.zeros(0)])
        return np.concatenate(numbers), np.concatenate(times)

    def _get_all_signals(self, variable: Any, ids: Any, clear: bool = False) -> tuple[np.ndarray, None]:
        self.before_run()
        first, every = self._first, self._every
        rows = (simulator.state.step - first) // every + 1
        values = np.full((rows, self.population.size), np.nan)
        for begin, index, block in self._blocks.get(variable.name, []):
            at = (begin - first) // every
            values[at : at + len(block), index] = block
        offset = self.population.celltype.offset(variable.name, self.population.parameters)
        return (values + offset)[:, self.population.id_to_index(np.array(ids))], None

    def _local_count(self, variable: Any, filter_ids: Any = None) -> dict[int, int]:
        counts = np.bincount(self._all_spikes()[0], minlength=self.population.size)
        cells = sorted(self.filter_recorded(variable, filter_ids))
        return {int(cell): int(counts[self.population.id_to_index(cell)]) for cell in cells}

    def _clear_simulator(self) -> None:
        self.begin_again()

    def _reset(self) -> None:
        self.begin_again()
