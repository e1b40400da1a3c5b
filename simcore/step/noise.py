"""Random numbers of a step: counter-based, a function of seed, path, neuron and step alone.

Where the steps of a model are halves of coarser ones (`refine`), they refine the numbers of these.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .context import current, nth_use


def refine(model: Any, times: int) -> None:
    """Make the steps of a model 2**times parts of coarser ones, whose random numbers they refine.

    White noise is cut by Levy's construction of Brownian motion: the noise of the two halves of a step, together, is
    that of the step. Random spikes are those of the step, each in either half by chance. The runner's dt is that of
    the parts, and its steps count them.
    """
    for node in model.nodes().values():
        node.halvings = times  # among the attributes that a compiled program depends on


def coarse_dt(node: Any) -> Any:
    """Return, inside a step, the dt that random spikes are drawn for: that of the steps before they were halved."""
    return current().dt * 2**node.halvings


def _coarse(node: Any) -> Any:
    return current().i >> node.halvings


def seed_of_run(model: Any, seed: int) -> int:
    """Return the seed of a run of a model: the runner's, and that of the model where it has one."""
    return seed if model.seed is None else int(np.random.SeedSequence([seed, model.seed]).generate_state(1)[0])


def _key(node: Any, what: str = "noise") -> Any:
    """Return the random key of this use: of the seed of the run, that of the node below the root, and its path."""
    name = nth_use(f"{node.path}/{what}").encode()
    number = zlib.crc32(name) if node.own_seed is None else _continued(node.own_seed, name)
    return jax.random.fold_in(jax.random.key(current().seed), number)


def _continued(crc: Any, text: bytes) -> Any:
    """Return ``zlib.crc32(text, crc)`` of a traced crc: but for a constant, it is linear in the bits of that."""
    bits = (crc >> np.arange(32, dtype=np.uint32)) & np.uint32(1)
    of_bits = np.array([zlib.crc32(text, 1 << k) ^ zlib.crc32(text) for k in range(32)], np.uint32)
    return jax.lax.reduce(bits * of_bits, np.uint32(0), jax.lax.bitwise_xor, (0,)) ^ np.uint32(zlib.crc32(text))


def _cuts(node: Any, key: Any) -> Iterator[tuple[Any, Any]]:
    """Yield, for each time that the coarse step is halved, whether this is in the second half, and a random key."""
    i, times = current().i, node.halvings
    for cut in range(1, times + 1):
        half = i >> (times - cut)
        yield (half & 1) != 0, jax.random.fold_in(jax.random.fold_in(key, half >> 1), cut)


def normal(node: Any, shape: tuple[int, ...], *, coarse: bool = False, use: str = "noise") -> Any:
    """Return standard normal numbers of this step; they depend on the runner's seed, the step, node and use alone.

    Args:
        node: the model that asks.
        shape: of the numbers.
        coarse: those of the coarse step instead, where the steps are refined.
        use: what they are for.
    """
    key = _key(node, use)
    z = jax.random.normal(jax.random.fold_in(key, _coarse(node)), shape)
    for second, cut_key in () if coarse else _cuts(node, key):
        e = jax.random.normal(cut_key, shape)
        z = (z + jnp.where(second, -e, e)) * math.sqrt(0.5)  # the two halves: their sum is sqrt(2) z
    return z


def uniform(node: Any, shape: tuple[int, ...]) -> Any:
    """Return uniform numbers from 0 to 1 of this step.

    Where steps are refined, what is below p in a coarse step is below p/2 in one of its halves.
    """
    key = _key(node, "random")
    u = jax.random.uniform(jax.random.fold_in(key, _coarse(node)), shape)
    for second, cut_key in _cuts(node, key):
        u = (u + (jax.random.bernoulli(cut_key, 0.5, shape) == second)) / 2
    return u


# Up to this number, heads among tossed coins are the ones among so many bits of a word; beyond, a normal variable.
MAX_COINS = 31


def part(node: Any, count: Any) -> Any:
    """Return how many of the `count` spikes (whole numbers) of a coarse step come in this one: all, unless refined."""
    if not node.halvings:
        return count
    for second, cut_key in _cuts(node, _key(node, "part")):
        few = jnp.minimum(count, MAX_COINS).astype(jnp.uint32)
        word = jax.random.bits(cut_key, jnp.shape(count), jnp.uint32)
        heads = jax.lax.population_count(word & ((jnp.uint32(1) << few) - jnp.uint32(1))).astype(count.dtype)
        z = jax.random.normal(jax.random.fold_in(cut_key, 0), jnp.shape(count))
        many = jnp.clip(jnp.round(count / 2 + jnp.sqrt(count / 4) * z), 0, count).astype(count.dtype)
        first = jnp.where(count > MAX_COINS, many, heads)
        count = jnp.where(second, count - first, first)
    return count


def bits(uses: list[tuple[Any, tuple[int, ...]]]) -> list[Any]:
    """Return uniform random words of 32 bits, uint32, for each (node, shape), in the same way.

    Where steps are refined, they are those of the coarse step. All are drawn in one go: 64 bits a call of Threefry,
    of the key of the use and the number of the pair of words.
    """
    from jax.extend.random import threefry2x32_p

    keys = [jax.random.key_data(jax.random.fold_in(_key(node), _coarse(node))) for node, _ in uses]
    sizes = [math.prod(shape) for _, shape in uses]
    pairs = [-(-n // 2) for n in sizes]
    k1, k2 = (jnp.concatenate([jnp.full(n, key[j]) for n, key in zip(pairs, keys, strict=True)]) for j in (0, 1))
    count = jnp.concatenate([jnp.arange(n, dtype=jnp.uint32) for n in pairs])
    low, high = threefry2x32_p.bind(k1, k2, jnp.zeros_like(count), count)
    drawn, first = [], 0
    for (_, shape), size, n in zip(uses, sizes, pairs, strict=True):
        words = jnp.concatenate([low[first : first + n], high[first : first + n]])
        drawn.append(words[:size].reshape(shape))
        first += n
    return drawn


def exponential(node: Any, count: Any) -> Any:
    """Return exponentially distributed numbers of mean 1, each for an event of a member of the node, not for a step.

    Args:
        node: the model that asks.
        count: how many events each member has had.
    """
    member_key, count_key = jax.random.key_data(_key(node, "events"))
    member = jnp.arange(count.size, dtype=jnp.uint32).reshape(count.shape)
    # A hash takes a fifth of the time of Threefry, which all members would wait for where one has an event.
    word = _mixed(_mixed(member ^ member_key) + _mixed(count.astype(jnp.uint32) ^ count_key))
    return -jnp.log((word.astype(jnp.result_type(float)) + 0.5) * 2.0**-32)


def _mixed(word: Any) -> Any:
    """Return words of 32 bits of which each bit depends on all those of `word` (the last step of MurmurHash3)."""
    word = (word ^ (word >> 16)) * jnp.uint32(0x85EBCA6B)
    word = (word ^ (word >> 13)) * jnp.uint32(0xC2B2AE35)
    return word ^ (word >> 16)


def threshold(p: Any) -> Any:
    """Return the number below which `bits` lies with probability p, to 2**-32; at most 1 - 2**-24."""
    return jnp.minimum(p * 2.0**32, 2.0**32 - 256.0).astype(jnp.uint32)
