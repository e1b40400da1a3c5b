"""Reading: a NIR graph becomes a network."""

from __future__ import annotations

import os
import re
from typing import Any

import numpy as np

from simcore import Network, units
from simcore.bases.population import Population
from simcore.bases.receptor import Receptor
from simcore.extras import load
from simcore.models import LIF, AllToAll, LeakyIntegrator, OneToOne, Projection
from simcore.units import OneQuantity

from .graph import CELLS, FlatGraph, Route, edge_name
from .nodes import Graph, Input, Integrate, IntegrateAndFire, Output
from .receptors import Filtered, Impulse, Pulse
from .scales import DISCRETISATIONS, Scales, one_of, scales
from .values import Values

RECEPTOR = "input"  # the name of that of each population


def read(
    graph: Any,
    *,
    dt: OneQuantity | None = None,
    time_unit: str = "s",
    voltage_unit: str = "mV",
    spikes: str = "unit",
    discretisation: str = "exact",
    sources: dict[str, Any] | None = None,
) -> Network:
    r"""Return a graph of the Neuromorphic Intermediate Representation as a network.

    =========================  =====================================================================================
    node                       in the network
    =========================  =====================================================================================
    LIF                        `LIF`, hard reset: tau dV/dt = (v_leak - V) + r I
    CubaLIF                    the same with a receptor: tau_syn dI/dt = -I + w_in S
    IF                         tau dV/dt = r I, tau the unit of time, hard reset
    LI, CubaLI                 `LeakyIntegrator`: as LIF and CubaLIF, without spikes; it sends V
    I                          tau dV/dt = r I, tau the unit of time; it sends V
    Linear, Scale              weights of a `Projection` (from spikes) or of a link of values, in pA
    Affine                     the same; its bias is a current, ``net.cell.input.bias``
    Delay                      the delay of that link, in whole steps
    Flatten                    nothing: values are counted row by row
    Input                      a population that sends numbers, ``inputs={"input": numbers}``, or one of `sources`
    Output                     a population: ``"output.y"`` is what arrives at it in the same step
    a graph within the graph   a network within the network: "rnn.lif"
    =========================  =====================================================================================

    - Units: NIR has none. A time is in `time_unit`, a potential in `voltage_unit`, a current in pA, so a resistance in
      voltage_unit / pA.
    - Spikes: NIR does not say what the amplitude of a spike is. With "unit" it is 1 for dt: the charge W dt, of which
      LIF and its kin get a current that is constant in the step after the spike, and a CubaLIF the jump
      w_in W dt / tau_syn of I. With "dirac" its area is 1: V jumps by r W / tau, I by w_in W / tau_syn, tau as a number
      in the unit of time.
    - Time: the numbers of a step act in this step, a spike at t from t + delay on, a value (V) of the end of a step in
      the next one. So each population but the first adds a step to the way from an Input to an Output, where platforms
      that compute layer after layer in one step add none; edges that lead back, LIF to Linear to LIF, take one step
      here as there.
    - V starts at v_leak, or 0; at v_reset where that would be above the threshold.
    - A neuron spikes at V >= v_threshold, in NIR at v > v_threshold: another thing at equality alone.
    - Names that are no words are changed: "0" to "n0", "fc-1" to "fc_1".

    Args:
        graph: a file, or a `nir.NIRGraph`.
        dt: the step of what made the graph, which tells the charge of a unit spike; by default the environment's (0.1
            ms). Run the network with it.
        time_unit, voltage_unit: units, text.
        spikes: "unit" or "dirac".
        discretisation: "exact" solves the equations; "euler" takes steps of Euler's, as snnTorch and others do, whose
            tau dt / (1 - beta) means that beta is left of V after a step; V of a CubaLIF follows the I of the start of
            a step.
        sources: by the name of an Input: a population that sends its spikes, `SpikeSource` or another one.

    Raises:
        NotImplementedError: a node for which simcore has nothing: convolution, pooling, Threshold, ...
        ValueError: sizes do not fit, an Output is not the sum of what populations send.
        ImportError: nir is not installed.

    Reference: Pedersen et al. (2024), Neuromorphic intermediate representation: a unified instruction set for
    interoperable brain-inspired computing, Nature Communications 15, 8122.
    """
    scale = scales(dt, time_unit, voltage_unit, spikes)
    one_of("discretisation", discretisation, DISCRETISATIONS)
    nir = load("nir", "nir", "sc.nir")
    if isinstance(graph, str | os.PathLike):
        graph = nir.read(graph, type_check=False)
    if not isinstance(graph, nir.NIRGraph):
        raise TypeError(f"sc.nir: read() takes a file or a nir.NIRGraph, got {graph!r}.")
    flat = FlatGraph(graph)
    return _Reading(flat, scale, "euler" if discretisation == "euler" else None).network(dict(sources or {}))


