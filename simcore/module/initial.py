"""init_state: what is checked around it, which arguments it takes, and how missing states are made."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from .declare import State
from .libraries import is_library
from .parameters import did_you_mean


@functools.cache
def takes(init_state: Callable[..., None], name: str) -> bool:
    """Return whether an `init_state` takes an argument of that name; that of simcore hands on what others take."""
    fn = inspect.unwrap(init_state)
    parameters = inspect.signature(fn).parameters
    any_name = not is_library(fn) and any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    return name in parameters or any_name


def initialises(fn: Callable[..., Any]) -> Callable[..., None]:
    """Wrap an init_state: made states are checked; arguments that none takes are refused."""

    @functools.wraps(fn)
    def init_state(self: Any, batch_size: int | None = None, **kwargs: Any) -> None:
        if self._states_stay:  # `ensure_state` is at work above
            return
        if self._making_states:  # of a base, by super().init_state()
            fn(self, batch_size, **kwargs)
            return
        for name in kwargs:
            if not self.init_state_takes(name):
                raise TypeError(f"{self.name}: init_state() takes no {name!r}{did_you_mean(name, ['batch_size'])}")
        self._making_states = True
        try:
            fn(self, batch_size, **kwargs)
        finally:
            self._making_states = False
        for name, value in vars(self).items():
            if isinstance(value, list | tuple) and any(isinstance(v, State) for v in value):
                raise TypeError(f"{self.name}: {name!r} is a list of states; make each an attribute of its own.")
        self._ready = True
        self.check_initial()

    return init_state


def ensure(root: Any) -> None:
    """Create the states that are missing in a tree; those that exist keep their values and batch."""
    nodes = list(root.nodes().values())
    ready = [node for node in nodes if node._ready]
    if len(ready) == len(nodes):
        return
    root.settle_what_is_below()
    batches = {size for node in ready if (size := node.batch_size()) is not None}
    for node in ready:
        node._states_stay = True
    try:
        for node in nodes:
            if not node._ready:  # it may be by now: a model makes the states of what is below it
                node.init_state(*batches) if len(batches) == 1 else node.init_state()
    finally:
        for node in ready:
            node._states_stay = False
