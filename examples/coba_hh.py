"""COBAHH: a recurrent network of Hodgkin-Huxley neurons, the third benchmark of Brette et al.

4000 neurons with the currents of Traub and Miles, 3200 of them excitatory, each with about 80 inputs. There is no
drive: with a leak that reverses at -60 mV each neuron would fire every 72 ms by itself.

Brette et al. (2007), Journal of Computational Neuroscience 23, 349-398. Six seeds (benchmarks/statistics/coba_hh.py):
43.1 and 42.8 Hz (standard errors 1.5 and 0.7), the same at dt 0.1 and 0.02 ms; Brian2 2.10.1, whose exponential Euler
takes the old values of all, 39.4 and 38.8 Hz. With the same synapses and the same start it has 13 % fewer spikes in 100
ms at dt 0.05 ms, and 4 % fewer in 200 ms at 0.02 ms.
"""

import numpy as np

import simcore as sc
from simcore.units import ms, mV, nS


def build(seed: int = 1) -> sc.Network:
    """Return the network; the seed draws the connections and the initial values."""
    exc, inh = sc.init.Uniform(0 * nS, 80 * nS), sc.init.Uniform(0 * nS, 400 * nS)
    cells = sc.models.TraubMilesHH(
        4000, V_initializer=sc.init.Normal(-65 * mV, 5 * mV),
        receptors={"exc": sc.models.Exponential(tau=5 * ms, reversal=0 * mV, g_initializer=exc),
                   "inh": sc.models.Exponential(tau=10 * ms, reversal=-80 * mV, g_initializer=inh)},
    )  # fmt: skip
    connect = sc.models.FixedProbability(0.02)
    return sc.Network(
        seed=seed,
        cells=cells,
        exc=sc.models.Projection(cells[:3200], cells, "exc", connect=connect, weight=6 * nS),
        inh=sc.models.Projection(cells[3200:], cells, "inh", connect=connect, weight=67 * nS),
    )


if __name__ == "__main__":
    net = build()
    runner = sc.DSRunner(net, monitors={"spikes": "cells.spike_events", "V": ("cells.V", [0])}, dt=0.05 * ms)
    mon = runner.run(500 * ms)
    late = mon.spikes.indices[mon.spikes.times > 200 * ms]
    print(f"excitatory {np.sum(late < 3200) / 3200 / 0.3:.1f} Hz, inhibitory {np.sum(late >= 3200) / 800 / 0.3:.1f} Hz")

    figure, grid = sc.visualize.get_figure(4, 1, row_length=1.6, column_length=8)
    raster = sc.visualize.raster_plot(
        mon.spikes, ax=figure.add_subplot(grid[:2]), markersize=0.3, xlabel="", title="COBAHH: spikes, rate, one neuron"
    )
    sc.visualize.rate_plot(
        mon.spikes, 4000, ax=figure.add_subplot(grid[2], sharex=raster), bin=2 * ms, xlabel="", ylim=(0, 150)
    )
    sc.visualize.line_plot(mon.ts, mon.V, ax=figure.add_subplot(grid[3], sharex=raster), lw=0.8, xlim=(0, 500))
    figure.savefig("coba_hh.png", dpi=150)
