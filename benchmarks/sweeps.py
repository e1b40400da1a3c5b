"""A sweep of LIF neurons over tau and current: simcore on one device and two, the bare loop in JAX, Brian2, BrainPy.

    python benchmarks/sweeps.py --peers path/to/python

`--peers` is an interpreter that has brian2 and brainpy; without it only simcore and the bare loop are measured. All
run the same points, keep the spike counts only, and must agree on their sum within TOLERANCE. They are measured in
turns, so that the load of the machine falls on all alike: compare ratios rather than times. It writes sweeps.md and
sweeps.png into results beside this file.
"""

import argparse
import contextlib
import socket
import statistics
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import matplotlib as mpl
from measure import PRECISIONS, RESULTS, faster, machine, ratio, table
from single_neuron import Peer

mpl.use("Agg")
import matplotlib.pyplot as plt

# Leaky integrate-and-fire, hard reset, R = 1 ohm, V_rest = 0. In ms and mV (mA): (first, last, number) of tau and I.
TASK = {"V_th": 20.0, "V_reset": -5.0, "dt": 0.1, "tau": (5.0, 30.0, 250), "I": (0.0, 60.0, 400)}
TOLERANCE = 1e-3  # of the sum of the counts: float32 rounds a crossing to the next step now and then
SIMCORE = str(Path(__file__).parent / "sweep_simcore.py")


class Pair:
    """Two processes of one distributed run, which answer together."""

    def __init__(self, task: dict[str, Any]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        self.peers = [Peer(sys.executable, SIMCORE, task | {"address": address, "process": k}) for k in (0, 1)]

    def __call__(self) -> dict[str, Any]:
        with ThreadPoolExecutor(2) as both:
            return next(iter(both.map(lambda peer: peer(), self.peers)))

    def __enter__(self) -> "Pair":
        return self

    def __exit__(self, *error: object) -> None:
        with ThreadPoolExecutor(2) as both:  # each waits for the other
            list(both.map(lambda peer: peer.__exit__(), self.peers))


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", help="a Python interpreter that has brian2 and brainpy")
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--repetitions", type=int, default=3)
    options = parser.parse_args()
    points = TASK["tau"][2] * TASK["I"][2]
    task = TASK | {"steps": options.steps, "points": points}
    own = {
        "simcore, 1 device": {"how": "sweep", "devices": 1},
        "simcore, 2 devices": {"how": "sweep", "devices": 2},
        "simcore, 2 processes": {"how": "sweep", "devices": 1},
        "bare loop, 1 device": {"how": "bare", "devices": 1},
        "bare loop, 2 devices": {"how": "bare", "devices": 2},
    }
    with contextlib.ExitStack() as stack:
        runs: list[Any] = []
        for name, how in own.items():
            about = task | how | {"name": name}
            runs.append(
                stack.enter_context(Pair(about) if "processes" in name else Peer(sys.executable, SIMCORE, about))
            )
        if options.peers:
            scripts = [("sweep_brian2.py", {"threads": t, "precision": p}) for t in (1, 2) for p in PRECISIONS]
            for script, how in [*scripts, ("sweep_brainpy.py", {})]:
                runs.append(stack.enter_context(Peer(options.peers, script, task | how)))
        versions: dict[str, str] = {}
        rounds: list[dict[str, float]] = []
        for _ in range(options.repetitions + 1):
            answers = [run() for run in runs]
            sums = [answer["sum"] for answer in answers]
            assert max(sums) - min(sums) <= TOLERANCE * max(sums), f"they do not agree: {sums}"
            rounds.append({name: s for answer in answers for name, s in answer["seconds"].items()})
            versions |= {k: v for answer in answers for k, v in answer["versions"].items()}
    seconds, precisions = faster({name: [r[name] for r in rounds[1:]] for name in rounds[0]})
    seconds = {f"{name}, {precisions[name]}" if name in precisions else name: s for name, s in seconds.items()}
    report(seconds, points * options.steps, versions, options)


def report(seconds: dict[str, list[float]], work: float, versions: dict[str, str], options: Any) -> None:
    """Write the table and the picture."""
    rate = {name: work / statistics.median(s) / 1e9 for name, s in seconds.items()}
    rows = [
        [name, f"{rate[name]:.2f}", *(f"{ratio(s, seconds[f'simcore, {n}']):.2f}" for n in ("1 device", "2 devices"))]
        for name, s in seconds.items()
    ]
    head = ["", "10^9 points x steps per second", "time / simcore's on 1 device", "on 2 devices"]
    text = f"""# A sweep over tau and current

{table(head, rows)}

{work / options.steps:,.0f} LIF neurons with hard reset, {options.steps:,} steps of 0.1 ms, float32; only counts
of spikes are kept.
Medians of {options.repetitions} runs in turns, ratios of pairs. simcore: the whole call of run(). Bare loop: written by
hand in JAX, factors hoisted, in batches that fit in the cache. Brian2: C++ standalone, a neuron for each point, the
loop as it reports it and the whole call of the compiled program, of float32 and float64 the faster. BrainPy: `jax.vmap`
of a `for_loop` over one neuron, jitted.

{machine(**versions)}
"""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "sweeps.md").write_text(text)
    print(text)
    figure, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
    names = [name for name in rate if "whole call" not in name][::-1]
    ax.barh(names, [rate[n] for n in names], color=["C0" if n.startswith("simcore") else "0.7" for n in names])
    ax.bar_label(ax.containers[0], fmt=" %.2f")
    ax.set(xlabel="$10^9$ points x steps per second", title="A sweep of LIF neurons")
    ax.spines[["top", "right"]].set_visible(False)
    figure.savefig(RESULTS / "sweeps.png", dpi=130)


if __name__ == "__main__":
    main()
