"""The tasks of neurons.py in Brian2, C++ standalone; runs in an environment that has Brian2.

The one argument is the task as JSON, `precision` of it float32 or float64. The generated code is compiled once. Then
each line on standard input runs it once and answers with a line of JSON: the seconds of the simulation loop as Brian2
reports them, those of the whole call (a process that writes its results too), and the spike counts.
"""

import json
import sys
import tempfile
import time

import brian2 as b2
import numpy as np

HH = """
dV/dt = (I / area + gNa * m**3 * h * (ENa - V) + gK * n**4 * (EK - V) + gL * (EL - V)) / C : volt
dm/dt = (1 / exprel(-(V / mV + 40) / 10) * (1 - m) - 4 * exp(-(V / mV + 65) / 18) * m) / ms : 1
dh/dt = (0.07 * exp(-(V / mV + 65) / 20) * (1 - h) - h / (1 + exp(-(V / mV + 35) / 10))) / ms : 1
dn/dt = (0.1 / exprel(-(V / mV + 55) / 10) * (1 - n) - 0.125 * exp(-(V / mV + 65) / 80) * n) / ms : 1
count : integer
"""
ADEX = """
dV/dt = (-(V - EL) + DT * exp((V - VT) / DT) + (I - w) / gL) / tau : volt
dw/dt = (a * (V - EL) - w) / tau_w : amp
count : integer
"""


def hh(task):
    """Return the neurons of Hodgkin and Huxley: a spike where V comes over 0 mV, until it is below again."""
    d = b2.cm**2
    names = {"C": 1 * b2.uF / d, "gNa": 120 * b2.msiemens / d, "gK": 36 * b2.msiemens / d, "gL": 0.3 * b2.msiemens / d}
    names |= {"ENa": 50 * b2.mV, "EK": -77 * b2.mV, "EL": -54.387 * b2.mV}
    names |= {"area": 1e4 * b2.um**2, "I": task["I"] * b2.pA, "mV": b2.mV, "ms": b2.ms}
    neurons = b2.NeuronGroup(task["n"], HH, threshold="V >= 0*mV", refractory="V >= -20*mV", reset="count += 1",
                             method="exponential_euler", namespace=names)  # fmt: skip
    neurons.m, neurons.h, neurons.n = 0.05293, 0.59612, 0.31768
    return neurons


def adex(task):
    """Return the neurons of Brette and Gerstner."""
    names = {"EL": -70.6 * b2.mV, "VT": -50.4 * b2.mV, "DT": 2 * b2.mV, "gL": 30 * b2.nS, "tau": 281 / 30 * b2.ms}
    names |= {"a": 4 * b2.nS, "tau_w": 144 * b2.ms, "b": 80.5 * b2.pA, "I": task["I"] * b2.pA}
    reset = "V = -70.6*mV; w += b; count += 1"
    return b2.NeuronGroup(task["n"], ADEX, threshold="V >= -40.4*mV", reset=reset, method="euler", namespace=names)


def main():
    task = json.loads(sys.argv[1])
    b2.prefs.core.default_float_dtype = getattr(np, task["precision"])
    b2.prefs.devices.cpp_standalone.openmp_threads = 0 if task["threads"] == 1 else task["threads"]
    b2.set_device("cpp_standalone", build_on_run=False)
    b2.defaultclock.dt = task["dt"] * b2.ms
    neurons = {"HH": hh, "AdExIF": adex}[task["model"]](task)
    neurons.V = np.linspace(*task["V"], task["n"]) * b2.mV
    b2.Network(neurons).run(task["steps"] * task["dt"] * b2.ms)
    with tempfile.TemporaryDirectory() as directory:
        b2.device.build(directory=directory, run=False, with_output=False)
        for _ in sys.stdin:
            start = time.perf_counter()
            b2.device.run(directory=directory, with_output=False)
            whole = time.perf_counter() - start
            b2.device.array_cache[neurons.variables["count"]] = None  # read the counts of this run
            answer = {"seconds": b2.device._last_run_time, "counts": int(np.sum(neurons.count[:]))}
            print(json.dumps(answer | {"whole": whole, "version": b2.__version__}), flush=True)


if __name__ == "__main__":
    main()
