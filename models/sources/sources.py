"""Sources: spikes without dynamics, and the summed input of many of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from simcore import Param, ShortTermState, Signal, units
from simcore.bases.network import Link, Network
from simcore.bases.population import Population, View, as_view
from simcore.bases.receptor import Receptor
from simcore.module.declare import on_device
from simcore.step import noise
from simcore.step.context import current, once
from simcore.units.clock import rounded_steps

from ..synapses.projection import receptor_of

Array = Any


class Source(Population):
    """Base of sources: `spiked` holds the spikes of the last step."""

    spiked = ShortTermState("dimensionless", "1 where there was a spike in the last step", init=0)

    @property
    def spike(self) -> Any:
        """The spikes at the end of the last step, 1.0 or 0.0."""
        return jnp.asarray(self.spiked.raw).astype(jnp.result_type(float))


def _rate(node: Any, rate: Any) -> dict[str, Any]:
    """Return the rate as an argument of the constructor, or keep it as the node's own input if it varies in time."""
    if isinstance(rate, Signal):
        if units.dimension(rate.unit) != units.dimension("Hz"):
            raise units.DimensionalityError(f"{node.name}: 'rate' needs a waveform in Hz, got one in {rate.unit}.")
        node._input = rate
        return {}
    return {"rate": rate}


class PoissonGroup(Source):
    r"""Independent Poisson processes: in a step a neuron spikes with the probability 1 - exp(-rate dt).

    Where `check_dt` halves the steps, dt is that of the steps before, and the spike comes in either half by chance.

    Args:
        in_size: their number, an int or a tuple.
        rate: a quantity (one, or one for each), or a waveform or function of t in Hz (`simcore.inputs`).
        seed: groups of one seed and size send the same spikes; None makes a group independent of all others. The
            runner's seed changes all.

    Input: the rate of this step, where a runner's inputs give it. Output: spikes, 0. or 1., `varshape`.

    Reference: Gerstner, Kistler, Naud, Paninski (2014), Neuronal Dynamics, Cambridge University Press, section 7.2.
    """

    rate = Param(None, "Hz", "expected spikes per time", nonnegative=True)

    def __init__(self, in_size: Any, rate: Any, *, seed: int | None = None, **kwargs: Any) -> None:
        self.seed = seed
        super().__init__(in_size, **_rate(self, rate), **kwargs)

    def update(self, x: Any = None) -> Any:
        """Draw the spikes of one step and return them."""
        rate = self.rate if x is None else x
        (drawn,) = noise.bits([(self, self.spiked.value.shape, self.seed)])
        p = noise.threshold(-jnp.expm1(-rate * noise.coarse_dt(self)))
        self.spiked.value = noise.part(self, (drawn < p).astype(jnp.int32), self.seed)
        return self.spike


