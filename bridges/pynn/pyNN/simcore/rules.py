"""Rules of plasticity that PyNN's synapses follow, and simcore itself has not."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp

import simcore as sc
from simcore.spikes.words import unpack

BITS = 31  # of a word of spikes that are kept
WORDS = 64  # there are at most, of each neuron
LONGEST = WORDS * BITS  # steps by which postsynaptic spikes can be seen late


class TsodyksUzielMarkram(sc.models.ShortTerm):
    r"""Short-term plasticity by the states of synaptic resources: recovered x, active y, inactive z.

    .. math:: x = 1 - y - z, \quad dy/dt = -y/\tau_{syn}, \quad dz/dt = y/\tau_{syn} - z/\tau_{rec}, \quad
        du/dt = -u/\tau_{facil}

        \text{spike: } u \leftarrow u + U (1 - u), \quad \text{release } u x w, \quad y \leftarrow y + u x

    Resources recover when the current that they made is over, in `sc.models.TsodyksMarkram` at once.

    Reference: Tsodyks, Uziel, Markram (2000), Synchrony generation in recurrent networks with frequency-dependent
    synapses, Journal of Neuroscience 20(1), RC50.
    """

    U = sc.Param(0.5, "dimensionless", "utilisation: the part of x that a spike releases at rest", positive=True)
    tau_rec = sc.Param(100.0, "ms", "recovery time constant", positive=True)
    tau_facil = sc.Param(0.0, "ms", "facilitation time constant; 0: none", nonnegative=True)
    tau_syn = sc.Param(5.0, "ms", "time constant of the postsynaptic current", positive=True)

    y = sc.HiddenState("dimensionless", "active resources")
    z = sc.HiddenState("dimensionless", "inactive resources")
    u = sc.HiddenState("dimensionless", "utilisation after the last spike")

    def release(self, spikes: Any) -> Any:
        """Return the parts of the weights that spikes release; the states advance to the end of this step."""
        dt, s = sc.environ.get("dt"), spikes.reshape(self.y.value.shape)
        inactive = dt / self.tau_syn * sc.exprel(dt / self.tau_rec - dt / self.tau_syn) * self.y.value
        z = (self.z.value + inactive) * jnp.exp(-dt / self.tau_rec)
        y = self.y.value * jnp.exp(-dt / self.tau_syn)
        u = self.u.value * jnp.exp(-dt / self.tau_facil)
        u = u + self.U * (1.0 - u) * s
        released = u * (1.0 - y - z) * s
        self.y.value, self.z.value, self.u.value = y + released, z, u
        return released.reshape(spikes.shape)


# What has the spikes of the last steps, a bit each, those of the last ones in the first word.
Past: Any = type(sc.models.Plasticity)(
    "Past",
    (sc.models.Plasticity,),
    {f"word{k}": sc.models.PostState("dimensionless", "spikes of earlier steps", init=0) for k in range(WORDS)},
)


class Late(Past):
    """What lets a rule see postsynaptic spikes late, by a number of steps from 1 to `LONGEST`: its trace y, its visits.

    A dendritic delay d between the synapse and the soma: a presynaptic spike at t acts at t + d, where simcore sees
    it, and it would be seen by the synapse at t; a postsynaptic spike at t by the synapse at t + d, so after the
    same shift at t + 2 d.
    """

    tau_of_y: ClassVar[str]  # the parameter that is the time constant of y

    y = sc.models.PostState("dimensionless", "trace of the postsynaptic spikes that have been seen")

    def __init__(self, *args: Any, late: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.late = late

    def needs_state(self, name: str) -> bool:
        """Return whether a state is one of those that so many steps take."""
        return super().needs_state(name) and (not name.startswith("word") or name in self._words())

    def _words(self) -> list[str]:
        """Return the names of the words that are there."""
        return [f"word{k}" for k in range(-(-self.late // BITS))]

    def _seen(self) -> Any:
        """Return which postsynaptic spikes are seen in this step, 1 or 0."""
        word, bit = divmod(self.late - 1, BITS)
        return (getattr(self, f"word{word}").value >> bit) & 1

    def advance(self) -> None:
        """Let the trace decay."""
        self.y.value = self.y.value * jnp.exp(-sc.environ.get("dt") / getattr(self, self.tau_of_y))

    def post_events(self, spikes: Any) -> Any:
        """Return the spikes that are seen in this step."""
        return self._seen().reshape(spikes.shape)

    def spiked(self, pre: Any, post: Any) -> None:
        """Raise the trace by the spikes that are seen, and keep those of this step."""
        shape = self.y.value.shape
        self.y.value = self.y.value + self._seen()
        new = unpack(post, shape[-1]).reshape(shape).astype(self.word0.value.dtype)
        for word in (getattr(self, name) for name in self._words()):
            oldest = (word.value >> (BITS - 1)) & 1
            word.value = ((word.value << 1) & (2**BITS - 1)) | new
            new = oldest


class LateSTDP(Late, sc.models.STDP):
    """`STDP` that sees postsynaptic spikes late."""

    tau_of_y = "tau_minus"


class LateVogelsSTDP(Late, sc.models.VogelsSTDP):
    """`VogelsSTDP` that sees postsynaptic spikes late."""

    tau_of_y = "tau"
