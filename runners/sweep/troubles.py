"""Troubles: points of a sweep that failed, or needed more room than they had. They cost the others nothing."""

from __future__ import annotations

import numpy as np

from simcore.module.warning import warn

from ..measure import Measure
from .axes import Axes
from .batches import FAULT, ROOM

States = list[tuple[np.ndarray, tuple[str, ...]]]  # of each program: its points, and the names of its states
MOST = 5  # points that a warning names


def settled(
    axes: Axes, measures: dict[str, Measure], rows: dict[str, np.ndarray], states: States, told: dict[int, str]
) -> dict[str, np.ndarray]:
    """Return the measures of all points, nan where a point failed; warn of these, and of where room was missing.

    Args:
        axes: of the sweep.
        measures: by name.
        rows: what `Batches` knows of all points, by name.
        states: the names of the states of all points.
        told: by point, what fails there and when.
    """
    failed = rows[FAULT] > 0
    if failed.any():
        _tell_of_faults(axes, rows[FAULT], states, told)
    for name, measure in measures.items():
        if ROOM + name in rows:
            _tell_of_room(axes, f"{name!r}, {measure.who}", np.where(failed, 0, rows[ROOM + name]))
    return {name: _without(rows[name], failed) for name in measures}


def _without(values: np.ndarray, failed: np.ndarray) -> np.ndarray:
    """Return the values of all points with nan for those that failed: counts become floats then."""
    if not failed.any():
        return values
    values = values.astype(np.result_type(values, np.float32))
    values[failed] = np.nan
    return values


def _tell_of_faults(axes: Axes, faults: np.ndarray, states: States, told: dict[int, str]) -> None:
    points = np.flatnonzero(faults).tolist()
    names = {int(p): repr(of[faults[p] - 1]) for index, of in states for p in index[faults[index] > 0]}
    first = min((p for p, text in told.items() if text), default=points[0])
    why = told.get(first) or f"the state {names[first]} failed."
    others = [f"{axes.point(p)} ({names[p]})" for p in points if p != first]
    more = f" and {len(others) - MOST} more" if len(others) > MOST else ""
    also = f" Also at {'; '.join(others[:MOST])}{more}." if others else ""
    warn(f"Sweep: {len(points)} of {axes.design.n_points} points failed and are nan in all measures. "
         f"At {axes.point(first)}: {why}{also}", RuntimeWarning)  # fmt: skip


def _tell_of_room(axes: Axes, who: str, needed: np.ndarray) -> None:
    points = np.flatnonzero(needed)
    if points.size:
        texts = [f"{needed[p]} at {axes.point(p)}" for p in points[np.argsort(-needed[points])][:MOST].tolist()]
        more = f", and {len(points) - MOST} points more" if len(points) > MOST else ""
        warn(f"Sweep: {who}: at {len(points)} of {len(needed)} points there is more than it has room for, and the "
             f"first part stays: {', '.join(texts)}{more}. Take room={needed.max()}.", RuntimeWarning)  # fmt: skip
