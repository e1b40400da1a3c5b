"""The task of sweeps.py in Brian2, C++ standalone; runs in an environment that has Brian2.

The one argument is the task as JSON, `precision` of it float32 or float64. The generated code is compiled once: one
neuron for each point, with its own tau and I. Then each line on standard input runs it once and answers with a line of
JSON: the seconds of the simulation loop as Brian2 reports them, those of the whole call (a process that writes its
results too), and the spike counts' sum.
"""

import json
import sys
import tempfile
import time

import brian2 as b2
import numpy as np

EQUATIONS = """
dV/dt = (-V + R * I) / tau : volt
tau : second (constant)
I : amp (constant)
count : integer
"""


def build(task, directory):
    """Generate and compile the simulation; return the population."""
    b2.prefs.core.default_float_dtype = getattr(np, task["precision"])
    b2.prefs.devices.cpp_standalone.openmp_threads = task["threads"] if task["threads"] > 1 else 0
    b2.set_device("cpp_standalone", build_on_run=False)
    b2.defaultclock.dt = task["dt"] * b2.ms
    constants = {"V_reset": task["V_reset"] * b2.mV, "V_th": task["V_th"] * b2.mV, "R": 1 * b2.ohm}
    neurons = b2.NeuronGroup(
        task["points"],
        EQUATIONS,
        threshold="V >= V_th",
        reset="V = V_reset; count += 1",
        method="exact",
        namespace=constants,
    )
    tau, current = np.meshgrid(np.linspace(*task["tau"]), np.linspace(*task["I"]), indexing="ij")
    neurons.tau = tau.ravel() * b2.ms
    neurons.I = current.ravel() * b2.mA
    network = b2.Network(neurons)
    network.run(task["steps"] * task["dt"] * b2.ms)
    b2.device.build(directory=directory, run=False, with_output=False)
    return neurons


def main():
    task = json.loads(sys.argv[1])
    with tempfile.TemporaryDirectory() as directory:
        neurons = build(task, directory)
        for _ in sys.stdin:
            start = time.perf_counter()
            b2.device.run(directory=directory, with_output=False)
            whole = time.perf_counter() - start
            b2.device.array_cache[neurons.variables["count"]] = None  # read the counts of this run
            counts = np.asarray(neurons.count[:])
            name, precision = f"Brian2 C++ standalone, {task['threads']} thread(s)", task["precision"]
            seconds = {f"{name}, {precision}": b2.device._last_run_time, f"{name}, whole call, {precision}": whole}
            answer = {
                "seconds": seconds,
                "sum": int(counts.sum()),
                "versions": {"Brian2": b2.__version__},
            }
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
