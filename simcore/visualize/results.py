"""Results of sweeps as pictures see them: places along axes, names of lines."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import units
from .axes import read, with_unit


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
    places, _, unit = read(value)
    label = with_unit(dim, unit)
    steps = np.diff(places.astype(float))
    if (steps > 0).all() or (steps < 0).all():
        return places, label, None, unit
    return np.arange(len(places)), label, [f"{v:g}" for v in places], unit  # seeds 3, 1, 3: one place each


def as_lines(labelled: Any) -> tuple[Any, Any, list[str], list[str] | None, str, str]:
    """Return what is along the last axis, the values (n, lines), names of lines and places, labels of both axes."""
    part = squeezed(labelled, 2, "line_plot")
    places, label, texts, unit = coordinate(part, part.dims[-1])
    names: list[str] = []
    if len(part.dims) == 2:
        line_values, _, line_texts, line_unit = coordinate(part, part.dims[0])
        short = "" if line_unit is None else f"{line_unit:~P}"
        names = [f"{part.dims[0]} = {v} {short}".rstrip() for v in line_texts or [f"{v:g}" for v in line_values]]
    along = places if unit is None or texts else units.attach(places, f"{unit}")
    return along, part.values.T, names, texts, label, with_unit(part.name, part.units)
