"""The cortical microcircuit of Potjans and Diesmann (2014) in NEST, at a tenth of the neurons and of their inputs.

The parameters and all that is drawn at random are in microcircuit_parameters.py. `iaf_psc_exp` integrates exactly. In
step k, from t to t + dt: V moves with the I at t, unless the neuron is refractory; I decays; the spikes that arrive at
t + dt add to I; V is tested against V_th (>=) and set to V_reset. A spike carries the time t + dt and acts on I a delay
later, to the step, so that V follows one step after that. V is held in the tau_ref / dt steps after that of the spike;
I goes on. The external spikes of a step are a Poisson count for each neuron.
"""

import sys
from pathlib import Path

import nest
import numpy as np
from collect import Spikes, collect

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))
from microcircuit_parameters import (
    DELAY,
    DT,
    MIN_DELAY,
    NEURON,
    POPULATIONS,
    TRANSIENT,
    V_START,
    WEIGHT_SPREAD,
    WINDOW,
    dc_current,
    external_rates,
    external_weight,
    sizes,
    synapses,
    weights,
)

SCALE = 0.1
NEST_NAMES = {
    "C_m": "C",
    "tau_m": "tau",
    "t_ref": "tau_ref",
    "tau_syn_ex": "tau_syn",
    "tau_syn_in": "tau_syn",
    "E_L": "E_L",
    "V_th": "V_th",
    "V_reset": "V_reset",
}


def build() -> list[nest.NodeCollection]:
    """Make neurons and their external inputs; return the neurons by population."""
    parameters = {name: NEURON[symbol] for name, symbol in NEST_NAMES.items()}
    dc, rates = dc_current(SCALE), external_rates(SCALE)
    populations = []
    for i, n in enumerate(sizes(SCALE).tolist()):
        start = nest.random.normal(*V_START)
        neurons = nest.Create("iaf_psc_exp", n, parameters | {"I_e": float(dc[i]), "V_m": start})
        noise = nest.Create("poisson_generator", params={"rate": float(rates[i])})
        nest.Connect(noise, neurons, "all_to_all", {"weight": external_weight(SCALE), "delay": DELAY["E"][0]})
        populations.append(neurons)
    return populations


def record(neurons: nest.NodeCollection) -> nest.NodeCollection:
    """Return a recorder of their spikes."""
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)
    return recorder


def connect(populations: list[nest.NodeCollection]) -> None:
    """Draw the recurrent synapses."""
    number, mean = synapses(SCALE), weights(SCALE)
    for i, target in enumerate(populations):
        for j, source in enumerate(populations):
            if not number[i, j]:
                continue
            delay = nest.random.normal(*DELAY[POPULATIONS[j][-1]])
            synapse = {
                "weight": nest.random.normal(float(mean[i, j]), WEIGHT_SPREAD * abs(float(mean[i, j]))),
                "delay": nest.math.redraw(delay, min=MIN_DELAY, max=np.inf),
            }
            rule = {"rule": "fixed_total_number", "N": int(number[i, j])}
            nest.Connect(source, target, rule, synapse)


def simulate(seed: int) -> Spikes:
    """Return the spikes of one run."""
    nest.ResetKernel()
    nest.set(resolution=DT, rng_seed=seed, local_num_threads=1, print_time=False)
    populations = build()
    connect(populations)
    recorders = [record(neurons) for neurons in populations]
    nest.Simulate(TRANSIENT + WINDOW)
    spikes = {}
    for name, neurons, recorder in zip(POPULATIONS, populations, recorders, strict=True):
        events = recorder.events
        spikes[name] = (events["times"], events["senders"] - neurons[0].global_id, len(neurons))
    return spikes


if __name__ == "__main__":
    nest.verbosity = nest.VerbosityLevel.WARNING
    about = {
        "model": "Potjans and Diesmann microcircuit",
        "scale": SCALE,
        "simulator": "NEST",
        "version": nest.__version__,
        "dt_ms": DT,
        "duration_ms": TRANSIENT + WINDOW,
        "seeds": 10,
    }
    collect(about, (TRANSIENT, TRANSIENT + WINDOW), simulate)
