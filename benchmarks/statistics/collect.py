"""What the scripts of this folder share: the command line, one run a seed, and the file of results."""

import argparse
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from spike_statistics import BIN, MIN_INTERVALS, spike_statistics

Spikes = dict[str, tuple[np.ndarray, np.ndarray, int]]  # by population: times (ms), indices, number of neurons


def collect(about: dict[str, Any], window: tuple[float, float], simulate: Callable[[int], Spikes]) -> None:
    """Run `simulate` for seeds 1, 2, ... and write `about` and the statistics over the window (ms) as JSON.

    The command line says how many seeds, and where to write.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=about["seeds"])
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    seeds = list(range(1, args.seeds + 1))
    statistics: dict[str, dict[str, list[float]]] = {}
    sizes: dict[str, int] = {}
    start = time.perf_counter()
    for seed in seeds:
        for population, (times, indices, n) in simulate(seed).items():
            sizes[population] = n
            for name, value in spike_statistics(times, indices, n, *window).items():
                statistics.setdefault(population, {}).setdefault(name, []).append(value)
        print(f"seed {seed}, {time.perf_counter() - start:.0f} s:", summary(statistics), flush=True)
    measure = {"window_ms": window, "bin_ms": BIN, "min_intervals": MIN_INTERVALS}
    result = about | measure | {"sizes": sizes, "seeds": seeds, "statistics": statistics}
    args.out.write_text(as_json(result))


def as_json(result: dict[str, Any]) -> str:
    """Return JSON with each list in a line of its own."""
    text = json.dumps(result, indent=1)
    return re.sub(r"\[([^][]*)\]", lambda found: f"[{' '.join(found[1].split())}]", text) + "\n"


def summary(statistics: dict[str, dict[str, list[float]]]) -> str:
    """Return the statistics of the last seed in one line."""
    parts = []
    for population, named in statistics.items():
        parts.append(" ".join([population, *(f"{values[-1]:.3g}" for values in named.values())]))
    return ", ".join(parts)
