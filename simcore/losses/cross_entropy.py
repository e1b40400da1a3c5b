"""Cross-entropy of labels: the output neuron of a label is to spike most, or to have the largest V."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from ..units import OneQuantity, Quantities
from .arrays import Array, as_array, as_raster, positive, with_axes


def cross_entropy_rate(spikes: ArrayLike, labels: ArrayLike) -> Array:
    r"""Return the mean cross-entropy between the labels and the spikes of each step; snnTorch's ce_rate_loss.

    .. math:: -\frac{1}{T} \sum_k \log \frac{e^{s_{k, label}}}{\sum_n e^{s_{k, n}}}

    The neuron of the label is to spike in every step and the others in none.

    Args:
        spikes: raster, (T, ..., N), with one neuron for each label.
        labels: whole numbers from 0 to N - 1, (...): without a batch one number.

    Returns:
        One number, the mean over the batch.

    Raises:
        TypeError: labels are no whole numbers.
        ValueError: a label is no neuron (nan, if it is traced), or shapes do not fit.

    Reference: Eshraghian et al. (2023), Training spiking neural networks using lessons from deep learning, Proceedings
    of the IEEE 111(9), 1016-1054.
    """
    s = as_raster(spikes, "cross_entropy_rate: 'spikes'", axes=2)
    return _cross_entropy(s, _labels(labels, s.shape, "cross_entropy_rate"))


def cross_entropy_count(spikes: ArrayLike, labels: ArrayLike) -> Array:
    r"""Return the mean cross-entropy between the labels and the numbers of spikes; snnTorch's ce_count_loss.

    .. math:: -\log \frac{e^{c_{label}}}{\sum_n e^{c_n}}, \qquad c_n = \sum_k s_{k, n}

    Args:
        spikes: raster, (T, ..., N), with one neuron for each label.
        labels: whole numbers from 0 to N - 1, (...): without a batch one number.

    Returns:
        One number, the mean over the batch.

    Raises:
        TypeError, ValueError: as `cross_entropy_rate`.

    Reference: Eshraghian et al. (2023), Proceedings of the IEEE 111(9), 1016-1054.
    """
    s = as_raster(spikes, "cross_entropy_count: 'spikes'", axes=2)
    return _cross_entropy(s.sum(0), _labels(labels, s.shape, "cross_entropy_count"))


def cross_entropy_max(V: Quantities, labels: ArrayLike, *, scale: OneQuantity) -> Array:
    r"""Return the mean cross-entropy between the labels and the largest V; snnTorch's ce_max_membrane_loss.

    .. math:: -\log \frac{e^{v_{label}}}{\sum_n e^{v_n}}, \qquad v_n = \max_k V_{k, n} / scale

    Of a readout without spikes; a common shift of V changes nothing.

    Args:
        V: voltage, (T, ..., N), with one neuron for each label.
        labels: whole numbers from 0 to N - 1, (...): without a batch one number.
        scale: voltage > 0, a difference that makes one label e times as likely as another.

    Returns:
        One number, the mean over the batch.

    Raises:
        DimensionalityError: V or scale is no voltage.
        TypeError, ValueError: as `cross_entropy_rate`; scale is not > 0.

    Reference: Neftci, Mostafa, Zenke (2019), Surrogate gradient learning in spiking neural networks, IEEE Signal
    Processing Magazine 36(6), 51-63.
    """
    voltage = with_axes(as_array(V, "mV", "cross_entropy_max: 'V'"), "cross_entropy_max: 'V'", axes=2)
    largest = voltage.max(0) / positive(scale, "mV", "cross_entropy_max: 'scale'")
    return _cross_entropy(largest, _labels(labels, voltage.shape, "cross_entropy_max"))


def _labels(labels: Any, shape: tuple[int, ...], who: str) -> Array:
    """Return the labels of a raster or trace of this shape."""
    array = labels if isinstance(labels, jax.Array) else np.asarray(labels)
    if not jnp.issubdtype(array.dtype, jnp.integer):
        raise TypeError(f"{who}: 'labels' must be whole numbers, got {array.dtype.name}.")
    if array.shape != shape[1:-1]:
        raise ValueError(f"{who}: 'labels' must have the shape {shape[1:-1]}, got {array.shape}.")
    if not isinstance(array, jax.core.Tracer) and not np.isin(array, range(shape[-1])).all():
        raise ValueError(f"{who}: 'labels' must be from 0 to {shape[-1] - 1}, one for each of {shape[-1]} neurons.")
    return array


def _cross_entropy(x: Array, labels: Array) -> Array:
    """Return the mean of -log softmax(x)[label] over all axes but the last; nan for a label that is no neuron."""
    labels = jnp.broadcast_to(jnp.where(labels < 0, x.shape[-1], labels), x.shape[:-1])
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(x), labels[..., None], -1, mode="fill"))
