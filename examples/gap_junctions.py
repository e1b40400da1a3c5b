"""Gap junctions: interneurons that share their potentials, and fall into step.

Ten fast-spiking interneurons get currents that differ, so each has a rate of its own. Electrical synapses of 0.5 nS, a
twentieth of the leak, draw the rates a little together; with 2 nS all fire at one rate, within a millisecond.

Galarreta and Hestrin (1999), Nature 402, 72-75; Wang and Buzsaki (1996), Journal of Neuroscience 16(20), 6402-6413.
"""

import matplotlib.pyplot as plt
import numpy as np

import simcore as sc
from simcore.units import Hz, ms, nS, pA, second

N = 10
each_pair = np.triu(np.ones((N, N)), 1)
current, duration = np.linspace(40, 60, N) * pA, 1 * second

figure, axes = plt.subplots(1, 4, figsize=(13, 3.6), layout="constrained", width_ratios=[2, 2, 2, 1.6])
for g, axis in zip([0.0, 0.5, 2.0] * nS, axes, strict=False):
    cells = sc.models.WangBuzsakiHH(N)
    net = sc.Network(cells=cells, gap=sc.models.GapJunction(cells, cells, connect=each_pair, weight=g))
    monitors = {"spikes": "cells.spike_events", "count": "cells.spike_count"}
    mon = sc.DSRunner(net, monitors, dt=0.05 * ms, progress_bar=False).run(duration, inputs={"cells": current})
    rate = (mon.count / duration).m_as(Hz)
    print(f"g = {g:~P}: {rate.min():.0f} to {rate.max():.0f} Hz")
    axis.plot(mon.spikes.times.m_as(ms), mon.spikes.indices, "|", ms=12, mew=1.2)
    axis.set(xlim=(800, 1000), ylim=(-0.7, N - 0.3), xlabel="time (ms)", ylabel="neuron", title=f"g = {g:~P}")
    axes[3].plot(current.m_as(pA), rate, "o-", label=f"{g:~P}")
axes[3].set(xlabel="current (pA)", ylabel="rate (Hz)", title="rates")
axes[3].legend(frameon=False)
figure.savefig("gap_junctions.png", dpi=150)
