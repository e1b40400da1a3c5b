"""Warnings at the line of the user's that called simcore."""

from __future__ import annotations

import inspect
import warnings
import weakref
from typing import Any

# What has been said about each model.
_told: weakref.WeakKeyDictionary[Any, set[str]] = weakref.WeakKeyDictionary()


def warn(text: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line of the user's that called simcore."""
    frame, level = inspect.currentframe(), 1
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == __name__.partition(".")[0]:
        frame, level = frame.f_back, level + 1
    warnings.warn(text, category, stacklevel=level)


def warn_once(model: Any, text: str) -> None:
    """Warn as `warn` does, but of a model only once."""
    if text not in _told.setdefault(model, set()):
        _told[model].add(text)
        warn(text)
