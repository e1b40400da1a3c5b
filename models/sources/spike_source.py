"""Spikes at given times."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pint
from numpy.typing import ArrayLike

from simcore import units
from simcore.module.declare import on_device
from simcore.step.context import current
from simcore.units import Quantities
from simcore.units.clock import as_time, rounded_steps, spike_trains

from .base import Source

Array = Any


class SpikeSource(Source):
    """Neurons that spike at given times.

    Args:
        in_size: their number, an int or a tuple.
        times: quantity (n,), when, by the runner's clock (its t0 included); rounded to whole steps of dt, one at least.
            A spike at t is found by the step that ends at t.
        indices: (n,), which neuron of the flattened population.

    `set_spikes` gives other ones; ``source.times = ...`` other times of as many. Output: spikes, 0. or 1., `varshape`.

    Raises:
        ValueError: times and indices differ in length, an index is out of range, a time is not positive; in a run, two
            spikes of one neuron fall into one step.
    """

    takes_input = False

    def __init__(self, in_size: int | tuple[int, ...], times: Quantities, indices: ArrayLike, **kwargs: Any) -> None:
        super().__init__(in_size, **kwargs)
        self.set_spikes(times, indices)

    @property
    def times(self) -> pint.Quantity:
        """When they spike, (n,)."""
        cure = "to change one, set all: times = source.times.copy(); times[0] = 3 * ms; source.times = times"
        return units.held(as_time(self._times), cure)

    @times.setter
    def times(self, times: Any) -> None:
        self.set_spikes(times, self._indices)

    @property
    def indices(self) -> np.ndarray:
        """Which neuron spikes at each of the times, (n,)."""
        cure = "indices = source.indices.copy(); indices[0] = 1; source.set_spikes(source.times, indices) sets others"
        return units.held_array(self._indices, cure)

    def set_spikes(self, times: Quantities, indices: ArrayLike) -> None:
        """Set times and indices, as in the constructor.

        Raises:
            ValueError: as there.
        """
        cure = "; set_spikes(times, indices) sets both"
        when, which = self._read(times, indices, cure)
        self._times, self._indices = when.astype(float), which.astype(np.int32)

    def _read(self, times: Any, indices: Any, cure: str = "") -> tuple[np.ndarray, np.ndarray]:
        when, which = spike_trains(times, indices, self.size, self.name, cure)
        if when.size and when.min() <= 0:
            raise ValueError(f"{self.name}: 'times' must be > 0 ms, the end of the first step or later, "
                             f"got {when.min():g} ms.")  # fmt: skip
        return when, which

    def fit_to(self, dt: float) -> None:
        """Find the step of each spike."""
        # Room for more, so that other trials share the program.
        room = max(16, 1 << len(self._times).bit_length())
        arrays = self._in_steps(self._times, self._indices, dt, room)
        self.sorted_steps, self.sorted_neurons = map(on_device, arrays)

    def spikes_in_steps(self, times: Any, indices: Any, dt: float) -> dict[str, np.ndarray]:
        """Return what steps read of other spikes, by name; there is room for as many as `fit_to` has made.

        Raises:
            ValueError: as `set_spikes`; there is no room.
        """
        when, which = self._read(times, indices)
        room = int(self.sorted_steps.size)
        if when.size > room:
            raise ValueError(f"{self.name}: {when.size} spikes, and the program was made for {room}; make it with a "
                             "source that has as many.")  # fmt: skip
        steps, neurons = self._in_steps(when, which.astype(np.int32), dt, room)
        return {"sorted_steps": steps, "sorted_neurons": neurons}

    def _in_steps(self, times: np.ndarray, indices: np.ndarray, dt: float, room: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the steps of spikes and their neurons in the order of time, (room,)."""
        never = np.iinfo(np.int32).max
        order = np.argsort(times, kind="stable")
        steps = np.clip(rounded_steps(times[order], dt)[0], 1, never).astype(np.int32)
        neurons = indices[order]
        pairs, count = np.unique(np.stack([steps, neurons]), axis=1, return_counts=True)
        if np.any(count[pairs[0] < never] > 1):
            step, index = pairs[:, np.argmax(count > 1)]
            raise ValueError(f"{self.name}: neuron {index} spikes more than once in the step of dt = {dt:.10g} ms that "
                             f"ends at {step * dt:.10g} ms; choose a smaller dt, or join the spikes.")  # fmt: skip
        spare = room - len(steps)
        return np.pad(steps, (0, spare), constant_values=never), np.pad(neurons, (0, spare))

    def update(self, x: Any = None) -> Any:
        """Return the spikes of one step."""
        steps, neurons = self.sorted_steps, self.sorted_neurons
        shape, n = self.spiked.value.shape, self.size
        step = current()
        now = step.i + 1 + jnp.round(step.t0 / step.dt).astype(jnp.int32)
        first, last = _lower_bound(steps, now), _lower_bound(steps, now + 1)

        def set_one(k: Array, spiked: Array) -> Array:
            return spiked.at[:, neurons[k]].set(1)

        spiked = jax.lax.fori_loop(first, last, set_one, jnp.zeros((int(np.prod(shape)) // n, n), jnp.int32))
        self.spiked.value = spiked.reshape(shape)
        return self.spike


def _lower_bound(sorted_steps: Array, step: Array) -> Array:
    """Return how many entries of a sorted array are below `step`, by bisection."""

    def halve(_: Array, bounds: Array) -> Array:
        low, high = bounds
        middle = (low + high) // 2
        below = sorted_steps[middle] < step
        return jnp.where(below, middle + 1, low), jnp.where(below, high, middle)

    turns = int(sorted_steps.size).bit_length()
    return jax.lax.fori_loop(0, turns, halve, (jnp.int32(0), jnp.int32(sorted_steps.size - 1)))[0]
