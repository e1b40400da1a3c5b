"""The tasks of training.py in snnTorch and Norse; runs in an environment that has them.

See training.py for what it is asked and answers. Their cells step in a loop of Python, as in their documentation.
"""

import json
import os
import resource
import sys
import time

import numpy as np
import torch
from torch import nn


def linear(weight):
    """Return a layer of weights, (in, out)."""
    layer = nn.Linear(*weight.shape, bias=False)
    layer.weight.data = torch.tensor(weight.T.copy())
    return layer


class SnnTorch(nn.Module):
    """The feedforward task: two layers of `snntorch.Leaky`."""

    def __init__(self, task, weights):
        import snntorch

        super().__init__()
        fire = snntorch.surrogate.fast_sigmoid(slope=task["slope"])
        self.into, self.out = linear(weights["into"]), linear(weights["out"])
        self.hidden = snntorch.Leaky(beta=task["decay"], spike_grad=fire)
        self.labels = snntorch.Leaky(beta=task["decay"], spike_grad=fire)

    def forward(self, x):
        """Return the counts of spikes of the labels."""
        hidden, labels, count = self.hidden.init_leaky(), self.labels.init_leaky(), 0
        for now in x:
            spikes, hidden = self.hidden(self.into(now), hidden)
            spikes, labels = self.labels(self.out(spikes), labels)
            count = count + spikes
        return count


class NorseFeedforward(nn.Module):
    """The same with `norse.torch.LIFBoxCell`, which resets to V_reset."""

    def __init__(self, task, weights):
        from norse.torch import LIFBoxCell, LIFBoxParameters

        super().__init__()
        p = LIFBoxParameters(
            tau_mem_inv=torch.tensor(1e3 * (1 - task["decay"])), method="super", alpha=torch.tensor(task["slope"])
        )
        self.into, self.out = (
            linear(weights["into"] / (1 - task["decay"])),
            linear(weights["out"] / (1 - task["decay"])),
        )
        self.hidden, self.labels = LIFBoxCell(p, dt=1e-3), LIFBoxCell(p, dt=1e-3)

    def forward(self, x):
        """Return the counts of spikes of the labels."""
        hidden = labels = None
        count = 0
        for now in x:
            spikes, hidden = self.hidden(self.into(now), hidden)
            spikes, labels = self.labels(self.out(spikes), labels)
            count = count + spikes
        return count


class NorseRecurrent(nn.Module):
    """The recurrent task with `norse.torch.LSNNRecurrentCell`, whose currents decay, and `LICell`."""

    def __init__(self, task, weights):
        from norse.torch import LICell, LIParameters, LSNNParameters, LSNNRecurrentCell

        super().__init__()
        channels, n, _ = task["sizes"]
        p = LSNNParameters(
            tau_mem_inv=torch.tensor(1 / 20e-3), tau_adapt_inv=torch.tensor(1 / 200e-3), beta=torch.tensor(0.1),
            method="super", alpha=task["slope"],
        )  # fmt: skip
        self.cells = LSNNRecurrentCell(channels, n, p, dt=1e-3)
        self.cells.input_weights.data = torch.tensor(weights["into"].T.copy())
        self.cells.recurrent_weights.data = torch.tensor(weights["back"].T.copy())
        self.out, self.readout = linear(weights["out"]), LICell(LIParameters(tau_mem_inv=torch.tensor(1 / 20e-3)))

    def forward(self, x):
        """Return the mean V of the readouts."""
        cells = readout = None
        total = 0
        for now in x:
            spikes, cells = self.cells(now, cells)
            V, readout = self.readout(self.out(spikes), readout)
            total = total + V
        return total / len(x)


def main():
    task = json.loads(sys.argv[1])
    torch.set_num_threads(task["threads"])
    data = np.load(task["data"])
    begin = time.perf_counter()
    net = {
        ("snnTorch", "feedforward"): SnnTorch,
        ("Norse", "feedforward"): NorseFeedforward,
        ("Norse", "recurrent"): NorseRecurrent,
    }[task["peer"], task["kind"]](task, data)
    optimizer = torch.optim.Adam(net.parameters(), lr=task["rate"])
    batches = [torch.tensor(x) for x in data["x"]]
    labels = torch.tensor(data["y"]).long()

    def slope(k):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(batches[k % len(batches)]), labels[k % len(batches)])
        loss.backward()
        return loss

    loss = slope(0)
    layers = {name: getattr(net, name) for name in task["weights"] if hasattr(net, name)}
    np.savez(task["slopes"], **{name: layer.weight.grad.numpy().T for name, layer in layers.items()})
    print(json.dumps({"first": time.perf_counter() - begin, "loss": loss.item()}), flush=True)
    k = 0
    for _ in sys.stdin:
        start, losses = time.perf_counter(), []
        for _ in range(task["updates"]):
            losses.append(slope(k))
            optimizer.step()
            k += 1
        losses = [loss.item() for loss in losses]
        seconds = (time.perf_counter() - start) / task["updates"]
        package = __import__(task["peer"].lower())
        versions = {task["peer"]: getattr(package, "__version__", "?"), "torch": torch.__version__}
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        print(json.dumps({"seconds": seconds, "losses": losses, "memory": memory, "versions": versions}), flush=True)


if __name__ == "__main__":
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
    main()
