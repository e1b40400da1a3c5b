"""Escape noise: a neuron whose rate of spikes follows its potential, instead of a threshold.

Left, the same step of current to neurons that fire at random: no two trains are alike, and the population's rate
follows the current. Right, the intervals under a constant current, and their distribution in theory: between
spikes V is a known function of the time since the last one, so that the probability to survive is exp(-integral of the
rate). The wider the rise of the rate, the less regular the neuron.

Gerstner, Kistler, Naud, Paninski (2014), Neuronal Dynamics, sections 7.5 and 9.1-9.3.
"""

import matplotlib.pyplot as plt
import numpy as np

import simcore as sc
from simcore.units import Hz, Mohm, ms, mV, pA

N, REST, RESET, THRESHOLD, TAU, TAU_REF = 400, -70.0, -70.0, -50.0, 20.0, 4.0  # mV, ms
STEP = sc.inputs.section_input([120 * pA, 220 * pA, 120 * pA], [100 * ms, 100 * ms, 100 * ms], 0.1 * ms)


def population(delta: float) -> sc.models.LIFRef:
    """Return neurons whose rate rises e-fold with delta (mV); at the threshold it is 100 Hz."""
    cell = {"R": 100 * Mohm, "tau": TAU * ms, "V_rest": REST * mV, "V_th": THRESHOLD * mV, "V_reset": RESET * mV}
    rate = sc.models.ExponentialRate(rate=100 * Hz, delta=delta * mV)
    return sc.models.LIFRef(N, **cell, tau_ref=TAU_REF * ms, spk_reset="hard", escape=rate)


def density(t: np.ndarray, drive: float, delta: float) -> np.ndarray:
    """Return the theoretical density (1/ms) of intervals t (ms) under a constant drive R I (mV)."""
    since = np.maximum(t - TAU_REF, 0)  # the end of the refractory period
    V = REST + drive + (RESET - REST - drive) * np.exp(-since / TAU)
    rate = np.where(t > TAU_REF, 0.1 * np.exp((V - THRESHOLD) / delta), 0.0)
    survives = np.exp(-np.append(0, np.cumsum((rate[1:] + rate[:-1]) / 2 * np.diff(t))))
    return rate * survives


figure, (trains, laws) = plt.subplots(1, 2, figsize=(11, 3.8), layout="constrained")
mon = sc.DSRunner(population(2.0), ["spike_events"], progress_bar=False).run(inputs=STEP)
times, neurons = mon.spike_events.times.m_as("ms"), mon.spike_events.indices
trains.plot(times[neurons < 50], neurons[neurons < 50], "k|", markersize=3)
trains.set(xlabel="time (ms)", ylabel="neuron", title="a step of current from 100 to 200 ms")
count, edges = np.histogram(times, np.arange(0, 301, 5))
rate = trains.twinx()
rate.stairs(count / N / 5e-3, edges, color="C1", lw=2)
rate.set_ylabel("rate of the population (Hz)", color="C1")

t = np.arange(0, 120, 0.1)
for k, delta in enumerate((0.5, 2.0, 5.0)):
    mon = sc.DSRunner(population(delta), ["spike_events"], progress_bar=False).run(2000 * ms, inputs=220 * pA)
    isi = sc.analysis.intervals(mon.spike_events)[0].m_as("ms")
    print(f"delta {delta} mV: {1e3 / isi.mean():.1f} Hz, coefficient of variation {isi.std() / isi.mean():.2f}")
    laws.hist(isi, np.arange(0, 121, 2), density=True, alpha=0.4, color=f"C{k}", label=f"delta = {delta} mV")
    laws.plot(t, density(t, 22.0, delta), color=f"C{k}")
laws.set(xlabel="interval (ms)", ylabel="density (1/ms)", title="simulation, and theory (lines)", xlim=(0, 120))
laws.legend(frameon=False)
figure.savefig("escape_noise.png", dpi=150)
