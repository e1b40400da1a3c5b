r"""
2. Noise and inputs
===================

White noise in the equations, currents that fluctuate, Poisson spikes, functions of time; and the seeds that repeat
them.

``noise=`` is the amplitude of white noise on V, in mV per square root of a ms: of a membrane without a threshold, V
has the standard deviation :math:`\sigma \sqrt{\tau / 2}`.
"""

import jax.numpy as jnp
import numpy as np

import simcore as sc
from simcore.units import Hz, Mohm, mA, ms, mV, pA

membranes = sc.models.LIF(400, tau=10 * ms, V_th=1000 * mV, noise=2 * mV / ms**0.5)
mon = sc.DSRunner(membranes, ["V"], seed=1, progress_bar=False).run(100 * ms)
print(f"standard deviation {mon.V[-1].std():.2f~P}, in theory {2 * np.sqrt(10 / 2):.2f} mV")
ax = sc.visualize.line_plot(mon.ts, mon.V[:, :4])

# %%
# The same seed gives the same numbers, to the bit, whatever else is recorded and however the run is cut. Another seed
# of the runner gives another realisation.

again = sc.DSRunner(
    sc.models.LIF(400, tau=10 * ms, V_th=1000 * mV, noise=2 * mV / ms**0.5), ["V"], seed=1, progress_bar=False
)
again.run(40 * ms)
print(np.all(again.run(60 * ms).V[-1] == mon.V[-1]))

# %%
# Currents that fluctuate
# -----------------------
# An Ornstein-Uhlenbeck process has a mean, a standard deviation and a time constant. Waveforms add, scale and follow
# one another; each has a ``plot``.

quiet = sc.inputs.constant_input(0 * pA, 100 * ms)
noisy = sc.inputs.ou_process(200 * pA, 80 * pA, 5 * ms, 400 * ms, seed=3)
current = sc.inputs.concatenate([quiet, noisy])
current.plot(lw=0.7)

# %%
neuron = sc.models.AdExIF.preset("brette_gerstner", 1)
mon = sc.DSRunner(neuron, ["V"], progress_bar=False).run(inputs=4 * current)
ax = sc.visualize.line_plot(mon.ts, mon.V, lw=0.7)

# %%
# Functions of time
# -----------------
# What has no end, or has to be exact within a step, is a function of t: it is evaluated where the method of
# integration needs it and is never stored. It is checked like the equations of a model: ``t`` is a time, and what is
# returned has to be in the unit that stands beside it.

swing = sc.inputs.function(
    lambda t, mean, size, freq: mean + size * jnp.sin(2 * jnp.pi * freq * t),
    "mA",
    mean=12 * mA,
    size=8 * mA,
    freq=20 * Hz,
)
mon = sc.DSRunner(sc.models.LIF(1, tau=10 * ms, V_th=15 * mV), ["V"], progress_bar=False).run(200 * ms, swing)
ax = sc.visualize.line_plot(mon.ts, mon.V)

# %%
# Poisson spikes
# --------------
# Spikes reach a neuron at a receptor. ``PoissonInput`` is the sum of many sources onto each neuron, each spike with
# the same weight: here 100 of 10 Hz excite, and 100 inhibit.

cells = sc.models.LIFRef(
    50,
    R=100 * Mohm,
    tau=20 * ms,
    V_rest=-70 * mV,
    V_reset=-70 * mV,
    V_th=-55 * mV,
    tau_ref=2 * ms,
    spk_reset="hard",
    receptors={"exc": sc.models.Exponential(tau=5 * ms), "inh": sc.models.Exponential(tau=5 * ms)},
)
net = sc.Network(
    cells=cells,
    exc=sc.models.PoissonInput(cells, "exc", n=100, rate=10 * Hz, weight=60 * pA),
    inh=sc.models.PoissonInput(cells, "inh", n=100, rate=10 * Hz, weight=-30 * pA),
    seed=2,
)
mon = sc.DSRunner(net, {"V": ("cells.V", [0, 1]), "spikes": "cells.spike_events"}, progress_bar=False).run(500 * ms)
ax = sc.visualize.raster_plot(mon.spikes)
ax.set_title(f"mean CV of the intervals {np.nanmean(sc.analysis.cv(mon.spikes)):.2f}")
