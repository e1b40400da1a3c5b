"""Eight firing patterns of the adaptive exponential neuron, and what tells them apart in the plane of V and w.

The onset of spikes is the same in all. What differs is how the adaptation w follows V (a), how far it rises at a spike
(b), how slowly it decays (tau_w), and where V is reset to: a reset below V_T makes single spikes, one above it bursts,
which end when w has grown. Each panel shows V above w, and beside them the orbit with the nullclines.

Naud, Marcille, Clopath, Gerstner (2008), Biological Cybernetics 99(4), 335-347, figure 4.
"""

import matplotlib.pyplot as plt
import numpy as np

import simcore as sc
from simcore.units import ms, mV, pA

figure = plt.figure(figsize=(14, 9))
panels = figure.add_gridspec(4, 2, hspace=0.55, wspace=0.16, left=0.06, right=0.99, top=0.92, bottom=0.06)
patterns = [name for name in sc.models.AdExIF.PRESETS if name.startswith("naud_")]
for k, name in enumerate(patterns):
    neuron = sc.models.AdExIF.preset(name, 1)
    current = sc.units.read(sc.models.AdExIF.PRESETS[name].drive, "drive")
    step = sc.inputs.section_input([0 * pA, current], [50 * ms, 450 * ms], dt=0.02 * ms)
    mon = sc.DSRunner(neuron, ["V", "w", "spike_count"], dt=0.02 * ms, progress_bar=False).run(inputs=step)
    print(f"{name:30}{mon.spike_count[0]:3d} spikes in 450 ms at {current:~P}")

    t, V, w = mon.ts.m_as(ms), mon.V.m_as(mV)[:, 0], mon.w.m_as(pA)[:, 0]
    times, plane = panels[k // 2, k % 2].subgridspec(1, 2, width_ratios=[5, 2], wspace=0.22)
    upper, lower = (figure.add_subplot(g) for g in times.subgridspec(2, 1, height_ratios=[2, 1], hspace=0.12))
    upper.plot(t, V, lw=0.8)
    lower.plot(t, w, lw=1, color="tab:orange")
    doc = sc.models.AdExIF.PRESETS[name].doc
    upper.set_title(f"{'ABCDEFGH'[k]}  {doc}, {current:~P}", fontsize=10, loc="left", pad=3)
    upper.tick_params(labelbottom=False, labelsize=8)
    lower.tick_params(labelsize=8)
    upper.set_ylabel("V (mV)", fontsize=8)
    lower.set_ylabel("w (pA)", fontsize=8)

    orbit = figure.add_subplot(plane)
    orbit.plot(np.where(V < -1, V, np.nan), w, lw=0.5)
    grid = np.linspace(V.min() - 3, -40, 300)
    p = {key: value.m_as(unit) for key, value, unit in zip(
        ("V_rest", "V_T", "delta_T", "a", "R"),
        (neuron.V_rest, neuron.V_T, neuron.delta_T, neuron.a, neuron.R), ("mV", "mV", "mV", "nS", "Gohm"), strict=True
    )}  # fmt: skip
    rise = p["delta_T"] * np.exp((grid - p["V_T"]) / p["delta_T"]) - (grid - p["V_rest"])
    orbit.plot(grid, rise / p["R"] + current.m_as(pA), "k", lw=0.8, label="dV/dt = 0")
    orbit.plot(grid, p["a"] * (grid - p["V_rest"]), "k--", lw=0.8, label="dw/dt = 0")
    low, high = w.min(), w.max()
    margin = 0.25 * (high - low) + 20
    orbit.set(xlim=(grid[0], -35), ylim=(low - margin, high + margin))
    orbit.tick_params(labelsize=8)
    orbit.set_xlabel("V (mV)", fontsize=8, labelpad=1)
    for ax in (upper, lower, orbit):
        ax.spines[["top", "right"]].set_visible(False)
figure.legend(*orbit.get_legend_handles_labels(), loc="upper right", ncols=2, frameon=False)
figure.suptitle("Firing patterns of the AdEx neuron: Naud et al. (2008)")
figure.savefig("adex_patterns.png", dpi=110)
