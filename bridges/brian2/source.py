"""`neuron`: the source of a class of simcore, from the equations of Brian2."""

from __future__ import annotations

import ast
import inspect
import re
from typing import Any

from .declared import Declared, quoted
from .equations import parsed
from .layout import folded
from .model import Model

# Methods of Brian2 by their names in simcore.
METHODS = {"exact": "exact", "linear": "exact", "exponential_euler": "exp_euler", "euler": "euler", "heun": "heun",
           "rk2": "rk2", "rk4": "rk4"}  # fmt: skip


def neuron(
    equations: str, *, threshold: str | None = None, reset: str | None = None, refractory: Any = None,
    method: str | None = None, namespace: dict[str, Any] | None = None, name: str = "MyNeuron",
) -> str:  # fmt: skip
    """Return the source of a class of simcore that equations of Brian2 describe, to put into a file of yours.

    It is for moving a model, not for running it: nothing of Brian2 is needed, and no class is made. ``print`` it::

        print(sc.brian2.neuron(
            "dv/dt = (El - v + R*I)/tau : volt (unless refractory)\\nI : amp",
            threshold="v > -50*mV", reset="v = El", refractory="5*ms",
            namespace={"El": "-60*mV", "R": "100*Mohm", "tau": "10*ms"}, name="LIF",
        ))

    Constants become parameters, with what namespace has as their defaults. The state that the threshold tests becomes V
    (without a threshold, v), what it must exceed V_th, the value of its reset V_reset, the refractory period tau_ref,
    white noise xi the parameter noise. A parameter whose name begins with I and that has no value is the input of the
    step, and so is an array over time, I(t). Units are those in which neurons are described, mV for volt.

    What is another rule than in Brian2: V starts at V_reset, not at 0. A spike is reset in the step after it, so that
    the recorded V shows it. Brian2 counts the step of a spike as one of its refractory period: its intervals are one dt
    shorter. Without a reset of V a neuron spikes where V crosses V_th, and again when V has been below V_rearm: the
    value of a refractory condition 'v > value', else just below V_th.

    Args:
        equations: as Brian2 takes them, for a NeuronGroup.
        threshold: 'v > value'; without one the class has no spikes.
        reset: assignments, one a line.
        refractory: a duration, or the condition 'v > value' of a neuron without reset.
        method: euler, exponential_euler, exact, heun, rk2, rk4; None leaves it to simcore.
        namespace: values of the constants: quantities of simcore.units, numbers, or text as in Brian2, '10*mV'.
        name: that of the class.

    Raises:
        TypeError: an argument, or a value in namespace, is of another kind.
        DimensionalityError: a value in namespace, noise or the refractory period has another dimension than is needed.
        ValueError: a line is no equation, a unit none, a name has no meaning or no value.
        NotImplementedError: simcore has nothing for it.

    The language is that of Stimberg, Brette, Goodman (2019), Brian 2, an intuitive and efficient neural simulator,
    eLife 8, e47314.
    """
    if not (isinstance(name, str) and name.isidentifier()):
        raise ValueError(f"sc.brian2: 'name' is the name of a class, got {name!r}.")
    if threshold is None and (reset is not None or refractory not in (None, False)):
        raise ValueError("sc.brian2: a reset or a refractory period needs a threshold, such as threshold='v > -50*mV'.")
    if method is not None and method not in METHODS:
        raise NotImplementedError(f"sc.brian2: the method {method!r} is none of {', '.join(METHODS)}.")
    model = Model(equations, threshold, reset, namespace or {})
    declared = Declared(model, refractory)
    if method is not None:
        declared.options["method"] = METHODS[method]
    told = {"threshold": threshold, "reset": reset, "refractory": refractory or None}
    text = inspect.cleandoc(equations.replace("\\\n", "\n")).replace('"""', "'''").splitlines()
    text += [f"{key}: {'; '.join(str(value).strip().splitlines())}" for key, value in told.items() if value is not None]
    return _module(name, text, declared)


def _module(name: str, told: list[str], declared: Declared) -> str:
    """Return the source of a module with the class."""
    base = "Dynamics" if declared.model.tested is None else "Neuron"
    blocks = [
        _docstring(name, told, declared),
        [f"{new} = {declaration}" for new, declaration in declared.params.items()],
        declared.state_lines(),
        [f"{option} = {quoted(value)}" for option, value in declared.options.items()],
        _constructor(declared),
        *(["@property", f"def {new}(self):", f'    """{doc}"""', f"    return {code}"]
          for new, (code, doc) in declared.properties.items()),
        _derivative(declared),
        _update(declared),
    ]  # fmt: skip
    body = "\n\n".join("\n".join(folded(f"    {line}") if line else "" for line in block) for block in blocks if block)
    used = ["HiddenState", *(n for n in ("Param", "environ", "exprel", "reset_to") if re.search(rf"\b{n}[.(]", body))]
    used += ["Neuron"] if base == "Neuron" else []
    imports = ["import jax.numpy as jnp", ""] if "jnp." in body else []
    imports.append(f"from simcore import {', '.join(sorted(used, key=lambda n: (n.islower(), n)))}")
    imports += ["from simcore.bases import Dynamics"] if base == "Dynamics" else []
    imports += ["from simcore.units import quantity"] if "quantity(" in body else []
    return "\n".join(
        [f'"""{name}, from equations of Brian2."""', "", *imports, "", "", f"class {name}({base}):", body, ""]
    )


