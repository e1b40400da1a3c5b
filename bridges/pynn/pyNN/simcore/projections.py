"""Projections: the table of their synapses, and the projections of simcore that they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN.errors import ConnectionError
from pyNN.parameters import simplify
from pyNN.space import Space

import simcore as sc
from pyNN import common
from simcore.units import attach

from . import simulator
from .rules import TsodyksUzielMarkram
from .synapses import ElectricalSynapse, StaticSynapse

# So many projections of simcore may one of PyNN be: for synapses that share no parameters of their plasticity.
MOST = 64
ENDS = ("presynaptic_index", "postsynaptic_index")


class Connection(common.Connection):
    """One synapse of a projection."""

    def __init__(self, projection: Projection, number: int) -> None:
        self._projection, self._number = projection, number

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._projection.column(name)[self._number]
        except KeyError:
            raise AttributeError(f"a connection of {self._projection.label} has no {name!r}.") from None

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            object.__setattr__(self, name, value)
            return
        column = self._projection.column(name).copy()
        column[self._number] = value
        self._projection.set_columns({name: column})

    def as_tuple(self, *names: str) -> tuple[Any, ...]:
        """Return attributes by name."""
        return tuple(getattr(self, name) for name in names)


class Projection(common.Projection):
    __doc__ = common.Projection.__doc__
    _simulator = simulator
    _static_synapse_class = StaticSynapse

    def __init__(
        self,
        presynaptic_population: Any,
        postsynaptic_population: Any,
        connector: Any,
        synapse_type: Any = None,
        source: Any = None,
        receptor_type: str | None = None,
        space: Space | None = None,
        label: str | None = None,
    ) -> None:
        post = postsynaptic_population
        if isinstance(post, common.BasePopulation | common.Assembly) and not post.receptor_types:
            raise ConnectionError(f"{post.label}: its cells have no receptors, as those of a source.")
        super().__init__(
            presynaptic_population, post, connector, synapse_type, source, receptor_type,
            Space() if space is None else space, label,
        )  # fmt: skip
        if self._is_electrical and not (self.pre.injectable and self.post.injectable):
            raise ConnectionError(f"{self.label}: an ElectricalSynapse needs cells with a potential at both sides.")
        self._chunks: list[dict[str, Any]] = []
        connector.connect(self)
        names = [*ENDS, *self.synapse_type.get_parameter_names()]
        # By name, in PyNN's units, (n,) each; weights that are learned are at their beginning here.
        self._table = {name: np.concatenate([np.zeros(0), *(c[name] for c in self._chunks)]) for name in names}
        for name in ENDS:
            self._table[name] = self._table[name].astype(int)
        self.synapse_type.check(self._table)
        self._links: list[tuple[str, Any, np.ndarray]] | None = None  # names, projections of simcore, their synapses
        self._replaced: list[tuple[str, Any, np.ndarray]] = []  # those that are still in the network
        self._weights_are_new = False
        simulator.state.projections.append(self)

    def _convergent_connect(
        self,
        presynaptic_indices: np.ndarray,
        postsynaptic_index: int,
        location_selector: Any = None,
        **connection_parameters: Any,
    ) -> None:
        if location_selector is not None:
            raise NotImplementedError("simcore has neurons of one compartment: location_selector cannot be given.")
        pre = np.atleast_1d(np.asarray(presynaptic_indices, int))
        values = {ENDS[0]: pre, ENDS[1]: postsynaptic_index} | connection_parameters
        self._chunks.append({k: np.array(np.broadcast_to(np.asarray(v, float), pre.shape)) for k, v in values.items()})

    @property
    def _is_electrical(self) -> bool:
        return isinstance(self.synapse_type, ElectricalSynapse)

    # ---------------------------------------------------------------- what PyNN asks for

    def __len__(self) -> int:
        return self._table[ENDS[0]].size

    def __getitem__(self, i: int) -> Connection:
        return Connection(self, range(len(self))[i])

    @property
    def connections(self) -> list[Connection]:
        """The synapses, one by one."""
        return [Connection(self, k) for k in range(len(self))]

    @property
    def delays(self) -> np.ndarray:
        """The delays, ms; none of electrical synapses."""
        return self._table.get("delay", np.zeros(0))

    def column(self, name: str) -> np.ndarray:
        """Return an attribute of all synapses, in PyNN's unit, as it is now."""
        values = self._table[name]
        if name == "weight" and self._links is not None and not self._weights_are_new:
            values = values.copy()
            for _, link, rows in self._links:
                if link.plasticity is not None:
                    values[rows] = link.weight.value.m_as(self._weight_unit)
        return values

    def set_columns(self, columns: dict[str, np.ndarray]) -> None:
        """Set attributes of all synapses, in PyNN's units."""
        new = self._table | {"weight": self.column("weight")} | columns
        self.synapse_type.check(new)
        self._table = new
        self._weights_are_new = True
        if columns.keys() - {"weight"}:
            self._replaced, self._links = self._links or self._replaced, None

    def _set_attributes(self, parameter_space: Any) -> None:
        parameter_space.evaluate(simplify=False)
        pre, post = (self._table[name] for name in ENDS)
        self.set_columns({name: np.asarray(values, float)[pre, post] for name, values in parameter_space.items()})

    def _get_attributes_as_list(self, names: Any) -> list[tuple[Any, ...]]:
        return list(zip(*(self.column(name).tolist() for name in names), strict=True))

    def _get_attributes_as_arrays(self, names: Any, multiple_synapses: str = "sum") -> list[np.ndarray]:
        pre, post = (self._table[name] for name in ENDS)
        combine = {"sum": np.add, "min": np.minimum, "max": np.maximum}.get(multiple_synapses)
        start = {"sum": 0.0, "min": np.inf, "max": -np.inf}.get(multiple_synapses, np.nan)
        made = []
        for name in names:
            values, array = self.column(name), np.full(self.shape, np.nan)
            if combine is None:
                order = slice(None, None, 1 if multiple_synapses == "last" else -1)
                array[pre[order], post[order]] = values[order]
            else:
                array[pre, post] = start
                combine.at(array, (pre, post), values)
            made.append(array)
        return made

    def _set_initial_value_array(self, variable: str, value: Any) -> None:
        raise NotImplementedError(f"{self.label}: initialize({variable}=...) of synapses is not there in simcore.")

    # ---------------------------------------------------------------- in the network of simcore

    @property
    def _weight_unit(self) -> str:
        if self._is_electrical:
            return "uS"
        celltype = (self.post.populations[0] if isinstance(self.post, common.Assembly) else self.post).celltype
        if getattr(celltype, "voltage_based_synapses", False):
            return "mV"
        return "uS" if celltype.conductance_based else "nA"

    def begin_again(self) -> None:
        """Have the weights that were set last when the simulation goes on."""
        self._weights_are_new = self._links is not None

    @property
    def is_new(self) -> bool:
        """Whether the network has not got it yet, or with other delays or parameters of plasticity."""
        return self._links is None

    def build(self, net: sc.Network, path: str) -> None:
        """Become projections of the network, in the place of those that it was, if any."""
        for name, _, _ in self._replaced:
            delattr(net, name)
        self._links, self._replaced, self._weights_are_new = [], [], False
        populations, cells = self._ends()
        to_itself = (populations[0] == populations[1]) & (cells[0] == cells[1])
        for k, rows in enumerate(self._groups(populations, cells)):
            if self._is_electrical:  # from a cell to itself nothing flows
                rows = rows[~to_itself[rows]]
                if not rows.size:
                    continue
            rows = rows[np.lexsort((cells[1][rows], cells[0][rows]))]  # as simcore has them
            link = self._made(rows, *populations[:, rows[0]], *cells[:, rows])
            setattr(net, f"{path}_{k}", link)
            self._links.append((f"{path}_{k}", link, rows))

    def set_states(self) -> None:
        """Set the weights in the network where others have been given."""
        if not self._weights_are_new:
            return
        for _, link, rows in self._links or ():
            weights = attach(self._table["weight"][rows], self._weight_unit)
            if link.plasticity is None:
                link.weight = weights
            else:
                link.weight.value = weights
        self._weights_are_new = False

    def _ends(self) -> tuple[np.ndarray, np.ndarray]:
        """Return, of each synapse, which populations it connects and which of their cells, (2, n) each."""
        populations, cells = [], []
        for side, name in zip((self.pre, self.post), ENDS, strict=True):
            parts = side.populations if isinstance(side, common.Assembly) else [side]
            whole = [part.grandparent if isinstance(part, common.PopulationView) else part for part in parts]
            numbers = [
                part.index_in_grandparent(np.arange(part.size)) if part is not pop else np.arange(part.size)
                for part, pop in zip(parts, whole, strict=True)
            ]
            of_part = [simulator.state.populations.index(pop) for pop in whole]
            number = self._table[name]
            populations.append(np.repeat(of_part, [n.size for n in numbers])[number])
            cells.append(np.concatenate(numbers)[number])
        return np.array(populations), np.array(cells)

    def _groups(self, populations: np.ndarray, cells: np.ndarray) -> list[np.ndarray]:
        """Return the numbers of synapses that are one projection of simcore.

        They connect two populations, and have one rule of plasticity. Short-term plasticity is of the presynaptic
        cells there: synapses of one cell with other parameters are in another group.
        """
        keys = [*populations, *(self._table[name] for name in self._rule_names())]
        if self.synapse_type.short_term:
            sets = [self._table[name] for name in self.synapse_type.short_term] + [self._tau_syn(populations, cells)]
            keys.append(_rank_within(cells[0] + populations[0] * (1 + cells.max(initial=0)), np.stack(sets)))
        if not len(self):
            return []
        _, group = np.unique(np.stack([np.asarray(k, float) for k in keys]), axis=1, return_inverse=True)
        group = group.reshape(-1)
        if group.max() >= MOST:
            raise NotImplementedError(
                f"{self.label}: its synapses have {group.max() + 1} sets of plasticity parameters; simcore has these "
                f"by projection, those of short-term plasticity by presynaptic cell, and up to {MOST} sets work."
            )
        return [np.flatnonzero(group == k) for k in range(group.max() + 1)]

    def _rule_names(self) -> list[str]:
        """Return the parameters that all synapses of a rule of plasticity have in common."""
        names = [name for name in self._table if name not in (*ENDS, "weight", "delay", *self.synapse_type.short_term)]
        return [*names, "delay"] if self.synapse_type.sees_late else names

    def _tau_syn(self, populations: np.ndarray, cells: np.ndarray) -> np.ndarray:
        """Return the time constant (ms) of the current or conductance that each synapse makes, (n,)."""
        taus = np.zeros(len(self))
        for number in np.unique(populations[1]):
            population, rows = simulator.state.populations[number], populations[1] == number
            name = population.celltype.tau_syn(self.receptor_type)
            taus[rows] = population.parameters[name][cells[1][rows]]
        return taus

    def _made(self, rows: np.ndarray, pre: int, post: int, pre_cells: np.ndarray, post_cells: np.ndarray) -> Any:
        """Return synapses, by the numbers of their populations and cells, as a projection of simcore."""
        state, kind = simulator.state, self.synapse_type
        column = {name: values[rows] for name, values in self._table.items()}
        weight = column["weight"] if self._rule_names() else simplify(column["weight"])
        weight = attach(weight, self._weight_unit)
        source, target = state.populations[pre], state.populations[post]
        ends = source.neurons, target.neurons
        if self._is_electrical:
            return sc.models.GapJunction(*ends, connect=(pre_cells, post_cells), weight=weight, name=self.label)
        short_term = None
        if kind.short_term:
            column["tau_syn"] = self._tau_syn(*self._ends())[rows]
            of_cells = {name: np.full(source.size, column[name][0]) for name in (*kind.short_term, "tau_syn")}
            for name, values in of_cells.items():
                values[pre_cells] = column[name]
            units = dict.fromkeys(of_cells, "ms") | {"U": "dimensionless"}
            short_term = TsodyksUzielMarkram(**{k: attach(v, units[k]) for k, v in of_cells.items()})
        link = sc.models.Projection(
            *ends,
            self.receptor_type,
            connect=(pre_cells, post_cells),
            weight=weight,
            delay=attach(simplify(state.steps(column["delay"]) * state.dt), "ms"),
            short_term=short_term,
            plasticity=kind.plasticity({name: values[0] for name, values in column.items()}, self._weight_unit),
            name=self.label,
        )
        assert all(np.array_equal(a, b) for a, b in zip(link.synapses(), (pre_cells, post_cells), strict=True))
        return link


def _rank_within(cell: np.ndarray, sets: np.ndarray) -> np.ndarray:
    """Return, of each synapse (n,), the how manieth of the sets (k, n) of its cell its own one is."""
    _, kind = np.unique(sets, axis=1, return_inverse=True)
    pairs, of_pair = np.unique(np.stack([cell, kind.reshape(-1)]), axis=1, return_inverse=True)
    rank = np.arange(pairs.shape[1]) - np.searchsorted(pairs[0], pairs[0])
    return rank[of_pair.reshape(-1)]
