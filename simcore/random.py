"""Random numbers in a step: ``sc.random.normal(self, shape)`` in an update of one's own.

They depend on the seeds of runner and model, the path of the model, the step, and which call of the step it is, on
nothing else: the same to the bit whatever is recorded and wherever a run is cut.

`sc.check_dt` runs a model again at dt/2 and dt/4 with the same chance: the numbers of the two halves of a step follow
from that of the step. `normal` is refined as white noise is (the increment of a step is ``normal * jnp.sqrt(dt)``);
`uniform` and `bernoulli` as events are, of a probability proportional to dt: that of the step comes in either half.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from .module.node import Node
from .step import noise

Array = Any


def normal(model: Node, shape: tuple[int, ...]) -> Array:
    """Return standard normal numbers, e.g. of the shape of a state, ``self.V.value.shape``.

    Raises:
        TypeError: `model` is not the model that asks, inside a step.
    """
    return noise.normal(_asking(model, "normal"), shape, use="random")


def uniform(model: Node, shape: tuple[int, ...]) -> Array:
    """Return numbers evenly distributed from 0 (included) to 1 (excluded); `model`, `shape`, errors as of `normal`."""
    return noise.uniform(_asking(model, "uniform"), shape)


def bernoulli(model: Node, p: Array, shape: tuple[int, ...] | None = None) -> Array:
    """Return True with the probability p, which broadcasts to the shape, else False; `model`, errors as of `normal`."""
    return noise.uniform(_asking(model, "bernoulli"), jnp.shape(p) if shape is None else shape) < p


def _asking(model: Any, name: str) -> Node:
    if not isinstance(model, Node) or not model.inside:
        raise TypeError(
            f"sc.random.{name}(self, shape) is for a step: its first argument is the model that asks, in its update(); "
            f"got {model!r}. Outside of a step, take numpy.random."
        )
    return model
