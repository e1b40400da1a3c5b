"""Replay: a step run again up to one of its calls of integrate(), at another time.

An integrator needs its inputs at the times of its stages, and an update makes of an input what it likes before it hands
it to integrate(). So the step is run once more, on a fresh copy of the model and with the clock at that time, and
stopped where it comes to the call. Calls before that one return, and leave behind, what they did.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from .context import Step, current

# A derivative and its arguments.
Call = tuple[Callable[..., Any], tuple[Any, ...]]


class _Reached(BaseException):
    """The call that a replay looks for: no `except Exception` of an update may catch it."""

    def __init__(self, call: Call) -> None:
        self.call = call


class Replay:
    """How to run a step again, and what its calls of integrate() have returned so far.

    Args:
        run: runs the step from its start in the context that it is given.
        results: of the calls before the one that a replay looks for; None in the step itself.
    """

    def __init__(self, run: Callable[[Step], None], results: list[tuple[Any, dict[str, int]]] | None = None) -> None:
        self._run, self._earlier = run, results
        self._results: list[tuple[Any, dict[str, int]]] = []
        self._inputs: tuple[str, ...] = ()

    def drive(self, inputs: tuple[str, ...], model: Any) -> None:
        """Note which inputs of the model are functions of t: paths of its parts, or names of arguments of update()."""
        nodes = model.nodes() if inputs else ()
        self._inputs = tuple(name if name in nodes else "" for name in inputs)

    def reaches(self, path: str) -> bool:
        """Return whether an input that is a function of t goes to the model at this path, or to the root."""
        return any(name in ("", path) or path.startswith(name + ".") for name in self._inputs)

    def answer(self, derivative: Callable[..., Any], args: tuple[Any, ...]) -> tuple[bool, Any]:
        """Return, called first by integrate(), whether this is a replay, and what it was `returned` then."""
        if self._earlier is None:
            return False, None
        if len(self._results) == len(self._earlier):
            raise _Reached((derivative, args))
        result, uses = self._earlier[len(self._results)]
        self._results.append((result, uses))
        current().uses = dict(uses)  # random numbers are counted as in the step
        return True, result

    def returned(self, result: Any) -> None:
        """Note what a call of integrate() returns, and all else that it has changed."""
        self._results.append((result, dict(current().uses)))

    def call_at(self, t: Any) -> Call:
        """Return the derivative and the arguments of the present call of integrate() at another time."""
        again = dataclasses.replace(current(), t=t, uses={}, packed_spikes={})
        again.replay = Replay(self._run, list(self._results))
        try:
            self._run(again)
        except _Reached as reached:
            return reached.call
        raise AssertionError("the step has not come to its call of integrate() again")
