"""The equation check: dimensions propagated through the jaxpr of one step, before anything is compiled.

Each primitive has a rule in `RULES` that takes the dimensions of its operands to those of its results: those of JAX
are in `rules.py` and `control.py`, those of simcore's own primitives where these are defined. A rule raises `Clash`;
`walk` puts it at the user's file and line.

`ANY` is the dimension of a literal 0, inf or nan, which fits everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import jax
import numpy as np

from ..units import NUMBER, DimensionalityError, kernel_unit
from . import lines

ANY = None
# A Dimension, ANY, or the Clash that the use of a value raises which has no single dimension (a packed LU).
Dim = Any
Rule = Callable[[Any, list[Any]], Sequence[Any]]
RULES: dict[str, Rule] = {}
# The rules that look at all operands themselves, also at those without a single dimension.
LAZY: set[str] = set()
# Functions of JAX in which constants guard a division or stand for infinity: there they have the dimension that fits.
GUARDED = {"interp", "nan_to_num", "pinv", "lstsq", "hypot", "det_2x2", "det_3x3"}
# Those that hand on an argument where it is nan, which has the dimension that fits.
HANDS_ON_NAN = {"heaviside"}

# JAX writes a >= b as b <= a now and then: an inequality has no sign here.
SYMBOLS = {
    "add": "'+' joins", "add_any": "'+' joins", "sub": "'-' joins", "max": "maximum() compares",
    "min": "minimum() compares", "rem": "'%' joins", "clamp": "clip() compares", "eq": "'==' compares",
    "ne": "'!=' compares", "lt": "an inequality compares", "le": "an inequality compares",
    "gt": "an inequality compares", "ge": "an inequality compares", "lt_to": "an inequality compares",
    "le_to": "an inequality compares", "eq_to": "'==' compares",
    "select_n": "where() chooses between", "concatenate": "concatenate() joins", "pad": "pad() joins",
    "dynamic_update_slice": "at[].set() joins", "scatter": "at[].set() joins", "scatter-add": "at[].add() joins",
    "scatter-sub": "at[].subtract() joins", "stack": "stack() joins", "atan2": "arctan2() compares",
}  # fmt: skip


class Clash(DimensionalityError):
    """A clash of dimensions, raised by a rule; `walk` puts it at the user's line."""

    line: str | None = None

    def __init__(self, text: str, got: Dim = NUMBER, needed: Dim = NUMBER) -> None:
        super().__init__(text, kernel_unit(got or NUMBER), kernel_unit(needed or NUMBER))

    def __str__(self) -> str:
        return f"{self.line or lines.NOWHERE}: {self.message}"

    def error(self) -> DimensionalityError:
        """Return it as users see it."""
        return DimensionalityError(str(self), self.units1, self.units2)


def show(dim: Dim) -> str:
    """Return a dimension as its kernel unit, "a pure number" where it has none."""
    return "a pure number" if dim in (NUMBER, ANY) else kernel_unit(dim)


def unify(eqn: Any, dims: Sequence[Dim]) -> Dim:
    """Return the one dimension of `dims`, or raise where two of them clash."""
    known = [d for d in dims if d is not ANY]
    for d in known[1:]:
        if d != known[0]:
            name = eqn.primitive.name
            joins = SYMBOLS.get(name, f"{name}() joins")
            raise Clash(f"{joins} {show(known[0])} and {show(d)}.", d, known[0])
    return known[0] if known else ANY


def pure(eqn: Any, dims: Sequence[Dim], name: str = "") -> None:
    """Raise where an operand is not a pure number."""
    for d in dims:
        if d not in (NUMBER, ANY):
            raise Clash(f"{name or eqn.primitive.name + '()'} needs a pure number, got {show(d)}.", d)


def times(a: Dim, b: Dim, power: int = 1) -> Dim:
    """Return the dimension of a * b**power."""
    if a is ANY or b is ANY:
        return ANY
    return tuple(x + power * y if y else x for x, y in zip(a, b, strict=True))  # sums of Fractions are slow


def raised(a: Dim, power: Any) -> Dim:
    """Return the dimension of a**power."""
    power = Fraction(power).limit_denominator(1000)
    return a if a is ANY else tuple(power * x for x in a)


def numbers(eqn: Any, dims: list[Dim]) -> list[Dim]:
    """The rule of a function of pure numbers, with pure numbers as results."""
    pure(eqn, dims)
    return [NUMBER] * len(eqn.outvars)


