"""What a GPU does: first whether it is right, then networks, the microcircuit at full scale, a sweep of 10^7 points.

    python benchmarks/gpu.py [--write] [--quick]
    python benchmarks/gpu.py --on cpu --quick

The second line tries the script where there is no GPU; `--quick` takes small sizes. Each measurement has a process of
its own. It stops where spikes on the GPU are not those of the CPU. `--write`: into results/gpu.md, above the figures
that are there from earlier. The largest take 8 GB of memory beside the GPU.
"""

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measure import RESULTS, machine, table

HERE = Path(__file__).parent
TESTS = HERE.parent / "tests/simcore/spikes/test_gpu.py"
SWITCH = "SIMCORE_GPU_KERNELS"
WAYS: dict[str, str | None] = {"kernels": None, "kernels, untried": "1", "array operations": "0"}
MARK = "## Earlier figures"  # in gpu.md: what stands below it stays
LONGEST = 1800  # s, of one measurement
ENOUGH = 20  # s, after which no further repetition begins
# Of the spikes of 100 ms in float64, where sums differ in their last digit: weights that differ in the 6th digit change
# no spike, in the 5th most of them.
TOLERATED = 1e-3
Answer = dict[str, Any]
NOTE = """COBA: 80 synapses a neuron, a delay of 1.5 ms, dt 0.1 ms, float32. Medians of up to {} calls of run() (as many
as begin within 20 s), transfers included, after the first. First run: its whole call, programs compiled. Kernels: those
for spikes, tried before they are used (SIMCORE_GPU_KERNELS unset), untried (1), or array operations in their place (0).
Peak: of the GPU's memory; of CPUs that of the whole process. Rates are those of all neurons in the last run; of the
microcircuit {:.2f} Hz are published. Sweep: LIF over tau and current, {} steps."""


# ---------------------------------------------------------------- what runs, each in a process of its own


def check(kind: str, duration: float) -> Answer:
    """Return the spikes (step, neuron) of COBA with noise and Poisson input in float64, with synapses of a kind."""
    import jax

    jax.config.update("jax_enable_x64", True)
    import numpy as np

    import simcore as sc
    from simcore.units import Hz, Mohm, ms, mV, nS

    n = 4_000
    own = {
        "one delay": {},
        "delays that differ": {"delay": sc.init.Uniform(1 * ms, 3 * ms)},
        "Tsodyks-Markram": {"short_term": sc.models.TsodyksMarkram()},
        "STDP": {"plasticity": sc.models.STDP(w_max=20 * nS)},
    }[kind]
    receptors = {"e": sc.models.Exponential(tau=5 * ms, reversal=0 * mV),
                 "i": sc.models.Exponential(tau=10 * ms, reversal=-80 * mV)}  # fmt: skip
    cells = sc.models.LIFRef(n, R=100 * Mohm, tau=20 * ms, V_rest=-60 * mV, V_th=-50 * mV, V_reset=-60 * mV,
                             tau_ref=5 * ms, spk_reset="hard", receptors=receptors, noise=1 * mV / ms**0.5,
                             V_initializer=sc.init.Uniform(-60 * mV, -50 * mV))  # fmt: skip
    same = {"connect": sc.models.FixedProbability(80 / n), "delay": 1.5 * ms}
    source = sc.models.PoissonGroup(1_000, 20 * Hz)
    net = sc.Network(
        cells=cells,
        source=source,
        e=sc.models.Projection(cells[:3_200], cells, "e", **{"weight": 6 * nS} | same | own),
        i=sc.models.Projection(cells[3_200:], cells, "i", weight=67 * nS, **same),
        s=sc.models.Projection(source, cells, "e", weight=6 * nS, **same),
    )
    times, neurons = sc.DSRunner(net, {"s": "cells.spike_events"}, progress_bar=False).run(duration * ms).s
    return {"spikes": sorted(zip(np.rint(times.m_as("ms") / 0.1).astype(int).tolist(), neurons.tolist(), strict=True))}


def timed(build: Any, run: Any, repetitions: int) -> Answer:
    """Return the seconds of building, of the first run and of others, what they returned at last, and the memory."""
    import jax
    from network_simcore import memory

    start = time.perf_counter()
    made = build()
    seconds = [time.perf_counter() - start]
    while len(seconds) < 3 or (len(seconds) < 2 + repetitions and sum(seconds[1:]) < ENOUGH):
        start = time.perf_counter()
        last = run(made)
        seconds.append(time.perf_counter() - start)
    device = jax.devices()[0]
    peak = (device.memory_stats() or {}).get("peak_bytes_in_use") if device.platform != "cpu" else memory("VmHWM")
    return {"build": seconds[0], "first": seconds[1], "run": statistics.median(seconds[2:]), "last": last, "peak": peak}


