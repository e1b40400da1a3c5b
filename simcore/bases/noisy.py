"""Noisy: populations with white noise on their states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from ..module.declare import HiddenState, Param, State, broadcast
from ..module.parameters import did_you_mean
from ..step.noise import normal
from .composed import Composed

Array = Any
States = tuple[Array, ...]


class Noisy(Composed):
    """Base of populations whose integrated states may be driven by white noise.

    ``noise=`` is an amplitude of noise on V, or one for each of several states, ``noise={"V": ..., "w": ...}``, in the
    unit of the state per root of a time. That of V is the parameter ``noise``, that of another state w ``noise_w``.
    """

    noisy: tuple[str, ...] = ()  # the states other than V that have noise
    _kicked: tuple[str, ...] = ()  # inside a step: those that have got it

    noise = Param(None, "mV/ms**0.5", "amplitude of white noise on V (or the first state), or a dict of them by state",
                  nonnegative=True)  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        by_state = kwargs.pop("noise") if isinstance(kwargs.get("noise"), dict) else None
        super().__init__(*args, **kwargs)
        if by_state is not None:
            self.noise = by_state

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "noise" and isinstance(value, dict):
            self._set_noise(value)
        elif value is None and name in map(_param_name, self.noisy):
            self._drop(name.removeprefix(_param_name("")))
        else:
            super().__setattr__(name, value)

    def _set_noise(self, amplitudes: dict[str, Any]) -> None:
        """Have noise on these states alone."""
        states = {k: s for k, s in (self.STATES | vars(self)).items() if isinstance(s, HiddenState)}
        for name in amplitudes:
            if name not in states:
                raise ValueError(f"{self.name}: noise goes to states by name; there is no {name!r}"
                                 f"{did_you_mean(name, list(states))} It has {', '.join(states)}.")  # fmt: skip
        others = {name: value for name, value in amplitudes.items() if name != self.main_state() and value is not None}
        params = {name: self._param_of(states[name], value) for name, value in others.items()}
        super().__setattr__("noise", amplitudes.get(self.main_state() or ""))
        for name in self.noisy:
            self._drop(name)
        for name, value in others.items():
            self._set_param(params[name], value)
            self._adhoc[params[name].name] = params[name]
        self.noisy = tuple(others)

    def _drop(self, state: str) -> None:
        """Have no noise on a state any more."""
        del self._adhoc[_param_name(state)], self._values[_param_name(state)]
        self.noisy = tuple(name for name in self.noisy if name != state)

    def _param_of(self, state: State, value: Any) -> Param:
        """Return the parameter for noise on a state, after a look whether the value fits it."""
        key = _param_name(state.name)
        if hasattr(type(self), key) or (key in vars(self) and state.name not in self.noisy):
            raise ValueError(
                f"{self.name}: noise on {state.name!r} is the parameter {key!r}, a name that it has already."
            )
        meaning = f"amplitude of white noise on {state.name}"
        param = Param(None, _noise_unit(self.state_unit(state)), meaning, nonnegative=True, name=key)
        broadcast(self.read_param(param, value, True), self.varshape, f"{self.name}: noise on {state.name!r}")
        return param

    def main_state(self) -> str | None:
        """Return the name of the state that noise, parts and the refractory hold act on: V, else the first one."""
        states = {k: s for k, s in (self.STATES | vars(self)).items() if isinstance(s, State)}
        return "V" if "V" in states else next((k for k, s in states.items() if isinstance(s, HiddenState)), None)

    def param_unit(self, param: Param) -> str:
        """Return the unit of a parameter; that of noise follows the state that it acts on."""
        name = self.main_state() if param.name == "noise" else None
        if name in ("V", None):
            return super().param_unit(param)
        state = vars(self).get(name) or self.STATES[name]
        return _noise_unit(self.state_unit(state))

    # ---------------------------------------------------------------- inside a step

    def before_update(self) -> None:
        """Begin a step, in which each state gets its noise once."""
        self._kicked = ()

    def with_noise_on_others(
        self, new: tuple[Array, ...], names: tuple[str, ...], variance: Callable[[int], Array]
    ) -> tuple[Array, ...]:
        """Return the new values of states with the noise on those that are not V; `variance` is that of a state."""
        values = list(new)
        for i, name in enumerate(names):
            if name in self.noisy:
                if name in self._kicked:
                    raise ValueError(f"{self.name}: {name!r} is integrated twice in an update, and its noise would act "
                                     "in each call. Put all its terms into one derivative.")  # fmt: skip
                self._kicked = (*self._kicked, name)
                values[i] = values[i] + self.noise_of_step(_param_name(name), variance(i), values[i].shape)
        return tuple(values)

    def noise_of_step(self, param: str, variance: Array, shape: tuple[int, ...]) -> Array:
        """Return the noise of one step whose amplitude is a parameter."""
        return self.param_value(param) * jnp.sqrt(variance) * normal(self, shape, use=param)

    def updated(self, out: Any) -> None:
        """Refuse noise on a state that no integration has advanced."""
        missing = [name for name in self.noisy if name not in self._kicked]
        if missing:
            raise ValueError(
                f"{self.name}: noise on {missing[0]!r} goes nowhere: no derivative given to integrate() has a state of "
                "that name among its arguments."
            )


def _noise_unit(unit: str) -> str:
    return f"{unit}/ms**0.5" if unit.isalpha() else f"({unit})/ms**0.5"


def _param_name(state: str) -> str:
    return f"noise_{state}"
