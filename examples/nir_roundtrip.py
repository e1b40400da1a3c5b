"""A graph of the Neuromorphic Intermediate Representation, run here with units, and written back.

A recurrent layer as snnTorch and Norse export one: LIF neurons that excite and inhibit one another through a matrix,
and a leaky integrator that reads them out. Its parameters are parameters of simcore, so that one of them can be
looked at, swept or trained before the graph goes back to the hardware or the framework that it came from.

Pedersen et al. (2024), Nature Communications 15, 8122.
"""

import matplotlib.pyplot as plt
import nir
import numpy as np

import simcore as sc
from simcore.units import dimensionless, ms

rng = np.random.default_rng(1)
N_IN, N = 20, 50
tau = rng.uniform(5e-3, 20e-3, N)  # NIR has no units; times are in seconds where frameworks write them
dt = 1e-4
nodes = {
    "input": nir.Input({"input": np.array([N_IN])}),
    "fc": nir.Affine(rng.normal(0.3, 0.3, (N, N_IN)), np.full(N, 0.005)),
    "lif": nir.LIF(tau=tau, r=tau / dt, v_leak=np.zeros(N), v_threshold=np.ones(N)),
    "rec": nir.Linear(rng.normal(-0.05, 0.1, (N, N))),
    "readout": nir.Linear(rng.normal(0, 1, (2, N))),
    "li": nir.LI(tau=np.full(2, 0.02), r=np.full(2, 2.0), v_leak=np.zeros(2)),
    "output": nir.Output({"output": np.array([2])}),
}
edges = [("input", "fc"), ("fc", "lif"), ("lif", "rec"), ("rec", "lif"), ("lif", "readout"), ("readout", "li")]
nir.write("recurrent.nir", nir.NIRGraph(nodes, [*edges, ("li", "output")]))

net = sc.nir.read("recurrent.nir")
net.summary()
x = sc.inputs.Waveform((rng.random((3000, N_IN)) < 0.005) * dimensionless, dt=0.1 * ms)
runner = sc.DSRunner(net, ["lif.spike_events", "output.y"], dt=0.1 * ms, progress_bar=False)
mon = runner.run(inputs={"input": x})
spikes = mon["lif.spike_events"]
print(f"{len(spikes)} spikes of {N} neurons in {x.duration:.0f~P}")

first = sc.nir.write(net, "first.nir")
second = sc.nir.write(sc.nir.read("first.nir"), "second.nir")
same = all(np.array_equal(value, vars(second.nodes[name])[key]) for name, node in first.nodes.items()
           for key, value in vars(node).items() if isinstance(value, np.ndarray))  # fmt: skip
print(f"written, read and written again, {len(first.nodes)} nodes: {'the same to the bit' if same else 'not the same'}")

figure, (top, bottom) = plt.subplots(2, 1, figsize=(8, 5), sharex=True, height_ratios=[2, 1], layout="constrained")
sc.visualize.raster_plot(spikes, ax=top)
top.set(title="LIF neurons of a NIR graph", xlabel="")
bottom.plot(mon.ts.m_as(ms), mon["output.y"].m_as("mV"))
bottom.set(xlabel="time (ms)", ylabel="readout V (mV)")
figure.savefig("nir_roundtrip.png", dpi=150)
