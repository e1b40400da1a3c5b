"""How far spike trains are from recorded ones."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from .. import units
from ..units import OneQuantity, Quantities
from ..units.clock import n_steps, rounded_steps, spike_trains, time_step
from .arrays import Array, as_raster, as_target, fitting, positive, with_axes


def van_rossum(spikes: ArrayLike, target: ArrayLike, *, tau: OneQuantity, dt: OneQuantity) -> Array:
    r"""Return the mean square of van Rossum's distance between spike trains.

    .. math:: D^2 = \frac{1}{\tau} \int_0^\infty (f(t) - g(t))^2 \, dt,
        \qquad f(t) = \sum_{t_i < t} e^{-(t - t_i) / \tau}

    In the paper's normalisation one spike too many or missing adds 1/2, one at quite another time 1. It is exact for
    spikes on the grid. elephant's van_rossum_distance is the root of 2 D².

    Args:
        spikes: raster, (T, ...).
        target: raster, with as many axes, each as long as in spikes or 1; of recorded times see `raster`.
        tau: time constant > 0: short ones compare times, those longer than the train numbers of spikes.
        dt: the time step of both.

    Returns:
        One number, the mean over batch and neurons.

    Raises:
        DimensionalityError: tau or dt is no time.
        ValueError: shapes do not fit; tau or dt is not > 0.

    Reference: van Rossum (2001), A novel spike distance, Neural Computation 13(4), 751-763.
    """
    s = as_raster(spikes, "van_rossum: 'spikes'")
    wanted = as_target(target, "dimensionless", s.shape, "van_rossum: 'target'")
    leak = -math.expm1(-time_step(dt, "van_rossum") / positive(tau, "ms", "van_rossum: 'tau'"))

    # The product of two kernels that begin a time s apart has the integral tau/2 exp(-s / tau): D² is half of the sum
    # of e_i e_j exp(-|t_i - t_j| / tau) over all pairs of steps, where e is the difference of the rasters.
    def add(carry: tuple[Array, Array], e: Array) -> tuple[tuple[Array, Array], None]:
        f_minus_g, D2 = carry
        f_minus_g = f_minus_g - leak * f_minus_g + e  # in float32 1 - leak would lose digits
        return (f_minus_g, D2 + e * (f_minus_g - e / 2)), None

    e = s - wanted
    zeros = jnp.zeros_like(e[0])
    return jnp.mean(jax.lax.scan(add, (zeros, zeros), e)[0][1])


def coincidence_factor(
    spikes: ArrayLike,
    target: ArrayLike,
    *,
    precision: OneQuantity,
    dt: OneQuantity,
    rate: str = "data",
    one_to_one: bool = True,
    rate_correction: bool = False,
) -> np.ndarray:
    r"""Return the coincidence factor of each spike train: 1 where both agree, 0 where they do so by chance.

    .. math:: \Gamma = \frac{N_{coinc} - 2 \nu \Delta N_{data}}{(N_{data} + N_{model}) / 2}
        \, \frac{1}{1 - 2 \nu \Delta}

    It has no derivative: it is for recorded spikes, outside of jit and grad. As a loss take ``1 - factor.mean()``.

    Args:
        spikes: raster of the model, (T, ...).
        target: raster of the data, with as many axes, each as long as in spikes or 1; of recorded times see `raster`.
        precision: Δ, time, whole steps: spikes that far apart at most coincide; 2 to 4 ms are usual.
        dt: the time step of both.
        rate: ν, that of the "data", so that models are compared by one measure, or of the "model".
        one_to_one: each spike coincides with one spike at most, and Γ ≤ 1. Else each spike of the data counts that has
            one of the model near, as in brian2modelfitting.
        rate_correction: take ``2 |r_model - r_data| / r_data`` away, so that wrong rates cost.

    Returns:
        One number a train, (...); nan where there is no spike at all, or where 2 ν Δ is 1 or more.

    Raises:
        TypeError: the spikes are traced.
        DimensionalityError: precision or dt is no time.
        ValueError: shapes do not fit; no raster of 0 and 1; precision is not in whole steps; unknown `rate`.

    Reference: Kistler, Gerstner, van Hemmen (1997), Reduction of the Hodgkin-Huxley equations to a single-variable
    threshold model, Neural Computation 9(5), 1015-1045. Jolivet, Rauch, Lüscher, Gerstner (2006), Journal of
    Computational Neuroscience 21, 35-49. The rate correction: Clopath, Jolivet, Rauch, Lüscher, Gerstner (2007),
    Neurocomputing 70, 1668-1673.
    """
    if rate not in ("data", "model"):
        raise ValueError(f"coincidence_factor: 'rate' must be 'data' or 'model', got {rate!r}.")
    model = _recorded(spikes, "coincidence_factor: 'spikes'")
    data = np.broadcast_to(_recorded(target, "coincidence_factor: 'target'", model.shape), model.shape)
    step = time_step(dt, "coincidence_factor")
    window = n_steps(precision, step, "coincidence_factor: 'precision'")
    trains = zip(*(x.reshape(len(x), -1).T for x in (model, data)), strict=True)
    found = [_coincidences(np.flatnonzero(m), np.flatnonzero(d), window, one_to_one) for m, d in trains]
    n, n_model, n_data = np.reshape(found, model.shape[1:]), model.sum(0), data.sum(0)
    by_chance = 2 * window * (n_data if rate == "data" else n_model) / len(model)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = (n - by_chance * n_data) / ((n_data + n_model) / 2) / (1 - by_chance)
        factor = np.where(by_chance < 1, factor, np.nan)
        return factor - 2 * np.abs(n_model - n_data) / n_data if rate_correction else factor


def raster(times: Quantities, indices: ArrayLike, size: int, *, duration: OneQuantity, dt: OneQuantity) -> np.ndarray:
    """Return recorded spikes as a raster, bools (T, size), such as a run of that duration has: a target for losses.

    Args:
        times: quantity, (n,), from the beginning of the run on; rounded to whole steps. A spike at t is that of the
            step ending at t.
        indices: whole numbers, (n,), which neuron.
        size: how many neurons.
        duration: of the run.
        dt: its time step.

    Raises:
        DimensionalityError: something is no time.
        ValueError: times and indices do not fit; a spike is outside of the run, or in the step of another one.
    """
    when, which = spike_trains(times, indices, size, "raster")
    step = time_step(dt, "raster")
    n = n_steps(duration, step, "raster: 'duration'")
    steps = rounded_steps(when, step)[0] - 1
    if np.any(outside := (steps < 0) | (steps >= n)):
        raise ValueError(f"raster: a spike at {when[outside][0]:.10g} ms is outside of the run, whose steps end at "
                         f"{step:.10g} to {n * step:.10g} ms.")  # fmt: skip
    spikes = np.zeros((n, size), bool)
    spikes[steps, which] = True
    if spikes.sum() < len(steps):
        raise ValueError(f"raster: two spikes of a neuron fall into one step of {step:.10g} ms; take a smaller 'dt'.")
    return spikes


def _recorded(spikes: Any, who: str, shape: tuple[int, ...] | None = None) -> np.ndarray:
    """Return a raster as bools on the host."""
    if isinstance(spikes, jax.core.Tracer):
        raise TypeError(f"{who} is traced, but the coincidence factor has no derivative: call it outside of jit and "
                        "grad; van_rossum has one.")  # fmt: skip
    array = with_axes(units.as_magnitude(spikes, "dimensionless", who), who)
    array = array if shape is None else fitting(array, shape, who)
    if not np.isin(array, (0, 1)).all():
        raise ValueError(f"{who} must be a raster of spikes, bools or 0 and 1.")
    return array.astype(bool)


def _coincidences(model: np.ndarray, data: np.ndarray, window: int, one_to_one: bool) -> int:
    """Return how many spikes of the data coincide with spikes of the model, both in steps, in order."""
    if not one_to_one:
        first, last = np.searchsorted(model, data - window), np.searchsorted(model, data + window, side="right")
        return int(np.sum(last > first))
    count = i = j = 0  # the first two that can form a pair do: no other choice makes more pairs
    while i < len(model) and j < len(data):
        match = abs(model[i] - data[j]) <= window
        count, i, j = count + match, i + (match or model[i] < data[j]), j + (match or model[i] >= data[j])
    return int(count)
