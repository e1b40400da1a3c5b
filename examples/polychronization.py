"""Spikes with delays of 1 to 20 ms and plasticity: rhythms, and weights that end at one of their bounds.

800 excitatory (regular spiking) and 200 inhibitory (fast spiking) neurons with 100 synapses each; in each ms, a random
neuron gets a strong input. Pairs of spikes change the derivative of an excitatory weight, and once a second the weights
change by it. A rhythm of 2 to 4 Hz comes first, and within two minutes a faster one of about 30 Hz.

Izhikevich (2006), Neural Computation 18(2), 245-282. The loop of its published code, rewritten in NumPy, has the same
spikes and weights (tests/examples/). A delay of d ms there is one of d - 1 ms here, after which the current flows for
1 ms. Steps of 1 ms, V in two halves, are part of the model: at a current of 10 pA, an excitatory neuron spikes every
52.7 ms and an inhibitory one every 14.7 ms; by the equations themselves, every 44.8 and 7.4 ms.
"""

from typing import Any

import jax.numpy as jnp
import numpy as np

import simcore as sc
from simcore.units import ms, mV, pA, second

N, N_E, DEGREE, LONGEST = 1000, 800, 100, 20  # neurons, excitatory ones, synapses of each, the longest delay in ms
SECONDS = 100


class Izhikevich(sc.Neuron):
    """The neuron of Izhikevich (2003); as in the published code, u sees V far beyond the peak of a spike."""

    a, d = sc.Param(0.02, "1/ms", "rate of u"), sc.Param(8.0, "mV/ms", "rise of u at a spike")
    V_th, V_reset = sc.Param(30.0, "mV", "peak of a spike"), sc.Param(-65.0, "mV", "V after it")
    V, u = sc.HiddenState("mV", init="V_reset"), sc.HiddenState("mV/ms", init=-13.0)
    C = sc.Param(1.0, "pF", "capacitance: 1 pA raises V by 1 mV/ms")
    spk_reset = "hard"

    def derivative(self, V, u, I):
        V = sc.units.number(V, "mV")
        dV = sc.units.quantity(0.04 * V**2 + 5 * V + 140, "mV/ms")
        return dV - u + I / self.C, self.a * (sc.units.quantity(0.2 * V, "mV/ms") - u)

    def update(self, x=0.0):
        V, u = self.after_spike(self.V.value), self.u.value + self.d * self.last_spike()
        self.V.value, self.u.value = self.integrate(self.derivative, (V, u), x)
        return self.fire()


class TwoHalves(sc.integrators.Integrator):
    """V by two steps of Euler's method, each half as long, then u with the new V."""

    def step(self, equations, prepared):
        (V, u), rates = equations.y, equations.rates_at(0.0)
        for _ in range(2):
            V = V + equations.dt / 2 * rates((V, u))[0]
        return V, u + equations.dt * rates((V, u))[1]


class Pulse(sc.bases.Receptor):
    """A current for one step after the arrival of a spike."""

    g, arrived = sc.ShortTermState("nS"), sc.ShortTermState("nS")
    receives = "arrived"

    def current(self, V):
        return self.g.value

    def arrive(self, neuron):
        self.g.value, self.arrived.value = self.arrived.value, 0 * self.arrived.value


class Derivative(sc.models.Plasticity):
    """The last spike of each side moves the derivative of a weight, not the weight."""

    A_plus, A_minus = sc.Param(None, "nS", "at a pair, post after pre"), sc.Param(None, "nS", "at one, pre after post")
    tau = sc.Param(-1 / np.log(0.95), "ms", "time constant of the traces")
    x, y = sc.models.PreTrace("tau"), sc.models.PostState("dimensionless", "trace of the postsynaptic spikes")
    change = sc.HiddenState("pA", "change of the weight in a second")
    weight_params, nearest = ("A_plus", "A_minus"), ("x",)

    def advance(self):  # a spike that arrives sees those of its own step too
        y = self.y.value * jnp.exp(-sc.environ.get("dt") / self.tau)
        self.y.value = jnp.where(self.post.population.spike, 1.0, y)

    def on_pre(self, w):
        self.change.value = self.change.value - self.A_minus * self.y.value
        return w

    def on_post(self, w):
        self.change.value = self.change.value + self.A_plus * self.x.value
        return w


