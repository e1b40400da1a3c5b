"""Neuron: the base of all spiking neurons, and the one refractory period they share."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pint

from . import environ, integrators, markers
from .clock import as_time
from .declare import Param, ShortTermState, State
from .module import Module
from .surrogate import InvSquareGrad, fire

Array = Any
States = tuple[Array, ...]
CHOICES = {"spk_reset": ("soft", "hard"), "method": ("exp_euler", *integrators.METHODS, "exact")}


@jax.custom_jvp
def reset_to(value: Array, target: Array, spike: Array) -> Array:
    """Return `target` where there is a spike (1.0), else `value`.

    The derivative is that of value + (target - value) * spike, the smooth relaxation of the choice.
    """
    return jnp.where(spike != 0, target, value)


@reset_to.defjvp
def _(primals: Any, tangents: Any) -> tuple[Array, Array]:
    value, target, spike = primals
    d_value, d_target, d_spike = tangents
    tangent = d_value + spike * (d_target - d_value) + (target - value) * d_spike
    return reset_to(*primals), tangent


class Neuron(Module):
    """Base of all spiking neurons.

    A subclass declares the state V and the parameters V_th and V_reset (or defines `get_spike` itself), a
    `derivative`, and an `update` that returns the spikes.

    Args:
        in_size: the population's size, an int or a tuple.
        spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
        spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative
            0 at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient.
        method: the integrator: exp_euler, euler, heun, rk2, rk4 or exact (models linear between spikes).
        detach_spk: cut the gradient through the reset, not through the returned spikes.
        spk_dtype: the type of the returned spikes, by default that of V.
        name: the name in messages, by default the class's.
    """

    OPTIONS = ("spk_fun", "spk_reset", "method", "detach_spk", "spk_dtype")
    spk_fun: Callable[[Array], Array] = InvSquareGrad(alpha=100.0)
    spk_reset: str = "soft"
    method: str = "exp_euler"
    detach_spk: bool = False
    spk_dtype: Any = None

    noise = Param(None, "mV/ms**0.5", "amplitude of white noise on V", nonnegative=True)

    def __init__(
        self,
        in_size: int | tuple[int, ...],
        *args: Any,
        spk_fun: Callable[[Array], Array] | None = None,
        spk_reset: str | None = None,
        method: str | None = None,
        detach_spk: bool | None = None,
        spk_dtype: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        sizes = in_size if isinstance(in_size, tuple | list) else (in_size,)
        if not all(isinstance(n, int | np.integer) and n > 0 for n in sizes):
            raise ValueError(
                f"{type(self).__name__}: 'in_size' must be a positive int or a tuple of them, got {in_size!r}."
            )
        self.varshape = tuple(int(n) for n in sizes)
        options = {"spk_fun": spk_fun, "spk_reset": spk_reset, "method": method, "detach_spk": detach_spk,
                   "spk_dtype": spk_dtype}  # fmt: skip
        for key, value in options.items():
            if value is not None:
                setattr(self, key, value)
        super().__init__(*args, name=name, **kwargs)

    __init__.generic = True  # type: ignore[attr-defined]

    def __setattr__(self, name: str, value: Any) -> None:
        if name in CHOICES and value not in CHOICES[name]:
            raise ValueError(f"{self.name}: {name!r} must be one of {', '.join(CHOICES[name])}, got {value!r}.")
        super().__setattr__(name, value)

    @property
    def in_size(self) -> tuple[int, ...]:
        """The shape of the population: `varshape`."""
        return self.varshape

    @property
    def population_shape(self) -> tuple[int, ...]:
        """`varshape`, with the batch axis of the present states before it."""
        shapes = [np.shape(s.raw) for s in vars(self).values() if isinstance(s, State)]
        return next((s for s in shapes if len(s) == len(self.varshape) + 1 and s[1:] == self.varshape), self.varshape)

    # ---------------------------------------------------------------- spikes

    def threshold(self) -> Any:
        """Return the threshold of V, by default V_th."""
        if not hasattr(self, "V_th") or not hasattr(self, "V_reset"):
            raise NotImplementedError(
                f"{type(self).__name__} defines no get_spike(); "
                "define it, or the state V and the parameters V_th and V_reset."
            )
        return self.V_th

    def scale(self) -> Any:
        """Return the voltage that makes the surrogate's argument a number: V_th - V_reset."""
        return self.V_th - self.V_reset

    def get_spike(self, V: Any = None) -> Any:
        """Return 1.0 where V (by default the state) is at or above the threshold, else 0.0.

        Raises:
            NotImplementedError: the class has no V_th and V_reset and does not define its own.
        """
        threshold = self.threshold()
        V = self.V.value if V is None else V
        spike = fire(self.spk_fun, V, threshold, jnp.asarray(self.scale()))
        return spike if self.spk_dtype is None else spike.astype(self.spk_dtype)

    @property
    def spike(self) -> Any:
        """The spikes at the end of the last step: `get_spike()`."""
        return self.get_spike()

    def reset_spike(self) -> Array:
        """Return the spikes that the reset answers: those at the end of the previous step."""
        spike = self.get_spike().astype(jnp.result_type(float))
        return jax.lax.stop_gradient(spike) if self.detach_spk else spike

    def after_spike(self, V: Array) -> Array:
        """Return V after the reset for the spikes at the end of the previous step."""
        spike = self.reset_spike()
        if self.spk_reset == "hard":
            return reset_to(V, self.V_reset, spike)
        return V - (self.threshold() - self.V_reset) * spike

    def check_input(self, shape: tuple[int, ...]) -> None:
        """Refuse an input that does not broadcast to the population.

        Raises:
            ValueError: it names both shapes.
        """
        own = self.population_shape
        if len(shape) > len(own) or any(n not in (1, m) for n, m in zip(shape[::-1], own[::-1], strict=False)):
            raise ValueError(
                f"{self.name}: an input of the shape {shape} does not fit the population's {own}; "
                "samples over time are given as sc.inputs.Waveform(array * mA)."
            )

    def check_initial(self) -> None:
        """Refuse an initial V at or above the threshold.

        Raises:
            ValueError: it names the first such neuron.
        """
        try:
            high = np.asarray(self.V.value >= self.threshold())
        except (AttributeError, NotImplementedError):
            return  # a neuron of the user's own making, without the state V or with another threshold
        if high.any():
            where = tuple(int(k) for k in np.argwhere(np.atleast_1d(high))[0])
            V = np.broadcast_to(self.V.value.magnitude, high.shape)[where if high.ndim else ()]
            raise ValueError(
                f"{self.name}: the initial V of neuron {where[0] if len(where) == 1 else where} is {V:g} "
                f"{self.V.value.units:~P}, at or above its threshold; choose a lower V_initializer or a higher V_th."
            )

    # ---------------------------------------------------------------- dynamics

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

        rates.__name__ = getattr(derivative, "__name__", "derivative")
        new = self._advance(rates, y, args, _names(derivative, len(y)))
        return new[0] if single else new

    def _advance(self, rates: Callable[..., Any], y: Any, args: Any, names: list[str]) -> tuple[Array, ...]:
        env = environ.in_step()
        dt = env["dt"]

        def f(at: Any) -> Any:
            return rates(*at, *args)

        if env["mode"] == "check":  # all methods have the dimensions of Euler's
            marked = [
                markers.mark_rate(jnp.asarray(r), v, name, rates.__name__)
                for r, v, name in zip(f(y), y, names, strict=True)
            ]
            new: Any = tuple(v + dt * r for v, r in zip(y, marked, strict=True))
        elif self.method == "exact":
            P = environ.once(self, lambda: integrators.propagator(rates, len(y), args, dt, self.name))
            new = integrators.exact(P, f, y)
        elif self.method == "exp_euler":
            factors = environ.once(self, lambda: integrators.linear_factors(rates, len(y), args, dt))
            new = integrators.exp_euler(f, y, dt, factors)
        else:
            new = integrators.METHODS[self.method](f, y, dt)
        if self.noise is None:
            return new
        variance = dt
        if self.method in ("exp_euler", "exact") and env["mode"] != "check":
            variance = dt * integrators.phi(2 * integrators.growth(f, y, dt))  # that of the OU process
        kick = self.noise * jnp.sqrt(variance) * environ.normal(self, y[0].shape)
        return (new[0] + kick, *new[1:])