def coba(n: int, duration: float, repetitions: int) -> Answer:
    """Time COBA; `last` is the rate in Hz."""
    from network_simcore import network
    from network_task import task

    import simcore as sc
    from simcore.units import ms, pA

    about = task("coba", n, 1.5)
    inputs = {"cells": about["drive"] * pA}

    def run(runner: Any) -> float:
        return float(runner.run(duration * ms, inputs=inputs).n.mean()) / (1e-3 * duration)

    made = lambda: sc.DSRunner(network(about), {"n": "cells.spike_count"}, progress_bar=False)  # noqa: E731
    return timed(made, run, repetitions)


def microcircuit(scale: float, duration: float, repetitions: int) -> Answer:
    """Time the microcircuit; `last` is the rate of all neurons in Hz."""
    sys.path.append(str(HERE.parent / "examples"))
    import microcircuit as circuit

    import simcore as sc
    from simcore.units import ms

    names = circuit.of.POPULATIONS

    def build() -> Any:
        net, drive = circuit.build(scale)
        return sc.DSRunner(net, {name: f"{name}.spike_count" for name in names}, progress_bar=False), drive

    def run(made: Any) -> float:
        runner, drive = made
        counts = runner.run(duration * ms, inputs=drive)
        total, n = (sum(f(counts[name]) for name in names) for f in (lambda c: int(c.sum()), lambda c: c.size))
        return total / n / (1e-3 * duration)

    return timed(build, run, repetitions)


def sweep(points: tuple[int, int], steps: int, repetitions: int) -> Answer:
    """Time a sweep of LIF over tau and current; `last` is the number of spikes."""
    from sweep_simcore import sweep as made
    from sweeps import TASK

    axes = {"tau": (*TASK["tau"][:2], points[0]), "I": (*TASK["I"][:2], points[1])}  # type: ignore[index]
    return timed(lambda: made(TASK | axes | {"steps": steps}), lambda run: run(), repetitions)


WORK = {work.__name__: work for work in (check, coba, microcircuit, sweep)}


# ---------------------------------------------------------------- asking them


def ask(what: str, on: str, kernels: str | None = None, **arguments: Any) -> Answer:
    """Return what a process of its own answers; {"failed": why} if it does not."""
    environment = {key: value for key, value in os.environ.items() if key not in (SWITCH, "SIMCORE_CACHE")}
    environment |= ({"JAX_PLATFORMS": "cpu"} if on == "cpu" else {}) | ({SWITCH: kernels} if kernels else {})
    command = [sys.executable, __file__, "--work", json.dumps([what, arguments])]
    print(f"{what} {arguments} on {on}, {SWITCH}={kernels or ''}", end=": ", flush=True)
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        print("too slow")
        return {"failed": f"more than {LONGEST} s"}
    if done.returncode:
        print(done.stderr[-2_000:] or f"ended by signal {-done.returncode}")
        return {"failed": (done.stderr.strip().splitlines() or ["no memory?"])[-1][:80]}
    answer = json.loads(done.stdout.splitlines()[-1])
    print({key: value for key, value in answer.items() if key != "spikes"} or "done", done.stderr[-500:], flush=True)
    return answer


def tests_of_kernels(on: str, quick: bool) -> str:
    """Return the last line of the tests of the kernels; exit if one fails."""
    if not importlib.util.find_spec("pytest"):
        return "left out, as pytest is not installed"
    environment = os.environ | {"XLA_FLAGS": os.environ.get("XLA_FLAGS", "")}  # programs as users get them
    environment |= {"JAX_PLATFORMS": "cpu"} if on == "cpu" else {}
    environment["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"  # a GPU for all workers
    workers = ["-n", "8"] if importlib.util.find_spec("xdist") else []
    all_of_them = [] if quick else ["-m", ""]
    plugins = ["-p", "no:cacheprovider", "-p", "no:benchmark"]  # the latter, where it is there, warns of workers
    command = [sys.executable, "-m", "pytest", *plugins, str(TESTS), *workers, *all_of_them]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=HERE.parent)
    print(done.stdout[-10_000:], flush=True)
    if done.returncode:
        raise SystemExit(
            f"The kernels are wrong on this device: their tests fail. Nothing was measured.\n{done.stderr}"
        )
    return done.stdout.strip().splitlines()[-1].strip("= ")


def correctness(on: str, quick: bool) -> str:
    """Return a table of how many spikes of the GPU are not those of the CPU; exit if they are too many."""
    rows = [["tests of the kernels", tests_of_kernels(on, quick)]]
    for kind in ("one delay", "delays that differ", "Tsodyks-Markram", "STDP"):
        about: dict[str, Any] = {"kind": kind, "duration": 20.0 if quick else 100.0}
        answers = [ask("check", on, **about), ask("check", "cpu", **about)]
        for answer in answers:
            if "failed" in answer:
                raise SystemExit(f"COBA with {kind} does not run: {answer['failed']}. Nothing was measured.")
        ours, theirs = ({tuple(spike) for spike in answer["spikes"]} for answer in answers)
        differ = len(ours ^ theirs)
        rows.append([f"COBA 4 000, {kind}, noise, float64", f"{differ} of {len(theirs)} spikes differ"])
        if not theirs or differ > TOLERATED * len(theirs):
            raise SystemExit(
                f"Spikes on the {on} are not those of the CPU: {': '.join(rows[-1])}. Nothing was measured."
            )
    return table(["against the CPU", ""], rows)


