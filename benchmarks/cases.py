"""What studies consist of, case by case: noise, plasticity, delays that differ, sweeps of networks, short runs.

    python benchmarks/cases.py [case ...] [--before path/to/checkout]
                               [--brian2 path/to/python] [--nest path/to/python] [--brainpy path/to/python]

Each case runs in a process of its own, in turns with a loop written by hand (limit/networks.cpp, on one core) where
there is one and g++, with the same case of another checkout and with those peers that have it, where they are given.
A peer runs in all its variants, and the fastest is shown: Brian2 in float32 and float64, Brian2 and NEST on one thread
and on all cores, BrainPy by `bp.dyn` and `brainpy.state`. Medians, and in brackets the median of the ratios of pairs to
ours: compare these, an absolute time depends on the machine and its load. The rates show whether all run the same.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from cases_turns import OURS, VARIANTS, Command, Row, Who, as_table, commands_of_peers, measured
from measure import RESULTS, machine
from network_task import task

import simcore as sc
from simcore.units import Gohm, Hz, Mohm, mA, ms, mV, nS, pA

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "examples"))
Case = tuple[Callable[[], object], float]  # what is timed, and how many units of cost that is
NOTE = (
    "us of a step or a call, or ns of a neuron (or point) and step. simcore: the whole call of run(), on what cores it "
    "takes. In brackets the ratio to simcore, that of pairs. By hand: limit/networks.cpp, one core. Brian2: C++ "
    "standalone, the loop as it reports it, and the whole call of the compiled program, which draws its connections "
    "and begins anew each time; of float32 and float64 on one thread and on all cores the fastest. NEST: nest.Run, and "
    "nest.Simulate; float64, on one thread or on all cores, which is faster; no synapse of it is without a delay. "
    "BrainPy: the jitted loop, and with the counts of spikes as a numpy array; of bp.dyn and brainpy.state the faster."
)
RATES = (
    "The mean rates in Hz, of runs of at least 100 ms. Another draw of the connections changes that of COBA with 4 000 "
    "neurons by 6 % (standard deviation of 8 draws)."
)


def lif(n: int, **options: Any) -> Any:
    """Return leaky neurons with a threshold of 10 mV."""
    return sc.models.LIF(n, R=100 * Mohm, tau=20 * ms, V_th=10 * mV, spk_reset="hard", **options)


def steps(
    model: Any, n_steps: int, per_step: float = 1.0, monitors: Any = (), inputs: Any = None, devices: Any = None
) -> Case:
    """Return a run that goes on from where it is, and returns the mean rate in Hz if it counts spikes."""
    on = {} if devices is None else {"devices": devices}
    runner = sc.DSRunner(model, monitors, progress_bar=False, **on)
    counter = next((name for name in ("n", "spike_count") if name in monitors), None)

    def run() -> float | None:
        recorded = runner.run(n_steps * 0.1 * ms, inputs=inputs)
        return float(recorded[counter].mean()) / (n_steps * 1e-4) if counter else None

    return run, n_steps * per_step


def stdp(rate_in: float, drive: float) -> Case:
    """STDP on 1 000 x 1 000 synapses, us per step."""
    source = sc.models.PoissonGroup(1_000, rate_in * Hz)
    cells = lif(1_000, receptors={"e": sc.models.Delta()})
    rule = sc.models.STDP(w_max=0.02 * mV, A_plus=0.01, A_minus=0.0105)
    link = sc.models.Projection(source, cells, "e", connect=sc.models.AllToAll(), weight=1e-4 * mV, plasticity=rule)
    net = sc.Network(source=source, cells=cells, link=link)
    return steps(net, 3_000, 1, {"n": "cells.spike_count"}, {"cells": drive * pA})


def song() -> Case:
    """STDP of 1 000 Poisson trains onto one neuron (Song, Miller, Abbott 2000), us per step."""
    source = sc.models.PoissonGroup(1_000, 15 * Hz)
    receptors = {"e": sc.models.Exponential(tau=5 * ms, reversal=0 * mV)}
    neuron = sc.models.LIF(1, R=0.1 * Gohm, tau=10 * ms, V_rest=-74 * mV, V_th=-54 * mV, V_reset=-60 * mV,
                           V_initializer=-60 * mV, spk_reset="hard", receptors=receptors)  # fmt: skip
    rule = sc.models.STDP(w_max=0.1 * nS, A_plus=0.01, A_minus=0.0105)
    link = sc.models.Projection(source, neuron, "e", connect=sc.models.AllToAll(), plasticity=rule,
                                weight=sc.init.Uniform(0 * nS, 0.1 * nS))  # fmt: skip
    net = sc.Network(source=source, neuron=neuron, link=link)
    return steps(net, 20_000, 1, {"n": "neuron.spike_count"})


def noise(n: int, n_steps: int) -> Case:
    """LIF with white noise on V, ns per neuron and step."""
    return steps(lif(n, noise=1 * mV / ms**0.5), n_steps, 1e-3 * n, ["spike_count"], 90 * pA)


class Coloured(sc.models.LIF):
    """Leaky neurons with a current of Ornstein and Uhlenbeck besides."""

    tau_J = sc.Param(5.0, "ms", "correlation time of J", positive=True)
    J = sc.HiddenState("pA", "current that fluctuates")

    def derivative(self, V: Any, J: Any, I: Any) -> Any:  # type: ignore[override]
        """Return dV/dt, dJ/dt."""
        return super().derivative(V, I + J), -J / self.tau_J

    def update(self, x: Any = 0.0) -> Any:
        """Advance by one step under the current x and return the spikes."""
        V = self.after_spike(self.V.value)
        self.V.value, self.J.value = self.integrate(self.derivative, (V, self.J.value), x)
        return self.fire()


def coloured(n: int, n_steps: int) -> Case:
    """LIF with a current of Ornstein and Uhlenbeck of 30 pA, ns per neuron and step."""
    options: dict[str, Any] = {"R": 100 * Mohm, "tau": 20 * ms, "V_th": 10 * mV, "spk_reset": "hard"}
    cells = Coloured(n, **options, noise={"J": 30 * (2 / 5) ** 0.5 * pA / ms**0.5})
    return steps(cells, n_steps, 1e-3 * n, ["spike_count"], 90 * pA)


def numbers(draw: Callable[..., Any]) -> Case:
    """Random numbers in an update of one's own, ns each."""

    class Draws(sc.Module):
        def init_state(self, batch_size: int | None = None) -> None:
            self.x = sc.HiddenState(np.zeros(10_000), "dimensionless")

        def update(self) -> None:
            self.x.value = draw(self, (10_000,))

    return steps(Draws(), 500, 1e-3 * 10_000)


