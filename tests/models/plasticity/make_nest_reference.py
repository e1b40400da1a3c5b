"""Make nest_reference.json: weights over spike trains in NEST, of rules that came after `plasticity_reference.json`.

Nearest-neighbour schemes, powers of the weight, dopamine, and the voltage-based rule of Clopath et al. (2010). Grid of
0.1 ms; the trains are those of `plasticity_reference.json`, no spike meets another. As there, NEST shifts the
postsynaptic spikes by the delay of the synapse, a step: they are given a step earlier.

Run: python tests/models/plasticity/make_nest_reference.py
"""

import json
from pathlib import Path

import nest
import numpy as np

HERE = Path(__file__).parent
DT, DURATION = 0.1, 600.0  # ms
W_0, W_MAX = 4.0, 10.0
TRAINS = json.loads((HERE / "plasticity_reference.json").read_text())
PRE, POST = (np.array(TRAINS[f"{side} (ms)"]) for side in ("pre", "post"))
DOPAMINE = np.array([60.0, 121.3, 200.0, 330.7, 334.0, 430.1, 500.0])
STDP = {"tau_plus": 16.8, "lambda": 0.03, "alpha": 2 / 3, "Wmax": W_MAX}
SCHEMES = {"symmetric": "stdp_nn_symm_synapse", "presynaptic_centred": "stdp_nn_pre_centered_synapse",
           "reduced_symmetric": "stdp_nn_restr_synapse"}  # fmt: skip
ADDITIVE = {"mu_plus": 0.0, "mu_minus": 0.0}
GUETIG = {"mu_plus": 0.4, "mu_minus": 0.7}
POWER_LAW = {"tau_plus": 16.8, "lambda": 0.03, "alpha": 0.9, "mu": 0.4}
REWARD = {"tau_plus": 16.8, "tau_c": 150.0, "tau_n": 60.0, "A_plus": 0.3, "A_minus": 0.2, "b": 0.002,
          "Wmin": 0.0, "Wmax": W_MAX}  # fmt: skip
CLOPATH = {"A_LTD": 1.4e-3, "A_LTP": 8e-5, "theta_minus": -70.6, "theta_plus": -45.3, "tau_u_bar_minus": 10.0,
           "tau_u_bar_plus": 7.0}  # fmt: skip


def parrot(times):
    """Return a neuron that spikes at these times; from the generator to it is a step."""
    neuron = nest.Create("parrot_neuron")
    nest.Connect(nest.Create("spike_generator", params={"spike_times": np.round(times - DT, 1)}), neuron,
                 syn_spec={"delay": DT})  # fmt: skip
    return neuron


def prepared():
    """Return a recorder of weights in a new kernel."""
    nest.ResetKernel()
    nest.resolution = DT
    nest.set_verbosity("M_ERROR")
    return nest.Create("weight_recorder")


def noted(recorder):
    """Return the weights that were noted at presynaptic spikes, after the run."""
    nest.Simulate(DURATION)
    return [round(float(w), 12) for w in recorder.events["weights"]]


def of_pairs(model, parameters):
    """Return the weight at each presynaptic spike."""
    recorder = prepared()
    nest.CopyModel(model, "plastic", {"weight_recorder": recorder} | parameters)
    spec = {"synapse_model": "plastic", "weight": W_0, "delay": DT, "receptor_type": 1}  # no spike comes of it
    nest.Connect(parrot(PRE), parrot(POST - DT), syn_spec=spec)
    return noted(recorder)


def of_dopamine():
    """Return the weight at each presynaptic spike, with a population of one neuron that releases dopamine."""
    recorder = prepared()
    transmitter = nest.Create("volume_transmitter")
    nest.Connect(parrot(DOPAMINE - DT), transmitter, syn_spec={"delay": DT})
    nest.CopyModel("stdp_dopamine_synapse", "plastic", {"weight_recorder": recorder, "volume_transmitter": transmitter}
                   | REWARD)  # fmt: skip
    spec = {"synapse_model": "plastic", "weight": W_0, "delay": DT, "receptor_type": 1}
    nest.Connect(parrot(PRE), parrot(POST - DT), syn_spec=spec)
    return noted(recorder)


def of_clopath():
    """Return V of a neuron, step by step, and the weight of a synapse onto it at each presynaptic spike."""
    recorder = prepared()
    neuron = nest.Create("aeif_psc_delta_clopath", params=CLOPATH | {"delay_u_bars": DT, "A_LTD_const": True})
    nest.CopyModel("clopath_synapse", "plastic", {"weight_recorder": recorder, "tau_x": 15.0, "Wmax": W_MAX})
    kicks = nest.Create("spike_generator", params={"spike_times": np.round(POST - 2 * DT, 1)})
    nest.Connect(kicks, neuron, syn_spec={"weight": 40.0, "delay": DT})
    nest.Connect(parrot(PRE), neuron, syn_spec={"synapse_model": "plastic", "weight": 1e-9 + W_0, "delay": DT})
    meter = nest.Create("multimeter", params={"interval": DT, "record_from": ["V_m"]})
    nest.Connect(meter, neuron)
    weights = noted(recorder)
    return {"V (mV)": [round(float(v), 4) for v in meter.events["V_m"]], "weight": weights}


def main():
    """Write what NEST makes of the trains."""
    out = {
        "about": {"dt (ms)": DT, "script": Path(__file__).name, "NEST": nest.__version__},
        "pairs": {scheme: of_pairs(model, STDP | ADDITIVE) for scheme, model in SCHEMES.items()},
        "powers": {"parameters": GUETIG, "weight": of_pairs("stdp_synapse", STDP | GUETIG)},
        "power law": {"parameters": POWER_LAW, "weight": of_pairs("stdp_pl_synapse_hom", POWER_LAW)},
        "dopamine": {"parameters": REWARD, "spikes (ms)": DOPAMINE.tolist(), "weight": of_dopamine()},
        "clopath": {"parameters": CLOPATH} | of_clopath(),
    }  # fmt: skip
    (HERE / "nest_reference.json").write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
