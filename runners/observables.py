"""Observables: what monitors and measures look at in each step."""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, cast

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from simcore import Module, Population, units
from simcore.bases import Link
from simcore.bases.block import AXIS
from simcore.module.tree import join
from simcore.step.fitted import Fitted
from simcore.units import NUMBER, Dimension

Array = Any
# What can be looked at: a name, one with which neurons (an index, several, a slice or a mask), a function of the model.
Indices: TypeAlias = ArrayLike | slice | None
Observed: TypeAlias = str | tuple[str | None, Indices] | Callable[[Any], Any]
SPIKE = "spike"  # names the spikes of a population, "E.spike"
# Names of the axes of what is recorded: of the neurons, with a number where they have several; of synapses; a batch.
NEURON, SYNAPSE, BATCH = "neuron", "synapse", "batch"


def neuron_axes(n: int) -> list[str]:
    """Return the names of the axes of neurons who have n axes."""
    return [NEURON] if n == 1 else [f"{NEURON}_{k}" for k in range(n)]


@dataclasses.dataclass(frozen=True)
class Observable:
    """Base: a value of the model at the end of a step. Hashable, a part of what a compiled program depends on.

    Attributes:
        path: of the state, or of the population that spikes; "" of a function.
        index: which neurons, along the last axis; None: all.
    """

    path: str = ""
    index: tuple[int, ...] | None = None

    def value(self, model: Module) -> Array:
        """Return it, inside a step."""
        raise NotImplementedError

    def unit(self, fitted: Fitted, dimension: Dimension) -> str | None:
        """Return its unit, None of pure numbers; from that of the model, or the dimension that was found."""
        raise NotImplementedError

    def node(self) -> str:
        """Return the path of the module it is of."""
        return self.path

    def dims(self, fitted: Fitted, shape: tuple[int, ...]) -> tuple[str, ...]:
        """Return the names of its axes: of the batch and the neurons where it has a value for each."""
        node, n = fitted.nodes[self.node()], len(shape)
        whole = node.varshape if self.index is None else (*node.varshape[:-1], len(self.index))
        if whole and shape[-len(whole) :] == whole and n <= len(whole) + 1:
            return (*[BATCH] * (n - len(whole)), *neuron_axes(len(whole)))
        return (SYNAPSE,) if n == 1 and isinstance(node, Link) else tuple(f"axis_{k}" for k in range(n))

    def functions(self) -> tuple[Callable[..., Any], ...]:
        """Return the user's functions that it calls."""
        return ()

    def of_part(self, shape: tuple[int, ...], n: int) -> Observable:
        """Return it for a part of a network that has n neurons of a population of that shape.

        Raises:
            NotImplementedError: nobody can tell what it is of a part.
        """
        of_all = dataclasses.replace(self, index=None)
        return self if self.index is None else OfPart(self.path, self.index, of_all, shape, n)

    def chosen(self, value: Array) -> Array:
        """Return the part of a value that the index names."""
        return value if self.index is None else value[..., np.array(self.index)]


class StateValue(Observable):
    """A state."""

    def value(self, model: Module) -> Array:
        return self.chosen(model.states()[self.path].value)

    def node(self) -> str:
        return self.path.rpartition(".")[0]

    def unit(self, fitted: Fitted, dimension: Dimension) -> str | None:
        return fitted.states[self.path].unit


class SpikesOf(Observable):
    """The spikes of a population, bool."""

    def value(self, model: Module) -> Array:
        return self.chosen(self.population(model.nodes()).spike != 0)

    def unit(self, fitted: Fitted, dimension: Dimension) -> str | None:
        return None

    def population(self, nodes: Mapping[str, Any]) -> Population:
        """Return the population that spikes, among the nodes of the model."""
        return cast(Population, nodes[self.path])

    def shape(self, fitted: Fitted) -> tuple[int, ...]:
        """Return the shape of the neurons, with the batch."""
        shape = self.population(fitted.nodes).population_shape
        return shape if self.index is None else (*shape[:-1], len(self.index))


