"""One call of integrate(): which of its states is V, what drives it, and the equations that an integrator gets."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import jax.numpy as jnp

from ..integrators import Equations, Rates
from ..module.declare import HiddenState, State
from ..module.tree import join
from ..step.context import current
from ..units import markers
from .part import Part

Array = Any
States = tuple[Array, ...]


class Model(Protocol):
    """What a call asks of the model whose states it advances."""

    name: str

    @property
    def path(self) -> str:
        """Its dotted path from the root."""

    @property
    def parts(self) -> Mapping[str, Part]:
        """Its parts, by name."""

    def arrays(self) -> dict[str, Array]:
        """Return its parameters and data."""

    def batch_size(self) -> int | None:
        """Return the length of the batch axis of its states, None without one."""

    def main_state(self) -> str | None:
        """Return the name of the state that noise, parts and the refractory hold act on."""

    def acts(self) -> list[str]:
        """Return what acts on that state, in words."""

    def drive(self, V: Array, I: Array, states: dict[str, States]) -> tuple[Array, dict[str, Any]]:
        """Return the first input of the derivative with what the parts add, and the rates of the parts' states."""


class Call:
    """One call of integrate().

    Args:
        model: whose states they are.
        derivative: takes the states and `args`, returns their rates.
        y: the states.
        args: what is handed to the derivative after them.
    """

    def __init__(self, model: Model, derivative: Callable[..., Any], y: States, args: tuple[Any, ...]) -> None:
        self.model, self.derivative, self.y, self.args = model, derivative, y, args
        self.n = len(y)
        self.names = _names(derivative, self.n)
        for name, value in zip(self.names, y, strict=True):
            if isinstance(value, State):
                raise TypeError(
                    f"{model.name}: integrate() needs the values of states, got the state {name!r} itself; write "
                    f"self.{name}.value."
                )
        self.V = self._which_V()
        self.parts: dict[str, Part] = {}
        if self.V is not None:
            self.parts = {k: p for k, p in model.parts.items() if p.integrated() or p.drives}
        if any(part.drives for part in self.parts.values()) and not args:
            raise TypeError(
                f"{model.name}: receptors and other parts drive the first argument of the derivative after the states, "
                "a current; integrate() was given none."
            )
        self._rates: dict[float, Rates] = {}
        self._t = current().t

    def _which_V(self) -> int | None:
        """Return which of the states is V; None if none of them is.

        Raises:
            ValueError: it cannot be told, and something acts on V.
        """
        model, main = self.model, self.model.main_state()
        if main in self.names:
            return self.names.index(main)  # type: ignore[arg-type]
        states = [name for name, state in vars(model).items() if isinstance(state, State)]
        if all(name in states for name in self.names):
            return None
        hidden = [name for name, state in vars(model).items() if isinstance(state, HiddenState)]
        if main is None or (self.n == 1 and hidden == [main]):
            return 0
        if acting := model.acts():
            act = "act" if acting[1:] else "acts"
            raise ValueError(
                f"{model.name}: {' and '.join(acting)} {act} on {main!r}, but which of the states of integrate() that "
                f"is cannot be told: the derivative calls them {', '.join(self.names)}. Call the one {main!r}."
            )
        return None

    # ---------------------------------------------------------------- the equations

    def equations(self) -> Equations:
        """Return the equations of its states and those of the parts."""
        parts = tuple(state.value for _, state in self._part_states())
        names = (*self.names, *(name for name, _ in self._part_states()))
        parameters = tuple(self.model.arrays().values())
        return Equations(
            self.model.name, names, self.V, (*self.y, *parts), current().dt, self.rates_at, parameters,
            self.model.batch_size(),
        )  # fmt: skip

    def _part_states(self) -> Iterator[tuple[str, State]]:
        for key, part in self.parts.items():
            for name, state in part.integrated().items():
                yield f"{key}.{name}", state

    def rates_at(self, fraction: float) -> Rates:
        """Return the rates at a fraction of the step."""
        if fraction not in self._rates:
            step = current()
            t = self._t + fraction * step.dt if fraction else self._t
            derivative, args = self.derivative, self.args
            if fraction and step.replay is not None and step.replay.reaches(self.model.path):
                derivative, args = step.replay.call_at(t)
            self._rates[fraction] = Rates(lambda *values: self._together(derivative, *values), args, t)
        return self._rates[fraction]

    def held(self, equations: Equations) -> Equations:
        """Return the equations while V is held."""

        def rates_at(fraction: float) -> Rates:
            free = equations.rates_at(fraction)

            def function(*values: Array) -> States:
                return tuple(jnp.zeros_like(r) if i == self.V else r for i, r in enumerate(free.function(*values)))

            return dataclasses.replace(free, function=function)

        return dataclasses.replace(equations, rates_at=rates_at)

    def _together(self, derivative: Callable[..., Any], *values: Array) -> States:
        """Return the rates of all states, of which the parts' come last, for their values and the arguments."""
        y, rest = values[: self.n], values[self.n :]
        V = None if self.V is None else y[self.V]
        part_rates: States = ()
        if V is not None:
            states: dict[str, States] = {}
            for key, part in self.parts.items():
                n = len(part.integrated())
                states[key], rest = rest[:n], rest[n:]
            I, rates = self.model.drive(V, rest[0] if rest else None, states)
            rest = (I, *rest[1:]) if rest else ()
            for key, values in states.items():
                if values:
                    part_rates += self._counted(rates[key], len(values), f"the derivative of {key!r}")
        return (*self._counted(derivative(*y, *rest), self.n, "the derivative"), *part_rates)

    def _counted(self, rates: Any, n: int, where: str) -> States:
        """Return rates as a tuple, one for each of n states."""
        rates = tuple(rates) if isinstance(rates, tuple | list) else (rates,)
        if len(rates) != n:
            text = f"{self.model.name}: {where} returns {len(rates)} rates for {n} states."
            if n == self.n == 1 and where == "the derivative" and self.args:
                states = ", ".join(f"self.{name}.value" for name in _names(self.derivative, len(rates)))
                text += f" Hand the states over as a tuple: integrate(derivative, ({states}), ...)."
            raise TypeError(text)
        return rates

    def euler(self, equations: Equations) -> States:
        """Return a step of Euler's for the equation check, the rates marked."""
        within = [getattr(self.derivative, "__name__", "derivative")] * self.n
        within += ["derivative"] * (equations.n - self.n)
        rates = equations.rates_at(0.0)(equations.y)
        marked = [
            markers.mark_rate(jnp.asarray(rate), v, name, function)
            for rate, v, name, function in zip(rates, equations.y, equations.names, within, strict=True)
        ]
        return tuple(v + equations.dt * rate for v, rate in zip(equations.y, marked, strict=True))

    def rates(self, equations: Equations) -> dict[str, Array]:
        """Return the rates of its states and those of the parts, by path.

        Raises:
            ValueError: which state it integrates cannot be told.
        """
        names = [*map(self._state_name, range(self.n)), *equations.names[self.n :]]
        rates = equations.rates_at(0.0)(equations.y)
        return {
            join(self.model.path, name): jnp.broadcast_to(rate, v.shape)
            for name, rate, v in zip(names, rates, equations.y, strict=True)
        }

    def _state_name(self, i: int) -> str:
        """Return the name of the i-th state: what the derivative calls it, if that is one, else that which it holds."""
        states = {name: state for name, state in vars(self.model).items() if isinstance(state, State)}
        if self.names[i] in states:
            return self.names[i]
        main = self.model.main_state()
        if i == self.V and main is not None:
            return main
        held = [name for name, state in states.items() if state.raw is self.y[i]]
        if len(held) != 1:
            raise ValueError(
                f"{self.model.name}: which of its states, {', '.join(states)}, the derivative calls {self.names[i]!r} "
                "cannot be told; give its arguments the names of the states."
            )
        return held[0]

    def keep(self, new: States) -> None:
        """Set the states of the parts."""
        for (_, state), value in zip(self._part_states(), new[self.n :], strict=True):
            state.value = value


def _names(derivative: Callable[..., Any], n: int) -> tuple[str, ...]:
    names = list(inspect.signature(derivative).parameters)
    return tuple((names + [f"state {i}" for i in range(len(names), n)])[:n])
