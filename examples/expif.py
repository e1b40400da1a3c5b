"""Spike initiation in the exponential integrate-and-fire neuron, just below and just above its rheobase.

Below the rheobase (V_T - V_rest - delta_T) / R = 1.62 mA the neuron comes to rest. Above it V creeps past V_T,
where the exponential takes over, and shoots up. The closer the current to the rheobase, the longer V lingers near
V_T, so the rate rises from zero; the upstroke itself is always the same.

Fourcaud-Trocmé, Hansel, van Vreeswijk, Brunel (2003), Journal of Neuroscience 23(37), 11628-11640.
"""

import matplotlib.pyplot as plt
import numpy as np

import simcore as sc
from simcore.units import Hz, mA, ms, mV

current = np.array([1.6, 1.65, 1.8, 2.5]) * mA
duration = 2000 * ms

neurons = sc.models.ExpIF(4)  # one neuron for each current
runner = sc.DSRunner(neurons, monitors=["V", "spike_events", "spike_count"], dt=0.02 * ms, progress_bar=False)
mon = runner.run(duration, inputs=current)
rate = (mon.spike_count / duration).to(Hz)

rheobase = ((neurons.V_T - neurons.V_rest - neurons.delta_T) / neurons.R).to(mA)
print(f"rheobase {rheobase:.2f~P}")
for I, f in zip(current, rate, strict=True):
    print(f"I = {I:.2f~P}: {f:4.1f~P}")

t, V, V_T = mon.ts.m_as(ms), mon.V.m_as(mV), neurons.V_T.m_as(mV)
figure, axes = plt.subplot_mosaic(
    [[k, "upstroke"] for k in range(4)], figsize=(10, 5.5), width_ratios=[3, 2], layout="constrained"
)
upstroke = axes["upstroke"]
for k, (I, f) in enumerate(zip(current, rate, strict=True)):
    axes[k].plot(t, V[:, k], color=f"C{k}", lw=1)
    axes[k].set_title(f"I = {I:.2f~P}: {f:.1f~P}", loc="left", fontsize=10, pad=2)
    axes[k].set(xlim=(0, 600), ylim=(-70, -28), ylabel="V (mV)")
    axes[k].tick_params(labelbottom=k == 3)
    spikes = mon.spike_events.times[mon.spike_events.indices == k].m_as(ms)
    if len(spikes):
        upstroke.plot(t - spikes[0], V[:, k], color=f"C{k}", lw=1.2)
axes[3].set_xlabel("time (ms)")
upstroke.set(xlim=(-20, 4), ylim=(-70, -28), xlabel="time from the first spike (ms)", ylabel="V (mV)")
upstroke.set_title("upstroke of the first spike", loc="left", fontsize=10, pad=2)
upstroke.axhline(V_T, color="gray", ls=":", lw=1)
upstroke.text(2, V_T + 0.5, "$V_T$", color="gray")
figure.suptitle(f"ExpIF neuron around its rheobase of {rheobase:.2f~P}")
figure.savefig("expif.png", dpi=150)
