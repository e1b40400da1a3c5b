"""The rates of the states that a model integrates: a step in which nothing moves, asked for what its equations say.

They are found in float64 whatever the precision of runs is, so that what is searched by them has all its digits.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from numbers import Number
from typing import Any, TypeAlias

import jax
import numpy as np
import pint

from .. import units
from ..module.parameters import did_you_mean
from ..module.structure import Structure
from ..module.tree import join
from ..units import Dimension, ValueLike
from .check import check, explained, is_dimension
from .pure import Arrays, clock_arrays, context_at, pure_step

# What the equations of a model are a function of, floats in kernel units: parameters by path, states by path, inputs,
# and the clock, which tells the time of those that depend on it.
# An input at one time: a value, or several by the name of an argument of update(), or of a population.
InputValue: TypeAlias = "ValueLike | Mapping[str, ValueLike] | None"
Arguments = tuple[Arrays, Arrays, Any, Arrays]


def rates_at(model: Any, params: Arrays, states: Arrays, x: Any, clock: Arrays) -> Arrays:
    """Return the rate of each state that the equations integrate, by path: a pure function, in kernel units.

    No spike is reset and nothing is held: the equations between spikes. There is no noise.
    """
    step = dataclasses.replace(context_at(clock, {}), phase="rates", rates={})
    pure_step(model, _driven, params, states, x, step)
    return step.rates


def _driven(inside: Any, x: Any) -> Any:
    return inside.driven(x)


class RateFunction:
    """The rates of a model: its equations checked, and what they are of as arrays.

    Args:
        model: a population whose states are integrated; it does not change.
        inputs: to its update(): a quantity, or a dict of them by name; None where it needs none.

    Raises:
        DimensionalityError: the equations do not fit, with the user's line.
        TypeError: an input that update() needs is missing; no state is integrated.
    """

    def __init__(self, model: Any, inputs: InputValue = None) -> None:
        self.model = model
        model.ensure_state()
        self.states = model.states()
        x, dims = _inputs(model, inputs)
        nodes, clock = model.nodes().items(), model.clock
        params = {join(path, k): np.asarray(node.kernel_value(k), float) for path, node in nodes for k in node.given()}
        params |= {join(path, k): _as_double(array) for path, node in nodes for k, array in node.data().items()}
        states = {path: _as_double(state.raw) for path, state in self.states.items()}
        with jax.enable_x64(True):
            self.arguments: Arguments = (params, states, x, clock_arrays(clock.i, clock.dt, clock.t0, 0))
            self._check(inputs, dims)
            one = jax.tree.map(lambda v: np.zeros(()), x)
            found = jax.eval_shape(functools.partial(rates_at, model), params, states, one, self.arguments[3])
        self.shapes = {name: found[name].shape for name in self.states if name in found}
        if not self.shapes:
            raise TypeError(f"{model.name} integrates no state: its update() calls no integrate().")

    def _check(self, inputs: Any, dims: Any) -> None:
        """Check the equations, for one value of each input."""
        model = self.model
        params, states, x, _ = self.arguments
        flat, tree = jax.tree.leaves(dims, is_leaf=is_dimension), jax.tree.structure(x)

        def checked(dims: Any) -> None:
            one = jax.tree.map(lambda v: np.zeros((), v.dtype), x)
            check(model, _driven, one, dims, model.clock.dt, states, params)

        def retry(dim: Any) -> None:
            if len(flat) != 1:
                raise ValueError("several inputs")
            checked(jax.tree.unflatten(tree, [dim]))

        with explained(retry, f"{model.name}.rates()", units.show(inputs)):
            checked(dims)

    def read(self, name: str, value: Any, who: str) -> np.ndarray:
        """Return values of a state as floats in its kernel unit.

        Raises:
            ValueError: there is no such state.
            DimensionalityError: they have another dimension.
        """
        if name not in self.states:
            hint = did_you_mean(str(name), list(self.shapes))
            raise ValueError(f"{who} has no state {name!r}{hint} Its equations are for {', '.join(self.shapes)}.")
        return np.asarray(units.to_kernel(value, self.states[name].unit, f"{who}: {name!r}"), float)

    def __call__(self, given: dict[str, np.ndarray]) -> Arrays:
        """Return the rates by path, in kernel units, for the values of states by path; others have those of the model.

        Values, and inputs, broadcast to the population; axes before its own are a grid, as are those of one neuron.

        Raises:
            ValueError: they do not broadcast.
        """
        params, states, x, clock = self.arguments
        batch = self.model.population_shape  # of what there is of each neuron, with the batch axis if they have one
        moved = {name: v for name, v in states.items() if name in self.shapes or np.shape(v) == batch} | given
        whole = self._shape([*moved.values(), *jax.tree.leaves(x)])

        def spread(value: np.ndarray) -> np.ndarray:
            return np.broadcast_to(value, whole).reshape(-1, *self.model.varshape)

        moved, x = jax.tree.map(spread, (moved, x))
        with jax.enable_x64(True):
            found = _mapped(self.model.structure(), params, states, moved, x, clock)
        return {name: np.asarray(found[name]).reshape(whole) for name in self.shapes}

    def _shape(self, values: list[Any]) -> tuple[int, ...]:
        """Return the shape to which values and the population broadcast."""
        varshape = self.model.varshape
        shapes = [np.shape(v) for v in values]
        try:
            whole = np.broadcast_shapes(varshape, *shapes)
        except ValueError as err:
            raise ValueError(f"{self.model.name}: values of the shapes {', '.join(map(str, sorted(set(shapes))))} do "
                             f"not broadcast to one another and to the population's {varshape}.") from err  # fmt: skip
        if self.model.size > 1 and whole[-len(varshape) :] != varshape:
            raise ValueError(f"{self.model.name}: values of the shape {whole} do not end with the population's "
                             f"{varshape}; axes of a grid come before its own.")  # fmt: skip
        return whole


@functools.partial(jax.jit, static_argnums=0)
def _mapped(structure: Structure, params: Arrays, states: Arrays, moved: Arrays, x: Any, clock: Arrays) -> Arrays:
    def one(moved: Arrays, x: Any) -> Arrays:
        return rates_at(structure.model, params, states | moved, x, clock)

    return jax.vmap(one)(moved, x)


def rates_of(model: Any, states: Mapping[str, ValueLike], inputs: InputValue) -> dict[str, pint.Quantity]:
    """Return the rates of a model's states, quantities by path: see `Dynamics.rates`."""
    function = RateFunction(model, inputs)
    found = function({name: function.read(name, value, model.name) for name, value in states.items()})
    return {name: units.from_kernel(rate, f"({function.states[name].unit})/ms") for name, rate in found.items()}


