"""The tasks of cases.py in Brian2, C++ standalone; runs in an environment that has Brian2.

The one argument is the task as JSON: `kind`, `precision` (float32 or float64) and `threads` (of OpenMP) among it. The
generated code is compiled once, then a line says so. Each line on standard input runs it once, from the start, through
twice the task's steps, and answers with a line of JSON: the seconds of the loop over the second half as Brian2 reports
them, half the seconds of the whole call (the process, what it draws, both halves, what it writes), and the mean rate
in Hz.

Each in the fastest form that we found: traces of STDP belong to neurons (event-driven ones, as in Brian2's
documentation, take up to four times as long), spikes are counted in the reset.
"""

import json
import sys
import tempfile
import time

import brian2 as b2
import numpy as np
from network_brian2 import leaky

LEAKY = "dV/dt = ({drive} - V) / tau {noise}: volt\ncount : integer\n"
RESET = "V = 0*mV; count += 1"


def group(task, drive="mu", noise="", more="", method="exact", reset=RESET):
    """Return leaky neurons with a threshold of 10 mV; a current of `drive` pA through 100 Mohm."""
    equations = LEAKY.format(drive=drive, noise=noise) + more
    names = {"mu": 0.1 * task.get("drive", 0) * b2.mV, "tau": 20 * b2.ms, "ms": b2.ms, "mV": b2.mV}
    return b2.NeuronGroup(task["n"], equations, threshold="V >= 10*mV", reset=reset, method=method, namespace=names)


def lif(task):
    """Return neurons under a constant current."""
    neurons = group(task)
    return neurons, [neurons]


def noise(task):
    """Return neurons with white noise on V."""
    neurons = group(task, noise="+ 1*mV/ms**0.5*xi ", method="euler")
    return neurons, [neurons]


def coloured(task):
    """Return neurons with a current of Ornstein and Uhlenbeck, here as the voltage that it causes: 3 mV, 5 ms."""
    neurons = group(task, "(mu + J)", more="dJ/dt = -J / (5*ms) + 3*mV*(2/(5*ms))**0.5*xi : volt", method="euler")
    return neurons, [neurons]


def poisson(task):
    """Return neurons with independent Poisson input."""
    neurons = group(task)
    return neurons, [neurons, b2.PoissonInput(neurons, "V", N=1_000, rate=1 * b2.Hz, weight=0.1 * b2.mV)]


def trains(rate):
    """Return 1 000 Poisson trains with a trace."""
    names = {"rate": rate * b2.Hz, "ms": b2.ms}
    return b2.NeuronGroup(1_000, "dx/dt = -x / (20*ms) : 1", threshold="rand() < rate*dt", reset="x += 1",
                          method="exact", namespace=names)  # fmt: skip


def plastic(source, neurons, act, high, first):
    """Return synapses of all onto all; spikes of the same step do not see one another, as in simcore."""
    names = {"high": high, "A": 0.01, "B": 0.0105}
    synapses = b2.Synapses(source, neurons, f"w : {'1' if isinstance(high, float) else 'volt'}", namespace=names,
                           on_pre=f"{act} += w; w = clip(w - B*high*y_post, 0*high, high)",
                           on_post="w = clip(w + A*high*x_pre, 0*high, high)")  # fmt: skip
    synapses.connect()
    synapses.w = first
    return synapses


def stdp(task):
    """Return STDP on 1 000 x 1 000 synapses."""
    source = trains(task["rate"])
    neurons = group(task, more="dy/dt = -y / (20*ms) : 1", reset=f"{RESET}; y += 1")
    return neurons, [source, neurons, plastic(source, neurons, "V_post", 0.02 * b2.mV, 1e-4 * b2.mV)]


def song(task):
    """Return STDP of 1 000 trains onto one neuron; conductances in units of the leak's."""
    source = trains(15)
    equations = """
    dV/dt = (g * (0*mV - V) + (-74*mV - V)) / (10*ms) : volt
    dg/dt = -g / (5*ms) : 1
    dy/dt = -y / (20*ms) : 1
    count : integer
    """
    neuron = b2.NeuronGroup(1, equations, threshold="V >= -54*mV", reset="V = -60*mV; count += 1; y += 1",
                            method="exponential_euler")  # fmt: skip
    neuron.V = -60 * b2.mV
    return neuron, [source, neuron, plastic(source, neuron, "g_post", 0.01, "0.01*rand()")]


def coba(task):
    """Return COBA with delays from 0.1 to 3 ms."""
    n = task["n"]
    neurons, names = leaky(task, count=True)
    first, parts = round(task["excitatory"] * n), [neurons]
    for name, pre in {"e": neurons[:first], "i": neurons[first:]}.items():
        synapses = b2.Synapses(pre, neurons, on_pre=f"g_{name}_post += w_{name}", namespace=names)
        synapses.connect(p=task["synapses"] / n)
        synapses.delay = "0.1*ms + rand()*2.9*ms"
        parts.append(synapses)
    return neurons, parts


def main():
    task = json.loads(sys.argv[1])
    b2.prefs.core.default_float_dtype = getattr(np, task["precision"])
    b2.prefs.devices.cpp_standalone.openmp_threads = 0 if task["threads"] == 1 else task["threads"]
    b2.set_device("cpp_standalone", build_on_run=False)
    b2.defaultclock.dt = 0.1 * b2.ms
    kinds = {made.__name__: made for made in (lif, noise, coloured, poisson, stdp, song, coba)}
    neurons, parts = kinds[task["kind"]](task)
    network, half = b2.Network(*parts), task["steps"] * 0.1 * b2.ms
    network.run(half)
    network.run(half)  # Brian2 reports the seconds of the last run
    with tempfile.TemporaryDirectory() as directory:
        b2.device.build(directory=directory, run=False, with_output=False)
        print(0, flush=True)
        for _ in sys.stdin:
            start = time.perf_counter()
            b2.device.run(directory=directory, with_output=False)
            whole = time.perf_counter() - start
            b2.device.array_cache[neurons.variables["count"]] = None  # read what this run has written
            rate = float(np.mean(neurons.count[:]) / (2 * half / b2.second))
            answer = {"loop": b2.device._last_run_time, "whole": whole / 2, "rate": rate}
            print(json.dumps(answer | {"versions": {"Brian2": b2.__version__}}), flush=True)


if __name__ == "__main__":
    main()
