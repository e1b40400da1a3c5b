"""`number` and `quantity`: the explicit step between a quantity and its pure number inside an equation."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import pint

from .dimensions import NUMBER, dimension, kernel_factor
from .markers import mark
from .values import as_magnitude


def number(x: Any, text: str) -> Any:
    """Return the pure number of `x` in the unit `text`, for equations with fitted constants.

    ``units.number(V, "mV")`` is V / (1 mV). Inside a step the equation check sees that x has that dimension;
    the compiled code keeps at most the factor to the kernel unit. Outside, x is a quantity.
    """
    factor = kernel_factor(text)
    if isinstance(x, pint.Quantity):
        return as_magnitude(x, text, "units.number: its argument")
    x = mark(jnp.asarray(x), check=dimension(text), times=tuple(-p for p in dimension(text)))
    return x if factor == 1.0 else x / factor


def quantity(x: Any, text: str) -> Any:
    """Return the pure number `x` as a quantity in the unit `text`, inside a step: the inverse of `number`."""
    factor = kernel_factor(text)
    x = jnp.asarray(x) if factor == 1.0 else jnp.asarray(x) * factor
    return mark(x, check=NUMBER, times=dimension(text))
