"""Statistics of spikes: three states of one network, told apart by numbers.

The network is in brunel.py. A: neurons fire regularly and together. C: irregularly, and not together. D: irregularly,
in a rate that swings slowly. Each run goes to disk, and the statistics read it there. From above: spikes; the rate;
intervals, with CV, CV2 and LV (0 of a clock, 1 of a Poisson process; slow changes of the rate raise the CV alone); the
correlations of spike counts in 10 ms, with the Fano factor and the synchrony chi of V; the spectrum of the rate, beside
that of Poisson processes.

Brunel (2000), Journal of Computational Neuroscience 8, 183-208.
"""

import tempfile

import numpy as np
from brunel import N_E, N_I, REGIMES, build

import simcore as sc
from simcore.units import ms

SOME, STATES = 100, {"A": "synchronous, regular", "C": "asynchronous, irregular", "D": "slow oscillation"}
MONITORS = {"all": "cells.spike_events", "some": ("cells.spike_events", range(SOME)), "V": ("cells.V", range(SOME))}
LATE = {"start": 200 * ms}  # without the transient

figure, grid = sc.visualize.get_figure(5, 3, row_length=1.9, column_length=4)
for column, (name, title) in enumerate(STATES.items()):
    raster, rates, laws, pairs, waves = (figure.add_subplot(grid[row, column]) for row in range(5))
    with tempfile.TemporaryDirectory() as folder:
        sc.DSRunner(build(*REGIMES[name]), MONITORS, store=f"{folder}/run", progress_bar=False).run(1700 * ms)
        mon = sc.open_run(f"{folder}/run")
        t, rate = sc.analysis.rate(mon.all, kernel=sc.analysis.Gaussian(0.5 * ms), every=0.2 * ms, **LATE)
        intervals = sc.analysis.intervals(mon.all, **LATE)[0].m_as("ms")
        cv, cv2, lv = (np.nanmean(f(mon.all, **LATE)) for f in (sc.analysis.cv, sc.analysis.cv2, sc.analysis.lv))
        fano = np.nanmean(sc.analysis.fano_factor(mon.all, window=100 * ms, **LATE))
        correlation = sc.analysis.correlation(mon.some, bin=10 * ms, **LATE)[np.triu_indices(SOME, 1)]
        chi = sc.analysis.synchrony(mon.V[mon.ts > LATE["start"]])
        f, power = sc.analysis.spectrum(*sc.analysis.psth(mon.all, bin=0.1 * ms, **LATE), window=200 * ms)
        sc.visualize.raster_plot(mon.some, ax=raster, title=f"{name}: {title}", markersize=1.5, xlim=(500, 620))
    print(f"{name}: {rate.mean():.1f~P}, CV {cv:.2f}, CV2 {cv2:.2f}, LV {lv:.2f}, Fano factor {fano:.2f}, "
          f"correlation {np.nanmean(correlation):.3f}, chi {chi:.2f}")  # fmt: skip

    sc.visualize.line_plot(t, rate, ax=rates, xlim=(500, 620), ylim=(0, 1.1 * rate.max()), lw=1)
    laws.hist(intervals, np.linspace(0, 1.2 * np.quantile(intervals, 0.98), 60), density=True)
    laws.set(xlabel="interval (ms)", ylabel="density (1/ms)", title=f"CV {cv:.2f}, CV2 {cv2:.2f}, LV {lv:.2f}")
    pairs.hist(correlation, np.linspace(-0.4, 1, 71))
    pairs.axvline(np.nanmean(correlation), color="C1", label="mean")
    pairs.set(xlabel="correlation of counts", ylabel="pairs", title=f"Fano factor {fano:.2f}, chi {chi:.2f}")
    waves.semilogy(f.m_as("Hz")[1:], power.m_as("Hz")[1:])
    poisson = 2 * rate.m_as("Hz").mean() / (N_E + N_I)
    waves.axhline(poisson, color="C1", ls="--", label="independent Poisson processes")
    waves.set(xlabel="frequency (Hz)", ylabel="power (Hz²/Hz)", xlim=(0, 500))
pairs.legend(frameon=False)
waves.legend(frameon=False, fontsize="small")
figure.savefig("spike_statistics.png", dpi=130)
