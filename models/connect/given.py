"""Rules of synapses that are given one by one."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pint

from simcore import units
from simcore.module.parameters import first_of

from .arguments import neuron_numbers
from .base import Ends, Rows, Rule
from .blocks import row_ranges
from .sorting import pair_keys, sort_pairs


class Pairs(Rule):
    """Connect ``pre[k]`` to ``post[k]`` for each k: numbers within the two sides; a pair may come several times."""

    draws = False

    def __init__(self, pre: Any, post: Any) -> None:
        self.pre, self.post = neuron_numbers(pre, "Pairs: 'pre'"), neuron_numbers(post, "Pairs: 'post'")
        if self.pre.size != self.post.size:
            raise ValueError(f"Pairs: 'pre' and 'post' must be as long, got {self.pre.size} and {self.post.size}.")

    def __repr__(self) -> str:
        return f"Pairs({self.pre.size} synapses)"

    def rows(self, pre: Ends, post: Ends, rng: np.random.Generator) -> Rows:
        for side, numbers, ends in (("pre", self.pre, pre), ("post", self.post, post)):
            if numbers.size and numbers.max() >= len(ends):
                there = f"the {len(ends)} neurons there, counted from 0"
                raise ValueError(f"Pairs: {side!r} has the neuron number {numbers.max()}, beyond {there}.")
        ptr, order = sort_pairs(pair_keys(self.pre, np.arange(self.pre.size)), len(pre))
        targets = self.post.astype(np.uint32)
        if (self.pre[1:] >= self.pre[:-1]).all():
            return Rows(ptr, targets)
        return Rows(ptr, targets[order], order.astype(np.int64))

    def expected(self, n_pre: int, n_post: int) -> float:
        return float(self.pre.size)


class Matrix(Rule):
    """Connect i to j where the matrix (n_pre, n_post) is not 0; of a scipy sparse matrix all stored entries.

    Its values are 0 and 1, or truth values; others only where the synapses are given weights, one for each.
    The synapses are in the order of ``m[m != 0]`` (row by row), of a sparse matrix in that of ``m.tocsr().data``.
    """

    draws = False

    def __init__(self, m: Any) -> None:
        if isinstance(m, pint.Quantity):
            raise TypeError(f"Matrix: 'm' says where synapses are, without a unit; got {units.show(m)}.")
        self.sparse = is_sparse(m)
        self.m: Any = m.tocsr() if self.sparse else np.asarray(m)
        if self.m.ndim != 2 or self.m.dtype.kind not in "biuf":
            got = f"{self.m.dtype} of the shape {self.m.shape}"
            raise TypeError(f"Matrix: 'm' must be truth values or numbers with two axes, got {got}.")
        finite = np.isfinite(self.values)
        if not finite.all():
            raise ValueError(f"Matrix: 'm' must be finite, got {first_of(self.values, ~finite)}; 0 is no synapse.")

    @property
    def values(self) -> np.ndarray:
        """Its values; of a sparse matrix those that are stored."""
        return self.m.data if self.sparse else self.m

    def __repr__(self) -> str:
        return f"Matrix({self.m.shape[0]} x {self.m.shape[1]})"

    def rows(self, pre: Ends, post: Ends, rng: np.random.Generator) -> Rows:
        if self.m.shape != (len(pre), len(post)):
            raise ValueError(f"Matrix: 'm' must be of the shape {(len(pre), len(post))}, got {self.m.shape}.")
        if self.sparse:
            return Rows(self.m.indptr.astype(np.int64), self.m.indices.astype(np.uint32))
        ptr = np.concatenate([[0], np.cumsum(np.count_nonzero(self.m, axis=1))]).astype(np.int64)
        out = np.empty(ptr[-1], np.uint32)
        for start, end in row_ranges(len(pre), len(post)):
            out[ptr[start] : ptr[end]] = np.nonzero(self.m[start:end])[1]
        return Rows(ptr, out)

    def expected(self, n_pre: int, n_post: int) -> float:
        return float(self.m.nnz if self.sparse else np.count_nonzero(self.m))

    def refuse_unused_values(self) -> None:
        others = (self.values != 0) & (self.values != 1)
        if others.any():
            raise ValueError(f"Matrix: 'm' must be 0 or 1 where the weight is one for all, or drawn, got "
                             f"{first_of(self.values, others)}, which nothing would use. If these are weights, give "
                             "them with their unit, weight=m * nS; if not, write connect=m != 0.")  # fmt: skip


def is_sparse(value: Any) -> bool:
    """Return whether a value is a sparse matrix of scipy, which is not imported for this."""
    sparse = sys.modules.get("scipy.sparse")
    return sparse is not None and sparse.issparse(value)
