"""The task of single_neuron.py in BrainPy, classic and brainpy.state; runs in an environment that has BrainPy.

The one argument is the task as JSON. Each line on standard input runs both once and answers with a line of JSON: the
seconds of the jitted loop of each, those of the whole call (states set anew, counts as a numpy array), and the spike
counts. The first answer includes the compilation.
"""

import json
import sys
import time

import brainpy as bp
import brainpy.math as bm
import brainpy.state
import brainstate
import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np


def initial_V(task):
    """Return V at the start, (n,), mV."""
    return np.linspace(0.0, task["V_last"], task["n"], dtype=np.float32)


def classic(task):
    """Return a function that runs `bp.dyn.Lif` from the start and returns the counts: `bm.for_loop` in one `bm.jit`."""
    V0 = initial_V(task)
    neurons = bp.dyn.Lif(
        task["n"],
        V_rest=task["V_rest"],
        V_reset=task["V_reset"],
        V_th=task["V_th"],
        R=task["R"],
        tau=task["tau"],
        spk_reset="hard",
        V_initializer=bm.asarray(V0),
    )
    count = bm.Variable(bm.zeros(task["n"], dtype=bm.int32))
    steps, dt, current = task["steps"], task["dt"], task["I"]

    @bm.jit
    def loop():
        def step(i):
            bp.share.save(i=i, t=i * dt)
            count.value = count.value + (neurons(current) != 0)

        bm.for_loop(step, bm.arange(steps))

    def run():
        neurons.V.value = V0
        neurons.spike.value = jnp.zeros(task["n"], neurons.spike.dtype)
        count.value = jnp.zeros(task["n"], jnp.int32)
        start = time.perf_counter()
        loop()
        counts = jax.block_until_ready(count.value)
        return time.perf_counter() - start, np.asarray(counts)

    return run


def state_based(task):
    """Return a function that runs `brainpy.state.LIF` from the start: `brainstate.transform.for_loop`, jitted."""
    V0 = initial_V(task) * u.mV
    neurons = brainpy.state.LIF(
        task["n"],
        R=task["R"] * u.ohm,
        tau=task["tau"] * u.ms,
        V_th=task["V_th"] * u.mV,
        V_reset=task["V_reset"] * u.mV,
        V_rest=task["V_rest"] * u.mV,
        spk_reset="hard",
    )
    brainstate.nn.init_all_states(neurons)
    count = brainstate.ShortTermState(jnp.zeros(task["n"], jnp.int32))
    steps, dt, current = task["steps"], task["dt"] * u.ms, task["I"] * u.mA

    @brainstate.transform.jit
    def loop():
        def step(i):
            with brainstate.environ.context(i=i, t=i * dt, dt=dt):
                count.value = count.value + (neurons(current) != 0)

        brainstate.transform.for_loop(step, jnp.arange(steps))

    def run():
        neurons.V.value = V0
        count.value = jnp.zeros(task["n"], jnp.int32)
        start = time.perf_counter()
        loop()
        counts = jax.block_until_ready(count.value)
        return time.perf_counter() - start, np.asarray(counts)

    return run


def main():
    task = json.loads(sys.argv[1])
    bm.set_dt(task["dt"])
    brainstate.environ.set(dt=task["dt"] * u.ms)
    runs = {"BrainPy bp.dyn.Lif": classic(task), "BrainPy brainpy.state.LIF": state_based(task)}
    for _ in sys.stdin:
        seconds, counts = {}, []
        for name, run in runs.items():
            start = time.perf_counter()
            seconds[name], got = run()
            seconds[f"{name}, whole call"] = time.perf_counter() - start
            counts.append(got)
        spread = np.abs(counts[0] - counts[1]).max()
        assert spread <= 1, f"the two of BrainPy differ by {spread} spikes"
        answer = {
            "seconds": seconds,
            "counts": counts[0].tolist(),
            "versions": {"BrainPy": bp.__version__, "its jax": jax.__version__},
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
