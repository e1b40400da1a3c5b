"""The points of a sweep, as arrays in kernel units with one row a point, by the programs that run them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pint

from simcore import Module, Signal, units
from simcore.module.declare import State
from simcore.module.parameters import parameters_read
from simcore.module.structure import clone
from simcore.module.tree import join
from simcore.module.warning import warn
from simcore.step import pure as step
from simcore.step.noise import seed_of_run
from simcore.units.clock import rounded_steps

from .axes import Axes, AxisKind


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

    @property
    def signals(self) -> list[Signal]:
        """All inputs."""
        return self.drives or ([] if self.signal is None else [self.signal])

    def input_lengths(self) -> list[int | None]:
        """Return how many steps each input lasts; None of one without an end."""
        return [signal.n_steps(self.dt) for signal in self.signals]


def points_of(axes: Axes) -> Iterator[Points]:
    """Yield the points of each program: those of one dt, one set of options and one kind of input."""
    discrete = axes.of_kind(AxisKind.DT) + axes.of_kind(AxisKind.OPTION)
    if not discrete:
        yield from _by_input(axes, np.arange(axes.design.n_points), clone(axes.target), axes.dt)
        return
    columns = np.stack([axes.design.positions(k) for k in discrete], -1)
    for row in np.unique(columns, axis=0):
        dt, model = axes.dt, clone(axes.target)
        for key, position in zip(discrete, row, strict=False):
            if key == "dt":
                dt = float(axes.kernel[key][position])
            else:
                path, _, option = key.rpartition(".")
                setattr(model.nodes()[path], option, axes.values_of(key)[position])
        yield from _by_input(axes, np.flatnonzero((columns == row).all(1)), model, dt)


def _by_input(axes: Axes, index: np.ndarray, model: Module, dt: float) -> Iterator[Points]:
    keys = axes.of_kind(AxisKind.INPUT)
    quantities = all(isinstance(axes.values_of(k), pint.Quantity) for k in keys)
    if not keys or (quantities and not callable(axes.inputs)):
        levels = {}
        for key in keys:
            unit = units.unit_of(axes.values_of(key))
            name = f"{key.partition('.')[2]}/value" if "." in key else "value"
            levels[name] = units.to_kernel(axes.values_of(key), unit, axes.who(key))[axes.design.positions(key)[index]]
        drives = [axes.signal(int(index[0]), model)]
        yield _points(axes, index, clone(model), dt, drives, np.zeros(index.size, int), levels)
        return
    columns = np.stack([axes.design.positions(k)[index] for k in keys], -1)
    distinct, which = np.unique(columns, axis=0, return_inverse=True)
    which = which.reshape(-1)
    signals = [axes.signal(int(index[np.argmax(which == d)]), model) for d in range(len(distinct))]
    kinds = [(type(s), s.key, str(s.sample_shape)) if s is not None else None for s in signals]
    for kind in dict.fromkeys(kinds):
        of_kind = [d for d in range(len(kinds)) if kinds[d] == kind]
        rows = np.flatnonzero(np.isin(which, of_kind))
        drive = np.searchsorted(of_kind, which[rows])
        yield _points(axes, index[rows], clone(model), dt, [signals[d] for d in of_kind], drive, None)


def _points(
    axes: Axes, index: np.ndarray, model: Module, dt: float, drives: list[Signal | None], drive: np.ndarray, levels: Any
) -> Points:
    params = {key: axes.rows(key)[index] for key in axes.of_kind(AxisKind.PARAM)}
    _set(axes, model, {key: float(np.max(v)) if axes.specs[key].steps else v[0] for key, v in params.items()})
    for key in params:
        values = axes.kernel[key]
        if axes.specs[key].steps and not rounded_steps(values, dt)[1]:
            warn(f"{axes.who(key)}: not all values are whole steps of dt = {dt:.10g} ms; the nearest ones are used.")
        elif step.is_duration(axes.specs[key]) and (text := step.too_short(values, dt)):
            warn(f"{axes.who(key)} {text}")
    starts, start = _starts(axes, model, index, dt)
    # What `fit_to` sizes by a parameter must do for all points; that they are rounded has been said.
    _set(axes, model, {key: _largest(axes, key, v, dt) for key, v in params.items()})
    seeds = axes.rows("seed")[index] if axes.of_kind(AxisKind.SEED) else np.full(index.size, axes.seed, np.uint32)
    distinct, which = np.unique(seeds, return_inverse=True)
    seeds = np.array([seed_of_run(model, int(seed)) for seed in distinct], np.uint32)[which.reshape(-1)]
    several: Any = None if levels is not None else drives
    return Points(index, model, dt, drives[0], params, starts, start, several, drive, levels or {}, seeds)


def _largest(axes: Axes, key: str, values: np.ndarray, dt: float) -> float:
    return float(np.max(rounded_steps(values, dt)[0]) * dt if axes.specs[key].steps else np.max(values))


def _set(axes: Axes, model: Module, values: dict[str, Any]) -> None:
    """Give a model values (kernel units) of parameters; together they keep the constraints."""
    nodes = model.nodes()
    for key, value in values.items():
        nodes[key.rpartition(".")[0]].set_kernel_values({axes.specs[key].name: np.asarray(value)})


def _starts(axes: Axes, model: Module, index: np.ndarray, dt: float) -> tuple[list[dict[str, np.ndarray]], np.ndarray]:
    """Return the distinct initial states, and which one each point has.

    They are made once for each combination of the values that the models read when they make their states.
    """
    with parameters_read() as seen:
        model.reset_state()
    model.fit_to(dt)  # room for spikes on their way
    read = {join(p, k) for p, node in model.nodes().items() for k in node.specs() if (id(node), k) in seen}
    swept = [k for k in axes.of_kind(AxisKind.PARAM) if k in read] + axes.of_kind(AxisKind.STATE)
    if not swept:
        return [{k: np.asarray(s.raw) for k, s in model.states().items()}], np.zeros(index.size, int)
    columns = np.stack([axes.design.positions(k)[index] for k in swept], -1)
    distinct, start = np.unique(columns, axis=0, return_inverse=True)
    starts = []
    for row in distinct:
        values = {key: axes.kernel[key][position] for key, position in zip(swept, row, strict=True)}
        try:
            states = _begin(axes, model, values, dt)
        except ValueError as err:
            shown = [f"{key} = {axes.values_of(key)[k]:~P}" for key, k in zip(swept, row, strict=True)]
            raise ValueError(f"Sweep, at {' and '.join(shown)}: {err}") from err
        starts.append({k: np.asarray(s.raw) for k, s in states.items()})
    return starts, start.reshape(-1)


def _begin(axes: Axes, model: Module, values: dict[str, Any], dt: float) -> dict[str, State]:
    """Return the initial states with these parameters and states (kernel units)."""
    _set(axes, model, {k: v for k, v in values.items() if axes.kinds[k] is AxisKind.PARAM})
    model.reset_state()
    model.fit_to(dt)
    states = model.states()
    for key in axes.of_kind(AxisKind.STATE):
        raw = np.broadcast_to(values[key], np.shape(states[key].raw))
        states[key].value = units.from_kernel(raw, states[key].unit)
    for node in model.nodes().values() if axes.of_kind(AxisKind.STATE) else ():
        node.check_initial()
    return states
