"""Seven types of neurons by one parabola: the presets of Izhikevich (2003), under the inputs of its figure 2.

The cortical types get a step of 10 pA. The thalamo-cortical one fires tonically at a step from rest, and in a burst
when it is released from hyperpolarization. The resonator rests or fires under the same current: its V swings about
rest, and a pulse makes it fire for good.

Izhikevich (2003), Simple model of spiking neurons, IEEE Transactions on Neural Networks 14(6), 1569-1572.
"""

import matplotlib.pyplot as plt

import simcore as sc
from simcore.units import ms, mV, pA

step = [0, 10], [50, 350]
INPUTS = dict.fromkeys(("RS", "IB", "CH", "FS", "LTS"), step)  # pA, ms
INPUTS["RZ"] = [0, 0.2, 2.2, 0.2], [50, 150, 2, 198]
INPUTS["TC"] = [0, 1.5], [50, 350]
INPUTS["TC, from below"] = [-10, 0], [200, 200]

REST = {"LTS": -64.4, "RZ": -62.5, "TC": -64.4}  # mV; the others rest at -70

figure, panels = plt.subplots(4, 4, figsize=(14, 9), height_ratios=[4, 1, 4, 1], sharex="col", layout="constrained")
for k, (title, (levels, durations)) in enumerate(INPUTS.items()):
    name = title.split(",")[0]
    neuron = sc.models.Izhikevich.preset(name, 1, V_initializer=REST.get(name, -70.0) * mV)
    current = sc.inputs.section_input([I * pA for I in levels], [T * ms for T in durations], dt=0.05 * ms)
    mon = sc.DSRunner(neuron, ["V", "spike_count"], dt=0.05 * ms, progress_bar=False).run(inputs=current)
    print(f"{title:16}{mon.spike_count[0]:3d} spikes in {current.duration:4.0f~P}")

    voltage, drive = panels[2 * (k // 4), k % 4], panels[2 * (k // 4) + 1, k % 4]
    voltage.plot(mon.ts.m_as(ms), mon.V.m_as(mV), lw=0.9)
    drive.plot(mon.ts.m_as(ms), current.m_as(pA), lw=1.2, color="tab:red")
    doc = sc.models.Izhikevich.PRESETS[name].doc.removesuffix(" (the defaults)")
    voltage.set_title(f"{title}: {doc}", fontsize=10, loc="left")
    voltage.set_ylim(-95, 35)
    drive.margins(y=0.3)
    for ax in (voltage, drive):
        ax.spines[["top", "right"]].set_visible(False)
figure.supxlabel("time (ms)")
figure.supylabel("V (mV), below: current I (pA)")
figure.suptitle("Types of neurons of Izhikevich (2003)")
figure.savefig("izhikevich_patterns.png", dpi=110)
