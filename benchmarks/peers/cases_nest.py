"""The tasks of cases.py in NEST; runs in an environment that has NEST.

The one argument is the task as JSON, `kind` and `threads` among it. It runs the task once and says so in a line. Each
line on standard input runs it on from where it is and answers with a line of JSON: the seconds of `nest.Run`, those of
a whole call of `nest.Simulate` (`Prepare`, `Run`, `Cleanup`), and the mean rate in Hz.

NEST differs from the tasks: it computes in float64, and has no synapse without a delay: one of a step of 0.1 ms where
the task has none. Poisson trains come from `parrot_neuron`s, as a generator sends another to each of its targets.
"""

import json
import os
import sys
import time
from pathlib import Path

os.environ["PYNEST_QUIET"] = "1"
ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # NEST writes to standard output, too

import nest  # noqa: E402

sys.path.insert(0, str(Path(__file__).parents[1] / "statistics"))


def stdp(task):
    """Return the targets of STDP on 1 000 x 1 000 synapses."""
    leaky = {"tau_m": 20.0, "C_m": 200.0, "E_L": 0.0, "V_th": 10.0, "V_reset": 0.0, "V_m": 0.0, "t_ref": 0.0}
    cells = nest.Create("iaf_psc_delta", 1_000, leaky | {"I_e": task["drive"], "tau_minus": 20.0})
    trains = nest.Create("parrot_neuron", 1_000)
    nest.Connect(nest.Create("poisson_generator", params={"rate": task["rate"]}), trains)
    rule = {"synapse_model": "stdp_synapse", "weight": 1e-4, "Wmax": 0.02, "lambda": 0.01, "alpha": 1.05, "delay": 0.1}
    nest.Connect(trains, cells, "all_to_all", rule | {"mu_plus": 0.0, "mu_minus": 0.0, "tau_plus": 20.0})
    return cells


def microcircuit(task):
    """Return the excitatory neurons of layer 4 of the microcircuit at a tenth of its size."""
    import microcircuit_nest

    populations = microcircuit_nest.build()
    microcircuit_nest.connect(populations)
    return populations[microcircuit_nest.POPULATIONS.index("L4E")]


def main():
    task = json.loads(sys.argv[1])
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.set(resolution=0.1, rng_seed=1, local_num_threads=task["threads"])
    cells = {"stdp": stdp, "microcircuit": microcircuit}[task["kind"]](task)
    recorder, duration = nest.Create("spike_recorder"), 0.1 * task["steps"]
    nest.Connect(cells, recorder)
    nest.Simulate(duration)
    print(0, file=ANSWERS, flush=True)
    for _ in sys.stdin:
        recorder.n_events = 0
        start = time.perf_counter()
        nest.Prepare()
        ready = time.perf_counter()
        nest.Run(duration)
        loop = time.perf_counter() - ready
        nest.Cleanup()
        whole = time.perf_counter() - start
        answer = {"loop": loop, "whole": whole, "rate": 1e3 * recorder.n_events / (len(cells) * duration)}
        print(json.dumps(answer | {"versions": {"NEST": nest.__version__}}), file=ANSWERS, flush=True)


if __name__ == "__main__":
    main()
