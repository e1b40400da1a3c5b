"""Where the generalized integrate-and-fire neuron fires tonically, adapts, bursts or stays silent: a map of patterns.

Two parameters of the GIF model are swept: the current A2 that each spike sets off, and how strongly the threshold
follows V (a). Where the coefficient of variation of the intervals exceeds 1, spikes come in bursts; near 0 they are
regular; where it is grey there are too few spikes. 2 500 simulations, none of which stores a trace.

Mihalas and Niebur (2009), Neural Computation 21(3), 704-718.
"""

import matplotlib.pyplot as plt
import numpy as np

import simcore as sc
from simcore.units import mA, ms

model = sc.models.GIF(1, A1=10 * mA, I1_initializer=0 * mA)
over = {"A2": np.linspace(-1, 0.2, 50) * mA, "a": np.linspace(0, 0.03, 50) / ms}
measures = {
    "firing rate": sc.measure.firing_rate,
    "CV of intervals": sc.measure.interval_cv,
}
result = sc.Sweep(model, over, measures, inputs=2 * mA, dt=0.1 * ms, progress_bar=False).run(500 * ms)
print(result)

figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for ax, name in zip(axes, measures, strict=True):
    sc.visualize.heat_map(result[name], ax=ax)
figure.savefig("sweep_gif_map.png", dpi=130)
