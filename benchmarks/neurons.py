"""Cost per step of HH and AdEx neurons: simcore, a loop written by hand, Brian2 (C++ standalone) and BrainPy.

    python benchmarks/neurons.py --brian2 path/to/python --brainpy path/to/python

Each peer has an interpreter of its own; what is left out is not measured. The loop by hand, limit/neurons.cpp, is
compiled where g++ is there; it and Brian2's first column have one thread. All run the same task in float32, Brian2 in
float64 too, of which the faster is shown, count spikes only, and must agree on their number within 3 % (Brian2 and
BrainPy advance all states with their old values). They are measured in turns: compare ratios rather than times. With
all peers it writes results/neurons.md beside this file.
"""

import argparse
import itertools
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from measure import PRECISIONS, RESULTS, faster, machine, ratio, table
from single_neuron import Peer

import simcore as sc
from simcore.units import ms, mV, pA

LIMIT = Path(__file__).parent / "limit/neurons.cpp"
TASKS = [
    {"model": "HH", "method": "exp_euler", "n": 1_000, "steps": 4_000, "dt": 0.025, "I": 1000.0, "V": [-75.0, -55.0]},
    {"model": "HH", "method": "exp_euler", "n": 4_000, "steps": 2_000, "dt": 0.025, "I": 1000.0, "V": [-75.0, -55.0]},
    {"model": "HH", "method": "exp_euler", "n": 100_000, "steps": 200, "dt": 0.025, "I": 1000.0, "V": [-75.0, -55.0]},
    {"model": "AdExIF", "method": "exp_euler", "n": 1_000, "steps": 4_000, "dt": 0.1, "I": 1000.0, "V": [-70.0, -51.0]},
    {"model": "AdExIF", "method": "euler", "n": 1_000, "steps": 4_000, "dt": 0.1, "I": 1000.0, "V": [-70.0, -51.0]},
    {"model": "AdExIF", "method": "exp_euler", "n": 100_000, "steps": 400, "dt": 0.1, "I": 1000.0, "V": [-70.0, -51.0]},
    {"model": "AdExIF", "method": "euler", "n": 100_000, "steps": 400, "dt": 0.1, "I": 1000.0, "V": [-70.0, -51.0]},
]

COSTS = """What the exponentials cost, in ns a value, float32, one core, measured once with jax 0.12: exp 0.24 (expm1
0.47); (exp(z) - 1) / z 0.10 by the polynomial near 0, 0.17 with the test whether all are near, 0.43 where some are
not (before: 0.62); `exprel` 0.56 (before: 0.93). Of the 5.4 ns of a HH neuron's step three exp, a sigmoid, two rates
by `exprel` and four (exp(z) - 1) / z take 3.

Tried and left: tables of the six rates over V, with interpolation: 12 % slower than the rates, at a relative error of
2e-6 with 4 096 entries, 1e-4 with 512. An exp of one's own by range reduction and a
polynomial: of degree 6 10 % faster at the same error, 3 % of HH's step; of degree 4 25 %, 4e-6; of degree 3 32 %,
1e-4. One test for all gates together: no gain.

The loop is one function on one thread: jax 0.12 makes it so whatever the size. With
`XLA_FLAGS=--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=0` its passes take all cores; for 100
000 neurons they then take 1.5 (HH) to 1.9 (AdEx, euler) times the processor time, so that it is for idle cores, and
more of them than two."""


class Simcore:
    """A task in simcore: a call runs it from the start and returns (seconds of run(), number of spikes)."""

    def __init__(self, task: dict[str, Any], devices: int | None = None) -> None:
        V = np.linspace(*task["V"], task["n"]) * mV
        if task["model"] == "HH":
            gates = {"m_initializer": 0.05293, "h_initializer": 0.59612, "n_initializer": 0.31768}
            cell: Any = sc.models.HH(task["n"], V_th=0 * mV, V_initializer=V, **gates)
        else:
            cell = sc.models.AdExIF.preset("brette_gerstner", task["n"], V_initializer=V, method=task["method"])
        self.runner = sc.DSRunner(cell, ["spike_count"], dt=task["dt"] * ms, progress_bar=False, devices=devices)
        self.duration, self.I = task["steps"] * task["dt"] * ms, task["I"] * pA
        start = time.perf_counter()
        self()
        self.first = time.perf_counter() - start

    def __call__(self) -> tuple[float, int]:
        self.runner.reset_state()
        start = time.perf_counter()
        counts = self.runner.run(self.duration, inputs=self.I).spike_count
        return time.perf_counter() - start, int(counts.sum())


