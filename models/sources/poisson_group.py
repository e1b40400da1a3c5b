"""Independent Poisson processes."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from simcore import Param
from simcore.step import noise

from .base import Source, rate_argument


class PoissonGroup(Source):
    r"""Independent Poisson processes: in a step a neuron spikes with the probability 1 - exp(-rate dt).

    Where `check_dt` halves the steps, dt is that of the steps before, and the spike comes in either half by chance.

    Args:
        in_size: their number, an int or a tuple.
        rate: a quantity (one, or one for each), or a waveform or function of t in Hz (`simcore.inputs`).
        seed: of its spikes, with its path in the network and the runner's seed; by default the network's.

    Input: the rate of this step, where a runner's inputs give it. Output: spikes, 0. or 1., `varshape`.

    Reference: Gerstner, Kistler, Naud, Paninski (2014), Neuronal Dynamics, Cambridge University Press, section 7.2.
    """

    rate = Param(None, "Hz", "expected spikes per time", nonnegative=True)

    def __init__(self, in_size: Any, rate: Any, *, seed: int | None = None, **kwargs: Any) -> None:
        self.seed = seed
        super().__init__(in_size, **rate_argument(self, rate), **kwargs)

    def update(self, x: Any = None) -> Any:
        """Draw the spikes of one step and return them."""
        rate = self.rate if x is None else x
        (drawn,) = noise.bits([(self, self.spiked.value.shape)])
        p = noise.threshold(-jnp.expm1(-rate * noise.coarse_dt(self)))
        self.spiked.value = noise.part(self, (drawn < p).astype(jnp.int32))
        return self.spike
