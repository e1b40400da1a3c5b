"""Three spiking layers, LIF(784) - Linear - ALIF(256) - Linear - LIF(10), trained through their spikes.

Each of ten patterns of currents is to make its own output neuron fire most. Surrogate derivatives of the spike:
Neftci, Mostafa, Zenke (2019), IEEE Signal Processing Magazine 36(6), 51-63. Adapting thresholds of the hidden layer:
Bellec, Salaj, Subramoney, Legenstein, Maass (2018), NeurIPS 31.
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import simcore as sc
from simcore.units import mA, ms


class SpikingNet(sc.Module):
    def __init__(self):
        super().__init__()
        self.layer1 = sc.models.LIF(784, tau=5 * ms)
        self.fc1 = sc.models.Linear(784, 256, unit="mA", weight=sc.init.KaimingNormal(5 * mA))
        # Wide surrogates, so that neurons far from their threshold learn, too.
        self.layer2 = sc.models.ALIF(256, tau=10 * ms, tau_a=200 * ms, spk_fun=sc.surrogate.SigmoidGrad(2.0))
        self.fc2 = sc.models.Linear(256, 10, unit="mA", weight=sc.init.KaimingNormal(15 * mA))
        self.layer3 = sc.models.LIF(10, tau=8 * ms, spk_fun=sc.surrogate.SigmoidGrad(2.0))

    def update(self, x):
        hidden = self.layer2(self.fc1(self.layer1(x)))
        return self.layer3(self.fc2(hidden))


# The currents are 3 mA on average, the rheobase is 1 mA. A batch holds two noisy copies of each pattern.
rng = np.random.default_rng(0)
patterns = rng.gamma(1.0, 3.0, (10, 784)) * mA
labels = np.repeat(np.arange(10), 2)
batch = patterns[labels] * rng.uniform(0.8, 1.2, (20, 784))

net = SpikingNet()
net.init_state(batch_size=20)
run = sc.unroll(net, 40 * ms, inputs=batch, dt=0.5 * ms)  # its outputs are the output spikes, (80, 20, 10)
weights = {name: net.float_params()[name] for name in ("fc1.weight", "fc2.weight")}  # floats, in mA


def loss(weights):
    """Return the cross-entropy between the labels and the spike counts of the output neurons."""
    return sc.losses.cross_entropy_count(run(weights)[0], labels)


loss_and_slope = jax.jit(jax.value_and_grad(loss))
for step in range(11):
    value, slope = loss_and_slope(weights)
    print(f"after {step:2d} gradient steps: loss {value:.3f}")
    weights = {name: w - 0.2 * slope[name] for name, w in weights.items()}
net.load_float_params(weights)

# The trained network sees the ten patterns without noise, one after the other.
net.init_state()
monitors = [("layer1.spike_events", range(100)), "layer2.spike_events", "layer3.spike_events"]
mon = sc.DSRunner(net, monitors, dt=0.5 * ms).run(inputs=sc.inputs.section_input(patterns, [40 * ms] * 10, dt=0.5 * ms))

figure, axes = plt.subplots(3, figsize=(8, 7), height_ratios=[2, 3, 2], sharex=True, layout="constrained")
titles = ["layer 1: LIF, the first 100 of 784", "layer 2: ALIF, all 256", "layer 3: LIF, one neuron for each pattern"]
for k, ax in enumerate(axes):
    events = mon[f"layer{k + 1}.spike_events"]
    print(f"{titles[k]}: {len(events.times)} spikes")
    sc.visualize.raster_plot(events, ax=ax, markersize=[1, 1.5, 6][k], title=titles[k], xlabel="")
    ax.grid(axis="x", color="tab:red", lw=0.8)
ax.set(xlim=(0, 400), xticks=range(0, 401, 40), xlabel="time (ms), with another pattern every 40 ms")
figure.savefig("spiking_layers.png", dpi=130)
