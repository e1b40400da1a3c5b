"""The graph as populations and what goes from where to where: nested graphs made flat, linear nodes put together."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

CELLS = ("LIF", "CubaLIF", "IF", "LI", "CubaLI", "I")  # nodes that become populations; r has their shape
LINEAR = {"Linear": "weight", "Affine": "weight", "Scale": "scale", "Delay": "delay"}
_IMAGES = "it acts on images, which simcore has no links for; as a dense matrix it is a Linear"
REFUSED = dict.fromkeys(("Conv1d", "Conv2d", "SumPool2d", "AvgPool2d"), _IMAGES) | {
    "Threshold": "it spikes by a value without a state, which no population of simcore does; a LIF has a state"
}


@dataclasses.dataclass(frozen=True)
class Route:
    """What goes from a population to a node: y = W x(t - delay).

    Args:
        sender: the node that sends.
        name: the node that names the link, "" of an edge without a linear node.
        weight: (n_out, n_in); (n,) one for each value; None: 1.
        before: delays of the values that are sent, (n_in,) or ().
        after: delays of the values that arrive, (n_out,) or ().
    """

    sender: str
    name: str = ""
    weight: np.ndarray | None = None
    before: Any = 0.0
    after: Any = 0.0


@dataclasses.dataclass(frozen=True)
class Sum:
    """What arrives at a node: paths, and a constant (n,), None without one."""

    paths: tuple[Route, ...] = ()
    bias: np.ndarray | None = None


class FlatGraph:
    """A NIR graph without nested ones: `nodes` by dotted names, `edges` between them.

    Raises:
        ValueError: an edge names no node; a nested graph has several Inputs or Outputs.
        NotImplementedError: a node that simcore has nothing for.
    """

    def __init__(self, graph: Any) -> None:
        self.nodes: dict[str, Any] = {}
        self.edges: list[tuple[str, str]] = []
        self._through: set[str] = set()  # Inputs and Outputs of nested graphs
        self._add(graph, "")
        self._shapes: dict[str, tuple[int, ...]] = {}

    def _add(self, graph: Any, prefix: str) -> None:
        """Take the nodes and edges of a graph, those of graphs within it too."""
        nested: dict[str, dict[str, str]] = {}
        for name, node in graph.nodes.items():
            path, kind = prefix + name, kind_of(node)
            if kind == "NIRGraph":
                self._add(node, f"{path}.")
                nested[path] = {of: _only(node, of, path) for of in ("Input", "Output")}
            elif kind in REFUSED:
                raise NotImplementedError(f"sc.nir: {path!r} is a {kind}: {REFUSED[kind]}.")
            elif kind not in (*CELLS, *LINEAR, "Input", "Output", "Flatten"):
                raise NotImplementedError(f"sc.nir: {path!r} is a {kind}, which is not known here.")
            else:
                self.nodes[path] = node
                if prefix and kind in ("Input", "Output"):
                    self._through.add(path)
        for pre, post in graph.edges:
            pre, post = prefix + pre, prefix + post
            pre = nested[pre]["Output"] if pre in nested else pre
            post = nested[post]["Input"] if post in nested else post
            for name in (pre, post):
                if name not in self.nodes:
                    raise ValueError(f"sc.nir: the edge ({pre!r}, {post!r}) names {name!r}, which is no node.")
            self.edges.append((pre, post))

    def kind(self, name: str) -> str:
        """Return the kind of a node: that of its class, "through" of the ends of nested graphs."""
        return "through" if name in self._through else kind_of(self.nodes[name])

    def before(self, name: str) -> list[str]:
        """Return the nodes with an edge to one."""
        return [pre for pre, post in self.edges if post == name]

    # ---------------------------------------------------------------- shapes

    def shape(self, name: str, after: tuple[str, ...] = ()) -> tuple[int, ...]:
        """Return the shape of what a node sends: its parameters', of a single one that of what arrives."""
        if name not in self._shapes:
            node, kind = self.nodes[name], self.kind(name)
            if kind in ("Input", "Output") and (own := _given(node, kind)) is not None:
                shape = own
            elif kind in ("Linear", "Affine"):
                shape = tuple(np.shape(node.weight)[:-1])
            else:
                field = "r" if kind in CELLS else LINEAR.get(kind)
                shape = () if field is None else tuple(np.shape(getattr(node, field)))
                if np.prod(shape) == 1:
                    known = [self.shape(pre, (*after, name)) for pre in self.before(name) if pre not in after]
                    shape = next((s for s in known if np.prod(s) > 1), shape)
            if after and np.prod(shape) == 1:
                return shape  # on a round of edges, which may know no better
            self._shapes[name] = shape
        return self._shapes[name]

    def size(self, name: str) -> int:
        """Return the number of values that a node sends."""
        return int(np.prod(self.shape(name)))

    # ---------------------------------------------------------------- what arrives

    def arriving(self, name: str, after: tuple[str, ...] = ()) -> Sum:
        """Return what arrives at a node from populations, through linear nodes.

        Raises:
            ValueError: edges of linear nodes alone lead back to where they come from; sizes do not fit.
            NotImplementedError: delays of single values between two matrices.
        """
        if name in after:
            raise ValueError(
                f"sc.nir: the edges {' -> '.join([*reversed(after), name])} form a cycle without a neuron."
            )
        sums = [self._sent(pre, (name, *after)) for pre in self.before(name)]
        biases = [s.bias for s in sums if s.bias is not None]
        return Sum(tuple(path for s in sums for path in s.paths), np.sum(biases, axis=0) if biases else None)

    def _sent(self, name: str, after: tuple[str, ...]) -> Sum:
        """Return what a node sends: itself if it is a population, else what it makes of what arrives at it."""
        kind, node = self.kind(name), self.nodes[name]
        if kind in CELLS or kind == "Input":
            return Sum((Route(name),))
        if kind == "Output":
            raise ValueError(f"sc.nir: the Output {name!r} has an edge to {after[0]!r}; nothing comes after it.")
        arriving = self.arriving(name, after)
        if kind in ("through", "Flatten"):
            return arriving
        if kind == "Delay":
            return Sum(tuple(_delayed(path, node.delay, name) for path in arriving.paths), arriving.bias)
        weight = np.asarray(node.scale if kind == "Scale" else node.weight, float)
        if kind == "Scale":
            weight = np.broadcast_to(weight, self.shape(name)).ravel()
        elif weight.ndim != 2:
            raise NotImplementedError(f"sc.nir: {name!r} has a weight of the shape {weight.shape}; simcore has links "
                                      "for two axes, (n_out, n_in).")  # fmt: skip
        bias = arriving.bias
        if bias is not None:
            bias = weight * bias if weight.ndim == 1 else weight @ bias
        if kind == "Affine":
            bias = np.asarray(node.bias, float).ravel() + (0.0 if bias is None else bias)
        for path in arriving.paths:
            self._require_size(path, weight, name)
        return Sum(tuple(_weighted(path, weight, name) for path in arriving.paths), bias)

    def _require_size(self, path: Route, weight: np.ndarray, name: str) -> None:
        arrives = self.size(path.sender) if path.weight is None else len(path.weight)
        if weight.shape[-1] != arrives:
            raise ValueError(f"sc.nir: {name!r} takes {weight.shape[-1]} values, and {arrives} arrive from "
                             f"{path.sender!r}.")  # fmt: skip


