"""The stochastic generalized integrate-and-fire neuron that is fitted to recordings."""

from __future__ import annotations

from typing import Any

import numpy as np

from simcore import HiddenState, Neuron, Param
from simcore.bases import Escape, Part
from simcore.surrogate import ReluGrad

from ..escape import ExponentialRate
from ..spike_triggered import SpikeTriggeredCurrent, SpikeTriggeredThreshold

JUMPS = ("spike", "after_refractory")


class StochasticGIF(Neuron):
    r"""Leaky integrate-and-fire neuron that spikes at random, with currents and thresholds that its spikes trigger.

    .. math::
        C \, dV/dt = -g_L (V - V_{rest}) - \sum_i \eta_i + I(t), \quad
        \lambda = \lambda_0 \exp((V - V_{th} - \sum_j \gamma_j)/\Delta)

        \text{at a spike } V \leftarrow V_{reset}, \; \eta_i \leftarrow \eta_i + q_i, \; \gamma_j \leftarrow \gamma_j +
        q_j; \quad d\eta_i/dt = -\eta_i/\tau_i, \; d\gamma_j/dt = -\gamma_j/\tau_j

    This is gif_psc_exp of NEST, from which the defaults are; `GIF` is another model, of Mihalas and Niebur. The
    processes are the parts eta1, eta2, ... (`SpikeTriggeredCurrent`) and gamma1, ... (`SpikeTriggeredThreshold`), the
    rate is the part escape: ``"eta1.q"``, ``"escape.rate"``.

    Args:
        in_size: the population's size, an int or a tuple.
        currents: (q, tau) of each spike-triggered current.
        thresholds: (q, tau) of each spike-triggered threshold.
        jump: when they jump: "spike", or "after_refractory", as in the GIF toolbox of Pozzorini et al. A jump q after
            the refractory period is kept as q exp(tau_ref / tau) at the spike, which is the same from its end on.
        escape: the escape rate.

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Mensi, Naud, Pozzorini, Avermann, Petersen, Gerstner (2012), Parameter extraction and classification of
    three cortical neuron types reveals two distinct adaptation mechanisms, Journal of Neurophysiology 107(6),
    1756-1775; Pozzorini, Mensi, Hagens, Naud, Koch, Gerstner (2015), Automated high-throughput characterization of
    single neurons by means of simplified spiking models, PLoS Computational Biology 11(6), e1004275.
    """

    C = Param(80.0, "pF", "capacitance", positive=True)
    gL = Param(4.0, "nS", "conductance of the leak", positive=True)
    V_th = Param(-35.0, "mV", "threshold: where the rate is that of the escape", above="V_reset")
    V_reset = Param(-55.0, "mV", "membrane potential after a spike")
    V_rest = Param(-70.0, "mV", "resting membrane potential")
    tau_ref = Param(4.0, "ms", "absolute refractory period", nonnegative=True, steps=True)

    V = HiddenState("mV", "membrane potential", init="V_rest")

    spk_fun = ReluGrad()
    spk_reset = "hard"

    def __init__(
        self,
        in_size: int | tuple[int, ...],
        *args: Any,
        currents: Any = (),
        thresholds: Any = (),
        jump: str = "spike",
        escape: Escape | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(in_size, *args, escape=ExponentialRate() if escape is None else escape, **kwargs)
        if jump not in JUMPS:
            raise ValueError(f"{self.name}: 'jump' must be one of {', '.join(JUMPS)}, got {jump!r}.")
        self._add_kernels("currents", "eta", SpikeTriggeredCurrent, currents, jump)
        self._add_kernels("thresholds", "gamma", SpikeTriggeredThreshold, thresholds, jump)

    def _add_kernels(self, what: str, symbol: str, kind: type[Part], kernels: Any, jump: str) -> None:
        """Add a part of a kind for each kernel."""
        for k, kernel in enumerate(kernels, 1):
            if not isinstance(kernel, tuple) or len(kernel) != 2:
                raise TypeError(f"{self.name}: {what!r} are pairs of a jump and a time constant, [(q, tau), ...], got "
                                f"{kernel!r}.")  # fmt: skip
            part = kind(*kernel, name=f"{self.name}: {what}")
            if jump == "after_refractory":
                q, tau = part.param_value("q"), part.param_value("tau")
                part.set_params({"q": q * np.exp((self.tau_ref / tau).m_as("dimensionless"))})
            self.add_part(f"{symbol}{k}", part)

    def derivative(self, V: Any, I: Any) -> Any:
        """Return dV/dt."""
        return (-self.gL * (V - self.V_rest) + I) / self.C

    def update(self, x: Any = 0.0) -> Any:
        """Advance by one step under the current x and return the spikes."""
        V = self.after_spike(self.V.value)  # for the spike at the end of the previous step
        self.V.value = self.integrate(self.derivative, V, x)
        return self.fire()