def _names(derivative: Callable[..., Any], n: int) -> list[str]:
    names = list(inspect.signature(derivative).parameters)
    return (names + [f"state {i}" for i in range(len(names), n)])[:n]


NEVER = int(np.iinfo(np.int32).max)


class Refractory(Neuron):
    """Mixin, before a neuron in the bases: an absolute refractory period of tau_ref after each spike.

    n = tau_ref / dt steps, counted in integers: V is held at its reset value, no spike is emitted, and the next
    step is an ordinary one. With hard reset, m steps to the threshold make an interval of m + n steps.
    A subclass declares tau_ref at its place among the parameters.
    """

    tau_ref = Param(0.0, "ms", "absolute refractory period", nonnegative=True, steps=True)
    steps_since_spike = ShortTermState("dimensionless", "steps since the last spike", init=NEVER)

    def is_refractory(self) -> Array:
        """Return, at the start of a step, where V is held in it."""
        n = jnp.round(self.tau_ref / environ.in_step()["dt"]).astype(jnp.int32)
        return self.steps_since_spike.value < n

    def get_spike(self, V: Any = None) -> Any:
        """Return 1.0 where V is at or above the threshold and the last step was not refractory, else 0.0."""
        return super().get_spike(V) * (self.steps_since_spike.value == 0)

    def _advance(self, rates: Callable[..., Any], y: Any, args: Any, names: list[str]) -> tuple[Array, ...]:
        free = super()._advance(rates, y, args, names)
        held = y
        if len(y) > 1:  # the others go on, driven by the held V

            @functools.wraps(rates)
            def frozen(*at: Array) -> tuple[Array, ...]:
                dV, *others = rates(*at)
                return (0 * dV, *others)

            held = (y[0], *super()._advance(frozen, y, args, names)[1:])
        refractory = self.is_refractory()
        return tuple(jnp.where(refractory, h, v) for h, v in zip(held, free, strict=True))

    def update(self, x: Any = 0.0) -> Any:
        """Advance by one step under the input x and return the spikes."""
        refractory = self.is_refractory()
        super().update(x)
        since = self.steps_since_spike.value
        crossed = (super().get_spike() != 0) & ~refractory
        self.steps_since_spike.value = jnp.where(crossed, 0, since + (since < NEVER - 1))
        return self.get_spike()

    @property
    def last_spike_time(self) -> pint.Quantity:
        """The time of each neuron's last spike (the end of the step that crossed); -inf ms if it never spiked."""
        since = np.asarray(self.steps_since_spike.raw)
        return as_time(np.where(since == NEVER, -np.inf, self.clock.t - since * self.clock.dt))
