"""The states of a sparsely connected network over inhibition and external rate: rates, irregularity, synchrony.

Each point is a network of its own, which a function builds; all share one program. The first 100 ms are left out, and
what is measured is one number of the population: its mean rate, the CV of the intervals of neurons that fired enough,
and the synchrony of V. Two drawings of the connections tell how much depends on these. The network is in brunel.py.

Brunel (2000), Journal of Computational Neuroscience 8, 183-208. Synchrony: Golomb, Rinzel (1993), Physical Review E
48, 4810.
"""

import numpy as np
from brunel import build

import simcore as sc
from simcore.units import ms

LATE = {"start": 100 * ms}

sweep = sc.Sweep(
    build,
    over={"g": np.array([3.0, 4.0, 5.0, 6.0]), "eta": np.array([1.0, 2.0, 4.0]), "seed": [1, 2]},
    measure={
        "rate": sc.measure.firing_rate("cells", over="neurons", **LATE),
        "cv": sc.measure.interval_cv("cells", min_spikes=5, over="neurons", **LATE),
        "chi": sc.measure.synchrony("cells.V", **LATE),
    },
    progress_bar=False,
)
result = sweep.run(300 * ms)

figure, grid = sc.visualize.get_figure(1, 3, row_length=3, column_length=4)
for column, (name, values) in enumerate(result.items()):
    low, high, apart = (float(v.magnitude) for v in (values.min(), values.max(), values.std("seed").max()))
    print(f"{name}: {low:.3g} to {high:.3g}; two drawings differ by {2 * apart:.2g} at most")
    sc.visualize.heat_map(values.mean("seed"), ax=figure.add_subplot(grid[0, column]))
figure.savefig("sweep_brunel.png", dpi=150)
