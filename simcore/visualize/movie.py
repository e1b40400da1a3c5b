"""Films of populations with two axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .axes import axes_of, label_of


def animate(
    ts: Any, values: Any, ax: Any = None, *, every: int = 1, interval: float = 40.0, title: str = "", **kwargs: Any
) -> Any:
    """Return a matplotlib animation of a population of two axes; keep it as long as it is shown.

    ``animate(mon.times("V"), mon.V).save("wave.gif")``; its axes are ``animation.ax``.

    Args:
        ts: times, (T,), a quantity.
        values: (T, rows, columns), a quantity or numbers.
        ax: where to draw; by default a new figure.
        every: of so many values one is a frame.
        interval: between two frames, ms of the viewer's time.
        title: before the time.
        kwargs: for matplotlib's imshow.

    Raises:
        ValueError: values have not these axes.
    """
    from matplotlib.animation import FuncAnimation

    numbers = np.asarray(getattr(values, "magnitude", values))
    if numbers.ndim != 3 or len(numbers) != len(ts) or not numbers.size:
        raise ValueError(f"animate: values of a population of two axes are (T, rows, columns) with {len(ts)} times, "
                         f"got {numbers.shape}.")  # fmt: skip
    ax = axes_of(ax)
    finite = numbers[np.isfinite(numbers)]
    limits = {"vmin": np.min(finite), "vmax": np.max(finite)} if finite.size else {}
    look = {**limits, "origin": "lower", **kwargs}
    image = ax.imshow(numbers[0], **look)
    ax.figure.colorbar(image, ax=ax, label=label_of(getattr(values, "units", None)))

    def draw(k: int) -> Any:
        image.set_data(numbers[k])
        ax.set_title(f"{title} {ts[k]:.4g~P}".strip())
        return (image,)

    draw(0)
    made: Any = FuncAnimation(ax.figure, draw, range(0, len(numbers), every), interval=interval)
    made.ax = ax
    return made
