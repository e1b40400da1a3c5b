"""Units: pint outside, floats in one coherent set of kernel units inside.

Any pint unit can be imported by name (``from simcore.units import mV, ms, pA``).

Inside a compiled step everything is a float in the kernel units: ms, mV, pA, and from them nS, Gohm, pF,
kHz, fC; um, amol (so mM) and K. The set is coherent, so that products need no factor: pA Gohm = mV.
"""

from __future__ import annotations

import functools
import itertools
from fractions import Fraction
from typing import Any

import jax.numpy as jnp
import numpy as np
import pint

from . import markers

Dimension = tuple[Fraction, ...]

# The kernel's base unit of each of pint's base dimensions. ng is what ms, um, pA and mV leave for the mass.
BASE = {
    "[mass]": "ng",
    "[length]": "um",
    "[time]": "ms",
    "[current]": "pA",
    "[temperature]": "K",
    "[substance]": "amol",
    "[luminosity]": "cd",
}
# The kernel units that have a name of their own, with what they measure.
NAMED = {
    "dimensionless": "number",
    "mV": "voltage",
    "pA": "current",
    "nS": "conductance",
    "Gohm": "resistance",
    "pF": "capacitance",
    "kHz": "rate",
    "fC": "charge",
    "um": "length",
    "mM": "concentration",
    "amol": "substance",
    "K": "temperature",
    "aJ": "energy",
    "ms": "time",
}


class DimensionalityError(pint.DimensionalityError):
    """A value or an equation with the wrong physical dimension.

    Its text names who, which argument or line, what is needed, what came and the cure.
    """

    def __init__(self, message: str, got: Any = "dimensionless", needed: Any = "dimensionless") -> None:
        super().__init__(got, needed)
        self.message = message

    def __str__(self) -> str:
        return self.message


def __getattr__(name: str) -> pint.Unit:
    if not name.startswith("_"):
        try:
            return pint.get_application_registry().Unit(name)
        except pint.UndefinedUnitError:
            pass
    raise AttributeError(f"module 'simcore.units' has no unit or function {name!r}")


def unit(text: str) -> pint.Unit:
    """Return the unit written as `text`, e.g. "mV/ms**0.5"."""
    return _unit(pint.get_application_registry(), text)


@functools.cache
def _unit(registry: Any, text: str) -> pint.Unit:
    return registry.Unit(text)  # parsing costs 50 us


def _dimension_of(units: Any) -> Dimension:
    powers = dict(units.dimensionality)
    dimension = tuple(Fraction(powers.pop(base, 0)).limit_denominator(1000) for base in BASE)
    if powers:
        raise ValueError(f"simcore has no kernel unit for the dimension {' '.join(powers)}")
    return dimension


@functools.cache
def _dimension_of_text(text: str) -> Dimension:
    return _dimension_of(unit(text))


def dimension(value: Any) -> Dimension:
    """Return the physical dimension of a unit (text or pint) or of a quantity of any registry."""
    return _dimension_of_text(value) if isinstance(value, str) else _dimension_of(value)


NUMBER: Dimension = tuple(Fraction(0) for _ in BASE)


@functools.cache
def _named() -> dict[Dimension, str]:
    return {dimension(name): name for name in NAMED}


@functools.cache
def kernel_unit(dim: Dimension) -> str:
    """Return the kernel unit of a dimension as a scientist writes it: "mV", "mV/ms", "pA*ms**0.5"."""
    named = _named()
    if dim in named:
        return named[dim]
    parts = [(d, name) for d, name in named.items() if name not in ("dimensionless", "kHz", "amol", "aJ")]
    powers = [Fraction(p) for p in (1, -1, 2, -2)] + [Fraction(1, 2), Fraction(-1, 2), Fraction(3), Fraction(-3)]

    def power(d: Dimension, p: Fraction) -> Dimension:
        return tuple(p * x for x in d)

    def text(*factors: tuple[str, Fraction]) -> str:
        def one(name: str, p: Fraction) -> str:
            exponent = str(p) if p.denominator == 1 else str(float(p))
            return name if p == 1 else f"{name}**{exponent}"

        over = "*".join(one(name, p) for name, p in factors if p > 0) or "1"
        under = "".join("/" + one(name, -p) for name, p in factors if p < 0)
        return over + under

    for p, (d, name) in itertools.product(powers, parts):
        if power(d, p) == dim:
            return text((name, p))
    for p, q in itertools.product(powers, powers):
        for (d, a), (e, b) in itertools.permutations(parts, 2):
            if tuple(x + y for x, y in zip(power(d, p), power(e, q), strict=True)) == dim:
                return text((a, p), (b, q))
    return text(*((name, p) for name, p in zip(BASE.values(), dim, strict=True) if p))


@functools.cache
def kernel_factor(text: str) -> float:
    """Return how many kernel units one unit `text` is."""
    return float(pint.get_application_registry().Quantity(1.0, text).m_as(kernel_unit(dimension(text))))


