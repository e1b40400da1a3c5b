"""What pictures share: figures, axes, labels with units, limits. matplotlib loads with the first picture."""

from __future__ import annotations

import functools
import math
import sys
from typing import Any

import numpy as np
import pint

from .. import units


def get_figure(rows: int = 1, columns: int = 1, row_length: float = 3.0, column_length: float = 6.0) -> tuple[Any, Any]:
    """Return a matplotlib figure and its grid, ``fig.add_subplot(grid[0, 0])``.

    Args:
        rows, columns: how many.
        row_length, column_length: inches of each.
    """
    import matplotlib.pyplot as plt

    fig = plt.figure(figsize=(columns * column_length, rows * row_length), constrained_layout=True)
    return fig, fig.add_gridspec(rows, columns)


def label_of(unit: Any) -> str:
    """Return an axis label such as "voltage (mV)"; "" without a unit."""
    short = "" if unit is None else f"{unit:~P}"
    what = units.NAMED.get(units.kernel_unit(units.dimension(unit)), "") if short else ""
    return f"{what} ({short})".strip() if short else ""


def onto(axis: Any, value: Any, who: str) -> tuple[np.ndarray, Any]:
    """Return values as numbers in the unit of an axis, and that unit; an axis without one takes theirs.

    From then on matplotlib converts what is drawn there, or refuses it: ``ax.axhline(cell.V_th)``.

    Raises:
        DimensionalityError: the axis is in a unit of another dimension, or in one and the values in none.
    """
    convert_quantities()
    unit = axis.get_units()
    if unit is None and isinstance(value, pint.Quantity):
        axis.update_units(value)
        unit = axis.get_units()
    if not isinstance(unit, pint.Unit):
        return np.asarray(value), None
    text = units.unit_of(1 * unit)
    return units.as_magnitude(value, text, f"{who}: the {axis.axis_name} axis", finite=False), unit


def columns(values: Any, who: str) -> Any:
    """Return values (T, ...), a quantity or numbers, as (T, n): further axes count as columns."""
    values = units.read(values, who)  # a list of quantities becomes one
    return np.reshape(values, (len(values), math.prod(np.shape(values)[1:])))


def chosen(plot_ids: Any, n: int, who: str) -> np.ndarray:
    """Return the numbers of the columns that are drawn, of n: by default all.

    Raises:
        IndexError: there are not so many.
    """
    if plot_ids is None:
        return np.arange(n)
    try:
        numbers = np.arange(n)[plot_ids if isinstance(plot_ids, slice) else np.asarray(plot_ids)]
    except IndexError as err:
        raise IndexError(f"{who}: 'plot_ids' = {plot_ids!r} are of {n} columns: {err}.") from err
    return np.atleast_1d(numbers)


def convert_quantities() -> None:
    """Have matplotlib, if it is loaded, convert quantities to the unit of the axis that they are drawn on."""
    if "matplotlib.units" in sys.modules:
        sys.modules["matplotlib.units"].registry[pint.Quantity] = _converter()


@functools.cache
def _converter() -> Any:
    import matplotlib.units
    from pint.matplotlib import PintConverter

    class Converter(PintConverter):
        """That of pint, with simcore's labels, and for arrays without a value too."""

        @staticmethod
        def default_units(x: Any, axis: Any) -> Any:
            return x.units if isinstance(x, pint.Quantity) else PintConverter.default_units(x, axis)

        @staticmethod
        def axisinfo(unit: Any, axis: Any) -> Any:
            return matplotlib.units.AxisInfo(label=label_of(unit))

    return Converter(pint.get_application_registry())


def axes_of(ax: Any) -> Any:
    import matplotlib.pyplot as plt

    return ax if ax is not None else plt.figure(constrained_layout=True).add_subplot()


def limits(limits: Any, unit: Any, who: str) -> list[float]:
    """Return the limits of an axis as numbers in its unit; bare numbers are in it already."""
    text = "dimensionless" if unit is None else f"{unit}"
    if (not isinstance(limits, tuple | list) and np.ndim(limits) != 1) or len(limits) != 2:
        raise ValueError(f"{who} must be two values, (from, to), got {units.show(limits)}.")
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
