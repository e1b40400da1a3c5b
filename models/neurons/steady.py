"""What begins at rest: states that start at their steady values for the initial V."""

import math
from typing import Any

import jax.numpy as jnp

from simcore import Neuron
from simcore.step.direct import compiled

# The initial value, in a declaration, of a state that `steady` gives.
STEADY = math.nan


class SteadyStart(Neuron):
    """Base of neurons with states that are declared ``init=STEADY``: they start at what `steady` returns for them."""

    def steady(self, V: Any) -> dict[str, Any]:
        """Return, inside a step, the steady values for the potential V, by the name of the state."""
        raise NotImplementedError(f"{type(self).__name__} defines no steady(V).")

    def init_state(self, batch_size: int | None = None, **kwargs: Any) -> None:
        """Create the states, those without an initializer at their steady values."""
        super().init_state(batch_size, **kwargs)
        for name in self.given():
            self.param_value(name)  # a sweep makes the states anew where one that is read differs
        states = [self.STATES[name] for name in self.STATES if self.STATES[name].init is STEADY]
        if any(self.initializer(state) is STEADY for state in states):
            values = compiled(self, _steady)
            for state in states:
                if self.initializer(state) is STEADY:
                    vars(self)[state.name].raw = values[state.name]


def _steady(inside: SteadyStart) -> dict[str, Any]:
    V = inside.V.value
    return {name: jnp.broadcast_to(value, V.shape) for name, value in inside.steady(V).items()}
