"""Make losses_reference.json: `python make_losses_reference.py PEER` here, in an environment that has the peer.

snntorch (1.0.0), elephant (1.2.1) and brian2modelfitting (0.4) each write their part.
"""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np

FILE = Path("losses_reference.json")
rng = np.random.default_rng(1)
SPIKES = (rng.random((20, 3, 4)) < 0.2).astype(int)  # time, batch, neuron; each neuron has a spike
V = rng.normal(0, 1, (20, 3, 4)).round(3)
TARGET_V = rng.normal(0, 1, (20, 3, 4)).round(3)
LABELS = [2, 0, 3]
FIRST = [[3, 7, 0, 9], [1, 2, 19, 4], [5, 5, 8, 6]]  # steps, from 0
assert SPIKES.any(axis=0).all()
# Trains of 1 s on a grid of 0.1 ms: data, and three models with other spikes, other times and another rate.
DATA = np.sort(rng.choice(np.arange(1, 10001), 30, replace=False))
MODELS = [
    np.sort(rng.choice(np.arange(1, 10001), 40, replace=False)),
    np.unique(np.clip(DATA + rng.integers(-30, 31, 30), 1, 10000)),
    np.unique(np.clip(np.append(DATA + 5, DATA[::2] + 12), 1, 10000)),
]


def of_snntorch():
    import torch
    from snntorch import functional as SF

    s, v, labels = (
        torch.tensor(x, dtype=t) for x, t in ((SPIKES, torch.float), (V, torch.float), (LABELS, torch.long))
    )
    s.requires_grad_()
    losses = {
        "cross_entropy_rate": SF.ce_rate_loss()(s, labels),
        "cross_entropy_count": SF.ce_count_loss()(s, labels),
        "cross_entropy_max": SF.ce_max_membrane_loss()(v, labels),
        "mean_square_rate": SF.mse_count_loss(correct_rate=0.8, incorrect_rate=0.2)(s, labels),
        "sparsity": SF.reg.l1_rate_sparsity(1.0)(s),
        "mean_square_first_spike": SF.mse_temporal_loss(target_is_time=True)(s, torch.tensor(FIRST).float()),
    }
    # snnTorch's mse_membrane_loss makes one-hot targets of labels; of times it is PyTorch's MSELoss in each step.
    losses["mean_square"] = torch.nn.MSELoss()(v, torch.tensor(TARGET_V).float())
    slope = torch.autograd.grad(losses["cross_entropy_count"], s)[0]
    return {"losses": {k: float(x) for k, x in losses.items()}, "slope_of_count": slope[0].tolist()}


def of_elephant():
    import neo
    import quantities as pq
    from elephant.spike_train_dissimilarity import van_rossum_distance

    trains = [neo.SpikeTrain(t / 10, units="ms", t_stop=1000.0) for t in (DATA, *MODELS)]
    return {str(tau): van_rossum_distance(trains, tau * pq.ms)[0, 1:].tolist() for tau in (1, 12.5, 300)}


def of_brian2modelfitting():
    from brian2 import ms

    # The package needs optimizers that this file of it does not.
    file = Path(importlib.util.find_spec("brian2modelfitting").origin).with_name("metric.py")
    spec = importlib.util.spec_from_file_location("metric", file)
    metric = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(metric)

    def error(model, delta, rate_correction):
        time = {"time": 1000 * ms, "dt": 0.1 * ms, "rate_correction": rate_correction}
        return float(metric.get_gamma_factor(model / 10 * ms, DATA / 10 * ms, delta * ms, **time))

    return [[delta, corrected, [error(m, delta, corrected) for m in MODELS]]
            for delta in (1, 2, 4) for corrected in (False, True)]  # fmt: skip


peer = sys.argv[1]
reference = json.loads(FILE.read_text()) if FILE.exists() else {}
inputs = {"spikes": SPIKES.tolist(), "V": V.tolist(), "target_V": TARGET_V.tolist(), "labels": LABELS, "first": FIRST}
reference |= {"inputs": inputs, "data": DATA.tolist(), "models": [m.tolist() for m in MODELS]}
reference[peer] = {"snntorch": of_snntorch, "elephant": of_elephant, "brian2modelfitting": of_brian2modelfitting}[
    peer
]()
FILE.write_text(json.dumps(reference) + "\n")
