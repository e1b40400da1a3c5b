"""The ring with rewired synapses."""

from __future__ import annotations

import dataclasses

import numpy as np

from .arguments import count, probability
from .base import Ends, Rows, Rule
from .blocks import row_ranges
from .draw import distinct


@dataclasses.dataclass(frozen=True)
class SmallWorld(Rule):
    """Connect each neuron of a ring to its k nearest (k / 2 on each side) and rewire each synapse with probability p.

    A rewired synapse goes to a target drawn uniformly from those that the neuron does not have, itself left out.
    Each neuron keeps k distinct targets.

    Reference: Watts and Strogatz (1998), Nature 393, 440-442, here with directed synapses.
    """

    k: int
    p: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "k", count(self.k, "SmallWorld: 'k'"))
        object.__setattr__(self, "p", probability(self.p, "SmallWorld: 'p'"))
        if self.k % 2:
            raise ValueError(f"SmallWorld: 'k' must be even, k / 2 neighbours on each side, got {self.k}.")

    def check(self, pre: Ends, post: Ends) -> None:
        n, k = len(pre), self.k
        if pre.population != post.population or not np.array_equal(pre.index, post.index):
            raise ValueError("SmallWorld is a ring of neurons: both sides must be the same ones.")
        if n and k > n - 1:
            raise ValueError(f"SmallWorld: 'k' = {k} is more than the {n - 1} other neurons of the ring.")

    def rows(self, pre: Ends, post: Ends, rng: np.random.Generator) -> Rows:
        n, k = len(pre), self.k
        steps = np.concatenate([np.arange(-(k // 2), 0), np.arange(1, k // 2 + 1)])
        out = np.empty((n, k), np.uint32)
        for start, end in row_ranges(n if k else 0, k if 2 * k <= n else n):
            itself = np.arange(start, end)
            keys = (2 * ((itself[:, None] + steps) % n)).astype(np.uint32)
            rewired = rng.random(keys.shape) < self.p
            keys[rewired] = 2 * rng.integers(n, size=np.count_nonzero(rewired), dtype=np.uint32) + 1
            out[start:end] = distinct(keys, itself.astype(np.uint32), n, rng)
        return Rows(np.arange(n + 1, dtype=np.int64) * k, out.ravel())

    def expected(self, n_pre: int, n_post: int) -> float:
        return float(self.k * n_pre)
