"""Rules of each pair: all to all, one to one, with a probability."""

from __future__ import annotations

import dataclasses

import numpy as np

from .arguments import probability, same_size
from .base import Ends, Rows, Rule
from .blocks import row_ranges
from .draw import bernoulli, self_numbers


@dataclasses.dataclass(frozen=True)
class AllToAll(Rule):
    """Connect each neuron to each; without `self_connections` to each but itself."""

    self_connections: bool = True
    draws = False

    def rows(self, pre: Ends, post: Ends, rng: np.random.Generator) -> Rows:
        itself = self_numbers(pre, post, self.self_connections)
        n = np.full(len(pre), len(post)) - (0 if itself is None else itself < len(post))
        ptr = np.concatenate([[0], np.cumsum(n)]).astype(np.int64)
        out, columns = np.empty(ptr[-1], np.uint32), np.arange(len(post), dtype=np.uint32)
        for start, end in row_ranges(len(pre), len(post)):
            block = np.broadcast_to(columns, (end - start, len(post)))
            out[ptr[start] : ptr[end]] = block.ravel() if itself is None else block[block != itself[start:end, None]]
        return Rows(ptr, out)

    def expected(self, n_pre: int, n_post: int) -> float:
        return float(n_pre * n_post)


@dataclasses.dataclass(frozen=True)
class OneToOne(Rule):
    """Connect the i-th neuron to the i-th."""

    draws = False

    def rows(self, pre: Ends, post: Ends, rng: np.random.Generator) -> Rows:
        same_size(pre, post, self.who)
        return Rows(np.arange(len(pre) + 1, dtype=np.int64), np.arange(len(pre), dtype=np.uint32))

    def expected(self, n_pre: int, n_post: int) -> float:
        return float(n_pre)


@dataclasses.dataclass(frozen=True)
class FixedProbability(Rule):
    """Connect each pair independently with probability p."""

    p: float
    self_connections: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "p", probability(self.p, f"{self.who}: 'p'"))

    def rows(self, pre: Ends, post: Ends, rng: np.random.Generator) -> Rows:
        itself = self_numbers(pre, post, self.self_connections)
        return bernoulli(self.p, len(pre), len(post), itself, rng, post.wanted)

    def expected(self, n_pre: int, n_post: int) -> float:
        return self.p * n_pre * n_post