def _inputs(model: Any, inputs: Any) -> tuple[Any, Any]:
    """Return what a model is driven by, as floats in kernel units, and the dimensions of that."""
    who = f"{model.name}: the input"
    if inputs is not None and not isinstance(inputs, Mapping):
        return _read(inputs, who)
    read = {name: _read(value, f"{who} {name!r}") for name, value in (inputs or {}).items()}
    model.check_input(dict.fromkeys(read, ()))
    return {name: x for name, (x, _) in read.items()}, {name: dim for name, (_, dim) in read.items()}


def _read(value: Any, who: str) -> tuple[np.ndarray, Dimension]:
    """Return an input as floats in its kernel unit, and its dimension."""
    value = units.read(value, who)
    if not isinstance(value, pint.Quantity | Number | np.ndarray | list | tuple | jax.Array):
        raise TypeError(f"{who} must be a quantity: its value at one time, got a {type(value).__name__}.")
    unit = units.unit_of(value) if isinstance(value, pint.Quantity) else "dimensionless"
    return np.asarray(units.to_kernel(value, unit, who), float), units.dimension(unit)


def _as_double(value: Any) -> np.ndarray:
    """Return an array of floats in float64, others as they are."""
    array = np.asarray(value)
    return array.astype(float) if array.dtype.kind == "f" else array
