"""Inhibition that learns to balance excitation: a network that fires fast becomes sparse, irregular and asynchronous.

The conductance-based network of Vogels and Abbott (2005) with inhibition onto excitatory neurons that begins at next to
nothing and grows by a symmetric rule until their rate is at its target, 3 Hz. A quarter of the neurons, each with as
many inputs as in the paper.

Vogels, Sprekeler, Zenke, Clopath, Gerstner (2011), Science 334, 1569-1573. After 4 s, five seeds: 5.3 Hz (standard
deviation 0.2), a coefficient of variation of 0.71 and a mean weight of 1.82 nS. Brian2 2.10.1: 5.0 Hz (0.5), 0.70 and
1.84 nS; benchmarks/results/plasticity.md has the way there.
"""

import simcore as sc
from simcore.units import Hz, Mohm, ms, mV, nS, pA, second

N_E, N_I, P = 2000, 500, 0.08
TARGET, BACKGROUND = 3 * Hz, 200 * pA


def build(seed: int = 1) -> sc.Network:
    """Return the network; the seed draws connections and initial V."""
    cell = {"R": 100 * Mohm, "tau": 20 * ms, "V_rest": -60 * mV, "V_th": -50 * mV, "V_reset": -60 * mV,
            "tau_ref": 5 * ms, "spk_reset": "hard", "V_initializer": sc.init.Uniform(-60 * mV, -50 * mV)}  # fmt: skip

    def population(n: int) -> sc.Neuron:
        receptors = {"exc": sc.models.Exponential(tau=5 * ms, reversal=0 * mV),
                     "inh": sc.models.Exponential(tau=10 * ms, reversal=-80 * mV)}  # fmt: skip
        return sc.models.LIFRef(n, receptors=receptors, **cell)

    E, I = population(N_E), population(N_I)
    connect, random = sc.models.Projection, {"connect": sc.models.FixedProbability(P)}
    rule = sc.models.VogelsSTDP(eta=0.1 * nS, rate=TARGET, tau=20 * ms, w_max=100 * nS)
    return sc.Network(
        seed=seed,
        E=E,
        I=I,
        EE=connect(E, E, "exc", weight=0.3 * nS, **random),
        EI=connect(E, I, "exc", weight=0.3 * nS, **random),
        II=connect(I, I, "inh", weight=3 * nS, **random),
        IE=connect(I, E, "inh", weight=1e-10 * nS, plasticity=rule, **random),
    )


if __name__ == "__main__":
    net = build()
    runner = sc.DSRunner(net, {"spikes": "E.spike_events", "rate": sc.measure.firing_rate("E", over="neurons"),
                               "cv": sc.measure.interval_cv("E", min_spikes=3, over="neurons")})  # fmt: skip
    inputs = {"E": BACKGROUND, "I": BACKGROUND}
    figure, grid = sc.visualize.get_figure(1, 3, row_length=4, column_length=4)
    stages = {"before": (False, 200 * ms), "learning": (True, 4 * second), "after": (False, 1 * second)}
    for column, (name, (learning, duration)) in enumerate(stages.items()):
        net.IE.learning = learning
        mon = runner.run(duration, inputs=inputs)
        weight = net.IE.weight.value.mean()
        print(f"{name}: {mon.rate:.1f~P}, coefficient of variation {mon.cv:.2f}, mean weight {weight:.2f~P}")
        end = runner.t.m_as("ms")
        sc.visualize.raster_plot(mon.spikes, ax=figure.add_subplot(grid[column]), markersize=0.7, xlim=(end - 200, end),
                                 ylim=(0, 500), title=f"{name}: {mon.rate:.1f~P}")  # fmt: skip
    figure.savefig("inhibitory_plasticity.png", dpi=150)
