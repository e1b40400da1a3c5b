"""Packages that come with an extra of simcore: each is imported when it is first used."""

from __future__ import annotations

import importlib
from typing import Any


def load(package: str, extra: str, who: str = "this") -> Any:
    """Return a package that an extra brings.

    Raises:
        ImportError: it is not installed.
    """
    try:
        return importlib.import_module(package)
    except ImportError as err:
        raise ImportError(f"{who} needs {package}: pip install {package}, or 'simcore[{extra}]'") from err
