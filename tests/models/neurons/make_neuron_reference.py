"""Make neuron_reference.json: spike times and bifurcations of neurons, apart from simcore.

Written from the papers' equations, in ms, mV, uA/cm2 or pA and pF; an adaptive solver (scipy, LSODA, rtol 1e-10) that
finds the crossing of the threshold. V crosses 0 mV upwards in neurons without reset; they start at the V named, their
gates at rest. Bifurcations: where the Jacobian of the equilibrium has a zero or an imaginary pair of eigenvalues.

Run: python tests/models/neurons/make_neuron_reference.py
"""

import itertools
import json
from pathlib import Path

import numpy as np
import scipy
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

exp, tanh, cosh = np.exp, np.tanh, np.cosh


def linoid(x):
    """Return x / (1 - exp(-x))."""
    return 1.0 if x == 0 else x / -np.expm1(-x)


# ---------------------------------------------------------------- neurons without reset: rates of all states


def opening(alpha, beta, x):
    return alpha * (1 - x) - beta * x


def hh_rates(V):
    return (
        (linoid((V + 40) / 10), 4 * exp(-(V + 65) / 18)),
        (0.07 * exp(-(V + 65) / 20), 1 / (1 + exp(-(V + 35) / 10))),
        (0.1 * linoid((V + 55) / 10), 0.125 * exp(-(V + 65) / 80)),
    )


def tm_rates(V):
    v = V + 63
    return (
        (1.28 * linoid((v - 13) / 4), 1.4 * linoid(-(v - 40) / 5)),
        (0.128 * exp((17 - v) / 18), 4 / (1 + exp((40 - v) / 5))),
        (0.16 * linoid((v - 15) / 5), 0.5 * exp((10 - v) / 40)),
    )


def wb_rates(V):
    return (
        (linoid((V + 35) / 10), 4 * exp(-(V + 60) / 18)),
        (0.07 * exp(-(V + 58) / 20), 1 / (1 + exp(-(V + 28) / 10))),
        (0.1 * linoid((V + 34) / 10), 0.125 * exp(-(V + 44) / 80)),
    )


def hh(y, I, rates=hh_rates, g=(120, 36, 0.3), E=(50, -77, -54.387)):
    V, m, h, n = y
    dV = I + g[0] * m**3 * h * (E[0] - V) + g[1] * n**4 * (E[1] - V) + g[2] * (E[2] - V)
    return [dV, *(opening(*ab, x) for ab, x in zip(rates(V), (m, h, n), strict=True))]


def tm(y, I):  # I in uA/cm2
    return hh(y, I, tm_rates, (100, 30, 0.05), (50, -90, -60))


def wb(y, I):
    V, h, n = y
    (am, bm), ah, an = wb_rates(V)
    dV = I + 35 * (am / (am + bm)) ** 3 * h * (55 - V) + 9 * n**4 * (-90 - V) + 0.1 * (-65 - V)
    return [dV, 5 * opening(*ah, h), 5 * opening(*an, n)]


def ml(gCa, phi, V3, V4):
    def f(y, I):
        V, W = y
        ca, k = gCa * (1 + tanh((V + 1.2) / 18)) / 2 * (120 - V), 8 * W * (-84 - V)
        return [(I + ca + k + 2 * (-60 - V)) / 20, phi * cosh((V - V3) / 2 / V4) * ((1 + tanh((V - V3) / V4)) / 2 - W)]

    return f


def fhn(y, I):
    V, w = y
    return [V - V**3 / 3 - w + I, (V + 0.7 - 0.8 * w) / 12.5]


def hr(y, I):
    x, y_, z = y
    return [y_ - x**3 + 3 * x**2 - z + I, 1 - 5 * x**2 - y_, 0.001 * (4 * (x + 1.6) - z)]


MORRIS_LECAR = {"hopf": (4.4, 0.04, 2, 30), "snlc": (4, 0.0667, 12, 17.4), "homoclinic": (4, 0.23, 12, 17.4)}
SMOOTH = {"HH": hh, "TraubMilesHH": tm, "WangBuzsakiHH": wb, "FitzHughNagumo": fhn, "HindmarshRose": hr}
SMOOTH |= {f"MorrisLecar {name}": ml(*values) for name, values in MORRIS_LECAR.items()}


