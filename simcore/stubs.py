"""Write the stubs of packages whose constructors are made of declarations: ``python -m simcore.stubs``.

An editor and a type checker read source, where a model takes ``**kwargs``. In the stub beside its package, each class
has the constructor that it has when it runs, with units and meanings; all else it has from the class in its file.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import re
import textwrap
from pathlib import Path
from types import ModuleType
from typing import Any

import simcore as sc
from simcore import units

PACKAGES = (sc.models, sc.models.channels)
TAKES_TOO = {"noise": "Mapping[str, QuantityLike]"}  # one for each of several states
HEAD = """# Written by `python -m simcore.stubs`, from the declarations of the classes.
# mypy: disable-error-code="misc, override"
"""
# Types that are unions, which do not know by what name they are imported.
UNIONS = {"ArrayLike": "numpy.typing", "Quantities": "simcore.units", "QuantityLike": "simcore.units"}
IMPORTS = {"from collections.abc import Mapping", "from pint import Quantity"}
IMPORTS |= {f"from {UNIONS[name]} import {name}" for name in ("ArrayLike", "QuantityLike")}


def stub(package: ModuleType) -> str:
    """Return the text of the stub of a package: what its `__init__` imports, and the constructors of its models."""
    lines = [node for node in ast.parse(_source(package).read_text()).body if isinstance(node, ast.ImportFrom)]
    names = [(f"from {'.' * node.level}{node.module or ''}", alias.name) for node in lines for alias in node.names]
    models = {name: value for _, name in names if is_made_of_declarations(value := getattr(package, name))}
    imports = [f"{start} import {name} as {'_' if name in models else ''}{name}" for start, name in names]
    needed = set(IMPORTS)
    classes = [_class(cls, list(models.values()), needed) for cls in models.values()]
    return "\n".join([HEAD, *sorted(needed), "", *imports, "", *classes])


def is_made_of_declarations(value: Any) -> bool:
    """Return whether it is a class whose constructor takes what is declared, and no base for classes of one's own."""
    if not (isinstance(value, type) and issubclass(value, sc.bases.Node)):
        return False
    written = inspect.unwrap(value.__init__).__code__  # type: ignore[misc]
    return bool(written.co_flags & inspect.CO_VARKEYWORDS) and not str(value.__doc__).startswith("Base of ")


def _class(cls: Any, models: list[Any], needed: set[str]) -> str:
    """Return the text of a class: it derives from the one in its file, and from the nearest of the other models."""
    bases = [base for base in cls.__mro__[1:] if base in models]
    nearest = [base for base in bases if not any(issubclass(other, base) for other in bases if other is not base)]
    arguments, docs = [], []
    for parameter in inspect.signature(cls).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in arguments:
            arguments.append("*")
        argument, doc = _argument(cls, parameter, needed)
        arguments.append(argument)
        docs.append(textwrap.fill(doc, 120, initial_indent=" " * 12, subsequent_indent=" " * 16))
    summary = " ".join(cls.__doc__.partition("\n\n")[0].split())
    return "\n".join(
        [
            f"class {cls.__name__}({', '.join(['_' + cls.__name__, *(base.__name__ for base in nearest)])}):",
            "    def __init__(",
            *(f"        {argument}," for argument in ("self", *arguments)),
            "    ) -> None:",
            f'        r"""{summary}',
            "",
            "        Args:",
            *docs,
            '        """',
            "",
        ]
    )


def _argument(cls: Any, parameter: inspect.Parameter, needed: set[str]) -> tuple[str, str]:
    """Return an argument of a constructor, and what its docstring says of it."""
    name = parameter.name
    param = cls.PARAMS.get(name)
    initial: Any = {state.keyword: state for state in cls.STATES.values()}.get(name)
    unit = param.unit if param else initial.unit if initial else "dimensionless"
    if parameter.annotation is not parameter.empty:  # a constructor names it
        kind, default = _resolved(parameter.annotation, _home(cls, name), needed), _as_text(parameter.default)
        doc = _said(cls, name) or param.doc
    elif param is not None:
        kind = _kind(unit, TAKES_TOO.get(name), "None" if param.default is None else None)
        default, doc = _with_unit(param.default, unit), param.doc
    else:
        kind, default, doc = _kind(unit, "None"), "None", f"initial value of {initial.name}, {initial.doc}"
    with_unit = name if unit == "dimensionless" else f"{name} ({unit})"
    default = "" if parameter.default is parameter.empty else f" = {default}"
    return f"{name}: {kind}{default}", f"{with_unit}: {doc}"


def _kind(unit: str, *others: str | None) -> str:
    """Return the type of what goes into a parameter or state of a unit: numbers where it is none, and the others."""
    numbers = "ArrayLike" if units.dimension(unit) == units.NUMBER else None
    return " | ".join(filter(None, ("QuantityLike", numbers, *others)))


def _with_unit(default: Any, unit: str) -> str:
    """Return the default of a parameter."""
    is_pure = units.dimension(unit) == units.NUMBER
    return _as_text(default) if is_pure or not isinstance(default, int | float) else f'Quantity({default!r}, "{unit}")'


def _as_text(default: Any) -> str:
    return repr(default) if isinstance(default, str | bool | int | float | None) else "..."


def _home(cls: Any, name: str) -> Any:
    """Return the constructor, among those of a class and its bases, that names an argument."""
    constructors = (inspect.unwrap(vars(base)["__init__"]) for base in cls.__mro__ if "__init__" in vars(base))
    return next(init for init in constructors if name in init.__annotations__)


def _resolved(annotation: str, constructor: Any, needed: set[str]) -> str:
    """Return an annotation as text, by the names that things have where they are defined; add what it imports."""
    names = {node.id for node in ast.walk(ast.parse(annotation)) if isinstance(node, ast.Name)}
    for name in names - vars(builtins).keys():
        if name in UNIONS:
            needed.add(f"from {UNIONS[name]} import {name}")
            continue
        value = constructor.__globals__[name]
        annotation = re.sub(rf"\b{name}\b", value.__name__, annotation)
        needed.add(f"from {value.__module__} import {value.__name__}")
    return annotation


def _said(cls: Any, name: str) -> str:
    """Return what the docstring of a class, or of one of its bases, says of an argument."""
    for base in cls.__mro__:
        _, _, arguments = inspect.cleandoc(vars(base).get("__doc__") or "").partition("\nArgs:\n")
        if found := re.search(rf"^    {name}: (.*(?:\n     .*)*)", arguments, re.MULTILINE):
            return " ".join(found[1].split())
    return ""


def path(package: ModuleType) -> Path:
    """Return where the stub of a package is: beside the `__init__` of its source."""
    return _source(package).with_suffix(".pyi")


def _source(package: ModuleType) -> Path:
    return Path(str(package.__file__)).resolve()  # of an install by links, where they lead


if __name__ == "__main__":
    for package in PACKAGES:
        path(package).write_text(stub(package))
        print(path(package))
