"""The check of a step before it is compiled: traced once, its equations walked, errors put at the user's line."""

from __future__ import annotations

import threading
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
from . import control, equations, lines, rules  # noqa: F401  (the rules register themselves)
from .context import Step
from .draws import refuse_changing_constants, refuse_constant_keys, refuse_draws
from .equations import ANY, Clash
from .pure import Arrays, Call, clock_arrays, pure_step
from .signal import Signal

_PINT_WARNINGS = threading.RLock()
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
        states, params: arrays by dotted path.

    Raises:
        DimensionalityError: with the user's file and line.
    """
    clock = clock_arrays(0, dt, 0.0, 0)
    clock["t"] = clock["t0"]

    def equations_of_step() -> Any:
        def traced(params: Arrays, states: Arrays, x: Any, clock: dict[str, Any]) -> Any:
            return pure_step(model, call, params, states, x, Step(**clock, phase="check"))

        # Without jit, each equation carries the line it was written on, not that of a cached trace.
        with _strict_pint(), jax.disable_jit():
            return jax.make_jaxpr(traced, return_shape=True)(params, states, x, clock)

    closed, (state_shapes, rows) = refuse_draws(equations_of_step, model.name)
    if lines.any_of_script(closed.jaxpr.eqns, within=__file__):  # else nothing in it can differ the next time
        refuse_changing_constants(closed, lambda: equations_of_step()[0], model.name)
        n_params = len(jax.tree.leaves(params))
        refuse_constant_keys(closed, [k >= n_params for k in range(len(closed.jaxpr.invars))], model.name)
    declared = _declared_dimensions(model, params)
    by_path = [{path: declared[path] for path in group} for group in (params, states)]
    dims = (*by_path, x_dimensions, {k: units.dimension(_CLOCK[k]) for k in clock})
    try:
        outs = equations.walk(closed, jax.tree.leaves(dims, is_leaf=is_dimension))
        _refuse_other_states(closed.jaxpr, outs, {path: declared[path] for path in sorted(state_shapes)})
    except Clash as clash:
        raise clash.error() from None
    out_dims = [NUMBER if d is ANY else d for d in outs[len(state_shapes) :]]
    return jax.tree.unflatten(jax.tree.structure(rows), out_dims), rows


def _declared_dimensions(model: Any, params: Arrays) -> dict[str, Dimension]:
    """Return the dimension of each parameter and state by its dotted path."""
    declared = dict.fromkeys(params, NUMBER)  # connections are numbers of neurons
    for path, node in model.nodes().items():
        declared |= {join(path, k): units.dimension(node.param_unit(spec)) for k, spec in node.specs().items()}
    return declared | {path: units.dimension(state.unit) for path, state in model.states().items()}


def _refuse_other_states(jaxpr: Any, outs: list[Any], declared: dict[str, Dimension]) -> None:
    """Raise where the first results of a step, its states in the order of JAX, have other dimensions than declared."""
    for out in outs:
        if isinstance(out, Clash):
            raise out
    for k, (path, needed) in enumerate(declared.items()):
        if outs[k] not in (needed, ANY):
            text = f"the state {path!r} is in {equations.show(needed)}, not in {equations.show(outs[k])}."
            clash = Clash(text, outs[k], needed)
            made_by = next((e for e in jaxpr.eqns if any(v is jaxpr.outvars[k] for v in e.outvars)), None)
            clash.line = made_by and lines.of_equation(made_by)
            raise clash


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
def _strict_pint() -> Iterator[None]:
    """Make an error of pint's warning that a quantity lost its unit."""
    # Filters are the process's, not the thread's: one trace at a time.
    with _PINT_WARNINGS, warnings.catch_warnings():
        warnings.simplefilter("error", pint.UnitStrippedWarning)
        yield


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
