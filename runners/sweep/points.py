"""The points of a sweep: checked values of the axes, as arrays in kernel units with one row a point."""

from __future__ import annotations

import dataclasses
import difflib
import inspect
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pint

from simcore import Module, Signal, units
from simcore.module.declare import State
from simcore.module.parameters import parameters_read
from simcore.module.structure import clone
from simcore.module.tree import join
from simcore.step.signal import as_signal
from simcore.units.clock import rounded_steps, time_step

from .design import Design

INPUTS = "inputs"


@dataclasses.dataclass
class Points:
    """What differs between the points of one program, and what they share.

    Args:
        index: their numbers in the whole design, (n,).
        model: a copy of the target with the values of the first point.
        dt: the time step, ms.
        signal: the input of the first point.
        params: swept parameters in kernel units by path, (n, ...).
        starts: the distinct initial states, each a dict by path; `start` is which one each point has, (n,).
        drives: the distinct inputs; `drive` is which one each point has, (n,). None: all have `signal`.
        levels: swept constant inputs in kernel units, by name of the signal's array, (n,).
        seeds: of the noise, (n,) uint32.
    """

    index: np.ndarray
    model: Module
    dt: float
    signal: Signal | None
    params: dict[str, np.ndarray]
    starts: list[dict[str, np.ndarray]]
    start: np.ndarray
    drives: list[Signal] | None
    drive: np.ndarray
    levels: dict[str, np.ndarray]
    seeds: np.ndarray


