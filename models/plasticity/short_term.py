"""Short-term plasticity, by presynaptic neuron."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from simcore import HiddenState, Param, units
from simcore.bases import Part
from simcore.step.context import current

Array = Any


class ShortTerm(Part):
    """Base of short-term plasticity: what part of a weight a spike releases. Its states are of the presynaptic neurons.

    A subclass defines `release`.
    """

    def release(self, spikes: Array) -> Array:
        """Return the parts of the weights that the spikes of this step release, (B, n_pre); advance the states.

        Args:
            spikes: that arrive at the end of this step, 1. or 0., (B, n_pre).
        """
        raise NotImplementedError(f"{type(self).__name__} defines no release().")


class TsodyksMarkram(ShortTerm):
    r"""Short-term depression and facilitation, one synaptic resource for each presynaptic neuron.

    .. math:: dx/dt = (1 - x)/\tau_{rec}, \quad du/dt = -u/\tau_{facil}

        \text{spike: } u \leftarrow u + U (1 - u), \quad \text{release } u x w, \quad x \leftarrow x - u x

    Without tau_facil, u = U at every spike: depression alone. The first spike of a rested synapse releases U w.

    Reference: Tsodyks, Pawelzik, Markram (1998), Neural Computation 10(4), 821-835, eqs. 2.1-2.4 and 3.1.
    """

    U = Param(0.5, "dimensionless", "utilisation: the part of x that a spike releases at rest", positive=True)
    tau_rec = Param(800.0, "ms", "recovery time constant", positive=True)
    tau_facil = Param(None, "ms", "facilitation time constant", positive=True)

    x = HiddenState("dimensionless", "available resources", init=1.0)
    u = HiddenState("dimensionless", "utilisation after the last spike")

    def check_params(self) -> None:
        super().check_params()
        if np.any(self.magnitude("U") > 1):
            raise ValueError(f"{self.name}: 'U' must be <= 1, got {units.show(self.U)}.")

    def release(self, spikes: Array) -> Array:
        """Return the parts of the weights; recover x and u up to the end of this step."""
        dt, x, u = current().dt, self.x.value, self.u.value
        s = spikes.reshape(x.shape)
        x = x - (1.0 - x) * jnp.expm1(-dt / self.tau_rec)
        u = jnp.zeros_like(u) if self.tau_facil is None else u * jnp.exp(-dt / self.tau_facil)
        u = u + self.U * (1.0 - u) * s
        released = u * x * s
        self.x.value, self.u.value = x - released, u
        return released.reshape(spikes.shape)
