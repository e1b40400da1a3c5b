"""A decision between two stimuli: two pools of excitatory neurons compete by common inhibition until one has won.

Recurrent excitation goes through NMDA receptors, whose gates stay open for 100 ms and saturate: a part of each
excitatory neuron. The run ends when the rate of a pool has passed 20 Hz: that is the decision, and when it was taken
the reaction time.

Wang (2002), Neuron 36, 955-968: without a stimulus about 3 Hz (excitatory) and 9 Hz (inhibitory).
Here, 24 seeds of 3 s: 2.56 Hz and 8.44 Hz (standard errors 0.03 and 0.05), at smaller dt the same. Brian2 2.10.1 at dt
0.025 ms, two seeds: 2.57 Hz and 8.47 Hz. By Euler at 0.1 ms it has 2.41 Hz and 8.25 Hz, and this network 2.50 and 8.40.
"""

import numpy as np

import simcore as sc
from simcore.units import Hz, Mohm, ms, mV, nS, second

N_E, N_I, SELECTIVE, STRONGER = 1600, 400, 0.15, 1.7  # the part of a pool, and how much stronger its own synapses are
WEAKER = 1 - SELECTIVE * (STRONGER - 1) / (1 - SELECTIVE)
SIZE = int(SELECTIVE * N_E)
POOLS = {"A": slice(0, SIZE), "B": slice(SIZE, 2 * SIZE), "others": slice(2 * SIZE, N_E)}
RELATIVE = np.array([[STRONGER, WEAKER, 1], [WEAKER, STRONGER, 1], [WEAKER, WEAKER, 1]])  # from, to
WINDOW, DECIDED = 50 * ms, 20 * Hz


def build(seed: int = 1, **stimuli: sc.inputs.Waveform) -> sc.Network:
    """Return the network; `stimuli` are the rates of further input, by pool."""
    cell = {"V_rest": -70 * mV, "V_th": -50 * mV, "V_reset": -55 * mV, "spk_reset": "hard"}
    cell["V_initializer"] = sc.init.Uniform(-60 * mV, -50 * mV)

    def receptors() -> dict[str, sc.bases.Receptor]:
        return {
            "ampa": sc.models.Exponential(tau=2 * ms, reversal=0 * mV),
            "gaba": sc.models.Exponential(tau=5 * ms, reversal=-70 * mV),
            "nmda": sc.models.GatedNMDA(),
        }

    E = sc.models.LIFRef(N_E, R=40 * Mohm, tau=20 * ms, tau_ref=2 * ms, receptors=receptors(),
                         parts={"gate": sc.models.NMDAGate()}, **cell)  # fmt: skip
    I = sc.models.LIFRef(N_I, R=50 * Mohm, tau=10 * ms, tau_ref=1 * ms, receptors=receptors(), **cell)
    pool = np.repeat([0, 1, 2], [SIZE, SIZE, N_E - 2 * SIZE])
    connect, gates = sc.models.Projection, sc.models.GateProjection
    to_all = {"connect": sc.models.AllToAll()}
    way = to_all | {"delay": 0.5 * ms}
    parts = {
        "EE": connect(E, E, "ampa", weight=0.05 * RELATIVE[pool][:, pool] * nS, **way),
        "EI": connect(E, I, "ampa", weight=0.04 * nS, **way),
        "IE": connect(I, E, "gaba", weight=1.3 * nS, **way),
        "II": connect(I, I, "gaba", weight=1.0 * nS, **way),
        "noise_E": sc.models.PoissonInput(E, "ampa", n=800, rate=3 * Hz, weight=2.1 * nS),
        "noise_I": sc.models.PoissonInput(I, "ampa", n=800, rate=3 * Hz, weight=1.62 * nS),
        "gates_I": gates(E, I, receptor="nmda", weight=0.13 * nS, **to_all),
    }
    for (j, pre), (k, post) in ((a, b) for a in enumerate(POOLS) for b in enumerate(POOLS)):
        weight = 0.165 * RELATIVE[j, k] * nS
        parts[f"gates_{pre}_{post}"] = gates(E[POOLS[pre]], E[POOLS[post]], receptor="nmda", weight=weight, **to_all)
    for name, rate in stimuli.items():
        parts[f"stimulus_{name}"] = sc.models.PoissonInput(E[POOLS[name]], "ampa", n=1, rate=rate, weight=2.1 * nS)
    return sc.Network(seed=seed, E=E, I=I, **parts)


def rates(runner: sc.DSRunner) -> dict:
    """Return the rates of the two pools in the last window."""
    times = {name: runner.mon[name].times for name in "AB"}
    return {name: (t > runner.t - WINDOW).sum() / SIZE / WINDOW for name, t in times.items()}


if __name__ == "__main__":
    figure, grid = sc.visualize.get_figure(1, 2, row_length=3.5, column_length=5)
    for column, coherence in enumerate((0.0, 0.512)):
        rng = np.random.default_rng(column)  # the evidence for each side comes anew in each 50 ms
        stimuli = {}
        for name, mean in (("A", 40 * (1 + coherence)), ("B", 40 * (1 - coherence))):
            stimuli[name] = sc.inputs.Waveform(np.clip(rng.normal(mean, 4, 40), 0, None) * Hz, WINDOW)
        net = build(**stimuli)
        monitors = {name: ("E.spike_events", POOLS[name]) for name in "AB"}
        runner = sc.DSRunner(net, monitors)
        runner.run(2 * second, until=lambda _, runner=runner: max(rates(runner).values()) > DECIDED, every=10 * ms)
        winner = max("AB", key=lambda name: rates(runner)[name])
        print(f"coherence {coherence:.1%}: {winner} has won after {runner.t:~P}")
        axes = figure.add_subplot(grid[column])
        for name, color in (("A", "tab:blue"), ("B", "tab:red")):
            sc.visualize.rate_plot(runner.mon[name], SIZE, ax=axes, bin=20 * ms, color=color, label=name,
                                   title=f"coherence {coherence:.1%}: {winner} at {runner.t:~P}")  # fmt: skip
        axes.legend()
    figure.savefig("decision.png", dpi=150)
