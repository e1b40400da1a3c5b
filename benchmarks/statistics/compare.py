"""Statistics of the example networks in simcore against those of Brian2 and NEST.

    python benchmarks/statistics/compare.py [coba] [cuba] [brunel] [microcircuit]

Runs the networks of the examples over as many seeds as the reference files hold, compares rates, CV of intervals and
pairwise correlations of each population by Welch's test with Holm's correction over all of a network, and writes
results/statistics.md and the statistics, with versions, beside the reference as simcore_*.json.
"""

import importlib.metadata
import json
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from collect import as_json
from spike_statistics import compare, markdown, spike_statistics

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "examples"))
import brunel  # noqa: E402
import coba  # noqa: E402
import cuba  # noqa: E402
import microcircuit  # noqa: E402

import simcore as sc  # noqa: E402
from simcore.units import ms  # noqa: E402

REFERENCE = {
    "coba": "coba_brian2", "cuba": "cuba_brian2", "brunel": "brunel_brian2", "microcircuit": "microcircuit_nest",
}  # fmt: skip


def events(net: sc.Network, duration: float, inputs: Any = None) -> dict[str, tuple[Any, Any]]:
    """Run a network and return times (ms) and neurons by population."""
    own = [path for path, population in net.populations().items() if isinstance(population, sc.Neuron)]
    runner = sc.DSRunner(net, monitors={path: f"{path}.spike_events" for path in own}, progress_bar=False)
    mon = runner.run(duration * ms, inputs=inputs)
    return {path: (mon[path].times.m_as("ms"), mon[path].indices) for path in own}


def halves(times: Any, neurons: Any, n_E: int, n_I: int, prefix: str = "") -> dict[str, tuple[Any, Any, int]]:
    """Return the spikes of the excitatory and the inhibitory neurons of one population."""
    E = neurons < n_E
    return {f"{prefix}E": (times[E], neurons[E], n_E), f"{prefix}I": (times[~E], neurons[~E] - n_E, n_I)}


def one_step_less(net: sc.Network) -> sc.Network:
    """Return the network with V held as long as in Brian2, which holds it for one step less than tau_ref / dt.

    Not for jumps of V: Brian2 drops them for the whole of tau_ref, which decides in the fast regime of brunel.
    """
    net.cells.tau_ref = net.cells.tau_ref - 0.1 * ms  # type: ignore[attr-defined]
    return net


def run_coba(seed: int, end: float) -> Any:
    return halves(*events(one_step_less(coba.build(seed)), end, {"cells": coba.DRIVE})["cells"], 3200, 800)


def run_cuba(seed: int, end: float) -> Any:
    return halves(*events(one_step_less(cuba.build(seed)), end)["cells"], 3200, 800)


def run_brunel(seed: int, end: float) -> Any:
    found: dict[str, Any] = {}
    for name, (g, eta) in brunel.REGIMES.items():
        spikes = events(brunel.build(g, eta, seed), end)["cells"]
        found |= halves(*spikes, brunel.N_E, brunel.N_I, f"{name} ")
    return found


def run_microcircuit(seed: int, end: float) -> Any:
    net, inputs = microcircuit.build(0.1, seed)
    return {name: (*spikes, net.populations()[name].size) for name, spikes in events(net, end, inputs).items()}


RUN: dict[str, Callable[[int, float], Any]] = {
    "coba": run_coba, "cuba": run_cuba, "brunel": run_brunel, "microcircuit": run_microcircuit,
}  # fmt: skip


def measure(name: str, reference: dict[str, Any]) -> dict[str, Any]:
    """Return the statistics of simcore over the seeds of the reference."""
    found: dict[str, Any] = {}
    start, stop = reference["window_ms"]
    # Other seeds than the examples' first, so that nothing was chosen by them.
    for seed in range(101, 101 + len(reference["seeds"])):
        began = time.perf_counter()
        for population, (times, neurons, n) in RUN[name](seed, stop).items():
            for statistic, value in spike_statistics(times, neurons, n, start, stop).items():
                found.setdefault(population, {}).setdefault(statistic, []).append(value)
        print(f"{name}, seed {seed}: {time.perf_counter() - began:.1f} s", flush=True)
    return found


def main(names: list[str]) -> None:
    sections = []
    versions = {name: importlib.metadata.version(name) for name in ("simcore", "jax", "numpy")}
    about = {"python": platform.python_version()} | versions
    for name in names:
        reference = json.loads((HERE / "reference" / f"{REFERENCE[name]}.json").read_text())
        ours = measure(name, reference)
        result = about | {"window_ms": reference["window_ms"], "statistics": ours}
        (HERE / "reference" / f"simcore_{name}.json").write_text(as_json(result))
    for name in RUN:  # also those measured before
        file = HERE / "reference" / f"simcore_{name}.json"
        if file.exists():
            reference = json.loads((HERE / "reference" / f"{REFERENCE[name]}.json").read_text())
            ours = json.loads(file.read_text())["statistics"]
            rows = compare(ours, reference["statistics"])
            n = len(next(iter(ours.values()))["rate"])
            who = f"{reference.get('simulator', '')} {reference.get('version', '')}".strip()
            sections.append(f"## {name}, against {who}, {n} and {len(reference['seeds'])} seeds\n\n{markdown(rows)}\n")
    text = "# Statistics of networks\n\n" + "\n".join(sections)
    (HERE.parent / "results" / "statistics.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main(sys.argv[1:] or list(RUN))
