"""A neuron of Brian2, read: its equations, with what goes by which name in a class of simcore."""

from __future__ import annotations

import ast
import collections
import copy
import dataclasses
import keyword
from typing import Any

import numpy as np
import pint

from simcore import Neuron, units
from simcore.module.parameters import did_you_mean

from . import equations as lines
from .constants import UNITS, NotConstant, evaluate, unit_named
from .equations import PARAMETER, STATE, SUBEXPRESSION
from .expressions import CLOCK, CONSTANTS, FUNCTIONS, REFUSED, Replaced, is_noise, names_in, noise_split
from .spikes import reset_of, threshold_of

_OF_PYTHON = ("self", "jnp", "quantity", "environ", "exprel", "reset_to")


class Model:
    """What a NeuronGroup of Brian2 is made from, checked.

    Args:
        text: its equations.
        threshold: as Brian2 takes it.
        reset: as Brian2 takes it.
        namespace: values of constants.

    Raises:
        ValueError: a name has no meaning or no value.
        NotImplementedError: something that simcore has nothing for.
    """

    def __init__(self, text: str, threshold: Any, reset: Any, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self.equations = lines.read(text)
        self.tested: str | None = None
        self.level: ast.expr | None = None
        if threshold is not None:
            self.tested, self.level = threshold_of(threshold, self.equations)
        self.reset = reset_of(reset, self.equations)
        self.noise: dict[str, ast.expr] = {}  # factors of xi, by state
        self.inputs = self._inputs()
        for name, equation in self.equations.items():
            if "unless refractory" in equation.flags and name != (self.tested or name):
                raise NotImplementedError(f"sc.brian2: {name!r} is (unless refractory); in simcore {self.tested!r} "
                                          "alone, which the threshold tests, is held.")  # fmt: skip
        self._check_names()
        self._split_noise()
        changed = {statement.name for statement in self.reset}
        self.kept = [n for n in self.of_kind(PARAMETER) if n in changed]  # parameters that a reset changes: states
        self.names = self._names()

    def of_kind(self, kind: str) -> list[str]:
        """Return the names that the equations of a kind define."""
        return [name for name, equation in self.equations.items() if equation.kind == kind]

    @property
    def input(self) -> str | None:
        """The name of the input, None without one."""
        return self.inputs[0] if self.inputs else None

    # ---------------------------------------------------------------- inputs

    def _inputs(self) -> list[str]:
        """Return the inputs: an array over time, as in I(t), or a parameter I... without a value."""
        timed = _Timed({*FUNCTIONS, *REFUSED, "int"})
        for name, equation in self.equations.items():
            if equation.right is not None:
                self.equations[name] = dataclasses.replace(equation, right=timed.visit(equation.right))
        for name in timed.found:
            if name in self.namespace:
                raise NotImplementedError(f"sc.brian2: namespace has {name!r}, which the equations call as {name}(t); "
                                          "leave it out: it becomes the input, an sc.inputs.Waveform.")  # fmt: skip
        changed = {statement.name for statement in self.reset}
        open_ = [n for n in self.of_kind(PARAMETER) if n not in self.namespace and n not in changed]
        found = [*timed.found, *(n for n in open_ if n[0] in "iI")]
        if missing := [*(n for n in open_ if n not in found), *found[1:]]:
            raise ValueError(f"sc.brian2: the parameter {missing[0]!r} has no value: namespace={{{missing[0]!r}: ...}}."
                             " (The input alone is without; its name begins with I.)")  # fmt: skip
        return found

    # ---------------------------------------------------------------- names

    def expressions(self) -> dict[str, ast.expr]:
        """Return all expressions, by what they are in words."""
        found = {f"the equation of {n!r}": e.right for n, e in self.equations.items() if e.right is not None}
        if self.level is not None:
            found["the threshold"] = self.level
        return found | {f"the reset of {s.name!r} ({k})": s.right for k, s in enumerate(self.reset, 1)}

    def _check_names(self) -> None:
        known = {*self.equations, *self.namespace, *self.inputs}
        for where, node in self.expressions().items():
            for name in names_in(node):
                if name in known or name in UNITS or name in CONSTANTS or name in CLOCK or name in REFUSED:
                    continue
                if not is_noise(name):
                    raise ValueError(f"sc.brian2: {where} has {name!r}, which neither the equations nor namespace "
                                     f"define{did_you_mean(name, sorted(known))}")  # fmt: skip

    def _names(self) -> dict[str, str]:
        """Return the name in the class of each name of the equations."""
        names = {name: name for name in (*self.equations, *self.namespace, *self.inputs)}
        for name in names:
            if hasattr(Neuron, name) or name in _OF_PYTHON or keyword.iskeyword(name):
                names[name] = f"{name}_"
        if self.tested is not None:
            names[self.tested] = "V"
        elif "v" in self.equations:
            names["v"] = "V"
        used = collections.Counter(n for node in self.expressions().values() for n in names_in(node))
        level = self.level.id if isinstance(self.level, ast.Name) else None
        if level is not None and (used[level] == 1 or level in self.of_kind(STATE)) and level not in UNITS:
            names[level] = "V_th"
        for statement in self.reset:
            right = statement.right.id if isinstance(statement.right, ast.Name) else ""
            if statement.name == self.tested and statement.op == "=" and used[right] == 1 and right in names:
                names[right] = "V_reset"
        relevant = {*self.equations, *self.inputs, *used}
        for name, new in names.items():
            others = [n for n, taken in names.items() if taken == new and n != name and n in relevant]
            if name in relevant and others:
                raise ValueError(f"sc.brian2: {name!r} and {others[0]!r} would both be {new!r}; rename one of them.")
        return names

    # ---------------------------------------------------------------- noise

    def _split_noise(self) -> None:
        """Take white noise out of the equations."""
        kinds: dict[str, str] = {}
        for name in self.of_kind(SUBEXPRESSION):
            if any(map(is_noise, names_in(self.equations[name].right))):
                raise NotImplementedError(f"sc.brian2: the subexpression {name!r} has xi; put it into the differential "
                                          "equation.")  # fmt: skip
        for name in self.of_kind(STATE):
            right = self.equations[name].right
            for xi in filter(is_noise, names_in(right)):
                if xi in kinds:
                    raise NotImplementedError(f"sc.brian2: {kinds[xi]!r} and {name!r} share the noise {xi}; noise of "
                                              "simcore is independent: xi_1, xi_2.")  # fmt: skip
                kinds[xi] = name
            if right is not None and kinds and name in kinds.values():
                rest, factor = noise_split(right)
                self.equations[name] = dataclasses.replace(self.equations[name], right=rest or ast.Constant(0.0))
                self.noise[name] = factor  # type: ignore[assignment]

    # ---------------------------------------------------------------- values

    def value(self, name: str, after: tuple[str, ...] = ()) -> Any:
        """Return the value of a constant, or one of a unit of Brian2.

        Raises:
            NotConstant: it is neither.
            TypeError: the value is no number or quantity.
            ValueError: it is a text that cannot be read, or two of them need each other.
        """
        if name not in self.namespace:
            if name in self.equations or name in self.inputs:
                raise NotConstant
            return unit_named(name)
        who = f"sc.brian2: namespace[{name!r}]"
        if name in after:
            raise ValueError(f"{who} needs itself: {' -> '.join((*after, name))}.")
        value = self._given(name, who, (*after, name))
        equation = self.equations.get(name)
        if equation is not None:
            units.as_magnitude(value, units.unit_of(_quantity(equation.unit)), who)
        return value

    def _given(self, name: str, who: str, after: tuple[str, ...]) -> Any:
        """Return what namespace has for a name, a number or quantity."""
        given = self.namespace[name]
        if isinstance(given, str):
            try:
                return evaluate(ast.parse(given.strip(), mode="eval").body, lambda other: self.value(other, after))
            except (SyntaxError, NotConstant):
                return units.read(given, who)  # "10 mV"
        is_number = isinstance(given, int | float | np.number) and not isinstance(given, bool)
        if not is_number and not (isinstance(given, pint.Quantity) and np.size(given.magnitude) == 1):
            raise TypeError(f"{who} is {given!r}; write one value, as text, '10*mV', or as a quantity of simcore.units."
                            " Values for each neuron go to the constructor of the class.")  # fmt: skip
        return given

    # ---------------------------------------------------------------- what needs what

    def needs(self, *nodes: ast.expr | None) -> list[str]:
        """Return the names in expressions, and in the subexpressions that they need; each after what it needs itself.

        Raises:
            ValueError: a subexpression needs itself.
        """
        found: list[str] = []

        def add(name: str, after: tuple[str, ...]) -> None:
            if name in after:
                raise ValueError(f"sc.brian2: {name!r} needs itself: {' -> '.join((*after, name))}.")
            if name in self.of_kind(SUBEXPRESSION):
                for other in names_in(self.equations[name].right):
                    add(other, (*after, name))
            found.append(name)

        for name in names_in(*nodes):
            add(name, ())
        return list(dict.fromkeys(found))

    def subexpressions(self) -> list[str]:
        """Return the subexpressions that the differential equations need, each after those that it needs itself."""
        inner = self.of_kind(SUBEXPRESSION)
        return [name for name in self.needs(*(self.equations[n].right for n in self.of_kind(STATE))) if name in inner]

    def without_subexpressions(self, node: ast.expr) -> ast.expr:
        """Return an expression with what subexpressions are in their place."""
        inner = {n: right for n in self.of_kind(SUBEXPRESSION) if (right := self.equations[n].right) is not None}
        for _ in self.needs(node):
            node = Replaced(inner).visit(copy.deepcopy(node))
        return node

    def constants(self, *nodes: ast.expr | None) -> list[str]:
        """Return the constants that expressions name."""
        in_namespace = (n for n in names_in(*nodes) if n in self.namespace)
        return [n for n in dict.fromkeys(in_namespace) if n not in self.kept and self._is_constant(n)]

    def _is_constant(self, name: str) -> bool:
        return name not in self.equations or self.equations[name].kind == PARAMETER


class _Timed(ast.NodeTransformer):
    """Puts a name in the place of an array over time: I(t), I(t, i)."""

    def __init__(self, functions: set[str]) -> None:
        self.functions, self.found = functions, list[str]()

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Return the name of an array over time, or the call of a function."""
        self.generic_visit(node)
        name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
        if name in self.functions:
            return node
        if not (node.args and isinstance(node.args[0], ast.Name) and node.args[0].id == "t"):
            raise NotImplementedError(
                f"sc.brian2: there is no function {name!r} here{did_you_mean(name, [*FUNCTIONS])}"
            )
        self.found += [] if name in self.found else [name]
        return ast.Name(name)


def _quantity(value: Any) -> Any:
    return value if isinstance(value, pint.Quantity) else units.attach(1.0, "dimensionless")
