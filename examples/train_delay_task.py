"""Store and recall: a network of spiking neurons learns to remember a bit by its adapting thresholds.

A bit every 100 ms reaches a recurrent network, as the spikes of one group of channels or another. A store command comes
with one of the bits, and 200 to 500 ms later a recall command: the readout is to tell the bit that was stored, whatever
came since. Half of the neurons raise their thresholds with each spike, for 300 ms: the network can remember by them. It
is compared with one of the same size in which no threshold moves. `checkpoint=True` keeps the states of some steps
alone, not of all 700, for the way back. Adam is optax's: pip install optax.

The task: Bellec, Salaj, Subramoney, Legenstein, Maass (2018), Long short-term memory and learning-to-learn in networks
of spiking neurons, NeurIPS 31.
"""

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
import optax

import simcore as sc
from simcore.units import Hz, mA, ms, mV

N, BATCH, UPDATES = 40, 32, 100
SLOT, SLOTS, FIRST = (
    100,
    7,
    4,
)  # steps of 1 ms in a slot; the store command is in one of the first 4, recall in the last
CHANNELS = 10  # of each group: bit 0, bit 1, store, recall; 50 Hz where it is on
ADAPTING = np.arange(N) >= N // 2


class Network(sc.Module):
    """Neurons that get the spikes of the channels, and one another's of the step before; a readout for each bit."""

    def __init__(self, beta) -> None:
        super().__init__()
        self.into = sc.models.Linear(4 * CHANNELS, N, unit="mA", weight=sc.init.Normal(0 * mA, 6 * mA, seed=1))
        self.back = sc.models.Linear(N, N, unit="mA", weight=sc.init.Normal(0 * mA, 3 * mA, seed=2))
        # With beta = 0 it is a LIF neuron.
        self.cells = sc.models.ALIF(N, tau=20 * ms, tau_a=300 * ms, beta=beta, spk_fun=sc.surrogate.ReluGrad())
        self.out = sc.models.Linear(N, 2, unit="mA", weight=sc.init.Normal(0 * mA, 3 * mA, seed=3))
        self.readout = sc.models.LeakyIntegrator(2, tau=20 * ms)

    def update(self, x):
        return self.readout(self.out(self.cells(self.into(x) + self.back(self.cells.spike))))


def sequences(key):
    """Return the spikes of the channels, (T, BATCH, 4 CHANNELS), and the bits to recall, (BATCH,)."""
    for_bits, for_store, for_spikes = jax.random.split(key, 3)
    bit = jax.random.bernoulli(for_bits, 0.5, (SLOTS, BATCH))
    store = jax.random.randint(for_store, BATCH, 0, FIRST)
    slot = jnp.arange(SLOTS)[:, None]
    recall = jnp.broadcast_to(slot == SLOTS - 1, bit.shape)
    on = jnp.stack([~bit & ~recall, bit & ~recall, slot == store, recall], axis=-1)
    spikes = jax.random.bernoulli(for_spikes, 0.05 * on.repeat(SLOT, 0).repeat(CHANNELS, -1))
    return spikes.astype(float), bit[store, jnp.arange(BATCH)].astype(int)


def train(beta):
    """Return the share of errors before each update, that on new sequences, and a trial with the trained network."""
    net = Network(beta)
    net.init_state(batch_size=BATCH)
    shape = np.zeros((SLOTS * SLOT, BATCH, 4 * CHANNELS)) * sc.units.unit("dimensionless")
    recorded = ["readout.V", "cells.spike", "cells.a"]
    run = sc.unroll(net, inputs=sc.inputs.Waveform(shape, dt=1 * ms), dt=1 * ms, record=recorded, checkpoint=True)

    def loss(weights, key):
        spikes, bits = sequences(key)
        out = run(weights, spikes)[0]
        V = out["readout.V"][-SLOT:].mean(0, keepdims=True)  # during recall
        rates = sc.losses.rate_band(out["cells.spike"].mean(1), low=5 * Hz, high=20 * Hz, scale=60 * Hz, dt=1 * ms)
        return sc.losses.cross_entropy_max(V * mV, bits, scale=1 * mV) + rates, jnp.mean(V[0].argmax(-1) != bits)

    optimizer = optax.adam(0.1)

    @jax.jit
    def step(weights, state, key):
        slope, wrong = jax.grad(loss, has_aux=True)(weights, key)
        updates, state = optimizer.update(slope, state)
        return optax.apply_updates(weights, updates), state, wrong

    def wrong_now(weights):
        return np.mean([test(weights, jax.random.key(10_000 + k)) for k in range(5)])

    test = jax.jit(lambda weights, key: loss(weights, key)[1])
    weights = net.trainable("*.weight").start
    state, errors, before = optimizer.init(weights), [], wrong_now(weights)
    for k in range(UPDATES):
        weights, state, wrong = step(weights, state, jax.random.key(k))
        errors.append(float(wrong))
    spikes, bits = sequences(jax.random.key(20_000))
    return errors, (before, wrong_now(weights)), (spikes, bits, run(weights, spikes)[0])


