"""The checks of what rules are given."""

from __future__ import annotations

from typing import Any

import numpy as np

from simcore import units

from .base import Ends


def count(value: Any, who: str) -> int:
    """Return a whole number >= 0."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer) or value < 0:
        raise ValueError(f"{who} must be a whole number >= 0, got {units.show(value)}.")
    return int(value)


def probability(value: Any, who: str) -> float:
    """Return a probability, one number."""
    p = units.as_magnitude(value, "dimensionless", who)
    if p.ndim or not 0 <= p <= 1:
        raise ValueError(f"{who} must be a probability from 0 to 1, got {units.show(value)}.")
    return float(p)


def length(value: Any, who: str, *, ndim: int = 0) -> np.ndarray:
    """Return a length (or `ndim` = 1: one or several) in um."""
    x = units.to_kernel(value, "um", who)
    if x.ndim > ndim or (x <= 0).any():
        raise ValueError(f"{who} must be {'one length' if ndim == 0 else 'lengths'} > 0, got {units.show(value)}.")
    return x


def neuron_numbers(value: Any, who: str) -> np.ndarray:
    """Return a list of neuron numbers, int64."""
    x = np.asarray(value)
    if x.ndim != 1 or (x.dtype.kind not in "iu" and x.size):
        raise TypeError(f"{who} must be a list of neuron numbers, got {x.dtype} of the shape {x.shape}.")
    x = x.astype(np.int64)
    if x.size and x.min() < 0:
        raise ValueError(f"{who} must be neuron numbers >= 0, got {x.min()}.")
    return x


def same_size(pre: Ends, post: Ends, who: str) -> None:
    """Refuse two sides of another number of neurons."""
    if len(pre) != len(post):
        raise ValueError(f"{who} needs as many neurons on both sides, got {len(pre)} and {len(post)}.")
