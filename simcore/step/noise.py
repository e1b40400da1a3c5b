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

from . import generator
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


def _key(node: Any, use: str) -> generator.Key:
    """Return the key of this use: of the seed of the run, that of the node below the root, and its path."""
    key = generator.folded(generator.ROOT, current().seed)
    if node.own_seed is not None:
        key = generator.folded(key, node.own_seed)
    return generator.folded(key, np.uint32(zlib.crc32(nth_use(f"{node.path}/{use}").encode())))


def _cuts(node: Any, key: generator.Key) -> Iterator[tuple[Any, generator.Key]]:
    """Yield, for each time that the coarse step is halved, whether this is in the second half, and a key."""
    i, times = current().i, node.halvings
    for cut in range(1, times + 1):
        half = i >> (times - cut)
        yield (half & 1) != 0, generator.folded(generator.folded(key, np.uint32(cut)), half >> 1)


def normal(node: Any, shape: tuple[int, ...], *, coarse: bool = False, use: str = "noise") -> Any:
    """Return standard normal numbers of this step; they depend on the runner's seed, the step, node and use alone.

    Args:
        node: the model that asks.
        shape: of the numbers.
        coarse: those of the coarse step instead, where the steps are refined.
        use: what they are for.
    """
    key = _key(node, use)
    z = generator.normal(generator.words(generator.folded(key, _coarse(node)), shape))
    for second, cut_key in () if coarse else _cuts(node, key):
        e = generator.normal(generator.words(cut_key, shape))
        z = (z + jnp.where(second, -e, e)) * math.sqrt(0.5)  # the two halves: their sum is sqrt(2) z
    return z


def uniform(node: Any, shape: tuple[int, ...]) -> Any:
    """Return uniform numbers from 0 to 1 of this step.

    Where steps are refined, what is below p in a coarse step is below p/2 in one of its halves.
    """
    key = _key(node, "random")
    u = generator.uniform(generator.words(generator.folded(key, _coarse(node)), shape))
    for second, cut_key in _cuts(node, key):
        first = (generator.words(cut_key, shape)[0] & 1) != 0
        u = (u + (first == second)) / 2
    return u


# Up to this number, heads among tossed coins are the ones among so many bits of a word; beyond, a normal variable.
MAX_COINS = 31


def part(node: Any, count: Any) -> Any:
    """Return how many of the `count` spikes (whole numbers) of a coarse step come in this one: all, unless refined."""
    if not node.halvings:
        return count
    for second, cut_key in _cuts(node, _key(node, "part")):
        words = generator.words(cut_key, jnp.shape(count))
        few = jnp.minimum(count, MAX_COINS).astype(jnp.uint32)
        heads = jax.lax.population_count(words[0] & ((jnp.uint32(1) << few) - jnp.uint32(1)))
        many = jnp.clip(jnp.round(count / 2 + jnp.sqrt(count / 4) * generator.normal(words)), 0, count)
        first = jnp.where(count > MAX_COINS, many, heads).astype(count.dtype)
        count = jnp.where(second, count - first, first)
    return count


def bits(node: Any, shape: tuple[int, ...]) -> Any:
    """Return uniform random words of 32 bits, uint32, in the same way; of refined steps those of the coarse one."""
    return generator.words(generator.folded(_key(node, "noise"), _coarse(node)), shape)[0]


def exponential(node: Any, count: Any) -> Any:
    """Return exponentially distributed numbers of mean 1, each for an event of a member of the node, not for a step.

    Args:
        node: the model that asks.
        count: how many events each member has had.
    """
    word, _ = generator.folded(generator.words(_key(node, "events"), count.shape), count)
    return -jnp.log((word.astype(float) + 0.5) * 2.0**-32)


def threshold(p: Any) -> Any:
    """Return the number below which `bits` lies with probability p, to 2**-32; at most 1 - 2**-24."""
    return jnp.minimum(p * 2.0**32, 2.0**32 - 256.0).astype(jnp.uint32)
