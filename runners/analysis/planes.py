"""Phase planes: where states go, where one of two does not move, where neither does, and runs through them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pint

from simcore import Neuron, units
from simcore.bases.dynamics import Dynamics
from simcore.step.rates import InputValue
from simcore.units import OneQuantity, RangeLike, ValueLike

from ..measure import trace
from ..sweep import design
from ..sweep.sweep import Sweep
from .drawing import STABLE, UNSTABLE, axes, label
from .flow import Box, Flow
from .points import FixedPoints, found, table

GRID = 201  # points of each range on which nullclines are looked for
ARROWS = 21  # along each range

Curves = list[tuple[pint.Quantity, pint.Quantity]]


def nullclines(
    model: Dynamics,
    states: Mapping[str, RangeLike],
    *,
    inputs: InputValue = None,
    fixed: Mapping[str, ValueLike] | None = None,
) -> dict[str, Curves]:
    """Return where in the plane of two states the rate of each is zero.

    They are contours of the rates on a grid of 201 x 201 points, so that steep, flat and closed ones are found alike,
    and each branch is a curve of its own.

    Args:
        model: of one neuron, ``sc.models.MorrisLecar(1)``.
        states: the ranges of two states, ``{"V": (-80, 40) * mV, "W": (0, 1)}``.
        inputs: to its update(): a quantity, or a dict of them by name.
        fixed: the values of further states by name; those left out are held at their present (at first initial) ones.

    Returns:
        By the name of each of the two states its curves, each the values of the first and of the second state, (n,).

    Raises:
        DimensionalityError: a value has another dimension, or the equations do not fit.
        TypeError: the model has no integrated states, or needs other inputs.
        ValueError: there is no such state, the ranges are not two, or there is more than one neuron.
    """
    return _nullclines(*plane("nullclines", model, states, inputs, fixed))


def plane(
    who: str,
    model: Dynamics,
    states: Mapping[str, RangeLike],
    inputs: InputValue,
    fixed: Mapping[str, ValueLike] | None,
) -> tuple[Flow, Box]:
    """Return the equations of two states, all others held, and their ranges."""
    whole = Flow(who, model, inputs, fixed)
    box = whole.box("states", states)
    if len(box) != 2:
        raise ValueError(f"{who}: 'states' needs the ranges of two states, got {', '.join(box)}; "
                         f"{model.name} integrates {', '.join(whole.names)}.")  # fmt: skip
    others = {name: units.from_kernel(whole.start()[k], whole.unit(name))
              for k, name in enumerate(whole.names) if name not in box}  # fmt: skip
    flow = Flow(who, model, inputs, others | dict(fixed or {}))
    return flow, flow.box("states", states)


def _nullclines(flow: Flow, box: Box) -> dict[str, Curves]:
    from contourpy import contour_generator  # of matplotlib

    x, y, rates = _field(flow, box, GRID)
    across, up = (flow.unit(name) for name in box)
    curves: dict[str, Curves] = {}
    for name, rate in zip(box, rates, strict=True):
        lines: Any = contour_generator(x, y, rate).lines(0.0)  # each (n, 2)
        curves[name] = [(units.from_kernel(line[:, 0], across), units.from_kernel(line[:, 1], up)) for line in lines]
    return curves


def _field(flow: Flow, box: Box, n: int) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Return a grid over two ranges, (n,) and (n,), and the rates of the two states on it, (n, n): row by row of y."""
    x, y = (np.linspace(low, high, n) for low, high in box.values())
    order = [flow.names.index(name) for name in box]
    z = np.empty((n * n, 2))
    z[:, order] = np.stack([v.ravel() for v in np.meshgrid(x, y)], axis=1)
    rates = flow(z)
    return x, y, [rates[:, k].reshape(n, n) for k in order]


def phase_plane(
    model: Dynamics,
    states: Mapping[str, RangeLike],
    *,
    inputs: InputValue = None,
    fixed: Mapping[str, ValueLike] | None = None,
    starts: Mapping[str, ValueLike] | None = None,
    duration: OneQuantity | None = None,
    dt: OneQuantity | None = None,
    ax: Any = None,
) -> Any:
    """Draw the plane of two states: vector field, nullclines, fixed points, trajectories. Return the axes.

    Arrows tell the direction, in units of the ranges, and by their colour how fast it is. Fixed points are full where
    they are stable, open where they are not. Of a neuron that is reset, lines show V_reset and the threshold V_th.
    Trajectories are runs of the whole model, with its resets; the states that the plane holds begin at those values
    and move.

    Args:
        model: of one neuron, ``sc.models.FitzHughNagumo(1)``; it does not change.
        states: the ranges of two states, ``{"V": (-2.5, 2.5), "w": (-1, 2)}``, the first one from left to right.
        inputs: to its update(): a quantity, or a dict of them by name.
        fixed: the values of further states by name; those left out are held at their present (at first initial) ones.
        starts: where trajectories begin, values (n,) of the two states by name.
        duration: how long each of them is.
        dt: their time step, by default the environment's.
        ax: where to draw; by default a new figure.

    Raises:
        DimensionalityError: a value has another dimension, or the equations do not fit.
        TypeError: the model has no integrated states, or needs other inputs.
        ValueError: there is no such state, the ranges are not two, or there is more than one neuron; starts without
            a duration.
    """
    flow, box = plane("phase_plane", model, states, inputs, fixed)
    if (starts is None) != (duration is None):
        raise ValueError(
            "phase_plane: trajectories need 'starts', where they begin, and 'duration', how long they are."
        )
    ax = axes(ax)
    x, y = box
    scale = [1 / units.kernel_factor(flow.unit(name)) for name in box]  # kernel floats to the units on the axes
    _arrows(ax, flow, box, scale)
    for name, color in zip(box, ("C1", "C2"), strict=True):
        for k, (across, up) in enumerate(_nullclines(flow, box)[name]):
            ax.plot(across.m, up.m, color=color, lw=1.8, label=None if k else f"d{name}/dt = 0")
    if starts is not None:
        _trajectories(ax, flow, box, inputs, starts, duration, dt)
    _resets(ax, model, flow, box)
    _points(ax, FixedPoints(*table(flow, found(flow, box))), x, y)
    limits = [np.array(box[name]) * factor for name, factor in zip(box, scale, strict=True)]
    ax.set(xlim=limits[0], ylim=limits[1], xlabel=label(x, units.unit(flow.unit(x))),
           ylabel=label(y, units.unit(flow.unit(y))))  # fmt: skip
    ax.legend(loc="best", fontsize="small", framealpha=0.9)
    return ax


