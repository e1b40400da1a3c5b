"""The galleries: every example and every lesson is executed, and becomes a page with its pictures and a notebook.

What is executed is a copy, in docs/_scripts: files that a script writes stay there. Examples are plain scripts; in the
copy the first line of their docstring is the title of their page. A page is made again when its script has changed.
"""

import builtins
import re
import shutil
from pathlib import Path
from typing import Any

import jax
from sphinx_gallery.sorting import FileNameSortKey

import simcore as sc
from simcore.units import ms

DOCS = Path(__file__).parents[1]
SCRIPTS = DOCS / "_scripts"
NAMED_IN_README = re.findall(r"`(\w+\.py)`", (DOCS.parent / "README.md").read_text())


def copied() -> list[str]:
    """Copy lessons and examples, and return the two folders."""
    shutil.rmtree(SCRIPTS, ignore_errors=True)
    lessons = shutil.copytree(DOCS / "lessons", SCRIPTS / "lessons")
    examples = shutil.copytree(DOCS.parent / "examples", SCRIPTS / "examples")
    (lessons / "EXAMPLES_HEADER.rst").rename(examples / "GALLERY_HEADER.rst")
    for script in examples.glob("*.py"):
        text = script.read_text()
        first = re.match(r'r?"""(.+)\n', text)
        title = first[1].removesuffix(".")
        script.write_text(text.replace(first[0], f'"""{title}\n{"=" * len(title)}\n', 1))
    return [str(lessons), str(examples)]


class AsInReadme(FileNameSortKey):
    """Examples in the order of README's table, others after them by name."""

    def __call__(self, filename: str) -> Any:
        """Return by what a script is sorted."""
        known = filename in NAMED_IN_README
        return (NAMED_IN_README.index(filename) if known else len(NAMED_IN_README), filename)


def fresh(gallery_conf: dict[str, Any], script: str) -> None:
    """Give a script the settings of a new process, and the name of its file, which sphinx-gallery leaves out."""
    builtins.__file__ = str(SCRIPTS / "examples" / script)
    jax.config.update("jax_enable_x64", False)
    jax.clear_caches()
    sc.environ.set(dt=0.1 * ms)
