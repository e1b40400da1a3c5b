"""Gap junctions: neurons that share their potentials, and fall into step.

Inhibitory interneurons are coupled by electrical synapses. Ten leaky integrate-and-fire neurons get currents that
differ a little, so each has a rate of its own. Below threshold a gap junction only draws the potentials together: what
is seen of a current step in the neighbour is g / (g + g_leak) of it, the coupling coefficient. Strong enough, it makes
all of them fire at one rate.

Galarreta and Hestrin (1999), Nature 402, 72-75; Lewis and Rinzel (2003), J. Comput. Neurosci. 14, 283-309.
"""

import matplotlib.pyplot as plt
import numpy as np

import simcore as sc
from simcore.units import Hz, Mohm, ms, mV, nS, pA, second

N, LEAK = 10, 10.0  # nS
CONDUCTANCES = [0.0, 0.2, 2.0]  # nS, of each junction
current = np.linspace(205, 225, N) * pA


def cells(n, first=None):
    """Return leaky neurons of 100 Mohm, 20 mV below their threshold."""
    return sc.models.LIF(n, R=100 * Mohm, tau=10 * ms, V_rest=-70 * mV, V_th=-50 * mV, V_reset=-60 * mV,
                         spk_reset="hard", V_initializer=first)  # fmt: skip


pair = cells(2)
two = sc.Network(pair=pair, gap=sc.models.GapJunction(pair, pair, connect=([0], [1]), weight=1 * nS))
V = sc.DSRunner(two, ["pair.V"], progress_bar=False).run(200 * ms, {"pair": [100, 0] * pA})["pair.V"][-1].m_as(mV) + 70
print(f"coupling coefficient {V[1] / V[0]:.4f}, g / (g + g_leak) = {1 / (1 + LEAK):.4f}")

figure, axes = plt.subplots(1, 4, figsize=(13, 3.6), layout="constrained", width_ratios=[2, 2, 2, 1.6])
for g, axis in zip(CONDUCTANCES, axes, strict=False):
    neurons = cells(N, sc.init.Uniform(-70 * mV, -51 * mV, seed=1))
    gap = sc.models.GapJunction(neurons, neurons, connect=np.triu(np.ones((N, N)), 1), weight=g * nS)
    runner = sc.DSRunner(sc.Network(neurons=neurons, gap=gap), {"spikes": "neurons.spike_events",
                         "count": "neurons.spike_count"}, progress_bar=False)  # fmt: skip
    mon = runner.run(1 * second, inputs={"neurons": current})
    rate = (mon.count / (1 * second)).m_as(Hz)
    print(f"g = {g} nS: {rate.min():.0f} to {rate.max():.0f} Hz")
    axis.plot(mon.spikes.times.m_as(ms), mon.spikes.indices, "|", ms=10, mew=1)
    axis.set(xlim=(800, 1000), xlabel="time (ms)", ylabel="neuron", title=f"g = {g:g} nS")
    axes[3].plot(current.m_as(pA), rate, "o-", label=f"{g:g} nS")
axes[3].set(xlabel="current (pA)", ylabel="rate (Hz)", title="rates")
axes[3].legend(frameon=False)
figure.savefig("gap_junctions.png", dpi=150)
