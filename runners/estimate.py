"""Estimate: what a run will take."""

from __future__ import annotations

import dataclasses
import time

import numpy as np

from simcore.memory import shown

from . import loop
from .record.tape import Memory, Tape


@dataclasses.dataclass(frozen=True)
class Estimate:
    """What a run will take: bytes of its monitors, spike events included, and seconds, at the present pace of both."""

    bytes: int
    seconds: float

    def __str__(self) -> str:
        took, unit = next((self.seconds / n, k) for n, k in ((86400, "days"), (3600, "h"), (60, "min"), (0.001, "ms"))
                          if self.seconds >= n or n < 1)  # fmt: skip
        size = f"the monitors take {shown(self.bytes)}, spike events at their pace included"
        return f"about {took:.3g} {unit}; {size}"


def tried(plan: loop.Plan) -> Estimate:
    """Return what a run will take, after trying its first steps from the present states, which stay as they are."""
    clock, steps = (plan.dt, plan.t0), plan.end - plan.begin
    n = min(steps, plan.first_pace())
    columns = Memory(plan.channels, plan.begin, plan.begin + n, clock)
    tape = Tape(plan.program.recorders, plan.values, plan.channels, plan.begin, clock, columns)
    args = plan.arguments(tape, plan.begin, n)
    seconds: list[float] = []
    for _ in range(3):  # the first compiles
        started = time.perf_counter()
        _, carries, _, outcome = loop.advance(*args, np.int32(n))
        done = int(outcome[0])  # waits for the device
        seconds.append((time.perf_counter() - started) / max(done, 1))
    tape.add(carries, done)
    known = sum(c.bytes(plan.begin, plan.end) for c in plan.channels)
    return Estimate(known + columns.events_bytes() * steps // max(done, 1), min(seconds) * steps)