def show(value: Any) -> str:
    """Return a value as it stands in an error message: "10 mV", "the bare number 10.0"."""
    if isinstance(value, pint.Quantity):
        if np.size(value.magnitude) > 3:
            return f"an array in {value.units:~P}"
        return f"{value:~P}".strip() or "0"
    if isinstance(value, pint.Unit):
        return f"the unit {value:~P}"
    if np.size(value) > 3:
        return "an array of bare numbers"
    return f"the bare number {value!r}" if isinstance(value, int | float | np.number) else f"{value!r}"


def _offset(units: Any) -> bool:
    return any(name in ("degree_Celsius", "degree_Fahrenheit", "degree_Reaumur") for name in dict(units._units))


def _delta(units: Any) -> bool:
    return any(name.startswith("delta_") for name in dict(units._units))


def _refuse_wrong_kind_of_temperature(value: pint.Quantity, text: str, who: str) -> None:
    if _delta(unit(text)) and _offset(value.units):
        cure = f"write {value.magnitude} * {unit(text)}"
        raise DimensionalityError(f"{who} is a temperature difference, got {show(value)}; {cure}.", value.units, text)
    if _delta(value.units) and not _delta(unit(text)):
        cure = f"write Quantity({value.magnitude}, 'degC')"
        raise DimensionalityError(f"{who} is an absolute temperature, got {show(value)}; {cure}.", value.units, text)


def as_magnitude(value: Any, text: str, who: str) -> np.ndarray:
    """Return the magnitude of `value` in the unit `text` as float64 (or the integers it holds).

    `who` opens the error message, e.g. "LIF: 'tau'". Numbers are taken only where the unit is dimensionless.

    Raises:
        DimensionalityError: the dimension differs, or a bare number came where a unit is needed.
        ValueError: text that is no quantity, NaN.
    """
    got = value
    if isinstance(value, str):
        try:
            value = pint.get_application_registry().Quantity(value)
        except Exception as err:
            raise ValueError(f"{who} needs a quantity in {text}; {got!r} cannot be read as one.") from err
    if isinstance(value, list | tuple) and any(isinstance(v, pint.Quantity) for v in value):
        return np.array([as_magnitude(v, text, who) for v in value])
    needed = dimension(text)
    if not isinstance(value, pint.Quantity):
        if isinstance(value, pint.Unit):
            cure = f"; write 1 * {value:~P}" if dimension(value) == needed else ""
            raise DimensionalityError(f"{who} needs a quantity in {text}, got {show(value)}{cure}.", value, text)
        if needed != NUMBER:
            what = repr(value) if np.size(value) <= 3 else "the array"
            cure = f"; write {what} * {text}"
            raise DimensionalityError(f"{who} needs a quantity in {text}, got {show(value)}{cure}.", needed=text)
        magnitude = np.asarray(value)
    else:
        if dimension(value) != needed:
            raise DimensionalityError(f"{who} needs a quantity in {text}, got {show(value)}.", value.units, text)
        if needed == dimension("K"):
            _refuse_wrong_kind_of_temperature(value, text, who)
        magnitude = np.asarray(value.m_as(text))
    if magnitude.dtype.kind not in "fiub":
        raise TypeError(f"{who} needs a quantity in {text}, got {got!r}.")
    if magnitude.dtype.kind == "f" and not np.isfinite(magnitude).all():
        raise ValueError(f"{who} must be finite, got {show(got)}.")
    return magnitude if magnitude.dtype.kind in "ib" else magnitude.astype(float)


def to_kernel(value: Any, text: str, who: str) -> np.ndarray:
    """Return `value`, a quantity in `text`, as an array in the kernel unit of its dimension."""
    magnitude, factor = as_magnitude(value, text, who), kernel_factor(text)
    return magnitude if factor == 1.0 else magnitude * factor


def from_kernel(array: Any, text: str) -> pint.Quantity:
    """Return an array in kernel units as a quantity in the unit `text` (numpy inside)."""
    factor = kernel_factor(text)
    array = np.asarray(array)
    return attach(array if factor == 1.0 else array / factor, text)


def attach(magnitude: Any, text: str) -> pint.Quantity:
    """Return a magnitude in the unit `text` as a quantity."""
    return pint.get_application_registry().Quantity(magnitude, unit(text))


def number(x: Any, text: str) -> Any:
    """Return the pure number of `x` in the unit `text`, for equations with fitted constants.

    ``units.number(V, "mV")`` is V / (1 mV). Inside a step the equation check sees that x has that dimension;
    the compiled code keeps at most the factor to the kernel unit. Outside, x is a quantity.
    """
    if isinstance(x, pint.Quantity):
        return as_magnitude(x, text, "units.number: its argument")
    x = markers.mark(jnp.asarray(x), check=dimension(text), times=tuple(-p for p in dimension(text)))
    factor = kernel_factor(text)
    return x if factor == 1.0 else x / factor


def quantity(x: Any, text: str) -> Any:
    """Return the pure number `x` as a quantity in the unit `text`, inside a step: the inverse of `number`."""
    factor = kernel_factor(text)
    x = jnp.asarray(x) if factor == 1.0 else jnp.asarray(x) * factor
    return markers.mark(x, check=NUMBER, times=dimension(text))


def quantity_in(value: Any, text: str, who: str) -> pint.Quantity:
    """Return `value` as a quantity in the unit `text` after the check of `as_magnitude`."""
    return attach(as_magnitude(value, text, who), text)
