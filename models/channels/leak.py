"""Leak: a conductance without gates."""

from typing import Any

from simcore import Param

from .base import Channel


class IL(Channel):
    r"""Leak.

    .. math::
        I = g (E - V)
    """

    g = Param(0.1, "mS/cm**2", "conductance", nonnegative=True)
    E = Param(-70.0, "mV", "reversal potential")
    temperature = None
    Q10 = None
    T_ref = None

    def conductance(self, V: Any, *gates: Any) -> Any:
        """Return the conductance."""
        return self.g
