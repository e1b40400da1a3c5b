"""The tree of modules: children, paths, states, and the arrays among the attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Self

import jax
import numpy as np

from .declare import State

_CONTAINERS = (dict, list, tuple)


def join(path: str, name: str) -> str:
    """Return the dotted path of a name below a path."""
    return f"{path}.{name}" if path else name


def is_data(value: Any) -> bool:
    """Return whether an attribute is data, an argument of the program: a numeric array."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biufc"
    return isinstance(value, jax.Array)


def _items(path: str, container: Any) -> Iterator[tuple[str, Any]]:
    """Yield the items of a list, tuple or dict, and of those in it, by dotted path."""
    for key, item in container.items() if isinstance(container, dict) else enumerate(container):
        if isinstance(item, _CONTAINERS):
            yield from _items(f"{path}.{key}", item)
        else:
            yield f"{path}.{key}", item


class Tree:
    """What has children: attributes that are trees, or items of lists and dicts among them.

    Names that begin with an underscore are bookkeeping of the host and no part of the tree.
    """

    def children(self) -> dict[str, Self]:
        """Return the modules right below this one: attributes, or items of lists and dicts among them, by path."""
        return self._attributes(lambda value: isinstance(value, Tree))

    def data(self) -> dict[str, Any]:
        """Return the numeric arrays among its attributes, by name or dotted path: arguments of a step."""
        return self._attributes(is_data)

    def _attributes(self, chosen: Callable[[Any], bool]) -> dict[str, Any]:
        """Return the chosen ones of its public attributes by name; items of lists, tuples and dicts by dotted path."""
        values: dict[str, Any] = {}
        for name, value in vars(self).items():
            if name[0] != "_":
                if isinstance(value, _CONTAINERS):
                    values.update((path, item) for path, item in _items(name, value) if chosen(item))
                elif chosen(value):
                    values[name] = value
        return values

    def children_in(self, name: str) -> dict[str, Self]:
        """Return the modules that an attribute is or holds, by path."""
        value: Any = vars(self).get(name)
        items: Any = _items(name, value) if isinstance(value, _CONTAINERS) else [(name, value)]
        return {path: item for path, item in items if isinstance(item, Tree)}  # type: ignore[misc]

    def nodes(self) -> dict[str, Self]:
        """Return this module ("") and all modules below it, by dotted path; a shared one by its first path."""
        nodes: dict[str, Self] = {}
        seen: set[int] = set()

        def visit(path: str, node: Self) -> None:
            if id(node) not in seen:
                seen.add(id(node))
                nodes[path] = node
                for name, child in node.children().items():
                    visit(join(path, name), child)

        visit("", self)
        return nodes

    def states(self) -> dict[str, State]:
        """Return all states of this module and those below it, by dotted path. They exist after `init_state`."""
        nodes = self.nodes().items()
        return {join(p, k): s for p, n in nodes for k, s in vars(n).items() if isinstance(s, State) and k[0] != "_"}


class Reference:
    """What stands for a tree of which it is no child: a view of a population."""

    def frozen(self, paths: dict[int, str]) -> Any:
        """Return what a compiled program depends on; `paths` of the trees by id."""
        raise NotImplementedError

    def copied(self, copy: Any) -> Reference:
        """Return it for a copy of the tree; `copy` returns the copy of a tree."""
        raise NotImplementedError
