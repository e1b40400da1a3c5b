"""Direct calls: ``spikes = neuron.update(1.5 * mA)`` is one checked and compiled step."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pint

from .. import environ, units
from ..module.node import Module
from ..module.structure import Structure
from ..units import NUMBER, Dimension
from .answers import answered_leaks
from .check import check, explained, is_dimension
from .pure import Arrays, Call, as_float, clock_arrays, fit, prepare, pure_step, raw_states, step_environment


@functools.partial(jax.jit, static_argnums=(0, 1))
def _one_step(structure: Structure, call: Call, params: Arrays, states: Arrays, x: Any, clock: dict[str, Any]) -> Any:
    prepared = prepare(structure.model, call, params, states, x, step_environment(clock, {}))
    return pure_step(structure.model, call, params, states, x, step_environment(clock, prepared))


@functools.lru_cache(maxsize=256)
def _call_of(fn: Callable[..., Any]) -> Call:
    def call(model: Module, x: Any) -> Any:
        args, kwargs = x
        return fn(model, *args, **kwargs)

    return call


_checked: dict[Hashable, Any] = {}


def step(model: Module, fn: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Run one compiled step of `fn` (update or __call__) from outside; advance the states and the model's clock.

    Quantities among the arguments become floats; the result is an array, or a quantity if it has a unit.
    """
    dt = environ.default_dt()
    fit(model, dt)
    x, dims = _strip((tuple(args), kwargs), model.name)
    for given in (*x[0], *x[1].values()):
        model.check_input(jax.tree.map(np.shape, given))  # of a network: shapes by population
    states, params, call = raw_states(model), model.kernel_params(), _call_of(fn)
    structure = model.structure()
    flat = jax.tree.leaves(dims, is_leaf=is_dimension)
    tree = jax.tree.structure(x)
    key = (structure, call, tree, tuple(flat), tuple(np.shape(v) for v in jax.tree.leaves((x, states, params))))
    if key not in _checked:

        def retry(d: Dimension) -> Any:
            if len(flat) != 1:
                raise ValueError("several inputs")
            other = jax.tree.unflatten(tree, [d])
            return check(model, call, x, other, dt, states, params)

        got = ", ".join(units.show(v) for v in (*args, *kwargs.values()))
        with explained(retry, f"{model.name}.{fn.__name__}()", got):
            out_dims = check(model, call, x, dims, dt, states, params)[0]
        _checked[key] = out_dims
    model.set_clock(environ.clock(model.clock))
    with answered_leaks(model.name):
        new, out = _one_step(structure, call, params, states, x, clock_arrays(model.clock.i, dt, model.clock.t0, 0))
    for path, state in model.states().items():
        state.raw = new[path]
    model.clock.i += 1
    return jax.tree.map(_with_unit, out, _checked[key])


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


def evaluate(model: Module, fn: Callable[..., Any], V: Any = None) -> Any:
    """Evaluate get_spike from outside on the present states, without advancing them."""
    model.ensure_state()
    if V is not None:
        V = jnp.asarray(_strip(V, model.name)[0])
    params = {k: jnp.asarray(v) for k, v in model.kernel_params().items()}
    env = step_environment(clock_arrays(model.clock.i, model.clock.dt, model.clock.t0, 0), {})
    with environ.inside(env), model.bind(params, raw_states(model)):
        return fn(model) if V is None else fn(model, V)
