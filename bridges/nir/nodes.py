"""Nodes of a NIR graph that have no class of their own in `simcore.models`."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from simcore import HiddenState, Network, Neuron, Param, ShortTermState, units
from simcore.bases.link import References
from simcore.bases.population import Population
from simcore.models import IF
from simcore.units.markers import mark

Array = Any


class Input(Population):
    """The Input of a graph: sends the numbers that a runner gives it, ``inputs={"input": numbers}``.

    Input: x, pure numbers, `varshape`; in a `Graph` they act in the step for which they are given.
    """

    x = ShortTermState("dimensionless", "what it was given in the last step")

    def take(self, x: Any) -> None:
        """Take, inside a step, the numbers of this step."""
        x = mark(jnp.asarray(x), check=units.dimension("dimensionless"), what=f"the input of {self.name}")
        self.x.value = jnp.broadcast_to(x, self.x.value.shape).astype(self.x.value.dtype)

    def check_input(self, shape: Any) -> None:
        """Refuse numbers that do not broadcast to its shape."""
        whole = self.population_shape
        pairs = zip(shape[::-1], whole[::-1], strict=False) if not isinstance(shape, dict) else [(0, 1)]
        if len(shape) > len(whole) or any(n not in (1, m) for n, m in pairs):
            raise ValueError(f"{self.name}: an input of the shape {shape} does not fit {whole}; samples over time are "
                             "given as sc.inputs.Waveform(array * dimensionless).")  # fmt: skip

    @property
    def output_unit(self) -> str:
        """Numbers."""
        return "dimensionless"

    def output(self) -> Array:
        """Return what it was given."""
        return self.x.value

    def update(self, x: Any = 0.0) -> Array:
        """Take the numbers of this step, and return them."""
        self.take(x)
        return self.x.value


class Graph(Network):
    """A network that was read: what is given to an `Input` acts on others in the same step. It runs on one device."""

    def update(self, x: dict[str, Any] | None = None) -> dict[str, Any]:
        """Advance by one step under inputs by population; return what they send, by population."""
        for path, population in self.populations().items():
            if isinstance(population, Input):
                population.take((x or {}).get(path, 0.0))
        return super().update(x)


class Output(Population):
    """The Output of a graph: `y` is what the nodes before it send in the same step, spikes or values."""

    takes_input = False

    y = ShortTermState("dimensionless", "sum of what was sent in the last step")

    def __init__(self, in_size: Any, senders: Any, *, name: str | None = None) -> None:
        self.senders = References(senders)
        sent = {"dimensionless" if p.sends_spikes() else p.output_unit for p in senders}
        if len(sent) != 1:
            raise ValueError(f"{name or 'Output'}: what arrives has the units {', '.join(sorted(sent)) or '(nothing)'},"
                             " where one is needed.")  # fmt: skip
        self.unit = sent.pop()
        super().__init__(in_size, name=name)

    def state_unit(self, state: Any) -> str:
        """Return the unit of what is sent."""
        return self.unit

    @property
    def output_unit(self) -> str:
        """That of what is sent."""
        return self.unit

    def output(self) -> Array:
        """Return what was sent."""
        return self.y.value

    def update(self, x: Any = None) -> Array:
        """Return the sum of what is sent in this step by populations that have been advanced in it."""
        sent = [p.spike if p.sends_spikes() else p.output() for p in self.senders]
        y = self.y.value
        self.y.value = jnp.sum(jnp.stack([jnp.reshape(value, y.shape) for value in sent]), 0).astype(y.dtype)
        return self.y.value


class IntegrateAndFire(IF):
    r"""The IF of NIR: `sc.models.IF` with a V_reset of its own; tau is the unit of time.

    .. math::
        \tau \, dV/dt = R I(t)

        V \ge V_{th}: \text{ emit a spike, } V \leftarrow V_{reset}

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Pedersen et al. (2024), Nature Communications 15, 8122.
    """

    R, tau = IF.R, IF.tau
    V_th = Param(1.0, "mV", "spike threshold", above="V_reset")
    V_reset = Param(0.0, "mV", "membrane potential after a spike")
    spk_reset = "hard"


class Integrate(Neuron):
    r"""The I of NIR: a membrane that sums its input, without leak and spikes; tau is the unit of time.

    .. math:: \tau \, dV/dt = R I(t)

    Input: I, current, `varshape`. Output: V, `varshape`.

    Reference: Pedersen et al. (2024), Nature Communications 15, 8122.
    """

    R = Param(1.0, "ohm", "resistance", positive=True)
    tau = Param(1000.0, "ms", "unit of time", positive=True)

    V = HiddenState("mV", "membrane potential")

    def derivative(self, V: Any, I: Any) -> Any:
        """Return dV/dt."""
        return self.R * I / self.tau + 0.0 * V / self.tau  # the shape of V

    def update(self, x: Any = 0.0) -> Any:
        """Advance by one step under the current x and return V."""
        self.V.value = self.integrate(self.derivative, self.V.value, x)
        return self.V.value
