"""What a user gives as `connect`, as a rule."""

from __future__ import annotations

import inspect
from typing import Any

from simcore import units

from .base import Rule
from .given import Matrix, Pairs, is_sparse


def as_rule(value: Any, who: str) -> Rule:
    """Return `value` as a rule: itself, `Pairs` of a tuple of two arrays, `Matrix` of a matrix."""
    if isinstance(value, Rule):
        return value
    if isinstance(value, tuple) and len(value) == 2:
        return Pairs(*value)
    if is_sparse(value) or getattr(value, "ndim", None) == 2:
        return Matrix(value)
    names = ", ".join(sorted(rule.__name__ for rule in kinds(Rule)))  # type: ignore[type-abstract]
    got = f"the class {value.__name__} itself" if isinstance(value, type) else units.show(value)
    raise TypeError(
        f"{who} needs a connection rule ({names}), a tuple of two arrays of neuron numbers (pre, post) "
        f"or a matrix (n_pre, n_post), got {got}."
    )


def kinds(base: type[Rule]) -> list[type[Rule]]:
    """Return the rules that derive from a class, a user's own among them."""
    below = [kind for child in base.__subclasses__() for kind in (child, *kinds(child))]
    return [kind for kind in below if not inspect.isabstract(kind)]
