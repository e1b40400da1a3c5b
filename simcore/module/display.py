"""What help(), signatures and notebooks show of a module, made from its declarations."""

from __future__ import annotations

import dataclasses
import inspect
import types
from html import escape
from typing import Any

import pint

from .. import units


def signature(cls: Any) -> inspect.Signature:
    """Return the constructor's real signature.

    Its **kwargs are the keywords of the base's constructor and the parameters, its *args the first of these.
    """
    Parameter = inspect.Parameter
    named = _named(cls)
    kinds = [p.kind for p in named]
    if Parameter.VAR_KEYWORD not in kinds:
        return inspect.Signature(named)
    listed = {p.name for p in named}
    first = [p for p in named if p.kind is Parameter.POSITIONAL_OR_KEYWORD]
    keyword_only = [p for p in named if p.kind is Parameter.KEYWORD_ONLY]
    keyword_only = [p.replace(default=getattr(cls, p.name)) if p.name in cls.OPTIONS else p for p in keyword_only]
    kind = Parameter.POSITIONAL_OR_KEYWORD if Parameter.VAR_POSITIONAL in kinds else Parameter.KEYWORD_ONLY
    params = {k: p for k, p in cls.PARAMS.items() if k not in listed}
    with_default = [Parameter(k, kind, default=f"{p.default} {p.unit}") for k, p in params.items()
                    if p.default is not None]  # fmt: skip
    optional = [Parameter(k, Parameter.KEYWORD_ONLY, default=None) for k, p in params.items() if p.default is None]
    keywords = [s.keyword for s in cls.STATES.values() if s.keyword and s.keyword not in listed]
    initializers = [Parameter(keyword, kind, default=None) for keyword in keywords]
    return inspect.Signature([*first, *with_default, *initializers, *optional, *keyword_only])


def _named(cls: Any) -> list[inspect.Parameter]:
    """Return the arguments that a constructor names, and the keywords that it hands on to those of its bases."""
    constructors = [vars(base)["__init__"] for base in cls.__mro__[:-1] if "__init__" in vars(base)]
    named = {p.name: p for p in list(_as_written(constructors[0]).parameters.values())[1:]}
    for init in constructors[1:]:
        if not any(p.kind is inspect.Parameter.VAR_KEYWORD for p in named.values()):
            break
        handed_on = list(_as_written(init).parameters.values())[1:]
        named |= {p.name: p for p in handed_on if p.kind is inspect.Parameter.KEYWORD_ONLY and p.name not in named}
        if not any(p.kind is inspect.Parameter.VAR_KEYWORD for p in handed_on):
            named = {name: p for name, p in named.items() if p.kind is not inspect.Parameter.VAR_KEYWORD}
    return sorted(named.values(), key=lambda p: p.kind)


def _as_written(init: Any) -> inspect.Signature:
    """Return the signature of a constructor without the one that `show_signature` set."""
    init = inspect.unwrap(init)
    if not isinstance(init, types.FunctionType):
        return inspect.signature(init)
    plain = types.FunctionType(init.__code__, init.__globals__, init.__name__, init.__defaults__, init.__closure__)
    plain.__kwdefaults__, plain.__annotations__ = init.__kwdefaults__, init.__annotations__
    return inspect.signature(plain)


def show_signature(cls: Any) -> None:
    """Make help(), notebooks and `inspect.signature` show the real constructor of a class."""
    cls.__signature__ = signature(cls)
    if "__init__" in vars(cls):
        itself = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        cls.__init__.__signature__ = inspect.Signature([itself, *cls.__signature__.parameters.values()])


def table(cls: Any) -> str:
    """Return the parameters and states of a class as the table that help() shows."""
    rows = [(k, "" if p.default is None else f"{p.default} {p.unit}", p.doc) for k, p in cls.PARAMS.items()]
    rows = [(k, v if v else f"- {cls.PARAMS[k].unit}", d) for k, v, d in rows]
    states = [(k, s.unit, s.doc) for k, s in cls.STATES.items()]
    width = [max(len(r[i]) for r in rows + states) for i in (0, 1)]
    lines = ["Parameters:"] if rows else []
    lines += [f"    {k:<{width[0]}}  {v:<{width[1]}}  {doc}".rstrip() for k, v, doc in rows]
    lines += ["", "States:"] if states else []
    lines += [f"    {k:<{width[0]}}  {v:<{width[1]}}  {doc}".rstrip() for k, v, doc in states]
    return "\n".join(lines)


def rows(module: Any) -> list[tuple[str, str, str]]:
    """Return name, value and meaning of each parameter of a model."""
    given = module.given()
    return [(k, units.show(module.param_value(k)), spec.doc) for k, spec in module.specs().items() if k in given]


def shown(value: Any) -> str:
    """Return a rule or an initializer as a user would write it: "Uniform(low=1 ms, high=3 ms)"."""
    if isinstance(value, pint.Quantity):
        return units.show(value)
    if isinstance(value, types.FunctionType):
        return value.__name__
    if not dataclasses.is_dataclass(value):
        return f"{value!r}"
    given = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)
             if f"{getattr(value, field.name)!r}" != f"{field.default!r}"}  # fmt: skip
    return f"{type(value).__name__}({', '.join(f'{name}={shown(v)}' for name, v in given.items())})"


def html(module: Any) -> str:
    """Return the tables of parameters and parts that a notebook shows."""
    table = table_of(("parameter", "value", "meaning"), rows(module))
    return f"<b>{escape(module.name)}</b> {module.varshape or ''}{table}{table_of_parts(module)}"


def table_of_parts(module: Any) -> str:
    """Return the table of what belongs to a model, but for what was made for a run."""
    parts = [(k, f"{part!r}") for k, part in module.children().items() if not part.made_by_fit]
    return table_of(("part", "what it is"), parts)


def table_of(head: tuple[str, ...], lines: Any) -> str:
    """Return a table, or nothing if it has no line."""
    cells = "".join(f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in line)}</tr>" for line in lines)
    return cells and f"<table><tr>{''.join(f'<th>{text}</th>' for text in head)}</tr>{cells}</table>"
