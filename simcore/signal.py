"""Signal: what drives a model through time. Constants live here, waveforms and functions of t in `simcore.inputs`."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pint

from . import units
from .units import Dimension


class Signal:
    """A value of the input for every step.

    The host hands `arrays` of a chunk of steps to the compiled loop, where `at` picks the value of one step.
    """

    dt: float | None = None  # ms, of sampled signals
    unit: str = "dimensionless"
    sample_shape: tuple[int, ...] = ()  # of the value in one step
    key: Hashable = None  # what the compiled program depends on besides the arrays

    def n_steps(self, dt: float) -> int | None:
        """Return how many steps of dt (ms) it lasts; None if it has no end."""
        return None

    def bytes_per_step(self) -> int:
        """Return the memory that one step of `arrays` takes."""
        return 0

    def arrays(self, start: int, count: int, capacity: int, dt: float) -> dict[str, Any]:
        """Return the kernel floats for `count` steps from `start`, in arrays whose shape depends on `capacity` only."""
        raise NotImplementedError

    def dimensions(self) -> dict[str, Dimension]:
        """Return the dimension of each of `arrays`."""
        raise NotImplementedError

    def at(self, arrays: dict[str, Any], k: Any) -> Any:
        """Return the value in the k-th step of the chunk; t is in the environment."""
        raise NotImplementedError


class Constant(Signal):
    """The same value in every step: a quantity, scalar or one for each neuron."""

    def __init__(self, value: pint.Quantity) -> None:
        self.unit = units.unit_of(value)
        self.value = units.to_kernel(value, self.unit, "inputs")
        self.sample_shape = np.shape(self.value)

    def arrays(self, start: int, count: int, capacity: int, dt: float) -> dict[str, Any]:
        return {"value": np.asarray(self.value, float)}

    def dimensions(self) -> dict[str, Dimension]:
        return {"value": units.dimension(self.unit)}

    def at(self, arrays: dict[str, Any], k: Any) -> Any:
        return arrays["value"]


def as_signal(value: Any) -> Signal | None:
    """Return the signal for what a user gives as input: None, a signal, a quantity, its text, a list of quantities.

    Raises:
        DimensionalityError: bare numbers.
    """
    if value is None or isinstance(value, Signal):
        return value
    value = units.read(value, "inputs")
    if not isinstance(value, pint.Quantity):
        raise units.DimensionalityError(
            f"inputs needs a quantity or a waveform, got {units.show(value)}; write e.g. 1.5 * mA, "
            "or sc.inputs.Waveform(array * mA, dt=0.1 * ms) for samples."
        )
    return Constant(value)
