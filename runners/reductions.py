"""Reductions: one number, or some quantiles, of the values along some axes. Values that are nan are left out."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pint

NAMED: dict[str, Callable[..., Any]] = {
    "mean": np.nanmean, "std": np.nanstd, "min": np.nanmin, "max": np.nanmax, "median": np.nanmedian,
}  # fmt: skip
Reduction = str | float | tuple[float, ...]


def checked(reduction: Any, who: str) -> Reduction:
    """Return a reduction: the name of one, a quantile, or several; ValueError unless it is one."""
    named = isinstance(reduction, str) and reduction in NAMED
    return reduction if named else quantiles(reduction, who, f"one of {', '.join(map(repr, NAMED))}, or ")


def quantiles(q: Any, who: str, others: str = "") -> float | tuple[float, ...]:
    """Return a quantile or several; ValueError unless it is that. `others` is what else could be given."""
    several = tuple(q) if isinstance(q, tuple | list | np.ndarray) else (q,)
    if several and all(isinstance(v, int | float) and 0 <= v <= 1 for v in several):
        return several if np.ndim(q) else q
    raise ValueError(f"{who} must be {others}quantiles from 0 to 1, 0.5 or (0.1, 0.5, 0.9), got {q!r}.")


def reduced(values: Any, reduction: Reduction, axes: tuple[int, ...]) -> Any:
    """Return the values, a quantity or an array, without these axes; of several quantiles, one axis first."""
    array = np.asarray(getattr(values, "magnitude", values))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "(All-NaN|Mean of empty|Degrees of freedom)", RuntimeWarning)
        if isinstance(reduction, str):
            of_none = 0 in (array.shape[k] for k in axes)  # nan, where numpy has no smallest value
            result = NAMED["mean" if of_none else reduction](array, axis=axes)
        else:
            result = np.nanquantile(array, reduction, axis=axes)
    return values.__class__(result, values.units) if isinstance(values, pint.Quantity) else result