def poisson(n: int, n_steps: int) -> Case:
    """Independent Poisson input to each neuron, ns per neuron and step."""
    cells = lif(n, receptors={"e": sc.models.Delta()})
    source = sc.models.PoissonInput(cells, "e", n=1_000, rate=1 * Hz, weight=0.1 * mV)
    return steps(sc.Network(cells=cells, source=source), n_steps, 1e-3 * n, {"n": "cells.spike_count"})


def noise_sweep(seeds: bool) -> Case:
    """A sweep of 8 000 LIF with noise, ns per point and step; of one seed, or of a seed each."""
    over = {"inputs": np.linspace(50, 150, 200 if seeds else 8_000) * pA}
    if seeds:
        over["seed"] = list(range(40))
    sweep = sc.Sweep(lif(1, noise=1 * mV / ms**0.5), over, {"n": sc.measure.spike_count}, progress_bar=False)
    return (lambda: sweep.run(100 * ms)), 8_000 * 1_000 * 1e-3


def small_coba(n: int, **options: Any) -> Any:
    """Return COBA of n neurons with its inputs."""
    from network_simcore import network

    about = task("coba", n, 1.5, 1) | options
    return network(about), {"cells": about["drive"] * pA}


def network_sweep(points: int) -> Case:
    """A sweep of COBA networks of 1 000 neurons, ns per neuron and step."""
    net, _ = small_coba(1_000)
    sweep = sc.Sweep(net, {"inputs": [{"cells": x * pA} for x in np.linspace(180, 220, points)]},
                     {"n": sc.measure.spike_count("cells")}, progress_bar=False)  # fmt: skip
    return (lambda: sweep.run(100 * ms)), points * 1_000 * 1_000 * 1e-3


def measures() -> Case:
    """A sweep of 100 000 LIF with five measures, ns per point and step."""
    chosen = {"n": sc.measure.spike_count, "rate": sc.measure.firing_rate, "first": sc.measure.first_spike_time,
              "isi": sc.measure.interval_mean, "cv": sc.measure.interval_cv}  # fmt: skip
    return plain_sweep(lif(1), 100_000, chosen)