def at_rest(name, V):
    """Return all states, those but V at rest at V."""
    if name == "HindmarshRose":
        return [V, 1 - 5 * V**2, 4 * (V + 1.6)]
    if name == "FitzHughNagumo":
        return [V, (V + 0.7) / 0.8]
    if name.startswith("MorrisLecar"):
        V3, V4 = MORRIS_LECAR[name.split()[1]][2:]
        return [V, (1 + tanh((V - V3) / V4)) / 2]
    gates = [a / (a + b) for a, b in {"HH": hh_rates, "TraubMilesHH": tm_rates, "WangBuzsakiHH": wb_rates}[name](V)]
    return [V, *(gates[1:] if name == "WangBuzsakiHH" else gates)]


def crossings(name, V, I, duration, level=0.0):
    """Return the times at which V crosses a level upwards."""

    def event(t, y):
        return y[0] - level

    event.direction = 1
    run = solve_ivp(lambda t, y: SMOOTH[name](y, I), (0, duration), at_rest(name, V), "LSODA", events=event,
                    rtol=1e-10, atol=1e-12, max_step=0.5)  # fmt: skip
    return run.t_events[0]


def balance(name, V):
    """Return the input that holds the equilibrium at V."""
    f0, f1 = (SMOOTH[name](at_rest(name, V), I)[0] for I in (0.0, 1.0))
    return -f0 / (f1 - f0)


def bifurcations(name, low, high):
    """Return (V, I, rate in Hz) of the equilibria between two V at which eigenvalues reach the imaginary axis."""

    def jacobian(V):
        y, I = np.array(at_rest(name, V)), balance(name, V)
        h = 1e-5
        eye = h * np.eye(len(y))
        rows = [(np.array(SMOOTH[name](y + e, I)) - SMOOTH[name](y - e, I)) / (2 * h) for e in eye]
        return np.array(rows).T

    def growth(V):
        return np.linalg.eigvals(jacobian(V)).real.max()

    points, grid = [], np.linspace(low, high, 400)
    for a, b in itertools.pairwise(grid):
        if growth(a) * growth(b) < 0:
            V = brentq(growth, a, b, xtol=1e-10)
            pair = max(np.linalg.eigvals(jacobian(V)), key=lambda z: (round(z.real, 6), z.imag))
            points.append([V, balance(name, V), abs(pair.imag) / (2 * np.pi) * 1000])
    return points


# ---------------------------------------------------------------- neurons with reset


def spikes(f, y, V_th, reset, duration):
    """Return the times at which V reaches V_th, where `reset` gives the states after it."""

    def event(t, y):
        return y[0] - V_th

    event.terminal, event.direction = True, 1
    t, times = 0.0, []
    while t < duration:
        run = solve_ivp(lambda t, y: f(y), (t, duration), y, "LSODA", events=event, rtol=1e-10, atol=1e-11)
        if run.status != 1:
            break
        t, y = run.t[-1], reset(run.y[:, -1])
        times.append(t)
    return np.array(times)


def adex(C, gL, EL, VT, DT, a, tau_w, b, V_r, I, V_th, duration):
    def f(y):
        V, w = y
        # From exp(16) on, V takes less than 1e-5 ms to V_th: the solver need not follow it there.
        return [(-gL * (V - EL) + gL * DT * exp(min((V - VT) / DT, 16)) - w + I) / C, (a * (V - EL) - w) / tau_w]

    return spikes(f, [EL, 0.0], V_th, lambda y: [V_r, y[1] + b], duration)


def izhikevich(a, b, c, d, I=10.0, duration=500.0):
    def f(y):
        V, u = y
        return [0.04 * V**2 + 5 * V + 140 - u + I, a * (b * V - u)]

    return spikes(f, [-65.0, -65.0 * b], 30.0, lambda y: [c, y[1] + d], duration)


def izhikevich_2007(C, k, v_r, v_t, v_peak, a, b, c, d, I, duration):
    def f(y):
        v, u = y
        return [(k * (v - v_r) * (v - v_t) - u + I) / C, a * (b * (v - v_r) - u)]

    return spikes(f, [v_r, 0.0], v_peak, lambda y: [c, y[1] + d], duration)


