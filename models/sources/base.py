"""Source: the base of what spikes without dynamics."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from simcore import ShortTermState, Signal, units
from simcore.bases.population import Population
from simcore.step.context import note_spikes_read


class Source(Population):
    """Base of sources: `spiked` holds the spikes of the last step."""

    replicated = True

    spiked = ShortTermState("dimensionless", "1 where there was a spike in the last step", init=0)

    @property
    def spike(self) -> Any:
        """The spikes at the end of the last step, 1.0 or 0.0."""
        if self.inside:
            note_spikes_read()
        return jnp.asarray(self.spiked.raw).astype(jnp.result_type(float))


def rate_argument(node: Any, rate: Any) -> dict[str, Any]:
    """Return the rate as an argument of the constructor, or keep it as the node's own input if it varies in time."""
    if isinstance(rate, Signal):
        if units.dimension(rate.unit) != units.dimension("Hz"):
            raise units.DimensionalityError(f"{node.name}: 'rate' needs a waveform in Hz, got one in {rate.unit}.")
        node.own_input = rate
        return {}
    return {"rate": rate}
