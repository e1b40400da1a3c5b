"""Fitted: a model that fits a time step, and what programs take of it; found anew only where somebody changed it."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

import jax
import numpy as np

from .. import units
from ..module.declare import Param, State, on_device
from ..module.libraries import is_library
from ..module.node import Node
from ..module.stamp import Stamp
from ..module.structure import Structure
from ..module.tree import join
from ..module.warning import warn_once
from ..units.clock import TOLERANCE, Clock, rounded_steps

Arrays = dict[str, Any]


class Fitted:
    """A model that fits a time step dt (ms): its nodes, structure, parameters and states, as they were then."""

    def __init__(self, model: Any, dt: float, blocks: tuple[Any, ...] = ()) -> None:
        self.model, self.dt, self.blocks = model, dt, blocks
        self.float_type = jax.dtypes.canonicalize_dtype(float)
        self._stamp: Stamp | None = None
        self._left: list[Any] = []  # the arrays of its states then

    @functools.cached_property
    def nodes(self) -> dict[str, Any]:
        """The nodes of the model, by path."""
        return self.model.nodes()

    @functools.cached_property
    def structure(self) -> Structure:
        """What compiled programs depend on besides the arrays."""
        return self.model.structure()

    @functools.cached_property
    def states(self) -> dict[str, State]:
        """The states of the model, by path."""
        return self.model.states()

    @functools.cached_property
    def _params(self) -> Arrays:
        return self.model.kernel_params()

    @functools.cached_property
    def _changing(self) -> list[tuple[str, Node]]:
        """The nodes with arrays that may be changed in place, numpy's or items of lists and dicts."""

        def may_change(data: Arrays) -> bool:
            arrays = (array for array in data.values() if isinstance(array, np.ndarray))
            return any("." in name for name in data) or any(a.flags.writeable or a.base is not None for a in arrays)

        return [(path, node) for path, node in self.nodes.items() if may_change(node.data())]

    def params(self) -> Arrays:
        """Return parameters and data as arrays in kernel units, by path."""
        changing = ((join(path, k), v) for path, node in self._changing for k, v in node.data().items())
        return self._params | {path: on_device(array) for path, array in changing}

    def raw_states(self) -> Arrays:
        """Return the states as arrays in kernel units, by path."""
        return {path: state.raw for path, state in self.states.items()}

    @functools.cached_property
    def shapes(self) -> tuple[Any, ...]:
        """The names, shapes and types of the arrays of states and parameters."""
        return tuple((k, np.shape(v), v.dtype) for g in (self.raw_states(), self.params()) for k, v in g.items())

    @functools.cached_property
    def n_values(self) -> int:
        """How many numbers the states hold."""
        return sum(int(np.size(state.raw)) for state in self.states.values())

    @functools.cached_property
    def _packing(self) -> list[Node]:
        return [node for node in self.nodes.values() if type(node).unpack_states is not Node.unpack_states]

    def apart(self, states: Arrays) -> Arrays:
        """Return the states of a run as they are outside of it: see `Node.pack_states`."""
        paths = {id(node): path for path, node in self.nodes.items()} if self._packing else {}
        return functools.reduce(lambda arrays, node: node.unpack_states(arrays, paths), self._packing, states)

    def settle(self, states: Arrays, clock: Clock) -> None:
        """Make what steps have computed the states of the model, and let it stand at this time."""
        states = self.apart(states)
        for path, state in self.states.items():
            state.raw = states[path]
        for node in self.nodes.values():
            node.take_clock(clock)

    @functools.cached_property
    def _told(self) -> list[tuple[Node, list[tuple[str, str]], list[tuple[str, str]]]]:
        """The nodes that want to know what steps have left, with the names and paths of what is theirs and below."""

        def below(path: str, names: Iterable[str]) -> list[tuple[str, str]]:
            start = join(path, "") if path else ""
            return [(name.removeprefix(start), name) for name in names if name.startswith(start)]

        params = [join(path, name) for path, node in self.nodes.items() for name in node.given()]
        told = ((p, node) for p, node in self.nodes.items() if type(node).stepped is not Node.stepped)
        return [(node, below(path, params), below(path, self.states)) for path, node in told]

    def leave(self) -> None:
        """Tell the model and all below it that steps have left it in its present states."""
        params, states = self._params, self.raw_states()
        for node, of_params, of_states in self._told:
            node.stepped(({k: params[path] for k, path in of_params}, {k: states[path] for k, path in of_states}))

    def watch(self) -> None:
        """Be current from now on, until somebody changes the model or a state."""
        if self._stamp is None and not any(_fits_itself(type(node)) for node in self.nodes.values()):
            self._stamp = Stamp(self.nodes)
        self._left = [state.raw for state in self.states.values()]

    def is_current(self, model: Any, dt: float) -> bool:
        """Return whether this is of that model and dt, and nobody has changed the model or a state since `watch`."""
        return (
            model is self.model
            and dt == self.dt
            and self.float_type == jax.dtypes.canonicalize_dtype(float)
            and self._stamp is not None
            and self._stamp.holds()
            and all(state.raw is raw for state, raw in zip(self.states.values(), self._left, strict=True))
        )


def fit(model: Any, dt: float, before: Fitted | None = None, blocks: tuple[Any, ...] = ()) -> Fitted:
    """Fit a model to the time step: make its states and room for its delays.

    Warns where a duration of the model (tau_ref, a delay) is not a whole number of steps: the nearest one is used; and
    where another one (a time constant) is too short for dt.

    Args:
        model: the model.
        dt: ms.
        before: what was returned the last time: the same is returned again where nobody has changed the model since.
        blocks: the blocks of neurons that this process advances, if others advance the rest of a network.
    """
    if before is not None and before.is_current(model, dt):
        return before
    model.draw_for(blocks)
    model.ensure_state()
    for node in model.nodes().values():
        for name, param in node.specs().items():
            if name not in node.given() or not is_duration(param):
                continue
            value = node.kernel_value(name)
            if param.steps:
                steps, whole = rounded_steps(value, dt)
                if not whole:
                    used = ", ".join(f"{u:.10g}" for u in np.unique(steps * dt)[:3])
                    text = f"is not a whole number of steps of dt = {dt:.10g} ms; {used} ms is used."
                    warn_once(node, f"{node.name}: {name!r} = {units.show(getattr(node, name))} {text}")
            elif text := too_short(value, dt):
                warn_once(node, f"{node.name}: {name!r} = {text}")
    model.fit_to(dt)
    return Fitted(model, dt, blocks)


def _fits_itself(cls: type) -> bool:
    """Return whether a class of the user's own has a `fit_to`, called before each run: it may read anything."""
    return any("fit_to" in vars(base) and not is_library(base) for base in cls.__mro__)


def is_duration(param: Param) -> bool:
    """Return whether a parameter is a time."""
    return units.dimension(param.unit) == units.dimension("ms")


def too_short(ms: np.ndarray, dt: float) -> str:
    """Return, in words, which of some time constants (ms) steps of dt cannot resolve; "" if there is none."""
    short = ms[(ms > 0) & (ms < 2 * dt * (1 - TOLERANCE))]
    return (
        f"{short.min():.10g} ms is less than two steps of dt = {dt:.10g} ms; choose a smaller dt." if short.size else ""
    )
