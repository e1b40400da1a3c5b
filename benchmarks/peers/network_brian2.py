"""The task of network.py in Brian2, C++ standalone; runs in an environment that has Brian2.

The one argument is the task as JSON, `cores` of it the number of OpenMP threads, `precision` float32 or float64. The
generated code is compiled once. Then each line on standard input runs it once, from the start and with the connections
drawn anew, through the warm-up and the task's duration, and answers with a line of JSON: the seconds of the loop over
the duration as Brian2 reports them, those of the whole call over all its steps, as for the duration's, and the mean
rate in the duration in Hz.

Conductances are in units of the leak's, currents as the voltages they cause. Exponential Euler for both: Brian2's exact
method of CUBA takes half as long again.
"""

import json
import sys
import tempfile
import time

import brian2 as b2
import numpy as np

LEAK = "dV/dt = (V_rest - V + {drive}) / tau : volt (unless refractory)\n"
CONDUCTANCES = LEAK.format(drive="drive + g_e * (E_e - V) + g_i * (E_i - V)")
CURRENTS = LEAK.format(drive="drive + g_e + g_i")
DECAY = "dg_e/dt = -g_e / tau_e : {unit}\ndg_i/dt = -g_i / tau_i : {unit}\n"
MEMBRANE = """
dV/dt = (g_na * m**3 * h * (E_na - V) + g_k * n**4 * (E_k - V) + g_leak * (E_leak - V)
         + g_e * (E_e - V) + g_i * (E_i - V)) / C : volt
u = (V - V_T) / mV : 1
dm/dt = (0.32 * 4 / exprel((13 - u) / 4) * (1 - m) - 0.28 * 5 / exprel((u - 40) / 5) * m) / ms : 1
dh/dt = (0.128 * exp((17 - u) / 18) * (1 - h) - 4 / (1 + exp((40 - u) / 5)) * h) / ms : 1
dn/dt = (0.032 * 5 / exprel((15 - u) / 5) * (1 - n) - 0.5 * exp((10 - u) / 40) * n) / ms : 1
"""
STEADY = {
    "m": "1 / (1 + 0.28 * 5 / exprel((u - 40) / 5) / (0.32 * 4 / exprel((13 - u) / 4)))",
    "h": "1 / (1 + 4 / (1 + exp((40 - u) / 5)) / (0.128 * exp((17 - u) / 18)))",
    "n": "1 / (1 + 0.5 * exp((10 - u) / 40) / (0.032 * 5 / exprel((15 - u) / 5)))",
}
EQUATIONS = {"coba": CONDUCTANCES + DECAY.format(unit="1"), "cuba": CURRENTS + DECAY.format(unit="volt")}
EQUATIONS["cobahh"] = MEMBRANE + DECAY.format(unit="siemens")


def preferences(task):
    """Set what the compiler gets, and the threads."""
    b2.prefs.core.default_float_dtype = getattr(np, task["precision"])
    b2.prefs.codegen.cpp.extra_compile_args = ["-w", "-O3", "-march=native", "-ffast-math"]
    b2.prefs.devices.cpp_standalone.openmp_threads = 0 if task["cores"] == 1 else task["cores"]
    b2.set_device("cpp_standalone", build_on_run=False)
    b2.defaultclock.dt = task["dt"] * b2.ms


def constants(task):
    """Return the names of the equations."""
    in_mV = ("V_rest", "V_th", "V_reset", "V_first", "V_last", "E_e", "E_i")
    values = {name: task[name] * b2.mV for name in in_mV if name in task}
    values |= {name: task[name] * b2.ms for name in ("tau", "tau_e", "tau_i", "tau_ref")}
    values["drive"] = 1e-3 * task["R"] * task["drive"] * b2.mV  # Mohm pA = 1e-3 mV
    for name in ("w_e", "w_i"):
        relative = 1e-3 * task["R"] * task[name]  # Mohm nS = 1e-3
        values[name] = relative if task["model"] == "coba" else relative * b2.mV
    return values


