"""
6. Fitting a recording
======================

``sc.Fit`` looks for parameters with which a run is like a recording: by evolution within bounds, one batch a
generation, then by derivatives.

The recording here is made by the library, so that the parameters are known: the voltage of a leaky membrane, with
spikes, under a current that fluctuates.
"""

import numpy as np

import simcore as sc
from simcore.units import mA, ms, mV, ohm

current = sc.inputs.ou_process(8 * mA, 3 * mA, 5 * ms, 200 * ms, seed=1)
true = sc.models.LIF(1, tau=12 * ms, R=2 * ohm, V_th=20 * mV, spk_reset="hard")
V = sc.DSRunner(true, ["V"], progress_bar=False).run(inputs=current).V

fit = sc.Fit(
    sc.models.LIF(1, V_th=20 * mV, spk_reset="hard"),
    bounds={"tau": (2, 50) * ms, "R": (0.1, 10) * ohm},
    inputs=current,
    target={"V": V},
    loss=lambda out, target: sc.losses.mean_square(out["V"], target["V"], scale=1 * mV),
)
best = fit.run(n=20, seed=1)
print(best.params, best.loss)

# %%
# What is found goes into a model, which is run as any other. The last digits come by derivatives.

best = fit.refine()
print(best.params, best.loss)

# %%
found = sc.models.LIF(1, V_th=20 * mV, spk_reset="hard", **best.params)
again = sc.DSRunner(found, ["V"], progress_bar=False).run(inputs=current)
ax = sc.visualize.line_plot(again.ts, V, lw=3, alpha=0.4, legend="recording")
sc.visualize.line_plot(again.ts, again.V, ax=ax, lw=1, legend="fit", ylabel="V (mV)")
print(f"largest difference {np.abs(again.V - V).max().to('uV'):.3g~P}")

# %%
# Losses of spike times, rates and voltages are pure numbers, each divided by a scale, so that they can be added: see
# :doc:`sc.losses </reference/api/losses>`. A neuron with more parameters, with noise in the recording, and judged by
# spikes under another current: :ref:`sphx_glr_gallery_fit_adex.py`.
