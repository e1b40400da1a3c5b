"""COBA: a recurrent network of conductance-based synapses, irregular and asynchronous without any noise.

4000 leaky integrate-and-fire neurons, 3200 excitatory and 800 inhibitory, each with about 80 inputs, driven by a
constant current above threshold.

Vogels and Abbott (2005), Journal of Neuroscience 25(46), 10786-10795; Brette et al. (2007), Journal of Computational
Neuroscience 23, 349-398, benchmark 1.
"""

import simcore as sc
from simcore.units import Mohm, ms, mV, nS, pA

DRIVE = 200 * pA  # 20 mV over the membrane


def build(seed: int = 1) -> sc.Network:
    """Return the network; the seed draws the connections and the initial V."""
    cells = sc.models.LIFRef(
        4000, R=100 * Mohm, tau=20 * ms, V_rest=-60 * mV, V_th=-50 * mV, V_reset=-60 * mV, tau_ref=5 * ms,
        spk_reset="hard", V_initializer=sc.init.Uniform(-60 * mV, -50 * mV),
        receptors={"exc": sc.models.Exponential(tau=5 * ms, reversal=0 * mV),
                   "inh": sc.models.Exponential(tau=10 * ms, reversal=-80 * mV)},
    )  # fmt: skip
    connect = {"connect": sc.models.FixedProbability(0.02), "delay": 1.5 * ms}
    return sc.Network(
        seed=seed,
        cells=cells,
        exc=sc.models.Projection(cells[:3200], cells, "exc", weight=6 * nS, **connect),
        inh=sc.models.Projection(cells[3200:], cells, "inh", weight=67 * nS, **connect),
    )


if __name__ == "__main__":
    net = build()
    net.summary()
    runner = sc.DSRunner(net, monitors={"spikes": "cells.spike_events", "V": ("cells.V", [0])})
    mon = runner.run(300 * ms, inputs={"cells": DRIVE})
    late = mon.spikes.indices[mon.spikes.times > 100 * ms]
    print(f"mean rate {len(late) / 4000 / 0.2:.1f} Hz")

    figure, grid = sc.visualize.get_figure(4, 1, row_length=1.6, column_length=8)
    raster = sc.visualize.raster_plot(
        mon.spikes, ax=figure.add_subplot(grid[:2]), markersize=0.5, xlabel="", title="COBA: spikes, rate, one neuron"
    )
    sc.visualize.rate_plot(
        mon.spikes, 4000, ax=figure.add_subplot(grid[2], sharex=raster), bin=2 * ms, xlabel="", ylim=(0, 80)
    )
    sc.visualize.line_plot(mon.ts, mon.V, ax=figure.add_subplot(grid[3], sharex=raster), lw=0.8, xlim=(0, 300))
    figure.savefig("coba.png", dpi=150)
