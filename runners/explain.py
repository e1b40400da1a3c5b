"""Why is it silent? Drive against rheobase, weights against threshold, connections, delays, rates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pint

from simcore import Module, Network, Neuron, units
from simcore.bases.network import Link
from simcore.bases.population import Population
from simcore.bases.receptor import Receptor
from simcore.step.signal import Inputs

from .analysis.curves import least, tried
from .ds_runner import DSRunner
from .observables import SpikesOf

TRIAL = 500.0  # ms: how long a test neuron is driven


class Explanation(str):
    """A text that shows itself in a notebook or at the prompt."""

    def __repr__(self) -> str:
        return str(self)


def explain_silence(target: DSRunner | Module) -> Explanation:
    """Return why populations do not spike: what is missing between their drive and the threshold.

    Args:
        target: a runner (with the inputs and the recording of its last run), or a neuron or network.

    For each population: whether the last run recorded spikes; its rheobase (found by trial); the largest input of the
    last run; for each projection and input how far one spike moves V, and how that compares with the threshold.

    Raises:
        TypeError: the target is none of these.
    """
    runner = target if isinstance(target, DSRunner) else None
    model = runner.target if runner else target
    if not isinstance(model, Module):
        raise TypeError(f"explain_silence needs a runner, a neuron or a network, got {target!r}.")
    model.ensure_state()
    nodes = model.nodes()
    lines: list[str] = []
    for path, node in nodes.items():
        if isinstance(node, Neuron) and node.sends_spikes():
            links = {p: k for p, k in nodes.items()
                     if isinstance(k, Link) and k.post is not None and k.post.population is node}  # fmt: skip
            lines += _Case(path, node, links, runner).lines()
        elif isinstance(node, Population) and _is_zero(node, "rate"):
            lines.append(f"{path}: its rate is 0 Hz, so it never spikes.")
    return Explanation("\n".join(lines) or f"{model.name} has no neurons that spike.")


class _Case:
    """One population: what drives it, and what that does."""

    def __init__(self, path: str, neuron: Neuron, links: dict[str, Link], runner: DSRunner | None) -> None:
        self.name, self.path, self.neuron, self.links, self.runner = path or neuron.name, path, neuron, links, runner
        self.dt = runner.dt if runner else units.from_kernel(neuron.clock.dt, "ms")

    def lines(self) -> list[str]:
        """Return the explanation of this population."""
        spikes = self._recorded()
        if spikes:
            return [f"{self.name}: not silent, {spikes} spikes in the last run."]
        out = [f"{self.name}: {'no spikes in the last run' if spikes == 0 else 'spikes were not recorded'}."]
        try:
            rheobase = self._rheobase()
        except Exception as err:  # a neuron of the user's own making may need other arguments
            return [*out, f"  its rheobase cannot be found by trial: {err}"]
        if rheobase is None:
            out.append(
                f"  no constant current made it spike within {TRIAL:g} ms; look at V_th, V_reset, time constants."
            )
        else:
            out += self._against(rheobase)
        for path, link in self.links.items():
            out += [f"  {path}: {text}" for text in self._link(link)]
        if not self.links and self.neuron.receptors:
            out.append("  it has receptors, but no projection or input reaches them.")
        return out

    def _recorded(self) -> int | None:
        """Return the number of spikes in the last run; None if they were not recorded."""
        if self.runner is None:
            return None
        for monitor in self.runner.monitors:
            if monitor.observable == SpikesOf(self.path) and monitor.name in self.runner.mon:
                number = monitor.recorder.n_spikes(self.runner.mon[monitor.name])
                if number is not None:
                    return number
        return None

    def _like(self, n: int, receptors: dict[str, Receptor] | None = None) -> Neuron:
        """Return n neurons of the same kind, with the median of each parameter and without noise."""
        like = self.neuron
        options: dict[str, Any] = {"spk_fun": like.spk_fun, "spk_reset": like.spk_reset, "method": like.method}
        return type(like)(n, **_medians(like), **options, receptors=receptors)

    def _rheobase(self) -> pint.Quantity | None:
        """Return the least constant current that makes a neuron spike, to 1 % of the range searched."""
        gap = abs(_value(self.neuron, "V_th", "mV", 20.0) - _value(self.neuron, "V_rest", "mV", 0.0)) or 20.0
        high = 2.0 * gap / _value(self.neuron, "R", "Gohm", 0.1)  # pA
        low = 0.0
        fires = tried(self._like(1), "pA", _whole(TRIAL, self.dt), self.dt)
        for _ in range(12):
            found = least(fires, low, high, 0.02)
            if found is not None:
                return units.from_kernel(found, "pA")
            low, high = high, 10.0 * high
        return None

    def _against(self, rheobase: pint.Quantity) -> list[str]:
        need = rheobase.m_as("pA")
        if need == 0:
            return ["  it spikes without any input, from its rest; was the run long enough?"]
        shown = f"its rheobase, the least constant current that makes it spike, is about {_amount(need)}"
        drive = self._drive()
        if drive is None:
            return [f"  {shown}; the last run gave it no input of its own." if self.runner else f"  {shown}."]
        if drive >= need:
            return [f"  {shown}; its input reaches {_amount(drive)}: enough, if it lasts long enough."]
        out = [f"  {shown}; its input reaches {_amount(drive)} only, {drive / need:.2g} of it."]
        if 0 < drive < 1e-2 * need:
            R = units.show(self.neuron.params().get("R", "not a parameter"))
            out.append(
                f"  a factor of {need / drive:.3g} is often a unit: is R = {R} meant, and the input in mA, nA or pA?"
            )
        return out

    def _drive(self) -> float | None:
        """Return the largest input of the last run, pA; None without one."""
        signal = None if self.runner is None else self.runner.last_input
        parts = signal.parts if isinstance(signal, Inputs) else {"": signal}
        signal = parts.get(self.path)
        if signal is None or units.dimension(signal.unit) != units.dimension("pA"):
            return None
        return signal.largest()

    def _link(self, link: Link) -> list[str]:
        """Return what one projection or input does."""
        if link.n_synapses == 0:
            return ["it has no synapses: see its rule and its populations."]
        values, out = link.params() | {k: state.value for k, state in link.states().items()}, []
        if self.runner is not None and "ts" in self.runner.mon and "delay" in values:
            lasted = self.runner.mon.ts.m_as("ms")
            delay = float(values["delay"].m_as("ms"))
            if lasted.size and delay > lasted[-1] - lasted[0]:
                out.append(f"its delay, {delay:g} ms, is longer than the last run.")
        if _is_zero(link, "rate"):
            out.append("its rate is 0 Hz.")
        if link.target is None or "weight" not in values:  # of a user's own making
            return out
        if not link.target.takes_spikes:
            return [*out, "it hands over gates, at most all: look at their s, and at the g of the receptor."]
        typical = float(np.median(values["weight"].m_as(link.target.unit)))
        try:
            rise = self._response(link.target, typical)
        except Exception as err:
            return [*out, f"what a spike does cannot be found by trial: {err}"]
        gap = _value(self.neuron, "V_th", "mV", np.nan) - _value(self.neuron, "V_rest", "mV", np.nan)
        unit = f"{units.unit(link.target.unit):~P}"
        what = f"one spike (weight {f'{typical:.4g} {unit}'.strip()}) moves V by {rise:.3g} mV"
        if rise <= 0:
            out.append(f"{what}: it can only inhibit." if rise < 0 else f"{what}: the weight is 0.")
        elif np.isfinite(gap):
            out.append(
                f"{what}; the threshold is {gap:.3g} mV above rest: about {max(1, int(np.ceil(gap / rise)))} at once."
            )
        return out

    def _response(self, target: Receptor, weight: float) -> float:
        """Return the largest change of V that one spike makes at rest, mV."""
        if target.unit == "mV":
            return weight
        receptor = type(target)(**_medians(target))
        model = self._like(2, {"r": receptor})
        model.ensure_state()
        receptor.target().value = np.array([weight, 0.0]) * units.unit(target.unit)
        runner = DSRunner(Network(neuron=model), monitors={"V": "neuron.V"}, dt=self.dt, progress_bar=False)
        V = runner.run(_whole(TRIAL / 5, self.dt)).V.m_as("mV")
        change = V[:, 0] - V[:, 1]
        return float(change[np.argmax(np.abs(change))])


def _medians(node: Any) -> dict[str, Any]:
    """Return each parameter as one value, the median; noise left out."""
    values = {k: v for k, v in node.params().items() if k in node.PARAMS and k != "noise"}
    return {k: type(v)(float(np.median(v.magnitude)), v.units) for k, v in values.items()}


def _is_zero(node: Module, name: str) -> bool:
    """Return whether a model has a parameter of that name, and all its values are 0."""
    value = node.params().get(name)
    return value is not None and not np.any(value.magnitude)


def _value(node: Module, name: str, unit: str, default: float) -> float:
    value = node.params().get(name)
    return default if value is None else float(np.median(value.m_as(unit)))


def _whole(duration: float, dt: pint.Quantity) -> pint.Quantity:
    """Return about `duration` ms in whole steps."""
    ms = dt.m_as("ms")
    return units.from_kernel(max(1, round(duration / ms)) * ms, "ms")


def _amount(pA: float) -> str:
    """Return a current as a person writes it."""
    for factor, name in ((1e9, "mA"), (1e6, "uA"), (1e3, "nA")):
        if abs(pA) >= factor:
            return f"{pA / factor:.3g} {name}"
    return f"{pA:.3g} pA"
