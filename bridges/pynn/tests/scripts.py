"""Scripts of PyNN whose results are compared between simulators; ``python scripts.py nest`` writes those of one.

Each returns numbers by name: times of spikes (ms), V (mV), conductances (uS) and weights (uS), at some times.
`reference.json` holds what PyNN 0.13 gave with NEST 3.10 and with Brian2 2.10.1.
"""

import importlib
import json
import sys

import numpy as np

TIMES = [5.0, 9.9, 10.0, 13.7, 20.0, 31.0]  # of a random kind: on a flank, at an arrival, in the tail


def spikes_of(cells):
    return np.asarray(cells.get_data().segments[0].spiketrains[0].magnitude).tolist()


def samples(sim, cells, variable):
    signal = cells.get_data().segments[0].filter(name=variable)[0].magnitude[:, 0]
    return [float(signal[round(t / sim.get_time_step())]) for t in TIMES]


def driven(sim, celltype, synapse, receptors=("excitatory",), sign=1.0):
    """Return a cell that a source drives."""
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[3.0, 8.0, 12.0]))
    cells = sim.Population(1, celltype)
    cells.initialize(v=-65.0)
    for receptor in receptors:
        sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
    return cells


def postsynaptic_potentials(sim):
    found = {}
    weights = {"IF_curr_exp": 0.5, "IF_curr_alpha": 0.5, "IF_cond_exp": 0.01, "IF_cond_alpha": 0.01}
    for kind, weight in (weights | {"IF_facets_hardware1": 0.002}).items():
        sim.setup(timestep=0.1, min_delay=0.1, spike_precision="on_grid")
        cells = driven(sim, getattr(sim, kind)(tau_syn_E=3.0), sim.StaticSynapse(weight=weight, delay=2.0))
        cells.record("v")
        sim.run(40.0)
        found[kind] = samples(sim, cells, "v")
    return found


FIRING = {
    "IF_curr_exp": ({"i_offset": 1.0, "tau_refrac": 2.0}, {}),
    "IF_cond_exp": ({"i_offset": 1.0, "tau_refrac": 2.0}, {}),
    "EIF_cond_exp_isfa_ista": ({"i_offset": 1.0, "tau_refrac": 2.0}, {"v": -70.6, "w": 0.0}),
    "HH_cond_exp": ({"i_offset": 0.5}, {"v": -65.0}),
    "Izhikevich": ({"i_offset": 0.01, "d": 8.0}, {"v": -65.0, "u": -13.0}),
    "IF_cond_exp_gsfa_grr": ({"i_offset": 2.0, "tau_refrac": 2.0}, {}),
}


def firing(sim, kinds=tuple(FIRING)):
    """Return spikes under constant currents."""
    found = {}
    for kind in kinds:
        parameters, initial = FIRING[kind]
        sim.setup(timestep=0.01, min_delay=0.1, spike_precision="on_grid")
        cells = sim.Population(1, getattr(sim, kind)(**parameters), initial_values=initial)
        cells.record("spikes")
        sim.run(100.0)
        found[kind] = spikes_of(cells)
    return found


def adaptation_in_nest():
    """Return the spikes of IF_cond_exp_gsfa_grr by NEST itself: PyNN 0.13 cannot set its initial values there."""
    nest = importlib.import_module("nest")
    nest.ResetKernel()
    nest.resolution = 0.01
    parameters = {"C_m": 1000.0, "g_L": 50.0, "E_L": -65.0, "V_m": -65.0, "V_th": -50.0, "V_reset": -65.0}
    parameters |= {"I_e": 2000.0, "t_ref": 2.0, "tau_sfa": 100.0, "E_sfa": -75.0, "q_sfa": 15.0}
    parameters |= {"tau_rr": 2.0, "E_rr": -75.0, "q_rr": 3000.0}
    cell, recorder = nest.Create("iaf_cond_exp_sfa_rr", params=parameters), nest.Create("spike_recorder")
    nest.Connect(cell, recorder)
    nest.Simulate(100.0)
    return recorder.events["times"].tolist()


def short_term_plasticity(sim):
    found = {}
    for name, parameters in {"depression": {"tau_facil": 0.0}, "facilitation": {"tau_facil": 300.0, "U": 0.1}}.items():
        sim.setup(timestep=0.1, min_delay=0.1, spike_precision="on_grid")
        synapse = sim.TsodyksMarkramSynapse(**{"U": 0.5, "tau_rec": 100.0, "weight": 0.01, "delay": 1.0} | parameters)
        cells = driven(sim, sim.IF_cond_exp(tau_syn_E=3.0), synapse)
        cells.record("gsyn_exc")
        sim.run(40.0)
        found[name] = samples(sim, cells, "gsyn_exc")
    return found


def additive_stdp(sim):
    """Return a weight after irregular trains, and the postsynaptic spikes."""
    rng = np.random.default_rng(1)
    pre_times, teacher_times = (np.cumsum(rng.integers(30, 400, 40) / 10.0) for _ in range(2))
    sim.setup(timestep=0.1, min_delay=0.1)
    pre, teacher = (sim.Population(1, sim.SpikeSourceArray(spike_times=t)) for t in (pre_times, teacher_times))
    post = sim.Population(1, sim.IF_curr_exp(tau_refrac=1.0, tau_syn_E=0.5))
    sim.Projection(teacher, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=200.0, delay=0.1))
    rule = sim.STDPMechanism(
        sim.SpikePairRule(tau_plus=15.0, tau_minus=25.0, A_plus=0.03, A_minus=0.02),
        sim.AdditiveWeightDependence(w_min=0.0, w_max=0.02),
        weight=0.01,
        delay=1.3,
        dendritic_delay_fraction=0.0,  # which alone PyNN has for Brian2
    )
    projection = sim.Projection(pre, post, sim.AllToAllConnector(), rule)
    post.record("spikes")
    sim.run(float(pre_times[-1]) + 2.0)
    return {"weight": float(projection.get("weight", format="array")[0, 0]), "spikes": spikes_of(post)}


def results(simulator):
    """Return the results of the scripts with a simulator."""
    sim = importlib.import_module(f"pyNN.{simulator}")
    if simulator == "brian2":
        return {"additive_stdp": additive_stdp(sim)}
    spikes = firing(sim, [kind for kind in FIRING if kind != "IF_cond_exp_gsfa_grr"])
    found = {f.__name__: f(sim) for f in (postsynaptic_potentials, short_term_plasticity)}
    return found | {"firing": spikes | {"IF_cond_exp_gsfa_grr": adaptation_in_nest()}}


if __name__ == "__main__":
    with open("reference.json", "r+") as file:
        references = json.load(file) | {sys.argv[1]: results(sys.argv[1])}
        file.seek(0)
        json.dump(references, file, indent=1)
        file.truncate()
