"""The f-I curve of the leaky integrate-and-fire neuron, and how a refractory period bends it.

120 neurons in one population: each row has another refractory period, each column another current. From reset to
threshold a neuron takes tau ln(R I / (R I - V_th)), so it fires at 1 / (tau_ref + that time), never faster than
1 / tau_ref. A crossing is seen at the end of its step of 0.01 ms, which costs the fastest neurons up to 0.5 %.

Gerstner, Kistler, Naud, Paninski (2014), Neuronal Dynamics, Cambridge University Press, section 1.3.
"""

import matplotlib.pyplot as plt
import numpy as np

import simcore as sc
from simcore.units import Hz, mA, ms, mV, ohm

R, tau, V_th = 1 * ohm, 10 * ms, 1 * mV
tau_ref = np.array([0, 2, 5, 10]) * ms
current = np.linspace(0.6, 5, 30) * mA
duration = 2000 * ms

# A parameter may be anything that broadcasts to the population's shape, (4, 30); so may an input.
neurons = sc.models.LIFRef((4, 30), R=R, tau=tau, tau_ref=tau_ref[:, None], V_th=V_th, spk_reset="hard")
runner = sc.DSRunner(neurons, monitors=["spike_count"], dt=0.01 * ms, progress_bar=False)
mon = runner.run(duration, inputs=current)
rate = (mon.spike_count / duration).to(Hz)


def closed_form(I, tau_ref):
    """Return the firing rate above the rheobase V_th / R."""
    return (1 / (tau_ref + tau * np.log(R * I / (R * I - V_th)))).to(Hz)


above = current > V_th / R
fine = np.linspace(1.0001, 5, 500) * mA
figure, ax = plt.subplots(figsize=(6.5, 4.2), layout="constrained")
for k, refractory in enumerate(tau_ref):
    error = np.max(np.abs(rate[k, above] - closed_form(current[above], refractory)))
    print(f"tau_ref {refractory:2.0f~P}: {rate[k, -1]:5.1f~P} at 5 mA, at most {error:.1f~P} from the closed form")
    ax.plot(fine.m_as(mA), closed_form(fine, refractory).m_as(Hz), color=f"C{k}", lw=1.2)
    ax.plot(current.m_as(mA), rate[k].m_as(Hz), "o", ms=4, color=f"C{k}", mfc="white", label=f"{refractory:.0f~P}")
ax.plot([], [], "k", lw=1.2, label="closed form")
ax.legend(title="refractory period", frameon=False)
ax.set(xlabel="current I (mA)", ylabel="firing rate f (Hz)", title="LIF neuron: firing rate against current")
ax.spines[["top", "right"]].set_visible(False)
figure.savefig("refractory_fi_curve.png", dpi=150)
