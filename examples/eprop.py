"""e-prop: a recurrent spiking network learns by traces that run forward in time beside its neurons.

Twenty LIF neurons and twenty with adapting thresholds get random spikes, the same each time, and readouts are to draw
three waves, one second long. Backpropagation through time goes back over all steps. e-prop does not: each synapse keeps
a trace of what its weight did to the spikes of its neuron, and the errors of the readouts, by way of the readouts' own
weights (symmetric feedback), turn the traces into a gradient as they come. It leaves out how a spike acts on by way of
other neurons. Both gradients are compared, and the network is trained by each. Adam is optax's: pip install optax.

Bellec, Scherr, Subramoney, Hajek, Salaj, Legenstein, Maass (2020), A solution to the learning dilemma for recurrent
networks of spiking neurons, Nature Communications 11, 3625.
"""

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
import optax

import simcore as sc
from simcore.units import mA, ms, mV

N, UPDATES, COMPARED = 40, 300, (0, 50, 100, 200, 299)


class Adapting(sc.models.ALIF):
    """ALIF as in the paper: a spike takes V_th from V, not the adapted threshold, and no gradient goes that way."""

    def update(self, x):
        V = self.V.value - (self.V_th - self.V_reset) * jax.lax.stop_gradient(self.spike)
        a = self.a.value + self.spike
        self.V.value, self.a.value = self.integrate(self.derivative, (V, a), x)
        return self.fire()


class Network(sc.Module):
    """Neurons that get the inputs, and one another's spikes of the step before; leaky readouts."""

    def __init__(self, n_in, n, n_out, beta) -> None:
        super().__init__()
        self.into = sc.models.Linear(n_in, n, unit="mA", weight=sc.init.Normal(0 * mA, 8 * mA, seed=1))
        self.back = sc.models.Linear(n, n, unit="mA", weight=sc.init.Normal(0 * mA, 1 * mA, seed=2))
        # With beta = 0 it is a LIF neuron. A surrogate of 0.3, the paper's, lets the gradient of BPTT explode here.
        surrogate = sc.surrogate.ReluGrad(0.05)
        self.cells = Adapting(n, tau=20 * ms, tau_a=200 * ms, beta=beta, spk_fun=surrogate)
        self.out = sc.models.Linear(n, n_out, unit="mA", weight=sc.init.Normal(0 * mA, 1 * mA, seed=3))
        self.readout = sc.models.LeakyIntegrator(n_out, tau=20 * ms)

    def update(self, x):
        return self.readout(self.out(self.cells(self.into(x) + self.back(self.cells.spike))))


def runner(net, spikes):
    """Return the run under these spikes, (T, n_in) at 1 ms, as a function of the weights."""
    inputs = sc.inputs.Waveform(spikes * sc.units.unit("dimensionless"), dt=1 * ms)
    return sc.unroll(net, inputs=inputs, dt=1 * ms, record=["cells.V", "cells.a", "cells.spike", "readout.V"])


def loss_of(out, target):
    """Return half the square of the errors (mV), summed over the readouts, a mean over the steps."""
    return jnp.sum((out["readout.V"] - target) ** 2) / 2 / len(target)


def eprop(net, weights, out, spikes, target):
    """Return the gradient of the loss by e-prop.

    It takes the records of the run one step after the other, and needs none of those before.

    Args:
        net: for the constants of its neurons; their V_reset is 0 mV.
        weights: floats by path, in mA.
        out: the records.
        spikes: of the inputs, (T, n_in).
        target: of the readouts, (T, n_out), in mV.
    """
    taus = net.cells.tau, net.cells.tau_a, net.readout.tau
    keep, keep_a, keep_out = (np.exp(-1 / tau.m_as("ms")) for tau in taus)  # over a step of 1 ms
    V_th, beta, z = float(net.cells.V_th.m_as("mV")), jnp.asarray(net.cells.beta.m_as("mV")), out["cells.spike"]
    presynaptic = jnp.concatenate([spikes, jnp.roll(z, 1, axis=0).at[0].set(0.0)], axis=1)  # those of the step before
    slope = net.cells.spk_fun.grad((out["cells.V"] - V_th - beta * out["cells.a"]) / V_th) / V_th  # of spikes by V
    error = (out["readout.V"] - target) / len(target)  # the derivative of the loss by the readouts

    def step(carried, now):
        by_V, by_a, e, e_out, z_out, gradient, gradient_out = carried
        x, z, slope, error = now
        by_V = keep * by_V + (1 - keep) * x  # the derivatives by the weight of V, (pre,),
        by_a = keep_a * (by_a + e)  # of a, (pre, post),
        e = slope * (by_V[:, None] - beta * by_a)  # and of the spikes: the eligibility trace
        e_out, z_out = keep_out * e_out + (1 - keep_out) * e, keep_out * z_out + (1 - keep_out) * z
        gradient = gradient + e_out * (weights["out.weight"] @ error)  # the learning signal of each neuron
        return (by_V, by_a, e, e_out, z_out, gradient, gradient_out + jnp.outer(z_out, error)), None

    zeros = jnp.zeros((presynaptic.shape[1], z.shape[1]))
    start = (zeros[:, 0], zeros, zeros, zeros, zeros[0], zeros, jnp.zeros_like(weights["out.weight"]))
    *_, gradient, gradient_out = jax.lax.scan(step, start, (presynaptic, z, slope, error))[0]
    n_in = spikes.shape[1]
    return {"into.weight": gradient[:n_in], "back.weight": gradient[n_in:], "out.weight": gradient_out}


