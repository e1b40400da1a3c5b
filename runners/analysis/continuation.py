"""Continuation: equilibria followed as one input or parameter varies, through folds, with what their stability does."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pint

from simcore import units
from simcore.bases.dynamics import Dynamics
from simcore.step.rates import InputValue
from simcore.units import RangeLike, ValueLike

from .drawing import LINES, axes, label
from .flow import INPUT, Box, Flow, Varied
from .points import ALIKE, FixedPoints, Points, found, table

CORRECTIONS = 8  # of Newton's corrector for a step
SHORTEST = 1e-9  # step along a branch, in ranges
LONGEST = 100_000  # steps of a branch
TURNS = 1e-6  # of the largest eigenvalue: what turns slower does not
BEND = 0.98  # cosine of the angle between two tangents, at least


# A test function at a point (1, n + 1) near a chord.
Test = Callable[[np.ndarray, np.ndarray], float]


class Branch(FixedPoints):
    """Fixed points along a branch, in its order.

    Attributes:
        parameter: what varies, a quantity (n,).
        states, eigenvalues, kind, stable: as of `FixedPoints`.
    """

    def __init__(self, states: dict[str, Any], eigenvalues: pint.Quantity, parameter: pint.Quantity) -> None:
        super().__init__(states, eigenvalues)
        self.parameter = parameter

    def row(self, k: int) -> str:
        """Return one of the points as text."""
        return f"{self.parameter[k]:.7g~P}".rstrip() + f": {super().row(k)}"


class Bifurcations(Points):
    """Bifurcations of one kind, in the order in which they are met.

    Attributes:
        parameter: where they are, a quantity (n,).
        states: the values of each state by name, quantities (n,); ``folds.V`` is that of V.
        eigenvalues: of the Jacobian, (n, number of states), complex, 1/ms.
        frequency: with which the oscillation begins, Hz, (n,): that of the pair on the imaginary axis; 0 Hz at folds.
    """

    def __init__(self, states: dict[str, Any], eigenvalues: pint.Quantity, parameter: pint.Quantity) -> None:
        super().__init__(states)
        self.eigenvalues, self.parameter = eigenvalues, parameter
        critical = [row[np.abs(row.real).argmin()].imag for row in eigenvalues.m]
        self.frequency = units.from_kernel(np.abs(critical) / (2 * np.pi), "Hz")

    def row(self, k: int) -> str:
        """Return one of them as text."""
        turns = f", {self.frequency[k]:.6g~P}" if self.frequency[k].m else ""
        return f"{self.parameter[k]:.7g~P}".rstrip() + f": {super().row(k)}{turns}"


@dataclasses.dataclass
class Diagram:
    """A bifurcation diagram.

    Attributes:
        over: what varies, "inputs" or the path of a parameter.
        branches: of equilibria.
        folds: where a branch turns back: two equilibria meet (saddle-node).
        hopfs: where a pair of eigenvalues crosses the imaginary axis: an oscillation begins or ends.
    """

    over: str
    branches: list[Branch]
    folds: Bifurcations
    hopfs: Bifurcations

    def __repr__(self) -> str:
        text = [f"{len(self.branches)} {'branch' if len(self.branches) == 1 else 'branches'} over {self.over}"]
        for name, points in (("fold", self.folds), ("Hopf", self.hopfs)):
            text += [f"{name} at {row}" for row in repr(points).splitlines() if len(points)]
        return "\n".join(text)

    def plot(self, state: str | None = None, ax: Any = None, *, unit: Any = None) -> Any:
        """Draw a state over what varies: stable parts full, others dashed; folds and Hopf points. Return the axes.

        Args:
            state: by default the first one, V of most neurons.
            ax: where to draw; by default a new figure.
            unit: of what varies, by default that in which its range was given.
        """
        states = list(self.folds.states)
        name = states[0] if state is None else state
        if name not in states:
            raise ValueError(f"plot: there is no state {name!r}; there is {', '.join(states)}.")
        ax, unit = axes(ax), self.folds.parameter.units if unit is None else units.unit(f"{unit}")
        texts = {True: "stable", False: "unstable"}
        for branch in self.branches:
            x, y = branch.parameter.m_as(unit), branch[name].m
            for part, stable in parts(branch.stable):
                ax.plot(x[part], y[part], label=texts.pop(stable, None), **LINES[stable])
        for points, marker, text in ((self.folds, "s", "fold"), (self.hopfs, "o", "Hopf")):
            if len(points):
                x = points.parameter.m_as(unit)
                ax.plot(x, points[name].m, marker, mfc="w", mec="k", ms=6, zorder=3, label=text)
        shown = "input" if self.over == INPUT else self.over.removeprefix(f"{INPUT}.")
        ax.set(xlabel=label(shown, unit), ylabel=label(name, self.folds[name].units))
        ax.legend(frameon=False)
        return ax


def parts(stable: np.ndarray) -> Iterator[tuple[slice, bool]]:
    """Yield the parts of a branch of one stability; each begins where the one before it ends."""
    for low, high in itertools.pairwise([0, *(np.flatnonzero(np.diff(stable)) + 1), len(stable)]):
        yield slice(max(low - 1, 0), high), bool(stable[low])


def bifurcation(
    model: Dynamics,
    over: Mapping[str, RangeLike],
    states: Mapping[str, RangeLike],
    *,
    inputs: InputValue = None,
    fixed: Mapping[str, ValueLike] | None = None,
    n: int = 400,
) -> Diagram:
    r"""Return the equilibria of one neuron as an input or a parameter varies, with their folds and Hopf points.

    Equilibria at both ends of the range are found as by `fixed_points`, and each is followed by its arclength (Keller
    1977): a step along the tangent, corrected by Newton's method at right angles to it. So a branch is followed around
    its folds. A fold is where the tangent has no part along what varies; a Hopf point where a pair of complex
    eigenvalues has no real part. Both are refined until they have all digits, whatever the precision of runs is.

    A closed branch that reaches neither end of the range is not seen. Where branches cross, the one that goes on
    smoothly is followed, and the crossing is not marked. How large the oscillations from a Hopf point are, runs tell.

    Args:
        model: of one neuron, ``sc.models.MorrisLecar(1)``.
        over: what varies, and its range: ``{"inputs": (0, 300) * pA}``, one of several inputs, ``{"inputs.x": ...}``,
            or a parameter by its path, ``{"g_K": (4, 12) * mS / cm**2}``.
        states: ranges of states by name, ``{"V": (-80, 40) * mV}``, in which branches are looked for and followed.
            Those without a range move too; see `fixed_points`.
        inputs: others to its update().
        fixed: values of states that are held, by name.
        n: a step is at most the n-th part of the ranges.

    Returns:
        What `Diagram` says; ``.plot()`` draws it.

    Raises:
        DimensionalityError: a value has another dimension, or the equations do not fit.
        TypeError: the model has no integrated states, or needs other inputs.
        ValueError: there is no such parameter or state, no equilibrium, or more than one neuron.

    Reference: Keller (1977), Numerical solution of bifurcation and nonlinear eigenvalue problems, in Applications of
    Bifurcation Theory, Academic Press, 359-384; test functions: Kuznetsov (2004), Elements of Applied Bifurcation
    Theory, Springer, chapter 10.
    """
    if isinstance(n, bool) or not isinstance(n, int) or n < 2:
        raise ValueError(f"bifurcation: 'n' must be an int of 2 or more, got {n!r}.")
    varied = Varied("bifurcation", model, over, inputs)
    flow = Flow("bifurcation", model, varied.inputs, fixed, varied.name)
    follow = Continuation(flow, flow.box("states", states), varied.low, varied.high, 1 / n)
    lines = follow.branches()
    if not lines:
        raise ValueError(f"bifurcation: no equilibrium of {model.name} lies within these ranges at either end of "
                         f"{varied.name!r}; take wider ones.")  # fmt: skip

    def of(points: np.ndarray) -> tuple[dict[str, pint.Quantity], pint.Quantity, pint.Quantity]:
        return *table(flow, points[:, :-1], points[:, -1]), units.from_kernel(points[:, -1], varied.unit)

    folds, hopfs = (Bifurcations(*of(points)) for points in follow.special(lines))
    return Diagram(varied.name, [Branch(*of(line)) for line in lines], folds, hopfs)


class Continuation:
    """Branches of equilibria u = (z, p), (n + 1,), within ranges.

    Args:
        flow: of which they are.
        box: ranges of states.
        low, high: of what varies.
        longest: the longest step, in ranges.
    """

    def __init__(self, flow: Flow, box: Box, low: float, high: float, longest: float) -> None:
        self.flow, self.box, self.low, self.high, self.longest = flow, box, low, high, longest
        scale = flow.scale(box)
        self.ranged = np.append(np.isfinite(scale), True)
        self.scale = np.append(np.where(np.isfinite(scale), scale, 1.0), high - low)
        columns = [k for k, name in enumerate(flow.names) if name in box]
        self.lower = np.array([*(box[flow.names[k]][0] for k in columns), low])
        self.upper = np.array([*(box[flow.names[k]][1] for k in columns), high])
        self.bounded = [*columns, len(flow.names)]

    def branches(self) -> list[np.ndarray]:
        """Return the branches that reach an end of what varies, each (m, n + 1), from the lower end on."""
        lines: list[np.ndarray] = []
        for p, direction in ((self.low, 1.0), (self.high, -1.0)):
            for z in found(self.flow, self.box, p):
                u = np.append(z, p)
                if not any(self._alike(u, end) for line in lines for end in (line[0], line[-1])):
                    lines.append(self._followed(u, direction))
        return lines

    def _alike(self, u: np.ndarray, v: np.ndarray) -> bool:
        return bool(np.all(np.abs(u - v) <= 10 * ALIKE * np.maximum(self.scale, np.where(self.ranged, 0, np.abs(u)))))

    def _followed(self, u: np.ndarray, direction: float) -> np.ndarray:
        """Return the branch from u on, (m, n + 1), until it leaves the ranges; p first goes in this direction."""
        line, length = [u], self.longest
        t = self.tangent(u)
        t = t * direction * (np.sign(t[-1]) or 1.0)
        while len(line) < LONGEST:
            new = self.corrected(line[-1] + length * t * self.scale, t)
            ahead = None if new is None else self.tangent(new, t)
            if new is None or ahead is None or self._cosine(t, ahead) < BEND:
                length /= 2
                if length < SHORTEST:
                    break
                continue
            if self._outside(new):
                line += self._last(line[-1], t, length)
                break
            line.append(new)
            t, length = ahead, min(1.5 * length, self.longest)
            if len(line) > 3 and self._alike(new, line[0]):  # closed
                break
        return np.array(line)

    def tangent(self, u: np.ndarray, before: np.ndarray | None = None) -> np.ndarray:
        """Return the tangent of the branch at u in ranges, of length 1; on the side of the one before."""
        t = self._tangents(u[None])[0]
        return -t if before is not None and self._cosine(t, before) < 0 else t

    def _tangents(self, u: np.ndarray) -> np.ndarray:
        """Return the tangents at points (m, n + 1), each of either sign."""
        _, J, by_p = self.flow.linear(u[:, :-1], u[:, -1])
        t = np.linalg.svd(np.concatenate([J, by_p[..., None]], axis=2) * self.scale)[2][:, -1]
        return t / np.linalg.norm(t[:, self.ranged], axis=1, keepdims=True)

    def corrected(self, u: np.ndarray, t: np.ndarray) -> np.ndarray | None:
        """Return the equilibrium near u, at right angles to t; None if Newton's method finds none."""
        start, row = u, np.where(self.ranged, t, 0.0) / self.scale
        for _ in range(CORRECTIONS):
            f, J, by_p = (part[0] for part in self.flow.linear(u[None, :-1], u[-1:]))
            matrix = np.vstack([np.column_stack([J, by_p]), row])
            try:
                step = np.linalg.solve(matrix * self.scale, np.append(f, row @ (u - start))) * self.scale
            except np.linalg.LinAlgError:
                return None
            u = u - step
            if not np.isfinite(u).all():
                return None
            if np.all(np.abs(step) <= 1e-11 * np.maximum(self.scale, np.abs(u))):
                return u
        return None

    def _cosine(self, s: np.ndarray, t: np.ndarray) -> float:
        return float(s[self.ranged] @ t[self.ranged])

    def _outside(self, u: np.ndarray) -> bool:
        return bool(np.any((u[self.bounded] < self.lower) | (u[self.bounded] > self.upper)))

    def _last(self, u: np.ndarray, t: np.ndarray, length: float) -> list[np.ndarray]:
        """Return the point where a branch leaves the ranges, within a step from u; [] if it is u."""
        inside, outside, last = 0.0, length, []
        for _ in range(50):
            middle = (inside + outside) / 2
            new = self.corrected(u + middle * t * self.scale, t)
            if new is None or self._outside(new):
                outside = middle
            else:
                inside, last = middle, [new]
        return last

    # ---------------------------------------------------------------- what happens along them

    def special(self, lines: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Return the folds and the Hopf points on branches, each (m, n + 1)."""
        none = np.zeros((0, len(self.scale)))
        folds, hopfs = [none], [none]
        for line in lines:
            tangents, pairs = self._tangents(line), self._pairs(line)
            for k, (a, b) in enumerate(itertools.pairwise(line)):
                chord = (b - a) / self.scale
                chord /= np.linalg.norm(chord[self.ranged])
                along = self._along(tangents[k : k + 2], chord)
                if _changes_sign(along):
                    folds.append(self._where(a, b, chord, self._turning))
                if _changes_sign(pairs[k : k + 2]):
                    u = self._where(a, b, chord, self._pairing)
                    hopfs.append(u if self._turns(u) else none)
        return np.concatenate(folds), np.concatenate(hopfs)

    def _where(self, a: np.ndarray, b: np.ndarray, chord: np.ndarray, test: Test) -> np.ndarray:
        """Return the point (1, n + 1) between two of a branch where a test function, which differs in sign, is 0."""
        from scipy.optimize import brentq

        def at(share: float) -> np.ndarray:
            u = a + share * (b - a)
            on_branch = self.corrected(u, chord)
            return (u if on_branch is None else on_branch)[None]

        ends = np.array([test(at(share), chord) for share in (0.0, 1.0)])
        if not _changes_sign(ends):  # it is at one of them, but for rounding
            return at(float(np.argmin(np.abs(ends))))
        return at(brentq(lambda share: test(at(share), chord), 0.0, 1.0, xtol=1e-15, rtol=1e-14))

    def _turning(self, u: np.ndarray, chord: np.ndarray) -> float:
        return float(self._along(self._tangents(u), chord)[0])

    def _pairing(self, u: np.ndarray, chord: np.ndarray) -> float:
        return float(self._pairs(u)[0])

    def _along(self, t: np.ndarray, chord: np.ndarray) -> np.ndarray:
        """Return the part of tangents (m, n + 1) along what varies, of those that go the way of a chord: 0 at folds."""
        return t[:, -1] * np.sign(t[:, self.ranged] @ chord[self.ranged])

    def _pairs(self, u: np.ndarray) -> np.ndarray:
        """Return, for points (m, n + 1), the product of the sums of all pairs of eigenvalues: 0 at Hopf points."""
        first, second, values = self._eigenvalues(u)
        return np.prod(values[:, first] + values[:, second], axis=1).real

    def _eigenvalues(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        values = np.linalg.eigvals(self.flow.linear(u[:, :-1], u[:, -1])[1])
        return *np.triu_indices(values.shape[1], 1), values

    def _turns(self, u: np.ndarray) -> bool:
        """Return whether the pair of eigenvalues whose sum is 0 is complex, at a point (1, n + 1)."""
        first, second, (values,) = self._eigenvalues(u)
        k = np.argmin(np.abs(values[first] + values[second]))
        return bool(abs(values[first[k]].imag) > TURNS * np.abs(values).max())


def _changes_sign(pair: np.ndarray) -> bool:
    """Return whether the sign changes between two values; 0 counts as positive, so that it is met once."""
    return bool((pair[0] < 0) != (pair[1] < 0))
