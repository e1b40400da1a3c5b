"""Fit: parameters of a model for which its run is like a recording."""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias, runtime_checkable

import jax
import jax.numpy as jnp
import numpy as np
import pint
from numpy.typing import ArrayLike

from simcore import files, units
from simcore.bases.module import Module
from simcore.files import PathLike
from simcore.losses import raster
from simcore.module.trainable import Range, Trainable, read_bounds
from simcore.module.tree import join
from simcore.step.signal import InputLike
from simcore.units import OneQuantity, Quantities, RangeLike, ValueLike

from .likelihood import log_likelihood
from .unroll import unroll

Target: TypeAlias = "ValueLike | tuple[Quantities, ArrayLike]"  # a pair of times and neurons is of spikes
Loss = Callable[..., Any]  # of what the model does and of the target; or `log_likelihood`
Of = Callable[[dict[str, Any]], Any]  # of parameters
# Of the traces of the candidates that run at a time: on a CPU they stay in its caches.
CPU_BYTES, BATCH_BYTES = 2**22, 2**28
SPIKES = "spikes"
SEARCH = files.Kind({"fitted": [str]}, "was not written by Fit.run(store=)", "take another name, or remove it")


@dataclasses.dataclass(frozen=True, repr=False)
class Best:
    """The best parameters that a fit has found.

    Attributes:
        params: quantities by path, in the units of the bounds.
        loss: of these.
        table: all parameters that were tried, in order, quantities (n,) by path, and their "loss", (n,).
    """

    params: dict[str, pint.Quantity]
    loss: float
    table: dict[str, Any]
    _of: Fit

    def __repr__(self) -> str:
        params = ", ".join(f"{path}={units.show(value)}" for path, value in self.params.items())
        return f"Best({params}; loss {self.loss:.6g} of {len(self.table['loss'])} tried)"

    def confidence(self, step: float = 0.01) -> dict[str, pint.Quantity]:
        """Return the standard deviation of each parameter, of a loss that is minus a logarithm of the likelihood.

        From the curvature of the loss at the best point: the inverse of its matrix of second derivatives, by
        differences; of any other loss it is this in units of an unknown factor.

        Args:
            step: of the differences, in parts of the bounds.

        Raises:
            ValueError: the loss is not at a minimum there.
        """
        return self._of.confidence(self, step)


