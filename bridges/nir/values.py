"""Values: an edge along which a number goes all the time, not spikes."""

from __future__ import annotations

from typing import Any

import numpy as np

from simcore import ShortTermState, units
from simcore.models.connect.read import as_rule
from simcore.models.synapses.graded import Delayed

from .nodes import Input
from .receptors import Edges


class Values(Delayed):
    """Hands what a population sends all the time (V, or the numbers of an `Input`) to a receptor of another one.

    What a population has at the end of a step acts, times the weight, in the next one; the numbers of an `Input` of a
    `Graph` in the step for which they are given.

    Args:
        pre: a population that sends values.
        post: a population with a receptor of `sc.nir`.
        receptor: its name; may be left out if there is one only.
        connect: a rule, pairs or a matrix.
        weight: quantity, a current for a value of 1 in the unit of what is sent; shapes as for a `Projection`.
        delay: a time, or one for each connection in the order of `connect`; whole steps.
        name: the name in messages.

    Raises:
        ValueError: there is no such receptor, a shape does not fit.
    """

    FIXED = (*Delayed.FIXED, "into")

    def __init__(
        self, pre: Any, post: Any, receptor: str | None = None, *, connect: Any, weight: Any, delay: Any = None,
        name: str | None = None,
    ) -> None:  # fmt: skip
        if name is not None:
            self.name = name
        self.refer(pre, post)
        receptors = {k: r for k, r in self.post.population.receptors.items() if isinstance(r, Edges)}
        if receptor not in receptors and (receptor is not None or len(receptors) != 1):
            has = f"it has {', '.join(receptors)}" if receptors else "it has none"
            raise ValueError(f"{self.name}: {self.post.population.name} has no receptor of sc.nir {receptor!r}; {has}.")
        self.into = next(iter(receptors)) if receptor is None else receptor
        self.unit = units.unit_of(weight)
        super().__init__(delay, None, name)
        self.connect_by(as_rule(connect, f"{self.name}: 'connect'"), weight)

    def init_state(self, batch_size: int | None = None, **kwargs: Any) -> None:
        """Create the room for the values of earlier steps; numbers at an `Input` were 0 before the first step."""
        super().init_state(batch_size, **kwargs)
        if isinstance(self.pre.population, Input):
            self.taken = ShortTermState(np.int32(1), "how many steps it has taken, one of zeros before the first")

    @property
    def weight_unit(self) -> str:
        """The unit of a weight, that of those it was made with."""
        return self.unit

    def total(self) -> Any:
        """Return the sum that drives the receptor."""
        receptor: Any = self.post.population.receptors[self.into]
        return receptor.drive
