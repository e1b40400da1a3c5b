"""Competition of plastic synapses in Brian2: the weights of 1000 excitatory synapses onto one neuron after 40 s.

Reference: Song, Miller, Abbott (2000), Nature Neuroscience 3, 919-926, in the form of Brian2's documentation: no
inhibition, all conductances in units of the leak's, weights uniform at the start.

Run: python benchmarks/statistics/song_miller_abbott_brian2.py [neurons, independent ones]
"""

import json
import sys
from pathlib import Path

import brian2 as b2
import numpy as np

HERE = Path(__file__).parent
N, SECONDS, G_MAX, A_PRE, RATIO = 1000, 40, 0.01, 0.01, 1.05
EQUATIONS = """
dV/dt = (g * (0*mV - V) + (-74*mV - V)) / (10*ms) : volt
dg/dt = -g / (5*ms) : 1
"""
SYNAPSE = """
w : 1
dx/dt = -x / (20*ms) : 1 (event-driven)
dy/dt = -y / (20*ms) : 1 (event-driven)
"""


def simulate(n):
    """Return the weights at the end in units of the largest, (n, N), and the rates (Hz) in the last 10 s of n neurons.

    Spikes of the same step do not see one another, as in simcore: traces rise when all weights have changed. By
    default Brian2 pairs them, which raises the rate by a fifth.
    """
    b2.set_device("cpp_standalone", build_on_run=False)
    b2.seed(1)
    b2.defaultclock.dt = 0.1 * b2.ms
    source = b2.PoissonGroup(n * N, rates=15 * b2.Hz)
    neurons = b2.NeuronGroup(n, EQUATIONS, threshold="V > -54*mV", reset="V = -60*mV", method="exponential_euler")
    neurons.V = -60 * b2.mV
    names = {"g_max": G_MAX, "A": A_PRE, "B": A_PRE * RATIO}
    synapses = b2.Synapses(source, neurons, SYNAPSE, namespace=names,
                           on_pre={"act": "g_post += w * g_max; w = clip(w - B * y, 0, 1)", "rise_x": "x += 1"},
                           on_post={"grow": "w = clip(w + A * x, 0, 1)", "rise_y": "y += 1"})  # fmt: skip
    for order, name in enumerate(("act", "grow", "rise_x", "rise_y")):
        getattr(synapses, name).order = order
    synapses.connect(i=np.arange(n * N), j=np.repeat(np.arange(n), N))
    synapses.w = "rand()"
    spikes = b2.SpikeMonitor(neurons)
    b2.Network(source, neurons, synapses, spikes).run(SECONDS * b2.second)
    b2.device.build(directory=None, compile=True, run=True, debug=False)
    late = np.array(spikes.i)[spikes.t / b2.second > SECONDS - 10]
    return np.array(synapses.w).reshape(n, N), np.bincount(late, minlength=n) / 10


if __name__ == "__main__":
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    w, rates = simulate(seeds)
    result = {"mean": w.mean(1), "below 0.1": (w < 0.1).mean(1), "above 0.9": (w > 0.9).mean(1), "rate (Hz)": rates}
    out = {"about": {"Brian2": b2.__version__, "script": Path(__file__).name, "neurons": seeds},
           "statistics": {name: np.round(values, 6).tolist() for name, values in result.items()}}  # fmt: skip
    (HERE / "reference" / "song_miller_abbott_brian2.json").write_text(json.dumps(out, indent=1) + "\n")
