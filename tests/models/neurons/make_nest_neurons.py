"""Make nest_neurons.json: spike times of single neurons in NEST, labelled with the end of the step, as simcore's.

A neuron without reset spikes in NEST in the step after the peak of V, not where V crosses a level.

Run: python tests/models/neurons/make_nest_neurons.py
"""

import json
from pathlib import Path

import nest


def spike_times(model, resolution, duration, **params):
    """Return the spike times (ms) of one neuron with these parameters."""
    nest.ResetKernel()
    nest.set(resolution=resolution, print_time=False)
    neuron, recorder = nest.Create(model, params=params), nest.Create("spike_recorder")
    nest.Connect(neuron, recorder)
    nest.Simulate(duration)
    return [round(float(t), 4) for t in recorder.events["times"]]


def main():
    """Run, and write the file."""
    nest.set_verbosity("M_ERROR")
    times = {
        "hh_psc_alpha": {f"{I}": spike_times("hh_psc_alpha", 0.01, 100.0, I_e=I) for I in (700.0, 1000.0, 2000.0)},
        "hh_cond_exp_traub": {
            f"{I}": spike_times("hh_cond_exp_traub", 0.01, 200.0, I_e=I, V_m=-65.0) for I in (-40.0, 0.0, 200.0)
        },
        "izhikevich": {f"{I}": spike_times("izhikevich", 0.1, 500.0, I_e=I) for I in (5.0, 10.0, 20.0)},
        "aeif_cond_exp": {
            f"{I}": spike_times("aeif_cond_exp", 0.01, 300.0, I_e=I, V_reset=-70.6, V_m=-70.6, gsl_error_tol=1e-10)
            for I in (700.0, 1000.0)
        },
    }
    file = {"nest": nest.__version__, "spike times (ms)": times}
    Path(__file__).with_name("nest_neurons.json").write_text(json.dumps(file, indent=1) + "\n")


if __name__ == "__main__":
    main()
