"""Dynamics: what has states that are integrated, with a method, noise and parts that drive them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp

from ..integrators import exponential as integrators
from ..module.declare import Param, State
from ..step.context import current, once
from ..step.noise import normal
from ..units import markers
from .population import Population
from .receptor import Receptor

Array = Any
EXACT = (
    "method='exact' needs rates that depend on parameters alone, beside the states and arguments given to "
    "integrate(); use 'exp_euler'."
)
METHODS = ("exp_euler", *integrators.METHODS, "exact")


class Dynamics(Population):
    """Base of populations whose states follow differential equations.

    Args:
        in_size: the population's size, an int or a tuple.
        method: the integrator: exp_euler, euler, heun, rk2, rk4 or exact (models linear between spikes).
        receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
        positions: where its members are, (size, dimensions), for distance-dependent connections.
        name: the name in messages, by default the class's.
    """

    OPTIONS = ("method",)
    method: str = "exp_euler"

    noise = Param(None, "mV/ms**0.5", "amplitude of white noise on V", nonnegative=True)

    def __init__(
        self,
        in_size: int | tuple[int, ...],
        *args: Any,
        method: str | None = None,
        receptors: dict[str, Receptor] | None = None,
        positions: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if method is not None:
            self.method = method
        super().__init__(in_size, *args, positions=positions, name=name, **kwargs)
        for key, receptor in (receptors or {}).items():
            self._add_receptor(key, receptor)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "method" and value not in METHODS:
            raise ValueError(f"{self.name}: 'method' must be one of {', '.join(METHODS)}, got {value!r}.")
        super().__setattr__(name, value)

    def _add_receptor(self, key: str, receptor: Any) -> None:
        if not isinstance(receptor, Receptor):
            raise TypeError(f"{self.name}: the receptor {key!r} must be one of sc.models (Exponential, ...), "
                            f"got {receptor!r}.")  # fmt: skip
        if hasattr(type(self), key) or key in vars(self) or not key.isidentifier() or key.startswith("_"):
            raise ValueError(f"{self.name}: {key!r} cannot name a receptor; the model has one of that name, "
                             "or it is no word.")  # fmt: skip
        receptor.attach(key, self.varshape)
        setattr(self, key, receptor)

    @property
    def receptors(self) -> dict[str, Receptor]:
        """Its receptors, by name."""
        return {k: v for k, v in vars(self).items() if isinstance(v, Receptor)}

    def check_input(self, shape: Any) -> None:
        """Refuse an input that does not broadcast to the population, or by a name that update() does not take.

        Raises:
            TypeError: update() has no input of that name.
            ValueError: it names both shapes.
        """
        if isinstance(shape, dict):
            takes = [k for k in inspect.signature(self.update).parameters if k != "self"]
            for name, one in shape.items():
                if name not in takes or len(takes) == 1:
                    raise TypeError(f"{self.name} has no input {name!r}; its update() takes {', '.join(takes)}.")
                self.check_input(one)
            return
        whole = self.population_shape
        if len(shape) > len(whole) or any(n not in (1, m) for n, m in zip(shape[::-1], whole[::-1], strict=False)):
            raise ValueError(
                f"{self.name}: an input of the shape {shape} does not fit the population's {whole}; "
                "samples over time are given as sc.inputs.Waveform(array * mA)."
            )

    def driven(self, x: Any) -> Any:
        """Called inside a step by what drives the model; a dict gives the inputs of update() by name."""
        return self(**x) if isinstance(x, dict) else self(x)

    def held(self) -> Array | None:
        """Return, at the start of a step, where V does not change (refractory); None where it always may."""
        return None

    # ---------------------------------------------------------------- integration

    def integrate(self, derivative: Callable[..., Any], state: Any, *args: Any) -> Any:
        """Return the state (V, or a tuple that begins with V) one step later, by `method`, with `noise` on V.

        Args:
            derivative: takes the states and `args`, returns their rates of change.
            state: one array, or a tuple of arrays.
            args: further arguments, constant in the step.
        """
        single = not isinstance(state, tuple)
        y = (state,) if single else state

        def rates(*at: Array) -> tuple[Array, ...]:
            out = (derivative(*at),) if single else tuple(derivative(*at))
            if len(out) != len(y):
                raise TypeError(f"{self.name}: the derivative returns {len(out)} rates for {len(y)} states.")
            return out

        names = _names(derivative, len(y))
        if not self.receptors:
            rates.__name__ = getattr(derivative, "__name__", "derivative")
            new = self._advance(rates, y, args, names)
            return new[0] if single else new
        if not args:
            raise TypeError(f"{self.name}: receptors drive the first argument of the derivative after the states, "
                            "a current; integrate() was given none.")  # fmt: skip
        V, *others = self._advance_driven(rates, y, args, names)
        return V if single else (V, *others)

    def _synaptic(self) -> list[State]:
        return [vars(r)[k] for r in self.receptors.values() for k in r.parts]

    def _advance_driven(self, rates: Callable[..., Any], y: Any, args: Any, names: list[str]) -> tuple[Array, ...]:
        """Return the states one step later, and advance those of the receptors, whose currents add to args[0]."""
        receptors = list(self.receptors.values())
        s = tuple(state.value for state in self._synaptic())
        n, m = len(y), len(s)

        def split(s: Any) -> Iterator[tuple[Receptor, Any]]:
            for receptor in receptors:
                yield receptor, s[: len(receptor.parts)]
                s = s[len(receptor.parts) :]

        def driven(*at: Array) -> tuple[Array, ...]:
            y, s, (I, *rest) = at[:n], at[n : n + m], at[n + m :]
            for receptor, own in split(s):
                I = I + receptor.drive(y[0], *own)
            return rates(*y, I, *rest)

        def kinetics(*s: Array) -> tuple[Array, ...]:
            out: tuple[Array, ...] = ()
            for receptor, own in split(s):
                rate = receptor.derivative(*own) if own else ()
                out += rate if isinstance(rate, tuple) else (rate,)
            return out

        driven.__name__ = "derivative"
        step = current()
        if self.method == "exp_euler" and step.phase != "check":  # the kinetics do not depend on V: they are exact
            new = self._advance(driven, y, (*s, *args), names)
            # A barrier, so that XLA computes V once, and before it overwrites the receptors' states in place.
            V, s = jax.lax.optimization_barrier((new[0], s))
            new = (V, *new[1:])
            if m:
                M = once(self.path, lambda: integrators.growth_matrix(kinetics, m, step.dt, self.name), EXACT)
                s = integrators.grow(M, s)
        else:

            def together(*at: Array) -> tuple[Array, ...]:
                return (*driven(*at), *kinetics(*at[n : n + m]))

            together.__name__ = "derivative"
            synaptic_names = [f"{k}.{p}" for k, r in self.receptors.items() for p in r.parts]
            new = self._advance(together, (*y, *s), args, [*names, *synaptic_names])
            V, s = jax.lax.optimization_barrier((new[0], new[n:]))
            new = (V, *new[1:n])
        for state, value in zip(self._synaptic(), s, strict=True):
            state.value = value
        return new

    def _advance(self, rates: Callable[..., Any], y: Any, args: Any, names: list[str]) -> tuple[Array, ...]:
        free = self._advance_free(rates, y, args, names)
        mask = self.held()
        if mask is None:
            return free
        held = y
        if len(y) > 1:  # the others go on, driven by the held V

            @functools.wraps(rates)
            def frozen(*at: Array) -> tuple[Array, ...]:
                dV, *others = rates(*at)
                return (0 * dV, *others)

            held = (y[0], *self._advance_free(frozen, y, args, names)[1:])
        return tuple(jnp.where(mask, h, v) for h, v in zip(held, free, strict=True))

    def _advance_free(self, rates: Callable[..., Any], y: Any, args: Any, names: list[str]) -> tuple[Array, ...]:
        step = current()
        dt = step.dt

        def f(at: Any) -> Any:
            return rates(*at, *args)

        if step.phase == "check":  # all methods have the dimensions of Euler's
            marked = [
                markers.mark_rate(jnp.asarray(r), v, name, rates.__name__)
                for r, v, name in zip(f(y), y, names, strict=True)
            ]
            new: Any = tuple(v + dt * r for v, r in zip(y, marked, strict=True))
        elif self.method == "exact":
            P = once(self.path, lambda: integrators.propagator(rates, len(y), args, dt, self.name), EXACT)
            new = integrators.exact(P, f, y)
        elif self.method == "exp_euler":
            factors = once(self.path, lambda: integrators.linear_factors(rates, len(y), args, dt))
            new = integrators.exp_euler(f, y, dt, factors)
        else:
            new = integrators.METHODS[self.method](f, y, dt)
        if self.noise is None:
            return new
        variance = dt
        if self.method in ("exp_euler", "exact") and step.phase != "check":
            variance = dt * integrators.phi(2 * integrators.growth(f, y, dt))  # that of the OU process
        kick = self.noise * jnp.sqrt(variance) * normal(self, y[0].shape)
        return (new[0] + kick, *new[1:])


def _names(derivative: Callable[..., Any], n: int) -> list[str]:
    names = list(inspect.signature(derivative).parameters)
    return (names + [f"state {i}" for i in range(len(names), n)])[:n]
