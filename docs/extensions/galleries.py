"""The galleries: every example and every lesson is executed, and becomes a page with its pictures and a notebook.

A page is executed again when its script has changed. Examples are plain scripts: the first sentence of their docstring
is the title of their page.
"""

import os
import re
import tempfile
from pathlib import Path
from typing import Any

import jax
from sphinx_gallery import py_source_parser
from sphinx_gallery.sorting import FileNameSortKey

import simcore as sc
from simcore.units import ms

HERE = Path(__file__).parents[1]
NAMED_IN_README = re.findall(r"`(\w+\.py)`", (HERE.parent / "README.md").read_text())
split = py_source_parser.split_code_and_text_blocks


def with_title(source_file: str, *args: Any, **kwargs: Any) -> Any:
    """Return the blocks of a script, the first with a title: the first sentence of the docstring, underlined."""
    config, blocks, *more = split(source_file, *args, **kwargs)
    kind, text, *where = blocks[0]
    head, _, rest = text.strip().partition("\n\n")
    if kind == "text" and not re.search(r"\n[=\-]{3,}$", head):
        title = " ".join(head.split()).removesuffix(".")
        blocks[0] = type(blocks[0])((kind, f"{title}\n{'=' * len(title)}\n\n{rest}\n", *where))
    return (config, blocks, *more)


class AsInReadme(FileNameSortKey):
    """Examples in the order of README's table, others after them by name."""

    def __call__(self, filename: str) -> Any:
        """Return by what a script is sorted."""
        known = filename in NAMED_IN_README
        return (NAMED_IN_README.index(filename) if known else len(NAMED_IN_README), filename)


def fresh(gallery_conf: dict[str, Any], script: str) -> None:
    """Give a script the state of a new process, and a folder of its own for what it saves."""
    jax.config.update("jax_enable_x64", False)
    jax.clear_caches()
    sc.environ.set(dt=0.1 * ms)
    os.chdir(tempfile.mkdtemp())


def setup(app: Any) -> dict[str, Any]:
    """Called by Sphinx."""
    py_source_parser.split_code_and_text_blocks = with_title
    return {"parallel_read_safe": True}
