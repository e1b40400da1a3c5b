"""How far the spikes of each neuron are from those of its equations, by its default method at usual time steps.

    python benchmarks/models.py

The reference is an adaptive solver of the papers' equations, tests/models/neurons/neuron_reference.json with its
script. It writes results/models.md beside this file. float32.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from measure import RESULTS, machine, table

import simcore as sc
from simcore.units import ms, mV, pA, read

FILE = Path(__file__).parents[1] / "tests" / "models" / "neurons" / "neuron_reference.json"
TIMES = json.loads(FILE.read_text())["spike times (ms)"]
AREA = 100  # pA for one uA/cm2, over 10 000 um2
STEPS = [0.1, 0.05, 0.025]  # ms
CHAOTIC = {"naud_irregular": 5}  # spikes that can be compared


def crossing(name: str, start: float) -> Any:
    """Return what makes a neuron without reset, from the potential where the reference starts."""
    cls = getattr(sc.models, name)
    return lambda n: cls(n, V_th=0 * mV, V_initializer=sc.init.Constant(start * mV))


def morris_lecar(name: str, start: float) -> Any:
    """Return what makes a preset of MorrisLecar."""
    return lambda n: sc.models.MorrisLecar.preset(name, n, V_th=0 * mV, V_initializer=sc.init.Constant(start * mV))


# name in the reference: (a population of n, the unit of a drive, the duration in ms)
BY_DRIVE = {
    "HH": (crossing("HH", -65.0), AREA * pA, 500),
    "TraubMilesHH": (crossing("TraubMilesHH", -65.0), 2 * AREA * pA, 500),
    "WangBuzsakiHH": (crossing("WangBuzsakiHH", -64.0176), AREA * pA, 500),
    "MorrisLecar hopf": (morris_lecar("hopf", -60.0), AREA * pA, 500),
    "MorrisLecar snlc": (morris_lecar("snlc", -60.0), AREA * pA, 800),
    "MorrisLecar homoclinic": (morris_lecar("homoclinic", -10.0), AREA * pA, 500),
    "FitzHughNagumo": (sc.models.FitzHughNagumo, 1.0, 200),
    "HindmarshRose": (sc.models.HindmarshRose, 1.0, 400),
    "AdExIF brette_gerstner": (lambda n: sc.models.AdExIF.preset("brette_gerstner", n, V_th=0 * mV), pA, 300),
}
BY_PRESET = {"AdExIF": (sc.models.AdExIF, None, 600), "Izhikevich": (sc.models.Izhikevich, 10 * pA, 500)}


def trains(cell: Any, duration: float, drive: Any, dt: float) -> list[np.ndarray]:
    """Return the spike times of each neuron, ms."""
    runner = sc.DSRunner(cell, ["spike_events"], dt=dt * ms, progress_bar=False)
    events = runner.run(duration * ms, inputs=drive).spike_events
    return [events.times.m_as("ms")[events.indices == k] for k in range(cell.size)]


def cases() -> list[tuple[str, Any, float, Any, list[list[float]]]]:
    """Return (name, what makes the population, duration, drive, spike times of each neuron)."""
    made: list[tuple[str, Any, float, Any, list[list[float]]]] = []
    for name, (make, unit, duration) in BY_DRIVE.items():
        drive = np.array([float(I) for I in TIMES[name]]) * unit
        made.append((name, make, duration, drive, list(TIMES[name].values())))
    for name, (cls, drive, duration) in BY_PRESET.items():
        for preset, times in TIMES[name].items():
            given = read(cls.PRESETS[preset].drive, "drive") if drive is None else drive
            made.append((f"{name} {preset}", lambda n, c=cls, p=preset: c.preset(p, n), duration, given, [times]))
    return made


def errors(got: list[np.ndarray], times: list[list[float]], limit: int | None) -> str:
    """Return the largest error of the last spike of a neuron in parts of its time, and how many spikes differ."""
    worst, odd = 0.0, 0
    for one, right in zip(got, times, strict=True):
        n = min(len(one), len(right), limit or len(right))
        odd += 0 if limit else len(one) - len(right)
        worst = max(worst, abs(one[n - 1] - right[n - 1]) / right[n - 1] if n else 0.0)
    return f"{100 * worst:.2g} %" + (f", {odd:+d} spikes" if odd else "")


def main() -> None:
    """Measure all and write the table."""
    rows = []
    for name, make, duration, drive, times in cases():
        cell = make(len(times))
        row = [name, "/".join(cell.methods()), str(sum(map(len, times)))]
        for dt in STEPS:
            row.append(errors(trains(make(len(times)), duration, drive, dt), times, CHAOTIC.get(name.split()[-1])))
        rows.append(row)
        print(*row, sep="  ", flush=True)
    head = ["model", "method", "spikes", *(f"dt {dt} ms" for dt in STEPS)]
    about = (__doc__ or "").split("\n\n")[0]
    text = (f"# Errors of spike times\n\n{about}\n\n{table(head, rows)}\n\nThe error of the last spike relative to its "
            "time, the largest over all drives of the reference, and how many spikes are missing at the end (-) or too "
            f"many (+). A spike is told at the end of its step.\n\n{machine()}\n")  # fmt: skip
    (RESULTS / "models.md").write_text(text)


if __name__ == "__main__":
    main()
