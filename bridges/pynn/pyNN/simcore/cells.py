"""The standard cells: which neuron of simcore each is, and its parameters and states by PyNN's names and units."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from pyNN.errors import InvalidParameterValueError
from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import cells

import simcore as sc
from simcore.units import attach

from .escapes import Age, ConstantRate, GammaRate

Values = dict[str, Any]  # parameters of a population by PyNN's names, a number or an array (size,) each


class Cell:
    """What the bridge asks of a type of cells. PyNN's names and units are kept up to `simcore_parameters`."""

    # By PyNN's variable: the state of simcore, and the unit in which PyNN has it.
    states: ClassVar[dict[str, tuple[str, str]]] = {}

    escape: ClassVar[Any] = None  # the class of its escape rate

    def simcore_parameters(self, p: Values) -> dict[str, Any]:
        """Return the parameters of simcore, by dotted path."""
        raise NotImplementedError

    def kind(self, size: int, **own: Any) -> sc.Population:
        """Return the population, of its size, own parameters, receptors, parts and escape rate."""
        raise NotImplementedError

    def parts(self, p: Values) -> dict[str, dict[str, Any]]:
        """Return the classes of what belongs to the neuron, by name: "receptors", "parts"."""
        return {}

    def made(self, size: int, p: Values, label: str) -> sc.Population:
        """Return a population of simcore."""
        parameters = self.simcore_parameters(p)

        def of(kind: Any, name: str) -> Any:
            return kind(**{k.partition(".")[2]: v for k, v in parameters.items() if k.startswith(f"{name}.")})

        arguments: dict[str, Any] = {k: v for k, v in parameters.items() if "." not in k}
        arguments |= {what: {k: of(kind, k) for k, kind in some.items()} for what, some in self.parts(p).items()}
        if self.escape is not None:
            arguments["escape"] = of(self.escape, "escape")
        return self.kind(size, name=label, **arguments)

    def set_in(self, neurons: sc.Population, p: Values, is_on: Any) -> None:
        """Set the parameters in simcore.

        Args:
            neurons: the population.
            p: all parameters.
            is_on: whether the time is within each window, (windows, size), see `windows`.
        """
        nodes, by_node = neurons.nodes(), {}
        for path, value in self.simcore_parameters(p).items():
            node, _, name = path.rpartition(".")
            by_node.setdefault(node, {})[name] = value
        for node, values in by_node.items():
            nodes[node].set_params(values)

    def translate(self, parameters: ParameterSpace, copy: bool = True) -> ParameterSpace:
        """Return the parameters as they are."""
        return ParameterSpace(dict(parameters.items()), shape=parameters.shape)

    def check(self, p: Values, dt: float) -> None:
        """Raise where parameters, arrays (size,), are not allowed by a time step dt (ms)."""
        for name in p.keys() & {"cm", "g_leak", "tau_m", "tau_syn_E", "tau_syn_I", "tau_w"}:
            if np.any(p[name] <= 0):
                kind = type(self).__name__
                raise InvalidParameterValueError(f"{kind}: {name} must be > 0, got {p[name][p[name] <= 0][0]}.")

    def windows(self, p: Values) -> np.ndarray:
        """Return from when to when (ms) a source is on, (windows, 2, size); no windows for what always is."""
        return np.zeros((0, 2, 1))

    def tau_syn(self, receptor_type: str) -> str:
        """Return the parameter that is the time constant of a receptor."""
        raise NotImplementedError(f"{type(self).__name__}: TsodyksMarkramSynapse needs receptors with a time constant.")

    def recorded_as(self, variable: str, p: Values) -> tuple[list[str], str]:
        """Return the states of simcore whose sum a variable is, and their unit in PyNN."""
        state, unit = self.states[variable]
        return [state], unit

    def offset(self, variable: str, p: Values) -> Any:
        """Return what is added to that sum."""
        return 0.0


# ---------------------------------------------------------------- synaptic currents, by the names of PyNN's cells


def _times(p: Values) -> dict[str, Any]:
    return {"excitatory.tau": attach(p["tau_syn_E"], "ms"), "inhibitory.tau": attach(p["tau_syn_I"], "ms")}


class _Current(Cell):
    receptor: ClassVar[Any] = sc.models.Exponential
    states: ClassVar[dict[str, tuple[str, str]]] = {
        "v": ("V", "mV"),
        "isyn_exc": ("excitatory.g", "nA"),
        "isyn_inh": ("inhibitory.g", "nA"),
    }

    def parts(self, p: Values) -> dict[str, dict[str, Any]]:
        return {"receptors": {"excitatory": self.receptor, "inhibitory": self.receptor}}

    def tau_syn(self, receptor_type: str) -> str:
        return {"excitatory": "tau_syn_E", "inhibitory": "tau_syn_I"}[receptor_type]

    def simcore_parameters(self, p: Values) -> dict[str, Any]:
        return self.own(p) | _times(p)  # type: ignore[attr-defined]


