"""Recording: what a run returns."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any, NamedTuple

import numpy as np
import pint

from simcore.units.clock import as_time

from ..schedule import Grid
from .events import SpikeEvents


class _Later(NamedTuple):
    make: Callable[[], Any]
    shown: str


class Recording(MutableMapping[str, Any]):
    """What a run recorded, by monitor name; items are attributes too. `ts` are the ends of all steps.

    ``times(name)`` are the times of one monitor, where it does not record in each step. It can be pickled and copied;
    that of a store refers to its folder.
    """

    def __init__(self, steps: Grid | None = None, dt: float = 0.1, t0: float = 0.0) -> None:
        self._grids, self._dt, self._t0 = {"ts": steps or Grid(0, 1, 0)}, dt, t0
        self._items: dict[str, Any] = {}
        self.later("ts", functools.partial(self._ends, "ts"), "the ends of the steps")  # of 10^8 steps it takes 800 MB

    def later(self, name: str, make: Callable[[], Any], shown: str, grid: Grid | None = None) -> None:
        """Make an item when it is first asked for; `shown` tells what it is; `grid` are the times of its rows."""
        self._items[name] = _Later(make, shown)
        if grid is not None:
            self._grids[name] = grid

    def _ends(self, name: str) -> pint.Quantity:
        first, every, count = self._grids[name]
        return as_time(self._t0 + (first + 1 + np.arange(count) * every) * self._dt)

    def times(self, name: str) -> pint.Quantity:
        """Return the times of what a monitor recorded, (T,).

        Raises:
            ValueError: it is one value of the whole run.
        """
        if name in self._grids:
            return self._ends(name)
        if isinstance(self[name], SpikeEvents):
            return self[name].times
        raise ValueError(f"{name!r} is one value of the whole run; it has no times.")

    def __getitem__(self, name: str) -> Any:
        if isinstance(self._items[name], _Later):
            self._items[name] = self._items[name].make()
        return self._items[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._items[name] = value

    def __delitem__(self, name: str) -> None:
        del self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "_items" not in vars(self):  # as it is copied
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            near = difflib.get_close_matches(name, list(self), 1)
            hint = f"; did you mean {near[0]!r}?" if near else "."
            raise AttributeError(f"nothing was recorded as {name!r}{hint} There is {', '.join(self)}.") from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]

    def __repr__(self) -> str:
        n = self._grids["ts"].n
        span = "".join(f", {first:.10g} to {last:.10g} ms" for first, last in [self._span()] if n)
        width = max(map(len, self))
        items = (f"    {name:<{width}}  {_shown(item)}" for name, item in self._items.items() if name != "ts")
        return "\n".join([f"Recording of {n} steps{span}", *items])

    def _span(self) -> tuple[float, float]:
        """Return the times of the first and the last step's end, ms."""
        first, _, n = self._grids["ts"]
        return self._t0 + (first + 1) * self._dt, self._t0 + (first + n) * self._dt


def _shown(item: Any) -> str:
    """Return an item of a recording in a line."""
    if isinstance(item, _Later):
        return item.shown
    if isinstance(item, SpikeEvents):
        return f"{item}".removeprefix("SpikeEvents: ")
    if isinstance(item, pint.Quantity):
        return described(np.shape(item.magnitude), f"{item.units:~P}")
    return described(item.shape, None) if isinstance(item, np.ndarray) else type(item).__name__


def described(shape: tuple[int, ...], unit: str | None) -> str:
    """Return the shape and unit of an array as text, "(100, 3) in mV"."""
    return f"{shape}" + (f" in {unit}" if unit else "")
