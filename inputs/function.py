"""Inputs given as a function of t and of parameters with units; nothing is stored."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pint

from simcore import Signal, environ, units
from simcore.module import code
from simcore.step import lines
from simcore.units import ValueLike
from simcore.units.markers import mark


class Function(Signal):
    """f(t, **parameters), evaluated at the stages of the integrator: made by `function`."""

    def __init__(self, f: Callable[..., Any], unit: str, /, **parameters: ValueLike) -> None:
        try:
            inspect.signature(f).bind(0.0, **parameters)
        except TypeError as err:
            raise TypeError(
                f"inputs.function: f{inspect.signature(f)} cannot be called with t and these: {err}."
            ) from err
        self.f, self.unit, self._dimension = f, unit, units.dimension(unit)
        read = {k: units.read(v, f"inputs.function: {k!r}") for k, v in parameters.items()}
        unit_of = {k: units.unit_of(v) if isinstance(v, pint.Quantity) else "dimensionless" for k, v in read.items()}
        self.parameters = {k: units.to_kernel(v, unit_of[k], f"inputs.function: {k!r}") for k, v in read.items()}
        self._dimensions = {k: units.dimension(u) for k, u in unit_of.items()}
        self._units = tuple(unit_of.items())

    @property
    def key(self) -> Hashable:  # type: ignore[override]
        """What the compiled program depends on besides the arrays: the code of f, with the values that it names."""
        return code.Frozen().function(self.f), self.unit, self._units

    def arrays(self, start: int, count: int, capacity: int, dt: float) -> dict[str, Any]:
        return dict(self.parameters)

    def dimensions(self) -> dict[str, units.Dimension]:
        return self._dimensions

    def declared(self) -> dict[str, tuple[str, tuple[int, ...]]]:
        return {name: (unit, np.shape(self.parameters[name])) for name, unit in self._units}

    def at(self, arrays: dict[str, Any], k: Any) -> Any:
        value = jnp.asarray(self.f(environ.get("t"), **arrays))
        program = getattr(self.f, "__code__", None)  # none of an object that can be called
        place = f"{lines.shown(program.co_filename, program.co_firstlineno, program.co_name)}; " if program else ""
        what = f"the value of inputs.function ({place}declared in {self.unit})"
        within = program.co_name if program else ""
        cure = (
            f"; numbers with a unit are arguments: function(lambda t, A: A + 0 * t, {self.unit!r}, A=2 * {self.unit})"
        )
        return mark(value, check=self._dimension, what=what, within=within, cure=cure)

    def functions_of_t(self) -> tuple[str, ...]:
        return ("",)


def function(f: Callable[..., Any], unit: str, /, **parameters: ValueLike) -> Function:
    """Return the input f(t, **parameters), checked like a model's equations and never stored.

    ``function(lambda t, A, freq: A * jnp.sin(2 * jnp.pi * freq * t), "mA", A=2 * mA, freq=10 * Hz)``

    An update() gets the value at the start of the step. What it hands to integrate() is taken at the times of the
    method's stages: rk4 is of order 4 under such an input, exp_euler and exact, which take the middle of the step,
    of order 2.

    Args:
        f: plain `jax.numpy` code; t is absolute (the runner's t0 included).
        unit: the unit of its value.
        parameters: quantities or numbers; a changed value does not recompile.

    Raises:
        DimensionalityError: when it is first run: the value is not in the unit, or its equation does not fit.
    """
    return Function(f, unit, **parameters)
