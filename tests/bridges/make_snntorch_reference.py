"""Make snntorch_reference.json: `python make_snntorch_reference.py` here, where snntorch (1.0.0), nir and nirtorch are.

Graphs as snntorch.export_nir makes them of layers, numbers at their Input, and the spikes of snnTorch's own simulation.
"""

import json
from pathlib import Path

import nir
import numpy as np
import snntorch as snn
import torch.fx  # nirtorch expects it
from snntorch.export_nir import _extract_snntorch_module

torch.manual_seed(1)
rng = np.random.default_rng(1)
N_IN, N, N_STEPS = 6, 10, 300
NUMBERS = (rng.random((N_STEPS, N_IN)) < 0.3).astype(np.float32)
# As snntorch.import_nir makes layers: V is reset right after a spike. (RSynaptic of 1.0.0 does not do it.)
RESET = {"reset_mechanism": "zero", "reset_delay": False}
ONES = torch.ones(N)
LAYERS = {
    "Leaky": (snn.Leaky(beta=0.9 * ONES, threshold=ONES, **RESET), ("mem",), 1.0),
    "Synaptic": (snn.Synaptic(alpha=0.8 * ONES, beta=0.9 * ONES, threshold=ONES, **RESET), ("syn", "mem"), 0.3),
    "RLeaky": (snn.RLeaky(beta=0.9 * ONES, threshold=ONES, linear_features=N, **RESET), ("spk", "mem"), 1.0),
}


def as_lists(value):
    """Return a dict of a node with lists for arrays."""
    if isinstance(value, dict):
        return {k: as_lists(v) for k, v in value.items()}
    return np.asarray(value).tolist() if isinstance(value, np.ndarray | torch.Tensor) else value


versions = {"snntorch": snn.__version__, "torch": torch.__version__, "nir": nir.__version__}
reference = {"made by": versions, "numbers": NUMBERS.tolist()}
for name, (layer, states, scale) in LAYERS.items():
    linear, spikes = torch.nn.Linear(N_IN, N), []
    state = [torch.zeros(1, N) for _ in states]
    with torch.no_grad():
        linear.weight.mul_(2 * scale).add_(0.1 * scale)
        linear.bias.mul_(scale)
        if "spk" in states:
            layer.recurrent.weight.mul_(2)
        for x in torch.tensor(NUMBERS):
            out = layer(linear(x[None]), *state)
            spikes.append(out[0][0].numpy())
            state = out if "spk" in states else out[1:]
    nodes = {
        "input": nir.Input({"input": np.array([N_IN])}),
        "fc": _extract_snntorch_module(linear),
        "layer": _extract_snntorch_module(layer),
        "output": nir.Output({"output": np.array([N])}),
    }
    graph = nir.NIRGraph(nodes, [("input", "fc"), ("fc", "layer"), ("layer", "output")])
    spikes = np.array(spikes)
    print(name, int(spikes.sum()), "spikes")
    assert 100 < spikes.sum() < N * N_STEPS / 2
    reference[name] = {"graph": as_lists(graph.to_dict()), "spikes": [np.flatnonzero(row).tolist() for row in spikes]}
Path("snntorch_reference.json").write_text(json.dumps(reference))
