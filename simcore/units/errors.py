"""The error of a wrong physical dimension."""

from __future__ import annotations

from typing import Any

import pint


class DimensionalityError(pint.DimensionalityError):
    """A value or an equation with the wrong physical dimension.

    Its text names who, which argument or line, what is needed, what came and the cure.
    It is a `pint.DimensionalityError`, as is what pint itself raises, for ``mon.V + mon.ts``: ``except
    pint.DimensionalityError`` catches both.
    """

    def __init__(self, message: str, got: Any = "dimensionless", needed: Any = "dimensionless") -> None:
        super().__init__(got, needed)
        self.message = message

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return DimensionalityError, (self.message, self.units1, self.units2)
