"""An adaptive exponential neuron, fitted to a recording: evolution within bounds, one batch a generation.

The recording is that of a neuron with noise on V, under a current that fluctuates. A model without noise finds its
membrane, its threshold and its adaptation again, from V and from the times of the spikes. Then both get a current that
the fit has not seen; the coincidence factor of their spikes is 1 where all coincide within 4 ms, 0 by chance.

The factor: Jolivet, Lewis, Gerstner (2004), Journal of Neurophysiology 92(2), 959-976.
"""

import matplotlib.pyplot as plt
import numpy as np

import simcore as sc
from simcore.units import Mohm, ms, mV, pA

BOUNDS = {
    "R": (20, 300) * Mohm,
    "tau": (3, 40) * ms,
    "V_T": (-58, -42) * mV,
    "b": (0, 200) * pA,
    "tau_w": (20, 400) * ms,
}


def neuron(**options):
    """Return the neuron of Brette and Gerstner (2005), with other parameters."""
    return sc.models.AdExIF.preset("brette_gerstner", 1, V_th=-30 * mV, **options)


def current(seed: int) -> sc.inputs.Waveform:
    """Return two seconds of a current that fluctuates around the rheobase."""
    return sc.inputs.ou_process(600 * pA, 300 * pA, 20 * ms, 2000 * ms, dt=0.1 * ms, seed=seed)


def recorded(cell, inputs: sc.inputs.Waveform, seed: int = 0):
    """Return V and spikes of a neuron, from rest."""
    cell.reset_state()
    return sc.DSRunner(cell, ["V", "spike"], seed=seed, progress_bar=False).run(inputs=inputs)


def loss(out: dict, target: dict):
    """Return how far V and spikes are from those of the recording."""
    V = sc.losses.mean_square(out["V"], target["V"], scale=4 * mV)
    return V + sc.losses.van_rossum(out["spikes"], target["spikes"], tau=10 * ms, dt=0.1 * ms)


cell, seen, unseen = neuron(noise=0.05 * mV / ms**0.5), current(1), current(2)
recording = recorded(cell, seen)
fit = sc.Fit(neuron(), BOUNDS, inputs=seen, target={"V": recording.V, "spikes": recording.spike}, loss=loss)
best = fit.run(n=100, seed=1)
for name, value in best.params.items():
    was = float(getattr(cell, name).m_as(value.units))
    print(f"{name:6} {value.m:6.1f}, was {was:6.1f} {value.units:~P}")
test, model = recorded(cell, unseen, seed=1), recorded(neuron(**best.params), unseen)
factor = float(sc.losses.coincidence_factor(model.spike, test.spike, precision=4 * ms, dt=0.1 * ms)[0])
counts = f"{int(test.spike.sum())} spikes, {int(model.spike.sum())} of the model"
print(f"under another current {counts}: coincidence factor {factor:.2f}")

figure, (above, below) = plt.subplots(2, figsize=(9, 6.5), layout="constrained")
shown = slice(4000, 14000)
looks = {"recorded": (test, {"color": "0.6", "linewidth": 3}), "the fitted model": (model, {"color": "tab:red"})}
for name, (mon, look) in looks.items():
    sc.visualize.line_plot(mon.ts[shown], mon.V[shown], ax=above, legend=name, **look)
above.set(title=f"a current that the fit has not seen: coincidence factor {factor:.2f}", ylim=(-80, -25))
above.legend(loc="lower left")
tried = best.table["loss"]
for k, (name, (low, high)) in enumerate(BOUNDS.items()):
    at = (best.table[name] - low) / (high - low)
    below.scatter(k + 0.7 * (np.arange(tried.size) / tried.size - 0.5), at.to("").m, s=2, c=tried, cmap="viridis_r",
                  vmin=0, vmax=20, rasterized=True)  # fmt: skip
    true = float(((getattr(cell, name) - low) / (high - low)).to("").m)
    below.hlines(true, k - 0.4, k + 0.4, color="tab:red", label=None if k else "as it was")
    below.text(k, -0.13, f"{low.m:g} to {high:~P}", ha="center", fontsize=8)
below.set(xticks=range(len(BOUNDS)), ylim=(-0.18, 1.05), ylabel="place within the bounds")
below.set_xticklabels(BOUNDS)
below.set_title(f"{tried.size} candidates, from the first to the last; the brighter the better")
below.legend(loc="upper right")
figure.savefig("fit_adex.png", dpi=130)
