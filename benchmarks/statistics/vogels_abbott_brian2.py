"""What COBA and CUBA share: sizes, connections, the start, threshold and reset."""

import brian2 as b2
import brian2_network
import numpy as np
from collect import Spikes, collect

SIZES = {"E": 3200, "I": 800}
CONNECTION = 0.02  # probability of each ordered pair, with itself too
DURATION, WINDOW = 1000.0, (200.0, 1000.0)  # ms
CONSTANTS = {
    "tau": 20 * b2.ms,
    "tau_E": 5 * b2.ms,
    "tau_I": 10 * b2.ms,
    "V_th": -50 * b2.mV,
    "V_reset": -60 * b2.mV,
}
TAU_REF = 5.0  # ms
V_START = (-60.0, -50.0)  # mV, uniform between


def simulate(seed: int, equations: str, constants: dict[str, object], method: str, on_pre: dict[str, str]) -> Spikes:
    """Return the spikes of one run; connections and V at the start are drawn from the seed."""
    rng = np.random.default_rng(seed)
    n = sum(SIZES.values())
    neurons = b2.NeuronGroup(
        n,
        equations,
        threshold="V >= V_th",
        reset="V = V_reset",
        refractory=TAU_REF * b2.ms,
        method=method,
        namespace=CONSTANTS | constants,
        name="neurons",
    )
    neurons.V = rng.uniform(*V_START, n) * b2.mV
    synapses = []
    for first, kind in ((0, "E"), (SIZES["E"], "I")):
        pre, post = np.nonzero(rng.random((SIZES[kind], n)) < CONNECTION)
        synapses.append(brian2_network.synapses(neurons, first + pre, post, on_pre[kind], f"from_{kind}"))
    return brian2_network.run(DURATION, SIZES, neurons, *synapses)


def main(model: str, *network: object) -> None:
    """Collect the statistics of `simulate` with these arguments after the seed."""
    collect(brian2_network.about(model, DURATION, seeds=20), WINDOW, lambda seed: simulate(seed, *network))
