"""Currents that are injected into cells: one value for each time step."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN.parameters import ArrayParameter, ParameterSpace
from pyNN.standardmodels import electrodes

from . import simulator


class _Source:
    """What a source of current does: its current over the step i is that at i dt."""

    def __init__(self, **parameters: Any) -> None:
        self._values: dict[str, Any] = {}
        super().__init__(**parameters)
        self._cells: dict[Any, np.ndarray] = {}  # by population: how often it is injected into each cell
        self._played: list[np.ndarray] = []
        self._is_recorded = False
        simulator.state.current_sources.append(self)
        self._number = len(simulator.state.current_sources)
        self.begin_again()
        self.set_native_parameters(self.parameter_space)

    def translate(self, parameters: ParameterSpace, copy: bool = True) -> ParameterSpace:
        """Return the parameters as they are."""
        return parameters

    def set_native_parameters(self, parameters: ParameterSpace) -> None:
        """Take parameters, in nA, ms, Hz and degrees."""
        parameters.shape = (1,)
        parameters.evaluate(simplify=True)
        new = {k: v.value if isinstance(v, ArrayParameter) else float(v) for k, v in parameters.items()}
        self._values = self.checked(self._values | new)

    def checked(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return parameters as they are used; raise where they are not allowed."""
        return values

    def get_parameters(self) -> dict[str, Any]:
        """Return the parameters, numbers and arrays."""
        return dict(self._values)

    # ---------------------------------------------------------------- cells

    def inject_into(self, cells: Any) -> None:
        """Inject the current into cells: a population, view or assembly, or a list of cells."""
        for cell in cells:
            if not cell.celltype.injectable:
                raise TypeError(
                    f"{type(self).__name__}: no current can be injected into a {type(cell.celltype).__name__}."
                )
            counts = self._cells.setdefault(cell.parent, np.zeros(cell.parent.size))
            counts[cell.parent.id_to_index(cell)] += 1

    def reaches(self, population: Any) -> bool:
        """Return whether it is injected into some cells of a population."""
        return population in self._cells

    def count(self, population: Any) -> np.ndarray:
        """Return how often it is injected into each cell of a population, (size,)."""
        return self._cells[population]

    # ---------------------------------------------------------------- time

    def begin_again(self) -> None:
        """Begin at t = 0, with other random numbers."""
        self._played = []

    def at(self, steps: np.ndarray) -> np.ndarray:
        """Return the current (nA) at the beginning of steps, which begin `start` to `stop`."""
        raise NotImplementedError

    def current(self, steps: np.ndarray) -> np.ndarray:
        """Return the current (nA) over each of some steps."""
        state, p = simulator.state, self._values
        is_on = (state.steps(p["start"]) <= steps) & (steps < state.steps(p["stop"]))
        return np.where(is_on, self.at(steps), 0.0)

    def play(self, steps: np.ndarray) -> np.ndarray:
        """Return the current (nA) over each of some steps, and keep it if it is recorded."""
        current = self.current(steps)
        if self._is_recorded:
            self._played.append(current)
        return current

    def record(self) -> None:
        """Keep the current of all runs that follow."""
        self._is_recorded = True

    def _get_data(self) -> tuple[np.ndarray, np.ndarray]:
        now = simulator.state.step
        current = np.concatenate([*self._played, self.current(np.arange(now, now + 1))])
        return np.arange(now + 1 - current.size, now + 1) * simulator.state.dt, current


class DCSource(_Source, electrodes.DCSource):
    __doc__ = electrodes.DCSource.__doc__

    def at(self, steps: np.ndarray) -> np.ndarray:
        return np.full(steps.shape, self._values["amplitude"])


class ACSource(_Source, electrodes.ACSource):
    __doc__ = electrodes.ACSource.__doc__

    def at(self, steps: np.ndarray) -> np.ndarray:
        p = self._values
        cycles = 1e-3 * p["frequency"] * (steps * simulator.state.dt - p["start"]) + p["phase"] / 360
        return p["offset"] + p["amplitude"] * np.sin(2 * np.pi * cycles)


class StepCurrentSource(_Source, electrodes.StepCurrentSource):
    __doc__ = electrodes.StepCurrentSource.__doc__

    def checked(self, values: dict[str, Any]) -> dict[str, Any]:
        times, amplitudes = values["times"], values["amplitudes"]
        if len(times) != len(amplitudes):
            raise ValueError(
                f"StepCurrentSource: times ({len(times)}) and amplitudes ({len(amplitudes)}) must be as many."
            )
        if np.any(times < 0) or np.any(np.diff(times) <= 0):
            raise ValueError(f"StepCurrentSource: times must be >= 0 ms and increase, got {times} ms.")
        steps = simulator.state.steps(times)
        last = np.append(np.diff(steps) > 0, True)[: steps.size]  # of several times in one step
        return {"times": steps[last] * simulator.state.dt, "amplitudes": amplitudes[last]}

    def current(self, steps: np.ndarray) -> np.ndarray:
        changes = simulator.state.steps(self._values["times"])
        return np.append(0.0, self._values["amplitudes"])[np.searchsorted(changes, steps, side="right")]


class NoisyCurrentSource(_Source, electrodes.NoisyCurrentSource):
    __doc__ = electrodes.NoisyCurrentSource.__doc__

    def begin_again(self) -> None:
        super().begin_again()
        state = simulator.state
        self._rng, self._drawn = np.random.default_rng((state.seed, self._number, state.segment_counter)), np.zeros(0)

    def at(self, steps: np.ndarray) -> np.ndarray:
        p, state = self._values, simulator.state
        every = max(int(state.steps(p["dt"])), 1)
        index = np.maximum(steps - state.steps(p["start"]), 0) // every
        missing = int(index.max(initial=-1)) + 1 - self._drawn.size
        self._drawn = np.append(self._drawn, self._rng.standard_normal(max(missing, 0)))
        return p["mean"] + p["stdev"] * self._drawn[index]
