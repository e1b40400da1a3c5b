"""What pictures share: figures, axes, labels with units, limits. matplotlib loads with the first picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pint

from .. import units


def get_figure(rows: int = 1, columns: int = 1, row_length: float = 3.0, column_length: float = 6.0) -> tuple[Any, Any]:
    """Return a matplotlib figure and its grid, ``fig.add_subplot(grid[0, 0])``; lengths in inches a row and column."""
    import matplotlib.pyplot as plt

    fig = plt.figure(figsize=(columns * column_length, rows * row_length), constrained_layout=True)
    return fig, fig.add_gridspec(rows, columns)


def read(value: Any) -> tuple[np.ndarray, str, Any]:
    """Return the magnitude, an axis label such as "voltage (mV)", and the unit (None of plain numbers)."""
    if not isinstance(value, pint.Quantity):
        return np.asarray(value), "", None
    unit = f"{value.units:~P}"
    what = units.NAMED.get(units.kernel_unit(units.dimension(value)), "") if unit else ""
    return np.asarray(value.magnitude), f"{what} ({unit})".strip() if unit else "", value.units


def axes_of(ax: Any) -> Any:
    import matplotlib.pyplot as plt

    return ax if ax is not None else plt.figure(constrained_layout=True).add_subplot()


def limits(limits: Any, unit: Any, who: str) -> list[float]:
    """Return the limits of an axis as numbers in its unit; bare numbers are in it already."""
    text = "dimensionless" if unit is None else f"{unit}"
    return [
        float(units.as_magnitude(v, text, who)) if isinstance(v := units.read(limit, who), pint.Quantity) else v
        for limit in limits
    ]


def name_axes(ax: Any, x: str, y: str, title: str | None) -> None:
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    if title:
        ax.set_title(title)


def finish(ax: Any, xlim: Any, ylim: Any, x_unit: Any, y_unit: Any, show: bool) -> Any:
    if xlim is not None:
        ax.set_xlim(limits(xlim, x_unit, "xlim"))
    if ylim is not None:
        ax.set_ylim(limits(ylim, y_unit, "ylim"))
    if show:
        import matplotlib.pyplot as plt

        plt.show()
    return ax


def edges(places: np.ndarray) -> np.ndarray:
    """Return the edges of cells around places that may be unevenly spaced: half way between them."""
    middle = (places[1:] + places[:-1]) / 2
    return np.concatenate([[2 * places[0] - middle[0]], middle, [2 * places[-1] - middle[-1]]])


def name_places(axis: Any, texts: list[str] | None) -> None:
    if texts is not None:
        axis.set_ticks(np.arange(len(texts)), texts)


def with_unit(name: str, unit: Any) -> str:
    short = "" if unit is None else f"{unit:~P}"
    return f"{name} ({short})" if short else name
