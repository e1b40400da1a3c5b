"""The task of fitting.py in brian2modelfitting; runs in an environment that has it.

The one argument is the task as JSON, with `standalone` or not, the C++ or the Cython of Brian2. Each line on standard
input adds a generation, and it answers with a line of JSON: the seconds, and the least error so far (mV).
"""

import json
import sys
import time

import numpy as np

np.float = float  # which its nevergrad, 0.3 at most, asks for
import brian2  # noqa: E402
from brian2 import Mohm, ms, mV, nS, pA  # noqa: E402
from brian2modelfitting import MSEMetric, NevergradOptimizer, TraceFitter  # noqa: E402

MODEL = """
dv/dt = (-(v - EL) + dT * exp((v - VT) / dT) + R * (I - w)) / tau : volt
dw/dt = (a * (v - EL) - w) / tau_w : amp
R : ohm (constant)
tau : second (constant)
VT : volt (constant)
b : amp (constant)
tau_w : second (constant)
"""
UNITS = {"R": Mohm, "tau": ms, "VT": mV, "b": pA, "tau_w": ms}


def main():
    task = json.loads(sys.argv[1])
    if task["standalone"]:
        brian2.set_device("cpp_standalone", build_on_run=True)
    data = np.load(task["data"])
    about = {name: task["fixed"][name] * unit for name, unit in (("EL", mV), ("dT", mV), ("Vr", mV), ("a", nS))}
    fitter = TraceFitter(
        model=brian2.Equations(MODEL, **about),
        input_var="I",
        output_var="v",
        input=data["I"][None] * pA,
        output=data["V"][None] * mV,
        dt=task["dt"] * ms,
        n_samples=task["population"],
        method="euler",
        threshold=f"v > {task['fixed']['V_th']} * mV",
        reset=f"v = {task['fixed']['Vr']} * mV; w += b",
        param_init={"v": task["fixed"]["EL"] * mV},
    )
    bounds = {name: np.array(pair) * UNITS[name] for name, pair in task["bounds"].items()}
    optimizer, metric = NevergradOptimizer(), MSEMetric()
    for _ in sys.stdin:
        start = time.perf_counter()
        _, error = fitter.fit(optimizer, metric, n_rounds=1, callback=None, **bounds)
        seconds = time.perf_counter() - start
        versions = {"Brian2": brian2.__version__, "brian2modelfitting": "0.4"}
        print(json.dumps({"seconds": seconds, "error": float(error) ** 0.5 * 1e3, "versions": versions}), flush=True)


if __name__ == "__main__":
    main()
