"""The step: a module bound to floats is one pure function, shared by runners, direct calls and gradients."""

from __future__ import annotations

import functools
import os
import traceback
import warnings
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pint

from . import environ, equations, units
from .clock import n_steps, rounded_steps, time_step
from .module import Module, Structure, join
from .signal import Signal, as_signal
from .units import NUMBER, Dimension, DimensionalityError

Arrays = dict[str, Any]
# What one step computes: called with the bound model and the input, returns the outputs (a pytree).
Call = Callable[[Module, Any], Any]

CLOCK_DIMENSIONS = {"dt": "ms", "i": "dimensionless", "key": "dimensionless", "t": "ms"}


def pure_step(
    model: Module, call: Call, params: Arrays, states: Arrays, x: Any, env: dict[str, Any]
) -> tuple[Arrays, Any]:
    """Return (new states, outputs) of one step: a pure function of parameters, states, input and clock.

    All arrays are floats in kernel units. `env` holds dt, t (ms), i, the random key and the mode:
    "check" for the equation check, "prepare" for what is computed once per run, "step".
    """
    with environ.inside(env), model.bind(params, states):
        out = call(model, x)
        return {path: state.raw for path, state in model.states().items()}, out


def prepare(
    model: Module, call: Call, params: Arrays, states: Arrays, x: Any, clock: dict[str, Any]
) -> dict[str, Any]:
    """Return what the models compute once per run from parameters and dt, e.g. propagators."""
    env = clock | {"mode": "prepare", "prepared": {}}
    pure_step(model, call, params, states, x, env)
    return env["prepared"]


def clock_arrays(i: int, dt: float, t0: float, seed: int) -> dict[str, Any]:
    """Return the clock as the arguments of a compiled loop."""
    return {"i": np.int32(i), "dt": _float(dt), "t0": _float(t0), "key": _key(seed)}


@functools.lru_cache(maxsize=64)
def _key(seed: int) -> Any:
    return jax.random.key(seed)


def step_environment(clock: dict[str, Any], prepared: dict[str, Any], k: Any = 0) -> dict[str, Any]:
    """Return the environment of the k-th step from the clock's."""
    i = clock["i"] + k
    t = clock["t0"] + i * clock["dt"]
    return {"i": i, "dt": clock["dt"], "t": t, "key": clock["key"], "mode": "step", "prepared": prepared}


def _float(value: Any) -> np.ndarray:
    return np.asarray(value, jax.dtypes.canonicalize_dtype(float))


def _read_call(model: Module, x: Any) -> Any:
    return model() if x is None else model(x)


# -------------------------------------------------------------------- the equation check


def check(
    model: Module, call: Call, x: Any, x_dimensions: Any, dt: float, states: Arrays, params: Arrays
) -> tuple[Any, Any]:
    """Trace one step and check its equations; return the dimensions and the abstract values of the outputs.

    Args:
        x: the input's value (abstract or not), or a function of the step's environment that gives it.
        x_dimensions: a pytree of the same shape as the input's arrays.

    Raises:
        DimensionalityError: with the user's file and line.
    """

    def traced(params: Arrays, states: Arrays, x: Any, clock: dict[str, Any]) -> Any:
        return pure_step(model, call, params, states, x, clock | {"mode": "check", "prepared": {}})

    clock = {"dt": _float(dt), "i": np.int32(0), "key": jax.random.key(0), "t": _float(0.0)}
    # Without jit, each equation carries the line it was written on, not that of a cached trace.
    with _refuse_quantities(), jax.disable_jit():
        closed, shapes = jax.make_jaxpr(traced, return_shape=True)(params, states, x, clock)
    declared, unit_of = _declared(model), model.states()
    dims = (
        {path: declared[path] for path in params},
        {path: units.dimension(unit_of[path].unit) for path in states},
        x_dimensions,
        {k: units.dimension(CLOCK_DIMENSIONS[k]) for k in clock},
    )
    flat = jax.tree.leaves(dims, is_leaf=_is_dimension)
    outs = equations.walk(closed, flat)
    structure = jax.tree.structure(shapes)
    new_states, outputs = jax.tree.unflatten(structure, [_Leaf(o) for o in outs])
    for path, got in new_states.items():
        needed = units.dimension(unit_of[path].unit)
        if got.dim not in (needed, equations.ANY):
            index = structure.flatten_up_to(jax.tree.unflatten(structure, range(len(outs))))
            made = _maker(closed, index[sorted(new_states).index(path)])
            text = f"the state {path!r} is declared in {unit_of[path].unit}, the step gives it {equations.show(got.dim)}."
            raise equations.fail(made, text, got.dim, needed) if made else DimensionalityError(text)
    return jax.tree.map(lambda leaf: NUMBER if leaf.dim is None else leaf.dim, outputs), shapes[1]


