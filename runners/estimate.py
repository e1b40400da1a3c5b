"""Estimate: what a run will take."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Estimate:
    """What a run will take: bytes of its monitors, and seconds, at the pace of the present state."""

    bytes: int
    seconds: float

    def __str__(self) -> str:
        size, name = next((self.bytes / 2**p, k) for p, k in ((30, "GiB"), (20, "MiB"), (10, "KiB"), (0, "bytes"))
                          if self.bytes >= 2**p or not p)  # fmt: skip
        took, unit = next((self.seconds / n, k) for n, k in ((86400, "days"), (3600, "h"), (60, "min"), (0.001, "ms"))
                          if self.seconds >= n or n < 1)  # fmt: skip
        return f"about {took:.3g} {unit}; the monitors take {size:.3g} {name}, besides spike events"
