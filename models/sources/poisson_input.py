"""The summed input of many Poisson processes."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from simcore import Param, Signal, units
from simcore.bases.block import Block
from simcore.bases.link import Link
from simcore.bases.population import View
from simcore.module.declare import on_device
from simcore.module.parameters import first_of
from simcore.module.seeds import values
from simcore.step import noise
from simcore.step.context import current, once
from simcore.units import QuantityLike
from simcore.units.markers import mark

from .base import rate_argument

Array = Any
# Beyond this mean the number of spikes in a step is a rounded normal variable.
MAX_POISSON = 64.0


class PoissonInput(Link):
    r"""Many independent Poisson sources onto each neuron of a population, summed: nothing is simulated of the sources.

    The number of spikes that reach a neuron in a step is a Poisson variable of mean n rate dt: exact for n Poisson
    processes. For means above 64 it is a rounded normal variable with that mean and variance.

    Args:
        post: a population or view.
        receptor: the name of its receptor; may be left out if it has one only.
        n: the number of sources for each neuron, an int or an array (n_post,).
        rate: of each source: a quantity, or a waveform in Hz.
        weight: in the unit of the receptor, a scalar or (n_post,).
        seed: of its spikes, with its path in the network and the runner's seed; by default the network's.

    Reference: Potjans and Diesmann (2014), Cerebral Cortex 24(3), 785-806 (the use of it).
    """

    takes_input = True
    _n_of_whole: np.ndarray | None = None  # of a part of a network

    rate = Param(None, "Hz", "spikes per time of each source", nonnegative=True)
    n = Param(None, "dimensionless", "number of sources for each neuron", nonnegative=True)
    weight = Param(None, "nS", "weight of a spike, in the unit of the receptor (nS, pA or mV)")

    def __init__(
        self,
        post: Any,
        receptor: str | None = None,
        *,
        n: Any,
        rate: QuantityLike | Signal,
        weight: QuantityLike,
        seed: int | None = None,
        name: str | None = None,
    ) -> None:
        if name is not None:
            self.name = name
        self.seed = seed
        self.join(post, receptor)
        self.index = on_device(self.post.index.astype(np.int32))
        self.in_order = np.array_equal(self.post.index, np.arange(self.post.population.size))  # the whole of it
        super().__init__(name=name, n=n, weight=weight, **rate_argument(self, rate))

    def read_param(self, param: Param, value: Any, given: bool) -> Any:
        """Return the floats of a parameter: one, or of n and weight one for each neuron of `post`."""
        drawn = values(value, (self.post.size,), self.place, param.name) if callable(value) else value
        floats = super().read_param(param, drawn, given)
        if param.name != "rate" and floats.ndim and floats.shape != (self.post.size,):
            raise ValueError(f"{self.name}: {param.name!r} must be a scalar or ({self.post.size},).")
        return floats

    def check_values(self, param: Param, values: np.ndarray, who: str) -> None:
        """Refuse parts of sources, beside what the parameters say."""
        super().check_values(param, values, who)
        parts = values != np.round(values)
        if param.name == "n" and np.any(parts):
            raise ValueError(f"{who} must be a whole number of sources, got {first_of(values, parts)}; the rate may be "
                             "any number.")  # fmt: skip

    def keep_block(self, block: Block, relay: Any, lead: int, dt: float, room: int) -> None:
        """Become, as a copy, the input of a block of neurons; of those that it does not reach with no sources."""
        whole = self.post.population.size
        members, numbers = block.members(whole), np.full(whole, -1)
        numbers[self.post.index] = np.arange(self.post.size)
        self._n_of_whole = self.kernel_value("n")
        for name in ("n", "weight", "rate"):
            if name in self.given() and (value := self.kernel_value(name)).ndim:
                self.set_kernel_values({name: value[numbers[members]]})
        if not self.in_order:
            self.set_kernel_values({"n": np.where(numbers[members] >= 0, self.kernel_value("n"), 0.0)})
        vars(self).update(post=View(self.post.population, slice(None)), in_order=True)
        vars(self).update(index=on_device(np.arange(members.size, dtype=np.int32)))
        vars(self).update(numbers_in_whole=numbers[members].astype(np.uint32))

    def shown_ends(self) -> dict[str, str]:
        """Return from where to where it goes, as texts."""
        rate = units.show_range(self.magnitude("rate"), "Hz") if "rate" in self.given() else "a rate that varies"
        n = units.show_range(self.magnitude("n"), "dimensionless")
        return {"from": f"{n} Poisson sources of {rate}"} | super().shown_ends()

    def facts(self) -> dict[str, str]:
        """Return what there is to tell of it."""
        return self.shown_ends() | {"weight": units.show_range(self.weights(), self.weight_unit)}

    def fit_to(self, dt: float) -> None:
        """Choose how many terms of the distribution are needed for the largest mean of its rate."""
        super().fit_to(dt)
        largest = np.inf
        if "rate" in self.given():
            n = self.kernel_value("n") if self._n_of_whole is None else self._n_of_whole
            rate = np.max(self.kernel_value("rate"), initial=0.0)
            largest = float(np.max(n * rate, initial=0.0)) * dt * 2**self.halvings
        self.large, self.terms = largest > MAX_POISSON, _n_terms(largest)

    def transmit(self, rate: Any = None) -> None:
        """Draw the spikes of one step, and add their weights."""
        state, dt = self.target.target(), noise.coarse_dt(self)
        target = state.value.reshape(-1, self.post.population.size)
        bits = noise.bits(self, (len(target), self.post.size))
        if rate is not None:
            rate = mark(jnp.asarray(rate), check=units.dimension("Hz"), what=f"the input of {self.name}, a rate,")
        if rate is None and not self.large and current().exact_spikes:
            mean = jnp.asarray(self.n * self.rate * dt)
            table = once(self.path, lambda: _distribution(mean, self.terms), "the rate must be a parameter.")
            count = _count(table, bits)
        else:  # any mean: the rate varies, or may be given another value
            mean = jnp.asarray(self.n * (self.rate if rate is None else rate) * dt)
            normal = jnp.round(mean + jnp.sqrt(mean) * noise.normal(self, bits.shape, coarse=True))
            few = _count(_distribution(mean, _n_terms(np.inf)), bits)
            count = jnp.where(mean > MAX_POISSON, jnp.maximum(normal, 0.0), few)
        added = self.weight * noise.part(self, count)
        if self.in_order:
            new = target + added
        else:
            new = target.at[:, self.index].add(added)
        state.value = new.reshape(state.value.shape)


def _n_terms(largest: float) -> int:
    """Return a number of terms, a multiple of 8, beyond which less than 2**-32 is left for means up to the largest."""
    mean = min(largest, MAX_POISSON)
    return int(np.ceil((mean + 7.0 * np.sqrt(mean) + 12.0) / 8.0)) * 8


def _distribution(mean: Array, terms: int) -> Array:
    """Return the first terms of the Poisson distribution function as thresholds of random bits, (terms, *mean's)."""
    k = np.arange(terms).reshape(-1, *(1,) * mean.ndim)
    log_factorial = np.cumsum(np.log(np.maximum(k, 1)), axis=0)
    some = mean > 0
    log_mean = jnp.log(jnp.where(some, mean, 1.0))
    probability = jnp.where(some, jnp.exp(k * log_mean - mean - log_factorial), k == 0)
    return noise.threshold(jnp.cumsum(probability, axis=0))


def _count(table: Array, bits: Array) -> Array:
    """Return Poisson numbers by inversion: how many values of the distribution function lie below the bits."""
    table = table.reshape(table.shape[0], 1, -1)
    bits = jnp.minimum(bits, noise.threshold(jnp.ones(())) - jnp.uint32(1))  # no number beyond the terms
    return jnp.sum(bits[None] >= table, axis=0).astype(jnp.result_type(float))
