"""Cost per step of COBA, CUBA and COBAHH: simcore, Brian2 (C++ standalone), NEST, BrainPy; and simcore's costs.

    python benchmarks/network.py --peers path/to/python [--nest path/to/python]

`--peers` is an interpreter that has brian2, brainpy and numba, `--nest` one that has nest, if that is another (what
they lack is left out); without them only simcore is measured. All run the same task (network_task.py) and record all
spikes. They are measured in turns, so that the load of the machine falls on all alike: compare ratios rather than
times. The mean rates must agree within TOLERANCE. It writes network.md and network.png into --out, by default results
beside this file, after each network.
"""

import argparse
import itertools
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from measure import PRECISIONS, RESULTS, machine, ratio, table
from network_costs import costs, size_name
from network_task import CORES, SIMCORE, in_turns, task

mpl.use("Agg")
import matplotlib.pyplot as plt

TOLERANCE = 0.1  # of the median rate; another draw of the connections changes the rate of 4 000 neurons by 5 % (sd)
LARGEST_NEST = 40_000
THREADS = ("Brian2", "Brian2, whole call", "NEST")  # each number of threads has a row; of others the better is shown
BARS = ("simcore", "Brian2", "NEST", "BrainPy bp.dyn", "BrainPy brainpy.state")
NOTE = (
    "Networks of Brette et al. (2007) after Vogels and Abbott (2005), 80 synapses a neuron; dt 0.1 ms, float32 "
    "(Brian2: the faster of float32 and float64), "
    "simcore's default methods (exponential Euler for COBA, exact for CUBA); COBAHH: dt 0.05 ms, "
    "exponential Euler in all. The time loop alone with all spikes recorded. Medians of {} runs in turns, ratios of "
    "pairs. "
    "simcore: the whole call of run(), spikes as events. Brian2: C++ standalone, the loop as "
    "it reports it, and the whole call of the compiled program, which draws the connections and begins anew, over all "
    "its steps. NEST: float64, COBA with an adaptive Runge-Kutta method, CUBA exactly; without a delay it has one "
    "of 0.1 ms. BrainPy: spikes as an array of truth values (steps, neurons); compressed rows of brainevent, whose "
    "numba kernels are called through Python in each step. simcore and BrainPy ran pinned to one core and free on all: "
    "the better is shown."
)


@dataclass
class Row:
    """What was measured of one simulator: seconds per step of each round, the mean rate (Hz), cores, precision."""

    seconds: list[float]
    rate: float
    cores: int
    precision: str

    @property
    def us(self) -> float:
        """Return the median of the µs per step."""
        return 1e6 * statistics.median(self.seconds)


Rows = dict[str, Row]
Network = tuple[str, float]  # the model and the delay
Script = tuple[str, str, dict[str, Any]]  # interpreter, file, task


def scripts(model: str, n: int, delay: float, pythons: dict[str, str | None]) -> dict[Any, Script]:
    """Return what to run, by name and cores."""
    files = {"simcore": (sys.executable, str(SIMCORE))}
    files |= {name: (python, f"network_{name}.py") for name, python in pythons.items() if python}
    if n > LARGEST_NEST or model == "cobahh":
        files.pop("nest", None)
    made = {}
    for (k, command), c in itertools.product(files.items(), sorted({1, CORES})):
        for p in PRECISIONS if k == "brian2" else ("",):
            made[k, c, p] = (*command, task(model, n, delay, cores=c, precision=p))
    return made


def measure(
    model: str, n: int, delay: float, pythons: dict[str, str | None], repetitions: int
) -> tuple[Rows, dict[str, str]]:
    """Return the rows of the table for one network, and the versions of the peers."""
    _, rounds = in_turns(scripts(model, n, delay, pythons), repetitions)
    steps, rows, versions = task(model, n, delay)["steps"], {}, {}
    for key, answer in rounds[0].items():
        versions |= answer["versions"]
        for name in answer["seconds"]:
            seconds = [r[key]["seconds"][name] / steps for r in rounds]
            row = Row(seconds, statistics.mean(r[key]["rates"][name] for r in rounds), *key[1:])
            label = f"{name}, {row.cores} thread{'s' * (row.cores > 1)}" if name in THREADS else name
            if label not in rows or row.us < rows[label].us:
                rows[label] = row
    return rows, versions


def disagreement(rows: Rows) -> str:
    """Return which rates are too far from the median rate of all, or an empty text."""
    middle = statistics.median(row.rate for row in rows.values())
    far = [f"{name} {row.rate:.3g}" for name, row in rows.items() if abs(row.rate - middle) > TOLERANCE * middle]
    return f"{', '.join(far)} Hz, median {middle:.3g} Hz" if far else ""


def title(network: Network) -> str:
    """Return the name of a network."""
    model, delay = network
    return f"{model.upper()}, {f'delay {delay:g} ms' if delay else 'no delay'}"


