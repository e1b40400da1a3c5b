"""Delays of single synapses, given or drawn, as whole steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from simcore import units
from simcore.module import display
from simcore.module.seeds import Place
from simcore.module.warning import warn
from simcore.units.clock import rounded_steps

from .distance import drawn
from .layout import Layout

# Drawn delays that would be shorter than a step are drawn again, this many times at most.
MAX_REDRAWS = 100


def delay_steps(delay: Any, layout: Layout, dt: float, place: Place, who: str) -> tuple[np.ndarray, tuple[int, int]]:
    """Return the delays of the synapses in steps of dt (ms), (n,); and the least and the largest that were drawn.

    Args:
        delay: a quantity (n,), in the order in which the synapses were given, or an initializer that draws.
        layout: the synapses.
        dt: the time step, ms.
        place: that of the projection, for which they are drawn.
        who: the projection, for errors.

    Raises:
        ValueError: there is not one for each synapse, one is negative, or hardly any would be as long as a step.
    """
    if callable(delay):
        steps = _drawn(delay, layout.n_drawn, dt, place, who)
        return layout.kept(steps), extent(steps)
    ms = units.to_kernel(delay, "ms", f"{who}: 'delay'")
    if ms.shape != (layout.n_drawn,):
        raise ValueError(f"{who}: 'delay' has the shape {ms.shape}; a scalar or ({layout.n_drawn},) fits.")
    if ms.size and ms.min() < 0:
        raise ValueError(f"{who}: 'delay' must be >= 0, got {ms.min():g} ms.")
    steps, whole = rounded_steps(ms, dt)
    if not whole:
        warn(f"{who}: delays that are not whole steps of dt = {dt:.10g} ms are rounded.")
    return layout.in_given_order(steps), extent(steps)


def extent(steps: np.ndarray) -> tuple[int, int]:
    """Return the least and the largest of delays in steps; of none the ends of what there can be."""
    return int(steps.min(initial=2**24)), int(steps.max(initial=0))


def of_distance(ms: np.ndarray, dt: float, who: str) -> np.ndarray:
    """Return delays that follow from distances, (n,), in steps: the nearest ones, 0 allowed."""
    if ms.size and ms.min() < 0:
        raise ValueError(f"{who}: 'delay' must be >= 0, got {ms.min():g} ms.")
    return rounded_steps(ms, dt)[0]


def _drawn(initializer: Any, n: int, dt: float, place: Place, who: str) -> np.ndarray:
    """Return n drawn delays of a step at least, in steps."""

    def draw(n: int, use: str) -> np.ndarray:
        return rounded_steps(units.to_kernel(drawn(initializer, n, place, use, who), "ms", f"{who}: 'delay'"), dt)[0]

    steps = draw(n, "delay")
    for again in range(1, MAX_REDRAWS):
        short = np.flatnonzero(steps < 1)
        if not short.size:
            return steps
        steps[short] = draw(short.size, f"delay, draw {again}")
    raise ValueError(f"{who}: 'delay' {initializer!r} is hardly ever as long as dt = {dt:.10g} ms.")


def shown(delays: Any, of_all: np.ndarray) -> str:
    """Return delays as text: an initializer, those of single synapses, or that of all, ms."""
    if callable(delays):
        return display.shown(delays)
    is_one = delays is None or not np.ndim(delays.magnitude)
    return units.show_range(of_all if is_one else units.as_magnitude(delays, "ms", "delay"), "ms")
