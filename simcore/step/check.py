"""The check of a step before it is compiled: traced once, its equations walked, errors put at the user's line."""

from __future__ import annotations

import os
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import jax
import pint

from .. import units
from ..module.tree import join
from ..units import NUMBER, Dimension, DimensionalityError
from . import equations
from .context import Step
from .pure import Arrays, Call, clock_arrays, pure_step
from .signal import Signal

_PINT = os.path.dirname(os.path.abspath(pint.__file__))
_CLOCK = {"dt": "ms", "i": "dimensionless", "seed": "dimensionless", "t": "ms", "t0": "ms"}
# What drives models of this field, for a hint where an input has the wrong unit.
_INPUTS = {"pA": "mA (a current)", "mV": "mV", "dimensionless": "pure numbers", "nS": "nS", "kHz": "kHz"}


def check(model: Any, call: Call, x: Any, x_dimensions: Any, dt: float, states: Arrays, params: Arrays) -> Any:
    """Trace one step and check its equations; return the dimensions and the shapes of the outputs.

    Args:
        model: its parameters and states have the declared dimensions.
        call: what the step computes, called with the model and x.
        x: a pytree of arrays.
        x_dimensions: their dimensions, a pytree of the same form.
        dt: the time step, ms.
        states: arrays by dotted path.
        params: arrays by dotted path.

    Raises:
        DimensionalityError: with the user's file and line.
    """

    def traced(params: Arrays, states: Arrays, x: Any, clock: dict[str, Any]) -> Any:
        return pure_step(model, call, params, states, x, Step(**clock, phase="check"))

    clock = clock_arrays(0, dt, 0.0, 0)
    clock["t"] = clock["t0"]
    # Without jit, each equation carries the line it was written on, not that of a cached trace.
    with _refuse_quantities(), jax.disable_jit():
        closed, (state_shapes, rows) = jax.make_jaxpr(traced, return_shape=True)(params, states, x, clock)
    declared = dict.fromkeys(params, NUMBER)  # connections are numbers of neurons
    declared |= {
        join(p, k): units.dimension(n.param_unit(s)) for p, n in model.nodes().items() for k, s in n.specs().items()
    } | {path: units.dimension(state.unit) for path, state in model.states().items()}
    dims = (
        {path: declared[path] for path in params},
        {path: declared[path] for path in states},
        x_dimensions,
        {k: units.dimension(_CLOCK[k]) for k in clock},
    )
    outs = equations.walk(closed, jax.tree.leaves(dims, is_leaf=is_dimension))
    for k, path in enumerate(sorted(state_shapes)):  # the order in which JAX flattens a dict
        if outs[k] not in (declared[path], equations.ANY):
            text = f"the state {path!r} is in {equations.show(declared[path])}, not in {equations.show(outs[k])}."
            made = next((e for e in closed.jaxpr.eqns if any(v is closed.jaxpr.outvars[k] for v in e.outvars)), None)
            raise equations.fail(made, text, outs[k], declared[path]) if made else DimensionalityError(text)
    out_dims = [NUMBER if d is equations.ANY else d for d in outs[len(state_shapes) :]]
    return jax.tree.unflatten(jax.tree.structure(rows), out_dims), rows


def check_driven(
    model: Any,
    call: Call,
    signal: Signal | None,
    arrays: Arrays,
    dims: Any,
    dt: float,
    states: Arrays,
    params: Arrays,
) -> Any:
    """Check a step under a signal, whose `arrays` have the dimensions `dims`: see `check`; the text names its unit."""

    def checked(dims: Any) -> Any:
        return check(model, call, (arrays, 0), (dims, NUMBER), dt, states, params)

    def retry(dim: Dimension) -> Any:
        if len(dims) != 1:  # only of a quantity or a waveform is the unit the input's
            raise ValueError("several inputs")
        return checked(dict.fromkeys(dims, dim))

    try:
        with explained(retry, model.name, signal.describe() if signal else ""):
            return checked(dims)
    except DimensionalityError as err:
        if signal is None or not signal.bare():
            raise
        raise DimensionalityError(
            f"inputs needs a quantity or a waveform, got {signal.bare()}. {err.message}", err.units1, err.units2
        ) from None


def is_dimension(value: Any) -> bool:
    """Return whether `value` is a Dimension, a leaf among pytrees of dimensions."""
    return isinstance(value, tuple) and len(value) == len(NUMBER) and isinstance(value[0], Fraction)


@contextmanager
def _refuse_quantities() -> Iterator[None]:
    """Turn pint's complaints inside a step into one that says what to do, with the user's line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pint.UnitStrippedWarning)
            yield
    except DimensionalityError:
        raise
    except Exception as err:
        frames = traceback.extract_tb(err.__traceback__)
        mine = [f for f in frames if not f.filename.startswith((equations._JAX, equations._HERE, _PINT))]
        where = "in the step"
        if mine:
            where = f"{os.path.basename(mine[-1].filename)}:{mine[-1].lineno}, in {mine[-1].name}"
        by_pint = isinstance(err, pint.UnitStrippedWarning) or any(f.filename.startswith(_PINT) for f in frames)
        if not by_pint and "Quantity" not in str(err):
            if not isinstance(err, jax.errors.ConcretizationTypeError):
                raise
            raise TypeError(
                f"{where}: Python's if, while, float() or int() on a value of the step, which has none yet; "
                "use jnp.where for a choice and jax.debug.print to see values."
            ) from err
        raise DimensionalityError(
            f"{where}: a quantity is used inside the step, where all values are floats; "
            "declare it as a Param (or assign it to self in __init__)."
        ) from err


@contextmanager
def explained(retry: Callable[[Dimension], Any], name: str, got: str) -> Iterator[None]:
    """Add to an error of `check` in a with block what unit of the input would make the step sound, if there is one."""
    try:
        yield
    except DimensionalityError as err:
        for text, shown in _INPUTS.items():
            try:
                retry(units.dimension(text))
            except Exception:
                continue
            hint = f"{name} got the input {got}; with one in {shown} the equations would fit."
            raise DimensionalityError(f"{err.message} {hint}", err.units1, err.units2) from None
        raise
