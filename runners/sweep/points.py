"""The points of a sweep, as arrays in kernel units with one row a point, by the programs that run them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pint

from simcore import Module, Signal, units
from simcore.module.parameters import parameters_read
from simcore.module.structure import clone
from simcore.module.tree import join
from simcore.module.warning import warn
from simcore.step.fitted import is_duration, too_short
from simcore.step.noise import seed_of_run
from simcore.units.clock import rounded_steps

from .axes import Axes, AxisKind
from .design import combinations

Starts = dict[str, np.ndarray]
# So many numbers of initial states are made at once; of fewer combinations, one by one.
ROWS_AT_ONCE, FEW = 2**20, 8


@dataclasses.dataclass
class Points:
    """What differs between the points of one program, and what they share.

    Args:
        index: their numbers in the whole design, (n,).
        model: a copy of the target with the values of the first point.
        dt: the time step, ms.
        signal: the input of the first point.
        params: swept parameters in kernel units by path, (n, ...).
        starts: the distinct initial states by path, (m, ...), m = 1 of those that all points have; `start` is which
            one each point has, (n,).
        drives: the distinct inputs; `drive` is which one each point has, (n,). None: all have `signal`.
        levels: swept constant inputs in kernel units, by name of the signal's array, (n,).
        seeds: of the noise, (n,) uint32.
    """

    index: np.ndarray
    model: Module
    dt: float
    signal: Signal | None
    params: dict[str, np.ndarray]
    starts: Starts
    start: np.ndarray
    drives: list[Signal] | None
    drive: np.ndarray
    levels: dict[str, np.ndarray]
    seeds: np.ndarray

    def begin(self) -> Starts:
        """Return the initial states of the first point."""
        return {k: v[0] for k, v in self.starts.items()}

    @property
    def signals(self) -> list[Signal]:
        """All inputs."""
        return self.drives or ([] if self.signal is None else [self.signal])

    def input_lengths(self) -> list[int | None]:
        """Return how many steps each input lasts; None of one without an end."""
        return [signal.n_steps(self.dt) for signal in self.signals]


def points_of(axes: Axes, index: np.ndarray) -> Iterator[Points]:
    """Yield the points of each program, of those given: of one dt, one set of options and one kind of input."""
    discrete = axes.of_kind(AxisKind.DT) + axes.of_kind(AxisKind.OPTION)
    rows, which = combinations(axes.design, discrete, index)
    for k, row in enumerate(rows):
        dt, model = axes.dt, clone(axes.target)
        for key, position in zip(discrete, row, strict=False):
            if key == "dt":
                dt = float(axes.kernel[key][position])
            else:
                path, _, option = key.rpartition(".")
                setattr(model.nodes()[path], option, axes.values_of(key)[position])
        yield from _by_input(axes, index[which == k], model, dt)


def _by_input(axes: Axes, index: np.ndarray, model: Module, dt: float) -> Iterator[Points]:
    keys = axes.of_kind(AxisKind.INPUT)
    quantities = all(isinstance(axes.values_of(k), pint.Quantity) for k in keys)
    if not keys or (quantities and not callable(axes.inputs)):
        levels = {}
        for key in keys:
            unit = units.unit_of(axes.values_of(key))
            name = f"{key.partition('.')[2]}/value" if "." in key else "value"
            levels[name] = units.to_kernel(axes.values_of(key), unit, axes.who(key))[axes.design.positions(key)[index]]
        drives = axes.signals(combinations(axes.design, keys, index[:1])[0], model)
        yield _points(axes, index, clone(model), dt, drives, np.zeros(index.size, int), levels)
        return
    distinct, which = combinations(axes.design, keys, index)
    signals = axes.signals(distinct, model)
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
        if axes.specs[key].steps:
            if not rounded_steps(values, dt)[1]:
                warn(f"{axes.who(key)}: not all values are whole steps of dt = {dt:.10g} ms; the nearest are used.")
        elif is_duration(axes.specs[key]) and (text := too_short(values, dt)):
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


def _starts(axes: Axes, model: Module, index: np.ndarray, dt: float) -> tuple[Starts, np.ndarray]:
    """Return the distinct initial states, and which one each point has.

    They are made for each combination of the values that the models read when they make their states.
    """
    with parameters_read() as seen:
        model.reset_state()
    model.fit_to(dt)  # room for spikes on their way
    read = {join(p, k) for p, node in model.nodes().items() for k in node.specs() if (id(node), k) in seen}
    swept = [k for k in axes.of_kind(AxisKind.PARAM) if k in read] + axes.of_kind(AxisKind.STATE)
    if not swept:
        return {k: np.asarray(s.raw)[None] for k, s in model.states().items()}, np.zeros(index.size, int)
    distinct, start = combinations(axes.design, swept, index)
    size = ROWS_AT_ONCE // max(1, sum(np.size(s.raw) for s in model.states().values()))
    blocks = [distinct[k : k + size] for k in range(0, len(distinct), size)] if size >= FEW else [distinct]
    made = [_of_block(axes, model, swept, block, dt) for block in blocks]
    return {path: _joined([rows[path] for rows in made], blocks) for path in made[0]}, start


def _joined(parts: list[np.ndarray], blocks: list[np.ndarray]) -> np.ndarray:
    """Return the rows of all blocks; one row where all have that."""
    if all(len(part) == 1 and np.array_equal(part, parts[0]) for part in parts):
        return parts[0]
    each = zip(parts, blocks, strict=True)
    return np.concatenate([np.broadcast_to(part, (len(block), *part.shape[1:])) for part, block in each])


def _of_block(axes: Axes, model: Module, swept: list[str], rows: np.ndarray, dt: float) -> Starts:
    """Return the initial states for some combinations, rows of positions along the axes; one row where all are alike.

    They are made at once where that gives the same as one by one, of which the first and the last are looked at.
    """

    def one(row: np.ndarray) -> Starts:
        try:
            return _begin(axes, model, {key: axes.kernel[key][k] for key, k in zip(swept, row, strict=True)}, dt)
        except ValueError as err:
            raise ValueError(f"Sweep, at {axes.design.shown(swept, row)}: {err}") from err

    if FEW <= len(rows) <= ROWS_AT_ONCE:
        made = _at_once(axes, model, {key: axes.kernel[key][rows[:, j]] for j, key in enumerate(swept)}, dt)
        first, last = one(rows[0]), one(rows[-1])
        starts = {path: _agreed(made.get(path), first[path], last[path]) for path in first}
        if all(v is not None for v in starts.values()):
            return starts  # type: ignore[return-value]
    each = [one(row) for row in rows]
    stacked = {path: np.stack([states[path] for states in each]) for path in each[0]}
    return {path: v[:1] if (v == v[:1]).all() else v for path, v in stacked.items()}


def _at_once(axes: Axes, model: Module, values: dict[str, np.ndarray], dt: float) -> Starts:
    """Return the initial states for all values, (n,) each, as those of a batch; nothing where a model refuses them."""
    batch = clone(model)
    for node in batch.nodes().values():
        node.begin_as_drawn()
    try:
        return _begin(axes, batch, values, dt, len(next(iter(values.values()))))
    except Exception:  # of a model that takes one value alone; or a value is bad: one by one it is named
        return {}


def _agreed(made: np.ndarray | None, first: np.ndarray, last: np.ndarray) -> np.ndarray | None:
    """Return the rows of a state, one where it does not depend on the values; None if they are not as one by one."""
    if made is None:
        return None
    if made.shape != (len(made) if made.ndim else 0, *first.shape):  # it has no row for each
        return first[None] if np.array_equal(first, last) else None
    agrees = np.array_equal(made[0], first) and np.array_equal(made[-1], last)
    return (made[:1] if (made == made[:1]).all() else made) if agrees else None


def _begin(axes: Axes, model: Module, values: dict[str, Any], dt: float, batch_size: int | None = None) -> Starts:
    """Return the initial states with these parameters and states (kernel units): one value each, or a batch of them."""
    nodes = model.nodes()

    def spread(value: Any, n_axes: int) -> Any:
        return value if batch_size is None else value.reshape(-1, *(1,) * n_axes)

    params = {k: v for k, v in values.items() if axes.kinds[k] is AxisKind.PARAM}
    _set(axes, model, {k: spread(v, len(nodes[k.rpartition(".")[0]].varshape)) for k, v in params.items()})
    model.reset_state(batch_size)
    model.fit_to(dt)
    states = model.states()
    for key in axes.of_kind(AxisKind.STATE):
        shape = np.shape(states[key].raw)
        raw = np.broadcast_to(spread(values[key], len(shape) - 1), shape)
        states[key].value = units.from_kernel(raw, states[key].unit)
    for node in model.nodes().values() if axes.of_kind(AxisKind.STATE) else ():
        node.check_initial()
    return {k: np.asarray(s.raw) for k, s in model.states().items()}
