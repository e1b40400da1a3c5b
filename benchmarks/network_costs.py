"""What networks cost in simcore: a synaptic event, building, compiling, memory, recording. A section of network.py."""

from typing import Any

import numpy as np
from measure import table
from network_task import TASK, simcore_in_turns, task

# pA: no spikes, 15, 24, 53 and 93 Hz, as the synapses have weight 0 here; with weights the network is balanced, and
# hardly any drive changes its rate.
DRIVES = (95.0, 105.0, 120.0, 200.0, 400.0)
SYNAPSES = (80, 200, 800)  # of each neuron
MIB = 2**20


def size_name(n: int) -> str:
    """Return a number with spaces between thousands."""
    return f"{n:,}".replace(",", " ")


def events_per_step(about: dict[str, Any], rate: float) -> float:
    """Return how many synapses a step's spikes reach; the rate in Hz."""
    return 1e-3 * rate * about["dt"] * about["n"] * about["synapses"]


def of_spikes(n: int, repetitions: int) -> str:
    """Return a table of the cost against the number of spikes, and the slope: the cost of a synaptic event."""
    tasks = {drive: task("coba", n, 0.0, drive=drive, w_e=0.0, w_i=0.0) for drive in DRIVES}
    _, us, last = simcore_in_turns(tasks, repetitions)
    rates = {drive: last[drive]["rates"]["simcore"] for drive in tasks}
    events = [events_per_step(tasks[drive], rates[drive]) for drive in tasks]
    slope, rest = np.polyfit(events, list(us.values()), 1)
    rows = [[f"{drive:g} pA", f"{rates[drive]:.3g}", f"{e:.4g}", f"{us[drive]:.3g}"]
            for drive, e in zip(tasks, events, strict=True)]  # fmt: skip
    fit = f"{1e3 * slope:.2g} ns a synaptic event (1/{TASK['synapses']} of a spike), {rest:.3g} µs a step besides."
    return (
        table([f"drive, {size_name(n)} neurons, weights 0", "rate (Hz)", "events a step", "µs per step"], rows)
        + f"\n\n{fit}"
    )


def of_synapses(n: int, repetitions: int) -> str:
    """Return a table of the cost against the number of synapses of a neuron, with the same weight in total."""
    counts = [count for count in SYNAPSES if 2 * count <= n]
    tasks = {}
    for count in counts:
        scaled = task("coba", n, 0.0, synapses=count)
        tasks[count] = scaled | {w: scaled[w] * TASK["synapses"] / count for w in ("w_e", "w_i")}
    _, us, last = simcore_in_turns(tasks, repetitions)
    rows = []
    for count in counts:
        rate = last[count]["rates"]["simcore"]
        events = events_per_step(tasks[count], rate)
        rows.append([f"{count}", f"{rate:.3g}", f"{events:.4g}", f"{us[count]:.3g}", f"{1e3 * us[count] / events:.3g}"])
    head = [f"synapses a neuron, {size_name(n)} neurons", "rate (Hz)", "events a step", "µs per step", "ns per event"]
    return table(head, rows) + "\n\nns per event: the whole step over its events."


def of_building(sizes: list[int]) -> str:
    """Return a table of what building, compiling and the synapses' memory cost at each size."""
    rows = []
    for n in sizes:
        first, _, _ = simcore_in_turns({n: task("coba", n, 0.0)}, 1)
        found = first[n]["about"]
        row = [size_name(n), size_name(found["synapses"]), f"{found['build']:.2g}", f"{found['compile']:.2g}"]
        row.append(f"{found['arrays'] / found['synapses']:.3g}")
        for stage in ("built", "ran"):
            grown = None if found["before"] is None else found[stage] - found["before"]
            row.append("–" if grown is None else f"{grown / found['synapses']:.3g} ({grown / MIB:.0f} MiB)")
        rows.append(row)
    head = ["neurons", "synapses", "build (s)", "compile (s)", "bytes a synapse, arrays", "process, built",
            "process, after a run"]  # fmt: skip
    note = (
        "Build: cells and two projections of FixedProbability. Compile: a first run of one step less a second one, the "
        "check of the equations included. Bytes a synapse: of the arrays on the device, and by how much the process "
        "grew at its peak, what it compiled and recorded included."
    )
    return f"{table(head, rows)}\n\n{note}"


def of_recording(n: int, repetitions: int) -> str:
    """Return a table of what recording costs."""
    names = {"none": "nothing", "spike_events": "all spikes, as events", "V": "V of all neurons"}
    tasks = {kind: task("coba", n, 0.0, record=kind) for kind in names}
    _, us, _ = simcore_in_turns(tasks, repetitions)
    rows = [[name, f"{us[kind]:.3g}", f"{us[kind] - us['none']:+.3g}"] for kind, name in names.items()]
    return table([f"recorded, {size_name(n)} neurons", "µs per step", "more than nothing"], rows)


def costs(sizes: list[int], repetitions: int) -> str:
    """Return the section: COBA without a delay, simcore on all cores."""
    parts = ["## What simcore's networks cost", "COBA, no delay, simcore on all cores, the whole call of run()."]
    for n in [n for n in sizes if n <= 40_000]:
        parts += [of_spikes(n, repetitions), of_synapses(n, repetitions), of_recording(n, repetitions)]
    return "\n\n".join([*parts, of_building(sizes)])
