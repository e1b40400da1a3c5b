"""Weights by which neurons fire at a rate."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pint

from . import units
from .module.seeds import Drawn
from .units import OneQuantity


@dataclasses.dataclass(frozen=True)
class ForRate(Drawn):
    r"""Normal weights of mean 0, (fan_in, fan_out), by which leaky integrate-and-fire neurons fire at a rate.

    Each of fan_in neurons spikes at random at `input_rate`; a spike is a current for one step, as `Linear` makes it.
    The deviation of the weights is the one at which the mean rate of the neurons is `rate`, by the first passage of a
    membrane that fluctuates. Its mean differs between the neurons as the sums of their weights do; the threshold, seen
    once a step, counts as 0.5826 deviations of a step further away.

    Args:
        cell: whose R, tau, V_th, V_reset, V_rest and tau_ref count; hard resets are meant.
        rate: of the neurons, the mean over them.
        input_rate: of the inputs.
        dt: the time step of the run.
        seed: of the weights.

    Raises:
        ValueError: no weights lead to this rate.

    References: Siegert (1951), Physical Review 81, 617-623; Broadie, Glasserman, Kou (1997), Mathematical Finance 7,
    325-349 (the threshold in steps); Rossbroich, Gygax, Zenke (2022), Neuromorphic Computing and Engineering 2, 044016.
    """

    cell: Any
    rate: OneQuantity
    input_rate: OneQuantity
    dt: OneQuantity
    _: dataclasses.KW_ONLY
    seed: int | None = None

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> pint.Quantity:
        """Return the weights, in pA."""
        if missing := [name for name in ("R", "tau", "V_th", "V_reset", "V_rest") if name not in self.cell.given()]:
            raise TypeError(f"ForRate is for leaky integrate-and-fire neurons; {self.cell.name} has no {missing[0]}.")
        if len(shape) != 2:
            raise ValueError(f"ForRate is for weights (fan_in, fan_out), got the shape {shape}.")
        return units.attach(rng.normal(0, self.deviation(shape[0]), shape), "pA")

    def deviation(self, fan_in: int) -> float:
        """Return the standard deviation of the weights of so many inputs, pA."""
        from scipy.optimize import brentq

        wanted = float(units.to_kernel(self.rate, "kHz", "ForRate: 'rate'"))
        R, V_th, V_rest = (float(np.mean(self.cell.kernel_value(k))) for k in ("R", "V_th", "V_rest"))
        scale = (V_th - V_rest) / R  # the rheobase
        most = self._mean_rate(fan_in, 1e3 * scale)
        if not 0 < wanted < most:
            most_text = f"{1e3 * most:.3g} Hz, which no weights of mean 0 reach"
            raise ValueError(f"ForRate: 'rate' must be > 0 Hz and below {most_text}, got {units.show(self.rate)}.")
        ends = np.log(1e-6), np.log(1e3)
        found = brentq(lambda x: self._mean_rate(fan_in, scale * np.exp(x)) - wanted, *ends, xtol=1e-6)
        return scale * float(np.exp(found))

    def _mean_rate(self, fan_in: int, weight: float) -> float:
        """Return the mean rate, kHz, of neurons whose weights have this deviation, pA."""
        cell, dt = self.cell, float(units.to_kernel(self.dt, "ms", "ForRate: 'dt'"))
        R, tau, V_th, V_reset, V_rest = (float(np.mean(cell.kernel_value(k)))
                                         for k in ("R", "tau", "V_th", "V_reset", "V_rest"))  # fmt: skip
        tau_ref = float(np.mean(cell.kernel_value("tau_ref"))) if "tau_ref" in cell.given() else 0.0
        p = float(units.to_kernel(self.input_rate, "kHz", "ForRate: 'input_rate'")) * dt  # of a spike in a step
        decay = np.exp(-dt / tau)
        step = R * weight * (1 - decay) * np.sqrt(fan_in * p * (1 - p))  # of V in a step
        sigma = step / np.sqrt(1 - decay**2)
        spread = R * weight * p * np.sqrt(fan_in)  # of the means of the neurons
        nodes, shares = np.polynomial.hermite_e.hermegauss(40)
        threshold = V_th + 0.5826 * step
        rates = [
            _passage_rate(V_rest + spread * x, np.sqrt(2) * sigma, threshold, V_reset, tau, tau_ref) for x in nodes
        ]
        return float(np.sum(shares * rates) / np.sum(shares))


def _passage_rate(mean: float, sigma: float, threshold: float, reset: float, tau: float, tau_ref: float) -> float:
    """Return Siegert's rate, 1/ms, of a membrane with this mean and noise, sigma the root of 2 deviations of V."""
    from scipy.integrate import quad
    from scipy.special import erfcx

    low, high = (reset - mean) / sigma, (threshold - mean) / sigma
    if high > 25:
        return 0.0
    integral, _ = quad(lambda x: erfcx(-x), max(low, -1e3), high, limit=200)
    return float(1 / (tau_ref + tau * np.sqrt(np.pi) * integral))
