"""Threshold, reset and refractory period of Brian2."""

from __future__ import annotations

import ast
import dataclasses
from typing import Any

from .equations import STATE, Equation, parsed
from .expressions import names_in


@dataclasses.dataclass(frozen=True)
class Statement:
    """One statement of a reset.

    Args:
        name: the variable that it changes.
        op: "=", or "+", "-", "*", "/" of +=, ...
        right: what it takes.
    """

    name: str
    op: str
    right: ast.expr


def threshold_of(text: Any, equations: dict[str, Equation]) -> tuple[str, ast.expr]:
    """Return the state that a threshold tests, and what it must exceed.

    Raises:
        TypeError: it is no text.
        NotImplementedError: it is no comparison of a state with something else.
    """
    if not isinstance(text, str):
        raise TypeError(f"sc.brian2: 'threshold' is text, such as 'v > -50*mV', got {text!r}.")
    node = parsed(text, "the threshold")
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        (op,), (right,), left = node.ops, node.comparators, node.left
        if isinstance(op, ast.Lt | ast.LtE):
            op, left, right = ast.Gt(), right, left
        is_state = isinstance(left, ast.Name) and left.id in equations and equations[left.id].kind == STATE
        if is_state and isinstance(op, ast.Gt | ast.GtE) and left.id not in names_in(right):  # type: ignore[attr-defined]
            return left.id, right  # type: ignore[attr-defined]
    hint = "a spike at random is an escape rate: sc.models.ExponentialRate" if "rand" in text else "write the class's "
    hint += "" if "rand" in text else "get_spike() by hand for another test"
    raise NotImplementedError(
        f"sc.brian2: the threshold {text!r} is not 'state > value', such as 'v > -50*mV'; {hint}."
    )


def reset_of(text: Any, changeable: dict[str, Equation]) -> list[Statement]:
    """Return the statements of a reset.

    Raises:
        TypeError: it is no text.
        ValueError: a statement changes what is no state or parameter.
        NotImplementedError: a line is no assignment.
    """
    if text is None:
        return []
    if not isinstance(text, str):
        raise TypeError(f"sc.brian2: 'reset' is text, such as 'v = -60*mV', got {text!r}.")
    operators = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
    try:
        lines = ast.parse("\n".join(line.strip() for line in text.splitlines())).body
    except SyntaxError as err:
        raise ValueError(f"sc.brian2: the reset {text!r} has a line that is no statement.") from err
    statements = []
    for line in lines:
        target: ast.expr | None = None
        if isinstance(line, ast.Assign) and len(line.targets) == 1:
            (target,), op = line.targets, "="
        elif isinstance(line, ast.AugAssign):
            target, op = line.target, operators.get(type(line.op), "")
        if not isinstance(target, ast.Name) or not op:
            raise NotImplementedError(f"sc.brian2: {ast.unparse(line)!r} in the reset is no assignment, '=', '+=', "
                                      "'-=', '*=' or '/=', to a name.")  # fmt: skip
        if target.id not in changeable or changeable[target.id].kind == "subexpression":
            raise ValueError(f"sc.brian2: the reset changes {target.id!r}, which is no state or parameter of the "
                             "equations.")  # fmt: skip
        right: ast.expr = line.value  # type: ignore[attr-defined]
        if (
            op == "="
            and isinstance(right, ast.BinOp)
            and isinstance(right.op, ast.Add | ast.Sub)
            and (isinstance(right.left, ast.Name) and right.left.id == target.id)
        ):
            op, right = operators[type(right.op)], right.right  # w = w + ...
        statements.append(Statement(target.id, op, right))
    return statements
