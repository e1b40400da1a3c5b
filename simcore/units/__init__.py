"""Units: pint outside, floats in one coherent set of kernel units inside.

Any pint unit can be imported by name (``from simcore.units import mV, ms, pA``).

Inside a compiled step everything is a float in the kernel units: ms, mV, pA, and from them nS, Gohm, pF,
kHz, fC; um, amol (so mM) and K. The set is coherent, so that products need no factor: pA Gohm = mV.
"""

from __future__ import annotations

import functools
import itertools
import re
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

    def __reduce__(self) -> tuple[Any, ...]:
        return DimensionalityError, (self.message, self.units1, self.units2)


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


# How a power reads, the best first: mV/ms before mV**2, and that before the root.
_POWERS = tuple(map(Fraction, (1, -1, 2, -2, 0.5, -0.5, 3, -3)))
Factor = tuple[str, Fraction]


@functools.cache
def _powers() -> dict[tuple[float, ...], tuple[int, Factor]]:
    """Return the powers of the kernel units by dimension (floats, for speed), each with its cost in reading."""
    table: dict[tuple[float, ...], tuple[int, Factor]] = {}
    names = [name for name in (*NAMED, "ng", "cd") if name not in ("dimensionless", "kHz")]
    for (cost, p), name in itertools.product(enumerate(_POWERS), names):
        # Time is expected in a product: 1/mV/ms rather than nS/fC.
        entry = (cost - 3 * (name == "ms"), (name, p))
        table.setdefault(tuple(float(p * x) for x in dimension(name)), entry)
    return table


def _as_product(dim: tuple[float, ...], most: int) -> tuple[int, list[Factor]] | None:
    """Return the powers of at most `most` kernel units that make `dim` and read best, with their cost."""
    if dim in _powers():
        cost, factor = _powers()[dim]
        return cost, [factor]
    found = []
    for d, (cost, factor) in _powers().items() if most > 1 else ():
        rest = _as_product(tuple(x - y for x, y in zip(dim, d, strict=True)), most - 1)
        if rest and factor[0] not in [name for name, _ in rest[1]]:
            found.append((cost + rest[0], [factor, *rest[1]]))
    return min(found, key=lambda f: f[0], default=None)


@functools.cache
def kernel_unit(dim: Dimension) -> str:
    """Return the kernel unit of a dimension as a scientist writes it: "mV", "mV/ms", "pA*ms**0.5"."""
    if dim in _named():
        return _named()[dim]
    floats = tuple(map(float, dim))
    product = _as_product(floats, 2) or _as_product(floats, 3)
    factors = product[1] if product else [(name, p) for name, p in zip(BASE.values(), dim, strict=True) if p]

    def one(name: str, p: Fraction) -> str:
        exponent = str(p) if p.denominator == 1 else str(float(p))
        return name if p == 1 else f"{name}**{exponent}"

    factors = sorted(factors, key=lambda f: f[0] == "ms")
    over = "*".join(one(name, p) for name, p in factors if p > 0) or "1"
    return over + "".join("/" + one(name, -p) for name, p in factors if p < 0)


@functools.cache
def kernel_factor(text: str) -> float:
    """Return how many kernel units one unit `text` is.

    Raises:
        ValueError: the unit has an offset or is logarithmic (degC, dB), so that no factor converts it.
    """
    one, two = (float(attach(x, text).m_as(kernel_unit(dimension(text)))) for x in (1.0, 2.0))
    if abs(two - 2 * one) > 1e-9 * abs(one):
        needed = kernel_unit(dimension(text))
        raise ValueError(f"{text} is no multiple of {needed}, in which simcore computes; write the value in {needed}.")
    # pint's rounding would make 1 nS mV / ms 1.0000000000000002 pA / ms.
    short = float(f"{one:.12g}")
    return short if abs(short - one) < 1e-13 * abs(one) else one


def unit_of(value: pint.Quantity) -> str:
    """Return the unit of a quantity as text, "mA"; K for one with an offset (36 degC are 309.15 K)."""
    if _offset(value.units) and dimension(value) == dimension("K"):
        return "K"
    long, short = f"{value.units}", f"{value.units:~C}"
    return short if short and f"{unit(short)}" == long else long


def show(value: Any) -> str:
    """Return a value as it stands in an error message: "10 mV", "the bare number 10.0"."""
    if isinstance(value, pint.Quantity):
        return f"an array in {value.units:~P}" if np.size(value.magnitude) > 3 else f"{value:~P}"
    if isinstance(value, pint.Unit):
        return f"the unit {value:~P}"
    if np.size(value) > 3:
        return "an array of bare numbers"
    if isinstance(value, np.ndarray | np.generic) and np.ndim(value) == 0:
        value = value.item()
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"the bare number {value!r}" if is_number else f"{value!r}"


def show_range(values: np.ndarray, text: str) -> str:
    """Return "6 nS", or "5.1 to 7.3 nS" for several values, for a summary."""
    if not np.size(values):
        return "none"
    low, high = float(np.min(values)), float(np.max(values))
    shown = f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"
    return shown if text == "dimensionless" else f"{shown} {unit(text):~P}"


