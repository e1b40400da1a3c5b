"""A sweep that several processes share: each runs its own points, all get all results.

On one machine, two processes in two terminals (or with & after the first):

    python sweep_distributed.py 127.0.0.1:9911 2 0
    python sweep_distributed.py 127.0.0.1:9911 2 1

On several hosts, the address is that of process 0. Without arguments, one process runs all points; the results are
the same to the bit.
"""

import sys

import numpy as np

import simcore as sc
from simcore.units import mA, ms, mV

if len(sys.argv) > 1:  # before anything is computed
    address, n_processes, process = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    sc.distributed.initialize(address, n_processes, process)

model = sc.models.LIFRef(1, noise=0.2 * mV / ms**0.5)
over = {"tau": np.linspace(5, 30, 40) * ms, "inputs": np.linspace(0.5, 2, 30) * mA, "seed": range(4)}
result = sc.Sweep(model, over, {"rate": sc.measure.firing_rate}, progress_bar=False).run(200 * ms)

rate = result["rate"].m_as("Hz")
print(f"{rate.size} runs, mean rate {rate.mean():.6f} Hz; over seeds it varies by {rate.std(-1).mean():.3f} Hz")
if len(sys.argv) == 1 or process == 0:
    ax = sc.visualize.heat_map(result["rate"].isel(seed=0), title="firing rate with noise")
    ax.figure.savefig("sweep_distributed.png", dpi=130)
