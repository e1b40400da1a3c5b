"""The cortical microcircuit: eight populations in four layers below 1 mm² of cortical surface, spontaneous activity.

At full scale, `python microcircuit.py 1`, these are 77 169 neurons and 0.3 billion synapses, each with a weight and a
delay of its own. By default a tenth of the neurons and of the inputs of each; stronger weights and a constant current
keep mean and variance of the input.

Potjans and Diesmann (2014), Cerebral Cortex 24(3), 785-806; scaling: van Albada, Helias, Diesmann (2015), PLoS
Computational Biology 11(9), e1004490.
"""

import sys

import microcircuit_parameters as of
import numpy as np

import simcore as sc
from simcore.units import Hz, Mohm, ms, mV, pA


def build(scale: float = 0.1, seed: int = 1) -> tuple[sc.Network, dict]:
    """Return the network and its constant inputs; the seed draws connections, weights, delays, initial V and input."""
    names, sizes, cell = of.POPULATIONS, of.sizes(scale), of.NEURON
    counts, weights = of.synapses(scale), of.weights(scale)
    populations = {
        name: sc.models.LIFRef(
            n, R=cell["tau"] / cell["C"] * 1000 * Mohm, tau=cell["tau"] * ms, V_rest=cell["E_L"] * mV,
            V_th=cell["V_th"] * mV, V_reset=cell["V_reset"] * mV, tau_ref=cell["tau_ref"] * ms, spk_reset="hard",
            method="exact", receptors={"syn": sc.models.Exponential(tau=cell["tau_syn"] * ms)},
            V_initializer=sc.init.TruncatedNormal(of.V_START[0] * mV, of.V_START[1] * mV, -np.inf * mV,
                                                  (cell["V_th"] - 1e-3) * mV),
        )
        for name, n in zip(names, sizes.tolist(), strict=True)
    }  # fmt: skip
    parts = dict(populations)
    for k, post in enumerate(names):
        parts[f"ext_{post}"] = sc.models.PoissonInput(
            populations[post], n=scale * of.EXTERNAL_INDEGREE[k], rate=of.EXTERNAL_RATE * Hz,
            weight=of.external_weight(scale) * pA,
        )  # fmt: skip
        for j, pre in enumerate(names):
            if counts[k, j]:
                mean, sd = of.DELAY[pre[-1]]
                parts[f"{pre}_to_{post}"] = sc.models.Projection(
                    populations[pre], populations[post], connect=sc.models.FixedTotalNumber(int(counts[k, j])),
                    weight=sc.init.Normal(weights[k, j] * pA, abs(weights[k, j]) * of.WEIGHT_SPREAD * pA),
                    delay=sc.init.TruncatedNormal(mean * ms, sd * ms, of.MIN_DELAY * ms, np.inf * ms),
                )  # fmt: skip
    net = sc.Network(name="microcircuit", seed=seed, **parts)
    return net, dict(zip(names, of.dc_current(scale) * pA, strict=True))


if __name__ == "__main__":
    net, inputs = build(float(sys.argv[1]) if len(sys.argv) > 1 else 0.1)
    net.summary()
    names = of.POPULATIONS
    runner = sc.DSRunner(net, monitors={name: f"{name}.spike_events" for name in names})
    runner.run(of.TRANSIENT * ms, inputs=inputs)  # settles
    mon = runner.run(500 * ms, inputs=inputs)
    rates = {name: len(mon[name].indices) / net.populations()[name].size / 0.5 for name in names}
    for name, published in zip(names, of.FULL_RATES, strict=True):
        print(f"{name}: {rates[name]:.2f} Hz (published, at full scale: {published:.2f} Hz)")

    figure, grid = sc.visualize.get_figure(1, 5, row_length=5, column_length=2)
    raster, bars, first = figure.add_subplot(grid[:4]), figure.add_subplot(grid[4]), 0
    for name in reversed(names):
        times, neurons = mon[name]
        color = "tab:red" if name.endswith("I") else "tab:blue"
        sc.visualize.raster_plot((times, first + neurons), ax=raster, markersize=0.7, color=color, ylabel="")
        size = net.populations()[name].size
        raster.text(of.TRANSIENT - 5, first + size / 2, name, ha="right", va="center", color=color)
        bars.barh(name, rates[name], color=color)
        first += size
    raster.set(xlim=(of.TRANSIENT, of.TRANSIENT + 500), yticks=[], title="cortical microcircuit")
    bars.set(xlabel="rate (Hz)")
    figure.savefig("microcircuit.png", dpi=150)
