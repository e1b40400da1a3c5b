"""Neuron: the base of all spiking neurons. A spike is decided once, by `fire`; all else reads the record of it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pint

from ..module import code
from ..module.declare import Param, ShortTermState, State
from ..module.structure import bound
from ..step import direct, jaxpr
from ..step.context import current, entered
from ..step.pure import clock_arrays, context_at
from ..surrogate import InvSquareGrad, fire
from ..units.clock import as_time
from .dynamics import Dynamics

Array = Any
RESETS = ("soft", "hard", "none")
NEVER = int(np.iinfo(np.int32).max)
# Who asks for one of these in a step resets V at a spike.
_RESETTING = {"after_spike", "reset_spike", "spike"}


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


class Neuron(Dynamics):
    """Base of all spiking neurons.

    A subclass declares the state V and the parameters V_th and V_reset (or defines `threshold` or `get_spike`), a
    `derivative`, and an `update` that ends with `fire`. An update that never asks for the spikes of the step before
    (`after_spike`, `reset_spike`, `spike`) has no reset: it spikes where V crosses the threshold upwards.

    Args:
        in_size: the population's size, an int or a tuple.
        spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
        spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative
            0 at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
        detach_spk: cut the gradient through the reset, not through the returned spikes.
        spk_dtype: the type of the returned spikes, by default that of V.
        method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
            exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
        receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
        parts: other `Part`s, by name: channels, currents that spikes trigger.
        positions: where the neurons are, (size, dimensions), for distance-dependent connections.
        name: the name in messages, by default the class's.
    """

    OPTIONS = ("spk_fun", "spk_reset", "detach_spk", "spk_dtype", *Dynamics.OPTIONS)
    spk_fun: Callable[[Array], Array] = InvSquareGrad(alpha=100.0)
    spk_reset: str = "soft"
    detach_spk: bool = False
    spk_dtype: Any = None

    tau_ref = Param(None, "ms", "absolute refractory period", nonnegative=True, steps=True)

    def __init__(
        self,
        in_size: int | tuple[int, ...],
        *args: Any,
        spk_fun: Callable[[Array], Array] | None = None,
        spk_reset: str | None = None,
        detach_spk: bool | None = None,
        spk_dtype: Any = None,
        method: Any = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        positions: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        options = {"spk_fun": spk_fun, "spk_reset": spk_reset, "detach_spk": detach_spk, "spk_dtype": spk_dtype}
        for key, value in options.items():
            if value is not None:
                setattr(self, key, value)
        common = {"method": method, "receptors": receptors, "parts": parts, "positions": positions, "name": name}
        super().__init__(in_size, *args, **common, **kwargs)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "get_spike" in vars(cls):
            cls.get_spike = _test(vars(cls)["get_spike"])  # type: ignore[method-assign]

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "spk_reset" and value not in RESETS:
            raise ValueError(f"{self.name}: 'spk_reset' must be one of {', '.join(RESETS)}, got {value!r}.")
        super().__setattr__(name, value)

    # ---------------------------------------------------------------- the record of spikes

    def init_state(self, batch_size: int | None = None) -> None:
        """Create the states with their initial values, and the record of spikes where V alone does not tell them."""
        super().init_state(batch_size)
        self._left = None
        for name in ("spiked", "was_above", "steps_since_spike"):
            vars(self).pop(name, None)
        lead = () if batch_size is None else (batch_size,)
        shape = lead + self.varshape
        if "tau_ref" in self.given():
            self.steps_since_spike = steps_since_spike(shape)
        if self.crosses and self._can_be_tested():
            self.was_above = ShortTermState(np.zeros(shape), "1 where V was at or above the threshold, else 0")
        if self.keeps_spikes:
            self.spiked = ShortTermState(np.zeros(shape), "1 where the last step ended with a spike, else 0")

    @property
    def crosses(self) -> bool:
        """Whether it spikes where V crosses the threshold, not as long as V is above it: it has no reset.

        A class with a `get_spike` of its own decides for itself.
        """
        by_default = type(self).get_spike is Neuron.get_spike and not _asks_for_spikes(type(self))
        return by_default or self.spk_reset == "none"

    @property
    def keeps_spikes(self) -> bool:
        """Whether V at the end of a step does not tell who spiked in it: jumps, crossings, a test of more than V."""
        moved = any(receptor.moves_V for receptor in self.receptors.values())
        return self._can_be_tested() and (moved or self.crosses or not self._is_tested_by_state())

    def _is_tested_by_state(self) -> bool:
        """Return whether the spike test is a function of states and parameters alone: not of t, i or chance."""
        if type(self).threshold is Neuron.threshold and type(self).get_spike is Neuron.get_spike:
            return True
        clock = clock_arrays(0, self.clock.dt, 0.0, 0)

        def test(clock: dict[str, Any]) -> Any:
            inside = bound(self, self.kernel_params(), direct.raw_states(self))
            with entered(context_at(clock, {})):
                return inside.level(inside.V.value if _has_V(inside) else None)

        return not jaxpr.depends(test, clock | {"seed": np.uint32(0)}).any()

    def _can_be_tested(self) -> bool:
        names = {"V_th", "V_reset"}
        return type(self).get_spike is not Neuron.get_spike or (_has_V(self) and all(hasattr(self, k) for k in names))

    def fire(self) -> Any:
        """Decide the spikes of this step and keep the record of them: the last line of `update`, which returns them.

        1.0 where V is at or above the threshold (of a neuron without reset: where it has crossed it), 0.0 elsewhere
        and in the refractory period.

        Raises:
            RuntimeError: it is called a second time in an update.
        """
        if vars(self).get("_fired"):
            raise RuntimeError(
                f"{self.name}: fire(), or get_spike() without V, is called twice after V got its new value; it stands "
                "at the end of update() alone. The spikes of the step before are self.spike."
            )
        self._fired = True
        spike = self.level(self.V.value if _has_V(self) else None)
        if "was_above" in vars(self):
            above = jax.lax.stop_gradient(spike).astype(self.was_above.value.dtype)
            stayed = (
                self.was_above.value
                if (start := self.V_before) is None
                else (self.was_above.value * jax.lax.stop_gradient(self.level(start)))
            )
            spike = spike * (1 - stayed).astype(spike.dtype)
            self.was_above.value = above
        if "steps_since_spike" in vars(self):
            free, since = ~self.is_refractory(), self.steps_since_spike.value
            self.steps_since_spike.value = jnp.where((spike != 0) & free, 0, since + (since < NEVER - 1))
            spike = spike * free
        if "spiked" in vars(self):
            self.spiked.value = spike.astype(self.spiked.value.dtype)
        return spike

    def before_update(self) -> None:
        """Let spikes act on the parts, and remember V as the update finds it."""
        super().before_update()
        self._V_found = self.V.raw if _has_V(self) else None

    def has_advanced(self) -> bool:
        """Whether its update is at work and has given V a new value."""
        return self.is_updating and (not _has_V(self) or self.V.raw is not self._V_found)

    def updated(self) -> None:
        """Decide the spikes of this step unless the update did."""
        if not vars(self).get("_fired") and self._can_be_tested():
            self.fire()
        self._fired = False

    @property
    def spike(self) -> Any:
        """The spikes at the end of the last step, 1.0 or 0.0."""
        if not self.inside:
            return direct.evaluate(self, lambda inside: inside.spike)
        if "spiked" in vars(self):
            spike = self.spiked.value
            return spike if self.spk_dtype is None else spike.astype(self.spk_dtype)
        spike = self.level(self.V.value if _has_V(self) else None)
        return spike * (self.steps_since_spike.value == 0) if "steps_since_spike" in vars(self) else spike

    def stepped(self) -> None:
        """Remember what the steps left, whose spikes the next one answers."""
        self._left = (self._fixed(), self.kernel_params(), direct.raw_states(self))

    def _fixed(self) -> list[Any]:
        nodes = self.nodes().values()
        return [node.on_device(name) for node in nodes for name in node.given()] + [*direct.raw_states(self).values()]

    def fit_to(self, dt: float) -> None:
        """Make the states that the present parameters need, and a record where V does not tell the spikes any more."""
        super().fit_to(dt)
        if ("tau_ref" in self.given()) != ("steps_since_spike" in vars(self)):
            vars(self).pop("steps_since_spike", None)
            if "tau_ref" in self.given():
                self.steps_since_spike = steps_since_spike(self.population_shape)
        if not self.keeps_spikes and "spiked" not in vars(self) and self._can_be_tested():
            self._keep_what_was_decided()

    def _keep_what_was_decided(self) -> None:
        """Make a record if V or the threshold was set from outside: no reset without a spike, no spike without one."""
        left = vars(self).get("_left")
        if left is not None and all(a is b for a, b in zip(left[0], self._fixed(), strict=False)):
            return
        present = np.asarray(self.spike)
        before = np.zeros(present.shape)
        alike = left is not None and left[1].keys() == self.kernel_params().keys()
        if left is not None and alike and left[2].keys() == self.states().keys():
            before = np.asarray(direct.evaluate(self, lambda inside: inside.spike, *left[1:]))
        if np.any(present != before):
            self.spiked = ShortTermState(before * 1.0, "1 where the last step ended with a spike, else 0")

    # ---------------------------------------------------------------- the test of a spike

    def threshold(self) -> Any:
        """Return the threshold of V, by default V_th: the parameter, or the state of that name."""
        if not hasattr(self, "V_th") or not hasattr(self, "V_reset"):
            raise NotImplementedError(
                f"{type(self).__name__} defines no get_spike(); "
                "define it, or the state V and the parameters V_th and V_reset."
            )
        return self.V_th.value if isinstance(self.V_th, State) else self.V_th

    def scale(self) -> Any:
        """Return the voltage that makes the surrogate's argument a number: V_th - V_reset."""
        V_th = self.V_th
        return (V_th.value if isinstance(V_th, State) else V_th) - self.V_reset

    def get_spike(self, V: Any = None) -> Any:
        """Return 1.0 where V is at or above the threshold, else 0.0: the pure test, also of a refractory neuron.

        Without V, the spikes of the last step; in an update that has given V its new value, it is `fire`.

        Raises:
            NotImplementedError: the class has no V_th and V_reset and does not define its own.
        """
        threshold = self.threshold()
        spike = fire(self.spk_fun, V, threshold, jnp.asarray(self.scale()))
        return spike if self.spk_dtype is None else spike.astype(self.spk_dtype)

    def level(self, V: Any) -> Any:
        """Return, inside a step, `get_spike` of V, or of the present states where it takes none."""
        test = type(self).get_spike.__wrapped__  # type: ignore[attr-defined]
        return test(self, V) if _takes_V(test) else test(self)

    def reset_spike(self) -> Array:
        """Return the spikes that the reset answers: those at the end of the previous step."""
        spike = self.spike.astype(jnp.result_type(float))
        return jax.lax.stop_gradient(spike) if self.detach_spk else spike

    def after_spike(self, V: Array) -> Array:
        """Return V after the reset for the spikes at the end of the previous step."""
        spike = self.reset_spike()
        if self.spk_reset == "hard":
            return reset_to(V, self.V_reset, spike)
        return V if self.spk_reset == "none" else V - (self.threshold() - self.V_reset) * spike

    # ---------------------------------------------------------------- refractory period

    def is_refractory(self) -> Array:
        """Return, at the start of a step, where V is held in it: within tau_ref of the last spike."""
        n = jnp.round(self.tau_ref / current().dt).astype(jnp.int32)
        return self.steps_since_spike.value < n

    def held(self) -> Array | None:
        """Return, at the start of a step, where V is held in it; None without a refractory period."""
        return self.is_refractory() if "steps_since_spike" in vars(self) else None

    def add_jump(self, dV: Array) -> None:
        """Add dV to V, after the spike test of this step, but where V is held."""
        held = self.held()
        self.V.value = self.V.value + (dV if held is None else jnp.where(held, 0.0, dV))

    @property
    def last_spike_time(self) -> pint.Quantity:
        """The time of each neuron's last spike (the end of the step that crossed); -inf ms if it never spiked."""
        since = np.asarray(self.steps_since_spike.raw)
        return as_time(np.where(since == NEVER, -np.inf, self.clock.t - since * self.clock.dt))

    def check_initial(self) -> None:
        """Refuse an initial V at or above the threshold.

        Raises:
            ValueError: it names the first such neuron.
        """
        if self.crosses or not self._can_be_tested() or not _has_V(self) or not self._is_tested_by_state():
            return  # it may start above its threshold, has no V, or spikes by chance
        high = np.asarray(direct.evaluate(self, lambda inside: inside.level(inside.V.value))) != 0
        if high.any():
            index = tuple(int(k) for k in np.argwhere(np.atleast_1d(high))[0])
            V = np.broadcast_to(self.V.value.magnitude, high.shape)[index if high.ndim else ()]
            raise ValueError(
                f"{self.name}: the initial V of neuron {index[0] if len(index) == 1 else index} is {V:g} "
                f"{self.V.value.units:~P}, at or above its threshold; choose a lower V_initializer or a higher V_th."
            )


