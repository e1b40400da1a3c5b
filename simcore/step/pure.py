"""The step: a module bound to floats is one pure function, shared by runners, direct calls and gradients."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from .. import environ, units
from ..integrators import exponential as integrators
from ..module.declare import on_device
from ..module.node import Module
from ..units.clock import n_steps, rounded_steps
from .answers import answered
from .signal import Signal

Arrays = dict[str, Any]
# What one step computes: called with the bound model and the input, returns the outputs (a pytree).
Call = Callable[[Module, Any], Any]


def pure_step(
    model: Module, call: Call, params: Arrays, states: Arrays, x: Any, env: dict[str, Any]
) -> tuple[Arrays, Any]:
    """Return (new states, outputs) of one step: a pure function of parameters, states, input and clock.

    All arrays are floats in kernel units. `env` holds dt, t (ms), i, the seed and the mode:
    "check" for the equation check, "prepare" for what is computed once per run, "step".
    """
    with answered(), environ.inside(env), model.bind(params, states):
        out = call(model, x)
        return {path: state.raw for path, state in model.states().items()}, out


def prepare(model: Module, call: Call, params: Arrays, states: Arrays, x: Any, clock: dict[str, Any]) -> dict[str, Any]:
    """Return what the models compute once per run, e.g. propagators: that which depends on parameters and dt alone.

    Raises:
        ValueError: method="exact" with rates that change with a state, an input or the time.
    """

    def traced(own: Any, rest: Any) -> dict[str, Any]:
        params, dt = own
        states, x, now = rest
        env = now | {"dt": dt, "mode": "prepare", "prepared": {}}
        pure_step(model, call, params, states, x, env)
        return env["prepared"]

    own = (params, clock["dt"])
    rest = (states, x, {k: clock[k] for k in ("i", "t", "t0", "seed")})
    prepared = traced(own, rest)
    on_rest = integrators.depends(traced, own, rest)[:, len(jax.tree.leaves(own)) :]
    fixed = [not row.any() for row in on_rest]
    flags = jax.tree.unflatten(jax.tree.structure(prepared), fixed)
    for name, value in prepared.items():
        if isinstance(value, dict):  # exponential Euler finds the others in each step
            prepared[name] = {i: pair for i, pair in value.items() if all(flags[name][i])}
        elif not all(jax.tree.leaves(flags[name])):
            raise ValueError(
                f"{model.name}: method='exact' needs rates that depend on parameters alone, beside the states and "
                "arguments given to integrate(); use 'exp_euler'."
            )
    return prepared


def clock_arrays(i: int, dt: float, t0: float, seed: int) -> dict[str, Any]:
    """Return the clock as the arguments of a compiled loop."""
    return {"i": np.int32(i), **_fixed(dt, t0, seed, jax.dtypes.canonicalize_dtype(float))}


@functools.lru_cache(maxsize=64)
def _fixed(dt: float, t0: float, seed: int, dtype: Any) -> dict[str, Any]:
    # On the device already: an argument that comes from the host costs 10 us a call.
    return {"dt": on_device(dt), "t0": on_device(t0), "seed": on_device(np.uint32(seed))}


def step_environment(clock: dict[str, Any], prepared: dict[str, Any], k: Any = 0, **more: Any) -> dict[str, Any]:
    """Return the environment of the k-th step from the clock's."""
    i = clock["i"] + k
    t = clock["t0"] + i * clock["dt"]
    return {
        "i": i,
        "dt": clock["dt"],
        "t": t,
        "t0": clock["t0"],
        "seed": clock["seed"],
        "mode": "step",
        "prepared": prepared,
    } | more


def as_float(value: Any) -> np.ndarray:
    """Return a value in the float type of the JAX setting."""
    return np.asarray(value, jax.dtypes.canonicalize_dtype(float))


def raw_states(model: Module) -> Arrays:
    """Return all states as arrays in kernel units, by dotted path."""
    return {path: state.raw for path, state in model.states().items()}


def with_signal(signal: Signal | None) -> Call:
    """Return the call of a model driven by a signal; its x is (the signal's arrays, the step of the chunk)."""

    def driven(model: Module, x: Any) -> Any:
        arrays, k = x
        return model() if signal is None else model(signal.at(arrays, k))

    return driven


def signal_arrays(signal: Signal | None, start: int, count: int, capacity: int, dt: float) -> tuple[Arrays, Any]:
    """Return the floats of a signal for a chunk of steps, and their dimensions."""
    if signal is None:
        return {}, {}
    return {k: as_float(v) for k, v in signal.arrays(start, count, capacity, dt).items()}, signal.dimensions()


def run_length(signal: Signal | None, duration: Any, dt: float) -> int:
    """Return the number of steps of a run under `signal` for `duration`, one of which may be left out.

    Raises:
        ValueError: neither says how long, or the duration is longer than the waveform.
    """
    available = None if signal is None else signal.n_steps(dt)
    if duration is None:
        if available is None:
            raise ValueError("a run needs a duration, or inputs that have one (a waveform).")
        return available
    steps = n_steps(duration, dt)
    if available is not None and steps > available:
        raise ValueError(
            f"duration {units.show(duration)} is longer than the input, which lasts {available * dt:.10g} ms."
        )
    return steps


def fit(model: Module, dt: float) -> None:
    """Fit a model to the time step: make its states and room for its delays.

    Warns where a model's duration (tau_ref, a delay) is not a whole number of steps: the nearest one is used.
    """
    model.ensure_state()
    for node in model.nodes().values():
        for name, param in node._specs().items():
            if param.steps and name in node._values:
                steps, whole = rounded_steps(node._values[name][1], dt)
                if not whole:
                    used = np.unique(steps * dt)
                    warnings.warn(
                        f"{node.name}: {name!r} = {units.show(getattr(node, name))} is not a whole number of steps of "
                        f"dt = {dt:.10g} ms; {', '.join(f'{u:.10g}' for u in used[:3])} ms is used.",
                        stacklevel=3,
                    )
    model.fit_to(dt)
