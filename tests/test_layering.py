"""The folders keep the architecture: imports point inwards, names are the installed ones."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OUTER = ("models", "runners", "inputs")
FILES = [path for folder in ("simcore", *OUTER) for path in sorted((ROOT / folder).rglob("*.py"))]


def imports(path):
    """Return the modules that a file imports absolutely, function bodies included."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.append(node.module)
            found += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and path.is_relative_to(ROOT / "simcore"):
            found += [f"simcore.{alias.name}" for alias in node.names if path.parent == ROOT / "simcore"]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_inwards(path):
    folder = path.relative_to(ROOT).parts[0]
    if path == ROOT / "simcore/__init__.py":  # alone hands the outer folders on
        return
    for name in imports(path):
        assert name.split(".")[0] not in OUTER, f"a bare import of {name} makes a second copy of it"
        for outer in OUTER:
            if outer != folder:
                assert not f"{name}.".startswith(f"simcore.{outer}."), f"{folder} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_heavy_packages_load_when_first_used(path):
    tree = ast.parse(path.read_text())
    for node in tree.body:
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else [getattr(node, "module", "") or ""]
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert not {n.split(".")[0] for n in names} & {"matplotlib", "tqdm", "scipy", "IPython"}


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
