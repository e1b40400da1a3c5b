"""An excitatory and an inhibitory population: two stable states, an oscillation, and a wave along a chain.

With the parameters of Wilson and Cowan's figure 4 a short stimulus switches the population on, and it stays so. With
those of figure 11 it oscillates under a constant input. Of twenty such populations in a chain each drives the next one
after 2 ms: one after the other they fall into step with the first, a wave.

Wilson and Cowan (1972), Biophysical Journal 12(1), 1-24.
"""

import matplotlib.pyplot as plt
import numpy as np

import simcore as sc
from simcore.units import ms

OSCILLATES = {"wEE": 16, "wIE": 12, "wEI": 15, "wII": 3, "aE": 1.3, "thE": 4, "aI": 2, "thI": 3.7}
N = 20

memory = sc.DSRunner(sc.models.WilsonCowan(2), monitors=["E"], progress_bar=False)
strength = np.array([0.2, 1.5])  # of the stimulus: too weak, and strong enough
before, during, after = (memory.run(t * ms, inputs=x * strength).E.m for t, x in ((10, 0), (10, 1), (30, 0)))
switched = np.concatenate([before, during, after])

first = sc.init.Uniform(0.1, 0.3, seed=1)
cells = sc.models.WilsonCowan(N, **OSCILLATES, tau_E=5 * ms, tau_I=5 * ms, E_initializer=first)
chain = (np.arange(N - 1), np.arange(1, N))
net = sc.Network(cells=cells, chain=sc.models.RateProjection(cells, cells, connect=chain, weight=0.5, delay=2 * ms))
mon = sc.DSRunner(net, monitors=["cells.E", "cells.I"], progress_bar=False).run(600 * ms, inputs={"cells": 1.25})
E, inhibition, t = mon["cells.E"].m, mon["cells.I"].m, mon.ts.m_as(ms)

late = t > 300
peaks = [np.flatnonzero((e[1:-1] > e[:-2]) & (e[1:-1] >= e[2:]) & (e[1:-1] > e.mean())) for e in E[late].T]
period = np.diff(peaks[0]).mean() * 0.1
print(f"stimulus {strength}: E after it {np.round(after[-1], 3)}")
print(f"period of the first population {period:.1f} ms; each oscillates {[len(p) for p in peaks]} times in 300 ms")

figure, (states, orbit, wave) = plt.subplots(1, 3, figsize=(12, 3.8), layout="constrained")
states.plot(np.arange(len(switched)) * 0.1, switched, label=[f"stimulus {x}" for x in strength])
states.axvspan(10, 20, color="gray", alpha=0.2, lw=0)
states.set(xlabel="time (ms)", ylabel="E", title="two stable states")
states.legend(frameon=False)
orbit.plot(E[late, 0], inhibition[late, 0])
orbit.set(xlabel="E", ylabel="I", title="a limit cycle")
image = wave.imshow(E[t > 400].T, aspect="auto", origin="lower", extent=(400, 600, -0.5, N - 0.5))
figure.colorbar(image, ax=wave, label="E")
wave.set(xlabel="time (ms)", ylabel="population", title="a wave along the chain")
figure.savefig("wilson_cowan.png", dpi=150)
