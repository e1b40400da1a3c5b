"""What begins at rest: states that start at their steady values for the initial V."""

from typing import Any

import jax.numpy as jnp

from simcore import Neuron
from simcore.module.tree import join
from simcore.step.direct import compiled


class Steady(float):
    """What stands for the initial value of a state that `steady` gives."""


STEADY = Steady(0.0)  # in a declaration: init=STEADY


class SteadyStart(Neuron):
    """Base of neurons with states, parts' among them, declared ``init=STEADY``: they start where `steady` says."""

    def steady(self, V: Any) -> dict[str, Any]:
        """Return, inside a step, the steady values for the potential V, by the dotted path of the state."""
        raise NotImplementedError(f"{type(self).__name__} defines no steady(V).")

    def init_state(self, batch_size: int | None = None, **kwargs: Any) -> None:
        """Create the states, those without an initializer at their steady values."""
        super().init_state(batch_size, **kwargs)
        steady = {}
        for path, node in self.nodes().items():
            for name, state in node.STATES.items():
                if node.initializer(state) is STEADY:
                    steady[join(path, name)] = vars(node)[name]
            for name in node.given():
                node.param_value(name)  # a sweep makes the states anew where one that is read differs
        if steady:
            values = compiled(self, _steady)
            for path, state in steady.items():
                state.raw = values[path]


def _steady(inside: SteadyStart) -> dict[str, Any]:
    V = inside.V.value
    return {path: jnp.broadcast_to(value, V.shape) for path, value in inside.steady(V).items()}
