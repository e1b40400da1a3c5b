"""Long runs: the memory of a process over its run, and what chunks, the progress bar and the NaN watch cost.

    python benchmarks/long_runs.py

Two runs, each in a process of its own, which notes how much memory it holds ten times a second: one neuron for 10^8
steps, its spikes streamed to disk, with running statistics; and 10^5 neurons for 10^5 steps with V of all, each 10 ms,
streamed to disk. Then DSRunner against one bare `lax.scan` of the same step, both compiled, in turns.
Writes results/long_runs.md and results/long_runs.png beside this file.
"""

import argparse
import contextlib
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import matplotlib as mpl
import numpy as np
from measure import RESULTS, TASK, initial_V, interleave, machine, ratio, table

import simcore as sc
from simcore import measure
from simcore.step import pure as step
from simcore.step.signal import ConstantSignal
from simcore.units import mA, ms, mV, ohm

mpl.use("Agg")
import matplotlib.pyplot as plt

MIB = 2**20
LIMIT = 3.0  # %, of the overheads


def neurons(n: int) -> sc.models.Lif:
    """Return the population of the task."""
    p = TASK
    return sc.models.Lif(
        n, V_rest=p["V_rest"] * mV, V_reset=p["V_reset"] * mV, V_th=p["V_th"] * mV, R=p["R"] * ohm, tau=p["tau"] * ms,
        spk_reset="hard", V_initializer=initial_V(n) * mV,
    )  # fmt: skip


# ---------------------------------------------------------------- memory


def resident() -> float:
    """Return the memory that this process holds now, MiB; files that it reads through the page cache left out."""
    with open("/proc/self/status") as file:
        kib = {k: int(v.split()[0]) for k, v in (line.split(":", 1) for line in file) if k in ("RssAnon", "RssShmem")}
    return sum(kib.values()) / 1024


@contextlib.contextmanager
def watched(every: float = 0.1) -> Iterator[list[tuple[float, float]]]:
    """Yield a list that grows by (seconds, MiB) while the block runs."""
    noted: list[tuple[float, float]] = []
    started, over = time.perf_counter(), threading.Event()

    def note() -> None:
        while True:
            noted.append((time.perf_counter() - started, resident()))
            if over.wait(every):
                return

    thread = threading.Thread(target=note, daemon=True)
    thread.start()
    try:
        yield noted
    finally:
        over.set()
        thread.join()
        noted.append((time.perf_counter() - started, resident()))


def one_neuron() -> dict[str, Any]:
    """Return the monitors of one neuron."""
    return {"spikes": "spike_events", "mean": measure.mean("V"), "variance": measure.variance("V"),
            "rate": measure.firing_rate,
            "intervals": measure.interval_histogram(bins=np.arange(51) * ms)}  # fmt: skip


def many_neurons() -> dict[str, Any]:
    """Return the monitors of many neurons."""
    return {"V": sc.Record("V", every=10 * ms), "rate": measure.firing_rate}


def child(n: int, steps: int, folder: str) -> dict[str, Any]:
    """Run n neurons and return the memory over time, and what the traces would have taken."""
    monitors = one_neuron() if n == 1 else many_neurons()
    runner = sc.DSRunner(neurons(n), monitors, dt=TASK["dt"] * ms, progress_bar=False, store=Path(folder) / "run")
    runner.run(1000 * TASK["dt"] * ms, inputs=TASK["I"] * mA)  # compiled, before the memory is noted
    before = resident()
    started = time.perf_counter()
    with watched() as noted:
        mon = runner.run(steps * TASK["dt"] * ms, inputs=TASK["I"] * mA)
    seconds = time.perf_counter() - started
    rate = float(np.mean(mon.rate.m_as("Hz")))
    disk = sum(file.stat().st_size for file in (Path(folder) / "run").iterdir())
    period = np.ceil(TASK["tau"] * np.log((25.0 + 5.0) / (25.0 - 20.0)) / TASK["dt"]) * TASK["dt"]
    assert abs(rate * period / 1000 - 1) < 0.01 or steps < 10**4, f"{rate} Hz is not the closed form's"
    return {"n": n, "steps": steps, "seconds": seconds, "noted": noted, "before": before, "disk": disk / MIB,
            "trace": steps * n * 4 / MIB}  # fmt: skip