def _docstring(name: str, told: list[str], declared: Declared) -> list[str]:
    model, takes = declared.model, "Input: none."
    if model.input is not None:
        unit = declared.unit(model.input) if model.input in model.equations else "in the unit that the equations need"
        takes = f"Input: {declared.names[model.input]}, {unit}, `varshape`."
    gives = declared.names[declared.states[0]] if model.tested is None else "spikes, 0. or 1."
    lines = [f"    {line}".rstrip() for line in told]
    return [
        f'r"""{name}, from equations of Brian2.',
        "",
        "::",
        "",
        *lines,
        "",
        f"{takes} Output: {gives}, `varshape`.",
        '"""',
    ]


def _constructor(declared: Declared) -> list[str]:
    """Return the lines of a constructor, where states other than V have noise."""
    if not declared.noise:
        return []
    amplitudes = ", ".join(f"{quoted(state)}: {quoted(value)}" for state, value in declared.noise.items())
    return ["def __init__(self, in_size, *args, noise=None, **kwargs):",
            f"    noise = {{{amplitudes}}} if noise is None else noise",
            "    super().__init__(in_size, *args, noise=noise, **kwargs)"]  # fmt: skip


def _derivative(declared: Declared) -> list[str]:
    """Return the lines of the derivative."""
    model, names, states = declared.model, declared.names, declared.states
    needed = model.subexpressions()
    local = {n: names[n] for n in (*states, *needed)}

    def code(name: str) -> str:
        right = model.equations[name].right
        return declared.code(f"the equation of {name!r}", **local).text(right)  # type: ignore[arg-type]

    arguments = ", ".join(names[n] for n in (*states, *model.inputs))
    rates = ", ".join(f"d{names[n]}/dt" for n in states)
    lines = [f"def derivative(self, {arguments}):", f'    """Return {rates}."""']
    lines += [f"    {names[n]} = {code(n)}" for n in needed]
    if len(states) == 1:
        return [*lines, f"    return {code(states[0])}"]
    lines += [f"    d{names[n]} = {code(n)}" for n in states]
    return [*lines, f"    return {', '.join(f'd{names[n]}' for n in states)}"]


def _update(declared: Declared) -> list[str]:
    """Return the lines of the update."""
    model, names, states = declared.model, declared.names, declared.states
    what = names[states[0]] if model.tested is None else "the spikes"
    under = "" if model.input is None else f" under the input {names[model.input]}"
    lines = [f"def update({', '.join(['self', *(names[n] for n in model.inputs)])}):",
             f'    """Advance by one step{under} and return {what}."""']  # fmt: skip
    local: dict[str, str] = {}
    for statement in model.reset:
        name, new, right = statement.name, names[statement.name], model.without_subexpressions(statement.right)
        code = declared.code(f"the reset of {name!r}", spike="self.last_spike()", **local)
        old = local.get(name, f"self.{new}.value")
        if name == model.tested:
            lines.append(f"    V = self.after_spike({old})  # for the spike at the end of the previous step")
        elif statement.op in "+-":
            change = code.text(ast.BinOp(right, ast.Mult(), ast.Name("spike")))
            lines.append(f"    {new} = {old} {statement.op} {change}")
        else:
            whole = ast.unparse(right) if statement.op == "=" else f"{name} {statement.op} ({ast.unparse(right)})"
            lines.append(f"    {new} = reset_to({old}, {code.text(parsed(whole, 'the reset'))}, self.reset_spike())")
        local[name] = new
    lines += [f"    self.{names[n]}.value = {names[n]}" for n in model.kept]
    before = ", ".join(local.get(n, f"self.{names[n]}.value") for n in states)
    arguments = ", ".join(
        ["self.derivative", f"({before})" if len(states) > 1 else before, *(names[n] for n in model.inputs)]
    )
    lines.append(f"    {', '.join(f'self.{names[n]}.value' for n in states)} = self.integrate({arguments})")
    return [*lines, f"    return self.{names[states[0]]}.value" if model.tested is None else "    return self.fire()"]
