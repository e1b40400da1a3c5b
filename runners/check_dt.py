"""Is dt small enough? A run at dt, dt / 2 and dt / 4, from the same state and with the same noise, compared."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np
import pint

from simcore import Module, Neuron, State, units
from simcore.module.structure import clone
from simcore.module.tree import join
from simcore.step import noise
from simcore.step.fitted import fit
from simcore.step.signal import InputLike
from simcore.units import OneQuantity
from simcore.units.clock import as_time

from .ds_runner import DSRunner
from .dt_report import Change, DtReport, Spikes
from .observables import StateValue
from .record.event_buffer import Events
from .record.monitors import Monitor, Record
from .record.recording import Recording

LEVELS = 3  # dt, dt / 2, dt / 4
# Of a population whose V is not monitored, the traces of so many neurons are compared.
MOST = 100
# A difference below so many units in the last place of the largest value is rounding: it has no order.
ROUNDING = 100


def check_dt(runner: DSRunner, duration: OneQuantity, inputs: InputLike = None) -> DtReport:
    """Return what halving dt, and halving it again, changes in a run on from the present state.

    The runs have the same noise: white noise (``noise=``) and the spikes of `PoissonGroup` and `PoissonInput` are
    refined, not drawn again, and the chance of an escape rate is the same; random numbers that a model of your own
    draws by itself are not. Sampled inputs are held, functions of t taken at the stages of the method (its order stays:
    rk4 4, exp_euler and exact 2), tau_ref, delays and given spike times rounded to the finer steps. The runner, its
    model and its recording stay as they are.

    Args:
        runner: its monitors of states and functions say which traces are compared, by default V of (up to 100 neurons
            of) each population. Spikes are compared in all of them.
        duration: a time.
        inputs: as for `DSRunner.run`; by default those of the runner's last run.

    Raises:
        TypeError: the first argument is no runner.
        ValueError: there is nothing to compare.
    """
    if not isinstance(runner, DSRunner):
        raise TypeError(f"check_dt needs a DSRunner, got {runner!r}; write check_dt(DSRunner(model), 100 * ms).")
    traces = _traces(runner)
    spikes = {f"spikes of {path}": join(path, "spike_events") for path in _spiking(runner.target)}
    if not traces and not spikes:
        raise ValueError(f"check_dt: {runner.target.name} has no neurons; let the runner monitor states to compare.")
    inputs = runner.last_input if inputs is None else inputs
    every, runs = runner.dt, []  # of finer runs, what is compared alone is kept
    for times in range(LEVELS):
        finer = _refined(runner, times, {k: Record(*v, every=every) for k, v in traces.items()} | spikes)
        runs.append(_Run(finer, finer.run(duration, inputs), runner.i, 2**times))
        if not runs[0].steps:
            raise ValueError("check_dt: 'duration' must be > 0 ms.")
    return DtReport(
        as_time(runs[0].dt),
        as_time(runs[0].steps * runs[0].dt),
        {name: _change_of_trace(name, runs) for name in runs[0].traces},
        {path: _spikes(path, runs, "noise" in node.given()) for path, node in _spiking(runner.target).items()},
    )


def _neurons(model: Module) -> dict[str, Neuron]:
    return {path: node for path, node in model.nodes().items() if isinstance(node, Neuron)}


def _spiking(model: Module) -> dict[str, Neuron]:
    return {path: node for path, node in _neurons(model).items() if node.sends_spikes()}


def _traces(runner: DSRunner) -> dict[str, tuple[Any, Any]]:
    """Return what to record beside the spikes, and of which neurons, by name."""
    monitored = [m for m in runner.monitors if m.is_trace]
    if monitored:
        return {m.name: (m.asked, None if (index := m.observable.index) is None else list(index)) for m in monitored}
    potentials = {}
    for path, node in _neurons(runner.target).items():
        if isinstance(vars(node).get("V"), State):
            n = np.shape(node.V.raw)[-1]
            some = sorted({int(k) for k in np.linspace(0, n - 1, MOST)})
            potentials[join(path, "V")] = (join(path, "V"), some if n > MOST else None)
    return potentials


# ---------------------------------------------------------------- the same state on a finer grid


def _refined(runner: DSRunner, times: int, monitors: dict[str, Any]) -> DSRunner:
    """Return a runner of a copy of the model, in the present state, whose dt is halved so many times."""
    factor, model = 2**times, clone(runner.target)
    dt = runner.dt / factor
    if times:
        noise.refine(model, times)
        _stretch(model, factor, dt.m_as("ms"))
    finer = DSRunner(model, monitors, dt, runner.t0, runner.seed, runner.progress_bar, runner.jit)
    finer.i = runner.i * factor
    return finer


def _stretch(model: Module, factor: int, dt: float) -> None:
    """Make what counts steps, or keeps something for each, that of `factor` times as many, of dt (ms)."""
    for node in model.nodes().values():
        node.stretch(factor)
    with warnings.catch_warnings():  # of what is rounded to the grid; the run says it again
        warnings.simplefilter("ignore")
        fit(model, dt)


# ---------------------------------------------------------------- comparison


class _Run:
    """What is kept of a run: the traces at the ends of the coarse steps, and the spikes."""

    def __init__(self, runner: DSRunner, recorded: Recording, first: int, factor: int) -> None:
        self.dt, self.steps = runner.dt.m_as("ms") * factor, runner.i // factor - first
        self.start = runner.t0.m_as("ms") + first * self.dt
        self.shapes = {path: node.population_shape for path, node in _spiking(runner.target).items()}
        self.traces: dict[str, tuple[Monitor, str, np.ndarray]] = {}  # by name, with the unit
        self.spikes: dict[str, tuple[np.ndarray, np.ndarray]] = {}  # times (ms) and neurons, sorted by these
        for monitor in runner.monitors:
            item = recorded[monitor.name]
            if isinstance(monitor.recorder, Events):
                axes = (item.indices,) if item.indices.ndim == 1 else tuple(item.indices.T)
                neurons = np.ravel_multi_index(axes, self.shapes[monitor.observable.path])
                order = np.argsort(neurons, kind="stable")
                self.spikes[monitor.observable.path] = item.times.m_as("ms")[order], neurons[order]
            else:
                unit = units.unit_of(item) if isinstance(item, pint.Quantity) else "dimensionless"
                self.traces[monitor.name] = monitor, unit, np.asarray(getattr(item, "magnitude", item))

    def count(self, path: str) -> np.ndarray:
        """Return the number of spikes of each neuron of a population, flattened."""
        return np.bincount(self.spikes[path][1], minlength=int(np.prod(self.shapes[path])))

    def in_steps(self, path: str, index: tuple[int, ...] | None) -> np.ndarray:
        """Return the number of spikes in each coarse step, (steps, *shape), of all or some neurons of a population."""
        shape, (times, neurons) = self.shapes[path], self.spikes[path]
        chosen = np.arange(int(np.prod(shape))).reshape(shape)
        chosen = chosen if index is None else chosen[..., np.array(index)]
        columns = np.full(int(np.prod(shape)), -1)  # of the neurons, -1 of those that are not chosen
        columns[chosen.ravel()] = np.arange(chosen.size)
        steps, column = np.ceil((times - self.start) / self.dt - 1e-6).astype(int) - 1, columns[neurons]
        counts = np.zeros((self.steps, chosen.size), np.int32)
        np.add.at(counts, (steps[column >= 0], column[column >= 0]), 1)
        return counts.reshape(self.steps, *chosen.shape)


def _change_of_trace(name: str, runs: list[_Run]) -> Change:
    monitor, unit, values = runs[0].traces[name]
    path, index = monitor.observable.path.rpartition(".")[0], monitor.observable.index
    shape = runs[0].shapes.get(path, ()) if isinstance(monitor.observable, StateValue) else ()
    recorded_shape = shape if index is None else (*shape[:-1], len(index))
    between = bool(shape) and values.shape[1:] == recorded_shape
    differences = []
    for a, b in itertools.pairwise(runs):
        apart = np.abs(a.traces[name][2].astype(float) - b.traces[name][2])
        if between:  # V jumps at a spike: a shifted one would hide all else
            first, second = a.in_steps(path, index), b.in_steps(path, index)
            apart = apart[(first == 0) & (second == 0) & (np.cumsum(first, 0) == np.cumsum(second, 0))]
        differences.append(apart)
    exact = values.dtype.kind != "f"
    rounding = 0.0 if exact else ROUNDING * np.finfo(values.dtype).eps * np.max(np.abs(values), initial=0.0)
    return _change(differences, unit, float(rounding))


def _spikes(path: str, runs: list[_Run], noisy: bool) -> Spikes:
    counts = np.stack([run.count(path) for run in runs])
    alike = counts[1:] == counts[:-1]
    shifts = []
    for a, b, same in zip(runs, runs[1:], alike, strict=False):
        times = [t[same[neurons]] for t, neurons in (a.spikes[path], b.spikes[path])]
        shifts.append(np.abs(times[0] - times[1]))
    total, duration = counts.sum(1), runs[0].steps * runs[0].dt
    rate = units.from_kernel(total / (counts.shape[1] * duration), "Hz")
    return Spikes(counts.shape[1], total, rate, (~alike).sum(1), _change(shifts, "ms", 1e-6 * runs[0].dt), noisy)


def _change(differences: list[np.ndarray], unit: str, rounding: float) -> Change:
    def of(reduce: Any) -> pint.Quantity:
        return units.attach(np.array([reduce(d) if d.size else np.nan for d in differences]), unit)

    return Change(of(np.max), of(lambda d: np.sqrt(np.mean(d**2))), rounding)
