"""Gates: how a gating variable moves at a potential, told by two rates or by a target and a time constant."""

import dataclasses
from typing import Any

from . import rates

Array = Any


class Gate:
    """Base: the kinetics of one gating variable, a number, at the present potential."""

    def rate(self, x: Array) -> Array:
        """Return dx/dt, 1/ms."""
        raise NotImplementedError

    def steady(self) -> Array:
        """Return where x comes to rest."""
        raise NotImplementedError


@dataclasses.dataclass(frozen=True)
class AlphaBeta(Gate):
    """dx/dt = alpha (1 - x) - beta x: a gate that opens with the rate alpha and closes with the rate beta, 1/ms."""

    alpha: Array
    beta: Array

    def rate(self, x: Array) -> Array:
        """Return dx/dt, 1/ms."""
        return rates.opening(self.alpha, self.beta, x)

    def steady(self) -> Array:
        """Return alpha / (alpha + beta)."""
        return rates.steady(self.alpha, self.beta)


@dataclasses.dataclass(frozen=True)
class InfTau(Gate):
    """dx/dt = (inf - x) / tau: a gate that goes to inf, a number, with the time constant tau, ms."""

    inf: Array
    tau: Array

    def rate(self, x: Array) -> Array:
        """Return dx/dt, 1/ms."""
        return (self.inf - x) / self.tau

    def steady(self) -> Array:
        """Return inf."""
        return self.inf
