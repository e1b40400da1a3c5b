"""Neuron: the base of all spiking neurons: the test of a spike, and its reset."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import units
from ..integrators import Integrator
from ..module import code
from ..module.declarations import unwrapped
from ..module.declare import ShortTermState
from ..module.structure import Structure, bound
from ..module.tree import join
from ..step import direct, jaxpr
from ..step.context import entered
from ..step.pure import clock_arrays, context_at
from ..surrogate import InvSquareGrad, fire
from ..units import Quantities
from .dynamics import Dynamics
from .escape import Escape
from .record import SpikeRecord, has_V
from .reset import reset_to

Array = Any
# Who asks for one of these in a step resets V at a spike.
_RESETTING = {"after_spike", "last_spike", "reset_spike", "spike"}


class Neuron(SpikeRecord):
    """Base of all spiking neurons.

    A subclass declares the state V and the parameters V_th and V_reset (or defines `threshold` or `get_spike`), a
    `derivative`, and an `update` that ends with `fire`. An update that never asks for the spikes of the step before
    (`after_spike`, `reset_spike`, `last_spike`, `spike`) has no reset: it spikes where V crosses the threshold upwards,
    and again when V has been below V_th, or below V_rearm where the class has that parameter in place of V_reset.

    Args:
        in_size: the population's size, an int or a tuple.
        spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
        spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative
            0 at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
        detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
            states: adaptation is learnt.
        spk_dtype: the type of the returned spikes, by default that of V.
        refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped; "block"
            lets V go on and only blocks its spikes: one that is due comes when the period is over.
        method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
            exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
        receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
        parts: other `Part`s, by name: channels, currents that spikes trigger.
        escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
        positions: where the neurons are, (size, dimensions), for distance-dependent connections.
        name: the name in messages, by default the class's.
    """

    OPTIONS = ("spk_fun", "spk_reset", "detach_spk", "spk_dtype", "refractory", *Dynamics.OPTIONS)
    spk_fun: Callable[[Array], Array] = InvSquareGrad(alpha=100.0)
    spk_reset: str = "soft"
    detach_spk: bool = False
    spk_dtype: Any = None

    def __init__(
        self,
        in_size: int | tuple[int, ...],
        *args: Any,
        spk_fun: Callable[[Array], Array] | None = None,
        spk_reset: str | None = None,
        detach_spk: bool | None = None,
        spk_dtype: Any = None,
        refractory: str | None = None,
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        options = {"spk_fun": spk_fun, "spk_reset": spk_reset, "detach_spk": detach_spk, "spk_dtype": spk_dtype}
        options["refractory"] = refractory
        for key, value in options.items():
            if value is not None:
                setattr(self, key, value)
        common: dict[str, Any] = {
            "method": method,
            "receptors": receptors,
            "parts": parts,
            "positions": positions,
            "name": name,
        }
        super().__init__(in_size, *args, **common, **kwargs)
        if escape is not None:
            self.escape = escape

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if (get_spike := unwrapped(cls, "get_spike", Neuron)) is not None:
            cls.get_spike = _test(get_spike)  # type: ignore[method-assign]

    def explain_fault(self, state: str) -> str:
        """Return what a soft reset leaves of a V that shoots up at a spike."""
        if state != "V" or self.spk_reset != "soft" or self.crosses or self.methods() == ("exact",):
            return ""
        return (
            "If V shoots up at a spike, soft reset, which subtracts V_th - V_reset, does not bring it back: "
            "spk_reset='hard' sets V_reset."
        )

    # ---------------------------------------------------------------- the test of a spike

    def get_spike(self, V: Any = None) -> Any:
        """Return 1.0 where V is at or above the threshold, else 0.0: the pure test, also of a refractory neuron.

        Without V, the spikes of the last step; in an update that has given V its new value, it is `fire`.

        Raises:
            NotImplementedError: the class has no V_th and V_reset and does not define its own.
        """
        threshold = self.moved_threshold()
        spike = fire(self.spk_fun, V, threshold, jnp.asarray(self.scale()))
        return spike if self.spk_dtype is None else spike.astype(self.spk_dtype)

    def level(self, V: Any) -> Any:
        """Return, inside a step, `get_spike` of V, or of the present states where it takes none."""
        test = type(self).get_spike
        test = getattr(test, "__wrapped__", test)  # none if it was set after the class was made
        return test(self, V) if _takes_V(test) else test(self)

    def level_of_states(self) -> Any:
        """Return, inside a step, the test of a spike in the present states."""
        return self.level(self.V.value if has_V(self) else None)

    def lasts(self, V: Any) -> Any:
        """Return, inside a step, 1.0 where a V that has crossed V_th has not come back below V_rearm (or V_th)."""
        above = self.V_rearm <= V if self.has_value("V_rearm") else jax.lax.stop_gradient(self.level(V))
        return above.astype(jnp.result_type(V))

    def last_spike(self) -> Array:
        """Return the spikes at the end of the previous step, by which this one begins: for what they add to states."""
        return self.spike.astype(jnp.result_type(float))

    def reset_spike(self) -> Array:
        """Return the same for what they reset: with `detach_spk` no derivative goes through them."""
        return jax.lax.stop_gradient(self.last_spike()) if self.detach_spk else self.last_spike()

    def after_spike(self, V: Array) -> Array:
        """Return V after the reset for the spikes at the end of the previous step."""
        spike = self.reset_spike()
        if self.spk_reset == "hard":
            return reset_to(V, self.V_reset, spike)
        threshold = self.threshold() if self._threshold_found is None else self._threshold_found
        return V if self.spk_reset == "none" else V - (threshold - self.V_reset) * spike

    @property
    def crosses(self) -> bool:
        """Whether it spikes where V crosses the threshold, not as long as V is above it: it has no reset.

        A class with a `get_spike` of its own decides for itself, and says by its `spk_reset` that it does.
        """
        if self.escape is not None:
            return False
        by_default = type(self).get_spike is Neuron.get_spike and not self.asks_for_spikes
        return by_default or self.spk_reset == "none"

    @property
    def asks_for_spikes(self) -> bool:
        """Whether its class asks for the spikes of the step before, which its reset answers."""
        return _asks_for_spikes(type(self))

    @property
    def counts_lasting_spikes(self) -> bool:
        """Whether each step of a spike that lasts counts, though the class does not say so by its `spk_reset`.

        That is of a test of its own, by states and parameters alone, without a reset.
        """
        classes = [c for c in type(self).__mro__ if issubclass(c, Neuron) and c is not Neuron]
        said = "spk_reset" in vars(self) or any("spk_reset" in vars(c) for c in classes)
        own = type(self).get_spike is not Neuron.get_spike and not self.asks_for_spikes
        return own and not said and self.is_tested_by_states()

    def is_tested_by_states(self) -> bool:
        """Return whether the spike test is a function of states and parameters alone: not of t, i or chance."""
        if self.escape is not None:
            return False
        if type(self).threshold is Neuron.threshold and type(self).get_spike is Neuron.get_spike:
            return True
        return not any(kind == "clock" for kind, _ in _read_by_test(self.structure()))

    def sends_spikes(self) -> bool:
        """Return whether it has spikes that projections can carry: a test of its own, or a threshold of V."""
        return type(self).get_spike is not Neuron.get_spike or self.has_threshold()

    def can_be_tested(self) -> bool:
        """Return whether it has a test of spikes: V with V_th and V_reset, or a `get_spike` of its own."""
        return self.sends_spikes() and (has_V(self) or type(self).get_spike is not Neuron.get_spike)

    def check_initial(self) -> None:
        """Refuse an initial V at or above the threshold.

        Raises:
            TypeError: there is an escape rate and no V with a threshold that it could be about.
            ValueError: it names the first such neuron.
        """
        if self.escape is not None and not (
            has_V(self) and self.has_threshold() and type(self).get_spike is Neuron.get_spike
        ):
            raise TypeError(
                f"{self.name}: 'escape', a rate that follows V - V_th, is for a neuron with a state V and a threshold "
                "V_th and V_reset, and without a get_spike() of its own."
            )
        if not self.can_be_tested() or not has_V(self) or not self.is_tested_by_states():
            return  # it has no V, or spikes by chance
        high = self._is_above()
        if self.crosses:  # it may start above its threshold, which is no crossing
            self.was_above = ShortTermState(high * 1.0, self.was_above.doc)
            return
        if high.any():
            index = tuple(int(k) for k in np.argwhere(np.atleast_1d(high))[0])
            V = np.broadcast_to(self.V.value.magnitude, high.shape)[index if high.ndim else ()]
            raise ValueError(
                f"{self.name}: the initial V of neuron {index[0] if len(index) == 1 else index} is {V:g} "
                f"{self.V.value.units:~P}, at or above its threshold; choose a lower V_initializer or a higher V_th."
            )
        self.stepped()  # no neuron has spiked

    def _is_above(self) -> np.ndarray:
        """Return where V is at or above the threshold; the parameters that this depends on count as read."""
        plain = type(self).threshold is Neuron.threshold and type(self).get_spike is Neuron.get_spike
        plain = plain and not self.parts_move_threshold
        if plain and "V_th" in self.given():
            self.param_value("V_th")
            V = np.asarray(self.V.raw)
            return self.kernel_value("V_th").astype(V.dtype) <= V
        read = frozenset() if plain else _read_by_test(self.structure())
        for path, node in self.nodes().items():
            for name in node.given():
                if ("param", join(path, name)) in read:
                    node.param_value(name)
        return np.asarray(direct.evaluate(self, lambda inside: inside.level(inside.V.value))) != 0


def _test(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap get_spike: from outside, and without V, it is about the record."""

    @functools.wraps(fn)
    def get_spike(self: Neuron, V: Any = None) -> Any:
        if V is None:
            return self.fire() if self.inside and self.has_advanced() else self.spike
        if self.inside:
            return self.tested(V, fn(self, V))
        self.ensure_state()
        kernel_V = units.to_kernel(V, self.V.unit, f"{self.name}: 'V'") if has_V(self) else V
        return direct.evaluate(self, lambda inside: fn(inside, jnp.asarray(kernel_V)))

    return get_spike


