"""Make nest_spiking.json: what the rows of docs/nest.md, and neurons that adapt, do in NEST.

Times are labelled with the end of the step, as simcore's.

Run: python tests/models/neurons/make_nest_spiking.py
"""

import json
from pathlib import Path

import nest

RESOLUTION = 0.01  # ms
# A spike arrives at the excitatory synapses at 20 ms, at the inhibitory ones at 40 ms.
ARRIVALS = (20.0, 40.0)
# (model, parameters, current in pA, weights of the two spikes)
ROWS = {
    "iaf_psc_exp": ("iaf_psc_exp", {}, 400.0, (500.0, -500.0)),
    "iaf_psc_alpha": ("iaf_psc_alpha", {}, 400.0, (500.0, -500.0)),
    "iaf_psc_delta": ("iaf_psc_delta", {}, 400.0, (1.0, -3.0)),
    "iaf_cond_exp": ("iaf_cond_exp", {}, 260.0, (60.0, -20.0)),
    "iaf_cond_alpha": ("iaf_cond_alpha", {}, 260.0, (60.0, -20.0)),
    "iaf_cond_beta": ("iaf_cond_beta", {"tau_rise_ex": 0.5, "tau_decay_ex": 2.0, "tau_rise_in": 1.0,
                                        "tau_decay_in": 10.0}, 260.0, (60.0, -20.0)),
    "iaf_cond_exp_sfa_rr": ("iaf_cond_exp_sfa_rr", {}, 600.0, None),
    "aeif_cond_exp": ("aeif_cond_exp", {"gsl_error_tol": 1e-9}, 800.0, (30.0, -30.0)),
    "hh_psc_alpha": ("hh_psc_alpha", {}, 1000.0, None),
    "hh_cond_exp_traub": ("hh_cond_exp_traub", {"V_m": -65.0}, 200.0, None),
    "izhikevich": ("izhikevich", {}, 10.0, None),
    "mat2_psc_exp": ("mat2_psc_exp", {}, 600.0, (300.0, -300.0)),
    "amat2_psc_exp": ("amat2_psc_exp", {"beta": -0.3}, 300.0, (300.0, -300.0)),
    "glif_psc": ("glif_psc", {"spike_dependent_threshold": True, "after_spike_currents": True,
                              "adapting_threshold": True}, 400.0, None),
    # Its threshold is made sharp, so that no chance is left.
    "gif_psc_exp": ("gif_psc_exp", {"lambda_0": 1e6, "Delta_V": 0.01, "tau_stc": [20.0, 100.0], "q_stc": [30.0, 10.0],
                                    "tau_sfa": [50.0], "q_sfa": [3.0]}, 300.0, None),
}  # fmt: skip
LEVELS = [(False, False, False), (True, False, False), (False, True, False), (True, True, False), (True, True, True)]


def spike_times(model, params, current, weights, duration=100.0):
    """Return the spike times (ms) of one neuron under a constant current and two spikes."""
    nest.ResetKernel()
    nest.set(resolution=RESOLUTION, print_time=False, rng_seed=1)
    neuron, recorder = nest.Create(model, params=params), nest.Create("spike_recorder")
    nest.Connect(neuron, recorder)
    late = 0.0
    if "I_e" in neuron.get():
        neuron.I_e = current
    else:  # a current that arrives at 1 ms acts from the step after it on
        late = 1.0 + RESOLUTION
        nest.Connect(nest.Create("dc_generator", params={"amplitude": current}), neuron, syn_spec={"delay": 1.0})
    for arrival, weight in zip(ARRIVALS, weights or (), strict=False):
        source = nest.Create("spike_generator", params={"spike_times": [arrival - 1.0]})
        nest.Connect(source, neuron, syn_spec={"weight": weight, "delay": 1.0})
    nest.Simulate(duration + late)
    return [round(float(t) - late, 4) for t in recorder.events["times"]]


def main():
    """Run, and write the file."""
    nest.set_verbosity("M_ERROR")
    names = ("spike_dependent_threshold", "after_spike_currents", "adapting_threshold")
    times = {
        "rows": {name: spike_times(*row) for name, row in ROWS.items()},
        "glif_psc": [spike_times("glif_psc", dict(zip(names, on, strict=True)), 400.0, None) for on in LEVELS],
        "mat2_psc_exp": spike_times("mat2_psc_exp", {}, 600.0, None),
        "amat2_psc_exp": {f"{beta}": spike_times("amat2_psc_exp", {"beta": beta}, 300.0, None) for beta in (0.0, -0.3)},
    }
    file = {"nest": nest.__version__, "resolution (ms)": RESOLUTION, "spike times (ms)": times}
    Path(__file__).with_name("nest_spiking.json").write_text(json.dumps(file, indent=1) + "\n")


if __name__ == "__main__":
    main()
