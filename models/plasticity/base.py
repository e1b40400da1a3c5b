"""Plasticity: the base of rules that change weights at spikes."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from simcore import ShortTermState, units
from simcore.bases.receptor import Part
from simcore.spikes import operations as events
from simcore.step.context import current

Array = Any


class Plasticity(Part):
    """Base of rules that change weights at spikes. A subclass names its traces and defines two functions of numbers.

    A trace of a neuron decays with a time constant and rises by 1 at its spikes (`nearest`: is set to 1).
    `at_pre` gives the weight after a presynaptic spike has arrived, from the traces of the postsynaptic neuron;
    `at_post` after a postsynaptic spike, from those of the presynaptic one. Spikes of the same step do not see one
    another. The weight that a spike delivers is the one before its own change.
    """

    pre_traces: dict[str, str] = {}  # the name of a trace: that of its time constant
    post_traces: dict[str, str] = {}
    nearest: bool = False
    limits: tuple[str, ...] = ()  # parameters in the unit of the weight, made in __init__

    def attach_to(self, name: str, n_pre: int, n_post: int, unit: str, weight: Any = 0.0) -> None:
        """Take the sizes of the populations, the unit of the weights and what they start with, in that unit.

        Raises:
            DimensionalityError: a parameter of the rule is in another unit than the weights.
            ValueError: it is not one value, or not positive; an initial weight is outside the bounds.
        """
        for key in self.limits:
            who = f"{name}: {key!r} of {type(self).__name__}"
            value = units.as_magnitude(getattr(self, key), unit, who)
            if value.ndim or value < 0 or (key == "w_max" and value == 0):
                needs = "one value" if value.ndim else "> 0" if key == "w_max" else ">= 0"
                raise ValueError(f"{name}: {key!r} must be {needs}, got {units.show(getattr(self, key))}.")
            self._check_range(np.asarray(weight), value if key == "w_max" else np.inf, unit, name)
        self.attach(name, ())
        self.trace_sizes = {**dict.fromkeys(self.pre_traces, n_pre), **dict.fromkeys(self.post_traces, n_post)}

    def _check_range(self, weight: np.ndarray, w_max: Any, unit: str, name: str) -> None:
        outside = weight[(weight < 0) | (weight > w_max * (1 + 1e-6))]  # float32 weights at the bound are inside
        if outside.size:
            needs = f"from 0 to {w_max:g}" if np.isfinite(w_max) else ">= 0"
            raise ValueError(
                f"{name}: 'weight' must be {needs} {units.unit(unit):~P} for {type(self).__name__}, "
                f"got {outside.flat[0]:g} {units.unit(unit):~P}."
            )

    def init_state(self, batch_size: int | None = None) -> None:
        """Create the traces, 0 at the start."""
        super().init_state(batch_size)
        lead = () if batch_size is None else (batch_size,)
        for key, n in self.trace_sizes.items():
            setattr(self, key, ShortTermState(np.zeros((*lead, n))))

    def at_pre(self) -> tuple[Any, Array | None, tuple[Array, ...]]:
        """Return the function (w, own factor, *post traces, *parameters), the own factors, and the parameters."""
        raise NotImplementedError

    def at_post(self) -> tuple[Any, Array | None, tuple[Array, ...]]:
        """Return the same for a postsynaptic spike, with the pre traces."""
        raise NotImplementedError

    def learn(self, weight: Array, rows: Any, columns: Any, pre: Array, post: Array) -> Array:
        """Return the weights (B, n) after the spikes that arrive and those of the postsynaptic population.

        Args:
            weight: (B, n).
            rows: the connections as (ptr, post).
            columns: the same by postsynaptic neuron: (ptr, pre, synapse).
            pre: words of the spikes that arrive.
            post: words of the postsynaptic spikes.
        """
        dt = current().dt
        taus = self.pre_traces | self.post_traces
        for key, tau in taus.items():
            state = vars(self)[key]
            state.value = state.value * jnp.exp(-dt / getattr(self, tau))
        before = tuple(self._of(key) for key in self.pre_traces)
        after = tuple(self._of(key) for key in self.post_traces)
        rule, own, parameters = self.at_pre()
        ptr, targets = rows
        weight = events.update_rows(weight, pre, ptr, targets, rule, after, parameters, own)
        rule, own, parameters = self.at_post()
        ptr, sources, synapse = columns
        weight = events.update_rows(weight, post, ptr, sources, rule, before, parameters, own, synapse)
        for key in taus:
            state, words = vars(self)[key], pre if key in self.pre_traces else post
            spikes = events.unpack(words, self.trace_sizes[key]).reshape(state.value.shape)
            state.value = jnp.where(spikes, 1.0 if self.nearest else state.value + 1.0, state.value)
        return weight

    def _of(self, key: str) -> Array:
        return vars(self)[key].value.reshape(-1, self.trace_sizes[key])
