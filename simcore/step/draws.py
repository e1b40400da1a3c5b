"""Random numbers of numpy and Python, and the time, in a step: found once, while it is traced, they are constants."""

from __future__ import annotations

import abc
import pickle
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import jax
import numpy as np

from . import lines
from .answers import KEPT
from .equations import is_literal
from .keys import constant_draw

_CURE = (
    "use noise= for white noise, or sc.random.normal(self, shape), uniform or bernoulli. A number for the whole run is "
    "drawn in __init__."
)


def refuse_draws(trace: Callable[[], Any], name: str) -> Any:
    """Return trace(), which must leave the global generators of numpy and Python as they are.

    Args:
        trace: calls the user's step.
        name: of the model.

    Raises:
        ValueError: at the user's line, where it can be found by tracing a second time; else with the model's name.
    """
    before = _generators()
    result = trace()
    if _generators() == before:
        return result
    # The generators are the process's: what another thread drew meanwhile is not drawn at the same lines again.
    drawn: list[str] = []
    for of_step in (lines.is_of_script, lines.is_of_user):  # an installed package draws for the script that calls it
        again = _lines_of_draws(trace, of_step)
        drawn = drawn or [line for line in _lines_of_draws(trace, of_step) if line in again]
    if not drawn and threading.active_count() > 1:
        return result
    raise _drawn_once((drawn or [name])[0])


def _drawn_once(line: str) -> ValueError:
    return ValueError(
        f"{line}: a random number of numpy or Python is drawn once, while the step is traced, so that all steps would "
        f"have the same; {_CURE}"
    )


def refuse_constant_keys(closed: Any, varies: list[bool], name: str) -> None:
    """Refuse a step in which JAX draws with a key that is the same in all steps.

    Args:
        closed: the jaxpr of the step.
        varies: which of its arguments may differ from step to step.
        name: of the model.

    Raises:
        ValueError: at the user's line.
    """
    draw = constant_draw(closed.jaxpr, varies)
    if draw is not None:
        raise ValueError(
            f"{draw.line or name}: a random number is drawn with a key that is the same in all steps, so that all "
            f"would have the same number; {_CURE}"
        )


def refuse_changing_constants(closed: Any, trace: Callable[[], Any], name: str) -> None:
    """Trace a step once more; refuse it where its constants differ, where it reads the clock or makes a generator.

    Args:
        closed: the jaxpr of the first trace.
        trace: makes another one.
        name: of the model.

    Raises:
        ValueError: at the user's line.
    """
    clock_read: list[str] = []
    made: list[str] = []
    again = _watched(trace, clock_read, made)  # in float32 two readings of the clock may be one number
    pairs = zip(_constants(closed), _constants(again), strict=False)
    changing = (line or name for (value, line), (other, _) in pairs if value != other)
    if line := next(iter(clock_read), None):
        raise ValueError(f"{line}: the clock is read once, while the step is traced; t is sc.environ.get('t').")
    if made:
        raise _drawn_once(made[0])
    if line := next(changing, None):
        raise ValueError(
            f"{line}: a value differs each time the step is traced, as a random number that is drawn once and would be "
            f"the same in all steps; {_CURE}"
        )


def _watched(trace: Callable[[], Any], read: list[str], made: list[str]) -> Any:
    """Return trace(); add to `read` the user's lines that read the clock, to `made` those that make generators."""

    def on_event(frame: FrameType, event: str, called: Any) -> None:
        if event == "call" and _makes_generator(frame):
            caller = frame.f_back
            while caller and not lines.is_of_script(caller.f_code.co_filename):
                caller = caller.f_back
            if caller:
                made.append(lines.shown(caller.f_code.co_filename, caller.f_lineno, caller.f_code.co_name))
        if event == "c_call" and lines.is_of_script(frame.f_code.co_filename):
            if called.__self__ is time or called.__qualname__ in ("datetime.now", "datetime.utcnow", "date.today"):
                read.append(lines.shown(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name))

    profiler = sys.getprofile()
    sys.setprofile(on_event)
    try:
        return trace()
    finally:
        sys.setprofile(profiler)


def _makes_generator(frame: FrameType) -> bool:
    """Return whether a call makes a generator: Python's, or one of numpy's, which then asks what seed it is given."""
    if frame.f_code is abc.ABCMeta.__instancecheck__.__code__:
        return frame.f_locals["cls"] is np.random.bit_generator.ISeedSequence
    return frame.f_code is random.Random.__init__.__code__


def _constants(closed: Any) -> Iterator[tuple[bytes, str | None]]:
    """Yield the constants of a jaxpr and of those in it as bytes, each with the user's line."""
    consts = dict(zip(closed.jaxpr.constvars, closed.consts, strict=True))
    for eqn in closed.jaxpr.eqns:
        for v in eqn.invars:
            if is_literal(v) or v in consts:
                value, line = v.val if is_literal(v) else consts[v], lines.of_equation(eqn)
                if isinstance(value, jax.core.Tracer):  # of the trace before
                    raise TypeError(f"{line or lines.NOWHERE}: {KEPT}")
                yield _as_bytes(value), line
        for inner in jax.tree.leaves(tuple(eqn.params.values()), is_leaf=_is_jaxpr):
            if _is_jaxpr(inner):
                yield from _constants(inner)


def _is_jaxpr(value: Any) -> bool:
    return hasattr(value, "jaxpr") and hasattr(value, "consts")  # importing its class takes 50 ms


def _as_bytes(value: Any) -> bytes:
    is_key = isinstance(value, jax.Array) and jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key)
    return np.asarray(jax.random.key_data(value) if is_key else value).tobytes()


def _generators() -> tuple[bytes, Any]:
    return pickle.dumps(np.random.get_state(legacy=False)), random.getstate()


def _lines_of_draws(trace: Callable[[], Any], of_step: Callable[[str], bool]) -> list[str]:
    """Return the lines, in files that are `of_step`, after which the generators have changed."""
    state, drawn = _generators(), []
    running: dict[FrameType, int] = {}  # the line that each frame of the user executes

    def after_a_line(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal state
        now = _generators()
        if now != state and frame in running:
            drawn.append(lines.shown(frame.f_code.co_filename, running[frame], frame.f_code.co_name))
        state, running[frame] = now, frame.f_lineno
        return after_a_line

    def on_call(frame: FrameType, event: str, arg: Any) -> Any:
        return after_a_line if of_step(frame.f_code.co_filename) else None

    debugger = sys.gettrace()
    sys.settrace(on_call)
    try:
        trace()
    finally:
        sys.settrace(debugger)
    return drawn
