"""Constants of Brian2: numbers with its names of units, and the units in which a scientist reads them."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import pint

from simcore import units

_NAMES = {"volt": "V", "amp": "A", "ampere": "A", "siemens": "S", "farad": "F", "ohm": "ohm", "second": "s"}
_NAMES |= {"metre": "m", "meter": "m", "hertz": "Hz", "mol": "mol", "mole": "mol", "molar": "molar", "coulomb": "C"}
_NAMES |= {"joule": "J", "watt": "W", "newton": "N", "pascal": "Pa", "gram": "g", "gramme": "g", "kelvin": "K"}
_PREFIXES = ("", "f", "p", "n", "u", "m", "c", "k", "M", "G")
_POWERS = {"": "", "2": "**2", "3": "**3"}
# Short names that Brian2 knows: those of volt, amp, ... with these prefixes alone.
_SHORT = {"V": "um", "A": "pnum", "S": "num", "F": "pnum", "s": "um", "Hz": "kMm", "M": "num"}
UNITS = {f"{p}{name}{n}": f"{p}{text}{power}" for name, text in _NAMES.items() for p in _PREFIXES
         for n, power in _POWERS.items()}  # fmt: skip
UNITS |= {f"{p}{short}": f"{p}{'M' if short == 'M' else short}" for short, ps in _SHORT.items() for p in ps}
UNITS |= {f"{p}m{n}": f"{p}m{power}" for p in "num" + "c" for n, power in _POWERS.items()} | {"Hz": "Hz"}

# How a quantity reads: the first of its dimension, or the first in which the number is neither large nor small.
_READS = (
    ("dimensionless",),
    ("mV", "V", "uV"),
    ("pA", "nA", "uA", "mA", "A"),
    ("nS", "uS", "mS", "pS", "S"),
    ("ms", "s", "us"),
    ("pF", "nF", "uF"),
    ("Mohm", "Gohm", "kohm", "ohm"),
    ("Hz", "kHz", "1/ms", "1/s"),
    ("um", "mm", "cm"),
    ("um**2", "mm**2", "cm**2"),
    ("mS/cm**2", "uS/cm**2", "S/cm**2"),
    ("uF/cm**2",),
    ("uA/cm**2", "mA/cm**2"),
    ("mM", "uM", "nM"),
)

_OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.USub: operator.neg, ast.UAdd: operator.pos,
}  # fmt: skip


class NotConstant(Exception):
    """An expression has more in it than numbers, units and names with values."""


def evaluate(node: ast.expr, value_of: Callable[[str], Any]) -> Any:
    """Return the number or quantity that an expression of numbers, units of Brian2 and names is.

    Raises:
        DimensionalityError: it joins two dimensions.
        NotConstant: it has another function than sqrt, or a name that `value_of` raises it for.
    """
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.Name):
        return value_of(node.id)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = evaluate(node.left, value_of), evaluate(node.right, value_of)
        try:
            return _OPERATORS[type(node.op)](left, right)
        except pint.DimensionalityError as err:
            raise units.DimensionalityError(f"sc.brian2: {ast.unparse(node)!r} joins {units.show(left)} and "
                                            f"{units.show(right)}.") from err  # fmt: skip
    if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](evaluate(node.operand, value_of))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "sqrt":
        return evaluate(node.args[0], value_of) ** 0.5
    raise NotConstant


def unit_named(name: str) -> Any:
    """Return one of a unit of Brian2.

    Raises:
        NotConstant: it is none.
    """
    if name not in UNITS:
        raise NotConstant
    return units.attach(1.0, UNITS[name])


def reads(value: Any) -> tuple[float, str]:
    """Return a number or quantity as a number and the unit, in text, in which it reads best."""
    quantity = value if isinstance(value, pint.Quantity) else units.attach(float(value), "dimensionless")
    given = units.unit_of(quantity)
    choice = _choice(quantity)
    fitting = [text for text in choice if 0.1 <= abs(quantity.m_as(units.unit(text))) < 1000]
    if choice and given not in fitting and not (given in choice and "/" in given):
        given = (fitting or choice)[0]
    return float(f"{quantity.m_as(units.unit(given)):.12g}"), given


def unit_of_states(declared: Any) -> str:
    """Return the unit for a state whose declared unit is `declared`, one of Brian2's."""
    return next(iter(_choice(declared)), "") or units.kernel_unit(units.dimension(declared))


def _choice(value: Any) -> tuple[str, ...]:
    dimension = units.dimension(value) if isinstance(value, pint.Quantity) else units.NUMBER
    return next((texts for texts in _READS if units.dimension(texts[0]) == dimension), ())
