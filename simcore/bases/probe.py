"""What integrates a model: found by a step that is traced and never run."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from typing import Any

import jax

from ..module.structure import Structure, bound, clone
from ..step.context import entered
from ..step.pure import clock_arrays, context_at, raw_states


def methods_of(model: Any) -> tuple[str, ...]:
    """Return the integrators of each call of integrate() in a step of a model, by name; () where it cannot be tried.

    Its inputs are scalars. Models of equal structure are tried once.
    """
    try:
        model = clone(model)
        model.ensure_state()
        return _tried(model.structure())
    except Exception:  # an update() of the user's own making may need other inputs
        return ()


@functools.lru_cache(maxsize=256)
def _tried(structure: Structure) -> tuple[str, ...]:
    model = structure.model
    takes = inspect.signature(model.update).parameters.values()
    inputs = [0.0 for p in takes if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
    names: tuple[str, ...] = ()

    def probe(params: Any, states: Any, clock: Any) -> None:
        nonlocal names
        inside = bound(model, params, states)
        with entered(dataclasses.replace(context_at(clock, {}), phase="prepare")):
            inside.update(*inputs)
            names = tuple(map(str, inside.used))

    jax.eval_shape(probe, model.kernel_params(), raw_states(model), clock_arrays(0, model.clock.dt, 0.0, 0))
    return names
