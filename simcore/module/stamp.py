"""Stamp: whether a tree of modules is as it was, told by what its nodes hold, without walking it anew."""

from __future__ import annotations

import operator
import weakref
from typing import Any

from . import code
from .libraries import is_library
from .structure import counted, may_change


class Stamp:
    """What a tree is: attributes and parameters by identity, by value what can change in place; the code of classes.

    What states and arrays hold does not count. Bookkeeping of the host counts as a whole: `fit_to` may read it.
    """

    def __init__(self, nodes: dict[str, Any]) -> None:
        self._nodes = tuple(nodes.values())
        self._paths = {id(node): path for path, node in nodes.items()}
        self._held = [(vars(node), node.MOVING) for node in self._nodes]
        self._names, self._values = self._present_names(), self._present_values()
        self._params = [weakref.ref(array) for array in self._present_params()]  # weights that are set anew are let go
        public = (value for node in self._nodes for name, value in vars(node).items() if name[0] != "_")
        self._changing = [(value, counted(value, self._paths)) for value in public if may_change(value)]
        classes = {type(node) for node in self._nodes}
        self._bodies = [vars(base) for base in {b for c in classes for b in c.__mro__[:-1]} if is_library(base)]
        self._members = self._present_members()
        self._code = [(cls, code.class_key(cls)) for cls in classes if not is_library(cls)]

    def _present_names(self) -> list[str]:
        """Return the names of all attributes in a row."""
        return [name for attributes, _ in self._held for name in attributes]

    def _present_values(self) -> list[Any]:
        """Return the values of all attributes in a row, but of those that steps change."""
        return [v for attributes, moving in self._held for name, v in attributes.items() if name not in moving]

    def _present_params(self) -> list[Any]:
        return [node.kernel_value(name) for node in self._nodes for name in node.given()]

    def _present_members(self) -> list[Any]:
        """Return what the bodies of the classes of libraries hold in a row: somebody may patch them."""
        return [member for body in self._bodies for member in body.values()]

    def holds(self) -> bool:
        """Return whether the tree is as it was."""
        return (
            self._present_names() == self._names
            and _same(self._present_values(), self._values)
            and _same(self._present_params(), [array() for array in self._params])
            and all(counted(value, self._paths) == key for value, key in self._changing)
            and _same(self._present_members(), self._members)
            and all(code.class_key(cls) == key for cls, key in self._code)
        )


def _same(present: list[Any], before: list[Any]) -> bool:
    return len(present) == len(before) and all(map(operator.is_, present, before))