def bptt(run, weights, target):
    """Return the gradient of the loss by backpropagation through time."""
    return jax.grad(lambda weights: loss_of(run(weights)[0], target))(weights)


def train(rule, net, spikes, target):
    """Return losses and readouts before each update, and of those compared the gradients by e-prop and by BPTT."""
    run, optimizer = runner(net, spikes), optax.adam(0.02)

    @jax.jit
    def gradients(weights):
        out = run(weights)[0]
        return out, eprop(net, weights, out, spikes, target), bptt(run, weights, target)

    @jax.jit
    def step(weights, state):
        out, online, exact = gradients(weights)
        updates, state = optimizer.update(online if rule == "e-prop" else exact, state)
        return optax.apply_updates(weights, updates), state, loss_of(out, target), out["readout.V"]

    weights = net.trainable("*.weight").start
    state, losses, readouts, compared = optimizer.init(weights), [], [], {}
    for k in range(UPDATES):
        if k in COMPARED:
            compared[k] = gradients(weights)[1:]
        weights, state, loss, V = step(weights, state)
        losses.append(float(loss))
        readouts.append(V)
    return losses, readouts, compared


def cosine(a, b):
    """Return the cosine of the angle between two gradients."""
    return float(jnp.vdot(a, b) / jnp.linalg.norm(a) / jnp.linalg.norm(b))


if __name__ == "__main__":
    rng, t = np.random.default_rng(0), np.arange(1, 1001)  # ms
    spikes = (rng.random((1000, 20)) < 0.05).astype(float)  # 50 Hz
    phase, size = rng.uniform(0, 2 * np.pi, (4, 1, 3)), rng.uniform(0.25, 1, (4, 1, 3))
    waves = np.array([1, 2, 3, 5])[:, None, None] * 2e-3 * np.pi * t[:, None]
    target = (size * np.sin(waves + phase)).sum(0)  # mV
    beta = np.repeat([0.0, 0.1], N // 2) * mV
    found = {rule: train(rule, Network(20, N, 3, beta), spikes, target) for rule in ("e-prop", "BPTT")}
    # For comparison: the best readouts that the untrained neurons allow, by least squares.
    filtered = runner(Network(20, N, N, beta), spikes)({"out.weight": np.eye(N)})[0]["readout.V"]
    best = filtered @ np.linalg.lstsq(filtered, target)[0]
    untrained = float(loss_of({"readout.V": best}, target))
    for rule, (losses, *_) in found.items():
        print(f"{rule}: loss {losses[0]:.3f} at first, {np.mean(losses[-20:]):.3f} at the end")
    print(f"the best readouts of the untrained neurons: loss {untrained:.3f}")
    _, readouts, compared = found["e-prop"]
    print("cosine of the gradients by e-prop and by BPTT, on the way of e-prop:")
    for k, (online, exact) in compared.items():
        print(f"update {k:3}: " + ", ".join(f"{name} {cosine(online[name], exact[name]):.4f}" for name in online))

    figure = plt.figure(figsize=(12, 7), layout="constrained")
    grid = figure.add_gridspec(1, 2, width_ratios=[1.5, 1])
    left, right = grid[0].subgridspec(3, 1), grid[1].subgridspec(2, 1)
    for k in range(3):
        axis = figure.add_subplot(left[k])
        axis.plot(t, target[:, k], color="black", lw=2.5, label="target")
        axis.plot(t, readouts[0][:, k], color="0.6", label="before training")
        axis.plot(t, readouts[-1][:, k], color="tab:red", label="trained by e-prop")
        axis.set(xlim=(0, 1000), ylabel=f"readout {k} (mV)")
        axis.tick_params(labelbottom=k == 2)
    axis.set(xlabel="time (ms)")
    axis.set_ylim(top=3.2)
    axis.legend(ncols=3, loc="upper center")
    scatter, learning = figure.add_subplot(right[0]), figure.add_subplot(right[1])
    for name, color in [("back.weight", "tab:orange"), ("into.weight", "tab:blue")]:
        online, exact = (np.ravel(g[name]) for g in compared[100])
        label = f"{name}: cosine {cosine(online, exact):.2f}"
        scatter.scatter(exact, online, s=6, color=color, linewidths=0, label=label)
    scatter.axline((0, 0), slope=1, color="black", lw=0.8, ls=":")
    scatter.ticklabel_format(scilimits=(0, 0))
    scatter.set(xlabel="gradient by BPTT (mV²/mA)", ylabel="by e-prop (mV²/mA)", title="after 100 updates by e-prop")
    scatter.legend()
    for (rule, (losses, *_)), color in zip(found.items(), ["tab:red", "black"], strict=True):
        learning.semilogy(losses, color=color, label=f"{rule}: {np.mean(losses[-20:]):.3f} at the end")
    learning.axhline(untrained, color="0.5", ls="--", label=f"best readouts of untrained neurons: {untrained:.3f}")
    learning.set(xlabel="update", ylabel="loss (mV²)", title="training by each", ylim=(None, 6))
    learning.legend()
    figure.savefig("eprop.png", dpi=130)