class Compiled(Peer):
    """The loop written by hand."""

    def __init__(self, task: dict[str, Any]) -> None:
        numbers = [task["model"], task["method"], task["n"], task["steps"], task["dt"], task["I"], *task["V"]]
        self.directory = tempfile.TemporaryDirectory()
        loop = f"{self.directory.name}/loop"
        subprocess.run(["g++", "-O3", "-march=native", "-ffast-math", "-o", loop, LIMIT], check=True)
        self.start([loop, *map(str, numbers)])

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self.directory.cleanup()


def peers_of(task: dict[str, Any], brian2: str | None, brainpy: str | None) -> dict[str, Peer]:
    """Return the peers that are there, by the head of their column."""
    peers: dict[str, Peer] = {}
    if shutil.which("g++"):
        peers["by hand"] = Compiled(task)
    for threads, precision in itertools.product((1, 2), PRECISIONS) if brian2 else ():
        own = task | {"threads": threads, "precision": precision}
        peers[f"Brian2, threads: {threads}, {precision}"] = Peer(brian2, "neurons_brian2.py", own)
    if brainpy:
        peers["BrainPy"] = Peer(brainpy, "neurons_brainpy.py", task)
    return peers


def measure(
    task: dict[str, Any], brian2: str | None, brainpy: str | None, repetitions: int
) -> tuple[dict[str, str], dict[str, str]]:
    """Return a row of the table by the heads of its columns, and the versions of the peers."""
    peers, simcore = peers_of(task, brian2, brainpy), Simcore(task)
    others = {"on 2 devices": Simcore(task, 2)} | peers
    runs: dict[str, Any] = {"simcore (µs per step)": simcore} | others
    seconds: dict[str, list[float]] = {}
    versions = {}
    for repetition in range(repetitions + 1):
        counts = {}
        for name, run in runs.items():
            got = run()
            if isinstance(got, dict):
                versions[name.partition(",")[0]] = got["version"]
                if repetition and "whole" in got:
                    who, _, which = name.partition(", ")
                    seconds.setdefault(f"{who}, whole call, {which}", []).append(got["whole"] / task["steps"])
                got = got["seconds"], got["counts"]
            counts[name] = got[1]
            if repetition:
                seconds.setdefault(name, []).append(got[0] / task["steps"])
        assert max(counts.values()) <= 1.03 * min(counts.values()), counts
    for peer in peers.values():
        peer.__exit__()
    row = {"model, method, neurons": f"{task['model']}, {task['method']}, " + f"{task['n']:,}".replace(",", " ")}
    row["first run (s)"] = f"{simcore.first:.2f}"
    ours, (kept, precisions) = seconds[next(iter(runs))], faster(seconds)
    for name in sorted(kept, key=lambda name: "whole" in name):
        text = f"{1e6 * statistics.median(kept[name]):.3g}"
        times = f" (×{ratio(kept[name], ours):.2g})" if kept[name] is not ours else ""
        row[name] = text + times + (f", {precisions[name]}" if name in precisions else "")
    return row, {"g++" if name == "by hand" else name: version for name, version in versions.items()}


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--brian2", help="a Python interpreter that has brian2")
    parser.add_argument("--brainpy", help="a Python interpreter that has brainpy")
    parser.add_argument("--repetitions", type=int, default=7)
    args = parser.parse_args()
    sc.distributed.use_cpu_devices(2)
    measured = [measure(task, args.brian2, args.brainpy, args.repetitions) for task in TASKS]
    rows, versions = [list(row.values()) for row, _ in measured], measured[0][1]
    note = (
        "HH: dt 0.025 ms, in simcore and by hand with the gates first. AdEx: dt 0.1 ms, in Brian2 always by Euler. "
        f"float32, Brian2 the faster of float32 and float64; medians of {args.repetitions} runs in turns, in brackets "
        "the ratio to simcore, that of pairs. simcore: the whole call of run(), on one device, and on two with "
        "DSRunner(devices=2); it and BrainPy take the threads they get. Brian2: the loop as it reports it, and the "
        "whole call of the compiled program, which writes its results. BrainPy: the jitted loop and the sum of its "
        "counts."
    )
    text = "\n\n".join([table(list(measured[0][0]), rows), note, COSTS, machine(**versions)])
    print(text)
    if args.brian2 and args.brainpy:
        (RESULTS / "neurons.md").write_text(f"# Cost per step of HH and AdEx neurons\n\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
