"""The tasks of training.py in simcore: see there for what it is asked and answers."""

import dataclasses
import json
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
import optax
from measure import memory_of

import simcore as sc
from simcore.units import mA, ms, mV, ohm, unit


@dataclasses.dataclass(frozen=True)
class FastSigmoid(sc.surrogate.Surrogate):
    """1 / (slope |V - V_th| + 1)^2 per mV, whatever the scale (mV) of its argument."""

    slope: float
    scale: float

    def grad(self, x):
        """Return the derivative by x."""
        return self.scale / (self.slope * self.scale * jnp.abs(x) + 1) ** 2


class Feedforward(sc.Module):
    """A layer of neurons whose V decays by `decay` a step and takes up a current at once, and another one."""

    def __init__(self, task, weights) -> None:
        super().__init__()
        decay = task["decay"]
        reset = 1 / decay  # taken from V before it decays: 1 mV after it
        neurons = {"tau": -1 / np.log(decay) * ms, "R": 1 / (1 - decay) * ohm, "V_reset": (1 - reset) * mV,
                   "detach_spk": True, "spk_fun": FastSigmoid(task["slope"], reset)}  # fmt: skip
        pixels, hidden, labels = task["sizes"]
        self.into = sc.models.Linear(pixels, hidden, unit="mA", weight=weights["into"] * mA)
        self.hidden = sc.models.LIF(hidden, **neurons)
        self.out = sc.models.Linear(hidden, labels, unit="mA", weight=weights["out"] * mA)
        self.labels = sc.models.LIF(labels, **neurons)

    def update(self, x):
        """Return the spikes of the labels."""
        return self.labels(self.out(self.hidden(self.into(x))))


class Recurrent(sc.Module):
    """Neurons whose thresholds adapt, each connected to all; readouts that do not spike."""

    def __init__(self, task, weights) -> None:
        super().__init__()
        channels, n, labels = task["sizes"]
        cells = {"tau": 20 * ms, "tau_a": 200 * ms, "beta": 0.1 * mV, "detach_spk": True}
        self.into = sc.models.Linear(channels, n, unit="mA", weight=weights["into"] * mA)
        self.back = sc.models.Linear(n, n, unit="mA", weight=weights["back"] * mA)
        self.cells = sc.models.ALIF(n, spk_fun=FastSigmoid(task["slope"], 1.0), **cells)
        self.out = sc.models.Linear(n, labels, unit="mA", weight=weights["out"] * mA)
        self.readout = sc.models.LeakyIntegrator(labels, tau=20 * ms)

    def update(self, x):
        """Return V of the readouts."""
        return self.readout(self.out(self.cells(self.into(x) + self.back(self.cells.spike))))


def feedforward(net, shape):
    """Return the loss: of the counts of spikes."""
    run = sc.unroll(net, inputs=shape, dt=1 * ms, measure="labels.spike")
    return lambda weights, x, y: cross_entropy(run(weights, x)[0]["labels.spike"], y)


def recurrent(net, shape):
    """Return the loss: of the mean V."""
    run = sc.unroll(net, inputs=shape, dt=1 * ms, measure="readout.V")
    return lambda weights, x, y: cross_entropy(run(weights, x)[0]["readout.V"] / len(x), y)


def cross_entropy(x, y):
    """Return the mean over the batch."""
    return optax.softmax_cross_entropy_with_integer_labels(x, y).mean()


def memory(task, data, steps):
    """Return the bytes that a gradient of so many steps of the recurrent task needs, without checkpoints and with."""
    batch, channels = task["batch"], task["sizes"][0]
    net = Recurrent(task, data)
    net.init_state(batch_size=batch)
    x = np.zeros((steps, batch, channels), np.float32)
    shape, found = sc.inputs.Waveform(x * unit("dimensionless"), dt=1 * ms), []
    for checkpoint in (False, True):
        run = sc.unroll(net, inputs=shape, dt=1 * ms, measure="readout.V", checkpoint=checkpoint)
        slope = jax.grad(lambda weights, x, run=run: run(weights, x)[0]["readout.V"].sum())
        compiled = jax.jit(slope).lower(net.trainable("*.weight").start, x).compile()
        found.append(compiled.memory_analysis().temp_size_in_bytes)
    return found


def main():
    task = json.loads(sys.argv[1])
    data = np.load(task["data"])
    begin = time.perf_counter()
    net = {"feedforward": Feedforward, "recurrent": Recurrent}[task["kind"]](task, data)
    net.init_state(batch_size=data["x"].shape[2])
    shape = sc.inputs.Waveform(np.zeros(data["x"].shape[1:]) * unit("dimensionless"), dt=1 * ms)
    loss = {"feedforward": feedforward, "recurrent": recurrent}[task["kind"]](net, shape)
    optimizer = optax.adam(task["rate"])

    @jax.jit
    def step(weights, state, x, y):
        value, slope = jax.value_and_grad(loss)(weights, x, y)
        updates, state = optimizer.update(slope, state)
        return optax.apply_updates(weights, updates), state, value, slope

    weights = net.trainable("*.weight").start
    state, k, batches = optimizer.init(weights), 0, [jnp.asarray(x) for x in data["x"]]
    out = jax.block_until_ready(step(weights, state, batches[0], data["y"][0]))
    slopes = {name: np.asarray(out[3][f"{name}.weight"]) for name in task["weights"]}
    np.savez(task["slopes"], **slopes)
    print(json.dumps({"first": time.perf_counter() - begin, "loss": float(out[2])}), flush=True)
    for _ in sys.stdin:
        start, losses = time.perf_counter(), []
        for _ in range(task["updates"]):
            weights, state, value, _ = step(weights, state, batches[k % len(batches)], data["y"][k % len(batches)])
            losses.append(value)
            k += 1
        losses = [float(value) for value in losses]
        seconds = (time.perf_counter() - start) / task["updates"]
        versions = {"optax": optax.__version__}
        print(
            json.dumps({"seconds": seconds, "losses": losses, "memory": memory_of(), "versions": versions}), flush=True
        )


if __name__ == "__main__":
    main()
