"""Random numbers of numpy and Python in a step: drawn once, while it is traced, they would be the same in all steps."""

from __future__ import annotations

import pickle
import random
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np

from . import lines


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
    again = _lines_of_draws(trace)
    drawn = [line for line in _lines_of_draws(trace) if line in again]
    if not drawn and threading.active_count() > 1:
        return result
    raise ValueError(
        f"{(drawn or [name])[0]}: a random number of numpy or Python is drawn once, while the step is traced, "
        "so that all steps would have the same; use noise= for white noise, or jax.random with a key of the step: "
        "jax.random.fold_in(jax.random.key(seed), sc.environ.get('i')). A number for the whole run is drawn in "
        "__init__."
    )


def _generators() -> tuple[bytes, Any]:
    return pickle.dumps(np.random.get_state(legacy=False)), random.getstate()


def _lines_of_draws(trace: Callable[[], Any]) -> list[str]:
    """Return the user's lines after which the generators have changed."""
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
        return after_a_line if lines.is_of_user(frame.f_code.co_filename) else None

    debugger = sys.gettrace()
    sys.settrace(on_call)
    try:
        trace()
    finally:
        sys.settrace(debugger)
    return drawn
