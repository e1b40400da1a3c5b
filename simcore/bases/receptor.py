"""Receptor: the part of a neuron at which spikes arrive, shared by all projections onto it."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp

from ..module.declare import Param, ShortTermState, State
from .part import Part

Array = Any


class Receptor(Part):
    """Base of receptors. One state receives the weights of all spikes that arrive.

    With a `reversal` potential it is a conductance (weights in nS) and drives its neuron with g (reversal - V),
    without one a current (weights in pA). A subclass declares its states, `g` first, and `derivative`, their rates.
    Where these are linear, and follow no V, the neuron is driven by the mean of g over the step.
    """

    reversal = Param(None, "mV", "reversal potential; without one the receptor is a current")
    receives = "g"  # the state that a weight is added to
    moves_V: bool = False  # whether arrivals change V itself
    takes_spikes: ClassVar[bool] = True  # else a link hands over what acts all the time

    @property
    def unit(self) -> str:
        """The unit of the weights: nS with a reversal potential, pA without."""
        return "nS" if self.is_conductance else "pA"

    @property
    def is_conductance(self) -> bool:
        """Whether it has a reversal potential."""
        return "reversal" in self.given()

    def set_params(self, values: dict[str, Any]) -> None:
        """Set parameters by name; a current stays a current, a conductance a conductance: weights keep their unit.

        Raises:
            ValueError: a reversal potential for a current, or none for a conductance.
        """
        if "reversal" in values and self._built and (values["reversal"] is not None) != self.is_conductance:
            raise ValueError(f"{self.name}: 'reversal' cannot be set: {self._kind_is_fixed()}.")
        super().set_params(values)

    def fixed_for(self, param: str) -> str:
        """Return why a sweep cannot give a parameter other values."""
        return self._kind_is_fixed() if param == "reversal" and not self.is_conductance else super().fixed_for(param)

    def _kind_is_fixed(self) -> str:
        conductance, current = "conductance, with weights in nS", "current, with weights in pA"
        if self.is_conductance:
            return f"it was made as a {conductance}; for a {current}, make another receptor, without reversal"
        cure = f"make another receptor, {type(self).__name__}(reversal=E)"
        return f"it was made as a {current}; for a {conductance}, {cure}"

    def state_unit(self, state: State) -> str:
        """Return the unit of a state: conductances are currents where there is no reversal potential."""
        return self.unit if state.unit == "nS" else state.unit

    def current(self, V: Array, g: Array, *others: Array) -> Array:
        """Return the current into the neuron."""
        reversal = self.reversal
        return g if reversal is None else g * (reversal - V)

    def target(self) -> State:
        """Return the state that receives."""
        return vars(self)[self.receives]

    def arrive(self, neuron: Any) -> None:
        """Called at the end of a step of a network, when the weights of all spikes that are due have been added.

        A receptor whose g is not their sum has a `ShortTermState` that receives, and answers and empties it here.
        """


class Jump(Receptor):
    """Base of receptors whose weights are jumps of V."""

    receives = "jump"
    reversal = None
    moves_V = True
    current = Part.current  # type: ignore[assignment]  # none

    jump = ShortTermState("mV", "jumps of V that arrive at the end of this step")

    @property
    def unit(self) -> str:
        """The unit of the weights."""
        return "mV"

    def arrive(self, neuron: Any) -> None:
        """Add the jumps to V, but where V is held (refractory)."""
        neuron.add_jump(self.jump.value)
        self.jump.value = jnp.zeros_like(self.jump.value)
