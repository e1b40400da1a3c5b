"""Units: pint outside, floats in one coherent set of kernel units inside.

Any pint unit can be imported by name (``from simcore.units import mV, ms, pA``).

Inside a compiled step everything is a float in the kernel units: ms, mV, pA, and from them nS, Gohm, pF,
kHz, fC; um, amol (so mM) and K. The set is coherent, so that products need no factor: pA Gohm = mV.
"""

from typing import Any

from .dimensions import BASE, NAMED, NUMBER, Dimension, dimension, kernel_factor, kernel_unit, unit
from .errors import DimensionalityError
from .numbers import number, quantity
from .values import (
    as_magnitude,
    attach,
    bare,
    from_kernel,
    held,
    quantity_in,
    read,
    show,
    show_range,
    to_kernel,
    unit_of,
)

__all__ = [
    "BASE",
    "NAMED",
    "NUMBER",
    "Dimension",
    "DimensionalityError",
    "as_magnitude",
    "attach",
    "bare",
    "dimension",
    "from_kernel",
    "held",
    "kernel_factor",
    "kernel_unit",
    "number",
    "quantity",
    "quantity_in",
    "read",
    "show",
    "show_range",
    "to_kernel",
    "unit",
    "unit_of",
]


def __getattr__(name: str) -> Any:
    if not name.startswith("_"):
        try:
            return unit(name)
        except AttributeError:  # no unit, by pint's error
            pass
    raise AttributeError(f"module 'simcore.units' has no unit or function {name!r}")
