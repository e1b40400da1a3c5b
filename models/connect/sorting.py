"""Pairs of numbers as keys of 64 bits, sorted in place."""

from __future__ import annotations

import numpy as np

from . import blocks
from .blocks import row_blocks


def pair_keys(rows: np.ndarray, x: np.ndarray | int) -> np.ndarray:
    """Return 64-bit keys with the row in the upper half and x in the lower one."""
    keys = rows.astype(np.uint64)
    keys <<= np.uint64(32)
    keys |= np.asarray(x, np.uint64)
    return keys


def sort_pairs(keys: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Sort `pair_keys`; return the bounds of the n rows and the lower halves, in the memory of the keys.

    To sort takes half the time of counting and scattering, whose every access to memory misses the cache.
    """
    keys.sort()
    ptr = np.searchsorted(keys, pair_keys(np.arange(n + 1), 0)).astype(np.int64)
    size, lower = keys.size, keys.view(np.uint32)
    for start in range(0, size, blocks.BLOCK):  # never ahead of what is read
        end = min(start + blocks.BLOCK, size)
        lower[start:end] = keys[start:end].astype(np.uint32)
    del lower
    keys.resize((size + 1) // 2, refcheck=False)  # gives half of the memory back
    return ptr, keys.view(np.uint32)[:size]


def transpose(ptr: np.ndarray, post: np.ndarray, n_post: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the view of the targets: (n_post + 1,) int64 bounds, and for each synapse its source and its number.

    The synapses of a target are in the order of their numbers; both arrays are (nnz,) uint32.
    """
    if post.size >= 2**32:
        raise ValueError(f"synapse numbers are 32 bits wide; {post.size} synapses are more than {2**32 - 1}.")
    keys = np.empty(post.size, np.uint64)
    for start in range(0, post.size, blocks.BLOCK):
        part = post[start : start + blocks.BLOCK]
        keys[start : start + blocks.BLOCK] = pair_keys(part, np.arange(start, start + part.size))
    keys.sort()
    synapse = keys.astype(np.uint32)
    # The sources of a target ascend with the synapse numbers: sorted for themselves they are in the same places.
    for start, end in row_blocks(ptr):
        source = np.repeat(np.arange(start, end), np.diff(ptr[start : end + 1]))
        keys[ptr[start] : ptr[end]] = pair_keys(post[ptr[start] : ptr[end]], source)
    ptr_in, pre = sort_pairs(keys, n_post)
    return ptr_in, pre, synapse
