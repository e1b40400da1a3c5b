"""Integrator: one step of y' = f(t, y) for the states y of a population, and what it is told of the equations."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from ..step.context import stage_time
from ..step.coupling import coupling
from ..step.jaxpr import Form, dependence, forms, operations

Array = Any
States = tuple[Array, ...]


@dataclasses.dataclass(frozen=True)
class Rates:
    """The right-hand side at one time: called with the states, it returns their rates.

    Attributes:
        function: returns the rates of the states, one argument each, and of the arguments after them.
        args: these arguments: inputs, and whatever an update hands to `integrate`.
        t: the time, ms, that `environ.get("t")` tells.
    """

    function: Callable[..., States]
    args: tuple[Array, ...]
    t: Array

    def __call__(self, y: States) -> States:
        return self.of(*y, *self.args)

    def of(self, *values: Array) -> States:
        """Return the rates for these states and arguments."""
        with stage_time(self.t):
            return self.function(*values)

    def one(self, y: States, i: int) -> Callable[[Array], Array]:
        """Return the rate of the i-th state as a function of it, the others held."""
        return lambda v: self((*y[:i], v, *y[i + 1 :]))[i]


@dataclasses.dataclass(frozen=True)
class Equations:
    """What one call of `integrate` advances.

    Attributes:
        who: the name of the model, for messages.
        names: of the states.
        V: which of the states noise, currents and the refractory hold act on; None if none of them.
        y: the states at the start of the step, each an array of the population's shape.
        dt: the time step, ms.
        rates_at: returns the `Rates` at a fraction of the step.
        parameters: arrays that do not change in a run.
        batch: the length of the axis of a batch, the first one of the states; None without one.
    """

    who: str
    names: tuple[str, ...]
    V: int | None
    y: States
    dt: Array
    rates_at: Callable[[float], Rates]
    parameters: tuple[Array, ...] = ()
    batch: int | None = None

    @property
    def n(self) -> int:
        """The number of states."""
        return len(self.y)

    @functools.cached_property
    def jaxpr(self) -> Any:
        """The rates at the start of the step as a jaxpr, of the states, the arguments and the time."""
        return self._traced(lambda value: value)

    def _traced(self, of: Callable[[Any], Any]) -> Any:
        """Return the rates at the start of the step as a jaxpr, of values that are `of` theirs."""
        rates = self.rates_at(0.0)
        values = jax.tree.map(of, (self.y, rates.args, jnp.asarray(rates.t)))
        return jax.make_jaxpr(lambda y, args, t: dataclasses.replace(rates, t=t).of(*y, *args))(*values)

    @functools.cached_property
    def reads_shapes(self) -> bool:
        """Whether the rates are computed in another way from scalars than from states and arguments with axes."""
        whole = operations(self.jaxpr)
        try:
            scalar = self._traced(lambda v: jnp.zeros_like(v, shape=()) if np.ndim(v) else v)
        except Exception:  # whatever a derivative raises that needs an axis
            return True
        return operations(scalar) != whole

    @functools.cached_property
    def depends(self) -> np.ndarray:
        """Which rate (row) depends on which state (column)."""
        return dependence(self.jaxpr.jaxpr)[:, : self.n]

    def reach(self) -> np.ndarray:
        """Which state (row) is moved by which (column) within a step, by way of others too."""
        return np.linalg.matrix_power(self.depends | np.eye(self.n, dtype=bool), self.n)

    def forms(self, states: set[int]) -> list[Form]:
        """Return how each rate depends on some of the states; the others count as what varies."""
        arguments = [Form.LINEAR if i in states else Form.VARIES for i in range(len(self.jaxpr.jaxpr.invars))]
        fixed = {id(array) for array in self.parameters}
        constants = [
            Form.FIXED if id(c) in fixed or not isinstance(c, jax.Array) else Form.VARIES for c in self.jaxpr.consts
        ]
        return forms(self.jaxpr.jaxpr, arguments, constants)

    @functools.cached_property
    def coupling(self) -> str | None:
        """The operation, and its line, by which neurons act on one another; None if each is for itself."""
        return coupling(self.jaxpr.jaxpr, self.n)

    @functools.cached_property
    def linear(self) -> bool:
        """Whether the rates are linear in all states together, with fixed coefficients, as far as the code shows it."""
        return max(self.forms(set(range(self.n)))) < Form.CURVED

    @functools.cached_property
    def free(self) -> list[int]:
        """The linear states that follow nothing but one another, V least: those of receptors, a current that decays."""
        free: set[int] = set(range(self.n)) - {-1 if self.V is None else self.V}
        while free != (linear := {i for i in free if self.forms(free)[i] == Form.LINEAR}):
            free = linear
        return sorted(free)


class Integrator:
    """Base of integration methods: ``method=MyIntegrator()`` on a neuron.

    A subclass defines `step`, and where it needs them `prepare`, `variance` and `check`. Its attributes are compared
    by value; a compiled program depends on them.
    """

    name: str = ""
    # Whether the other states are advanced with the V of the step's start: a held V then makes no difference to them.
    keeps_V: ClassVar[bool] = False
    # The error where what `prepare` returns depends on more than parameters and dt. With None it must be a dict, and
    # the items that do are left out.
    refusal: ClassVar[str | None] = None

    def check(self, equations: Equations) -> None:
        """Raise where these equations are not for it.

        Raises:
            ValueError: it says which method to take.
        """

    def prepare(self, equations: Equations) -> Any:
        """Return what is computed once per run, a pytree: of parameters and dt alone."""
        return {}

    def prepared(self, equations: Equations) -> Any:
        """Return what `prepare` returns, which must be a dict unless there is a `refusal`.

        Raises:
            TypeError: it is not.
        """
        values = self.prepare(equations)
        if self.refusal is None and not isinstance(values, dict):
            raise TypeError(
                f"{equations.who}: prepare() of method={self} must return a dict of arrays, got a "
                f"{type(values).__name__}; a class that returns something else says in `refusal` what it needs."
            )
        return values

    def prepares(self) -> bool:
        """Return whether it has something to prepare."""
        return type(self).prepare is not Integrator.prepare

    def step(self, equations: Equations, prepared: Any) -> States:
        """Return the states one step later."""
        raise NotImplementedError(f"{type(self).__name__} defines no step(equations, prepared).")

    def advanced(self, equations: Equations, prepared: Any) -> States:
        """Return what `step` returns, which must be one array for each state.

        Raises:
            TypeError: it is not.
        """
        new = self.step(equations, prepared)
        if not isinstance(new, tuple | list) or len(new) != equations.n:
            got = "an array" if isinstance(new, jax.Array) else f"{len(new)}" if isinstance(new, tuple | list) else new
            raise TypeError(
                f"{equations.who}: the step of method={self} must return a tuple of {equations.n}, the new values of "
                f"{', '.join(equations.names)}; it returns {got}."
            )
        return tuple(new)

    def after(self, equations: Equations, prepared: Any) -> dict[int, Array]:
        """Return the new states, by number, that are computed when V is there; `equations.y` is read again."""
        return {}

    def variance(self, equations: Equations, i: int) -> Array:
        """Return the variance, after one step, of white noise of amplitude 1 on the i-th state."""
        return equations.dt

    def __repr__(self) -> str:
        return self.name or type(self).__name__


def refuse_mixed_batch(equations: Equations) -> None:
    """Refuse equations in which one member of a batch acts on another.

    Raises:
        ValueError: it names the operation and its line.
    """
    if equations.batch is None:
        return
    found = coupling(equations.jaxpr.jaxpr, equations.n, equations.batch)
    if found is not None:
        shape = max((np.shape(y) for y in equations.y), key=len)
        last = [-1, (-2, -1), (-3, -2, -1)][min(len(shape), 4) - 2]
        raise ValueError(
            f"{equations.who}: the derivative mixes the members of the batch ({found}), which are along the first axis "
            f"of the states, {shape}. Let it act along those of the population, the last: r @ W.T for W @ r, "
            f"jnp.mean(r, axis={last}, keepdims=True) for jnp.mean(r); or let a runner, or a sweep, run each member."
        )


def refuse_coupling(equations: Equations, name: str) -> None:
    """Refuse, for a method that takes each neuron for itself, equations that couple them.

    Raises:
        ValueError: it names the operation and its line.
    """
    if equations.coupling is not None:
        raise ValueError(
            f"{equations.who}: method='{name}' takes each neuron for itself, but the derivative couples them "
            f"({equations.coupling}); use 'heun' or 'rk4'."
        )
