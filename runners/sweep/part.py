"""Part: which points of a sweep a process runs, of several that know nothing of one another."""

from __future__ import annotations

from typing import Any, Literal

import jax

Part = tuple[int, int] | Literal["any"]


def check_part(part: Any, store: Any) -> None:
    """Refuse what is no part of a sweep, or has no place where the parts come together."""
    if part is None or part == "any":
        fits = True
    else:
        fits = isinstance(part, tuple) and len(part) == 2 and all(type(i) is int for i in part)
        fits = fits and 0 <= part[0] < part[1]
    if not fits:
        raise ValueError(f"Sweep: 'part' must be (k, n), the k-th of n shares from 0, or 'any', got {part!r}.")
    if part is not None and store is None:
        raise ValueError("Sweep: a part needs store='folder', where the parts come together.")
    if part is not None and jax.process_count() > 1:
        raise ValueError("Sweep: processes of simcore.distributed.initialize() share the points already; leave 'part' "
                         "out, or initialize().")  # fmt: skip


def bounds(part: Any, n: int) -> tuple[int, int]:
    """Return the first and the last point of a share of n."""
    k, count = part
    return n * k // count, n * (k + 1) // count


def lock_of(part: Any) -> str | None:
    """Return what tells apart the processes that may run a part at the same time; None if any may run any."""
    if part == "any":
        return None
    return f"{jax.process_index()}" if part is None else f"_{part[0]}_of_{part[1]}"
