"""The tasks of training.py in `brainpy.state`; runs in an environment that has BrainPy.

See training.py for what it is asked and answers. Its resets let derivatives through.
"""

import json
import resource
import sys
import time

import brainpy
import brainpy.state
import brainstate
import braintools
import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np


def linear(weight):
    """Return a layer of weights, (in, out)."""
    return brainstate.nn.Linear(*weight.shape, w_init=jnp.asarray(weight), b_init=None)


class Feedforward(brainstate.nn.Module):
    """Two layers of `brainpy.state.LIF`."""

    def __init__(self, task, weights):
        super().__init__()
        decay = task["decay"]
        neurons = {"tau": -1 / np.log(decay) * u.ms, "R": 1 / (1 - decay) * u.ohm, "V_reset": (1 - 1 / decay) * u.mV,
                   "spk_fun": braintools.surrogate.InvSquareGrad(alpha=task["slope"] / decay)}  # fmt: skip
        _, hidden, labels = task["sizes"]
        self.into, self.out = linear(weights["into"]), linear(weights["out"])
        self.hidden, self.labels = brainpy.state.LIF(hidden, **neurons), brainpy.state.LIF(labels, **neurons)

    def update(self, x):
        """Return the spikes of the labels."""
        return self.labels(self.out(self.hidden(self.into(x) * u.mA)) * u.mA)


class Recurrent(brainstate.nn.Module):
    """`brainpy.state.ALIF` and `LeakyRateReadout`, which adds each spike as a whole."""

    def __init__(self, task, weights):
        super().__init__()
        _, n, labels = task["sizes"]
        self.into, self.back = linear(weights["into"]), linear(weights["back"])
        self.cells = brainpy.state.ALIF(
            n,
            tau=20 * u.ms,
            tau_a=200 * u.ms,
            beta=0.1 * u.mV,
            spk_fun=braintools.surrogate.InvSquareGrad(alpha=task["slope"]),
        )
        scaled = jnp.asarray((1 - np.exp(-1 / 20)) * weights["out"])
        self.out = brainpy.state.LeakyRateReadout(n, labels, tau=20 * u.ms, w_init=scaled)

    def update(self, x):
        """Return the readouts."""
        return self.out(self.cells((self.into(x) + self.back(self.cells.get_spike())) * u.mA))


def main():
    task = json.loads(sys.argv[1])
    brainstate.environ.set(dt=1 * u.ms)
    data = np.load(task["data"])
    begin = time.perf_counter()
    net = {"feedforward": Feedforward, "recurrent": Recurrent}[task["kind"]](task, data)
    weights = net.states(brainstate.ParamState)
    optimizer = braintools.optim.Adam(lr=task["rate"])
    optimizer.register_trainable_weights(weights)
    batches = [jnp.asarray(x) for x in data["x"]]
    batch = batches[0].shape[1]

    def loss(x, y):
        brainstate.nn.init_all_states(net, batch_size=batch)
        outputs = brainstate.transform.for_loop(net.update, x)
        outputs = outputs.sum(0) if task["kind"] == "feedforward" else outputs.mean(0)
        return braintools.metric.softmax_cross_entropy_with_integer_labels(outputs, y).mean()

    @brainstate.transform.jit
    def step(x, y):
        slopes, value = brainstate.transform.grad(loss, weights, return_value=True)(x, y)
        optimizer.update(slopes)
        return value

    value = jax.block_until_ready(step(batches[0], data["y"][0]))
    np.savez(task["slopes"])
    print(json.dumps({"first": time.perf_counter() - begin, "loss": float(value)}), flush=True)
    k = 1
    for _ in sys.stdin:
        start, losses = time.perf_counter(), []
        for _ in range(task["updates"]):
            losses.append(step(batches[k % len(batches)], data["y"][k % len(batches)]))
            k += 1
        losses = [float(value) for value in losses]
        seconds = (time.perf_counter() - start) / task["updates"]
        versions = {"BrainPy": brainpy.__version__, "its jax": jax.__version__}
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        print(json.dumps({"seconds": seconds, "losses": losses, "memory": memory, "versions": versions}), flush=True)


if __name__ == "__main__":
    main()
