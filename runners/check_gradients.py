"""Why does it not learn? Derivatives of a loss by each parameter: their size, zeros, and the slope of the loss."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from .explain import Explanation

MANY = 0.5  # share of zeros from which on a parameter is said to be hardly reached
APART = 1e4  # ratio of relative sizes between parameters from which on small ones are said to vanish
AGREE = 0.05  # relative deviation up to which slopes are said to be the same


@dataclasses.dataclass(frozen=True)
class Slopes:
    """Derivatives of a loss by one parameter.

    Attributes:
        size: the root of their mean square.
        relative: `size` by that of the values: how fast a gradient step changes them.
        zeros: the share of values whose derivative is 0.
        along: the derivative along a direction drawn at random.
        difference: the slope of the loss along it, by differences; nan where the loss is no smooth function.
    """

    size: float
    relative: float
    zeros: float
    along: float
    difference: float


class GradientReport(Explanation):
    """A text that shows itself; `by_name` has the numbers, `Slopes` by parameter."""

    by_name: dict[str, Slopes]


def check_gradients(loss: Callable[[dict[str, Any]], Any], params: dict[str, Any], *, seed: int = 0) -> GradientReport:
    """Return why a model learns, or does not: for each parameter what its derivatives are.

    ``sc.check_gradients(lambda p: loss(run(p)[0]), weights)``. For each parameter: how large its derivatives are beside
    its values, how many are 0, and whether they are the slope of the loss, which is found by differences of a hundredth
    and of half of that along a direction drawn at random. A loss of spikes jumps: there the derivatives are those of
    surrogates, and differ from any slope.

    Args:
        loss: a function of parameters that `jax.grad` takes, with one number as its value.
        params: arrays by name, e.g. some of ``model.float_params()`` or ``model.trainable(...).start``.
        seed: of the directions.

    Raises:
        ValueError: the loss is no single number.
    """
    shape = np.shape(jax.eval_shape(loss, params))
    if shape:
        raise ValueError(f"check_gradients: the loss must be one number, it is an array of the shape {shape}.")
    value, grads = jax.jit(jax.value_and_grad(loss))(params)
    compiled, rng = jax.jit(loss), np.random.default_rng(seed)
    found: dict[str, Slopes] = {}
    for name, array in params.items():
        p, g = np.asarray(array, float), np.asarray(grads[name], float)
        size, way = _size(p) or 1.0, np.asarray(rng.normal(size=p.shape))
        way *= size / (_size(way) or 1.0)
        wide, narrow = (_slope(compiled, params, name, way, step) for step in (1e-2, 5e-3))
        is_smooth = abs(wide - narrow) <= AGREE * abs(narrow) and narrow != 0
        with np.errstate(invalid="ignore"):
            along = float(np.sum(g * way))
        found[name] = Slopes(_size(g), _size(g) / size, float(np.mean(g == 0)), along, narrow if is_smooth else np.nan)
    report = GradientReport("\n".join([f"loss {float(value):.6g}", *_lines(found, float(value))]))
    report.by_name = found
    return report


def _slope(loss: Callable[[Any], Any], params: dict[str, Any], name: str, way: np.ndarray, step: float) -> float:
    """Return the slope of a loss along a way of one parameter, by the difference over a step on both sides."""
    array = np.asarray(params[name])
    ends = [float(loss(params | {name: (array + s * step * way).astype(array.dtype)})) for s in (1, -1)]
    return (ends[0] - ends[1]) / (2 * step)


def _size(x: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(x)))) if x.size else 0.0


def _lines(found: dict[str, Slopes], value: float) -> list[str]:
    """Return a line for each parameter, and what there is to do."""
    width = max(map(len, found), default=0)
    relative = [s.relative for s in found.values() if np.isfinite(s.relative) and s.relative]
    largest = max(relative, default=0.0)
    lines = []
    for name, s in found.items():
        notes = []
        if not np.isfinite(s.size):
            notes.append("NOT FINITE: the run overflows; look for exp of large values, divisions by 0, a dt too large")
        elif s.zeros == 1:
            notes.append("NO DERIVATIVE: nothing of the loss follows from it; is it in the run, do its neurons come "
                         "near their threshold (explain_silence), is the surrogate too narrow?")  # fmt: skip
        else:
            if s.zeros > MANY:
                notes.append("most are 0: few neurons come within the width of the surrogate; widen it, or drive more")
            if s.relative * APART < largest:
                notes.append(f"VANISHES: {largest / s.relative:.0e} times smaller beside its values than the largest")
        if not np.isfinite(s.size):
            slope = ""
        elif np.isnan(s.difference):
            slope = "the loss jumps or is flat along it: surrogate"
        elif abs(s.along - s.difference) <= AGREE * abs(s.difference):
            slope = "slope of the loss: the same"
        else:
            slope = f"slope of the loss: {s.difference:.3g}, by derivatives {s.along:.3g}"
        text = f"{name:{width}}  size {s.size:.2e}, {s.relative:.2e} of the values, {s.zeros:.0%} zeros"
        lines += [f"{text}; {slope}".rstrip("; "), *(f"{'':{width}}  {note}" for note in notes)]
    if not np.isfinite(value):
        lines.append("The loss itself is not finite.")
    return lines
