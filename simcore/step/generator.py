"""Uniform and normal numbers of a key, and the key of a number under a key: a counter-based generator.

`benchmarks/statistics/random_numbers.py` tests it.
"""

from __future__ import annotations

import functools
import math
import statistics
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Key = tuple[Any, Any]  # two words of 32 bits, uint32
ROOT: Key = (np.uint32(0x9E3779B9), np.uint32(0x7F4A7C15))  # the golden ratio

# The degree of the polynomial for a normal variable, by bytes of a float: its relative error is 1e-7 and 1e-13.
DEGREE = {4: 15, 8: 36}


@jax.jit
def folded(key: Key, number: Any) -> Key:
    """Return the key of a number under a key; of an array of them, of each.

    A hash, to which XLA gives a fifth of the time of Threefry. Each word is a permutation of the numbers, chosen by
    the two words of the key: mixed, keyed, mixed and keyed again.
    """
    first, second = key
    number = jnp.asarray(number).astype(jnp.uint32)
    return _mixed(_mixed(number ^ first) + second), _mixed(_mixed(~number ^ second) + first)


def _mixed(word: Any) -> Any:
    """Return words of 32 bits of which each bit depends on all those of `word`.

    Source: C. Wellons, hash-prospector, github.com/skeeto/hash-prospector: of its two-round functions that of least
    bias (0.11; the last step of MurmurHash3 has 0.26).
    """
    word = (word ^ (word >> 16)) * jnp.uint32(0x21F0AAAD)
    word = (word ^ (word >> 15)) * jnp.uint32(0xD35A2D97)
    return word ^ (word >> 15)


def words(key: Key, shape: tuple[int, ...]) -> Key:
    """Return two uniform words of 32 bits for each member of an array."""
    return folded(key, jnp.arange(math.prod(shape), dtype=jnp.uint32).reshape(shape))


@jax.jit
def uniform(words: Key) -> Any:
    """Return floats from 0 (included) to 1 (excluded): all 24 or 53 bits of them are random."""
    word, low = words
    if jnp.result_type(float).itemsize == 4:
        return (word >> 8).astype(float) * 2.0**-24
    return (word.astype(float) + (low >> 11).astype(float) * 2.0**-21) * 2.0**-32


@jax.jit
def normal(words: Key) -> Any:
    """Return standard normal floats: the sign is a bit, the rest of the word a probability p up to 1/2.

    The quantile of p is smooth in s = sqrt(-2 log p), to which it tends for small p, and 0 at p = 1/2: it is the
    distance of s from there times one polynomial, for all p. The relative error is that of a few roundings.
    """
    word, low = words
    small, large = _fraction(word, low), _fraction(~word, ~low)  # 2 p and 1 - 2 p, each exact where it is small
    log = jnp.log(small) + jnp.where(small > 0.5, (1.0 - small) - large, 0.0)  # and what rounding has taken from 2 p
    at_half, coefficients = _quantile(jnp.result_type(float).itemsize)
    s = jnp.sqrt(at_half**2 - 2.0 * log)
    distance = -2.0 * log / (s + at_half)
    x: Any = distance * coefficients[0] - 1.0
    polynomial: Any = coefficients[-1]
    for coefficient in coefficients[-2:0:-1]:
        polynomial = polynomial * x + coefficient
    return jnp.where((word & 1) != 0, distance, -distance) * polynomial


def _fraction(word: Any, low: Any) -> Any:
    """Return all bits but the last one of the word, and in float64 those of `low` behind them, as a part of 1."""
    rest = (low.astype(float) + 0.5) * 2.0**-32 if jnp.result_type(float).itemsize == 8 else 0.5
    return ((word >> 1).astype(float) + rest) * 2.0**-31


@functools.cache
def _quantile(size: int) -> tuple[float, tuple[float, ...]]:
    """Return s at p = 1/2; and the polynomial in x, from -1 to 1, after the factor that makes it of a distance."""
    at_half, largest = (math.sqrt(-2.0 * math.log(p)) for p in (0.5, 2.0 ** (-1 - 8 * size)))
    scale = 2.0 / (largest - at_half)

    def ratio(x: float) -> float:
        distance = (x + 1.0) / scale
        return -statistics.NormalDist().inv_cdf(math.exp(-((at_half + distance) ** 2) / 2.0)) / distance

    series = np.polynomial.Chebyshev.interpolate(np.vectorize(ratio), DEGREE[size])
    return at_half, (scale, *np.polynomial.chebyshev.cheb2poly(series.coef).tolist())
