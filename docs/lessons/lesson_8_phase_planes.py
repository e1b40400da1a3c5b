"""
8. Phase planes and bifurcations
================================

The equations that run are also those that are analysed: fixed points, nullclines, and what becomes of them as a
parameter changes.
"""

import simcore as sc
from simcore.units import ms, mV, nA

neuron = sc.models.MorrisLecar(1)
ranges = {"V": (-80, 50) * mV, "W": (0, 0.6)}
points = sc.analysis.fixed_points(neuron, ranges, inputs=5 * nA)
print(points.V, points.kind)

# %%
# The phase plane: the vector field, where dV/dt and dW/dt are 0, fixed points by their stability, and runs that begin
# at chosen states.

ax = sc.analysis.phase_plane(
    neuron, ranges, inputs=5 * nA, starts={"V": [-20, 0] * mV, "W": [0.1, 0.1]}, duration=200 * ms
)

# %%
# Under more current, the fixed point is unstable, and all goes to a cycle: the neuron fires.

ax = sc.analysis.phase_plane(neuron, ranges, inputs=12 * nA, starts={"V": [-20] * mV, "W": [0.1]}, duration=300 * ms)

# %%
# Where does that change? The equilibria are followed over the current.

diagram = sc.analysis.bifurcation(neuron, {"inputs": (0, 30) * nA}, {"V": (-80, 50) * mV})
print(diagram)
ax = diagram.plot()

# %%
# Runs agree: below the Hopf bifurcation the neuron rests, or fires, by where it begins. The rates of a neuron that
# begins at its initial V, and the least current that makes it spike:

curve = sc.analysis.fi_curve(neuron, [4, 6, 8, 9, 10, 12, 15, 20] * nA, 1000 * ms)
curve.plot(marker="o")
print(curve)

# %%
# Three kinds of neurons: :ref:`sphx_glr_gallery_bifurcation_morris_lecar.py`. Networks of rates have
# ``sc.analysis.slow_points``.
