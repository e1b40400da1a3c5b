"""Initializers: values for a shape, with a unit.

An initializer is called with a shape and returns a quantity (or pure numbers). Drawn with numpy's PCG64: the same
seed gives the same values on every device, in float32 and float64. What a model draws depends on the seed (without one
here, that of the network), on its path, and on what it is for: one seed may serve for everything.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pint

from . import units
from .for_rate import ForRate as ForRate
from .module.seeds import Drawn
from .units import OneQuantity, Quantities, ValueLike

# Values out of bounds are drawn again this many times, then from the distribution function.
MAX_REDRAWS = 20

Shape = int | tuple[int, ...]


def _shape(shape: Shape) -> tuple[int, ...]:
    return (int(shape),) if np.ndim(shape) == 0 else tuple(shape)  # type: ignore[arg-type]


def _split(who: str, **values: Any) -> tuple[list[float], str | None]:
    """Return the magnitudes of all values in the unit of the first quantity, and that unit (None for numbers)."""
    read = {k: units.read(v, f"{who}: {k!r}") for k, v in values.items()}
    first = next((v for v in read.values() if isinstance(v, pint.Quantity)), None)
    if first is None:
        return [float(v) for v in read.values()], None
    unit = units.unit_of(first)
    # A bound may be inf.
    return [float(units.as_magnitude(v, unit, f"{who}: {k!r}", finite=False)) for k, v in read.items()], unit


def _attach(values: np.ndarray, unit: str | None) -> Any:
    return values if unit is None else units.attach(values, unit)


@dataclasses.dataclass(frozen=True)
class Constant:
    """The same value (number, quantity or array) everywhere."""

    value: ValueLike

    def __call__(self, shape: Shape) -> Any:
        return param(self.value, shape)


class OneInit(Constant):
    """`Constant` with the default 1."""

    def __init__(self, value: ValueLike = 1.0) -> None:
        super().__init__(value)


class ZeroInit(Constant):
    """0 of a unit, e.g. ``ZeroInit("mV")``; pure 0 without one."""

    def __init__(self, unit: str = "dimensionless") -> None:
        super().__init__(units.attach(0.0, unit) if unit != "dimensionless" else 0.0)


@dataclasses.dataclass(frozen=True)
class Normal(Drawn):
    """Normal distribution with the given mean and standard deviation."""

    mean: OneQuantity | float = 0.0
    std: OneQuantity | float = 1.0
    _: dataclasses.KW_ONLY
    seed: int | None = None

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Any:
        (mean, std), unit = _split("Normal", mean=self.mean, std=self.std)
        return _attach(rng.normal(mean, std, shape), unit)


@dataclasses.dataclass(frozen=True)
class Uniform(Drawn):
    """Uniform distribution from `low` (included) to `high` (not included)."""

    low: OneQuantity | float = 0.0
    high: OneQuantity | float = 1.0
    _: dataclasses.KW_ONLY
    seed: int | None = None

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Any:
        (low, high), unit = _split("Uniform", low=self.low, high=self.high)
        return _attach(rng.uniform(low, high, shape), unit)


@dataclasses.dataclass(frozen=True)
class TruncatedNormal(Drawn):
    """Normal distribution, redrawn outside [low, high]."""

    mean: OneQuantity | float
    std: OneQuantity | float
    low: OneQuantity | float
    high: OneQuantity | float
    _: dataclasses.KW_ONLY
    seed: int | None = None

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Any:
        arguments = {"mean": self.mean, "std": self.std, "low": self.low, "high": self.high}
        (mean, std, low, high), unit = _split("TruncatedNormal", **arguments)
        if not low < high:
            raise ValueError(f"TruncatedNormal needs low < high, got {self.low} and {self.high}.")
        values = np.asarray(rng.normal(mean, std, shape))
        for _ in range(MAX_REDRAWS):
            out = (values < low) | (values > high)
            if not out.any():
                return _attach(values, unit)
            values[out] = rng.normal(mean, std, int(out.sum()))
        from scipy.stats import truncnorm  # slower, but right where hardly a value lies within the bounds

        out = (values < low) | (values > high)
        a, b = (low - mean) / std, (high - mean) / std
        values[out] = truncnorm.rvs(a, b, mean, std, size=int(out.sum()), random_state=rng)
        return _attach(values, unit)


@dataclasses.dataclass(frozen=True)
class _Scaled(Drawn):
    """Weights (..., in, out) with the variance gain / fan, in the unit of `scale`."""

    scale: Any = 1.0
    _: dataclasses.KW_ONLY
    seed: int | None = None
    gain = 1.0
    fan = "in"
    uniform = False

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Any:
        n_in, n_out = _fans(shape)
        std = np.sqrt(self.gain / {"in": n_in, "average": (n_in + n_out) / 2}[self.fan])
        if self.uniform:
            draw = rng.uniform(-np.sqrt(3) * std, np.sqrt(3) * std, shape)
        else:
            draw = rng.normal(0.0, std, shape)
        return draw * self.scale


def _fans(shape: tuple[int, ...]) -> tuple[int, int]:
    if len(shape) < 2:
        raise ValueError(f"this initializer is for weights (..., in, out); it was given the shape {shape}.")
    receptive = int(np.prod(shape[:-2]))
    return receptive * shape[-2], receptive * shape[-1]


class KaimingNormal(_Scaled):
    """Variance 2 / fan_in. He et al. (2015), ICCV, 1026-1034."""

    gain = 2.0


class KaimingUniform(KaimingNormal):
    """Uniform with the variance of `KaimingNormal`."""

    uniform = True


class XavierNormal(_Scaled):
    """Variance 2 / (fan_in + fan_out). Glorot and Bengio (2010), AISTATS, 249-256."""

    fan = "average"


class XavierUniform(XavierNormal):
    """Uniform with the variance of `XavierNormal`."""

    uniform = True


class LecunNormal(_Scaled):
    """Variance 1 / fan_in. LeCun et al. (1998), Efficient BackProp."""


class LecunUniform(LecunNormal):
    """Uniform with the variance of `LecunNormal`."""

    uniform = True


@dataclasses.dataclass(frozen=True)
class Orthogonal(Drawn):
    """Orthonormal rows or columns (whichever are fewer). Saxe et al. (2014), ICLR."""

    scale: Any = 1.0
    _: dataclasses.KW_ONLY
    seed: int | None = None

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Any:
        _fans(shape)
        rows, columns = int(np.prod(shape[:-1])), shape[-1]
        draw = rng.normal(size=(max(rows, columns), min(rows, columns)))
        q, r = np.linalg.qr(draw)
        q = q * np.sign(np.diag(r))  # uniform over the orthogonal matrices
        return (q if rows >= columns else q.T).reshape(shape) * self.scale


@dataclasses.dataclass(frozen=True)
class OfDistance:
    """Weights or delays of a projection as a function of the distance between the two neurons.

    ``weight=OfDistance(lambda d: 2 * nS * np.exp(-d / (100 * um)))``, with a velocity
    ``delay=OfDistance(lambda d: 1 * ms + d / (300 * um / ms))``.

    Args:
        function: takes the distances (n,), a quantity in um, and returns a quantity (n,).
        period: the size of a box with periodic boundaries, one length or one per coordinate; by default that of the
            rule by which the neurons are connected.
    """

    function: Callable[[pint.Quantity], Any]
    period: Quantities | None = None

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise TypeError(f"OfDistance needs a function of distances, got {self.function!r}.")

    def __call__(self, shape: Shape) -> Any:
        raise TypeError("OfDistance is for the weights and delays of a projection; here there is no distance.")

    def of(self, distances: np.ndarray) -> Any:
        """Return the values for distances in um."""
        return self.function(units.attach(distances, "um"))


def param(value: ValueLike | Callable[[Any], Any] | None, shape: Shape, batch_size: int | None = None) -> Any:
    """Return `value`, a quantity, array or initializer, for the given shape (with a leading batch axis).

    None stays None.

    Args:
        value: what is given.
        shape: of the result, without the batch.
        batch_size: how many of that shape; None for one without the axis.

    Raises:
        ValueError: the value does not broadcast to the shape.
    """
    full = _shape(shape) if batch_size is None else (batch_size, *_shape(shape))
    value = units.read(value, "init.param")
    if value is None:
        return None
    if callable(value):
        return value(full)
    if isinstance(value, pint.Quantity):
        return type(value)(_spread(value.magnitude, full), value.units)
    return _spread(value, full)


def _spread(magnitude: Any, shape: tuple[int, ...]) -> np.ndarray:
    try:
        return np.broadcast_to(magnitude, shape).astype(float)
    except ValueError as err:
        raise ValueError(f"a value of the shape {np.shape(magnitude)} does not broadcast to {shape}.") from err
