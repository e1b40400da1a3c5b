"""Populations, views of them and assemblies; each population is one of simcore's when it runs."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
from pyNN.parameters import ParameterSpace, simplify

import simcore as sc
from pyNN import common, errors
from simcore.inputs import Waveform
from simcore.units import attach

from . import simulator
from .recording import Recorder


class Assembly(common.Assembly):
    __doc__ = common.Assembly.__doc__
    _simulator = simulator

    @property
    def receptor_types(self) -> list[str]:
        """The receptors that all populations have, in the order of the first: PyNN takes its first one by default."""
        first, *others = (population.receptor_types for population in self.populations)
        return [name for name in first if all(name in other for other in others)]


class _Cells:
    """What populations and views of them do with the arrays of the whole population."""

    def _whole(self) -> tuple[Population, np.ndarray]:
        """Return the population, and the numbers in it of the cells here."""
        raise NotImplementedError

    def _get_parameters(self, *names: str) -> ParameterSpace:
        population, index = self._whole()
        known = population.parameters
        for name in names:
            if name not in known:
                raise errors.NonExistentParameterError(name, population.celltype.__class__.__name__, list(known))
        values = _simplified({name: known[name][index] for name in names})
        return ParameterSpace(values, shape=(index.size,))

    def _set_parameters(self, parameter_space: ParameterSpace) -> None:
        population, index = self._whole()
        parameter_space.evaluate(simplify=False)
        new = {name: values.copy() for name, values in population.parameters.items()}
        for name, value in parameter_space.items():
            new[name][index] = value
        population.celltype.check(new, simulator.state.dt)
        population.take(new)

    def _set_initial_value_array(self, variable: str, initial_values: Any) -> None:
        population, index = self._whole()
        population.initialise(variable, index, np.broadcast_to(initial_values.evaluate(simplify=False), index.shape))

    def _set_cell_initial_value(self, id: Any, variable: str, value: float) -> None:
        super()._set_cell_initial_value(id, variable, value)  # type: ignore[misc]
        population, index = self._whole()
        population.initialise(variable, index[[self.id_to_index(id)]], value)  # type: ignore[attr-defined]

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)


class PopulationView(_Cells, common.PopulationView):
    __doc__ = common.PopulationView.__doc__
    _assembly_class = Assembly
    _simulator = simulator

    @property
    def initial_values(self) -> dict[str, Any]:
        """What `initialize` keeps besides, of a view for nobody."""
        return {}

    def _whole(self) -> tuple[Population, np.ndarray]:
        return self.grandparent, self.index_in_grandparent(np.arange(self.size))


class Population(_Cells, common.Population):
    __doc__ = common.Population.__doc__
    _simulator = simulator
    _recorder_class = Recorder
    _assembly_class = Assembly

    def _create_cells(self) -> None:
        state = simulator.state
        state.recorders.discard(self.recorder)  # until it is sure that there is a population
        space = deepcopy(self.celltype.parameter_space)
        space.shape = (self.size,)
        space.evaluate(simplify=False)
        space.flatten()
        # By PyNN's names, in its units, (size,) each.
        arrays = {k: np.asarray(v) for k, v in space.items() if not isinstance(v, ParameterSpace)}
        types = {k: object if v.dtype == object else float for k, v in arrays.items()}
        parameters = {k: np.broadcast_to(v, self.size).astype(types[k]) for k, v in arrays.items()}
        self.celltype.check(parameters, state.dt)
        self.neurons = self.celltype.made(self.size, _simplified(parameters), self.label)
        self.take(parameters)
        ids = [simulator.ID(state.id_counter + k) for k in range(self.size)]
        for cell in ids:
            cell.parent = self
        self.all_cells = np.array(ids, dtype=simulator.ID)
        self._mask_local = np.ones(self.size, bool)
        self._initial: dict[str, np.ndarray] = {}
        self._to_set: dict[str, np.ndarray] = {}  # of which cells the initial values are not yet those of simcore
        self.path = ""  # in the network of simcore, once it is there
        state.id_counter += self.size
        state.populations.append(self)
        state.recorders.add(self.recorder)

    def _whole(self) -> tuple[Population, np.ndarray]:
        return self, np.arange(self.size)

    def initialise(self, variable: str, index: np.ndarray, values: Any) -> None:
        """Take initial values of some cells, which they have when the simulation goes on."""
        kind, defaults = type(self.celltype).__name__, self.celltype.default_initial_values
        if variable not in self.celltype.states:
            if variable not in defaults:
                raise errors.NonExistentParameterError(variable, kind, list(defaults))
            rest = np.broadcast_to(self.celltype.offset(variable, self.parameters), self.size)[index]
            if np.any((values != defaults[variable]) & (values != rest)):
                raise NotImplementedError(f"{kind}: {variable} begins at {rest[0]:g} in simcore, got {values}.")
        self._initial.setdefault(variable, np.zeros(self.size))[index] = values
        self._to_set.setdefault(variable, np.zeros(self.size, bool))[index] = True

    def begin_again(self) -> None:
        """Have the initial values when the simulation goes on; sources begin and end anew."""
        self.take(self.parameters)
        self._to_set = {variable: np.ones(self.size, bool) for variable in self._initial}

    def take(self, parameters: dict[str, np.ndarray]) -> None:
        """Take parameters that have been checked, by PyNN's names, in its units, (size,) each."""
        windows = simulator.state.steps(self.celltype.windows(parameters))
        is_on = (windows[:, 0] <= simulator.state.step) & (simulator.state.step < windows[:, 1])
        self.celltype.set_in(self.neurons, _simplified(parameters), is_on)
        self.parameters = parameters

    # ---------------------------------------------------------------- in the network of simcore

    @property
    def is_new(self) -> bool:
        """Whether the network has not got it yet."""
        return not self.path

    def build(self, net: sc.Network, path: str) -> None:
        """Become a population of the network."""
        self.path = path
        setattr(net, path, self.neurons)

    def changes(self) -> np.ndarray:
        """Return the steps at which sources begin and end."""
        return np.unique(simulator.state.steps(np.ravel(self.celltype.windows(self.parameters))))

    def before_run(self) -> None:
        """Let sources begin and end."""
        if simulator.state.step in self.changes():
            self.take(self.parameters)

    def set_states(self) -> None:
        """Set the states in the network of which initial values have been given."""
        for variable, chosen in self._to_set.items():
            if variable in self.celltype.states and chosen.any():
                path, unit = self.celltype.states[variable]
                held = self.neurons.states()[path]
                values = np.where(chosen, self._initial[variable], held.value.m_as(unit))
                held.value = attach(values, unit)
        self._to_set = {}

    def input(self, currents: dict[Any, np.ndarray], dt: float) -> Any:
        """Return the current into its cells: a quantity, or a waveform where sources are injected."""
        offset = simplify(self.parameters.get("i_offset", np.zeros(self.size)))
        sources = [source for source in currents if source.reaches(self)]
        if not sources:
            return attach(offset, "nA")
        total = np.zeros((currents[sources[0]].size, self.size)) + offset
        for source in sources:
            total += currents[source][:, None] * source.count(self)
        return Waveform(attach(total, "nA"), dt=attach(dt, "ms"))


def _simplified(parameters: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return parameters, as one number where it is the same for all cells."""
    return {k: values if values.dtype == object else simplify(values) for k, values in parameters.items()}