Neuron.get_spike = _test(Neuron.get_spike)  # type: ignore[method-assign]


@functools.lru_cache(maxsize=256)
def _read_by_test(structure: Structure) -> frozenset[tuple[str, str]]:
    """Return what the test of a spike can depend on, by its jaxpr: "clock", "param" or "state", and the name."""
    neuron = structure.model

    def test(clock: dict[str, Any], params: dict[str, Any], states: dict[str, Any]) -> Any:
        inside = bound(neuron, params, states)
        with entered(context_at(clock, {})):
            return inside.level_of_states()

    clock = clock_arrays(0, neuron.clock.dt, 0.0, 0) | {"seed": np.uint32(0)}
    groups = {"clock": clock, "param": neuron.kernel_params(), "state": direct.raw_states(neuron)}
    names = [(kind, name) for kind, arrays in groups.items() for name in sorted(arrays)]  # as JAX orders them
    depends = np.any(jaxpr.depends(test, *groups.values()), axis=0).tolist()
    return frozenset(name for name, used in zip(names, depends, strict=True) if used)


@functools.lru_cache(maxsize=1024)
def _takes_V(test: Callable[..., Any]) -> bool:
    return test.__code__.co_argcount > 1


def _asks_for_spikes(cls: type) -> bool:
    """Return whether the code of the classes before Neuron, or of a helper, asks for the spikes of the step before."""
    functions: list[Any] = []
    replaced: set[str] = set()  # by methods that do not call those of their bases
    for klass in (c for c in cls.__mro__ if not issubclass(Neuron, c)):
        own = {k: getattr(f, "__wrapped__", f) for k, f in vars(klass).items() if hasattr(f, "__code__")}
        own = {name: f for name, f in own.items() if name not in replaced}
        functions += own.values()
        replaced |= {name for name, f in own.items() if name not in code.names_in(f.__code__)}
    return any(_RESETTING & set(code.names_in(f.__code__)) for f in code.with_helpers(functions))
