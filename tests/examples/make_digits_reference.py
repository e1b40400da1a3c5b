"""Write digits_reference.json: the first sample of Diehl and Cook (2015) by Brian2.

    python tests/examples/make_digits_reference.py    # with Brian2 installed

Weights, delays and the spikes of the pixels are drawn as in test_digits.py; the image is a ring, a zero. Traces are set
when all weights have changed, so that two spikes of the same step do not see one another, as in simcore; by default
Brian2 goes through them one after the other.
"""

import json
from pathlib import Path

import brian2 as b2
import numpy as np

N, DT, STEPS = 100, 0.5, 700  # neurons, ms, steps of a sample
EXCITATORY = """
dV/dt = (-65*mV - V + ge * (0*mV - V) + gi * (-100*mV - V)) / (100*ms) : volt (unless refractory)
dge/dt = -ge / (1*ms) : 1
dgi/dt = -gi / (2*ms) : 1
dtheta/dt = -theta / (1e7*ms) : volt
"""
INHIBITORY = """
dV/dt = (-60*mV - V + ge * (0*mV - V) + gi * (-85*mV - V)) / (10*ms) : volt (unless refractory)
dge/dt = -ge / (1*ms) : 1
dgi/dt = -gi / (2*ms) : 1
"""
SYNAPSE = """
w : 1
dx/dt = -x / (20*ms) : 1 (event-driven)
dy1/dt = -y1 / (20*ms) : 1 (event-driven)
dy2/dt = -y2 / (40*ms) : 1 (event-driven)
"""


def drawn(rng):
    """Return the weights (784, N), the delays in steps and which pixel spikes in which step of the sample."""
    weight = 0.3 * (rng.random((784, N)) + 0.01)
    delay = rng.integers(0, 21, (784, N))
    y, x = np.mgrid[-13.5:14, -13.5:14]
    ring = (np.hypot(x, y) > 6) & (np.hypot(x, y) < 8.5)
    return 78 * weight / weight.sum(0), delay, rng.random((STEPS, 784)) < 63.75e-3 * DT * ring.ravel()


def main():
    """Run the network and write the spikes of both populations and sums of the weights."""
    b2.prefs.codegen.target = "numpy"
    b2.defaultclock.dt = DT * b2.ms
    weight, delay, spikes = drawn(np.random.default_rng(1))
    step, pixel = np.nonzero(spikes)
    source = b2.SpikeGeneratorGroup(784, pixel, step * DT * b2.ms)
    E = b2.NeuronGroup(N, EXCITATORY, threshold="V > theta - 52*mV", reset="V = -65*mV; theta += 0.05*mV",
                       refractory=5 * b2.ms, method="euler")  # fmt: skip
    I = b2.NeuronGroup(N, INHIBITORY, threshold="V > -40*mV", reset="V = -45*mV", refractory=2 * b2.ms, method="euler")
    E.V, I.V = -105 * b2.mV, -100 * b2.mV
    on_pre = {"act": "ge_post += w; w = clip(w - 1e-4 * y1, 0, 1)", "set_x": "x = 1"}
    on_post = {"grow": "w = clip(w + 0.01 * x * y2, 0, 1)", "set_y": "y1 = 1; y2 = 1"}
    XE = b2.Synapses(source, E, SYNAPSE, on_pre=on_pre, on_post=on_post)
    for order, name in enumerate(("act", "grow", "set_x", "set_y")):
        getattr(XE, name).order = order
    XE.connect(True)
    XE.w = weight[XE.i, XE.j]
    for pathway in (XE.act, XE.set_x):
        pathway.delay = delay[XE.i, XE.j] * DT * b2.ms
    EI, IE = b2.Synapses(E, I, on_pre="ge_post += 10.4"), b2.Synapses(I, E, on_pre="gi_post += 17")
    EI.connect(j="i")
    IE.connect("i != j")
    monitors = {"E": b2.SpikeMonitor(E), "I": b2.SpikeMonitor(I)}
    b2.Network(source, E, I, XE, EI, IE, *monitors.values()).run(STEPS * DT * b2.ms)
    out = {"about": {"Brian2": b2.__version__, "script": Path(__file__).name}}
    for name, monitor in monitors.items():
        steps = np.round(monitor.t / b2.ms / DT).astype(int)
        out[name] = {"step": steps.tolist(), "neuron": np.array(monitor.i).tolist()}
    learned = np.empty((784, N))
    learned[XE.i, XE.j] = XE.w
    out["sum of the weights"] = np.round(learned.sum(0), 12).tolist()
    out["weights of the first neuron that spiked"] = np.round(learned[:, out["E"]["neuron"][0]], 12).tolist()
    Path(__file__).with_name("digits_reference.json").write_text(json.dumps(out) + "\n")


if __name__ == "__main__":
    main()
