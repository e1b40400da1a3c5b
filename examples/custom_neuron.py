"""A neuron of your own: declare its parameters and its state, write its derivative and its step.

The quadratic integrate-and-fire neuron is the normal form of the transition from rest to firing through a
saddle-node: above the current (V_c - V_rest) / (4 R) the two fixed points V_rest and V_c have merged and vanished.
Its rate has a closed form, against which the simulation is checked.

Ermentrout and Kopell (1986), SIAM Journal on Applied Mathematics 46(2), 233-253; in this form: Latham, Richmond,
Nelson, Nirenberg (2000), Journal of Neurophysiology 83(2), 808-827.
"""

import matplotlib.pyplot as plt
import numpy as np

import simcore as sc
from simcore.units import Hz, mA, ms, mV


class QIF(sc.Neuron):
    """Quadratic integrate-and-fire: tau dV/dt = (V - V_rest)(V - V_c) / (V_c - V_rest) + R I, reset at V_th."""

    R = sc.Param(1.0, "ohm", "membrane resistance", positive=True)
    tau = sc.Param(10.0, "ms", "membrane time constant", positive=True)
    V_th = sc.Param(30.0, "mV", "numerical spike threshold, the cut-off of the upstroke", above="V_reset")
    V_reset = sc.Param(-70.0, "mV", "membrane potential after a spike")
    V_rest = sc.Param(-65.0, "mV", "resting membrane potential")
    V_c = sc.Param(-50.0, "mV", "critical potential, from which V runs away", above="V_rest")

    V = sc.HiddenState("mV", "membrane potential", init="V_rest")
    spk_reset = "hard"

    def derivative(self, V, I):
        return ((V - self.V_rest) * (V - self.V_c) / (self.V_c - self.V_rest) + self.R * I) / self.tau

    def update(self, x):
        V = self.after_spike(self.V.value)  # reset for the spike at the end of the previous step
        self.V.value = self.integrate(self.derivative, V, x)
        return self.fire()


current = np.linspace(3, 10, 29) * mA
neurons = QIF(29)
runner = sc.DSRunner(neurons, monitors=["V", "spike_count"], dt=0.02 * ms, progress_bar=False)
mon = runner.run(2000 * ms, inputs=current)
rate = (mon.spike_count / (2000 * ms)).to(Hz)

# tau du/dt = (u^2 + w^2) / D with u from the middle of the fixed points, D their distance, w^2 = D R (I - rheobase).
D = neurons.V_c - neurons.V_rest
rheobase = (D / (4 * neurons.R)).to(mA)
u_reset, u_th = (V - (neurons.V_rest + neurons.V_c) / 2 for V in (neurons.V_reset, neurons.V_th))


def closed_form(I):
    """Return the firing rate above the rheobase."""
    w = np.sqrt(D * neurons.R * (I - rheobase)).to(mV)
    return (w / (neurons.tau * D * (np.arctan(u_th / w) - np.arctan(u_reset / w)))).to(Hz)


fires = current > rheobase
error = np.max(np.abs(rate[fires] - closed_form(current[fires])))  # a count over 2 s resolves 0.5 Hz
print(f"rheobase {rheobase:.2f~P}; {rate[-1]:.1f~P} at 10 mA; at most {error:.2f~P} from the closed form")

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), width_ratios=[3, 2], layout="constrained")
for k in (2, 4, 16):
    left.plot(mon.ts.m_as(ms), mon.V[:, k].m_as(mV), lw=1, label=f"{current[k]:.1f~P}")
left.legend(title="current", loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
left.set(xlim=(0, 200), xlabel="time (ms)", ylabel="membrane potential V (mV)", title="QIF neuron")
fine = np.linspace(3.7501, 10, 500) * mA
right.plot(fine.m_as(mA), closed_form(fine).m_as(Hz), "k", lw=1.2, label="closed form")
right.plot(current.m_as(mA), rate.m_as(Hz), "o", ms=4, mfc="white", label="simulation")
right.legend(loc="lower right", frameon=False)
right.set(xlabel="current I (mA)", ylabel="firing rate f (Hz)", title="firing rate")
figure.savefig("custom_neuron.png", dpi=150)
