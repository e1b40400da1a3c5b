"""The stubs are those of the declarations as they are, and hold all that an editor shows."""

import ast
import inspect

import pytest

import simcore as sc
from simcore import stubs

PACKAGES = pytest.mark.parametrize("package", stubs.PACKAGES, ids=lambda package: package.__name__)


@PACKAGES
def test_a_stub_is_current(package):
    current = stubs.path(package).read_text() == stubs.stub(package)
    assert current, "a declaration has changed; run: python -m simcore.stubs"


@PACKAGES
def test_a_stub_has_every_public_name(package):
    tree = ast.parse(stubs.stub(package))
    names = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    names |= {alias.asname for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert {*package.__all__} <= names


def constructors(package):
    """Return the constructors of a stub, by the name of their class."""
    classes = [node for node in ast.parse(stubs.stub(package)).body if isinstance(node, ast.ClassDef)]
    return {node.name: node.body[0] for node in classes}


@PACKAGES
def test_a_constructor_has_the_arguments_that_it_takes(package):
    for name, init in constructors(package).items():
        parameters = inspect.signature(getattr(package, name)).parameters.values()
        keyword_only = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
        assert [a.arg for a in init.args.args[1:]] == [p.name for p in parameters if p.name not in keyword_only]
        assert [a.arg for a in init.args.kwonlyargs] == keyword_only
        required = [p.name for p in parameters if p.default is p.empty]
        by_position = [a.arg for a in init.args.args[1 : len(init.args.args) - len(init.args.defaults)]]
        by_name = zip(init.args.kwonlyargs, init.args.kw_defaults, strict=True)
        assert [*by_position, *(a.arg for a, default in by_name if default is None)] == required


@PACKAGES
def test_each_argument_has_its_meaning(package):
    for name, init in constructors(package).items():
        said = ast.get_docstring(init).partition("Args:\n")[2]
        for a in [*init.args.args[1:], *init.args.kwonlyargs]:
            line = next(line for line in said.splitlines() if line.startswith((f"    {a.arg}:", f"    {a.arg} (")))
            assert len(line.partition(":")[2]) > 3, f"{name}: {line}"


def test_a_unit_stands_with_the_type_the_default_and_the_meaning():
    init = constructors(sc.models)["AdExIF"]
    argument = next(a for a in init.args.args if a.arg == "tau_w")
    default = init.args.defaults[init.args.args.index(argument) - len(init.args.args)]
    assert (ast.unparse(argument), ast.unparse(default)) == ("tau_w: QuantityLike", "Quantity(30.0, 'ms')")
    assert "\n    tau_w (ms): time constant of the adaptation\n" in ast.get_docstring(init)