figure = plt.figure(figsize=(12, 8), layout="constrained")
grid = figure.add_gridspec(4, 2, width_ratios=[1.7, 1], height_ratios=[1.2, 1.2, 1, 1])
learning, memory = figure.add_subplot(grid[:2, 1]), figure.add_subplot(grid[2:, 1])
for name, beta, color in [("no threshold moves", 0.0, "0.5"), ("half of them adapt", 0.1, "tab:red")]:
    errors, (before, after), (channels, bits, out) = train(beta * ADAPTING * mV)
    print(f"{name}: of new sequences {before:.1%} are told wrongly before training, {after:.1%} after it")
    learning.plot(np.convolve(errors, np.ones(5) / 5, "valid"), color=color, label=f"{name}: {after:.1%} at the end")
learning.set(xlabel="update", ylabel="share of wrong answers, mean of five", ylim=(0, 0.7), title="learning")
learning.legend()

# A sequence with a long delay, and what the thresholds are just before the recall commands, of all sequences.
store = np.asarray(channels[:, :, 2 * CHANNELS : 3 * CHANNELS].any(-1).argmax(0))
shown = int(store.argmin())
threshold = 1 + 0.1 * np.asarray(out["cells.a"])[..., ADAPTING]
axes = [figure.add_subplot(grid[k, 0]) for k in range(4)]
for axis, raster, colors in [
    (axes[0], channels[:, shown], ["0.5", "tab:blue", "tab:orange", "tab:green"]),
    (axes[1], out["cells.spike"][:, shown], ["0.5", "tab:red"]),
]:
    t, k = np.nonzero(np.asarray(raster))
    axis.scatter(t, k, s=3, c=np.array(colors)[k * len(colors) // raster.shape[1]], linewidths=0)
axes[0].set(yticks=[5, 15, 25, 35], title=f"a sequence: bit {bits[shown]} is stored")
axes[0].set_yticklabels(["bit 0", "bit 1", "store", "recall"])
axes[1].set(yticks=[10, 30])
axes[1].set_yticklabels(["fixed", "adapting"])
axes[2].plot(threshold[:, shown], lw=0.8)
axes[2].set(ylabel="thresholds (mV)")
for bit, color in enumerate(["0.5", "tab:blue"]):
    axes[3].plot(out["readout.V"][:, shown, bit], color=color, label=f"bit {bit}")
    ends = threshold[-SLOT - 1, np.asarray(bits) == bit]
    x = np.arange(ADAPTING.sum()) + 0.3 * bit
    memory.errorbar(x, ends.mean(0), ends.std(0), fmt="o", ms=4, lw=1, color=color, label=f"bit {bit} is stored")
axes[3].set(xlabel="time (ms)", ylabel="readouts (mV)")
axes[3].legend(loc="upper center")
for axis in axes:
    axis.set_xlim(0, SLOTS * SLOT)
    axis.tick_params(labelbottom=axis is axes[3])
    axis.axvspan(store[shown] // SLOT * SLOT, (store[shown] // SLOT + 1) * SLOT, color="tab:orange", alpha=0.15, lw=0)
    axis.axvspan((SLOTS - 1) * SLOT, SLOTS * SLOT, color="tab:green", alpha=0.15, lw=0)
memory.set(
    xticks=range(0, 20, 5),
    ylim=(0.9, 2.2),
    xlabel="adapting neuron",
    ylabel="threshold (mV)",
    title="the memory: mean and SD just before recall",
)
memory.legend()
figure.savefig("train_delay_task.png", dpi=130)