def plain_sweep(model: Any, points: int, chosen: Any = None) -> Case:
    """A sweep over a current, ns per point and step."""
    over = {"inputs": np.linspace(50, 200, points) * pA}
    sweep = sc.Sweep(model, over, chosen or {"n": sc.measure.spike_count}, progress_bar=False)
    return (lambda: sweep.run(100 * ms)), points * 1_000 * 1e-3


def gif() -> Case:
    """A sweep of 100 000 GIF, ns per point and step."""
    model = sc.models.GIF(1)
    over = {"inputs": np.linspace(1, 2, 100_000) * mA}
    sweep = sc.Sweep(model, over, {"n": sc.measure.spike_count}, progress_bar=False)
    return (lambda: sweep.run(100 * ms)), 100_000 * 1_000 * 1e-3


def waveforms() -> Case:
    """A sweep of 2 000 waveforms, made and run, ns per point and step."""

    def run() -> None:
        each = [sc.inputs.ramp_input(0 * pA, c * pA, 100 * ms, dt=0.1 * ms) for c in np.linspace(100, 400, 2_000)]
        sc.Sweep(lif(1), {"inputs": each}, {"n": sc.measure.spike_count}, progress_bar=False).run(100 * ms)

    return run, 2_000 * 1_000 * 1e-3


