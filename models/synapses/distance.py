"""Weights and delays of synapses by initializers: drawn, or functions of the distance between their neurons."""

from __future__ import annotations

from typing import Any

import numpy as np

from simcore import units
from simcore.bases.population import View
from simcore.init import OfDistance
from simcore.module.seeds import Drawn, Place, values

from ..connect.arguments import length
from ..connect.cells import separations


def distances(pre: View, post: View, pairs: tuple[Any, Any], box: Any, who: str) -> np.ndarray:
    """Return the distances (n,), um, of pairs of neurons, by their numbers in their populations.

    Args:
        pre: of the population that sends.
        post: of the one that receives.
        pairs: the numbers.
        box: the size of a box with periodic boundaries, None without one.
        who: for messages.

    Raises:
        ValueError: a population has no positions, or they are in different spaces.
    """
    x, y = pre.population.positions_um, post.population.positions_um
    if x is None or y is None:
        side = "pre" if x is None else "post"
        raise ValueError(f"{who} is a function of the distance; give positions= to the {side} population.")
    if x.shape[1] != y.shape[1]:
        raise ValueError(f"{who} needs positions in one space, got {x.shape[1]} and {y.shape[1]} coordinates.")
    x, y = x[pairs[0]], y[pairs[1]]
    if box is None:
        return separations(x, y, None)
    period = length(box, f"{who}: 'period'", ndim=1)
    return separations(np.mod(x, period), np.mod(y, period), period)


def at_distances(initializer: OfDistance, um: np.ndarray, unit: str, who: str) -> np.ndarray:
    """Return the values of a function of the distance, (n,), as floats in a unit.

    Raises:
        ValueError: there is not one for each distance.
    """
    magnitude = units.as_magnitude(initializer.of(um), unit, who)
    if magnitude.shape not in ((), um.shape):
        raise ValueError(f"{who}: the function of {um.size} distances returns the shape {magnitude.shape}.")
    return np.broadcast_to(magnitude, um.shape)


def drawn(initializer: Any, n: int, place: Place, use: str, who: str) -> Any:
    """Return n values that an initializer gives for a use at a place.

    Raises:
        TypeError: it is a function of something else than a shape.
    """
    if isinstance(initializer, Drawn):
        return values(initializer, (n,), place, use)
    try:
        return initializer((n,))
    except Exception as err:
        raise TypeError(
            f"{who}: {initializer!r}, called with a shape, {(n,)}, raises {type(err).__name__}: {err} If it is a "
            "function of the distance, give sc.init.OfDistance(function)."
        ) from err
