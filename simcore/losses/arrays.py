"""Arguments of losses: quantities, bare spikes and what is traced become arrays in one unit."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import pint

from .. import units
from ..units import DimensionalityError
from ..units.clock import time_step

Array = Any


def as_array(value: Any, text: str, who: str) -> Array:
    """Return a quantity as an array in the unit `text`; what it holds may be traced."""
    if isinstance(value, pint.Quantity) and isinstance(value.magnitude, jax.Array):
        if units.dimension(value) != units.dimension(text):
            raise DimensionalityError(f"{who} needs a quantity in {text}, got {units.show(value)}.", value.units, text)
        array = value.magnitude * float(units.as_magnitude(1.0 * value.units, text, who))
    elif isinstance(value, jax.Array):
        if units.dimension(text) != units.NUMBER:
            got = f"an array of bare numbers; write the array * {text}"
            raise DimensionalityError(f"{who} needs a quantity in {text}, got {got}.", needed=text)
        array = value
    else:
        array = jnp.asarray(units.as_magnitude(value, text, who))
    return array if jnp.issubdtype(array.dtype, jnp.floating) else array.astype(float)


def with_axes(array: Array, who: str, axes: int = 1) -> Array:
    """Return an array that has time and all further axes it needs."""
    if array.ndim < axes:
        needed = "(T, ...)" if axes == 1 else "(T, ..., N)"
        raise ValueError(f"{who} must have the shape {needed}, time first; got {array.shape}.")
    return array


def as_raster(spikes: Any, who: str, axes: int = 1) -> Array:
    """Return spikes as an array of floats, (T, ...)."""
    return with_axes(as_array(spikes, "dimensionless", who), who, axes)


def as_target(target: Any, text: str, shape: tuple[int, ...], who: str) -> Array:
    """Return a target in the unit `text` that belongs to an array of this shape."""
    return fitting(as_array(target, text, who), shape, who)


def fitting(array: Array, shape: tuple[int, ...], who: str) -> Array:
    """Return an array that belongs to one of this shape: (T,) beside (T, 1) would make (T, T)."""
    fits = array.ndim == len(shape) and all(n in (1, m) for n, m in zip(array.shape, shape, strict=True))
    if array.ndim and not fits:
        raise ValueError(f"{who} of the shape {array.shape} does not fit {shape}; it may be one value, or have the "
                         "same axes, of the same lengths or 1.")  # fmt: skip
    return array


def positive(value: Any, text: str, who: str) -> float:
    """Return one number > 0 in the unit `text`."""
    number = units.as_magnitude(value, text, who)
    if number.ndim or number <= 0:
        raise ValueError(f"{who} must be one quantity > 0, got {units.show(value)}.")
    return float(number)


def rates_of(spikes: Any, dt: Any, who: str) -> Array:
    """Return the rates over the whole raster in Hz, (...)."""
    return as_raster(spikes, f"{who}: 'spikes'").mean(0) * (1000 / time_step(dt, who))
