"""Training through spikes: a step of gradients in simcore, snnTorch, Norse and BrainPy.

    python benchmarks/training.py --brainpy path/to/python --torch path/to/python

The interpreters are those of environments that have BrainPy, and snnTorch and Norse. Each runs in a process of its own;
a line on its standard input makes it take `updates` steps of Adam, and it answers with a line of JSON: the seconds of
one, the losses, the largest memory of the process (MB). Before these it computes the first gradient, `slopes`, and says
after how long, from the model to the result. They are asked in turns: compare the ratios. training.md and training.png
go into results beside this file.

Two tasks. Feedforward: 784 channels, 256 neurons and 10 labels, 100 steps of 1 ms, a batch of 64, the cross-entropy of
the counts of spikes; V decays by 0.9 a step and a soft reset takes off 1 mV after that, as `snntorch.Leaky` has it, and
the resets of simcore and snnTorch let no derivatives through. Recurrent: 40 channels, 256 neurons with thresholds that
adapt, connected to all, 2 readouts, 1 000 steps, a batch of 32. All start with the same weights.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import training_simcore
from cases_turns import Answer, answer
from measure import RESULTS, machine, ratio, table

mpl.use("Agg")
import matplotlib.pyplot as plt

HERE = Path(__file__).parent
BATCHES = 4
LONG = 10_000  # steps, of the memory
TASKS: dict[str, dict[str, Any]] = {
    "feedforward": {"sizes": (784, 256, 10), "steps": 100, "batch": 64, "updates": 10,
                    "weights": {"into": 2.0, "out": 2.0}, "decay": 0.9, "slope": 25.0, "rate": 1e-3},
    "recurrent": {"sizes": (40, 256, 2), "steps": 1_000, "batch": 32, "updates": 2,
                  "weights": {"into": 12.0, "back": 1.0, "out": 2.0}, "slope": 10.0, "rate": 1e-3},
}  # fmt: skip
WHO = {"feedforward": ("snnTorch", "Norse", "BrainPy"), "recurrent": ("Norse", "BrainPy")}
NOTE = (
    "A step: the gradient of a batch and Adam's update; medians, in turns, torch on {} threads. To the first: from "
    "the making of the model to its first gradient, with what is compiled. MB: the largest memory of the process. The "
    "first gradient is compared where all is the same, with snnTorch, as the largest difference in parts of the "
    "largest value. BrainPy's resets let derivatives through, and those of its ALIF take off the threshold at rest; "
    "Norse's neurons take Euler's steps, reset to a value, and in the recurrent task have currents that decay."
)


def data(task: dict[str, Any], path: Path) -> None:
    """Write spikes, (batches, T, batch, channels), labels, (batches, batch), and weights."""
    rng = np.random.default_rng(1)
    channels, n, labels = task["sizes"]
    y = rng.integers(0, labels, (BATCHES, task["batch"]))
    often = 0.1 * rng.random((labels, channels)) ** 2
    x = rng.random((BATCHES, task["steps"], task["batch"], channels)) < often[y][:, None]
    shapes = {"into": (channels, n), "back": (n, n), "out": (n, labels)}
    weights = {k: rng.normal(0, sd / shapes[k][0] ** 0.5, shapes[k]) for k, sd in task["weights"].items()}
    weights = {k: weight.astype(np.float32) for k, weight in weights.items()}
    np.savez(path, x=x.astype(np.float32), y=y, **weights)


class Worker:
    """One that trains, and what it answered."""

    def __init__(self, who: str, command: list[str], task: dict[str, Any]) -> None:
        self.who, self.slopes, self.answers = who, Path(task["slopes"]), list[Answer]()
        self.process = subprocess.Popen(
            [*command, json.dumps(task)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.begun = answer(self.process)

    def __call__(self) -> None:
        print(file=self.process.stdin, flush=True)
        self.answers.append(answer(self.process))


def commands(kind: str, options: argparse.Namespace) -> dict[str, list[str]]:
    """Return what starts whom."""
    found = {"simcore": [sys.executable, str(HERE / "training_simcore.py")]}
    for who in WHO[kind]:
        name = "brainpy" if who == "BrainPy" else "torch"
        if python := getattr(options, name):
            found[who] = [python, str(HERE / "peers" / f"training_{name}.py")]
    return found


def measured(kind: str, options: argparse.Namespace, folder: Path) -> list[Worker]:
    """Return all who have the task, after they have trained in turns."""
    task = TASKS[kind] | {"kind": kind, "data": str(folder / f"{kind}.npz"), "threads": options.threads}
    data(task, Path(task["data"]))
    workers = []
    for who, command in commands(kind, options).items():
        workers.append(Worker(who, command, task | {"peer": who, "slopes": str(folder / f"{kind} {who}.npz")}))
        print(f"{kind}, {who}: {workers[-1].begun}", flush=True)
    for _ in range(options.repetitions):
        for worker in workers:
            worker()
    return workers


def rows(kind: str, workers: list[Worker]) -> list[list[str]]:
    """Return a row for each."""
    ours = workers[0]
    lines = []
    for w in workers:
        seconds, own = ([a["seconds"] for a in x.answers] for x in (w, ours))
        times = "" if w is ours else f" (×{ratio(seconds, own):.2g})"
        ms = f"{1e3 * statistics.median(seconds):.3g}{times}"
        theirs, slopes = np.load(w.slopes), np.load(ours.slopes)
        off = max((float(abs(theirs[k] - slopes[k]).max() / abs(slopes[k]).max()) for k in theirs.files), default=None)
        far = "" if w is ours or w.who != "snnTorch" or off is None else f"{off:.1g}"
        lines.append([f"{kind}, {w.who}", ms, f"{w.begun['first']:.2g}", f"{w.answers[-1]['memory']:.0f}", far])
    return lines


def plot(trained: dict[str, list[Worker]], path: Path) -> None:
    """Draw the losses."""
    fig, axes = plt.subplots(1, len(trained), figsize=(5.5 * len(trained), 3.6), squeeze=False, layout="constrained")
    for ax, (kind, workers) in zip(axes[0], trained.items(), strict=True):
        for k, w in enumerate(workers):
            losses = np.concatenate([a["losses"] for a in w.answers])
            ax.plot(losses, label=w.who, lw=4 - k, alpha=0.8, ls="-" if k == 0 else "--")
        ax.set(title=kind, xlabel="update", ylabel="cross-entropy")
        ax.legend(frameon=False)
    fig.savefig(path, dpi=130)
    plt.close(fig)


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--brainpy", help="a Python interpreter that has it")
    parser.add_argument("--torch", help="a Python interpreter that has snntorch and norse")
    parser.add_argument("--threads", type=int, default=2, help="of torch")
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--tasks", nargs="+", choices=tuple(TASKS), default=tuple(TASKS))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        trained = {}
        lines, versions = [], dict[str, str]()
        for kind in options.tasks:
            workers = trained[kind] = measured(kind, options, Path(folder))
            lines += rows(kind, workers)
            for w in workers:
                versions |= w.answers[-1]["versions"]
                w.process.stdin.close()
                w.process.wait()
    head = ["", "ms of a step (ratio to simcore)", "s to the first", "MB", "first gradient, off by"]
    task = TASKS["recurrent"]
    with tempfile.TemporaryDirectory() as folder:
        data(task, Path(folder) / "data.npz")
        whole, some = training_simcore.memory(task, np.load(Path(folder) / "data.npz"), LONG)
    about = f"{1e-6 * whole:.0f} MB; with `checkpoint=True` {1e-6 * some:.0f} MB"
    memory = f"The gradient of {LONG} steps of the recurrent task needs, beside the input, {about}."
    parts = ["# Training through spikes", table(head, lines), memory, NOTE.format(options.threads), machine(**versions)]
    text = "\n\n".join(parts) + "\n"
    (RESULTS / "training.md").write_text(text, encoding="utf-8")
    plot(trained, RESULTS / "training.png")
    print(text)


if __name__ == "__main__":
    main()
