"""A run that lasts: streamed to disk, saved at intervals, resumed; memory stays flat however long it is.

200 noisy leaky integrate-and-fire neurons just below threshold. A folder takes every spike and, each 5 ms, two
membranes; running statistics tell the mean and the intervals without any trace. Half-way the run ends, as if it had
been killed: a second runner goes on from the last checkpoint, and the recording is one.

Gerstner, Kistler, Naud, Paninski (2014), Neuronal Dynamics, Cambridge University Press, section 8.3 (noisy membranes).
"""

import shutil
from pathlib import Path

import numpy as np

import simcore as sc
from simcore.units import mA, ms, mV, second

EDGES = np.arange(0, 301, 5) * ms
DURATION = 10 * second


def build() -> sc.models.LIFRef:
    """Return the population."""
    return sc.models.LIFRef(200, tau=20 * ms, V_th=20 * mV, tau_ref=2 * ms, spk_reset="hard", noise="1 mV/ms**0.5")


if __name__ == "__main__":
    shutil.rmtree("long_run", ignore_errors=True)
    Path("long_run.npz").unlink(missing_ok=True)
    files = {"store": "long_run", "checkpoint": "long_run.npz", "checkpoint_every": 1 * second}
    monitors = {
        "spikes": "spike_events",
        "V": sc.Record("V", [0, 1], every=5 * ms),
        "mean": sc.measure.mean("V"),
        "rate": sc.measure.firing_rate,
        "intervals": sc.measure.interval_histogram(bins=EDGES),
    }
    runner = sc.DSRunner(build(), monitors, seed=1, **files)
    print(runner.estimate(DURATION, inputs=17 * mA))
    runner.run(DURATION / 2 + 300 * ms, inputs=17 * mA)

    runner = sc.DSRunner.resume("long_run.npz", build(), **files)  # in another process, on another day
    print(f"goes on at {runner.t.to(second):~P}")
    mon = runner.run(DURATION - runner.t, inputs=17 * mA)
    print(f"mean rate {mon.rate.mean():.1f~P}, mean V {mon.mean.mean():.1f~P}, {len(mon.spikes)} spikes on disk")

    figure, grid = sc.visualize.get_figure(3, 2, row_length=1.7, column_length=4)
    last = mon.spikes.times > DURATION - 1 * second
    recent = sc.runners.SpikeEvents(mon.spikes.times[last], mon.spikes.indices[last])
    sc.visualize.raster_plot(
        recent, ax=figure.add_subplot(grid[0, :]), markersize=0.5, xlabel="", title="The last second of a resumed run"
    )
    membrane = figure.add_subplot(grid[1, :])
    sc.visualize.line_plot(mon.times("V"), mon.V[:, :1], ax=membrane, lw=0.4, ylabel="V (mV), each 5 ms")
    membrane.axvline(5000, color="gray", ls="--", lw=0.8)
    membrane.text(5050, 23, "resumed", color="gray")
    membrane.set_ylim(-4, 27)
    intervals = figure.add_subplot(grid[2, 0])
    intervals.stairs(mon.intervals.sum(0), EDGES.m_as("ms"), fill=True)
    intervals.set(xlabel="interval (ms)", ylabel="count")
    rates = figure.add_subplot(grid[2, 1])
    rates.hist(mon.rate.m_as("Hz"), bins=20)
    rates.set(xlabel="rate (Hz)", ylabel="neurons")
    figure.savefig("long_run.png", dpi=150)
