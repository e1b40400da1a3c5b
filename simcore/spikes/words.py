"""Spikes packed into words, one bit a neuron."""

from __future__ import annotations

import functools
from typing import Any

import jax.numpy as jnp
from jax import lax

Array = Any
U32 = jnp.uint32
BITS = 32  # of a word


def n_words(n: int) -> int:
    """Return how many words hold the spikes of n neurons."""
    return -(-n // 32)


def pack(spikes: Array) -> Array:
    """Return spikes (B, n) as bits of words (B, n_words): neuron j is bit j // n_words of word j % n_words."""
    n = spikes.shape[1]
    count = n_words(n)
    # Slices: XLA on a CPU joins those of a reshaped array in half the speed.
    rows = [(spikes[:, i : i + count] != 0).astype(U32) << U32(b) for b, i in enumerate(range(0, n, count))]
    rows[-1] = jnp.pad(rows[-1], ((0, 0), (0, count - rows[-1].shape[1])))
    return functools.reduce(jnp.bitwise_or, rows)


def unpack(words: Array, n: int) -> Array:
    """Return the spikes (B, n), bool, of words (B, n_words)."""
    words = lax.optimization_barrier(words)  # else XLA on a CPU packs the word of each neuron anew
    bits = (words[:, None, :] >> jnp.arange(32, dtype=U32)[None, :, None]) & U32(1)
    return bits.reshape(words.shape[0], -1)[:, :n] != 0
