"""Plasticity: the base of rules that change weights at spikes."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pint

from simcore import Param, ShortTermState, units
from simcore.bases import Part
from simcore.spikes import operations
from simcore.spikes.words import unpack
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
    weight_params: tuple[str, ...] = ()  # the parameters in the unit of the weights
    weight_unit: str = ""  # that unit; before a projection has the rule, of what it was given

    def param_unit(self, param: Param) -> str:
        """Return the unit of a parameter."""
        return self.weight_unit or param.unit if param.name in self.weight_params else param.unit

    def read_param(self, param: Param, value: Any, given: bool) -> Any:
        """Return the floats of a parameter; those in the unit of the weights are one value each."""
        if param.name not in self.weight_params:
            return super().read_param(param, value, given)
        value = units.read(value, f"{self.name}: {param.name!r}")
        if not self.weight_unit:
            if not isinstance(value, pint.Quantity):
                raise units.DimensionalityError(
                    f"{self.name}: {param.name!r} needs a quantity in pA, nS or mV, the unit of the weights, "
                    f"got {units.show(value)}."
                )
            self.weight_unit = units.unit_of(value)
        if np.ndim(value.magnitude):
            raise ValueError(f"{self.name}: {param.name!r} must be one value, got {units.show(value)}.")
        return super().read_param(param, value, given)

    def largest(self) -> float:
        """Return the largest weight, in the unit of the weights."""
        return np.inf

    def join(self, name: str, n_pre: int, n_post: int, unit: str) -> None:
        """Take the sizes of the populations and the unit of the weights.

        Raises:
            DimensionalityError: a parameter of the rule is in another unit than the weights.
        """
        values = {key: self.param_value(key) for key in self.weight_params}
        self.weight_unit = unit
        self.set_params(values)
        self.attach(name, ())
        self.trace_sizes = {**dict.fromkeys(self.pre_traces, n_pre), **dict.fromkeys(self.post_traces, n_post)}

    def check_start(self, weight: Any, who: str) -> None:
        """Refuse weights to start with, in their unit, that are outside the bounds.

        Raises:
            ValueError: it names the first one.
        """
        unit = self.weight_unit
        weight, largest = np.asarray(weight), self.largest()
        outside = weight[(weight < 0) | (weight > largest * (1 + 1e-6))]  # float32 weights at the bound are inside
        if outside.size:
            needs = f"from 0 to {largest:g}" if np.isfinite(largest) else ">= 0"
            raise ValueError(
                f"{who}: 'weight' must be {needs} {units.unit(unit):~P} for {type(self).__name__}, "
                f"got {outside.flat[0]:g} {units.unit(unit):~P}."
            )

    def init_state(self, batch_size: int | None = None, **kwargs: Any) -> None:
        """Create the traces, 0 at the start."""
        super().init_state(batch_size, **kwargs)
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
        before = tuple(self.trace(key) for key in self.pre_traces)
        after = tuple(self.trace(key) for key in self.post_traces)
        change, factors, parameters = self.at_pre()
        ptr, targets = rows
        weight = operations.update_rows(weight, pre, ptr, targets, change, after, parameters, factors)
        change, factors, parameters = self.at_post()
        ptr, sources, synapse = columns
        weight = operations.update_rows(weight, post, ptr, sources, change, before, parameters, factors, synapse)
        for key in taus:
            state, words = vars(self)[key], pre if key in self.pre_traces else post
            spikes = unpack(words, self.trace_sizes[key]).reshape(state.value.shape)
            state.value = jnp.where(spikes, 1.0 if self.nearest else state.value + 1.0, state.value)
        return weight

    def trace(self, key: str) -> Array:
        """Return, inside a step, a trace as (B, n)."""
        return vars(self)[key].value.reshape(-1, self.trace_sizes[key])
