"""The simulation environment: `dt` outside, and `dt`, `t`, `i` inside a step.

Outside, ``environ.set(dt=0.05 * ms)`` changes the time step that runners, input generators and direct
updates take where none is given (0.1 ms). Inside `update`, ``environ.get("t")`` is the start of the step (ms),
``environ.get("i")`` its number and ``environ.get("dt")`` its length, as traced floats.
"""

from __future__ import annotations

import contextlib
import math
import operator
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp

from .units.clock import Clock, as_time, milliseconds, time_step

_stack: list[dict[str, Any]] = [{"dt": 0.1}]
_READ: dict[str, Callable[[Any], Any]] = {
    "dt": lambda value: time_step(value, "environ"),
    "t": lambda value: milliseconds(value, "environ: 't'"),
    "i": operator.index,
}
# The steps being traced, the innermost last: dt, t (ms), i, seed, mode, and what is prepared once per run.
_inside: list[dict[str, Any]] = []


def _known(name: str) -> str:
    if name not in _READ:
        raise KeyError(f"environ has no {name!r}; it holds {', '.join(_READ)}.")
    return name


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _READ[_known(name)](value) for name, value in values.items()}


def set(**values: Any) -> None:
    """Set `dt`, `t` (times) or `i` (an int) for all that follows."""
    _stack[-1].update(_checked(values))


@contextlib.contextmanager
def context(**values: Any) -> Iterator[None]:
    """Set `dt`, `t` or `i` for the length of a with block."""
    _stack.append(_stack[-1] | _checked(values))
    try:
        yield
    finally:
        _stack.pop()


def get(name: str) -> Any:
    """Return `dt`, `t` or `i`: floats in ms inside a step, quantities outside.

    Raises:
        KeyError: it is not set.
    """
    _known(name)
    if _inside:
        return _inside[-1][name]
    if name in _stack[-1]:
        return _stack[-1][name] if name == "i" else as_time(_stack[-1][name])
    raise KeyError(f"environ holds no {name!r}; set it with environ.set({name}=...) or environ.context({name}=...).")


def default_dt() -> float:
    """Return the environment's time step in ms."""
    return _stack[-1]["dt"]


def clock(own: Clock) -> Clock:
    """Return a model's own clock for a direct call: the environment's dt, and its i and t where they are set."""
    here = _stack[-1]
    i, dt = here.get("i", own.i), here["dt"]
    return Clock(i, dt, here["t"] - i * dt if "t" in here else own.t0)


@contextlib.contextmanager
def inside(values: dict[str, Any]) -> Iterator[None]:
    """Make `values` the environment of the step that is traced in a with block."""
    _inside.append(values)
    values["trace"] = _trace()
    try:
        yield
    finally:
        _inside.pop()


def in_step() -> dict[str, Any]:
    """Return the environment of the step being traced.

    Raises:
        RuntimeError: no step is being traced.
    """
    if not _inside:
        raise RuntimeError("this is part of a step: call it from a model's update().")
    return _inside[-1]


def _trace() -> Any:
    from jax.extend.core import get_opaque_trace_state  # 50 ms to import: waits for the first step

    return get_opaque_trace_state(convention="simcore")


def _nth(env: dict[str, Any], path: str) -> str:
    """Return a name for the n-th use at this path in a step: the same in every trace of the step."""
    if env["trace"] != _trace():
        raise NotImplementedError(
            "integrate() with method 'exp_euler' or 'exact', or with noise, inside a JAX loop or transformation of "
            "update(): write a loop over substeps in Python, or take another method."
        )
    counts = env.setdefault("counts", {})
    counts[path] = counts.get(path, -1) + 1
    return f"{path}/{counts[path]}"


def once(node: Any, compute: Callable[[], Any]) -> Any:
    """Return compute(), evaluated once per run, before the time loop. It may use parameters and dt only."""
    env = in_step()
    name = _nth(env, node._path)
    if env["mode"] == "check":
        return compute()
    if env["mode"] == "prepare":
        env["prepared"][name] = compute()
    return env["prepared"][name]


def refine(model: Any, times: int) -> None:
    """Make the steps of a model 2**times parts of coarser ones, whose random numbers they refine.

    White noise is cut by Levy's construction of Brownian motion: the noise of the two halves of a step, together, is
    that of the step. Random spikes are those of the step, each in either half by chance. The runner's dt is that of
    the parts, and its steps count them.
    """
    for node in model.nodes().values():
        node.__dict__["_refined"] = times  # among the attributes that a compiled program depends on


