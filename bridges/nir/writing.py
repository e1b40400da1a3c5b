"""Writing: a network becomes a NIR graph."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from simcore import Network, units
from simcore.bases.population import Population
from simcore.extras import load
from simcore.files import PathLike
from simcore.models import IF, LIF, Delta, Exponential, LeakyIntegrator, Lif, Projection
from simcore.models.sources.base import Source
from simcore.units import OneQuantity

from .graph import edge_name
from .nodes import Input, Integrate, IntegrateAndFire, Output
from .receptors import Edges, Filtered, Impulse, Pulse
from .scales import Scales, back, scales
from .values import Values

KINDS: dict[type, str] = {
    LIF: "LIF",
    Lif: "LIF",
    IF: "IF",
    IntegrateAndFire: "IF",
    LeakyIntegrator: "LI",
    Integrate: "I",
}


def write(
    net: Network,
    file: PathLike | None,
    *,
    dt: OneQuantity | None = None,
    time_unit: str = "s",
    voltage_unit: str = "mV",
    spikes: str = "unit",
) -> Any:
    """Write a network as a graph of the Neuromorphic Intermediate Representation; return the graph.

    The inverse of `read`, where the nodes are explained. A network that was not read: `LIF` and `IF` with hard reset
    and `LeakyIntegrator`, with one receptor each, `Exponential` without reversal (it becomes a CubaLIF or CubaLI) or,
    with ``spikes="dirac"``, `Delta`; sources of spikes (Inputs); projections with fixed weights. A population to which
    no link goes has an Input, one from which none comes an Output. Nested networks become dotted names, populations of
    several axes are counted row by row. Initial values, methods, surrogate gradients, seeds and what drives a network
    are no part of a graph.

    Written, read and written again, a graph is the same to the bit.

    Args:
        net: the network.
        file: a path, or None: nothing is written.
        dt: as for `read`; delays of single synapses are rounded to it.
        time_unit, voltage_unit: as for `read`.
        spikes: as for `read`.

    Raises:
        NotImplementedError: a part, or an option of one, for which NIR has nothing.
        ImportError: nir is not installed.
    """
    scale = scales(dt, time_unit, voltage_unit, spikes)
    if not isinstance(net, Network):
        raise TypeError(f"sc.nir: write() takes a sc.Network, got {net!r}.")
    graph = _Writing(net, scale, load("nir", "nir", "sc.nir")).graph()
    if file is not None:
        load("nir", "nir", "sc.nir").write(file, graph)
    return graph


class _Writing:
    """One network as it becomes a graph."""

    def __init__(self, net: Network, scale: Scales, nir: Any) -> None:
        self.scale, self.nir = scale, nir
        self.nodes: dict[str, Any] = {}
        self.edges: list[tuple[str, str]] = []
        self.populations = net.populations()
        self.names = {id(population): path for path, population in self.populations.items()}
        self.links = net.links()
        self.left_biases: dict[str, np.ndarray] = {}  # by population: the bias that no link has taken yet

    def graph(self) -> Any:
        """Return the graph."""
        for name, population in self.populations.items():
            self.nodes[name] = self._node(name, population)
        for name, link in self.links.items():
            self._link(name, link)
        for name in self.left_biases:
            raise NotImplementedError(f"sc.nir: {name!r} has a bias, which in NIR is that of a Linear before it, and "
                                      "no link goes to it.")  # fmt: skip
        self._ends()
        has_ends = all(any(self._is(name, kind) for name in self.nodes) for kind in ("Input", "Output"))
        return self.nir.NIRGraph(self.nodes, self.edges, type_check=has_ends)

    def _is(self, name: str, kind: str) -> bool:
        return type(self.nodes[name]).__name__ == kind

    def _ends(self) -> None:
        """Give an Input to nodes without edges to them, an Output to those from which none comes."""
        for population in self.populations.values():
            if isinstance(population, Output):
                name = self.names[id(population)]
                self.edges += [(self.names[id(sender)], name) for sender in population.senders]
        begun, ended = {post for _, post in self.edges}, {pre for pre, _ in self.edges}
        for name, population in self.populations.items():
            shape = np.array([population.size])
            if name not in begun and not self._is(name, "Input"):
                self.nodes[f"{name}_input"] = self.nir.Input({"input": shape})
                self.edges.append((f"{name}_input", name))
            if name not in ended and not self._is(name, "Output"):
                self.nodes[f"{name}_output"] = self.nir.Output({"output": shape})
                self.edges.append((name, f"{name}_output"))

    # ---------------------------------------------------------------- populations

    def _node(self, name: str, population: Population) -> Any:
        """Return the node of a population."""
        shape = np.array([population.size])
        if isinstance(population, Input | Source):
            return self.nir.Input({"input": shape})
        if isinstance(population, Output):
            return self.nir.Output({"output": shape})
        kind = KINDS.get(type(population))
        if kind is None:
            raise NotImplementedError(f"sc.nir: {name!r} is {type(population).__name__}, for which NIR has no node.")
        self._refuse_options(name, population, kind)
        receptor = self._receptor(name, population)
        scale = self.scale
        given: dict[str, Any] = {"r": self._values(population, "R", scale.resistance)}
        if kind in ("LIF", "LI"):
            given["tau"] = self._values(population, "tau", scale.time)
            given["v_leak"] = self._values(population, "V_rest", scale.voltage)
        else:  # v' = r I
            given["r"] = given["r"] * (scale.time / _each(population, population.magnitude("tau")))
        if kind in ("LIF", "IF"):
            given["v_threshold"] = self._values(population, "V_th", scale.voltage)
            given["v_reset"] = np.zeros(population.size)
            if "V_reset" in population.given():  # else it is an IF, whose reset is 0
                given["v_reset"] = self._values(population, "V_reset", scale.voltage)
        if isinstance(receptor, Filtered | Exponential):
            if "tau" not in given:
                raise NotImplementedError(f"sc.nir: {name!r} has the receptor {type(receptor).__name__}; in NIR a "
                                          "neuron without leak has no synapse with a time constant.")  # fmt: skip
            kind, given["tau_mem"] = f"Cuba{kind}", given.pop("tau")
            given["tau_syn"] = back(_each(population, receptor.magnitude("tau")), scale.time)
            if isinstance(receptor, Filtered):
                given["w_in"] = _each(population, receptor.magnitude("w_in"))
            else:  # a spike is a jump of the weight
                given["w_in"] = _each(population, receptor.magnitude("tau")) / scale.duration
        if isinstance(receptor, Edges) and "bias" in receptor.given():
            self.left_biases[name] = _each(population, receptor.magnitude("bias"))
        return getattr(self.nir, kind)(**given)

    def _values(self, population: Any, name: str, factor: float) -> np.ndarray:
        """Return a parameter in the units of the graph, (n,)."""
        return back(_each(population, population.magnitude(name)), factor)

    def _refuse_options(self, name: str, population: Any, kind: str) -> None:
        """Refuse what would be lost."""
        if kind in ("LIF", "IF") and population.spk_reset != "hard":
            raise NotImplementedError(f"sc.nir: {name!r} has spk_reset={population.spk_reset!r}; the reset of NIR sets "
                                      "v_reset: spk_reset='hard'.")  # fmt: skip
        has = [key for key in ("tau_ref", "noise") if key in population.given()]
        has += ["escape"] if kind in ("LIF", "IF") and population.escape is not None else []
        has += [key for key in population.parts if key not in population.receptors]
        if has:
            raise NotImplementedError(f"sc.nir: {name!r} has {', '.join(map(repr, has))}, for which NIR has nothing.")

    def _receptor(self, name: str, population: Any) -> Any:
        """Return the receptor of a population, None without one."""
        if len(population.receptors) > 1:
            raise NotImplementedError(f"sc.nir: {name!r} has the receptors {', '.join(population.receptors)}; a node "
                                      "of NIR has one synapse, at most.")  # fmt: skip
        receptor = next(iter(population.receptors.values()), None)
        dirac = self.scale.spikes == "dirac"
        is_current = type(receptor) is Exponential and not receptor.is_conductance
        if receptor is None or is_current or isinstance(receptor, Filtered):
            return receptor
        if isinstance(receptor, Delta | Impulse) if dirac else isinstance(receptor, Pulse):
            return receptor
        what = f"{name!r} has the receptor {type(receptor).__name__}"
        if isinstance(receptor, Delta | Impulse):
            raise NotImplementedError(f"sc.nir: {what}, a jump of V, which is a Dirac: write(..., spikes='dirac').")
        if isinstance(receptor, Pulse):
            raise NotImplementedError(f"sc.nir: {what}, for spikes of unit amplitude: write(..., spikes='unit').")
        kind = " with a reversal potential" if type(receptor) is Exponential else ""
        raise NotImplementedError(f"sc.nir: {what}{kind}; NIR has currents that decay exponentially, and jumps.")

    # ---------------------------------------------------------------- links

    def _link(self, name: str, link: Any) -> None:
        """Add the nodes and edges of a link."""
        if type(link) not in (Projection, Values):
            raise NotImplementedError(f"sc.nir: {name!r} is a {type(link).__name__}, for which NIR has nothing.")
        rules = [rule for rule in ("plasticity", "short_term") if vars(link).get(rule) is not None]
        if rules:
            raise NotImplementedError(f"sc.nir: {name!r} has {rules[0]!r}, for which NIR has nothing.")
        pre, post = link.pre.population, link.post.population
        sender, target = self.names[id(pre)], self.names[id(post)]
        chain, matrix = [sender], self._weight(link, named=name != edge_name(sender, target))
        bias = self.left_biases.pop(target, None) if matrix.ndim == 2 or self._is_last(name, post) else None
        before, after = self._delays(link)
        is_edge = matrix.ndim == 1 and np.all(matrix == 1) and bias is None
        if np.any(before):
            chain.append(self._add(f"{name}_delay", self.nir.Delay(np.broadcast_to(before, (pre.size,)).copy())))
        if bias is not None:
            full = np.diag(matrix) if matrix.ndim == 1 else matrix
            chain.append(self._add(name, self.nir.Affine(full, bias)))
        elif matrix.ndim == 2:
            chain.append(self._add(name, self.nir.Linear(matrix)))
        elif not is_edge:
            chain.append(self._add(name, self.nir.Scale(matrix)))
        if np.any(after):
            node = self.nir.Delay(np.broadcast_to(after, (post.size,)).copy())
            chain.append(self._add(name if is_edge else f"{name}_delay", node))
        elif is_edge and (chain[-1], target) in self.edges:  # a second edge
            chain.append(self._add(name, self.nir.Scale(matrix)))
        chain.append(target)
        self.edges += list(itertools.pairwise(chain))

    def _is_last(self, name: str, post: Population) -> bool:
        """Return whether no later link goes to a population."""
        return name == [key for key, link in self.links.items() if link.post.population is post][-1]

    def _add(self, name: str, node: Any) -> str:
        if name in self.nodes:
            raise ValueError(f"sc.nir: the graph needs two nodes {name!r}; rename one in the network.")
        self.nodes[name] = node
        return name

    def _weight(self, link: Any, named: bool) -> np.ndarray:
        """Return the weights of a link as a matrix (n_post, n_pre), or one for each neuron of one-to-one links.

        Between two single neurons it is a matrix, unless the link has no name of its own.
        """
        pre, post = link.synapses()
        sizes = link.post.population.size, link.pre.population.size
        weights = np.broadcast_to(link.weights(), pre.shape).astype(float) * self._weight_factor(link)[post]
        one_to_one = sizes[0] == sizes[1] and np.array_equal(pre, np.arange(sizes[0])) and np.array_equal(pre, post)
        if one_to_one and (sizes[0] > 1 or not named):
            return weights
        matrix = np.zeros(sizes)
        np.add.at(matrix, (post, pre), weights)
        return matrix

    def _weight_factor(self, link: Any) -> np.ndarray:
        """Return what the weights of a link are times, for each of the neurons that it reaches."""
        population, receptor = link.post.population, link.target
        if isinstance(receptor, Delta):  # a jump of V by r W duration / tau
            tau, R = (_each(population, population.magnitude(k)) for k in ("tau", "R"))
            return tau / (R / 1e9 * self.scale.duration)
        factor = 1.0
        if isinstance(link, Values):
            voltage = 1.0 if isinstance(link.pre.population, Input) else self.scale.voltage
            sent = "dimensionless" if isinstance(link.pre.population, Input) else "mV"
            one: Any = units.attach(1.0, link.weight_unit) * units.attach(1.0, sent)
            factor = float(one.m_as("pA")) * voltage
        elif isinstance(receptor, Edges):
            duration = self.scale.dt if receptor.duration_ms is None else receptor.duration_ms
            factor = duration / self.scale.duration
        return np.full(population.size, factor)

    def _delays(self, link: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return the delays of a link by what sends and by what receives, (n,) or ()."""
        if not link.spread:
            return np.zeros(()), back(link.magnitude("delay"), self.scale.time)
        delay = back(link.delay_steps(self.scale.dt) * self.scale.dt, self.scale.time)
        for k, view in ((1, link.post), (0, link.pre)):
            numbers, values = link.synapses()[k], np.zeros(view.population.size)
            values[numbers] = delay
            if np.array_equal(values[numbers], delay):
                return (np.zeros(()), values) if k else (values, np.zeros(()))
        raise NotImplementedError(f"sc.nir: each synapse of {link.name!r} has a delay of its own; those of NIR are of "
                                  "neurons, all that send or all that receive.")  # fmt: skip


def _each(population: Population, values: Any) -> np.ndarray:
    """Return a parameter of a population as an array (n,)."""
    return np.array(np.broadcast_to(values, population.varshape), float).ravel()