def in_own_process(n: int, steps: int) -> dict[str, Any]:
    """Return `child` of a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--child", str(n), str(steps), folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def growth(run: dict[str, Any]) -> float:
    """Return by how much the memory grew from the first tenth of a run to its last, MiB: medians."""
    mib = [m for _, m in run["noted"]]
    tenth = max(1, len(mib) // 10)
    return statistics.median(mib[-tenth:]) - statistics.median(mib[tenth : 2 * tenth] or mib)


def power(n: int) -> str:
    """Return a number with spaces between thousands."""
    return f"{n:,}".replace(",", " ")


def memory_table(runs: list[dict[str, Any]]) -> str:
    """Return a table of the runs."""
    rows = []
    for run in runs:
        peak = max(m for _, m in run["noted"])
        rows.append([
            f"{power(run['n'])} neurons, {power(run['steps'])} steps", f"{run['seconds']:.3g}", f"{run['before']:.0f}",
            f"{peak:.0f}", f"{growth(run):+.1f}", f"{run['disk']:.0f}", f"{run['trace']:.0f}",
        ])  # fmt: skip
    head = ["run", "s", "before (MiB)", "peak (MiB)", "growth, 2nd to last tenth (MiB)", "on disk (MiB)",
            "V of all steps would take (MiB)"]  # fmt: skip
    return table(head, rows)


def plot(runs: list[dict[str, Any]], path: Path) -> None:
    """Draw memory over the run."""
    figure, axes = plt.subplots(1, len(runs), figsize=(4.6 * len(runs), 3.6), layout="constrained", sharey=True)
    for ax, run in zip(axes, runs, strict=True):
        t, mib = np.array(run["noted"]).T
        ax.plot(run["steps"] * t / run["seconds"], mib, label="the process")
        ax.axline((0, run["before"]), (run["steps"], run["before"] + run["trace"]), color="gray", ls="--", lw=0.9,
                  label="with V of all steps in memory")  # fmt: skip
        ax.set(xlim=(0, run["steps"]), ylim=(0, 2 * mib.max()), xlabel="step")
        ax.set_title(f"{power(run['n'])} neuron{'s' * (run['n'] > 1)}, {power(run['steps'])} steps", fontsize=10)
        ax.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("memory (MiB)")
    axes[0].legend(frameon=False, loc="lower right")
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=150)


# ---------------------------------------------------------------- overheads


class Bare:
    """The task as one scan of the pure step, without a chunk, a check or a bar: a call returns its seconds."""

    def __init__(self, n: int, steps: int) -> None:
        model, signal = neurons(n), ConstantSignal(TASK["I"] * mA)
        model.ensure_state()
        call = step.with_signal(signal)
        clock = step.clock_arrays(0, TASK["dt"], 0.0, 0)
        inputs, _ = step.signal_arrays(signal, 0, 1, 1, TASK["dt"])
        params, self.states = model.kernel_params(), step.raw_states(model)

        @jax.jit
        def run(states: Any) -> Any:
            def one(carry: Any, k: Any) -> Any:
                states, count = carry
                env = step.step_environment(clock, prepared, k)
                states, spike = step.pure_step(model, lambda m, x: (call(m, x), m.get_spike() != 0)[1], params, states,
                                               (inputs, k), env)  # fmt: skip
                return (states, count + spike), None

            prepared = step.prepare(model, call, params, states, (inputs, 0), step.step_environment(clock, {}))
            return jax.lax.scan(one, (states, jnp.zeros(n, jnp.int32)), jnp.arange(steps, dtype=jnp.int32))[0]

        self.run = run

    def __call__(self) -> float:
        started = time.perf_counter()
        _, self.count = jax.block_until_ready(self.run(self.states))
        return time.perf_counter() - started


class Chunks:
    """The same by DSRunner, chunks and NaN watch; with the progress bar drawn into a string if asked for."""

    def __init__(self, n: int, steps: int, bar: bool) -> None:
        self.runner = sc.DSRunner(neurons(n), ["spike_count"], dt=TASK["dt"] * ms, progress_bar=bar)
        self.duration = steps * TASK["dt"] * ms

    def __call__(self) -> float:
        self.runner.reset_state()
        with contextlib.redirect_stderr(io.StringIO()):
            started = time.perf_counter()
            self.count = self.runner.run(self.duration, inputs=TASK["I"] * mA).spike_count
            return time.perf_counter() - started


def overheads(n: int, steps: int, repetitions: int) -> str:
    """Return a table of the seconds of a run, against one bare scan."""
    runs = {"one bare scan": Bare(n, steps), "DSRunner: chunks, NaN watch": Chunks(n, steps, False),
            "DSRunner: and the progress bar": Chunks(n, steps, True)}  # fmt: skip
    seconds = interleave(runs, repetitions)  # type: ignore[arg-type]
    first, *others = runs
    for name in others:
        np.testing.assert_array_equal(runs[name].count, runs[first].count)
    rows = []
    for name, own in seconds.items():
        more = 100 * (ratio(own, seconds[first]) - 1)
        least = 100 * (min(own) / min(seconds[first]) - 1)
        rows.append([name, f"{statistics.median(own):.3g}", f"{more:+.1f} %", f"{least:+.1f} %"])
    head = [f"{power(n)} neurons, {power(steps)} steps", "s, median", "more, median of pairs", "more, of the fastest"]
    return table(head, rows) + f"\n\nThe limit is {LIMIT:g} %. Spike counts of all three are equal."


# ---------------------------------------------------------------- all


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--one", type=float, default=1e8, help="steps of one neuron")
    parser.add_argument("--many", type=float, nargs=2, default=[1e5, 1e5], help="neurons, and their steps")
    parser.add_argument("--overhead", type=float, nargs=2, default=[1e3, 1e6], help="neurons, and their steps")
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--results", type=Path, default=RESULTS, help="the folder for table and figure")
    args = parser.parse_args()
    if args.child:
        n, steps, folder = args.child
        print(json.dumps(child(int(n), int(steps), folder)))
        return
    os.makedirs(args.results, exist_ok=True)
    runs = [in_own_process(1, int(args.one)), in_own_process(*map(int, args.many))]
    cost = overheads(*map(int, args.overhead), args.repetitions)
    note = (
        "LIF neurons, float32, dt 0.1 ms. Memory: what the process holds besides files that it maps, noted ten times a "
        "second; one neuron: spikes to disk, mean, variance, rate and interval histogram kept up to date; many: V of "
        "all, each 10 ms, to disk, and rates."
    )
    text = "\n\n".join([memory_table(runs), "![memory over the run](long_runs.png)", cost, note, machine()])
    print(text)
    plot(runs, args.results / "long_runs.png")
    (args.results / "long_runs.md").write_text(f"# Long runs\n\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
