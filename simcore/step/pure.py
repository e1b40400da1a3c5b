"""The step: a module bound to floats is one pure function, shared by runners, direct calls and gradients."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from .. import units
from ..module.declare import on_device
from ..module.structure import bound
from ..units.clock import n_steps
from . import context, jaxpr
from .answers import answered
from .context import Step
from .replay import Replay
from .signal import Signal

Arrays = dict[str, Any]
# What one step computes: called with the bound copy of the model and the input, returns the outputs (a pytree).
Call = Callable[[Any, Any], Any]


def pure_step(model: Any, call: Call, params: Arrays, states: Arrays, x: Any, step: Step) -> tuple[Arrays, Any]:
    """Return (new states, outputs) of one step: a pure function of parameters, states, input and context.

    All arrays are floats in kernel units. The step works on a copy of the model, which does not change.
    """

    def again(later: Step) -> None:
        with context.entered(later):
            call(bound(model, params, states), x)

    step.replay = Replay(again)
    inside = bound(model, params, states)
    with answered(), context.entered(step):
        out = call(inside, x)
        return {path: state.raw for path, state in inside.states().items()}, out


def prepare(model: Any, call: Call, params: Arrays, states: Arrays, x: Any, step: Step) -> dict[str, Any]:
    """Return what the models compute once per run (`context.once`): that which depends on parameters and dt alone.

    Raises:
        ValueError: something that must not depend on a state, an input or the time does.
    """
    refusals: dict[str, str | None] = {}

    def traced(fixed: Any, varying: Any) -> dict[str, Any]:
        (params, dt), (states, x, clock) = fixed, varying
        now = dataclasses.replace(step, dt=dt, phase="prepare", prepared={}, refusals=refusals, uses={}, **clock)
        pure_step(model, call, params, states, x, now)
        return now.prepared

    fixed = (params, step.dt)
    varying = (states, x, {"i": step.i, "t": step.t, "t0": step.t0, "seed": step.seed})
    prepared = traced(fixed, varying)
    varies = jaxpr.depends(traced, fixed, varying)[:, len(jax.tree.leaves(fixed)) :]
    is_fixed = jax.tree.unflatten(jax.tree.structure(prepared), [not row.any() for row in varies])
    for name, value in prepared.items():
        refusal = refusals[name]
        if refusal is None:
            prepared[name] = {k: v for k, v in value.items() if all(jax.tree.leaves(is_fixed[name][k]))}
        elif not all(jax.tree.leaves(is_fixed[name])):
            raise ValueError(f"{model.name}: {refusal}")
    return prepared


def clock_arrays(i: int, dt: float, t0: float, seed: int) -> dict[str, Any]:
    """Return the clock as the arguments of a compiled loop."""
    return {"i": np.int32(i), **_fixed(dt, t0, seed, jax.dtypes.canonicalize_dtype(float))}


@functools.lru_cache(maxsize=64)
def _fixed(dt: float, t0: float, seed: int, dtype: Any) -> dict[str, Any]:
    # On the device already: an argument that comes from the host costs 10 us a call.
    return {"dt": on_device(dt), "t0": on_device(t0), "seed": on_device(np.uint32(seed))}


def context_at(clock: dict[str, Any], prepared: dict[str, Any], k: Any = 0, exact_spikes: bool = True) -> Step:
    """Return the context of the k-th step from the clock's."""
    i = clock["i"] + k
    t = clock["t0"] + i * clock["dt"]
    return Step(i, clock["dt"], t, clock["t0"], clock["seed"], prepared=prepared, exact_spikes=exact_spikes)


def as_float(value: Any) -> np.ndarray:
    """Return a value in the float type of the JAX setting."""
    return np.asarray(value, jax.dtypes.canonicalize_dtype(float))


def raw_states(model: Any) -> Arrays:
    """Return all states as arrays in kernel units, by dotted path."""
    return {path: state.raw for path, state in model.states().items()}


def packed(model: Any, states: Arrays) -> Arrays:
    """Return states as the time loop of a run has them: see `Node.pack_states`."""
    nodes = model.nodes()
    paths = {id(node): path for path, node in nodes.items()}
    return functools.reduce(lambda arrays, node: node.pack_states(arrays, paths), nodes.values(), states)


def unpacked(model: Any, states: Arrays) -> Arrays:
    """Return states as they are outside of it."""
    nodes = model.nodes()
    paths = {id(node): path for path, node in nodes.items()}
    return functools.reduce(lambda arrays, node: node.unpack_states(arrays, paths), nodes.values(), states)


def with_signal(signal: Signal | None) -> Call:
    """Return the call of a model driven by a signal; its x is (the signal's arrays, the step of the chunk)."""

    def driven(model: Any, x: Any) -> Any:
        arrays, k = x
        if signal is None:
            return model()
        context.current().replay.drive(signal.functions_of_t(), model)
        return model.driven(signal.at(arrays, k))

    return driven


def signal_arrays(signal: Signal | None, start: int, count: int, capacity: int, dt: float) -> tuple[Arrays, Any]:
    """Return the floats of a signal for a chunk of steps, and their dimensions."""
    if signal is None:
        return {}, {}
    return {k: as_float(v) for k, v in signal.arrays(start, count, capacity, dt).items()}, signal.dimensions()


def run_length(signal: Signal | None, duration: Any, dt: float, done: int = 0) -> int:
    """Return the number of steps of a run under `signal` for `duration`, one of which may be left out.

    Args:
        signal: of which so many steps are over.
        duration: a time.
        dt: ms.
        done: how many.

    Raises:
        ValueError: neither says how long, or the duration is longer than the waveform.
    """
    available = None if signal is None else signal.n_steps(dt)
    if available is not None:
        available = max(available - done, 0)
    if duration is None:
        if available is None:
            raise ValueError("a run needs a duration, or inputs that have one (a waveform).")
        return available
    steps = n_steps(duration, dt)
    if available is not None and steps > available:
        raise ValueError(
            f"duration {units.show(duration)} is longer than the input, which lasts {available * dt:.10g} ms"
            f"{' more' if done else ''}."
        )
    return steps
