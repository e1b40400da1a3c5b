"""What the benchmarks of one neuron share: the task, simcore's side of it, interleaved timing, the report."""

import importlib.metadata
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np

import simcore as sc
from simcore.runners import loop
from simcore.units import mA, ms, mV, ohm

RESULTS = Path(__file__).parent / "results"
LOAD = os.getloadavg()[0] if hasattr(os, "getloadavg") else None  # at the start, before the benchmark adds to it
VECTORS = {"avx512f": "AVX-512, 512 bit", "avx2": "AVX2, 256 bit", "asimd": "NEON, 128 bit", "sse2": "SSE2, 128 bit"}

# Leaky integrate-and-fire, hard reset, constant current above the rheobase of 20 mA: one spike each 18 ms. float32.
# In ms, mV, ohm, mA; V starts evenly spread from 0 to V_last, so that the neurons do not all spike together.
TASK = {"tau": 10.0, "V_rest": 0.0, "V_reset": -5.0, "V_th": 20.0, "R": 1.0, "I": 25.0, "dt": 0.1, "V_last": 18.0}
STEPS = {1: 10_000, 1_000: 10_000, 100_000: 1_000}  # by population size


def initial_V(n: int) -> np.ndarray:
    """Return V at the start, (n,), mV."""
    return np.linspace(0.0, TASK["V_last"], n, dtype=np.float32)


class Simcore:
    """The task in simcore: a call runs it from the start and returns (seconds in the compiled loop, spike counts).

    The loop's seconds are those inside `advance`, its dispatch included; `whole` keeps those of the last run() call.
    """

    def __init__(self, n: int, steps: int) -> None:
        p = TASK
        self.neuron = sc.models.Lif(
            n,
            V_rest=p["V_rest"] * mV,
            V_reset=p["V_reset"] * mV,
            V_th=p["V_th"] * mV,
            R=p["R"] * ohm,
            tau=p["tau"] * ms,
            spk_reset="hard",
            V_initializer=initial_V(n) * mV,
        )
        self.runner = sc.DSRunner(self.neuron, monitors=["spike_count"], dt=p["dt"] * ms, progress_bar=False)
        self.duration, self.current = steps * p["dt"] * ms, p["I"] * mA
        self.whole = 0.0

    def __call__(self) -> tuple[float, np.ndarray]:
        self.runner.reset_state()
        inner, seconds = loop.advance, []

        def timed(*args: Any) -> Any:
            start = time.perf_counter()
            out = jax.block_until_ready(inner(*args))
            seconds.append(time.perf_counter() - start)
            return out

        loop.advance = timed
        try:
            start = time.perf_counter()
            counts = self.runner.run(self.duration, inputs=self.current).spike_count
            self.whole = time.perf_counter() - start
        finally:
            loop.advance = inner
        return sum(seconds), counts


def interleave(runs: dict[str, Callable[[], float]], repetitions: int) -> dict[str, list[float]]:
    """Return the seconds that each run reports, measured A B C A B C ... after one round of warm-up."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for repetition in range(repetitions + 1):
        for name, run in runs.items():
            got = run()
            if repetition:
                seconds[name].append(got)
    return seconds


def ratio(numerator: list[float], denominator: list[float]) -> float:
    """Return the median of the ratios of paired measurements: what the machine's load does to both cancels."""
    return statistics.median(a / b for a, b in zip(numerator, denominator, strict=True))


PRECISIONS = ("float32", "float64")


def faster(seconds: dict[str, list[float]]) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Return the seconds, of what was measured in both precisions those of the faster; and which that was.

    The name of such a measurement ends with its precision, and loses it.
    """
    kept, chosen = {}, {}
    for name, each in seconds.items():
        base, _, precision = name.rpartition(", ")
        if precision not in PRECISIONS:
            kept[name] = each
        elif base not in kept or statistics.median(each) < statistics.median(kept[base]):
            kept[base], chosen[base] = each, precision
    return kept, chosen


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a markdown table."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def vectors() -> str:
    """Return the widest vectors that the processor has, where Linux tells."""
    about = Path("/proc/cpuinfo")
    flags = set(about.read_text().split()) if about.exists() else set()
    return next((name for flag, name in VECTORS.items() if flag in flags), "vectors unknown")


def memory_of() -> float:
    """Return the largest memory that the process has had, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def machine(**versions: str) -> str:
    """Return the machine, its load at the start and the versions in one line, without names of hosts or paths."""
    own = {name: importlib.metadata.version(name) for name in ("simcore", "jax", "jaxlib", "numpy")}
    text = ", ".join(f"{name} {version}" for name, version in (own | versions).items())
    load = "" if LOAD is None else f"; load at the start {LOAD:.1f}"
    hardware = f"{os.cpu_count()} cores ({platform.machine()}; {vectors()}), {platform.system()}{load}"
    return f"{hardware}; Python {platform.python_version()}, {text}."
