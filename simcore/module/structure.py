"""Structure: what a compiled program depends on besides the arrays; copies of a tree of modules, bound ones too."""

from __future__ import annotations

import copy
import dataclasses
import weakref
from collections.abc import Callable
from typing import Any

from . import code
from .declare import LazyState, State
from .tree import Reference, Tree, is_data, join


class Structure:
    """Everything of a model that its compiled program depends on besides the arrays; hashable.

    Public attributes count by value, names with an underscore do not: no step can read them. Arrays among the
    attributes are arguments of the program. The code of the classes counts, with the values that it names.
    Models of equal structure share one compiled program.
    """

    def __init__(self, model: Any) -> None:
        # Weak: a cached program must not keep the arrays of the model alive that it was made for.
        self._model = weakref.ref(model)
        nodes = model.nodes()
        paths = {id(node): path for path, node in nodes.items()}
        self.key = tuple((path, *_static(node, paths)) for path, node in nodes.items())
        self._hash = hash(self.key)

    @property
    def model(self) -> Any:
        """The model it was made of; alive while its caller traces a program."""
        model = self._model()
        assert model is not None
        return model

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Structure) and self.key == other.key


def _static(node: Any, paths: dict[int, str]) -> tuple[Any, ...]:
    attributes = [(name, counted(value, paths)) for name, value in vars(node).items() if name[0] != "_"]
    specs = node.specs()
    params = tuple((name, specs[name].unit) for name in node.given())
    return code.class_key(type(node)), params, tuple(sorted(attributes, key=lambda item: item[0]))


def counted(value: Any, paths: dict[int, str]) -> Any:
    """Return what counts of an attribute: of arrays and states nothing that they hold, of a module which it is.

    Args:
        value: the attribute.
        paths: of the modules, by id.
    """
    if isinstance(value, Reference):
        return value.frozen(paths)
    if isinstance(value, Tree):
        return type(value), paths.get(id(value))  # a node of its own, perhaps under another name
    if isinstance(value, State):
        return type(value), value.unit
    if is_data(value):
        return "data"
    if isinstance(value, list | tuple):
        return type(value), tuple(counted(item, paths) for item in value)
    if isinstance(value, dict):
        return dict, tuple((key, counted(item, paths)) for key, item in value.items())
    return code.Frozen().value(value)


def may_change(value: Any) -> bool:
    """Return whether what counts of an attribute may change while it is the same object."""
    if isinstance(value, tuple):
        return any(map(may_change, value))
    return not (code.is_plain(value) or isinstance(value, Tree | State | Reference) or is_data(value))


@dataclasses.dataclass(frozen=True)
class Template:
    """What a model is as a pytree besides its arrays: its structure and names. Clocks and initializers do not count."""

    structure: Structure
    names: tuple[str, ...]
    model: Any = dataclasses.field(compare=False)


def clone(model: Any) -> Any:
    """Return a copy of a tree of modules with states of its own; other attributes are shared."""
    return _copied(model, {}, _clone_node)


def _clone_node(node: Any, visit: Callable[[str, Any], Any]) -> dict[str, Any]:
    return {name: visit(name, value) for name, value in vars(node).items()} | node.host_copy()


def set_data(node: Any, data: dict[str, Any]) -> None:
    """Give a node other arrays for those among its attributes, also for those in lists and dicts ("tables.a")."""
    public = {name: value for name, value in vars(node).items() if name[0] != "_"}
    vars(node).update({k: _rebuilt(k, v, lambda name, item: data.get(name, item)) for k, v in public.items()})


# What of the host's bookkeeping a step needs: names and units of parameters, for `given()`, `specs()` and errors.
_INSIDE = ("_values", "_adhoc", "_name")


def bound(model: Any, params: dict[str, Any], states: dict[str, Any]) -> Any:
    """Return the inside of a model: a copy whose parameters, data and states are these arrays, in kernel units.

    No arrays are copied; the model itself does not change. What else begins with an underscore is not there.
    """
    paths = {id(node): path for path, node in model.nodes().items()}

    def make(node: Any, visit: Callable[[str, Any], Any]) -> dict[str, Any]:
        path = paths[id(node)]

        def inside(name: str, value: Any) -> Any:
            if is_data(value):
                return params[join(path, name)]
            if isinstance(value, State):
                return value.bound_to(states[join(path, name)])
            return visit(name, value)

        attributes = {name: _rebuilt(name, value, inside) for name, value in vars(node).items() if name[0] != "_"}
        arrays = {name: params[join(path, name)] for name in node.given()}
        return attributes | {name: vars(node)[name] for name in _INSIDE} | {"_bound": arrays, "_path": path}

    return _copied(model, {}, make, paths)


def _rebuilt(name: str, value: Any, leaf: Callable[[str, Any], Any]) -> Any:
    """Return an attribute with `leaf(path, item)` for each item of the lists and dicts in it."""
    if isinstance(value, dict):
        return {key: _rebuilt(f"{name}.{key}", item, leaf) for key, item in value.items()}
    if isinstance(value, list | tuple):
        items = [_rebuilt(f"{name}.{k}", item, leaf) for k, item in enumerate(value)]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)  # a namedtuple
    return leaf(name, value)


def _copied(tree: Any, memo: dict[int, Any], make: Any, paths: dict[int, str] | None = None) -> Any:
    """Return a copy of a tree; `make` gives the attributes of a node's, `paths` the nodes that are copied."""

    def leaf(_: str, value: Any) -> Any:
        if isinstance(value, State):
            return copy.copy(value)
        if isinstance(value, Reference):
            return value.copied(lambda other: leaf("", other))
        if not isinstance(value, Tree) or (paths is not None and id(value) not in paths):
            return value
        if id(value) not in memo:
            memo[id(value)] = new = object.__new__(type(value))
            new.__dict__.update(make(value, lambda name, item: _rebuilt(name, item, leaf)))
            for state in new.__dict__.values():
                if isinstance(state, LazyState):
                    state.owner = new
        return memo[id(value)]

    return leaf("", tree)