class _Conductance(_Current):
    states: ClassVar[dict[str, tuple[str, str]]] = {
        "v": ("V", "mV"),
        "gsyn_exc": ("excitatory.g", "uS"),
        "gsyn_inh": ("inhibitory.g", "uS"),
    }

    def simcore_parameters(self, p: Values) -> dict[str, Any]:
        reversals = {
            "excitatory.reversal": attach(p["e_rev_E"], "mV"),
            "inhibitory.reversal": attach(p["e_rev_I"], "mV"),
        }
        return super().simcore_parameters(p) | reversals


class _Jump(_Current):
    receptor = sc.models.Delta
    states: ClassVar[dict[str, tuple[str, str]]] = {"v": ("V", "mV")}
    tau_syn = Cell.tau_syn

    def simcore_parameters(self, p: Values) -> dict[str, Any]:
        return self.own(p)  # type: ignore[attr-defined]


# ---------------------------------------------------------------- membranes


class _LIF(Cell):
    def kind(self, size: int, **own: Any) -> sc.Population:
        return sc.models.LIFRef(size, spk_reset="hard", **own)

    def own(self, p: Values) -> dict[str, Any]:
        """Return the parameters of the membrane."""
        return {
            "R": attach(p["tau_m"] / p["cm"], "Mohm"),
            "tau": attach(p["tau_m"], "ms"),
            "tau_ref": attach(p["tau_refrac"], "ms"),
            "V_th": attach(p["v_thresh"], "mV"),
            "V_reset": attach(p["v_reset"], "mV"),
            "V_rest": attach(p["v_rest"], "mV"),
        }


class _AdEx(Cell):
    def kind(self, size: int, **own: Any) -> sc.Population:
        return sc.models.AdExIFRef(size, **own)

    def own(self, p: Values) -> dict[str, Any]:
        """Return the parameters of the membrane."""
        return _LIF.own(self, p | {"v_thresh": p["v_spike"]}) | {  # type: ignore[arg-type]
            "V_T": attach(p["v_thresh"], "mV"),
            "delta_T": attach(p["delta_T"], "mV"),
            "tau_w": attach(p["tau_w"], "ms"),
            "a": attach(p["a"], "nS"),
            "b": attach(p["b"], "nA"),
        }


_W = {"w": ("w", "nA")}


class IF_curr_exp(_LIF, _Current, cells.IF_curr_exp):
    __doc__ = cells.IF_curr_exp.__doc__


class IF_curr_alpha(_LIF, _Current, cells.IF_curr_alpha):
    __doc__ = cells.IF_curr_alpha.__doc__
    receptor = sc.models.Alpha


class IF_curr_delta(_LIF, _Jump, cells.IF_curr_delta):
    __doc__ = cells.IF_curr_delta.__doc__


class IF_cond_exp(_LIF, _Conductance, cells.IF_cond_exp):
    __doc__ = cells.IF_cond_exp.__doc__


class IF_cond_alpha(_LIF, _Conductance, cells.IF_cond_alpha):
    __doc__ = cells.IF_cond_alpha.__doc__
    receptor = sc.models.Alpha


class IF_cond_exp_gsfa_grr(_LIF, _Conductance, cells.IF_cond_exp_gsfa_grr):
    __doc__ = cells.IF_cond_exp_gsfa_grr.__doc__
    states = _Conductance.states | {"g_s": ("sfa.g", "nS"), "g_r": ("rr.g", "nS")}

    def parts(self, p: Values) -> dict[str, dict[str, Any]]:
        return super().parts(p) | {"parts": dict.fromkeys(("sfa", "rr"), sc.models.SpikeTriggeredConductance)}

    def simcore_parameters(self, p: Values) -> dict[str, Any]:
        of_parts = {}
        for part in ("sfa", "rr"):
            of_parts[f"{part}.q"] = attach(p[f"q_{part}"], "nS")
            of_parts[f"{part}.tau"] = attach(p[f"tau_{part}"], "ms")
            of_parts[f"{part}.reversal"] = attach(p[f"e_rev_{part}"], "mV")
        return super().simcore_parameters(p) | of_parts


