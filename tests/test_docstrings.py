"""Every public name says what it is: its arguments, what it raises, its shapes and units."""

import ast
import inspect
import re
import textwrap
import types

import pytest

import simcore as sc

NAMESPACES = [sc, sc.models.channels, *(v for n in sc.__all__ if isinstance(v := getattr(sc, n), types.ModuleType))]


def public():
    """Return all public classes and functions, each once, by their full names; of classes what they define, too."""
    found = {}
    for module in NAMESPACES:
        own = (n for n, v in vars(module).items() if not n.startswith("_") and inspect.isroutine(v)
               and v.__module__ == module.__name__)  # fmt: skip
        for name in getattr(module, "__all__", None) or own:
            obj = getattr(module, name)
            if inspect.isclass(obj) or inspect.isroutine(obj):
                found.setdefault(obj, f"{module.__name__}.{name}")
    members = {}
    for obj, name in found.items():
        if inspect.isclass(obj):
            for key, value in vars(obj).items():
                plain = value.__func__ if isinstance(value, classmethod | staticmethod) else value
                if not key.startswith("_") and isinstance(plain, types.FunctionType | property):
                    members[f"{name}.{key}"] = (obj, key)
    return {name: obj for obj, name in found.items()}, members


NAMES, MEMBERS = public()
RAISES = re.compile(r"Raises:|[Rr]aise|[Rr]efuse|[Ee]rror")


def raised(function):
    """Return whether the body of a function raises something of its own, that a caller may see."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    kinds = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc is not None]
    return any("NotImplementedError" not in ast.dump(exc) for exc in kinds)


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_has_a_docstring_with_its_arguments_and_errors(name):
    obj = NAMES[name]
    doc = inspect.getdoc(obj)
    assert doc, name
    if inspect.isfunction(obj):
        assert not raised(obj) or RAISES.search(doc), "it does not say what it raises"
        arguments = [p.name for p in inspect.signature(obj).parameters.values() if not p.name.startswith("_")]
        assert not [a for a in arguments if not re.search(rf"\b{a}\b", doc)], "it does not name all arguments"


@pytest.mark.parametrize("name", MEMBERS)
def test_a_public_method_has_a_docstring_with_its_errors(name):
    cls, key = MEMBERS[name]
    doc = inspect.getdoc(getattr(cls, key)) if key in vars(cls) else None
    doc = doc or inspect.getdoc(vars(cls)[key])
    assert doc, name
    value = inspect.getattr_static(cls, key)
    function = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
    inherited = any(RAISES.search(inspect.getdoc(c) or "") for c in cls.__mro__[:-1])
    assert not raised(function) or RAISES.search(doc) or inherited, "it does not say what it raises"
