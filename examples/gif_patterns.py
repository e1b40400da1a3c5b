"""The twenty firing patterns of one generalized integrate-and-fire neuron.

A threshold that follows V and two currents set off by each spike are enough for tonic and phasic spiking, bursts,
rebounds, bistability and the rest: a few parameters and the input are all that differs between the panels. They
stand, with their sources, in gif-patterns.json beside this file.

Mihalas and Niebur (2009), A generalized linear integrate-and-fire neural model produces diverse spiking behaviors,
Neural Computation 21(3), 704-718. Each pattern shows what it is named for: tests/models/neurons/test_gif.py says what.
"""

import json
from pathlib import Path

import jax
import matplotlib.pyplot as plt

import simcore as sc
from simcore.units import mA, ms, mV

# In class 1, V climbs slowly to 0.02 uV above the threshold; float32, exact to 4 nV near -50 mV, stops short of it.
jax.config.update("jax_enable_x64", True)

patterns = json.loads(Path(__file__).with_name("gif-patterns.json").read_text())["patterns"]

figure = plt.figure(figsize=(14, 10.5))
panels = figure.add_gridspec(5, 4, hspace=0.42, wspace=0.2, left=0.06, right=0.99, top=0.92, bottom=0.06)
for k, (name, pattern) in enumerate(patterns.items()):
    # The file holds numbers; the model says in which unit each of its parameters is.
    params = {key: value * sc.units.unit(sc.models.GIF.PARAMS[key].unit) for key, value in pattern["params"].items()}
    initial = {key.replace("_", "") + "_initializer": V * mV for key, V in pattern.get("initial", {}).items()}
    neuron = sc.models.GIF(1, **params, **initial)
    levels, durations = zip(*pattern["input"], strict=True)
    current = sc.inputs.section_input([I * mA for I in levels], [T * ms for T in durations])
    mon = sc.DSRunner(neuron, monitors=["V", "V_th", "spike_count"]).run(inputs=current)
    print(f"{name:34}{mon.spike_count[0]:3d} spikes in {current.duration:4.0f~P}")

    t = mon.ts.m_as(ms)
    voltage, drive = (figure.add_subplot(g) for g in panels[k].subgridspec(2, 1, height_ratios=[4, 1], hspace=0.1))
    (V_line,) = voltage.plot(t, mon.V.m_as(mV), lw=0.9)
    (threshold_line,) = voltage.plot(t, mon.V_th.m_as(mV), lw=0.9, color="tab:orange")
    (I_line,) = drive.plot(t, current.m_as(mA), lw=1.2, color="tab:red")
    title = name.replace("_", " ").replace("class", "class ")
    voltage.set_title(f"{'ABCDEFGHIJKLMNOPQRST'[k]}  {title}", fontsize=10, loc="left", pad=3)
    voltage.tick_params(labelbottom=False, labelsize=8)
    drive.tick_params(labelsize=8)
    drive.margins(y=0.2)
    drive.set_yticks([round(min(0, *levels), 1), round(max(0, *levels), 1)])
    for ax in (voltage, drive):
        ax.spines[["top", "right"]].set_visible(False)
figure.supxlabel("time (ms)")
figure.supylabel("V and $V_{th}$ (mV), below: current I (mA)", x=0.008)
figure.legend([V_line, threshold_line, I_line], ["V", "$V_{th}$", "I"], loc="upper right", ncols=3, frameon=False)
figure.suptitle("The firing patterns of Mihalas and Niebur (2009)")
figure.savefig("gif_patterns.png", dpi=110)