class EIF_cond_exp_isfa_ista(_AdEx, _Conductance, cells.EIF_cond_exp_isfa_ista):
    __doc__ = cells.EIF_cond_exp_isfa_ista.__doc__
    states = _Conductance.states | _W


class EIF_cond_alpha_isfa_ista(_AdEx, _Conductance, cells.EIF_cond_alpha_isfa_ista):
    __doc__ = cells.EIF_cond_alpha_isfa_ista.__doc__
    receptor = sc.models.Alpha
    states = _Conductance.states | _W


class IF_facets_hardware1(_LIF, _Conductance, cells.IF_facets_hardware1):
    __doc__ = cells.IF_facets_hardware1.__doc__

    def simcore_parameters(self, p: Values) -> dict[str, Any]:
        cm = 0.2  # nF; this and the next ones are given by PyNN's description
        fixed = {"cm": cm, "tau_m": 1e3 * cm / p["g_leak"], "tau_refrac": 1.0, "e_rev_E": 0.0}
        return super().simcore_parameters(p | fixed)


class HH_cond_exp(_Conductance, cells.HH_cond_exp):
    __doc__ = cells.HH_cond_exp.__doc__
    receptor_types = ("excitatory", "inhibitory")
    recordable = [*cells.HH_cond_exp.recordable, "m", "n", "h"]
    states = _Conductance.states | {gate: (gate, "dimensionless") for gate in "mnh"}

    def kind(self, size: int, **own: Any) -> sc.Population:
        return sc.models.TraubMilesHH(size, **own)

    def own(self, p: Values) -> dict[str, Any]:
        """Return the parameters of the membrane, of 1 uF/cm**2: its area is that of its capacitance."""
        area = attach(p["cm"], "nF") / attach(1.0, "uF/cm**2")
        conductances = {"gNa": "gbar_Na", "gK": "gbar_K", "gL": "g_leak"}
        potentials = {"ENa": "e_rev_Na", "EK": "e_rev_K", "EL": "e_rev_leak", "V_T": "v_offset"}
        densities = {ours: attach(p[theirs], "uS") / area for ours, theirs in conductances.items()}
        return {"area": area} | densities | {ours: attach(p[theirs], "mV") for ours, theirs in potentials.items()}


class Izhikevich(_Jump, cells.Izhikevich):
    __doc__ = cells.Izhikevich.__doc__
    states = {"v": ("V", "mV"), "u": ("u", "mV/ms")}

    def kind(self, size: int, **own: Any) -> sc.Population:
        return sc.models.Izhikevich(size, **own)

    def own(self, p: Values) -> dict[str, Any]:
        """Return the parameters of the membrane; with its 1 pF, 1 pA is a rise of 1 mV/ms."""
        return {k: attach(p[k], unit) for k, unit in (("a", "1/ms"), ("b", "1/ms"), ("c", "mV"), ("d", "mV/ms"))}


_PROCESSES = {
    "eta": (sc.models.SpikeTriggeredCurrent, "w", "nA"),
    "gamma": (sc.models.SpikeTriggeredThreshold, "theta", "mV"),
}


class GIF_cond_exp(_LIF, _Conductance, cells.GIF_cond_exp):
    __doc__ = cells.GIF_cond_exp.__doc__
    escape = sc.models.ExponentialRate

    def check(self, p: Values, dt: float) -> None:
        super().check(p, dt)
        for process in _PROCESSES:
            lengths = {len(one.value) for name in ("a", "tau") for one in p[f"{name}_{process}"]}
            if len(lengths) > 1:
                raise InvalidParameterValueError(
                    f"GIF_cond_exp: a_{process} and tau_{process} need as many values in all cells, got {lengths}."
                )

    def _processes(self, p: Values) -> dict[str, str]:
        """Return the parts of the neuron, and of which process each is."""
        return {f"{k}{i}": k for k in _PROCESSES for i in range(len(p[f"tau_{k}"][0].value))}

    def parts(self, p: Values) -> dict[str, dict[str, Any]]:
        return super().parts(p) | {"parts": {part: _PROCESSES[k][0] for part, k in self._processes(p).items()}}

    def own(self, p: Values) -> dict[str, Any]:
        values = super().own(p | {"v_thresh": p["v_t_star"]})
        for part, k in self._processes(p).items():
            i = int(part.removeprefix(k))
            values[f"{part}.q"] = attach(np.array([one.value[i] for one in p[f"a_{k}"]]), _PROCESSES[k][2])
            values[f"{part}.tau"] = attach(np.array([one.value[i] for one in p[f"tau_{k}"]]), "ms")
        return values | {"escape.rate": attach(p["lambda0"], "Hz"), "escape.delta": attach(p["delta_v"], "mV")}

    def set_in(self, neurons: sc.Population, p: Values, is_on: Any) -> None:
        if not set(self._processes(p)) <= neurons.nodes().keys():
            raise InvalidParameterValueError(
                "GIF_cond_exp: the number of tau_eta and tau_gamma is that with which a population is made."
            )
        super().set_in(neurons, p, is_on)

    def recorded_as(self, variable: str, p: Values) -> tuple[list[str], str]:
        process = {"i_eta": "eta", "v_t": "gamma"}.get(variable)
        if process is None:
            return super().recorded_as(variable, p)
        _, state, unit = _PROCESSES[process]
        return [f"{part}.{state}" for part, k in self._processes(p).items() if k == process], unit

    def offset(self, variable: str, p: Values) -> Any:
        return p["v_t_star"] if variable == "v_t" else 0.0


