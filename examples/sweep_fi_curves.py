"""f-I curves over the membrane time constant and the refractory period: one sweep, with the closed form on top.

Every combination of three tau, three tau_ref and 60 currents is a simulation of its own; all run in one compiled
program, and nothing but the firing rate is kept. From reset to threshold a neuron takes tau ln(R I / (R I - V_th)).

Gerstner, Kistler, Naud, Paninski (2014), Neuronal Dynamics, Cambridge University Press, section 1.3.
"""

import matplotlib.pyplot as plt
import numpy as np

import simcore as sc
from simcore.units import Hz, mA, ms, mV, ohm

over = {"tau": [5, 10, 20] * ms, "tau_ref": [0, 2, 5] * ms, "inputs": np.linspace(0.6, 5, 60) * mA}
model = sc.models.LIFRef(1, R=1 * ohm, V_th=1 * mV, spk_reset="hard")
sweep = sc.Sweep(model, over, {"rate": sc.measure.firing_rate}, dt=0.01 * ms, progress_bar=False)
rate = sweep.run(1000 * ms)["rate"]
print(rate)


def closed_form(I, tau, tau_ref):
    """Return the firing rate in Hz above the rheobase of 1 mA; times in ms, I in mA."""
    return 1000 / (tau_ref + tau * np.log(I / (I - 1)))


figure, axes = plt.subplots(1, 3, figsize=(11, 3.8), sharey=True, layout="constrained")
fine = np.linspace(1.0001, 5, 500)
for ax, tau_ref in zip(axes, over["tau_ref"], strict=True):
    for k, tau in enumerate(over["tau"]):
        measured = rate.sel(tau=tau, tau_ref=tau_ref)
        exact = closed_form(fine, tau.m_as(ms), tau_ref.m_as(ms))
        ax.plot(fine, exact, color=f"C{k}", lw=1.2)
        ax.plot(over["inputs"].m_as(mA), measured.m_as("Hz"), "o", ms=3, color=f"C{k}", label=f"{tau:~P}")
    ax.set(title=f"refractory for {tau_ref:~P}", xlabel="current I (mA)")
    ax.spines[["top", "right"]].set_visible(False)
axes[0].set_ylabel(f"firing rate ({Hz:~P})")
axes[0].legend(title="tau (lines: closed form)", frameon=False)
figure.savefig("sweep_fi_curves.png", dpi=130)
