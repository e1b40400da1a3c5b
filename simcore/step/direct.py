"""Direct calls: ``spikes = neuron.update(1.5 * mA)`` is one checked and compiled step."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pint

from .. import units
from ..module.structure import Structure, bound
from ..units import NUMBER, Dimension
from ..units.clock import Clock
from . import context
from .answers import answered_leaks
from .check import check, explained, is_dimension
from .fitted import fit
from .noise import seed_of_run
from .pure import Arrays, Call, as_float, clock_arrays, context_at, prepare, pure_step, raw_states


@functools.partial(jax.jit, static_argnums=(0, 1))
def _one_step(structure: Structure, call: Call, params: Arrays, states: Arrays, x: Any, clock: dict[str, Any]) -> Any:
    prepared = prepare(structure.model, call, params, states, x, context_at(clock, {}))
    return pure_step(structure.model, call, params, states, x, context_at(clock, prepared))


@functools.lru_cache(maxsize=256)
def _call_of(fn: Callable[..., Any]) -> Call:
    def call(model: Any, x: Any) -> Any:
        args, kwargs = x
        return fn(model, *args, **kwargs)

    return call


_checked: dict[Hashable, tuple[Any]] = {}  # the dimensions of what a call returns
MAX_CHECKED = 256  # calls whose check of the equations is remembered


def step(model: Any, fn: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Run one compiled step of `fn` (update or __call__) from outside; advance the states and the model's clock.

    Quantities among the arguments become floats; the result is an array, or a quantity if it has a unit.
    """
    dt = context.default_dt()
    fitted = fit(model, dt)
    x, dims = _strip((tuple(args), kwargs), model.name)
    for given in (*x[0], *x[1].values()):
        model.check_input(jax.tree.map(np.shape, given))  # of a network: shapes by population
    states, params, call = fitted.raw_states(), fitted.params(), _call_of(fn)
    structure = fitted.structure
    flat = jax.tree.leaves(dims, is_leaf=is_dimension)
    tree = jax.tree.structure(x)
    key = (structure, call, tree, tuple(flat), tuple(np.shape(v) for v in jax.tree.leaves((x, states, params))))
    result = _checked.pop(key, None)
    if result is None:

        def retry(d: Dimension) -> Any:
            if len(flat) != 1:
                raise ValueError("several inputs")
            other = jax.tree.unflatten(tree, [d])
            return check(model, call, x, other, dt, states, params)

        got = ", ".join(units.show(v) for v in (*args, *kwargs.values()))
        with explained(retry, f"{model.name}.{fn.__name__}()", got):
            result = (check(model, call, x, dims, dt, states, params)[0],)
    _checked[key] = result  # as the last one used
    if len(_checked) > MAX_CHECKED:
        _checked.pop(next(iter(_checked)), None)
    clock = context.clock_for_call(model.clock)
    with answered_leaks(model.name):
        now = clock_arrays(clock.i, dt, clock.t0, seed_of_run(model, 0))
        new, out = _one_step(structure, call, params, states, x, now)
    fitted.settle(new, Clock(clock.i + 1, dt, clock.t0))
    fitted.leave()
    return jax.tree.map(_with_unit, out, result[0])


def _with_unit(array: Any, dim: Dimension) -> Any:
    return array if dim == NUMBER else units.from_kernel(array, units.kernel_unit(dim))


def _strip(tree: Any, who: str) -> tuple[Any, Any]:
    """Return a pytree of arguments as kernel floats, and their dimensions."""

    def is_leaf(v: Any) -> bool:
        return isinstance(v, pint.Quantity | str)

    tree = jax.tree.map(lambda v: units.read(v, f"{who}: the input") if is_leaf(v) else v, tree, is_leaf=is_leaf)

    def floats(v: Any) -> Any:
        return as_float(units.to_kernel(v, units.unit_of(v), f"{who}: the input")) if is_leaf(v) else jnp.asarray(v)

    def dim(v: Any) -> Dimension:
        return units.dimension(units.unit_of(v)) if is_leaf(v) else NUMBER

    return jax.tree.map(floats, tree, is_leaf=is_leaf), jax.tree.map(dim, tree, is_leaf=is_leaf)


def evaluate(model: Any, call: Callable[[Any], Any], params: Arrays | None = None, states: Arrays | None = None) -> Any:
    """Return call(inside) for the model as it is, in floats in kernel units; nothing advances.

    Args:
        model: the model.
        call: what to evaluate of the copy that a step works on.
        params: by default the present ones.
        states: by default the present ones.
    """
    if params is None or states is None:
        model.ensure_state()
        params, states = model.kernel_params(), raw_states(model)
    clock = clock_arrays(model.clock.i, model.clock.dt, model.clock.t0, seed_of_run(model, 0))
    with context.entered(context_at(clock, {})):
        return call(bound(model, params, states))


def compiled(model: Any, call: Callable[[Any], Any]) -> Any:
    """Return what `evaluate` returns, by a compiled program: one for all models of equal structure.

    Args:
        model: the model.
        call: a function at the level of a module.
    """
    now = clock_arrays(model.clock.i, model.clock.dt, model.clock.t0, seed_of_run(model, 0))
    return _evaluated(model.structure(), call, model.kernel_params(), raw_states(model), now)


@functools.partial(jax.jit, static_argnums=(0, 1))
def _evaluated(
    structure: Structure, call: Callable[[Any], Any], params: Arrays, states: Arrays, clock: dict[str, Any]
) -> Any:
    with context.entered(context_at(clock, {})):
        return call(bound(structure.model, params, states))
