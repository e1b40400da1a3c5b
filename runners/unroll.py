"""Unroll: a run as a pure function of parameters, inputs and initial states, for JAX to differentiate and to map."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pint

from simcore import units
from simcore.bases.history import SentSpikes
from simcore.bases.module import Module
from simcore.bases.population import Population
from simcore.module.declare import on_device
from simcore.module.parameters import did_you_mean
from simcore.module.tree import join
from simcore.step.check import check_driven
from simcore.step.context import default_dt
from simcore.step.fitted import Fitted, fit
from simcore.step.noise import seed_of_run
from simcore.step.pure import (
    Arrays,
    Call,
    as_float,
    clock_arrays,
    context_at,
    prepare,
    pure_step,
    run_length,
    signal_arrays,
    with_signal,
)
from simcore.step.signal import InputLike, Inputs, Signal, as_signal
from simcore.units import NUMBER, OneQuantity
from simcore.units.clock import n_steps, time_step

from .observables import FunctionOf, Observable, SpikesOf
from .record.monitors import MonitorsLike, read_monitors
from .record.recorders import Rows
from .schedule import EACH_STEP

STEP = "clock.i"  # among states: the number of the step at which a run begins, or has ended
Step = Callable[[Any, Any], tuple[Any, Any]]  # from what is carried, and a number, to what is carried, and a row
Scan = Callable[[Any, Any], tuple[Any, Any]]  # the same of several steps, from the first one on


def unroll(
    model: Module,
    duration: OneQuantity | None = None,
    *,
    dt: OneQuantity | None = None,
    inputs: InputLike = None,
    record: str | MonitorsLike | None = None,
    measure: str | MonitorsLike | None = None,
    checkpoint: bool = False,
    truncate: OneQuantity | None = None,
) -> Unrolled:
    """Return run(params, inputs, states, key) -> (outputs, states): a run as a pure function, a `lax.scan` of the step.

    It is compiled once for each shape, whatever the values: give it to `jax.grad`, `jax.jit` or `jax.vmap`. What a run
    leaves out is as the model has it now; the model does not change.

    Args:
        model: a module; spikes have the derivatives of its `spk_fun`.
        duration: how long; by default as long as the waveform.
        dt: the time step; by default the environment's (0.1 ms).
        inputs: as for a runner: what a run is driven by that is given no inputs. A run may be given others of the same
            shape, unit and length.
        record: names ("V", "out.spike"), pairs of a name and indices, or a dict of these and of functions of the
            model: outputs is a dict of their values in each step, (T, ...), spikes as floats.
        measure: the same, of which outputs has the sum over all steps: it takes no memory that grows with them.
        checkpoint: for derivatives keep the states of some steps alone, 2 sqrt(T) of T, and compute the others again,
            which takes another run.
        truncate: a time: derivatives reach as far back as the last multiple of it.

    Returns:
        A function. Its arguments, each of which may be left out:

        - params: floats in the declared units by dotted path, like ``model.float_params()`` or some of it.
        - inputs: what `inputs` may be; or floats, an array in the unit of these, (T, ...) of a waveform. Of a function
          of t, and of several populations, a dict by name; a `SpikeSource` takes a pair of times, quantities (n,), and
          neurons (n,), as many as it has or fewer.
        - states: floats in the declared units by dotted path; ``"clock.i"`` is the number of the first step.
        - key: of the noise: an int, or a key of `jax.random`.

        It returns outputs, what update() returns in each step, (T, ...) in kernel units, unless there is something to
        record or to measure (a dict by name, states in their declared units, functions in kernel units); and the
        states at the end, with which another run goes on.

    Raises:
        DimensionalityError: the equations do not fit; before anything is compiled.
        ValueError: there is nothing of that name; truncate is no whole number of steps.
    """
    signal = as_signal(inputs, model.nodes())
    step = default_dt() if dt is None else time_step(dt, "unroll")
    n = run_length(signal, duration, step)
    segment = None if truncate is None else n_steps(truncate, step, "unroll: 'truncate'")
    if segment is not None and segment < 1:
        raise ValueError(f"unroll: 'truncate' must be a step of dt at least, got {units.show(truncate)}.")
    fitted = fit(model, step)
    rows, sums = _observed(fitted, record, "record"), _observed(fitted, measure, "measure")
    if twice := rows.keys() & sums.keys():
        raise ValueError(f"unroll: {min(twice)!r} is recorded and measured; give one of them another name.")
    drive, only_out = with_signal(signal), record is None and measure is None

    def call(inside: Any, x: Any) -> Any:
        out = drive(inside, x)
        each = ({name: value(inside) for name, value in group.items()} for group in (rows, sums))
        return (out, {}) if only_out else tuple(each)

    return Unrolled(fitted, call, signal, n, checkpoint=checkpoint, segment=segment)


def _observed(fitted: Fitted, asked: Any, argument: str) -> dict[str, Callable[[Any], Any]]:
    """Return by name what gives, inside a step, a value in its declared unit, as floats."""
    monitors = read_monitors(fitted.model, [asked] if isinstance(asked, str) else asked or ())
    for m in monitors:
        if not isinstance(m.recorder, Rows) or m.window != EACH_STEP:
            raise TypeError(
                f"unroll: {argument!r} takes names, (name, indices) and functions of the model, of each step; "
                f"{m.name!r} is for the monitors of a runner."
            )
    return {m.name: _reader(fitted, m.observable) for m in monitors}


def _reader(fitted: Fitted, observable: Observable) -> Callable[[Any], Any]:
    if isinstance(observable, SpikesOf):  # with derivatives, which bools have not
        return lambda model: observable.chosen(observable.population(model.nodes()).spike)
    unit = None if isinstance(observable, FunctionOf) else observable.unit(fitted, NUMBER)
    factor = 1.0 if unit is None else units.kernel_factor(unit)
    return lambda model: _divided(observable.value(model), factor)


class Unrolled:
    """A run as a function: see `unroll`.

    Args:
        fitted: the model.
        call: what one step computes: what is kept of each step, and a dict of what is summed over them, joined in the
            outputs; where that has something, the first is a dict too.
        signal: what drives it.
        n: the number of steps.
        checkpoint: see `unroll`.
        segment: after so many steps derivatives are cut; None: never.
    """

    def __init__(
        self,
        fitted: Fitted,
        call: Call,
        signal: Signal | None,
        n: int,
        *,
        checkpoint: bool = False,
        segment: int | None = None,
    ) -> None:
        self.model, self.dt, self.n, self.signal = fitted.model, fitted.dt, n, signal
        self._call, self._params, model = call, fitted.params(), fitted.model
        self._populations = {path: node for path, node in fitted.nodes.items() if isinstance(node, Population)}
        # Spikes on their way as floats, through which derivatives go.
        self._states = {k: s.as_floats() if isinstance(s, SentSpikes) else s.raw for k, s in fitted.states.items()}
        self._state_units = {path: state.unit for path, state in fitted.states.items()}
        self._param_units = {path: units.unit_of(q) for path, q in model.params().items()}
        self._clock = clock_arrays(model.clock.i, self.dt, model.clock.t0, seed_of_run(model, 0))
        arrays, dims = signal_arrays(signal, 0, n, n, self.dt)
        _, shapes = check_driven(model, call, signal, arrays, dims, self.dt, self._states, self._params)
        self._no_sums = jax.tree.map(lambda shape: np.zeros(shape.shape, as_float(0).dtype), shapes[1])
        self._arrays = arrays
        self._steps = _steps(n, checkpoint, segment)
        self._compiled = jax.jit(self._run)

    def __repr__(self) -> str:
        return f"run of {self.model.name} for {self.n * self.dt:.10g} ms, {self.n} steps"

    def __call__(
        self,
        params: Arrays | None = None,
        inputs: InputLike | Mapping[str, Any] = None,
        states: Arrays | None = None,
        key: int | np.integer | jax.Array | None = None,
    ) -> tuple[Any, Arrays]:
        """Return the outputs, and the states at the end: see `unroll`.

        Raises:
            KeyError: there is no parameter, state or input of that name.
            TypeError: a quantity where floats are meant, or inputs of another kind.
            ValueError: a shape differs from that of the model, or of the inputs that `unroll` was given.
        """
        states, clock = dict(states or {}), dict(self._clock)
        if STEP in states:
            clock["i"] = jnp.asarray(states.pop(STEP), jnp.int32)
        if key is not None:
            clock["seed"] = self._seed(key)
        own_params = self._params | self._floats("parameter", params or {}, self._params, self._param_units)
        own_states = self._states | self._floats("state", states, self._states, self._state_units)
        for path, value in own_states.items():
            if value.shape != self._states[path].shape:
                own_states[path] = _fitting(value, self._states[path].shape, f"{self.model.name}: the state {path!r}")
        given: Any = inputs
        if isinstance(inputs, dict):
            given = {path: value for path, value in inputs.items() if not isinstance(value, tuple)}
            for path in [p for p in inputs if p not in given]:
                own_params |= self._spikes(path, inputs[path])
        none = given is None or (isinstance(given, dict) and not given)
        arrays = self._arrays if none else given_inputs(self.signal, given, self.n, self.dt)
        return self._compiled(own_params, arrays, own_states, clock)

    def _run(self, params: Arrays, arrays: Arrays, states: Arrays, clock: Arrays) -> tuple[Any, Arrays]:
        model, call = self.model, self._call
        start = prepare(model, call, params, states, (arrays, 0), context_at(clock, {}, exact_spikes=False))

        def step(carried: Any, k: Any) -> tuple[Any, Any]:
            states, sums = carried
            context = context_at(clock, start, k, exact_spikes=False)
            states, (row, added) = pure_step(model, call, params, states, (arrays, k), context)
            return (states, jax.tree.map(jnp.add, sums, added)), row

        (states, sums), rows = self._steps(step)((states, self._no_sums), jnp.int32(0))
        end = {path: _divided(raw, units.kernel_factor(self._state_units[path])) for path, raw in states.items()}
        return rows | sums if sums else rows, end | {STEP: clock["i"] + jnp.int32(self.n)}

    def _floats(self, what: str, given: Arrays, own: Arrays, unit_of: dict[str, str]) -> Arrays:
        """Return floats in declared units as arrays in kernel units."""
        floats = {}
        for path, value in given.items():
            if path not in own:
                raise KeyError(f"{self.model.name} has no {what} {path!r}; it has {', '.join(own)}.")
            unit = unit_of.get(path, "dimensionless")
            value = jnp.asarray(units.bare(value, unit, f"{self.model.name}: {path!r}"), own[path].dtype)
            factor = units.kernel_factor(unit)
            floats[path] = value if factor == 1 else value * factor
        return floats

    def _spikes(self, path: str, spikes: tuple[Any, ...]) -> Arrays:
        """Return what a source of spikes gives to the steps, for other times and neurons."""
        source = self._populations.get(path)
        if source is None or len(spikes) != 2:
            raise KeyError(f"inputs: there is no source {path!r} for times and neurons; there is "
                           f"{', '.join(self._populations)}.")  # fmt: skip
        return {join(path, name): on_device(array) for name, array in source.spikes_in_steps(*spikes, self.dt).items()}

    def _seed(self, key: Any) -> Any:
        """Return the seed of the noise: as a runner has it, or drawn from a key of JAX."""
        if isinstance(key, int | np.integer):
            return jnp.uint32(seed_of_run(self.model, int(key)))
        key = jnp.asarray(key)
        if jnp.issubdtype(key.dtype, jax.dtypes.prng_key) or key.ndim:
            return jax.random.bits(key, (), "uint32")
        return key.astype(jnp.uint32)


def _divided(value: Any, factor: float) -> Any:
    return value if factor == 1 else value / factor


def _fitting(value: Any, shape: tuple[int, ...], who: str) -> Any:
    try:
        return jnp.broadcast_to(value, shape)
    except ValueError as err:
        raise ValueError(f"{who} has the shape {value.shape}; {shape} fits.") from err


# ---------------------------------------------------------------- the loop


def _steps(n: int, checkpoint: bool, segment: int | None) -> Callable[[Step], Scan]:
    """Return what makes of a step the run of n steps."""

    def plain(step: Step, n: int) -> Scan:
        return lambda carried, first: jax.lax.scan(step, carried, first + jnp.arange(n, dtype=jnp.int32))

    def checkpointed(step: Step, n: int) -> Scan:
        return _in_segments(plain, step, n, math.isqrt(n), jax.checkpoint)

    run = checkpointed if checkpoint else plain
    if segment is None or segment >= n:
        return lambda step: run(step, n)
    return lambda step: _in_segments(run, step, n, segment, _cut)


def _in_segments(
    run: Callable[[Step, int], Scan], step: Step, n: int, length: int, around: Callable[[Scan], Scan]
) -> Scan:
    """Return a run of n steps in segments of that length and a shorter one, around each of which is something."""
    length = max(length, 1)
    count, rest = divmod(n, length)

    def segments(carried: Any, first: Any) -> tuple[Any, Any]:
        begins = first + length * jnp.arange(count, dtype=jnp.int32)
        carried, rows = jax.lax.scan(around(run(step, length)), carried, begins)
        rows = jax.tree.map(lambda r: r.reshape(count * length, *r.shape[2:]), rows)
        if not rest:
            return carried, rows
        carried, more = around(run(step, rest))(carried, first + jnp.int32(count * length))
        return carried, jax.tree.map(lambda *parts: jnp.concatenate(parts), rows, more)

    return segments


def _cut(run: Scan) -> Scan:
    """Return a segment whose derivatives do not reach the states of the one before."""

    def segment(carried: Any, first: Any) -> tuple[Any, Any]:
        states, sums = carried
        states = jax.tree.map(lambda x: jnp.where(first == 0, x, jax.lax.stop_gradient(x)), states)
        return run((states, sums), first)

    return segment


# ---------------------------------------------------------------- inputs


def given_inputs(signal: Signal | None, given: Any, n: int, dt: float, who: str = "inputs") -> Arrays:
    """Return the arrays of a signal for n steps of dt (ms), with other values in the place of its own.

    Args:
        signal: of which kind they are.
        given: floats in its unit, or what `as_signal` takes; a dict by population, or by argument of a function of t.
        n, dt: of the run.
        who: for messages.

    Raises:
        TypeError: they are of another kind.
        KeyError: there is no input of that name.
        ValueError: they are of another shape.
    """
    if signal is None:
        raise TypeError(f"{who}: unroll was given none; give it some, inputs=..., to say of what kind they are.")
    if isinstance(signal, Inputs):
        if not isinstance(given, dict):
            raise TypeError(f"{who} go by population here, e.g. {{{next(iter(signal.parts))!r}: ...}}.")
        _refuse_unknown(given, signal.parts, who)
        parts = {path: given_inputs(part, given.get(path, part), n, dt, f"{who}[{path!r}]")
                 for path, part in signal.parts.items()}  # fmt: skip
        return {f"{path}/{name}": array for path, arrays in parts.items() for name, array in arrays.items()}
    declared = signal.declared()
    if isinstance(given, dict):
        _refuse_unknown(given, declared, who)
        return signal_arrays(signal, 0, n, n, dt)[0] | {k: _array(v, *declared[k], f"{who}[{k!r}]")
                                                        for k, v in given.items()}  # fmt: skip
    if isinstance(given, Signal):
        other = given.declared()
        if type(given) is not type(signal) or given.key != signal.key or other.keys() != declared.keys():
            raise TypeError(f"{who}: unroll was given {signal!r}, this is {given!r}, which takes another program.")
        if any(units.dimension(other[k][0]) != units.dimension(u) for k, (u, _) in declared.items()):
            raise units.DimensionalityError(f"{who} are {signal.describe()}, got some {given.describe()}.")
        if any(other[k][1] != shape for k, (_, shape) in declared.items()):
            shapes = [" and ".join(str(shape) for _, shape in each.values()) for each in (other, declared)]
            raise ValueError(f"{who} have the shape {shapes[0]}; unroll was given {shapes[1]}.")
        return signal_arrays(given, 0, n, n, dt)[0]
    ((name, (unit, shape)),) = declared.items() if len(declared) == 1 else [("", ("", ()))]
    if not name:
        raise TypeError(f"{who}: it has several arguments; give a dict, of {', '.join(declared)}.")
    return signal.for_steps({name: _array(given, unit, shape, who)}, n, dt)


def _array(value: Any, unit: str, shape: tuple[int, ...], who: str) -> Any:
    """Return floats in a unit, or a quantity, as an array in kernel units."""
    if isinstance(value, pint.Quantity):
        value = units.to_kernel(value, unit, who)
    else:
        value = jnp.asarray(value, as_float(0).dtype) * units.kernel_factor(unit)
    if np.shape(value) != shape:
        raise ValueError(f"{who} has the shape {np.shape(value)}; unroll was given {shape}.")
    return jnp.asarray(value, as_float(0).dtype)


def _refuse_unknown(given: dict[str, Any], known: Any, who: str) -> None:
    for name in given:
        if name not in known:
            raise KeyError(f"{who}: there is no {name!r}{did_you_mean(name, list(known))} There is {', '.join(known)}.")
