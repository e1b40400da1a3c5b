"""Measure: the base of all measures, also of a user's own."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np

from simcore import Module

from ..observables import SPIKE, FunctionOf, Observable, observed

Array = Any
Carry = Any


@dataclasses.dataclass(frozen=True)
class Measure:
    """Base of all measures. A measure of your own is a subclass with `start`, `add` and `result`, no more.

    It works among the monitors of a runner and in a sweep. Where it has options, it is a frozen dataclass of its own,
    and `fit` turns quantities among them into numbers: what a compiled program depends on is hashed.

    Args:
        of: what it is about: the name of a state, a function of the model, or a pair of a name and indices; of
            measures of spikes the path of the population, by default the model that runs.
    """

    of: Any = None
    name: ClassVar[str] = "measure"  # in messages, files, and what a monitor is called; by default the class's name
    leading: ClassVar[tuple[str, ...]] = ()  # names of the axes of a result before those of the neurons, and after them
    trailing: ClassVar[tuple[str, ...]] = ()
    options: ClassVar[tuple[str, ...]] = ()  # the fields that a user may give
    in_a_runner: ClassVar[str] = ""  # of what suits sweeps alone: what to write among the monitors of a runner instead

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" not in vars(cls):
            cls.name = cls.__name__

    def __call__(self, of: Any = None, **options: Any) -> Measure:
        """Return the same measure of something else, or with other options."""
        for option in options:
            if option not in self.options:
                known = ", ".join(sorted(self.options)) or "none"
                raise TypeError(f"measure.{self.name} has no option {option!r}; it has {known}.")
        return dataclasses.replace(self, of=self.of if of is None else of, **options)

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
        """Return the measure for a run of so many steps of dt (ms); options in units become steps here."""
        return self

    def skips_steps(self) -> bool:
        """Return whether it keeps the values of some steps only, and so cannot be of spikes."""
        return False

    def start(self, value: Array) -> Carry:
        """Return what it carries before the first step; `value` has the shape and type of what it reads."""
        raise NotImplementedError

    def add(self, carry: Carry, value: Array, k: Array) -> Carry:
        """Return what it carries after the k-th step of the run, in which it reads `value`; plain `jax.numpy`."""
        raise NotImplementedError

    def result(self, carry: Carry, steps: int, dt: float, t0: float, unit: str) -> Any:
        """Return the quantity: from what it carries, numpy arrays, after so many steps of dt (ms) from t0 (ms) on.

        Args:
            unit: that of what it reads; `units.from_kernel(array, unit)` makes a quantity.
        """
        raise NotImplementedError

    def places(self, size: int, dt: float, t0: float) -> Any:
        """Return the coordinates along an own axis of the result, (size,)."""
        return np.arange(size)


class OfSpikes(Measure):
    """Base of measures of spikes."""

    def reads(self, target: Module) -> Observable:
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
    return t, (t - s) - y
