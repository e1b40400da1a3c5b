"""
1. Neurons and their f-I curves
===============================

A neuron with units, a current, a run, a picture; then the rate over the current, against theory.

Every number that has a dimension carries its unit. A population is made of its size and of parameters by name, as
quantities or as text; what is left out has its default.
"""

import numpy as np

import simcore as sc
from simcore.units import Hz, mA, ms, mV, ohm

neuron = sc.models.LIFRef(1, R=1 * ohm, tau=20 * ms, V_th="15 mV", V_reset=0 * mV, tau_ref=2 * ms, spk_reset="hard")
for name, value in neuron.params().items():
    print(f"{name:8} {value:~P}")

# %%
# Run
# ---
# A runner takes the model through time. ``monitors`` says what is recorded: states by their names, and
# ``spike_events``, the times of the spikes with the numbers of their neurons. What ``run`` returns has each under its
# name, and ``ts``, the times, all of them quantities.

runner = sc.DSRunner(neuron, monitors=["V", "spike_events"], progress_bar=False)
mon = runner.run(200 * ms, inputs=20 * mA)
ax = sc.visualize.line_plot(mon.ts, mon.V)

print(f"{mon.V[-1, 0].to('uV'):.1f~P}")
print(mon.spike_events.times[:3])

# %%
# V is recorded at the end of each step of 0.1 ms, and a spike is told there: the recorded V shows the crossing of the
# threshold, and the reset comes with the next step. A second ``run`` goes on from where the first has ended;
# ``runner.reset_state()`` begins anew.
#
# Inputs
# ------
# A constant current is a quantity. Waveforms are made by :py:mod:`simcore.inputs`; they know their length.

ramp = sc.inputs.ramp_input(0 * mA, 40 * mA, 300 * ms)
runner.reset_state()
mon = runner.run(inputs=ramp)
ax = sc.visualize.line_plot(mon.ts, mon.V)
ax.set_title(f"{len(mon.spike_events)} spikes under a ramp from 0 to 40 mA")

# %%
# The f-I curve
# -------------
# A population of 60 neurons gets 60 currents, one each: shapes follow those of numpy. From reset to threshold a
# neuron takes :math:`\tau \ln \frac{R I}{R I - V_{th}}`, after which comes the refractory period.

currents = np.linspace(10, 60, 60) * mA
many = sc.models.LIFRef(60, R=1 * ohm, tau=20 * ms, V_th=15 * mV, tau_ref=2 * ms, spk_reset="hard")
mon = sc.DSRunner(many, ["spike_count"], progress_bar=False).run(1000 * ms, inputs=currents)
rate = (mon.spike_count / (1000 * ms)).to(Hz)

drive = currents[currents > 15 * mA] * ohm
theory = (1 / (2 * ms + 20 * ms * np.log(drive / (drive - 15 * mV)))).to(Hz)
ax = sc.visualize.line_plot(currents, rate, marker="o", ls="", ms=3, legend="simulated")
sc.visualize.line_plot(currents[currents > 15 * mA], theory, ax=ax, legend="theory", ylabel="firing rate (Hz)")
ax.legend()

# %%
# ``sc.analysis.fi_curve`` does the same for any neuron, and finds the rheobase, below which there is no spike.

curve = sc.analysis.fi_curve(sc.models.AdExIF(1), np.linspace(0, 30, 61) * mA, 500 * ms)
curve.plot()
print(curve)

# %%
# Go on with :ref:`noise and inputs <sphx_glr_tutorials_lesson_2_noise_and_inputs.py>`, or see all :doc:`models
# </reference/models/index>`.
