"""Units: pint outside, floats in one coherent set of kernel units inside.

Any pint unit can be imported by name (``from simcore.units import mV, ms, pA``). ``from simcore.units import *``
imports the common ones, listed below.

Inside a compiled step everything is a float in the kernel units: ms, mV, pA, and from them nS, Gohm, pF,
kHz, fC; um, amol (so mM) and K. The set is coherent, so that products need no factor: pA Gohm = mV.
"""

from typing import Any

from .dimensions import BASE as BASE
from .dimensions import NAMED as NAMED
from .dimensions import NUMBER as NUMBER
from .dimensions import Dimension as Dimension
from .dimensions import dimension as dimension
from .dimensions import is_unit as is_unit
from .dimensions import kernel_factor as kernel_factor
from .dimensions import kernel_unit as kernel_unit
from .dimensions import unit as unit
from .errors import DimensionalityError
from .numbers import number, quantity
from .values import OneQuantity as OneQuantity
from .values import Quantities as Quantities
from .values import QuantityLike as QuantityLike
from .values import RangeLike as RangeLike
from .values import ValueLike as ValueLike
from .values import as_magnitude as as_magnitude
from .values import attach as attach
from .values import bare as bare
from .values import from_kernel as from_kernel
from .values import held as held
from .values import held_array as held_array
from .values import quantity_in as quantity_in
from .values import read as read
from .values import show as show
from .values import show_range as show_range
from .values import to_kernel as to_kernel
from .values import unit_of as unit_of

# What `import *` brings: a name of one letter would hide a variable.
__all__ = ["DimensionalityError", "number", "quantity"]
__all__ += ["Hz", "MHz", "dimensionless", "hour", "kHz", "minute", "ms", "ns", "second", "us"]
__all__ += ["ampere", "coulomb", "fA", "fC", "mA", "mV", "nA", "nC", "nV", "pA", "pC", "uA", "uV", "volt"]
__all__ += ["GOhm", "Gohm", "MOhm", "Mohm", "kOhm", "kohm", "mS", "nS", "ohm", "pS", "siemens", "uS"]
__all__ += ["cm", "degC", "farad", "kelvin", "meter", "mm", "nF", "nm", "pF", "uF", "um"]
__all__ += ["gram", "joule", "kg", "mM", "mg", "mmol", "mol", "molar", "nM", "nmol", "pJ", "uM", "ug", "umol"]


def __getattr__(name: str) -> Any:
    if not name.startswith("_"):
        try:
            return unit(name)
        except AttributeError:  # no unit, by pint's error
            pass
    raise AttributeError(f"module 'simcore.units' has no unit or function {name!r}")
