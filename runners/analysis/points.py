"""Fixed points: where nothing moves, and what happens near them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pint

from simcore import units
from simcore.bases.dynamics import Dynamics
from simcore.step.rates import InputValue
from simcore.units import RangeLike, ValueLike

from .flow import Box, Flow

STARTS = 2000  # of Newton's method, at most
ALIKE = 1e-6  # of the ranges: points nearer than that are one
ZERO = 1e-9  # of the largest eigenvalue: real or imaginary parts below are none


class Points:
    """Points in the space of states; ``points.V`` and ``points["V"]`` are the values of V.

    Attributes:
        states: the values of each state by name, quantities (n,).
    """

    def __init__(self, states: dict[str, pint.Quantity]) -> None:
        self.states = states

    def __len__(self) -> int:
        return len(next(iter(self.states.values())))

    def __getitem__(self, name: str) -> pint.Quantity:
        if name not in self.states:
            raise KeyError(f"there is no state {name!r}; there is {', '.join(self.states)}.")
        return self.states[name]

    def __getattr__(self, name: str) -> pint.Quantity:
        if name.startswith("__") or name not in vars(self).get("states", {}):
            raise AttributeError(f"there is no state {name!r}; there is {', '.join(vars(self).get('states', {}))}.")
        return self.states[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.states]

    def row(self, k: int) -> str:
        """Return one of the points as text."""
        return ", ".join(f"{name} = {q[k]:.6g~P}".rstrip() for name, q in self.states.items())

    def __repr__(self) -> str:
        return "\n".join(map(self.row, range(len(self)))) or "none"


class FixedPoints(Points):
    """Fixed points.

    Attributes:
        states: the values of each state by name, quantities (n,); ``points.V`` is that of V.
        eigenvalues: of the Jacobian, (n, number of states), complex, 1/ms; the one that decides stability comes first.
        kind: "stable node", "unstable focus", "saddle", ..., (n,); see `kind_of`.
        stable: whether what is near goes there, bools (n,).
    """

    def __init__(self, states: dict[str, pint.Quantity], eigenvalues: pint.Quantity) -> None:
        super().__init__(states)
        self.eigenvalues = eigenvalues
        self.kind = np.array([kind_of(row) for row in eigenvalues.m], dtype="U16")
        self.stable = np.array([kind.startswith("stable") for kind in self.kind], dtype=bool)

    def row(self, k: int) -> str:
        """Return one of the points as text."""
        return f"{super().row(k)}: {self.kind[k]}"


def kind_of(eigenvalues: np.ndarray) -> str:
    """Return what a fixed point is by the eigenvalues of its Jacobian.

    All of one sign of their real parts: "stable" or "unstable", "focus" where the slowest (of an unstable one the
    fastest) turn, else "node". Of both signs: "saddle", "saddle-focus" where those that grow turn. "centre" where those
    that decide turn and neither grow nor decay, "degenerate" where one is 0: a bifurcation.
    """
    size = np.abs(eigenvalues).max()
    real = np.where(np.abs(eigenvalues.real) <= ZERO * size, 0.0, eigenvalues.real)
    leading = int(np.argmax(real))
    turns = abs(eigenvalues[leading].imag) > ZERO * size
    if real[leading] == 0:
        return "centre" if turns else "degenerate"
    if real[leading] < 0 or real.min() > 0:
        return f"{'stable' if real[leading] < 0 else 'unstable'} {'focus' if turns else 'node'}"
    return "saddle-focus" if turns else "saddle"


def leading_first(eigenvalues: np.ndarray) -> np.ndarray:
    """Return eigenvalues (..., n) with the largest real part first; of a pair the one that turns with time first."""
    keys = np.round(eigenvalues.real / np.abs(eigenvalues).max(axis=-1, keepdims=True).clip(1e-300), 12)
    order = np.lexsort((-eigenvalues.imag, -keys), axis=-1)
    return np.take_along_axis(eigenvalues, order, axis=-1)


def fixed_points(
    model: Dynamics,
    states: Mapping[str, RangeLike],
    *,
    inputs: InputValue = None,
    fixed: Mapping[str, ValueLike] | None = None,
) -> FixedPoints:
    """Return the fixed points of one neuron within ranges of its states.

    They are those of the equations between spikes (`rates` of the model): a threshold and a reset are left out.
    Newton's method starts at all points of a grid over the ranges; which of several that lie closer than its meshes
    are found is not certain. The values are right to all digits whatever the precision of runs is.

    Args:
        model: of one neuron, ``sc.models.MorrisLecar(1)``.
        states: ranges by name, ``{"V": (-80, 40) * mV}``. States without a range move too, are found from their present
            (at first their initial) values on, and may end anywhere.
        inputs: to its update(): a quantity, or a dict of them by name.
        fixed: values of states that are held, by name, ``{"z": 0.1}``.

    Raises:
        DimensionalityError: a value has another dimension, or the equations do not fit.
        TypeError: the model has no integrated states, or needs other inputs.
        ValueError: there is no such state, no range, or more than one neuron.
    """
    flow = Flow("fixed_points", model, inputs, fixed)
    box = flow.box("states", states)
    return FixedPoints(*table(flow, found(flow, box)))


def found(flow: Flow, box: Box, p: float = 0.0) -> np.ndarray:
    """Return the fixed points within ranges, (N, n)."""
    scale = flow.scale(box)
    z = flow.equilibria(starts(flow, box), scale, p)
    for k, name in enumerate(flow.names):
        if name in box:
            low, high = box[name]
            z = z[(z[:, k] >= low - ALIKE * scale[k]) & (z[:, k] <= high + ALIKE * scale[k])]
    return distinct(z, np.where(np.isfinite(scale), scale, np.maximum(np.abs(z).max(axis=0, initial=0.0), 1.0)))


def starts(flow: Flow, box: Box) -> np.ndarray:
    """Return the points of a grid over ranges, (N, n); states without one have their present values."""
    each = min(200, max(2, int(STARTS ** (1 / len(box)))))
    z = np.tile(flow.start(), (each ** len(box), 1))
    grid = itertools.product(*(np.linspace(low, high, each) for low, high in box.values()))
    z[:, [flow.names.index(name) for name in box]] = np.array(list(grid))
    return z


def distinct(z: np.ndarray, scale: np.ndarray, alike: float = ALIKE) -> np.ndarray:
    """Return points without those that are like an earlier one, in the order of the first state."""
    kept: list[np.ndarray] = []
    for point in z[np.lexsort(z.T[::-1])]:
        if not any(np.all(np.abs(point - other) <= alike * scale) for other in kept):
            kept.append(point)
    return np.array(kept).reshape(-1, z.shape[1])


def table(flow: Flow, z: np.ndarray, p: Any = 0.0) -> tuple[dict[str, pint.Quantity], pint.Quantity]:
    """Return the states and the eigenvalues of fixed points z (N, n), quantities."""
    values = {name: units.from_kernel(z[:, k], flow.unit(name)) for k, name in enumerate(flow.names)}
    J = flow.linear(z, p)[1] if len(z) else np.zeros((0, z.shape[1], z.shape[1]))
    return values, units.attach(leading_first(np.linalg.eigvals(J).astype(complex)), "1/ms")
