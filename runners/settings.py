"""Settings of runners and sweeps: checked when they are given, in the constructor and later; others are refused."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from simcore.module import seeds
from simcore.units.clock import MAX_STEP


class Settings:
    """Base of what has settings: assigning to anything else is refused.

    What a constructor makes for good is put there by `fix`.
    """

    SETTABLE: ClassVar[tuple[str, ...]] = ()

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.SETTABLE or name.startswith("_"):
            object.__setattr__(self, name, value)
            return
        who = type(self).__name__
        if name in vars(self) or name in dir(type(self)):
            raise AttributeError(f"{who}: {name!r} cannot be set; it can be given when another {who} is made.")
        near = difflib.get_close_matches(name, self.SETTABLE, 1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise AttributeError(f"{who} has no setting {name!r}{hint} It has {', '.join(self.SETTABLE)}.")

    def fix(self, **values: Any) -> None:
        """Set attributes that nobody else sets."""
        vars(self).update(values)


class Setting:
    """An attribute that is checked when it is set: `check` takes the owner's name and the value, returns the value."""

    def __init__(self, check: Callable[[str, Any], Any]) -> None:
        self.check = check

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        return self if owner is None else vars(owner)[self.name]

    def __set__(self, owner: Any, value: Any) -> None:
        vars(owner)[self.name] = self.check(type(owner).__name__, value)


def seed(who: str, value: Any) -> int:
    """Return a seed; ValueError unless it is one."""
    return seeds.checked(value, who)


def step_count(who: str, value: Any) -> int:
    """Return a number of steps; ValueError unless it is one."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 0 <= value <= MAX_STEP:
        raise ValueError(f"{who}: 'i' must be a number of steps, an int from 0 to 2**31 - 1, got {value!r}.")
    return int(value)


def one_of(name: str, choices: tuple[str, ...]) -> Callable[[str, Any], Any]:
    """Return the check of a setting that has some values."""

    def check(who: str, value: Any) -> Any:
        if value not in choices:
            raise ValueError(f"{who}: {name!r} must be one of {', '.join(choices)}, got {value!r}.")
        return value

    return check


def flag(name: str) -> Callable[[str, Any], bool]:
    """Return the check of a setting that is on or off."""

    def check(who: str, value: Any) -> bool:
        if not isinstance(value, bool | np.bool_):
            raise TypeError(f"{who}: {name!r} must be True or False, got {value!r}.")
        return bool(value)

    return check
