"""Dimensions, and the kernel unit of each: one coherent set, so that products need no factor (pA Gohm = mV)."""

from __future__ import annotations

import functools
import itertools
import re
from fractions import Fraction
from typing import Any

import pint

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
NUMBER: Dimension = tuple(Fraction(0) for _ in BASE)
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


# How a unit is written: names, each with a small power at most. pint would compute 9**9**9 until the memory ends.
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_NAME = rf"(?:[^\W\d{_RAISED}]|[°%‰])[^\W{_RAISED}]*+"
_EXPONENT = r"(?:[-+]?\d{1,2}(?:\.\d+)?|\(\d{1,2}/\d{1,2}\))"
_POWER = rf"(?:(?:\*\*|\^)\s*{_EXPONENT}|⁻?[{_RAISED}]{{1,2}}(?:[⋅.][{_RAISED}]+)?)"
_ONE_POWER = rf"{_POWER}(?!\s*(?:\*\*|[\^\d.⁻{_RAISED}]))"
_WRITTEN = re.compile(rf"(?:{_NAME}|{_ONE_POWER}|1(?![\d.])|\*(?!\*)|[()/·⋅\s])*")
_LONGEST = 200


def unit(text: str) -> pint.Unit:
    """Return the unit written as `text`, e.g. "mV/ms**0.5".

    Raises:
        ValueError: it is more than names with small powers.
    """
    return _unit(pint.get_application_registry(), text)


@functools.cache
def _unit(registry: Any, text: str) -> pint.Unit:
    if len(text) > _LONGEST or not _WRITTEN.fullmatch(text):
        raise ValueError(f"{text[:_LONGEST]!r} is no unit; write names with small powers, such as mV/ms**0.5.")
    return _with_Ohm(registry).Unit(text)  # parsing costs 50 us


@functools.cache
def _with_Ohm(registry: Any) -> Any:
    """Return a registry that knows kOhm and MOhm, as many write them."""
    if "Ohm" not in registry:
        registry.define("@alias ohm = Ohm")
    return registry


def is_unit(text: Any) -> bool:
    """Return whether a text, e.g. of a file, is a unit."""
    try:
        return isinstance(text, str) and bool(dimension(text))
    except Exception:  # pint raises a dozen kinds
        return False


@functools.lru_cache(maxsize=1024)
def _dimension_of(dimensionality: Any) -> Dimension:
    powers = dict(dimensionality)
    dimension = tuple(Fraction(powers.pop(base, 0)).limit_denominator(1000) for base in BASE)
    if powers:
        raise ValueError(f"simcore has no kernel unit for the dimension {' '.join(powers)}")
    return dimension


@functools.cache
def _dimension_of_text(text: str) -> Dimension:
    return _dimension_of(unit(text).dimensionality)


def dimension(value: Any) -> Dimension:
    """Return the physical dimension of a unit (text or pint) or of a quantity of any registry."""
    return _dimension_of_text(value) if isinstance(value, str) else _dimension_of(value.dimensionality)


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
    products = []
    for d, (cost, factor) in _powers().items() if most > 1 else ():
        rest = _as_product(tuple(x - y for x, y in zip(dim, d, strict=True)), most - 1)
        if rest and factor[0] not in [name for name, _ in rest[1]]:
            products.append((cost + rest[0], [factor, *rest[1]]))
    return min(products, key=lambda p: p[0], default=None)


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
    needed, Quantity = kernel_unit(dimension(text)), pint.get_application_registry().Quantity
    one, two = (float(Quantity(x, unit(text)).m_as(needed)) for x in (1.0, 2.0))
    if abs(two - 2 * one) > 1e-9 * abs(one):
        raise ValueError(f"{text} is no multiple of {needed}, in which simcore computes; write the value in {needed}.")
    # pint's rounding would make 1 nS mV / ms 1.0000000000000002 pA / ms.
    short = float(f"{one:.12g}")
    return short if abs(short - one) < 1e-13 * abs(one) else one