class _Leaf:
    def __init__(self, dim: Any) -> None:
        self.dim = dim


def _is_dimension(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == len(NUMBER) and all(not isinstance(v, dict) for v in value)


def _maker(closed: Any, index: int) -> Any:
    """Return the equation that makes a jaxpr's output."""
    out = closed.jaxpr.outvars[index]
    return next((e for e in closed.jaxpr.eqns if any(v is out for v in e.outvars)), None)


def _declared(model: Module) -> dict[str, Dimension]:
    return {
        join(p, k): units.dimension(s.unit) for p, n in model.nodes().items() for k, s in n._specs().items()
    }


class _refuse_quantities:
    """Turn pint's complaints inside a step into one that says what to do, with the user's line."""

    def __enter__(self) -> None:
        self._warnings = warnings.catch_warnings()
        self._warnings.__enter__()
        warnings.simplefilter("error", pint.UnitStrippedWarning)

    def __exit__(self, kind: Any, err: Any, tb: Any) -> None:
        self._warnings.__exit__(kind, err, tb)
        if kind is None or issubclass(kind, DimensionalityError):
            return
        through_pint = any(frame.filename.startswith(_PINT) for frame in traceback.extract_tb(tb))
        if through_pint or issubclass(kind, pint.UnitStrippedWarning) or "Quantity" in str(err):
            raise DimensionalityError(
                f"{_user_line(tb)}: a quantity is used inside the step, where all values are floats; "
                "declare it as a Param (or assign it to self in __init__)."
            ) from err


_PINT = os.path.dirname(os.path.abspath(pint.__file__))


def _user_line(tb: Any) -> str:
    outside = (equations._JAX, equations._HERE, _PINT)
    frames = [f for f in traceback.extract_tb(tb) if not f.filename.startswith(outside)]
    return f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}, in {frames[-1].name}" if frames else "in the step"


CANDIDATES = ("pA", "mV", "dimensionless", "nS", "kHz")


def explain_input(err: DimensionalityError, retry: Callable[[Dimension], Any], name: str, got: str) -> DimensionalityError:
    """Return the error with a hint where another unit of the input would make the step sound."""
    for text in CANDIDATES:
        try:
            retry(units.dimension(text))
        except Exception:  # noqa: S112 - any failure rules the candidate out
            continue
        needed = {"pA": "mA (a current)", "dimensionless": "pure numbers"}.get(text, text)
        hint = f"{name} got the input {got}; with one in {needed} the equations would fit."
        return DimensionalityError(f"{err.message} {hint}", err.units1, err.units2)
    return err


# -------------------------------------------------------------------- direct calls


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


_checked: set[Hashable] = set()


