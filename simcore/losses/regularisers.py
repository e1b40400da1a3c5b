"""Regularisers: rates and voltages within a band, few spikes."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from .. import units
from ..units import OneQuantity, Quantities
from .arrays import Array, as_array, as_raster, fitting, positive, rates_of, with_axes


def rate_band(spikes: ArrayLike, *, low: Quantities, high: Quantities, scale: OneQuantity, dt: OneQuantity) -> Array:
    r"""Return the mean square of what the rates are outside of a band, a regulariser.

    .. math:: \langle \max(0, low - r)^2 + \max(0, r - high)^2 \rangle / scale^2, \qquad r = \frac{1}{T dt} \sum_k s_k

    Args:
        spikes: raster, (T, ...); ``spikes.mean(axis=1)`` for the mean rates over a batch.
        low, high: rates.
        scale: rate > 0.
        dt: the time step.

    Returns:
        One number, the mean over batch and neurons.

    Raises:
        DimensionalityError: low, high or scale is no rate, dt no time.
        ValueError: low is above high; shapes do not fit; scale or dt is not > 0.

    Reference: Zenke, Vogels (2021), The remarkable robustness of surrogate gradient learning for instilling complex
    function in spiking neural networks, Neural Computation 33(4), 899-925.
    """
    return _outside(rates_of(spikes, dt, "rate_band"), low, high, scale, "Hz", "rate_band")


def voltage_band(V: Quantities, *, low: Quantities, high: Quantities, scale: OneQuantity) -> Array:
    r"""Return the mean square of what V is outside of a band, a regulariser.

    .. math:: \langle \max(0, low - V)^2 + \max(0, V - high)^2 \rangle / scale^2

    Args:
        V: voltage, (T, ...).
        low, high: voltages.
        scale: voltage > 0.

    Returns:
        One number, the mean over times, batch and neurons.

    Raises:
        DimensionalityError: one of them is no voltage.
        ValueError: low is above high; shapes do not fit; scale is not > 0.
    """
    V = with_axes(as_array(V, "mV", "voltage_band: 'V'"), "voltage_band: 'V'")
    return _outside(V, low, high, scale, "mV", "voltage_band")


def sparsity(spikes: ArrayLike) -> Array:
    """Return the mean number of spikes of a neuron, a regulariser; as snnTorch's l1_rate_sparsity, which is the sum.

    Args:
        spikes: raster, (T, ...).

    Returns:
        One number, the mean over batch and neurons of the number in all T steps.

    Raises:
        DimensionalityError: spikes carry a unit.
    """
    return jnp.mean(as_raster(spikes, "sparsity: 'spikes'").sum(0))


def _outside(x: Array, low: Any, high: Any, scale: Any, text: str, who: str) -> Array:
    """Return the mean square of what x, in the unit `text`, is outside of a band."""
    least, most = (fitting(units.as_magnitude(q, text, f"{who}: {name!r}"), x.shape, f"{who}: {name!r}")
                   for q, name in ((low, "low"), (high, "high")))  # fmt: skip
    if np.any(least > most):
        raise ValueError(f"{who}: 'low', {units.show(low)}, is above 'high', {units.show(high)}.")
    outside = jnp.maximum(0.0, least - x) + jnp.maximum(0.0, x - most)
    return jnp.mean((outside / positive(scale, text, f"{who}: 'scale'")) ** 2)
