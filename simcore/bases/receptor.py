"""Receptor: the synaptic state of a postsynaptic population, shared by all projections onto it."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ..module.declare import Param, ShortTermState, State
from ..module.node import Node

Array = Any


class Part(Node):
    """Base of parts of a model that learn their shape when the model takes them: parameters are drawn for it then."""

    def __init__(self, *args: Any, name: str | None = None, **kwargs: Any) -> None:
        self._later: dict[str, Any] = {}
        super().__init__(*args, name=name, **kwargs)

    def read_param(self, param: Param, value: Any, given: bool) -> Any:
        """Return the floats of a parameter; those of an initializer are drawn when the shape is known."""
        if callable(value) and "varshape" not in vars(self):
            self._later[param.name] = value  # now only checked
            value = value((1,))[0]
        return super().read_param(param, value, given)

    def attach(self, name: str, varshape: tuple[int, ...]) -> None:
        """Take the name and the shape; all parameters must broadcast to it.

        Raises:
            ValueError: they do not, or the part belongs to another model.
        """
        if "varshape" in vars(self):
            raise ValueError(f"{self.name} belongs to a model already; make one for each.")
        values = {k: getattr(self, k) for k in self.given()} | self._later
        self.name, self.varshape = f"{name} ({type(self).__name__})", varshape
        self.set_params(values)


class Receptor(Part):
    """Base of receptors. One state receives the weights of all spikes that arrive; its kinetics are linear.

    With a `reversal` potential it is a conductance (weights in nS) and drives its neuron with g (reversal - V),
    without one a current (weights in pA). A subclass declares its states, the receiving one and `g` among them, and
    `derivative`, their rates.
    """

    reversal = Param(None, "mV", "reversal potential; without one the receptor is a current")
    receives = "g"  # the state that a weight is added to
    parts: tuple[str, ...] = ("g",)  # the states, in the order of derivative's arguments
    moves_V: bool = False  # whether arrivals change V itself

    @property
    def unit(self) -> str:
        """The unit of the weights: nS with a reversal potential, pA without."""
        return "nS" if "reversal" in self.given() else "pA"

    def state_unit(self, state: State) -> str:
        """Return the unit of a state: conductances are currents where there is no reversal potential."""
        return self.unit if state.unit == "nS" else state.unit

    def derivative(self, *states: Array) -> Any:
        """Return the rates of the states `parts`; they are linear in them, and 0 without spikes."""
        raise NotImplementedError

    def drive(self, V: Array, g: Array) -> Array:
        """Return the current into the neuron."""
        reversal = self.reversal
        return g if reversal is None else g * (reversal - V)

    # ---------------------------------------------------------------- arrivals

    def target(self) -> State:
        """Return the state that receives."""
        return vars(self)[self.receives]

    def collect(self, neuron: Any) -> None:
        """Called at the end of a step, when all spikes that are due have been added."""


class Jump(Receptor):
    """Base of receptors whose weights are jumps of V."""

    parts = ()
    receives = "jump"
    reversal = None
    moves_V = True

    jump = ShortTermState("mV", "jumps of V that arrive at the end of this step")

    @property
    def unit(self) -> str:
        """The unit of the weights."""
        return "mV"

    def drive(self, V: Array) -> Array:  # type: ignore[override]
        """Return no current."""
        return 0.0

    def collect(self, neuron: Any) -> None:
        """Add the jumps to V, but where V is held (refractory)."""
        neuron.add_jump(self.jump.value)
        self.jump.value = jnp.zeros_like(self.jump.value)
