"""Supervised learning of digits: a layer of spiking neurons, trained through its spikes on mini-batches.

Pixels spike at random, the more the brighter they are; 100 neurons see them, and the readouts, which do not spike, sum
theirs. The label is that of the readout with the largest potential. Digits of two fonts at random slants, sizes and
shifts, as examples/digits.py draws them, stand in for MNIST. One program serves all batches: spikes are an argument of
the run. Adam is optax's: pip install optax.

Surrogate derivatives of the spike: Neftci, Mostafa, Zenke (2019), IEEE Signal Processing Magazine 36(6), 51-63.
"""

import jax
import matplotlib.pyplot as plt
import numpy as np
import optax
from digits import draw

import simcore as sc
from simcore.units import mA, ms, mV

PIXELS, HIDDEN, STEPS, BATCH, EPOCHS = 28 * 28, 100, 25, 50, 10
TRAINING, TEST, SEEDS = 600, 200, (0, 1, 2)


class Classifier(sc.Module):
    """Pixels, spiking neurons, readouts."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        into = sc.init.Normal(0 * mA, 0.35 * mA, seed=seed)
        out = sc.init.Normal(0 * mA, 0.35 * mA, seed=seed + 1)
        surrogate = sc.surrogate.SigmoidGrad(4.0)
        self.fc1 = sc.models.Linear(PIXELS, HIDDEN, unit="mA", weight=into)
        self.hidden = sc.models.LIF(HIDDEN, tau=10 * ms, spk_fun=surrogate, detach_spk=True)
        self.fc2 = sc.models.Linear(HIDDEN, 10, unit="mA", weight=out)
        self.readout = sc.models.LeakyIntegrator(10, tau=10 * ms)

    def update(self, x):
        return self.readout(self.fc2(self.hidden(self.fc1(x))))


def samples(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the brightness of the pixels, (count, PIXELS), and the labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, count)
    return np.stack([draw(int(digit), rng) for digit in labels]).astype(np.float32), labels


def train(seed: int) -> tuple[list[float], float]:
    """Return the losses of the batches, and the share of new digits that are told."""
    net = Classifier(seed)
    net.init_state(batch_size=BATCH)
    shape = np.zeros((STEPS, BATCH, PIXELS)) * sc.units.unit("dimensionless")
    run = sc.unroll(net, inputs=sc.inputs.Waveform(shape, dt=1 * ms), dt=1 * ms, record="readout.V")

    def potentials(weights, pixels, key):
        spikes = jax.random.bernoulli(key, 0.3 * pixels, (STEPS, *pixels.shape)).astype(float)
        return run(weights, spikes)[0]["readout.V"] * mV

    def loss(weights, pixels, labels, key):
        return sc.losses.cross_entropy_max(potentials(weights, pixels, key), labels, scale=1 * mV)

    optimizer = optax.adam(3e-3)

    @jax.jit
    def step(weights, state, pixels, labels, key):
        value, slope = jax.value_and_grad(loss)(weights, pixels, labels, key)
        updates, state = optimizer.update(slope, state)
        return optax.apply_updates(weights, updates), state, value

    weights = net.trainable("*.weight").start
    state, losses, rng = optimizer.init(weights), [], np.random.default_rng(seed)
    key = jax.random.key(seed)
    for _ in range(EPOCHS):
        for batch in rng.permutation(TRAINING).reshape(-1, BATCH):
            key, now = jax.random.split(key)
            weights, state, value = step(weights, state, SEEN[0][batch], SEEN[1][batch], now)
            losses.append(float(value))
    told = jax.jit(lambda pixels, key: potentials(weights, pixels, key).m.max(0).argmax(-1))
    right = [told(NEW[0][k : k + BATCH], key) == NEW[1][k : k + BATCH] for k in range(0, TEST, BATCH)]
    return losses, float(np.mean(right))


SEEN, NEW = samples(TRAINING, 0), samples(TEST, 1)
figure, (digits, axis) = plt.subplots(1, 2, figsize=(9, 3.6), width_ratios=[1, 2], layout="constrained")
digits.imshow(SEEN[0][:16].reshape(4, 4, 28, 28).swapaxes(1, 2).reshape(112, 112), cmap="gray_r")
digits.set(xticks=[], yticks=[], title="some of the digits")
accuracy = []
for seed in SEEDS:
    losses, right = train(seed)
    accuracy.append(right)
    print(f"seed {seed}: loss {losses[0]:.2f} at first, {np.mean(losses[-10:]):.3f} at the end; {right:.0%} are told")
    axis.plot(np.convolve(losses, np.ones(5) / 5, "valid"), label=f"seed {seed}: {right:.0%} of new ones")
print(f"of {TEST} new digits {np.mean(accuracy):.1%} are told, {np.std(accuracy):.1%} over the seeds; by chance 10 %")
axis.set(xlabel="mini-batch", ylabel="cross-entropy, mean of five batches", title="learning")
axis.legend()
figure.savefig("train_mnist_like.png", dpi=130)
