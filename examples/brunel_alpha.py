"""Brunel's network with alpha-shaped currents in place of jumps of V: fast oscillations of the population.

2 000 excitatory and 500 inhibitory neurons at g = 5, eta = 2. The current of a spike is such that V rises by 0.5 mV.

Brunel (2000), Journal of Computational Neuroscience 8, 183-208. NEST 3.10, iaf_psc_alpha, five seeds of 1 s: 31.7 Hz
(31.5 to 32.0) and a coefficient of variation of 0.464 (0.460 to 0.469) in the excitatory neurons.
"""

import numpy as np

import simcore as sc
from simcore.units import Mohm, ms, mV, pA

N_E, N_I, C_E, C_I, G, ETA = 2000, 500, 200, 50, 5.0, 2.0
J, V_TH, TAU, TAU_SYN, C = 0.5, 20.0, 20.0, 0.5, 250.0  # mV, mV, ms, ms, pF


def peak_of_V() -> float:
    """Return by how much V rises (mV) at an alpha function of current whose peak is 1 pA."""
    t = np.linspace(0, 3 * TAU, 100_000)
    a = 1 / TAU_SYN - 1 / TAU
    return max(np.e / (C * TAU_SYN) * ((np.exp(-t / TAU) - np.exp(-t / TAU_SYN)) / a - t * np.exp(-t / TAU_SYN)) / a)


def build(seed: int = 1) -> sc.Network:
    """Return the network; the seed draws the connections and the input from outside."""
    cells = sc.models.LIFRef(
        N_E + N_I, R=TAU / C * 1000 * Mohm, tau=TAU * ms, V_rest=0 * mV, V_th=V_TH * mV, V_reset=0 * mV,
        tau_ref=2 * ms, spk_reset="hard", receptors={"syn": sc.models.Alpha(tau=TAU_SYN * ms)},
    )  # fmt: skip
    weight = J / peak_of_V()  # pA
    threshold_rate = V_TH * C / (weight * C_E * np.e * TAU * TAU_SYN) / ms  # of each of C_E sources
    connect, degree = sc.models.Projection, sc.models.FixedInDegree
    return sc.Network(
        seed=seed,
        cells=cells,
        exc=connect(cells[:N_E], cells, connect=degree(C_E), weight=weight * pA, delay=1.5 * ms),
        inh=connect(cells[N_E:], cells, connect=degree(C_I), weight=-G * weight * pA, delay=1.5 * ms),
        outside=sc.models.PoissonInput(cells, n=C_E, rate=(ETA * threshold_rate).to("Hz"), weight=weight * pA),
    )


if __name__ == "__main__":
    of = {"start": 200 * ms, "over": "neurons"}
    measures = {
        "rate": sc.measure.firing_rate(("cells", slice(0, N_E)), **of),
        "cv": sc.measure.interval_cv(("cells", slice(0, N_E)), min_spikes=5, **of),
    }
    runner = sc.DSRunner(build(), {"spikes": "cells.spike_events", **measures})
    mon = runner.run(1200 * ms)
    print(f"{mon.rate:.1f~P}, coefficient of variation {mon.cv:.3f}")
    figure, grid = sc.visualize.get_figure(3, 1, row_length=1.6, column_length=7)
    raster = sc.visualize.raster_plot(
        mon.spikes, ax=figure.add_subplot(grid[:2]), markersize=1, ylim=(0, 300), xlabel=""
    )
    sc.visualize.rate_plot(mon.spikes, N_E + N_I, ax=figure.add_subplot(grid[2], sharex=raster), bin=0.5 * ms,
                           xlim=(1100, 1200))  # fmt: skip
    figure.savefig("brunel_alpha.png", dpi=150)
