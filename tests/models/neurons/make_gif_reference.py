"""Make gif_reference.json: the spike times of the 20 patterns of Mihalas and Niebur (2009), apart from simcore.

An exact propagator (scipy.linalg.expm, float64) of the linear system between spikes, at dt = 0.001 ms, with the
reset of the paper: equations 2.1-2.2 of Neural Computation 21(3), 704-718.

Run: python tests/models/neurons/make_gif_reference.py
"""

import json
from pathlib import Path

import numpy as np
import scipy
from scipy.linalg import expm

DT = 0.001
HERE = Path(__file__).parent
DATA = json.loads((HERE / "../../../examples/gif-patterns.json").read_text())


def propagator(p):
    """Return E, F with y(t + dt) = E y(t) + F u for y = (V, I1, I2, V_th), u = (1, I)."""
    A = np.zeros((4, 4))
    A[0] = [-1 / p["tau"], p["R"] / p["tau"], p["R"] / p["tau"], 0]
    A[1, 1], A[2, 2] = -p["k1"], -p["k2"]
    A[3] = [p["a"], 0, 0, -p["b"]]
    B = np.zeros((4, 2))
    B[0] = [p["V_rest"] / p["tau"], p["R"] / p["tau"]]
    B[3, 0] = -p["a"] * p["V_rest"] + p["b"] * p["V_th_inf"]
    full = expm(DT * np.block([[A, B], [np.zeros((2, 6))]]))
    return full[:4, :4], full[:4, 4:]


def main():
    """Run all patterns side by side and write the spike times in ms."""
    names = list(DATA["patterns"])
    params = [DATA["defaults"] | DATA["patterns"][k]["params"] for k in names]
    E, F = map(np.stack, zip(*map(propagator, params), strict=True))
    col = {k: np.array([p[k] for p in params]) for k in DATA["defaults"]}
    segments = [DATA["patterns"][k]["input"] for k in names]
    ends = [np.cumsum([round(d / DT) for _, d in s]) for s in segments]
    initial = [DATA["initial"] | DATA["patterns"][k].get("initial", {}) for k in names]
    y = np.array([[start[k] for k in ("V", "I1", "I2", "V_th")] for start in initial])
    times = {k: [] for k in names}
    changes = sorted(set(np.concatenate(ends)))
    start = 0
    for end in changes:
        pairs = zip(segments, ends, strict=True)
        current = np.array([s[min(np.searchsorted(e, start, "right"), len(s) - 1)][0] for s, e in pairs])
        drive = np.einsum("pij,pj->pi", F, np.stack([np.ones(len(names)), current], 1))
        for i in range(start, end):
            y = np.matmul(E, y[:, :, None])[:, :, 0] + drive
            spike = y[:, 0] >= y[:, 3]
            if spike.any():
                for k in np.flatnonzero(spike):
                    if i < ends[k][-1]:
                        times[names[k]].append(round((i + 1) * DT, 3))
                after = np.stack(
                    [
                        col["V_reset"],
                        col["R1"] * y[:, 1] + col["A1"],
                        col["R2"] * y[:, 2] + col["A2"],
                        np.maximum(col["V_th_reset"], y[:, 3]),
                    ],
                    1,
                )
                y = np.where(spike[:, None], after, y)
        start = end
    about = {"dt": DT, "script": Path(__file__).name, "numpy": np.__version__, "scipy": scipy.__version__}
    (HERE / "gif_reference.json").write_text(json.dumps({"about": about, "spike times (ms)": times}, indent=1))


if __name__ == "__main__":
    main()
