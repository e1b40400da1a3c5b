"""Packages that are not needed by the rest of simcore, imported when they are first used."""

from __future__ import annotations

import importlib
from typing import Any


def load(package: str, extra: str) -> Any:
    """Return a package that an extra of simcore brings.

    Raises:
        ImportError: it is not installed.
    """
    try:
        return importlib.import_module(package)
    except ImportError as err:
        raise ImportError(f'sc.{extra} needs {package}: pip install "simcore[{extra}]"') from err
