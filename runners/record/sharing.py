"""What several recorders carry alike from step to step is carried once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax

from .base import Recorder


class Sharing:
    """Which of the arrays that recorders carry are the same: those of equal names.

    Args:
        recorders: of a program.
        carries: what each carries.
    """

    def __init__(self, recorders: Sequence[Recorder], carries: Sequence[Any]) -> None:
        names = [name for r, carry in zip(recorders, carries, strict=True) for name in r.names_of_carried(carry)]
        distinct = list(dict.fromkeys(names))
        self._tree = jax.tree.structure(tuple(carries))
        self._first, self._which = [names.index(n) for n in distinct], [distinct.index(n) for n in names]

    def once(self, carries: Sequence[Any]) -> list[Any]:
        """Return each of the arrays once."""
        leaves = jax.tree.leaves(tuple(carries))
        return [leaves[k] for k in self._first]

    def of_each(self, arrays: list[Any]) -> Any:
        """Return what each recorder carries."""
        return jax.tree.unflatten(self._tree, [arrays[k] for k in self._which])
