"""Make thalamic_reference.json: a thalamic neuron by an adaptive solver, from the equations as they are printed.

Run in this folder with scipy; LSODA with rtol 1e-10. Equations: Bazhenov et al. (1998, 2002), Huguenard and McCormick
(1992); the T-current as in BrainPy's ICaT_HM1992, at 36 degC.
"""

import json

import numpy as np
from scipy.integrate import solve_ivp

exp = np.exp
R, F, T = 8.314462618, 96485.33212, 309.15
SAMPLES = [90.0, 390.0, 480.0]  # ms


def sodium_and_potassium(V):
    """Return alpha, beta of m, h, n."""
    v = V + 40
    m = 0.32 * (13 - v) / (exp((13 - v) / 4) - 1), 0.28 * (v - 40) / (exp((v - 40) / 5) - 1)
    h = 0.128 * exp((17 - v) / 18), 4 / (1 + exp((40 - v) / 5))
    n = 0.032 * (15 - v) / (exp((15 - v) / 5) - 1), 0.5 * exp((10 - v) / 40)
    return m, h, n


def slow(V):
    """Return inf, tau of the gates of the T-current, and of the h-current, at 36 degC."""
    v = V + 3
    tau_m = 0.612 + 1 / (exp(-(v + 132) / 16.7) + exp((v + 16.8) / 18.2))
    tau_h = exp((v + 467) / 66.6) if v < -80 else 28 + exp(-(v + 22) / 10.5)
    return (
        (1 / (1 + exp(-(v + 59) / 6.2)), tau_m / 3.55**1.2),
        (1 / (1 + exp((v + 83) / 4)), tau_h / 3**1.2),
        (1 / (1 + exp((V + 75) / 5.5)), 1 / (exp(-0.086 * V - 14.59) + exp(0.0701 * V - 1.87))),
    )


def rates(t, y, I):
    """Return the rates for V, m, h, n, gates of T, gate of h, calcium (mM); I in uA/cm2."""
    V, m, h, n, p, q, r, C = y
    E_Ca = 1e3 * R * T / (2 * F) * np.log(2 / C)
    I_T = 2 * p**2 * q * (E_Ca - V)
    total = I + 90 * m**3 * h * (50 - V) + 10 * n**4 * (-90 - V) + I_T + 0.02 * r * (-43 - V) + 0.02 * (-75 - V)
    fast = [alpha * (1 - x) - beta * x for x, (alpha, beta) in zip((m, h, n), sodium_and_potassium(V), strict=True)]
    late = [(inf - x) / tau for x, (inf, tau) in zip((p, q, r), slow(V), strict=True)]
    return [total, *fast, *late, I_T * 1e-2 / (2 * F * 1e-6) * 1e-3 - (C - 2.4e-4) / 5]


V = -65.0
y = [V, *(a / (a + b) for a, b in sodium_and_potassium(V)), *(inf for inf, _ in slow(V)), 2.4e-4]
crossing = lambda t, y, I: y[0]  # noqa: E731
crossing.direction = 1
spikes, sampled = [], {}
for start, stop, I in ((0, 100, 0.0), (100, 400, -0.6), (400, 500, 0.0)):  # -60 pA over 10 000 um2
    run = solve_ivp(rates, (start, stop), y, "LSODA", args=(I,), events=crossing, rtol=1e-10, atol=1e-12,
                    dense_output=True, max_step=0.5)  # fmt: skip
    spikes += run.t_events[0].tolist()
    sampled |= {t: run.sol(t) for t in SAMPLES if start < t <= stop}
    y = run.y[:, -1]
values = {"spikes (ms)": [round(t, 4) for t in spikes], "t (ms)": SAMPLES}
for name, k in (("V", 0), ("ca.C", 7), ("h.r", 6)):
    values[name] = [float(f"{sampled[t][k]:.9g}") for t in SAMPLES]
with open("thalamic_reference.json", "w") as file:
    json.dump(values, file, indent=1)
    file.write("\n")
