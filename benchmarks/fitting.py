"""A fit by differential evolution: simulations per second, and what is reached in the same time.

    python benchmarks/fitting.py [--brian2modelfitting path/to/python]

An adaptive exponential neuron, five of its parameters, one second of V at steps of 0.1 ms, generations of 1 000, the
mean square of the difference. Both begin with the compilation and take a generation in turns, simcore several: compare
the ratios. It writes fitting.md into results beside this file.
"""

import argparse
import math
import statistics
import tempfile
import time
from typing import Any

import numpy as np
from measure import RESULTS, machine, table
from single_neuron import Peer

import simcore as sc
from simcore.units import Mohm, ms, mV, nS, pA

TASK: dict[str, Any] = {
    "bounds": {"R": (15, 100), "tau": (3, 30), "VT": (-56, -44), "b": (0, 200), "tau_w": (30, 300)},
    "fixed": {"EL": -70.6, "dT": 2.0, "Vr": -70.6, "a": 4.0, "V_th": -30.0},
    "dt": 0.1,
    "population": 1_000,
}  # Mohm, ms, mV, pA, nS
TRUE = {"R": 33.3 * Mohm, "tau": 9.4 * ms, "V_T": -50.4 * mV, "b": 80.5 * pA, "tau_w": 144.0 * ms}
AFTER = (10, 30, 60)  # s
GENERATIONS = 25  # of simcore in a turn
NOTE = (
    "Medians of all generations, in brackets the ratio of those in turns; with the evolution itself, and of the peer "
    "with nevergrad's. mV: the root of the mean square of the difference of V, of the best so far, spikes among it; "
    "what was compiled counts to the time."
)


def neuron(**params: Any) -> sc.models.AdExIF:
    """Return the neuron, of Euler's method as the peer's."""
    p = TASK["fixed"]
    fixed = {"V_rest": p["EL"] * mV, "V_reset": p["Vr"] * mV, "delta_T": p["dT"] * mV, "a": p["a"] * nS}
    return sc.models.AdExIF(1, V_th=p["V_th"] * mV, method="euler", **fixed, **params)


def recording() -> tuple[Any, Any]:
    """Return a current and the V that it makes."""
    current = sc.inputs.ou_process(700 * pA, 250 * pA, 20 * ms, 1_000 * ms, dt=TASK["dt"] * ms, seed=1)
    return current, sc.DSRunner(neuron(**TRUE), ["V"], progress_bar=False).run(inputs=current).V


def errors_after(seconds: list[float], errors: np.ndarray) -> list[str]:
    """Return the least error (mV) at some times, of that after each of some durations."""
    ends = np.cumsum(seconds)
    return [f"{errors[ends <= t][-1]:.2g}" if (ends <= t).any() else "–" for t in AFTER]


class Simcore:
    """Fits of simcore; a call makes one of some generations."""

    def __init__(self, current: Any, V: Any) -> None:
        units = {"R": Mohm, "tau": ms, "V_T": mV, "b": pA, "tau_w": ms}
        bounds = {name: TASK["bounds"][name.replace("V_T", "VT")] * unit for name, unit in units.items()}
        begin = time.perf_counter()
        self.fit = sc.Fit(neuron(), bounds, inputs=current, target={"V": V}, dt=TASK["dt"] * ms, loss=squares)
        self.fit.run(n=0, population=TASK["population"])
        self.first, self.seconds = time.perf_counter() - begin, list[float]()

    def __call__(self) -> None:
        begin = time.perf_counter()
        self.fit.run(n=GENERATIONS, population=TASK["population"], seed=len(self.seconds) + 1)
        self.seconds.append((time.perf_counter() - begin) / (GENERATIONS + 1))

    def errors(self, seconds: float) -> np.ndarray:
        """Return the least error after each generation of a search that takes so long, mV."""
        before = len(self.fit.best().table["loss"])
        self.fit.run(n=math.ceil(seconds / statistics.median(self.seconds)), population=TASK["population"])
        rows = self.fit.best().table["loss"][before:].reshape(-1, TASK["population"])
        return np.sqrt(np.minimum.accumulate(rows.min(-1)))


def squares(out: dict[str, Any], target: dict[str, Any]) -> Any:
    """Return the mean square of the difference, mV^2."""
    return sc.losses.mean_square(out["V"], target["V"], scale=1 * mV)


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--brian2modelfitting", help="a Python interpreter that has it")
    parser.add_argument("--repetitions", type=int, default=5)
    options = parser.parse_args()
    current, V = recording()
    ours, peers, answers = Simcore(current, V), {}, {}
    versions = dict[str, str]()
    with tempfile.TemporaryDirectory() as folder:
        data = f"{folder}/data.npz"
        np.savez(data, I=current.samples.ravel(), V=V.m_as("mV").ravel())
        for name, standalone in (("Cython", False), ("C++", True)) if options.brian2modelfitting else ():
            task = TASK | {"data": data, "standalone": standalone}
            peers[f"brian2modelfitting, {name}"] = Peer(options.brian2modelfitting, "fitting_brian2.py", task)
        answers = {name: [peer()] for name, peer in peers.items()}
        for _ in range(options.repetitions):
            ours()
            for name, peer in peers.items():
                answers[name].append(peer())
        while any(sum(a["seconds"] for a in each) < max(AFTER) for each in answers.values()):
            for name, peer in peers.items():
                answers[name].append(peer())
        for name, peer in peers.items():
            versions |= answers[name][-1]["versions"]
            peer.__exit__()
    median = statistics.median(ours.seconds)
    errors = ours.errors(max(AFTER))
    seconds = [ours.first, *[median] * (len(errors) - 1)]
    lines = [["simcore", f"{TASK['population'] / median:.0f}", f"{ours.first:.2g}", *errors_after(seconds, errors)]]
    for name, each in answers.items():
        rates = [a["seconds"] / ours.seconds[k] for k, a in enumerate(each[1 : 1 + options.repetitions])]
        cost = statistics.median(a["seconds"] for a in each[1:])
        after = errors_after([a["seconds"] for a in each], np.array([a["error"] for a in each]))
        speed = f"{TASK['population'] / cost:.0f} (×1/{statistics.median(rates):.3g})"
        lines.append([name, speed, f"{each[0]['seconds']:.2g}", *after])
    head = ["", "simulations per second", "s to the end of the first generation"]
    head += [f"mV after {t} s" for t in AFTER]
    text = "\n\n".join(["# A fit by evolution", table(head, lines), NOTE, machine(**versions)]) + "\n"
    (RESULTS / "fitting.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
