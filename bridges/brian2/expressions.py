"""Expressions of Brian2, which are Python's, as the code of a step."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from typing import Any

import pint

from simcore import units

from .constants import NotConstant, evaluate, reads, unit_named

# Functions of Brian2 by what they are in a step.
FUNCTIONS = {name: f"jnp.{name}" for name in (
    "exp", "log", "log10", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "abs",
    "sign", "floor", "ceil", "expm1", "log1p", "clip")} | {"exprel": "exprel"}  # fmt: skip
CONSTANTS = {"pi": "jnp.pi", "e": "jnp.e", "inf": "jnp.inf"}
CLOCK = {"t": 'environ.get("t")', "dt": 'environ.get("dt")'}
_RANDOM = ("rand", "randn", "poisson")
REFUSED = dict.fromkeys(
    _RANDOM, "in an equation it would depend on dt; white noise is xi, random spikes are sc.models.ExponentialRate"
)
REFUSED |= {
    "i": "a parameter of a population takes an array, with a value for each neuron",
    "N": "write the number",
    "not_refractory": "what is held in the refractory period is marked (unless refractory)",
    "lastspike": "tau_ref counts the steps since a spike",
    "timestep": "a step of simcore has environ.get('i')",
}


def names_in(*nodes: ast.AST | None) -> Iterator[str]:
    """Yield the names of variables in expressions, in their order; those of known functions left out."""
    for node in nodes:
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in (*FUNCTIONS, "int"):
            yield from names_in(*node.args)
        elif node is not None:
            yield from names_in(*ast.iter_child_nodes(node))


class Replaced(ast.NodeTransformer):
    """Puts expressions in the place of names.

    Args:
        by: what stands for a name.
    """

    def __init__(self, by: dict[str, ast.expr]) -> None:
        self.by = by

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Return what stands for a name."""
        return copy.deepcopy(self.by[node.id]) if node.id in self.by else node  # each is changed in its place


def noise_split(node: ast.expr) -> tuple[ast.expr | None, ast.expr | None]:
    """Return an expression without its white noise, and the factor of that; None for 0.

    Raises:
        NotImplementedError: it is no sum with a term that has the factor xi.
    """
    if isinstance(node, ast.Name) and is_noise(node.id):
        return None, ast.Constant(1.0)
    if not any(map(is_noise, names_in(node))):
        return node, None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        rest, factor = noise_split(node.operand)
        return rest and ast.UnaryOp(node.op, rest), factor  # the sign of noise does not matter
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        (a, noise_a), (b, noise_b) = noise_split(node.left), noise_split(node.right)
        if noise_a is not None and noise_b is not None:
            raise NotImplementedError("sc.brian2: an equation has two terms with xi; add their squares up in one.")
        if a is None and b is not None and isinstance(node.op, ast.Sub):
            total: ast.expr | None = ast.UnaryOp(ast.USub(), b)
        else:
            total = ast.BinOp(a, node.op, b) if a is not None and b is not None else a or b
        return total, noise_a or noise_b
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        left, right = (any(map(is_noise, names_in(n))) for n in (node.left, node.right))
        if left and not right:
            return _both(noise_split(node.left), lambda n: ast.BinOp(n, node.op, node.right))
        if right and not left and isinstance(node.op, ast.Mult):
            return _both(noise_split(node.right), lambda n: _product(node.left, n))
    raise NotImplementedError(f"sc.brian2: {ast.unparse(node)!r} is no sum with a term of white noise, '+ factor*xi'.")


def is_noise(name: str) -> bool:
    """Return whether a name is white noise: xi, xi_1, ..."""
    return name == "xi" or name.startswith("xi_")


def _product(left: ast.expr, right: ast.expr) -> ast.expr:
    is_one = isinstance(right, ast.Constant) and right.value == 1.0
    return left if is_one else ast.BinOp(left, ast.Mult(), right)


def _both(
    split: tuple[ast.expr | None, ast.expr | None], make: Callable[[ast.expr], ast.expr]
) -> tuple[ast.expr | None, ast.expr | None]:
    rest, factor = split
    return rest and make(rest), factor and make(factor)


class Code(ast.NodeTransformer):
    """Writes expressions as they stand in a step.

    Args:
        names: what stands for the variables of the equations.
        where: which equation it is, in errors.
    """

    def __init__(self, names: dict[str, str], where: str) -> None:
        self.names, self.where = CONSTANTS | CLOCK | names, where

    def text(self, node: ast.expr) -> str:
        """Return the code of an expression.

        Raises:
            NotImplementedError: it has something for which there is nothing in a step.
        """
        code = ast.unparse(ast.fix_missing_locations(self.visit(copy.deepcopy(node))))
        return code.replace("'", '"').replace(" ** ", "**")

    def visit(self, node: ast.AST) -> Any:
        """Return the code of one node: a quantity where it is a constant with a unit."""
        if isinstance(node, ast.BinOp | ast.Name | ast.UnaryOp) and (constant := self._quantity(node)) is not None:
            return constant
        if isinstance(node, ast.Compare) and len(node.ops) > 1:
            raise NotImplementedError(f"{self.where} compares more than two values; join them by 'and'.")
        return super().visit(node)

    def _quantity(self, node: ast.expr) -> ast.expr | None:
        """Return the code of a constant with units, None of all else."""
        try:
            value = evaluate(node, self._unit)
        except NotConstant:
            return None
        if not isinstance(value, pint.Quantity):
            return None
        if units.dimension(value) == units.NUMBER:
            return ast.Constant(reads(value.to("dimensionless"))[0])
        number, text = reads(value)
        return ast.Call(ast.Name("quantity"), [ast.Constant(number), ast.Constant(text)], [])

    def _unit(self, name: str) -> object:
        if name in self.names:
            raise NotConstant
        return unit_named(name)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Return what stands for a name."""
        if node.id in REFUSED and node.id not in self.names:
            raise NotImplementedError(f"{self.where} has {node.id!r}: {REFUSED[node.id]}.")
        return _as_node(self.names[node.id])

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Return the call of a function of jax.numpy."""
        name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
        if name in REFUSED:
            raise NotImplementedError(f"{self.where} has {name}(): {REFUSED[name]}.")
        if name == "int":
            for refused in (n for n in names_in(node) if n in REFUSED and n not in self.names):
                raise NotImplementedError(f"{self.where} has {refused!r}: {REFUSED[refused]}.")
            if not isinstance(node.args[0], ast.Compare | ast.BoolOp) and not _is_not(node.args[0]):
                raise NotImplementedError(f"{self.where} has {ast.unparse(node)!r}; int() is for comparisons here.")
            return ast.Call(_as_node("jnp.where"), [self.visit(node.args[0]), ast.Constant(1.0), ast.Constant(0.0)], [])
        return ast.Call(_as_node(FUNCTIONS[name]), [self.visit(arg) for arg in node.args], [])

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """Return 'and' and 'or' for arrays."""
        op = ast.BitAnd() if isinstance(node.op, ast.And) else ast.BitOr()
        first, *others = (self.visit(value) for value in node.values)
        for other in others:
            first = ast.BinOp(first, op, other)
        return first

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """Return 'not' for arrays."""
        operand = self.visit(node.operand)
        return ast.UnaryOp(ast.Invert() if isinstance(node.op, ast.Not) else node.op, operand)


def _is_not(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def _as_node(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
