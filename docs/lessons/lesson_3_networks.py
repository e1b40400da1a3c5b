"""
3. Networks
===========

Populations, receptors that belong to them, projections between them; what a network is made of, what it does, and why
it may be silent.

A receptor is the part of a neuron at which spikes arrive. With a ``reversal`` potential it is a conductance, and
weights are in nS; without one it is a current, and weights are in pA; a ``Delta`` makes V jump, and weights are in
mV. What does not fit is refused.
"""

import numpy as np

import simcore as sc
from simcore.units import Mohm, ms, mV, nS, pA


def population(n: int) -> sc.models.LIFRef:
    """Return neurons with an excitatory and an inhibitory receptor."""
    return sc.models.LIFRef(
        n,
        R=100 * Mohm,
        tau=20 * ms,
        V_rest=-60 * mV,
        V_th=-50 * mV,
        V_reset=-60 * mV,
        tau_ref=5 * ms,
        spk_reset="hard",
        V_initializer=sc.init.Uniform(-60 * mV, -50 * mV),
        receptors={
            "exc": sc.models.Exponential(tau=5 * ms, reversal=0 * mV),
            "inh": sc.models.Exponential(tau=10 * ms, reversal=-80 * mV),
        },
    )


E, I = population(1600), population(400)
sparse = {"connect": sc.models.FixedProbability(0.04), "delay": 1.5 * ms}
net = sc.Network(
    E=E,
    I=I,
    E2E=sc.models.Projection(E, E, "exc", weight=6 * nS, **sparse),
    E2I=sc.models.Projection(E, I, "exc", weight=6 * nS, **sparse),
    I2E=sc.models.Projection(I, E, "inh", weight=67 * nS, **sparse),
    I2I=sc.models.Projection(I, I, "inh", weight=67 * nS, **sparse),
    seed=1,
)
net.summary()

# %%
# Names in dotted paths tell parts of a network: ``"E.V"``, ``"E.exc.g"``, the conductance at a receptor,
# ``"E2I.weight"``. Inputs go by the name of the population.

monitors = {"E": "E.spike_events", "I": "I.spike_events", "g": ("E.exc.g", [0]), "V": ("E.V", [0])}
runner = sc.DSRunner(net, monitors, progress_bar=False)
mon = runner.run(300 * ms, inputs={"E": 200 * pA, "I": 200 * pA})
ax = sc.visualize.raster_plot(mon.E, markersize=0.5, title="excitatory neurons")

# %%
figure, grid = sc.visualize.get_figure(2, 1, row_length=2)
sc.visualize.line_plot(mon.ts, mon.V, ax=figure.add_subplot(grid[0]), lw=0.7, ylabel="V (mV)", xlabel="")
sc.visualize.line_plot(mon.ts, mon.g, ax=figure.add_subplot(grid[1]), lw=0.7, ylabel="g at exc (nS)")

# %%
# Statistics
# ----------

for name in ("E", "I"):
    late = {"start": 50 * ms}
    cv = np.nanmean(sc.analysis.cv(mon[name], **late))
    t, rate = sc.analysis.rate(mon[name], kernel=sc.analysis.Gaussian(2 * ms), **late)
    print(f"{name}: {rate.mean():.1f~P}, CV {cv:.2f}")
ax = sc.visualize.line_plot(t, rate, legend="inhibitory")

# %%
# A silent network
# ----------------
# With a tenth of the current nothing happens. ``explain_silence`` says what drives each population, and what it would
# take.

runner.reset_state()
runner.run(100 * ms, inputs={"E": 20 * pA, "I": 20 * pA})
sc.explain_silence(runner)

# %%
# Connections, weights and delays
# -------------------------------
# ``connect=`` takes rules, pairs of neurons, or a matrix; weights and delays are one for all, one for each synapse,
# drawn, or functions of the distance. The synapses can be looked at:

pre, post = net.E2I.synapses()
print(len(pre), "synapses; the first from", pre[0], "to", post[0])

# %%
# Further: :doc:`all rules and kinds of synapses </reference/models/of_links>`, plasticity, gap junctions, and
# :doc:`several devices </howto/devices_and_hosts>` for networks that are too large for one.
