"""Mean squares of what voltages, rates and first spikes are off their targets."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import pint
from numpy.typing import ArrayLike

from .. import units
from ..units import DimensionalityError, OneQuantity, Quantities, ValueLike
from ..units.clock import n_steps, time_step
from .arrays import Array, as_array, as_raster, as_target, positive, rates_of, with_axes


def mean_square(
    trace: ValueLike,
    target: ValueLike,
    *,
    scale: OneQuantity,
    start: OneQuantity | None = None,
    dt: OneQuantity | None = None,
) -> Array:
    r"""Return the mean square of what a trace is off its target; of V, snnTorch's mse_membrane_loss.

    .. math:: \langle ((x - target) / scale)^2 \rangle

    Args:
        trace: a quantity, such as V, (T, ...).
        target: in the same dimension, one value, or an array with as many axes, each as long as in trace or 1.
        scale: in the same dimension, > 0.
        start: time, whole steps of dt: what is before counts not; by default all counts.
        dt: the time step of the trace; needed with start.

    Returns:
        One number, the mean over times, batch and neurons.

    Raises:
        DimensionalityError: dimensions differ, or something has no unit.
        ValueError: shapes do not fit; scale is not > 0; nothing is after start.
    """
    scale = units.read(scale, "mean_square: 'scale'", "mV")
    if not isinstance(scale, pint.Quantity):
        raise DimensionalityError(f"mean_square: 'scale' needs a quantity, such as 2 * mV, got {units.show(scale)}.")
    text = units.unit_of(scale)
    V = with_axes(as_array(trace, text, "mean_square: 'trace'"), "mean_square: 'trace'")
    wanted = as_target(target, text, V.shape, "mean_square: 'target'")
    deviation = (V - wanted) / positive(scale, text, "mean_square: 'scale'")
    first = 0 if start is None else n_steps(start, time_step(dt, "mean_square"), "mean_square: 'start'")
    if first >= len(V):
        raise ValueError(f"mean_square: nothing of the trace, {len(V)} steps, is after 'start', {first} steps.")
    return jnp.mean(deviation[first:] ** 2)


def mean_square_rate(spikes: ArrayLike, target: Quantities, *, scale: OneQuantity, dt: OneQuantity) -> Array:
    r"""Return the mean square of what the rates are off their targets; as snnTorch's mse_count_loss.

    .. math:: \langle ((r - target) / scale)^2 \rangle, \qquad r = \frac{1}{T dt} \sum_k s_k

    Args:
        spikes: raster, (T, ...).
        target: rate, one or (...); for labels ``jnp.where(jax.nn.one_hot(labels, 10), 80.0, 5.0) * Hz``.
        scale: rate > 0.
        dt: the time step.

    Returns:
        One number, the mean over batch and neurons.

    Raises:
        DimensionalityError: target or scale is no rate, dt no time.
        ValueError: shapes do not fit; scale or dt is not > 0.

    Reference: Shrestha, Orchard (2018), SLAYER: spike layer error reassignment in time, NeurIPS 31.
    """
    rates = rates_of(spikes, dt, "mean_square_rate")
    target = as_target(target, "Hz", rates.shape, "mean_square_rate: 'target'")
    return jnp.mean(((rates - target) / positive(scale, "Hz", "mean_square_rate: 'scale'")) ** 2)


def mean_square_first_spike(spikes: ArrayLike, target: Quantities, *, scale: OneQuantity, dt: OneQuantity) -> Array:
    r"""Return the mean square of what the first spikes are off their times; as snnTorch's mse_temporal_loss.

    .. math:: \langle ((t - target) / scale)^2 \rangle, \qquad t = dt \, (1 + \sum_k \prod_{j \le k} (1 - s_j))

    t is the end of the step of the first spike, counted from the beginning of the raster; one step after the raster
    where there is none. Its derivative to a spike is what t changes when this spike is added or taken away: of an
    earlier step it is minus the time between the two, of a later one 0. So silent neurons learn, too. (snnTorch takes
    -1 for the first spike and 0 for all else.)

    Args:
        spikes: raster, (T, ...).
        target: time, one or (...).
        scale: time > 0.
        dt: the time step.

    Returns:
        One number, the mean over batch and neurons.

    Raises:
        DimensionalityError: target, scale or dt is no time.
        ValueError: shapes do not fit; scale or dt is not > 0.
    """
    raster = as_raster(spikes, "mean_square_first_spike: 'spikes'")

    # A loop: the derivative of jnp.cumprod takes seconds to compile.
    def wait(carry: tuple[Array, Array], s: Array) -> tuple[tuple[Array, Array], None]:
        silent, steps = carry
        silent = silent * (1 - s)  # 1 until the first spike, then 0
        return (silent, steps + silent), None

    ones = jnp.ones_like(raster[0])
    first = time_step(dt, "mean_square_first_spike") * jax.lax.scan(wait, (ones, ones), raster)[0][1]
    wanted = as_target(target, "ms", first.shape, "mean_square_first_spike: 'target'")
    return jnp.mean(((first - wanted) / positive(scale, "ms", "mean_square_first_spike: 'scale'")) ** 2)
