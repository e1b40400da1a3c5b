"""GateProjection: synapses whose receptors the gates of the presynaptic neurons open."""

from __future__ import annotations

from typing import Any

from simcore import units
from simcore.bases.composed import Composed
from simcore.bases.population import as_view
from simcore.units import QuantityLike

from ..connect.read import as_rule
from ..gates import Gate
from .graded import Delayed

Array = Any


class GateProjection(Delayed):
    r"""Hands the gates of a population over to a receptor of another one: in each step, w s(t - delay) is added to g.

    .. math:: g_i(t) = \sum_j w_{ij} s_j(t - d_{ij})

    For receptors that saturate, or that take time to open: one gate for all synapses of a neuron. It costs what it
    costs if all neurons spike in each step; a `Projection` with receptors that do not saturate costs as many as do.

    Args:
        pre: a population or view of one that has the gate among its parts: ``parts={"opens": AMPAGate()}``.
        post: the same, with the receptor: ``receptors={"ampa": Gated(reversal=0 * mV)}``.
        gate: the name of the part; may be left out if there is one gate only.
        receptor: the name of the receptor; may be left out if there is one only.
        connect: a rule (`FixedProbability`, ...), pairs (two arrays), or a matrix (dense or scipy sparse).
        weight: the conductance (nS) if all is open: a scalar, one for each connection (n,) in the order of `connect`,
            a matrix (n_pre, n_post), or an initializer.
        delay: a time (one for all), one for each connection in the order of `connect`, or an initializer; whole steps.
        seed: of what is drawn; by default the network's.
        name: the name in messages.

    Raises:
        TypeError: the receptor is one that spikes open.
        ValueError: there is no such gate or receptor, the rule cannot be met, a shape does not fit.

    Reference: Wang (2002), Neuron 36(5), 955-968.
    """

    FIXED = (*Delayed.FIXED, "gate")

    def __init__(
        self, pre: Any, post: Any, *, gate: str | None = None, receptor: str | None = None, connect: Any,
        weight: QuantityLike, delay: QuantityLike | None = None, seed: int | None = None, name: str | None = None,
    ) -> None:  # fmt: skip
        if name is not None:
            self.name = name
        self.join(post, receptor)
        self.pre = as_view(pre, f"{self.name}: 'pre'")
        population = self.pre.population
        parts = population.parts if isinstance(population, Composed) else {}
        gates = [key for key, part in parts.items() if isinstance(part, Gate)]
        if gate is None and len(gates) == 1:
            gate = gates[0]
        if gate not in gates:
            has = f"it has {', '.join(gates)}" if gates else "it has none: give it one, parts={'opens': AMPAGate()}"
            raise ValueError(f"{self.name}: {population.name} has no gate {gate!r}; {has}.")
        self.gate = gate
        super().__init__(delay, seed, name)
        self.connect_by(as_rule(connect, f"{self.name}: 'connect'"), units.read(weight, f"{self.name}: 'weight'", "nS"))
        self.check_initializer(delay, "delay", "ms")

    def shown_ends(self) -> dict[str, str]:
        """Return from where to where it goes, as texts."""
        return super().shown_ends() | {"from": f"{self.pre!r}.{self.gate}"}

    def handed(self) -> Array:
        """Return the open shares."""
        return vars(self.pre.population)[self.gate].s.value

    @property
    def handed_unit(self) -> str:
        """A number."""
        return "dimensionless"

    def total(self) -> Any:
        """Return the conductance of the receptor."""
        return self.target.g
