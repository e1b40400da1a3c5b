"""Soundness: whether the states of a model are finite and none has run away, wherever a chunk or a run ends.

A neuron that spikes is about to be reset: in that very step its voltages may be anything but nan. That is no fault
where the reset brings them back. A hard reset does; of another one the step before tells: a voltage that is beyond its
bound a second time has not been brought back.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from simcore import Module, Neuron, Population, units
from simcore.module.tree import join
from simcore.step import pure as step
from simcore.step.context import Step

Arrays = dict[str, Any]
# mV. A membrane breaks down at about a volt; a thousand times that is a wrong unit, or equations without bound.
RUNAWAY = 1e6


def is_voltage(unit: str) -> bool:
    """Return whether a unit is that of a voltage."""
    return units.dimension(unit) == units.dimension("mV")


def spikes_at(model: Module, params: Any, states: Arrays, context: Step) -> Arrays:
    """Return which neurons have spiked in the step that ended in these states, bool, by the paths of voltages.

    Args:
        model: the model.
        params: its arrays, in kernel units.
        states: its states, in kernel units.
        context: of the step.
    """

    def of_neurons(model: Module, x: Any) -> Arrays:
        spikes: Arrays = {}
        for path, node in model.nodes().items():
            voltages = [k for k, s in node.states().items() if "." not in k and is_voltage(s.unit)]
            if voltages and isinstance(node, Neuron) and node.can_be_tested():
                spike = node.spike != 0
                spikes |= {join(path, k): spike for k in voltages if spike.shape == states[join(path, k)].shape}
        return spikes

    return step.pure_step(model, of_neurons, params, states, None, context)[1]


def faults(model: Any, states: Arrays, spikes: Arrays, hard_only: bool = False) -> Arrays:
    """Return by path which values of the states are a fault, bool, but those of neurons that spike.

    Args:
        model: the model.
        states: in kernel units.
        spikes: of `spikes_at`.
        hard_only: of the neurons that spike, spare those with hard reset alone.
    """
    nodes, at_fault = model.nodes(), {}
    for path, state in ((p, s) for p, s in model.states().items() if p in states):  # in a run some lie in others
        value = states[path]
        if jnp.issubdtype(value.dtype, jnp.floating):
            bad = ~(jnp.abs(value) < (RUNAWAY if is_voltage(state.unit) else np.inf))
            if path in spikes and (not hard_only or nodes[path.rpartition(".")[0]].spk_reset == "hard"):
                bad &= ~spikes[path] | jnp.isnan(value)
            at_fault[path] = bad
    return at_fault


def at_fault(model: Module, states: Arrays, spikes: Arrays) -> Arrays:
    """Return by path whether a state has a value that is a fault, and that no hard reset brings back."""
    return {path: bad.any() for path, bad in faults(model, states, spikes, hard_only=True).items()}


def verdict(model: Module, states: Arrays, spikes: Arrays) -> list[Any]:
    """Return, bool, whether a value of the states is at fault; and whether one is that no hard reset brings back."""

    def any_of(bad: Arrays) -> Any:
        return jnp.any(jnp.array([b.any() for b in bad.values()])) if bad else jnp.array(False)

    return [any_of(faults(model, states, spikes)), any_of(faults(model, states, spikes, hard_only=True))]


def describe(model: Module, states: Arrays, spikes: Arrays, i: int, t: float) -> str:
    """Return what is wrong with the states after step i, which ended at t (ms): the first value at fault."""
    nodes = model.nodes()
    for hard_only in (False, True):
        for path, bad in faults(model, states, spikes, hard_only).items():
            if bad.any():
                value = np.asarray(states[path])
                first = tuple(int(k) for k in np.argwhere(np.asarray(bad))[0])
                got, neuron = value[first], first[0] if len(first) == 1 else first
                became = f"ran away to {got:.4g} mV, beyond {RUNAWAY:g} mV," if np.isfinite(got) else f"became {got}"
                text = f"{model.name}: the state {path!r} {became} in neuron {neuron} at t = {t:.10g} ms (step {i})."
                owner, _, name = path.rpartition(".")
                node = nodes[owner]
                return f"{text} {node.explain_fault(name)}".rstrip() if isinstance(node, Population) else text
    raise AssertionError("all states are sound")
