"""
9. Long runs
============

A run that goes to disk as it goes on, is saved at intervals, and is resumed after it has ended early; with what it
will take said before.
"""

import simcore as sc
from simcore.units import mA, ms, second

lif = sc.models.LIFRef(100)
monitors = {
    "spikes": "spike_events",
    "V": sc.Record("V", [0, 1], every=1 * ms, start=100 * ms),  # now and then, of some, in a window
    "rate": sc.measure.firing_rate,  # kept up to date, no trace
}
files = {"store": "run", "checkpoint": "run.npz", "checkpoint_every": 0.5 * second}
runner = sc.DSRunner(lif, monitors, progress_bar=False, **files)
print(runner.estimate(1 * second, inputs=1.5 * mA))

# %%
# Each chunk of the run is written to the folder; memory holds one. ``open_run`` reads it at any time, in this process
# or in another one, also while the run goes on.

runner.run(1 * second, inputs=1.5 * mA)
run = sc.open_run("run")
print(run.V.shape, len(run.spikes))
ax = sc.visualize.raster_plot(run.spikes, markersize=2, xlim=(0 * ms, 100 * ms))

# %%
# Go on
# -----
# ``resume`` makes a runner of a checkpoint and a model that is built as before: on the next day, in another process.
# The run is the one that would not have been interrupted, to the bit.

again = sc.DSRunner.resume("run.npz", sc.models.LIFRef(100), store="run", progress_bar=False)
print(again.t)
mon = again.run(1 * second, inputs=1.5 * mA)
print(mon.V.shape, len(mon.spikes))

# %%
# One script that starts a job and goes on with it whenever it has been killed is ``DSRunner.start_or_resume``: see
# :doc:`/howto/save_and_resume`. Is the time step small enough? ``check_dt`` runs on at dt/2 and dt/4, with the same
# noise:

print(sc.check_dt(again, 100 * ms))
