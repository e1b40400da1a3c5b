"""Where the generalized integrate-and-fire neuron fires tonically, adapts, bursts or stays silent: a map of patterns.

Two parameters of the GIF model are swept: how strongly the threshold follows V (a) and the current that each spike
sets off (A2). The coefficient of variation of the intervals tells bursts (high) from regular firing (0); the ratio
of the last interval to the first would be the adaptation. 2 500 simulations, none of which stores a trace.

Mihalas and Niebur (2009), Neural Computation 21(3), 704-718.
"""

import matplotlib.pyplot as plt
import numpy as np

import simcore as sc
from simcore.units import kHz, mA, ms

model = sc.models.GIF(1, A1=10 * mA, I1_initializer=0 * mA)
over = {"A2": np.linspace(-1, 0.2, 50) * mA, "a": np.linspace(0, 0.03, 50) * kHz}
measures = {
    "firing rate": sc.measure.firing_rate,
    "interval CV": sc.measure.interval_cv,
    "first spike": sc.measure.first_spike_time,
}
result = sc.Sweep(model, over, measures, inputs=2 * mA, dt=0.1 * ms, progress_bar=False).run(500 * ms)
print(result)

figure, axes = plt.subplots(1, 3, figsize=(13, 3.8), layout="constrained")
for ax, name in zip(axes, measures, strict=True):
    sc.visualize.heat_map(result[name], ax=ax, title=name)
figure.savefig("sweep_gif_map.png", dpi=130)
