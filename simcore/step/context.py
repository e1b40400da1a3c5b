"""The context of a step: the clock, the seed and what is prepared once per run, while the step is traced.

Each thread has its own, so that runners may work side by side. Also here, for all threads: the defaults that
`simcore.environ` sets, the time step among them.
"""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Callable, Iterator
from typing import Any, Literal

from ..module.declare import tracing
from ..units.clock import Clock


@dataclasses.dataclass
class Step:
    """What a step knows besides parameters, states and inputs; times in ms."""

    i: Any  # its number, int32
    dt: Any
    t: Any  # its start; inside an integrator, the time of the stage
    t0: Any
    seed: Any
    phase: Literal["check", "prepare", "rates", "run"] = "run"
    prepared: dict[str, Any] = dataclasses.field(default_factory=dict)
    refusals: dict[str, str | None] = dataclasses.field(default_factory=dict)  # see `once`
    exact_spikes: bool = True  # False: spikes as floats, through which derivatives go
    packed_spikes: dict[str, Any] = dataclasses.field(default_factory=dict)  # words by path of the population
    spikes_read: bool = False  # whether `spike` of a population has been asked for
    uses: dict[str, int] = dataclasses.field(default_factory=dict)  # how often each path has asked for something
    replay: Any = None  # `replay.Replay`: how to run this step again up to a call of integrate(), at another time
    rates: dict[str, Any] = dataclasses.field(default_factory=dict)  # in the phase "rates": by path of the state
    trace: Any = None


class _Local(threading.local):
    def __init__(self) -> None:
        self.steps: list[Step] = []  # being traced, the innermost last
        self.defaults: list[dict[str, Any]] = []  # of `environ.context`


_local = _Local()
_defaults: dict[str, Any] = {"dt": 0.1}


def active() -> bool:
    """Return whether a step is being traced in this thread."""
    return bool(_local.steps)


def current() -> Step:
    """Return the context of the step being traced.

    Raises:
        RuntimeError: no step is being traced.
    """
    if not _local.steps:
        raise RuntimeError("this is part of a step: call it from a model's update().")
    return _local.steps[-1]


def asks_for_rates() -> bool:
    """Return whether a step is traced that is asked for its rates alone, in which no state changes."""
    return active() and current().phase == "rates"


def note_spikes_read() -> None:
    """Note that the spikes of a population have been asked for in this step."""
    if _local.steps:
        _local.steps[-1].spikes_read = True


@contextlib.contextmanager
def entered(step: Step) -> Iterator[None]:
    """Make `step` the context in a with block."""
    step.trace = _trace()
    _local.steps.append(step)
    tracing.depth += 1
    try:
        yield
    finally:
        tracing.depth -= 1
        _local.steps.pop()


def _trace() -> Any:
    from jax.extend.core import get_opaque_trace_state  # 50 ms to import: waits for the first step

    return get_opaque_trace_state(convention="simcore")


@contextlib.contextmanager
def stage_time(t: Any) -> Iterator[None]:
    """Let `t` be the time of the step, that of an integrator's stage, in a with block."""
    step = current()
    before, step.t = step.t, t
    try:
        yield
    finally:
        step.t = before


def nth_use(path: str) -> str:
    """Return a name for the n-th use of this path in a step: the same in every trace of the step.

    Raises:
        NotImplementedError: inside a JAX loop or transformation, whose body is traced once for many uses.
    """
    step = current()
    if step.trace != _trace():
        raise NotImplementedError(
            "integrate() with method 'exp_euler' or 'exact', or with noise, or sc.random, inside a JAX loop or "
            "transformation of update(): write the loop in Python, or take another method."
        )
    step.uses[path] = step.uses.get(path, -1) + 1
    return f"{path}/{step.uses[path]}"


def once(path: str, compute: Callable[[], Any], refusal: str | None = None) -> Any:
    """Return compute(), evaluated once per run, before the time loop. It may use parameters and dt only.

    Args:
        path: of the node that asks.
        compute: returns a pytree; with no `refusal` a dict, whose items that use more are left out.
        refusal: the error where it uses more.
    """
    step = current()
    name = nth_use(path)
    if step.phase in ("check", "rates"):
        return compute()
    if step.phase == "prepare":
        step.prepared[name], step.refusals[name] = compute(), refusal
    return step.prepared[name]


# ---------------------------------------------------------------- defaults, outside steps


def defaults() -> dict[str, Any]:
    """Return what `environ` holds outside steps: dt and t in ms, i."""
    return _local.defaults[-1] if _local.defaults else _defaults


@contextlib.contextmanager
def overridden(values: dict[str, Any]) -> Iterator[None]:
    """Override defaults in a with block, in this thread."""
    _local.defaults.append(defaults() | values)
    try:
        yield
    finally:
        _local.defaults.pop()


def default_dt() -> float:
    """Return the time step in ms where none is given."""
    return defaults()["dt"]


def clock_for_call(clock: Clock) -> Clock:
    """Return the clock of a model for a direct call: the default dt, and i and t where they are set."""
    values = defaults()
    i, dt = values.get("i", clock.i), values["dt"]
    return Clock(i, dt, values["t"] - i * dt if "t" in values else clock.t0)
