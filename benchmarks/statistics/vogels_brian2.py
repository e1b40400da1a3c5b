"""Inhibition that learns to balance excitation in Brian2: the network of examples/inhibitory_plasticity.py.

Reference: Vogels, Sprekeler, Zenke, Clopath, Gerstner (2011), Science 334, 1569-1573.

Run: python benchmarks/statistics/vogels_brian2.py [seeds]
"""

import json
import sys
from pathlib import Path

import brian2 as b2
import numpy as np

HERE = Path(__file__).parent
N_E, N_I, P, STAGES = 2000, 500, 0.08, (0.2, 4.0, 1.0)  # seconds before, while and after it learns
EQUATIONS = """
dV/dt = ((-60*mV - V) + (g * (0*mV - V) + h * (-80*mV - V) + 200*pA) / (10*nS)) / (20*ms) : volt (unless refractory)
dg/dt = -g / (5*ms) : siemens
dh/dt = -h / (10*ms) : siemens
"""
SYNAPSE = """
w : siemens
learning : 1 (shared)
dx/dt = -x / (20*ms) : 1 (event-driven)
dy/dt = -y / (20*ms) : 1 (event-driven)
"""


def simulate(seed):
    """Return what the report compares, of one seed, which draws connections and V at the start.

    As in simcore, traces rise when all weights have changed, and V is held for 50 steps: Brian2 holds it for one step
    less than it is told.
    """
    b2.defaultclock.dt = 0.1 * b2.ms
    rng = np.random.default_rng(seed)
    neurons = b2.NeuronGroup(N_E + N_I, EQUATIONS, threshold="V >= -50*mV", reset="V = -60*mV",
                             refractory=5.1 * b2.ms, method="exponential_euler")  # fmt: skip
    neurons.V = rng.uniform(-60, -50, N_E + N_I) * b2.mV
    E, I = neurons[:N_E], neurons[N_E:]
    fixed = [b2.Synapses(E, neurons, on_pre="g_post += 0.3*nS"), b2.Synapses(I, I, on_pre="h_post += 3*nS")]
    names = {"eta": 0.1 * b2.nS, "alpha": 2 * 3 * 0.02, "top": 100 * b2.nS}
    IE = b2.Synapses(
        I, E, SYNAPSE, namespace=names,
        on_pre={"act": "h_post += w; w = clip(w + learning * eta * (y - alpha), 0*nS, top)", "rise_x": "x += 1"},
        on_post={"grow": "w = clip(w + learning * eta * x, 0*nS, top)", "rise_y": "y += 1"},
    )  # fmt: skip
    for order, name in enumerate(("act", "grow", "rise_x", "rise_y")):
        getattr(IE, name).order = order
    for synapses, n_pre, n_post in ((fixed[0], N_E, N_E + N_I), (fixed[1], N_I, N_I), (IE, N_I, N_E)):
        pre, post = np.nonzero(rng.random((n_pre, n_post)) < P)
        synapses.connect(i=pre, j=post)
    IE.w = 1e-10 * b2.nS
    spikes = b2.SpikeMonitor(E)
    net = b2.Network(neurons, *fixed, IE, spikes)
    for on, seconds in zip((0, 1, 0), STAGES, strict=True):
        IE.learning = on
        net.run(seconds * b2.second)
    times, weight = np.asarray(spikes.t / b2.second), np.mean(IE.w / b2.nS)
    late = [
        np.diff(train[train > 4.2]) for train in (np.asarray(t / b2.second) for t in spikes.spike_trains().values())
    ]
    cv = np.mean([np.std(d) / np.mean(d) for d in late if len(d) >= 2])
    bounds = np.array([0, 0.2, 1.2, 2.2, 3.2, 4.2, 5.2])
    rates = np.histogram(times, bounds)[0] / N_E / np.diff(bounds)
    names = ("before", *(f"second {k} of learning" for k in range(1, 5)), "after")
    named = {f"rate {name} (Hz)": float(rate) for name, rate in zip(names, rates, strict=True)}
    return named | {"coefficient of variation after": float(cv), "mean weight after (nS)": float(weight)}


if __name__ == "__main__":
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    statistics = {}
    for seed in range(1, seeds + 1):
        for name, value in simulate(seed).items():
            statistics.setdefault(name, []).append(round(value, 4))
        print(seed, {name: values[-1] for name, values in statistics.items()}, flush=True)
    out = {"about": {"Brian2": b2.__version__, "script": Path(__file__).name, "seeds": seeds}, "statistics": statistics}
    (HERE / "reference" / "vogels_brian2.json").write_text(json.dumps(out, indent=1) + "\n")
