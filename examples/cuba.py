"""CUBA: a recurrent network of current-based synapses, integrated exactly.

4000 leaky integrate-and-fire neurons that rest above threshold, 3200 excitatory and 800 inhibitory, each with about 80
inputs. The equations are linear between spikes, so `method="exact"` has no error of the time step.

Brette et al. (2007), Journal of Computational Neuroscience 23, 349-398, benchmark 2.
"""

import simcore as sc
from simcore.units import Mohm, ms, mV, pA


def build(seed: int = 1) -> sc.Network:
    """Return the network; the seed draws the connections and the initial V."""
    cells = sc.models.LIFRef(
        4000, R=100 * Mohm, tau=20 * ms, V_rest=-49 * mV, V_th=-50 * mV, V_reset=-60 * mV, tau_ref=5 * ms,
        spk_reset="hard", method="exact", V_initializer=sc.init.Uniform(-60 * mV, -50 * mV),
        receptors={"exc": sc.models.Exponential(tau=5 * ms), "inh": sc.models.Exponential(tau=10 * ms)},
    )  # fmt: skip
    connect = {"connect": sc.models.FixedProbability(0.02), "delay": 1.5 * ms}
    exc, inh = 1.62 * mV / cells.R, -9 * mV / cells.R  # 16.2 pA, -90 pA
    return sc.Network(
        seed=seed,
        cells=cells,
        exc=sc.models.Projection(cells[:3200], cells, "exc", weight=exc.to(pA), **connect),
        inh=sc.models.Projection(cells[3200:], cells, "inh", weight=inh.to(pA), **connect),
    )


if __name__ == "__main__":
    net = build()
    net.summary()
    runner = sc.DSRunner(net, monitors={"spikes": "cells.spike_events", "g": ("cells.exc.g", [0])})
    mon = runner.run(500 * ms)
    late = mon.spikes.indices[mon.spikes.times > 200 * ms]
    print(f"mean rate {len(late) / 4000 / 0.3:.1f} Hz")

    figure, grid = sc.visualize.get_figure(4, 1, row_length=1.6, column_length=8)
    raster = sc.visualize.raster_plot(
        mon.spikes, ax=figure.add_subplot(grid[:2]), markersize=0.5, xlabel="", title="CUBA: spikes, rate, one current"
    )
    sc.visualize.rate_plot(mon.spikes, 4000, ax=figure.add_subplot(grid[2], sharex=raster), bin=2 * ms, xlabel="")
    sc.visualize.line_plot(
        mon.ts, mon.g, ax=figure.add_subplot(grid[3], sharex=raster), lw=0.8, xlim=(0, 500), ylabel="exc. current (pA)"
    )
    figure.savefig("cuba.png", dpi=150)
