"""Make elephant_reference.json: `python make_elephant_reference.py` here, in an environment that has elephant (1.2.1).

Four trains of 4 s: a Poisson process, a regular and a bursting gamma process, and one that follows the first by some
5 ms. Times are multiples of 0.5 ms, on which elephant's kernels are exact, and none is the edge of a bin of 5 ms:
elephant's bins hold their beginning, simcore's their end.
"""

import json

import neo
import numpy as np
import quantities as pq
from elephant import kernels, spectral, spike_train_correlation, statistics
from elephant.conversion import BinnedSpikeTrain

T, DT = 4000.0, 0.5  # ms
rng = np.random.default_rng(1)


def gamma_process(order, mean):
    times = np.cumsum(rng.gamma(order, mean / order, 2 * int(T / mean)))
    return times[times < T]


first = gamma_process(1, 40)
follower = first + rng.normal(5, 1, len(first))
trains = [np.unique(np.round(t / DT) * DT) for t in (first, gamma_process(4, 50), gamma_process(0.4, 60), follower)]
trains = [t[(t > 0) & (t < T) & (t % 5 != 0)] for t in trains]
spikes = [neo.SpikeTrain(t, units="ms", t_stop=T) for t in trains]
isi = [statistics.isi(s).magnitude for s in spikes]
V = np.zeros(800)  # mV, every 0.5 ms: noise with a memory of 10 ms
for k, noise in enumerate(rng.normal(0, 1, len(V) - 1)):
    V[k + 1] = 0.95 * V[k] + noise


def in_windows(s, width):
    return [s.time_slice(k * width * pq.ms, (k + 1) * width * pq.ms) for k in range(int(T / width))]


def rate(kernel, cutoff, **options):
    found = statistics.instantaneous_rate(spikes, DT * pq.ms, kernel, cutoff=cutoff, **options)
    return found.magnitude[200:1000:50].T.tolist()  # at 100, 125, ... ms


binned = BinnedSpikeTrain(spikes, bin_size=5 * pq.ms, t_stop=T * pq.ms)
pair = [BinnedSpikeTrain(spikes[k], bin_size=5 * pq.ms, t_stop=T * pq.ms) for k in (0, 3)]
lags = spike_train_correlation.cross_correlation_histogram(*pair, window=[-10, 10])[0]
half = 50.5 / 2  # ms, of the box
signal = neo.AnalogSignal(V, units="mV", sampling_period=DT * pq.ms)
frequencies, power = spectral.welch_psd(signal, len_segment=200, overlap=0.5)

reference = {
    "trains": [t.tolist() for t in trains],
    "V": V.tolist(),
    "intervals": [i.tolist() for i in isi],
    "cv": [float(statistics.cv(i)) for i in isi],
    "cv2": [float(statistics.cv2(i)) for i in isi],
    "lv": [float(statistics.lv(i)) for i in isi],
    "fano_factor": [float(statistics.fanofactor(in_windows(s, 200))) for s in spikes],
    "psth": statistics.time_histogram(spikes, 50 * pq.ms, output="rate").rescale("Hz").magnitude[:, 0].tolist(),
    "correlation": spike_train_correlation.correlation_coefficient(binned).tolist(),
    "cross_correlogram": lags.magnitude[:, 0].astype(int).tolist(),
    "Gaussian": rate(kernels.GaussianKernel(10 * pq.ms), 6),
    "Exponential": rate(kernels.ExponentialKernel(20 * pq.ms), 20, center_kernel=False),
    "Box": rate(kernels.RectangularKernel(half / np.sqrt(3) * pq.ms), 30 * np.sqrt(3) / half),
    "frequencies": frequencies.rescale("Hz").magnitude.tolist(),
    "spectrum": power.rescale("mV**2/Hz").magnitude.reshape(-1).tolist(),
}
with open("elephant_reference.json", "w") as file:
    json.dump(reference, file)