def spaced(n: int) -> str:
    """Return a number with spaces between thousands."""
    return f"{n:,}".replace(",", " ")


def tasks(quick: bool) -> list[tuple[str, str, dict[str, Any], float, str]]:
    """Return what is timed: a name, the work and its arguments, the cost of a second, how to tell what it computed."""
    made: list[tuple[str, str, dict[str, Any], float, str]] = []
    for n in (400, 4_000) if quick else (4_000, 40_000, 400_000, 4_000_000):
        duration = 50.0 if quick else 1000.0 if n == 4_000 else 100.0
        made.append((f"COBA {spaced(n)}, µs/step", "coba", {"n": n, "duration": duration}, 1e5 / duration, "{:.3g} Hz"))
    scale, duration = (0.05, 50.0) if quick else (1.0, 300.0)
    about = {"scale": scale, "duration": duration}
    made.append((f"microcircuit {scale:g}, µs/step", "microcircuit", about, 1e5 / duration, "{:.3g} Hz"))
    points, steps = ((50, 40), 100) if quick else ((2_500, 4_000), 1_000)
    total = points[0] * points[1]
    name = f"sweep of {spaced(total)}, ps/(point step)"
    return [*made, (name, "sweep", {"points": points, "steps": steps}, 1e12 / (total * steps), "{} spikes")]


def measured(on: str, quick: bool, repetitions: int) -> Iterator[str]:
    """Yield the table of what it takes after each measurement: with kernels and without, then on the CPUs beside it."""
    head = ["", "by", "median", "build (s)", "first run (s)", "peak (GiB)", "computed"]
    ways = [(on, way, kernels) for way, kernels in WAYS.items()]
    beside = [("cpu", "CPUs beside it", None)] if on != "cpu" else []
    rows: list[list[list[str]]] = [[] for _ in tasks(quick)]  # of each task
    for places in (ways, beside):
        for of_task, (name, what, arguments, cost, told) in zip(rows, tasks(quick), strict=True):
            for place, way, kernels in places if what == "coba" else places[:1]:
                got = ask(what, place, kernels, **arguments, repetitions=repetitions)
                if "failed" in got:
                    of_task.append([name, way, got["failed"], "", "", "", ""])
                else:
                    peak = f"{got['peak'] / 2**30:.2f}" if got["peak"] else "–"
                    times = [f"{cost * got['run']:.3g}", f"{got['build']:.2g}", f"{got['first']:.2g}"]
                    of_task.append([name, way, *times, peak, told.format(got["last"])])
                yield table(head, [row for of_task in rows for row in of_task])


def published() -> float:
    """Return the published rate of all neurons of the microcircuit, Hz."""
    sys.path.append(str(HERE.parent / "examples"))
    import microcircuit_parameters as of

    return float(of.FULL_SIZES @ of.FULL_RATES / of.FULL_SIZES.sum())


def device(on: str) -> str:
    """Return the name of the device; exit if it is not there."""
    if on == "cpu":
        return "CPU, to try the script"
    code = "import jax; print(jax.default_backend()); print(jax.devices()[0].device_kind)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    backend, *kind = done.stdout.splitlines() or [""]
    if backend != "gpu":
        raise SystemExit(
            f"JAX sees no GPU here (it sees: {backend or 'nothing'}); install it with its plugin, `pip install "
            '"jax[cuda13]"`, leave JAX_PLATFORMS unset, or try the script by `--on cpu --quick`.'
        )
    return kind[0]


def main() -> None:
    """Check, measure, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="results/gpu.md")
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument("--on", choices=("gpu", "cpu"), default="gpu", help="cpu: to try the script, with --quick")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.work:
        what, arguments = json.loads(args.work)
        print(json.dumps(WORK[what](**arguments)))
        return
    if args.on == "cpu" and not args.quick:
        parser.error("--on cpu tries the script: it needs --quick.")
    if args.quick and args.write:
        parser.error("--quick tries the script: its figures are not written.")
    kind, repetitions = device(args.on), 2 if args.quick else 5
    right, path = correctness(args.on, args.quick), RESULTS / "gpu.md"
    note = NOTE.format(repetitions, published(), spaced(100 if args.quick else 1_000))
    earlier = path.read_text(encoding="utf-8").partition(MARK)[2]
    for costs in measured(args.on, args.quick, repetitions):
        text = "\n\n".join(["# On a GPU", f"{kind}; beside it {machine()}", right, costs, note])
        if args.write:  # after each, as the largest take long
            path.write_text(f"{text}\n\n{MARK}{earlier}", encoding="utf-8")
    print(f"\n{text}")


if __name__ == "__main__":
    main()