# ---------------------------------------------------------------- sources


class _Source(Cell):
    """Sources of random spikes, from `start` on, for `duration`."""

    def windows(self, p: Values) -> np.ndarray:
        return np.stack([p["start"], p["start"] + p["duration"]])[None]

    def set_in(self, neurons: sc.Population, p: Values, is_on: Any) -> None:
        super().set_in(neurons, p | {"is_on": is_on[0]}, is_on)


class SpikeSourcePoisson(_Source, cells.SpikeSourcePoisson):
    __doc__ = cells.SpikeSourcePoisson.__doc__

    def kind(self, size: int, **own: Any) -> sc.Population:
        return sc.models.PoissonGroup(size, **own)

    def simcore_parameters(self, p: Values) -> dict[str, Any]:
        return {"rate": attach(np.where(p.get("is_on", True), p["rate"], 0.0), "Hz")}


class SpikeSourcePoissonRefractory(_Source, cells.SpikeSourcePoissonRefractory):
    __doc__ = cells.SpikeSourcePoissonRefractory.__doc__
    escape = ConstantRate

    def kind(self, size: int, **own: Any) -> sc.Population:
        return sc.models.LIFRef(size, spk_reset="hard", **own)

    def check(self, p: Values, dt: float) -> None:
        if np.any(p["rate"] * p["tau_refrac"] >= 1000.0):
            raise InvalidParameterValueError(
                f"SpikeSourcePoissonRefractory: 1 / rate must be longer than tau_refrac, got rate = {p['rate']} Hz, "
                f"tau_refrac = {p['tau_refrac']} ms."
            )

    def simcore_parameters(self, p: Values) -> dict[str, Any]:
        rate = np.where(p.get("is_on", True), p["rate"], 0.0)
        rate = rate / (1.0 - 1e-3 * rate * p["tau_refrac"])  # outside of the refractory period
        return {"tau_ref": attach(p["tau_refrac"], "ms"), "escape.rate": attach(rate, "Hz")}


class SpikeSourceGamma(_Source, cells.SpikeSourceGamma):
    __doc__ = cells.SpikeSourceGamma.__doc__
    escape = GammaRate

    def kind(self, size: int, **own: Any) -> sc.Population:
        return Age(size, **own)

    def simcore_parameters(self, p: Values) -> dict[str, Any]:
        of_escape = {"order": attach(p["alpha"], "dimensionless"), "rate": attach(p["beta"], "Hz")}
        of_escape["on"] = attach(np.where(p.get("is_on", True), 1.0, 0.0), "dimensionless")
        return {f"escape.{name}": value for name, value in of_escape.items()}


