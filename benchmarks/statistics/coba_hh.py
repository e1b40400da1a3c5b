"""Rates and intervals of the COBAHH network in simcore, Brian2 and NEST, each by its own interpreter.

    python benchmarks/statistics/coba_hh.py simcore|brian2|nest [seeds]

4000 Hodgkin-Huxley neurons with the currents of Traub and Miles: Brette et al. (2007), J. Comput. Neurosci. 23:349-398,
benchmark 3. Each seed draws connections and initial values of its own; dt 0.05 ms, 600 ms, of which the last 400 count.
NEST has the shortest delay it can have, a step, and tells a spike at its peak; the others have none.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

N, EXCITATORY, P = 4000, 3200, 0.02
DT, START, STOP = 0.05, 200.0, 600.0  # ms
Spikes = tuple[np.ndarray, np.ndarray]  # times (ms) and neurons

EQUATIONS = """
dv/dt = (I_ion + g_l * (El - v) + ge * (Ee - v) + gi * (Ei - v)) / Cm : volt
I_ion = g_na * m**3 * h * (ENa - v) + g_kd * n**4 * (EK - v) : amp
dm/dt = alpha_m * (1 - m) - beta_m * m : 1
dn/dt = alpha_n * (1 - n) - beta_n * n : 1
dh/dt = alpha_h * (1 - h) - beta_h * h : 1
dge/dt = -ge / taue : siemens
dgi/dt = -gi / taui : siemens
u = (v - VT) / mV : 1
alpha_m = 0.32 * 4 / exprel((13 - u) / 4) / ms : Hz
beta_m = 0.28 * 5 / exprel((u - 40) / 5) / ms : Hz
alpha_h = 0.128 * exp((17 - u) / 18) / ms : Hz
beta_h = 4 / (1 + exp((40 - u) / 5)) / ms : Hz
alpha_n = 0.032 * 5 / exprel((15 - u) / 5) / ms : Hz
beta_n = 0.5 * exp((10 - u) / 40) / ms : Hz
"""


def simcore(seed: int) -> Spikes:
    """Run the example."""
    sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))
    import coba_hh

    import simcore as sc
    from simcore.units import ms

    runner = sc.DSRunner(coba_hh.build(seed), {"s": "cells.spike_events"}, dt=DT * ms, progress_bar=False)
    spikes = runner.run(STOP * ms).s
    return spikes.times.m_as("ms"), spikes.indices


def brian2(seed: int) -> Spikes:
    """Run it in Brian2 by rk4: its exponential Euler is of first order. Its gates start at their steady state, too."""
    import brian2 as b2

    b2.seed(seed)
    b2.defaultclock.dt = DT * b2.ms
    rng, area = np.random.default_rng(seed), 20_000 * b2.umetre**2
    density = b2.msiemens / b2.cm**2 * area
    values: dict[str, Any] = {
        "Cm": 1 * b2.ufarad / b2.cm**2 * area, "g_l": 0.05 * density, "g_na": 100 * density, "g_kd": 30 * density,
        "El": -60 * b2.mV, "EK": -90 * b2.mV, "ENa": 50 * b2.mV, "VT": -63 * b2.mV, "Ee": 0 * b2.mV, "Ei": -80 * b2.mV,
        "taue": 5 * b2.ms, "taui": 10 * b2.ms, "we": 6 * b2.nS, "wi": 67 * b2.nS,
    }  # fmt: skip
    cells = b2.NeuronGroup(N, EQUATIONS, threshold="v > -20*mV", refractory=3 * b2.ms, method="rk4",
                           namespace=values)  # fmt: skip
    cells.v, cells.ge, cells.gi = rng.normal(-65, 5, N) * b2.mV, *(rng.uniform(0, top, N) * b2.nS for top in (80, 400))
    for gate in "mhn":
        setattr(cells, gate, f"alpha_{gate} / (alpha_{gate} + beta_{gate})")
    parts = []
    for which, jump in (("i < 3200", "ge += we"), ("i >= 3200", "gi += wi")):
        parts.append(b2.Synapses(cells, cells, on_pre=jump, namespace=values))
        parts[-1].connect(which, p=P)
    spikes = b2.SpikeMonitor(cells)
    b2.Network(cells, spikes, *parts).run(STOP * b2.ms)
    return np.asarray(spikes.t / b2.ms), np.asarray(spikes.i)


def nest(seed: int) -> Spikes:
    """Run it in NEST, hh_cond_exp_traub, whose conductances start at 0."""
    import nest as kernel

    kernel.ResetKernel()
    kernel.set_verbosity("M_ERROR")
    kernel.resolution, kernel.rng_seed = DT, seed
    rng = np.random.default_rng(seed)
    cells = kernel.Create("hh_cond_exp_traub", N, {"tau_syn_ex": 5.0, "tau_syn_in": 10.0, "t_ref": 3.0})
    cells.V_m = rng.normal(-65, 5, N)
    rule = {"rule": "pairwise_bernoulli", "p": P}
    kernel.Connect(cells[:EXCITATORY], cells, rule, {"weight": 6.0, "delay": DT})
    kernel.Connect(cells[EXCITATORY:], cells, rule, {"weight": -67.0, "delay": DT})
    recorder = kernel.Create("spike_recorder")
    kernel.Connect(cells, recorder)
    kernel.Simulate(STOP)
    return np.asarray(recorder.events["times"]), np.asarray(recorder.events["senders"]) - 1


def statistics(times: np.ndarray, neurons: np.ndarray) -> tuple[float, float, float]:
    """Return the rates of excitatory and inhibitory neurons (Hz) and the mean CV of the intervals."""
    late = times > START
    order = np.lexsort((times[late], neurons[late]))
    times, neurons = times[late][order], neurons[late][order]
    counts, seconds = np.bincount(neurons, minlength=N), (STOP - START) / 1e3
    trains = np.split(times, np.cumsum(counts)[:-1])
    cvs = [np.std(x) / np.mean(x) for x in map(np.diff, trains) if len(x) >= 4]
    return counts[:EXCITATORY].mean() / seconds, counts[EXCITATORY:].mean() / seconds, float(np.mean(cvs))


if __name__ == "__main__":
    run: Callable[[int], Spikes] = {"simcore": simcore, "brian2": brian2, "nest": nest}[sys.argv[1]]
    results = np.array([statistics(*run(seed)) for seed in range(1, int((sys.argv[2:] or ["6"])[0]) + 1)])
    for name, values in zip(("excitatory, Hz", "inhibitory, Hz", "CV"), results.T, strict=True):
        print(f"{name}: {values.mean():.4g} +- {values.std(ddof=1) / np.sqrt(len(values)):.2g}")
