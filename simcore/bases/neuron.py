"""Neuron: the base of all spiking neurons, and the one refractory period they share."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pint

from .. import environ
from ..integrators import exponential as integrators
from ..module.declare import Param, ShortTermState, State
from ..surrogate import InvSquareGrad, fire
from ..units import markers
from ..units.clock import as_time
from .population import Population
from .receptor import Jump, Receptor

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


class Neuron(Population):
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
        receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
        positions: where the neurons are, (size, dimensions), for distance-dependent connections.
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
        receptors: dict[str, Receptor] | None = None,
        positions: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        options = {"spk_fun": spk_fun, "spk_reset": spk_reset, "method": method, "detach_spk": detach_spk,
                   "spk_dtype": spk_dtype}  # fmt: skip
        for key, value in options.items():
            if value is not None:
                setattr(self, key, value)
        super().__init__(in_size, *args, positions=positions, name=name, **kwargs)
        for key, receptor in (receptors or {}).items():
            self._add_receptor(key, receptor)

    __init__.generic = True  # type: ignore[attr-defined]

    def __setattr__(self, name: str, value: Any) -> None:
        if name in CHOICES and value not in CHOICES[name]:
            raise ValueError(f"{self.name}: {name!r} must be one of {', '.join(CHOICES[name])}, got {value!r}.")
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

    def init_state(self, batch_size: int | None = None) -> None:
        """Create the states with their initial values, and those of the receptors."""
        super().init_state(batch_size)
        if any(isinstance(r, Jump) for r in self.receptors.values()):
            # V as the last spike test saw it: jumps arrive after the test, and the next reset answers the test.
            self.V_tested = ShortTermState(self.V.value)

    def settled(self) -> None:
        """Keep V for the reset of the next step; called after each update."""
        if "V_tested" in vars(self):
            self.V_tested.value = self.V.value
            self.pair()

    def pair(self) -> None:
        """Remember that `V_tested` belongs to the present V."""
        if "V_tested" in vars(self):
            object.__setattr__(self, "_paired", self.V.raw)

    def add_jump(self, dV: Array) -> None:
        """Add dV to V, after the spike test of this step."""
        self.V.value = self.V.value + dV
        self.pair()

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
        if V is None:
            tested = "V_tested" in vars(self) and vars(self).get("_paired") is self.V.raw
            V = self.V_tested.value if tested else self.V.value
        spike = fire(self.spk_fun, V, threshold, jnp.asarray(self.scale()))
        return spike if self.spk_dtype is None else spike.astype(self.spk_dtype)

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
            TypeError: inputs by population.
            ValueError: it names both shapes.
        """
        if isinstance(shape, dict):
            raise TypeError(f"{self.name} takes one input; inputs by name ({', '.join(shape)}) are a Network's.")
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
        env = environ.in_step()
        if self.method == "exp_euler" and env["mode"] != "check":  # the kinetics do not depend on V: they are exact
            new = self._advance(driven, y, (*s, *args), names)
            # A barrier, so that XLA computes V once, and before it overwrites the receptors' states in place.
            V, s = jax.lax.optimization_barrier((new[0], s))
            new = (V, *new[1:])
            if m:
                M = environ.once(self, lambda: integrators.growth_matrix(kinetics, m, env["dt"], self.name))
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

    def add_jump(self, dV: Array) -> None:
        """Add dV to V, after the spike test of this step, but where V is held."""
        super().add_jump(jnp.where(self.is_refractory(), 0.0, dV))

    @property
    def last_spike_time(self) -> pint.Quantity:
        """The time of each neuron's last spike (the end of the step that crossed); -inf ms if it never spiked."""
        since = np.asarray(self.steps_since_spike.raw)
        return as_time(np.where(since == NEVER, -np.inf, self.clock.t - since * self.clock.dt))