def brette(model: str, n: int, delays: str, n_steps: int, devices: Any = None) -> Case:
    """COBA or CUBA with one delay, or delays from 0.1 to 3 ms; us per step."""
    if devices:
        sc.distributed.use_cpu_devices(devices)
    from network_simcore import network

    about = task(model, n, 1.5, 1)
    net = network(about)
    if delays == "each":
        for name, part in (("e", net.cells[: n * 4 // 5]), ("i", net.cells[n * 4 // 5 :])):
            weight, delay = about[f"w_{name}"] * (pA if model == "cuba" else nS), sc.init.Uniform(0.1 * ms, 3 * ms)
            drawn = {"connect": sc.models.FixedProbability(80 / n), "weight": weight, "delay": delay}
            setattr(net, name, sc.models.Projection(part, net.cells, name, **drawn, seed=ord(name)))
    inputs = {"cells": about["drive"] * pA} if about["drive"] else None
    return steps(net, n_steps, 1, {"n": "cells.spike_count"}, inputs, devices)


def neurons(model: str, n: int, **options: Any) -> Case:
    """HH or AdEx, us per step."""
    cells = sc.models.HH(n) if model == "HH" else sc.models.AdExIF.preset("brette_gerstner", n, **options)
    return steps(cells, 2_000, 1, ["spike_count"], 1_000 * pA)


def recorded() -> Case:
    """V of 1 000 LIF in each step, us per step."""
    return steps(lif(1_000), 10_000, 1, ["V"], 150 * pA)


def short(name: str) -> Case:
    """A run of 1 ms, us a call."""
    inputs: Any = 150 * pA
    if name == "lif":
        model, monitors = lif(10), ["spike"]
    elif name == "coba":
        (model, inputs), monitors = small_coba(4_000), {"n": "cells.spike_count"}
    else:
        import microcircuit

        (model, inputs), monitors = microcircuit.build(0.1), {"n": "L4E.spike_count"}
    runner = sc.DSRunner(model, monitors, progress_bar=False)
    return (lambda: [runner.run(1 * ms, inputs=inputs) for _ in range(20)]), 20


def microcircuit_steps() -> Case:
    """The microcircuit at scale 0.1, us per step."""
    import microcircuit

    net, drive = microcircuit.build(0.1)
    return steps(net, 1_000, 1, {"n": "L4E.spike_count"}, drive)


def script(text: str) -> Case:
    """A script of its own in a new process, us the whole."""
    return (lambda: subprocess.run([sys.executable, "-c", text], check=True, cwd=HERE)), 1


FIRST = """
import simcore as sc
from simcore.units import *
cells = sc.models.LIFRef(4000, R=100*Mohm, tau=20*ms, V_rest=-60*mV, V_th=-50*mV, V_reset=-60*mV, tau_ref=5*ms,
    spk_reset="hard", receptors={"e": sc.models.Exponential(tau=5*ms, reversal=0*mV),
    "i": sc.models.Exponential(tau=10*ms, reversal=-80*mV)}, V_initializer=sc.init.Uniform(-60*mV, -50*mV))
P, C = sc.models.Projection, sc.models.FixedProbability(0.02)
net = sc.Network(cells=cells, e=P(cells[:3200], cells, "e", connect=C, weight=6*nS, delay=1.5*ms),
    i=P(cells[3200:], cells, "i", connect=C, weight=67*nS, delay=1.5*ms))
runner = sc.DSRunner(net, {"s": "cells.spike_events"}, progress_bar=False)
runner.run(100*ms, inputs={"cells": 200*pA})
"""
MICRO = """
import sys; sys.path.insert(0, "../examples")
import microcircuit, simcore as sc
from simcore.units import *
net, drive = microcircuit.build(0.1)
sc.DSRunner(net, {"n": "L4E.spike_count"}, progress_bar=False).run(10*ms, inputs=drive)
"""

CASES: dict[str, Callable[[], Case]] = {
    "STDP 1e6, 0.5 Hz in, us/step": lambda: stdp(0.5, 0.0),
    "STDP 1e6, 15 Hz in, 80 Hz out, us/step": lambda: stdp(15.0, 230.0),
    "STDP 1 000 to 1, us/step": song,
    "uniform numbers, ns": lambda: numbers(sc.random.uniform),
    "normal numbers, ns": lambda: numbers(sc.random.normal),
    "LIF noise 1 000, ns": lambda: noise(1_000, 5_000),
    "LIF noise 100 000, ns": lambda: noise(100_000, 50),
    "LIF OU noise 1 000, ns": lambda: coloured(1_000, 5_000),
    "LIF OU noise 100 000, ns": lambda: coloured(100_000, 50),
    "LIF PoissonInput 10 000, ns": lambda: poisson(10_000, 500),
    "sweep LIF noise, one seed, ns": lambda: noise_sweep(False),
    "sweep LIF noise, 40 seeds, ns": lambda: noise_sweep(True),
    "sweep COBA 1 000 x 64, ns": lambda: network_sweep(64),
    "sweep COBA 1 000 x 8, ns": lambda: network_sweep(8),
    "sweep LIF 1e5, spike_count, ns": lambda: plain_sweep(lif(1), 100_000),
    "sweep LIF 1e5, 5 measures, ns": measures,
    "sweep GIF 1e5, ns": gif,
    "2 000 waveforms, ns": waveforms,
    "COBA 4 000, us/step": lambda: brette("coba", 4_000, "one", 5_000),
    "COBA 4 000, delays differ, us/step": lambda: brette("coba", 4_000, "each", 5_000),
    "COBA 40 000, us/step": lambda: brette("coba", 40_000, "one", 1_000),
    "COBA 40 000, delays differ, us/step": lambda: brette("coba", 40_000, "each", 1_000),
    "COBA 400 000, us/step": lambda: brette("coba", 400_000, "one", 100),
    "CUBA 4 000, us/step": lambda: brette("cuba", 4_000, "one", 5_000),
    "CUBA 40 000, us/step": lambda: brette("cuba", 40_000, "one", 1_000),
    "CUBA 400 000, us/step": lambda: brette("cuba", 400_000, "one", 100),
    "COBA 4 000 on 2 devices, us/step": lambda: brette("coba", 4_000, "one", 5_000, 2),
    "COBA 40 000 on 2 devices, us/step": lambda: brette("coba", 40_000, "one", 3_000, 2),
    "COBA 400 000 on 2 devices, us/step": lambda: brette("coba", 400_000, "one", 400, 2),
    "CUBA 400 000 on 2 devices, us/step": lambda: brette("cuba", 400_000, "one", 400, 2),
    "V of 1 000 recorded, us/step": recorded,
    "run of 1 ms, LIF, us": lambda: short("lif"),
    "run of 1 ms, COBA, us": lambda: short("coba"),
    "run of 1 ms, microcircuit, us": lambda: short("microcircuit"),
    "first result, COBA 4 000, us": lambda: script(FIRST),
    "first result, microcircuit 0.1, us": lambda: script(MICRO),
    "microcircuit 0.1, us/step": microcircuit_steps,
    "HH 4 000, us/step": lambda: neurons("HH", 4_000),
    "AdEx 1 000, us/step": lambda: neurons("AdExIF", 1_000),
    "AdEx 1 000, Euler, us/step": lambda: neurons("AdExIF", 1_000, method="euler"),
    "LIF 1, us/step": lambda: steps(lif(1), 100_000, 1, ["spike_count"], 150 * pA),
    "LIF 1 000, us/step": lambda: steps(lif(1_000), 20_000, 1, ["spike_count"], 150 * pA),
    "LIF 100 000, us/step": lambda: steps(lif(100_000), 500, 1, ["spike_count"], 150 * pA),
}


# The arguments of limit/networks.cpp, the last of them the number of steps, by case.
LIMITS = {
    "STDP 1e6, 0.5 Hz in, us/step": ("stdp", "0.5", "0", "3000"),
    "STDP 1e6, 15 Hz in, 80 Hz out, us/step": ("stdp", "15", "230", "3000"),
    "COBA 4 000, us/step": ("coba", "4000", "one", "5000"),
    "COBA 4 000, delays differ, us/step": ("coba", "4000", "each", "5000"),
    "COBA 40 000, us/step": ("coba", "40000", "one", "1000"),
    "COBA 40 000, delays differ, us/step": ("coba", "40000", "each", "1000"),
    "COBA 400 000, us/step": ("coba", "400000", "one", "100"),
    "CUBA 4 000, us/step": ("cuba", "4000", "one", "5000"),
    "CUBA 40 000, us/step": ("cuba", "40000", "one", "1000"),
    "CUBA 400 000, us/step": ("cuba", "400000", "one", "100"),
    "LIF noise 1 000, ns": ("noise", "1000", "5000"),
    "LIF noise 100 000, ns": ("noise", "100000", "50"),
}


def work(name: str) -> None:
    """Answer each line on standard input with the microseconds of a unit and, where spikes are counted, the rate."""
    run, units = CASES[name]()
    run()
    print(json.dumps(0), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        rate = run()
        us = 1e6 * (time.perf_counter() - start) / units
        print(json.dumps({"whole": us, "rate": rate if isinstance(rate, float) else None}), flush=True)


def as_installed(checkout: Path, folder: Path) -> Path:
    """Make simcore as it is installed, all folders in one, of links to a checkout; return the folder that has it."""
    package = folder / "simcore"
    package.mkdir(parents=True)
    for path in [*(checkout / "simcore").iterdir(), *(checkout / name for name in ("inputs", "models", "runners"))]:
        (package / path.name).symlink_to(path)
    return folder


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", help="parts of names")
    parser.add_argument("--before", type=Path)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="results/cases.md")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    for peer in VARIANTS:
        parser.add_argument(f"--{peer.lower()}", help=f"a Python interpreter that has {peer}")
    args = parser.parse_args()
    if args.work:
        work(args.work)
        return
    chosen = [name for name in CASES if not args.cases or any(part in name for part in args.cases)]
    pythons = {peer: getattr(args, peer.lower()) for peer in VARIANTS}
    rows: list[Row] = []
    rates: list[Row] = []
    versions: Row = {}
    with tempfile.TemporaryDirectory() as folder:
        if shutil.which("g++"):
            loop = [str(HERE / "limit/networks.cpp"), "-o", f"{folder}/loop"]
            subprocess.run(["g++", "-O3", "-march=native", "-ffast-math", "-w", *loop], check=True)
        checkouts = {OURS: HERE.parent} | ({"before": args.before.resolve()} if args.before else {})
        paths = {key: {"PYTHONPATH": str(as_installed(p, Path(folder) / key))} for key, p in checkouts.items()}
        for name in chosen:
            script = [sys.executable, __file__, "--work", name]
            commands: dict[Who, Command] = {(key, ""): (script, path) for key, path in paths.items()}
            if name in LIMITS and shutil.which("g++"):
                commands["by hand", ""] = [f"{folder}/loop", *LIMITS[name]], {}
            commands |= commands_of_peers(name, pythons)
            row, rate, found = measured(name, commands, args.repetitions)
            rows.append(row)
            rates += [rate] if len(rate) > 2 else []
            versions |= found
            print(row, rate, flush=True)
    parts = [as_table(rows)]
    if rates:
        parts += [RATES, as_table(rates)]
    text = "\n\n".join([*parts, machine(**versions)])
    print(text)
    if args.write:
        (RESULTS / "cases.md").write_text(f"# What studies consist of, case by case\n\n{NOTE}\n\n{text}\n")


if __name__ == "__main__":
    main()
