"""The tasks of neurons.py in BrainPy (`bp.dyn`); runs in an environment that has BrainPy.

The one argument is the task as JSON. Each line on standard input runs it once and answers with a line of JSON: the
seconds of the jitted loop, which are those of the whole call too, and the number of spikes. The first answer includes
the compilation.
"""

import json
import sys
import time

import brainpy as bp
import brainpy.math as bm
import jax
import jax.numpy as jnp
import numpy as np

GATES = {"m": 0.05293, "h": 0.59612, "n": 0.31768}


def neurons_of(task, V0):
    """Return the neurons and their input: HH takes uA/cm2 (pA over 10 000 um2), AdExIF here pA, with R in Gohm."""
    if task["model"] == "HH":
        start = {f"{gate}_initializer": bp.init.Constant(value) for gate, value in GATES.items()}
        return bp.dyn.HH(task["n"], gL=0.3, V_th=0.0, V_initializer=V0, **start), task["I"] / 100
    values = {"V_rest": -70.6, "V_reset": -70.6, "V_th": -40.4, "V_T": -50.4, "delta_T": 2.0, "spk_reset": "hard"}
    values |= {"a": 4.0, "b": 80.5, "tau": 281 / 30, "tau_w": 144.0, "R": 1 / 30}
    values["method"] = {"exp_euler": "exp_auto", "euler": "euler"}[task["method"]]
    return bp.dyn.AdExIF(task["n"], **values, V_initializer=V0), task["I"]


def main():
    task = json.loads(sys.argv[1])
    bm.set_dt(task["dt"])
    V0 = bm.asarray(np.linspace(*task["V"], task["n"], dtype=np.float32))
    neurons, current = neurons_of(task, V0)
    count = bm.Variable(bm.zeros(task["n"], dtype=bm.int32))

    @bm.jit
    def loop():
        def step(i):
            bp.share.save(i=i, t=i * task["dt"])
            count.value = count.value + (neurons(current) != 0)

        bm.for_loop(step, bm.arange(task["steps"]))

    for _ in sys.stdin:
        neurons.reset_state()
        count.value = jnp.zeros(task["n"], jnp.int32)
        start = time.perf_counter()
        loop()
        total = int(jax.block_until_ready(count.value).sum())
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "counts": total, "version": bp.__version__}), flush=True)


if __name__ == "__main__":
    main()
