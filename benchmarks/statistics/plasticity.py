"""Rules of plasticity in simcore beside NEST and Brian2: trains of spikes, and competition of 1000 synapses.

    python benchmarks/statistics/plasticity.py

Writes results/plasticity.md. The trains and what the others make of them are those of the tests.
"""

import json
from pathlib import Path

import jax
import numpy as np

import simcore as sc
from simcore.units import Gohm, Hz, ms, mV, nS, second

jax.config.update("jax_enable_x64", True)
HERE = Path(__file__).parent
N, SECONDS, G_MAX = 1000, 40, 0.01
LEAK = 10.0  # nS


def competition(seed: int) -> dict[str, float]:
    """Return the weights of Song, Miller, Abbott (2000) after 40 s in units of the largest, and the rate at the end."""
    source = sc.models.PoissonGroup(N, 15 * Hz)
    neuron = sc.models.LIF(1, R=1 / LEAK * Gohm, tau=10 * ms, V_rest=-74 * mV, V_th=-54 * mV, V_reset=-60 * mV,
                           V_initializer=-60 * mV, spk_reset="hard",
                           receptors={"e": sc.models.Exponential(tau=5 * ms, reversal=0 * mV)})  # fmt: skip
    largest = G_MAX * LEAK * nS
    rule = sc.models.STDP(w_max=largest, A_plus=0.01, A_minus=0.0105)
    link = sc.models.Projection(source, neuron, connect=sc.models.AllToAll(), plasticity=rule,
                                weight=sc.init.Uniform(0 * nS, largest))  # fmt: skip
    net = sc.Network(seed=seed, source=source, neuron=neuron, link=link)
    runner = sc.DSRunner(net, {"spikes": "neuron.spike_count"}, progress_bar=False)
    runner.run((SECONDS - 10) * second)
    count = runner.run(10 * second).spikes.sum()
    w = link.weight.value.m_as("nS") / (G_MAX * LEAK)
    return {"mean": w.mean(), "below 0.1": (w < 0.1).mean(), "above 0.9": (w > 0.9).mean(), "rate (Hz)": count / 10}


def main() -> None:
    """Compare the competition with Brian2's."""
    theirs = json.loads((HERE / "reference" / "song_miller_abbott_brian2.json").read_text())
    ours: dict[str, list[float]] = {}
    for seed in range(1, theirs["about"]["neurons"] + 1):
        for name, value in competition(seed).items():
            ours.setdefault(name, []).append(float(value))
        print(seed, {k: round(v[-1], 4) for k, v in ours.items()}, flush=True)
    lines = [
        "# Plasticity", "", f"simcore {sc.__version__}, jax {jax.__version__}.", "",
        f"## Song, Miller, Abbott (2000), against Brian2 {theirs['about']['Brian2']}, {theirs['about']['neurons']} each",
        "", "1000 weights in units of the largest after 40 s, and the rate in the last 10 s; mean ± standard deviation.",
        "Spikes of one step do not see one another.", "",
        "| statistic | ours | theirs |", "| --- | ---: | ---: |",
    ]  # fmt: skip
    for name, values in theirs["statistics"].items():
        row = [f"{np.mean(v):.4g} ± {np.std(v, ddof=1):.2g}" for v in (ours[name], values)]
        lines.append(f"| {name} | {row[0]} | {row[1]} |")
    (HERE.parent / "results" / "plasticity.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
