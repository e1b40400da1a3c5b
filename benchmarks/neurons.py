"""Cost per step of HH and AdEx neurons: simcore and Brian2 (C++ standalone, one and two threads).

    python benchmarks/neurons.py --brian2 path/to/python

`--brian2` is an interpreter that has brian2; without it only simcore is measured. All run the same task in float32,
count spikes only, and must agree on their number within 3 % (Brian2 advances all states with their old values). They
are measured in turns: compare ratios rather than times. With Brian2 it writes results/neurons.md beside this file.
"""

import argparse
import statistics
import time
from typing import Any

import numpy as np
from measure import RESULTS, machine, ratio, table
from single_neuron import Peer

import simcore as sc
from simcore.units import ms, mV, pA

TASKS = [
    {"model": "HH", "n": 1_000, "steps": 4_000, "dt": 0.025, "I": 1000.0, "V": [-75.0, -55.0]},
    {"model": "HH", "n": 4_000, "steps": 2_000, "dt": 0.025, "I": 1000.0, "V": [-75.0, -55.0]},
    {"model": "HH", "n": 100_000, "steps": 200, "dt": 0.025, "I": 1000.0, "V": [-75.0, -55.0]},
    {"model": "AdExIF", "n": 1_000, "steps": 4_000, "dt": 0.1, "I": 1000.0, "V": [-70.0, -51.0]},
    {"model": "AdExIF", "n": 100_000, "steps": 400, "dt": 0.1, "I": 1000.0, "V": [-70.0, -51.0]},
]


class Simcore:
    """A task in simcore: a call runs it from the start and returns (seconds of run(), number of spikes)."""

    def __init__(self, task: dict[str, Any]) -> None:
        V = np.linspace(*task["V"], task["n"]) * mV
        if task["model"] == "HH":
            gates = {"m_initializer": 0.05293, "h_initializer": 0.59612, "n_initializer": 0.31768}
            cell: Any = sc.models.HH(task["n"], V_th=0 * mV, V_initializer=V, **gates)
        else:
            cell = sc.models.AdExIF.preset("brette_gerstner", task["n"], V_initializer=V)
        self.runner = sc.DSRunner(cell, ["spike_count"], dt=task["dt"] * ms, progress_bar=False)
        self.duration, self.I = task["steps"] * task["dt"] * ms, task["I"] * pA
        start = time.perf_counter()
        self()
        self.first = time.perf_counter() - start

    def __call__(self) -> tuple[float, int]:
        self.runner.reset_state()
        start = time.perf_counter()
        counts = self.runner.run(self.duration, inputs=self.I).spike_count
        return time.perf_counter() - start, int(counts.sum())


def measure(task: dict[str, Any], python: str | None, repetitions: int) -> tuple[list[str], str]:
    """Return a row of the table, and Brian2's version."""
    runs: dict[str, Any] = {"simcore": Simcore(task)}
    peers = [Peer(python, "neurons_brian2.py", task | {"threads": threads}) for threads in (1, 2)] if python else []
    runs |= {f"Brian2 {threads}": peer for threads, peer in zip((1, 2), peers, strict=bool(peers))}
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    version = ""
    for repetition in range(repetitions + 1):
        counts = {}
        for name, run in runs.items():
            got = run()
            if isinstance(got, dict):
                version = got["version"]
                got = got["seconds"], got["counts"]
            counts[name] = got[1]
            if repetition:
                seconds[name].append(got[0] / task["steps"])
        assert max(counts.values()) <= 1.03 * min(counts.values()), counts
    for peer in peers:
        peer.__exit__()
    row = [f"{task['model']}, " + f"{task['n']:,}".replace(",", " "), f"{runs['simcore'].first:.2f}"]
    for name in runs:
        text = f"{1e6 * statistics.median(seconds[name]):.3g}"
        row.append(text if name == "simcore" else f"{text} (×{ratio(seconds[name], seconds['simcore']):.1f})")
    return row, version


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--brian2", help="a Python interpreter that has brian2")
    parser.add_argument("--repetitions", type=int, default=7)
    args = parser.parse_args()
    measured = [measure(task, args.brian2, args.repetitions) for task in TASKS]
    head = ["model, neurons", "simcore, first run (s)", "simcore (µs per step)"]
    head += ["Brian2, one thread", "two threads"] if args.brian2 else []
    note = (
        "HH: dt 0.025 ms, exponential Euler, in simcore with the gates first. AdEx: dt 0.1 ms, exponential Euler "
        f"(Brian2: Euler). float32; medians of {args.repetitions} runs in turns, ratios of pairs."
    )
    versions = {"Brian2": measured[0][1]} if args.brian2 else {}
    text = "\n\n".join([table(head, [row for row, _ in measured]), note, machine(**versions)])
    print(text)
    if args.brian2:
        (RESULTS / "neurons.md").write_text(f"# Cost per step of HH and AdEx neurons\n\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
