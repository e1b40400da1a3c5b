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

# The degree of the polynomial for a normal variable, by bytes of a float: its error is 1e-7 and 4e-13.
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

    Their quantile is smooth in s, sqrt(-2 log p), to which it tends for small p: one polynomial does for all.
    """
    word, low = words
    size = jnp.result_type(float).itemsize
    rest = 0.5 if size == 4 else (low.astype(float) + 0.5) * 2.0**-32
    s = jnp.sqrt(-2.0 * jnp.log(((word >> 1).astype(float) + rest) * 2.0**-32))
    coefficients, middle, scale = _quantile(size)
    x, z = (s - middle) * scale, coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        z = z * x + coefficient
    return jnp.where((word & 1) != 0, -z, z)


@functools.cache
def _quantile(size: int) -> tuple[tuple[float, ...], float, float]:
    """Return the polynomial in x = (s - middle) * scale, from -1 to 1, for floats of so many bytes."""
    least, largest = (math.sqrt(-2.0 * math.log(p)) for p in (0.5, 2.0 ** (-1 - 8 * size)))
    quantile = np.vectorize(lambda s: -statistics.NormalDist().inv_cdf(math.exp(-s * s / 2.0)))
    series = np.polynomial.Chebyshev.interpolate(quantile, DEGREE[size], [least, largest])
    return tuple(np.polynomial.chebyshev.cheb2poly(series.coef).tolist()), (least + largest) / 2, 2 / (largest - least)