class Fit:
    """Search for parameters with which a model does what was recorded.

    ``fit = sc.Fit(model, bounds={"tau": (5, 50) * ms}, inputs=current, target={"V": V}, loss=loss)``, then
    ``best = fit.run(n=50, seed=1)`` and ``best = fit.refine()``.

    Args:
        model: one neuron, or as many as there are recordings, whose parameters they share; it does not change.
        bounds: by path two quantities, between which one value for all of them is searched.
        inputs: as for a runner, (T, ...) for several recordings.
        target: what was recorded: by name of a state, a quantity (T, ...); "spikes": a raster (T, ...) of bools, or a
            pair of times (n,) and neurons (n,).
        loss: a function of two dicts by these names, what the model does and the target: quantities (T, ...), spikes as
            floats. It returns a number, the less the better: see `sc.losses`. Or `sc.log_likelihood`, of neurons with
            an escape rate and times and neurons as target: minus its sum over the neurons is the loss.
        duration: by default as long as the waveform.
        dt: the time step; by default the environment's (0.1 ms).

    Raises:
        DimensionalityError: a bound or a target is in another unit.
        ValueError: there is nothing of that name; a target does not fit the run.
    """

    def __init__(
        self,
        model: Module,
        bounds: Mapping[str, RangeLike],
        *,
        target: Mapping[str, Target],
        loss: Loss,
        inputs: InputLike = None,
        duration: OneQuantity | None = None,
        dt: OneQuantity | None = None,
    ) -> None:
        if not bounds:
            raise ValueError("Fit needs bounds, {'tau': (5, 50) * ms}: by name, between what to search.")
        model.ensure_state()
        self.model = model
        specs = {join(path, k): (node, k) for path, node in model.nodes().items() for k in node.given()}
        if unknown := next((path for path in bounds if path not in specs), None):
            raise ValueError(f"Fit: {model.name} has no parameter {unknown!r}; it has {', '.join(specs)}.")
        ends = {path: read_bounds(path, *specs[path], value) for path, value in bounds.items()}
        self.names, self._units = list(ends), {p: units.unit_of(q) for p, q in model.params().items()}
        self._shown = {path: units.unit_of(units.read(value, path)) for path, value in bounds.items()}
        self._low, self._high = np.array(list(ends.values()), float).T
        ranges = {path: Range(*pair) for path, pair in ends.items()}
        self._free = Trainable({path: np.asarray(sum(pair) / 2) for path, pair in ends.items()}, ranges)
        about = {"inputs": inputs, "duration": duration, "dt": dt}
        if loss is log_likelihood:
            self._loss_of, traces = _surprise(model, target, **about), 0
        else:
            self._loss_of, traces = _difference(model, target, loss, **about)
        room = CPU_BYTES if jax.default_backend() == "cpu" else BATCH_BYTES
        self._at_once = int(np.clip(room // (4 * max(traces, 1)), 1, 4096))
        self._many = jax.jit(jax.vmap(self._loss_of))
        self._tried: list[np.ndarray] = []  # parameters in their units, and the loss: (n, names + 1)

    def losses(self, candidates: np.ndarray) -> np.ndarray:
        """Return the loss of each of some candidates, (n, names) in the units of the parameters; inf for nan."""
        found, parts = [], math.ceil(len(candidates) / self._at_once)
        room = math.ceil(len(candidates) / max(parts, 1))  # one program for all parts
        for begin in range(0, len(candidates), room):
            part = candidates[begin : begin + room]
            rows = np.concatenate([part, np.repeat(part[-1:], room - len(part), 0)])
            params = {name: jnp.asarray(rows[:, k], jnp.result_type(float)) for k, name in enumerate(self.names)}
            found.append(np.asarray(self._many(params), float)[: len(part)])
        losses = np.concatenate(found)
        losses = np.where(np.isnan(losses), np.inf, losses)
        self._tried.append(np.column_stack([candidates, losses]))
        return losses

    # ---------------------------------------------------------------- search

    def run(
        self,
        method: str | AskTell = "differential_evolution",
        *,
        n: int = 100,
        population: int | None = None,
        seed: int = 0,
        store: PathLike | None = None,
    ) -> Best:
        """Search within the bounds; each generation is one batch. Return the best of all that has been tried.

        Args:
            method: "differential_evolution" (scipy's); "cma" (the package cma); or an object with ``ask()``, which
                returns points, (n, names) within 0 and 1 of the bounds, and ``tell(points, losses)``.
            n: the number of generations.
            population: how many candidates one has; by default 15 for each parameter. Of an object, what it asks.
            seed: of the search.
            store: a file, .npz, with what has been tried after each generation: run again, with the same arguments, it
                goes on from there.

        Raises:
            ValueError: the method is unknown, or the store is of another search.
        """
        known = _Known(store, self.names)

        def evaluate(unit_points: Any) -> np.ndarray:
            points = self._low + np.clip(np.asarray(unit_points, float), 0, 1) * (self._high - self._low)
            losses = known.losses(points)
            if losses is None:
                losses = self.losses(points)
                known.add(points, losses)
            else:
                self._tried.append(np.column_stack([points, losses]))
            return losses

        size = 15 * len(self.names) if population is None else population
        if method == "differential_evolution":
            _evolve(evaluate, len(self.names), n, size, seed)
            return self.best()
        if method == "cma":
            method = _cma(len(self.names), size, seed)
        if not isinstance(method, AskTell):
            known_methods = "'differential_evolution', 'cma' or an object with ask() and tell()"
            raise ValueError(f"Fit: 'method' must be {known_methods}, got {method!r}.")
        for _ in range(n):
            points = method.ask()
            method.tell(points, evaluate(points).tolist())
        return self.best()

    def refine(self, optimizer: Any = None, *, steps: int = 100) -> Best:
        """Go on from the best point, or from the model's own, by derivatives; return the best of all.

        Args:
            optimizer: with ``init`` and ``update`` as those of optax; by default scipy's L-BFGS-B.
            steps: how many, at most.
        """
        if self._tried:
            best = self.best().params
            values = {path: np.asarray(q.m_as(self._units[path])) for path, q in best.items()}
        else:
            own = self.model.float_params()
            values = {path: np.clip(np.mean(own[path]), lo, hi)
                      for path, lo, hi in zip(self.names, self._low, self._high, strict=True)}  # fmt: skip
        x = self._free.free(values)
        slope = jax.jit(jax.value_and_grad(lambda x: self._loss_of(self._free.params(x))))

        def note(x: Any, loss: Any) -> None:
            params = self._free.params(x)
            self._tried.append(np.array([[*(float(params[name]) for name in self.names), float(loss)]]))

        if optimizer is None:
            from scipy.optimize import minimize

            def flat(values: np.ndarray) -> tuple[float, np.ndarray]:
                at = {name: jnp.asarray(v) for name, v in zip(self.names, values, strict=True)}
                loss, grads = slope(at)
                note(at, loss)
                return float(loss), np.array([float(grads[name]) for name in self.names])

            start = np.array([float(x[name]) for name in self.names])
            minimize(flat, start, jac=True, method="L-BFGS-B", options={"maxiter": steps})
            return self.best()
        state = optimizer.init(x)
        for _ in range(steps):
            loss, grads = slope(x)
            note(x, loss)
            updates, state = optimizer.update(grads, state, x)
            x = jax.tree.map(jnp.add, x, updates)
        note(x, slope(x)[0])
        return self.best()

    def best(self) -> Best:
        """Return the best of all that has been tried.

        Raises:
            ValueError: nothing has been tried.
        """
        if not self._tried:
            raise ValueError("Fit: nothing has been tried; call run() or refine().")
        rows = np.concatenate(self._tried)
        first = int(np.argmin(rows[:, -1]))
        columns = {name: units.attach(rows[:, k], self._units[name]).to(self._shown[name])
                   for k, name in enumerate(self.names)}  # fmt: skip
        params = {name: column[first] for name, column in columns.items()}
        return Best(params, float(rows[first, -1]), columns | {"loss": rows[:, -1]}, self)

    def confidence(self, best: Best, step: float) -> dict[str, pint.Quantity]:
        """Return what `Best.confidence` does."""
        at = np.array([best.params[name].m_as(self._units[name]) for name in self.names])
        n, h = len(at), step * (self._high - self._low)
        pairs = [(j, k) for j in range(n) for k in range(j, n)]
        points = [at + sj * h * np.eye(n)[j] + sk * h * np.eye(n)[k]
                  for j, k in pairs for sj, sk in ((1, 1), (1, -1), (-1, 1), (-1, -1))]  # fmt: skip
        found = self.losses(np.array(points)).reshape(-1, 4)
        self._tried.pop()  # they may be out of bounds
        curvature = np.zeros((n, n))
        for (j, k), (a, b, c, d) in zip(pairs, found, strict=True):
            curvature[j, k] = curvature[k, j] = (a - b - c + d) / (4 * h[j] * h[k])
        if not np.all(np.isfinite(curvature)) or np.any(np.linalg.eigvalsh(curvature) <= 0):
            raise ValueError("confidence: the loss does not rise on all sides of the best point; refine() it, or take "
                             "another step.")  # fmt: skip
        deviation = np.sqrt(np.diag(np.linalg.inv(curvature)))
        return {name: units.attach(deviation[k], self._units[name]).to(self._shown[name])
                for k, name in enumerate(self.names)}  # fmt: skip


def _difference(model: Module, target: Mapping[str, Target], loss: Loss, **about: Any) -> tuple[Of, int]:
    """Return the loss of parameters, by their run and the target; and how many numbers a run has."""
    record = {name: "spike" if name == SPIKES else name for name in target}
    run = unroll(model, record=record, **about)
    shapes = {name: out.shape for name, out in jax.eval_shape(run)[0].items()}
    unit_of = {name: None if name == SPIKES else model.states()[name].unit for name in target}
    floats = {name: _read(name, value, unit_of[name], shapes[name], run.dt) for name, value in target.items()}

    def with_units(floats: dict[str, Any]) -> dict[str, Any]:
        return {k: floats[k] if unit is None else units.attach(floats[k], unit) for k, unit in unit_of.items()}

    def of(params: dict[str, Any]) -> Any:
        return loss(with_units(run(params)[0]), with_units(floats))

    if shape := np.shape(jax.eval_shape(of, {})):
        raise ValueError(f"Fit: 'loss' must return one number, it returns an array of the shape {shape}.")
    return of, sum(int(np.prod(shape)) for shape in shapes.values())


def _surprise(model: Module, target: Mapping[str, Target], **about: Any) -> Of:
    """Return minus the logarithm of the likelihood of spikes, of parameters."""
    spikes = target.get(SPIKES)
    if target.keys() != {SPIKES} or not isinstance(spikes, tuple):
        raise ValueError("Fit: the target of log_likelihood is {'spikes': (times, indices)}, and nothing else.")
    log_p = log_likelihood(model, *spikes, **about)  # type: ignore[arg-type]  # it says what it takes
    return lambda params: -jnp.sum(log_p(params))


def _read(name: str, value: Any, unit: str | None, shape: tuple[int, ...], step: float) -> jax.Array:
    """Return a target as floats in the unit of what it is compared with."""
    who, dt = f"Fit: the target {name!r}", units.from_kernel(step, "ms")
    if unit is not None:
        value = units.as_magnitude(value, unit, who)
    elif isinstance(value, tuple):
        value = raster(value[0], value[1], int(np.prod(shape[1:])), duration=shape[0] * dt, dt=dt).reshape(shape)
    value = np.asarray(value)
    if (*value.shape, 1) == shape:  # of one neuron
        value = value[..., None]
    if value.shape != shape:
        raise ValueError(f"{who} has the shape {np.shape(value)}, the run {shape}: a row for each step of "
                         f"dt = {step:.10g} ms.")  # fmt: skip
    return jnp.asarray(value, jax.dtypes.canonicalize_dtype(float))


@runtime_checkable
class AskTell(Protocol):
    """What searches: it asks for the losses of points, and is told them."""

    def ask(self) -> Any:
        """Return points, (n, names)."""

    def tell(self, points: Any, losses: list[float]) -> Any:
        """Take their losses."""


class _Known:
    """What a search has tried before it was interrupted; it asks for the same again."""

    def __init__(self, store: PathLike | None, names: list[str]) -> None:
        self.path = None if store is None else files.place(files.with_ending(store), "Fit: 'store'")
        self.names, self.points, self.at = names, np.zeros((0, len(names) + 1)), 0
        if self.path is not None and os.path.exists(self.path):
            about, arrays = SEARCH.read(self.path)
            if about["fitted"] != names:
                raise ValueError(f"Fit: the store {self.path!r} is of the parameters {about['fitted']}.")
            with SEARCH.opened(self.path):
                self.points = np.reshape(arrays["points"], (-1, len(names) + 1))

    def losses(self, points: np.ndarray) -> np.ndarray | None:
        """Return the losses of a generation that was tried before; None of a new one."""
        rows = self.points[self.at : self.at + len(points)]
        if len(rows) < len(points):
            return None
        if not np.allclose(rows[:, :-1], points, rtol=1e-12):
            raise ValueError(f"Fit: the store {self.path!r} is of another search: other bounds, method or seed.")
        self.at += len(points)
        return rows[:, -1]

    def add(self, points: np.ndarray, losses: np.ndarray) -> None:
        """Keep a generation, in the file too."""
        self.points = np.concatenate([self.points[: self.at], np.column_stack([points, losses])])
        self.at = len(self.points)
        if self.path is not None:
            SEARCH.write(self.path, {"fitted": self.names}, {"points": self.points})


def _evolve(evaluate: Callable[[Any], np.ndarray], names: int, n: int, size: int, seed: int) -> None:
    """Search by scipy's differential evolution within 0 and 1."""
    from scipy.optimize import differential_evolution

    start = np.random.default_rng(seed).random((size, names))
    try:
        differential_evolution(
            lambda x: evaluate(x.T), [(0, 1)] * names, maxiter=n, init=start, rng=seed, polish=False, vectorized=True,
            updating="deferred", tol=0,
        )  # fmt: skip
    except RuntimeError as err:  # of scipy's own, in the place of what the loss has raised
        cause: BaseException = err
        while cause.__cause__ is not None:
            cause = cause.__cause__
        raise cause from None


def _cma(n: int, population: int, seed: int) -> Any:
    try:
        import cma
    except ImportError as err:
        raise ImportError("Fit: method='cma' is of the package cma: pip install cma.") from err
    options = {"bounds": [0, 1], "popsize": population, "seed": seed + 1, "verbose": -9}  # its 0 is the time
    return cma.CMAEvolutionStrategy(n * [0.5], 0.3, options)
