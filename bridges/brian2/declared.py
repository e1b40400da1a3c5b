"""What a class declares before its methods: parameters, states, options."""

from __future__ import annotations

import ast
import re
from typing import Any

import pint

from simcore import units

from .constants import NotConstant, evaluate, reads, unit_of_states
from .equations import STATE, parsed
from .expressions import Code, names_in
from .model import Model


class Declared:
    """The declarations of one class.

    Args:
        model: the neuron.
        refractory: as Brian2 takes it.

    Raises:
        NotImplementedError: simcore has nothing for the reset, or for the refractory condition.
    """

    def __init__(self, model: Model, refractory: Any) -> None:
        self.model, self.names = model, model.names
        self.states = model.of_kind(STATE)
        self.params: dict[str, str] = {}  # their declarations
        self.properties: dict[str, tuple[str, str]] = {}  # code and docstring
        self.options: dict[str, str] = {}
        self.noise: dict[str, str] = {}  # amplitudes where V alone has it not
        self._V_start: Any = None
        for constant in model.constants(*model.expressions().values()):
            comment = model.equations[constant].comment if constant in model.equations else ""
            self.params[self.names[constant]] = _param(model.value(constant), comment or f"constant {constant}")
        if model.level is not None:
            self._spikes(model.level, refractory)
        self._noise()

    def unit(self, name: str) -> str:
        """Return the unit of what the equations declare."""
        one = self.model.equations[name].unit
        return unit_of_states(one) if isinstance(one, pint.Quantity) else "dimensionless"

    def code(self, where: str, **locals_: str) -> Code:
        """Return what writes expressions, of parameters, states and `locals_`."""
        held = (*self.states, *self.model.kept)
        names = {n: f"self.{new}.value" if n in held else f"self.{new}" for n, new in self.names.items()}
        return Code(names | {n: self.names[n] for n in self.model.inputs} | locals_, f"sc.brian2: {where}")

    def state_lines(self) -> list[str]:
        """Return the declarations of the states."""
        return [self._state(name) for name in (*self.states, *self.model.kept)]

    def _state(self, name: str) -> str:
        new, unit = self.names[name], self.unit(name)
        is_potential = new == "V" and unit == "mV"
        doc = self.model.equations[name].comment or ("membrane potential" if is_potential else f"state {name}")
        start = self._V_start if new == "V" else None
        if name in self.model.kept and name in self.model.namespace:
            start = self.model.value(name)
        if start is None:
            init = ""
        elif new == "V" and (named := self._name_of_reset()) is not None:
            init = f", init={quoted(named)}"
        else:
            init = f", init={_rounded(units.as_magnitude(start, unit, f'sc.brian2: the start of {name!r}'))}"
        return f"{new} = HiddenState({quoted(unit)}, {quoted(doc)}{init})"

    def _name_of_reset(self) -> str | None:
        """Return the parameter that V is reset to; None where it is not one."""
        if "V_reset" in self.params:
            return "V_reset"
        named = self.properties["V_reset"][0].removeprefix("self.")
        return named if named in self.params else None

    # ---------------------------------------------------------------- spikes

    def _spikes(self, level: ast.expr, refractory: Any) -> None:
        """Declare V_th, V_reset or V_rearm, and tau_ref."""
        V = self.model.tested
        if not (isinstance(level, ast.Name) and level.id in self.states):
            self._declare("V_th", level, "spike threshold")
        changes = [s for s in self.model.reset if s.name == V]
        for change in changes:
            if len(changes) > 1 or change.op not in "=-" or V in self.model.needs(change.right):
                raise NotImplementedError(f"sc.brian2: the reset of {V!r} is neither one '{V} = value' nor one "
                                          f"'{V} -= value'.")  # fmt: skip
            value = change.right if change.op == "=" else ast.BinOp(level, ast.Sub(), change.right)
            self._V_start = self._declare("V_reset", value, "membrane potential after a spike")
            self.options["spk_reset"] = "hard" if change.op == "=" else "soft"
        is_condition = isinstance(refractory, str) and bool(re.search("[<>=]", refractory))
        if not changes:
            self._without_reset(level, refractory if is_condition else None)
        elif is_condition:
            raise NotImplementedError(f"sc.brian2: {V!r} is reset, and the refractory period is the condition "
                                      f"{refractory!r}; give a duration, such as '5*ms'.")  # fmt: skip
        if refractory not in (None, False) and not is_condition:
            self._refractory(refractory)

    def _without_reset(self, level: ast.expr, condition: str | None) -> None:
        """Declare V_rearm, below which V must come before the next spike."""
        V_th = self._number(level, "the threshold of a neuron without reset")
        step = units.attach(1.0, "mV") if isinstance(V_th, pint.Quantity) else max(abs(V_th), 1.0) / 100
        value = V_th - step
        if condition is not None:
            node = parsed(condition, "the refractory condition")
            is_like = isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Gt | ast.GtE)
            if not (is_like and isinstance(node.left, ast.Name) and node.left.id == self.model.tested):  # type: ignore[attr-defined]
                raise NotImplementedError(f"sc.brian2: the refractory condition {condition!r} is not "
                                          f"'{self.model.tested} > value'.")  # fmt: skip
            given = self._number(node.comparators[0], "the refractory condition")  # type: ignore[attr-defined]
            value = given if given < V_th else value
        self.params["V_rearm"] = _param(value, "the next spike counts when V has been below it")
        self.options["spk_reset"] = "none"

    def _refractory(self, refractory: Any) -> None:
        """Declare tau_ref."""
        who = "sc.brian2: 'refractory'"
        is_text = isinstance(refractory, str)
        value = self._number(parsed(refractory, who), "the refractory period") if is_text else refractory
        duration = _rounded(units.as_magnitude(value, "ms", who))
        self.params["tau_ref"] = f'Param({duration}, "ms", "absolute refractory period", nonnegative=True, steps=True)'
        if "unless refractory" not in self.model.equations[str(self.model.tested)].flags:
            self.options["refractory"] = "block"

    def _declare(self, attribute: str, node: ast.expr, doc: str) -> Any:
        """Declare a parameter, or a property of others and of states; return its value, None where it moves.

        Raises:
            NotImplementedError: it depends on more than those.
        """
        node = self.model.without_subexpressions(node)
        moves = bool({*names_in(node)} & {*self.states, *self.model.kept})
        value = None if moves else self._number(node, f"the {doc}")
        is_own = isinstance(node, ast.Name) and self.names.get(node.id) == attribute
        if moves or (self.model.constants(node) and not is_own):
            self.properties[attribute] = self.code(f"the {doc}").text(node), f"The {doc}, {ast.unparse(node)}."
        else:
            self.params[attribute] = _param(value, doc)
        return value

    def _number(self, node: ast.expr, what: str) -> Any:
        """Return the value of an expression of constants."""
        try:
            return evaluate(node, self.model.value)
        except NotConstant as err:
            raise NotImplementedError(f"sc.brian2: {what}, {ast.unparse(node)!r}, is no constant.") from err

    # ---------------------------------------------------------------- noise

    def _noise(self) -> None:
        """Declare the amplitude of noise on V; that on other states goes to the constructor, with that on V."""
        for state, factor in self.model.noise.items():
            unit = self.unit(state)
            unit = "1/ms**0.5" if unit == "dimensionless" else f"{unit if unit.isalpha() else f'({unit})'}/ms**0.5"
            who = f"the noise on {state!r}"
            amplitude = _rounded(units.as_magnitude(self._number(factor, who), unit, f"sc.brian2: {who}"))
            self.noise[self.names[state]] = f"{amplitude} {unit}"
            if list(self.model.noise) == [state] and self.names[state] == "V":
                doc = f"amplitude of white noise on V, {ast.unparse(factor)}"
                self.params["noise"] = f"Param({amplitude}, {quoted(unit)}, {quoted(doc)}, nonnegative=True)"
                self.noise = {}


def quoted(text: str) -> str:
    """Return text as it is written in code, in double quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _param(value: Any, doc: str) -> str:
    """Return the declaration of a parameter."""
    number, unit = reads(value)
    return f"Param({number!r}, {quoted(unit)}, {quoted(doc)})"


def _rounded(number: Any) -> float:
    """Return a number without what rounding has left in its last digits."""
    return float(f"{float(number):.12g}")
