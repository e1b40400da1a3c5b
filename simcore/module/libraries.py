"""Libraries: what is simcore's or an installed package's, whose code is as it is, and what is the user's."""

from __future__ import annotations

import functools
import pathlib
import sys
import types
from typing import Any

_LIBRARIES = {"simcore", "jax", "jaxlib", "numpy", "scipy", "pint", *sys.stdlib_module_names, *sys.builtin_module_names}
_INSTALLED = {"site-packages", "dist-packages"}  # folders


@functools.lru_cache(maxsize=4096)
def _in_library(module: str) -> bool:
    root = module.partition(".")[0]
    file = getattr(sys.modules.get(root), "__file__", None)
    return root in _LIBRARIES or (file is not None and bool(_INSTALLED & {*pathlib.Path(file).parts}))


def is_library(value: Any) -> bool:
    """Return whether a function, class or module belongs to simcore or an installed package: its code is as it is."""
    name = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None)
    return _in_library(name or "builtins")


def is_model_library(cls: type) -> bool:
    """Return whether a class of simcore, whose members may be patched, stands among the bases."""
    return any(base.__module__.partition(".")[0] == "simcore" for base in cls.__mro__)