class SpikeSourceInhGamma(Cell, cells.SpikeSourceInhGamma):
    __doc__ = f"""{cells.SpikeSourceInhGamma.__doc__}
    The rate at a time t is that of a gamma process at the time since the last spike, with the `a` and `b` of t. From
    each of `tbins` on its own `a` and `b` hold, the last ones up to the end; before the first one there are no spikes.
    """
    escape = GammaRate

    def kind(self, size: int, **own: Any) -> sc.Population:
        return Age(size, **own)

    def check(self, p: Values, dt: float) -> None:
        who = "SpikeSourceInhGamma"
        lengths = {len(one.value) for name in ("a", "b", "tbins") for one in p[name]}
        if len(lengths) > 1 or 0 in lengths:
            raise InvalidParameterValueError(
                f"{who}: a, b and tbins need as many values, in all cells of a population, and at least one; got "
                f"{sorted(lengths)}."
            )
        for name in ("a", "b"):
            if np.any((values := _bins(p, name)) <= 0):
                raise InvalidParameterValueError(f"{who}: {name} must be > 0, got {values.min()}.")
        if np.any(np.diff(_bins(p, "tbins"), axis=0) <= 0):
            raise InvalidParameterValueError(f"{who}: tbins must increase, got {_bins(p, 'tbins').T} ms.")

    def windows(self, p: Values) -> np.ndarray:
        stop = p["start"] + p["duration"]
        begins = _bins(p, "tbins")
        ends = np.concatenate([begins[1:], np.broadcast_to(stop, begins[:1].shape)])
        return np.stack([np.maximum(begins, p["start"]), np.minimum(ends, stop)], axis=1)

    def simcore_parameters(self, p: Values) -> dict[str, Any]:
        now = p.get("now", np.zeros(len(p["a"]), int)), np.arange(len(p["a"]))
        of_escape = {"order": attach(_bins(p, "a")[now], "dimensionless"), "rate": attach(1 / _bins(p, "b")[now], "Hz")}
        of_escape["on"] = attach(np.where(p.get("is_on", True), 1.0, 0.0), "dimensionless")
        return {f"escape.{name}": value for name, value in of_escape.items()}

    def set_in(self, neurons: sc.Population, p: Values, is_on: Any) -> None:
        super().set_in(neurons, p | {"is_on": is_on.any(axis=0), "now": is_on.argmax(axis=0)}, is_on)


def _bins(p: Values, name: str) -> np.ndarray:
    """Return sequences of all cells, which are of one length, as one array (bins, size)."""
    return np.array([one.value for one in p[name]]).T


class SpikeSourceArray(Cell, cells.SpikeSourceArray):
    __doc__ = cells.SpikeSourceArray.__doc__

    def kind(self, size: int, **own: Any) -> sc.Population:
        return sc.models.SpikeSource(size, **own)

    def check(self, p: Values, dt: float) -> None:
        for k, times in enumerate(one.value for one in p["spike_times"]):
            who = f"SpikeSourceArray: spike_times of cell {k}"
            if np.any(np.diff(times) < 0):
                raise InvalidParameterValueError(f"{who} must be in increasing order, got {times}.")
            steps = np.round(times / dt)
            if np.any(steps < 1):
                raise InvalidParameterValueError(
                    f"{who} must be {dt} ms, the end of the first step, or later; got {times[steps < 1]} ms."
                )
            if np.any(twice := np.diff(steps) == 0):
                raise InvalidParameterValueError(
                    f"{who} has two spikes in one step of {dt} ms, at {times[1:][twice][:3]} ms; choose a smaller "
                    "timestep, or join them."
                )

    def simcore_parameters(self, p: Values) -> dict[str, Any]:
        trains = [one.value for one in p["spike_times"]]
        numbers = np.repeat(np.arange(len(trains)), [len(train) for train in trains])
        return {"times": attach(np.concatenate(trains).astype(float), "ms"), "indices": numbers}

    def set_in(self, neurons: sc.Population, p: Values, is_on: Any) -> None:
        neurons.set_spikes(**self.simcore_parameters(p))  # type: ignore[attr-defined]


# ---------------------------------------------------------------- neurons put together from membrane and receptors


class LIF(_LIF, cells.LIF):
    __doc__ = cells.LIF.__doc__
    states = {"v": ("V", "mV")}


class AdExp(_AdEx, cells.AdExp):
    __doc__ = cells.AdExp.__doc__
    states = {"v": ("V", "mV")} | _W


class PointNeuron(Cell, cells.PointNeuron):
    __doc__ = cells.PointNeuron.__doc__

    @property
    def states(self) -> dict[str, tuple[str, str]]:  # type: ignore[override]
        of_receptors = {
            f"{name}.{variable}": (f"{name}.g", unit)
            for name, receptor in self.post_synaptic_receptors.items()
            for variable, unit in receptor.units.items()
        }
        return self.neuron.states | of_receptors

    def kind(self, size: int, **own: Any) -> sc.Population:
        return self.neuron.kind(size, **own)

    def tau_syn(self, receptor_type: str) -> str:
        return f"{receptor_type}.tau_syn"

    def parts(self, p: Values) -> dict[str, dict[str, Any]]:
        return {"receptors": {name: receptor.kind for name, receptor in self.post_synaptic_receptors.items()}}

    def simcore_parameters(self, p: Values) -> dict[str, Any]:
        values = self.neuron.own(p)
        for name, receptor in self.post_synaptic_receptors.items():
            for theirs, (ours, unit) in receptor.names.items():
                values[f"{name}.{ours}"] = attach(p[f"{name}.{theirs}"], unit)
        return values
