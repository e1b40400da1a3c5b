"""Plasticity by pairs of spikes, of which the potentiation is a power of the weight."""

from __future__ import annotations

from typing import Any

from simcore import Param
from simcore.units import QuantityLike

from .stdp import Pairs

Array = Any


class PowerLawSTDP(Pairs):
    r"""Spike-timing-dependent plasticity with a power law of the weight; weights from w_min (0), without upper bound.

    .. math:: \Delta w = A_+ w_0 (w / w_0)^\mu e^{-\Delta t/\tau_+}, \; \Delta t = t_{post} - t_{pre} > 0; \quad
        \Delta w = -A_- w e^{\Delta t/\tau_-}, \; \Delta t < 0

    Args:
        w_0: the weight at which A_plus is relative, in the unit of the weights.
        pairs: which spikes count: "all", "symmetric", "presynaptic_centred", "reduced_symmetric", see `Pairs`.

    Reference: Morrison, Aertsen, Diesmann (2007), Neural Computation 19(6), 1437-1467.
    """

    A_plus = Param(0.1, "dimensionless", "potentiation of a pair, relative to w_0")
    A_minus = Param(0.1, "dimensionless", "depression of a pair, relative to the weight")
    tau_plus = Param(20.0, "ms", "time constant of the potentiation", positive=True)
    tau_minus = Param(20.0, "ms", "time constant of the depression", positive=True)
    mu = Param(0.4, "dimensionless", "power of the weight in the potentiation", nonnegative=True)
    w_0 = Param(None, "nS", "reference weight, in the unit of the weights", positive=True)

    weight_params = ("w_0",)

    def __init__(self, *args: Any, w_0: QuantityLike, pairs: str = "all", **kwargs: Any) -> None:
        super().__init__(*args, w_0=w_0, pairs=pairs, **kwargs)

    def potentiation(self, w: Array) -> Array:
        """Return by how much a pair raises a weight, at an interval of 0."""
        return self.A_plus * self.w_0 * (w / self.w_0) ** self.mu

    def depression(self, w: Array) -> Array:
        """Return by how much a pair lowers a weight, at an interval of 0."""
        return self.A_minus * w