@dataclasses.dataclass(frozen=True)
class DerivedValue(Observable):
    """What a node tells of its states: the current of a channel."""

    name: str = ""

    def value(self, model: Module) -> Array:
        return self.chosen(self.module(model.nodes()).derive(self.name))

    def unit(self, fitted: Fitted, dimension: Dimension) -> str | None:
        return self.module(fitted.nodes).derived()[self.name]

    def module(self, nodes: Mapping[str, Any]) -> Module:
        """Return the module that tells it, among the nodes of the model."""
        return cast(Module, nodes[self.path])


@dataclasses.dataclass(frozen=True)
class OfPart(Observable):
    """Some neurons, in a part of a network: of those that are in another one it has 0."""

    of_all: Observable = dataclasses.field(default_factory=Observable)
    shape: tuple[int, ...] = ()
    n: int = 0

    def value(self, model: Module) -> Array:
        numbers = np.arange(math.prod(self.shape)).reshape(self.shape)[..., np.array(self.index)]
        number = numbers - jax.lax.axis_index(AXIS) * self.n
        mine = (number >= 0) & (number < self.n)
        value = self.of_all.value(model)[..., jnp.clip(number, 0, self.n - 1)]
        return jnp.where(mine, value, jnp.zeros_like(value))


@dataclasses.dataclass(frozen=True)
class FunctionOf(Observable):
    """A function of the model."""

    function: Callable[[Module], Any] = lambda model: None

    def value(self, model: Module) -> Array:
        return jnp.asarray(self.function(model))

    def functions(self) -> tuple[Callable[..., Any], ...]:
        return (self.function,)

    def of_part(self, shape: tuple[int, ...], n: int) -> Observable:
        raise NotImplementedError(
            "a function of the model cannot be recorded on several devices, each of which has a part of it; record the "
            "states that it is made of, or leave 'devices' out."
        )

    def unit(self, fitted: Fitted, dimension: Dimension) -> str | None:
        return None if dimension == NUMBER else units.kernel_unit(dimension)


def observed(target: Module, name: str, chosen: Any = None, spikes: tuple[str, ...] = (SPIKE,)) -> Observable:
    """Return the state of that name, or the spikes where its last part is one of `spikes`; `chosen` are neurons.

    Raises:
        ValueError: there is nothing of that name, with what there is; or the model has no such neurons.
    """
    path, _, last = name.rpartition(".")
    states, nodes = target.states(), target.nodes()
    if name in states:
        return StateValue(name, _indices(name, chosen, (np.shape(states[name].raw) or (1,))[-1]))
    node = nodes.get(path)
    if last in spikes and isinstance(node, Population):
        return SpikesOf(path, _indices(name, chosen, node.varshape[-1]))
    if name in target.params():
        raise ValueError(f"monitors: {name!r} is a parameter, constant over a run; read it from the model.")
    derived = {join(p, key): (p, key) for p, n in nodes.items() if isinstance(n, Module) for key in n.derived()}
    if name in derived:
        path, key = derived[name]
        return DerivedValue(path, _indices(name, chosen, nodes[path].varshape[-1]), key)
    spiking = [p for p, n in nodes.items() if isinstance(n, Population)]
    known = [*states, *derived, *((f"{p}." if p else "") + s for p in spiking for s in spikes)]
    near = [k for k in known if k.lower() == name.lower()] or difflib.get_close_matches(name, known, 1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    raise ValueError(f"monitors: {target.name} has no {name!r}{hint} It has {', '.join(known)}.")


def _indices(name: str, chosen: Any, size: int) -> tuple[int, ...] | None:
    """Return which neurons are meant by an index, a list, a slice or a mask; None: all."""
    if chosen is None:
        return None
    try:
        numbers = tuple(int(i) for i in np.atleast_1d(np.arange(size)[chosen]))
    except (IndexError, TypeError) as err:
        raise ValueError(f"monitors: {name!r} has {size} neurons; {chosen!r} does not fit: {err}.") from err
    if not numbers:
        raise ValueError(f"monitors: {name!r} is of no neuron, {chosen!r}; leave it out.")
    return numbers
