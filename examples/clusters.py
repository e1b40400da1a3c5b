"""Slow changes of rate in a balanced network whose excitatory neurons connect more within than between clusters.

4 000 excitatory neurons in 50 clusters, and 1 000 inhibitory ones. Within a cluster, connections are 2.5 times as
likely and 1.9 times as strong; the mean number of inputs is that of a uniform network. Clusters rise and fall by
themselves, and the counts of spikes vary more than those of Poisson processes.

Litwin-Kumar and Doiron (2012), Nature Neuroscience 15, 1498-1505. Brian2 2.10.1, three seeds of 3 s: without clusters
2.05 Hz (excitatory), 2.92 Hz (inhibitory), Fano factor 0.77; with them 3.41 Hz, 4.34 Hz, and 1.1 to 1.6.
"""

from typing import Any

import numpy as np

import simcore as sc
from simcore.units import Gohm, ms, mV, pA

N_E, N_I, SIZE, K = 4000, 1000, 80, 800  # neurons, of a cluster, excitatory inputs of an excitatory neuron
TAU, RISE, DECAY = {"E": 15.0, "I": 10.0}, 1.0, {"E": 3.0, "I": 2.0}  # ms
# Of a spike of the second onto the first: what it moves V by in all, in parts of V_th - V_reset.
J = {"EE": 10 / 15, "EI": -19.2 / 15, "IE": 4 / 10, "II": -16 / 10}


def weight(pair: str, factor: float = 1.0) -> Any:
    """Return the peak of the current of a spike, whose integral is J / sqrt(K)."""
    post, decay = TAU[pair[0]], DECAY[pair[1]]
    t = np.log(decay / RISE) * RISE * decay / (decay - RISE)
    peak = (np.exp(-t / decay) - np.exp(-t / RISE)) / (decay - RISE)
    return factor * post * J[pair] / np.sqrt(K) * peak * pA


def build(ratio: float, seed: int = 1) -> tuple[sc.Network, dict]:
    """Return the network, and its input; connections within a cluster are `ratio` times as likely."""
    rng = np.random.default_rng(seed)
    cell = {"R": 1 * Gohm, "V_th": 1 * mV, "V_reset": 0 * mV, "tau_ref": 5 * ms, "spk_reset": "hard"}
    cell["V_initializer"] = sc.init.Uniform(0 * mV, 1 * mV)

    def population(n: int, name: str) -> sc.Neuron:
        receptors = {k: sc.models.DoubleExponential(tau_rise=RISE * ms, tau_decay=DECAY[k] * ms) for k in "EI"}
        return sc.models.LIFRef(n, tau=TAU[name] * ms, receptors=receptors, **cell)

    E, I = population(N_E, "E"), population(N_I, "I")
    connect, probability = sc.models.Projection, sc.models.FixedProbability
    p = K / (SIZE * (ratio - 1) + N_E)
    parts = {
        "IE": connect(E, I, "E", connect=probability(0.5), weight=weight("IE")),
        "EI": connect(I, E, "I", connect=probability(0.5), weight=weight("EI")),
        "II": connect(I, I, "I", connect=probability(0.5), weight=weight("II")),
    }
    for k in range(N_E // SIZE):
        inside = np.arange(N_E) // SIZE == k
        parts[f"within_{k}"] = connect(E[inside], E[inside], "E", connect=probability(ratio * p),
                                       weight=weight("EE", 1.9 if ratio > 1 else 1.0))  # fmt: skip
        parts[f"from_{k}"] = connect(E[inside], E[~inside], "E", connect=probability(p), weight=weight("EE"))
    inputs = {"E": rng.uniform(1.1, 1.2, N_E) * pA, "I": rng.uniform(1, 1.05, N_I) * pA}
    return sc.Network(E=E, I=I, seed=seed, **parts), inputs


if __name__ == "__main__":
    figure, grid = sc.visualize.get_figure(1, 2, row_length=4, column_length=5)
    for column, (name, ratio) in enumerate({"uniform": 1.0, "clustered": 2.5}.items()):
        net, inputs = build(ratio)
        fano = sc.measure.fano_factor("E", window=100 * ms, start=200 * ms, over="neurons")
        rates = {f"rate_{k}": sc.measure.firing_rate(k, start=200 * ms, over="neurons") for k in "EI"}
        runner = sc.DSRunner(net, {"spikes": ("E.spike_events", slice(0, 1600)), "fano": fano, **rates})
        mon = runner.run(2200 * ms, inputs=inputs)
        print(f"{name}: {mon.rate_E:.2f~P}, inhibitory {mon.rate_I:.2f~P}, Fano factor {mon.fano:.2f}")
        sc.visualize.raster_plot(mon.spikes, ax=figure.add_subplot(grid[column]), markersize=0.5,
                                 title=f"{name}, Fano factor {mon.fano:.2f}", xlim=(200, 2200))  # fmt: skip
    figure.savefig("clusters.png", dpi=150)