class SpikeSource(Source):
    """Neurons that spike at given times.

    Args:
        in_size: their number, an int or a tuple.
        times: quantity (n,), when, by the runner's clock (its t0 included); rounded to whole steps of dt, one at least.
            A spike at t is found by the step that ends at t.
        indices: (n,), which neuron of the flattened population.

    Output: spikes, 0. or 1., `varshape`.

    Raises:
        ValueError: times and indices differ in length, an index is out of range, a time is not positive; in a run, two
            spikes of one neuron fall into one step.
    """

    def __init__(self, in_size: Any, times: Any, indices: Any, **kwargs: Any) -> None:
        super().__init__(in_size, **kwargs)
        when = np.atleast_1d(units.to_kernel(times, "ms", f"{self.name}: 'times'"))
        which = np.atleast_1d(np.asarray(indices))
        if when.shape != which.shape or when.ndim != 1:
            raise ValueError(
                f"{self.name}: 'times' {when.shape} and 'indices' {which.shape} must be lists of one length."
            )
        if which.size and (which.dtype.kind not in "iu" or which.min() < 0 or which.max() >= self.size):
            raise ValueError(f"{self.name}: 'indices' must be whole numbers from 0 to {self.size - 1}.")
        if when.size and when.min() <= 0:
            raise ValueError(f"{self.name}: 'times' must be > 0 ms, the end of the first step or later, "
                             f"got {when.min():g} ms.")  # fmt: skip
        order = np.argsort(when, kind="stable")
        self._times, self._indices = when[order], which[order].astype(np.int32)

    def fit_to(self, dt: float) -> None:
        """Find the step of each spike."""
        never = np.iinfo(np.int32).max
        steps = np.clip(rounded_steps(self._times, dt)[0], 1, never).astype(np.int32)
        pairs, count = np.unique(np.stack([steps, self._indices]), axis=1, return_counts=True)
        if np.any(count[pairs[0] < never] > 1):
            step, index = pairs[:, np.argmax(count > 1)]
            raise ValueError(f"{self.name}: neuron {index} spikes more than once in the step of dt = {dt:.10g} ms that "
                             f"ends at {step * dt:.10g} ms; choose a smaller dt, or join the spikes.")  # fmt: skip
        self.steps = on_device(np.append(steps, never))
        self.indices = on_device(np.append(self._indices, 0))

    def update(self, x: Any = None) -> Any:
        """Return the spikes of one step."""
        steps, indices = self.steps, self.indices
        shape, n = self.spiked.value.shape, self.size
        step = current()
        now = step.i + 1 + jnp.round(step.t0 / step.dt).astype(jnp.int32)
        first, last = _lower_bound(steps, now), _lower_bound(steps, now + 1)

        def set_one(k: Array, spiked: Array) -> Array:
            return spiked.at[:, indices[k]].set(1)

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
        seed: inputs of one seed and shape are the same; None makes it independent of all others.

    Reference: Potjans and Diesmann (2014), Cerebral Cortex 24(3), 785-806 (the use of it).
    """

    rate = Param(None, "Hz", "spikes per time of each source", nonnegative=True)

    def __init__(
        self,
        post: Any,
        receptor: str | None = None,
        *,
        n: Any,
        rate: Any,
        weight: Any,
        seed: int | None = None,
        name: str | None = None,
    ) -> None:
        who = name or type(self).__name__
        self.post, self.seed = as_view(post, f"{who}: 'post'"), seed
        self.receptor, target = receptor_of(self.post, receptor, who)
        super().__init__(name=name, **_rate(self, rate))
        self.n = units.quantity_in(n, "dimensionless", f"{who}: 'n'")
        if np.any(self.n.magnitude < 0):
            raise ValueError(f"{who}: 'n' must be >= 0, got {units.show(n)}.")
        self.weight = units.quantity_in(weight, target.unit, f"{who}: 'weight'")
        for key in ("n", "weight"):
            if np.ndim(getattr(self, key).magnitude) and np.shape(getattr(self, key).magnitude) != (self.post.size,):
                raise ValueError(f"{who}: {key!r} must be a scalar or ({self.post.size},).")
        self.index = on_device(self.post.index.astype(np.int32))

    @property
    def target(self) -> Receptor:
        """The receptor that receives."""
        return self.post.population.receptors[self.receptor]

    def places(self) -> Iterator[tuple[str, View]]:
        """Yield the population it drives."""
        yield "post", self.post

    def describe(self) -> str:
        """Return what it is, for a summary."""
        rate = f"{units.show(self.rate)}" if "rate" in self.given() else "a rate that varies"
        weight = units.show_range(self.magnitude("weight"), self.target.unit)
        n = units.show_range(self.magnitude("n"), "dimensionless")
        return f"{n} Poisson sources of {rate} -> {self.post!r}.{self.receptor}: weight {weight}"

    def fit_to(self, dt: float) -> None:
        """Choose how many terms of the distribution are needed for the largest mean of the own rate."""
        largest = np.inf
        if "rate" in self.given():
            n, rate = self.kernel_value("n"), self.kernel_value("rate")
            largest = float(np.max(n * rate, initial=0.0)) * dt * 2**self.halvings
        self.large, self.terms = largest > MAX_POISSON, _n_terms(largest)

    @classmethod
    def transmit_all(cls, network: Network, links: dict[str, Any], inputs: dict[str, Any]) -> None:
        """Draw the spikes of one step for all inputs together, and add their weights."""
        drawn = noise.bits([(link, (link.batch(), link.post.size), link.seed) for link in links.values()])
        for (path, link), bits in zip(links.items(), drawn, strict=True):
            link.add(bits, inputs.get(path))

    def batch(self) -> int:
        """Return the number of items of a batch."""
        return int(self.target.target().value.size) // self.post.population.size

    def add(self, bits: Array, rate: Any) -> None:
        """Turn random bits (B, n) into numbers of spikes and add their weights."""
        n, batch = self.post.size, bits.shape[0]
        dt = noise.coarse_dt(self)
        if rate is None and not self.large and current().exact_spikes:
            mean = jnp.asarray(self.n * self.rate * dt)
            table = once(self.path, lambda: _distribution(mean, self.terms), "the rate must be a parameter.")
            count = _count(table, bits)
        else:  # any mean: the rate varies, or may be given another value
            mean = jnp.asarray(self.n * (self.rate if rate is None else rate) * dt)
            normal = jnp.round(mean + jnp.sqrt(mean) * noise.normal(self, (batch, n), self.seed, coarse=True))
            few = _count(_distribution(mean, _n_terms(np.inf)), bits)
            count = jnp.where(mean > MAX_POISSON, jnp.maximum(normal, 0.0), few)
        state = self.target.target()
        target = state.value.reshape(batch, -1)
        added = self.weight * noise.part(self, count, self.seed)
        if n == self.post.population.size:
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