def build(seed: int = 1) -> sc.Network:
    """Return the network; the seed draws the connections."""
    excitatory = np.arange(N) < N_E
    cells = Izhikevich(N, a=np.where(excitatory, 0.02, 0.1) / ms, d=np.where(excitatory, 8.0, 2.0) * mV / ms,
                       method=TwoHalves(), receptors={"I": Pulse()})  # fmt: skip
    thalamus = sc.models.SpikeSource(N, [] * ms, [])
    connect, random = sc.models.Projection, sc.models.FixedOutDegree(DEGREE, self_connections=False, multiple=False)
    # Of each neuron's synapses as many with each delay. x has decayed for a step when a spike meets it: A_plus is 0.1.
    each = np.tile(np.arange(DEGREE) // (DEGREE // LONGEST), (N_E, 1))
    delays = np.random.default_rng(seed).permuted(each, axis=1).ravel() * ms
    rule = Derivative(A_plus=0.1 / 0.95 * pA, A_minus=0.12 * pA, w_max=10 * pA)
    return sc.Network(
        seed=seed,
        cells=cells,
        thalamus=thalamus,
        exc=connect(cells[:N_E], cells, connect=random, weight=6 * pA, delay=delays, plasticity=rule),
        inh=connect(cells[N_E:], cells[:N_E], connect=random, weight=-5 * pA),
        input=connect(thalamus, cells, connect=sc.models.OneToOne(), weight=20 * pA),
    )


def run_second(runner: sc.DSRunner, rng: np.random.Generator) -> Any:
    """Run for a second, let the weights change by their derivatives, and return what was recorded."""
    net = runner.target
    net.thalamus.set_spikes(runner.t + (1 + np.arange(1000)) * ms, rng.integers(0, N, 1000))
    mon = runner.run(1 * second)
    change = net.exc.plasticity.change
    net.exc.weight.value = np.clip(net.exc.weight.value + change.value + 0.01 * pA, 0 * pA, 10 * pA)
    change.value = 0.9 * change.value
    return mon


if __name__ == "__main__":
    rng = np.random.default_rng(1)
    net = build()
    runner = sc.DSRunner(net, {"spikes": "cells.spike_events"}, dt=1 * ms, progress_bar=False)
    figure, grid = sc.visualize.get_figure(2, 2, row_length=3.5, column_length=6)
    power = []
    for k in range(SECONDS):
        spikes = run_second(runner, rng).spikes
        population, _ = np.histogram(spikes.times.m_as("s"), 1000, (k, k + 1))
        power.append(np.abs(np.fft.rfft(population - population.mean())) ** 2)
        if k in (0, SECONDS - 1):
            E, I = (spikes.indices < N_E).sum() / N_E, (spikes.indices >= N_E).sum() / (N - N_E)
            title = f"second {k + 1}: {E:.1f} Hz, inhibitory {I:.1f} Hz"
            print(title)
            sc.visualize.raster_plot(spikes, ax=figure.add_subplot(grid[0, k > 0]), markersize=0.5, title=title)
    frequency = np.arange(1, 200)  # Hz
    first, last = (frequency * np.mean(of, 0)[1:200] for of in (power[:10], power[-10:]))
    before, after = frequency[first.argmax()], frequency[last.argmax()]
    print(f"the strongest rhythm: {before} Hz in the first 10 s, {after} Hz in the last")
    spectra, weights = figure.add_subplot(grid[1, 0]), figure.add_subplot(grid[1, 1])
    spectra.semilogx(frequency, first / first.max(), label="first 10 s")
    spectra.semilogx(frequency, last / last.max(), label="last 10 s")
    spectra.set(xlabel="frequency (Hz)", ylabel="frequency x power of the rate, relative")
    spectra.legend()
    weights.hist(net.exc.weight.value.m_as("pA"), 40, color="gray")
    weights.set(xlabel="excitatory weight (pA)", ylabel="synapses")
    figure.savefig("polychronization.png", dpi=150)
