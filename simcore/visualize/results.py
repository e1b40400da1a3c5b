"""Results of sweeps as pictures see them: places along axes, names of lines."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import units
from .axes import with_unit

# The axis that is drawn to the right, where there is one; else the last.
TIME = "time"


def squeezed(labelled: Any, most: int, who: str) -> Any:
    """Return a result without its axes of one value.

    Raises:
        TypeError: it is no result of a sweep.
        ValueError: more axes are left than can be drawn.
    """
    if not hasattr(labelled, "isel"):
        also = ", or times and values" if who == "line_plot" else ""
        raise TypeError(f"{who} needs a result of a sweep, result['rate']{also}; got {type(labelled).__name__}.")
    part = labelled.isel({dim: 0 for dim, n in zip(labelled.dims, labelled.shape, strict=True) if n == 1})
    if not 1 <= len(part.dims) <= most:
        text = ", ".join(f"{d} ({n})" for d, n in zip(part.dims, part.shape, strict=True)) or "none"
        raise ValueError(f"{who} draws {most} axes at most, {part.name} has {text}; choose by sel() or isel(), or take "
                         "mean('neuron') and the like.")  # fmt: skip
    return part


def coordinate(labelled: Any, dim: str) -> tuple[np.ndarray, str, list[str] | None, Any]:
    """Return the places along an axis, its label, the texts of places that are not where a number is, and the unit."""
    coords = labelled.coords[dim]
    value = coords[dim] if dim in coords else np.arange(len(next(iter(coords.values()))))  # a joint axis: its points
    if isinstance(value, list):
        return np.arange(len(value)), dim, [str(v) for v in value], None
    places, unit = np.asarray(getattr(value, "magnitude", value)), getattr(value, "units", None)
    label = with_unit(dim, unit)
    steps = np.diff(places.astype(float))
    if (steps > 0).all() or (steps < 0).all():
        return places, label, None, unit
    return np.arange(len(places)), label, [f"{v:g}" for v in places], unit  # seeds 3, 1, 3: one place each


def as_lines(labelled: Any) -> tuple[Any, Any, list[str], list[str] | None, str, str]:
    """Return what is along an axis, the values (n, lines), names of lines and places, names of both axes."""
    part = squeezed(labelled, 2, "line_plot")
    dim = TIME if TIME in part.dims else part.dims[-1]
    values = part.values if part.dims[0] == dim else part.values.T
    places, label, texts, unit = coordinate(part, dim)
    names: list[str] = []
    for other in part.dims:
        if other != dim:
            line_values, _, line_texts, line_unit = coordinate(part, other)
            short = "" if line_unit is None else f"{line_unit:~P}"
            names = [f"{other} = {v} {short}".rstrip() for v in line_texts or [f"{v:g}" for v in line_values]]
    if unit is None or texts:
        return places, values, names, texts, label, part.name
    return units.attach(places, f"{unit}"), values, names, texts, dim, part.name
