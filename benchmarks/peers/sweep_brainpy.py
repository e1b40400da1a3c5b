"""The task of sweeps.py in BrainPy; runs in an environment that has BrainPy.

The one argument is the task as JSON. One simulation, a `brainstate.transform.for_loop` over one `brainpy.state.LIF`,
is mapped over the points by `jax.vmap` and jitted. Each line on standard input runs it once and answers with a line of
JSON: the seconds, and the sum of the spike counts. The first answer includes the compilation.
"""

import json
import sys
import time

import brainpy
import brainpy.state
import brainstate
import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np


def mapped(task):
    """Return the jitted function (tau, I) -> spike counts, (points,)."""
    steps, dt = task["steps"], task["dt"] * u.ms

    def one(tau, current):
        neuron = brainpy.state.LIF(
            1,
            R=1 * u.ohm,
            tau=tau * u.ms,
            V_th=task["V_th"] * u.mV,
            V_reset=task["V_reset"] * u.mV,
            V_rest=0 * u.mV,
            spk_reset="hard",
        )
        brainstate.nn.init_all_states(neuron)
        count = brainstate.ShortTermState(jnp.zeros(1, jnp.int32))

        def step(i):
            with brainstate.environ.context(i=i, t=i * dt, dt=dt):
                count.value = count.value + (neuron(current * u.mA) != 0)

        brainstate.transform.for_loop(step, jnp.arange(steps))
        return count.value[0]

    return jax.jit(jax.vmap(one))


def main():
    task = json.loads(sys.argv[1])
    brainstate.environ.set(dt=task["dt"] * u.ms)
    tau, current = np.meshgrid(np.linspace(*task["tau"]), np.linspace(*task["I"]), indexing="ij")
    tau, current = (jnp.asarray(x.ravel(), jnp.float32) for x in (tau, current))
    run = mapped(task)
    for _ in sys.stdin:
        start = time.perf_counter()
        counts = jax.block_until_ready(run(tau, current))
        answer = {
            "seconds": {"BrainPy brainpy.state.LIF, jax.vmap": time.perf_counter() - start},
            "sum": int(counts.sum()),
            "versions": {"BrainPy": brainpy.__version__, "its jax": jax.__version__},
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
