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
        self._attributes = self._present_attributes()
        self._params = [weakref.ref(array) for array in self._present_params()]  # weights that are set anew are let go
        public = (value for node in self._nodes for name, value in vars(node).items() if name[0] != "_")
        self._changing = [(value, counted(value, self._paths)) for value in public if may_change(value)]
        classes = {type(node) for node in self._nodes}
        bases = {base for cls in classes for base in cls.__mro__[:-1]}
        self._bodies = [(vars(base), code.body_of(base)) for base in bases if is_library(base)]
        self._code = [(cls, code.class_key(cls)) for cls in classes if not is_library(cls)]

    def _present_attributes(self) -> list[Any]:
        """Return the names and values of all attributes in a row, but of those that steps change."""
        return [x for node in self._nodes for item in vars(node).items() if item[0] not in node.MOVING for x in item]

    def _present_params(self) -> list[Any]:
        return [node.kernel_value(name) for node in self._nodes for name in node.given()]

    def holds(self) -> bool:
        """Return whether the tree is as it was."""
        return (
            _same(self._present_attributes(), self._attributes)
            and _same(self._present_params(), [array() for array in self._params])
            and all(counted(value, self._paths) == key for value, key in self._changing)
            and all(members.is_of(body.values()) for body, members in self._bodies)
            and all(code.class_key(cls) == key for cls, key in self._code)
        )


def _same(present: list[Any], before: list[Any]) -> bool:
    return len(present) == len(before) and all(map(operator.is_, present, before))
