"""The four states of a sparsely connected network: synchronous or not, regular or not.

Excitatory and inhibitory integrate-and-fire neurons with jumps of V, each under its own Poisson input, in the four
regimes of the paper's figure 8, A to D: g is the ratio of inhibition to excitation, eta the external rate relative to
that which reaches the threshold. A fifth of the paper's neurons and inputs, with jumps five times as large.

Brunel (2000), Journal of Computational Neuroscience 8, 183-208.
"""

import simcore as sc
from simcore.units import Mohm, ms, mV

REGIMES = {"A": (3.0, 2.0), "B": (6.0, 4.0), "C": (5.0, 2.0), "D": (4.5, 0.9)}  # g, eta
N_E, N_I, C_E, C_I = 2000, 500, 200, 50
J = 0.5 * mV
TAU, V_TH = 20 * ms, 20 * mV


def build(g: float, eta: float, seed: int = 1) -> sc.Network:
    """Return the network; the seed draws the connections, the initial V and the external input."""
    cells = sc.models.LIFRef(
        N_E + N_I, R=1 * Mohm, tau=TAU, V_rest=0 * mV, V_th=V_TH, V_reset=10 * mV, tau_ref=2 * ms, spk_reset="hard",
        V_initializer=sc.init.Uniform(0 * mV, V_TH), receptors={"jump": sc.models.Delta()},
    )  # fmt: skip
    threshold_rate = V_TH / (J * C_E * TAU)  # of each of C_E external sources
    return sc.Network(
        seed=seed,
        cells=cells,
        exc=sc.models.Projection(cells[:N_E], cells, connect=sc.models.FixedInDegree(C_E), weight=J,
                                 delay=1.5 * ms),
        inh=sc.models.Projection(cells[N_E:], cells, connect=sc.models.FixedInDegree(C_I), weight=-g * J,
                                 delay=1.5 * ms),
        external=sc.models.PoissonInput(cells, n=C_E, rate=(eta * threshold_rate).to("Hz"), weight=J),
    )  # fmt: skip


if __name__ == "__main__":
    figure, grid = sc.visualize.get_figure(3, 4, row_length=1.6, column_length=3.5)
    for column, (name, (g, eta)) in enumerate(REGIMES.items()):
        mon = sc.DSRunner(build(g, eta), monitors={"spikes": "cells.spike_events"}, progress_bar=False).run(300 * ms)
        late = mon.spikes.indices[mon.spikes.times > 100 * ms]
        rate = len(late) / (N_E + N_I) / 0.2
        print(f"{name}: g = {g:g}, eta = {eta:g}: {rate:.1f} Hz")
        title = f"{name}: g = {g:g}, eta = {eta:g}, {rate:.0f} Hz"
        raster = sc.visualize.raster_plot(
            mon.spikes, ax=figure.add_subplot(grid[:2, column]), markersize=1.5, title=title, xlabel="",
            ylabel="neuron" if column == 0 else "", ylim=(0, 100),
        )  # fmt: skip
        sc.visualize.rate_plot(
            mon.spikes, N_E + N_I, ax=figure.add_subplot(grid[2, column], sharex=raster), bin=0.5 * ms, xlim=(200, 300),
            ylabel="rate (Hz)" if column == 0 else "",
        )  # fmt: skip
    figure.savefig("brunel.png", dpi=150)
