"""Make plasticity_reference.json: weights over spike trains in Brian2 (STDP, triplets) and NEST (STDP, short-term).

Both run on a grid of 0.1 ms, with trains in which no spike meets another. Two conventions differ from simcore's:
- Brian2 adds a spike to its trace before a simultaneous spike of the other side is looked at; here none is.
- NEST shifts the postsynaptic spikes by the delay of the synapse (it is dendritic), simcore and Brian2 the
  presynaptic ones (axonal). NEST's shortest delay is a step: its postsynaptic spikes are given a step earlier.

Run: python tests/models/plasticity/make_plasticity_reference.py
"""

import json
from pathlib import Path

import brian2
import nest
import numpy as np

HERE = Path(__file__).parent
DT = 0.1  # ms
DURATION = 600.0  # ms
TAU = {"tau_plus": 16.8, "tau_minus": 33.7, "tau_x": 101.0, "tau_y": 125.0}
PAIR = {"A_plus": 0.03, "A_minus": 0.02}
TRIPLET = {"A2_plus": 4.6e-3, "A3_plus": 9.1e-3, "A2_minus": 3e-3, "A3_minus": 7.5e-3}
W_MAX, W_0 = 10.0, 4.0
SHORT_TERM = {"depression": (0.5, 300.0, 0.0), "facilitation": (0.1, 100.0, 700.0)}  # U, tau_rec, tau_facil


def trains():
    """Return 25 pre- and 25 postsynaptic times (ms), all at least 3.5 ms from each other: no delay joins two."""
    rng = np.random.default_rng(1)
    slots = rng.permutation(140)[:50]
    times = np.round(slots * 4.2 + 1.0 + 0.1 * rng.integers(0, 7, 50), 1)
    return np.sort(times[:25]), np.sort(times[25:])


def in_brian(kind, delay, pre, post):
    """Return the weight at the end of every step, (T,)."""
    brian2.prefs.codegen.target = "numpy"
    brian2.defaultclock.dt = DT * brian2.ms
    source = brian2.SpikeGeneratorGroup(1, np.zeros(len(pre), int), pre * brian2.ms)
    target = brian2.SpikeGeneratorGroup(1, np.zeros(len(post), int), post * brian2.ms)
    names = {k: v * brian2.ms for k, v in TAU.items()} | PAIR | TRIPLET | {"w_max": W_MAX}
    if kind == "pairs":
        model = """w : 1
                   dp/dt = -p/tau_plus : 1 (event-driven)
                   dq/dt = -q/tau_minus : 1 (event-driven)"""
        on_pre = "w = clip(w - w_max*A_minus*q, 0, w_max); p += 1"
        on_post = "w = clip(w + w_max*A_plus*p, 0, w_max); q += 1"
    else:
        model = """w : 1
                   dp/dt = -p/tau_plus : 1 (event-driven)
                   dp2/dt = -p2/tau_x : 1 (event-driven)
                   dq/dt = -q/tau_minus : 1 (event-driven)
                   dq2/dt = -q2/tau_y : 1 (event-driven)"""
        on_pre = "w = clip(w - w_max*q*(A2_minus + A3_minus*p2), 0, w_max); p += 1; p2 += 1"
        on_post = "w = clip(w + w_max*p*(A2_plus + A3_plus*q2), 0, w_max); q += 1; q2 += 1"
    synapse = brian2.Synapses(source, target, model, on_pre=on_pre, on_post=on_post, namespace=names)
    synapse.connect()
    synapse.pre.delay = delay * brian2.ms
    synapse.w = W_0
    monitor = brian2.StateMonitor(synapse, "w", record=True, when="end")
    brian2.Network(source, target, synapse, monitor).run(DURATION * brian2.ms)
    return monitor.w[0]


def sampled(w, pre, post):
    """Return the weights 3 ms after each spike: the delay is over, the next spike has not come."""
    steps = np.round((np.sort(np.concatenate([pre, post])) + 3.0) / DT).astype(int)
    return [round(float(w[k]), 12) for k in steps]


def in_nest(model, parameters, pre, post):
    """Return the weight that NEST's recorder notes at each presynaptic spike."""
    nest.ResetKernel()
    nest.resolution = DT
    nest.set_verbosity("M_ERROR")
    recorder = nest.Create("weight_recorder")
    nest.CopyModel(model, "plastic", {"weight_recorder": recorder} | parameters)
    # From the generator to the parrot is a step.
    source = nest.Create("spike_generator", params={"spike_times": np.round(pre - DT, 1)})
    target = nest.Create("spike_generator", params={"spike_times": np.round(post - 2 * DT, 1)})
    a, b = nest.Create("parrot_neuron"), nest.Create("parrot_neuron")
    nest.Connect(source, a, syn_spec={"delay": DT})
    nest.Connect(target, b, syn_spec={"delay": DT})
    # A parrot does not repeat what comes at port 1.
    port = {} if model == "tsodyks2_synapse" else {"receptor_type": 1}
    nest.Connect(a, b, syn_spec={"synapse_model": "plastic", "weight": W_0, "delay": DT} | port)
    nest.Simulate(DURATION)
    return [round(float(w), 12) for w in recorder.events["weights"]]


def main():
    """Write the trains and what both simulators make of them."""
    pre, post = trains()
    stdp = {"tau_plus": TAU["tau_plus"], "lambda": PAIR["A_plus"], "alpha": PAIR["A_minus"] / PAIR["A_plus"],
            "Wmax": W_MAX}  # fmt: skip
    out = {
        "about": {"dt (ms)": DT, "script": Path(__file__).name, "Brian2": brian2.__version__, "NEST": nest.__version__},
        "parameters": TAU | PAIR | TRIPLET | {"w_max": W_MAX, "w_0": W_0},
        "pre (ms)": pre.tolist(),
        "post (ms)": post.tolist(),
        "Brian2, 3 ms after each spike": {
            f"{kind}, delay {delay} ms": sampled(in_brian(kind, delay, pre, post), pre, post)
            for kind in ("pairs", "triplets")
            for delay in (0.0, 1.5)
        },
        "NEST, at each presynaptic spike": {
            name: in_nest("stdp_synapse", stdp | {"mu_plus": mu, "mu_minus": mu}, pre, post)
            for name, mu in (("additive", 0.0), ("multiplicative", 1.0))
        },
        "NEST, weight times release": {
            name: {"U": U, "tau_rec": rec, "tau_facil": facil, "released": in_nest(
                "tsodyks2_synapse", {"U": U, "u": U, "x": 1.0, "tau_rec": rec, "tau_fac": facil}, pre, post)}
            for name, (U, rec, facil) in SHORT_TERM.items()
        },
    }  # fmt: skip
    (HERE / "plasticity_reference.json").write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