def _cure(value: Any, text: str) -> str:
    """Return how to write what was meant by a bare unit or number, where that can be told."""
    if isinstance(value, pint.Unit):
        return f"; write 1 * {value:~P}" if dimension(value) == dimension(text) else ""
    if np.asarray(value).dtype.kind not in "iuf":
        return ""
    what = "the array" if np.size(value) > 3 else show(value).removeprefix("the bare number ")
    return f"; write {what} * {text}"


def _offset(units: Any) -> bool:
    return any(name in ("degree_Celsius", "degree_Fahrenheit", "degree_Reaumur") for name in dict(units._units))


def _delta(units: Any) -> bool:
    return any(name.startswith("delta_") for name in dict(units._units))


def _first_quantity(value: Any) -> Any:
    """Return the first quantity or text in a list of such, of lists of such ...; None in all else."""
    if isinstance(value, list | tuple):
        return next((q for v in value if (q := _first_quantity(v)) is not None), None)
    return value if isinstance(value, pint.Quantity | str) else None


# A number and the unit behind it, if any.
_TEXT = re.compile(r"\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*((?:1?\s*/|[^\d\s+\-*/.(]).*)?")


def read(value: Any, who: str, text: str = "") -> Any:
    """Return `value`; the quantity it stands for, if it is text ("10 ms") or a list of quantities.

    Raises:
        ValueError: text that is no quantity; the message asks for one in `text`.
    """
    if isinstance(value, str):
        try:
            magnitude, written = _TEXT.fullmatch(value).groups()  # type: ignore[union-attr]
            written = f"1{written}" if (written or "").startswith("/") else written or ""  # "0.01/ms"
            return pint.get_application_registry().Quantity(float(magnitude), written)
        except Exception as err:
            needs = f"{who} needs a quantity" + (f" in {text}" if text else "")
            raise ValueError(f"{needs}; {value!r} cannot be read as one.") from err
    first = _first_quantity(value) if isinstance(value, list | tuple) else None
    if first is None:
        return value
    text = unit_of(read(first, who, text))
    return attach(as_magnitude(value, text, who), text)


def _refuse_wrong_kind_of_temperature(value: pint.Quantity, text: str, who: str) -> None:
    if _delta(unit(text)) and _offset(value.units):
        cure = f"write {value.magnitude} * {text}"
        raise DimensionalityError(f"{who} is a temperature difference, got {show(value)}; {cure}.", value.units, text)
    if _delta(value.units) and not _delta(unit(text)):
        cure = f"write Quantity({value.magnitude}, 'degC')"
        raise DimensionalityError(f"{who} is an absolute temperature, got {show(value)}; {cure}.", value.units, text)


def as_magnitude(value: Any, text: str, who: str, *, finite: bool = True) -> np.ndarray:
    """Return the magnitude of `value` in the unit `text` as float64 (or the integers it holds).

    `who` opens the error message, e.g. "LIF: 'tau'". Numbers are taken only where the unit is dimensionless.

    Raises:
        DimensionalityError: the dimension differs, or a bare number came where a unit is needed.
        ValueError: text that is no quantity; NaN or inf, if it must be finite.
        TypeError: no real numbers.
    """
    needs = f"{who} needs a quantity in {text}"
    if isinstance(value, list | tuple) and _first_quantity(value) is not None:
        rows = [as_magnitude(v, text, who, finite=finite) for v in value]
        if len({np.shape(row) for row in rows}) > 1:
            raise ValueError(f"{who} needs quantities of one shape in its list.")
        return np.array(rows)
    value = read(value, who, text)
    if isinstance(value, pint.Quantity):
        if dimension(value) != dimension(text):
            raise DimensionalityError(f"{needs}, got {show(value)}.", value.units, text)
        if dimension(text) == dimension("K"):
            _refuse_wrong_kind_of_temperature(value, text, who)
        magnitude = np.asarray(value.m_as(text))
    else:
        if isinstance(value, pint.Unit) or dimension(text) != NUMBER:
            raise DimensionalityError(f"{needs}, got {show(value)}{_cure(value, text)}.", needed=text)
        magnitude = np.asarray(value)
    if magnitude.dtype.kind not in "fiub":
        raise TypeError(f"{who} needs real numbers in {text}, got {show(value)}.")
    if finite and not np.isfinite(magnitude).all():
        raise ValueError(f"{who} must be finite, got {show(value)}.")
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
    factor = kernel_factor(text)
    if isinstance(x, pint.Quantity):
        return as_magnitude(x, text, "units.number: its argument")
    x = markers.mark(jnp.asarray(x), check=dimension(text), times=tuple(-p for p in dimension(text)))
    return x if factor == 1.0 else x / factor


def quantity(x: Any, text: str) -> Any:
    """Return the pure number `x` as a quantity in the unit `text`, inside a step: the inverse of `number`."""
    factor = kernel_factor(text)
    x = jnp.asarray(x) if factor == 1.0 else jnp.asarray(x) * factor
    return markers.mark(x, check=NUMBER, times=dimension(text))


def quantity_in(value: Any, text: str, who: str) -> pint.Quantity:
    """Return `value` as a quantity in the unit `text` after the check of `as_magnitude`."""
    return attach(as_magnitude(value, text, who), text)
