"""Polychronization (examples/polychronization.py) beside the loop of Izhikevich's published code, in NumPy."""

import numpy as np
import polychronization as example
from numpy.testing import assert_allclose

import simcore as sc
from simcore.units import ms

N, N_E, D = 1000, 800, 20


class Published:
    """The algorithm of spnet.m, Izhikevich (2006): delays from 1 to 20 ms, weights that change once a second."""

    def __init__(self, pre, post, delay, weight):
        self.post, self.delay, self.weight = post, delay, weight.astype(float)
        of_pre = [np.flatnonzero(pre == i) for i in range(N)]
        self.after = [[of[delay[of] == ms] for ms in range(1, D + 1)] for of in of_pre]  # synapses by neuron and delay
        self.into = [np.flatnonzero((post == i) & (pre < N_E)) for i in range(N)]
        self.pre, self.plastic = pre, pre < N_E
        self.change = np.zeros(len(pre))
        excitatory = np.arange(N) < N_E
        self.a, self.d = np.where(excitatory, 0.02, 0.1), np.where(excitatory, 8.0, 2.0)
        self.V, self.u, self.I = np.full(N, -65.0), np.full(N, -13.0), np.zeros(N)
        self.traces = np.zeros((D + 1, N))  # now, 1 ms ago, ...
        self.fired = [np.array([], int)] * D  # now, 1 ms ago, ...

    def second(self, thalamus):
        """Return the spikes of a second, (ms, neuron); each ms ends with an input to one neuron of `thalamus`."""
        spikes = []
        for t, lucky in enumerate(thalamus):
            for _ in range(2):
                self.V += 0.5 * ((0.04 * self.V + 5) * self.V + 140 - self.u + self.I)
            self.u += self.a * (0.2 * self.V - self.u)
            self.traces = np.concatenate([0.95 * self.traces[:1], self.traces[:-1]])
            fired = np.flatnonzero(self.V >= 30)
            self.V[fired] = -65.0
            self.u[fired] += self.d[fired]
            self.fired = [fired, *self.fired[: D - 1]]
            self.traces[0, fired] = 0.1
            for neuron in fired:
                into = self.into[neuron]
                self.change[into] += self.traces[self.delay[into], self.pre[into]]
                spikes.append((t + 1, neuron))
            self.I = np.zeros(N)
            self.I[lucky] = 20.0
            arrives = [self.after[neuron][ago] for ago, neurons in enumerate(self.fired) for neuron in neurons]
            arrives = np.concatenate([np.array([], int), *arrives])  # each synapse once
            np.add.at(self.I, self.post[arrives], self.weight[arrives])
            self.change[arrives] -= 1.2 * self.traces[0, self.post[arrives]] * self.plastic[arrives]
        moved = np.clip(self.weight + 0.01 + self.change, 0, 10)
        self.weight = np.where(self.plastic, moved, self.weight)
        self.change *= 0.9
        return np.array(spikes)


def test_two_seconds_have_the_spikes_and_weights_of_the_published_loop():
    net = example.build()
    (pre, post), (inh_pre, inh_post) = net.exc.synapses(), net.inh.synapses()
    delays = net.exc.delay_steps(1.0) + 1  # see the example
    assert np.bincount(delays)[1:].tolist() == [N_E * 100 / D] * D
    published = Published(
        np.concatenate([pre, inh_pre]),
        np.concatenate([post, inh_post]),
        np.concatenate([delays, np.ones(len(inh_pre), int)]),
        np.repeat([6.0, -5.0], [len(pre), len(inh_pre)]),
    )
    runner = sc.DSRunner(net, {"spikes": "cells.spike_events"}, dt=1 * ms, progress_bar=False)
    ours, theirs = np.random.default_rng(1), np.random.default_rng(1)
    for second in range(2):
        spikes = example.run_second(runner, ours).spikes
        when = np.round(spikes.times.m_as("ms")).astype(int) - 1000 * second
        expected = published.second(theirs.integers(0, N, 1000))
        assert len(expected) > 5000
        order = np.lexsort((spikes.indices, when))
        assert np.array_equal(np.stack([when, spikes.indices], 1)[order], expected)
        # Sums of some hundred changes of 0.1, in another order.
        assert_allclose(net.exc.weight.value.m_as("pA"), published.weight[: len(pre)], rtol=0, atol=1e-12)
