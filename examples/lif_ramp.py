"""A leaky integrate-and-fire neuron under a current ramp: declare, drive, run, plot.

The neuron is silent while R I stays below its threshold of 20 mV, and fires faster and faster above. Because the
membrane lags behind the ramp, the first spike comes a little after the current has passed 20 mA.

Abbott (1999), Lapicque's introduction of the integrate-and-fire model neuron (1907), Brain Research Bulletin
50(5-6), 303-304.
"""

import numpy as np

import simcore as sc
from simcore.units import mA, ms

lif = sc.models.Lif(1)  # R 1 ohm, tau 10 ms, V_th 20 mV, V_reset -5 mV, V_rest 0 mV
current = sc.inputs.ramp_input(4 * mA, 40 * mA, 700 * ms, 100 * ms, 600 * ms)

runner = sc.DSRunner(lif, monitors=["V", "spike_events"])
mon = runner.run(inputs=current)

times = mon.spike_events.times
intervals = np.diff(times)
rheobase = (lif.V_th / lif.R).to(mA)
passed = current.ts[np.argmax(current.value >= rheobase)]
print(f"{len(times)} spikes, the first at {times[0]:.1f~P}")
print(f"the current passes the rheobase of {rheobase:.0f~P} at {passed:.1f~P}")
print(f"interval between the first two spikes {intervals[0]:.1f~P}, between the last two {intervals[-1]:.1f~P}")

figure, grid = sc.visualize.get_figure(3, 1, row_length=1.5, column_length=7)
above = figure.add_subplot(grid[0])
current.plot(ax=above, color="tab:red", xlabel="", ylabel="current I (mA)", title="LIF neuron under a current ramp")
above.tick_params(labelbottom=False)
below = figure.add_subplot(grid[1:], sharex=above)
sc.visualize.line_plot(mon.ts, mon.V, ax=below, lw=0.9, ylabel="membrane potential V (mV)")
below.axhline(lif.V_th.m_as("mV"), color="gray", ls="--", lw=0.8)
below.text(8, lif.V_th.m_as("mV") + 0.4, "threshold", color="gray")
below.set(xlim=(0, 700), ylim=(-7, 24))
figure.savefig("lif_ramp.png", dpi=150)