class Axes:
    """Reads a design against a model: what each name means, and whether every value fits.

    Args:
        target: the model; it is copied, never changed.
        design: the names and values.
        inputs: the drive that is not swept, or a function that makes it of the swept arguments "inputs.NAME".
        dt: the time step (ms) where it is not swept.
        seed: of the noise where it is not swept.
    """

    def __init__(self, target: Module, design: Design, inputs: Any, dt: float, seed: int) -> None:
        self.target, self.design, self.inputs, self.dt, self.seed = target, design, inputs, dt, seed
        target.ensure_state()
        self.nodes = target.nodes()
        self.specs = {join(p, k): s for p, n in self.nodes.items() for k, s in n._specs().items()}
        self.options = {join(p, k) for p, n in self.nodes.items() for k in n.OPTIONS}
        self.states = target.states()
        self.kinds = {key: self._kind(key) for key in design.keys}
        self._check_values()
        self._check_order()

    def _of(self, kind: str) -> list[str]:
        return [key for key, own in self.kinds.items() if own == kind]

    def _kind(self, key: str) -> str:
        if key in ("dt", "seed"):
            return key
        first, _, rest = key.partition(".")
        if first == INPUTS:
            self._check_input_name(key, rest)
            return INPUTS
        kinds: tuple[tuple[str, Any], ...] = (("param", self.specs), ("state", self.states), ("option", self.options))
        for kind, own in kinds:
            if key in own:
                if kind == "param" and key.endswith("delay") and getattr(self._node(key)[0], "spread", False):
                    raise ValueError(f"Sweep: {key!r}: its synapses have delays of their own, which are no parameter.")
                return kind
        known = [*self.specs, *self.states, *self.options, INPUTS, "dt", "seed"]
        near = difflib.get_close_matches(key, known, 1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise ValueError(f"Sweep: {self.target.name} has no {key!r} to sweep over{hint} It has {', '.join(known)}.")

    def _check_input_name(self, key: str, name: str) -> None:
        made = callable(self.inputs) and not isinstance(self.inputs, Signal)
        if made and (not name or name not in inspect.signature(self.inputs).parameters):
            names = ", ".join(f"inputs.{k}" for k in inspect.signature(self.inputs).parameters)
            raise ValueError(f"Sweep: {key!r} is no argument of the function given as inputs; it takes {names}.")
        whole = not isinstance(self.inputs, dict)
        if not made and self.inputs is not None and (not name or whole or name in self.inputs):
            raise ValueError(f"Sweep: {key!r} is swept over and given as inputs; leave one out.")

    # ---------------------------------------------------------------- checks

    def _where(self, key: str) -> str:
        dim = next(d for d in self.design.dims if key in self.design.axes[d])
        return f"Sweep, axis {dim!r}: {key!r}"

    def _along(self, key: str) -> Any:
        return next(a[key] for a in self.design.axes.values() if key in a)

    def _check_values(self) -> None:
        """Check what each axis holds by itself, as a constructor does, and keep numbers in kernel units."""
        self.kernel: dict[str, np.ndarray] = {}
        for key in self._of("param"):
            spec, who = self.specs[key], self._where(key)
            magnitude = units.as_magnitude(self._along(key), spec.unit, who)
            bad = magnitude <= 0 if spec.positive else magnitude < 0 if spec.nonnegative else np.zeros(0, bool)
            if bad.any():
                some = ", ".join(f"{v:g}" for v in magnitude[bad][:3])
                raise ValueError(f"{who} must be {'> 0' if spec.positive else '>= 0'}, got {some} "
                                 f"{units.unit(spec.unit):~P}.")  # fmt: skip
            self.kernel[key] = magnitude.astype(float) * units.kernel_factor(spec.unit)
        for key in self._of("state"):
            self.kernel[key] = units.to_kernel(self._along(key), self.states[key].unit, self._where(key))
        for key in self._of("seed"):
            seeds = np.asarray(self._along(key))
            if seeds.dtype.kind not in "iu" or seeds.min() < 0 or seeds.max() >= 2**32:
                raise ValueError(f"{self._where(key)} needs ints from 0 to 2**32 - 1, got {list(seeds[:3])}.")
            self.kernel[key] = seeds.astype(np.uint32)
        for key in self._of("dt"):
            self.kernel[key] = np.array([time_step(v, self._where(key)) for v in self._along(key)])
        for key in self._of("option"):
            node, name = self._node(key)
            before = getattr(node, name)
            try:
                for value in self._along(key):
                    setattr(node, name, value)  # it refuses what it does not know
            finally:
                setattr(node, name, before)

    def _check_order(self) -> None:
        """Check constraints between parameters (V_th > V_reset) at every point."""
        swept = self._of("param")
        for path, node in self.nodes.items():
            for name, spec in node.PARAMS.items():
                pair = (join(path, name), join(path, spec.above or ""))
                if not spec.above or not set(pair) & set(swept) or spec.above not in node._values:
                    continue
                if name not in node._values and pair[0] not in swept:
                    continue
                fixed = [node._values[k.rpartition(".")[2]][1] for k in pair if k not in swept]
                more = (1,) * max((np.ndim(v) for v in fixed), default=0)  # the axes of a fixed array
                values = [
                    self.rows(k).reshape(-1, *more) if k in swept else node._values[k.rpartition(".")[2]][1]
                    for k in pair
                ]
                bad: Any = np.asarray(values[0] <= values[1])
                bad = bad.any(tuple(range(1, bad.ndim)))
                if bad.any():
                    k = int(np.argmax(bad))
                    at = " and ".join(f"{key} = {self.show(key, k)}" for key in pair if key in swept)
                    raise ValueError(f"Sweep: {node.name}: {name!r} must be above {spec.above!r}; it is not at {at} "
                                     f"({int(bad.sum())} of {self.design.n_points} points).")  # fmt: skip

    def _node(self, key: str) -> tuple[Module, str]:
        path, _, name = key.rpartition(".")
        return self.nodes[path], name

    def rows(self, key: str) -> np.ndarray:
        """Return the kernel floats of a key for all points, (n_points,)."""
        return self.kernel[key][self.design.positions(key)]

    def show(self, key: str, point: int) -> str:
        """Return the value of a key at a point as text."""
        value = self._along(key)[self.design.positions(key)[point]]
        return f"{value:~P}" if isinstance(value, pint.Quantity) else str(value)

    # ---------------------------------------------------------------- groups of one program

    def groups(self) -> Iterator[Points]:
        """Yield the points of each program: those of one dt, one set of options and one kind of input."""
        n = self.design.n_points
        discrete = self._of("dt") + self._of("option")
        if not discrete:
            yield from self._by_input(np.arange(n), clone(self.target), self.dt)
            return
        columns = np.stack([self.design.positions(k) for k in discrete], -1)
        for row in np.unique(columns, axis=0):
            index = np.flatnonzero((columns == row).all(1))
            dt, model = self.dt, clone(self.target)
            for key, position in zip(discrete, row, strict=False):
                if key == "dt":
                    dt = float(self.kernel[key][position])
                else:
                    node = model.nodes()[key.rpartition(".")[0]]
                    setattr(node, key.rpartition(".")[2], self._along(key)[position])
            yield from self._by_input(index, model, dt)

    def _by_input(self, index: np.ndarray, model: Module, dt: float) -> Iterator[Points]:
        keys = self._of(INPUTS)
        quantities = all(isinstance(self._along(k), pint.Quantity) for k in keys)
        if not keys or (quantities and not callable(self.inputs)):
            signal = self.signal(int(index[0]), model)
            levels = {}
            for key in keys:
                unit = units.unit_of(self._along(key))
                column = units.to_kernel(self._along(key), unit, self._where(key))
                name = f"{key.partition('.')[2]}/value" if "." in key else "value"
                levels[name] = column[self.design.positions(key)[index]]
            yield self._points(index, clone(model), dt, signal, None, np.zeros(index.size, int), levels)
            return
        distinct, which = np.unique(
            np.stack([self.design.positions(k)[index] for k in keys], -1), axis=0, return_inverse=True
        )
        which = which.reshape(-1)
        firsts = [int(index[np.argmax(which == d)]) for d in range(len(distinct))]
        signals = [self.signal(first, model) for first in firsts]
        kinds = [(type(s), s.key, str(s.sample_shape)) if s is not None else None for s in signals]
        for kind in dict.fromkeys(kinds):
            mine = [d for d, own in enumerate(kinds) if own == kind]
            here = np.flatnonzero(np.isin(which, mine))
            drive = np.searchsorted(mine, which[here])
            own = [signals[d] for d in mine]
            yield self._points(index[here], clone(model), dt, own[0], own, drive, {})  # type: ignore[arg-type]

    def signal(self, point: int, model: Module) -> Signal | None:
        """Return the input at a point."""
        values = {k: self._along(k)[self.design.positions(k)[point]] for k in self._of(INPUTS)}
        named = {k.partition(".")[2]: v for k, v in values.items()}
        if callable(self.inputs) and not isinstance(self.inputs, Signal):
            return as_signal(self.inputs(**named), model)
        if INPUTS in values:
            return as_signal(values[INPUTS], model)
        return as_signal({**(self.inputs or {}), **named} if named else self.inputs, model)

    def _points(
        self, index: np.ndarray, model: Module, dt: float, signal: Any, drives: Any, drive: np.ndarray, levels: Any
    ) -> Points:
        params = {key: self.rows(key)[index] for key in self._of("param")}
        self._set(model, {key: float(np.max(v)) if self.specs[key].steps else v[0] for key, v in params.items()})
        self._warn_of_rounding(dt)
        starts, start = self._starts(model, index, dt)
        # What `fit_to` sizes by a parameter must do for all points.
        self._set(model, {key: float(np.max(v)) for key, v in params.items()})
        seeds = self.rows("seed")[index] if self._of("seed") else np.full(index.size, self.seed, np.uint32)
        return Points(index, model, dt, signal, params, starts, start, drives, drive, levels, seeds)

    def _warn_of_rounding(self, dt: float) -> None:
        for key in self._of("param"):
            if self.specs[key].steps and not rounded_steps(self.kernel[key], dt)[1]:
                warnings.warn(f"{self._where(key)}: not all values are whole steps of dt = {dt:.10g} ms; "
                              "the nearest ones are used.", stacklevel=5)  # fmt: skip

    def _set(self, model: Module, values: dict[str, Any]) -> None:
        """Give a model values (kernel units) of parameters; together they keep the constraints."""
        nodes = model.nodes()
        for key, value in values.items():
            node, spec = nodes[key.rpartition(".")[0]], self.specs[key]
            node._arrays.pop(spec.name, None)
            node._values[spec.name] = (np.asarray(value / units.kernel_factor(spec.unit)), np.asarray(value))

    def _starts(self, model: Module, index: np.ndarray, dt: float) -> tuple[list[dict[str, np.ndarray]], np.ndarray]:
        """Return the distinct initial states, and which one each point has.

        They are made once for each combination of the values that the models read when they make their states.
        """
        with parameters_read() as seen:
            model.reset_state()
        model.fit_to(dt)  # room for spikes on their way
        read = {join(p, k) for p, node in model.nodes().items() for k in node._specs() if (id(node), k) in seen}
        swept = [k for k in self._of("param") if k in read] + self._of("state")
        if not swept:
            return [{k: np.asarray(s.raw) for k, s in model.states().items()}], np.zeros(index.size, int)
        columns = np.stack([self.design.positions(k)[index] for k in swept], -1)
        distinct, start = np.unique(columns, axis=0, return_inverse=True)
        found = []
        for row in distinct:
            at = {key: self.kernel[key][position] for key, position in zip(swept, row, strict=True)}
            try:
                states = self._begin(model, at, dt)
            except ValueError as err:
                shown = [f"{key} = {self._along(key)[k]:~P}" for key, k in zip(swept, row, strict=True)]
                raise ValueError(f"Sweep, at {' and '.join(shown)}: {err}") from err
            found.append({k: np.asarray(s.raw) for k, s in states.items()})
        return found, start.reshape(-1)

    def _begin(self, model: Module, at: dict[str, Any], dt: float) -> dict[str, State]:
        """Return the initial states with these parameters and states (kernel units)."""
        self._set(model, {k: v for k, v in at.items() if self.kinds[k] == "param"})
        model.reset_state()
        model.fit_to(dt)
        states = model.states()
        for key in self._of("state"):
            raw = np.broadcast_to(at[key], np.shape(states[key].raw))
            states[key].value = units.from_kernel(raw, states[key].unit)
        for node in model.nodes().values() if self._of("state") else ():
            node.check_initial()
        return states