def membranes(task):
    """Return the neurons of Hodgkin and Huxley, and the names of their equations."""
    area, density = task["area"] * b2.umetre**2, b2.msiemens / b2.cm**2
    names = {"C": 1 * b2.uF / b2.cm**2 * area, "V_T": task["V_T"] * b2.mV, "mV": b2.mV, "ms": b2.ms}
    for x in ("na", "k", "leak"):
        g, E = task[x]
        names |= {f"g_{x}": g * density * area, f"E_{x}": E * b2.mV}
    for x in "ei":
        names |= {
            f"E_{x}": task[f"E_{x}"] * b2.mV,
            f"tau_{x}": task[f"tau_{x}"] * b2.ms,
            f"w_{x}": task[f"w_{x}"] * b2.nS,
        }
    neurons = b2.NeuronGroup(task["n"], EQUATIONS["cobahh"], threshold="V > -20*mV", refractory=3 * b2.ms,
                             method="exponential_euler", namespace=names)  # fmt: skip
    neurons.V = f"{task['V_mean']}*mV + {task['V_sd']}*mV * randn()"
    neurons.g_e, neurons.g_i = f"{task['first_e']}*nS * rand()", f"{task['first_i']}*nS * rand()"
    for gate, value in STEADY.items():
        setattr(neurons, gate, value)
    return neurons, names


def leaky(task, count=False):
    """Return the leaky neurons, which may count their spikes, and the names of their equations."""
    names = constants(task)
    neurons = b2.NeuronGroup(
        task["n"],
        EQUATIONS[task["model"]] + "count : integer" * count,
        threshold="V >= V_th",
        reset="V = V_reset" + "; count += 1" * count,
        refractory=task["tau_ref"] * b2.ms,
        method="exponential_euler",
        namespace=names,
    )
    neurons.V = "V_first + rand() * (V_last - V_first)"
    return neurons, names


def build(task, directory):
    """Generate and compile the simulation; return the monitor of the spikes."""
    preferences(task)
    n = task["n"]
    neurons, names = membranes(task) if task["model"] == "cobahh" else leaky(task)
    first = round(task["excitatory"] * n)
    parts = [neurons, b2.SpikeMonitor(neurons)]
    for name, pre in {"e": neurons[:first], "i": neurons[first:]}.items():
        delay = {"delay": task["delay"] * b2.ms} if task["delay"] else {}
        synapses = b2.Synapses(pre, neurons, on_pre=f"g_{name}_post += w_{name}", namespace=names, **delay)
        synapses.connect(p=task["synapses"] / n)
        parts.append(synapses)
    network = b2.Network(*parts)
    network.run(task["warm_up"] * b2.ms)
    network.run(task["duration"] * b2.ms)  # Brian2 reports the seconds of the last run
    b2.device.build(directory=directory, run=False, with_output=False)
    return parts[1]


def main():
    task = json.loads(sys.argv[1])
    with tempfile.TemporaryDirectory() as directory:
        spikes = build(task, directory)
        for _ in sys.stdin:
            start = time.perf_counter()
            b2.device.run(directory=directory, with_output=False)
            whole = (time.perf_counter() - start) * task["duration"] / (task["warm_up"] + task["duration"])
            for name in ("t", "N"):
                b2.device.array_cache[spikes.variables[name]] = None  # read what this run has written
            counted = np.count_nonzero(np.asarray(spikes.t / b2.ms) >= task["warm_up"] - 0.5 * task["dt"])
            rate = 1e3 * counted / (task["n"] * task["duration"])
            answer = {
                "seconds": {"Brian2": b2.device._last_run_time, "Brian2, whole call": whole},
                "rates": {"Brian2": rate, "Brian2, whole call": rate},
                "versions": {"Brian2": b2.__version__},
            }
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
