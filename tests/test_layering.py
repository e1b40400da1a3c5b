"""The folders keep the architecture: arrows point inwards, no circles, no private names of other files."""

import ast
import configparser
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OUTER = ("models", "runners", "inputs", "bridges")
MAY_USE = {"bridges": ("models",)}  # other folders, which none of the rest imports
OTHER_PACKAGES = ("bridges/pynn",)  # distributions of their own
# Each room of the core imports from those before it; files at its root stand where they are named.
ROOMS = ("files", "memory", "surrogate", "units", "module", "step", "integrators", "spikes", "bases")
FILES = {path.relative_to(ROOT): ast.parse(path.read_text())
         for folder in ("simcore", *OUTER) for path in sorted((ROOT / folder).rglob("*.py"))
         if not path.relative_to(ROOT).as_posix().startswith(OTHER_PACKAGES)}  # fmt: skip
HANDS_ON = Path("simcore/__init__.py")  # alone, the outer folders


def dotted(path):
    """Return the installed name of a file."""
    parts = path.with_suffix("").parts
    parts = parts if parts[0] == "simcore" else ("simcore", *parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {dotted(path): path for path in FILES}


def imports(path):
    """Return the modules of simcore that a file imports, function bodies and type checking included."""
    package = dotted(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    found = set()
    for node in ast.walk(FILES[path]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {name if (name := f"{module}.{alias.name}") in NAMES else module for alias in node.names}
    return {name for name in found if name.split(".")[0] in ("simcore", *OUTER)}


def folder(name):
    """Return which of the folders a module of simcore lies in."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in OUTER else "simcore"


@pytest.mark.parametrize("path", FILES, ids=str)
def test_imports_point_inwards(path):
    if path == HANDS_ON:
        return
    for name in imports(path):
        assert name.split(".")[0] == "simcore", f"a bare import of {name} makes a second copy of it"
        home = folder(dotted(path))
        assert folder(name) in ("simcore", home, *MAY_USE.get(home, ())), f"{path} imports {name}"


@pytest.mark.parametrize("path", [p for p in FILES if p.parts[0] == "simcore"], ids=str)
def test_a_room_of_the_core_imports_from_those_before_it(path):
    room = dotted(path).split(".")[1:2]
    if not room or room[0] not in ROOMS:
        return
    for name in imports(path):
        other = name.split(".")[1:2]
        assert other, f"{path} imports from simcore itself"
        assert other[0] in ROOMS[: ROOMS.index(room[0]) + 1], f"{path} imports {name}, a later room"


def test_there_is_no_circle_of_files():
    arrows = {dotted(path): imports(path) - {dotted(path)} for path in FILES if path != HANDS_ON}
    # `from simcore import units` asks for the package, which hands on what each file has: no arrow of its own.
    left = {name: {a for a in targets if a in arrows} for name, targets in arrows.items()}
    while free := [name for name, targets in left.items() if not targets & left.keys()]:
        for name in free:
            del left[name]
    assert not left, f"circles among {sorted(left)}"


def private(name):
    return name.startswith("_") and not name.startswith("__")


@pytest.mark.parametrize("path", FILES, ids=str)
def test_no_file_uses_a_private_name_of_another(path):
    tree = FILES[path]
    at_home = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    at_home |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    at_home |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword) if node.arg}
    at_home |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")}  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").startswith("simcore")):
            assert not [a.name for a in node.names if private(a.name)], f"{path}:{node.lineno}"
        if isinstance(node, ast.Attribute) and private(node.attr):
            assert node.attr in at_home, f"{path}:{node.lineno}: {node.attr} of another file"


# What may be asked of an object by hasattr or getattr: attributes of Python, numpy, JAX, pint and xarray, which declare
# no base to ask. What simcore's own parts ask of one another is declared on a base.
OF_OTHERS = {"_fields", "ndim", "jaxpr", "consts", "val", "magnitude", "units", "isel"}


@pytest.mark.parametrize("path", FILES, ids=str)
def test_no_attribute_name_is_a_message(path):
    for node in ast.walk(FILES[path]):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("hasattr", "getattr"):
            name = node.args[1]
            if isinstance(name, ast.Constant):
                assert name.value in OF_OTHERS or name.value.startswith("__"), f"{path}:{node.lineno}: {name.value}"


def test_the_core_knows_no_class_of_an_outer_folder():
    def defined(core):
        trees = [tree for path, tree in FILES.items() if (path.parts[0] == "simcore") == core]
        return {n.name for tree in trees for n in ast.walk(tree) if isinstance(n, ast.ClassDef | ast.FunctionDef)}

    outer = {name for name in defined(core=False) - defined(core=True) if name[0].isupper()}
    for path, tree in FILES.items():
        if path.parts[0] == "simcore" and path != HANDS_ON:
            names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
            at_home = {node.id for node in names if isinstance(node.ctx, ast.Store)}
            assert not ({node.id for node in names} - at_home) & outer, path


@pytest.mark.parametrize("path", FILES, ids=str)
def test_heavy_packages_load_when_first_used(path):
    for node in FILES[path].body:
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else [getattr(node, "module", "") or ""]
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert not {n.split(".")[0] for n in names} & {"matplotlib", "tqdm", "scipy", "IPython", "nir", "h5py"}


def test_setup_lists_every_package():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    listed = setup["options"]["packages"].split()
    assert sorted(listed) == sorted(name for name, path in NAMES.items() if path.name == "__init__.py")


def test_a_checkout_that_is_not_installed_says_what_to_run(tmp_path):
    import shutil
    import subprocess
    import sys

    shutil.copytree(ROOT / "simcore", tmp_path / "simcore")
    # -S -E: without site-packages there is no installed simcore; jax and the others come back by their paths.
    code = (
        f"import sys; sys.path[:0] = {[str(tmp_path), *[p for p in sys.path if p.endswith('site-packages')]]!r}\n"
        "import simcore"
    )
    run = subprocess.run([sys.executable, "-S", "-E", "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert run.stderr.splitlines()[-1] == (
        "ImportError: simcore is not installed; in the folder of its checkout run: pip install -e ."
    )