def kind_of(node: Any) -> str:
    """Return the name of the class of a node."""
    return type(node).__name__


def edge_name(pre: str, post: str) -> str:
    """Return the name of the link of an edge between two populations, without a linear node."""
    return f"{pre}_to_{post}".replace(".", "_")


def _given(node: Any, kind: str) -> tuple[int, ...] | None:
    """Return the shape that an Input or Output has, None without one."""
    types = node.input_type if kind == "Input" else node.output_type
    shape = next(iter((types or {}).values()), None)
    return None if shape is None else tuple(int(n) for n in np.atleast_1d(shape))


def _only(graph: Any, kind: str, path: str) -> str:
    """Return the name of the only Input or Output of a nested graph."""
    names = [name for name, node in graph.nodes.items() if kind_of(node) == kind]
    if len(names) != 1:
        raise ValueError(f"sc.nir: the graph {path!r} within the graph has {len(names)} {kind} nodes; edges to it need "
                         "one.")  # fmt: skip
    return f"{path}.{names[0]}"


def _delayed(path: Route, delay: Any, name: str) -> Route:
    """Return a path with a delay of what arrives."""
    delay = np.asarray(delay, float).ravel()
    delay = delay[0] if np.all(delay == delay[0]) else delay
    return dataclasses.replace(path, after=path.after + delay, name=path.name or name)


def _weighted(path: Route, weight: np.ndarray, name: str) -> Route:
    """Return a path through one more weight; the last matrix names the link."""
    if path.weight is None or path.weight.ndim == 1:  # value by value: a delay may as well come before it
        total = weight if path.weight is None else weight * path.weight
        return dataclasses.replace(path, weight=total, before=path.before + path.after, after=0.0, name=name)
    if weight.ndim == 1:
        return dataclasses.replace(path, weight=weight[:, None] * path.weight)
    if np.ndim(path.after):
        raise NotImplementedError(f"sc.nir: delays that differ come before the matrix of {name!r} and after that of "
                                  f"{path.name!r}; no link of simcore has both.")  # fmt: skip
    return dataclasses.replace(path, weight=weight @ path.weight, name=name)
