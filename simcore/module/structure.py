"""Structure: what a compiled program depends on besides the arrays; and copies of a tree of modules."""

from __future__ import annotations

import copy
import dataclasses
import weakref
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from .. import units
from ..units.clock import Clock
from .declare import State

if TYPE_CHECKING:
    from .node import Module


def join(path: str, name: str) -> str:
    """Return the dotted path of a name below a path."""
    return f"{path}.{name}" if path else name


def is_module(value: Any) -> bool:
    """Return whether `value` is a Module (which imports this file)."""
    return hasattr(type(value), "PARAMS")


class Structure:
    """Everything of a model that its compiled program depends on besides the arrays; hashable.

    Models of equal structure (same classes, options and tree) share one compiled program.
    """

    def __init__(self, model: Module) -> None:
        # Weak: a cached program must not keep the arrays of the model alive that it was made for.
        self._model = weakref.ref(model)
        nodes = model.nodes()
        paths = {id(node): path for path, node in nodes.items()}
        self.key = tuple((path, *_static(node, paths)) for path, node in nodes.items())
        self._hash = hash(self.key)

    @property
    def model(self) -> Module:
        model = self._model()
        assert model is not None  # a trace runs while its caller holds the model
        return model

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Structure) and self.key == other.key


@dataclasses.dataclass(frozen=True)
class Template:
    """What a model is as a pytree besides its arrays: its structure and names. Clocks and initializers do not count."""

    structure: Structure
    names: tuple[str, ...]
    model: Module = dataclasses.field(compare=False)


class _Identity:
    """An attribute that cannot be hashed: equal to itself only."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and self.value is other.value


# Arrays among the attributes count by content up to this size (bytes), larger ones by identity.
MAX_CONTENT = 2**20
_NOT_STATIC = {
    *("_values", "_arrays", "_data", "_initializers", "_bound", "_ready", "_path", "clock", "name", "_adhoc", "signal"),
    *("_paired", "_positions", "_later", "_rule", "_order", "_start", "_n", "_pairs", "_span", "_delays", "_fitted"),
    *("_times", "_indices", "_layout", "_where", "longest"),
}


def _static(node: Module, paths: dict[int, str]) -> tuple[Any, ...]:
    attributes = [(k, _frozen(v, paths)) for k, v in vars(node).items() if k not in _NOT_STATIC]
    params = tuple((k, node._specs()[k].unit) for k in node._values)
    return type(node), params, tuple(sorted(attributes, key=lambda kv: kv[0]))


def _frozen(value: Any, paths: dict[int, str]) -> Any:
    if hasattr(value, "frozen"):  # a view of a population
        return value.frozen(paths)
    if is_module(value):
        return type(value), paths.get(id(value))  # a node of its own, perhaps under another name
    if isinstance(value, State):
        return type(value), value.unit
    if isinstance(value, list | tuple):
        return type(value), tuple(_frozen(v, paths) for v in value)
    if isinstance(value, dict):
        return dict, tuple((k, _frozen(v, paths)) for k, v in value.items())
    if isinstance(value, set):
        return set, frozenset(value)
    if isinstance(value, np.ndarray) and value.nbytes <= MAX_CONTENT:
        return np.ndarray, value.shape, value.dtype.str, value.tobytes()
    try:
        hash(value)
    except TypeError:
        return _Identity(value)
    return type(value), value


def clone(value: Any, memo: dict[int, Any]) -> Any:
    """Return a copy of a tree of modules with states of its own; other attributes are shared."""
    if isinstance(value, State):
        return copy.copy(value)
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return type(value)(clone(v, memo) for v in value)
    if hasattr(value, "cloned"):
        return value.cloned(memo)
    if isinstance(value, dict):
        return {k: clone(v, memo) for k, v in value.items()}
    if not is_module(value):
        return value
    if id(value) not in memo:
        memo[id(value)] = new = object.__new__(type(value))
        for k, v in vars(value).items():
            new.__dict__[k] = dataclasses.replace(v) if isinstance(v, Clock) else clone(v, memo)
        new.__dict__["_bound"] = None
    return memo[id(value)]


def flatten(model: Module) -> tuple[list[Any], Template]:
    """Return the arrays of a model (parameters, states; kernel units) and what is left, as a JAX pytree."""
    if model._bound is None:
        params: dict[str, Any] = dict(model.kernel_params())
    else:
        params = {join(p, k): n._bound[k] for p, n in model.nodes().items() for k in (*n._values, *n._data)}
    return [params, {path: state.raw for path, state in model.states().items()}], Template(
        model.structure(), tuple(node.name for node in model.nodes().values()), model
    )


def unflatten(template: Template, params: dict[str, Any], states: dict[str, Any]) -> Module:
    """Return a copy of a model with other arrays; with traced ones it is bound to them, as in a step."""
    model = clone(template.model, {})
    traced = any(
        isinstance(leaf, jax.core.Tracer) or not isinstance(leaf, np.ndarray | np.generic | jax.Array)
        for leaf in (*params.values(), *states.values())
    )
    for path, node in model.nodes().items():
        if traced:
            node.__dict__["_bound"] = {key: params[join(path, key)] for key in (*node._values, *node._data)}
            continue
        node.__dict__["_data"] = {key: params[join(path, key)] for key in node._data}
        for key in node._values:
            leaf = np.asarray(params[join(path, key)], float)
            node._values[key] = (leaf / units.kernel_factor(node._specs()[key].unit), leaf)
        node._arrays.clear()
    for path, state in model.states().items():
        state.raw, state._inside = states[path], traced
    return model
