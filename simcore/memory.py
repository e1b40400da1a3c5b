"""How much memory there is, and the error where something would not fit."""

from __future__ import annotations

import contextlib
import os


def available() -> float:
    """Return how many bytes can still be allocated: what Linux says, elsewhere all of the memory."""
    with contextlib.suppress(OSError, StopIteration), open("/proc/meminfo") as file:
        return 1024 * int(next(line for line in file if line.startswith("MemAvailable")).split()[1])
    with contextlib.suppress(AttributeError, ValueError, OSError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return float("inf")


def require(size: float, what: str, cure: str = "") -> None:
    """Raise unless `size` bytes can be allocated.

    Raises:
        MemoryError: it says what would take how much, how much is free, and the cure.
    """
    free = available()
    if size > free:
        raise MemoryError(f"{what} would take {size / 2**30:.1f} GiB, {free / 2**30:.1f} GiB are free{cure}.")
