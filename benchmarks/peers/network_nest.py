"""The task of network.py in NEST; runs in an environment that has NEST.

The one argument is the task as JSON, `cores` of it the number of threads. Each line on standard input runs the network
on for the task's duration, from where it is, and answers with a line of JSON: the seconds of the call of `nest.Run`,
and the mean rate in Hz.

NEST differs from the task: it has no synapse without a delay (a delay of 0 is one step here), computes in float64,
integrates `iaf_cond_exp` with an adaptive Runge-Kutta method and `iaf_psc_exp` exactly. As many synapses as the task
has on average are drawn, each pair with equal probability: the numbers of synapses of a neuron spread as in the task.
"""

import json
import os
import sys
import time

os.environ["PYNEST_QUIET"] = "1"
ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # NEST writes to standard output, too

import nest  # noqa: E402


def neurons(task):
    """Return the population: Mohm, ms, mV and pA of the task in NEST's nS, pF, mV and pA."""
    leak = 1e3 / task["R"]
    both = {
        "C_m": leak * task["tau"],
        "E_L": task["V_rest"],
        "V_th": task["V_th"],
        "V_reset": task["V_reset"],
        "V_m": nest.random.uniform(task["V_first"], task["V_last"]),
        "t_ref": task["tau_ref"],
        "I_e": task["drive"],
        "tau_syn_ex": task["tau_e"],
        "tau_syn_in": task["tau_i"],
    }
    if task["model"] == "coba":
        own = {"g_L": leak, "E_ex": task["E_e"], "E_in": task["E_i"]}
        return nest.Create("iaf_cond_exp", task["n"], params=both | own)
    return nest.Create("iaf_psc_exp", task["n"], params=both | {"tau_m": task["tau"]})


def connect(task, cells):
    """Draw the synapses: to a synapse with a negative weight the inhibitory time constant and reversal belong."""
    first, p = round(task["excitatory"] * task["n"]), task["synapses"] / task["n"]
    delay = max(task["delay"], task["dt"])
    for name, pre, sign in (("e", cells[:first], 1), ("i", cells[first:], -1)):
        rule = {"rule": "fixed_total_number", "N": round(p * len(pre) * task["n"])}
        nest.Connect(pre, cells, rule, {"weight": sign * abs(task[f"w_{name}"]), "delay": delay})


def main():
    task = json.loads(sys.argv[1])
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.local_num_threads = task["cores"]
    nest.resolution = task["dt"]
    nest.rng_seed = 1
    cells, recorder = neurons(task), nest.Create("spike_recorder")
    connect(task, cells)
    nest.Connect(cells, recorder)
    nest.Prepare()
    before = 0
    for _ in sys.stdin:
        start = time.perf_counter()
        nest.Run(task["duration"])
        seconds = time.perf_counter() - start
        spikes = recorder.n_events
        answer = {
            "seconds": {"NEST": seconds},
            "rates": {"NEST": 1e3 * (spikes - before) / (task["n"] * task["duration"])},
            "versions": {"NEST": nest.__version__},
        }
        before = spikes
        print(json.dumps(answer), file=ANSWERS, flush=True)


if __name__ == "__main__":
    main()
