"""GapJunction: electrical synapses, which couple the potentials of neurons."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from simcore import Param, ShortTermState, State, units
from simcore.bases.part import Part
from simcore.module.declare import on_device
from simcore.units import QuantityLike

from ..connect.read import as_rule
from .graded import Graded

Array = Any


class GapCurrent(Part):
    """The current through the gap junctions of a population."""

    I = ShortTermState("pA", "sum of g V over the neurons at the other side")
    g = ShortTermState("nS", "sum of the conductances")

    def current(self, V: Array, *states: Array) -> Array:
        """Return the current into the neuron, which follows its own V within the step; none outside of a network."""
        return self.I.value - self.g.value * V if self.is_coupled else 0.0

    def uncouple(self) -> None:
        """Begin new sums."""
        super().uncouple()
        self.I.value, self.g.value = jnp.zeros_like(self.I.value), jnp.zeros_like(self.g.value)


class GapJunction(Graded):
    r"""Electrical synapses: each lets the current g (V_j - V_i) into the neuron i at one side, and its opposite into j.

    .. math:: I_i = \sum_j g_{ij} (V_j - V_i)

    V_j is that of the beginning of the step, V_i changes within it. ``cells.gap.I`` and ``cells.gap.g`` are the sums.

    Args:
        pre: a population with a potential V in mV, or view of one.
        post: the same, or the same one; which is pre does not matter. A pair that a rule draws twice has two
            junctions.
        connect: a rule (`FixedProbability`, ...), pairs (two arrays), or a matrix (dense or scipy sparse).
        weight: the conductance (nS): a scalar, one for each junction (n,) in the order of `connect`, a matrix, or an
            initializer.
        seed: of what is drawn; by default the network's.
        name: the name in messages.

    Raises:
        TypeError: a population has no potential.
        DimensionalityError: the weight is no conductance.

    Reference: Hahne et al. (2015), Frontiers in Neuroinformatics 9, 22.
    """

    weight = Param(None, "nS", "conductance of a junction", nonnegative=True)

    def __init__(
        self,
        pre: Any,
        post: Any,
        *,
        connect: Any,
        weight: QuantityLike,
        seed: int | None = None,
        name: str | None = None,
    ) -> None:
        if name is not None:
            self.name = name
        self.refer(pre, post)
        self.seed = seed
        super().__init__(name=name)
        for end in (self.pre.population, self.post.population):
            state = (end.STATES | vars(end)).get("V")
            if not isinstance(state, State) or units.dimension(state.unit) != units.dimension("mV"):
                raise TypeError(f"{self.name}: {end.name} has no potential, a state V in mV.")
            self.part_of(end, "gap", GapCurrent())
        self.connect_by(as_rule(connect, f"{self.name}: 'connect'"), units.read(weight, f"{self.name}: 'weight'", "nS"))
        self.from_neurons: Any = None
        self.to_neurons: Any = None

    @property
    def weight_unit(self) -> str:
        """The unit of a weight."""
        return "nS"

    def fit_to(self, dt: float) -> None:
        """Have the numbers of the neurons at both sides."""
        super().fit_to(dt)
        if self.from_neurons is None:
            self.from_neurons, self.to_neurons = map(on_device, self.synapses())

    def couple(self) -> None:
        """Add the conductances, and what flows in through them, to both sides."""
        sides: Any = (self.pre.population, self.from_neurons), (self.post.population, self.to_neurons)
        V = [side.V.value.reshape(-1, side.size)[:, numbers] for side, numbers in sides]  # at each junction
        for (side, numbers), V_other in zip(sides, V[::-1], strict=True):
            for state, of_each in ((side.gap.I, self.weight * V_other), (side.gap.g, self.weight)):
                total = state.value.reshape(-1, side.size)
                state.value = total.at[:, numbers].add(of_each).reshape(state.value.shape)
