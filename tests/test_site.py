"""The code on the pages of docs/ runs, in the order of a page, and prints or raises what stands below it.

So do the rows of the tables of what others type.
"""

import contextlib
import functools
import io
import re
from pathlib import Path

import jax
import matplotlib.pyplot as plt
import pytest

import simcore as sc
from simcore.units import ms

DOCS = Path(__file__).parent.parent / "docs"
FOLDERS = ("", "start", "howto", "reference", "explanation", "coming_from")
PAGES = {str(page.relative_to(DOCS)): page for folder in FOLDERS
         for page in sorted((DOCS / folder).glob("*.md"))}  # fmt: skip
OWN_TESTS = {"contract.md", "nest.md"}  # which test_contract.py and test_nest_page.py run
BLOCK = re.compile(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", re.DOTALL)
CODE = {name: BLOCK.findall(page.read_text()) for name, page in PAGES.items() if name not in OWN_TESTS}
ROW = re.compile(r"^\| .* \| (.*) \|$", re.MULTILINE)
# Rows of two columns of code, in a table whose right column is simcore.
TABLES = {name: re.findall(r"^\| \w+ \| simcore \|\n.*?(?=\n\n)", page.read_text(), re.DOTALL | re.MULTILINE)
          for name, page in PAGES.items() if name.startswith("coming_from")}  # fmt: skip


@pytest.fixture(autouse=True)
def _as_a_user(monkeypatch, tmp_path):
    """Run in an empty folder, in float32, with one device, and leave no trace."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plt, "show", lambda: None)
    monkeypatch.setattr(sc.distributed, "use_cpu_devices", lambda n: None)  # JAX has started: a script has its own
    yield
    plt.close("all")
    sc.environ.set(dt=0.1 * ms)


def outcome(code, name, scope):
    """Return what a block prints, and the error that it ends with, as Python shows it."""
    printed, plain = io.StringIO(), re.sub(r"devices=2", f"devices={min(2, jax.device_count())}", code)
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(plain, name, "exec"), scope)
    except Exception as err:
        return printed.getvalue() + f"{type(err).__name__}: {err}\n"
    return printed.getvalue()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # a page shows one, of a state that is not finite
@pytest.mark.parametrize("name", [name for name, blocks in CODE.items() if blocks])
def test_a_page_runs_and_prints_what_it_says(name):
    scope = {"__name__": "__main__"}
    for code, text in CODE[name]:
        found = outcome(code, Path(name).name, scope)
        if text:
            assert found == text, name
        else:
            assert not re.search(r"^\w+(Error|Exception): ", found, re.MULTILINE), found


def rows():
    """Return the code in the right column of each row, with its page."""
    for name, tables in TABLES.items():
        for cell in (cell for table in tables for cell in ROW.findall(table)[1:]):
            for code in re.findall(r"`([^`]+)`", cell.replace(r"\|", "|")):
                if re.search(r"[(=]", code) and not code.endswith("="):
                    yield pytest.param(name, code, id=f"{name}: {code[:40]}")


NAMING = [*PAGES.values(), DOCS.parent / "README.md", *(DOCS / "lessons").iterdir()]


@pytest.mark.parametrize("page", NAMING, ids=lambda page: page.name)
def test_the_names_of_a_page_exist(page):
    for name in set(re.findall(r"(?<![\w.])sc\.([A-Za-z_][\w.]*\w)", page.read_text())):
        functools.reduce(getattr, name.split("."), sc)


def test_what_is_to_be_cited_has_the_version_of_the_package():
    assert f"version: {sc.__version__}\n" in (DOCS.parent / "CITATION.cff").read_text()


@pytest.fixture(scope="module")
def scopes():
    return {}


@pytest.mark.parametrize(("name", "code"), list(rows()))
def test_a_row_runs(name, code, scopes):
    if name not in scopes:
        scopes[name] = {}
        for block, _ in CODE[name]:
            exec(compile(block, name, "exec"), scopes[name])
    if code.startswith(("receptor", "weight=")):
        code = f"dict({code})"
    exec(compile(code, name, "exec"), scopes[name])
