"""
4. Parameter sweeps
===================

Any parameter, initial state, input, seed, dt or option is an axis. All values are checked first; then all points run
in one compiled program, and keep what is measured, not the traces.
"""

import matplotlib.pyplot as plt
import numpy as np

import simcore as sc
from simcore.units import mA, ms, mV

sweep = sc.Sweep(
    sc.models.LIFRef(1, V_th=15 * mV, spk_reset="hard"),
    over={"tau": np.linspace(5, 30, 26) * ms, "inputs": np.linspace(10, 40, 61) * mA, "tau_ref": [1, 5] * ms},
    measure={"rate": sc.measure.firing_rate, "first": sc.measure.first_spike_time},
    progress_bar=False,
)
result = sweep.run(300 * ms)
print(result["rate"])

# %%
# A result has named dimensions and coordinates with units. Parts of it are chosen by value.

rate = result["rate"].sel(tau_ref=1 * ms)
ax = sc.visualize.heat_map(rate)

# %%
ax = sc.visualize.line_plot(rate.isel(tau=[0, 5, 15]))

# %%
# Random designs, and what is measured
# ------------------------------------
# Instead of a grid: points that are taken together (``sc.design.zipped``), random ones, Latin hypercubes, Sobol
# sequences. Measures take windows of time and sum up neurons.

noise = sc.design.log(0.1 * mV / ms**0.5, 3 * mV / ms**0.5)
over = {"design": sc.design.latin_hypercube({"tau": (5, 30) * ms, "noise": noise}, 200, seed=1)}
sweep = sc.Sweep(
    sc.models.LIFRef(20, V_th=15 * mV, spk_reset="hard"),
    over,
    {"cv": sc.measure.interval_cv(start=50 * ms, over="neurons")},
    inputs=16 * mA,
    progress_bar=False,
)
result = sweep.run(1000 * ms)
cv = result["cv"]
tau, size = cv.coord("tau"), cv.coord("noise")
dots = plt.scatter(tau.m_as("ms"), size.m_as("mV/ms**0.5"), c=cv.magnitude)
plt.colorbar(dots, label="CV of the intervals")
plt.yscale("log")
plt.xlabel("tau (ms)")
plt.ylabel("noise (mV/ms$^{0.5}$)")

# %%
# What no parameter can change
# ----------------------------
# A function that builds the model takes arguments from axes, too: sizes, probabilities, seeds. ``set=`` makes
# parameters of what is on the axes. :ref:`This example <sphx_glr_gallery_sweep_brunel.py>` sweeps a network so.
#
# With ``sweep.run(duration, store="folder")`` finished batches are kept, and the same call goes on where it stopped;
# ``part=`` shares the work among the tasks of a cluster: see :doc:`/howto/devices_and_hosts`.
