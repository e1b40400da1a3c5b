"""Cost per step of a population of LIF neurons: simcore, Brian2 (C++ standalone), BrainPy; and of simcore's overheads.

    python benchmarks/single_neuron.py --peers path/to/python

`--peers` is an interpreter that has brian2 and brainpy; without it only simcore is measured. All run the same task
(measure.TASK), record spike counts only, and must agree on the counts within one spike for each neuron. They are
measured in turns, so that the load of the machine falls on all alike: compare ratios rather than times. Brian2 runs in
float32 and in float64; the faster is shown.
With peers it writes results/single_neuron.md and results/single_neuron.png beside this file.
"""

import argparse
import contextlib
import json
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from measure import PRECISIONS, RESULTS, STEPS, TASK, Simcore, faster, interleave, machine, ratio, table

mpl.use("Agg")
import matplotlib.pyplot as plt

PEERS = Path(__file__).parent / "peers"
SIMCORE, WHOLE = "simcore", ", whole call"
LABELS = {1: "1 neuron", 1_000: "1 000 neurons", 100_000: "100 000 neurons"}

FIRST_RUN = """
import time, simcore as sc
from simcore.units import mA, ms
runner = sc.DSRunner(sc.models.Lif(1), monitors=["spike_count"])
start = time.perf_counter()
runner.run(1000 * ms, inputs=25 * mA)
print(time.perf_counter() - start)
"""
IMPORT = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"


class Peer:
    """A peer's script in its own environment: a call runs the task once and returns its answer."""

    def __init__(self, python: str, script: str, task: dict[str, Any]) -> None:
        self.start([python, str(PEERS / script), json.dumps(task)])

    def start(self, command: list[str]) -> None:
        """Start the process."""
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def __call__(self) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        while line and not line.startswith("{"):  # what libraries print
            line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.process.args[1]} gave no answer; run it by hand to see why.")  # type: ignore[index]
        return json.loads(line)

    def __enter__(self) -> "Peer":
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def per_step(n: int, python: str | None, repetitions: int) -> tuple[dict[str, list[float]], dict[str, str], str]:
    """Return the seconds per step of each simulator for n neurons, in turns, the peers' versions, Brian2's float."""
    steps = STEPS[n]
    task = TASK | {"n": n, "steps": steps}
    simcore = Simcore(n, steps)
    versions: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        peers = []
        if python:
            scripts = [("single_neuron_brian2.py", task | {"precision": p}) for p in PRECISIONS]
            scripts.append(("single_neuron_brainpy.py", task))
            peers = [stack.enter_context(Peer(python, *script)) for script in scripts]
            for peer in peers:
                peer()  # compile one after the other, outside the measurement
        rounds: list[dict[str, float]] = []
        for _ in range(repetitions + 1):
            taken, counts = simcore()
            seconds = {SIMCORE: taken, SIMCORE + WHOLE: simcore.whole}
            for peer in peers:
                answer = peer()
                seconds |= answer["seconds"]
                versions |= answer["versions"]
                differ = np.abs(np.asarray(answer["counts"]) - counts).max()
                assert differ <= 1, f"{', '.join(answer['seconds'])}: {differ} spikes differ from simcore's"
            rounds.append(seconds)
    assert counts.min() >= 4
    kept, chosen = faster({name: [r[name] / steps for r in rounds[1:]] for name in rounds[0]})
    return kept, versions, next(iter(chosen.values()), "")


def fresh(code: str) -> Callable[[], float]:
    """Return a function that runs the code in a fresh process and returns the seconds it prints."""

    def run() -> float:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        return float(done.stdout)

    return run


def overheads(repetitions: int) -> str:
    """Return a table of what simcore costs besides the steps."""
    one = Simcore(1, STEPS[1])
    one()

    def second() -> float:
        one()
        return one.whole

    again = [second() for _ in range(5 * repetitions)]
    first = [fresh(FIRST_RUN)() for _ in range(max(5, repetitions // 2))]
    imports = interleave({m: fresh(IMPORT.format(m)) for m in ("simcore", "jax, pint")}, max(5, repetitions))
    own, base = imports["simcore"], imports["jax, pint"]
    rows = [
        ["second run() of 10 000 steps, 1 neuron", f"{1e3 * statistics.median(again):.2f} ms"],
        ["first run(), fresh process, check and compile included", f"{statistics.median(first):.2f} s"],
        ["import simcore", f"{statistics.median(own):.2f} s"],
        ["import jax, pint", f"{statistics.median(base):.2f} s"],
        ["import simcore / import jax, pint", f"{ratio(own, base):.2f}"],
    ]
    return table(["simcore", "median"], rows)


def steps_table(measured: dict[int, dict[str, list[float]]]) -> str:
    """Return a table of the medians and of the ratios to simcore, of whole calls to simcore's whole call."""
    rows = []
    for name in measured[1]:
        row = [name]
        for seconds in measured.values():
            times, ours = seconds[name], seconds[SIMCORE + WHOLE * name.endswith(WHOLE)]
            row.append(f"{1e6 * statistics.median(times):.3g} (×{ratio(times, ours):.2f})")
        rows.append(row)
    return table(["µs per step (ratio to simcore)", *(LABELS[n] for n in measured)], rows)


def plot(measured: dict[int, dict[str, list[float]]], path: Path) -> None:
    """Draw the medians as bars on a logarithmic scale."""
    names = [name for name in measured[1] if not name.endswith(WHOLE)]
    fig, ax = plt.subplots(figsize=(8, 4.2), layout="constrained")
    width = 0.8 / len(names)
    for k, name in enumerate(names):
        us = [1e6 * statistics.median(seconds[name]) for seconds in measured.values()]
        at = np.arange(len(measured)) + (k - (len(names) - 1) / 2) * width
        bars = ax.bar(at, us, 0.92 * width, label=name)
        ax.bar_label(bars, [f"{v:.2g}" if v < 10 else f"{v:.0f}" for v in us], padding=2, fontsize=9)
    ax.set_yscale("log")
    ax.set_xticks(range(len(measured)), [LABELS[n] for n in measured])
    ax.set_ylabel("µs per step of 0.1 ms")
    ax.set_title("LIF population, constant current, spike counts recorded")
    ax.margins(y=0.2)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, loc="upper left")
    path.parent.mkdir(exist_ok=True)
    fig.savefig(path, dpi=150)


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", help="a Python interpreter that has brian2 and brainpy")
    parser.add_argument("--repetitions", type=int, default=11)
    args = parser.parse_args()
    measured: dict[int, dict[str, list[float]]] = {}
    versions: dict[str, str] = {}
    precisions = []
    for n in STEPS:
        measured[n], found, precision = per_step(n, args.peers, args.repetitions)
        precisions.append(precision)
        versions |= found
    note = (
        "Leaky integrate-and-fire, hard reset, exponential Euler (Brian2: exact), dt 0.1 ms, float32, Brian2 the "
        f"faster of float32 and float64 ({', '.join(precisions)}); the loop alone and the whole call (10 000 steps, "
        f"1 000 for 100 000 neurons), medians of {args.repetitions} runs in turns, ratios of pairs. Whole calls: "
        "`run()` of simcore; Brian2's compiled program, which writes its results; BrainPy with its states set and the "
        "counts as a numpy array."
    )
    text = "\n\n".join([steps_table(measured), overheads(args.repetitions), note, machine(**versions)])
    print(text)
    if not args.peers:
        return
    plot(measured, RESULTS / "single_neuron.png")
    (RESULTS / "single_neuron.md").write_text(f"# Cost per step of LIF neurons\n\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
