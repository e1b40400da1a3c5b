"""What the networks of this folder share in Brian2, and what Brian2 leaves to know of them.

A step is Brian2's: integrate, threshold, synapses, reset; a spike of step k carries the time at which step k starts.
With a delay of d steps it acts at the end of step k + d, after the threshold's test: the integration of step k + d + 1
is the first to see it. V is held at V_reset in the steps k + 1 to k + tau_ref / dt - 1, one fewer than tau_ref / dt.
"""

import brian2 as b2
import numpy as np
from collect import Spikes

DT = 0.1  # ms
DELAY = 1.5  # ms


def about(model: str, duration: float, seeds: int) -> dict[str, object]:
    """Return what to write of a simulation of this duration (ms)."""
    versions = {"simulator": "Brian2", "version": b2.__version__}
    return {"model": model} | versions | {"dt_ms": DT, "duration_ms": duration, "seeds": seeds}


def synapses(neurons: b2.NeuronGroup, pre: np.ndarray, post: np.ndarray, on_pre: str, name: str) -> b2.Synapses:
    """Return one synapse from each of `pre` to each of `post`, both indices of neurons, with the delay DELAY."""
    group = b2.Synapses(neurons, neurons, on_pre=on_pre, delay=DELAY * b2.ms, name=name)
    group.connect(i=pre, j=post)
    return group


def run(duration: float, sizes: dict[str, int], neurons: b2.NeuronGroup, *others: b2.BrianObject) -> Spikes:
    """Run for the duration (ms) and return the spikes by population; populations follow each other in `neurons`."""
    b2.defaultclock.dt = DT * b2.ms
    monitor = b2.SpikeMonitor(neurons, name="spikes")
    b2.Network(neurons, monitor, *others).run(duration * b2.ms)
    times, indices = np.asarray(monitor.t / b2.ms), np.asarray(monitor.i)
    spikes, first = {}, 0
    for population, n in sizes.items():
        inside = (indices >= first) & (indices < first + n)
        spikes[population] = (times[inside], indices[inside] - first, n)
        first += n
    return spikes
