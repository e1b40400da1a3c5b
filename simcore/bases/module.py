"""Module: a node that can be stepped."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..module.declarations import unwrapped
from ..module.node import Node
from ..step import direct


class Module(Node):
    """Base of all models: neurons, layers, networks.

    A call from outside, ``spikes = model.update(1.5 * mA)``, is one compiled step: units are checked, the
    states and the model's own clock advance. Within another model's step it is plain `jax.numpy` code.
    """

    takes_input = True  # whether a step makes use of an input
    _updating = False  # inside a step: its update() is at work

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for method in ("update", "__call__"):
            if (fn := unwrapped(cls, method, Module)) is not None:
                setattr(cls, method, _door(fn))

    def update(self, x: Any) -> Any:
        """Advance the states by one step under the input x and return the output."""
        raise NotImplementedError(f"{type(self).__name__} defines no update().")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What a runner calls: `update`."""
        return self._one_update(self.update, args, kwargs)  # which has no door if it was set after the class was made

    def _one_update(self, update: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Call update, inside a step with what comes before and after it."""
        if self._updating or not self.inside:  # of a base, by super().update(); or its door is to come
            return update(*args, **kwargs)
        self._updating = True
        self.before_update()
        out = update(*args, **kwargs)
        self._updating = False
        self.updated(out)
        return out

    def driven(self, x: Any) -> Any:
        """Called inside a step by what drives the model: call it with the value of the input."""
        return self(x)

    @property
    def is_updating(self) -> bool:
        """Whether its update() is at work, inside a step."""
        return self._updating

    def before_update(self) -> None:
        """Called inside a step before each update()."""

    def updated(self, out: Any) -> None:
        """Called inside a step after each update(), with what it returned."""

    def derived(self) -> dict[str, str]:
        """Return the units of what can be monitored besides states, by dotted name; `derive` tells it."""
        return {}

    def derive(self, name: str) -> Any:
        """Return, inside a step, what `derived` names, by the states as they are."""
        raise NotImplementedError(f"{type(self).__name__} defines no derive(name).")

    def check_input(self, shape: Any) -> None:
        """Raise where an input of this shape does not fit; a subclass says which.

        Raises:
            TypeError: it takes none.
        """
        if not self.takes_input:
            raise TypeError(
                f"{self.name} takes no input: what it sends does not depend on one. Leave it out; a current is given "
                "to a population of neurons."
            )


def _door(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap update or __call__: plain code inside a step, one checked and compiled step from outside."""

    @functools.wraps(fn)
    def call(self: Module, *args: Any, **kwargs: Any) -> Any:
        if not self.inside:
            return direct.step(self, call, args, kwargs)
        if fn.__name__ == "update":
            return self._one_update(functools.partial(fn, self), args, kwargs)
        return fn(self, *args, **kwargs)

    return call
