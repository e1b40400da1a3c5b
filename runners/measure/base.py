"""Measure: the base of all measures, also of a user's own."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterator, Sequence
from typing import Any, ClassVar, TypedDict, Unpack

import jax
import jax.numpy as jnp
import numpy as np

from simcore import Module, units
from simcore.units import OneQuantity, Quantities

from .. import reductions
from ..observables import SPIKE, FunctionOf, Observable, Observed, neuron_axes, observed
from ..schedule import Window, window

Array = Any
Carry = Any


class Options(TypedDict, total=False):
    """What the measures of `sc.measure` may be given: see `Measure`, and each of them."""

    start: OneQuantity | None
    stop: OneQuantity | None
    every: OneQuantity | None
    over: str | None
    reduce: str | float | Sequence[float] | np.ndarray
    min_spikes: int
    bins: Quantities
    window: OneQuantity
    room: int


NEURONS = "neurons"
QUANTILE = "quantile"  # names the axis of several quantiles over the neurons


@dataclasses.dataclass(frozen=True)
class Measure:
    """Base of all measures. A measure of your own is a subclass with `begin`, `add` and `result`, no more.

    It works among the monitors of a runner and in a sweep. Where it has options, it is a frozen dataclass of its own,
    and `fit` turns quantities among them into numbers: what a compiled program depends on is hashed.

    Args:
        of: what it is about: the name of a state, a function of the model, or a pair of a name and indices; of
            measures of spikes the path of the population, by default the model that runs.
        start: a time of the run: nothing before it counts, as for `Record`. Each time is a whole number of steps.
        stop: a time: nothing after it counts.
        every: the time between two values that count; by default a step. Measures of spikes need each step.
        over: "neurons" gives one number for all of them instead of one for each; neurons without a value (nan) do
            not count.
        reduce: which number: "mean", "std", "min", "max", "median", a quantile, or several, (0.1, 0.5, 0.9).

    Without a step in the window, what is no count is nan.
    """

    of: Observed | None = None
    start: OneQuantity | None = None
    stop: OneQuantity | None = None
    every: OneQuantity | None = None
    over: str | None = None
    reduce: Any = "mean"
    name: ClassVar[str] = "measure"  # in messages, files, and what a monitor is called; by default the class's name
    leading: ClassVar[tuple[str, ...]] = ()  # names of the axes of a result before those of the neurons, and after them
    trailing: ClassVar[tuple[str, ...]] = ()
    options: ClassVar[tuple[str, ...]] = ()  # the fields that a user may give, beside those of all measures
    of_neurons: ClassVar[bool] = True  # whether `result` has the axes of the neurons, or is of the whole population
    in_a_runner: ClassVar[str] = ""  # of what suits sweeps alone: what to write among the monitors of a runner instead

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" not in vars(cls):
            cls.name = cls.__name__

    def __post_init__(self) -> None:
        self.span  # noqa: B018  it refuses what is no time
        if self.over not in (None, NEURONS) or (self.over and not self.of_neurons):
            needs = f"can be {NEURONS!r}" if self.of_neurons else "is left out: it is one number of all neurons"
            raise ValueError(f"{self.who}: 'over' {needs}, got {self.over!r}.")
        object.__setattr__(self, "reduce", reductions.checked(self.reduce, f"{self.who}: 'reduce'"))
        if self.reduce != "mean" and self.over is None:
            raise ValueError(f"{self.who}: 'reduce' needs over={NEURONS!r}.")

    def __call__(self, of: Observed | None = None, **options: Unpack[Options]) -> Measure:
        """Return the same measure of something else, or with other options."""
        for option in options:
            if option not in self.all_options:
                known = ", ".join(self.all_options)
                raise TypeError(f"measure.{self.name} has no option {option!r}; it has {known}.")
        changed: dict[str, Any] = {**options, "of": self.of if of is None else of}
        return dataclasses.replace(self, **changed)

    @property
    def who(self) -> str:
        """What messages begin with."""
        return f"measure.{self.name}"

    @property
    def all_options(self) -> tuple[str, ...]:
        """The fields that a user may give, but what it is of."""
        return *self.options, *(field.name for field in dataclasses.fields(Measure) if field.name != "of")

    @property
    def span(self) -> Window:
        """Which steps count."""
        return window(self.who, self.every, self.start, self.stop)

    def shown_window(self) -> str:
        """Return the times of the window as text."""
        times = {"start": self.start, "stop": self.stop, "every": self.every}
        return ", ".join(["", *(f"{k}={units.show(v)}" for k, v in times.items() if v is not None)])

    def neuron_axes(self, n: int) -> list[str]:
        """Return the names of the axes of a result that stand for the neurons, who have n axes."""
        if self.over or not self.of_neurons:
            return [QUANTILE] if isinstance(self.reduce, tuple) else []
        return neuron_axes(n)

    def without_options(self) -> Measure:
        """Return it without what `span`, `over` and `of` say: a compiled program does not depend on these."""
        return dataclasses.replace(self, of=None, start=None, stop=None, every=None, over=None, reduce="mean")

    def reduced(self, value: Any, n_axes: int) -> Any:
        """Return a result as `over` and `reduce` want it, whose neurons have so many axes."""
        if self.over is None:
            return value
        after = len(self.trailing)
        axes = tuple(range(-after - n_axes, -after))
        result = reductions.reduced(value, self.reduce, axes)
        quantiles = isinstance(self.reduce, tuple)  # their axis comes first: to where the neurons were
        return np.moveaxis(result, 0, -1 - after) if quantiles else result

    def reads(self, target: Module) -> Observable:
        """Return what it reads in each step.

        Raises:
            ValueError: there is nothing of that name.
        """
        if self.of is None:
            raise ValueError(f"measure.{self.name} needs to know of what: measure.{self.name}('V').")
        what, chosen = self.of if isinstance(self.of, tuple) else (self.of, None)
        if isinstance(what, str):
            return observed(target, what, chosen)
        if not callable(what) or chosen is not None:
            raise TypeError(f"measure.{self.name} is of a name, a (name, indices) pair or a function of the model, "
                            f"got {self.of!r}.")  # fmt: skip
        return FunctionOf(function=what)

    def fit(self, steps: int, dt: float) -> Measure:
        """Return the measure for a run in which so many steps of dt (ms) count; options in units become steps here."""
        return self

    def begin(self, value: Array) -> Carry:
        """Return what it carries before the first step; `value` has the shape and type of what it reads."""
        raise NotImplementedError(f"{type(self).__name__} defines no begin().")

    def add(self, carry: Carry, value: Array, k: Array) -> Carry:
        """Return what it carries after the k-th step that counts, in which it reads `value`; plain `jax.numpy`."""
        raise NotImplementedError(f"{type(self).__name__} defines no add().")

    def add_if(self, counts: Array, carry: Carry, value: Array, k: Array) -> Carry:
        """Return the same where a step `counts` (bool), else what it carries already."""
        return jax.tree.map(lambda new, old: jnp.where(counts, new, old), self.add(carry, value, k), carry)

    def kind_of_carry(self) -> Hashable:
        """Return what is equal of measures that carry dicts in which arrays of one name are alike; None of all else."""
        return None

    def room_needed(self, carry: Carry) -> Array | None:
        """Return how large its option `room` would have to be for each neuron, 0 where it is; None without one."""
        return None

    def result(self, carry: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        """Return the quantity: from what it carries, numpy arrays, after so many steps of dt (ms) from t0 (ms) on.

        Those are the steps that count: `every` is dt here, and the window begins at t0.

        Args:
            unit: that of what it reads; `units.from_kernel(array, unit)` makes a quantity.
        """
        raise NotImplementedError(f"{type(self).__name__} defines no result().")

    def places(self, size: int, dt: float, t0: float) -> Any:
        """Return the coordinates along an own axis of the result, (size,)."""
        return np.arange(size)


class OfSpikes(Measure):
    """Base of measures of spikes."""

    def reads(self, target: Module) -> Observable:
        if self.every is not None:
            raise ValueError(f"{self.who} is of spikes, those of each step: 'every' would miss some; leave it out.")
        path, chosen = self.of if isinstance(self.of, tuple) else (self.of, None)
        return observed(target, f"{path}.{SPIKE}" if path else SPIKE, chosen)


def named(name: str) -> list[Measure]:
    """Return the measures of that name: one, unless two classes share it or there is none in this process."""

    def below(cls: type[Measure]) -> Iterator[type[Measure]]:
        for kind in cls.__subclasses__():
            yield kind
            yield from below(kind)

    return [kind() for kind in dict.fromkeys(below(Measure)) if kind.name == name]


def zeros(value: Array) -> tuple[Array, Array]:
    """Return the start of a sum with `added`: 0, and no rounding error."""
    zero = jnp.zeros(value.shape, jnp.result_type(float))
    return zero, zero


def added(total: tuple[Array, Array], value: Array) -> tuple[Array, Array]:
    """Add to a sum and its rounding error (Kahan 1965): a plain float32 sum stands still after some 10^7 terms."""
    s, error = total
    y = value - error
    t = s + y
    # The choices change nothing. Without them XLA copies the sum in each step on CPUs, as both results are made of it.
    known = value == value  # not nan
    return jnp.where(known, t, jnp.nan), jnp.where(known, (t - s) - y, 0.0)