def tables(network: Network, measured: dict[int, Rows]) -> str:
    """Return a table of the medians, the ratios to simcore and the rates; a column for each size."""
    names = list(dict.fromkeys(name for rows in measured.values() for name in rows))
    lines = []
    for name in names:
        cells = [name]
        for rows in measured.values():
            row = rows.get(name)
            if row is None:
                cells.append("–")
                continue
            cores = f" {row.precision}" if row.precision else "" if name.startswith(THREADS) else f" on {row.cores}"
            times = ratio(row.seconds, rows["simcore"].seconds)
            cells.append(f"{row.us:.3g}{cores} (×{times:.2f}), {row.rate:.3g} Hz")
        lines.append(cells)
    head = ["µs per step on how many cores (ratio to simcore), rate", *(f"{size_name(n)} neurons" for n in measured)]
    return f"## {title(network)}\n\n{table(head, lines)}"


def bars(ax: Any, measured: dict[int, Rows]) -> None:
    """Draw the better of the threads or cores of each simulator."""
    for k, bar in enumerate(BARS):
        us = []
        for rows in measured.values():
            us.append(min((row.us for name, row in rows.items() if name.startswith(bar)), default=np.nan))
        width = 0.85 / len(BARS)
        at = np.arange(len(us)) + (k - (len(BARS) - 1) / 2) * width
        drawn = ax.bar(at, us, 0.92 * width, label=bar)
        text = ["" if np.isnan(v) else f"{v:.2g}" if v < 10 else f"{v:.0f}" for v in us]
        ax.bar_label(drawn, text, padding=2, fontsize=7)
    ax.set_yscale("log")
    ax.set_xticks(range(len(measured)), [size_name(n) for n in measured])
    ax.margins(y=0.15)
    ax.spines[["top", "right"]].set_visible(False)


def plot(measured: dict[Network, dict[int, Rows]], path: Path) -> None:
    """Draw a panel for each network, one row for each model."""
    models = list(dict.fromkeys(model for model, _ in measured))
    delays = list(dict.fromkeys(delay for _, delay in measured))
    fig, axes = plt.subplots(len(models), len(delays), figsize=(5.5 * len(delays), 3.4 * len(models)), squeeze=False,
                             sharey=True, layout="constrained")  # fmt: skip
    for (model, delay), sizes in measured.items():
        ax = axes[models.index(model), delays.index(delay)]
        bars(ax, sizes)
        ax.set_title(title((model, delay)), fontsize=11)
    for ax in axes[:, 0]:
        ax.set_ylabel("µs per step")
    for ax in axes[-1]:
        ax.set_xlabel("neurons")
    fig.legend(
        *axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=1 + 2 * len(delays), frameon=False
    )
    fig.savefig(path, dpi=150)
    plt.close(fig)


def arguments() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", help="a Python interpreter that has brian2, brainpy and numba")
    parser.add_argument("--nest", help="one that has nest, by default that of --peers")
    parser.add_argument("--sizes", type=int, nargs="+", default=[4_000, 40_000, 400_000])
    parser.add_argument("--models", nargs="+", choices=("coba", "cuba", "cobahh"), default=["coba", "cuba"])
    parser.add_argument("--delays", type=float, nargs="+", default=[0.0, 1.5], help="ms; 0: none")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--no-costs", action="store_true", help="leave out the section about simcore alone")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the folder of the results")
    return parser.parse_args()


def main() -> None:
    """Measure, print, and write the results."""
    args = arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    pythons = {"brian2": args.peers, "nest": args.nest or args.peers, "brainpy": args.peers}
    section = "" if args.no_costs else costs(args.sizes, args.repetitions)
    measured: dict[Network, dict[int, Rows]] = {(m, d): {} for m in args.models for d in args.delays}
    versions: dict[str, str] = {}
    doubts = []
    for n in args.sizes:
        for network, sizes in measured.items():
            model, delay = network
            sizes[n], found = measure(model, n, delay, pythons, args.repetitions)
            versions |= found
            print(f"{title(network)}, {n}:", *(f"{k} {row.us:.3g} µs;" for k, row in sizes[n].items()), flush=True)
            wrong = disagreement(sizes[n]) if n >= 4_000 else ""
            doubts += [f"Rates disagree: {title(network)}, {size_name(n)} neurons: {wrong}."] if wrong else []
            done = {key: rows for key, rows in measured.items() if rows}
            parts = [*(tables(key, rows) for key, rows in done.items()), NOTE.format(args.repetitions), *doubts]
            text = "\n\n".join([*parts, *([section] if section else []), machine(**versions)])
            (args.out / "network.md").write_text(f"# Cost per step of networks\n\n{text}\n", encoding="utf-8")
            plot(done, args.out / "network.png")
    print(text)
    if doubts:
        raise SystemExit("\n".join(doubts))


if __name__ == "__main__":
    main()
