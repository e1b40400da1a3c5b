"""
7. Channels
===========

A neuron put together from channels, looked at in current clamp and in voltage clamp; then a channel of one's own.

Channels have densities; a current in pA spreads over the ``area`` of the neuron, 10 000 µm² if nothing else is said,
so that 100 pA are 1 µA/cm².
"""

import numpy as np

import simcore as sc
from simcore.models import channels as ch
from simcore.units import ms, mV, pA


def cell(n: int, **more: ch.Channel) -> sc.models.CondNeuron:
    """Return cells that spike, with more channels."""
    channels = {"na": ch.INa_TM1991(), "k": ch.IK_TM1991(), "leak": ch.IL(g="0.05 mS/cm**2", E=-70 * mV)}
    return sc.models.CondNeuron(n, channels=channels | more, V_initializer=-70 * mV)


monitors = ["V", "na.I", "k.I"]
runner = sc.DSRunner(cell(1), monitors, dt=0.025 * ms, progress_bar=False)
mon = runner.run(60 * ms, inputs=400 * pA)
ax = sc.visualize.line_plot(mon.ts, mon.V, ylabel="V (mV)")

# %%
# The currents of the channels during the spikes, inwards positive:

ax = sc.visualize.line_plot(mon.ts, mon["na.I"], legend="sodium")
sc.visualize.line_plot(
    mon.ts, mon["k.I"], ax=ax, legend="potassium", ylabel="current (µA/cm²)", xlim=(20 * ms, 40 * ms)
)

# %%
# Another channel changes how it fires
# ------------------------------------
# A muscarinic potassium current opens slowly, and makes the rate adapt.

adapting = cell(1, m=ch.IM_Ya1989(g="0.5 mS/cm**2"))
mon = sc.DSRunner(adapting, ["V", "spike_events"], dt=0.025 * ms, progress_bar=False).run(300 * ms, inputs=400 * pA)
print("intervals", np.diff(mon.spike_events.times).m_as("ms").round(1)[::4], "ms")
ax = sc.visualize.line_plot(mon.ts, mon.V, lw=0.8, ylabel="V (mV)")

# %%
# Voltage clamp
# -------------
# The same channels in a membrane whose potential is the input: steps from -90 mV, and the current that the sodium
# channel passes, drawn as recordings show it, inward currents downwards.

steps = np.arange(-60, 41, 20) * mV
clamp = sc.models.VoltageClamp(6, channels={"na": ch.INa_TM1991()})
command = sc.inputs.section_input([-90 * mV, steps], [5 * ms, 10 * ms], dt=0.01 * ms)
mon = sc.DSRunner(clamp, ["na.I"], dt=0.01 * ms, progress_bar=False).run(inputs=command)
ax = sc.visualize.line_plot(mon.ts, -mon["na.I"], ylabel="current (µA/cm²)")

# %%
# A channel of one's own
# ----------------------
# Its parameters, its gates, its conductance. ``AlphaBeta`` is a gate with two rates, ``InfTau`` one with a target and
# a time constant; gates start at rest.


class Kv(ch.Channel):
    """A delayed rectifier."""

    carries = "k"
    g = sc.Param(5.0, "mS/cm**2", "maximal conductance", nonnegative=True)
    E = sc.Param(-90.0, "mV", "reversal potential")
    n = sc.HiddenState("dimensionless", "activation", init=ch.STEADY)

    def gates(self, V: float) -> tuple[ch.Gate, ...]:
        """Return how n moves."""
        return (ch.AlphaBeta(ch.linoid_rate(V, 0.02, 20.0, 9.0), ch.linoid_rate(V, 0.002, 20.0, -9.0)),)

    def conductance(self, V: float, n: float) -> float:
        """Return the conductance."""
        return self.g * n


clamp = sc.models.VoltageClamp(6, channels={"kv": Kv()})
mon = sc.DSRunner(clamp, ["kv.I"], dt=0.01 * ms, progress_bar=False).run(inputs=command)
ax = sc.visualize.line_plot(mon.ts, -mon["kv.I"], ylabel="current (µA/cm²)")

# %%
# All channels, with their currents: :doc:`/reference/models/of_channels`. Calcium, and what it opens:
# :ref:`sphx_glr_gallery_channels_thalamic.py`.