def level(node: Any) -> int:
    """Return how often the steps of a model have been halved: see `refine`."""
    return getattr(node, "_refined", 0)


def coarse_dt(node: Any) -> Any:
    """Return, inside a step, the dt that random spikes are drawn for: that of the steps before they were halved."""
    return in_step()["dt"] * 2 ** level(node)


def _coarse(node: Any) -> Any:
    return in_step()["i"] >> level(node)


def _key(node: Any, seed: int | None, what: str = "noise") -> Any:
    """Return the random key of this use: of a node with a seed of its own, else of the node's path."""
    env = in_step()
    name = _nth(env, f"{node._path}/{what}")
    if seed is not None:
        name = f"seed {seed}/{name.rpartition('/')[2]}" + ("" if what == "noise" else f"/{what}")
    return jax.random.fold_in(jax.random.key(env["seed"]), zlib.crc32(name.encode()))


def _cuts(node: Any, key: Any) -> Iterator[tuple[Any, Any]]:
    """Yield, for each time that the coarse step is halved, whether this is in the second half, and a random key."""
    i, times = in_step()["i"], level(node)
    for cut in range(1, times + 1):
        half = i >> (times - cut)
        yield (half & 1) != 0, jax.random.fold_in(jax.random.fold_in(key, half >> 1), cut)


def normal(node: Any, shape: tuple[int, ...], seed: int | None = None, *, coarse: bool = False) -> Any:
    """Return standard normal numbers of this step; they depend on the runner's seed, the step and the node alone.

    Args:
        node: the model that asks.
        shape: of the numbers.
        seed: of a model with one of its own.
        coarse: those of the coarse step instead, where the steps are refined.
    """
    key = _key(node, seed)
    z = jax.random.normal(jax.random.fold_in(key, _coarse(node)), shape)
    for second, own in () if coarse else _cuts(node, key):
        e = jax.random.normal(own, shape)
        z = (z + jnp.where(second, -e, e)) * math.sqrt(0.5)  # the two halves: their sum is sqrt(2) z
    return z


# Up to this number, heads among tossed coins are the ones among so many bits of a word; beyond, a normal variable.
MAX_COINS = 31


def part(node: Any, count: Any, seed: int | None = None) -> Any:
    """Return how many of the `count` spikes (whole numbers) of a coarse step come in this one: all, unless refined."""
    if not level(node):
        return count
    for second, own in _cuts(node, _key(node, seed, "part")):
        few = jnp.minimum(count, MAX_COINS).astype(jnp.uint32)
        word = jax.random.bits(own, jnp.shape(count), jnp.uint32)
        heads = jax.lax.population_count(word & ((jnp.uint32(1) << few) - jnp.uint32(1))).astype(count.dtype)
        z = jax.random.normal(jax.random.fold_in(own, 0), jnp.shape(count))
        many = jnp.clip(jnp.round(count / 2 + jnp.sqrt(count / 4) * z), 0, count).astype(count.dtype)
        first = jnp.where(count > MAX_COINS, many, heads)
        count = jnp.where(second, count - first, first)
    return count


def bits(uses: list[tuple[Any, tuple[int, ...], int | None]]) -> list[Any]:
    """Return uniform random words of 32 bits, uint32, for each (node, shape, seed), in the same way.

    Where steps are refined, they are those of the coarse step. All are drawn in one go: 64 bits a call of Threefry,
    of the key of the use and the number of the pair of words.
    """
    from jax.extend.random import threefry2x32_p

    keys = [jax.random.key_data(jax.random.fold_in(_key(node, seed), _coarse(node))) for node, _, seed in uses]
    sizes = [math.prod(shape) for _, shape, _ in uses]
    pairs = [-(-n // 2) for n in sizes]
    k1, k2 = (jnp.concatenate([jnp.full(n, key[j]) for n, key in zip(pairs, keys, strict=True)]) for j in (0, 1))
    count = jnp.concatenate([jnp.arange(n, dtype=jnp.uint32) for n in pairs])
    low, high = threefry2x32_p.bind(k1, k2, jnp.zeros_like(count), count)
    found, first = [], 0
    for (_, shape, _), size, n in zip(uses, sizes, pairs, strict=True):
        words = jnp.concatenate([low[first : first + n], high[first : first + n]])
        found.append(words[:size].reshape(shape))
        first += n
    return found


def threshold(p: Any) -> Any:
    """Return the number below which `bits` lies with probability p, to 2**-32; at most 1 - 2**-24."""
    return jnp.minimum(p * 2.0**32, 2.0**32 - 256.0).astype(jnp.uint32)
