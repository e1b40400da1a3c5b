"""The record of spikes: decided once, by `fire`, and read by all else; and the refractory period that follows.

Where V at the end of a step tells who spiked, the record costs nothing: it is the test of V. Elsewhere it is a state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
import pint

from ..module.declare import Param, ShortTermState, State
from ..module.tree import join
from ..step import direct
from ..step.context import asks_for_rates, current, note_spikes_read
from ..units.clock import as_time
from .threshold import Threshold

Array = Any
NEVER = int(np.iinfo(np.int32).max)
# The states of the record, by name, as they are after a step with these spikes and none before.
RECORD: dict[str, Callable[[np.ndarray], ShortTermState]] = {
    "spiked": lambda spikes: ShortTermState(spikes * 1.0, "1 where the last step ended with a spike, else 0"),
    "was_above": lambda spikes: ShortTermState(spikes * 1.0, "1 where V has crossed and not come back, else 0"),
    "steps_since_spike": lambda spikes: ShortTermState(
        np.where(spikes != 0, 0, NEVER).astype(np.int32), "steps since the last spike", counts_steps=True
    ),
}


class SpikeRecord(Threshold):
    """Dynamics whose steps end with spikes. A subclass says what the test of a spike is."""

    MOVING = (*Threshold.MOVING, "_left")
    spk_dtype: Any = None
    refractory: str = "hold"  # V during tau_ref; "block": V goes on, and only spikes are blocked
    _fired = False  # inside a step: the spikes of this update are decided
    _V_found: Any = None  # inside a step: V as the update finds it
    _tested: Any = None  # inside a step: the V, and its spikes, that this update has tested last
    _left: Any = None  # the arrays of parameters and states that the last step left; None without one
    spiked: ShortTermState  # those of RECORD that it needs
    was_above: ShortTermState
    steps_since_spike: ShortTermState
    if TYPE_CHECKING:
        V: State  # that most subclasses declare

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

    @property
    def asks_for_spikes(self) -> bool:
        """Whether its class asks for the spikes of the step before, which its reset answers."""
        raise NotImplementedError

    def level(self, V: Any) -> Any:
        """Return, inside a step, the test of a spike: 1.0 where V is at or above the threshold, else 0.0."""
        raise NotImplementedError

    def level_of_states(self) -> Any:
        """Return, inside a step, the test of a spike in the present states."""
        raise NotImplementedError

    def lasts(self, V: Any) -> Any:
        """Return, inside a step, 1.0 where a V that has crossed the threshold has not come back for the next spike."""
        raise NotImplementedError

    def init_state(self, batch_size: int | None = None, **kwargs: Any) -> None:
        """Create the states with their initial values, and the record of spikes where V alone does not tell them."""
        super().init_state(batch_size, **kwargs)
        self._left = None
        self._keep(set(), np.zeros(()))
        lead = () if batch_size is None else (batch_size,)
        self._keep(self._needed(), np.zeros(lead + self.varshape))

    @property
    def keeps_spikes(self) -> bool:
        """Whether V at the end of a step does not tell who spiked in it: jumps, crossings, a test of more than V."""
        moved = any(receptor.moves_V for receptor in self.receptors.values()) or self.parts_move_threshold
        return self.can_be_tested() and (moved or self.crosses or not self.is_tested_by_states())

    def fire(self) -> Any:
        """Decide the spikes of this step and keep the record of them: the last line of `update`, which returns them.

        1.0 where V is at or above the threshold (of a neuron without reset: where it has crossed it), 0.0 elsewhere
        and in the refractory period.

        Raises:
            RuntimeError: it is called outside of a step, or a second time in an update.
        """
        if not self.inside:
            raise RuntimeError(f"{self.name}: fire() ends an update(); the spikes of the last step are .spike.")
        if self._fired:
            raise RuntimeError(
                f"{self.name}: fire(), or get_spike() without V, is called twice after V got its new value; it stands "
                "at the end of update() alone. The spikes of the step before are self.spike."
            )
        if has_V(self):  # a barrier, else XLA computes V again for whatever reads the spikes
            self.V.raw = jax.lax.optimization_barrier(self.V.raw)
        return self._decide(self.V.raw if has_V(self) else None, self.level_of_states())

    def _decide(self, V: Any, spike: Any) -> Any:
        """Keep the record of the spikes of this step, which are those of a test of V; return them."""
        self._fired, self._tested = True, (V, spike)
        free = ~self.is_refractory() if "steps_since_spike" in vars(self) else None
        if self.escape is not None:
            spike = self.escaped(self.escape, self._V_found, V, self.spiked.value, free)
        if "was_above" in vars(self):
            above = jax.lax.stop_gradient(spike).astype(self.was_above.value.dtype)
            above = above if free is None else above * free  # one that is blocked is due when the period is over
            stayed = self.was_above.value
            before = self._V_found if self.V_before is None else self.V_before
            if before is not None:  # a reset of the user's own may have taken it down
                stayed = stayed * self.lasts(before)
            spike = spike * (1 - stayed).astype(spike.dtype)
            self.was_above.value = above if V is None else jnp.maximum(above, stayed * self.lasts(V))
        if free is not None:
            since = self.steps_since_spike.value
            self.steps_since_spike.value = jnp.where((spike != 0) & free, 0, since + (since < NEVER - 1))
            spike = spike * free
        if "spiked" in vars(self):
            self.spiked.value = spike.astype(self.spiked.value.dtype)
        return spike

    def before_update(self) -> None:
        """Let spikes act on the parts, and remember V as the update finds it."""
        super().before_update()
        self._V_found = self.V.raw if has_V(self) else None
        self._tested = None

    def tested(self, V: Any, spike: Any) -> Any:
        """Return the spikes of a test of V; remember them if they are those of a new V in an update."""
        if self.is_updating and has_V(self) and V is not self._V_found:
            self._tested = V, spike
        return spike

    def has_advanced(self) -> bool:
        """Whether its update is at work and has given V a new value."""
        return self.is_updating and (not has_V(self) or self.V.raw is not self._V_found)

    def updated(self, out: Any) -> None:
        """Decide the spikes of this step unless the update did: by its own test of a V that it has reset since."""
        super().updated(out)
        V, spike = self._tested or (None, None)
        is_reset = V is not None and V is not self.V.raw and (self._fired or out is spike or self.V_before is not None)
        is_own = isinstance(out, jax.Array) and out.dtype == bool and has_V(self) and self.V.raw is not self._V_found
        what = ""
        if is_reset and not self.asks_for_spikes and "spiked" not in vars(self):
            what = "changes V after it has tested it for spikes, so that V at the end of a step does not tell them"
        elif is_own and not self._fired and self._tested is None:
            what = "returns a test of its own, which is on no record"
        if what:
            raise TypeError(
                f"{self.name}: update() of {type(self).__name__} {what}. Let it begin with "
                "V = self.after_spike(self.V.value), which resets V for the spikes of the step before, and end with "
                "return self.fire()."
            )
        if not self._fired and self.can_be_tested():
            if is_reset and "spiked" in vars(self):
                self._decide(V, spike)
            else:
                self.fire()
        self._fired, self._tested = False, None

    @property
    def spike(self) -> Any:
        """The spikes at the end of the last step, 1.0 or 0.0."""
        if not self.inside:
            return direct.evaluate(self, lambda inside: inside.spike)
        note_spikes_read()
        if asks_for_rates():  # of the states as they are, which no reset changes
            return jnp.zeros(self.population_shape)
        if "spiked" in vars(self):
            spike = self.spiked.value
            return spike if self.spk_dtype is None else spike.astype(self.spk_dtype)
        spike = self.level_of_states()
        return spike * (self.steps_since_spike.value == 0) if "steps_since_spike" in vars(self) else spike

    def stepped(self, left: tuple[dict[str, Any], dict[str, Any]] | None = None) -> None:
        """Remember what the steps left, whose spikes the next one answers."""
        is_asked = "spiked" not in vars(self) and self.can_be_tested()
        self._left = (left or self._present()) if is_asked else None

    def _present(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the arrays of the parameters and of the states, by path."""
        nodes = self.nodes().items()
        params = {join(path, k): node.on_device(k) for path, node in nodes for k in node.given()}
        return params, {join(p, k): s.raw for p, n in nodes for k, s in vars(n).items() if isinstance(s, State)}

    def fit_to(self, dt: float) -> None:
        """Make the states that the present parameters need, and a record where V does not tell the spikes any more."""
        super().fit_to(dt)
        needed = self._needed() | (vars(self).keys() & {"spiked"})  # a record that is there stays
        if needed == vars(self).keys() & RECORD.keys() and not self._was_set():
            return
        spikes = self._last_spikes()
        self._keep(needed, spikes)
        if "spiked" not in needed and self.can_be_tested() and np.any(np.asarray(self.spike) != spikes):
            self._keep(needed | {"spiked"}, spikes)  # no reset without a spike, no spike without one

    def _needed(self) -> set[str]:
        """Return the states of the record that its parameters and options ask for."""
        needed = {"steps_since_spike"} if "tau_ref" in self.given() else set()
        if self.can_be_tested() and self.crosses:
            needed.add("was_above")
        return needed | {"spiked"} if self.keeps_spikes else needed

    def _keep(self, names: set[str], spikes: np.ndarray) -> None:
        """Have these states of the record, and no others; new ones are those after a step with these spikes."""
        for name, after in RECORD.items():
            if name not in names:
                vars(self).pop(name, None)
            elif name not in vars(self):
                setattr(self, name, after(spikes))

    def _was_set(self) -> bool:
        """Return whether something that may tell the spikes was set from outside since the last step."""
        if "spiked" in vars(self) or not self.can_be_tested():
            return False
        now = self._present()
        return self._left is None or any(a.get(k) is not b[k] for a, b in zip(self._left, now, strict=True) for k in b)

    def _last_spikes(self) -> np.ndarray:
        """Return the spikes at the end of the last step, whatever was set or added since; none before the first one."""
        if "spiked" in vars(self):
            return np.asarray(self.spiked.raw)
        if self._left is None:
            return np.zeros(self.population_shape)
        now = self.kernel_params(), direct.raw_states(self)
        params, states = (b | {k: a[k] for k in a.keys() & b} for a, b in zip(self._left, now, strict=True))
        return np.asarray(direct.evaluate(self, lambda inside: inside.spike, params, states))

    def match_states(self, names: set[str]) -> None:
        """Have the record that a saved model had, or had not, because of what was set from outside."""
        if self.keeps_spikes:
            return
        if "spiked" in names and "spiked" not in vars(self) and self.can_be_tested():
            self._keep(self._needed() | {"spiked"}, np.zeros(self.population_shape))
        elif "spiked" not in names:
            vars(self).pop("spiked", None)

    # ---------------------------------------------------------------- refractory period

    def is_refractory(self) -> Array:
        """Return, at the start of a step, where no spike may come in it: within tau_ref of the last one."""
        n = jnp.round(self.tau_ref / current().dt).astype(jnp.int32)
        return self.steps_since_spike.value < n

    def held(self) -> Array | None:
        """Return, at the start of a step, where V is held in it; None where it never is."""
        return self.is_refractory() if "steps_since_spike" in vars(self) and self.refractory == "hold" else None

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


def has_V(neuron: Any) -> bool:
    """Return whether a neuron has the state V, which it may lack if it is of a user's own making."""
    return isinstance(vars(neuron).get("V"), State)
