"""Receptors: the sum of the edges into a node of a NIR graph, from spikes and from values."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from simcore import HiddenState, Param, ShortTermState, units
from simcore.bases.receptor import Receptor
from simcore.step.context import current
from simcore.units.clock import time_step

Array = Any


class Edges(Receptor):
    """Base of what arrives at a node: a spike is a charge, its weight (pA) times a duration; values are currents.

    Args:
        duration: the time that a spike of unit amplitude lasts, or the unit of time of a Dirac; by default the step.
    """

    FIXED = (*Receptor.FIXED, "duration_ms")
    receives = "arrived"
    reversal = None

    bias = Param(None, "pA", "a current that is always there")

    arrived = ShortTermState("pA", "weights of the spikes that arrive at the end of this step")
    drive = ShortTermState("pA", "values, times their weights, that act in this step")

    def __init__(self, *, duration: Any = None, **params: Any) -> None:
        self.duration_ms = None if duration is None else time_step(duration, f"{type(self).__name__}: 'duration'")
        super().__init__(**params)

    def values(self) -> Array:
        """Return, inside a step, the current by values and bias: no values outside of a network."""
        bias = 0.0 if self.bias is None else self.bias
        return self.drive.value + bias if self.is_coupled else bias

    def uncouple(self) -> None:
        """Begin a new sum of values."""
        super().uncouple()
        self.drive.value = jnp.zeros_like(self.drive.value)

    def arrive(self, neuron: Any) -> None:
        """Let the spikes that have arrived act."""
        duration = current().dt if self.duration_ms is None else units.quantity(self.duration_ms, "ms")
        self.take(neuron, self.arrived.value * duration)
        self.arrived.value = jnp.zeros_like(self.arrived.value)

    def take(self, neuron: Any, charge: Array) -> None:
        """Take, inside a step, the charge of spikes that arrive at its end."""
        raise NotImplementedError


class Pulse(Edges):
    r"""Spikes of unit amplitude: a spike is a current, constant over the step that follows it.

    .. math:: I = b + \sum W x + W \, duration / dt \text{ in the step after a spike}

    Reference: Pedersen et al. (2024), Nature Communications 15, 8122.
    """

    pulse = ShortTermState("pA", "current by the spikes that arrived at the end of the last step")

    def current(self, V: Any, *states: Any) -> Any:
        """Return the current into the neuron."""
        return self.values() + (self.pulse.value if self.is_coupled else 0.0)

    def take(self, neuron: Any, charge: Array) -> None:
        """Have a current that brings the charge in the next step."""
        self.pulse.value = charge / current().dt


class Impulse(Edges):
    r"""Spikes that are Diracs: V jumps by R W duration / tau.

    .. math:: I = b + \sum W x, \quad V \leftarrow V + R \, W \, duration / \tau \text{ at a spike}

    Reference: Pedersen et al. (2024), Nature Communications 15, 8122.
    """

    moves_V = True

    def current(self, V: Any, *states: Any) -> Any:
        """Return the current into the neuron."""
        return self.values()

    def take(self, neuron: Any, charge: Array) -> None:
        """Add the jump that the charge makes."""
        neuron.add_jump(neuron.R * charge / neuron.tau)


class Filtered(Edges):
    r"""The synapses of CubaLIF and CubaLI: a current that follows its input.

    .. math:: \tau \, dI/dt = -I + w_{in} (b + \sum W x), \quad
        I \leftarrow I + w_{in} W \, duration / \tau \text{ at a spike}

    Reference: Pedersen et al. (2024), Nature Communications 15, 8122.
    """

    tau = Param(5.0, "ms", "time constant of the current", positive=True)
    w_in = Param(1.0, "dimensionless", "factor of all that arrives")

    I = HiddenState("pA", "current into the neuron")

    def derivative(self, V: Any, I: Any) -> Any:  # type: ignore[override]
        """Return dI/dt."""
        return (-I + self.w_in * self.values()) / self.tau

    def current(self, V: Any, I: Any) -> Any:  # type: ignore[override]
        """Return the current into the neuron."""
        return I

    def take(self, neuron: Any, charge: Array) -> None:
        """Add the jump that the charge makes."""
        self.I.value = self.I.value + self.w_in * charge / self.tau
