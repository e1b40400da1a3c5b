"""simcore's side of network.py: the task as a script that answers like the peers, in a process of its own.

The one argument is the task as JSON. Each line on standard input runs the network on for the task's duration, from
where it is, and answers with a line of JSON: the seconds of the whole call of `run()` and the mean rate in Hz. The
first answer also has the seconds of building and compiling, and the bytes of the process and of the synapses' arrays.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import jax
import numpy as np

import simcore as sc
from simcore.units import Mohm, ms, mV, nS, pA, um

RECORD = {"spike_events": {"spikes": "cells.spike_events"}, "V": {"V": "cells.V"}, "none": {}}


def cells(task: dict[str, Any]) -> Any:
    """Return the population."""
    if task["model"] == "cobahh":
        receptors = {}
        for seed, x in enumerate("ei"):
            start = sc.init.Uniform(0 * nS, task[f"first_{x}"] * nS, seed=seed)
            more = {"reversal": task[f"E_{x}"] * mV, "g_initializer": start}
            receptors[x] = sc.models.Exponential(tau=task[f"tau_{x}"] * ms, **more)
        V = sc.init.Normal(task["V_mean"] * mV, task["V_sd"] * mV, seed=0)
        options = {"area": task["area"] * um**2, "tau_ref": 3 * ms, "refractory": "block", "V_initializer": V}
        return sc.models.TraubMilesHH(task["n"], receptors=receptors, **options)
    conductances = task["model"] == "coba"
    reversal = {"e": {"reversal": task["E_e"] * mV}, "i": {"reversal": task["E_i"] * mV}} if conductances else {}
    receptors = {x: sc.models.Exponential(tau=task[f"tau_{x}"] * ms, **reversal.get(x, {})) for x in "ei"}
    return sc.models.LIFRef(
        task["n"],
        R=task["R"] * Mohm,
        tau=task["tau"] * ms,
        V_rest=task["V_rest"] * mV,
        V_th=task["V_th"] * mV,
        V_reset=task["V_reset"] * mV,
        tau_ref=task["tau_ref"] * ms,
        spk_reset="hard",
        V_initializer=sc.init.Uniform(task["V_first"] * mV, task["V_last"] * mV, seed=0),
        receptors=receptors,
    )


def network(task: dict[str, Any]) -> Any:
    """Return the network: two projections, from the excitatory and the inhibitory neurons."""
    all_of = cells(task)
    unit = pA if task["model"] == "cuba" else nS
    first, parts = round(task["excitatory"] * task["n"]), {}
    for seed, (name, pre) in enumerate({"e": all_of[:first], "i": all_of[first:]}.items()):
        parts[name] = sc.models.Projection(
            pre,
            all_of,
            receptor=name,
            connect=sc.models.FixedProbability(task["synapses"] / task["n"]),
            weight=task[f"w_{name}"] * unit,
            delay=task["delay"] * ms,
            seed=seed,
        )
    return sc.Network(cells=all_of, **parts)


def memory(field: str) -> int | None:
    """Return a field of Linux's account of this process in bytes: VmRSS is the present size, VmHWM the largest."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    line = next(line for line in status.read_text().splitlines() if line.startswith(field))
    return 1024 * int(line.split()[1])


def array_bytes(net: Any) -> int:
    """Return the bytes of the arrays of the synapses, on the device."""
    own = {key: array for key, array in net.kernel_params().items() if key.split(".")[0] in "ei"}
    return sum(array.nbytes for array in own.values())


def main() -> None:
    """Build and compile, then answer."""
    task = json.loads(sys.argv[1])
    jax.block_until_ready(jax.numpy.zeros(1))  # what JAX itself takes comes before
    before, start = memory("VmRSS"), time.perf_counter()
    net = network(task)
    about = {"build": time.perf_counter() - start, "built": memory("VmHWM"), "before": before}
    runner = sc.DSRunner(net, monitors=RECORD[task["record"]], dt=task["dt"] * ms, progress_bar=False)
    inputs = {"cells": task["drive"] * pA} if task["drive"] else None
    one_step = []
    for _ in range(2):
        start = time.perf_counter()
        runner.run(task["dt"] * ms, inputs=inputs)
        one_step.append(time.perf_counter() - start)
    about["compile"] = one_step[0] - one_step[1]
    for _ in sys.stdin:
        start = time.perf_counter()
        recorded = runner.run(task["duration"] * ms, inputs=inputs)
        seconds = time.perf_counter() - start
        answer: dict[str, Any] = {"seconds": {"simcore": seconds}, "rates": {}, "versions": {}}
        if "spikes" in recorded:
            spikes = np.size(recorded.spikes.indices)
            answer["rates"]["simcore"] = 1e3 * spikes / (task["n"] * task["duration"])
        if about:
            synapses = sum(part.n_synapses for part in (net.e, net.i))
            answer |= {"about": about | {"ran": memory("VmHWM"), "arrays": array_bytes(net), "synapses": synapses}}
            about = {}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
