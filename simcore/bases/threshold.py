"""Threshold: what V is tested against: moved by parts, or replaced by a rate at which spikes come at random."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp

from .. import units
from ..module.declare import State
from ..units.markers import mark
from .dynamics import Dynamics
from .escape import Escape
from .part import Part

Array = Any


class Threshold(Dynamics):
    """Dynamics whose V has a threshold."""

    spk_fun: Callable[..., Any]
    escape: Escape | None = None
    _threshold_found: Any = None  # inside a step: the threshold as the update finds it, where it may be moved
    if TYPE_CHECKING:
        V_th: Any  # parameters that most subclasses declare
        V_reset: Any
        V_rearm: Any

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "escape" and not isinstance(value, Escape):
            raise TypeError(
                f"{self.name}: 'escape' must be an escape rate, e.g. sc.models.ExponentialRate(rate=10 * Hz, "
                f"delta=2 * mV), got {value!r}."
            )
        super().__setattr__(name, value)

    def threshold(self) -> Any:
        """Return the threshold of V, by default V_th: the parameter, or the state of that name."""
        if not self.has_threshold():
            raise NotImplementedError(
                f"{type(self).__name__} defines no get_spike(); "
                "define it, or the state V and the parameters V_th and V_reset."
            )
        return self.V_th.value if isinstance(self.V_th, State) else self.V_th

    def moved_threshold(self) -> Any:
        """Return, inside a step, the threshold of V with what parts add to it."""
        threshold = self.threshold()
        for part in self._movers():
            what = f"the threshold() of {type(part).__name__}"
            threshold = threshold + mark(jnp.asarray(part.threshold()), check=units.dimension("mV"), what=what)
        return threshold

    def scale(self) -> Any:
        """Return the voltage that makes the surrogate's argument a number: V_th - V_reset, or V_th - V_rearm."""
        V_th = self.V_th
        low = self.V_reset if self.has_value("V_reset") else self.V_rearm
        return (V_th.value if isinstance(V_th, State) else V_th) - low

    def has_threshold(self) -> bool:
        """Return whether it has V_th, and V_reset or V_rearm below it."""
        return self.has_value("V_th") and (self.has_value("V_reset") or self.has_value("V_rearm"))

    @property
    def parts_move_threshold(self) -> bool:
        """Whether a part adds to the threshold."""
        return bool(self._movers())

    def _movers(self) -> list[Part]:
        return [part for part in self.parts.values() if type(part).threshold is not Part.threshold]

    def before_update(self) -> None:
        """Remember the threshold as the update finds it, before spikes act on the parts."""
        if self.escape is not None or self.parts_move_threshold:
            self._threshold_found = self.moved_threshold()
        super().before_update()

    def escaped(self, escape: Escape, V_found: Array, V: Array, last: Array, free: Array | None) -> Array:
        """Return the spikes of a step at an escape rate, for V at its start and its end: see `Escape.decide`."""
        return escape.decide(V_found - self._threshold_found, V - self.moved_threshold(), last, free, self.spk_fun)
