"""What the pictures of the analysis share: axes, labels, and the looks of what is stable and what is not."""

from __future__ import annotations

from typing import Any

STABLE, UNSTABLE = "C0", "C3"  # the colours of what is stable, and of what is not
# The lines of branches, by whether they are stable.
LINES: dict[bool, dict[str, Any]] = {True: {"color": STABLE, "lw": 1.8},
                                     False: {"color": UNSTABLE, "lw": 1.2, "ls": "--"}}  # fmt: skip


def axes(ax: Any) -> Any:
    """Return the axes to draw on, by default those of a new figure."""
    import matplotlib.pyplot as plt

    return plt.figure(constrained_layout=True).add_subplot() if ax is None else ax


def label(name: str, unit: Any) -> str:
    """Return the label of an axis: "V (mV)"."""
    text = f"{unit:~P}"
    return f"{name} ({text})" if text else name
