"""The task of single_neuron.py in Brian2, C++ standalone; runs in an environment that has Brian2.

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

EQUATIONS = "dV/dt = (-(V - V_rest) + R * I) / tau : volt"


def build(task, directory):
    """Generate and compile the simulation; return the population."""
    b2.prefs.core.default_float_dtype = getattr(np, task["precision"])
    b2.set_device("cpp_standalone", build_on_run=False)
    b2.defaultclock.dt = task["dt"] * b2.ms
    constants = {
        "V_rest": task["V_rest"] * b2.mV,
        "V_reset": task["V_reset"] * b2.mV,
        "V_th": task["V_th"] * b2.mV,
        "R": task["R"] * b2.ohm,
        "I": task["I"] * b2.mA,
        "tau": task["tau"] * b2.ms,
    }
    # A counter in the reset is Brian2's cheapest way to count: SpikeMonitor(record=False) would be one more object.
    neurons = b2.NeuronGroup(
        task["n"],
        EQUATIONS + "\ncount : integer",
        threshold="V >= V_th",
        reset="V = V_reset; count += 1",
        method="exact",
        namespace=constants,
    )
    neurons.V = np.linspace(0.0, task["V_last"], task["n"]) * b2.mV
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
            name, precision = "Brian2 C++ standalone", task["precision"]
            seconds = {f"{name}, {precision}": b2.device._last_run_time, f"{name}, whole call, {precision}": whole}
            answer = {
                "seconds": seconds,
                "counts": np.asarray(neurons.count[:]).tolist(),
                "versions": {"Brian2": b2.__version__},
            }
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
