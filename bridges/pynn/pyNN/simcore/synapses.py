"""Types of synapses, and the plasticity of simcore that each is."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from pyNN.errors import InvalidParameterValueError, NoModelAvailableError
from pyNN.standardmodels import build_translations, synapses

import simcore as sc
from simcore.units import attach

from . import simulator
from .rules import LONGEST, LateSTDP, LateVogelsSTDP


def _same(*names: str) -> dict[str, Any]:
    """Return translations of parameters that keep PyNN's names and units."""
    return build_translations(*((name, name) for name in names))


def _require(allowed: np.ndarray, synapse: Any, name: str, needs: str, values: np.ndarray) -> None:
    """Raise if a parameter is not allowed, at some synapses."""
    if not np.all(allowed):
        raise InvalidParameterValueError(f"{type(synapse).__name__}: {name} {needs}, got {values[~allowed][0]}.")


class _Synapse:
    """What the bridge asks of a type of synapse."""

    short_term: ClassVar[tuple[str, ...]] = ()  # the parameters of its short-term plasticity
    sees_late: bool = False  # whether its rule depends on the delay

    def _get_minimum_delay(self) -> float:
        return simulator.state.default_delay

    def check(self, p: dict[str, np.ndarray]) -> None:
        """Raise where parameters of synapses, (n,) each, are not allowed."""
        _require(p["delay"] >= 0, self, "delay", "must be >= 0 ms", p["delay"])

    def plasticity(self, p: dict[str, float], unit: str) -> Any:
        """Return the rule of the weights, which are in a unit, by the parameters of the synapses; None without one."""
        return None


class StaticSynapse(_Synapse, synapses.StaticSynapse):
    __doc__ = synapses.StaticSynapse.__doc__
    translations = _same("weight", "delay")


class ElectricalSynapse(_Synapse, synapses.ElectricalSynapse):
    __doc__ = synapses.ElectricalSynapse.__doc__
    translations = _same("weight")
    parameter_checks: ClassVar[dict[str, Any]] = {}  # PyNN's are about receptors

    def get_schema(self) -> dict[str, type]:
        """Return the parameters with their types: unlike PyNN's other synapses, these have no delay."""
        return {"weight": float}

    def check(self, p: dict[str, np.ndarray]) -> None:
        """Raise where a conductance is negative."""
        _require(p["weight"] >= 0, self, "weight", "is a conductance and must be >= 0 uS", p["weight"])


class TsodyksMarkramSynapse(_Synapse, synapses.TsodyksMarkramSynapse):
    __doc__ = synapses.TsodyksMarkramSynapse.__doc__
    short_term = ("U", "tau_rec", "tau_facil")
    translations = _same("weight", "delay", *short_term)

    def check(self, p: dict[str, np.ndarray]) -> None:
        """Raise where a parameter is not allowed."""
        super().check(p)
        _require((p["U"] > 0) & (p["U"] <= 1), self, "U", "must be > 0 and <= 1", p["U"])
        _require(p["tau_rec"] > 0, self, "tau_rec", "must be > 0 ms", p["tau_rec"])
        _require(p["tau_facil"] >= 0, self, "tau_facil", "must be >= 0 ms", p["tau_facil"])


class AdditiveWeightDependence(synapses.AdditiveWeightDependence):
    __doc__ = synapses.AdditiveWeightDependence.__doc__
    translations = _same("w_min", "w_max")
    powers: ClassVar[Any] = (None, None)  # of the room above the weight, and below


class MultiplicativeWeightDependence(synapses.MultiplicativeWeightDependence):
    __doc__ = synapses.MultiplicativeWeightDependence.__doc__
    translations = _same("w_min", "w_max")
    powers: ClassVar[Any] = (1.0, 1.0)


class AdditivePotentiationMultiplicativeDepression(synapses.AdditivePotentiationMultiplicativeDepression):
    __doc__ = synapses.AdditivePotentiationMultiplicativeDepression.__doc__
    translations = _same("w_min", "w_max")
    powers: ClassVar[Any] = (None, 1.0)


class GutigWeightDependence(synapses.GutigWeightDependence):
    __doc__ = synapses.GutigWeightDependence.__doc__
    translations = _same("w_min", "w_max", "mu_plus", "mu_minus")
    powers: ClassVar[Any] = None  # given