def _arrows(ax: Any, flow: Flow, box: Box, scale: list[float]) -> None:
    x, y, (to_right, up) = _field(flow, box, ARROWS)
    across, along = (rate / np.ptp(ends) for rate, ends in zip((to_right, up), box.values(), strict=True))
    speed = np.hypot(across, along)
    with np.errstate(invalid="ignore", divide="ignore"):
        u, v = across / speed, along / speed
    slow = np.log10(np.maximum(speed, speed[speed > 0].min(initial=1.0)))
    ax.quiver(x * scale[0], y * scale[1], u, v, slow, cmap="Greys", angles="uv", scale=1.4 * ARROWS, width=0.0025,
              clim=(slow.min() - np.ptp(slow), slow.max() + np.ptp(slow)), zorder=0)  # fmt: skip


def _trajectories(ax: Any, flow: Flow, box: Box, inputs: Any, starts: Any, duration: Any, dt: Any) -> None:
    """Draw runs of the model; a spike that resets ends a line, and the next one begins where it resets to."""
    begin = _starts(flow, box, starts)
    spiking = _is_reset(flow.model)
    measures = {f"state {name}": trace(name) for name in box} | ({"spikes": trace("spike")} if spiking else {})
    over = {name: units.from_kernel(v, flow.unit(name)) for name, v in begin.items()}
    found = Sweep(flow.model, design.zipped(over), measures, inputs=inputs, dt=dt, progress_bar=False).run(duration)
    for k in range(len(next(iter(over.values())))):
        path = [np.append(over[name].m[k], found[f"state {name}"].values[k].m_as(over[name].units)) for name in box]
        if spiking:
            ends = np.flatnonzero(found["spikes"].magnitude[k]) + 2  # behind the sample that crosses
            path = [np.insert(values, ends, np.nan) for values in path]
        ax.plot(*path, color="k", lw=1.0, zorder=2, label=None if k else "trajectories")
        ax.plot(path[0][0], path[1][0], "k.", ms=5, zorder=2)


def _starts(flow: Flow, box: Box, starts: Any) -> dict[str, np.ndarray]:
    """Return the initial values of all states, (n,), floats in kernel units by name."""
    if set(starts) != set(box):
        raise ValueError(f"phase_plane: 'starts' needs the values of {' and '.join(box)}, got {', '.join(starts)}.")
    values = {name: np.atleast_1d(flow.values(name, starts[name])) for name in box}
    shapes = {v.shape for v in values.values()}
    if len(shapes) > 1 or len(next(iter(shapes))) != 1:
        raise ValueError(f"phase_plane: 'starts' needs as many values, (n,), of {' as of '.join(box)}.")
    n = len(next(iter(values.values())))
    return values | {name: np.full(n, value) for name, value in flow.held.items()}


def _resets(ax: Any, model: Any, flow: Flow, box: Box) -> None:
    """Draw where a neuron that is reset is cut, and where to."""
    if not _is_reset(model) or model.main_state() not in box:
        return
    line = ax.axvline if next(iter(box)) == model.main_state() else ax.axhline
    for name, style in (("V_reset", ":"), ("V_th", "-.")):
        if name in model.given():
            value = model.kernel_value(name).item() / units.kernel_factor(flow.unit(model.main_state()))
            line(value, color="0.35", ls=style, lw=1.2, label=name)


def _is_reset(model: Any) -> bool:
    return isinstance(model, Neuron) and model.can_be_tested() and not model.crosses


def _points(ax: Any, points: FixedPoints, x: str, y: str) -> None:
    for kind in dict.fromkeys(points.kind):
        at = points.kind == kind
        color = STABLE if points.stable[at][0] else UNSTABLE
        ax.plot(points[x].m[at], points[y].m[at], "o", ms=8, mec=color, mfc=color if color == STABLE else "w", mew=1.8,
                zorder=4, label=kind)  # fmt: skip
