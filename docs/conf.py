"""Configuration of Sphinx. From the root of a checkout: python -m sphinx -W -b html docs docs/_build."""

import sys
from pathlib import Path

import simcore as sc

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "extensions"))
import galleries  # noqa: E402

# Namespaces that are attributes of simcore and lie elsewhere: autodoc imports what it documents by its public name.
sys.modules |= {f"simcore.{name}": getattr(sc, name) for name in ("analysis", "design", "measure")}

project, author, copyright = "simcore", "the simcore developers", "2026, the simcore developers"
version = release = sc.__version__
extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx-mathjax-offline",
    "sphinx_gallery.gen_gallery",
    "sphinx_copybutton",
    "myst_parser",
    "docstrings",
    "reference",
]
exclude_patterns = ["_build", "_scripts", "lessons", "extensions", "**sg_execution_times.rst"]

# Single backticks in docstrings are names: links where there is something to link to, else code.
default_role = "py:obj"
autodoc_default_options = {"members": True, "show-inheritance": True, "member-order": "bysource"}
napoleon_numpy_docstring, napoleon_use_ivar = False, True
myst_enable_extensions = ["colon_fence", "dollarmath", "attrs_block"]
myst_heading_anchors = 3
copybutton_exclude = ".linenos, .gp"

sphinx_gallery_conf = {
    "examples_dirs": galleries.copied(),
    "gallery_dirs": ["tutorials", "gallery"],
    "filename_pattern": r"\.py$",  # all of them are executed
    "ignore_pattern": r"microcircuit_parameters|__init__",
    "within_subsection_order": "galleries.InOrder",
    "backreferences_dir": "reference/uses",
    "doc_module": ("simcore",),
    "reset_modules": ("matplotlib", "galleries.fresh"),
    "parallel": 2,
    "ignore_repr_types": r"matplotlib|NoneType",
    "show_memory": False,
    "min_reported_time": 1,
}

html_theme = "pydata_sphinx_theme"
html_title = "simcore"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_theme_options = {
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "header_links_before_dropdown": 6,
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc", "sg_download_links"],
}
html_show_sourcelink = False
