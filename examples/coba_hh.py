"""COBAHH: a recurrent network of Hodgkin-Huxley neurons, the third benchmark of Brette et al.

4000 neurons with the currents of Traub and Miles, 3200 of them excitatory, each with about 80 inputs. There is no
drive: with a leak that reverses at -60 mV each neuron would fire every 72 ms by itself.

A spike within 3 ms of the last one does not count and reaches nobody, as in Brian2's script of it: without that (no
tau_ref) a quarter of the intervals are shorter, those in bursts, and the rates 8 % higher.

Brette et al. (2007), Journal of Computational Neuroscience 23, 349-398. benchmarks/statistics/coba_hh.py, 400 ms, 8
seeds, dt 0.05 ms: excitatory 40.6 Hz, inhibitory 39.9 Hz, CV of the intervals 1.64 (standard errors 1.0, 0.4, 0.01);
Brian2 2.10.1 by rk4 41.1 Hz, 40.2 Hz, 1.64 (0.9, 0.3, 0.02).
"""

import numpy as np

import simcore as sc
from simcore.units import ms, mV, nS


def build(seed: int = 1) -> sc.Network:
    """Return the network; the seed draws the connections and the initial values."""
    exc, inh = sc.init.Uniform(0 * nS, 80 * nS), sc.init.Uniform(0 * nS, 400 * nS)
    cells = sc.models.TraubMilesHH(
        4000, tau_ref=3 * ms, refractory="block", V_initializer=sc.init.Normal(-65 * mV, 5 * mV),
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
