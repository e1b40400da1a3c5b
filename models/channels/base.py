"""Channel: a part of a membrane whose current is a density."""

from typing import Any, ClassVar

from simcore import Param, units
from simcore.bases import Part

from .gates import Gate
from .potentials import ghk_current

Array = Any


class Channel(Part):
    r"""Base of ion channels of a `CondNeuron`, which drive its membrane by a current density, inwards positive.

    .. math::
        I = g(V, x) (E - V), \quad dx/dt = \phi \, f_x(V, x), \quad \phi = Q_{10}^{(T - T_{ref}) / 10 \, K}

    A subclass declares parameters, its gates as states that start at rest, `gates` and `conductance`; one whose states
    are no such gates overrides `derivative` and `steady`::

        class IK(sc.models.channels.Channel):
            g = sc.Param(36.0, "mS/cm**2", "maximal conductance", nonnegative=True)
            E = sc.Param(-77.0, "mV", "reversal potential")
            n = sc.HiddenState("dimensionless", "activation", init=sc.models.channels.STEADY)

            def gates(self, V):
                return (AlphaBeta(linoid_rate(V, 0.1, -55.0, 10.0), exp_rate(V, 0.125, -65.0, -80.0)),)

            def conductance(self, V, n):
                return self.g * n**4

    **What it is not given comes from its neuron**: `temperature`, and, declared by channels that need them, `E`, `C_i`,
    `C_o` (of the ion that it carries; C_i of the ion that it follows). Both are declared by the names of the ions in
    ``CondNeuron(ions={"ca": ...})``: `carries`, whose concentration its current changes; `follows`, which acts on its
    gates.
    """

    of_membrane = True
    carries: ClassVar[str] = ""
    follows: ClassVar[str] = ""

    E = Param(None, "mV", "reversal potential; by default that of the ion that it carries")
    temperature = Param(None, "K", "temperature; by default the neuron's", positive=True)
    Q10 = Param(None, "dimensionless", "factor of all rates for 10 K; without it they are fixed", positive=True)
    T_ref = Param(None, "K", "temperature at which the rates are those of the equations", positive=True)

    def check_params(self) -> None:
        """Refuse a Q10 that would have no effect."""
        super().check_params()
        if "Q10" in self.given() and "T_ref" not in self.given():
            raise ValueError(f"{self.name}: Q10 needs the temperature at which the rates are those of the equations; "
                             "write e.g. T_ref='309.15 K'.")  # fmt: skip

    def gates(self, V: Array) -> tuple[Gate, ...]:
        """Return how each of its states moves at the potential V, at T_ref, in the order of their declaration."""
        return ()

    def conductance(self, V: Array, *gates: Array) -> Array:
        """Return the conductance, mS/cm**2."""
        raise NotImplementedError(f"{type(self).__name__} defines no conductance(V, *gates).")

    def current(self, V: Array, *gates: Array) -> Array:
        """Return the current density into the neuron, uA/cm**2."""
        return self.conductance(V, *gates) * (self.E - V)

    def factors(self) -> tuple[Array, ...]:
        """Return Q10 of each gate, in the order of their declaration."""
        return (self.Q10,) * len(self.integrated())

    def derivative(self, V: Array, *gates: Array) -> tuple[Array, ...]:
        """Return the rates of the gates."""
        rates = tuple(gate.rate(x) for gate, x in zip(self.gates(V), gates, strict=True))
        if self.T_ref is None or self.factors()[0] is None:
            return rates
        tens = (self.temperature - self.T_ref) / units.quantity(10.0, "K")
        return tuple(Q10**tens * rate for Q10, rate in zip(self.factors(), rates, strict=True))

    def steady(self, V: Array) -> dict[str, Array]:
        """Return the states at rest at the potential V, by name."""
        return {name: gate.steady() for name, gate in zip(self.integrated(), self.gates(V), strict=True)}

    def lent(self) -> tuple[str, ...]:
        """Return the parameters that it declares and is not given, and which its neuron therefore lends it."""
        names = ("temperature", "E", "C_i", "C_o")
        return tuple(name for name in names if name in self.PARAMS and name not in self.given())

    def lender(self, name: str) -> str:
        """Return the ion that lends a parameter, by its name in the neuron."""
        return (self.follows or self.carries) if name == "C_i" else self.carries


class GHKChannel(Channel):
    r"""Base of channels through which ions flow by the equation of Goldman, Hodgkin and Katz.

    .. math::
        I = P(V, x) z F \xi \frac{C_o e^{-\xi} - C_i}{1 - e^{-\xi}}, \quad \xi = z F V / (R T)

    A subclass says its `valence` and `permeability`, a length by time: 1e-3 cm/s are 0.01 um/ms.
    """

    valence: ClassVar[int] = 1
    E = None
    C_i = Param(None, "mM", "concentration inside; by default that of the ion", positive=True)
    C_o = Param(None, "mM", "concentration outside; by default that of the ion", positive=True)

    def permeability(self, V: Array, *gates: Array) -> Array:
        """Return the permeability, um/ms."""
        raise NotImplementedError(f"{type(self).__name__} defines no permeability(V, *gates).")

    def current(self, V: Array, *gates: Array) -> Array:
        """Return the current density into the neuron, uA/cm**2."""
        flux = ghk_current(V, self.C_i, self.C_o, self.temperature, self.valence)
        return self.permeability(V, *gates) * flux
