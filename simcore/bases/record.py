"""The record of spikes: decided once, by `fire`, and read by all else; and the refractory period that follows.

Where V at the end of a step tells who spiked, the record costs nothing: it is the test of V. Elsewhere it is a state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
import pint

from ..module.declare import Param, ShortTermState, State
from ..module.tree import join
from ..step import direct
from ..step.context import current
from ..units.clock import as_time
from .dynamics import Dynamics

Array = Any
NEVER = int(np.iinfo(np.int32).max)


class SpikeRecord(Dynamics):
    """Dynamics whose steps end with spikes. A subclass says what the test of a spike is."""

    spk_dtype: Any = None
    _fired = False  # inside a step: the spikes of this update are decided
    _left: Any = None  # the arrays of parameters and states that the last step left; None without one
    if TYPE_CHECKING:
        V: Any  # a state that most subclasses declare

    tau_ref = Param(None, "ms", "absolute refractory period", nonnegative=True, steps=True)

    def can_be_tested(self) -> bool:
        """Return whether it has a test of spikes."""
        raise NotImplementedError

    def is_tested_by_states(self) -> bool:
        """Return whether the test is a function of states and parameters alone: not of t, i or chance."""
        raise NotImplementedError

    @property
    def crosses(self) -> bool:
        """Whether it spikes where V crosses the threshold, not as long as V is above it."""
        raise NotImplementedError

    def level(self, V: Any) -> Any:
        """Return, inside a step, the test of a spike: 1.0 where V is at or above the threshold, else 0.0."""
        raise NotImplementedError

    def level_of_states(self) -> Any:
        """Return, inside a step, the test of a spike in the present states."""
        raise NotImplementedError

    def init_state(self, batch_size: int | None = None, **kwargs: Any) -> None:
        """Create the states with their initial values, and the record of spikes where V alone does not tell them."""
        super().init_state(batch_size, **kwargs)
        self._left = None
        for name in ("spiked", "was_above", "steps_since_spike"):
            vars(self).pop(name, None)
        lead = () if batch_size is None else (batch_size,)
        shape = lead + self.varshape
        if "tau_ref" in self.given():
            self.steps_since_spike = steps_since_spike(shape)
        if self.crosses and self.can_be_tested():
            self.was_above = ShortTermState(np.zeros(shape), "1 where V was at or above the threshold, else 0")
        if self.keeps_spikes:
            self._record(np.zeros(shape))

    @property
    def keeps_spikes(self) -> bool:
        """Whether V at the end of a step does not tell who spiked in it: jumps, crossings, a test of more than V."""
        moved = any(receptor.moves_V for receptor in self.receptors.values())
        return self.can_be_tested() and (moved or self.crosses or not self.is_tested_by_states())

    def fire(self) -> Any:
        """Decide the spikes of this step and keep the record of them: the last line of `update`, which returns them.

        1.0 where V is at or above the threshold (of a neuron without reset: where it has crossed it), 0.0 elsewhere
        and in the refractory period.

        Raises:
            RuntimeError: it is called a second time in an update.
        """
        if self._fired:
            raise RuntimeError(
                f"{self.name}: fire(), or get_spike() without V, is called twice after V got its new value; it stands "
                "at the end of update() alone. The spikes of the step before are self.spike."
            )
        self._fired = True
        spike = self.level_of_states()
        if "was_above" in vars(self):
            above = jax.lax.stop_gradient(spike).astype(self.was_above.value.dtype)
            stayed = self.was_above.value
            if self.V_before is not None:  # a reset of the user's own may have taken it down
                stayed = stayed * jax.lax.stop_gradient(self.level(self.V_before))
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
        self._V_found = self.V.raw if has_V(self) else None

    def has_advanced(self) -> bool:
        """Whether its update is at work and has given V a new value."""
        return self.is_updating and (not has_V(self) or self.V.raw is not self._V_found)

    def updated(self) -> None:
        """Decide the spikes of this step unless the update did."""
        if not self._fired and self.can_be_tested():
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
        spike = self.level_of_states()
        return spike * (self.steps_since_spike.value == 0) if "steps_since_spike" in vars(self) else spike

    def stepped(self) -> None:
        """Remember what the steps left, whose spikes the next one answers."""
        self._left = None if "spiked" in vars(self) else self._present()

    def _present(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the arrays of the parameters and of the states, by path."""
        nodes = self.nodes().items()
        params = {join(path, k): node.on_device(k) for path, node in nodes for k in node.given()}
        return params, {join(p, k): s.raw for p, n in nodes for k, s in vars(n).items() if isinstance(s, State)}

    def fit_to(self, dt: float) -> None:
        """Make the states that the present parameters need, and a record where V does not tell the spikes any more."""
        super().fit_to(dt)
        if ("tau_ref" in self.given()) != ("steps_since_spike" in vars(self)):
            vars(self).pop("steps_since_spike", None)
            if "tau_ref" in self.given():
                self.steps_since_spike = steps_since_spike(self.population_shape)
        if "spiked" not in vars(self) and self.can_be_tested():
            self._keep_what_was_decided()

    def _keep_what_was_decided(self) -> None:
        """Make a record if V or the threshold was set from outside: no reset without a spike, no spike without one."""
        left, now = self._left, self._present()
        known = left is not None and all(a.keys() == b.keys() for a, b in zip(left, now, strict=True))
        if known and all(a[k] is b[k] for a, b in zip(left, now, strict=True) for k in a):
            return
        present = np.asarray(self.spike)
        before = np.zeros(present.shape)
        if known:
            params, states = left
            before = np.asarray(
                direct.evaluate(self, lambda inside: inside.spike, self.kernel_params() | params, states)
            )
        if np.any(present != before):
            self._record(before)

    def match_states(self, names: set[str]) -> None:
        """Have the record that a saved model had, or had not, because of what was set from outside."""
        if self.keeps_spikes:
            return
        if "spiked" in names and "spiked" not in vars(self) and self.can_be_tested():
            self._record(np.zeros(self.population_shape))
        elif "spiked" not in names:
            vars(self).pop("spiked", None)

    def _record(self, spikes: np.ndarray) -> None:
        self.spiked = ShortTermState(spikes * 1.0, "1 where the last step ended with a spike, else 0")

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
        """The time of each neuron's last spike (the end of the step that crossed); -inf ms if it never spiked.

        Raises:
            RuntimeError: it is not kept. To keep it in each step would take a plain neuron three times its step.
        """
        if "steps_since_spike" not in vars(self):
            raise RuntimeError(
                f"{self.name}: the time of the last spike is kept by neurons with a refractory period; give it one "
                "(tau_ref=0 * ms is one), or monitor 'spike_events'."
            )
        since = np.asarray(self.steps_since_spike.raw)
        return as_time(np.where(since == NEVER, -np.inf, self.clock.t - since * self.clock.dt))


def steps_since_spike(shape: tuple[int, ...]) -> ShortTermState:
    """Return the state of neurons that have not spiked yet."""
    return ShortTermState(np.full(shape, NEVER, np.int32), "steps since the last spike", counts_steps=True)


def has_V(neuron: Any) -> bool:
    """Return whether a neuron has the state V, which it may lack if it is of a user's own making."""
    return isinstance(vars(neuron).get("V"), State)
