"""A thalamic relay neuron, put together from channels: a rebound burst, and what makes it.

Hyperpolarization frees the T-current of its inactivation and opens the h-current, which makes V sag upwards. When V is
let go, the T-current opens before it inactivates: a calcium spike that carries a burst of sodium spikes. A depolarizing
current from rest meets a T-current that is inactivated, and makes single spikes: the two modes of the cell.

Huguenard and McCormick (1992), Journal of Neurophysiology 68(4), 1373-1383; McCormick and Huguenard (1992), ibid.,
1384-1400; sodium and potassium of Bazhenov et al. (2002), Journal of Neuroscience 22(19), 8691-8704.
"""

import matplotlib.pyplot as plt

import simcore as sc
from simcore.models import channels as ch
from simcore.units import cm, mS, ms, mV, pA, uM

neuron = sc.models.CondNeuron(
    1,
    channels={
        "na": ch.INa_Ba2002(V_T=-40 * mV),
        "k": ch.IKDR_Ba2002(V_T=-40 * mV),
        "t": ch.ICaT_HM1992(),
        "h": ch.Ih_HM1992(),
        "leak": ch.IL(g=0.02 * mS / cm**2, E=-75 * mV),
    },
    ions={"ca": ch.CalciumPool()},
)
I = sc.inputs.section_input([0, -60, 0, 200, 0] * pA, [100, 300, 400, 200, 100] * ms)
monitors = ["V", "t.I", "h.I", "t.h", "h.r", "ca.C", "spike_events"]
runner = sc.DSRunner(neuron, monitors, dt=0.02 * ms, progress_bar=False)
mon = runner.run(1100 * ms, inputs=I)
times = mon.spike_events.times.m_as(ms)
for name, begin, end in (("released", 400, 700), ("depolarized", 800, 1000)):
    inside = times[(times > begin) & (times <= end)]
    rate = "" if len(inside) < 2 else f", the first two {inside[1] - inside[0]:.1f} ms apart"
    print(f"{name}: {len(inside)} spikes{rate}")

figure, axes = plt.subplots(5, 1, figsize=(8, 9), sharex=True, layout="constrained", height_ratios=[3, 2, 2, 2, 1])
t = mon.ts.m_as(ms)
axes[0].plot(t, mon.V.m_as(mV), "k", lw=0.8)
axes[0].set(ylabel="V (mV)", title="A thalamic relay neuron: rebound burst, single spikes")
axes[1].plot(t, mon["t.h"].magnitude, label="T, not inactivated")
axes[1].plot(t, mon["h.r"].magnitude, label="h, open")
axes[1].set(ylabel="gates", ylim=(0, None))
axes[2].plot(t, mon["t.I"].m_as("uA/cm**2"), label="T")
axes[2].plot(t, mon["h.I"].m_as("uA/cm**2"), label="h")
axes[2].set(ylabel="inward current,\ncut (µA/cm²)", ylim=(-1, 3))
axes[3].plot(t, mon["ca.C"].m_as(uM), "C2")
axes[3].set(ylabel="calcium (µM)")
axes[4].plot(I.ts.m_as(ms), I.m_as(pA), "C3")
axes[4].set(xlabel="time (ms)", ylabel="input (pA)")
for ax in axes[1:3]:
    ax.legend(frameon=False, loc="upper right", ncols=2)
figure.savefig("channels_thalamic.png", dpi=130)
