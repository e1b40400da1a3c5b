"""The lines of Brian2's equations: differential equations, subexpressions, parameters."""

from __future__ import annotations

import ast
import dataclasses
import re
from typing import Any

from simcore.module.parameters import did_you_mean

from .constants import UNITS, NotConstant, evaluate, unit_named

_LINE = re.compile(
    r"(?:d(?P<state>\w+)/dt\s*=|(?P<name>\w+)\s*=|(?P<parameter>\w+)\s*(?=:))(?P<text>[^:]*):(?P<unit>.*)"
)
_FLAGS = re.compile(r"(?P<unit>.*[\w)])\s*\((?P<flags>[a-z ,-]+)\)\s*")
_PARTS = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Call, ast.Name, ast.Constant, ast.operator, ast.unaryop,
          ast.boolop, ast.cmpop, ast.expr_context)  # fmt: skip
# What a line may say in brackets, by what it defines; of others, why not.
STATE, SUBEXPRESSION, PARAMETER = "state", "subexpression", "parameter"
_KNOWN = {STATE: ("unless refractory",), SUBEXPRESSION: ("shared",), PARAMETER: ("constant", "shared")}
_REFUSED = {
    "event-driven": "it belongs to synapses; a receptor of sc.models, or a rule of plasticity, decays by itself",
    "summed": "it belongs to synapses; what they sum up is a receptor of the neuron",
    "linked": "a neuron of simcore reads no other population's states; a Projection or RateProjection sends them",
    "constant over dt": "an equation is evaluated at each stage of the method; leave the flag out",
}


@dataclasses.dataclass(frozen=True)
class Equation:
    """One line of equations.

    Args:
        kind: STATE, SUBEXPRESSION or PARAMETER.
        name: what it defines.
        right: its right-hand side; None of a parameter.
        unit: one of its declared unit, a quantity; 1.0 of a pure number.
        flags: what stands in brackets behind the unit.
        comment: what stands behind #.
    """

    kind: str
    name: str
    right: ast.expr | None
    unit: Any
    flags: tuple[str, ...]
    comment: str


def parsed(text: str, what: str) -> ast.expr:
    """Return the expression that a text is; `what` says in the error where it stands.

    Raises:
        ValueError: it is none.
    """
    text = " ".join(text.split())
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError as err:
        raise ValueError(f"sc.brian2: {what} is no expression: {text!r}.") from err
    for part in ast.walk(node):
        if not isinstance(part, _PARTS):
            raise ValueError(f"sc.brian2: {what} has what Brian2's expressions have not: {ast.unparse(part)!r}.")
    return node


def read(text: str) -> dict[str, Equation]:
    """Return the equations that a text has, by the name of what they define.

    Raises:
        TypeError: it is no text.
        ValueError: a line is no equation, its unit is none, or a name comes twice.
        NotImplementedError: a line has a flag that simcore has nothing for.
    """
    if not isinstance(text, str):
        raise TypeError(f"sc.brian2: the equations are text, as Brian2 takes them, got {text!r}.")
    found: dict[str, Equation] = {}
    for line, comment in _statements(text):
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"sc.brian2: {line!r} is no equation; write 'dv/dt = ... : volt', 'x = ... : unit' or "
                             "'x : unit'.")  # fmt: skip
        equation = _equation(match, comment)
        if equation.name in found:
            raise ValueError(f"sc.brian2: {equation.name!r} is defined twice.")
        found[equation.name] = equation
    if not any(equation.kind == STATE for equation in found.values()):
        raise ValueError("sc.brian2: there is no differential equation, 'dv/dt = ... : volt', among the equations.")
    return found


def _statements(text: str) -> list[tuple[str, str]]:
    """Return each equation with its comment; one may go on over lines, up to the one with its unit."""
    statements, begun, comments = [], "", []
    for line in text.splitlines():
        code, _, comment = line.partition("#")
        begun = f"{begun} {code.strip().removesuffix(chr(92)).strip()}".strip()
        comments += [comment.strip()] if comment.strip() and begun else []
        if ":" in code:
            statements.append((begun, " ".join(comments)))
            begun, comments = "", []
    return [*statements, (begun, "")] if begun else statements


def _equation(match: re.Match[str], comment: str) -> Equation:
    kinds = ((STATE, "state"), (SUBEXPRESSION, "name"), (PARAMETER, "parameter"))
    kind, name = next((kind, match[group]) for kind, group in kinds if match[group])
    right = None if kind == PARAMETER else parsed(match["text"], f"the right-hand side of {name!r}")
    behind = match["unit"].strip()
    flagged = _FLAGS.fullmatch(behind)
    flags: tuple[str, ...] = ()
    if flagged is not None:
        behind, flags = flagged["unit"].strip(), tuple(flag.strip() for flag in flagged["flags"].split(","))
    for flag in flags:
        if flag in _REFUSED:
            raise NotImplementedError(f"sc.brian2: {name!r} is ({flag}): {_REFUSED[flag]}.")
        if flag not in _KNOWN[kind]:
            raise ValueError(f"sc.brian2: {name!r} has the flag ({flag}); a {kind} takes {', '.join(_KNOWN[kind])}.")
    return Equation(kind, name, right, _unit(behind, name), flags, comment)


def _unit(text: str, name: str) -> Any:
    """Return one of the declared unit of an equation."""
    if text == "integer":
        return 1.0
    if text == "boolean":
        raise NotImplementedError(f"sc.brian2: {name!r} is boolean; parameters and states of simcore are numbers.")
    node = parsed(text, f"the unit of {name!r}")
    for word in (n.id for n in ast.walk(node) if isinstance(n, ast.Name)):
        if word not in UNITS:
            raise ValueError(f"sc.brian2: {name!r} is declared in {text!r}, and {word!r} is no unit of Brian2"
                             f"{did_you_mean(word, list(UNITS))}")  # fmt: skip
    try:
        one = evaluate(node, unit_named)
    except NotConstant as err:
        raise ValueError(f"sc.brian2: {name!r} is declared in {text!r}, which is no unit.") from err
    return one
