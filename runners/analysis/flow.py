"""The equations of one neuron as a function of a vector of its states, and Newton's method on it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pint

from simcore import units
from simcore.bases.dynamics import Dynamics
from simcore.module.parameters import did_you_mean
from simcore.module.structure import Structure, clone
from simcore.step.rates import Arguments, RateFunction, rates_at

Box = dict[str, tuple[float, float]]  # the range of a state, by path, in its kernel unit
INPUT = "inputs"
ROWS = 256  # that are evaluated at once: one program for all numbers of points, and one for a single point
ITERATIONS = 100
STRIDE = 0.2  # of the range of a state: the longest step of Newton's method, which would leave a curved nullcline


class Flow:
    """The rates of the states of one neuron, for values z of them (N, n), floats in kernel units.

    Args:
        who: the function it is for, in messages.
        model: of one neuron; it does not change.
        inputs: to its update(), quantities.
        fixed: the values of states that are held, quantities by name; all others move.
        over: what varies besides the states: the path of a parameter, "inputs" or "inputs.NAME"; None: nothing.

    Raises:
        TypeError: the model is none with integrated states, or needs other inputs.
        ValueError: it has more than one neuron; there is no such state or parameter.
        DimensionalityError: a value has another dimension.
    """

    def __init__(
        self, who: str, model: Any, inputs: Any = None, fixed: Mapping[str, Any] | None = None, over: str | None = None
    ) -> None:
        if not isinstance(model, Dynamics):
            raise TypeError(f"{who} needs a model whose states are integrated, such as sc.models.HH(1), got {model!r}.")
        if model.size != 1:
            raise ValueError(f"{who} is about one neuron, {model.name} has {model.size}: make it with in_size 1.")
        self.who, self.model, self.over = who, model, over
        self.function = RateFunction(model, inputs)
        if any(np.size(v) != 1 for v in jax.tree.leaves(self.function.arguments[2])):
            raise ValueError(f"{who} is about one neuron, and takes one value of an input, got {inputs!r}.")
        if model.batch_size() is not None:
            raise ValueError(f"{who} is about one neuron, the states of {model.name} have a batch axis: reset_state().")
        self.structure = model.structure()
        self._units: dict[str, str] = {}
        self.held = {name: self._one(name, value) for name, value in (fixed or {}).items()}
        params, states, x, clock = self.function.arguments
        held = {name: np.full_like(states[name], value) for name, value in self.held.items()}
        self.names = tuple(name for name in self.function.shapes if name not in self.held)
        if not self.names:
            raise ValueError(
                f"{who}: all states of {model.name}, {', '.join(self.held)}, are fixed; leave one to move."
            )
        with jax.enable_x64(True):  # on the device once
            self._arguments: Arguments = jax.device_put((params, states | held, x, clock))

    def values(self, name: str, value: Any) -> np.ndarray:
        """Return values of a state as floats in its kernel unit."""
        return self.function.read(name, value, f"{self.who}: {self.model.name}")

    def _one(self, name: str, value: Any) -> float:
        values = self.values(name, value)
        if values.size != 1:
            raise ValueError(f"{self.who}: {name!r} must be fixed at one value, got {units.show(value)}.")
        return values.item()

    def unit(self, name: str) -> str:
        """Return the unit in which a state is shown: that of its range, else that which it is declared in."""
        return self._units.get(name, self.function.states[name].unit)

    def start(self) -> np.ndarray:
        """Return the present values of the states that move, (n,)."""
        return np.array([np.asarray(self._arguments[1][name]).item() for name in self.names])

    def box(self, what: str, ranges: Any) -> Box:
        """Return the ranges of states as floats; each must be two values that rise. They are shown in these units."""
        if not isinstance(ranges, Mapping) or not ranges:
            example = "{" + f"{self.names[0]!r}: (..., ...) * {self.unit(self.names[0])}" + "}"
            raise ValueError(f"{self.who}: {what!r} needs the range of one state at least, {example}, got {ranges!r}.")
        box = {name: rising(f"{self.who}: the range of {name!r}", self.values(name, ends))
               for name, ends in ranges.items()}  # fmt: skip
        for name, ends in ranges.items():
            ends = units.read(ends, name)
            self._units |= {name: units.unit_of(ends)} if isinstance(ends, pint.Quantity) else {}
            if name not in self.names:
                raise ValueError(f"{self.who}: {name!r} has a range, and is fixed or not integrated; those that move "
                                 f"are {', '.join(self.names)}.")  # fmt: skip
        return box

    def scale(self, box: Box) -> np.ndarray:
        """Return the widths of the ranges of the states, (n,); inf of those without."""
        return np.array([np.ptp(box[name]) if name in box else np.inf for name in self.names])

    def __call__(self, z: np.ndarray, p: Any = 0.0) -> np.ndarray:
        """Return the rates, (N, n), for states z (N, n) and the value p, one or (N,), of what varies."""
        return self._evaluated(z, p, False)

    def linear(self, z: np.ndarray, p: Any = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the rates (N, n), their derivatives by the states (N, n, n), and by what varies (N, n)."""
        return self._evaluated(z, p, True)

    def _evaluated(self, z: np.ndarray, p: Any, derivatives: bool) -> Any:
        n, rows = len(z), 1 if len(z) == 1 else ROWS
        padded = -(-n // rows) * rows
        z = np.resize(z, (padded, z.shape[1])).reshape(-1, rows, z.shape[1])
        p = np.resize(np.broadcast_to(np.asarray(p, float), n), padded).reshape(-1, rows)
        with jax.enable_x64(True):
            found = [_system(self.structure, self.names, self.over, derivatives, self._arguments, *part)
                     for part in zip(z, p, strict=True)]  # fmt: skip
        return jax.tree.map(lambda *parts: np.concatenate(parts)[:n], *found)

    def equilibria(self, z: np.ndarray, scale: np.ndarray, p: Any = 0.0) -> np.ndarray:
        """Return the points, (M, n), to which Newton's method converges from starts z (N, n).

        Args:
            z: starts.
            scale: of the states, (n,): no step is longer than a fifth of it; inf for no bound.
            p: the value of what varies.
        """
        size, reached = np.where(np.isfinite(scale), scale, 1.0), []
        for _ in range(ITERATIONS):
            if not len(z):
                break
            f, J, _ = self.linear(z, p)
            step = solved(J, f)
            step /= np.maximum(np.max(np.abs(step) / scale, axis=1, keepdims=True) / STRIDE, 1.0)
            z = z - step
            done = np.all(np.abs(step) <= 1e-11 * np.maximum(size, np.abs(z)), axis=1)
            reached.append(z[done])
            z = z[~done & np.isfinite(z).all(axis=1)]
        return np.concatenate([np.zeros((0, len(self.names))), *reached])


def solved(J: np.ndarray, f: np.ndarray) -> np.ndarray:
    """Return the solutions of J x = f for each of N, (N, n); nan where J is singular."""
    bad = ~np.isfinite(J).all(axis=(1, 2)) | ~np.isfinite(f).all(axis=1)
    J, f = np.where(bad[:, None, None], np.eye(J.shape[1]), J), np.where(bad[:, None], np.nan, f)
    with np.errstate(all="ignore"):
        try:
            return np.linalg.solve(J, f[..., None])[..., 0]
        except np.linalg.LinAlgError:  # one of them is exactly singular
            return np.stack([_solution(a, b) for a, b in zip(J, f, strict=True)])


def _solution(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the solution of a x = b of least length."""
    return np.linalg.lstsq(a, b)[0] if np.isfinite(b).all() else b


def rising(who: str, ends: np.ndarray) -> tuple[float, float]:
    """Return two values that rise.

    Raises:
        ValueError: they are not two, or do not.
    """
    if ends.shape != (2,) or not ends[0] < ends[1]:
        raise ValueError(f"{who} must be two values, the first one lower, got {ends.tolist()}.")
    return float(ends[0]), float(ends[1])


@functools.partial(jax.jit, static_argnums=(0, 1, 2, 3))
def _system(
    structure: Structure, names: tuple[str, ...], over: str | None, derivatives: bool, arguments: Arguments, z: Any,
    p: Any,
) -> Any:  # fmt: skip
    def f(z: Any, p: Any) -> Any:
        params, states, x, clock = arguments
        states = states | {name: jnp.full_like(states[name], z[k]) for k, name in enumerate(names)}
        if over == INPUT:
            x = p
        elif over is not None and over.startswith(INPUT + "."):
            x = x | {over.removeprefix(INPUT + "."): p}
        elif over is not None:
            params = params | {over: jnp.full_like(params[over], p)}
        rates = rates_at(structure.model, params, states, x, clock)
        return jnp.concatenate([rates[name].reshape(1) for name in names])

    if not derivatives:
        return jax.vmap(f)(z, p)
    J, by_p = jax.vmap(jax.jacfwd(f, argnums=(0, 1)))(z, p)
    return jax.vmap(f)(z, p), J, by_p


class Varied:
    """What a bifurcation diagram, or a curve, is over: one input or parameter, its unit and its range.

    Args:
        who: the function it is for, in messages.
        model: whose it is.
        over: {"inputs": (low, high)}, {"inputs.NAME": ...} or {"PATH of a parameter": ...}, quantities.
        inputs: to update(), without the one that varies.
    """

    def __init__(self, who: str, model: Any, over: Any, inputs: Any) -> None:
        if not isinstance(over, Mapping) or len(over) != 1:
            raise ValueError(
                f"{who}: 'over' must be one name and its range, {{'inputs': (0, 300) * pA}}, got {over!r}."
            )
        (self.name, ends), self.inputs = next(iter(over.items())), inputs
        self.is_input = self.name == INPUT or self.name.startswith(INPUT + ".")
        if self.is_input:
            ends = units.read(ends, f"{who}: {self.name!r}")
            self.unit = units.unit_of(ends) if isinstance(ends, pint.Quantity) else "dimensionless"
            zero: Any = units.attach(0.0, self.unit) if self.unit != "dimensionless" else 0.0
            self.inputs = zero if self.name == INPUT else {**(inputs or {}), self.name.removeprefix(INPUT + "."): zero}
        else:
            params = model.params()
            if self.name not in params:
                raise ValueError(f"{who}: {model.name} has no parameter {self.name!r}"
                                 f"{did_you_mean(self.name, [INPUT, *params])} It has {', '.join(params)}; its input "
                                 "is 'inputs'.")  # fmt: skip
            self.unit = units.unit_of(params[self.name])
        at_range = f"{who}: the range of {self.name!r}"
        self.low, self.high = rising(at_range, np.asarray(units.to_kernel(ends, self.unit, at_range), float))
        if not self.is_input:  # the ends must be allowed
            for end in (self.low, self.high):
                clone(model).load_float_params({self.name: end / units.kernel_factor(self.unit)})