def rule(names: str, *, lazy: bool = False) -> Callable[[Rule], Rule]:
    """Make a function (equation, dimensions of its operands) -> dimensions of its results the rule of primitives.

    Args:
        names: of primitives, separated by blanks.
        lazy: operands may be `Clash`es, of values without a single dimension.
    """

    def register(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(names.split(), function))
        LAZY.update(names.split() if lazy else ())
        return function

    return register


def is_literal(v: Any) -> bool:
    """Return whether an argument of an equation is a constant written into the jaxpr, not a variable."""
    return hasattr(v, "val")


def literal(value: Any) -> Dim:
    """Return the dimension of a constant: 0, inf and nan fit all, every other value is a pure number."""
    if not isinstance(value, np.ndarray | np.generic | int | float | complex | bool | jax.Array):
        return NUMBER
    if isinstance(value, jax.Array) and not jax.numpy.issubdtype(value.dtype, np.number):
        return NUMBER  # keys, bools
    array = np.asarray(value)
    fits_all = array.size and array.dtype.kind in "fiu" and np.all((array == 0) | ~np.isfinite(array))
    return ANY if fits_all else NUMBER


def walk(closed: Any, dims: Sequence[Dim]) -> list[Dim]:
    """Return the dimensions of the results of a jaxpr whose arguments have the dimensions `dims`.

    Raises:
        Clash: at the user's innermost line.
    """
    jaxpr = closed.jaxpr if hasattr(closed, "jaxpr") else closed
    consts = closed.consts if hasattr(closed, "consts") else ()
    env: dict[Any, Dim] = dict(zip(jaxpr.constvars, map(literal, consts), strict=True))
    env.update(zip(jaxpr.invars, dims, strict=True))
    made_by: dict[Any, Any] = {}

    def read(v: Any) -> Dim:
        return literal(v.val) if is_literal(v) else env[v]

    for eqn in jaxpr.eqns:
        try:
            outs = _results(eqn, [read(v) for v in eqn.invars], made_by)
        except Clash as clash:
            clash.line = clash.line or _line(eqn, made_by)  # else an equation of a library: its caller's is next
            raise
        for v, out in zip(eqn.outvars, outs, strict=True):
            env[v] = out
            made_by[v] = eqn
    return [read(v) for v in jaxpr.outvars]


def _results(eqn: Any, dims: list[Dim], made_by: dict[Any, Any]) -> Sequence[Dim]:
    try:
        return _apply(eqn, dims)
    except Clash:
        guards = _guards(eqn, made_by)
        if not any(guards):
            raise
        return _apply(eqn, [ANY if guard else d for guard, d in zip(guards, dims, strict=True)])


def _apply(eqn: Any, dims: list[Dim]) -> Sequence[Dim]:
    name = eqn.primitive.name
    function = RULES.get(name)
    if function is None:
        raise Clash(f"the equation check has no rule for the operation '{name}'.")
    if name not in LAZY:
        for d in dims:
            if isinstance(d, Clash):
                raise d
    return function(eqn, dims)


def _guards(eqn: Any, made_by: dict[Any, Any]) -> list[bool]:
    """Return which operands of an equation of JAX's library only keep it from dividing by 0 or from losing a nan."""
    functions = set(lines.functions_of_jax(eqn))
    constant = [_is_constant(v, made_by) for v in eqn.invars]
    if functions & HANDS_ON_NAN and eqn.primitive.name == "select_n":
        return [False, False, not constant[2]]
    return constant if functions & GUARDED else []


def _is_constant(v: Any, made_by: dict[Any, Any]) -> bool:
    """Return whether an operand is a constant, or one in the shape or type of an array."""
    while not is_literal(v):
        eqn = made_by.get(v)
        if eqn is None or eqn.primitive.name not in ("broadcast_in_dim", "convert_element_type"):
            return False
        v = eqn.invars[0]
    return True


def _line(eqn: Any, made_by: dict[Any, Any]) -> str | None:
    """Return the user's line of an equation; of a value handed over to a marker, the line that made it."""
    within = eqn.params.get("within")
    if within and not is_literal(eqn.invars[0]) and eqn.invars[0] in made_by:
        return lines.of_equation(made_by[eqn.invars[0]], within) or lines.of_equation(eqn)
    return lines.of_equation(eqn)
