"""The Hodgkin-Huxley neuron: its gates during an action potential, and the currents at which it fires.

A constant current makes rest unstable between two Hopf bifurcations, at 9.775 and 154.5 uA/cm2. At the lower one the
firing begins at once at some 70 Hz, and large oscillations coexist with rest below it: whether the neuron fires there
depends on how the current came. At the upper one the oscillations shrink to nothing.

Hodgkin and Huxley (1952), Journal of Physiology 117(4), 500-544; the bifurcations: Rinzel and Miller (1980),
Mathematical Biosciences 49(1-2), 27-59.
"""

import matplotlib.pyplot as plt
import numpy as np

import simcore as sc
from simcore.units import cm, ms, mV, uA

figure, axes = plt.subplot_mosaic(
    [["V", "amplitude"], ["gates", "amplitude"], ["gates", "rate"]], figsize=(11, 7), layout="constrained"
)

density = uA / cm**2
neuron = sc.models.HH(1)
runner = sc.DSRunner(neuron, ["V", "m", "h", "n"], dt=0.01 * ms, progress_bar=False)
mon = runner.run(25 * ms, inputs=10 * density * neuron.area)
t = mon.ts.m_as(ms)
axes["V"].plot(t, mon.V.m_as(mV), "k", lw=1.2)
axes["V"].set(ylabel="V (mV)", title="10 µA/cm²")
for name, meaning in (("m", "sodium opens"), ("h", "sodium inactivates"), ("n", "potassium opens")):
    axes["gates"].plot(t, mon[name].magnitude, lw=1.2, label=f"{name}: {meaning}")
axes["gates"].set(xlabel="time (ms)", ylabel="gates", ylim=(0, 1))
axes["gates"].legend(frameon=False, ncols=3, fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1.0))

# Each current twice: approached slowly, so that V follows its rest, and switched on at once.
currents = np.concatenate([np.arange(4, 14, 0.25), np.arange(14, 170, 2)])
for stages, marker in ((100, "o"), (1, ".")):
    neurons = sc.models.HH(currents.size)
    runner = sc.DSRunner(neurons, ["V"], dt=0.025 * ms, progress_bar=False)
    for part in np.linspace(0, 1, stages, endpoint=False)[1:]:
        runner.run(10 * ms, inputs=part * currents * density * neurons.area)
    runner.run(600 * ms, inputs=currents * density * neurons.area)
    V = runner.run(400 * ms, inputs=currents * density * neurons.area).V.m_as(mV)
    middle = (V.max(0) + V.min(0)) / 2
    rate = ((V[1:] >= middle) & (V[:-1] < middle)).sum(0) / 0.4
    fires = np.ptp(V, axis=0) > 2
    label = "switched on at once" if stages == 1 else "approached slowly"
    print(f"{label}: fires from {currents[fires][0]} to {currents[fires][-1]} µA/cm²")
    style = {"ls": "", "marker": marker, "ms": 4 + (marker == "o"), "mfc": "none" if marker == "o" else None}
    (line,) = axes["amplitude"].plot(currents, V.max(0), label=label, **style)
    axes["amplitude"].plot(currents, V.min(0), color=line.get_color(), **style)
    axes["rate"].plot(currents[fires], rate[fires], **style)
for ax in (axes["amplitude"], axes["rate"]):
    for hopf in (9.775, 154.52):
        ax.axvline(hopf, color="gray", ls=":", lw=1)
    ax.set_xlim(0, 170)
axes["amplitude"].set(ylabel="largest and smallest V (mV)", title="amplitude; dotted: Hopf bifurcations")
axes["amplitude"].legend(frameon=False)
axes["rate"].set(xlabel="current (µA/cm²)", ylabel="firing rate (Hz)", ylim=(0, None))
figure.suptitle("The Hodgkin-Huxley neuron")
figure.savefig("hodgkin_huxley.png", dpi=130)
