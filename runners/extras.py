"""Packages that come with an extra of simcore: each loads when it is first used."""

from __future__ import annotations

import importlib
from typing import Any


def package(name: str, extra: str) -> Any:
    """Return a package; ImportError with the cure."""
    try:
        return importlib.import_module(name)
    except ImportError as err:
        raise ImportError(f"this needs {name}: pip install {name}, or 'simcore[{extra}]'") from err
