"""Sweep: many runs of one model that differ in parameters, inputs, initial states or seeds, as one batched program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from typing import Any, overload

import jax
import numpy as np

from simcore import Module, distributed, units
from simcore.files import PathLike
from simcore.module.display import table_of
from simcore.step.context import default_dt
from simcore.step.fitted import fit
from simcore.step.signal import InputLike
from simcore.units import OneQuantity
from simcore.units.clock import MAX_STEP, as_time, milliseconds, n_steps, time_step

from .. import settings
from ..labelled.array import Labelled
from ..labelled.choose import shown
from ..measure import Measure, as_measure
from ..measure.base import QUANTILE
from ..observables import NEURON
from ..progress import progress
from ..record.lasting import warn_of
from ..record.recorders import Running
from .axes import Axes
from .batch_files import BatchFiles
from .batches import Batches, Finished
from .design import Design, Joint, mapped, read_over
from .fingerprint import fingerprint
from .known import Known
from .part import Part, bounds, check_part, lock_of
from .points import Points, points_of
from .result import SweepResult
from .troubles import States, settled
from .variants import Variants


def positive_or_none(who: str, value: Any) -> int | None:
    """Return a batch size."""
    if value is not None and (not isinstance(value, int) or value < 1):
        raise ValueError(f"{who}: 'batch_size' must be a positive int, got {value!r}.")
    return value


class Sweep(settings.Settings):
    """Runs a model at many points: every value is checked first, then all points run in one compiled program.

    Each point is the run that a fresh `DSRunner` makes of the model with these values, from its initial state.
    All points have the same noise, unless there is an axis "seed".

    Args:
        target: a neuron, layer or network; it does not change. Or a function that builds one, whose arguments may be
            on axes (one called "seed" too): what no parameter can change, such as sizes. Each model is built as its
            points are run.
        over: names and values. A name is the dotted path of a parameter or state, "inputs" ("inputs.E" of a
            population), "dt", "seed" (of the noise), that of a part ("exc.seed": its connections) or an option like
            "method"; its values are a quantity (n,) or a list. All combinations run; `simcore.design` has points taken
            together, and random designs.
        measure: by name, what is computed in each run: `simcore.measure`, or a function of the model (its last value).
        inputs: the drive that all points share, as for a runner; or a function that makes it of arguments, which
            axes "inputs.NAME" sweep.
        dt: the time step; by default the environment's (0.1 ms). A coarser waveform is held.
        t0: the time at which step 0 begins.
        seed: of the noise in the models.
        batch_size: how many points run at once, at most; by default as many as fit into the cache or the memory.
        progress_bar: show one for sweeps that take longer than a second.
        set: a function of values on axes that returns others by name: ``set=lambda g: {"inh.weight": -g * w}``. The
            names of its arguments need not be any of the model.

    Raises:
        DimensionalityError: a value has another dimension, or the equations do not fit.
        ValueError: a name is unknown, or a value violates a constraint, with the axis and the values.
    """

    SETTABLE = ("batch_size", "progress_bar")
    target: Any
    inputs: Any
    seed: int
    design: Design
    variants: Variants
    measures: dict[str, Measure]
    axes: Axes
    batch_size = settings.Setting(positive_or_none)
    progress_bar = settings.Setting(settings.flag("progress_bar"))

    def __init__(
        self,
        target: Module | Callable[..., Module],
        over: Mapping[str, Any] | Joint,
        measure: Mapping[str, Any],
        inputs: InputLike | Callable[..., Any] = None,
        dt: OneQuantity | None = None,
        t0: OneQuantity | None = None,
        seed: int = 0,
        batch_size: int | None = None,
        progress_bar: bool = True,
        set: Callable[..., dict[str, Any]] | None = None,
    ) -> None:
        if not isinstance(measure, dict) or not measure:
            raise TypeError("Sweep: 'measure' must be a dict from names to measures, {'rate': sc.measure.firing_rate}.")
        self.batch_size, self.progress_bar = batch_size, progress_bar
        design = read_over(over) if set is None else mapped(read_over(over), set)
        self.fix(target=target, inputs=inputs, seed=settings.seed("Sweep", seed), design=design)
        self.fix(variants=Variants(target, design))
        self.fix(measures={name: as_measure(name, m) for name, m in measure.items()})
        self._check_names()
        self._t0 = 0.0 if t0 is None else milliseconds(t0, "Sweep: 't0'")
        self._dt = default_dt() if dt is None else time_step(dt, "Sweep")
        self.fix(axes=self._axes_of(0))
        for m in self.measures.values():
            m.reads(self.axes.target)  # it refuses what is not there

    def _axes_of(self, k: int) -> Axes:
        """Return the axes of the k-th model, checked."""
        return Axes(self.variants.model(k), self.design, self.inputs, self._dt, self.seed, self.variants.keys)

    def __repr__(self) -> str:
        axes = ", ".join(f"{dim}: {n}" for dim, n in zip(self.design.dims, self.design.shape, strict=True))
        what = f"{self.design.n_points} points of {type(self.axes.target).__name__}"
        return f"Sweep of {what} over ({axes}), measuring {', '.join(self.measures)}"

    def _repr_html_(self) -> str:
        lines = [(key, shown(self.design.values(key))) for key in self.design.keys]
        lines += [(name, measure.who) for name, measure in self.measures.items()]
        return f"<b>{escape(f'{self}'.partition(' over ')[0])}</b>{table_of(('axis or measure', 'values'), lines)}"

    def _check_names(self) -> None:
        """Refuse names that the result, or its axes, would have twice."""
        if taken := set(dir(SweepResult)) & set(self.measures):
            raise ValueError(f"Sweep: a result has {taken.pop()!r} itself; give the measure another name.")
        axes = {*self.design.dims, *self.design.keys, *self.design.mapped}
        if taken := axes & set(self.measures):
            raise ValueError(f"Sweep: {taken.pop()!r} names an axis and a measure; give the measure another name.")
        of_measures = {NEURON, QUANTILE, *(dim for m in self.measures.values() for dim in (*m.leading, *m.trailing))}
        if taken := set(self.design.dims) & of_measures:
            raise ValueError(f"Sweep: {taken.pop()!r} is the name of an axis of measures; give this axis another.")

    @overload
    def run(
        self, duration: OneQuantity | None = None, store: PathLike | None = None, part: None = None
    ) -> SweepResult: ...

    @overload
    def run(self, duration: OneQuantity | None, store: PathLike, part: Part) -> SweepResult | None: ...

    def run(
        self, duration: OneQuantity | None = None, store: PathLike | None = None, part: Part | None = None
    ) -> SweepResult | None:
        """Run all points, or a part of them, and return the measures, labelled by the axes.

        Args:
            duration: how long each point runs; by default as long as the inputs, if all have one length.
            store: a folder where finished batches are kept; the same call goes on where an earlier one stopped.
            part: (k, n) runs the k-th of n shares (from 0), as one of n processes that know nothing of one another,
                e.g. of a Slurm array; "any" takes batches that no other process has, until none is left: any number of
                processes may come and go, and what one that died had taken, another one takes.

        Returns:
            The measures by name: see `SweepResult`. Of a part, None as long as others have not finished theirs: the
            last one has all, and so has `simcore.open_sweep`.

        Raises:
            ValueError: the duration is no whole number of steps, or not known; the store belongs to another sweep.
            BlockingIOError: another process runs this part.
            MemoryError: the results do not fit.
        """
        check_part(part, store)
        if duration is None:
            duration = _common_length(p for k in range(len(self.variants)) for p in self._points(k))
        n = self.design.n_points
        if n < jax.process_count():
            raise ValueError(f"Sweep: {n} points for {jax.process_count()} processes; there must be one for each.")
        share = distributed.own_share(n) if part is None or part == "any" else slice(*bounds(part, n))
        first = self._jobs(0, duration)
        states: States = []
        checked = self._checked(first, duration, states)
        about = {} if store is None else fingerprint(self, checked, duration)
        for _ in checked:  # all values are checked before anything runs
            pass
        folder = None if store is None else BatchFiles(store, about, lock_of(part))
        known = Known(n)
        self._run_all(first, duration, share, folder, known, claims=part == "any")
        rows = known.rows
        if part is None:
            rows = {name: distributed.gathered(values[share], n) for name, values in rows.items()}
        elif folder is not None and not known.complete_from(folder):
            return None
        values = settled(self.axes, self.measures, rows, states, known.told)
        result = SweepResult({name: self._labelled(name, values[name], first[0]) for name in self.measures})
        if folder is not None and jax.process_index() == 0:
            folder.complete(result)
        return result

    def _run_all(
        self, first: list[Batches], duration: Any, share: slice, folder: BatchFiles | None, known: Known, claims: bool
    ) -> None:
        """Run the points of a share, or those that nobody else has claimed; note what becomes known of all."""
        lasting: dict[str, None] = {}
        with progress(self.design.n_points, self.progress_bar, unit="point", unit_scale=True) as advanced:
            for k in range(len(self.variants)):
                for job in self._jobs(k, duration) if k else first:
                    known.programs.append((job.points.index, job.forms()))
                    for batch in [] if folder is None else folder.load(*known.programs[-1]):
                        advanced(known.put(job.points.index, batch))
                    todo = (job.points.index >= share.start) & (job.points.index < share.stop)
                    todo &= ~known.done[job.points.index]
                    for batch in self._new(job, todo, folder if claims else None):
                        if folder is not None:
                            folder.save(job.points.index[batch.which], batch)
                        advanced(known.put(job.points.index, batch))
                    lasting |= job.lasting
        for name in lasting:  # once for all points
            warn_of(name)

    def _new(self, job: Batches, todo: np.ndarray, claims: BatchFiles | None) -> Iterator[Finished]:
        """Yield batches of the points that are to be done as they are run; those that nobody else has claimed."""
        if claims is None:
            yield from job.batches(np.flatnonzero(todo), self.batch_size)
            return
        for block in job.blocks(self.batch_size):
            index = job.points.index[block]
            if todo[block].any() and (claim := claims.claim(index)) is not None:
                yield from job.batches(block, self.batch_size)
                claims.drop(claim)

    def _points(self, k: int) -> list[Points]:
        """Return the points that have the k-th model, by program."""
        return list(points_of(self._axes_of(k) if k else self.axes, self.variants.index(k)))

    def _jobs(self, k: int, duration: Any) -> list[Batches]:
        return [self._batches(points, n_steps(duration, points.dt)) for points in self._points(k)]

    def _checked(self, first: list[Batches], duration: Any, states: States) -> Iterator[Batches]:
        """Yield the programs of all models, one model at a time, checked; tell which states the points have.

        Raises:
            ValueError: a measure has not the same shape in all of them.
        """
        expected = first[0].forms()
        for k in range(len(self.variants)):
            for job in self._jobs(k, duration) if k else first:
                differ = [name for name, (shape, _) in job.forms().items() if shape != expected[name][0]]
                if differ:
                    here, shape = self.axes.point(int(job.points.index[0])), job.forms()[differ[0]][0]
                    raise ValueError(
                        f"Sweep: {differ[0]!r} has not the same shape at all points: {shape} at {here}, "
                        f"{expected[differ[0]][0]} at the first; take over='neurons', or every=, a time."
                    )
                states.append((job.points.index, job.states))
                yield job

    def _batches(self, points: Points, steps: int) -> Batches:
        if steps > MAX_STEP:
            raise ValueError(f"Sweep: {steps} steps of dt = {points.dt:.10g} ms; up to 2**31 - 1 work.")
        fit(points.model, points.dt)
        recorders = tuple(self._recorder(name, m, points, steps) for name, m in self.measures.items())
        return Batches(points, recorders, steps, self._t0)

    def _recorder(self, name: str, measure: Measure, points: Points, steps: int) -> Running:
        schedule = measure.span.schedule(f"Sweep: {measure.who}", points.dt, self._t0)
        if not (steps if schedule is None else schedule.samples(steps)):
            raise ValueError(f"Sweep: {name!r}, {measure.who}{measure.shown_window()}, has nothing to measure in a run "
                             f"of {steps * points.dt:.10g} ms.")  # fmt: skip
        return Running(name, measure.reads(points.model), measure=measure).fit(schedule, steps, points.dt)

    def _labelled(self, name: str, rows: np.ndarray, job: Batches) -> Labelled:
        """Return the results of a measure, (n_points, ...), with the axes of the design before its own."""
        recorder, channel = next(r for r in job.recorders if r.name == name), job.channels[name]
        measure, unit = recorder.measure, job.result_units[name]
        values = rows.reshape(*self.design.shape, *rows.shape[1:])
        of_neurons = measure.neuron_axes(len(channel.shape))
        if channel.shape == (1,) and of_neurons == [NEURON]:  # one neuron needs no axis
            values, of_neurons = np.squeeze(values, len(self.design.shape) + len(measure.leading)), []
        sizes, clock = values.shape[len(self.design.shape) :], (job.points.dt, self._t0)
        coords = {dim: dict(self.design.axes[dim]) for dim in self.design.dims}
        coords |= recorder.coordinates(of_neurons, sizes, channel, (0, job.steps), clock)
        return Labelled(name, tuple(coords), coords, values if unit is None else units.attach(values, f"{unit}"))


def _common_length(programs: Iterable[Points]) -> Any:
    """Return the duration of the inputs of all points."""
    steps = [(n, points.dt) for points in programs for n in points.input_lengths()]
    ms = sorted({float(f"{n * dt:.10g}") for n, dt in steps if n is not None})
    if len(ms) != 1 or any(n is None for n, _ in steps):
        listed = ", ".join(f"{v:g}" for v in ms[:5]) + ", ..." * (len(ms) > 5)
        what = f"they last {listed} ms" if ms else "they have no end" if steps else "there are none"
        raise ValueError(f"Sweep: run() needs a duration, or inputs of one length; {what}.")
    return as_time(ms[0])
