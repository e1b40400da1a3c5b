"""Rules of plasticity in simcore beside NEST and Brian2: trains of spikes, competition of 1000 synapses, and a balance.

    python benchmarks/statistics/plasticity.py

Writes results/plasticity.md. The trains and what the others make of them are those of the tests; the network with
plastic inhibition is that of the example.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import jax
import numpy as np

import simcore as sc
from simcore.units import Gohm, Hz, ms, mV, nS, pA, second

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[1] / folder) for folder in ("tests/models/plasticity", "examples")]
import inhibitory_plasticity  # noqa: E402
import test_plasticity as pairs  # noqa: E402
import test_rules as rules  # noqa: E402

jax.config.update("jax_enable_x64", True)
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


def balance(seed: int) -> dict[str, float]:
    """Return rates of the network of Vogels et al. (2011), before, while and after inhibition learns, CV and weight."""
    net = inhibitory_plasticity.build(seed)
    runner = sc.DSRunner(net, {"spikes": "E.spike_events"}, progress_bar=False)
    statistics = {}
    for name in ("before", *(f"second {k} of learning" for k in range(1, 5)), "after"):
        net.IE.learning = "learning" in name
        duration = 0.2 if name == "before" else 1.0
        spikes = runner.run(duration * second, inputs=dict.fromkeys("EI", inhibitory_plasticity.BACKGROUND)).spikes
        statistics[f"rate {name} (Hz)"] = len(spikes) / inhibitory_plasticity.N_E / duration
    intervals = [np.diff(train.m_as("ms")) for train in spikes.trains().values()]
    cv = [np.std(d) / np.mean(d) for d in intervals if len(d) >= 2]
    return statistics | {
        "coefficient of variation after": float(np.mean(cv)),
        "mean weight after (nS)": net.IE.weight.value.mean().m_as("nS"),
    }


def beside(reference: str, simulate: Callable[[int], dict[str, float]], title: str, text: str, size: str) -> list[str]:
    """Return the lines of a section: statistics of as many seeds as the reference has, beside its own."""
    theirs = json.loads((HERE / "reference" / f"{reference}.json").read_text())
    version, n = theirs["about"]["Brian2"], theirs["about"][size]
    ours: dict[str, list[float]] = {}
    for seed in range(1, n + 1):
        for name, value in simulate(seed).items():
            ours.setdefault(name, []).append(float(value))
        print(seed, {k: round(v[-1], 4) for k, v in ours.items()}, flush=True)
    lines = ["", f"## {title}, against Brian2 {version}, {n} seeds each", "", text, "",
             "| statistic | ours | theirs |", "| --- | ---: | ---: |"]  # fmt: skip
    for name, values in theirs["statistics"].items():
        row = [f"{np.mean(v):.4g} ± {np.std(v, ddof=1):.2g}" for v in (ours[name], values)]
        lines.append(f"| {name} | {row[0]} | {row[1]} |")
    return lines


def of_trains() -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Return what ours and the other's weights are over the same trains, by rule."""
    pre, post = pairs.both_trains()
    at_pre, reference = rules.steps(rules.PRE), pairs.REFERENCE
    after = rules.steps(np.sort(np.concatenate([pre[0], post[0]])) + 3.0)
    theirs = reference["Brian2, 3 ms after each spike"], reference["NEST, at each presynaptic spike"]
    made = []

    def compare(name: str, net: sc.Network, steps: np.ndarray, expected: list[float]) -> None:
        (w,) = rules.recorded(net, 600, "p.weight")
        made.append((name, w[steps, 0], np.array(expected)))

    pair = pairs.of_reference("A_plus", "A_minus", "tau_plus", "tau_minus")
    names = "A2_plus A3_plus A2_minus A3_minus tau_plus tau_minus tau_x tau_y"
    triplet = pairs.of_reference(*names.split())
    for delay in (0.0, 1.5):
        for name, kind, values in (("pairs", sc.models.STDP, pair), ("triplets", sc.models.TripletSTDP, triplet)):
            net = pairs.commanded(pre, post, kind(**values, w_max=10 * pA), weight=4.0, delay=delay)
            compare(f"{name}, delay {delay} ms, Brian2", net, after, theirs[0][f"{name}, delay {delay} ms"])
    for name, mu in pairs.MU.items():
        rule = sc.models.STDP(**rules.PAIRS, w_max=10 * pA, **mu)
        compare(f"pairs, {name}, NEST", rules.paired(rules.PRE, rules.POST, rule), at_pre, theirs[1][name])
    for name, (make, expected) in rules.RULES.items():
        compare(f"{name}, NEST", rules.paired(rules.PRE, rules.POST, make()), at_pre, expected)
    compare("dopamine, NEST", rules.rewarded(), at_pre, rules.NEST["dopamine"]["weight"])
    V, expected = (np.array(rules.NEST["clopath"][key]) for key in ("V (mV)", "weight"))
    made.append(("Clopath, NEST, V three steps later", rules.clopath(np.roll(V, 3))[at_pre], expected))
    return made


def main() -> None:
    """Write both tables."""
    lines = [
        "# Plasticity", "", f"simcore {sc.__version__}, jax {jax.__version__}.", "",
        "## Weights over trains of spikes", "",
        "25 spikes of each side in 600 ms, float64; the greatest difference, and the range of the weights. What others "
        "make of them is in `tests/models/plasticity/`, with 12 decimals.", "",
        "| rule | greatest difference (pA) | range (pA) |", "| --- | ---: | ---: |",
    ]  # fmt: skip
    lines += [f"| {name} | {np.abs(w - other).max():.1e} | {np.ptp(other):.2f} |" for name, w, other in of_trains()]
    lines += beside(
        "song_miller_abbott_brian2", competition, "Song, Miller, Abbott (2000)",
        "1000 weights in units of the largest after 40 s, and the rate in the last 10 s; mean ± standard deviation. "
        "Spikes of one step do not see one another. Brian2 drives V by the conductance of the step's start, which "
        "makes inputs 1 % larger (dt / 2 tau), and the weights smaller by as much.", "neurons",
    )  # fmt: skip
    lines += beside(
        "vogels_brian2", balance, "Vogels et al. (2011)",
        "The network of examples/inhibitory_plasticity.py: its excitatory rate before, while and after inhibition "
        "learns; mean ± standard deviation. Before, it fires nearly in step, at a rate that depends on dt: over three "
        "seeds 160.8, 161.7 and 162.4 Hz here at 0.1, 0.05 and 0.025 ms, 163.2, 162.2 and 165.0 Hz in Brian2.", "seeds",
    )  # fmt: skip
    (HERE.parent / "results" / "plasticity.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
