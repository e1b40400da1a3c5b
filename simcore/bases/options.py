"""The options of neurons: what each may be, in a constructor, set later, or in the body of a class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from .. import integrators

RESETS = ("soft", "hard", "none")
REFRACTORY = ("hold", "block")  # what happens to V in the refractory period: it is held, or only its spikes are


def check(who: str, name: str, value: Any) -> None:
    """Refuse a value that an option cannot have.

    Raises:
        TypeError, ValueError: it begins with `who`, and says what is needed.
    """
    if name in _CHECKS:
        _CHECKS[name](f"{who}: {name!r}", value)


def check_body(cls: Any) -> None:
    """Refuse what the body of a class gives to options; a property of that name is left alone."""
    for name in cls.OPTIONS:
        if name in vars(cls) and not isinstance(vars(cls)[name], property):
            check(cls.__name__, name, vars(cls)[name])


def _check_method(who: str, value: Any) -> None:
    known = isinstance(value, str) and value in integrators.METHODS
    if value is not None and not known and not isinstance(value, integrators.Integrator):
        raise ValueError(f"{who} must be one of {', '.join(integrators.METHODS)}, or an Integrator, got {value!r}.")


def _check_reset(who: str, value: Any) -> None:
    if not isinstance(value, str) or value not in RESETS:
        raise ValueError(f"{who} must be one of {', '.join(RESETS)}, got {value!r}.")


def _check_refractory(who: str, value: Any) -> None:
    if not isinstance(value, str) or value not in REFRACTORY:
        raise ValueError(f"{who} must be one of {', '.join(REFRACTORY)}, got {value!r}.")


def _check_surrogate(who: str, value: Any) -> None:
    if isinstance(value, type) or not callable(value):
        raise TypeError(f"{who} must be a surrogate, e.g. sc.surrogate.ReluGrad(), got {value!r}.")


def _check_detach(who: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise TypeError(f"{who} must be True or False, got {value!r}.")


def _check_dtype(who: str, value: Any) -> None:
    try:
        known = value is None or jnp.dtype(value).kind in "biufV"  # V: bfloat16
    except TypeError:
        known = False
    if not known:
        raise TypeError(f"{who} must be the type of an array, e.g. 'float32', 'int8' or bool, got {value!r}.")


_CHECKS: dict[str, Callable[[str, Any], None]] = {
    "method": _check_method,
    "spk_reset": _check_reset,
    "refractory": _check_refractory,
    "spk_fun": _check_surrogate,
    "detach_spk": _check_detach,
    "spk_dtype": _check_dtype,
}