class SpikePairRule(synapses.SpikePairRule):
    __doc__ = synapses.SpikePairRule.__doc__
    translations = _same("tau_plus", "tau_minus", "A_plus", "A_minus")
    kinds: ClassVar[Any] = (sc.models.STDP, LateSTDP)

    def values(self, p: dict[str, float], powers: Any, unit: str) -> dict[str, Any]:
        """Return the parameters of simcore, but for the bounds of the weights."""
        # Without a power of the weight a change is relative to w_max; simcore's is to w_max - w_min.
        whole = p["w_max"] / (p["w_max"] - p["w_min"])
        values: dict[str, Any] = {}
        for sign, power in zip(("plus", "minus"), powers or (p["mu_plus"], p["mu_minus"]), strict=True):
            values[f"tau_{sign}"] = attach(p[f"tau_{sign}"], "ms")
            values[f"A_{sign}"] = p[f"A_{sign}"] * (whole if power is None else 1.0)
            values[f"mu_{sign}"] = power
        return values


class Vogels2011Rule(synapses.Vogels2011Rule):
    __doc__ = f"""{synapses.Vogels2011Rule.__doc__}
    As in that paper all pairs of spikes count. `rho` is the rate (Hz) to which a postsynaptic cell is led, `eta` is in
    the unit of the weight (uS or nA), `tau` in ms. pyNN.neuron has the nearest pairs alone, and takes `rho` in 1/ms.
    """
    translations = _same("tau", "eta", "rho")
    kinds: ClassVar[Any] = (sc.models.VogelsSTDP, LateVogelsSTDP)

    def values(self, p: dict[str, float], powers: Any, unit: str) -> dict[str, Any]:
        """Return the parameters of simcore, but for the bounds of the weights."""
        return {"tau": attach(p["tau"], "ms"), "rate": attach(p["rho"], "Hz"), "eta": attach(p["eta"], unit)}


class STDPMechanism(_Synapse, synapses.STDPMechanism):
    __doc__ = synapses.STDPMechanism.__doc__

    def _build_translations(self) -> None:
        if self.timing_dependence is None or self.weight_dependence is None or self.voltage_dependence is not None:
            raise NoModelAvailableError(
                "STDPMechanism needs a timing_dependence and a weight_dependence; simcore has no voltage_dependence."
            )
        if isinstance(self.timing_dependence, Vogels2011Rule) and not isinstance(
            self.weight_dependence, AdditiveWeightDependence
        ):
            raise NoModelAvailableError(
                "STDPMechanism: the changes of Vogels2011Rule do not depend on the weight; it needs "
                f"AdditiveWeightDependence, for the bounds, got {type(self.weight_dependence).__name__}."
            )
        components = (self.timing_dependence, self.weight_dependence)
        names = [name for component in components for name in component.translations]
        self.translations = _same("weight", "delay", "dendritic_delay_fraction", *names)

    @property
    def sees_late(self) -> bool:
        """Whether postsynaptic spikes are seen after a part of the delay."""
        return self.dendritic_delay_fraction > 0

    def check(self, p: dict[str, np.ndarray]) -> None:
        """Raise where a parameter is not allowed."""
        super().check(p)
        low, high = p["w_min"], p["w_max"]
        _require(low < high, self, "w_max", "must be above w_min", high)
        slack = 1e-6 * np.maximum(abs(low), abs(high))  # as simcore has it
        inside = (p["weight"] >= low - slack) & (p["weight"] <= high + slack)
        _require(inside, self, "weight", "must be from w_min to w_max", p["weight"])
        for name in ("tau", "tau_plus", "tau_minus"):
            if name in p:
                _require(p[name] > 0, self, name, "must be > 0 ms", p[name])

    def plasticity(self, p: dict[str, float], unit: str) -> sc.models.Plasticity:
        """Return the rule of the weights."""
        values = self.timing_dependence.values(p, self.weight_dependence.powers, unit)
        values |= {name: attach(p[name], unit) for name in ("w_min", "w_max")}
        late = round(2 * p["dendritic_delay_fraction"] * float(simulator.state.steps(p["delay"])))
        if late > LONGEST:
            raise NotImplementedError(
                f"STDPMechanism: a dendritic delay of {p['delay']} ms is too long for a timestep of "
                f"{simulator.state.dt} ms: up to {LONGEST // 2} steps work. Choose a larger timestep, or "
                "dendritic_delay_fraction=0."
            )
        prompt, delayed = self.timing_dependence.kinds
        return delayed(late=late, **values) if late else prompt(**values)
