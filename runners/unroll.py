"""Gradients: a run as a function of the parameters that JAX can differentiate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from simcore import units
from simcore.bases.history import SentSpikes
from simcore.bases.module import Module
from simcore.step.check import check_driven
from simcore.step.context import default_dt
from simcore.step.fitted import fit
from simcore.step.noise import seed_of_run
from simcore.step.pure import (
    Arrays,
    Call,
    clock_arrays,
    context_at,
    prepare,
    pure_step,
    run_length,
    signal_arrays,
    with_signal,
)
from simcore.step.signal import Signal, as_signal
from simcore.units.clock import time_step


def unroll(model: Module, inputs: Any, duration: Any = None, dt: Any = None, seed: int = 0) -> Callable[[Arrays], Any]:
    """Return f(params) -> outputs: the model run from its present states by a `lax.scan` that can be differentiated.

    Args:
        model: a module; its states are the start of every call and do not change.
        inputs: a quantity, waveform or function of t, as for a runner.
        duration: how long; by default as long as the waveform.
        dt: the time step; by default the environment's (0.1 ms).
        seed: of the noise.

    Returns:
        A function of a dict like ``model.float_params()`` (floats in the declared units, by dotted path) that returns
        the stacked outputs of the steps, (T, ...): give it to `jax.grad`, `jax.vmap` or `jax.jit`. Parameters that the
        dict leaves out keep their value.

    Raises:
        DimensionalityError: the equations do not fit; before anything is compiled.
    """
    signal = as_signal(inputs, model.nodes())
    step = default_dt() if dt is None else time_step(dt, "unroll")
    return scanned(model, with_signal(signal), signal, run_length(signal, duration, step), step, seed)


def scanned(
    model: Module, call: Call, signal: Signal | None, n: int, dt: float, seed: int = 0
) -> Callable[[Arrays], Any]:
    """Return f(params) -> what `call` returns in n steps of dt (ms), stacked: see `unroll`."""
    fit(model, dt)
    # Spikes on their way as floats, through which derivatives go.
    states = {k: s.as_floats() if isinstance(s, SentSpikes) else s.raw for k, s in model.states().items()}
    arrays, dims = signal_arrays(signal, 0, n, n, dt)
    check_driven(model, call, signal, arrays, dims, dt, states, model.kernel_params())
    clock = clock_arrays(model.clock.i, dt, model.clock.t0, seed_of_run(model, seed))
    complete = _completion(model)

    def run(params: Arrays) -> Any:
        params = complete(params)
        start = prepare(model, call, params, states, (arrays, 0), context_at(clock, {}, exact_spikes=False))

        def body(states: Arrays, k: Any) -> tuple[Arrays, Any]:
            return pure_step(model, call, params, states, (arrays, k), context_at(clock, start, k, exact_spikes=False))

        return jax.lax.scan(body, states, jnp.arange(n, dtype=jnp.int32))[1]

    return run


def _completion(model: Module) -> Callable[[Arrays], Arrays]:
    """Return what makes the arguments of a step of floats in declared units: those left out keep today's values."""
    present, unit = model.kernel_params(), {path: units.unit_of(q) for path, q in model.params().items()}

    def complete(params: Arrays) -> Arrays:
        unknown = params.keys() - present.keys()
        if unknown:
            raise KeyError(f"{model.name} has no parameter {unknown.pop()!r}; it has {', '.join(present)}.")
        values = {path: units.bare(v, unit[path], f"{model.name}: {path!r}") for path, v in params.items()}
        return present | {path: value * units.kernel_factor(unit[path]) for path, value in values.items()}

    return complete