BRETTE_GERSTNER = (281, 30, -70.6, -50.4, 2, 4, 144, 80.5, -70.6)
# C pF, g_L nS, E_L mV, V_T mV, delta_T mV, a nS, tau_w ms, b pA, V_reset mV, I pA
NAUD = {
    "naud_tonic": (200, 10, -70, -50, 2, 2, 30, 0, -58, 500),
    "naud_adaptation": (200, 12, -70, -50, 2, 2, 300, 60, -58, 500),
    "naud_initial_burst": (130, 18, -58, -50, 2, 4, 150, 120, -50, 400),
    "naud_regular_bursting": (200, 10, -58, -50, 2, 2, 120, 100, -46, 210),
    "naud_delayed_accelerating": (200, 12, -70, -50, 2, -10, 300, 0, -58, 300),
    "naud_delayed_regular_bursting": (100, 10, -65, -50, 2, -10, 90, 30, -47, 110),
    "naud_transient": (100, 10, -65, -50, 2, 10, 90, 100, -47, 180),
    "naud_irregular": (100, 12, -60, -50, 2, -11, 130, 30, -48, 160),
}
IZHIKEVICH = {
    "RS": (0.02, 0.2, -65, 8),
    "IB": (0.02, 0.2, -55, 4),
    "CH": (0.02, 0.2, -50, 2),
    "FS": (0.1, 0.2, -65, 2),
    "LTS": (0.02, 0.25, -65, 2),
    "RZ": (0.1, 0.26, -65, 2),
    "TC": (0.02, 0.25, -65, 0.05),
}


def of_runs(name, V, inputs, duration, level=0.0):
    return {f"{I:g}": crossings(name, V, I, duration, level).round(4).tolist() for I in inputs}


def main():
    """Compute, and write the file."""
    times = {
        "HH": of_runs("HH", -65.0, [6, 7, 10, 20, 50], 500.0),
        "TraubMilesHH": of_runs("TraubMilesHH", -65.0, [-0.2, 0, 1], 500.0),
        "WangBuzsakiHH": of_runs("WangBuzsakiHH", -64.0176, [0.2, 1, 2, 5], 500.0),
        "MorrisLecar hopf": of_runs("MorrisLecar hopf", -60.0, [85, 90, 95, 150], 500.0),
        "MorrisLecar snlc": of_runs("MorrisLecar snlc", -60.0, [39.5, 41, 60], 800.0),
        "MorrisLecar homoclinic": of_runs("MorrisLecar homoclinic", -10.0, [35, 36, 39], 500.0),
        "FitzHughNagumo": of_runs("FitzHughNagumo", -1.2, [0.5, 1.0], 200.0, 1.0),
        "HindmarshRose": of_runs("HindmarshRose", -1.6, [0.4, 2.0], 400.0, 1.0),
        "AdExIF brette_gerstner": {
            f"{I}": adex(*BRETTE_GERSTNER, I, 0.0, 300.0).round(4).tolist() for I in (700, 1000)
        },
        "AdExIF": {name: adex(*values, 0.0, 600.0).round(4).tolist() for name, values in NAUD.items()},
        "Izhikevich": {name: izhikevich(*values).round(4).tolist() for name, values in IZHIKEVICH.items()},
        "AdQuaIF": {
            "RS 2007": izhikevich_2007(100, 0.7, -60, -40, 35, 0.03, -2, -50, 100, 100, 500.0).round(4).tolist()
        },
    }
    points = {
        "HH": bifurcations("HH", -66, -30),
        "WangBuzsakiHH": bifurcations("WangBuzsakiHH", -66, -55),
        "TraubMilesHH": bifurcations("TraubMilesHH", -70, -55),
        "MorrisLecar hopf": bifurcations("MorrisLecar hopf", -60, 20),
        "MorrisLecar snlc": bifurcations("MorrisLecar snlc", -60, 20),
        "MorrisLecar homoclinic": bifurcations("MorrisLecar homoclinic", -60, 20),
        "FitzHughNagumo": bifurcations("FitzHughNagumo", -1.2, 1.2),
    }
    file = {"scipy": scipy.__version__, "spike times (ms)": times, "bifurcations (V, I, Hz)": points}
    Path(__file__).with_name("neuron_reference.json").write_text(json.dumps(file, indent=1) + "\n")


if __name__ == "__main__":
    main()