def direct(model: Module, fn: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Run one compiled step of `fn` (update or __call__) from outside; advance the states and the model's clock.

    Quantities among the arguments become floats; the result is an array, or a quantity if it has a unit.
    """
    model.ensure_state()
    dt = environ.default_dt()
    x, dims = _strip((tuple(args), kwargs), model.name)
    states, params, call = raw_states(model), model.kernel_params(), _call_of(fn)
    structure = model.structure()
    flat = jax.tree.leaves(dims, is_leaf=_is_dimension)
    key = (structure, call, tuple(flat), tuple(np.shape(v) for v in jax.tree.leaves((x, states, params))))
    if key not in _checked:
        round_and_warn(model, dt)
        try:
            out_dims = check(model, call, x, dims, dt, states, params)[0]
        except DimensionalityError as err:
            if len(flat) != 1:
                raise
            def retry(d: Dimension) -> Any:
                other = jax.tree.map(lambda _: d, dims, is_leaf=_is_dimension)
                return check(model, call, x, other, dt, states, params)
            got = units.show(next(v for v in (*args, *kwargs.values())))
            better = explain_input(err, retry, f"{model.name}.{fn.__name__}()", got)
            raise better from (None if better is err else err)
        _checked.add(key)
        _out_units[key] = out_dims
    model.clock.dt = dt
    new, out = _one_step(structure, call, params, states, x, clock_arrays(model.clock.i, dt, model.clock.t0, 0))
    for path, state in model.states().items():
        state.raw = new[path]
    model.clock.i += 1
    return jax.tree.map(_with_unit, out, _out_units[key])


_out_units: dict[Hashable, Any] = {}


def _with_unit(array: Any, dim: Dimension) -> Any:
    return array if dim == NUMBER else units.from_kernel(array, units.kernel_unit(dim))


def _strip(tree: Any, who: str) -> tuple[Any, Any]:
    """Return a pytree of arguments as kernel floats, and their dimensions."""
    def floats(v: Any) -> Any:
        if isinstance(v, str):
            v = pint.get_application_registry().Quantity(v)
        if isinstance(v, pint.Quantity):
            return _float(units.to_kernel(v, f"{v.units}", f"{who}: the input"))
        return jnp.asarray(v)

    def dim(v: Any) -> Dimension:
        if isinstance(v, str):
            v = pint.get_application_registry().Quantity(v)
        if isinstance(v, pint.Quantity):
            return units.dimension(v)
        return NUMBER

    leaf = lambda v: isinstance(v, pint.Quantity)  # noqa: E731
    return jax.tree.map(floats, tree, is_leaf=leaf), jax.tree.map(dim, tree, is_leaf=leaf)


def evaluate(model: Module, fn: Callable[..., Any], V: Any = None) -> Any:
    """Evaluate get_spike from outside on the present states, without advancing them."""
    model.ensure_state()
    if V is not None:
        V = jnp.asarray(_strip(V, model.name)[0])
    params = {k: jnp.asarray(v) for k, v in model.kernel_params().items()}
    env = step_environment(clock_arrays(model.clock.i, model.clock.dt, model.clock.t0, 0), {})
    with environ.inside(env), model.bind(params, raw_states(model)):
        return fn(model) if V is None else fn(model, V)


# -------------------------------------------------------------------- gradients


def unroll(model: Module, inputs: Any, duration: Any = None, dt: Any = None, seed: int = 0) -> Callable[[Arrays], Any]:
    """Return f(params) -> outputs: the model run from its present states by a `lax.scan` that can be differentiated.

    Args:
        model: a module; its states are the start of every call and do not change.
        inputs: a quantity, waveform or function of t, as for a runner.
        duration: how long; by default as long as the waveform.
        dt: the time step; by default the waveform's or the environment's.
        seed: of the noise.

    Returns:
        A function of a dict like ``model.kernel_params()`` (floats in kernel units, by dotted path) that returns the
        stacked outputs of the steps, (T, ...): give it to `jax.grad`, `jax.vmap` or `jax.jit`.

    Raises:
        DimensionalityError: the equations do not fit; before anything is compiled.
    """
    model.ensure_state()
    signal = as_signal(inputs)
    step = time_step(dt, "unroll") if dt is not None else (signal and signal.dt) or environ.default_dt()
    n = run_length(signal, duration, step)
    round_and_warn(model, step)
    states = raw_states(model)
    arrays, dims = signal_arrays(signal, 0, n, n, step)
    call = with_signal(signal, _read_call)
    check(model, call, (arrays, 0), (dims, NUMBER), step, states, model.kernel_params())
    clock = clock_arrays(model.clock.i, step, model.clock.t0, seed)

    def run(params: Arrays) -> Any:
        start = prepare(model, call, params, states, (arrays, 0), step_environment(clock, {}))

        def body(states: Arrays, k: Any) -> tuple[Arrays, Any]:
            return pure_step(model, call, params, states, (arrays, k), step_environment(clock, start, k))

        return jax.lax.scan(body, states, jnp.arange(n, dtype=jnp.int32))[1]

    return run


# -------------------------------------------------------------------- what runners and direct calls share


def raw_states(model: Module) -> Arrays:
    """Return all states as arrays in kernel units, by dotted path."""
    return {path: state.raw for path, state in model.states().items()}


def with_signal(signal: Signal | None, call: Call) -> Call:
    """Return a call whose input is (the signal's arrays, the step of the chunk)."""

    def driven(model: Module, x: Any) -> Any:
        arrays, k = x
        return call(model, None if signal is None else signal.at(arrays, k))

    return driven


def signal_arrays(signal: Signal | None, start: int, count: int, capacity: int, dt: float) -> tuple[Arrays, Any]:
    """Return the floats of a signal for a chunk of steps, and their dimensions."""
    if signal is None:
        return {}, {}
    return {k: _float(v) for k, v in signal.arrays(start, count, capacity, dt).items()}, signal.dimensions()


def run_length(signal: Signal | None, duration: Any, dt: float) -> int:
    """Return the number of steps of a run under `signal` for `duration`, one of which may be left out.

    Raises:
        ValueError: neither says how long, or the duration is longer than the waveform.
    """
    available = None if signal is None else signal.n_steps(dt)
    if duration is None:
        if available is None:
            raise ValueError("run() needs a duration, or inputs that have one (a waveform).")
        return available
    steps = n_steps(duration, dt)
    if available is not None and steps > available:
        raise ValueError(
            f"duration {units.show(duration)} is longer than the input, which lasts {available * dt:.10g} ms."
        )
    return steps


def round_and_warn(model: Module, dt: float) -> None:
    """Warn once where a model's duration (tau_ref) is not a whole number of steps: the nearest one is used."""
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

