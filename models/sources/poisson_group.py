"""Independent Poisson processes."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from simcore import Param, ShortTermState, Signal, units
from simcore.step import noise
from simcore.units import QuantityLike
from simcore.units.clock import TOLERANCE
from simcore.units.markers import mark

from .base import Source, rate_argument

_CURE = "choose a smaller dt, or PoissonInput, which sums any number of spikes."


class PoissonGroup(Source):
    r"""Independent Poisson processes: in a step a neuron spikes with the probability rate dt, at most once.

    So the mean is the rate. More than one spike a step is refused: choose a smaller dt, or `PoissonInput`, which sums
    any number. Where `check_dt` halves the steps, dt is that of the steps before, and the spike comes in either half by
    chance.

    Args:
        in_size: their number, an int or a tuple.
        rate: a quantity (one, or one for each), or a waveform or function of t in Hz (`simcore.inputs`).
        seed: of its spikes, with its path in the network and the runner's seed; by default the network's.

    Input: the rate of this step, where a runner's inputs give it. Output: spikes, 0. or 1., `varshape`.

    Reference: Gerstner, Kistler, Naud, Paninski (2014), Neuronal Dynamics, Cambridge University Press, section 7.2.
    """

    rate = Param(None, "Hz", "expected spikes per time", nonnegative=True)

    refused = ShortTermState("dimensionless", "infinite where a rate was not from 0 to 1 / dt", init=0.0)

    def __init__(
        self, in_size: int | tuple[int, ...], rate: QuantityLike | Signal, *, seed: int | None = None, **kwargs: Any
    ) -> None:
        self.seed = seed
        super().__init__(in_size, **rate_argument(self, rate), **kwargs)

    def update(self, x: Any = None) -> Any:
        """Draw the spikes of one step and return them."""
        rate = self.rate
        if x is not None:
            rate = x = mark(jnp.asarray(x), check=units.dimension("Hz"), what=f"the input of {self.name}, a rate,")
        p = rate * noise.coarse_dt(self)
        if x is not None:
            allowed = (p >= 0) & (p <= 1 + TOLERANCE)
            self.refused.value = jnp.where(allowed, self.refused.value, jnp.inf)
        spikes = noise.bits(self, self.spiked.value.shape) < noise.threshold(p)
        self.spiked.value = noise.part(self, spikes.astype(jnp.int32))
        return self.spike

    def fit_to(self, dt: float) -> None:
        """Refuse a rate of more than one spike a step."""
        super().fit_to(dt)
        dt = dt * 2**self.halvings
        largest = float(np.max(self.kernel_value("rate"))) if "rate" in self.given() else 0.0
        if largest * dt > 1 + TOLERANCE:
            shown = units.show(units.from_kernel(largest, "Hz"))
            raise ValueError(f"{self.name}: 'rate' = {shown} is {largest * dt:.4g} spikes a step of dt = {dt:.10g} ms, "
                             f"where one fits; {_CURE}")  # fmt: skip

    def explain_fault(self, state: str) -> str:
        """Return what it means that `refused` is infinite."""
        if state != "refused":
            return super().explain_fault(state)
        return f"Its rate was negative, or more than one spike a step: {_CURE}"
