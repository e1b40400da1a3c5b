"""Docstrings of simcore as reStructuredText: tables of parameters and states, asterisks of shapes."""

import inspect
import re
from collections.abc import Iterable
from typing import Any

from simcore import bases
from simcore.module.declare import Param, State

# Code, formulas and bold text of a line, which stay as they are.
CODE = re.compile(r"(``.*?``|:math:`.*?`|`.*?`|(?<!\w)\*\*[^*\s][^*]*\*\*(?!\w))")


def table(title: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Return the lines of a table; nothing if it has no row."""
    lines = [f".. rubric:: {title}", "", ".. list-table::", "   :header-rows: 1", "   :class: parameters", ""]
    start = len(lines)
    for row in (head, *rows):
        lines += [f"   {'* -' if k == 0 else '  -'} {cell}".rstrip() for k, cell in enumerate(row)]
    return [*lines, ""] if len(lines) > start + len(head) else []


def tables(cls: Any) -> list[str]:
    """Return the tables of the parameters and states that a class declares."""
    params = [(f"``{k}``", "" if p.default is None else f"{p.default}", unit(p.unit), escaped(p.doc), constraint(p))
              for k, p in cls.PARAMS.items()]  # fmt: skip
    states = [(f"``{k}``", unit(s.unit), escaped(s.doc), start(s)) for k, s in cls.STATES.items()]
    presets = getattr(cls, "PRESETS", {}).items()
    sets = [
        (f"``{k}``", escaped(p.doc), ", ".join(f"{n} {short(v)}" for n, v in p.values.items()), p.drive)
        for k, p in presets
    ]
    return [
        *table("Parameters", ("name", "default", "unit", "meaning", "must be"), params),
        *table("States", ("name", "unit", "meaning", "starts at"), states),
        *table("Presets", ("name", "what", "parameters", "drive"), sets),
    ]


def short(text: Any) -> str:
    """Return a quantity as text with at most five digits."""
    return re.sub(r"\d+\.\d{5,}", lambda number: f"{float(number[0]):.5g}", f"{text}")


def unit(text: Any) -> str:
    """Return a unit as a table shows it: nothing for pure numbers and for what the instance chooses."""
    return "" if text in ("dimensionless", None) else f"``{text}``"


def constraint(param: Param) -> str:
    """Return what a parameter must be."""
    rules = ["> 0"] * param.positive + [">= 0"] * param.nonnegative
    rules += [f"above ``{param.above}``"] if param.above else []
    return ", ".join(rules + ["whole steps of dt"] * param.steps)


def start(state: State) -> str:
    """Return the initial value of a state."""
    init = state.init
    shown = f"``{init}``" if isinstance(init, str) else f"{init}" if isinstance(init, int | float) else "rest"
    return f"{shown}; ``{state.keyword}=``" if state.keyword else shown


def escaped(line: str) -> str:
    """Return a line whose asterisks and bars outside of code are just that: (T, *shape) is no emphasis, |x| no name."""
    parts = CODE.split(line)
    parts[::2] = [re.sub(r"[*|]", r"\\\g<0>", part) for part in parts[::2]]
    return re.sub(r"(?<=[\w)])`(?=s\b)", r"`\\ ", "".join(parts))


def prepare(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Change the lines of a docstring before napoleon reads them."""
    if inspect.isclass(obj) and issubclass(obj, bases.Node):
        for k, line in enumerate(lines):
            if line in ("Parameters:", "States:"):  # the table for help(), which stands last
                del lines[k:]
                break
        lines += ["", *tables(obj)]
    block = None  # the indentation of a literal block or formula, which stays as it is
    for k, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        if line.strip() and block is not None and indent <= block:
            block = None
        if block is None:
            lines[k] = escaped(line)
            if line.rstrip().endswith("::") or line.lstrip().startswith(".. math"):
                block = indent


def skip(app: Any, what: str, name: str, obj: Any, skipped: bool, options: Any) -> bool | None:
    """Leave out parameters and states: they are in the tables."""
    return True if isinstance(obj, Param | State) else None


def setup(app: Any) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", prepare, priority=100)
    app.connect("autodoc-skip-member", skip)
    return {"parallel_read_safe": True}