class _Reading:
    """One graph as it becomes a network; `method` integrates all of it."""

    def __init__(self, graph: FlatGraph, scale: Scales, method: str | None) -> None:
        self.graph, self.scale, self.method = graph, scale, method
        self.net = Graph()

    def network(self, sources: dict[str, Any]) -> Network:
        """Return the network: populations, links, then the Outputs."""
        graph = self.graph
        cells = {name: self._cell(name) for name in graph.nodes if graph.kind(name) in CELLS}
        for name in graph.nodes:
            if graph.kind(name) == "Input":
                cells[name] = self._input(name, sources.pop(name, None))
        if sources:
            inputs = ", ".join(name for name in graph.nodes if graph.kind(name) == "Input")
            raise ValueError(f"sc.nir: 'sources' names {min(sources)!r}; the Inputs of the graph are {inputs}.")
        for name, cell in cells.items():
            self._put(name, cell)
        for name in graph.nodes:
            if graph.kind(name) in CELLS:
                for path in graph.arriving(name).paths:
                    link_name = path.name or edge_name(path.sender, name)
                    self._put(link_name, self._link(path, cells[path.sender], cells[name], link_name))
        for name in graph.nodes:
            if graph.kind(name) == "Output":
                self._put(name, self._output(name, cells))
        return self.net

    def _put(self, name: str, part: Any) -> None:
        """Have a part in the network, or in one within it, under its dotted name."""
        net, (*above, last) = self.net, [_word(word) for word in name.split(".")]
        for word in above:
            if word not in vars(net):
                setattr(net, word, Network())
            net = getattr(net, word)
        n, key = 1, last
        while key in vars(net):
            n, key = n + 1, f"{last}_{n + 1}"
        part.name = key
        setattr(net, key, part)

    # ---------------------------------------------------------------- populations

    def _cell(self, name: str) -> Population:
        """Return the population of a node."""
        node, kind, scale = self.graph.nodes[name], self.graph.kind(name), self.scale
        shape = self.graph.shape(name) or (1,)
        time, volt = scale.time, scale.voltage

        def values(field: str, factor: float, unit: str) -> Any:
            return units.attach(np.broadcast_to(np.asarray(getattr(node, field), float), shape) * factor, unit)

        given: dict[str, Any] = {"R": values("r", scale.resistance, "ohm")}
        if "LI" in kind:
            given["tau"] = values("tau_mem" if "Cuba" in kind else "tau", time, "ms")
            given["V_rest"] = values("v_leak", volt, "mV")
        else:
            given["tau"] = units.attach(time, "ms")
        if kind.endswith("IF"):
            given["V_th"] = values("v_threshold", volt, "mV")
            given["V_reset"] = values("v_reset", volt, "mV")
            start = given["V_rest"].magnitude if "V_rest" in given else np.zeros(shape)
            high = start >= given["V_th"].magnitude
            if high.any():
                given["V_initializer"] = units.attach(np.where(high, given["V_reset"].magnitude, start), "mV")
            given["spk_reset"] = "hard"
        if self.method is not None:
            given["method"] = self.method
        bias = self.graph.arriving(name).bias
        arrives: dict[str, Any] = {"duration": units.attach(scale.duration, "ms")}
        if bias is not None:
            arrives["bias"] = units.attach(np.broadcast_to(bias, (int(np.prod(shape)),)).reshape(shape), "pA")
        receptor: type[Receptor] = Pulse if scale.spikes == "unit" else Impulse
        if "Cuba" in kind:
            receptor = Filtered
            arrives |= {"tau": values("tau_syn", time, "ms"), "w_in": values("w_in", 1.0, "dimensionless")}
        model = {"IF": IntegrateAndFire, "I": Integrate, "LI": LeakyIntegrator}.get(kind.removeprefix("Cuba"), LIF)
        return model(shape, receptors={RECEPTOR: receptor(**arrives)}, **given)

    def _input(self, name: str, source: Any) -> Population:
        """Return the population of an Input."""
        shape = self.graph.shape(name)
        if source is None:
            return Input(shape)
        if not isinstance(source, Population):
            raise TypeError(f"sc.nir: sources[{name!r}] must be a population, e.g. a SpikeSource, got {source!r}.")
        if source.size != int(np.prod(shape)):
            raise ValueError(f"sc.nir: sources[{name!r}] has {source.size} members; the Input sends {shape}.")
        return source

    def _output(self, name: str, cells: dict[str, Population]) -> Output:
        """Return the population of an Output."""
        arriving = self.graph.arriving(name)
        linear = [path.name for path in arriving.paths if path.name]
        if linear or arriving.bias is not None:
            node = linear[0] if linear else "an Affine"
            raise NotImplementedError(f"sc.nir: {node!r} goes to the Output {name!r}; in simcore a linear node acts on "
                                      "a population. Put a LI behind it, or leave it to what reads y.")  # fmt: skip
        senders = [cells[path.sender] for path in arriving.paths]
        shape = senders[0].varshape if senders else self.graph.shape(name)
        return Output(shape, senders, name=name)

    # ---------------------------------------------------------------- links

    def _link(self, path: Route, pre: Population, post: Population, name: str) -> Any:
        """Return the link of a path."""
        weight: Any = np.ones(1) if path.weight is None else path.weight
        matrix = weight.ndim == 2
        arriving = len(weight) if path.weight is not None else pre.size
        if arriving != post.size:
            raise ValueError(f"sc.nir: {arriving} values arrive by {name!r} at a node of {post.size}.")
        unit = "pA" if pre.sends_spikes() or isinstance(pre, Input) else f"pA/({self.scale.voltage_unit})"
        weight = units.attach(weight.T if matrix else np.broadcast_to(weight, (post.size,)), unit)
        given: dict[str, Any] = {"connect": AllToAll() if matrix else OneToOne(), "weight": weight, "name": name}
        before, after = np.asarray(path.before), np.asarray(path.after)
        if before.any() or after.any():
            delay = before[..., None] + after if matrix and (before.ndim or after.ndim) else before + after
            if delay.ndim and matrix:
                delay = np.broadcast_to(delay, (pre.size, post.size))
            given["delay"] = units.attach(delay.ravel() if delay.ndim else delay, self.scale.time_unit)
        link = Projection if pre.sends_spikes() else Values
        return link(pre, post, RECEPTOR, **given)


def _word(name: str) -> str:
    """Return a name that can be one of a part of a network."""
    word = re.sub(r"\W", "_", name)
    free = word.isidentifier() and not word.startswith("_") and not hasattr(Network, word)
    return word if free else f"n{word}"