def steps_since_spike(shape: tuple[int, ...]) -> ShortTermState:
    """Return the state of neurons that have not spiked yet."""
    return ShortTermState(np.full(shape, NEVER, np.int32), "steps since the last spike", counts_steps=True)


def _test(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap get_spike: from outside, and without V, it is about the record."""

    @functools.wraps(fn)
    def get_spike(self: Neuron, V: Any = None) -> Any:
        if V is None:
            return self.fire() if self.inside and self.has_advanced() else self.spike
        if self.inside:
            return fn(self, V)
        return direct.evaluate(self, lambda inside: fn(inside, direct.as_kernel_floats(V, self.name)))

    return get_spike


Neuron.get_spike = _test(Neuron.get_spike)  # type: ignore[method-assign]


@functools.lru_cache(maxsize=1024)
def _takes_V(test: Callable[..., Any]) -> bool:
    return test.__code__.co_argcount > 1


@functools.lru_cache(maxsize=1024)
def _asks_for_spikes(cls: type) -> bool:
    """Return whether the code of the classes below Neuron asks for the spikes of the step before."""
    classes = [c for c in cls.__mro__ if issubclass(c, Neuron) and c is not Neuron]
    functions = [f for c in classes for f in vars(c).values() if hasattr(f, "__code__")]
    return any(_RESETTING & set(code.names_in(getattr(f, "__wrapped__", f).__code__)) for f in functions)


def _has_V(neuron: Any) -> bool:
    return isinstance(vars(neuron).get("V"), State)
