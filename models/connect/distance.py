"""Rules of distance."""

from __future__ import annotations

import abc
import dataclasses
from typing import Any, ClassVar

import numpy as np

from simcore.units import OneQuantity, Quantities

from .arguments import length, probability
from .base import Ends, Rows, Rule
from .blocks import Buffer
from .cells import Cells
from .draw import self_numbers
from .sorting import pair_keys, sort_pairs

# The distance rules end where the probability falls below this part of its maximum.
CUT = 1e-7


class Distance(Rule):
    """Connect each pair with a probability that falls with the distance d.

    Space is cut into cells. For two cells, pairs are drawn with the probability at the least distance the cells have,
    and each is kept with the ratio of its own probability to that. This is exact, and distant pairs cost nothing.
    """

    p_max: float
    self_connections: bool
    period: Quantities | None
    scale_name: ClassVar[str]  # the parameter that is the length
    reach: ClassVar[float] = 1.0  # in that length, where the rule ends

    @abc.abstractmethod
    def profile(self, x: Any) -> Any:
        """Return p / p_max, never rising, at the distance x in units of the length."""

    def __post_init__(self) -> None:
        length(getattr(self, self.scale_name), f"{self.who}: {self.scale_name!r}")
        object.__setattr__(self, "p_max", probability(self.p_max, f"{self.who}: 'p_max'"))
        if self.period is not None:
            length(self.period, f"{self.who}: 'period'", ndim=1)

    def check(self, pre: Ends, post: Ends) -> None:
        self._positions(pre, post)

    def rows(self, pre: Ends, post: Ends, rng: np.random.Generator) -> Rows:
        scale = float(length(getattr(self, self.scale_name), f"{self.who}: {self.scale_name!r}"))
        x, y, period = self._positions(pre, post)
        itself = self_numbers(pre, post, self.self_connections)
        keys = Buffer(0, np.uint64)
        if len(pre) and len(post):
            cells = Cells(x, y, period, self.reach * scale)
            for offset, nearest in cells.offsets():
                top = float(self.profile(nearest / scale))
                for i, j, d in cells.hits(offset, self.p_max * top, rng):
                    keep = (rng.random(d.size) * top < self.profile(d / scale)) & (d <= cells.reach)
                    if itself is not None:
                        keep &= itself[i] != j
                    if post.wanted is not None:
                        keep &= post.wanted[j]
                    keys.append(pair_keys(i[keep], j[keep]))
        return Rows(*sort_pairs(keys.close(), len(pre)))

    def box(self) -> Any:
        return self.period

    def _positions(self, pre: Ends, post: Ends) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        for side, ends in (("pre", pre), ("post", post)):
            if ends.positions is None:
                raise ValueError(f"{self.who} needs positions; give positions= to the {side} population.")
        x, y = np.asarray(pre.positions, float), np.asarray(post.positions, float)
        if x.shape[1] != y.shape[1]:
            got = f"{x.shape[1]} and {y.shape[1]} coordinates"
            raise ValueError(f"{self.who} needs positions in one space, got {got}.")
        if self.period is None:
            return x, y, None
        period = length(self.period, f"{self.who}: 'period'", ndim=1)
        if period.ndim and period.size != x.shape[1]:
            raise ValueError(f"{self.who}: 'period' has {period.size} lengths for {x.shape[1]} coordinates.")
        return x, y, np.broadcast_to(period, x.shape[1:])


@dataclasses.dataclass(frozen=True)
class DistanceGaussian(Distance):
    """Connect with p = p_max exp(-d^2 / (2 sigma^2)), 0 beyond 5.68 sigma where it falls below 1e-7 p_max.

    `period`: the size of a box with periodic boundaries, one length or one per coordinate.
    """

    sigma: OneQuantity
    p_max: float = 1.0
    self_connections: bool = True
    period: Quantities | None = None
    scale_name = "sigma"
    reach = float(np.sqrt(-2 * np.log(CUT)))

    def profile(self, x: Any) -> Any:
        """Return p / p_max."""
        return np.exp(-0.5 * np.square(x))


@dataclasses.dataclass(frozen=True)
class DistanceExponential(Distance):
    """Connect with p = p_max exp(-d / scale), 0 beyond 16.1 scale where it falls below 1e-7 p_max.

    `period`: the size of a box with periodic boundaries, one length or one per coordinate.
    """

    scale: OneQuantity
    p_max: float = 1.0
    self_connections: bool = True
    period: Quantities | None = None
    scale_name = "scale"
    reach = float(-np.log(CUT))

    def profile(self, x: Any) -> Any:
        """Return p / p_max."""
        return np.exp(-np.asarray(x))


@dataclasses.dataclass(frozen=True)
class DistanceBox(Distance):
    """Connect with p = p_max up to the distance `radius` (included), 0 beyond.

    `period`: the size of a box with periodic boundaries, one length or one per coordinate.
    """

    radius: OneQuantity
    p_max: float = 1.0
    self_connections: bool = True
    period: Quantities | None = None
    scale_name = "radius"

    def profile(self, x: Any) -> Any:
        """Return p / p_max."""
        return np.ones_like(x)
